"""The web server's own limits, below everything that knows a request: what a connection may cost before and beside it.

gunicorn's asgi worker bounds lines and fields of a header, and the size of a socket's message. It has no end for a header that never
ends, none for the number of connections, and none for what a socket says; these are here. Its protocol class has no setting, so the
worker's module is given ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from gunicorn.asgi.protocol import ASGIProtocol
from gunicorn.workers import gasgi

from callbacks.header import ALWAYS, NEVER
from callbacks.problem import MEDIA, Problem

OPTIONS = {
    "limit_request_line": 8190, "limit_request_fields": 64, "limit_request_field_size": 8190,
    "websocket_max_message_size": 4096, "worker_connections": 4000,
}  # fmt: skip
HEADER_SECONDS = 10.0
"""In which the first header of a connection must be whole; between two requests gunicorn's keepalive (2 s) holds."""
HEADER_BYTES = 64 << 10
HALF_OPEN = 128
"""Connections of one address that have not sent a whole header yet; one more ends the oldest. Browsers open a few in advance."""
QUOTED = 200
"""Characters that an error says at most: gunicorn quotes the request."""
SOCKET_RATE, SOCKET_BURST = 4 << 10, 32 << 10
"""Bytes a second that a socket may say, and how many at once; our own browser code says some 100 in five seconds."""


class Protocol(ASGIProtocol):
    """One connection."""

    waiting: dict[str, dict[Protocol, None]] = {}
    """Half-open connections by address, oldest first; of this process."""

    def __init__(self, worker: Any) -> None:
        super().__init__(worker)
        self._header_timer: Any = None
        self._header_bytes = 0
        self._spoken, self._spoken_at = 0.0, 0.0
        self._address = ""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if self.worker.nr_conns > self.worker.worker_connections:
            transport.abort()
            return
        peer = transport.get_extra_info("peername")
        self._address = peer[0] if isinstance(peer, tuple) else str(peer)
        mine = self.waiting.setdefault(self._address, {})
        mine[self] = None
        self._header_timer = self.worker.loop.call_later(HEADER_SECONDS, self._too_slow)
        if len(mine) > HALF_OPEN:
            next(iter(mine))._too_slow()

    def data_received(self, data: bytes) -> None:
        if self._websocket is not None:
            if self._talks_too_much(len(data)):
                self.transport.abort()
                return
        elif self._header_timer is not None:
            self._header_bytes += len(data)
        super().data_received(data)
        if self._header_timer is None:
            return
        if self._current_request is not None:
            self._header_is_whole()
        elif self._header_bytes > HEADER_BYTES:
            self._end(431, f"a header is at most {HEADER_BYTES} bytes")

    def connection_lost(self, exc: Exception | None) -> None:
        self._header_is_whole()
        super().connection_lost(exc)

    def _header_is_whole(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None
        mine = self.waiting.get(self._address)
        if mine is not None:
            mine.pop(self, None)
            if not mine:
                del self.waiting[self._address]

    def _too_slow(self) -> None:
        self._end(408, f"a header must be there within {HEADER_SECONDS:g} seconds")

    def _end(self, status: int, why: str) -> None:
        self._header_is_whole()
        if not self._closed:
            self._send_error_response(status, why)
            self._close_transport()
            self._request_ready.set()  # its task sees that it is over

    def _send_error_response(self, status: int, message: str, extra_headers: Iterable[tuple[str, str]] = ()) -> None:
        """What cannot even be read as a request is answered as everything else is: problem+json, with our headers."""
        phrase = HTTPStatus(status).phrase
        body = Problem(status, phrase, message[:QUOTED]).body()
        own = [(name.decode(), value.decode()) for name, value in (*ALWAYS, NEVER)]
        headers = [("Content-Type", MEDIA), ("Content-Length", len(body)), *own, *extra_headers, ("Connection", "close")]
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        self._safe_write(f"HTTP/1.1 {status} {phrase}\r\n{lines}\r\n".encode("latin-1") + body)

    def _talks_too_much(self, size: int) -> bool:
        """A bucket that empties with time; every byte of every frame counts: pings, fragments, messages."""
        now = self.worker.loop.time()
        self._spoken = max(0.0, self._spoken - (now - self._spoken_at) * SOCKET_RATE) + size
        self._spoken_at = now
        return self._spoken > SOCKET_BURST


def install() -> None:
    """From now on this process's asgi workers speak with `Protocol`."""
    gasgi.ASGIProtocol = Protocol
