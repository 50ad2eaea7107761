"""Many WebSockets and the servers they are compared with, each in a process of its own: `python -m benchmarks.sockets ROLE …`.

`load PORT N SECONDS PATH TOKEN` opens N sockets and prints how many frames came; `bare PORT FILE` broadcasts the file's bytes ten times a
second with nothing but uvloop; `dash PORT FILE` sends the same through Dash's persistent WebSocket callback.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import uvloop

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
EVERY = 0.1


def framed(body: bytes) -> bytes:
    """One unmasked binary frame."""
    head = bytes((0x82, len(body))) if len(body) < 126 else bytes((0x82, 126)) + len(body).to_bytes(2, "big")
    return head + body


class BareServer(asyncio.Protocol):
    """As little as a broadcast can be: shake hands, then be written to."""

    everybody: set[asyncio.Transport]

    def __init__(self, everybody: set[asyncio.Transport]) -> None:
        self.everybody = everybody

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if data.startswith(b"GET"):
            key = next(line.split(b": ")[1] for line in data.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
            accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
            shake = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
            self.transport.write(shake + accept + b"\r\n\r\n")
            self.everybody.add(self.transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.everybody.discard(self.transport)


async def bare(port: int, body: bytes) -> None:
    everybody: set[asyncio.Transport] = set()
    await asyncio.get_running_loop().create_server(lambda: BareServer(everybody), "127.0.0.1", port)
    wire = framed(body)
    while True:
        await asyncio.sleep(EVERY)
        for transport in everybody:
            transport.write(wire)


def dash_server(port: int, body: bytes) -> None:
    """Dash's own way: a callback that stays and sets a property ten times a second, once per viewer."""
    import uvicorn
    from dash import Dash, html, set_props

    app = Dash(__name__, backend="fastapi", websocket_callbacks=True, websocket_batch_delay=0)
    app.layout = html.Div(id="out")
    text = body.decode("latin-1")

    @app.callback(persistent=True)
    async def stay() -> None:
        while True:
            set_props("out", {"children": text})
            await asyncio.sleep(EVERY)

    app._setup_server()
    uvicorn.run(app.server, host="127.0.0.1", port=port, log_level="error", loop="uvloop")


class Viewer(asyncio.Protocol):
    """Counts whole frames; says what it has to say after the handshake."""

    def __init__(self, port: int, path: str, token: str, say: bytes) -> None:
        self.head = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: http://127.0.0.1:{port}\r\n"
            f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {token}\r\n\r\n"
        ).encode()
        self.say, self.buffer, self.frames, self.open = say, b"", 0, False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self.head)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.open:
            shake, found, rest = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return
            self.open, self.buffer = b" 101 " in shake, rest
            if self.say:
                self.transport.write(masked(self.say))
        while len(self.buffer) >= 2:
            length, head = self.buffer[1] & 127, 2
            if length >= 126:
                size = 2 if length == 126 else 8
                length, head = int.from_bytes(self.buffer[2 : 2 + size], "big"), 2 + size
            if len(self.buffer) < head + length:
                return
            self.buffer = self.buffer[head + length :]
            self.frames += 1


def masked(text: bytes) -> bytes:
    """A client's text frame; a mask of zeros is a mask."""
    return bytes((0x81, 0x80 | 126)) + len(text).to_bytes(2, "big") + b"\0\0\0\0" + text


async def load(port: int, count: int, seconds: float, path: str, tokens: list[str], say: str) -> None:
    """`tokens`: taken in turn, for an account may hold only so many sockets."""
    loop = asyncio.get_running_loop()
    viewers = [Viewer(port, path, tokens[i % len(tokens)], say.encode()) for i in range(count)]
    for viewer in viewers:
        await loop.create_connection(lambda v=viewer: v, "127.0.0.1", port)  # type: ignore[misc]
        await asyncio.sleep(0.002)
    await asyncio.sleep(2)
    print("start", sum(v.frames for v in viewers), sum(v.open for v in viewers), flush=True)
    await asyncio.sleep(seconds)
    print("end", sum(v.frames for v in viewers), flush=True)


if __name__ == "__main__":
    role, port_ = sys.argv[1], int(sys.argv[2])
    if role == "load":
        _, _, _, count_, seconds_, path_, tokens_, say_ = sys.argv
        uvloop.run(load(port_, int(count_), float(seconds_), path_, tokens_.split(","), say_))
    else:
        body_ = Path(sys.argv[3]).read_bytes()
        if role == "bare":
            uvloop.run(bare(port_, body_))
        else:
            dash_server(port_, body_)


def dash_request(dependencies: list[dict[str, Any]]) -> str:
    """The message with which Dash's renderer starts its persistent callback."""
    output = dependencies[0]["output"]
    payload = {"output": output, "outputs": [], "inputs": [], "changedPropIds": [], "state": []}
    return json.dumps({"type": "callback_request", "requestId": "1", "rendererId": "r", "payload": payload})
