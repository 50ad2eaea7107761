"""CloudEvents of simulated sources, to the byte (CONTRACT.md, streams): the same input always gives the same bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec

DAY = 86_400_000
HEARTBEAT = "source.heartbeat"
RANDOM_DIGITS = 20
"""Hexadecimal digits of randomness that `uuid7` takes."""
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
_encode = msgspec.json.Encoder().encode


def uuid7(time: int, random: str) -> str:
    """UUID version 7 (RFC 9562) of `time` (ms since 1970) and at least RANDOM_DIGITS hexadecimal digits."""
    stamp = f"{time:012x}"
    return f"{stamp[:8]}-{stamp[8:]}-7{random[:3]}-{_VARIANT[random[3]]}{random[4:7]}-{random[7:19]}"


def digest(*parts: object) -> str:
    """RANDOM_DIGITS hexadecimal digits that depend on `parts` only, for sources whose events have no id of their own."""
    return blake2b("\x1f".join(map(str, parts)).encode(), digest_size=RANDOM_DIGITS // 2).hexdigest()


def rfc3339(time: int, offset: int = 480) -> str:
    """`time` (ms since 1970 UTC) as text at `offset` minutes east of Greenwich; 480 = China."""
    minute, rest = divmod(time, 60_000)
    return f"{_minute(minute + offset)}{rest // 1000:02d}.{rest % 1000:03d}{_zone(offset)}"


def event(id_: str, source: str, type_: str, subject: str, time: str, data: dict[str, Any]) -> bytes:
    """One encoded event. `time` is RFC 3339; all texts but those in `data` must need no escaping in JSON."""
    head = (
        f'{{"specversion":"1.0","id":"{id_}","source":"{source}","type":"{type_}","subject":"{subject}",'
        f'"time":"{time}","datacontenttype":"application/json","dataversion":1,"data":'
    )
    return head.encode() + _encode(data) + b"}"


def heartbeat(source: str, now: int) -> bytes:
    """The source is alive at `now` (ms) though nothing happened; the same `now` gives the same event."""
    return event(uuid7(now, digest(HEARTBEAT, source, now)), source, HEARTBEAT, "heartbeat", rfc3339(now), {})


@lru_cache(maxsize=65_536)
def _minute(minute: int) -> str:
    return datetime.fromtimestamp(minute * 60, UTC).strftime("%Y-%m-%dT%H:%M:")


@lru_cache(maxsize=64)
def _zone(offset: int) -> str:
    hours, minutes = divmod(abs(offset), 60)
    return f"{'-' if offset < 0 else '+'}{hours:02d}:{minutes:02d}"
