"""The dead letters, for the operator who looks at them and sends them again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol


class DeadLetters(Protocol):
    def newest(self, limit: int) -> Iterator[dict[str, Any]]:
        """The columns of the table, newest first."""

    def of_entry(self, entry: str) -> list[dict[str, Any]]:
        """The letters of an entry: streams number their entries alike, so there may be several."""

    def mark_redriven(self, stream: str, entry: str) -> None:
        """The letter stays, but a repeat of its event is new again."""

    def mark_waiting(self, letter: dict[str, Any]) -> None:
        """The letter as it was: its entry could not be sent again."""

    def counts(self) -> tuple[int, int]:
        """(dead letters, events that wait for their report)"""
