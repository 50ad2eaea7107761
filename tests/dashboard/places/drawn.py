"""Small maps for the tests: squares of about a kilometre, and the files that they come in."""

from __future__ import annotations

import json
from typing import Any

from dashboard.places.grid import Grid

CITY, STREET = "320100000000", "320102003000"
COMMUNITY = "320102003001"


def square(x: float, y: float, size: float = 1.0) -> list[list[float]]:
    """A closed ring whose lower left corner is x, y; a step is 0.01 degrees."""
    corners = [(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]
    return [[round(118.8 + px * 0.01, 7), round(32.0 + py * 0.01, 7)] for px, py in corners]


def grid(n: int, x: float, y: float, size: float = 1.0, **more: Any) -> Grid:
    return Grid(f"{COMMUNITY}{n:03d}", f"第{n}网格", COMMUNITY, "general", [square(x, y, size)], **more)


def geojson(grids: list[Grid], crs: str | None = "WGS-84") -> bytes:
    """As a drawing tool would write it."""
    features = [
        {
            "type": "Feature",
            "properties": {"code": g.code, "name": g.name, "community": g.community, "residents_reported": g.residents_reported},
            "geometry": {"type": "Polygon", "coordinates": g.rings},
        }
        for g in grids
    ]
    return json.dumps({"type": "FeatureCollection", "features": features} | ({"crs_note": crs} if crs else {})).encode()


UNITS = f"""code,parent,name,level
{CITY},,南京市,city
320102000000,{CITY},玄武区,区
{STREET},320102000000,新街口街道,town
{COMMUNITY},{STREET},网巾市社区,社区
""".encode()
