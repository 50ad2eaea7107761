"""Who is editing what, told to the desks while it is true and never kept (PRODUCT.md, desk; DOMAIN.md 8: no history of people)."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import msgspec

from dashboard.access.page import may_open
from dashboard.access.role import User
from dashboard.wire.frame import Frame

HOLDS = 15.0
"""Seconds for which somebody is taken to edit a case without saying so again."""
MOST = 2000
"""Editors a worker remembers; who comes later is not shown, which harms nobody."""
EVERY = 0.25
"""Seconds between two words of one seat; what comes faster is dropped, and what it would have said expires by itself."""

WORDS = 8
"""Words of one account in a second, whatever number of desks it has open: each is a frame to every desk that may see the case."""


class Word(msgspec.Struct):
    """What workers tell each other: this seat edits this case, or none any more."""

    seat: str
    user: str
    name: str
    case: str | None


class Screen(Protocol):
    def offer(self, frame: Frame) -> bool: ...


class Seat:
    """One desk's socket."""

    def __init__(self, screen: Screen, user: User) -> None:
        self.id, self.screen, self.user = secrets.token_hex(8), screen, user
        self.editing: str | None = None
        self.spoke = float("-inf")


class Presence:
    """Everybody's editors as one worker hears of them. `seconds` is a monotonic clock; `sees` says whether a user may see a case."""

    def __init__(self, seconds: Callable[[], float], sees: Callable[[User, str], bool]) -> None:
        self._seconds, self._sees = seconds, sees
        self._seats: dict[str, Seat] = {}
        self._editors: dict[str, tuple[Word, float]] = {}
        self._second, self._said = 0, Counter[str]()

    def join(self, screen: Screen, user: User) -> Seat | None:
        """A seat for who works at the desk, told who edits now; None for walls and everybody else."""
        if not may_open(user.role, "desk"):
            return None
        seat = Seat(screen, user)
        self._seats[seat.id] = seat
        self._tell({word.case for word, _ in self._editors.values() if word.case}, [seat])
        return seat

    def leave(self, seat: Seat) -> None:
        self._seats.pop(seat.id, None)

    def word(self, seat: Seat, case: Any) -> bytes | None:
        """What the other workers must hear when this seat says that it edits `case` (None: no more); None when there is nothing to say."""
        now = self._seconds()
        wanted = case if isinstance(case, str) and self._sees(seat.user, case) else None
        if (wanted is None and seat.editing is None) or (wanted is not None and now - seat.spoke < EVERY):
            return None
        if wanted is not None and self._too_many(seat.user.id, now):
            return None
        seat.editing, seat.spoke = wanted, now
        return msgspec.json.encode(Word(seat.id, seat.user.id, seat.user.name, wanted))

    def _too_many(self, account: str, now: float) -> bool:
        if int(now) != self._second:
            self._second, self._said = int(now), Counter()
        self._said[account] += 1
        return self._said[account] > WORDS

    def hear(self, body: bytes) -> None:
        """Takes what a worker said, this one included, and tells the seats that may see the case."""
        word, now = msgspec.json.decode(body, type=Word), self._seconds()
        before = self._editors.pop(word.seat, None)
        changed = {before[0].case} if before else set()
        if word.case and len(self._editors) < MOST:
            self._editors[word.seat] = (word, now + HOLDS)
            changed.add(word.case)
        self._tell(changed, self._seats.values())

    def expire(self) -> None:
        """Forgets who has said nothing for 15 seconds."""
        now = self._seconds()
        old = [seat for seat, (_, until) in self._editors.items() if until <= now]
        self._tell({self._editors.pop(seat)[0].case for seat in old}, self._seats.values())

    def _tell(self, cases: Iterable[str | None], seats: Iterable[Seat]) -> None:
        for case in cases:
            editors = [word for word, _ in self._editors.values() if word.case == case]
            for seat in list(seats) if case else ():
                if case and self._sees(seat.user, case):
                    by = sorted({word.name for word in editors if word.user != seat.user.id})
                    seat.screen.offer(Frame({"t": "presence", "case": case, "by": by}))
