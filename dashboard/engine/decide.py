"""Commands from the screen: decided here, where the order is decided (DOMAIN.md 5, CONTRACT.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

import msgspec

from dashboard.access.role import ROLES, in_jurisdiction
from dashboard.cases.acceptance import accepted_first
from dashboard.cases.alarm import REACH, waits_for
from dashboard.cases.bound import full
from dashboard.cases.case import Case
from dashboard.cases.command import Command
from dashboard.cases.envelope import DESK
from dashboard.cases.event import Event, make
from dashboard.cases.mask import mask_value
from dashboard.cases.refusal import Refusal, no
from dashboard.cases.scalar import Instant, LevelName, StageName
from dashboard.cases.stage import Level, Stage
from dashboard.cases.verb import VERBS, may, read
from dashboard.clock import DAY, ms
from dashboard.clocks.rules import SlaRules
from dashboard.engine import merge, undo
from dashboard.engine.apply import apply
from dashboard.engine.history import CaseHistory
from dashboard.places.route import Routing
from dashboard.places.unit import UnitTree


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


Effects = list[tuple[Event, Case]]
"""Events of a command in their order, each with the case after it."""


def decide(command: Command, case: Case | None, rules: Rules, now: int, history: CaseHistory) -> Effects | Refusal:
    """The effects of a command, or why not. Checks run from who to what: role, jurisdiction, version, target, workflow."""
    refused = _check(command, case, rules)
    if refused or case is None:
        return refused or no("unknown_case", case=command.case)
    made = _made(DecisionContext(command, case, rules, history, now))
    return msgspec.structs.replace(made, current=current(case)) if isinstance(made, Refusal) else made


def _made(context: DecisionContext) -> Effects | Refusal:
    event, case = _event(context), context.case
    if isinstance(event, Refusal):
        return event
    effects: Effects = []
    for step in [*accepted_first(event, case), event]:
        made = full(step, case) or apply(step, case, context.rules.sla)
        if isinstance(made, Refusal):
            return made
        effects.append(made)
        case = made[1]
    return effects


def _check(command: Command, case: Case | None, rules: Rules) -> Refusal | None:
    actor, verb = command.actor, command.verb
    if verb not in VERBS:
        return no("verb_unknown", verb=verb[:SHOWN], verbs=sorted(VERBS))
    if not may(actor.role, verb):
        return no("role", who=actor.name, role=actor.role, verb=verb, roles=[role for role in ROLES if may(role, verb)])
    if case is None:
        return no("unknown_case", case=command.case)
    if not in_jurisdiction(actor, rules.tree, case.grid, case.owner):
        return no("outside", case=case.case, who=actor.name, unit=actor.unit)
    if not may(actor.role, verb, Stage(case.stage)):
        return no("role_early", who=actor.name, role=actor.role, verb=verb, roles=sorted(VERBS[verb].roles))
    if case.version != command.expected_version:
        who = case.last_actor or case.source
        return Refusal("version_moved", {"who": who, "type": case.last_type, "at": case.last_at, "version": case.version}, current(case))
    return None


class Current(TypedDict):
    """What a case is now, for the loser of a conflict: `who` did `type` `at`."""

    version: int
    stage: StageName
    owner: str | None
    level: LevelName
    who: str
    type: str
    at: Instant


def current(case: Case) -> Current:
    return {
        "version": case.version, "stage": Stage(case.stage).name, "owner": case.owner, "level": Level(case.level).name,
        "who": case.last_actor or case.source, "type": case.last_type, "at": case.last_at,
    }  # fmt: skip


def _event(context: DecisionContext) -> Event | Refusal:
    """The effect, its words masked before anything else is written into it."""
    command = context.command
    said = read(command.verb, command.data)
    if isinstance(said, Refusal):
        return said
    found = _FIND.get(command.verb, _nothing)(context, said)
    if isinstance(found, Refusal):
        return found
    type_ = VERBS[command.verb].effect(context.case.stage)
    words, _ = mask_value({k: v for k, v in msgspec.to_builtins(said).items() if v not in (None, "")})
    facts = found | {"by": command.actor.id} | ({"batch": said.batch} if said.batch else {})
    return make(
        type_, words | facts, id=command.id, case=context.case.case, source=DESK,
        at=max(context.now, context.case.last_at), actor=command.actor.name, cause=command.id,
    )  # fmt: skip


Found = dict[str, Any] | Refusal
"""What the engine finds out beside what the actor said, as members of the event; or why the command cannot happen."""


def _nothing(context: DecisionContext, said: Any) -> Found:
    return {}


def _reassign(context: DecisionContext, said: Any) -> Found:
    """A case nobody owns yet is dispatched; an owned one changes hands. In arbitration only the duty chief moves it."""
    case, actor = context.case, context.command.actor
    if case.arbitration and actor.role != "duty_chief":
        return no("arbitration", case=case.case, n=case.returns)
    return _bad_target(context, said.to) or _given(context)


def _designate(context: DecisionContext, said: Any) -> Found:
    """The word that ends an arbitration (DOMAIN.md 5)."""
    if not context.case.arbitration:
        return no("no_arbitration", case=context.case.case)
    return _bad_target(context, said.to) or _given(context)


def _given(context: DecisionContext) -> Found:
    return {"from": context.case.owner} if context.case.owner else {}


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


def _escalate(context: DecisionContext, said: Any) -> Found:
    if Level[said.level] <= context.case.level:
        return no("level", level=Level(context.case.level).name)
    return {}


def _supervise(context: DecisionContext, said: Any) -> Found:
    if said.reply_due is not None and ms(said.reply_due) <= context.now:
        return no("past", field="reply_due", at=ms(said.reply_due))
    return {}


def _suspend(context: DecisionContext, said: Any) -> Found:
    until, most = ms(said.until), context.now + SUSPENDED_AT_MOST
    if until <= context.now:
        return no("past", field="until", at=until)
    if until > most:
        return no("too_late", until=most)
    return {}


def _accept(context: DecisionContext, said: Any) -> Found:
    """A workflow may let a source accept later; at the desk it is the answer to a report."""
    stage = Stage(context.case.stage)
    return {} if stage == Stage.REPORTED else no("stage", type="case.accepted", stage=stage.name, stages=[Stage.REPORTED.name])


def _acknowledge(context: DecisionContext, said: Any) -> Found:
    """Without an alarm that waits for whoever acknowledges there is nothing to say."""
    actor = context.command.actor
    reach = REACH[actor.role]
    if not any(waits_for(a, Level[reach], actor.id) for a in context.history.alarms(context.case.case)):
        return no("no_alarm", case=context.case.case)
    return {"reach": reach}


def _decide_return(context: DecisionContext, said: Any) -> Found:
    if context.case.pending != "return":
        return no("pending_none", case=context.case.case)
    return {"unit": context.case.owner} if context.case.owner else {}


def _merge(context: DecisionContext, said: Any) -> Found:
    into = context.history.case(said.into)
    why = merge.refusal(context.case, into)
    if why is not None:
        return why
    actor = context.command.actor
    if into is not None and not in_jurisdiction(actor, context.rules.tree, into.grid, into.owner):
        return no("merge_outside", case=said.into, who=actor.name)
    return {"into": said.into}


def _unmerge(context: DecisionContext, said: Any) -> Found:
    if context.case.merged_into is None:
        return no("not_merged", case=context.case.case)
    return {"into": context.case.merged_into}


def _undo(context: DecisionContext, said: Any) -> Found:
    command, case, history = context.command, context.case, context.history
    undone = undo.effect(said.command, command.actor, case, history, context.now)
    if isinstance(undone, Refusal):
        return undone
    if undone.type == "case.unmerged":  # what led it then may lead nothing more
        why = merge.refusal(case, history.case(undone.data.into))
        if why is not None:
            return why
    return {"undoes": undone.id, "restored": undo.restored(history.events(case.case), undone.id, case)}


_FIND: dict[str, Callable[[DecisionContext, Any], Found]] = {
    "accept": _accept,
    "reassign": _reassign,
    "designate": _designate,
    "escalate": _escalate,
    "supervise": _supervise,
    "suspend": _suspend,
    "acknowledge": _acknowledge,
    "return_approve": _decide_return,
    "return_refuse": _decide_return,
    "merge": _merge,
    "unmerge": _unmerge,
    "undo": _undo,
}
"""Commands that are decided by more than the workflow, or that make the engine find something out."""
