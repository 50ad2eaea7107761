"""What lies near one case (dashboard/desk/near.py): the boxes by SQL, metres and hours by the rule itself."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, and_, select

from dashboard.access.role import SEES_SECRET, User
from dashboard.cases.case import Case
from dashboard.desk.near import SAME_WITHIN_M, SAME_WITHIN_MS, VIDEO_WITHIN_M, Near, NearCase, brief, possible_duplicates, video
from dashboard.desk.query import CaseQuery
from dashboard.places.distance import box
from dashboard.video.point import VideoPoint
from data_access import table as t
from data_access.case_query import conditions, in_box, whole
from data_access.ledger import case_of

c = t.cases.c


def near(db: Connection, found: Case, user: User | None) -> Near:
    """The cases merged into this one; those that may be the same and the video points, as far as the user may see them."""
    return Near(_merged(db, found), possible_duplicates(found, _around(db, found, user)), video(found, _points(db, found, user)))


def _merged(db: Connection, found: Case) -> list[NearCase]:
    """The cases that this one leads, each with its own promise."""
    states = db.execute(select(c.state).where(c.case_id.in_(found.duplicates)).order_by(c.reported)).scalars() if found.duplicates else ()
    return [brief(case_of(state)) for state in states]


def _around(db: Connection, found: Case, user: User | None) -> Iterator[Case]:
    """Open cases of the user's jurisdiction in the box in which duplicates of this one may lie."""
    if found.lon is None or found.lat is None or user is None:
        return
    near = in_box(c.lon, c.lat, box(found.lon, found.lat, SAME_WITHIN_M))
    since, until = found.reported - SAME_WITHIN_MS, found.reported + SAME_WITHIN_MS
    seen = conditions(whole(db, CaseQuery(now=0, unit=user.unit, stage="open")))
    where = and_(near, c.reported.between(since, until), c.case_id != found.case, *seen)
    yield from (case_of(state) for state in db.execute(select(c.state).where(where)).scalars())


def _points(db: Connection, found: Case, user: User | None) -> Iterator[VideoPoint]:
    """Video points in the box around a case; secret ones only for who may see them."""
    if found.lon is None or found.lat is None:
        return
    v = t.video_point.c
    where = and_(in_box(v.lon, v.lat, box(found.lon, found.lat, VIDEO_WITHIN_M)), v.active == 1)
    where = where if user is not None and user.role in SEES_SECRET else and_(where, v.secret == 0)
    for row in db.execute(select(t.video_point).where(where)):
        yield VideoPoint(**{**row._mapping, "active": bool(row.active), "secret": bool(row.secret)})
