"""Who signs in: tokens, and the sessions that they are exchanged for. Both are rows of one table, so what ends an account's tokens
ends its sessions, in every worker and for good."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Engine, and_, delete, insert, or_, select, update

from dashboard.access.role import ACCOUNTS, User
from dashboard.clock import wall_ms
from data_access import table as t
from data_access.database import write_many

SESSION = "session-"
"""Begins the key of a session's row; that of a token is hexadecimal, so that neither passes for the other."""
SESSIONS = 500
"""Open sessions of one account; the oldest ends when there is one more."""


WAIT_MS = 2_000
"""Who signs in or out while somebody else writes for long is told so: a handful of people who wait would hold every thread of a worker,
and with them those who are signed in."""


def hash_token(token: str) -> str:
    """Tokens are stored only as this."""
    return hashlib.sha256(token.encode()).hexdigest()


def hash_session(session: str) -> str:
    """Sessions are stored only as this: 64 characters, as the column has."""
    return SESSION + hashlib.sha256(session.encode()).hexdigest()[: 64 - len(SESSION)]


class SqlAccounts:
    """Port `Accounts` of the command line and of the sessions (callbacks/auth/session.py). Synchronous: call it off the event loop."""

    def __init__(self, engine: Engine, wait_ms: int | None = None) -> None:
        """`wait_ms`: how long a write waits for others; None: as long as every command does."""
        self._read = engine
        self._write = engine.execution_options(write=True, **({} if wait_ms is None else {"wait_ms": wait_ms}))

    def user_of_token(self, token: str) -> User | None:
        return self._user(hash_token(token))

    def user_of_session(self, session: str) -> User | None:
        return self._user(hash_session(session))

    def _user(self, key: str) -> User | None:
        a, owner = t.account.c, select(t.token.c.account).where(t.token.c.hash == key).scalar_subquery()
        with self._read.begin() as c:
            row = c.execute(select(a.id, a.name, a.role, a.unit).where(a.id == owner, a.disabled.is_(None))).one_or_none()
        return User(*row) if row else None

    def begin_session(self, account: str, lasts: int) -> str:
        """A new session's name. Those of the account that began more than `lasts` ms ago end, and the oldest beyond `SESSIONS`."""
        made, now, k = secrets.token_urlsafe(24), wall_ms(), t.token.c
        mine = and_(k.account == account, k.hash.startswith(SESSION, autoescape=True))
        newest = select(k.hash).where(mine).order_by(k.made.desc()).limit(SESSIONS - 1)
        with self._write.begin() as c:
            kept = list(c.execute(newest).scalars())
            c.execute(delete(t.token).where(mine, or_(k.made < now - lasts, k.hash.not_in(kept))))
            c.execute(insert(t.token).values(hash=hash_session(made), account=account, made=now))
        return made

    def end_session(self, session: str) -> None:
        with self._write.begin() as c:
            c.execute(delete(t.token).where(t.token.c.hash == hash_session(session)))

    def end_accounts(self, users: Iterable[User]) -> int:
        """Disables these accounts and ends their tokens and sessions, where they are what is given: one that has another name, role or
        unit under the same id is somebody else's. How many ended."""
        users = tuple(users)
        with self._read.begin() as c:
            if not c.execute(select(t.account.c.id).where(_any(users), t.account.c.disabled.is_(None))).first():
                return 0
        with self._write.begin() as c:
            ended = list(c.execute(select(t.account.c.id).where(_any(users), t.account.c.disabled.is_(None))).scalars())
            c.execute(update(t.account).where(t.account.c.id.in_(ended)).values(disabled=wall_ms()))
            c.execute(delete(t.token).where(t.token.c.account.in_(ended)))
        return len(ended)

    def account(self, name: str) -> tuple[User, bool] | None:
        """(the account, whether it is disabled), None where there is none."""
        a = t.account.c
        with self._read.begin() as c:
            row = c.execute(select(a.id, a.name, a.role, a.unit, a.disabled).where(a.id == name)).one_or_none()
        return (User(*row[:4]), row.disabled is not None) if row else None

    def add_account(self, user: User, only: bool = False) -> str:
        """Makes or renews the account and gives it one more token; `only` ends its earlier ones. ValueError for an unknown role."""
        if user.role not in ACCOUNTS:
            raise ValueError(f"role {user.role!r} is not one of {', '.join(ACCOUNTS)}")
        made = secrets.token_urlsafe(24)
        with self._write.begin() as c:
            write_many(c, t.account, [(user.id, user.name, user.role, user.unit, wall_ms(), None)], "id", update=True)
            if only:
                c.execute(delete(t.token).where(t.token.c.account == user.id))
            c.execute(insert(t.token).values(hash=hash_token(made), account=user.id, made=wall_ms()))
        return made

    def add_token(self, account: str) -> str:
        """One more token of an account that there is."""
        made = secrets.token_urlsafe(24)
        with self._write.begin() as c:
            c.execute(insert(t.token).values(hash=hash_token(made), account=account, made=wall_ms()))
        return made

    def accounts(self) -> list[dict[str, Any]]:
        a = t.account.c
        with self._read.begin() as c:
            return [dict(r) for r in c.execute(select(a.id, a.name, a.role, a.unit, a.made, a.disabled).order_by(a.id)).mappings()]

    def disable_account(self, account: str) -> bool:
        """False when there is no such account."""
        with self._write.begin() as c:
            return c.execute(update(t.account).where(t.account.c.id == account).values(disabled=wall_ms())).rowcount == 1


def _any(users: Iterable[User]) -> ColumnElement[bool]:
    a = t.account.c
    return or_(*(and_(a.id == u.id, a.name == u.name, a.role == u.role, a.unit == u.unit) for u in users))
