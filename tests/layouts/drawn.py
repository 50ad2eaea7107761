"""What the tests of layouts share: a small city, a visitor, and ways to look into a component tree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dash.development.base_component import Component

from dashboard.places.unit import Unit, UnitTree
from dashboard.simulate.category import CATEGORIES
from dashboard.words import load
from layouts.parts.context import PageContext
from layouts.parts.name import names_of

CITY, DISTRICT, COMMUNITY, GRID = "990100000000", "990101000000", "990101001001", "990101001001003"
TREE = UnitTree(
    [
        Unit(CITY, "宁川市", "city", None, "Ningchuan"),
        Unit(DISTRICT, "清渡区", "district", CITY, "Qingdu District"),
        Unit("990101001000", "柳街道", "street", DISTRICT, "Liu Street"),
        Unit(COMMUNITY, "柳营社区", "community", "990101001000", "Liuying Community"),
        Unit(GRID, "003", "grid", COMMUNITY, "003"),
        Unit("990101-hw", "清渡区环卫所", "department", DISTRICT, "Qingdu Sanitation"),
    ]
)
WORDS = load(Path(__file__).resolve().parents[2] / "assets" / "locales")
NAMES = names_of(TREE, CATEGORIES)


def visit(role: str = "dispatcher", lang: str = "zh") -> PageContext:
    return PageContext(WORDS.speaker(lang), NAMES, role, "王敏", CITY)


def walk(node: Any) -> Iterator[Any]:
    """Every component and text of a tree."""
    if isinstance(node, list | tuple):
        for child in node:
            yield from walk(child)
    elif isinstance(node, Component):
        yield node
        yield from walk(getattr(node, "children", None))
    elif node is not None:
        yield node


def text(node: Any) -> str:
    return " ".join(str(x) for x in walk(node) if not isinstance(x, Component))


def marked(node: Any, name: str) -> list[str]:
    """Values of one attribute, such as `data-act`, in the order of the tree."""
    return [x.to_plotly_json()["props"][name] for x in walk(node) if isinstance(x, Component) and name in x.to_plotly_json()["props"]]
