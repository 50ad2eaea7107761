"""gunicorn as we run it: a hung worker is replaced, a slow start is not, a gone parent ends it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import httpx
import psutil
import pytest

from tests.conftest import ROOT

PROGRAM = """
import asyncio, os, sys
from callbacks.serve import listen, serve
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await asyncio.sleep(float(sys.argv[2]))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(os.getpid()).encode()})
serve(lambda: app, listen("127.0.0.1", int(sys.argv[1])), 1, lambda: None, silence=2)
"""


class Server:
    def __init__(self, slow: float = 0) -> None:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        line = [sys.executable, "-c", PROGRAM, str(port), str(slow)]
        self.process = subprocess.Popen(line, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE)

    def worker(self) -> int:
        """Pid of the worker that answers, 0 when none does."""
        try:
            return int(httpx.get(self.url, timeout=1).text)
        except httpx.TransportError:
            return 0


def until(done: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    made = Server(getattr(request, "param", 0))
    yield made
    made.process.send_signal(signal.SIGTERM)
    made.process.communicate(timeout=15)


def test_a_stopped_worker_is_replaced(server: Server) -> None:
    until(server.worker)
    stopped = server.worker()
    os.kill(stopped, signal.SIGSTOP)
    until(lambda: server.worker() not in (0, stopped))
    assert not psutil.pid_exists(stopped)


@pytest.mark.parametrize("server", [5], indirect=True)
def test_a_long_start_is_not_mistaken_for_silence(server: Server) -> None:
    until(server.worker)
    master = psutil.Process(server.process.pid)
    assert [p.pid for p in master.children()] == [server.worker()]
    assert time.time() - psutil.Process(server.worker()).create_time() >= 5, "it is still the first one"


def test_ctrl_c_is_silent(server: Server) -> None:
    until(server.worker)
    for p in (psutil.Process(server.worker()), server.process):
        p.send_signal(signal.SIGINT)
    _, said = server.process.communicate(timeout=15)
    assert (server.process.returncode, said) == (0, b"")
