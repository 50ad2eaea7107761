"""Keeps the processes of `up` alive, replaces those that end or hang, and stops them together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from dashboard.process import heartbeat, identity

STOP_SECONDS = 10.0
SILENCE = 15.0
"""Seconds without a sign of life after which a child is replaced."""
PATIENCE = 120.0
"""The same while it starts, or says that it has a long piece of work."""
BACK_OFF = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Pauses before the n-th restart in a row, the last one for ever; a process that lived ten seconds starts again at the first."""
BAD_SETTING = 2
"""Exit code of a child that has said in one line what the operator must mend."""


class BadStart(RuntimeError):
    """A child found at its very first start that it cannot work like this, and has said why; trying again mends nothing."""


class Child:
    """One process that must be there. One that has children of its own (`family`) is in a process group of its own, so that nothing of it
    is left when it is replaced; the others stay in ours, where whoever looks for the system's processes finds them.

    It shows its life by `heartbeat.Heartbeat`, or `probe` says whether it has shown any since it was asked last.
    """

    def __init__(
        self, name: str, command: Sequence[str], env: Mapping[str, str], probe: Callable[[], bool] | None = None,
        silence: float = SILENCE, patience: float = PATIENCE, family: bool = True,
    ) -> None:  # fmt: skip
        self._group = 0 if family else None
        self.name, self._command, self._env, self._probe = name, list(command), dict(env), probe
        self._silence, self._patience = silence, patience
        self._failures = 0
        self._next = self._started = self._heard = self._tended = 0.0
        self._limit = patience
        self._pipe: int | None = None
        self._settled = False
        self._why = ""
        self.process: subprocess.Popen[bytes] | None = None

    def tend(self, now: float) -> None:
        """Starts it, or starts it again after its pause; kills it when it is silent for too long. Raises BadStart."""
        away = now - self._tended
        self._tended = now
        if self.process is None:
            if now >= self._next:
                self._start(now)
            return
        if away > 1.0:
            self._heard += away  # it was the supervisor that stood still: its own absence is nobody's silence
        self._listen(now)
        if self.process.poll() is not None:
            self._ended(self.process.returncode, now)
        elif now - self._heard > self._limit:
            self._why = f"was silent for {now - self._heard:.0f} s and was killed"
            self._kill(signal.SIGKILL)  # a stopped process takes nothing less
        elif now - self._started > 10:
            self._failures = 0

    def _start(self, now: float) -> None:
        self._started = self._heard = now
        self._limit, self._why = self._patience, ""
        if self._probe is not None:
            self.process = subprocess.Popen(self._command, env=self._env, process_group=self._group)
            return
        self._pipe, theirs = os.pipe()
        os.set_blocking(self._pipe, False)
        env = self._env | {heartbeat.NAME: str(theirs)}
        self.process = subprocess.Popen(self._command, env=env, pass_fds=(theirs,), process_group=self._group)
        os.close(theirs)

    def _listen(self, now: float) -> None:
        words = b""
        if self._probe is not None:
            words = heartbeat.ALIVE if self._probe() else b""
        elif self._pipe is not None:
            with suppress(BlockingIOError):
                words = os.read(self._pipe, 65536)
        if not words:
            return
        self._heard = now
        self._settled = self._settled or heartbeat.ALIVE in words
        self._limit = self._patience if words.endswith(heartbeat.BUSY) else self._silence

    def _ended(self, code: int, now: float) -> None:
        self._kill(signal.SIGKILL)  # what it started may be left, and hold the port
        self._close()
        if code == BAD_SETTING and not self._settled:
            raise BadStart(self.name)
        self._settled = True
        self._failures += 1
        pause = BACK_OFF[min(self._failures, len(BACK_OFF)) - 1]
        self._next = now + pause
        why = self._why or (f"ended with code {code}" if code >= 0 else f"was killed by signal {signal.Signals(-code).name}")
        print(f"gridcommand: {self.name} {why}; starting it again in {pause:g} s", file=sys.stderr, flush=True)

    def _close(self) -> None:
        self.process = None
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None

    def _kill(self, number: int) -> None:
        if self.process is None:
            return
        if self._group is None:
            self.process.send_signal(number)
            return
        with suppress(ProcessLookupError, PermissionError):  # PermissionError: macOS says so of a group of zombies
            os.killpg(self.process.pid, number)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, until: float) -> None:
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.1, until - time.monotonic()))
        self._kill(signal.SIGKILL)
        self.process.wait()
        self._close()


class Supervisor:
    """Children start in order and stop in reverse. `folder` keeps who they are, for a supervisor that comes after a `kill -9`."""

    def __init__(self, folder: Path | None = None) -> None:
        self.children: list[Child] = []
        self.stopping = False
        self._folder = folder
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def add(self, child: Child) -> Child:
        """Starts it; one of the same name that a dead supervisor left behind is ended first."""
        end_leftover(self._folder, child.name)
        self.children.append(child)
        self._tend(child)
        return child

    def run(self, until: Callable[[], bool] = lambda: False) -> None:
        """Tends the children until told to stop, or until the condition holds. Raises BadStart."""
        while not self.stopping and not until():
            for child in self.children:
                self._tend(child)
            time.sleep(0.05)

    def _tend(self, child: Child) -> None:
        before = child.process
        child.tend(time.monotonic())
        if child.process is not None and child.process is not before:
            note(self._folder, child.name, child.process.pid)

    def stop(self) -> None:
        """Asks each in reverse order and waits, then kills what is left."""
        until = time.monotonic() + STOP_SECONDS
        for child in reversed(self.children):
            child.stop()
            child.wait(until)


def note(folder: Path | None, name: str, pid: int) -> None:
    """Remembers who this child is. A disk that takes no note costs only that a leftover of a `kill -9` is not found."""
    if folder is not None:
        with suppress(OSError):
            folder.mkdir(mode=0o700, exist_ok=True)
            (folder / name).write_text(identity.name_of(pid) or "")


def end_leftover(folder: Path | None, name: str) -> None:
    """Two servers on one append-only file, or a second web server, must not be: what is provably the old child is killed."""
    if folder is None or not (folder / name).is_file():
        return
    noted = (folder / name).read_text()
    pid = noted.partition(":")[2].partition(":")[0]
    if pid.isdigit() and identity.name_of(int(pid)) == noted:
        with suppress(ProcessLookupError):
            leads = os.getpgid(int(pid)) == int(pid)
            (os.killpg if leads else os.kill)(int(pid), signal.SIGKILL)
        while not identity.gone(noted):
            time.sleep(0.01)
