"""How a day that was left ends: whatever is still open of it goes its way to the closing, some time before the fresh day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from dashboard.cases.envelope import split_id
from dashboard.cases.row import Row
from dashboard.cases.stage import Stage
from dashboard.simulate.department import SUBCENTRE
from dashboard.simulate.envelope import digest, event, rfc3339, uuid7

SUBJECT = re.compile(r"(?:GC\d{8}-(?:(\d\d)\d{5}|\d{6})|SC\d{8}-\d{6}-\d{3})\Z")
"""Of a case that the simulator made, with the seed of its day where it has one; older versions wrote none."""
_STEPS = ("case.accepted", "case.dispatched", "case.signed", "case.handled", "case.check_requested", "case.checked", "case.closed")
_NEXT = {
    Stage.REPORTED: 0, Stage.ACCEPTED: 1, Stage.FILED: 1, Stage.DISPATCHED: 2, Stage.SIGNED: 3, Stage.HANDLED: 4, Stage.CHECKING: 5,
}  # fmt: skip


def endings(rows: Iterable[Row], sources: Iterable[str], seed: int, left: int, until: int) -> Iterator[tuple[int, bytes]]:
    """(time ms, CloudEvent bytes) in order of time, between `left` and `until`, of the open cases in `rows` that the simulator made on
    another day than that of `seed`. No other case is touched.
    """
    ours = [row for row in rows if _is_old(row, frozenset(sources), seed)]
    return iter(sorted(step for row in ours for step in _ending(row, left, until)))


def _is_old(row: Row, sources: frozenset[str], seed: int) -> bool:
    source, subject = split_id(row.case)
    made = SUBJECT.match(subject)
    return source in sources and made is not None and made[1] != f"{seed % 100:02d}" and row.stage in _NEXT


def _ending(row: Row, left: int, until: int) -> Iterator[tuple[int, bytes]]:
    """It is closed at an instant of its own; the steps before lie evenly on the way there."""
    source, subject = split_id(row.case)
    steps = _STEPS[_NEXT[Stage(row.stage)] :]
    end = left + int((until - left) * (int(digest(row.case)[:8], 16) + 1) / 2**32)
    for number, type_ in enumerate(steps, start=1):
        at = left + (end - left) * number // len(steps)
        yield at, event(uuid7(at, digest(row.case, type_, at)), source, type_, subject, rfc3339(at), _said(type_, row))


def _said(type_: str, row: Row) -> dict[str, Any]:
    unit = row.owner or f"{(row.grid or '')[:9]}-{SUBCENTRE}"
    said: dict[str, dict[str, Any]] = {
        "case.dispatched": {"to": unit, "by": "seat-01"},
        "case.signed": {"unit": unit},
        "case.handled": {"unit": unit, "result": "已处理"},
        "case.checked": {"passed": True, "by": "checker"},
        "case.closed": {"disposition": "已办结", "by": "seat-01"},
    }
    return said.get(type_, {"by": "seat-01"})
