"""A question for cases (dashboard/desk/query.py) as conditions and orders of SQL, the same on SQLite and PostgreSQL; its rows as lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, false, func, not_, or_, select, true
from sqlalchemy import case as sql_case

from dashboard.cases.possible import possible
from dashboard.cases.row import Row
from dashboard.cases.stage import ENDED, TO_DISPATCH, Severity, Stage
from dashboard.cases.verb import UNDO
from dashboard.desk.query import SAVABLE_WITHIN_MS, CaseQuery, read_cursor
from dashboard.desk.shape import CaseLine
from dashboard.desk.view import item
from dashboard.places.locate import drawn, inside
from dashboard.places.unit import ROOT_CODE
from data_access import table as t
from data_access.ledger import HOT, case_of

c = t.cases.c
ITEM = (*HOT, c.title, c.address, c.pending, c.returns, c.state)
"""The columns of a line of a list."""
ENDED_CODES = [int(s) for s in ENDED]
FOREVER = 2**62
"""Later than any instant."""
ORDERS = {
    "due": (c.due.is_(None), c.due, c.case_id),
    "-due": (c.due.is_(None), c.due.desc(), c.case_id),
    "reported": (c.reported, c.case_id),
    "-reported": (c.reported.desc(), c.case_id),
    "severity": (c.severity.desc(), c.due.is_(None), c.due, c.case_id),
    "-severity": (c.severity, c.due.is_(None), c.due, c.case_id),
}


def whole(db: Connection, q: CaseQuery) -> CaseQuery:
    """The root's subtree is everything, codes that are not known included: no condition at all."""
    return msgspec.structs.replace(q, unit=None) if q.unit == root_of(db) else q


def root_of(db: Connection) -> str:
    return db.execute(select(t.unit.c.code).where(t.unit.c.parent.is_(None))).scalar() or ROOT_CODE


def subtree(unit: str) -> Select[Any]:
    """Codes of the unit and all below it."""
    sub = select(t.unit.c.code).where(t.unit.c.code == unit).distinct().cte("sub", recursive=True)
    later = t.unit.alias()
    newest = ~select(later.c.code).where(later.c.code == t.unit.c.code, later.c.valid_from > t.unit.c.valid_from).exists()
    return select(sub.union_all(select(t.unit.c.code).join(sub, t.unit.c.parent == sub.c.code).where(newest)).c.code)


def conditions(q: CaseQuery) -> Iterator[ColumnElement[bool]]:
    if any("\0" in text for text in (q.unit, q.owner, q.category, q.q) if text):
        yield false()  # no text in the system holds it, and PostgreSQL would not even be asked
        return
    if q.unit:
        below = subtree(q.unit)
        yield or_(c.grid.in_(below), c.owner.in_(below))
    if q.stage == "open":
        yield c.stage.not_in(ENDED_CODES)
    elif q.stage:
        yield c.stage == int(Stage[q.stage.upper()])
    if q.light:
        yield lit(q.light, q.now)
    if q.lights:
        yield or_(*(lit(name, q.now) for name in q.lights))
    if q.on_time is not None:
        yield and_(c.stage == int(Stage.CLOSED), c.due.is_not(None), c.closed <= c.due if q.on_time else c.closed > c.due)
    yield from _attributes(q)


def _attributes(q: CaseQuery) -> Iterator[ColumnElement[bool]]:
    if q.owner:
        yield c.owner == q.owner
    if q.category:
        yield c.category.istartswith(q.category, autoescape=True)
    if q.severity:
        yield c.severity == int(Severity[q.severity])
    if q.q:
        yield or_(*(field.icontains(q.q, autoescape=True) for field in (c.case_id, c.title, c.address)))
    if q.tab:
        yield and_(c.stage.not_in(ENDED_CODES), led(), in_tab(q.tab, q))


def lit(name: str, now: int) -> ColumnElement[bool]:
    at = func.coalesce(c.closed, now)
    paused = and_(c.paused == 1, c.stage.not_in(ENDED_CODES))
    running = and_(c.due.is_not(None), not_(paused))
    return {
        "none": c.due.is_(None),
        "paused": and_(c.due.is_not(None), paused),
        "red": and_(running, at > c.due),
        "amber": and_(running, at <= c.due, at >= c.amber),
        "green": and_(running, at < c.amber),
    }[name]


def led() -> ColumnElement[bool]:
    """A merged case is out of the queue for as long as the case that leads it is open."""
    other = t.cases.alias()
    ended = select(other.c.case_id).where(other.c.case_id == c.merged_into, other.c.stage.in_(ENDED_CODES)).exists()
    return or_(c.merged_into.is_(None), ended)


def in_tab(name: str, q: CaseQuery) -> ColumnElement[bool]:
    k = t.command.c
    done = select(k.case_id).where(k.actor_id == q.user_id, k.status == "accepted", k.undone.is_(None), k.verb != UNDO)
    touched = c.case_id.in_(done)
    return {
        "savable": and_(c.due >= q.now, c.due <= q.now + SAVABLE_WITHIN_MS, c.paused == 0, c.level == 0),
        "to_dispatch": c.stage.in_([int(s) for s in TO_DISPATCH]),
        "overdue": lit("red", q.now),
        "mine": touched,
        "changed": and_(touched, _while_away(q.user_id)),
        "alarm": c.case_id.in_(_unread(q)),
        "escalated": c.level > 0,
        "returns": or_(c.pending == "return", and_(c.returns > 0, c.stage.in_([int(s) for s in TO_DISPATCH]))),
    }[name]


def _while_away(account: str) -> ColumnElement[bool]:
    """Something happened to the case between the account's last shift and the one that it is in now."""
    e, own = t.event.c, t.shift.c.account == account
    left = select(func.max(t.shift.c.ended)).where(own).scalar_subquery()
    came = select(func.max(t.shift.c.started)).where(own, t.shift.c.ended.is_(None)).scalar_subquery()
    away = and_(e.recorded > left, e.recorded <= func.coalesce(came, FOREVER))
    return select(e.case_id).where(e.case_id == c.case_id, away).exists()


def _unread(q: CaseQuery) -> Select[Any]:
    """Cases with an alarm that waits for this account: nobody has acknowledged it, somebody else raised it, it is within reach."""
    a = t.alarm.c
    own = or_(a.raised_by.is_(None), a.raised_by != q.user_id)
    return select(a.case_id).where(a.ended.is_(None), own, a.level <= q.reach)


def drawn_around(db: Connection, q: CaseQuery, where: ColumnElement[bool]) -> list[str]:
    """Ids of the cases inside the polygon, in the order of the query: the box by SQL, the border itself by geometry."""
    area = drawn(q.polygon or [])
    boxed = in_box(c.lon, c.lat, area.bounds)
    rows = db.execute(select(c.case_id, c.lon, c.lat).where(where, boxed).order_by(*ORDERS[q.order])).all()
    hit = inside(area, [r.lon for r in rows], [r.lat for r in rows])
    return [r.case_id for r, is_in in zip(rows, hit.tolist(), strict=True) if is_in]


def in_box(lon: ColumnElement[float], lat: ColumnElement[float], area: tuple[float, float, float, float]) -> ColumnElement[bool]:
    west, south, east, north = area
    return and_(lon.between(west, east), lat.between(south, north))


def _sorted_by(order: str) -> list[tuple[ColumnElement[Any], bool]]:
    """(value, descending) of each part of an order's key; without a due time comes last whichever way round."""
    down = order.startswith("-")
    never, due = sql_case((c.due.is_(None), 1), else_=0), func.coalesce(c.due, 0)
    parts: dict[str, list[tuple[ColumnElement[Any], bool]]] = {
        "due": [(never, False), (due, down)],
        "reported": [(c.reported, down)],
        "severity": [(c.severity, not down), (never, False), (due, False)],
    }
    return [*parts[order.lstrip("-")], (c.case_id, False)]


def beyond(q: CaseQuery) -> ColumnElement[bool]:
    """What follows the page before: found by key, so that a page costs the same wherever it is and nothing slips between pages."""
    key = read_cursor(q.order, q.cursor)
    if key is None:
        return true()
    rest: ColumnElement[bool] = false()
    for (column, down), value in zip(reversed(_sorted_by(q.order)), reversed(key), strict=True):
        rest = or_(column < value if down else column > value, and_(column == value, rest))
    return rest


def key_of(order: str, row: Any) -> list[int | str]:
    due = [int(row.due is None), row.due or 0]
    parts: dict[str, list[int]] = {"due": due, "reported": [row.reported], "severity": [row.severity, *due]}
    return [*parts[order.lstrip("-")], row.case_id]


def item_of(r: Any, now: int) -> CaseLine:
    """A row of the columns `ITEM` as one line of a list."""
    row, state = Row(*r[: len(HOT)]), case_of(r.state)
    return {
        **item(row, now), "title": r.title, "address": r.address, "flags": state.flags, "pending": r.pending, "returns": r.returns,
        "arbitration": state.arbitration, "merged_into": state.merged_into, "duplicates": len(state.duplicates),
        "allowed": possible(state),
    }  # fmt: skip
