"""gunicorn with proofs of life: its workers are replaced by it when they hang, itself by `up`."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.gasgi import ASGIWorker

from callbacks import protocol

SILENCE = 15
"""Seconds without a sign of life after which a worker is replaced."""


class Worker(ASGIWorker):
    """Shows its life from the loop's first turn on: loading a great board takes longer than a hung worker is left alone."""

    async def _serve(self) -> None:
        showing = asyncio.create_task(self._show())
        try:
            await super()._serve()
        finally:
            showing.cancel()

    async def _show(self) -> None:
        while True:
            self.notify()
            await asyncio.sleep(1.0)


def listen(host: str, port: int, seconds: float = 0.0) -> socket.socket:
    """A bound socket, on which gunicorn listens when the app is loaded.

    OSError when the port is still in use after so many seconds: workers of a killed master need a moment to end.
    """
    end = time.monotonic() + seconds
    while True:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        bound = socket.socket(family, kind)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(address)
            return bound
        except OSError:
            bound.close()
            if time.monotonic() >= end:
                raise
        time.sleep(0.2)


def serve(load: Callable[[], Callable[..., Awaitable[None]]], bound: socket.socket, workers: int, beat: Callable[[], None],
          silence: int = SILENCE) -> None:  # fmt: skip
    """Runs until told to stop, or until its parent is gone. `beat` is called about once a second by the master."""
    parent = os.getppid()
    protocol.install()

    class Master(Arbiter):
        def murder_workers(self) -> None:
            beat()
            if os.getppid() != parent:
                raise StopIteration
            super().murder_workers()

    class Web(BaseApplication):
        def load_config(self) -> None:
            options: dict[str, Any] = {
                "bind": f"fd://{bound.fileno()}", "workers": workers, "worker_class": Worker, "preload_app": True,
                "graceful_timeout": 3, "timeout": silence, "asgi_lifespan": "on", "loglevel": "warning", "proc_name": "gridcommand-web",
                "control_socket_disable": True, **protocol.OPTIONS,
            }  # fmt: skip
            for key, value in options.items():
                if key in self.cfg.settings:
                    self.cfg.set(key, value)

        def load(self) -> Callable[..., Awaitable[None]]:
            return load()

    Master(Web()).run()
