"""The HTTP API's own limits: what is too large or too many is a clear problem, never half taken."""

from __future__ import annotations

import json

import pytest

from callbacks.api.commands import commands_of
from callbacks.command import MAX_COMMANDS
from callbacks.problem import Problem


def test_a_body_is_a_list_of_commands() -> None:
    assert commands_of(b'{"commands": [{"id": "1"}]}') == [{"id": "1"}]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (json.dumps({"commands": [{}] * (MAX_COMMANDS + 1)}).encode(), 413),
        (b"[]", 400),
        (b'{"commands": 5}', 400),
        (b"{}", 400),
        (b"\xff", 400),
        (b'{"commands": [' + b"[" * 5000, 400),
    ],
)
def test_what_is_too_many_or_no_list_of_commands(body: bytes, status: int) -> None:
    with pytest.raises(Problem) as problem:
        commands_of(body)
    assert problem.value.status == status and problem.value.detail
