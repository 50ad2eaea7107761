"""Parameters of a URL: how long, which of a list, which number. They are read by the same type that documents them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeVar, cast

from msgspec import Meta, inspect

from callbacks.problem import Problem
from dashboard.desk.account_item import KEY_LENGTH

LENGTHS = {"q": 200, "unit": 64, "owner": 64, "category": 64, "cursor": 512, "scope": 64, "key": KEY_LENGTH}
"""Characters of a parameter; of no other is the length given by what it may be."""
CASE_LENGTH = 130
HANDOVER_LENGTH = 64
T = TypeVar("T", bound=Mapping[str, Any])
_NUMBER = re.compile("[0-9]{1,16}")


def text_of(name: str, description: str) -> Meta:
    """A text of at most the length that its name may have."""
    return Meta(max_length=LENGTHS[name], description=description)


def one_of(values: Iterable[str], description: str = "", also: Iterable[str] = ()) -> Meta:
    """One of these words; `also`: what is understood but not told."""
    return Meta(description=description or None, extra_json_schema={"enum": list(values)}, extra={"also": [*also]})


def short(text: str, limit: int = CASE_LENGTH) -> str:
    """A parameter that ends up in SQL. Raises Problem 400."""
    if len(text) > limit:
        raise Problem(400, "Bad parameter", f"{text[:20]!r}… is longer than {limit} characters")
    return text


def check_lengths(given: Mapping[str, str]) -> None:
    """Raises Problem 400 for a parameter that is longer than anything it could name."""
    for name, limit in LENGTHS.items():
        short(given.get(name) or "", limit)


def read(given: Mapping[str, str], kind: type[T]) -> T:
    """The parameters that the TypedDict `kind` names; an empty one that is not required is none. Raises Problem 400."""
    check_lengths(given)
    found: dict[str, Any] = {}
    for name, type_, allowed, required in _fields(kind):
        value = given.get(name)
        if value is None and required:
            raise Problem(400, "Bad parameter", f"{name} is missing")
        if value or (required and value is not None):
            found[name] = _value(name, value, type_, allowed)
    return cast(T, found)


@cache
def _fields(kind: type[Any]) -> list[tuple[str, inspect.Type, list[str], bool]]:
    """(name, type, the words that it may be, whether it must be given)"""
    described = inspect.type_info(kind)
    assert isinstance(described, inspect.TypedDictType)
    plain = [(f, f.type) if not isinstance(f.type, inspect.Metadata) else (f, f.type.type) for f in described.fields]
    return [(f.name, type_, _words(f.type), f.required) for f, type_ in plain]


def _words(type_: inspect.Type) -> list[str]:
    """Empty where it is no choice."""
    told, more = (getattr(type_, name, None) or {} for name in ("extra_json_schema", "extra"))
    return [*told.get("enum", []), *more.get("also", [])]


def _value(name: str, value: str, type_: inspect.Type, allowed: list[str]) -> Any:
    if isinstance(type_, inspect.BoolType):
        return _choice(name, value, ["true", "false"]) == "true"
    if isinstance(type_, inspect.IntType):
        return _number(name, value, type_.le or 0)
    return _choice(name, value, allowed) if allowed else value


def _choice(name: str, value: str, allowed: list[str]) -> str:
    if value not in allowed:
        raise Problem(400, "Bad parameter", f"{name}={value[:50]!r} is not one of {', '.join(allowed)}")
    return value


def _number(name: str, value: str, top: int) -> int:
    if not _NUMBER.fullmatch(value) or int(value) > top:
        raise Problem(400, "Bad parameter", f"{name}={value[:50]!r} is not a number from 0 to {top}")
    return int(value)
