"""What people at the desk have done with a case comes first: its source goes on from there instead of undoing it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from dashboard.cases.case import Case
from dashboard.cases.envelope import DESK, case_id
from dashboard.cases.event import Event
from dashboard.cases.standing import standing
from dashboard.cases.workflow import WORKFLOWS

GIVES = frozenset({"case.dispatched", "case.reassigned"})
MOVES = GIVES | {"case.accepted", "case.filed", "case.return_approved", "case.closed", "case.voided"}
"""Events by which the desk has taken a case into its own hands."""
_DECIDED = frozenset({"case.dispatched", "case.return_requested", "case.return_approved", "case.voided"})
"""What a source says no more of a case that the desk has given to a unit."""

History = Callable[[str], tuple[Case, list[Event]] | None]


class DeskFirst:
    """`history`: a case and its events as they are now. Reads SQL once for each event that is about to be sent."""

    def __init__(self, history: History) -> None:
        self._history = history

    def fit(self, bodies: Iterable[bytes]) -> list[bytes]:
        """The events of a source as they still fit, without those that the desk has made pointless."""
        return [fitted for body in bodies if (fitted := self._one(body)) is not None]

    def _one(self, body: bytes) -> bytes | None:
        told: dict[str, Any] = msgspec.json.decode(body)
        found = self._history(case_id(told["source"], told["subject"])) if told["type"] != "case.reported" else None
        decided = {e.type for e in standing(found[1]) if e.source == DESK and e.type in MOVES} if found else set()
        return _fitted(told, found[0], bool(decided & GIVES)) if found and decided else body


def _fitted(told: dict[str, Any], case: Case, given: bool) -> bytes | None:
    """None for what the case allows no more, or the desk has decided; who signs and handles is the unit that has the case."""
    if case.stage not in WORKFLOWS[case.workflow][told["type"]][0]:
        return None
    if given and told["type"] in _DECIDED:
        return None
    if "unit" in told["data"] and case.owner:
        told["data"]["unit"] = case.owner
    return msgspec.json.encode(told)
