"""The privacy line: phones, identity cards and plates never get past the intake (DOMAIN.md 8)."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from dashboard.cases.event import Event, decode_data

_PRIVATE = re.compile(
    r"(?<![\d.])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![\d.])"  # mobile phone
    r"|(?<![\d.])0\d{2,3}-\d{7,8}(?!\d)"  # fixed line
    r"|(?<![\d.])\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"  # identity card
    r"|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·• ]?[A-HJ-NP-Z0-9]{5,6}(?![A-Za-z0-9])"  # plate
)
_LONGEST = 10**18
"""No phone or identity card has more digits, and turning a very long number into text takes quadratic time."""
_SUSPECT = re.compile(rb"[0-9\xe4-\xe9](?:(?:[- ]?[0-9]){9}|[\x80-\xbf]{2}[A-HJ-NP-Z])|\\u")
"""Cheap first look at raw JSON: a long number, a hanzi before a capital, or an escape that could hide either."""


def mask(text: str) -> tuple[str, int]:
    """Text without phones, identity cards and plates, and how many were masked (DOMAIN.md 8)."""
    return _PRIVATE.subn("■■■", text)


def mask_value(value: Any) -> tuple[Any, int]:
    """Any JSON value with its texts and whole numbers masked, however deep; types stay, and keys are the sources' own words."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return _collected({k: _coordinate(v) if k in ("lon", "lat") else mask_value(v) for k, v in value.items()})
    if isinstance(value, list):
        masked = [mask_value(v) for v in value]
        return [v for v, _ in masked], sum(n for _, n in masked)
    if isinstance(value, int) and not isinstance(value, bool):
        _, n = mask(str(value)) if abs(value) < _LONGEST else ("", 0)
        return (0, n) if n else (value, 0)
    return value, 0


def _coordinate(value: Any) -> tuple[Any, int]:
    """A number of a person is no coordinate; without one the report has no place, but it is not lost."""
    _, n = mask_value(value)
    return (None, n) if n else (value, 0)


def _collected(masked: dict[str, tuple[Any, int]]) -> tuple[dict[str, Any], int]:
    return {k: v for k, (v, _) in masked.items()}, sum(n for _, n in masked.values())


def masked_event(event: Event) -> int:
    """Masks an event's data before anything is stored; how many were masked. Most events are not even suspect."""
    if not _SUSPECT.search(event.raw):
        return 0
    if b"\\u" not in event.raw and not _PRIVATE.search(event.raw.decode()):
        return 0  # a long code, no private number
    data = msgspec.json.decode(event.raw)
    data.pop("intake", None)  # ours to write, never the source's
    data, count = mask_value(data)
    if count:
        event.raw = msgspec.json.encode(data)
        event.data = decode_data(event.type, event.raw)
    return count
