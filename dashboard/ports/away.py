"""What may be away for a while, and how that is told."""

from __future__ import annotations

from typing import Literal


class Away(RuntimeError):
    """Redis or the database cannot be had now: a named state that callers wait out, not the end of a process (house rule 10).

    `what`: "redis" or "database"; `why`: one line of the server or driver. `full`: it answers, but takes nothing more.
    """

    def __init__(self, what: Literal["redis", "database"], why: str, full: bool = False) -> None:
        super().__init__(f"{what} is away: {why}")
        self.what, self.why, self.full = what, why, full
