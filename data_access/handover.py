"""What one shift tells the next: promises that break within a shift, and what has happened since."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, func, select, true

from dashboard.clock import HOUR
from dashboard.desk.query import CaseQuery
from data_access import table as t
from data_access.case_query import ENDED_CODES, ITEM, ORDERS, conditions, item_of, whole

c = t.cases.c
PROMISES_WITHIN = 8 * HOUR
"""A shift: what breaks within it is the next one's first work."""
HANDOVER_SHOWN = 20
TOLD = {
    "escalations": ("case.escalated",),
    "breaches": ("case.sla_breached",),
    "returns": ("case.return_requested", "case.return_approved"),
}


def handover(db: Connection, unit: str, since: int, now: int) -> dict[str, Any]:
    """What port `Reader.handover` answers, inside one read."""
    base = CaseQuery(now=now, unit=unit, stage="open", order="due")
    here = and_(true(), *conditions(whole(db, msgspec.structs.replace(base, stage=None))))
    soon = and_(here, c.stage.not_in(ENDED_CODES), c.paused == 0, c.due > now, c.due <= now + PROMISES_WITHIN)
    total = db.execute(select(func.count()).select_from(t.cases).where(soon)).scalar() or 0
    rows = db.execute(select(*ITEM).where(soon).order_by(*ORDERS["due"]).limit(HANDOVER_SHOWN)).all()
    e = t.event.c
    fresh = and_(e.pos > _pos_at(db, since), e.case_id == c.case_id, here)
    counts: dict[str, int] = dict(db.execute(select(e.type, func.count()).where(fresh).group_by(e.type)).all())
    cases = {name: _newest_cases(db, and_(fresh, e.type.in_(types))) for name, types in TOLD.items()}
    changed = {name: {"count": sum(counts.get(x, 0) for x in types), "cases": cases[name]} for name, types in TOLD.items()}
    promises = {"total": total, "within_ms": PROMISES_WITHIN, "items": [item_of(r, now) for r in rows]}
    return {"unit": unit, "since": since, "as_of": now, "promises": promises, "events": counts, **changed}


def _pos_at(db: Connection, at: int) -> int:
    """The last position that was committed before an instant of the wall clock: positions and times of commits rise together."""
    low, high = 0, db.execute(select(func.max(t.partition.c.pos))).scalar() or 0
    while low < high:
        middle = (low + high + 1) // 2
        recorded = db.execute(select(t.event.c.recorded).where(t.event.c.pos == middle)).scalar()
        low, high = (middle, high) if recorded is None or recorded < at else (low, middle - 1)
    return low


def _newest_cases(db: Connection, where: ColumnElement[bool]) -> list[str]:
    newest = select(t.event.c.case_id).where(where).group_by(t.event.c.case_id).order_by(func.max(t.event.c.pos).desc())
    return list(db.execute(newest.limit(HANDOVER_SHOWN)).scalars())
