"""What was skipped or repeated is named at the end of a run; with `--no-skips` (CI) a test that could have run here is a failure."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def _browser() -> bool:
    """.ci/run installs one wherever it has the right to."""
    installs = os.geteuid() == 0 and shutil.which("apt-get") is not None
    return installs or any(shutil.which(name) for name in BROWSERS)


def _never() -> bool:
    return False


PERMITTED: Mapping[str, Callable[[], bool]] = {
    "no Chromium": _browser,
    "node is not installed": lambda: shutil.which("node") is not None,
    "shared": (ROOT.parent / "shared").exists,
    "no right to mount": _never,
}
"""Part of a reason -> whether this machine has what the test says it lacks. A reason that is not here is never permitted: PostgreSQL,
above all, comes with `make install`."""


def could_run(reason: str) -> bool:
    """Whether a test that was skipped for this reason should have run on this machine."""
    return next((has() for part, has in PERMITTED.items() if part in reason), True)


def reasons(reports: Iterable[Any]) -> Counter[str]:
    """How often each reason was given by these reports of skipped tests."""
    return Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in reports)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="fail when a test was skipped that could have run on this machine")


def _reports(config: pytest.Config, kind: str) -> list[Any]:
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    return terminal.stats.get(kind, []) if terminal else []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for reason, times in sorted(reasons(_reports(config, "skipped")).items()):
        terminalreporter.write_line(f"skipped {times}: {reason}{' (could have run here)' if could_run(reason) else ''}")
    for report in _reports(config, "rerun"):
        terminalreporter.write_line(f"repeated {report.nodeid}: {str(report.longrepr).strip().splitlines()[-1]}")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    hidden = [reason for reason in reasons(_reports(session.config, "skipped")) if could_run(reason)]
    if session.config.getoption("--no-skips") and hidden and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
