"""What keeps one web worker's board true: first the snapshot, then SQL, then the stream. What is away meanwhile is waited for."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, TypedDict

from dashboard.access.role import User, in_jurisdiction
from dashboard.cases.category import Catalogue
from dashboard.clock import Clock, day_start
from dashboard.engine.change import Change
from dashboard.live import snapshot
from dashboard.live.answer import Answers, Unsent
from dashboard.live.board import Board
from dashboard.live.editing import Editing
from dashboard.live.follow import READ_FOR, Follower
from dashboard.live.health import Health
from dashboard.live.hub import Hub
from dashboard.live.outage import Cause, Outages
from dashboard.live.presence import Presence
from dashboard.live.pulse import Pulse
from dashboard.live.skipped import Skipped
from dashboard.live.snapshot import load_board
from dashboard.places.unit import UnitTree
from dashboard.ports.away import Away
from dashboard.ports.reader import Reader
from dashboard.ports.stream import ChangesTail, PubSub
from dashboard.video.count import Counts

log = logging.getLogger(__name__)

SNAPSHOT_EVERY = 60.0
PLACES_EVERY = 5.0
VIDEO_EVERY = 30.0
MEASURE_EVERY = 1.0
START_WAITS = 5.0
"""Seconds a start takes at most; a board that is not there by then, or what it needs is away, comes later."""


class Shown(TypedDict):
    """What a worker's board is made of: its position, open cases, and ms since any source was heard (None: unknown)."""

    pos: int
    open: int
    feed_age_ms: int | None


class Feed:
    """Owns the board and the hub of one worker. Until `ready` there is neither, and whoever asks for them meets Away."""

    def __init__(self, reader: Reader, tail: ChangesTail, pubsub: PubSub, clock: Clock, zone: str, folder: Path) -> None:
        self._reader, self._tail, self.clock, self._zone = reader, tail, clock, zone
        self.presence = Presence(time.monotonic, self._sees)
        self._path = folder / "board.npz"
        self._outages, self._pulse, self._answers = Outages(clock.ticks), Pulse(clock), Answers(tail.command, clock.ticks)
        self._health = Health(clock, self._outages, self._pulse, self._answers)
        self._tasks: list[asyncio.Task[None]] = []
        self._board: Board | None = None
        self._hub: Hub | None = None
        self._stamp = ""
        self.catalogue = Catalogue()
        """As new as the board's tree."""
        self._places = asyncio.Event()
        self._skipped = Skipped(clock)
        self.editing = Editing(self.presence, pubsub, self._outages, self._skipped)
        self.ready = False
        self.start_ms = 0.0

    @property
    def board(self) -> Board:
        """Raises Away while it is not loaded."""
        if self._board is None:
            raise self._not_there()
        return self._board

    @property
    def hub(self) -> Hub:
        """Raises Away while there is no board."""
        if self._hub is None:
            raise self._not_there()
        return self._hub

    def _not_there(self) -> Away:
        return Away("redis" if self._outages.has("redis") else "database", "the board of this worker is not loaded yet")

    @property
    def feed_age(self) -> int | None:
        """ms since any source was heard (dashboard/live/pulse.py); None: unknown, no engine was heard since this worker began."""
        return self._pulse.age()

    async def start(self) -> None:
        """Comes back when the board is loaded, or when what it needs is away: then it goes on by itself and gets ready later."""
        loading = self._spawn(self._begin())
        met = asyncio.create_task(self._outages.met.wait())
        await asyncio.wait({loading, met}, timeout=START_WAITS, return_when=asyncio.FIRST_COMPLETED)
        met.cancel()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(_loud)
        self._tasks.append(task)
        return task

    async def _begin(self) -> None:
        """Knows its position before anybody is let in: notes the stream's end, loads, follows from there."""
        began = time.perf_counter()
        self._spawn(self._measure())
        after = await self._outages.through("start", self._tail.newest)
        noted = self.clock.ticks()
        self._board = board = await self._outages.ask("start", self._load)
        self._hub = hub = Hub(board, self.clock.now, lambda: self.feed_age, self.causes)
        board.turn(self.clock.now())
        self._health.board_at(board.pos)
        self.start_ms = (time.perf_counter() - began) * 1000
        follower = Follower(
            board, hub, self._tail, self._reader, self._outages, self._pulse, self._health, self._answers, self._skipped, self.clock,
            self._zone,
        )  # fmt: skip
        lives = (self._tick(), self._look(), self._count_video(), self._keep(follower), self.editing.listen())
        hub.set_alarms(await self._outages.ask("start", self._reader.board.alarms, self.clock.now() - READ_FOR))
        for work in (follower.follow(after, noted), follower.mend(), follower.hear_alarms(), *lives):
            self._spawn(work)
        self.ready = True

    def _load(self) -> Board:
        self._stamp = self._reader.places.stamp()
        tree, self.catalogue = UnitTree(self._reader.places.units()), self._reader.places.catalogue()
        self.clock.observe(self._reader.board.newest_event())
        return load_board(self._reader, tree, day_start(self.clock.now(), self._zone), self._path)

    async def stop(self) -> None:
        """Asks again until every task has ended: a client library may swallow a cancellation that meets its answer."""
        running = set(self._tasks)
        while running:
            for task in running:
                task.cancel()
            _, running = await asyncio.wait(running, timeout=0.1)
        self._outages.close()

    # What time brings

    async def _tick(self) -> None:
        """Once a second: lights turn, days begin, silent scopes get a beat. It asks nobody, so it never waits."""
        while True:
            await asyncio.sleep(1)
            now = self.clock.now()
            today = day_start(now, self._zone)
            if today != self.board.today:  # a stream clock may find out that it is an earlier day
                self.board.new_day(today)
            self.hub.changed(self.board.turn(now), [])
            self.hub.beat()
            self.presence.expire()

    async def _measure(self) -> None:
        """Once a second: what the engine still has to do."""
        while True:
            self._health.measured(await self._outages.through("backlog", self._tail.backlog))
            await asyncio.sleep(MEASURE_EVERY)

    async def _look(self) -> None:
        """Now and then: were units or categories imported?"""
        while True:
            await asyncio.sleep(PLACES_EVERY)
            stamp = await self._outages.ask("places", self._reader.places.stamp)
            if stamp != self._stamp:
                await self._set_tree(stamp)

    async def _set_tree(self, stamp: str) -> None:
        tree = UnitTree(await self._outages.ask("places", self._reader.places.units))
        self.catalogue = await self._outages.ask("places", self._reader.places.catalogue)
        self._stamp = stamp
        self.board.set_tree(tree)
        self._places.set()
        self.hub.reset()

    async def _count_video(self) -> None:
        """Beside all else, for locating the points of a large city takes seconds; at once after an import."""
        while True:
            self._places.clear()
            found = await self._outages.ask("video", self._reader.video.counts, self.clock.now())
            self.hub.video = Counts(self.board.tree, found)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._places.wait(), VIDEO_EVERY)

    async def _keep(self, follower: Follower) -> None:
        """Saves a snapshot a minute; several workers share the file, so one that is fresh is left alone."""
        while True:
            await asyncio.sleep(SNAPSHOT_EVERY)
            event_id, pos = follower.newest_event
            try:
                fresh = self._path.exists() and time.time() - self._path.stat().st_mtime < SNAPSHOT_EVERY * 0.75
                if pos and pos == self.board.pos and not fresh:
                    snapshot.save(self.board, self._path, event_id)
            except OSError as e:  # a full disk makes the next start slower, and nothing else worse
                log.warning("the board's snapshot was not saved: %s", e)

    # What people ask

    def _sees(self, user: User, case: str) -> bool:
        """Cases on the board only: nobody acts on those that ended long ago."""
        slot = self.board.slot.get(case)
        if slot is None:
            return False
        grid, owner = (self.board.codes.words[int(self.board.col[name][slot])] for name in ("grid", "owner"))
        return in_jurisdiction(user, self.board.tree, grid, owner)

    async def send(self, command_id: str, body: bytes, seconds: float = 5.0) -> Change | None:
        """Puts a command into the stream and waits for what the engine made of it; None = not confirmed in time.

        Raises Unsent when it was certainly not put there, Away when it may have been: both may be sent again with the same id.
        """
        if not self.ready:
            raise Unsent("not_ready")
        if self._outages.has("redis"):
            raise Unsent("redis_away")
        return await self._answers.send(command_id, body, seconds)

    # How it is

    def causes(self) -> list[Cause]:
        """Why what is shown may be old, or what is asked may fail."""
        return self._health.causes()

    def reasons(self, limit_ms: int) -> list[str]:
        """Keys of why this worker is not ready; none when it is. `limit_ms`: the age from which the feed is too old."""
        return ([] if self.ready else ["starting"]) + self._health.reasons(limit_ms)

    @property
    def lag_events(self) -> int:
        """What is on its way to this board (dashboard/live/health.py)."""
        return self._health.lag_events

    @property
    def lag_ms(self) -> int:
        """For how long it has been behind."""
        return self._health.lag_ms

    def health(self) -> Shown:
        """The numbers of /readyz; of no board where there is none."""
        board = self._board
        shown = len(board.open_slots(board.tree.root.code)) if board else 0
        return {"pos": board.pos if board else 0, "open": shown, "feed_age_ms": self.feed_age}

    def figures(self) -> dict[str, float]:
        """The numbers of /metrics."""
        board = self.health()
        own = {"open_cases": board["open"], "pos": board["pos"], "screens": self._hub.screens if self._hub else 0}
        return own | {"start_ms": round(self.start_ms), "messages_skipped": self._skipped.count} | self._health.figures()


def _loud(task: asyncio.Task[None]) -> None:
    """A task of the feed that fails takes the worker with it: a board that nobody feeds must not be served."""
    if not task.cancelled() and task.exception() is not None:
        log.critical("the feed stopped", exc_info=task.exception())
        os._exit(70)
