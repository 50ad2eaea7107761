"""A base map in one local file: raster tiles of a PMTiles archive, for a hall without the internet (port TileSource)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pmtiles.reader import MmapSource, Reader
from pmtiles.tile import TileType

MEDIA = {TileType.PNG: "image/png", TileType.JPEG: "image/jpeg", TileType.WEBP: "image/webp", TileType.AVIF: "image/avif"}


DEEPEST = 24


class TileFile:
    """Port `TileSource`. The file is mapped, not read: workers share its pages."""

    def __init__(self, path: Path) -> None:
        """`path`: checked by dashboard/settings.py, which knows what a person can do about a wrong one."""
        self._reader: Any = Reader(MmapSource(path.open("rb")))
        self.media_type: str = MEDIA[self._reader.header()["tile_type"]]

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        if not (0 <= z <= DEEPEST and 0 <= x < 2**z and 0 <= y < 2**z):
            return None
        found: bytes | None = self._reader.get(z, x, y)
        return found
