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


MEND, AGAIN = 2, 75
"""Exit codes: the operator must mend something; nothing is wrong with the command, try it again later (EX_TEMPFAIL)."""


class NotReady(RuntimeError):
    """What a command needs cannot be had: one line for the operator, and the command's exit code."""

    def __init__(self, line: str, code: int = MEND) -> None:
        super().__init__(line)
        self.code = code
