"""Whether a command can begin: what it needs is there, or one line says what the operator must do."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import redis
from sqlalchemy import make_url, text

from dashboard.ports.away import AGAIN, Away, NotReady
from dashboard.settings import Settings
from data_access import away
from data_access.database import NewerSchema, connect, migrate, url_of

SOCKET_PATH = 103
"""Bytes that the path of a unix socket may have on every system that we run on (macOS: 103, Linux: 107)."""
FILES = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR)
"""What a file system says no with that is the operator's to mend."""
_COMING = (
    "refused", "No such file", "timeout expired", "resolve host", "could not translate", "starting up", "启动中", "shutting down",
    "Network is unreachable", "No route to host", "too many clients", "server closed the connection", "every connection is busy",
)  # fmt: skip
"""What libpq and the server say where waiting may help; libpq has no codes for connections that fail."""
_FULL = ("full", "No space left", "disk I/O error", "could not extend")
_READ_ONLY = ("readonly", "read-only", "unable to open")


def folder(settings: Settings, write: bool = False) -> None:
    """The data folder is there; with `write` something can be written to it. Raises NotReady."""
    path = settings.folder
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if write:
            _try_to_write(path / f".try-{os.getpid()}")
    except OSError as e:
        raise NotReady(of_file(e, path)) from None
    if not settings.redis_url and len(os.fsencode(settings.socket)) > SOCKET_PATH:
        raise NotReady(
            f"the data folder's path is too long for a socket in it: {settings.socket}; at most {SOCKET_PATH} bytes, use a shorter --data"
        )


def _try_to_write(path: Path) -> None:
    try:
        path.write_bytes(b"\0" * 65536)
    finally:
        path.unlink(missing_ok=True)


def of_file(e: OSError, path: Path) -> str:
    """What a file system's no means for the operator."""
    name = e.filename or path
    if e.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"no space is left for {name} ({e.strerror}); free some and start again"
    if e.errno in (errno.EEXIST, errno.ENOTDIR):
        return f"{name} is not a folder; give one with --data"
    if e.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return f"{name} cannot be written ({e.strerror}); make it writable for this user, or give another folder with --data"
    return f"{name}: {e.strerror}"


def database(settings: Settings, seconds: float = 0.0, say: Callable[[str], None] = print) -> None:
    """The database answers and has the newest schema. A server that is not there yet is waited for so long. Raises NotReady."""
    url = url_of(settings.database_url, settings.folder)
    try:
        _wait(lambda: _connect(url), seconds, say)
        migrate(url)
    except Away as e:
        raise of_away(e, settings) from None
    except NewerSchema as e:
        raise NotReady(f"{_where(settings)}: {e}") from None


def _connect(url: str) -> None:
    engine = connect(url)
    try:
        with engine.connect() as c:
            c.execute(text("SELECT 1"))
    finally:
        engine.dispose()


def server(settings: Settings, url: str, seconds: float = 0.0, say: Callable[[str], None] = print) -> None:
    """Redis or Valkey answers and knows us. Raises NotReady."""
    try:
        _wait(lambda: _ping(url), seconds, say)
    except Away as e:
        raise of_away(e, settings) from None


def _ping(url: str) -> None:
    client = redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=5)
    try:
        with away.redis_may_be_away():
            client.ping()
    finally:
        client.close()


def _wait(attempt: Callable[[], None], seconds: float, say: Callable[[str], None]) -> None:
    end, said = time.monotonic() + seconds, False
    while True:
        try:
            return attempt()
        except Away as e:
            if not _may_come(e) or time.monotonic() >= end:
                raise
            if not said:
                say(f"{e}; waiting up to {seconds:.0f} s for it")
            said = True
        time.sleep(0.3)


def _may_come(e: Away) -> bool:
    """Whether waiting may help where nothing has worked yet."""
    cause = e.__cause__
    if e.what == "redis":
        return not isinstance(cause, (redis.AuthenticationError, redis.exceptions.NoPermissionError)) and not e.full
    return any(word in e.why for word in _COMING) or "locked" in e.why


def of_away(e: Away, settings: Settings) -> NotReady:
    """The one line for something that cannot be had."""
    where = _where(settings) if e.what == "database" else _redis(settings)
    if _may_come(e):
        hint = "start it, or `gridcommand up`, and try again" if e.what == "redis" else "start it and try again"
        return NotReady(f"{where} does not answer: {e.why}; {hint}", AGAIN)
    if e.full or any(word in e.why for word in _FULL):
        return NotReady(f"{where} takes nothing more: {e.why}; free some space and start again")
    if any(word in e.why for word in _READ_ONLY):
        return NotReady(f"{where} cannot be written: {e.why}; make it writable for this user, or give another folder with --data")
    name = "GRIDCOMMAND_DATABASE_URL" if e.what == "database" else "GRIDCOMMAND_REDIS_URL"
    return NotReady(f"{where} refuses this program: {e.why}; mend {name}, or the account there")


def _where(settings: Settings) -> str:
    """The database without its password."""
    if not settings.database_url or settings.database_url.startswith("sqlite"):
        return f"the database in {settings.folder}"
    url = make_url(url_of(settings.database_url, settings.folder))
    return f"the database {url.database or ''} at {url.host or url.query.get('host', 'localhost')}"


def _redis(settings: Settings) -> str:
    if not settings.redis_url:
        return f"Redis at {settings.socket}"
    parts = urlsplit(settings.redis_url)
    return f"Redis at {parts.hostname or ''}{f':{parts.port}' if parts.port else parts.path}"
