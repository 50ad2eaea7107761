"""What one shift tells the next (dashboard/desk/shift.py): read in one go, from tables that go on changing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select, true

from dashboard.cases.stage import Level, Severity, Stage
from dashboard.desk.query import CaseQuery
from dashboard.desk.shift import SHOWN, SOON, Note, NoteAlarms, NoteCase, NoteCases, NoteQuery, Told
from data_access import table as t
from data_access.case_query import ENDED_CODES, ORDERS, conditions, in_tab, led, whole

c, a, e = t.cases.c, t.alarm.c, t.event.c
CASE = (c.case_id, c.title, c.severity, c.stage, c.category, c.grid, c.owner, c.due)
TOLD = {
    "escalations": ("case.escalated",),
    "breaches": ("case.sla_breached",),
    "returns": ("case.return_requested", "case.return_approved"),
}


def handover(db: Connection, q: NoteQuery) -> Note:
    """What port `Reader.handover` answers, inside one read."""
    base = whole(db, CaseQuery(now=q.now, unit=q.unit, user_id=q.account, order="due"))
    here = and_(true(), *conditions(base))
    open_ = and_(here, c.stage.not_in(ENDED_CODES))
    fresh = and_(e.pos > _pos_at(db, q.since), e.case_id == c.case_id, here)
    counts: dict[str, int] = dict(db.execute(select(e.type, func.count()).where(fresh).group_by(e.type)).all())
    soon = and_(open_, c.paused == 0, c.due > q.now, c.due <= q.now + SOON)
    return {
        "unit": q.unit, "since": q.since, "as_of": q.now, "mine": _cases(db, and_(open_, led(), in_tab("mine", base))),
        "alarms": _alarms(db, open_), "promises": _cases(db, soon), "pinned": _cases(db, and_(open_, c.case_id.in_(q.pinned))),
        "events": counts, "escalations": _told(db, fresh, counts, TOLD["escalations"]),
        "breaches": _told(db, fresh, counts, TOLD["breaches"]), "returns": _told(db, fresh, counts, TOLD["returns"]),
    }  # fmt: skip


def _cases(db: Connection, where: ColumnElement[bool]) -> NoteCases:
    total = db.execute(select(func.count()).select_from(t.cases).where(where)).scalar() or 0
    rows = db.execute(select(*CASE).where(where).order_by(*ORDERS["due"]).limit(SHOWN))
    return {"total": total, "items": [_case(row) for row in rows]}


def _case(row: Any) -> NoteCase:
    return {
        "case": row.case_id, "title": row.title, "severity": Severity(row.severity).name, "stage": Stage(row.stage).name,
        "category": row.category, "grid": row.grid, "owner": row.owner, "due": row.due,
    }  # fmt: skip


def _alarms(db: Connection, open_: ColumnElement[bool]) -> NoteAlarms:
    """Those that nobody has acknowledged: the gravest first, of these the newest."""
    unread = and_(a.ended.is_(None), a.case_id == c.case_id, open_)
    total = db.execute(select(func.count()).where(unread)).scalar() or 0
    rows = db.execute(select(*CASE, a.kind, a.level, a.at).where(unread).order_by(c.severity.desc(), a.at.desc(), a.id).limit(SHOWN))
    return {"total": total, "items": [{**_case(r), "kind": r.kind, "level": Level(r.level).name, "at": r.at} for r in rows]}


def _told(db: Connection, fresh: ColumnElement[bool], counts: dict[str, int], types: Sequence[str]) -> Told:
    """How many events of these types, and the cases of the newest."""
    newest = select(e.case_id).where(fresh, e.type.in_(types)).group_by(e.case_id).order_by(func.max(e.pos).desc()).limit(SHOWN)
    return {"count": sum(counts.get(x, 0) for x in types), "cases": list(db.execute(newest).scalars())}


def _pos_at(db: Connection, at: int) -> int:
    """The last position that was committed before an instant of the wall clock: positions and times of commits rise together."""
    low, high = 0, db.execute(select(func.max(t.partition.c.pos))).scalar() or 0
    while low < high:
        middle = (low + high + 1) // 2
        recorded = db.execute(select(e.recorded).where(t.BY_PARTITION, e.pos == middle)).scalar()
        low, high = (middle, high) if recorded is None or recorded < at else (low, middle - 1)
    return low
