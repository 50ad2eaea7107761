"""Who is asking: a bearer token, or the signed cookie that a token was exchanged for (DOMAIN.md 6).

The cookie names a session and its end; the session itself is looked up again every few seconds, so that one that was ended, or whose
account was disabled or changed, is out in every worker.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any, Protocol
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import msgspec

from dashboard.access.role import User
from dashboard.clock import DAY, MINUTE, SECOND, ticks_ms, wall_ms
from dashboard.ports.away import Away

COOKIE = "gc_session"
LASTS = 30 * DAY
"""A wall is signed in for a month; full login with shorter sessions comes with its own issue."""
REMEMBER = 5 * SECOND
TRUSTED_FOR = 10 * MINUTE
"""For how long an account that was seen is believed without the database, while that is away."""
AWAY_FOR = 2 * SECOND
"""Before the database is asked again after it could not be reached: a crowd of requests must not wait for each its own refusal."""
HANGS = 4.0
"""Seconds without an answer after which the database counts as away here."""
KEPT = 10_000

_NO_ANSWER = Away("database", f"no answer for {HANGS:.0f} s")
_user: ContextVar[User | None] = ContextVar("user", default=None)


def current_user() -> User | None:
    """The user of this request, None for a stranger."""
    return _user.get()


def set_user(user: User | None) -> None:
    """Only callbacks/auth/middleware.py, once a request."""
    _user.set(user)


class Accounts(Protocol):
    """Blocking: call it off the event loop. Every method raises Away."""

    def user_of_token(self, token: str) -> User | None: ...
    def user_of_session(self, session: str) -> User | None: ...
    def begin_session(self, account: str, lasts: int) -> str:
        """A new session's name; it ends after `lasts` ms at the latest."""

    def end_session(self, session: str) -> None: ...


class Cookie(msgspec.Struct):
    """What we sign: the session, and when it ends (ms)."""

    s: str
    e: int


class Session:
    """Signs and reads cookies, and remembers for a few seconds whose they are."""

    def __init__(self, secret: bytes, accounts: Accounts) -> None:
        self._secret, self._accounts = secret, accounts
        self._seen: dict[tuple[str, str], tuple[int, User | None]] = {}
        self._away: tuple[int, Away] | None = None
        self._hanging: set[asyncio.Future[User | None]] = set()
        """Questions that had no answer in time: while there is one, nobody asks another."""
        # Threads of our own: those of the pages may all be taken, and behind a database that hangs these are.
        self._threads = ThreadPoolExecutor(4, "session")

    async def user(self, headers: dict[bytes, bytes]) -> User | None:
        """The user of these request headers. Raises Away where only the database could tell."""
        key = self._key(headers)
        if key is None:
            return None
        at, user = self._seen.get(key, (None, None))
        if at is not None and ticks_ms() - at <= REMEMBER:
            return user
        if self._away is not None and ticks_ms() - self._away[0] <= AWAY_FOR:
            return self._trusted(key, self._away[1])
        return self._trusted(key, _NO_ANSWER) if self._hanging else await self._answer(key)

    async def _answer(self, key: tuple[str, str]) -> User | None:
        """A database that is frozen refuses nothing: who waits for it is told so."""
        asked = asyncio.get_running_loop().run_in_executor(self._threads, self._ask, key)
        asked.add_done_callback(_read)
        await asyncio.wait({asked}, timeout=HANGS)
        if asked.done():
            return asked.result()
        self._hanging.add(asked)
        asked.add_done_callback(self._hanging.discard)
        return self._trusted(key, _NO_ANSWER)

    def _key(self, headers: dict[bytes, bytes]) -> tuple[str, str] | None:
        bearer = headers.get(b"authorization", b"").decode("latin-1")
        if bearer.startswith("Bearer "):
            return "token", bearer[7:].strip()
        session = self.session(cookie_of(headers, COOKIE))
        return None if session is None else ("session", session)

    def _ask(self, key: tuple[str, str]) -> User | None:
        kind, value = key
        try:
            user = (self._accounts.user_of_token if kind == "token" else self._accounts.user_of_session)(value)
        except Away as e:
            self._away = (ticks_ms(), e)
            return self._trusted(key, e)
        if len(self._seen) > KEPT:
            self._seen.clear()
        self._away, self._seen[key] = None, (ticks_ms(), user)
        return user

    def _trusted(self, key: tuple[str, str], away: Away) -> User | None:
        """Who was seen not long ago goes on; the database alone knows strangers."""
        at, user = self._seen.get(key, (0, None))
        if user is None or ticks_ms() - at > TRUSTED_FOR:
            raise Away(away.what, away.why) from away
        return user

    async def begin(self, token: str, headers: dict[bytes, bytes]) -> str | None:
        """The cookie's value for a token's owner, None for an unknown token. A seat belongs to one person: the session that another
        account had in this browser (by its headers) is over, and so are the pages that are still open with it."""
        user = await asyncio.to_thread(self._accounts.user_of_token, token)
        if user is None:
            return None
        session = self.session(cookie_of(headers, COOKIE))
        before = await asyncio.to_thread(self._accounts.user_of_session, session) if session else None
        if before is not None and before.id != user.id:
            await self.end(headers)
        return self.sign(await asyncio.to_thread(self._accounts.begin_session, user.id, LASTS))

    async def end(self, headers: dict[bytes, bytes]) -> None:
        """The session of these headers is over: here at once, in other workers within `REMEMBER`."""
        session = self.session(cookie_of(headers, COOKIE))
        if session is not None:
            await asyncio.to_thread(self._accounts.end_session, session)
            self._seen.pop(("session", session), None)

    def sign(self, session: str) -> str:
        body = base64.urlsafe_b64encode(msgspec.json.encode(Cookie(session, wall_ms() + LASTS))).decode()
        return f"{body}.{self._mac(body)}"

    def _mac(self, body: str) -> str:
        return hmac.new(self._secret, body.encode(), hashlib.sha256).hexdigest()

    def session(self, value: str) -> str | None:
        """The session of a cookie that we signed and that has not ended; None for whatever else somebody sends."""
        if not value.isascii():
            return None
        body, _, mac = value.partition(".")
        if not hmac.compare_digest(mac.encode(), self._mac(body).encode()):
            return None
        try:
            content = msgspec.json.decode(base64.urlsafe_b64decode(body), type=Cookie)
        except (ValueError, binascii.Error, msgspec.DecodeError, RecursionError):
            return None
        return content.s if content.e > wall_ms() else None


def _read(done: asyncio.Future[User | None]) -> None:
    """Whoever waited has been told already."""
    if not done.cancelled():
        done.exception()


def cookie_of(headers: dict[bytes, bytes], name: str) -> str:
    """The value of a cookie, "" where there is none. Ours hold no quotes and no escapes."""
    for part in headers.get(b"cookie", b"").decode("latin-1").split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return ""


def set_cookie(value: str, secure: bool) -> tuple[bytes, bytes]:
    """The header that signs a browser in."""
    flags = f"; Path=/; HttpOnly; SameSite=Lax; Max-Age={LASTS // SECOND}" + ("; Secure" if secure else "")
    return b"set-cookie", f"{COOKIE}={value}{flags}".encode()


def same_origin(headers: dict[bytes, bytes]) -> bool:
    """Whether a request that carries a cookie comes from our own pages; clients that are no browsers send no Origin."""
    origin = headers.get(b"origin", b"").decode("latin-1")
    return not origin or _split(origin)[0] == headers.get(b"host", b"").decode("latin-1")


def from_own_page(headers: dict[bytes, bytes]) -> bool:
    """`same_origin` for what changes something: the browser's own judgement counts too (`none`: a person asked for it, not a page)."""
    return same_origin(headers) and headers.get(b"sec-fetch-site", b"none") in (b"same-origin", b"none")


def without_token(scope: dict[str, Any]) -> tuple[str, str] | None:
    """(token, the URL without it) of a page that was opened with `?token=`."""
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    token = query.pop("token", [""])[0]
    return (token, own_url(scope["path"], urlencode(query, doseq=True))) if token else None


def asked_page(headers: dict[bytes, bytes]) -> str:
    """The page on which somebody signs in is the one that was asked for."""
    host, path = _split(headers.get(b"referer", b"").decode("latin-1"))
    own = host == headers.get(b"host", b"").decode("latin-1")
    return own_url(unquote(path)) if own and not path.startswith("/login") else "/"


def own_url(path: str, query: str = "") -> str:
    """A URL below our own host, as ASCII; the first page for a (decoded) path that a browser could take for another host."""
    if not path.startswith("/") or path[1:2] in ("/", "\\") or any(ord(c) < 32 for c in path):
        return "/"
    return quote(path, errors="replace") + (f"?{query}" if query else "")


def _split(url: str) -> tuple[str, str]:
    """(host, path); empty for what is no URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.netloc, parts.path
