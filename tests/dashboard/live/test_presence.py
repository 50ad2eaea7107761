"""Presence: who hears of whom, for how long, and who never does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.access.role import User
from dashboard.live.presence import EVERY, HOLDS, MOST, WORDS, Presence, Seat
from dashboard.wire.frame import Frame


class Screen:
    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def offer(self, frame: Frame) -> bool:
        self.told.append(json.loads(frame.text))
        return True


class Room:
    """One worker; what a seat says is heard by it at once."""

    def __init__(self) -> None:
        self.at = 0.0
        self.presence = Presence(lambda: self.at, lambda user, case: user.unit in ("c", case[0]))

    def join(self, name: str, role: str = "dispatcher", unit: str = "c") -> tuple[Screen, Seat | None]:
        screen = Screen()
        return screen, self.presence.join(screen, User(name.lower(), name, role, unit))

    def edits(self, seat: Seat | None, case: Any, after: float = 1.0) -> bytes | None:
        assert seat is not None
        self.at += after
        body = self.presence.word(seat, case)
        if body is not None:
            self.presence.hear(body)
        return body


def told(case: str, *by: str) -> dict[str, Any]:
    return {"t": "presence", "case": case, "by": list(by)}


def test_others_hear_who_edits_and_when_they_stop() -> None:
    room = Room()
    (mine, me), (other, _) = room.join("Ann"), room.join("Bo")
    room.edits(me, "d1")
    room.edits(me, "d2")
    room.edits(me, None)
    assert other.told[0] == told("d1", "Ann") and other.told[-1] == told("d2")
    assert sorted(t["case"] + str(t["by"]) for t in other.told[1:3]) == ["d1[]", "d2['Ann']"]
    assert {tuple(t["by"]) for t in mine.told} == {()}, "nobody is told of oneself"


def test_it_holds_for_fifteen_seconds_unless_it_is_said_again() -> None:
    room = Room()
    (_, me), (other, _) = room.join("Ann"), room.join("Bo")
    room.edits(me, "d1")
    room.edits(me, "d1", HOLDS - 1)
    room.at += HOLDS - 1
    room.presence.expire()
    assert other.told == [told("d1", "Ann")] * 2
    room.at += 1
    room.presence.expire()
    assert other.told[-1] == told("d1")


def test_who_comes_later_is_told_who_edits() -> None:
    room = Room()
    room.edits(room.join("Ann")[1], "d1")
    assert room.join("Bo")[0].told == [told("d1", "Ann")]


@pytest.mark.parametrize("role", ["wall", "leader", "api", "nobody"])
def test_walls_and_strangers_have_no_seat(role: str) -> None:
    assert Room().join("X", role)[1] is None


def test_nobody_hears_of_or_edits_cases_outside_the_jurisdiction() -> None:
    room = Room()
    (_, me), (outside, stranger) = room.join("Ann"), room.join("Bo", unit="e")
    room.edits(me, "d1")
    assert outside.told == []
    assert room.edits(stranger, "d1") is None


@pytest.mark.parametrize("case", [5, [], {"a": 1}, True])
def test_nonsense_edits_nothing(case: Any) -> None:
    room = Room()
    assert room.edits(room.join("Ann")[1], case) is None


def test_it_is_bounded_in_rate_and_number() -> None:
    room = Room()
    (_, me), (other, _) = room.join("Ann"), room.join("Bo")
    for n in range(100):
        room.edits(me, f"d{n}", EVERY / 10)
    assert len(other.told) <= 2 * 11
    for n in range(MOST + 5):
        room.presence.hear(json.dumps({"seat": str(n), "user": "x", "name": "X", "case": "d"}).encode())
    assert len(room.presence._editors) == MOST


def test_many_desks_of_one_account_say_no_more_than_a_few() -> None:
    """A hundred sockets of three accounts made 42,000 frames a second and held the loop for a second."""
    room = Room()
    seats = [room.join("Ann")[1] for _ in range(30)]
    said = [room.edits(seat, f"d{n}", 0) for n, seat in enumerate(seats)]
    assert sum(body is not None for body in said) == WORDS
    assert room.edits(room.join("Bo")[1], "d1", 0), "others are heard"
    assert room.edits(seats[0], None, 0), "and who stops is"
    assert room.edits(seats[-1], "d2", 1), "and so is the next second"
