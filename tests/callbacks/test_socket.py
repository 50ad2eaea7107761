"""Sockets as the middleware keeps them: what opens one, and with which code each of them is closed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from callbacks import live
from callbacks.auth.middleware import SOCKETS
from callbacks.live import FLOOD
from dashboard.access.role import User
from tests.callbacks.auth.test_middleware import away
from tests.callbacks.running import Running


class Socket:
    """One socket; what came from the middleware is in `sent`."""

    def __init__(self, city: Running, who: str | None, query: bytes = b"scope=c&format=json") -> None:
        self.city, self.sent, self.said = city, [], asyncio.Queue()  # type: ignore[var-annotated]
        self.said.put_nowait({"type": "websocket.connect"})
        self.scope = {
            "type": "websocket", "asgi": {"version": "3.0"}, "path": "/live", "query_string": query, "headers": city.headers(who),
            "state": {},
        }  # fmt: skip

    async def open(self) -> None:
        async def send(message: dict[str, Any]) -> None:
            self.sent.append(message)

        self.task = asyncio.create_task(self.city.app(self.scope, self.said.get, send))
        await self.until(lambda: bool(self.sent))

    def say(self, text: str) -> None:
        self.said.put_nowait({"type": "websocket.receive", "text": text})

    async def until(self, true: Callable[[], bool]) -> None:
        for _ in range(1000):
            if true():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(self.sent[-3:])

    @property
    def closed(self) -> int | None:
        return next((m["code"] for m in self.sent if m["type"] == "websocket.close"), None)

    async def leave(self) -> None:
        self.said.put_nowait({"type": "websocket.disconnect"})
        await self.task


@pytest.mark.parametrize(
    "query", ["since=²".encode(), b"since=%C2%B2", b"since=" + b"9" * 5000, b"since=-1", b"scope=%ff", b"scope=%00", b"\xff=\xff"]
)
def test_an_odd_question_for_a_socket(city: Running, query: bytes) -> None:
    async def try_() -> None:
        socket = Socket(city, "first", query)
        await socket.open()
        await socket.leave()
        assert socket.sent[0]["type"] in ("websocket.accept", "websocket.close")

    city.run(try_())


def test_a_socket_whose_account_has_another_role_ends(city: Running) -> None:
    async def try_() -> None:
        socket = Socket(city, "chief")
        await socket.open()
        city.app.session._seen.clear()
        await asyncio.to_thread(city.accounts.add_account, User("chief", "chief", "dispatcher", "c"))
        socket.say('{"t":"ping","id":1}')
        await socket.until(lambda: socket.closed == 4403)
        await socket.task

    try:
        city.run(try_())
    finally:
        city.accounts.add_account(User("chief", "chief", "duty_chief", "c"))
        city.app.session._seen.clear()


def test_a_socket_that_nobody_can_vouch_for_is_closed_but_not_as_a_stranger_s(city: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    async def try_() -> None:
        socket = Socket(city, "first")
        await socket.open()
        with away(city, monkeypatch):
            city.app.session._seen.clear()
            socket.say('{"t":"ping","id":1}')
            await socket.until(lambda: socket.closed == 4503)
        await socket.task

    city.run(try_())


def test_sockets_of_one_account_are_bounded(city: Running) -> None:
    async def try_() -> None:
        sockets = [Socket(city, "wall") for _ in range(SOCKETS + 1)]
        for socket in sockets:
            await socket.open()
        assert [s.closed for s in sockets] == [None] * SOCKETS + [4429]
        other = Socket(city, "first")
        await other.open()
        assert other.closed is None
        for socket in (*sockets[:-1], other):
            await socket.leave()
        assert not city.app._sockets
        again = Socket(city, "wall")
        await again.open()
        assert again.closed is None
        await again.leave()

    city.run(try_())


def test_a_flood_of_messages_ends_its_socket(city: Running) -> None:
    async def try_() -> None:
        socket = Socket(city, "first")
        await socket.open()
        for n in range(FLOOD * 3):
            socket.say(json.dumps({"t": "ping", "id": n}))
        await socket.until(lambda: socket.closed == 4429)
        await socket.task

    city.run(try_())


@pytest.mark.parametrize(("format_", "code"), [("z", 4408), ("json", None)])
def test_a_page_that_says_nothing_is_gone(city: Running, monkeypatch: pytest.MonkeyPatch, format_: str, code: int | None) -> None:
    """Our own pages ping; other systems only listen, and are not closed for it."""
    monkeypatch.setattr(live, "SILENT", 0.3)
    monkeypatch.setattr(live, "RECHECK", 0.1)

    async def try_() -> None:
        talks, silent = Socket(city, "first", b"scope=c&format=z"), Socket(city, "first", f"scope=c&format={format_}".encode())
        await talks.open()
        await silent.open()
        for n in range(10):
            talks.say(json.dumps({"t": "ping", "id": n}))
            await asyncio.sleep(0.1)
        assert (talks.closed, silent.closed) == (None, code)
        await talks.leave()
        await silent.leave()

    city.run(try_())


@pytest.mark.parametrize(("who", "query"), [(None, b"scope=c"), ("east", b"scope=d2"), ("east", b"scope=c"), ("east", b"scope=nowhere")])
def test_who_may_not_see_a_scope_is_refused_before_it_opens(city: Running, who: str | None, query: bytes) -> None:
    city.tokens["east"] = city.accounts.add_account(User("east", "east", "dispatcher", "d1"))

    async def try_() -> None:
        socket = Socket(city, who, query)
        await socket.open()
        assert [m["type"] for m in socket.sent] == ["websocket.close"]
        assert socket.closed == 4403
        await socket.task

    city.run(try_())


def test_a_socket_of_an_account_that_is_disabled_ends_though_it_says_nothing(city: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "RECHECK", 0.1)
    token = city.accounts.add_account(User("leaver", "leaver", "wall", "c"))
    city.tokens["leaver"] = token

    async def try_() -> None:
        socket = Socket(city, "leaver")
        await socket.open()
        await asyncio.to_thread(city.accounts.disable_account, "leaver")
        city.app.session._seen.clear()
        await socket.until(lambda: socket.closed == 4403)
        await socket.task

    city.run(try_())


@pytest.mark.parametrize(
    "said", ["", "[", "[" * 190, "5", '{"t":1}', '{"t":"ping","id":{}}', '{"t":"ping","id":99999999999999999999999999}', "x" * 4000]
)
def test_nonsense_on_a_socket_says_nothing(city: Running, said: str) -> None:
    async def try_() -> None:
        socket = Socket(city, "first")
        await socket.open()
        socket.say(said)
        socket.say('{"t":"ping","id":7}')
        await socket.until(lambda: any('"id":7' in m.get("text", "") for m in socket.sent))
        await socket.leave()

    city.run(try_())
