"""A video point as infrastructure (DOMAIN.md 8): place, direction and status; no stream, snapshot or recognition."""

from __future__ import annotations

from typing import Literal

import msgspec

Status = Literal["ON", "OFF", "VLOST", "DEFECT"]
"""After the catalogue events of GB/T 28181: online, offline, picture lost, defect."""


class VideoPoint(msgspec.Struct):
    """One camera; `id` has 20 digits (GB/T 28181, annex D), coordinates are WGS-84 degrees."""

    id: str
    name: str
    network: str
    """`xueliang_tianwang` or `huiyan`; indicators are counted per network (DOMAIN.md 7)."""
    category: str
    lon: float
    lat: float
    direction: float
    """Degrees clockwise from north of the middle of the view."""
    fov: float
    """Opening angle of the view in degrees; 360 = all around."""
    range_m: float
    status: Status = "ON"
    active: bool = True
    """False for a point that was taken out of service; it counts in no indicator."""
    secret: bool = False
    """True: never shown to walls."""
