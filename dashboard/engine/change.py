"""What is committed, as `cases:changes` carries it (CONTRACT.md): events with their place in the order, refusals, beats."""

from __future__ import annotations

from typing import Any

import msgspec

from dashboard.cases.envelope import split_id
from dashboard.cases.event import Event
from dashboard.cases.row import Row
from dashboard.clock import iso

BEAT = "engine.beat"
REFUSED = "command.refused"
ACCEPTED = "command.accepted"
"""Only the answer to a repeated command; the first answer is the event itself, with `cause`."""


class Change(msgspec.Struct, omit_defaults=True):
    """One entry of `cases:changes`. `row` is the case as it stands after the event (dashboard/cases/row.py)."""

    id: str
    source: str
    type: str
    subject: str
    time: str
    pos: int
    specversion: str = ""
    data: msgspec.Raw = msgspec.Raw(b"{}")
    case: str = ""
    version: int = 0
    recorded: str = ""
    cause: str | None = None
    actor: str | None = None
    row: Row | None = None


class Beat(msgspec.Struct, omit_defaults=True):
    """The engine's heartbeat: when (wall, ms) any source was last heard (None: never), and the newest event time."""

    heard: int | None
    newest: int
    epoch: int = 0
    """Of the engine's lease: one more with every start."""
    silent_ms: int | None = None
    """For how long no source had been heard when this was said; steady, whatever was done to the machine's clock."""
    awaited: list[str] = []
    """Sources that were alive before a downtime and have not caught up: timers wait for them, nothing is declared broken meanwhile."""
    awaited_until: int | None = None
    """Wall time (ms) at which the timers wait no longer."""
    clock_moved: int = 0
    """By how many ms the machine's clock was last set, within the last ten minutes; 0: it was not."""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Change).decode


def of_event(event: Event, row: Row) -> bytes:
    """A committed event."""
    return _encode(
        Change(
            id=event.id, source=event.source, type=event.type, subject=event.subject, time=iso(event.at), pos=event.pos,
            specversion="1.0", data=msgspec.Raw(event.raw), case=event.case, version=event.version, recorded=iso(event.recorded),
            cause=event.cause, actor=event.actor, row=row,
        )
    )  # fmt: skip


def of_answer(type_: str, command_id: str, case: str, pos: int, at: int, data: dict[str, Any]) -> bytes:
    """A refusal, or the repeat of an earlier yes."""
    return _encode(
        Change(
            id=f"{command_id}.answer", source="/engine", type=type_, subject=split_id(case)[1], time=iso(at), pos=pos,
            specversion="1.0", data=msgspec.Raw(msgspec.json.encode(data)), case=case, recorded=iso(at), cause=command_id,
        )
    )  # fmt: skip


def of_beat(pos: int, at: int, beat: Beat) -> bytes:
    """Once a second, so that every screen knows how old what it shows is."""
    data = msgspec.Raw(msgspec.json.encode(beat))
    return _encode(
        Change(id=f"beat-{at}", source="/engine", type=BEAT, subject="beat", time=iso(at), pos=pos, specversion="1.0", data=data)
    )


def decode(body: bytes) -> Change:
    return _decode(body)
