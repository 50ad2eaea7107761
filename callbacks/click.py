"""What a page sends to its callbacks, looked at before Dash has it: Dash takes for granted that its own browser code has written it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from callbacks.body import read_json, shallow
from callbacks.problem import Problem

PATH = "/_dash-update-component"


class Value(msgspec.Struct):
    """One property of a component, with its value where it has one."""

    id: str
    property: str
    value: Any = None


class Click(msgspec.Struct, rename={"changed": "changedPropIds"}):
    """The members that Dash reads."""

    output: str
    outputs: Value | list[Value]
    inputs: list[Value]
    changed: list[str]
    state: list[Value] = []


def check(body: bytes, content_type: bytes, callbacks: Mapping[str, Mapping[str, Any]]) -> None:
    """Raises Problem 400 for a body that is no call of one of `callbacks` (Dash's `callback_map`)."""
    if not content_type.startswith(b"application/json"):
        raise Problem(400, "Bad request", "the body must be application/json")
    click = read_json(body, Click)
    known = callbacks.get(click.output)
    if known is None or "callback" not in known:  # what the browser answers itself is in the table too
        raise Problem(400, "Bad request", "there is no callback for this output; load the page again")
    same = _same(click.inputs, known["inputs"]) and _same(click.state, known["state"]) and _output(click.outputs) == click.output
    if not same:
        raise Problem(400, "Bad request", "these are not the inputs of this callback; load the page again")
    if not all(shallow(v.value) for v in (*click.inputs, *click.state)):
        raise Problem(400, "Bad request", "a value is nested too deep")


def _same(sent: list[Value], known: list[Mapping[str, str]]) -> bool:
    return [(v.id, v.property) for v in sent] == [(k["id"], k["property"]) for k in known]


def _output(sent: Value | list[Value]) -> str:
    """Dash's name of an output, or of several."""
    if isinstance(sent, Value):
        return f"{sent.id}.{sent.property}"
    return f"..{'...'.join(f'{v.id}.{v.property}' for v in sent)}.."


# A property may come with a value of any type: what a callback cannot use is what nobody has said.


def text(value: Any) -> str:
    """A NUL is in no text of the system, and PostgreSQL could not even be asked for it."""
    return value if isinstance(value, str) and "\0" not in value else ""


def table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def number(value: Any, default: int) -> int:
    """A whole number that fits the database."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**62 else default
