# ruff: noqa: E501
"""The real web server under connections that no browser makes."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from callbacks.live import FLOOD
from callbacks.protocol import HALF_OPEN, HEADER_BYTES
from tests.callbacks.web import Web, closed_with, frame, gone, rest


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, valkey_url: str) -> Iterator[Web]:
    made = Web(tmp_path_factory.mktemp("web"), valkey_url)
    yield made
    made.process.send_signal(signal.SIGTERM)
    made.process.wait(20)


def test_half_requests_are_bounded_in_number_and_time(web: Web) -> None:
    half = [web.connect() for _ in range(HALF_OPEN + 20)]
    for s in half:
        s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    time.sleep(0.5)
    assert web.get("/healthz") == 200, "honest requests go on"
    assert gone(half[0], 3), "the oldest of too many has to go"
    assert rest(half[-1]).startswith(b"HTTP/1.1 408"), "and the others end in time"
    for s in half:
        s.close()


def test_a_header_that_never_ends_is_cut(web: Web) -> None:
    s, sent = web.connect(), 0
    s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
    try:
        while sent < 4 * HEADER_BYTES:
            line = f"X-{sent}: ".encode() + b"x" * 2000 + b"\r\n"
            s.sendall(line)
            sent += len(line)
            time.sleep(0.002)
    except ConnectionError:
        pass
    assert gone(s, 5) and sent < 4 * HEADER_BYTES


def test_a_body_without_end_costs_no_memory_and_is_answered(web: Web) -> None:
    before = web.memory
    s = web.connect()
    s.sendall(b"POST /_dash-update-component HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    part = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    sent = 0
    try:
        for _ in range(1600):  # 100 MiB
            s.sendall(part)
            sent += len(part)
    except ConnectionError:
        pass
    assert sent < 90 << 20
    assert web.memory - before < 40 << 20
    assert web.get("/healthz") == 200


def test_a_body_that_is_too_large_is_told_so(web: Web) -> None:
    s = web.connect()
    body = b"x" * (3 << 20)
    s.sendall(b"POST /_dash-update-component HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    got = rest(s)
    assert got.startswith(b"HTTP/1.1 413") and b"application/problem+json" in got


def test_unfinished_messages_cost_no_memory(web: Web) -> None:
    """Twenty of 16 MB each cost 393 MB."""
    before, sockets = web.memory, [web.socket() for _ in range(20)]
    for s in sockets:
        try:
            s.sendall(frame(1, b"x" * 4000, fin=False))
            for _ in range(60):
                s.sendall(frame(0, b"x" * 4000, fin=False))
        except ConnectionError:
            continue
    assert all(gone(s, 5) for s in sockets)
    large = web.socket()
    with suppress(ConnectionError):
        large.sendall(frame(1, b"x" * (8 << 20), fin=False))
    assert gone(large, 5)
    assert web.memory - before < 30 << 20


@pytest.mark.parametrize("kind", [frame(9, b""), frame(0, b"", fin=False), frame(1, b"{}")], ids=["pings", "fragments", "messages"])
def test_a_socket_that_talks_without_end_is_closed(web: Web, kind: bytes) -> None:
    s = web.socket()
    if kind[0] == 0:
        s.sendall(frame(1, b"", fin=False))
    try:
        for _ in range(3000):
            s.sendall(kind * 20)
    except ConnectionError:
        pass
    assert gone(s, 8)
    assert web.get("/healthz") == 200


def test_a_socket_that_behaves_stays(web: Web) -> None:
    s = web.socket()
    for n in range(20):
        s.sendall(frame(1, b'{"t":"ping","id":%d}' % n))
        time.sleep(0.05)
    assert not gone(s, 1)
    s.close()


def test_the_code_of_a_closed_socket_reaches_the_browser(web: Web) -> None:
    s = web.socket()
    s.sendall(frame(1, b'{"t":"ping"}') * (FLOOD + 1))
    assert closed_with(s) == 4429


def test_a_socket_that_may_not_be_is_refused_by_http(web: Web) -> None:
    """Before it is open no code can be told; the browser asks a small page what is the matter (assets/live/live.js)."""
    assert web.handshake(token="guess")[1].startswith(b"HTTP/1.1 403")


def test_bytes_that_are_no_request(web: Web) -> None:
    for said in (b"\x16\x03\x01" * 40 + b"\r\n\r\n", b"GET /%zz%ff\xff HTTP/1.1\r\nHost: \xff\r\n\r\n", b"GET / HTTP/1.1\r\nCookie: \xe9\xff\r\nHost: x\r\nConnection: close\r\n\r\n",
                 b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n", b"POST /map/select HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"):  # fmt: skip
        s = web.connect()
        s.sendall(said)
        first = rest(s)
        assert first == b"" or first.startswith((b"HTTP/1.1 2", b"HTTP/1.1 4", b"HTTP/1.1 501")), first[:200]
    assert web.get("/healthz") == 200


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("GET /api/v1/cases?limit=\xb2 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("POST /api/v1/commands HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde", 400),
        ("POST /api/v1/commands HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("POST /api/v1/commands HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: strange\r\n\r\n", 501),
        ("A" * 6000 + " /api/v1/cases HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET /live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", 426),
    ],
)
def test_what_is_no_request_is_answered_as_a_problem_too(web: Web, request_line: str, status: int) -> None:
    """gunicorn's own words were text/plain without our headers, and as long as the request."""
    with web.connect() as s:
        s.sendall(request_line.encode("latin-1"))
        head, _, body = b"".join(iter(lambda: s.recv(65536), b"")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"application/problem+json" in head and b"nosniff" in head and b"no-store" in head
    assert json.loads(body)["status"] == status and len(body) < 400
