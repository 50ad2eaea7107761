"""Answers in JSON."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import Response


def answer(content: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")
