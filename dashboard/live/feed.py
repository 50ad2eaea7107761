"""What keeps one web worker's board true: first the snapshot, then SQL, then the stream; and who waits for an answer."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from dashboard.cases.stage import Level, Severity
from dashboard.clock import SECOND, Clock, day_start, ms
from dashboard.live import change, snapshot
from dashboard.live.board import Board
from dashboard.live.change import Change
from dashboard.live.hub import Alarm, Hub
from dashboard.live.presence import Presence, Seat
from dashboard.live.row import Row
from dashboard.places.unit import UnitTree
from dashboard.ports import ChangesTail, Reader, Whispers
from dashboard.roles import User, in_jurisdiction

log = logging.getLogger(__name__)

SNAPSHOT_EVERY = 60.0
PLACES_EVERY = 5
VIDEO_EVERY = 30
ALARM_NEWS = 60 * SECOND
"""Age up to which an alarm is worth a sound."""
ENGINE_SILENT = 3 * SECOND
"""An engine beats every second; longer silence means that it is gone and everything shown grows old."""


def load_board(reader: Reader, tree: UnitTree, today: int, path: Path) -> Board:
    """Snapshot and what SQL knows beyond it, or SQL alone when the snapshot is of another database."""
    found = snapshot.load(path, tree, today)
    if found is not None and found[0].pos and reader.event_at(found[0].pos) == found[1]:
        board = found[0]
        pos, rows = reader.rows(board.pos, today)
    else:
        board = Board(tree, today)
        pos, rows = reader.rows(0, today)
    board.apply(rows, pos)
    return board


class Heard(msgspec.Struct):
    """What an engine's event says of being an alarm."""

    alarm: bool = False
    silent: bool = False


class Feed:
    """Owns the board and the hub of one worker."""

    def __init__(self, reader: Reader, tail: ChangesTail, whispers: Whispers, clock: Clock, zone: str, folder: Path) -> None:
        self._reader, self._tail, self._whispers, self.clock, self._zone = reader, tail, whispers, clock, zone
        self.presence = Presence(time.monotonic, self._sees)
        self._path = folder / "board.npz"
        self._answers: dict[str, list[asyncio.Future[Change]]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._stamp = ""
        self._heard: int | None = None
        self._beat_at = 0
        self._engine_pos = 0
        self._newest_event = ("", 0)
        self.ready = False
        self.listeners: list[Callable[[UnitTree], None]] = []
        self.start_ms = 0.0

    @property
    def feed_age(self) -> int:
        """ms since any source was heard; since the engine was heard when no source ever was, or when it is silent."""
        wall = self.clock.wall()
        silent = wall - self._beat_at
        if self._heard is None or silent > ENGINE_SILENT:
            return max(0, silent, 0 if self._heard is None else wall - self._heard)
        return max(0, wall - self._heard)

    async def start(self) -> None:
        """Knows its position before anybody is let in: notes the stream's end, loads, follows from there."""
        began = time.perf_counter()
        after = await self._tail.newest()
        self._stamp = await asyncio.to_thread(self._reader.places_stamp)
        tree = UnitTree(await asyncio.to_thread(self._reader.units))
        self.clock.observe(await asyncio.to_thread(self._reader.newest_event))
        today = day_start(self.clock.now(), self._zone)
        self.board = await asyncio.to_thread(load_board, self._reader, tree, today, self._path)
        self.hub = Hub(self.board, self.clock.now, lambda: self.feed_age)
        self.hub.video = await asyncio.to_thread(self._reader.video_counts, tree.root.code)
        self.board.turn(self.clock.now())
        self.start_ms = (time.perf_counter() - began) * 1000
        self._tasks = [asyncio.create_task(work) for work in (self._follow(after), self._tick(), self._keep(), self._listen())]
        for task in self._tasks:
            task.add_done_callback(_loud)
        self.ready = True

    async def stop(self) -> None:
        """Asks again until every task has ended: a client library may swallow a cancellation that meets its answer."""
        running = set(self._tasks)
        while running:
            for task in running:
                task.cancel()
            _, running = await asyncio.wait(running, timeout=0.1)

    async def _follow(self, after: str) -> None:
        async for batch in self._tail.follow(after):
            if batch:
                changes = [change.decode(body) for body in batch]
                if self._misses(changes):
                    await self._catch_up()
                self._take(changes)

    def _misses(self, changes: list[Change]) -> bool:
        """Whether the stream no longer had what follows on this board: positions have no gaps."""
        fresh = min((c.pos for c in changes if c.row is not None and c.pos > self.board.pos), default=0)
        return fresh > self.board.pos + 1

    async def _catch_up(self) -> None:
        """A worker that stood still for longer than the stream remembers reads SQL."""
        pos, rows = await asyncio.to_thread(self._reader.rows, self.board.pos, self.board.today)
        log.warning("the stream had a gap after pos %d: %d cases read from SQL", self.board.pos, len(rows))
        slots, left = self.board.apply(rows, pos)
        self.hub.changed(slots, left)

    def _take(self, changes: list[Change]) -> None:
        rows = [c.row for c in changes if c.row is not None]
        if rows:
            newest = max((c for c in changes if c.row is not None), key=lambda c: c.pos)
            if newest.pos > self._newest_event[1]:
                self._newest_event = (newest.id, newest.pos)
            slots, left = self.board.apply(rows, newest.pos)
            self.hub.changed(slots, left)
        for c in changes:
            if c.type == change.BEAT:
                self._beat(c)
            if c.row is not None and (c.source == "/engine" or c.type == "case.acknowledged"):
                self._alarm(c, c.row)
            if c.cause is not None:
                for waiting in self._answers.pop(c.cause, ()):
                    if not waiting.done():
                        waiting.set_result(c)

    def _alarm(self, c: Change, row: Row) -> None:
        """Alarms that are old (a worker that catches up) are no news."""
        heard = msgspec.json.decode(c.data, type=Heard)
        loud = heard.alarm and not heard.silent
        if not (loud or c.type == "case.acknowledged") or self.clock.wall() - ms(datetime.fromisoformat(c.recorded)) > ALARM_NEWS:
            return
        severity, level = Severity(row.severity).name, Level(row.level).name
        self.hub.alarm(Alarm(row.case, c.type, severity, row.category, row.owner, row.grid, level, row.due))

    def _beat(self, c: Change) -> None:
        beat = msgspec.json.decode(c.data, type=change.Beat)
        self._heard, self._beat_at, self._engine_pos = beat.heard, self.clock.wall(), c.pos
        if beat.newest:
            self.clock.observe(beat.newest)

    async def _tick(self) -> None:
        """Once a second: lights turn, days begin, silent scopes get a beat; now and then imports and video are asked for."""
        n = 0
        while True:
            await asyncio.sleep(1)
            n += 1
            now = self.clock.now()
            today = day_start(now, self._zone)
            if today != self.board.today:  # a stream clock may find out that it is an earlier day
                self.board.new_day(today)
            self.hub.changed(self.board.turn(now), [])
            self.hub.beat()
            self.presence.expire()
            if n % PLACES_EVERY == 0:
                await self._look_for_places()
            if n % VIDEO_EVERY == 0:
                self.hub.video = await asyncio.to_thread(self._reader.video_counts, self.board.tree.root.code)

    async def _listen(self) -> None:
        async for body in self._whispers.hear():
            self.presence.hear(body)

    async def editing(self, seat: Seat, case: Any) -> None:
        """This seat says that it edits a case, or none any more; every worker hears it."""
        body = self.presence.word(seat, case)
        if body is not None:
            await self._whispers.tell(body)

    def _sees(self, user: User, case: str) -> bool:
        """Cases on the board only: nobody acts on those that ended long ago."""
        slot = self.board.slot.get(case)
        if slot is None:
            return False
        grid, owner = (self.board.codes.words[int(self.board.col[name][slot])] for name in ("grid", "owner"))
        return in_jurisdiction(user, self.board.tree, grid, owner)

    async def _look_for_places(self) -> None:
        stamp = await asyncio.to_thread(self._reader.places_stamp)
        if stamp == self._stamp:
            return
        tree = UnitTree(await asyncio.to_thread(self._reader.units))
        self._stamp = stamp
        self.board.replant(tree)
        self.hub.video = await asyncio.to_thread(self._reader.video_counts, tree.root.code)
        self.hub.reset()
        for listener in self.listeners:
            listener(tree)

    async def _keep(self) -> None:
        """Saves a snapshot a minute; several workers share the file, so one that is fresh is left alone."""
        while True:
            await asyncio.sleep(SNAPSHOT_EVERY)
            fresh = self._path.exists() and time.time() - self._path.stat().st_mtime < SNAPSHOT_EVERY * 0.75
            event_id, pos = self._newest_event
            if pos and pos == self.board.pos and not fresh:
                snapshot.save(self.board, self._path, event_id)

    async def send(self, command_id: str, body: bytes, seconds: float = 5.0) -> Change | None:
        """Puts a command into the stream and waits for what the engine made of it; None = not confirmed in time."""
        waiting: asyncio.Future[Change] = asyncio.get_running_loop().create_future()
        self._answers.setdefault(command_id, []).append(waiting)
        try:
            await self._tail.command(body)
            return await asyncio.wait_for(waiting, seconds)
        except TimeoutError:
            return None
        finally:
            self._forget(command_id, waiting)

    def _forget(self, command_id: str, waiting: asyncio.Future[Change]) -> None:
        """Others may go on waiting for the same command."""
        others = [f for f in self._answers.pop(command_id, ()) if f is not waiting]
        if others:
            self._answers[command_id] = others

    @property
    def lag_events(self) -> int:
        """Events that the engine has committed and this board does not show yet."""
        return max(0, self._engine_pos - self.board.pos)

    @property
    def lag_ms(self) -> int:
        """For how long it has been behind."""
        return 0 if self.lag_events == 0 else max(0, self.clock.wall() - self._beat_at)

    def health(self) -> dict[str, Any]:
        """The numbers of /readyz."""
        return {"pos": self.board.pos, "open": len(self.board.open_slots(self.board.tree.root.code)), "feed_age_ms": self.feed_age}


def _loud(task: asyncio.Task[None]) -> None:
    """A task of the feed that fails takes the worker with it: a board that nobody feeds must not be served."""
    if not task.cancelled() and task.exception() is not None:
        log.critical("the feed stopped", exc_info=task.exception())
        os._exit(70)
