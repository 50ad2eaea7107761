"""The total promise of a case: one limit in wall hours by category and severity.

A category without a limit has no due time and is never overdue (DOMAIN.md 3).
"""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.cases.category import CATEGORIES
from dashboard.clock import HOUR

VERSION = "total-1"
DANGER_HOURS = 2.0


class TotalLimits:
    """Limits in hours by category code; danger is always at most 2 h where the category has a limit at all."""

    def __init__(self, hours: Mapping[str, float | None]) -> None:
        self._hours = hours

    def due(self, start: int, category: str, severity: str) -> int | None:
        """Instant (ms) at which the promise breaks, None where there is no limit."""
        hours = self._hours.get(category)
        if hours is None:
            return None
        return start + int((min(hours, DANGER_HOURS) if severity == "danger" else hours) * HOUR)


def catalogue_limits() -> TotalLimits:
    """The limits of the built-in catalogue."""
    return TotalLimits({code: c.limit_hours for code, c in CATEGORIES.items()})
