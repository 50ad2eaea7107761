"""Shifts and their handovers."""

from __future__ import annotations

from typing import Protocol

from dashboard.access.role import User
from dashboard.desk.shift import Note, Shift


class Shifts(Protocol):
    """Synchronous: call it off the event loop. Every method raises Away. An account has one shift at a time."""

    def current(self, account: str) -> Shift | None:
        """The one that has not ended."""

    def last_end(self, account: str) -> int | None:
        """When the account's last shift ended (ms)."""

    def start(self, user: User, at: int) -> Shift:
        """The account's shift: a new one, or the one that it has."""

    def sign(self, shift: str, text: str, note: Note, at: int) -> Shift | None:
        """Who leaves signs: the shift ends, its note stands. None where it has ended already."""

    def take(self, shift: str, user: User, at: int) -> Shift | None:
        """Who comes signs, and is in a shift of his own from now on. None where somebody was faster, or nothing is to be taken over."""

    def one(self, shift: str) -> Shift | None:
        """With its note."""

    def waiting(self, unit: str) -> list[Shift]:
        """Signed by who left and by nobody else, of this unit and all below it; the oldest first, without notes."""

    def ended(self, unit: str, before: int, limit: int) -> list[Shift]:
        """Handovers of this unit and all below it that were signed before then; the newest first, without notes."""
