"""Who is asking: a bearer token, or the signed cookie that a token was exchanged for (DOMAIN.md 6).

The cookie names the account and an end; the account itself is looked up again every few seconds, so that a disabled one is out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from contextvars import ContextVar
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from dashboard.clock import DAY, SECOND, wall_ms
from dashboard.roles import User

COOKIE = "gc_session"
LASTS = 30 * DAY
"""A wall is signed in for a month; full login with shorter sessions comes with its own issue."""
REMEMBER = 5 * SECOND

_user: ContextVar[User | None] = ContextVar("user", default=None)


def current_user() -> User | None:
    """The user of this request, None for a stranger."""
    return _user.get()


def set_user(user: User | None) -> None:
    """Only callbacks/door.py, once a request."""
    _user.set(user)


class Session:
    """Signs and reads cookies; `by_token` and `by_account` look accounts up (blocking: call off the event loop)."""

    def __init__(self, secret: bytes, by_token: Callable[[str], User | None], by_account: Callable[[str], User | None]) -> None:
        self._secret, self._by_token, self._by_account = secret, by_token, by_account
        self._seen: dict[tuple[str, str], tuple[int, User | None]] = {}

    def sign(self, user: User) -> str:
        """A cookie's value: {"a": account, "e": end} and its signature."""
        body = base64.urlsafe_b64encode(msgspec.json.encode({"a": user.id, "e": wall_ms() + LASTS})).decode()
        return f"{body}.{self._mac(body)}"

    def _mac(self, body: str) -> str:
        return hmac.new(self._secret, body.encode(), hashlib.sha256).hexdigest()

    def account(self, value: str) -> str | None:
        """The account of a cookie that we signed and that has not ended."""
        body, _, mac = value.partition(".")
        if not hmac.compare_digest(mac, self._mac(body)):
            return None
        content = msgspec.json.decode(base64.urlsafe_b64decode(body))
        return str(content["a"]) if content["e"] > wall_ms() else None

    def user(self, headers: dict[bytes, bytes]) -> User | None:
        """The user of these request headers."""
        bearer = headers.get(b"authorization", b"").decode("latin-1")
        if bearer.startswith("Bearer "):
            return self._remembered("token", bearer[7:].strip(), self._by_token)
        account = self.account(cookie_of(headers, COOKIE))
        return self._remembered("account", account, self._by_account) if account else None

    def user_of_token(self, token: str) -> User | None:
        return self._by_token(token)

    def _remembered(self, kind: str, key: str, ask: Callable[[str], User | None]) -> User | None:
        at, user = self._seen.get((kind, key), (0, None))
        if wall_ms() - at > REMEMBER:
            if len(self._seen) > 10_000:
                self._seen.clear()
            user = ask(key)
            self._seen[kind, key] = (wall_ms(), user)
        return user


def cookie_of(headers: dict[bytes, bytes], name: str) -> str:
    try:
        cookies = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        return ""
    return cookies[name].value if name in cookies else ""


def set_cookie(value: str, secure: bool) -> tuple[bytes, bytes]:
    """The header that signs a browser in."""
    flags = f"; Path=/; HttpOnly; SameSite=Lax; Max-Age={LASTS // SECOND}" + ("; Secure" if secure else "")
    return b"set-cookie", f"{COOKIE}={value}{flags}".encode()


def same_origin(headers: dict[bytes, bytes]) -> bool:
    """Whether a request that carries a cookie comes from our own pages; clients that are no browsers send no Origin."""
    origin = headers.get(b"origin", b"").decode("latin-1")
    return not origin or urlsplit(origin).netloc == headers.get(b"host", b"").decode("latin-1")


def without_token(scope: dict[str, Any]) -> tuple[str, str] | None:
    """(token, the URL without it) of a page that was opened with `?token=`."""
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    token = query.pop("token", [""])[0]
    if not token:
        return None
    rest = urlencode(query, doseq=True)
    return token, scope["path"] + (f"?{rest}" if rest else "")
