"""Who asks while the database hangs: known people go on at once, strangers are told in time."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from callbacks.auth import session
from callbacks.auth.session import Session
from dashboard.access.role import User
from dashboard.ports.away import Away

ME = User("me", "Me", "dispatcher", "c")


class Frozen:
    """Accounts whose database answers only while it is thawed."""

    def __init__(self) -> None:
        self.thawed = threading.Event()
        self.thawed.set()
        self.asked = 0

    def user_of_token(self, token: str) -> User | None:
        self.asked += 1
        self.thawed.wait(10)
        return ME if token == "mine" else None

    user_of_session = user_of_token

    def begin_session(self, account: str, lasts: int) -> str:
        return account

    def end_session(self, session: str) -> None:
        """Nothing is kept."""


def test_known_people_go_on_and_strangers_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "HANGS", 0.2)
    monkeypatch.setattr(session, "REMEMBER", 0)
    accounts = Frozen()
    made = Session(b"secret", accounts)

    def who(token: str) -> dict[bytes, bytes]:
        return {b"authorization": f"Bearer {token}".encode()}

    async def night() -> None:
        assert await made.user(who("mine")) == ME
        time.sleep(0.01)
        accounts.thawed.clear()
        assert await made.user(who("mine")) == ME, "after a while"
        before = accounts.asked
        assert [await made.user(who("mine")) for _ in range(50)] == [ME] * 50, "at once, and nobody is asked"
        with pytest.raises(Away):
            await made.user(who("other"))
        assert accounts.asked == before
        accounts.thawed.set()
        await asyncio.sleep(0.1)
        assert await made.user(who("other")) is None

    asyncio.run(night())
