"""What the server keeps for an account, so that it is the person's at every seat and at no seat the next person's: drafts, saved views,
pins, and how the screen is arranged."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from dashboard.cases.mask import mask, mask_value


class Bound(NamedTuple):
    most: int
    """Items of one account; the oldest goes when there is one more."""
    size: int
    """Bytes of a value as JSON."""


KINDS = {
    "draft": Bound(100, 24 << 10),
    "view": Bound(30, 4 << 10),
    "pin": Bound(50, 64),
    "column": Bound(4, 8 << 10),
    "recent": Bound(4, 4 << 10),
}
"""`draft`: what is being written; `pin`: by case; `column`: the columns of a queue; `recent`: what was last used of a list."""
HANDOVER = "handover"
"""The key of the draft of a handover's text; of all others it is a verb and a case."""
KEY_LENGTH = 170
"""A verb and a case's id."""


class AccountItem(msgspec.Struct, frozen=True):
    """`at`: when it was written (ms)."""

    kind: str
    key: str
    value: Any
    at: int


def named(kind: str, key: str) -> str:
    """The key as it may be stored: a view's is what a person called it."""
    return mask(key)[0] if kind == "view" else key


def checked(kind: str, value: Any) -> Any:
    """The value as it may be stored: without phones, identity cards and plates. Raises ValueError for one that is too large."""
    masked, _ = mask_value(value)
    if len(msgspec.json.encode(masked)) > KINDS[kind].size:
        raise ValueError(f"a {kind} is at most {KINDS[kind].size} bytes of JSON")
    return masked
