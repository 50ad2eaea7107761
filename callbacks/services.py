"""What pages and the API may use: reads, the live board, and the one way to ask for a change."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from threading import Thread
from typing import Annotated, Any, TypedDict, cast

import msgspec
from msgspec import Meta

from dashboard.access.role import User, in_jurisdiction
from dashboard.cache import KeyedCache
from dashboard.cases.command import decode, encode
from dashboard.cases.event import Malformed
from dashboard.cases.fold import standing
from dashboard.cases.refusal import CODES, Refusal, no
from dashboard.clock import DAY
from dashboard.desk.candidate import Candidate, Facts, Rejected, candidates, hands
from dashboard.desk.effect import Effect, move
from dashboard.engine import change
from dashboard.engine.change import Change
from dashboard.engine.decide import Current
from dashboard.live.answer import Unsent
from dashboard.live.feed import Feed
from dashboard.places.route import Routing
from dashboard.places.unit import UnitTree
from dashboard.ports.away import Away
from dashboard.ports.quality import QualityReader
from dashboard.ports.reader import Reader
from dashboard.settings import Settings

MAX_COMMANDS = 1000
RECORDS_OF = 90 * DAY
RECORDS_FOR = 60.0
"""Seconds for which the units' on-time figures are kept."""
AGAIN = "it is safe to send the same id again"
UNSENT = {
    "busy": "too many commands wait for their answers; nothing was sent, try again",
    "not_ready": "this worker has not loaded its board yet; nothing was sent, try again",
    "redis_away": "Redis is away; nothing was sent, try again",
    "redis_full": "Redis takes nothing more: it is out of memory or disk; nothing was sent",
}
"""Why a command was not sent (code `unavailable`), in English, for API clients; screens say the word `unsent.<why>`."""
COMMAND_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
CASE_ID = re.compile(r"[A-Za-z0-9._:~-]{1,130}")


class CommandResult(TypedDict):
    """What became of one command; `unconfirmed`: nobody knows yet, send the same id again."""

    id: Annotated[Any, Meta(description="The command's, as it was given.")]
    status: Annotated[str, Meta(extra_json_schema={"enum": ["accepted", "refused", "unconfirmed"]})]
    pos: Annotated[int | None, Meta(description="The position of its effect.")]
    code: Annotated[str, Meta(extra_json_schema={"enum": [*sorted({*CODES.values()}), "unavailable"]})] | None
    why: Annotated[str | None, Meta(description="The exact reason, the same in every language; there may be new ones.")]
    values: Annotated[dict[str, Any] | None, Meta(description="What the reason tells: codes and names; instants in ms.")]
    message: Annotated[str | None, Meta(description="The reason in English.")]
    current: Annotated[Current | None, Meta(description="What the case is now, where that was looked at.")]


class Choice(TypedDict):
    """Who could take a case, and what a move does to its clocks."""

    candidates: list[Candidate]
    rejected: list[Rejected]
    effects: list[Effect]
    arbitration: bool


class Services:
    """One a worker. `feed` is set when the worker has started; before that only `settings` may be used."""

    feed: Feed
    reader: Reader
    quality: QualityReader

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

    def tree(self) -> UnitTree:
        """The tree as this worker's board has it; another object after an import."""
        return self.feed.board.tree

    def candidates(self, case: str, user: User) -> Choice:
        """Who could take this case inside the user's jurisdiction and who could not (dashboard/desk/candidate.py), and what a move does
        to its clocks (dashboard/desk/effect.py); all empty when there is no such case in the user's jurisdiction. Reads SQL.
        """
        found, now, tree = self.reader.history(case), self.now(), self.tree()
        if found is None or not in_jurisdiction(user, tree, found[0].grid, found[0].owner):
            return {"candidates": [], "rejected": [], "effects": [], "arbitration": False}
        state, events = found
        loads = {unit: load["open"] for unit, load in self.loads().items()}
        facts = Facts(tree, self._routing.get(tree, lambda: Routing(self.reader.routes(), tree)), loads, self._records(now))
        good, bad = candidates(state, hands(standing(events)), facts, user.unit, now)
        effects = move(events, state, good[0]["unit"] if good else user.unit, self.reader.sla(), now)
        return {"candidates": good, "rejected": bad, "effects": effects, "arbitration": state.arbitration}

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
        self._on_time = self.reader.records(now - RECORDS_OF)


    async def send(self, commands: Sequence[dict[str, Any]], user: User) -> list[CommandResult]:
        """Asks the engine for each command and waits for each answer; results in the same order (CONTRACT.md).

        More than MAX_COMMANDS are refused, every one of them: half a batch is what nobody has asked for.
        """
        if len(commands) > MAX_COMMANDS:
            many = no("too_many", n=len(commands), limit=MAX_COMMANDS).as_dict()
            return [_result(command.get("id"), "refused", **many) for command in commands]
        first: dict[str, dict[str, Any]] = {}
        for command in commands:
            first.setdefault(str(command.get("id")), command)
        return list(await asyncio.gather(*(self._send(command, user, first[str(command.get("id"))]) for command in commands)))

    async def _send(self, command: dict[str, Any], user: User, first: dict[str, Any]) -> CommandResult:
        """`first` of this id: another command under it would be given the first one's answer."""
        wrong = _wrong(command) or (None if _same(command, first) else "id_reused")
        if wrong:
            return _result(command.get("id"), "refused", **no(wrong).as_dict())
        verb = command["type"].removeprefix("command.")
        data = command.get("data", {})
        body = encode(command["id"], verb, command["case"], command["expected_version"], user, data, self.now())
        try:
            decode(body)  # what the engine could not read it could not answer either
        except Malformed as e:
            return _result(command["id"], "refused", **Refusal("unreadable", detail=str(e)).as_dict())
        try:
            answer = await self.feed.send(command["id"], body)
        except Unsent as e:
            return _result(command["id"], "refused", code="unavailable", why=e.why, values=e.values, message=UNSENT[e.why])
        except Away as e:
            return _result(command["id"], "unconfirmed", why=f"{e.what}_away", values={}, message=f"{e}; {AGAIN}")
        return _answer(command["id"], answer)


def _wrong(command: dict[str, Any]) -> str | None:
    """What is wrong with the form of a command (a why of dashboard/cases/refusal.py); the engine judges its content."""
    if not isinstance(command.get("id"), str) or not COMMAND_ID.fullmatch(command["id"]):
        return "bad_id"
    if not isinstance(command.get("type"), str) or not command["type"].startswith("command."):
        return "bad_type"
    if not isinstance(command.get("case"), str) or not CASE_ID.fullmatch(command["case"]):
        return "bad_case"
    if not isinstance(command.get("expected_version"), int) or not 0 <= command["expected_version"] < 2**31:
        return "bad_version"
    return None if isinstance(command.get("data", {}), dict) else "bad_data"


def _same(command: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(command.get(name) == other.get(name) for name in ("type", "case", "data"))


def _answer(command_id: str, answer: Change | None) -> CommandResult:
    if answer is None:
        return _result(command_id, "unconfirmed", message=f"no answer yet; {AGAIN}")
    if answer.type == change.REFUSED:
        return _result(command_id, "refused", **msgspec.json.decode(answer.data))
    pos = msgspec.json.decode(answer.data)["pos"] if answer.type == change.ACCEPTED else answer.pos
    return _result(command_id, "accepted", pos=pos)


def _result(command_id: Any, status: str, **more: Any) -> CommandResult:
    nothing = dict.fromkeys(("pos", "code", "why", "values", "message", "current"))
    return cast(CommandResult, {"id": command_id, "status": status, **nothing, **more})
