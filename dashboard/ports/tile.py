"""Raster tiles of a base map."""

from __future__ import annotations

from typing import Protocol


class TileSource(Protocol):
    """Raster tiles of a base map, in Web-Mercator."""

    media_type: str

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """None where there is no tile, as outside of the world."""
