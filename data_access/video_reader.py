"""Video points (port VideoReader). Every method is one consistent read."""

from __future__ import annotations

from sqlalchemy import Engine, select

from dashboard.cache import KeyedCache
from dashboard.clock import DAY
from dashboard.places.locate import Locator
from dashboard.video.count import ByGrid, by_grid
from dashboard.video.point import VideoPoint
from data_access import table as t
from data_access.place_reader import SqlPlaceReader
from data_access.stamp import stamp_of

c = t.cases.c


class SqlVideoReader:
    def __init__(self, engine: Engine, places: SqlPlaceReader) -> None:
        self._engine, self._places = engine, places
        self._counts: KeyedCache[tuple[str, str, int], ByGrid] = KeyedCache()

    def counts(self, at: int) -> ByGrid:
        return self._counts.get((self._places.stamp(), stamp_of(self._engine, "video"), at // DAY), lambda: self._count(at))

    def _count(self, at: int) -> ByGrid:
        points = self.points()
        return by_grid(points, Locator(self._places.grids(at)).locate([p.lon for p in points], [p.lat for p in points]) if points else [])

    def points(self) -> list[VideoPoint]:
        active = select(t.video_point).where(t.video_point.c.active == 1).order_by(t.video_point.c.id)
        with self._engine.begin() as db:
            return [VideoPoint(**r._mapping) for r in db.execute(active)]
