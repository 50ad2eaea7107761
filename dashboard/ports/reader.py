"""Reads for the pages and the API."""

from __future__ import annotations

from typing import Protocol

from dashboard.access.role import User
from dashboard.cases.alarm import Alarm
from dashboard.cases.case import Case
from dashboard.cases.category import Catalogue
from dashboard.cases.event import Event
from dashboard.cases.row import Row
from dashboard.clocks.rules import SlaRules
from dashboard.desk.query import CaseQuery
from dashboard.desk.shape import CaseDetail, CasePage
from dashboard.desk.shift import Note, NoteQuery
from dashboard.desk.undo import Given
from dashboard.places.grid import Grid
from dashboard.places.route import Route
from dashboard.places.unit import Unit
from dashboard.video.count import ByGrid
from dashboard.video.point import VideoPoint


class PlaceReader(Protocol):
    """Units, grids, routes and the catalogue."""

    def units(self) -> list[Unit]:
        """Every unit there has been, each in its newest version: cases of a unit that has ended still have a name and a district."""

    def grids(self, at: int | None = None) -> list[Grid]:
        """The grids that are valid at an instant (ms); None: every version of every grid."""

    def map_times(self) -> list[int]:
        """The instants (ms) at which the map changed, in order: between two of them `grids` gives the same."""

    def routes(self) -> list[Route]: ...
    def catalogue(self) -> Catalogue: ...
    def categories(self) -> set[str]:
        """Codes of the catalogue, and those that cases came with."""

    def stamp(self) -> str:
        """Changes whenever units, grids, routes, categories, policies or calendars are imported; points have nothing to do with it."""


class RuleReader(Protocol):
    """What is promised."""

    def sla(self) -> SlaRules: ...


class BoardReader(Protocol):
    """What a board is loaded from."""

    def rows(self, since_pos: int, reported_from: int) -> tuple[int, list[Row]]:
        """(pos, rows) in one consistent read: cases changed after `since_pos`; with 0 all open ones and those reported from then."""

    def event_at(self, pos: int) -> str | None:
        """Id of the event at this pos: tells whether a snapshot belongs to this database."""

    def alarms(self, acknowledged_from: int) -> list[Alarm]:
        """The open ones, and those that were acknowledged from then (ms); oldest first."""

    def newest_event(self) -> int:
        """Time (ms) of the newest event of any source, 0 when there is none: where a stream clock stands."""


class CaseReader(Protocol):
    """Questions for cases, and one case whole."""

    def page(self, query: CaseQuery) -> CasePage: ...
    def case(self, case: str, now: int, user: User | None = None) -> CaseDetail | None:
        """One case whole, as dashboard/desk/view.py `detail` shows it; what lies near it only as far as this user may see it."""

    def tabs(self, query: CaseQuery) -> dict[str, int]:
        """How many cases of this unit each of `QUEUES` has for this account."""

    def undoable(self, account: str, now: int, wall: int) -> list[Given]:
        """The commands of this account that it may undo now: accepted within the last five minutes, not undone since, and nobody else has
        acted on their case.
        """

    def history(self, case: str) -> tuple[Case, list[Event]] | None:
        """A case and its events in order of version."""

    def handover(self, query: NoteQuery) -> Note:
        """What has happened since then (ms, wall time) in a unit's subtree, and what the next shift must know of it."""

    def records(self, since: int) -> dict[str, tuple[int, int]]:
        """By owner: (closed on time, closed) of the cases with a due time that were closed since then (ms)."""

    def on_time(self, since: int, until: int) -> dict[str, tuple[int, int]]:
        """Per grid (closed on time, closed or open and overdue) of the cases due after `since` and by `until`, ms (DOMAIN.md 7:
        on_time_rate). A paused case is not overdue; a void one counts nowhere."""


class VideoReader(Protocol):
    """Video points."""

    def counts(self, at: int) -> ByGrid:
        """Active points by the grid in which they stand on the map of that instant (ms).

        Seconds of work for a large city when places, points or the day have changed, next to none otherwise.
        """

    def points(self) -> list[VideoPoint]:
        """Active points, secret ones included, by id."""


class Reader(Protocol):
    """Reads for the pages, the API and the engine, one reader a subject. Synchronous: call them off the event loop."""

    @property
    def places(self) -> PlaceReader: ...
    @property
    def rules(self) -> RuleReader: ...
    @property
    def board(self) -> BoardReader: ...
    @property
    def cases(self) -> CaseReader: ...
    @property
    def video(self) -> VideoReader: ...
