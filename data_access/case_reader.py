"""Questions for cases, and one case whole (port CaseReader). Every method is one consistent read."""

from __future__ import annotations

from sqlalchemy import Engine, and_, func, or_, select, true
from sqlalchemy import case as sql_case

from dashboard.access.role import User
from dashboard.cases.case import Case
from dashboard.cases.event import Event
from dashboard.cases.stage import Stage
from dashboard.desk.query import QUEUES, CaseQuery, write_cursor
from dashboard.desk.shape import CaseDetail, CasePage
from dashboard.desk.shift import Note, NoteQuery
from dashboard.desk.undo import Given
from dashboard.desk.view import detail
from data_access import table as t
from data_access.case_query import ENDED_CODES, ITEM, ORDERS, beyond, conditions, drawn_around, in_tab, item_of, key_of, led, whole
from data_access.handover import handover
from data_access.ledger import alarm_of, case_of, events_of
from data_access.near import near
from data_access.rule_reader import SqlRuleReader
from data_access.undo_query import undoable

c = t.cases.c


class SqlCaseReader:
    def __init__(self, engine: Engine, zone: str, rules: SqlRuleReader) -> None:
        """`zone`: the city's, for the times that people read."""
        self._engine, self._zone, self._rules = engine, zone, rules

    def page(self, query: CaseQuery) -> CasePage:
        with self._engine.begin() as db:
            where = and_(true(), *conditions(whole(db, query)))
            columns = select(*ITEM).order_by(*ORDERS[query.order])
            rest = and_(where, beyond(query))
            if query.polygon is not None:
                found = drawn_around(db, query, where)
                left = drawn_around(db, query, rest) if query.cursor else found
                total, rows = len(found), db.execute(columns.where(c.case_id.in_(left[: query.limit + 1]))).all()
            else:
                total = db.execute(select(func.count()).select_from(t.cases).where(where)).scalar() or 0
                rows = db.execute(columns.where(rest).limit(query.limit + 1)).all()
        shown = rows[: query.limit]
        more = write_cursor(query.order, key_of(query.order, shown[-1])) if shown and len(rows) > len(shown) else None
        return {"total": total, "as_of": query.now, "items": [item_of(r, query.now) for r in shown], "next": more}

    def tabs(self, query: CaseQuery) -> dict[str, int]:
        with self._engine.begin() as db:
            base = whole(db, query)
            sums = [func.sum(sql_case((in_tab(name, base), 1), else_=0)) for name in QUEUES]
            row = db.execute(select(*sums).where(and_(c.stage.not_in(ENDED_CODES), led(), *conditions(base)))).one()
        return {name: int(n or 0) for name, n in zip(QUEUES, row, strict=True)}

    def case(self, case: str, now: int, user: User | None = None) -> CaseDetail | None:
        if "\0" in case:
            return None
        with self._engine.begin() as db:
            state = db.execute(select(c.state).where(c.case_id == case)).scalar()
            if state is None:
                return None
            events = events_of(db, case)
            commands = db.execute(select(t.command).where(t.command.c.case_id == case).order_by(t.command.c.at)).mappings().all()
            alarms = select(t.alarm).where(t.alarm.c.case_id == case).order_by(t.alarm.c.at, t.alarm.c.level)
            raised = [alarm_of(r) for r in db.execute(alarms)]
            found = case_of(state)
            around = near(db, found, user)
        return detail(found, events, [dict(x) for x in commands], around, now, self._zone, self._rules.sla(), raised)

    def undoable(self, account: str, now: int, wall: int) -> list[Given]:
        with self._engine.begin() as db:
            return undoable(db, account, now, wall)

    def history(self, case: str) -> tuple[Case, list[Event]] | None:
        if "\0" in case:
            return None
        with self._engine.begin() as db:
            state = db.execute(select(c.state).where(c.case_id == case)).scalar()
            return None if state is None else (case_of(state), events_of(db, case))

    def handover(self, query: NoteQuery) -> Note:
        with self._engine.begin() as db:
            return handover(db, query)

    def records(self, since: int) -> dict[str, tuple[int, int]]:
        met = func.sum(sql_case((c.closed <= c.due, 1), else_=0))
        closed = and_(c.stage == int(Stage.CLOSED), c.closed >= since, c.due.is_not(None), c.owner.is_not(None))
        with self._engine.begin() as db:
            return {owner: (int(n), d) for owner, n, d in db.execute(select(c.owner, met, func.count()).where(closed).group_by(c.owner))}

    def on_time(self, since: int, until: int) -> dict[str, tuple[int, int]]:
        closed = c.stage == int(Stage.CLOSED)
        counted = and_(c.due > since, c.due <= until, c.grid.is_not(None), or_(closed, and_(c.stage.not_in(ENDED_CODES), c.paused == 0)))
        met = func.sum(sql_case((and_(closed, c.closed <= c.due), 1), else_=0))
        with self._engine.begin() as db:
            return {grid: (int(n), int(d)) for grid, n, d in db.execute(select(c.grid, met, func.count()).where(counted).group_by(c.grid))}
