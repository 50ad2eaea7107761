"""Imports of places, points and rules; each is one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from dashboard.cases.case import Case
from dashboard.cases.category import Category
from dashboard.clocks.policy import Policy
from dashboard.places.grid import Grid
from dashboard.places.route import Route
from dashboard.places.unit import Unit
from dashboard.places.version import PlaceImport, Plan
from dashboard.video.point import Status, VideoPoint


class Registry(Protocol):
    def replace_places(self, units: Sequence[Unit], grids: Iterable[Grid], routes: Sequence[Route]) -> None:
        """Units, grids and routes as given; what was there is gone."""

    def has_places(self) -> bool: ...
    def apply(self, plan: Plan) -> None:
        """Versions end and begin as planned."""

    def note_import(self, done: PlaceImport) -> None:
        """Keeps what an import did or why it did nothing."""

    def replace_categories(self, categories: Iterable[Category]) -> None:
        """The whole catalogue at once."""

    def replace_routes(self, routes: Sequence[Route]) -> None: ...
    def replace_video(self, points: Iterable[VideoPoint]) -> None: ...
    def set_video_status(self, status: Mapping[str, Status]) -> None:
        """Of these points by id; what is not there is left out."""

    def add_policy(self, policy: Policy, body: str) -> None:
        """ValueError when it would change what holds already."""

    def add_calendar(self, version: str, body: str) -> None: ...
    def open_states(self) -> Iterator[Case]:
        """Every open case, for a preview of what a new policy would change."""
