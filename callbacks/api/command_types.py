"""The body of `POST /api/v1/commands` as types, one command a verb, made from the table of verbs (dashboard/cases/verb.py).

They describe; what is wrong with a command is found where it is decided, and is that command's own result.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from types import GenericAlias
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from callbacks.command import CASE_ID, COMMAND_ID, MAX_COMMANDS
from dashboard.cases.event_data import Unit
from dashboard.cases.payload import MAX_TEXT
from dashboard.cases.verb import VERBS, Verb

Id = Annotated[str, Meta(pattern=f"^{COMMAND_ID.pattern}$", description="A UUIDv7 of yours; the same one for the same command.")]
Case = Annotated[str, Meta(pattern=f"^{CASE_ID.pattern}$")]
Version = Annotated[int, Meta(ge=0, lt=2**31, description="The `version` of the case as you saw it; another one now is a conflict.")]
Reason = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S", description="A code of the list, or words.")]
Text = Annotated[str, Meta(max_length=MAX_TEXT, description=f"At most {MAX_TEXT} bytes of UTF-8.")]
Note = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT, pattern=r"\S", description=f"At most {MAX_TEXT} bytes of UTF-8.")]
ALSO: dict[str, dict[str, Any]] = {"note": {"text": Note}, "reassign": {"to": Unit}, "designate": {"to": Unit}}
"""What a verb needs beside its payload: words to note, a unit to go to."""


class CommandHead(msgspec.Struct, kw_only=True):
    id: Id
    case: Case
    expected_version: Version


def _data(name: str, verb: Verb) -> type[Any]:
    """The payload, with what the verb asks for as required."""
    needs: dict[str, Any] = ({"reason": Reason} if verb.reasoned else {}) | ALSO.get(name, {})
    fields: list[Any] = [*needs.items(), *([] if "text" in needs else [("text", Text, "")])]
    doc = {"__doc__": f"It needs {verb.needs}."}
    return msgspec.defstruct(f"{_name(name)}Data", fields, bases=(verb.payload,), namespace=doc, kw_only=True)


def _command(name: str, verb: Verb) -> type[Any]:
    """`type` tells the verbs apart. Data of which nothing is required may be left out."""
    data = _data(name, verb)
    needed = any(field.required for field in msgspec.structs.fields(data))
    field = ("data", data) if needed else ("data", data, msgspec.field(default_factory=data))
    return msgspec.defstruct(
        f"{_name(name)}Command", [field], bases=(CommandHead,), tag_field="type", tag=f"command.{name}", kw_only=True
    )


def _name(name: str) -> str:
    return name.title().replace("_", "")


TYPES: dict[str, Any] = {name: _command(name, verb) for name, verb in VERBS.items()}
_ANY: Any = reduce(or_, TYPES.values())
_BATCH: Any = Annotated[GenericAlias(list, _ANY), Meta(max_length=MAX_COMMANDS)]
CommandBatch: Any = msgspec.defstruct("CommandBatch", [("commands", _BATCH)])
