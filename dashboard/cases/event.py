"""One thing that happened to one case: how an event comes to be, and how another one is made of it."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from dashboard.cases.envelope import EARLIEST, RESERVED, Envelope, Malformed, case_id, decode_envelope
from dashboard.cases.event_data import MADE_HERE, OURS, TYPES
from dashboard.clock import ms

HEARTBEAT = "source.heartbeat"
_BELOW = tuple(f"{name}/" for name in RESERVED)


class Event(msgspec.Struct, frozen=True):
    """One thing that happened to one case. `at`: ms at the source.

    `raw` is the data as it is stored (JSON), members that nobody here knows included; `data` is what the types make of it. Both are made
    together, here and nowhere else: by `decode` of what comes in, `of_stored` of what is stored, `make` of what is ours, and, from another
    event, by `with_members` and `with_data`. Nobody changes one: whoever adds to it has a new one.
    """

    id: str
    type: str
    case: str
    source: str
    at: int
    data: Any
    raw: bytes
    actor: str | None = None
    """Role and unit of the desk's actor, for an effect of a command; a source's own events have none."""
    cause: str | None = None
    """Id of the command that had this effect."""
    version: int = 0
    pos: int = 0
    recorded: int = 0

    @property
    def key(self) -> Key:
        return self.source, self.id

    @property
    def subject(self) -> str:
        """The case's id at its source."""
        return self.case.rpartition("~")[2]


Key = tuple[str, str]
"""What an event is known by: (source, id). Two sources may use the same id for different things."""


_data = {name: msgspec.json.Decoder(kind) for name, kind in TYPES.items()}


def decode_data(type_: str, raw: bytes) -> Any:
    """The typed data of an event type. Raises Malformed: unknown_type or bad_data."""
    decoder = _data.get(type_)
    if decoder is None:
        raise Malformed("unknown_type", f"type {type_!r} is not one of {', '.join(TYPES)}")
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as e:
        raise Malformed("bad_data", f"{type_}: {e}") from None


def decode(entry: bytes, latest: int) -> Event:
    """One stream entry as an event. `latest` (ms): times after it are a source clock that runs ahead.

    Raises Malformed with the reason that goes to the dead letters.
    """
    envelope = decode_envelope(entry)
    at = ms(envelope.time)
    if not EARLIEST <= at <= latest:
        raise Malformed("bad_time", f"time {envelope.time.isoformat()} is before 2000 or more than a day ahead")
    raw = bytes(envelope.data)
    data = None if envelope.type == HEARTBEAT else decode_data(envelope.type, raw)
    _check_rest(envelope.type, raw)
    _check_outside(envelope, data)
    return Event(envelope.id, envelope.type, case_id(envelope.source, envelope.subject), envelope.source, at, data, raw)


def of_stored(type_: str, raw: bytes, **envelope: Any) -> Event:
    """An event by its data as stored. Raises Malformed."""
    return Event(type=type_, data=decode_data(type_, raw), raw=raw, **envelope)


def derived_id(cause: Event, what: str) -> str:
    """The id of what the engine adds to an event: the same whenever it is decided again."""
    return hashlib.blake2b(f"{cause.source} {cause.id} {what}".encode(), digest_size=16).hexdigest()


def make(type_: str, data: Any, **envelope: Any) -> Event:
    """An event of our own, its data as a struct or plain values. Raises Malformed."""
    return of_stored(type_, msgspec.json.encode(data), **envelope)


def with_data(event: Event, data: dict[str, Any]) -> Event:
    """The same event with other data: all of it, as plain values. Raises Malformed."""
    raw = msgspec.json.encode(data)
    return msgspec.structs.replace(event, data=decode_data(event.type, raw), raw=raw)


def with_members(event: Event, **members: Any) -> Event:
    """The same event with members of its data as the engine writes them."""
    data = msgspec.structs.replace(event.data, **members)
    return msgspec.structs.replace(event, data=data, raw=_with_members(event.raw, members))


def placed(event: Event, pos: int, version: int, recorded: int) -> Event:
    """The same event with its place in the order of all and of its case."""
    return msgspec.structs.replace(event, pos=pos, version=version, recorded=recorded)


def _with_members(raw: bytes, members: dict[str, Any]) -> bytes:
    """Appended to the JSON object as it stands; it is decoded only where one of the names may be in it already, perhaps in escapes."""
    if b"\\u00" in raw or any(f'"{name}"'.encode() in raw for name in members):
        return msgspec.json.encode(msgspec.json.decode(raw) | members)
    begun = raw[:-1].rstrip()
    return begun + (b"" if begun == b"{" else b",") + msgspec.json.encode(members)[1:]


def _check_rest(type_: str, raw: bytes) -> None:
    """Members that are kept but not known must be readable too (1e999 is JSON, but no number)."""
    try:
        msgspec.json.decode(raw)
    except msgspec.DecodeError as e:
        raise Malformed("bad_data", f"{type_}: {e}") from None


def _check_outside(envelope: Envelope, data: Any) -> None:
    """A source speaks for itself, and says nothing that only the engine can know."""
    if envelope.source in RESERVED or envelope.source.startswith(_BELOW):
        raise Malformed("reserved", f"source {envelope.source} is ours; a source has a name of its own, such as /12345")
    if envelope.type in MADE_HERE:
        raise Malformed("reserved", f"{envelope.type} is made by the engine only")
    for name, empty in OURS.get(envelope.type, ()):
        if getattr(data, name) != empty:
            raise Malformed("reserved", f"{envelope.type}: {name} is written by the engine only; leave it out")
