"""`gridcommand web` with a real gunicorn worker, and sockets below every client library."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen

import psutil

from dashboard.access.role import User
from data_access.account import SqlAccounts
from data_access.database import connect, migrate, url_of
from data_access.registry import SqlRegistry
from tests.circle import demo_rules
from tests.conftest import ROOT
from tests.made import UNITS


class Web:
    """`gridcommand web` with one worker, on a port of its own."""

    def __init__(self, folder: Path, redis_url: str) -> None:
        migrate(url_of("", folder))
        engine = connect(url_of("", folder))
        SqlRegistry(engine).replace_places(UNITS, [], [])
        demo_rules(engine)
        self.token = SqlAccounts(engine).add_account(User("first", "first", "dispatcher", "c"))
        engine.dispose()
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = int(s.getsockname()[1])
        env = {k: v for k, v in os.environ.items() if not k.startswith("GRIDCOMMAND_")}
        env |= {"GRIDCOMMAND_DATA_DIR": str(folder), "GRIDCOMMAND_WORKERS": "1", "GRIDCOMMAND_PORT": str(self.port)}
        env |= {"GRIDCOMMAND_REDIS_URL": redis_url}
        self.env = env
        self.process = subprocess.Popen([sys.executable, str(ROOT / "app.py"), "web"], env=env, cwd=folder)
        end = time.monotonic() + 30
        while not self._answers():
            assert time.monotonic() < end and self.process.poll() is None
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            return self.get("/healthz") == 200
        except OSError:
            return False

    def get(self, path: str) -> int:
        request = Request(f"http://127.0.0.1:{self.port}{path}", headers={"Authorization": f"Bearer {self.token}"})
        with urlopen(request, timeout=10) as answer:
            return int(answer.status)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), 20)

    @property
    def memory(self) -> int:
        return int(psutil.Process(self.process.pid).children()[0].memory_info().rss)

    def handshake(self, token: str = "") -> tuple[socket.socket, bytes]:
        """(a connection that asked for a socket, the first bytes of the answer)."""
        s = self.connect()
        s.sendall(
            f"GET /live?scope=c&format=json HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Authorization: Bearer {token or self.token}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        answer = b""
        while not answer.endswith(b"\r\n\r\n") and (part := s.recv(1)):  # not a byte of what follows
            answer += part
        return s, answer

    def socket(self) -> socket.socket:
        s, answer = self.handshake()
        assert answer.startswith(b"HTTP/1.1 101")
        return s


def rest(s: socket.socket) -> bytes:
    """What comes until the other side closes."""
    got = b""
    try:
        while part := s.recv(65536):
            got += part
    except ConnectionError:
        pass
    return got


def gone(s: socket.socket, seconds: float) -> bool:
    """Whether the other side closes within this time."""
    s.settimeout(0.2)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if not s.recv(65536):
                return True
        except TimeoutError:
            continue
        except ConnectionError:
            return True
    return False


def frame(opcode: int, payload: bytes, fin: bool = True) -> bytes:
    n = len(payload)
    size = (
        bytes([0x80 | n])
        if n < 126
        else bytes([0x80 | 126]) + struct.pack("!H", n)
        if n < 65536
        else bytes([0x80 | 127]) + struct.pack("!Q", n)
    )
    return bytes([(0x80 if fin else 0) | opcode]) + size + b"\0\0\0\0" + payload


def closed_with(s: socket.socket, seconds: float = 20) -> int | None:
    """The code of the close frame that the server sends, None where it closes without one."""
    s.settimeout(seconds)
    with s.makefile("rb") as stream:
        while len(head := stream.read(2)) == 2:
            size = head[1] & 0x7F
            if size > 125:
                size = int.from_bytes(stream.read(2 if size == 126 else 8), "big")
            payload = stream.read(size)
            if head[0] & 0x0F == 8:
                return int.from_bytes(payload[:2], "big")
    return None
