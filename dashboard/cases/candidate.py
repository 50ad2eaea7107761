"""Who could take a case, best first, each with the reasons that a dispatcher weighs (PRODUCT.md, desk)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from dashboard.places.route import Routing
from dashboard.places.unit import Unit, UnitTree

SHOWN = 9
EARTH_KM = 6371.0


def candidates(
    category: str, grid: str | None, owner: str | None, point: tuple[float | None, float | None], routing: Routing, tree: UnitTree,
    loads: Mapping[str, int], within: str,
) -> list[dict[str, Any]]:  # fmt: skip
    """Units that serve this grid and category inside `within`, those with the least load and the shortest way first."""
    codes = routing.serving(category, grid) if not routing.empty else [u.code for u in tree.units if u.level == "department"]
    units = [u for u in map(tree.get, codes) if u is not None and u.code != owner and tree.within(u.code, within)]
    ranked = sorted(units, key=lambda u: (loads.get(u.code, 0) + 5 * (distance_km(u, point) or 0), u.code))
    return [_candidate(u, point, loads) for u in ranked[:SHOWN]]


def _candidate(unit: Unit, point: tuple[float | None, float | None], loads: Mapping[str, int]) -> dict[str, Any]:
    reasons: list[dict[str, Any]] = [{"key": "serves", "value": True}, {"key": "load", "value": loads.get(unit.code, 0)}]
    way = distance_km(unit, point)
    if way is not None:
        reasons.append({"key": "distance_km", "value": round(way, 1)})
    return {"unit": unit.code, "name": unit.name, "name_en": unit.name_en, "initials": unit.initials, "reasons": reasons}


def distance_km(unit: Unit, point: tuple[float | None, float | None]) -> float | None:
    """Great-circle distance from the unit's seat to a point (lon, lat), None where either is not known."""
    lon, lat = point
    if unit.lon is None or unit.lat is None or lon is None or lat is None:
        return None
    a, b = math.radians(lat), math.radians(unit.lat)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lon - unit.lon) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(half))
