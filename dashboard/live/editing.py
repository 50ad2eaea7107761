"""Who edits what, told between the web workers while it is true and kept nowhere (dashboard/live/presence.py)."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Any

from dashboard.live.outage import FIRST, LONGEST, Outages
from dashboard.live.presence import Presence, Seat
from dashboard.live.skipped import Skipped
from dashboard.ports.away import Away
from dashboard.ports.stream import PubSub

log = logging.getLogger(__name__)


class Editing:
    """One worker's end of the channel."""

    def __init__(self, presence: Presence, pubsub: PubSub, outages: Outages, skipped: Skipped) -> None:
        self._presence, self._pubsub, self._outages, self._skipped = presence, pubsub, outages, skipped

    async def listen(self) -> None:
        """For ever. The channel is heard again when its server is back; that it is away, those who read the stream tell."""
        while True:
            try:
                async for body in self._pubsub.hear():
                    self._overhear(body)
            except Away as e:
                log.warning("presence: %s", e)
            await asyncio.sleep(random.uniform(FIRST, LONGEST))

    def _overhear(self, body: bytes) -> None:
        try:
            self._presence.hear(body)
        except Exception as e:  # whatever one message makes go wrong: it is left out, the next one is taken
            self._skipped.add("presence", e)

    async def tell(self, seat: Seat, case: Any) -> None:
        """This seat says that it edits a case, or none any more; every worker hears it. While nobody can hear, it is not said."""
        body = self._presence.word(seat, case)
        if body is None or self._outages.has("redis"):
            return
        try:
            await self._pubsub.tell(body)
        except Away as e:
            log.info("presence: %s", e)
