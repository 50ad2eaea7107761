"""Keeps the processes of `up` alive and stops them together."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence

STOP_SECONDS = 10.0
BACK_OFF = (0.1, 0.5, 1.0, 2.0, 5.0)
"""Pauses before the n-th restart in a row; a process that lived ten seconds starts again at the first."""
GIVE_UP = 20
"""Restarts in a row after which the whole system stops instead of pretending."""


class Child:
    """One process that must be there."""

    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        self.name, self._command, self._env = name, list(command), dict(env)
        self._failures = 0
        self._next = self._started = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def tend(self, now: float) -> None:
        """Starts it, or starts it again after its pause. Raises RuntimeError when it will not stay up."""
        if self.process is not None and self.process.poll() is None:
            if now - self._started > 10:
                self._failures = 0
            return
        if self.process is not None:
            code, self.process = self.process.returncode, None
            self._failures += 1
            if self._failures > GIVE_UP:
                raise RuntimeError(f"{self.name} ended {GIVE_UP} times in a row, last with code {code}")
            self._next = now + BACK_OFF[min(self._failures, len(BACK_OFF)) - 1]
            print(f"gridcommand: {self.name} ended with code {code}, starting it again", file=sys.stderr, flush=True)
        if now >= self._next:
            self._started = now
            self.process = subprocess.Popen(self._command, env=self._env)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, until: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Supervisor:
    """Children start in order and stop in reverse."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.stopping = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def add(self, child: Child) -> Child:
        self.children.append(child)
        child.tend(time.monotonic())
        return child

    def run(self, until: Callable[[], bool] = lambda: False) -> None:
        """Tends the children until told to stop, or until the condition holds."""
        while not self.stopping and not until():
            for child in self.children:
                child.tend(time.monotonic())
            time.sleep(0.05)

    def stop(self) -> None:
        """Asks each in reverse order and waits, then kills what is left."""
        until = time.monotonic() + STOP_SECONDS
        for child in reversed(self.children):
            child.stop()
            child.wait(until)
