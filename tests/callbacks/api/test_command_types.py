"""What the document says of a command's data is what reads them: what it allows is read, what it requires is missed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbacks.api import OPERATIONS
from callbacks.api.command_types import ALSO, TYPES
from callbacks.api.document import document
from callbacks.command import _wrong
from dashboard.cases.refusal import Refusal
from dashboard.cases.verb import read
from tests.callbacks.api.schema import values

DOCUMENT = document(OPERATIONS)
SCHEMAS = DOCUMENT["components"]["schemas"]
BATCH = SCHEMAS["CommandBatch"]["properties"]["commands"]


@pytest.mark.parametrize("verb", TYPES)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_what_the_document_allows_is_read(verb: str, data: st.DataObject) -> None:
    schema = SCHEMAS[BATCH["items"]["discriminator"]["mapping"][f"command.{verb}"].rpartition("/")[2]]
    command = data.draw(values(schema, SCHEMAS))
    assert command["type"] == f"command.{verb}" and _wrong(command) is None
    assert not isinstance(read(verb, command.get("data", {})), Refusal), command


@pytest.mark.parametrize("verb", TYPES)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_what_the_document_requires_is_missed(verb: str, data: st.DataObject) -> None:
    schema = SCHEMAS[f"{verb.title().replace('_', '')}Data"]
    said = data.draw(values(schema, SCHEMAS))
    for name in schema.get("required", []):
        if name == "to" and "to" in ALSO.get(verb, {}):
            continue  # a unit that is none is told apart from a bad form: the engine refuses it as a bad target
        assert isinstance(read(verb, {k: v for k, v in said.items() if k != name}), Refusal), name


@pytest.mark.parametrize("over", [{"id": "short"}, {"id": None}, {"case": "a b"}, {"expected_version": -1}, {"expected_version": 2**31}])
def test_limits_of_the_head_are_those_of_the_check(over: dict[str, Any]) -> None:
    good = {"id": "id-00000001", "type": "command.file", "case": "a~1", "expected_version": 1}
    msgspec.convert(good, TYPES["file"])
    assert _wrong(good) is None and _wrong(good | over) is not None
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(good | over, TYPES["file"])
