"""Commands from the screen: decided here, where the order is decided (DOMAIN.md 5, CONTRACT.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from dashboard.cases import event as ev
from dashboard.cases.case import Case
from dashboard.cases.event import Event, Malformed, decode_envelope
from dashboard.cases.fold import Refusal, fold
from dashboard.cases.stage import TO_DISPATCH, Level, Severity, Stage
from dashboard.cases.workflow import WORKFLOWS
from dashboard.clocks.book import Book
from dashboard.places.route import Routing
from dashboard.places.unit import UnitTree
from dashboard.roles import User, in_jurisdiction, may


class Command(msgspec.Struct):
    """One wish of one person for one case. `digest` tells a repeat from another command with the same id."""

    id: str
    verb: str
    case: str
    expected_version: int
    actor: User
    data: dict[str, Any]
    digest: str


class CommandData(msgspec.Struct):
    expected_version: int
    actor: User
    case: Annotated[str, Meta(min_length=1, max_length=130)]
    """Ours: source and subject, so longer than a code of a source."""


class Refused(msgspec.Struct, frozen=True):
    """The answer no: codes of CONTRACT.md; `current` is what the loser of a conflict needs to see."""

    code: str
    message: str
    current: dict[str, Any] | None = None


def decode(entry: bytes) -> Command:
    """Raises Malformed."""
    envelope = decode_envelope(entry)
    try:
        head = msgspec.json.decode(envelope.data, type=CommandData)
        data = msgspec.json.decode(envelope.data)
    except msgspec.DecodeError as e:
        raise Malformed("bad_data", f"{envelope.type}: {e}") from None
    for key in ("expected_version", "actor", "case"):
        del data[key]
    digest = hashlib.sha256(msgspec.json.encode([envelope.type, head.case, data], order="sorted")).hexdigest()
    verb = envelope.type.removeprefix("command.")
    return Command(envelope.id, verb, head.case, head.expected_version, head.actor, data, digest)


class Rules(msgspec.Struct, frozen=True):
    """What a decision needs to know of the city."""

    tree: UnitTree
    routing: Routing
    book: Book


def decide(command: Command, case: Case | None, rules: Rules, now: int) -> tuple[Event, Case] | Refused:
    """The effect of a command, or why not. Checks run from who to what: role, jurisdiction, version, target, workflow."""
    refused = _check(command, case, rules)
    if refused or case is None:
        return refused or Refused("unknown_case", f"there is no case {command.case}")
    try:
        event = _event(command, case, rules, now)
    except Malformed as e:
        return Refused("invalid", str(e), _current(case))
    if isinstance(event, Refused):
        return event
    rules.book.pin(event, case)
    after = fold(event, case)
    if isinstance(after, Refusal):
        return Refused(after.code, after.message, _current(case))
    return event, after


def _check(command: Command, case: Case | None, rules: Rules) -> Refused | None:
    actor = command.actor
    if command.verb not in _MAKE:
        return Refused("invalid", f"command.{command.verb} is not known; known are {', '.join(sorted(_MAKE))}")
    if not may(actor.role, command.verb):
        return Refused("forbidden", f"role {actor.role} may not {command.verb}")
    if case is None:
        return Refused("unknown_case", f"there is no case {command.case}")
    if not in_jurisdiction(actor, rules.tree, case.grid, case.owner):
        return Refused("forbidden", f"{case.case} is outside the jurisdiction of {actor.name} ({actor.unit})")
    if case.version != command.expected_version:
        who = case.last_actor or case.source
        return Refused("conflict", f"{who} was faster: {case.last_type}, now version {case.version}", _current(case))
    return None


def _current(case: Case) -> dict[str, Any]:
    return {
        "version": case.version, "stage": Stage(case.stage).name, "owner": case.owner, "level": Level(case.level).name,
        "who": case.last_actor or case.source, "type": case.last_type, "at": case.last_at,
    }  # fmt: skip


def _event(command: Command, case: Case, rules: Rules, now: int) -> Event | Refused:
    made = _MAKE[command.verb](command, case, rules)
    if isinstance(made, Refused):
        return made
    type_, data = made
    raw = msgspec.json.encode({k: v for k, v in data.items() if v is not None} | {"by": command.actor.id})
    at = max(now, case.last_at)
    return Event(
        id=command.id, type=type_, case=case.case, source="/desk", at=at, data=ev.decode_data(type_, raw), raw=raw,
        actor=command.actor.name, cause=command.id,
    )  # fmt: skip


Made = tuple[str, dict[str, Any]] | Refused


def _reassign(command: Command, case: Case, rules: Rules) -> Made:
    """A case nobody owns yet is dispatched; an owned one changes hands."""
    to, reason = command.data.get("to"), command.data.get("reason")
    if not isinstance(to, str) or to not in rules.tree:
        return Refused("bad_target", f"unit {to!r} is not known", _current(case))
    if not rules.tree.within(to, command.actor.unit):
        return Refused("bad_target", f"{to} is outside the jurisdiction of {command.actor.name}", _current(case))
    if not rules.routing.serves(to, case.category, case.grid):
        return Refused("bad_target", f"{to} does not serve category {case.category} in grid {case.grid or '—'}", _current(case))
    if to == case.owner:
        return Refused("bad_target", f"{to} owns the case already", _current(case))
    if not isinstance(reason, str) or not reason.strip():
        return Refused("invalid", "a reassignment needs a reason", _current(case))
    data = {"to": to, "reason": reason, "reason_code": command.data.get("reason_code"), "from": case.owner}
    return ("case.dispatched" if case.stage in TO_DISPATCH else "case.reassigned"), data


def _escalate(command: Command, case: Case, rules: Rules) -> Made:
    level = command.data.get("level")
    if not isinstance(level, str) or level not in Level.__members__ or level == "none":
        return Refused("invalid", f"level {level!r} is not one of unit_head, duty_chief, commander", _current(case))
    if Level[level] <= case.level:
        return Refused("not_allowed", f"the case is escalated to {Level(case.level).name} already", _current(case))
    return _with_reason("case.escalated", "level")(command, case, rules)


def _with_reason(type_: str, *keys: str) -> Callable[[Command, Case, Rules], Made]:
    def make(command: Command, case: Case, rules: Rules) -> Made:
        reason = command.data.get("reason")
        if not isinstance(reason, str) or not reason.strip():
            return Refused("invalid", f"{type_} needs a reason", _current(case))
        return type_, {key: command.data.get(key) for key in ("reason", "reason_code", *keys)}

    return make


def _plain(type_: str, *keys: str) -> Callable[[Command, Case, Rules], Made]:
    def make(command: Command, case: Case, rules: Rules) -> Made:
        return type_, {key: command.data.get(key) for key in keys}

    return make


_MAKE: dict[str, Callable[[Command, Case, Rules], Made]] = {
    "reassign": _reassign,
    "escalate": _escalate,
    "urge": _with_reason("case.urged", "to"),
    "supervise": _with_reason("case.supervised", "to", "reply_due"),
    "extend": _with_reason("case.extended", "hours", "mode"),
    "suspend": _with_reason("case.suspended", "until"),
    "resume": _plain("case.resumed"),
    "return_approve": _with_reason("case.return_approved"),
    "return_refuse": _with_reason("case.return_refused"),
    "note": _plain("case.noted", "text"),
    "acknowledge": _plain("case.acknowledged"),
    "recalculate": _with_reason("case.recalculated", "policy"),
}

VERBS = tuple(_MAKE)
"""Every command there is."""
_EFFECT = {
    "escalate": "case.escalated", "urge": "case.urged", "supervise": "case.supervised", "extend": "case.extended",
    "suspend": "case.suspended", "resume": "case.resumed", "return_approve": "case.return_approved",
    "return_refuse": "case.return_refused", "note": "case.noted", "acknowledge": "case.acknowledged",
    "recalculate": "case.recalculated",
}  # fmt: skip


def possible(case: Case) -> list[str]:
    """Verbs whose effect the workflow allows now, whoever asks; what `decide` would refuse for its stage is not among them."""
    steps, stage = WORKFLOWS[case.workflow], Stage(case.stage)
    given = "case.dispatched" if stage in TO_DISPATCH else "case.reassigned"
    verbs = [verb for verb, type_ in [("reassign", given), *_EFFECT.items()] if stage in steps[type_][0]]
    blocked = {"resume"} if case.suspended is None else {"suspend"}
    if case.severity == Severity.danger:
        blocked.add("suspend")
    if case.level == Level.commander:
        blocked.add("escalate")
    return [verb for verb in verbs if verb not in blocked]
