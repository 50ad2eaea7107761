"""Scripts, styles and words in front of Dash: compressed once a process, and never sent twice to the same browser.

Dash's own `compress=True` compresses every answer anew; here an answer of Dash is kept with its gzip form. A URL that names its
version (Dash's fingerprint, or `?m=` with the file's time) is immutable; any other is asked for again and answered with 304.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import msgspec
from dash.fingerprint import check_fingerprint

from callbacks.body import again

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

ASSETS, SUITES = "/assets/", "/_dash-component-suites/"
ENDINGS = (".js", ".css", ".json", ".map", ".svg")
"""What is text; pictures and fonts are compressed already and go to Dash."""
KEPT = 256
"""Files kept; a page has some forty. Whoever makes up more URLs is served by Dash, uncompressed."""
FOR_EVER, ASK_AGAIN = b"public, max-age=31536000, immutable", b"no-cache"


class File(msgspec.Struct, frozen=True):
    """One file ready to be sent. `packed` is its gzip form."""

    media: bytes
    plain: bytes
    packed: bytes
    tag: str


class Static:
    """ASGI piece; `takes` says which requests it wants."""

    def __init__(self, inner: App, folder: Path) -> None:
        self._inner, self._folder = inner, folder
        self._made: dict[tuple[str, str], asyncio.Task[File | None]] = {}

    def takes(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return False
        path: str = scope["path"]
        return path.startswith((ASSETS, SUITES)) and path.endswith(ENDINGS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        version = self._version(scope["path"])
        file = await self._file(scope, version)
        if file is None:
            await self._inner(scope, receive, send)
            return
        await _answer(scope, send, file, FOR_EVER if _names(scope, version) else ASK_AGAIN)

    def _version(self, path: str) -> str:
        """The time of an asset, which may change while the server runs; the packages' files do not."""
        if not path.startswith(ASSETS):
            return ""
        try:
            return str((self._folder / path.removeprefix(ASSETS)).stat().st_mtime)
        except (OSError, ValueError):
            return ""

    async def _file(self, scope: Scope, version: str) -> File | None:
        """From memory, or asked from Dash: once, however many ask at the same time."""
        key = (scope["path"], version)
        task = self._made.get(key)
        if task is None:
            if len(self._made) >= KEPT:
                return None
            task = self._made[key] = asyncio.create_task(self._make(scope))
        file = await asyncio.shield(task)
        if file is None:
            self._made.pop(key, None)
        return file

    async def _make(self, scope: Scope) -> File | None:
        """Dash's own answer, whole and plain; None when it is no file."""
        sent: list[dict[str, Any]] = []

        async def keep(message: dict[str, Any]) -> None:
            sent.append(message)

        asked = {key: value for key, value in scope.items() if key != "extensions"}
        await self._inner(asked | {"method": "GET", "headers": [], "query_string": b""}, again(b"", _never), keep)
        if sent[0]["status"] != 200:
            return None
        body = b"".join(m.get("body", b"") for m in sent[1:])
        media = dict(sent[0]["headers"]).get(b"content-type", b"application/octet-stream")
        packed = await asyncio.to_thread(gzip.compress, body, 9, mtime=0)
        return File(media, body, packed, blake2b(body, digest_size=12).hexdigest())


async def _never() -> dict[str, Any]:
    """Nobody hangs up. An answer at once would be asked for again and again by who waits for that, and the loop would stand still."""
    await asyncio.Event().wait()
    raise AssertionError


def _names(scope: Scope, version: str) -> bool:
    """Whether the URL names the version that is served now."""
    if not scope["path"].startswith(ASSETS):
        return bool(check_fingerprint(scope["path"].removeprefix(SUITES).partition("/")[2])[1])
    query: bytes = scope["query_string"]
    named = parse_qs(query.decode("latin-1")).get("m", [""])[0]
    return named != "" and named == version


async def _answer(scope: Scope, send: Send, file: File, cache: bytes) -> None:
    headers = dict(scope["headers"])
    packs = b"gzip" in headers.get(b"accept-encoding", b"")
    tag = f'"{file.tag}{"-gz" if packs else ""}"'.encode()
    known = tag in headers.get(b"if-none-match", b"")
    body = b"" if known else file.packed if packs else file.plain
    out = [(b"content-type", file.media), (b"cache-control", cache), (b"etag", tag), (b"vary", b"accept-encoding")]
    if not known:
        out += [(b"content-length", str(len(body)).encode()), *([(b"content-encoding", b"gzip")] if packs else [])]
    await send({"type": "http.response.start", "status": 304 if known else 200, "headers": out})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
