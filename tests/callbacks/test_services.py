"""What a page may ask for: commands are all sent or all refused, and each has its answer."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from callbacks.services import MAX_COMMANDS, Services
from dashboard.live.feed import Feed
from dashboard.roles import User
from dashboard.settings import Settings

USER = User("p1", "P. One", "dispatcher", "c")


class Deaf:
    """A feed whose engine never answers; it remembers what it was asked."""

    def __init__(self) -> None:
        self.clock = SimpleNamespace(now=lambda: 0)
        self.sent: list[str] = []

    async def send(self, command_id: str, body: bytes) -> None:
        self.sent.append(command_id)


def services() -> tuple[Services, Deaf]:
    made, feed = Services(Settings()), Deaf()
    made.feed = cast("Feed", feed)
    return made, feed


def wish(n: int = 0, **over: Any) -> dict[str, Any]:
    return {"id": f"id-{n:08d}", "type": "command.urge", "case": "12345~A", "expected_version": 1, "data": {"reason": "r"}} | over


def test_too_many_are_refused_every_one() -> None:
    made, feed = services()
    results = asyncio.run(made.send([wish(n) for n in range(MAX_COMMANDS + 1)], USER))
    assert len(results) == MAX_COMMANDS + 1 and feed.sent == []
    assert {r["status"] for r in results} == {"refused"} and "in parts" in results[0]["message"]


def test_as_many_as_allowed_are_all_sent_and_unconfirmed_ones_say_what_to_do() -> None:
    made, feed = services()
    results = asyncio.run(made.send([wish(n) for n in range(MAX_COMMANDS)], USER))
    assert len(feed.sent) == MAX_COMMANDS == len({r["id"] for r in results})
    assert {r["status"] for r in results} == {"unconfirmed"} and "same id" in results[0]["message"]


@pytest.mark.parametrize(
    "over",
    [{"id": 5}, {"id": "short"}, {"id": "x" * 65}, {"type": "reassign"}, {"case": "<b>"}, {"expected_version": "1"},
     {"expected_version": -1}, {"data": []}, {"data": {"text": "x" * 70_000}}, {"data": {"text": "\0"}}],
)  # fmt: skip
def test_what_has_no_form_is_refused_before_it_is_sent(over: dict[str, Any]) -> None:
    made, feed = services()
    (result,) = asyncio.run(made.send([wish(**over)], USER))
    assert (result["status"], result["code"], feed.sent) == ("refused", "invalid", [])
    assert result["message"]
