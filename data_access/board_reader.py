"""What a board is loaded from (port BoardReader). Every method is one consistent read."""

from __future__ import annotations

from sqlalchemy import Engine, and_, func, or_, select

from dashboard.cases.alarm import Alarm
from dashboard.cases.row import Row
from data_access import table as t
from data_access.case_query import ENDED_CODES
from data_access.ledger import HOT, alarm_of

c, e = t.cases.c, t.event.c


class SqlBoardReader:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def rows(self, since_pos: int, reported_from: int) -> tuple[int, list[Row]]:
        changed = c.case_id.in_(select(e.case_id).where(t.BY_PARTITION, e.pos > since_pos))
        wanted = changed if since_pos else or_(c.stage.not_in(ENDED_CODES), c.reported >= reported_from)
        with self._engine.begin() as db:
            pos = db.execute(select(func.max(t.partition.c.pos))).scalar() or 0
            return pos, [Row(*r) for r in db.execute(select(*HOT).where(wanted).order_by(c.pos))]

    def event_at(self, pos: int) -> str | None:
        with self._engine.begin() as db:
            return db.execute(select(e.id).where(t.BY_PARTITION, e.pos == pos)).scalar()

    def alarms(self, acknowledged_from: int) -> list[Alarm]:
        a = t.alarm.c
        wanted = or_(a.ended.is_(None), and_(a.ended >= acknowledged_from, a.acknowledged.is_not(None)))
        with self._engine.begin() as db:
            return [alarm_of(r) for r in db.execute(select(t.alarm).where(wanted).order_by(a.at, a.case_id, a.id))]

    def newest_event(self) -> int:
        with self._engine.begin() as db:
            return int(db.execute(select(func.max(t.source.c.event_at))).scalar() or 0)
