"""What a command says: one type a verb, so that nonsense is refused in words before anything is decided (CONTRACT.md)."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta

from dashboard.cases.event import CaseId, Instant, Unit
from dashboard.cases.refusal import Refusal, no
from dashboard.clocks.calendar import Mode

MAX_TEXT = 10 * 1024
"""Bytes of UTF-8 of a free text."""
MAX_HOURS = 24 * 90
"""An extension is at most this long."""

Level = Literal["unit_head", "duty_chief", "commander"]


class Payload(msgspec.Struct, omit_defaults=True, kw_only=True):
    """Every command: a reason (a code of the list or words) and free text beside it."""

    reason: Annotated[str, Meta(max_length=500)] | None = None
    text: str = ""


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


class Form(NamedTuple):
    """`needs` tells who filled the form in wrongly what belongs into it."""

    type: type[Payload]
    reason: bool
    needs: str


REASON = "a reason"
FORMS: dict[str, Form] = {
    "reassign": Form(Reassign, True, "to (a unit) and a reason"),
    "designate": Form(Reassign, True, "to (a unit) and a reason"),
    "escalate": Form(Escalate, True, "level (unit_head, duty_chief or commander) and a reason"),
    "urge": Form(Urge, True, REASON),
    "supervise": Form(Supervise, True, "a reason, and reply_due as a time with its offset where a reply is wanted"),
    "extend": Form(Extend, True, f"hours (more than 0, at most {MAX_HOURS}), mode where it is not 24x7, and a reason"),
    "suspend": Form(Suspend, True, "until (a time with its offset) and a reason"),
    "resume": Form(Payload, False, "nothing"),
    "return_approve": Form(Payload, True, REASON),
    "return_refuse": Form(Payload, True, REASON),
    "note": Form(Payload, False, "text"),
    "acknowledge": Form(Payload, False, "nothing"),
    "recalculate": Form(Recalculate, True, "policy (a version) and a reason"),
    "file": Form(Payload, False, "nothing"),
    "close": Form(Close, False, "nothing"),
    "void": Form(Payload, True, REASON),
    "merge": Form(Merge, True, "into (the id of the case that leads) and a reason"),
    "unmerge": Form(Payload, False, "nothing"),
    "undo": Form(Undo, False, "command (the id of the command to undo)"),
}
VERBS = tuple(FORMS)
"""Every command there is."""


def read(verb: str, data: dict[str, Any]) -> Payload | Refusal:
    """The typed data of a command, or what is wrong with it."""
    form = FORMS[verb]
    try:
        payload = msgspec.convert(data, form.type)
    except msgspec.ValidationError as e:
        field = _FIELD.search(str(e))
        return Refusal("form", {"verb": verb, "field": field[1] if field else ""}, detail=f"{e}; it needs {form.needs}")
    if form.reason and not (payload.reason or "").strip():
        return no("blank_reason", verb=verb)
    size = len(payload.text.encode())
    if size > MAX_TEXT:
        return no("too_long", n=size, limit=MAX_TEXT)
    return no("blank_note") if verb == "note" and not payload.text.strip() else payload


_FIELD = re.compile(r"(?:\$\.|field `)(\w+)")
"""The member that msgspec complains of."""
