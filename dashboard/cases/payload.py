"""What a command says: the types of its data (CONTRACT.md). Which verb has which one: dashboard/cases/verb.py."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from dashboard.cases.event_data import CaseId, Instant, Unit
from dashboard.clock import Mode

MAX_TEXT = 10 * 1024
"""Bytes of UTF-8 of a free text."""
MAX_HOURS = 24 * 90
"""An extension is at most this long."""

Level = Literal["unit_head", "duty_chief", "commander"]


Batch = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{8,64}$", description="The same for all that is given at once: it is undone as one.")]


class Payload(msgspec.Struct, omit_defaults=True, kw_only=True):
    """Every command: a reason (a code of the list or words) and free text beside it."""

    reason: Annotated[str, Meta(max_length=500)] | None = None
    text: str = ""
    batch: Batch | None = None


class Reassign(Payload):
    to: Any = None
    """A unit; what is none is a bad target, not a bad form."""


class Escalate(Payload):
    level: Level


class Urge(Payload):
    to: Unit | None = None


class Supervise(Payload):
    to: Unit | None = None
    level: Level | None = None
    reply_due: Instant | None = None


class Extend(Payload):
    hours: Annotated[float, Meta(gt=0, le=MAX_HOURS)]
    mode: Mode = "24x7"


class Suspend(Payload):
    until: Instant


class Close(Payload):
    disposition: Annotated[str, Meta(max_length=500)] = ""


class Undo(Payload):
    command: Annotated[str, Meta(min_length=1, max_length=64)]


class Merge(Payload):
    into: CaseId


class Recalculate(Payload):
    policy: Annotated[str, Meta(min_length=1, max_length=64)]
