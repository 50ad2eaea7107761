"""A command as it travels: an envelope like an event's, with who asks and which version was on the screen (CONTRACT.md)."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from dashboard.access.role import User
from dashboard.cases.envelope import DESK, Malformed, decode_envelope, split_id
from dashboard.cases.event_data import CaseId
from dashboard.clock import iso


class Command(msgspec.Struct):
    """What one person asks for for one case. `digest` tells a repeat from another command with the same id."""

    id: str
    verb: str
    case: str
    expected_version: int
    actor: User
    data: dict[str, Any]
    digest: str


class CommandData(msgspec.Struct):
    expected_version: Annotated[int, Meta(ge=0, lt=2**31)]
    actor: User
    case: CaseId


def decode(entry: bytes) -> Command:
    """Raises Malformed."""
    envelope = decode_envelope(entry)
    try:
        head = msgspec.json.decode(envelope.data, type=CommandData)
        data = msgspec.json.decode(envelope.data)
    except msgspec.DecodeError as e:
        raise Malformed("bad_data", f"{envelope.type}: {e}") from None
    for key in ("expected_version", "actor", "case"):
        del data[key]
    digest = hashlib.sha256(msgspec.json.encode([envelope.type, head.case, data], order="sorted")).hexdigest()
    verb = envelope.type.removeprefix("command.")
    return Command(envelope.id, verb, head.case, head.expected_version, head.actor, data, digest)


def encode(command_id: str, verb: str, case: str, version: int, actor: User, data: dict[str, Any], at: int, source: str = DESK) -> bytes:
    """The entry of `cases:commands`; `at` in ms. `data` cannot speak for somebody else: who asks is written over it."""
    head = {"case": case, "expected_version": version, "actor": actor}
    return msgspec.json.encode(
        {
            "specversion": "1.0", "id": command_id, "source": source, "type": f"command.{verb}", "time": iso(at),
            "subject": split_id(case)[1], "data": data | head,
        }
    )  # fmt: skip
