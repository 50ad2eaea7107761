"""Who handles what in the demo city: about ten departments a district, one sub-centre a street, and their routes."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.places.route import Route
from dashboard.places.unit import Unit

_DEPARTMENTS: list[tuple[str, str, str, tuple[str, ...]]] = [
    ("cg", "城管执法中队", "City Management Squad", ("0302", "0303", "0901")),
    ("hw", "环卫所", "Sanitation Office", ("0301",)),
    ("sz", "市政养护所", "Public Works Office", ("0201", "0202")),
    ("ps", "排水管理所", "Drainage Office", ("04",)),
    ("ld", "路灯管理所", "Street Light Office", ("0203",)),
    ("yl", "园林绿化所", "Parks Office", ("06",)),
    ("jj", "交警大队", "Traffic Police", ("05",)),
    ("sj", "市场监管所", "Market Supervision Office", ("0103", "070204")),
    ("yj", "应急管理所", "Emergency Office", ("0101", "0102")),
    ("pc", "派出所勤务队", "Police Duty Team", ("0701",)),
    ("mz", "民政事务所", "Civil Affairs Office", ("070201", "070202", "070203", "08")),
    ("zj", "住建管理所", "Building Office", ("0902",)),
]
DEPARTMENTS_PER_DISTRICT = len(_DEPARTMENTS)
SUBCENTRE = "fzx"
"""Suffix of the code of a street's sub-centre 街道分中心."""


def departments(district: Unit, places: list[tuple[float, float]]) -> tuple[list[Unit], list[Route]]:
    """The departments of a district, standing at `places` (lon, lat degrees; at least 12), and what each serves."""
    units: list[Unit] = []
    routes: list[Route] = []
    for (suffix, zh, en, categories), (lon, lat) in zip(_DEPARTMENTS, places, strict=False):
        code = f"{district.code[:6]}-{suffix}"
        units.append(_unit(code, district, zh, en, suffix, lon, lat))
        routes.extend(Route(code, category, district.code) for category in categories)
    return units, routes


def subcentre(street: Unit) -> tuple[Unit, Route]:
    """The sub-centre of a street serves every category there."""
    code = f"{street.code[:9]}-{SUBCENTRE}"
    unit = _unit(code, street, "分中心", "Sub-centre", SUBCENTRE, street.lon or 0.0, street.lat or 0.0)
    return unit, Route(code, "", street.code)


def support(streets: Sequence[Unit]) -> list[Route]:
    """Neighbours help out: each sub-centre also serves the two nearest streets of its district."""
    routes: list[Route] = []
    for street in streets:
        near = sorted(_others(street, streets), key=lambda other: (_apart(street, other), other.code))
        routes.extend(Route(f"{street.code[:9]}-{SUBCENTRE}", "", other.code) for other in near[:2])
    return routes


def _others(street: Unit, streets: Sequence[Unit]) -> list[Unit]:
    return [other for other in streets if other.parent == street.parent and other.code != street.code]


def _apart(a: Unit, b: Unit) -> float:
    """Squared degrees: good enough to say who is nearer."""
    return ((a.lon or 0.0) - (b.lon or 0.0)) ** 2 + ((a.lat or 0.0) - (b.lat or 0.0)) ** 2


def _unit(code: str, parent: Unit, zh: str, en: str, initials: str, lon: float, lat: float) -> Unit:
    english = f"{parent.name_en} {en}"
    return Unit(code, parent.name + zh, "department", parent.code, english, parent.initials + initials, lon=lon, lat=lat)
