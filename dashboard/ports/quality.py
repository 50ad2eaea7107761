"""Reads for the list of data quality."""

from __future__ import annotations

from typing import Any, Protocol

from dashboard.places.finding import Finding
from dashboard.places.quality import Sighting


class QualityReader(Protocol):
    """What the data-quality list is made of. Synchronous: call it off the event loop."""

    def sightings(self) -> list[Sighting]:
        """Every open case, with what is known of its place."""

    def imports(self, limit: int = 20) -> list[dict[str, Any]]:
        """The last imports of units and grids, newest first: the columns of the table without the findings."""

    def findings(self, import_id: str) -> list[Finding]:
        """What an import found in its file; none for an import that is not known."""
