"""The one entry of the web worker: finds out who asks, keeps strangers out, lets /live past everything that costs time, and gives
every answer its headers and every failure its form."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from callbacks import click
from callbacks.auth.session import Session, asked_page, from_own_page, same_origin, set_cookie, set_user, without_token
from callbacks.body import Bodies, Gone, Incoming, again, limit_of, spill
from callbacks.header import dressed
from callbacks.live import live
from callbacks.problem import App, Border, Problem, Receive, Scope, Send
from callbacks.services import Services
from callbacks.static import Static
from dashboard.access.role import User
from dashboard.ports.away import Away

NEEDS_USER = ("/api/", "/map/", "/desk/rows", "/metrics", "/openapi.json")
READS = ("GET", "HEAD", "OPTIONS")
PATH_LIMIT, QUERY_LIMIT = 1024, 4096
SOCKETS = 64
"""Open sockets of one account in one worker: all walls of a hall may share one."""
OTHER_RIGHTS, NOBODY_KNOWS, TOO_MANY = 4403, 4503, 4429
"""Codes with which a socket is closed."""
ANSWERED_IN = 13.0
"""Seconds in which an answer must have begun, once its request is whole: only a database that is frozen takes longer."""
_HOST = re.compile(rb"[A-Za-z0-9.\-_:\[\]]{1,255}")


class AuthMiddleware:
    """ASGI app around the Dash server. `start` and `stop` run once in each worker; `clicks` are Dash's callbacks by output."""

    def __init__(
        self, inner: App, services: Services, session: Callable[[], Session], start: Callable[[], Awaitable[None]],
        stop: Callable[[], Awaitable[None]], assets: Path, clicks: Mapping[str, Mapping[str, Any]],
    ) -> None:  # fmt: skip
        self._static = Static(inner, assets)
        self._inner, self._services, self._make_session, self._clicks = inner, services, session, clicks
        self._start, self._stop = start, stop
        self._http, self._bodies, self._sockets = Border(self._request), Bodies(), Counter[str]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self._http(scope, receive, dressed(scope, send))

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.session = self._make_session()
        await self._start()
        try:
            await self._inner(scope, receive, send)
        finally:
            await self._stop()

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        try:
            user = await self.session.user(headers) if same_origin(headers) else None
        except Away:
            user = None  # a browser that is refused before it is accepted comes again
        account = user.id if user else ""
        if user is None or self._sockets[account] >= SOCKETS:
            await receive()
            await send({"type": "websocket.close", "code": OTHER_RIGHTS if user is None else TOO_MANY})
            return
        self._sockets[account] += 1
        try:
            await live(scope, receive, send, user, self._services, self._still(headers, user))
        finally:
            self._sockets[account] -= 1
            self._sockets += Counter()  # drops those at zero

    def _still(self, headers: dict[bytes, bytes], user: User) -> Callable[[], Awaitable[int | None]]:
        """Asks again for the account behind these headers: who is disabled, or has another role or unit now, loses open sockets too.

        The code to close with, None to go on. Who is not known because the database is away for long is not sent to the login page.
        """

        async def still() -> int | None:
            try:
                return None if await self.session.user(headers) == user else OTHER_RIGHTS
            except Away:
                return NOBODY_KNOWS

        return still

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        incoming = Incoming(receive)
        try:
            headers = dict(scope["headers"])
            _check_form(scope, headers)
            if self._static.takes(scope):  # nobody need be known for a script
                await self._static(scope, receive, send)
            else:
                await self._known(scope, incoming, send, headers)
        except Gone:
            return
        except Problem as e:
            await e.send(send)
            if scope["method"] not in READS:
                await spill(incoming)

    async def _known(self, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, bytes]) -> None:
        user = await self.session.user(headers)
        set_user(user)
        path, method = scope["path"], scope["method"]
        if path.startswith(NEEDS_USER) and user is None:
            raise Problem(401, "Who are you?", "sign in, or send Authorization: Bearer TOKEN (gridcommand user token NAME makes one)")
        if method not in READS and b"cookie" in headers:
            _check_site(path, headers)
        if method == "GET" and not path.startswith(NEEDS_USER) and (found := without_token(scope)):
            await self._in_time(send, lambda out: self._exchange(found[0], found[1], scope, out))
        elif method in READS and not path.startswith("/session/"):
            await self._in_time(send, lambda out: self._inner(scope, receive, out))
        else:
            await self._with_body(scope, receive, send, headers, user is not None)

    async def _with_body(self, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, bytes], known: bool) -> None:
        """The body is read here, whole and once, so that nobody behind the middleware needs limits of its own."""
        path, method = scope["path"], scope["method"]
        body = b"" if method in READS else await self._bodies.read(receive, limit_of(path, known))
        try:
            if path.startswith("/session/"):
                await self._in_time(send, lambda out: self._session(scope, out, headers, body))
                return
            if path == click.PATH and method == "POST":
                click.check(body, headers.get(b"content-type", b""), self._clicks)
            await self._in_time(send, lambda out: self._inner(scope, again(body, receive), out))
        finally:
            self._bodies.free(body)

    async def _in_time(self, send: Send, answer: Callable[[Send], Awaitable[None]]) -> None:
        """Raises Away when no answer has begun in time; what works for it in a thread cannot be ended and is left alone."""

        async def begun(message: dict[str, Any]) -> None:
            if not limit.expired():
                limit.reschedule(None)
            await send(message)

        try:
            async with asyncio.timeout(ANSWERED_IN) as limit:
                await answer(begun)
        except TimeoutError:
            if not limit.expired():
                raise
            raise Away("database", f"no answer for {ANSWERED_IN:.0f} s") from None

    async def _session(self, scope: Scope, send: Send, headers: dict[bytes, bytes], body: bytes) -> None:
        """Signing in and out, by POST only: a link on another site must do neither."""
        if not same_origin(headers):
            raise Problem(403, "Forbidden", "this request comes from another site")
        if scope["path"] not in ("/session/token", "/session/end"):
            raise Problem(404, "Not found", "there is no such path")
        if scope["method"] != "POST":
            raise Problem(405, "Method not allowed", "this path answers POST only")
        if scope["path"] == "/session/token":
            token = parse_qs(body.decode("latin-1")).get("token", [""])[0].strip()
            try:
                await self._exchange(token, asked_page(headers), scope, send)
            except Away:
                await _redirect(send, "/login?away=1")  # a person sent the form
            return
        await self.session.end(headers)
        await _redirect(send, "/login", (b"set-cookie", b"gc_session=; Path=/; Max-Age=0"))

    async def _exchange(self, token: str, to: str, scope: Scope, send: Send) -> None:
        """A token becomes a cookie at once, so that it stays in no address bar and no history."""
        value = await self.session.begin(token, dict(scope["headers"]))
        if value is None:
            await _redirect(send, "/login?refused=1")
        else:
            await _redirect(send, to, set_cookie(value, scope.get("scheme") == "https"))


def _check_form(scope: Scope, headers: dict[bytes, bytes]) -> None:
    """What no page and no client of ours sends, and what software behind the middleware trips over. Raises Problem 400, 414."""
    path, query = scope["path"], scope["query_string"]
    if len(path) > PATH_LIMIT or len(query) > QUERY_LIMIT:
        raise Problem(414, "Too long", f"a path is at most {PATH_LIMIT} characters, a query {QUERY_LIMIT}")
    if "\0" in path or b"%00" in query or b"\0" in query:
        raise Problem(400, "Bad request", "no path and no parameter here holds a NUL")
    try:
        path.encode()
        urlsplit(f"//{headers.get(b'host', b'localhost').decode('ascii')}/")
        good = _HOST.fullmatch(headers.get(b"host", b"localhost")) is not None
    except ValueError:
        good = False
    if not good:
        raise Problem(400, "Bad request", "path and Host must be text")


def _check_site(path: str, headers: dict[bytes, bytes]) -> None:
    """No page of another site acts with somebody's cookie; its forms, which a browser sends unasked, cannot be JSON.

    Raises Problem 403, 415.
    """
    if not from_own_page(headers):
        raise Problem(403, "Forbidden", "this request comes from another site")
    json = headers.get(b"content-type", b"").startswith(b"application/json")
    if path.startswith("/api/") and b"authorization" not in headers and not json:
        raise Problem(415, "Unsupported media type", "the body must be application/json")


async def _redirect(send: Send, to: str, *headers: tuple[bytes, bytes]) -> None:
    own = [(b"location", to.encode("ascii")), (b"content-length", b"0"), *headers]
    await send({"type": "http.response.start", "status": 303, "headers": own})
    await send({"type": "http.response.body", "body": b""})
