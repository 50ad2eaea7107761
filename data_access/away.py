"""What may be away: a Redis or database that does not answer becomes `Away`, which its callers wait out (house rule 10)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis import exceptions as redis_errors
from sqlalchemy import Engine, event
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from dashboard.ports.away import Away

NOT_NOW = ("OOM", "MISCONF", "NOREPLICAS")
"""First words of a server's answer that mean: not now, where the client has no error of its own. Other refusals are our mistakes."""
_REDIS_GONE = (
    redis_errors.ConnectionError, redis_errors.TimeoutError, redis_errors.ReadOnlyError, redis_errors.ClusterDownError,
    redis_errors.MasterDownError, redis_errors.TryAgainError, redis_errors.NoPermissionError, OSError,
)  # fmt: skip


@contextmanager
def redis_may_be_away() -> Iterator[None]:
    """Raises Away("redis") for a server that is gone, loading, full, read-only, or gives this user too few rights. Also around `await`."""
    try:
        yield
    except _REDIS_GONE as e:
        raise Away("redis", str(e) or type(e).__name__) from e
    except redis_errors.OutOfMemoryError as e:
        raise Away("redis", str(e), full=True) from e
    except redis_errors.ResponseError as e:
        if not str(e).startswith(NOT_NOW):
            raise
        raise Away("redis", str(e), full=str(e).startswith("OOM")) from e


def database_may_be_away(engine: Engine) -> None:
    """From now on whatever asks this engine raises Away("database") where the server, its disk or its lock cannot be had.

    What the data itself makes go wrong (too long, not unique, no such table) stays what it was.
    """

    @event.listens_for(engine, "handle_error")
    def _away(context: Any) -> None:
        if context.is_pre_ping:
            return  # the pool asks whether a connection still lives, and makes a new one itself
        error = context.sqlalchemy_exception
        named = isinstance(error, (OperationalError, InterfaceError)) or getattr(context.original_exception, "sqlstate", None) in _CUT_OFF
        if named and not _ours(context.original_exception):
            raise Away("database", _line(context.original_exception)) from context.original_exception


@contextmanager
def pool_may_be_busy() -> Iterator[None]:
    """A connection that none of the pool's became in time."""
    try:
        yield
    except PoolTimeout as e:
        raise Away("database", "every connection is busy") from e


_CUT_OFF = ("25P03", "25P04", "25006")
"""PostgreSQL ended a transaction that was idle or open for too long, or has become a read-only standby: the driver calls it internal."""
_OURS = ("no such table", "no such column", "syntax error", "too many SQL variables", "string or blob too big")
"""SQLite calls these operational errors too, but no waiting mends them."""


def _ours(error: BaseException | None) -> bool:
    return any(word in str(error) for word in _OURS)


def _line(error: BaseException | None) -> str:
    """The first line of what the driver says; it names host and port, never the password."""
    return str(error).strip().partition("\n")[0] or type(error).__name__
