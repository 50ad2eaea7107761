"""What `cases:changes` tells one worker: rows go to the board, answers to who waits for them; alarms are read when something was told that
may be one. Positions have no gaps; one that is missing is read from SQL.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from functools import partial

import msgspec

from dashboard.cases.alarm import concerns
from dashboard.cases.row import Row
from dashboard.cases.stage import ENDED
from dashboard.clock import MINUTE, SECOND, Clock, day_start
from dashboard.engine import change
from dashboard.engine.change import Change
from dashboard.live.answer import Answers
from dashboard.live.board import Board
from dashboard.live.health import Health
from dashboard.live.hub import Hub
from dashboard.live.outage import Outages
from dashboard.live.pulse import Pulse
from dashboard.live.skipped import Skipped
from dashboard.ports.reader import Reader
from dashboard.ports.stream import ChangesTail

log = logging.getLogger(__name__)

MEND_PAUSE = 0.2
"""Seconds between two attempts to close a gap."""
HELD = 50_000
"""Rows kept beyond a gap while SQL is asked; when there are more, SQL is asked once more."""
ALARM_PAUSE = 0.05
"""Seconds between two questions for alarms, at least."""
ALARMS_EVERY = 20.0
READ_FOR = 10 * MINUTE
"""For so long an alarm that was acknowledged is still told, with who did it."""
STOOD_STILL = 2 * SECOND
"""A worker that has not read for longer may be reading old beats."""


class Follower:
    """Keeps a board that is loaded true; `follow`, `mend` and `hear_alarms` run side by side for ever."""

    def __init__(
        self, board: Board, hub: Hub, tail: ChangesTail, reader: Reader, outages: Outages, pulse: Pulse, health: Health, answers: Answers,
        skipped: Skipped, clock: Clock, zone: str,
    ) -> None:  # fmt: skip
        self.board, self.hub = board, hub
        self._tail, self._reader, self._outages, self._pulse, self._health, self._answers = tail, reader, outages, pulse, health, answers
        self.clock, self._zone, self._skipped = clock, zone, skipped
        self.newest_event = ("", 0)
        """Id and position of the newest event that the board has heard of."""
        self._gap, self._alarms = asyncio.Event(), asyncio.Event()
        self._held: list[Change] = []
        self._read_at = clock.ticks()

    async def follow(self, after: str, noted: int) -> None:
        """Goes on after the last entry it has read, however long the server was away; what is missing then, positions tell.

        `after` is where the stream ended at the instant `noted` (ticks).
        """
        self._read_at = noted
        while True:
            after, bodies = await self._outages.through("stream", partial(self._tail.read, after))
            self._hear(bodies)

    def _hear(self, bodies: list[bytes]) -> None:
        now = self.clock.ticks()
        still = now - self._read_at
        self._read_at = now
        self._take([c for body in bodies if (c := self._decoded(body)) is not None], still if still > STOOD_STILL else 0)

    def _decoded(self, body: bytes) -> Change | None:
        try:
            return change.decode(body)
        except Exception as e:  # whatever one message makes go wrong: it is left out, the next one is taken
            self._skipped.add("cases:changes", e)
            return None

    def _take(self, changes: list[Change], late: int = 0) -> None:
        self._show([c for c in changes if c.row is not None])
        for c in changes:
            try:
                self._notice(c, late)
            except Exception as e:
                self._skipped.add("cases:changes", e)

    def _notice(self, c: Change, late: int) -> None:
        """Whatever a message means beside its row."""
        if c.type == change.BEAT:
            self._beat(c, late)
        if c.row is not None and self._may_alarm(c, c.row):
            self._alarms.set()
        if c.cause is not None:
            self._answers.take(c)

    def _show(self, told: list[Change], hold: bool = True) -> None:
        """Applies the rows that continue the board, for positions have no gaps. Those beyond a gap wait until SQL has closed it."""
        known, fits = self.board.pos, 0
        while fits < len(told) and told[fits].pos <= known + 1:
            known = max(known, told[fits].pos)
            fits += 1
        self._apply(told[:fits])
        if hold and fits < len(told):
            self._held += told[fits:]
            if len(self._held) > HELD:
                self._held.clear()
            self._gap.set()

    def _apply(self, told: list[Change]) -> None:
        if not told:
            return
        newest = max(told, key=lambda c: c.pos)
        if newest.pos > self.newest_event[1]:
            self.newest_event = (newest.id, newest.pos)
        self._put([c.row for c in told if c.row is not None], newest.pos)

    def _put(self, rows: list[Row], pos: int) -> None:
        slots, left = self.board.apply(rows, pos)
        self.hub.changed(slots, left)
        self._health.board_at(self.board.pos)

    async def mend(self) -> None:
        """A worker that has missed something reads SQL, beside the stream: answers and beats do not wait for it."""
        while True:
            await self._gap.wait()
            self._gap.clear()
            before = self.board.pos
            pos, rows = await self._outages.ask("gap", self._reader.board.rows, before, self.board.today)
            self._put(rows, pos)
            self._alarms.set()
            held, self._held = self._held, []
            self._show(held, hold=False)  # what still does not fit, the next beat's position asks for
            log.warning("the stream had a gap after pos %d: %d cases read from SQL, now at %d", before, len(rows), self.board.pos)
            await asyncio.sleep(MEND_PAUSE)

    def _may_alarm(self, c: Change, row: Row) -> bool:
        if row.stage in ENDED:
            return row.case in self.hub.alarmed
        return concerns(c.type, row.severity)

    async def hear_alarms(self) -> None:
        """Reads the alarms when something was told that may raise or end one, and now and then. They are few, and the table is the truth:
        what was missed, told twice or told late makes none and loses none.
        """
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._alarms.wait(), ALARMS_EVERY)
            self._alarms.clear()
            began = time.monotonic()
            self.hub.set_alarms(await self._outages.ask("alarms", self._reader.board.alarms, self.clock.now() - READ_FOR))
            await asyncio.sleep(max(ALARM_PAUSE, 5 * (time.monotonic() - began)))

    def _beat(self, c: Change, late: int) -> None:
        """Also tells how far the engine is: a board that is behind has missed something."""
        beat = msgspec.json.decode(c.data, type=change.Beat)
        day_start(beat.newest, self._zone)  # an instant that is on no calendar is an error here, not in the loop that turns days
        self._pulse.take(beat, late)
        self._health.engine_at(c.pos)
        if c.pos > self.board.pos:
            self._gap.set()
        if beat.newest:
            self.clock.observe(beat.newest)
