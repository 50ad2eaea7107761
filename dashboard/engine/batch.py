"""One batch of entries, decided in order against one write transaction.

The border (house rule 9): whatever one entry makes go wrong, that entry becomes a dead letter and all else goes on as if it had not come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from dashboard.cases.alarm import CONCERNED, Alarm, Step, follow
from dashboard.cases.bound import EVENTS, full
from dashboard.cases.case import Case
from dashboard.cases.command import Command
from dashboard.cases.command import decode as decode_command
from dashboard.cases.envelope import DESK, ENGINE, Malformed
from dashboard.cases.event import Event, Key, decode, make, placed
from dashboard.cases.fold import UNREPORTED
from dashboard.cases.mask import mask_value
from dashboard.cases.refusal import Refusal, no
from dashboard.cases.row import row_of
from dashboard.cases.verb import UNDO
from dashboard.clocks.ladder import AlarmFlood, event_id, fire, quiet
from dashboard.engine import change
from dashboard.engine.apply import apply
from dashboard.engine.dead_letter import failed, letter, masked_body
from dashboard.engine.decide import Rules, decide
from dashboard.engine.intake import Intake
from dashboard.engine.merge import leader
from dashboard.ports.away import Away
from dashboard.ports.ledger import Commit, DeadLetter, Fenced, Lease, Orphan, Outcome, Transaction
from dashboard.ports.stream import Entry

TOLD = ("code", "why", "values", "message", "current")
"""What an outcome keeps of a refusal."""
TRIES = 6
"""An entry that was begun this often and never acknowledged ends the engines that work on it: it is put aside unread."""
TIMERS = "timers"
"""Stands for the stream in letters of cases whose timer went wrong."""


class Batch:
    """Collects a commit and the messages that tell of it. `pos` goes on from the lease's; nothing else changes before the commit."""

    def __init__(self, tx: Transaction, lease: Lease, intake: Intake, rules: Rules, waiting: dict[str, int], now: int, wall: int) -> None:
        self._tx, self._intake, self._rules = tx, intake, rules
        self._now, self.wall = now, wall
        self.pos = self.first = lease.pos
        self.commit = Commit()
        self.messages: list[bytes] = []
        """One an event, in order of pos."""
        self.waiting = waiting.copy()
        """Cases that orphans wait for and how many, as it will be after the commit."""
        self.stuck: list[str] = []
        """Cases whose timer went wrong."""
        self.answers: list[bytes] = []
        self._known: set[Key] = set()
        self._cases: dict[str, Case] = {}
        self._before: list[Case | None] = []
        """For each event of the commit the case as it was before."""
        self._outcomes: dict[str, Outcome] = {}

    def load(self, events: Sequence[Event], commands: Sequence[Command], cached: dict[str, Case]) -> None:
        """Fetches what the batch needs to know in as few questions as there are tables."""
        ids = {e.case for e in events} | {c.case for c in commands}
        self._cases = {i: cached[i] for i in ids if i in cached}
        self._cases |= self._tx.cases([i for i in ids if i not in cached])
        self._known = self._tx.known([e.key for e in events] + [(DESK, c.id) for c in commands])
        self._outcomes = self._tx.outcomes([c.id for c in commands])

    def dead(self, letters: Iterable[DeadLetter]) -> None:
        self.commit.dead.extend(letters)

    def _border(self, work: Callable[[], None], letter_of: Callable[[Exception], DeadLetter]) -> bool:
        """Does one entry's work. Where it goes wrong the batch is as it was before, but for the entry's letter; False then."""
        accepted, dead, orphans, pos = len(self.commit.events), len(self.commit.dead), len(self.commit.orphans), self.pos
        try:
            work()
        except (Away, Fenced):
            raise
        except Exception as e:  # whatever it is, it is this entry's own fate
            while len(self.commit.events) > accepted:
                self._take_back()
            del self.messages[accepted:], self.commit.dead[dead:], self.commit.orphans[orphans:]
            self.pos = pos
            self.commit.dead.append(letter_of(e))
            return False
        return True

    def _take_back(self) -> None:
        """The last event of the commit was not."""
        event, before = self.commit.events.pop(), self._before.pop()
        if before is None:
            del self._cases[event.case], self.commit.cases[event.case]
            return
        self._cases[event.case] = before
        if before.pos > self.first:
            self.commit.cases[event.case] = before
        else:
            del self.commit.cases[event.case]

    def command(self, command: Command, entry: Entry) -> None:
        """Decides a command, or repeats the answer it had before. One that goes wrong is refused, and may be sent again."""
        before = self._outcomes.get(command.id)
        if before is None:
            done = self._border(lambda: self._settle(command), lambda e: failed(entry, (DESK, None), e, self.wall))
            if not done:
                why = no("failed", error=self.commit.dead[-1].reason).as_dict()
                self._answer(command.id, command.case, change.REFUSED, why)
        elif before.digest != command.digest:
            self._answer(command.id, command.case, change.REFUSED, no("id_reused").as_dict())
        elif before.status == "accepted":
            self._answer(command.id, command.case, change.ACCEPTED, {"pos": before.pos})
        else:
            self._refuse(before)

    def _settle(self, command: Command) -> None:
        outcome = self._decide(command)
        if outcome.status == "refused":
            self._refuse(outcome)
        self._keep(outcome)
        undone = self.outcome(command.data["command"]) if command.verb == UNDO and outcome.status == "accepted" else None
        if undone is not None:
            self._keep(msgspec.structs.replace(undone, undone=outcome.id))

    def _keep(self, outcome: Outcome) -> None:
        self._outcomes[outcome.id] = outcome
        self.commit.outcomes.append(outcome)

    def _decide(self, command: Command) -> Outcome:
        taken = (DESK, command.id) in self._known
        made = no("id_event") if taken else decide(command, self.case(command.case), self._rules, self._now, self)
        outcome = Outcome(command.id, command.case, command.verb, command.actor, self.wall, command.digest, "accepted")
        if isinstance(made, Refusal):
            return msgspec.structs.replace(outcome, status="refused", **mask_value(made.as_dict())[0])
        for event, after in made:
            self._known.add(event.key)
            outcome = msgspec.structs.replace(outcome, pos=self._accept(event, after).pos)
        return outcome

    def events(self, case: str) -> list[Event]:
        """Port `CaseHistory`: what the transaction knows, and what this batch has decided before."""
        return [*self._tx.events(case), *(e for e in self.commit.events if e.case == case)]

    def outcome(self, command: str) -> Outcome | None:
        """Port `CaseHistory`."""
        return self._outcomes.get(command) or self._tx.outcomes([command]).get(command)

    def case(self, case: str) -> Case | None:
        """Port `CaseHistory`."""
        if case not in self._cases:
            self._cases |= self._tx.cases([case])
        return self._cases.get(case)

    def alarms(self, case: str) -> list[Alarm]:
        """Port `CaseHistory`."""
        stored = self._tx.alarms([case])
        mine = [step for step in self._steps() if step[0].case == case] if case in self.commit.cases else []
        fresh = follow(stored, mine, self._now)
        return [a for a in ({a.id: a for a in stored} | {a.id: a for a in fresh}).values() if a.ended is None]

    def _refuse(self, o: Outcome) -> None:
        self._answer(o.id, o.case, change.REFUSED, {name: getattr(o, name) for name in TOLD})

    def _answer(self, command_id: str, case: str, type_: str, data: dict[str, object]) -> None:
        self.answers.append(change.of_answer(type_, command_id, case, self.pos, self.wall, data))

    def event(self, event: Event, entry: Entry) -> None:
        """Folds an event that is new; a repeat has no effect."""
        if event.key in self._known:
            return
        self._known.add(event.key)
        self._border(lambda: self._apply(event, entry), lambda e: failed(entry, event.key, e, self.wall))
        if event.type == "case.reported" and event.case in self.waiting and event.case in self._cases:
            self._adopt(event.case)

    def _apply(self, event: Event, entry: Entry) -> None:
        case = self._cases.get(event.case)
        made = full(event, case) or apply(event, case, self._intake.sla)
        if made is UNREPORTED and self.waiting.get(event.case, 0) >= EVENTS:
            made = no("full", n=EVENTS)
        if made is UNREPORTED:
            self._wait(event, entry)
        elif isinstance(made, Refusal):
            self.commit.dead.append(letter(entry, event.key, made.code, made.message, self.wall))
        else:
            self._accept(*made)

    def _wait(self, event: Event, entry: Entry) -> None:
        kept = msgspec.structs.replace(entry, body=masked_body(entry.body))
        self.commit.orphans.append(Orphan(event.id, event.source, event.case, event.at, self.wall, kept))
        self.waiting[event.case] = self.waiting.get(event.case, 0) + 1

    def _accept(self, event: Event, after: Case) -> Event:
        """The event with its place in the order."""
        pos = self.pos + 1
        event = placed(event, pos, after.version, self.wall)
        after.pos = pos
        message = change.of_event(event, row_of(after))
        self.pos = pos
        self._before.append(self._cases.get(event.case))
        self.commit.events.append(event)
        self.messages.append(message)
        self._cases[event.case] = self.commit.cases[event.case] = after
        led = leader(event, after, self, self._rules.sla)
        if led is not None:
            self._accept(*led)
        return event

    def raise_alarms(self) -> None:
        """The alarms that the events of this batch raise or end. Asked once, at its end, when no event is taken back any more."""
        stored = self._tx.alarms(sorted({e.case for e in self.commit.events if e.type in CONCERNED}))
        self.commit.alarms = follow(stored, self._steps(), self._now)

    def _steps(self) -> list[Step]:
        """Every event of the commit with its case before and after it."""
        after, steps = dict(self.commit.cases), []
        for event, before in zip(reversed(self.commit.events), reversed(self._before), strict=True):
            steps.append((event, before, after[event.case]))
            if before is not None:
                after[event.case] = before
        return steps[::-1]

    def _adopt(self, case: str) -> None:
        """The report has come: the events that waited for it follow, oldest first, each with a fate of its own."""
        stored = self._tx.orphans_of([case])
        fresh = [o for o in self.commit.orphans if o.case == case]
        self.commit.orphans = [o for o in self.commit.orphans if o.case != case]
        self.commit.adopted += [o.key for o in stored]
        self.waiting.pop(case, None)
        for orphan in sorted([*stored, *fresh], key=_turn):
            self._follow(orphan)

    def _follow(self, orphan: Orphan) -> None:
        def work() -> None:
            for event in self._intake.take([decode(orphan.entry.body, orphan.at)], self.wall):
                self._apply(event, orphan.entry)

        self._border(work, lambda e: failed(orphan.entry, orphan.key, e, self.wall))

    def timer(self, case: Case, flood: AlarmFlood, local_hour: int) -> None:
        """Fires what is due for a case whose time has come, on the case as it is now."""
        self._cases.setdefault(case.case, case)
        entry = Entry(TIMERS, f"{case.pos}-{case.version}", case.case.encode())
        if not self._border(lambda: self._fire(case.case, flood, local_hour), lambda e: failed(entry, (ENGINE, None), e, self.wall)):
            self.stuck.append(case.case)

    def _fire(self, case: str, flood: AlarmFlood, local_hour: int) -> None:
        for due in fire(self._cases[case], self._now):
            now = self._cases[case]
            if due.data.get("alarm"):
                due.data["silent"] = quiet(now, local_hour) or flood.silent(now, self._now)
            event = make(due.type, due.data, id=event_id(now, due), case=now.case, source=ENGINE, at=max(self._now, now.last_at))
            made = apply(event, now, self._intake.sla)
            if not isinstance(made, Refusal):
                self._accept(*made)


Read = tuple[list[tuple[Event, Entry]], list[tuple[Command, Entry]], list[DeadLetter]]


def _turn(orphan: Orphan) -> tuple[int, list[int]]:
    """Oldest first; what happened in the same millisecond keeps the order of the stream."""
    return orphan.at, [int(part) for part in orphan.entry.id.split("-")]


def unanswered(entry: Entry, reason: str, pos: int, wall: int) -> list[bytes]:
    """The answer to a command that could not even be committed; none where the entry is no command that can be read."""
    try:
        command = decode_command(entry.body) if ":commands:" in entry.stream else None
    except Exception:  # the border
        command = None
    told = no("failed", error=reason).as_dict()
    return [] if command is None else [change.of_answer(change.REFUSED, command.id, command.case, pos, wall, told)]


def read(entries: Sequence[Entry], latest: int, wall: int) -> Read:
    """Entries as events, commands and letters that cannot be read. `latest` (ms): later times are broken clocks."""
    events: list[tuple[Event, Entry]] = []
    commands: list[tuple[Command, Entry]] = []
    dead: list[DeadLetter] = []
    for entry in entries:
        try:
            if entry.tries > TRIES:
                raise Malformed("unfinished", f"begun {entry.tries} times and never finished: the engine ended or hung on it each time")
            if ":commands:" in entry.stream:
                commands.append((decode_command(entry.body), entry))
            else:
                events.append((decode(entry.body, latest), entry))
        except Malformed as e:
            dead.append(letter(entry, (None, None), e.code, str(e), wall))
        except Exception as e:  # the border: whatever it is, it is this entry's own fate
            dead.append(failed(entry, (None, None), e, wall))
    return events, commands, dead
