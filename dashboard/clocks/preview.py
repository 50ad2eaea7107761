"""What a new policy would change, before anybody is bound by it (DOMAIN.md 3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from dashboard.cases.case import Case, light
from dashboard.cases.stage import Severity
from dashboard.clocks.policy import Policy
from dashboard.clocks.rules import SOURCE, SlaRules


def changes(cases: Iterable[Case], sla: SlaRules, policy: Policy, now: int) -> tuple[list[Case], Counter[tuple[str, str]]]:
    """(open cases whose due time would move, how many lights go from what to what). Promises of sources stay theirs."""
    moved: list[Case] = []
    lights: Counter[tuple[str, str]] = Counter()
    for case in cases:
        row = None if case.policy == SOURCE else policy.limit(case.category, Severity(case.severity).name, "total")
        pinned = sla.again(case, row)
        if pinned is None or pinned.due == case.due:
            continue
        after = msgspec.structs.replace(case, due=pinned.due, amber=pinned.amber)
        moved.append(case)
        before_light, after_light = light(case, now).name, light(after, now).name
        if before_light != after_light:
            lights[before_light, after_light] += 1
    return moved, lights
