"""The envelope of an entry: CloudEvents 1.0 (CONTRACT.md, streams). What is not even that is malformed."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

MAX_BYTES = 64 * 1024
"""Limit of one stream entry (CONTRACT.md)."""
EARLIEST = 946_684_800_000
"""2000-01-01: an older time is a broken source clock (1970 is its usual face), not history."""
MAX_DEPTH = 32
"""Levels of nesting of an entry; deeper ones are an attack on whoever reads them next."""
ENGINE, DESK = "/engine", "/desk"
"""Sources of what the engine makes by itself, and of the effects of commands. Their ids are theirs: nobody outside can take one."""
RESERVED = (ENGINE, DESK, "/cli")
"""Sources that no entry of cases:reports may name, nor anything below them."""


class Envelope(msgspec.Struct):
    """One CloudEvents 1.0 entry, its data still raw. `time` must carry an offset."""

    specversion: Literal["1.0"]
    id: Annotated[str, Meta(min_length=1, max_length=64)]
    source: Annotated[str, Meta(pattern=r"^/[A-Za-z0-9._:-]{1,32}(/[A-Za-z0-9._:-]{1,32})*\Z", max_length=64)]
    type: Annotated[str, Meta(min_length=1, max_length=64)]
    subject: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._:-]{1,64}\Z")]
    time: Annotated[datetime, Meta(tz=True)]
    data: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b"{}"))


class Malformed(ValueError):
    """An entry that can never be applied; `code` names the fate in the dead letters."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


_envelope = msgspec.json.Decoder(Envelope)


def case_id(source: str, subject: str) -> str:
    """Our id of a case: readable, safe in a URL, and one-to-one with (source, subject): neither may hold a `~`."""
    return f"{source[1:].replace('/', '~')}~{subject}"


def split_id(case: str) -> tuple[str, str]:
    """The inverse of `case_id`: (source, subject)."""
    source, _, subject = case.rpartition("~")
    return "/" + source.replace("~", "/"), subject


def decode_envelope(entry: bytes) -> Envelope:
    """Raises Malformed: too_large, not_json or bad_envelope."""
    if len(entry) > MAX_BYTES:
        raise Malformed("too_large", f"more than {MAX_BYTES} bytes; send a reference instead of the content")
    _check_text(entry)
    try:
        return _envelope.decode(entry)
    except msgspec.ValidationError as e:
        raise Malformed("bad_envelope", str(e)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as e:
        raise Malformed("not_json", str(e)) from None


_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def _check_text(entry: bytes) -> None:
    """What the typed decoder does not look at in members it skips, but whoever stores or reads them would stumble over."""
    try:
        entry.decode()
    except UnicodeDecodeError as e:
        raise Malformed("not_json", f"not UTF-8: {e}") from None
    if b"\\u0000" in entry and _NUL.search(entry):
        raise Malformed("not_json", "holds the character NUL, which no database keeps")
    if entry.count(b"[") + entry.count(b"{") > MAX_DEPTH and _depth(entry) > MAX_DEPTH:
        raise Malformed("not_json", f"nested deeper than {MAX_DEPTH} levels")


_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[{]}")


def _depth(entry: bytes) -> int:
    """Levels of nesting, in one pass whatever the entry holds: without escapes, every other piece between quotes is a string."""
    outside = entry.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2]
    depth = deepest = 0
    for byte in b"".join(outside).translate(None, _NOT_BRACKETS):
        depth += 1 if byte in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest
