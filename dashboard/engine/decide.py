"""Commands from the screen: decided here, where the order is decided (DOMAIN.md 5, CONTRACT.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from dashboard.cases import payload

from dashboard.engine import undo

from dashboard.engine import merge
from dashboard.cases.bound import full
from dashboard.cases.case import Case
from dashboard.cases.event import DESK, CaseId, Event, Malformed, decode_data, decode_envelope
from dashboard.cases.fold import fold
from dashboard.cases.mask import mask_value
from dashboard.engine.history import CaseHistory
from dashboard.cases.refusal import Refusal, no
from dashboard.cases.stage import TO_DISPATCH, Level, Severity, Stage
from dashboard.cases.payload import VERBS, Payload
from dashboard.cases.workflow import WORKFLOWS
from dashboard.clock import DAY, ms
from dashboard.clocks.rules import SlaRules
from dashboard.places.route import Routing
from dashboard.places.unit import UnitTree
from dashboard.access.role import COMMANDS, User, in_jurisdiction, may


class Command(msgspec.Struct):
    """One command of one person for one case. `digest` tells a repeat from another command with the same id."""

    id: str
    verb: str
    case: str
    expected_version: int
    actor: User
    data: dict[str, Any]
    digest: str


class CommandData(msgspec.Struct):
    expected_version: Annotated[int, Meta(ge=0, lt=2**31)]
    actor: User
    case: CaseId


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
    sla: SlaRules


SUSPENDED_AT_MOST = 90 * DAY
"""A suspension ends at the latest after this time; then it must be asked for again (DOMAIN.md 3: a maximum)."""


SHOWN = 64
"""Characters of a name that nobody knows, in the answer that says so."""


class DecisionContext(msgspec.Struct, frozen=True):
    """All that one decision looks at. `now` in ms."""

    command: Command
    case: Case
    rules: Rules
    history: CaseHistory
    now: int


def decide(command: Command, case: Case | None, rules: Rules, now: int, history: CaseHistory) -> tuple[Event, Case] | Refusal:
    """The effect of a command, or why not. Checks run from who to what: role, jurisdiction, version, target, workflow."""
    refused = _check(command, case, rules)
    if refused or case is None:
        return refused or no("unknown_case", case=command.case)
    made = _made(DecisionContext(command, case, rules, history, now))
    return msgspec.structs.replace(made, current=current(case)) if isinstance(made, Refusal) else made


def _made(context: DecisionContext) -> tuple[Event, Case] | Refusal:
    event = _event(context)
    if isinstance(event, Refusal):
        return event
    after = full(event, context.case) or context.rules.sla.pin(event, context.case) or fold(event, context.case)
    return after if isinstance(after, Refusal) else (event, after)


def _check(command: Command, case: Case | None, rules: Rules) -> Refusal | None:
    actor, verb = command.actor, command.verb
    if verb not in VERBS:
        return no("verb_unknown", verb=verb[:SHOWN], verbs=sorted(VERBS))
    if not may(actor.role, verb):
        return no("role", who=actor.name, role=actor.role, verb=verb, roles=[role for role, verbs in COMMANDS.items() if verb in verbs])
    if case is None:
        return no("unknown_case", case=command.case)
    if not in_jurisdiction(actor, rules.tree, case.grid, case.owner):
        return no("outside", case=case.case, who=actor.name, unit=actor.unit)
    if case.version != command.expected_version:
        who = case.last_actor or case.source
        return Refusal("version_moved", {"who": who, "type": case.last_type, "at": case.last_at, "version": case.version}, current(case))
    return None


def current(case: Case) -> dict[str, Any]:
    """What the loser of a conflict needs to see; `at` in ms."""
    return {
        "version": case.version, "stage": Stage(case.stage).name, "owner": case.owner, "level": Level(case.level).name,
        "who": case.last_actor or case.source, "type": case.last_type, "at": case.last_at,
    }  # fmt: skip


def _event(context: DecisionContext) -> Event | Refusal:
    """The effect, its words masked before anything else is written into it."""
    command = context.command
    said = payload.read(command.verb, command.data)
    made = said if isinstance(said, Refusal) else _MAKE[command.verb](context, said)
    if isinstance(made, Refusal):
        return made
    type_, data, found = made
    words, _ = mask_value({k: v for k, v in msgspec.to_builtins(data).items() if v not in (None, "")})
    raw = msgspec.json.encode(words | found | {"by": command.actor.id})
    at = max(context.now, context.case.last_at)
    return Event(
        id=command.id, type=type_, case=context.case.case, source=DESK, at=at, data=decode_data(type_, raw), raw=raw,
        actor=command.actor.name, cause=command.id,
    )  # fmt: skip


Made = tuple[str, dict[str, Any], dict[str, Any]] | Refusal
"""(event type, what the actor said, what the engine found out)"""


def _said(said: Payload) -> dict[str, Any]:
    return msgspec.structs.asdict(said)


def _reassign(context: DecisionContext, said: Any) -> Made:
    """A case nobody owns yet is dispatched; an owned one changes hands. In arbitration only the duty chief moves it."""
    case, actor = context.case, context.command.actor
    if case.arbitration and actor.role != "duty_chief":
        return no("arbitration", case=case.case, n=case.returns)
    return _bad_target(context, said.to) or _given(context, said)


def _designate(context: DecisionContext, said: Any) -> Made:
    """The word that ends an arbitration (DOMAIN.md 5)."""
    if not context.case.arbitration:
        return no("no_arbitration", case=context.case.case)
    return _bad_target(context, said.to) or _given(context, said)


def _given(context: DecisionContext, said: Any) -> Made:
    found = {"from": context.case.owner} if context.case.owner else {}
    return ("case.dispatched" if context.case.stage in TO_DISPATCH else "case.reassigned"), _said(said), found


def _bad_target(context: DecisionContext, to: Any) -> Refusal | None:
    case, actor, rules = context.case, context.command.actor, context.rules
    unit = rules.tree.get(to) if isinstance(to, str) else None
    if unit is None:
        return no("unit_unknown", unit=to[:SHOWN] if isinstance(to, str) else "")
    if not unit.valid_at(context.now):
        return no("unit_ended", unit=to)
    if not rules.tree.within(to, actor.unit):
        return no("outside_jurisdiction", unit=to, who=actor.name)
    if not rules.routing.serves(to, case.category, case.grid):
        return no("not_serving", unit=to, category=case.category, grid=case.grid or "")
    if to == case.owner:
        return no("owner_now", unit=to)
    return None


def _escalate(context: DecisionContext, said: Any) -> Made:
    if Level[said.level] <= context.case.level:
        return no("level", level=Level(context.case.level).name)
    return "case.escalated", _said(said), {}


def _supervise(context: DecisionContext, said: Any) -> Made:
    if said.reply_due is not None and ms(said.reply_due) <= context.now:
        return no("past", field="reply_due", at=ms(said.reply_due))
    return "case.supervised", _said(said), {}


def _suspend(context: DecisionContext, said: Any) -> Made:
    until, most = ms(said.until), context.now + SUSPENDED_AT_MOST
    if until <= context.now:
        return no("past", field="until", at=until)
    if until > most:
        return no("too_late", until=most)
    return "case.suspended", _said(said), {}


def _decide_return(type_: str) -> Callable[[DecisionContext, Any], Made]:
    def make(context: DecisionContext, said: Any) -> Made:
        if context.case.pending != "return":
            return no("pending_none", case=context.case.case)
        return type_, _said(said), {"unit": context.case.owner} if context.case.owner else {}

    return make


def _merge(context: DecisionContext, said: Any) -> Made:
    into = context.history.case(said.into)
    why = merge.refusal(context.case, into)
    if why is not None:
        return why
    actor = context.command.actor
    if into is not None and not in_jurisdiction(actor, context.rules.tree, into.grid, into.owner):
        return no("merge_outside", case=said.into, who=actor.name)
    return "case.merged", _said(said), {"into": said.into}


def _unmerge(context: DecisionContext, said: Any) -> Made:
    if context.case.merged_into is None:
        return no("not_merged", case=context.case.case)
    return "case.unmerged", _said(said), {"into": context.case.merged_into}


def _undo(context: DecisionContext, said: Any) -> Made:
    command, case, history = context.command, context.case, context.history
    why = undo.refusal(said.command, command.actor, case, history, context.now)
    if why is not None:
        return why
    events = history.events(case.case)
    return "case.corrected", _said(said), {"undoes": events[-1].id, "restored": undo.restored(events, case)}


def _plain(type_: str) -> Callable[[DecisionContext, Any], Made]:
    return lambda context, said: (type_, _said(said), {})


_MAKE: dict[str, Callable[[DecisionContext, Any], Made]] = {
    "reassign": _reassign,
    "designate": _designate,
    "escalate": _escalate,
    "urge": _plain("case.urged"),
    "supervise": _supervise,
    "extend": _plain("case.extended"),
    "suspend": _suspend,
    "resume": _plain("case.resumed"),
    "return_approve": _decide_return("case.return_approved"),
    "return_refuse": _decide_return("case.return_refused"),
    "note": _plain("case.noted"),
    "acknowledge": _plain("case.acknowledged"),
    "recalculate": _plain("case.recalculated"),
    "file": _plain("case.filed"),
    "close": _plain("case.closed"),
    "void": _plain("case.voided"),
    "merge": _merge,
    "unmerge": _unmerge,
    "undo": _undo,
}
_EFFECT = {
    "escalate": "case.escalated", "urge": "case.urged", "supervise": "case.supervised", "extend": "case.extended",
    "suspend": "case.suspended", "resume": "case.resumed", "return_approve": "case.return_approved",
    "return_refuse": "case.return_refused", "note": "case.noted", "acknowledge": "case.acknowledged",
    "recalculate": "case.recalculated", "file": "case.filed", "close": "case.closed", "void": "case.voided",
    "merge": "case.merged", "unmerge": "case.unmerged",
}  # fmt: skip


def possible(case: Case) -> list[str]:
    """Verbs whose effect the case allows now, whoever asks; what `decide` would refuse for its state is not among them.

    `undo` is not among them either: whether it is possible says the case's history (dashboard/desk/view.py `undoable`).
    """
    steps, stage = WORKFLOWS[case.workflow], Stage(case.stage)
    given = "case.dispatched" if stage in TO_DISPATCH else "case.reassigned"
    effects = [("reassign", given), ("designate", given), *_EFFECT.items()]
    blocked = _blocked(case)
    return [verb for verb, type_ in effects if verb not in blocked and stage in steps[type_][0]]


def _blocked(case: Case) -> set[str]:
    blocked = {"resume"} if case.suspended is None else {"suspend"}
    if case.severity == Severity.danger:
        blocked.add("suspend")
    if case.level == Level.commander:
        blocked.add("escalate")
    if case.pending != "return" or case.arbitration:
        blocked |= {"return_approve", "return_refuse"}
    blocked.add("reassign" if case.arbitration else "designate")  # the same move under two rights
    if case.workflow == "grid" and not case.passed:
        blocked.add("close")
    if case.merged_into is None:
        blocked.add("unmerge")
    if case.merged_into or case.duplicates:
        blocked.add("merge")
    return blocked
