"""How a child shows its supervisor that it lives: a byte about once a second on a pipe, which no clock and no full disk can disturb."""

from __future__ import annotations

import os
from contextlib import suppress

from dashboard.clock import SECOND, ticks_ms

NAME = "PULSE_FD"
"""Environment variable with the number of the pipe's end that the child writes to."""
ALIVE, BUSY = b".", b"+"


class Heartbeat:
    """The child's end. Without a supervisor (`fd` None) it says nothing."""

    def __init__(self, fd: int | None = None) -> None:
        self._fd, self._next = fd, 0

    @classmethod
    def inherited(cls) -> Heartbeat:
        """The pipe that the supervisor left in the environment, if there is one."""
        given = os.environ.pop(NAME, None)
        if given is None:
            return cls()
        os.set_inheritable(int(given), False)
        os.set_blocking(int(given), False)
        return cls(int(given))

    def beat(self) -> None:
        """The loop goes round; call it as often as you like."""
        now = ticks_ms()
        if now >= self._next:
            self._next = now + SECOND
            self._tell(ALIVE)

    def busy(self) -> None:
        """A long piece of work begins (loading the city's map): silence is honest until the next beat."""
        self._next = 0
        self._tell(BUSY)

    def _tell(self, word: bytes) -> None:
        if self._fd is not None:
            with suppress(BlockingIOError, BrokenPipeError):  # a supervisor that does not read, or is gone, is not this process's trouble
                os.write(self._fd, word)
