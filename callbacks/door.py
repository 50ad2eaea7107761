"""The one entry of the web worker: finds out who asks, keeps strangers out, lets /live past everything that costs time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from callbacks.live import live
from callbacks.services import Services
from callbacks.session import Session, current_user, same_origin, set_cookie, set_user, without_token
from callbacks.static import Static

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

NEEDS_USER = ("/api/", "/map/", "/desk/rows", "/metrics", "/openapi.json")
FORM_LIMIT = 4096


class Door:
    """ASGI app around the Dash server. `start` and `stop` run once in each worker."""

    def __init__(
        self, inner: Callable[[Scope, Receive, Send], Awaitable[None]], services: Services, session: Callable[[], Session],
        start: Callable[[], Awaitable[None]], stop: Callable[[], Awaitable[None]], assets: Path,
    ) -> None:  # fmt: skip
        self._static = Static(inner, assets)
        self._inner, self._services, self._make_session = inner, services, session
        self._start, self._stop = start, stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        if self._static.takes(scope):  # nobody need be known for a script
            await self._static(scope, receive, send)
            return
        headers = dict(scope["headers"])
        user = await asyncio.to_thread(self.session.user, headers)
        if scope["type"] == "websocket":
            await live(scope, receive, send, user if same_origin(headers) else None, self._services, self._still(headers))
            return
        set_user(user)
        await self._http(scope, receive, send, headers)

    def _still(self, headers: dict[bytes, bytes]) -> Callable[[], Awaitable[bool]]:
        """Asks again for the account behind these headers; a disabled one loses its open sockets too."""

        async def still() -> bool:
            return await asyncio.to_thread(self.session.user, headers) is not None

        return still

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.session = self._make_session()
        await self._start()
        try:
            await self._inner(scope, receive, send)
        finally:
            await self._stop()

    async def _http(self, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, bytes]) -> None:
        path, method = scope["path"], scope["method"]
        if path == "/session/token" and method == "POST":
            await self._exchange(await _form(receive), asked_page(headers), scope, send)
        elif path == "/session/end":
            await answer(send, 303, b"", (b"location", b"/login"), (b"set-cookie", b"gc_session=; Path=/; Max-Age=0"))
        elif method == "GET" and not path.startswith(NEEDS_USER) and (found := without_token(scope)):
            await self._exchange(found[0], found[1], scope, send)
        elif path.startswith(NEEDS_USER) and current_user() is None:
            await problem(send, 401, "sign in, or send Authorization: Bearer TOKEN (gridcommand user token NAME makes one)")
        elif method not in ("GET", "HEAD") and b"cookie" in headers and not same_origin(headers):
            await problem(send, 403, "this request comes from another site")
        else:
            await self._inner(scope, receive, send)

    async def _exchange(self, token: str, to: str, scope: Scope, send: Send) -> None:
        """A token becomes a cookie at once, so that it stays in no address bar and no history."""
        user = await asyncio.to_thread(self.session.user_of_token, token)
        if user is None:
            await answer(send, 303, b"", (b"location", b"/login?refused=1"))
            return
        secure = scope.get("scheme") == "https"
        to = to if to.startswith("/") and not to.startswith("//") else "/"
        await answer(send, 303, b"", (b"location", to.encode("latin-1")), set_cookie(self.session.sign(user), secure))


def asked_page(headers: dict[bytes, bytes]) -> str:
    """The page on which somebody signs in is the one that was asked for."""
    came = urlsplit(headers.get(b"referer", b"").decode("latin-1"))
    own = came.netloc == headers.get(b"host", b"").decode("latin-1")
    return came.path if own and not came.path.startswith("/login") else "/"


async def _form(receive: Receive) -> str:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > FORM_LIMIT or not message.get("more_body"):
            break
    return parse_qs(body[:FORM_LIMIT].decode("latin-1")).get("token", [""])[0].strip()


async def answer(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    await send({"type": "http.response.body", "body": body})


async def problem(send: Send, status: int, detail: str) -> None:
    """RFC 9457."""
    body = msgspec.json.encode({"type": "about:blank", "title": "Not allowed", "status": status, "detail": detail})
    await answer(send, status, body, (b"content-type", b"application/problem+json"))
