"""What an account may undo now, as its stack: what was done at once is one entry, and what was done last is the first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypedDict

import msgspec
from msgspec import Meta

from dashboard.cases.scalar import Instant
from dashboard.cases.verb import UNDO_WITHIN


class Given(msgspec.Struct, frozen=True):
    """A command that may be undone: on which case, as that is now, since when (ms), and with which others it was given."""

    command: str
    verb: str
    batch: str | None
    at: int
    pos: int
    case: str
    version: int
    category: str
    grid: str | None
    owner: str | None


class UndoTarget(TypedDict):
    """What an `undo` of one command names: the command, its case, and the version that the case has now."""

    command: str
    case: str
    version: int


class UndoEntry(TypedDict):
    """What was done at once: one command, or those of one batch. Category and grid are those of its first case."""

    entry: Annotated[str, Meta(description="Its name: the id of the batch, or of the command.")]
    verb: str
    at: Instant
    until: Annotated[Instant, Meta(description="From then on not all of it can be undone any more.")]
    pos: Annotated[int, Meta(description="The position of its last effect.")]
    category: str
    grid: str | None
    commands: list[UndoTarget]


def stack(given: Iterable[Given]) -> list[UndoEntry]:
    """By the position of the last effect, the newest first."""
    entries: dict[str, list[Given]] = {}
    for one in sorted(given, key=lambda g: g.pos):
        entries.setdefault(one.batch or one.command, []).append(one)
    return sorted((_entry(name, together) for name, together in entries.items()), key=lambda e: -e["pos"])


def _entry(name: str, together: list[Given]) -> UndoEntry:
    first, at = together[0], min(g.at for g in together)
    commands: list[UndoTarget] = [{"command": g.command, "case": g.case, "version": g.version} for g in together]
    return {
        "entry": name, "verb": first.verb, "at": at, "until": at + UNDO_WITHIN, "pos": together[-1].pos,
        "category": first.category, "grid": first.grid, "commands": commands,
    }  # fmt: skip
