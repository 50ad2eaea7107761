"""The limits of the demo city: version default-1, made from its catalogue (DOMAIN.md 3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dashboard.clock import Mode, iso
from dashboard.clocks.policy import ONLY, Clock, Limit, Policy, PolicyRow
from dashboard.simulate.category import CATEGORIES, LIMIT_HOURS

VERSION = "default-1"
DANGER_HOURS = 2.0
WORK_DAY_HOURS = 7
"""Hours that a work day has at least; only to share out a promise that is given in work days."""
_OWN: Mapping[str, Limit] = {"030101": Limit(4, "work_hours"), "090101": Limit(15, "work_days"), "090102": Limit(15, "work_days")}
"""Promises that are not wall hours: exposed rubbish and illegal building."""
_DESK: Mapping[Clock, float] = {"accept": 2 / 60, "file": 5 / 60, "dispatch": 5 / 60}
"""Hours of the desk, which is staffed around the clock whatever the mode of the promise."""


def default_policy() -> Policy:
    """About 2,000 rows, each for one code only, so that a category that is not in the catalogue has no limit.

    danger is always at most 2 wall hours where the category has a limit at all.
    """
    rows: list[PolicyRow] = []
    for code in CATEGORIES:
        hours = LIMIT_HOURS[code]
        if hours is not None:
            rows += _rows(code + ONLY, "", _OWN.get(code, Limit(hours, "24x7")))
            rows += _rows(code + ONLY, "danger", Limit(min(hours, DANGER_HOURS), "24x7"))
    return Policy(VERSION, 0, None, rows)


def body(policy: Policy) -> str:
    """An open-ended policy as the table that `gridcommand import policy` reads."""
    head, since = "version,valid_from,category,severity,stage,value,mode,reserve\n", f"{policy.version},{iso(policy.valid_from)}"
    return head + "".join(f"{since},{r.category},{r.severity},{r.stage},{r.value!r},{r.mode},{r.reserve!r}\n" for r in policy.rows)


def _rows(category: str, severity: str, total: Limit) -> Iterator[PolicyRow]:
    """The total and its stages, whose limits sum to it. The desk's own minutes are its promise: nothing is kept back from them."""
    hours, mode = _hours(total)
    stages = _stages(hours)
    yield PolicyRow(category, severity, "total", total.value, total.mode)
    for stage, value in _DESK.items():
        yield PolicyRow(category, severity, stage, value, "24x7")
    later = sum(stages.values())
    for stage, value in stages.items():
        later -= value
        yield PolicyRow(category, severity, stage, value, mode, round(max(later, 0), 6))
    after = stages["check_dispatch"] + stages["check"] + stages["close"]
    yield PolicyRow(category, severity, "owner", stages["sign"] + stages["handle"], mode, after)


def _hours(total: Limit) -> tuple[float, Mode]:
    return (total.value * WORK_DAY_HOURS, "work_hours") if total.mode == "work_days" else (total.value, total.mode)


def _stages(hours: float) -> dict[Clock, float]:
    """Hours of what follows the desk: as in the field, less where the whole promise is short; handling has the rest."""
    sign, check_dispatch, check, close = min(0.5, hours / 12), min(1, hours / 20), min(4, hours / 6), min(1, hours / 20)
    handle = hours - sum(_DESK.values()) - sign - check_dispatch - check - close
    return {"sign": sign, "handle": round(handle, 6), "check_dispatch": check_dispatch, "check": check, "close": close}
