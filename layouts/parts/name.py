"""Names of units and categories in both languages: one table for the server's drawing and for the browser's.

Grids are left out of the table (12,000 of them): a grid is named by its community and the last three digits of its code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from dash import html
from dash.development.base_component import Component

from dashboard.places.unit import UnitTree
from dashboard.words import Say
from layouts.parts.word import attributes

COMMUNITY_DIGITS = 12


class Named(Protocol):
    """What a category must have to be named."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


@dataclass(frozen=True)
class Names:
    """`units`: code -> [zh, en, level, parent, pinyin initials]; `categories`: code -> [zh, en]."""

    units: dict[str, list[str | None]] = field(default_factory=dict)
    categories: dict[str, list[str]] = field(default_factory=dict)

    def table(self) -> dict[str, Any]:
        return {"units": self.units, "categories": self.categories}


def names_of(tree: UnitTree, categories: Mapping[str, Named]) -> Names:
    """Builds the table; about 1,000 units of a city of ten million."""
    shown = (u for u in tree.units if u.level != "grid")
    units: dict[str, list[str | None]] = {u.code: [u.name, u.name_en or u.name, u.level, u.parent, u.initials] for u in shown}
    return Names(units, {code: [c.zh, c.en] for code, c in categories.items()})


def unit_text(names: Names, lang: str, code: str | None) -> str:
    row = names.units.get(code or "")
    return str(row[lang == "en"]) if row else (code or "—")


def place_text(say: Say, names: Names, grid: str | None) -> str:
    """`江北区 · 和平社区 003网格`; the code itself for a grid that is not known (yet)."""
    community = names.units.get((grid or "")[:COMMUNITY_DIGITS])
    if grid is None or community is None:
        return grid or say("place.unknown")
    whole = (
        f"{community[say.lang == 'en']} {say('place.grid', n=grid[COMMUNITY_DIGITS:])}"
        if len(grid) > COMMUNITY_DIGITS
        else str(community[say.lang == "en"])
    )
    district = names.units.get(f"{grid[:6]}000000")
    return f"{district[say.lang == 'en']} · {whole}" if district else whole


def unit(say: Say, names: Names, code: str | None) -> Component:
    return html.Span(unit_text(names, say.lang, code), **attributes(data_unit=code))


def area(say: Say, names: Names, code: str | None) -> Component:
    """A unit in a list of units of its level: `Qingdu`, not `Qingdu District` twelve times. The same rule as `gc.area`."""
    text = unit_text(names, say.lang, code)
    level = str((names.units.get(code or "") or ["", "", ""])[2] or "")
    return html.Span(text.removesuffix(f" {level.title()}"), **attributes(data_area=code))


def category(say: Say, names: Names, code: str | None) -> Component:
    row = names.categories.get(code or "")
    return html.Span(row[say.lang == "en"] if row else code or "—", **attributes(data_category=code))


def place(say: Say, names: Names, grid: str | None) -> Component:
    return html.Span(place_text(say, names, grid), **attributes(data_place=grid))
