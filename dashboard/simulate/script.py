"""What happens in a scenario, written down step by step: events, commands and the state of video points, each at its time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from dashboard.access.role import User
from dashboard.cases.command import encode
from dashboard.cases.envelope import case_id
from dashboard.simulate.category import CATEGORIES
from dashboard.simulate.envelope import digest, event, rfc3339, uuid7
from dashboard.simulate.town import Spot, Town
from dashboard.video.point import Status

CHANNELS = {"/grid-app": "grid_officer", "/12345": "hotline_12345", "/citizen-app": "citizen_app", "/video": "video"}
OFF_THE_MIDDLE_M = 111_320.0
"""Metres of a degree of latitude; good enough to say how far two reports lie apart."""


class Step(NamedTuple):
    """At `at` (ms) one of the three: an event for cases:reports, a command for cases:commands, a new state of video points."""

    at: int
    event: bytes = b""
    command: bytes = b""
    status: Mapping[str, Status] = {}


class Case(NamedTuple):
    """A case of the scenario; its events come from the source that reported it."""

    source: str
    subject: str
    spot: Spot
    category: str


class Script:
    """Collects the steps of one scenario that begins at `start` (ms). `scale`: ms of the stream that go by in one of the scenario's.

    The same town, seed and start give the same steps, to the byte.
    """

    def __init__(self, town: Town, start: int, seed: int = 0, scale: float = 1.0) -> None:
        self.town, self._start, self._scale = town, start, scale
        self.rng = np.random.default_rng([seed, 3, start])
        self.steps: list[Step] = []
        self.cases: list[Case] = []
        self.dangers = 0

    def at(self, seconds: float) -> int:
        return self._start + round(seconds * 1000 * self._scale)

    def spot(self) -> Spot:
        return self.town.spots[int(self.rng.integers(len(self.town.spots)))]

    def report(
        self, seconds: float, source: str, spot: Spot, category: str, text: str = "", metres: float | None = None, **more: Any
    ) -> Case:
        """One more case, `metres` from the spot's middle, or somewhere inside. `more` replaces members of the report."""
        at, item = self.at(seconds), CATEGORIES[category]
        case = Case(source, f"SC{_digits(self._start)}-{len(self.cases) + 1:03d}", spot, category)
        self.cases.append(case)
        severity = more.get("severity", item.severity)
        self.dangers += severity == "danger"
        title = f"{spot.address}{item.zh}"
        data = {
            "category": category, "channel": CHANNELS[source], "severity": severity, "place": self._place(spot, metres), "title": title,
            "text": text or f"{title}，请及时处理。", "workflow": "grid",
        }  # fmt: skip
        self._event(at, case, "case.reported", data | more)
        return case

    def _place(self, spot: Spot, metres: float | None) -> dict[str, Any]:
        place: dict[str, Any] = {"grid": spot.code, "address": spot.address}
        if spot.lon is None or spot.lat is None:
            return place
        way = spot.reach * float(self.rng.random()) ** 0.5 if metres is None else metres / OFF_THE_MIDDLE_M
        angle = float(self.rng.random()) * 2 * np.pi
        lon, lat = spot.lon + way * np.cos(angle), spot.lat + way * np.sin(angle)
        return {"lon": round(float(lon), 6), "lat": round(float(lat), 6), "crs": "wgs84"} | place

    def happen(self, seconds: float, case: Case, type_: str, **data: Any) -> None:
        """The next event of a case, as its source tells it."""
        self._event(self.at(seconds), case, type_, data)

    def _event(self, at: int, case: Case, type_: str, data: dict[str, Any]) -> None:
        id_ = uuid7(at, digest(case.subject, type_, at))
        self.steps.append(Step(at, event(id_, case.source, type_, case.subject, rfc3339(at), data)))

    def go_on(self, seconds: float, case: Case, accepted: bool) -> None:
        """What other seats and the unit do from then on, unless the desk has done it: dispatched, handled, closed within the hour."""
        unit = next(iter(self.town.serving(case.category, case.spot)), None)
        if unit is None:
            return
        if not accepted:
            self.happen(seconds, case, "case.accepted", by="seat-01")
        for after, type_, data in (
            (20, "case.dispatched", {"to": unit, "by": "seat-01"}), (200, "case.signed", {"unit": unit}),
            (1200, "case.handled", {"unit": unit, "result": "已处理"}), (1260, "case.check_requested", {"by": "seat-01"}),
            (1500, "case.checked", {"passed": True, "by": "checker"}), (1560, "case.closed", {"disposition": "已办结", "by": "seat-01"}),
        ):  # fmt: skip
            self.happen(seconds + after, case, type_, **data)

    def command(self, seconds: float, case: Case, verb: str, version: int, actor: User, **data: Any) -> None:
        """What somebody at a desk asks for who sees this version of the case."""
        at, name = self.at(seconds), case_id(case.source, case.subject)
        id_ = uuid7(at, digest(case.subject, verb, actor.id))
        self.steps.append(Step(at, command=encode(id_, verb, name, version, actor, data, at)))

    def status(self, seconds: float, status: Mapping[str, Status]) -> None:
        self.steps.append(Step(self.at(seconds), status=status))


def _digits(at: int) -> str:
    """20261125-035412 of an instant in China."""
    text = rfc3339(at)
    return f"{text[:10].replace('-', '')}-{text[11:19].replace(':', '')}"
