"""Names in both languages; unknown codes are their own names."""

from __future__ import annotations

from drawn import COMMUNITY, DISTRICT, GRID, NAMES, visit

from layouts.parts.name import place_text, unit_text


def test_a_grid_is_named_by_its_community() -> None:
    assert GRID not in NAMES.units
    assert place_text(visit().say, NAMES, GRID) == "清渡区 · 柳营社区 003 网格"
    assert place_text(visit(lang="en").say, NAMES, GRID) == "Qingdu District · Liuying Community grid 003"
    assert place_text(visit().say, NAMES, COMMUNITY) == "清渡区 · 柳营社区"


def test_unknown_places_and_units_show_as_they_came() -> None:
    assert place_text(visit().say, NAMES, "123") == "123"
    assert place_text(visit().say, NAMES, None) == "位置不明"
    assert unit_text(NAMES, "zh", "x-9") == "x-9" and unit_text(NAMES, "zh", None) == "—"
    assert unit_text(NAMES, "en", DISTRICT) == "Qingdu District"
