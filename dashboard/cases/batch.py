"""One batch of entries, decided in order against one write transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from dashboard.cases import command as commands
from dashboard.cases.case import Case
from dashboard.cases.command import Command, Rules
from dashboard.cases.event import Event, Malformed, decode, decode_data
from dashboard.cases.fold import UNREPORTED, fold
from dashboard.cases.intake import Desk
from dashboard.cases.mask import mask, mask_value
from dashboard.cases.merge import leader
from dashboard.cases.refusal import Refusal, no
from dashboard.clocks.ladder import Storm, event_id, fire, quiet
from dashboard.live import change
from dashboard.live.row import row_of
from dashboard.ports import Commit, DeadLetter, Entry, Lease, Orphan, Outcome, Transaction

_ENVELOPE = frozenset({"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataversion"})


def letter(entry: Entry, event_id: str | None, code: str, reason: str, at: int) -> DeadLetter:
    """A dead letter; private numbers are masked here too, so the body is raw but for those."""
    return DeadLetter(entry.stream, entry.id, event_id, code, mask(reason)[0][:500], masked_body(entry.body), at)


def masked_body(body: bytes) -> bytes:
    """The entry unchanged, unless it holds a phone, identity card or plate."""
    try:
        return _masked_json(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        text, n = mask(body.decode("utf-8", "surrogateescape"))
        return text.encode("utf-8", "surrogateescape") if n else body


def _masked_json(body: bytes) -> bytes:
    """All of it is masked but the names that the envelope gives the event."""
    content = msgspec.json.decode(body)
    named = {k: v for k, v in content.items() if k in _ENVELOPE} if isinstance(content, dict) else {}
    masked, n = mask_value({k: v for k, v in content.items() if k not in named} if named else content)
    return msgspec.json.encode(named | masked if named else masked) if n else body


TOLD = ("code", "why", "values", "message", "current")
"""What an outcome keeps of a refusal."""


class Batch:
    """Collects a commit and the messages that tell of it. `pos` goes on from the lease's."""

    def __init__(self, tx: Transaction, lease: Lease, desk: Desk, rules: Rules, waiting: set[str], now: int, wall: int) -> None:
        self._tx, self._desk, self._rules, self._waiting = tx, desk, rules, waiting
        self._now, self.wall = now, wall
        self.pos = lease.pos
        self.commit = Commit()
        self.messages: list[bytes] = []
        self._answers: list[bytes] = []
        self._known: set[str] = set()
        self._cases: dict[str, Case] = {}
        self._outcomes: dict[str, Outcome] = {}

    def load(self, events: Sequence[Event], wishes: Sequence[Command], cached: dict[str, Case]) -> None:
        """Fetches what the batch needs to know in as few questions as there are tables."""
        ids = {e.case for e in events} | {c.case for c in wishes}
        self._cases = {i: cached[i] for i in ids if i in cached}
        self._cases |= self._tx.cases([i for i in ids if i not in cached])
        self._known = self._tx.known([e.id for e in events] + [c.id for c in wishes])
        self._outcomes = self._tx.outcomes([c.id for c in wishes])

    def dead(self, letters: Iterable[DeadLetter]) -> None:
        self.commit.dead.extend(letters)

    def command(self, command: Command) -> None:
        """Decides a wish, or repeats the answer it had before."""
        before = self._outcomes.get(command.id)
        if before is None:
            before = self._decide(command)
            self._outcomes[command.id] = before
            self.commit.outcomes.append(before)
        elif before.digest != command.digest:
            self._answer(command.id, command.case, change.REFUSED, no("id_reused").told())
        elif before.status == "accepted":
            self._answer(command.id, command.case, change.ACCEPTED, {"pos": before.pos})
        else:
            self._refuse(before)

    def _decide(self, command: Command) -> Outcome:
        taken = command.id in self._known
        made = no("id_event") if taken else commands.decide(command, self.case(command.case), self._rules, self._now, self)
        outcome = Outcome(command.id, command.case, command.verb, command.actor, self.wall, command.digest, "accepted")
        if isinstance(made, Refusal):
            outcome = msgspec.structs.replace(outcome, status="refused", **mask_value(made.told())[0])
            self._refuse(outcome)
            return outcome
        event, after = made
        self._known.add(event.id)
        self._accept(event, after)
        return msgspec.structs.replace(outcome, pos=event.pos)

    def events(self, case: str) -> list[Event]:
        """Port `Memory`: what the transaction knows, and what this batch has decided before."""
        return [*self._tx.events(case), *(e for e in self.commit.events if e.case == case)]

    def outcome(self, command: str) -> Outcome | None:
        """Port `Memory`."""
        return self._outcomes.get(command) or self._tx.outcomes([command]).get(command)

    def case(self, case: str) -> Case | None:
        """Port `Memory`."""
        if case not in self._cases:
            self._cases |= self._tx.cases([case])
        return self._cases.get(case)

    def _refuse(self, o: Outcome) -> None:
        self._answer(o.id, o.case, change.REFUSED, {name: getattr(o, name) for name in TOLD})

    def _answer(self, command_id: str, case: str, type_: str, data: dict[str, object]) -> None:
        self._answers.append(change.of_answer(type_, command_id, case, self.pos, self.wall, data))

    def event(self, event: Event, entry: Entry) -> None:
        """Folds an event that is new; a repeat has no effect."""
        if event.id in self._known:
            return
        self._known.add(event.id)
        self._apply(event, entry)
        if event.type == "case.reported" and event.case in self._waiting:
            self._adopt(event.case)

    def _apply(self, event: Event, entry: Entry) -> None:
        case = self._cases.get(event.case)
        self._desk.book.pin(event, case)
        after = fold(event, case)
        if after is UNREPORTED:
            self._waiting.add(event.case)
            self.commit.orphans.append(
                Orphan(event.id, event.case, event.at, self.wall, Entry(entry.stream, entry.id, masked_body(entry.body)))
            )
        elif isinstance(after, Refusal):
            self.commit.dead.append(letter(entry, event.id, after.code, after.message, self.wall))
        else:
            self._accept(event, after)

    def _accept(self, event: Event, after: Case) -> None:
        self.pos += 1
        event.pos, event.version, event.recorded = self.pos, after.version, self.wall
        after.pos = self.pos
        self._cases[event.case] = self.commit.cases[event.case] = after
        self.commit.events.append(event)
        self.messages.append(change.of_event(event, row_of(after)))
        led = leader(event, after, self, self._rules.book)
        if led is not None:
            self._accept(*led)

    def _adopt(self, case: str) -> None:
        """The report has come: the events that waited for it follow, oldest first."""
        stored = self._tx.orphans_of([case])
        fresh = [o for o in self.commit.orphans if o.case == case]
        self.commit.orphans = [o for o in self.commit.orphans if o.case != case]
        self.commit.adopted += [o.event_id for o in stored]
        self._waiting.discard(case)
        for orphan in sorted([*stored, *fresh], key=_turn):
            event = decode(orphan.entry.body, orphan.at)
            self._desk.take([event], self.wall)
            self._apply(event, orphan.entry)

    def timer(self, case: Case, storm: Storm, local_hour: int) -> None:
        """Fires what is due for a case whose time has come, on the case as it is now."""
        self._cases.setdefault(case.case, case)
        for due in fire(self._cases[case.case], self._now):
            now = self._cases[case.case]
            if due.data.get("alarm"):
                due.data["silent"] = quiet(now, local_hour) or storm.silent(now, self._now)
            raw = msgspec.json.encode(due.data)
            event = Event(
                id=event_id(now, due), type=due.type, case=now.case, source="/engine", at=max(self._now, now.last_at),
                data=decode_data(due.type, raw), raw=raw,
            )  # fmt: skip
            self._desk.book.pin(event, now)
            after = fold(event, now)
            if not isinstance(after, Refusal):
                self._accept(event, after)

    def finish(self) -> list[bytes]:
        """All messages: events in order of pos, then the answers."""
        return self.messages + self._answers


Read = tuple[list[tuple[Event, Entry]], list[tuple[Command, Entry]], list[DeadLetter]]


def _turn(orphan: Orphan) -> tuple[int, list[int]]:
    """Oldest first; what happened in the same millisecond keeps the order of the stream."""
    return orphan.at, [int(part) for part in orphan.entry.id.split("-")]


def read(entries: Sequence[Entry], latest: int, wall: int) -> Read:
    """Entries as events, commands and letters that cannot be read. `latest` (ms): later times are broken clocks."""
    events: list[tuple[Event, Entry]] = []
    wishes: list[tuple[Command, Entry]] = []
    dead: list[DeadLetter] = []
    for entry in entries:
        try:
            if ":commands:" in entry.stream:
                wishes.append((commands.decode(entry.body), entry))
            else:
                events.append((decode(entry.body, latest), entry))
        except Malformed as e:
            dead.append(letter(entry, None, e.code, str(e), wall))
    return events, wishes, dead
