"""Who could take a case, best first, each with the reasons that a dispatcher weighs; and who could not, and why (PRODUCT.md, desk)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, TypedDict

import msgspec
from msgspec import Meta

from dashboard.cases.case import Case
from dashboard.cases.event import Event
from dashboard.places.distance import metres
from dashboard.places.route import Routing
from dashboard.places.unit import Unit, UnitTree

SHOWN = 9
REJECTED = 6
PER_KM, PER_LATE, PER_RETURN = 5.0, 20.0, 50.0
"""What a kilometre, always being late, and having returned this very case weigh, in open cases of load."""
PRIOR = 5
"""Closed cases that a unit's on-time rate is drawn to the city's with, so that one case makes nobody first or last."""
WHYS = ["owner_now", "not_serving", "not_valid", "outside_jurisdiction", "returned_before"]
"""Why a unit could not take a case."""


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that a dispatcher weighs; `n` of `d` where the value is a share or a count of some.

    Closed and in this order: openapi-python-client cannot read an open object that has a member `d`, nor one that has it first.
    """

    key: Annotated[str, Meta(extra_json_schema={"enum": ["serves", "load", "distance_km", "on_time", "returns"]})]
    value: bool | int | float | None
    n: int | msgspec.UnsetType = msgspec.UNSET
    d: int | msgspec.UnsetType = msgspec.UNSET


class Named(TypedDict):
    """A unit with its names."""

    unit: str
    name: str
    name_en: str


class Candidate(Named):
    """A unit that could take the case, and what speaks for and against it."""

    initials: str
    reasons: list[Reason]


class Rejected(Named):
    """A unit that could not; `value`: how often it returned the case, or its distance in km."""

    why: Annotated[str, Meta(extra_json_schema={"enum": WHYS})]
    value: int | float | None


class Facts(msgspec.Struct, frozen=True):
    """What is known of the city's units: open cases by owner, and (closed on time, closed) of the last 90 days."""

    tree: UnitTree
    routing: Routing
    loads: Mapping[str, int]
    records: Mapping[str, tuple[int, int]]


class Hands(msgspec.Struct, frozen=True):
    """How often each unit was given this case, and how often it gave it back."""

    given: Counter[str]
    returned: Counter[str]


def hands(events: Sequence[Event]) -> Hands:
    """Read from the events that stand, in order of version."""
    found, owner = Hands(Counter(), Counter()), None
    for event in events:
        if event.type in {"case.dispatched", "case.reassigned"}:
            owner = event.data.to
            found.given[owner] += 1
        elif event.type == "case.return_approved" and owner is not None:
            found.returned[owner] += 1
            owner = None
    return found


def candidates(case: Case, passed: Hands, facts: Facts, within: str, now: int) -> tuple[list[Candidate], list[Rejected]]:
    """(candidates, rejected). A candidate serves this grid and category, is valid, lies inside `within`, does not own the case, and has
    not returned it already (in arbitration those who returned it may be designated again: somebody must have it).

    The best has the lowest sum of its open cases + 5 for each km to its seat + 20 x its share of late closings (drawn to the city's
    share by 5 cases) + 50 for each time it returned this case; the code decides a tie. Rejected are the most plausible others: those
    who serve the case first, then the nearest.
    """
    serving = set(facts.routing.serving(case.category, case.grid))
    pool = [u for u in facts.tree.units if u.level == "department" or u.code in serving]
    judged = [(u, _why_not(u, case, passed, facts, within, now)) for u in pool]
    scored = sorted(((_score(u, case, passed, facts), u.code, u) for u, why in judged if why is None), key=lambda s: s[:2])
    plausible = sorted((_far(u, case), u.code, u, why) for u, why in judged if why is not None and why != "not_serving")
    others = sorted((_far(u, case), u.code, u, why) for u, why in judged if why == "not_serving")
    good = [_candidate(u, case, passed, facts) for _, _, u in scored[:SHOWN]]
    return good, [_rejected(u, why, case, passed) for _, _, u, why in [*plausible, *others][:REJECTED]]


def _why_not(unit: Unit, case: Case, passed: Hands, facts: Facts, within: str, now: int) -> str | None:
    if unit.code == case.owner:
        return "owner_now"
    if not facts.routing.serves(unit.code, case.category, case.grid):
        return "not_serving"
    if not unit.valid_at(now):
        return "not_valid"
    if not facts.tree.within(unit.code, within):
        return "outside_jurisdiction"
    return "returned_before" if passed.returned[unit.code] and not case.arbitration else None


def _far(unit: Unit, case: Case) -> float:
    way = metres((unit.lon, unit.lat), (case.lon, case.lat))
    return float("inf") if way is None else way


def _score(unit: Unit, case: Case, passed: Hands, facts: Facts) -> float:
    way = metres((unit.lon, unit.lat), (case.lon, case.lat))
    return (
        facts.loads.get(unit.code, 0)
        + PER_KM * (0 if way is None else way / 1000)
        + PER_LATE * _late(facts.records, unit.code)
        + PER_RETURN * passed.returned[unit.code]
    )


def _late(records: Mapping[str, tuple[int, int]], unit: str) -> float:
    """The unit's share of late closings, drawn to the city's."""
    met, closed = records.get(unit, (0, 0))
    all_met, all_closed = (sum(r[i] for r in records.values()) for i in (0, 1))
    city = 1 - all_met / all_closed if all_closed else 0.0
    return (closed - met + PRIOR * city) / (closed + PRIOR)


def _candidate(unit: Unit, case: Case, passed: Hands, facts: Facts) -> Candidate:
    way = metres((unit.lon, unit.lat), (case.lon, case.lat))
    met, closed = facts.records.get(unit.code, (0, 0))
    given, returned = passed.given[unit.code], passed.returned[unit.code]
    reasons: list[Reason] = [
        Reason("serves", True),
        Reason("load", facts.loads.get(unit.code, 0)),
        Reason("distance_km", None if way is None else round(way / 1000, 1)),
        Reason("on_time", met / closed if closed else None, met, closed),
        Reason("returns", returned, returned, given),
    ]
    return {**_named(unit), "initials": unit.initials, "reasons": reasons}


def _rejected(unit: Unit, why: str, case: Case, passed: Hands) -> Rejected:
    """`value` is what makes the why concrete: how often it returned the case, or its distance in km."""
    far = _far(unit, case)
    value: float | int | None = None if far == float("inf") else round(far / 1000, 1)
    return {**_named(unit), "why": why, "value": passed.returned[unit.code] if why == "returned_before" else value}


def _named(unit: Unit) -> Named:
    return {"unit": unit.code, "name": unit.name, "name_en": unit.name_en}
