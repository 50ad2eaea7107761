"""The hub of one web worker: groups screens by scope, tells each scope at most ten times a second, forgets nobody.

Leading edge, then one frame per 100 ms and scope. A screen that cannot keep up is not given a longer queue but a snapshot.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dashboard.cases.alarm import Alarm
from dashboard.live.alarm import AlarmTold, told
from dashboard.live.board import Board, Left
from dashboard.live.column import columns
from dashboard.live.count import counts
from dashboard.live.outage import Cause
from dashboard.video.count import Counts
from dashboard.wire.frame import Frame

FRAME_EVERY = 0.1
"""Seconds between frames of a scope; faster than this nobody reads."""
COUNT_EVERY = 0.25
RING = 600
"""Frames a scope remembers for who comes back: a minute at full rate."""
LINGER = 60.0
"""Seconds for which a scope without screens still collects frames."""
LINGERING = 32
"""Scopes that do so: who hops through 6,000 units must not leave 6,000 of them behind, each with its frames."""


class Screen(Protocol):
    """One socket as the hub sees it."""

    format: str

    def offer(self, frame: Frame) -> bool:
        """Hands a frame over without waiting; False when the screen is too far behind to take it."""

    def drained(self) -> bool:
        """Whether a screen that was behind can take a snapshot."""


class Channel:
    """All screens of one scope, and the frames they were sent."""

    def __init__(self, scope: str, pos: int) -> None:
        self.scope, self.sent = scope, pos
        self.screens: set[Screen] = set()
        self.behind: set[Screen] = set()
        self.ring: deque[Frame] = deque(maxlen=RING)
        self.floor = pos
        """Position from which the ring is whole."""
        self.renewed = 0
        """Position below which nobody can resume, since the units were others."""
        self.slots: set[int] = set()
        self.left: list[Left] = []
        self.snapshot: Frame | None = None
        self.last_frame = self.empty_since = 0.0
        self.counts: Mapping[str, Any] = {}
        self.counted = 0.0
        self.alarms: list[AlarmTold] = []
        self.turn = 0
        """At which turn of the hub's alarms these were found."""
        self.snapshot_alarms: list[AlarmTold] = []
        """Those that the snapshot has."""

    def send(self, frame: Frame) -> None:
        self.behind |= {s for s in self.screens - self.behind if not s.offer(frame)}

    def keep(self, frame: Frame) -> None:
        """Remembers a frame. One that moves no position (lights that turned) is missed by who resumes at that position."""
        if len(self.ring) == self.ring.maxlen:
            oldest = self.ring[0]
            self.floor = oldest.to + (oldest.to == oldest.from_)
        self.ring.append(frame)

    def forget(self) -> None:
        """Nothing sent so far is of use to anybody any more."""
        self.ring.clear()
        self.snapshot = None
        self.renewed = self.sent + 1

    def since(self, pos: int) -> list[Frame] | None:
        """What a screen missed that knows everything up to `pos`, or None when it needs a snapshot."""
        return self.after(pos) if pos >= self.renewed else None

    def after(self, pos: int) -> list[Frame] | None:
        """The frames after `pos` and those that moved nothing at it, or None when the ring does not reach back that far."""
        if not self.floor <= pos <= self.sent:
            return None
        return [f for f in self.ring if f.to > pos or f.from_ == pos]


class Hub:
    """`now` gives the system's time (ms), `feed_age` the age of the newest source message (ms; None: unknown), `causes` why it is old
    or what is away."""

    def __init__(
        self, board: Board, now: Callable[[], int], feed_age: Callable[[], int | None], causes: Callable[[], Sequence[Cause]] = tuple
    ) -> None:
        self.board, self._now, self._feed_age, self._causes = board, now, feed_age, causes
        self.video: Counts | None = None
        """None until they are counted: a worker is ready before."""
        self._channels: dict[str, Channel] = {}
        self._alarms: Sequence[Alarm] = ()
        self._alarmed: Set[str] = frozenset()
        self._turn = 0
        self._timer: asyncio.TimerHandle | None = None
        self._last = 0.0

    @property
    def screens(self) -> int:
        return sum(len(c.screens) for c in self._channels.values())

    def join(self, screen: Screen, scope: str, since: int | None) -> None:
        """Subscribes first, then hands over what the screen missed: the ring's frames or the shared snapshot."""
        channel = self._channels.setdefault(scope, Channel(scope, self.board.pos))
        self._flush(channel)
        channel.screens.add(screen)
        missed = channel.since(since) if since is not None else None
        frames = [*missed, self._beat(channel), self._alarm_frame(channel)] if missed is not None else self._snapshot(channel)
        if not all(screen.offer(f) for f in frames):
            channel.behind.add(screen)

    def leave(self, screen: Screen, scope: str) -> None:
        channel = self._channels.get(scope)
        if channel:
            channel.screens.discard(screen)
            channel.behind.discard(screen)
            channel.empty_since = _seconds()
            self._drop_empty()

    def _drop_empty(self) -> None:
        empty = sorted((c for c in self._channels.values() if not c.screens), key=lambda c: c.empty_since)
        for channel in empty[:-LINGERING]:
            del self._channels[channel.scope]

    def changed(self, slots: NDArray[np.intp], left: list[Left]) -> None:
        """The board has changed: tell each scope now, or when its 100 ms are over."""
        for channel in self._channels.values():
            channel.slots.update(slots.tolist())
            channel.left += left
        if self._alarmed and not self._alarmed.isdisjoint([*(self.board.ids[i] for i in slots.tolist()), *(w.case for w in left)]):
            self._turn += 1
        self._schedule()

    def _schedule(self) -> None:
        if self._timer is None:
            wait = self._last + FRAME_EVERY - _seconds()
            self._timer = asyncio.get_running_loop().call_later(max(0.0, wait), self._fire)

    def _fire(self) -> None:
        self._timer, self._last = None, _seconds()
        for channel in self._channels.values():
            self._flush(channel)

    def _flush(self, channel: Channel) -> None:
        self._flush_cases(channel)
        self._flush_alarms(channel)

    def _flush_cases(self, channel: Channel) -> None:
        """One frame of all that changed in the scope since the last one."""
        board, pos = self.board, self.board.pos
        slots = np.fromiter(channel.slots, dtype=np.intp, count=len(channel.slots))
        mine = board.open_slots(channel.scope, slots[board.col["used"][slots]]) if len(slots) else slots
        gone = self._gone(channel)
        channel.slots.clear()
        channel.left.clear()
        if not len(mine) and not gone:
            return
        frame = self._frame("delta", channel, pos, cases=columns(board, mine), gone=gone)
        channel.sent = pos
        channel.keep(frame)
        channel.send(frame)

    def _gone(self, channel: Channel) -> list[str]:
        if not channel.left:
            return []
        board, (first, last) = self.board, self.board.span(channel.scope)
        here = {w.case for w in channel.left if first <= w.place < last or first <= w.owner_unit < last}
        kept = np.array([board.slot[case] for case in here if case in board.slot], dtype=np.intp)
        still = {board.ids[i] for i in board.open_slots(channel.scope, kept).tolist()}
        return sorted(here - still)

    def _frame(self, kind: str, channel: Channel, to: int, **more: Any) -> Frame:
        channel.last_frame = _seconds()
        start = 0 if kind == "snapshot" else channel.sent
        head = {"t": kind, "scope": channel.scope, "from": start, "to": to, "at": self._now(), "feed_age_ms": self._feed_age()}
        return Frame(head | {"away": self._causes()} | more | {"counts": self._counts(channel)})

    def _counts(self, channel: Channel) -> Mapping[str, Any]:
        if _seconds() - channel.counted >= COUNT_EVERY:
            channel.counts = counts(self.board, channel.scope, self._now(), self.video)
            channel.counted = _seconds()
        return channel.counts

    def _beat(self, channel: Channel) -> Frame:
        return self._frame("beat", channel, channel.sent)

    def _snapshot(self, channel: Channel) -> list[Frame]:
        """The shared snapshot and the ring's frames after it; made anew only when the ring has moved on too far."""
        if channel.snapshot is not None:
            after = channel.after(channel.snapshot.to)
            if after is not None and len(after) <= 20:
                moved = channel.alarms is not channel.snapshot_alarms
                return [channel.snapshot, *after, *([self._alarm_frame(channel)] if moved else [])]
        board = self.board
        slots = board.open_slots(channel.scope)
        # Neighbours beside each other: their grids and degrees repeat, and half a megabyte of 100,000 cases need not travel.
        content = columns(board, slots[np.argsort(board.col["grid"][slots], kind="stable")])
        channel.snapshot_alarms = channel.alarms
        channel.snapshot = self._frame("snapshot", channel, channel.sent, cases=content, gone=[], alarms=channel.alarms)
        return [channel.snapshot]

    @property
    def alarmed(self) -> Set[str]:
        """Cases that have alarms."""
        return self._alarmed

    def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """All alarms there are, oldest first: each scope is told of its own where they have changed."""
        if alarms != self._alarms:
            self._alarms, self._alarmed = alarms, frozenset(a.case for a in alarms)
            self._turn += 1
            self._schedule()

    def alarms(self, scope: str) -> list[AlarmTold]:
        return told(self.board, self._alarms, scope)

    def _flush_alarms(self, channel: Channel) -> None:
        """An alarm belongs where its case lies now: it comes and leaves with it."""
        if channel.turn == self._turn:
            return
        channel.turn, mine = self._turn, self.alarms(channel.scope)
        if mine != channel.alarms:
            channel.alarms = mine
            channel.send(self._alarm_frame(channel))

    def _alarm_frame(self, channel: Channel) -> Frame:
        """All that are open, so that one that was missed is nowhere missing."""
        return self._frame("alarm", channel, channel.sent, alarms=channel.alarms)

    def beat(self) -> None:
        """Once a second: a beat for scopes that were silent, snapshots for screens that have caught up, old scopes dropped."""
        now = _seconds()
        for channel in list(self._channels.values()):
            self._flush(channel)
            if now - channel.last_frame >= 0.9:
                frame = self._frame("beat", channel, self.board.pos)
                channel.sent = self.board.pos
                if frame.to > frame.from_:
                    channel.keep(frame)
                channel.send(frame)
            for screen in [s for s in channel.behind if s.drained()]:
                channel.behind.discard(screen)
                if not all(screen.offer(f) for f in self._snapshot(channel)):
                    channel.behind.add(screen)
            if not channel.screens and now - channel.empty_since > LINGER:
                del self._channels[channel.scope]

    def reset(self) -> None:
        """The tree has changed: every screen gets a new snapshot, an empty one where its unit is gone."""
        self._turn += 1
        for channel in self._channels.values():
            channel.forget()
            channel.behind |= channel.screens


def _seconds() -> float:
    return asyncio.get_running_loop().time()
