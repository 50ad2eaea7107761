"""The privacy line: phones, identity cards and plates never get past the intake (DOMAIN.md 8)."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from dashboard.cases.event import Event, with_data

_PRIVATE = re.compile(
    r"(?<![\d.])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![\d.])"  # mobile phone
    r"|(?<![\d.])0\d{2,3}-\d{7,8}(?!\d)"  # fixed line
    r"|(?<![\d.])\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"  # identity card
    r"|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·• ]?[A-HJ-NP-Z0-9]{5,6}(?![A-Za-z0-9])"  # plate
)
_LONGEST = 10**18
"""No phone or identity card has more digits, and turning a very long number into text takes quadratic time."""
_LIKELY = re.compile(r"1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}-\d{7}|19\d{9}[\dXx]|20\d{9}[\dXx]")
"""In every private number, but in few others. Each alternative begins with a plain character, so that the search skips what is none."""
_SHAPE = bytes(ord("9" if chr(b).isdigit() else "A" if 65 <= b <= 90 else "x" if 128 <= b < 192 else ".") for b in range(256))
"""Digits as 9, capitals as A, the last byte of what is not ASCII as x."""


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


def masked_event(event: Event) -> tuple[Event, int]:
    """The event as it may be stored, and how many numbers were masked. Most events are not even suspect."""
    if not _suspect(event.raw):
        return event, 0
    data = msgspec.json.decode(event.raw)
    data.pop("intake", None)  # ours to write, never the source's
    data, count = mask_value(data)
    return (with_data(event, data) if count else event), count


def _suspect(raw: bytes) -> bool:
    """Whether JSON may hold a private number; at least one that an escape hides. First by what costs a microsecond."""
    if b"\\u" in raw:
        return True
    shape = raw.translate(_SHAPE, b"- ")
    if b"xA" not in shape and b"9999999999" not in shape:
        return False
    text = raw.decode()
    return (b"xA" in shape or _LIKELY.search(text) is not None) and _PRIVATE.search(text) is not None
