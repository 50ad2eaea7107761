"""desk/column.js: what a person does to the columns is kept, what a window does to them is not."""

from __future__ import annotations

import pytest

from tests.assets.page import NODE, WHY, run

pytestmark = pytest.mark.skipif(NODE is None, reason=WHY)

DESK = """
let puts = [], heard = {};
const state = [{ colId: 'due', width: 150, sort: 'asc', sortIndex: 0 }];
gc.query = { asked: { sort: 'due.asc' } };
gc.kept = { get: () => undefined, put: (kind, key, value) => puts.push([kind, key, value]) };
const grid = { addEventListener: (name, call) => (heard[name] = call), getColumnState: () => state, applyColumnState: () => heard.columnResized?.({ finished: true, source: 'api' }) };
"""


@pytest.mark.parametrize(
    ("event", "kept"),
    [
        ({"finished": True, "source": "uiColumnResized"}, True),
        ({"source": "api"}, True),
        ({"finished": False, "source": "uiColumnResized"}, False),
        ({"finished": True, "source": "flex"}, False),
    ],
)
def test_what_a_person_does_is_kept(event: dict[str, object], kept: bool) -> None:
    found = run(["desk/column.js"], DESK, "tell('gc:grid-ready', grid); tell('gc:kept'); heard.columnResized(input.event); out(puts);", event=event)
    assert found == ([["column", "queue", [{"colId": "due", "width": 150}]]] if kept else []), "the order of the rows is the URL's"
