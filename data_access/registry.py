"""Imports of places, points and rules (port Registry). Each is one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, or_, select, update

from dashboard.cases.case import Case
from dashboard.cases.category import Category
from dashboard.cases.stage import Stage
from dashboard.clock import iso, wall_ms
from dashboard.clocks.policy import Policy
from dashboard.places.grid import Grid
from dashboard.places.route import Route
from dashboard.places.unit import Unit
from dashboard.places.version import PlaceImport, Plan
from dashboard.video.point import Status, VideoPoint
from data_access import table as t
from data_access.database import write_many
from data_access.ledger import CHUNK, case_of
from data_access.stamp import renew_stamp

KEPT_FINDINGS = 2000
"""Findings of one import that are kept; the rest is counted."""


class SqlRegistry:
    """Each method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._write = engine.execution_options(write=True)
        self._read = engine

    def replace_places(self, units: Sequence[Unit], grids: Iterable[Grid], routes: Sequence[Route]) -> None:
        """Units, grids and routes as given; what was there is gone."""
        with self._write.begin() as c:
            for table in (t.route, t.grid, t.unit):
                c.execute(delete(table))
            write_many(c, t.unit, [_unit(u) for u in units])
            write_many(c, t.grid, [_grid(g) for g in grids])
            write_many(c, t.route, [(r.unit, r.category, r.area) for r in routes])
            renew_stamp(c)

    def apply(self, plan: Plan) -> None:
        """Versions end and begin as planned, in one transaction. A version that began at the very same instant is replaced."""
        with self._write.begin() as c:
            for table, begun in ((t.unit, [_unit(u) for u in plan.units]), (t.grid, [_grid(g) for g in plan.grids])):
                _end(c, table, [row[0] for row in begun], plan.at)
                write_many(c, table, begun, "code,valid_from", update=True)
            _end(c, t.grid, plan.ended, plan.at)
            _end(c, t.unit, plan.ended, plan.at)
            renew_stamp(c)

    def note_import(self, done: PlaceImport) -> None:
        """Keeps what an import did or why it did nothing, for the list on the page."""
        row = msgspec.structs.asdict(done) | {"id": secrets.token_hex(16), "made": wall_ms(), "done": int(done.done)}
        row["found"], row["findings"] = len(done.findings), msgspec.json.encode(done.findings[:KEPT_FINDINGS]).decode()
        with self._write.begin() as c:
            c.execute(insert(t.place_import).values(row))

    def replace_categories(self, categories: Iterable[Category]) -> None:
        """The whole catalogue at once; engine and workers notice by the stamp."""
        with self._write.begin() as c:
            c.execute(delete(t.category))
            write_many(c, t.category, [(x.code, x.zh, x.en, x.severity, int(x.dispute)) for x in categories])
            renew_stamp(c)

    def replace_routes(self, routes: Sequence[Route]) -> None:
        """The whole routing table at once; engine and workers notice by the stamp."""
        with self._write.begin() as c:
            c.execute(delete(t.route))
            write_many(c, t.route, [(r.unit, r.category, r.area) for r in routes])
            renew_stamp(c)

    def replace_video(self, points: Iterable[VideoPoint]) -> None:
        """All points at once. They have a stamp of their own: nobody need read units and grids again because of them."""
        with self._write.begin() as c:
            c.execute(delete(t.video_point))
            write_many(c, t.video_point, [_point(p) for p in points])
            renew_stamp(c, "video")

    def set_video_status(self, status: Mapping[str, Status]) -> None:
        """Counts and layers follow by the points' stamp, as after an import."""
        p = t.video_point
        one = update(p).where(p.c.id == bindparam("point")).values(status=bindparam("is"))
        with self._write.begin() as c:
            if status:
                c.execute(one, [{"point": point, "is": value} for point, value in status.items()])
            renew_stamp(c, "video")

    def has_places(self) -> bool:
        with self._read.begin() as c:
            return bool(c.execute(select(func.count()).select_from(t.unit)).scalar())

    def add_policy(self, policy: Policy, body: str) -> None:
        """A new version; the open-ended one before it ends where it begins. ValueError when it would change what holds already."""
        p = t.policy
        with self._write.begin() as c:
            known = {r.version: r for r in c.execute(select(p.c.version, p.c.valid_from))}
            if policy.version in known:
                raise ValueError(f"policy version {policy.version!r} exists; versions are never changed, give the file a new one")
            newest = max((r.valid_from for r in known.values()), default=-1)  # the first one may hold since always, which is 0
            if policy.valid_from <= newest:
                begins = f"policy {policy.version} begins at {iso(policy.valid_from)}"
                raise ValueError(f"{begins}, not after the newest version, which begins at {iso(newest)}")
            c.execute(update(p).where(or_(p.c.valid_to.is_(None), p.c.valid_to > policy.valid_from)).values(valid_to=policy.valid_from))
            c.execute(insert(p).values(version=policy.version, valid_from=policy.valid_from, valid_to=policy.valid_to, body=body))
            renew_stamp(c)

    def add_calendar(self, version: str, body: str) -> None:
        with self._write.begin() as c:
            write_many(c, t.calendar, [(version, wall_ms(), body)], "version", update=True)
            renew_stamp(c)

    def open_states(self) -> Iterator[Case]:
        """Every open case, for a preview of what a new policy would change."""
        with self._read.begin() as c:
            for state in c.execute(select(t.cases.c.state).where(t.cases.c.stage < int(Stage.CLOSED))).scalars():
                yield case_of(state)



def _end(c: Connection, table: Any, codes: Sequence[str], at: int) -> None:
    """The running versions of these codes end at `at`; one that would begin and end at once never was."""
    for i in range(0, len(codes), CHUNK):
        running = table.c.code.in_(codes[i : i + CHUNK]), table.c.valid_to.is_(None)
        c.execute(delete(table).where(*running, table.c.valid_from == at))
        c.execute(update(table).where(*running).values(valid_to=at))


def _unit(u: Unit) -> tuple[Any, ...]:
    return u.code, u.name, u.name_en, u.initials, u.level, u.parent, u.valid_from or 0, u.valid_to, u.lon, u.lat


def _grid(g: Grid) -> tuple[Any, ...]:
    return (
        g.code, g.name, g.community, g.kind, g.households, g.residents_reported, g.residents_verified, g.full_time, g.part_time,
        g.valid_from or 0, g.valid_to, msgspec.msgpack.encode(g.rings),
    )  # fmt: skip


def _point(p: VideoPoint) -> tuple[Any, ...]:
    return (
        p.id, p.name, p.network, p.category, p.lon, p.lat, p.direction, p.fov, p.range_m, p.status, int(p.active), int(p.secret),
    )  # fmt: skip
