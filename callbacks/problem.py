"""Every answer that is not a success says so in one form, RFC 9457 problem+json, with what to do and nothing of the inside."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from dash.exceptions import DependencyException, PreventUpdate
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from dashboard.ports.away import Away

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MEDIA = "application/problem+json"
AWAY_RETRY_S = 5
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
log = logging.getLogger("gridcommand.web")


class ProblemDocument(msgspec.Struct, frozen=True):
    """RFC 9457: `detail` says what to do; `away`: what cannot be reached; `total`: how many there are where that is too many;
    `by`, `at`: who was faster, and when (ms)."""

    type: str
    title: str
    status: int
    detail: str
    away: str | msgspec.UnsetType = msgspec.UNSET
    total: int | msgspec.UnsetType = msgspec.UNSET
    by: str | msgspec.UnsetType = msgspec.UNSET
    at: int | msgspec.UnsetType = msgspec.UNSET


class Problem(Exception):
    """Becomes an RFC 9457 answer; `detail` says what to do. `retry_s`: seconds after which it may be asked again.

    `more`: further members of the body. `closes`: the rest of the request is not wanted, the connection ends.
    """

    def __init__(
        self, status: int, title: str, detail: str, retry_s: int | None = None, more: dict[str, Any] | None = None, closes: bool = False
    ) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail, self.closes = status, title, detail, closes
        self.retry_s, self.more = retry_s, more or {}

    def headers(self) -> dict[str, str]:
        retry = {} if self.retry_s is None else {"retry-after": str(self.retry_s)}
        return retry | ({"connection": "close"} if self.closes else {})

    def body(self) -> bytes:
        return msgspec.json.encode(ProblemDocument("about:blank", self.title, self.status, self.detail, **self.more))

    def response(self) -> Response:
        return Response(self.body(), self.status, self.headers(), MEDIA)

    async def send(self, send: Send) -> None:
        """The answer without a framework."""
        body = self.body()
        own = {"content-type": MEDIA, "content-length": str(len(body)), **self.headers()}
        headers = [(name.encode(), value.encode()) for name, value in own.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def problem_of(error: Exception) -> Problem | None:
    """What an error is for who asked; None for an error of our own."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Away):
        what = f"the {error.what} takes nothing more now" if error.full else f"the {error.what} cannot be reached now"
        return Problem(503, "Away", f"{what}; nothing was changed by this request, ask again", AWAY_RETRY_S, {"away": error.what})
    if isinstance(error, HTTPException):
        return Problem(error.status_code, str(error.detail), f"{error.detail}: /openapi.json names what there is")
    if isinstance(error, RequestValidationError):
        wrong = "; ".join(f"{'.'.join(str(x) for x in e['loc'])}: {e['msg']}" for e in error.errors()[:5])
        return Problem(400, "Bad parameter", wrong)
    if isinstance(error, DependencyException):
        return Problem(404, "Not found", "there is no such file")
    return None


class Border:
    """ASGI piece: whatever goes wrong behind it becomes one answer; what has no name is logged, and tells nothing of the inside."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: dict[str, Any]) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except PreventUpdate:  # Dash's own word for "nothing changes"
            raise
        except Exception as e:  # the border: one request's error is one answer, the next is served (house rule 9)
            if scope["type"] != "http" or started:
                raise
            await self._answer(e, scope, send)

    async def _answer(self, error: Exception, scope: Scope, send: Send) -> None:
        problem = problem_of(error)
        if problem is None:
            log.error("%s %s failed", scope["method"], scope["path"][:200], exc_info=error)
            problem = Problem(500, "Internal error", "this is our mistake; the server's log has it")
        await problem.send(send)


def register(server: FastAPI) -> None:
    """What FastAPI answers by itself takes the same form."""

    async def tell(request: Request, error: Exception) -> Response:
        problem = problem_of(error)
        assert problem is not None, "registered for named errors only"
        return problem.response()

    for kind in (Problem, Away, HTTPException, RequestValidationError):
        server.add_exception_handler(kind, tell)


def close_unknown(server: FastAPI, *folders: str) -> None:
    """Below these paths there are no pages: what no route answers is a 404, or a 405 where another method would. Call it last."""

    below = tuple(f"{folder}/" for folder in folders)
    known = [route for route in server.routes if getattr(route, "path", "").startswith(below)]  # Dash's answers GET of any path

    async def unknown(request: Request) -> Response:
        for route in known:
            if route.matches(request.scope)[0] == Match.PARTIAL:
                raise Problem(405, "Method not allowed", f"{request.method} is nothing that this path answers")
        raise Problem(404, "Not found", "there is no such path; /openapi.json names what there is")

    for folder in folders:
        for path in (folder, folder + "/{rest:path}"):
            server.add_api_route(path, unknown, methods=METHODS, include_in_schema=False)
