"""How much may be said of one case: whoever reads, explains or undoes it reads all of it, so its story is bounded, not only its entries."""

from __future__ import annotations

from dashboard.cases.case import Case
from dashboard.cases.event import Event
from dashboard.cases.refusal import Refusal, no

EVENTS = 1000
"""Events of a case; a long real one has about a hundred. As many wait at most for a report that has not come."""
DUPLICATES = 500
"""Cases that one case leads: what moves the promise of one of them asks all the others."""
ENDS = frozenset({"case.closed", "case.voided"})
"""What is always heard: a case that is full can still end."""


def full(event: Event, case: Case | None) -> Refusal | None:
    """Why nothing more can be said of this case."""
    if case is None or case.version < EVENTS or event.type in ENDS:
        return None
    return no("full", n=EVENTS)
