"""The commands there are, as one table (DOMAIN.md 5 and 6): who may give them, what they must say, what they make happen, and how the desk
asks for them. Roles, the API's schema, buttons, keys, dialogs and undo are derived from it.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

from dashboard.cases import payload as p
from dashboard.cases.payload import MAX_HOURS, MAX_TEXT, Payload
from dashboard.cases.refusal import Refusal, no
from dashboard.cases.stage import TO_DISPATCH, Stage
from dashboard.clock import MINUTE


class Verb(NamedTuple):
    """One command."""

    roles: frozenset[str]
    effects: tuple[str, ...]
    """The event that it makes; with two of them the first is for a case that no unit has been given yet."""
    payload: type[Payload] = Payload
    needs: str = "nothing"
    """Tells who filled the payload in wrongly what belongs into it."""
    reasoned: bool = False
    """A reason is required."""
    undoable: bool = True
    """`undo` takes it back within five minutes."""
    visible: bool = True
    """The case looks different afterwards, so the desk marks it as pending meanwhile."""
    early: frozenset[str] = frozenset()
    """Roles that may give it while the case is only reported, and not later."""
    key: str = ""
    """On the desk. Verbs that share one exclude each other; without one it is given from the command line only."""
    fields: tuple[str, ...] = ()
    """What its dialog asks, in their order; none means that it is done at once."""
    reasons: tuple[str, ...] = ()
    """Codes for `reason`; the first is the default, so that a key and Enter are enough."""

    def effect(self, stage: int) -> str:
        """The event type that it makes of a case in this stage."""
        return self.effects[0 if stage in TO_DISPATCH else -1]


UNDO = "undo"
COMMANDER, CHIEF, DISPATCHER, SUPERVISOR = "commander", "duty_chief", "dispatcher", "supervisor"
_DESK = frozenset({CHIEF, DISPATCHER})
UNDO_WITHIN = 5 * MINUTE
UNDO_OTHERS = frozenset({COMMANDER, CHIEF})
"""Who may undo what somebody else did."""
_EVERYBODY = frozenset({COMMANDER, CHIEF, DISPATCHER, SUPERVISOR})
_REASON = "a reason"
_TO = "to (a unit) and a reason"
WHY = ("reason", "text")

VERBS: dict[str, Verb] = {
    "accept": Verb(_DESK, ("case.accepted",), key="T"),
    "reassign": Verb(
        _DESK, ("case.dispatched", "case.reassigned"), p.Reassign, _TO, reasoned=True, key="R", fields=("to", *WHY),
        reasons=("better_fit", "wrong_unit", "jurisdiction", "overload"),
    ),
    "designate": Verb(
        frozenset({COMMANDER, CHIEF}), ("case.dispatched", "case.reassigned"), p.Reassign, _TO, reasoned=True, key="R", fields=("to", *WHY),
        reasons=("arbitration", "better_fit", "jurisdiction"),
    ),
    "escalate": Verb(
        _DESK | {COMMANDER}, ("case.escalated",), p.Escalate, "level (unit_head, duty_chief or commander) and a reason", reasoned=True,
        key="E", fields=("level", *WHY), reasons=("no_progress", "beyond_unit", "danger_grows", "public_attention"),
    ),
    "urge": Verb(
        _DESK | {SUPERVISOR}, ("case.urged",), p.Urge, _REASON, reasoned=True, key="U", fields=WHY,
        reasons=("due_soon", "overdue", "no_progress", "complaint_again"),
    ),
    "supervise": Verb(
        frozenset({COMMANDER, CHIEF, SUPERVISOR}), ("case.supervised",), p.Supervise,
        "a reason, and reply_due as a time with its offset where a reply is wanted", reasoned=True,
        key="S", fields=("level", "reply_due", *WHY), reasons=("overdue", "no_progress", "poor_work", "public_attention"),
    ),
    "extend": Verb(
        _DESK, ("case.extended",), p.Extend, f"hours (more than 0, at most {MAX_HOURS}), mode where it is not 24x7, and a reason",
        reasoned=True, key="X", fields=("hours", "mode", *WHY), reasons=("weather", "material", "third_party", "no_access"),
    ),
    "suspend": Verb(
        _DESK, ("case.suspended",), p.Suspend, "until (a time with its offset) and a reason", reasoned=True,
        key="P", fields=("until", *WHY), reasons=("funding", "third_party", "season", "lawsuit"),
    ),
    "resume": Verb(_DESK, ("case.resumed",), key="P", fields=WHY, reasons=("cause_gone", "date_reached")),
    "return_approve": Verb(
        _DESK, ("case.return_approved",), needs=_REASON, reasoned=True, key="A", fields=WHY,
        reasons=("wrong_unit", "jurisdiction", "double"),
    ),
    "return_refuse": Verb(
        _DESK, ("case.return_refused",), needs=_REASON, reasoned=True, key="F", fields=WHY, reasons=("serves", "no_evidence", "too_late")
    ),
    "note": Verb(_EVERYBODY, ("case.noted",), needs="text", key="N", fields=("text",)),
    "acknowledge": Verb(_DESK | {COMMANDER}, ("case.acknowledged",), visible=False, key="C"),
    "recalculate": Verb(
        frozenset({"operator"}), ("case.recalculated",), p.Recalculate, "policy (a version) and a reason", reasoned=True, undoable=False
    ),
    "file": Verb(frozenset({CHIEF}), ("case.filed",), key="L"),
    "close": Verb(frozenset({CHIEF}), ("case.closed",), p.Close, key="O"),
    "void": Verb(
        frozenset({CHIEF}), ("case.voided",), needs=_REASON, reasoned=True, early=frozenset({DISPATCHER}), key="V", fields=WHY,
        reasons=("not_ours", "no_such_thing", "double"),
    ),
    "merge": Verb(
        _DESK, ("case.merged",), p.Merge, "into (the id of the case that leads) and a reason", reasoned=True,
        key="M", fields=("into", *WHY), reasons=("same_event", "reported_again"),
    ),
    "unmerge": Verb(_DESK, ("case.unmerged",), key="M", fields=WHY, reasons=("other_event", "by_mistake")),
    "undo": Verb(_EVERYBODY, ("case.corrected",), p.Undo, "command (the id of the command to undo)", undoable=False, key="Z"),
}  # fmt: skip
"""Every command, in the order of its buttons. `undo` has no button among them: it stands with the result of what was just done."""


def may(role: str, verb: str, stage: Stage = Stage.REPORTED) -> bool:
    """Whether this role may give this command: in any stage, or in this one."""
    return verb in VERBS and (role in VERBS[verb].roles or (role in VERBS[verb].early and stage == Stage.REPORTED))


def read(verb: str, data: dict[str, Any]) -> Payload | Refusal:
    """The typed data of a command, or what is wrong with it."""
    asked = VERBS[verb]
    try:
        payload = msgspec.convert(data, asked.payload)
    except msgspec.ValidationError as e:
        field = _FIELD.search(str(e))
        return Refusal("form", {"verb": verb, "field": field[1] if field else ""}, detail=f"{e}; it needs {asked.needs}")
    if asked.reasoned and not (payload.reason or "").strip():
        return no("blank_reason", verb=verb)
    size = len(payload.text.encode())
    if size > MAX_TEXT:
        return no("too_long", n=size, limit=MAX_TEXT)
    return no("blank_note") if verb == "note" and not payload.text.strip() else payload


_FIELD = re.compile(r"(?:\$\.|field `)(\w+)")
"""The member that msgspec complains of."""
