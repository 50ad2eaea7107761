"""What lies near a case: reports that may be of the same thing, and video points (PRODUCT.md, case)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

import msgspec

from dashboard.cases.case import Case
from dashboard.cases.scalar import Instant
from dashboard.clock import HOUR, MINUTE
from dashboard.places.distance import metres
from dashboard.video.point import VideoPoint

SAME_WITHIN_M, SAME_WITHIN_MS, SAME_SHOWN = 200.0, 24 * HOUR, 10
VIDEO_WITHIN_M, VIDEO_SHOWN = 300.0, 5


class NearCase(TypedDict):
    """A case in a list inside another case."""

    case: str
    version: int
    source: str
    subject: str
    title: str
    category: str
    owner: str | None
    reported: Instant
    due: Instant | None


class PossibleDuplicate(NearCase):
    """`minutes`: how much later than this case it was reported."""

    metres: int
    minutes: int


class NearVideo(TypedDict):
    """A video point near a case; infrastructure, never a picture."""

    id: str
    name: str
    direction: float | None
    status: str
    metres: int


class Near(msgspec.Struct, frozen=True):
    """`duplicates`: the cases that are merged into this one."""

    duplicates: list[NearCase] = []
    possible_duplicates: list[PossibleDuplicate] = []
    video: list[NearVideo] = []


def family(category: str) -> str:
    """What reports of one thing have in common: the sub category (4 digits) of our catalogue, the whole code of any other."""
    return category[:4] if category.isdigit() else category


def possible_duplicates(case: Case, others: Iterable[Case]) -> list[PossibleDuplicate]:
    """Open, unmerged cases of the same family within 200 m, reported at most 24 h before or after; the nearest first."""
    found: list[tuple[float, PossibleDuplicate]] = []
    for other in others:
        way, apart = metres((case.lon, case.lat), (other.lon, other.lat)), other.reported - case.reported
        same = other.case != case.case and not other.ended and other.merged_into is None and family(other.category) == family(case.category)
        if same and way is not None and way <= SAME_WITHIN_M and abs(apart) <= SAME_WITHIN_MS:
            found.append((way, {**brief(other), "metres": round(way), "minutes": round(apart / MINUTE)}))
    return [shown for _, shown in sorted(found, key=lambda f: (f[0], f[1]["case"]))[:SAME_SHOWN]]


def brief(case: Case) -> NearCase:
    """A case in a list inside another case; instants in ms."""
    return {
        "case": case.case, "version": case.version, "source": case.source, "subject": case.subject, "title": case.title,
        "category": case.category, "owner": case.owner, "reported": case.reported, "due": case.due,
    }  # fmt: skip


def video(case: Case, points: Iterable[VideoPoint]) -> list[NearVideo]:
    """The nearest points in service within 300 m: infrastructure, never a picture (DOMAIN.md 8)."""
    found: list[tuple[float, NearVideo]] = []
    for point in points:
        way = metres((case.lon, case.lat), (point.lon, point.lat))
        if point.active and way is not None and way <= VIDEO_WITHIN_M:
            shown = NearVideo(id=point.id, name=point.name, direction=point.direction, status=point.status, metres=round(way))
            found.append((way, shown))
    return [shown for _, shown in sorted(found, key=lambda f: (f[0], f[1]["id"]))[:VIDEO_SHOWN]]
