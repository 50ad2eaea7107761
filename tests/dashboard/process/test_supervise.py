"""`up` replaces what ends and what hangs, never gives up, and leaves nothing behind. Small programs stand for the children."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashboard.process import identity, supervise
from dashboard.process.supervise import BadStart, Child, Supervisor
from tests.conftest import ROOT

BEATING = "from dashboard.process.heartbeat import Heartbeat as H; import time; p = H.inherited()\nwhile True: p.beat(); time.sleep(0.05)"
ENV = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    before = {n: signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT)}
    made = Supervisor(tmp_path / "run")
    yield made
    made.stop()
    for number, handler in before.items():
        signal.signal(number, handler)


def child(code: str, silence: float = 2.0, patience: float = 20.0, name: str = "part") -> Child:
    return Child(name, [sys.executable, "-c", code], ENV, silence=silence, patience=patience)


def pid(c: Child) -> int:
    return c.process.pid if c.process else 0


def run(supervisor: Supervisor, until: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    supervisor.run(lambda: until() or time.monotonic() > end)
    assert until(), f"not so after {seconds} s"


def beats(c: Child) -> bool:
    return c._settled


def test_a_stopped_child_is_killed_and_started_again(supervisor: Supervisor, capfd: pytest.CaptureFixture[str]) -> None:
    c = supervisor.add(child(BEATING))
    run(supervisor, lambda: beats(c))
    first = pid(c)
    os.kill(first, signal.SIGSTOP)
    run(supervisor, lambda: pid(c) not in (0, first))
    assert identity.name_of(first) is None
    said = capfd.readouterr().err.splitlines()
    assert len(said) == 1 and said[0].startswith("gridcommand: part was silent for 2 s and was killed; starting it again in ")


def test_a_busy_child_is_left_alone(supervisor: Supervisor) -> None:
    c = supervisor.add(child("import time\n" + BEATING.replace("while True:", "p.beat(); p.busy(); time.sleep(4)\nwhile True:"), silence=1))
    run(supervisor, lambda: beats(c))
    first = pid(c)
    end = time.monotonic() + 5
    supervisor.run(lambda: time.monotonic() > end)
    assert pid(c) == first


def test_the_supervisors_own_absence_is_nobodys_silence(supervisor: Supervisor) -> None:
    """A machine that slept wakes up with everybody silent."""
    c = supervisor.add(child(BEATING, silence=1.5))
    run(supervisor, lambda: beats(c))
    first = pid(c)
    os.kill(first, signal.SIGSTOP)
    time.sleep(3)
    os.kill(first, signal.SIGCONT)
    end = time.monotonic() + 2
    supervisor.run(lambda: time.monotonic() > end)
    assert pid(c) == first


def test_it_never_gives_up_and_says_why(supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(supervise, "BACK_OFF", (0.0,))
    c = supervisor.add(child("import os, sys; os.read(0, 1); sys.exit(7)"))
    other = supervisor.add(child(BEATING, name="other"))
    run(supervisor, lambda: c._failures > 25, 60)
    said = capfd.readouterr().err.splitlines()
    assert set(said) == {"gridcommand: part ended with code 7; starting it again in 0 s"}
    assert pid(other), "everything else goes on"


def test_pauses_grow_to_half_a_minute() -> None:
    assert supervise.BACK_OFF[-1] == 30 and list(supervise.BACK_OFF) == sorted(supervise.BACK_OFF)


def test_a_bad_setting_at_the_first_start_ends_it(supervisor: Supervisor) -> None:
    supervisor.add(child("import sys; sys.exit(2)"))
    with pytest.raises(BadStart):
        run(supervisor, lambda: False, 10)


def test_later_it_is_tried_again(supervisor: Supervisor, capfd: pytest.CaptureFixture[str]) -> None:
    """A disk that was full, a password that was changed: others mend that while the city runs."""
    c = supervisor.add(child(BEATING.replace("while True: p.beat(); time.sleep(0.05)", "p.beat(); time.sleep(0.5); raise SystemExit(2)")))
    run(supervisor, lambda: c._failures >= 2)
    assert "part ended with code 2; starting it again" in capfd.readouterr().err


def test_nothing_of_a_replaced_child_is_left(supervisor: Supervisor, tmp_path: Path) -> None:
    """A stopped master's workers would keep the port for ever."""
    sleeper = "w = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)'])"
    spawn = f"import subprocess, sys; {sleeper}; open({str(tmp_path / 'w')!r}, 'w').write(str(w.pid))\n"
    c = supervisor.add(child(spawn + BEATING))
    run(supervisor, lambda: beats(c))
    worker = int((tmp_path / "w").read_text())
    os.kill(worker, signal.SIGSTOP)
    os.kill(pid(c), signal.SIGKILL)
    run(supervisor, lambda: identity.name_of(worker) is None, 5)


def test_a_leftover_of_a_killed_supervisor_is_ended_first(supervisor: Supervisor, tmp_path: Path) -> None:
    c = supervisor.add(child(BEATING))
    first = pid(c)
    supervisor.children.clear()  # as after kill -9
    again = supervisor.add(child(BEATING))
    assert identity.name_of(first) is None and pid(again) != first
    assert (tmp_path / "run" / "part").read_text() == identity.name_of(pid(again))
