"""The HTTP API's own limits: what is too large or too many is a clear problem, never half taken."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi import Request

from callbacks.api import BODY_LIMIT, Problem, _wishes
from callbacks.services import MAX_COMMANDS


def ask(*parts: bytes) -> list[dict[str, Any]]:
    """A request that does not say its length."""

    async def stream() -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    return asyncio.run(_wishes(cast("Request", SimpleNamespace(stream=stream, headers={}))))


def test_a_body_in_parts_is_read_whole() -> None:
    assert ask(b'{"commands": [{"id"', b': "1"}]}') == [{"id": "1"}]


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([b"x" * (BODY_LIMIT // 2)] * 3, 413),
        ([json.dumps({"commands": [{}] * (MAX_COMMANDS + 1)}).encode()], 413),
        ([b"[]"], 400),
        ([b'{"commands": 5}'], 400),
        ([b"{}"], 400),
        ([b"\xff"], 400),
    ],
)
def test_what_is_too_large_or_no_list_of_commands(parts: list[bytes], status: int) -> None:
    with pytest.raises(Problem) as problem:
        ask(*parts)
    assert problem.value.status == status and problem.value.detail
