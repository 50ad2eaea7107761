"""Reads for pages and API (port Reader): places, hot rows, questions for cases, one case with its timeline."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Engine, and_, func, or_, select, true, union
from sqlalchemy import case as sql_case

from dashboard.access.role import User
from dashboard.cache import KeyedCache
from dashboard.cases.case import Case
from dashboard.cases.category import CATEGORIES
from dashboard.cases.event import Event
from dashboard.cases.row import Row
from dashboard.cases.stage import Stage
from dashboard.clock import DAY
from dashboard.clocks.calendar import Calendar
from dashboard.clocks.catalogue import default_policy
from dashboard.clocks.policy import Policies, Policy
from dashboard.clocks.rules import SlaRules
from dashboard.clocks.table import parse_calendar, parse_policy
from dashboard.desk.query import TABS, CaseQuery, write_cursor
from dashboard.desk.shape import CaseDetail, CasePage
from dashboard.desk.view import detail
from dashboard.places.grid import Grid
from dashboard.places.locate import Locator
from dashboard.places.route import Route
from dashboard.places.unit import FRESH_ROOT, Unit
from dashboard.video.count import ByGrid, by_grid
from dashboard.video.point import VideoPoint
from data_access import table as t
from data_access.case_query import ENDED_CODES, ITEM, ORDERS, beyond, conditions, drawn_around, in_tab, item_of, key_of, led, whole
from data_access.handover import handover
from data_access.ledger import HOT, case_of, events_of
from data_access.near import near

c = t.cases.c


class SqlReader:
    """Port `Reader`. Every method is one consistent read. `zone` is the city's, for the times that people read."""

    def __init__(self, engine: Engine, zone: str = "UTC") -> None:
        self._engine, self._zone = engine, zone
        self._sla: KeyedCache[str, SlaRules] = KeyedCache()
        self._video: KeyedCache[tuple[str, str, int], ByGrid] = KeyedCache()

    def units(self) -> list[Unit]:
        with self._engine.begin() as db:
            newest = {r.code: _dated(r) for r in db.execute(select(t.unit).order_by(t.unit.c.code, t.unit.c.valid_from))}
        return [Unit(**r) for r in newest.values()] or [FRESH_ROOT]

    def grids(self, at: int | None = None) -> list[Grid]:
        g = t.grid.c
        valid = true() if at is None else and_(g.valid_from <= at, or_(g.valid_to.is_(None), g.valid_to > at))
        with self._engine.begin() as db:
            rows = db.execute(select(t.grid).where(valid).order_by(g.code, g.valid_from))
            return [Grid(**_dated(r) | {"rings": msgspec.msgpack.decode(r.rings)}) for r in rows]

    def map_times(self) -> list[int]:
        g = t.grid.c
        with self._engine.begin() as db:
            found = db.execute(union(select(g.valid_from), select(g.valid_to).where(g.valid_to.is_not(None)))).scalars()
            return sorted(found)

    def routes(self) -> list[Route]:
        with self._engine.begin() as db:
            return [Route(*r) for r in db.execute(select(t.route))]

    def categories(self) -> set[str]:
        with self._engine.begin() as db:
            return CATEGORIES.keys() | set(db.execute(select(c.category).distinct()).scalars())

    def places_stamp(self) -> str:
        return self._stamp("places")

    def _stamp(self, what: str) -> str:
        with self._engine.begin() as db:
            return db.execute(select(t.stamp.c.value).where(t.stamp.c.name == what)).scalar() or ""

    def sla(self) -> SlaRules:
        """The SLA rules as imported, or the built-in ones; read again after an import."""
        return self._sla.get(self.places_stamp(), self._read_sla)

    def _read_sla(self) -> SlaRules:
        with self._engine.begin() as db:
            policies = [_policy(r) for r in db.execute(select(t.policy).order_by(t.policy.c.valid_from))]
            body = db.execute(select(t.calendar.c.body).order_by(t.calendar.c.made.desc()).limit(1)).scalar()
        first = default_policy()
        first.valid_to = policies[0].valid_from if policies else None
        return SlaRules(parse_calendar(body) if body else Calendar(self._zone), Policies([first, *policies]))

    def rows(self, since_pos: int, reported_from: int) -> tuple[int, list[Row]]:
        wanted = c.pos > since_pos if since_pos else or_(c.stage.not_in(ENDED_CODES), c.reported >= reported_from)
        with self._engine.begin() as db:
            pos = db.execute(select(func.max(t.partition.c.pos))).scalar() or 0
            return pos, [Row(*r) for r in db.execute(select(*HOT).where(wanted).order_by(c.pos))]

    def event_at(self, pos: int) -> str | None:
        with self._engine.begin() as db:
            return db.execute(select(t.event.c.id).where(t.event.c.pos == pos)).scalar()

    def newest_event(self) -> int:
        with self._engine.begin() as db:
            return int(db.execute(select(func.max(t.source.c.event_at))).scalar() or 0)

    def cases(self, query: CaseQuery) -> CasePage:
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

    def tabs(self, unit: str, user_id: str, now: int) -> dict[str, int]:
        with self._engine.begin() as db:
            base = whole(db, CaseQuery(now=now, unit=unit, user_id=user_id))
            sums = [func.sum(sql_case((in_tab(name, base), 1), else_=0)) for name in TABS]
            row = db.execute(select(*sums).where(and_(c.stage.not_in(ENDED_CODES), led(), *conditions(base)))).one()
        return {name: int(n or 0) for name, n in zip(TABS, row, strict=True)}

    def case(self, case: str, now: int, user: User | None = None) -> CaseDetail | None:
        if "\0" in case:
            return None
        with self._engine.begin() as db:
            state = db.execute(select(c.state).where(c.case_id == case)).scalar()
            if state is None:
                return None
            events = events_of(db, case)
            commands = db.execute(select(t.command).where(t.command.c.case_id == case).order_by(t.command.c.at)).mappings().all()
            found = case_of(state)
            around = near(db, found, user)
        return detail(found, events, [dict(x) for x in commands], around, now, self._zone, self.sla())

    def video_counts(self, at: int) -> ByGrid:
        return self._video.get((self.places_stamp(), self._stamp("video"), at // DAY), lambda: self._count_video(at))

    def _count_video(self, at: int) -> ByGrid:
        points = self.video_points()
        return by_grid(points, Locator(self.grids(at)).locate([p.lon for p in points], [p.lat for p in points]) if points else [])

    def video_points(self) -> list[VideoPoint]:
        active = select(t.video_point).where(t.video_point.c.active == 1).order_by(t.video_point.c.id)
        with self._engine.begin() as db:
            return [VideoPoint(**r._mapping) for r in db.execute(active)]

    def on_time(self, since: int, until: int) -> dict[str, tuple[int, int]]:
        closed = c.stage == int(Stage.CLOSED)
        counted = and_(c.due > since, c.due <= until, c.grid.is_not(None), or_(closed, and_(c.stage.not_in(ENDED_CODES), c.paused == 0)))
        met = func.sum(sql_case((and_(closed, c.closed <= c.due), 1), else_=0))
        with self._engine.begin() as db:
            return {grid: (int(n), int(d)) for grid, n, d in db.execute(select(c.grid, met, func.count()).where(counted).group_by(c.grid))}

    def history(self, case: str) -> tuple[Case, list[Event]] | None:
        if "\0" in case:
            return None
        with self._engine.begin() as db:
            state = db.execute(select(c.state).where(c.case_id == case)).scalar()
            return None if state is None else (case_of(state), events_of(db, case))

    def records(self, since: int) -> dict[str, tuple[int, int]]:
        met = func.sum(sql_case((c.closed <= c.due, 1), else_=0))
        closed = and_(c.stage == int(Stage.CLOSED), c.closed >= since, c.due.is_not(None), c.owner.is_not(None))
        with self._engine.begin() as db:
            return {owner: (int(n), d) for owner, n, d in db.execute(select(c.owner, met, func.count()).where(closed).group_by(c.owner))}

    def handover(self, unit: str, since: int, now: int) -> dict[str, Any]:
        with self._engine.begin() as db:
            return handover(db, unit, since, now)


def _dated(row: Any) -> dict[str, Any]:
    """A stored version; 0 says that it holds since always."""
    return dict(row._mapping) | {"valid_from": row.valid_from or None}


def _policy(row: Any) -> Policy:
    """An imported version; a later import may have ended it earlier than its file says."""
    policy = parse_policy(row.body)
    policy.valid_to = row.valid_to
    return policy
