"""The web worker's ASGI app as it runs, in this process: the middleware, Dash and FastAPI behind it, a real database and a real Valkey.

Requests are given as bytes, so that they may be what no client library would send.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec

from app import Adapters, web_app
from dashboard.access.role import User
from dashboard.settings import Settings
from data_access.account import SqlAccounts
from data_access.database import connect, url_of
from data_access.registry import SqlRegistry
from tests.circle import demo_rules
from tests.made import UNITS

PEOPLE = {"first": "dispatcher", "wall": "wall", "chief": "duty_chief", "other": "api"}


class Answer(msgspec.Struct):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def is_problem(self) -> bool:
        return self.headers.get("content-type") == "application/problem+json" and self.json["status"] == self.status


class Running:
    """A loop in a thread of its own, with the app's lifespan around it."""

    def __init__(self, settings: Settings, rules: bool = True) -> None:
        """`rules`: with the demo's catalogue and limits."""
        self.settings = settings
        Adapters(settings).prepare()
        self.db = connect(url_of(settings.database_url, settings.folder))
        self.registry, self.accounts = SqlRegistry(self.db), SqlAccounts(self.db)
        self.registry.replace_places(UNITS, [], [])
        if rules:
            demo_rules(self.db)
        self.tokens = {name: self.accounts.add_account(User(name, name, role, "c")) for name, role in PEOPLE.items()}
        self.loop = asyncio.new_event_loop()
        self._thread = Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self.app: Any = web_app(settings)
        self.run(self._begin())

    def run(self, work: Coroutine[Any, Any, Any], seconds: float = 60) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(seconds)

    async def _begin(self) -> None:
        self._life: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._life.put_nowait({"type": "lifespan.startup"})
        self._alive = asyncio.create_task(
            self.app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, self._life.get, said.put)
        )
        assert (await said.get())["type"] == "lifespan.startup.complete"

    def stop(self) -> None:
        async def end() -> None:
            self._life.put_nowait({"type": "lifespan.shutdown"})
            await self._alive

        self.run(end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.db.dispose()

    def headers(self, who: str | None) -> list[tuple[bytes, bytes]]:
        bearer = [(b"authorization", f"Bearer {self.tokens[who]}".encode())] if who else []
        return [(b"host", b"city.example"), *bearer]

    def ask(self, method: str, path: str, who: str | None = "first", query: bytes = b"", body: Any = b"", **more: Any) -> Answer:
        return self.run(self.asked(method, path, who, query, body, **more))  # type: ignore[no-any-return]

    async def asked(
        self, method: str, path: str, who: str | None = "first", query: bytes = b"", body: Any = b"",
        headers: list[tuple[bytes, bytes]] | None = None, receive: Callable[[], Any] | None = None,
    ) -> Answer:  # fmt: skip
        """One request; `body`: bytes, or what becomes JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = [*self.headers(who), *([(b"content-type", b"application/json")] if method == "POST" else []), *(headers or [])]
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": method,
            "scheme": "http", "path": path,
            "raw_path": path.encode("utf-8", "replace"), "query_string": query, "root_path": "", "headers": given,
            "client": ("10.0.0.9", 1), "server": ("city.example", 80), "state": {}, "extensions": {},
        }  # fmt: skip
        sent: list[dict[str, Any]] = []
        parts = iter([{"type": "http.request", "body": content, "more_body": False}])

        async def told() -> dict[str, Any]:
            if (part := next(parts, None)) is not None:
                return part
            await asyncio.sleep(3600)
            raise AssertionError

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.app(scope, receive or told, send)
        assert sent, "no answer at all"
        names = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in sent[0]["headers"]}
        return Answer(sent[0]["status"], names, b"".join(m.get("body", b"") for m in sent[1:]))

    def cookie(self, who: str) -> str:
        """Signs somebody in; the cookie's name and value."""
        answer = self.ask("POST", "/session/token", None, body=f"token={self.tokens[who]}".encode())
        assert answer.status == 303, answer
        return answer.headers["set-cookie"].partition(";")[0]


@contextmanager
def running(folder: Path, redis_url: str, rules: bool = True, **settings: Any) -> Iterator[Running]:
    made = Running(Settings(data_dir=str(folder), redis_url=redis_url, **settings), rules)
    try:
        yield made
    finally:
        made.stop()
