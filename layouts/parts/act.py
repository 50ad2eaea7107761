"""The commands of the screen as one table: buttons, keys, dialogs and the sheet of keys are all made from it (DOMAIN.md 5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from dash import html
from dash.development.base_component import Component

from dashboard.words import Say
from layouts.parts.word import attributes, kbd, word


class Act(NamedTuple):
    """`fields` are what its dialog asks, in their order (drawn by assets/wish.js); none means that it is done at once."""

    key: str
    fields: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    """Codes for `reason`; the first is the default, so that a key and Enter are enough."""


WHY = ("reason", "text")
ACTS: dict[str, Act] = {
    "reassign": Act("R", ("to", *WHY), ("better_fit", "wrong_unit", "jurisdiction", "overload")),
    "designate": Act("R", ("to", *WHY), ("arbitration", "better_fit", "jurisdiction")),
    "escalate": Act("E", ("level", *WHY), ("no_progress", "beyond_unit", "danger_grows", "public_attention")),
    "urge": Act("U", WHY, ("due_soon", "overdue", "no_progress", "complaint_again")),
    "supervise": Act("S", ("level", "reply_due", *WHY), ("overdue", "no_progress", "poor_work", "public_attention")),
    "extend": Act("X", ("hours", "mode", *WHY), ("weather", "material", "third_party", "no_access")),
    "suspend": Act("P", ("until", *WHY), ("funding", "third_party", "season", "lawsuit")),
    "resume": Act("P", WHY, ("cause_gone", "date_reached")),
    "return_approve": Act("A", WHY, ("wrong_unit", "jurisdiction", "double")),
    "return_refuse": Act("F", WHY, ("serves", "no_evidence", "too_late")),
    "note": Act("N", ("text",)),
    "acknowledge": Act("C"),
    "file": Act("L"),
    "close": Act("O"),
    "void": Act("V", WHY, ("not_ours", "no_such_thing", "double")),
    "merge": Act("M", ("into", *WHY), ("same_event", "reported_again")),
    "unmerge": Act("M", WHY, ("other_event", "by_mistake")),
    "undo": Act("Z"),
}
"""Every command that a person may give here, in the order of its buttons. Verbs that share a key exclude each other."""

UNDONE_ELSEWHERE = "undo"
"""Has no button among the others: it belongs to what was just done, and stands with its result."""

REASONS = tuple(dict.fromkeys(reason for act in ACTS.values() for reason in act.reasons))


def buttons(say: Say, can: Iterable[str]) -> list[Component]:
    """One button a command, its key beside its name; `act.js` switches them off and says why."""
    return [
        html.Button([word(say, f"action.{verb}"), kbd(ACTS[verb].key)], className="gc-button gc-act", **attributes(data_act=verb))
        for verb in can
        if verb != UNDONE_ELSEWHERE
    ]


def table(can: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What the browser must know of the commands that this visitor may give."""
    return {verb: ACTS[verb]._asdict() for verb in can}
