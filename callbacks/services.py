"""What pages and the API may use: reads, the live board, and the one way to ask for a change."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Thread
from typing import Any, TypedDict

from callbacks import command
from callbacks.command import CommandResult
from dashboard.access.role import User, in_jurisdiction
from dashboard.cache import KeyedCache
from dashboard.cases.category import Catalogue
from dashboard.cases.standing import standing
from dashboard.cases.verb import UNDO, may
from dashboard.clock import DAY
from dashboard.desk.candidate import Candidate, Facts, Rejected, candidates, hands
from dashboard.desk.effect import Effect, move
from dashboard.desk.shape import Report
from dashboard.desk.undo import UndoEntry, stack
from dashboard.desk.view import report
from dashboard.live.feed import Feed
from dashboard.places.route import Routing
from dashboard.places.unit import UnitTree
from dashboard.ports.account_item import AccountItems
from dashboard.ports.quality import QualityReader
from dashboard.ports.reader import Reader
from dashboard.ports.scenario import Scenarios
from dashboard.ports.shift import Shifts
from dashboard.settings import Settings

RECORDS_OF = 90 * DAY
RECORDS_FOR = 60.0
"""Seconds for which the units' on-time figures are kept."""


class Choice(TypedDict):
    """Who could take a case, and what a move does to its clocks."""

    candidates: list[Candidate]
    rejected: list[Rejected]
    effects: list[Effect]
    arbitration: bool
    report: Report


class Services:
    """One a worker. `feed` is set when the worker has started; before that only `settings` may be used."""

    feed: Feed
    reader: Reader
    quality: QualityReader
    scenarios: Scenarios
    items: AccountItems
    shifts: Shifts

    def __init__(self, settings: Settings, demo_accounts: Callable[[], Sequence[dict[str, str]]] = tuple) -> None:
        self.settings = settings
        self._demo_accounts = demo_accounts
        self._routing: KeyedCache[UnitTree, Routing] = KeyedCache()
        self._on_time: dict[str, tuple[int, int]] = {}
        self._records_until = 0.0

    @property
    def demo_accounts(self) -> Sequence[dict[str, str]]:
        """Accounts that the login page of a demo offers; none outside a demo."""
        return self._demo_accounts() if self.settings.demo else ()

    def now(self) -> int:
        return self.feed.clock.now()

    def wall(self) -> int:
        """The machine's time, whatever `now` follows: people work by it."""
        return self.feed.clock.wall()

    def tree(self) -> UnitTree:
        """The tree as this worker's board has it; another object after an import."""
        return self.feed.board.tree

    def catalogue(self) -> Catalogue:
        """The city's categories as this worker's feed has them; read with the tree, so pages need no database for names."""
        return self.feed.catalogue

    def candidates(self, case: str, user: User) -> Choice:
        """Who could take this case inside the user's jurisdiction and who could not (dashboard/desk/candidate.py), and what a move does
        to its clocks (dashboard/desk/effect.py); all empty when there is no such case in the user's jurisdiction. Reads SQL.
        """
        found, now, tree = self.reader.cases.history(case), self.now(), self.tree()
        if found is None or not in_jurisdiction(user, tree, found[0].grid, found[0].owner):
            return {"candidates": [], "rejected": [], "effects": [], "arbitration": False, "report": {"title": "", "text": ""}}
        state, events = found
        loads = {unit: load["open"] for unit, load in self.loads().items()}
        facts = Facts(tree, self._routing.get(tree, lambda: Routing(self.reader.places.routes(), tree)), loads, self._records(now))
        good, bad = candidates(state, hands(standing(events)), facts, user.unit, now)
        effects = move(events, state, good[0]["unit"] if good else user.unit, self.reader.rules.sla(), now)
        return {"candidates": good, "rejected": bad, "effects": effects, "arbitration": state.arbitration, "report": report(events)}

    def undo_stack(self, user: User) -> list[UndoEntry]:
        """What this user may undo now, the last first (dashboard/desk/undo.py), as far as it still lies in the jurisdiction. Reads SQL."""
        given = self.reader.cases.undoable(user.id, self.now(), self.feed.clock.wall()) if may(user.role, UNDO) else []
        return stack(g for g in given if in_jurisdiction(user, self.tree(), g.grid, g.owner))

    def loads(self) -> dict[str, dict[str, int]]:
        """By owner: `open` cases, and how many of them are `amber` and `red` now, as this worker's board has it."""
        return self.feed.board.loads()

    def _records(self, now: int) -> dict[str, tuple[int, int]]:
        """The units' on-time figures change slowly and cost a scan: asked for once a minute, and only the first waits for them."""
        if time.monotonic() >= self._records_until:
            first, self._records_until = self._records_until == 0, time.monotonic() + RECORDS_FOR
            scan = Thread(target=self._scan, args=(now,), daemon=True)
            scan.start()
            if first:
                scan.join()
        return self._on_time

    def _scan(self, now: int) -> None:
        self._on_time = self.reader.cases.records(now - RECORDS_OF)

    async def send(self, commands: Sequence[dict[str, Any]], user: User) -> list[CommandResult]:
        """Asks the engine for each command and waits for its answer (callbacks/command.py)."""
        return await command.send(self.feed, commands, user)
