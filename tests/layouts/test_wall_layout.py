"""The wall's frame: five figures with their bounds, five slots, no address, nothing to click."""

from __future__ import annotations

from dash import dcc, html
from drawn import CITY, TREE, marked, text, visit, walk

from layouts.wall import FIGURES, SLOTS, wall

DISTRICTS = list(TREE.children(CITY))[:1]


def test_five_figures_each_with_a_target_or_a_band() -> None:
    drawn = wall(visit("wall"), DISTRICTS, grids=100)
    assert marked(drawn, "data-figure") == [f.key for f in FIGURES]
    assert len(FIGURES) == 5 and all(f.low is not None or f.high is not None for f in FIGURES)


def test_the_band_of_open_cases_grows_with_the_city() -> None:
    drawn = wall(visit("wall"), DISTRICTS, grids=1000)
    assert marked(drawn, "data-low")[0] == "100.0" and marked(drawn, "data-high")[0] == "1500.0"
    assert len(marked(wall(visit("wall"), DISTRICTS, grids=0), "data-low")) == len(marked(drawn, "data-low")) - 1


def test_at_most_five_items_ask_for_attention() -> None:
    slots = [x for x in walk(wall(visit("wall"), DISTRICTS)) if isinstance(x, html.Li)]
    assert len(slots) == SLOTS == 5


def test_nothing_on_the_wall_can_be_clicked_or_filled_in() -> None:
    drawn = list(walk(wall(visit("wall"), DISTRICTS)))
    assert not [x for x in drawn if isinstance(x, html.Button | html.A | dcc.Input | dcc.Link)]


def test_districts_beyond_the_readable_ones_are_counted() -> None:
    many = DISTRICTS * 15
    assert "另有 3 个未列" in text(wall(visit("wall"), many))
    assert "未列" not in text(wall(visit("wall"), DISTRICTS))


def test_it_speaks_english() -> None:
    drawn = text(wall(visit("wall", "en"), DISTRICTS))
    assert "Needs attention" in drawn and "需要关注" not in drawn
    assert "Qingdu" in drawn and "Qingdu District" not in drawn, "a list of districts does not say District in every line"
