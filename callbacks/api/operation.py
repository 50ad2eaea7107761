"""What one route of the API takes and answers. The route is added to the server, and described in `/openapi.json`, from this alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from fastapi import FastAPI, Response

FORM = (400, 414)
"""Any request may be refused for its form."""
KNOWN = (*FORM, 401, 503)
"""Where somebody must have signed in: who it is, only the database knows."""
IN_TURN = (*KNOWN, 429)
"""Where the database is asked, in turns."""
OF_A_ROLE = (*IN_TURN, 403)
"""Where some roles have nothing to ask."""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """`answers` by status, of type `media`; `problems`: the statuses that come as a problem document. `query` is a TypedDict."""

    id: str
    tag: str
    path: str
    summary: str
    answers: Mapping[int, Any]
    problems: tuple[int, ...]
    method: str = "GET"
    text: str = ""
    query: Any = None
    body: Any = None
    media: str = "application/json"

    @property
    def known(self) -> bool:
        """Whether one must have signed in."""
        return 401 in self.problems

    def add(self, server: FastAPI, endpoint: Callable[..., Awaitable[Response]]) -> None:
        server.add_api_route(self.path, endpoint, methods=[self.method], name=self.id)
