"""desk/rows.js: an update never moves a row, and whoever comes or goes waits behind the pill."""

from __future__ import annotations

from typing import Any

import pytest

from tests.assets.page import NODE, WHY, run

pytestmark = pytest.mark.skipif(NODE is None, reason=WHY)

GRID = """
const DAY = 86400000, flashed = [], pill = {}, old = {}; let nodes = new Map(), serverHas = null, asks = 0, within = true;
const api = { isDestroyed: () => false, getRowNode: (id) => nodes.get(id), forEachNode: (call) => nodes.forEach(call), ensureIndexVisible: (i) => moves.push(i),
  setGridOption: (name, value) => { if (name === 'rowData') nodes = new Map(value.map((data) => [data.case, { data, updateData(now) { this.data = now; } }])); else options[name] = value; },
  refreshCells: () => 0, flashCells: ({ rowNodes, columns }) => flashed.push([rowNodes[0].data.case, columns]), onFilterChanged: () => 0 };
const dangers = new Set(), moves = [], options = {}, home = { dataset: {} };
window.dash_ag_grid = { getApi: () => api };
document.querySelector = (s) => ({ '#gc-pill': pill, '.gc-old': old, '.gc-rows': home })[s] ?? null;
document.getElementById = (id) => (id === 'desk-grid' ? {} : null);
globalThis.requestAnimationFrame = (call) => call();
Object.assign(gc, { now: () => Date.now(), tick: () => 0, number: String, word: (key, { n }) => `${key} ${n}`, within: () => within,
  alarm: { dangers: () => dangers },
  pending: { of: (id) => (id === 'p' ? { id: 'sent' } : null) },
  query: { asked: { tab: 'savable', q: '', unit: '', category: '', severity: '', owner: '', old: '' }, meta: {}, now: async () => (asks++, serverHas), toUrl: () => 0 } });
const row = (id, more = {}) => ({ case: id, version: 1, stage: 'SIGNED', severity: 'normal', light: 'green', amber: null, due: Date.now() + 3600000, category: '010101',
  grid: 'g', owner: 'u1', level: 'none', allowed: ['urge'], pending: '', ...more });
const delta = (rows, gone = [], t = 'delta') => { const cases = { case: [] };
  for (const { owner, allowed, pending, ...r } of rows) for (const [k, v] of Object.entries({ ...r, unit: owner })) (cases[k] ??= []).push(v);
  frame(t, { cases, gone }); };
const shown = (id) => nodes.get(id).data;
"""


def page(body: str, **given: Any) -> Any:
    return run(["desk/rows.js"], GRID, body, **given)


def test_a_row_that_moved_shows_it_and_forgets_what_it_allowed() -> None:
    got = page("""gc.rows.replace([row('a', { pending: 'return' }), row('p')]); delta([row('a', { version: 2, stage: 'HANDLED', owner: 'u2' })]);
      out([shown('a'), shown('p').sent, flashed, pill.hidden]);""")
    assert [got[0][name] for name in ("version", "stage", "owner", "allowed", "pending", "gone")] == [2, "HANDLED", "u2", None, "", False]
    assert got[1:] == [{"id": "sent"}, [["a", ["owner", "stage"]]], True]


def test_an_older_frame_changes_nothing_and_the_same_version_keeps_what_the_server_said() -> None:
    got = page("""gc.rows.replace([row('a', { version: 5 }), row('b')]); delta([row('a', { version: 4, stage: 'CLOSED' }), row('b', { light: 'amber' })]);
      out([shown('a').stage, shown('b').allowed, flashed]);""")
    assert got == ["SIGNED", ["urge"], [["b", ["due"]]]]


def test_new_cases_wait_behind_the_pill_and_those_that_leave_stay_where_they_are() -> None:
    got = page("""gc.rows.replace([row('a'), row('b')]); delta([row('n'), row('far', { due: Date.now() + 2 * DAY })], ['a', 'unknown']); delta([row('n', { version: 2 })]);
      const said = [pill.textContent, [...nodes.keys()], shown('a').gone, shown('a').sent]; gc.rows.replace([row('b'), row('n')], true); out([said, pill.hidden, moves]);""")
    assert got == [["desk.pill 2", ["a", "b"], True, None], True, [0]]


def test_a_snapshot_is_no_news_and_before_the_first_rows_nothing_is() -> None:
    assert page("""gc.rows.replace([row('a')]); delta([row('n')], ['a'], 'snapshot'); const after = pill.hidden; gc.query.meta = null; delta([row('m')]);
      out([after, pill.hidden, shown('a').gone ?? null]);""") == [True, True, None]  # fmt: skip


@pytest.mark.parametrize(
    ("tab", "case", "fits"),
    [
        ("savable", {}, True),
        ("savable", {"due": None}, False),
        ("savable", {"level": "duty_chief"}, False),
        ("savable", {"due": 1}, False),
        ("to_dispatch", {"stage": "REPORTED"}, True),
        ("to_dispatch", {}, False),
        ("overdue", {"due": 1}, True),
        ("overdue", {}, False),
        ("escalated", {"level": "unit_head"}, True),
        ("escalated", {"level": "unit_head", "stage": "CLOSED"}, False),
        ("mine", {}, False),
    ],
)
def test_a_new_case_is_news_where_it_belongs(tab: str, case: dict[str, Any], fits: bool) -> None:
    got = page("gc.query.asked.tab = input.tab; gc.rows.replace([]); delta([row('n', input.case)]); out(!pill.hidden);", tab=tab, case=case)
    assert got is fits


@pytest.mark.parametrize(
    ("asked", "fits"),
    [({"severity": "danger"}, False), ({"severity": "normal"}, True), ({"owner": "u2"}, False), ({"owner": "u1"}, True),
     ({"category": "02"}, False), ({"category": "01"}, True), ({"q": "桥"}, False), ({"unit": "99"}, True)],
)  # fmt: skip
def test_filters_hold_for_news_too(asked: dict[str, str], fits: bool) -> None:
    assert page("Object.assign(gc.query.asked, input.asked); gc.rows.replace([]); delta([row('n')]); out(!pill.hidden);", asked=asked) is fits


def test_a_place_outside_the_unit_is_no_news() -> None:
    assert page("gc.query.asked.unit = '98'; within = false; gc.rows.replace([]); delta([row('n')]); out(pill.hidden);") is True


def test_what_only_the_server_knows_is_asked_once_for_all_frames() -> None:
    got = page("""gc.query.asked.tab = 'mine'; gc.rows.replace([row('a')]); serverHas = new Set(['a', 'n']); delta([row('x')]); delta([row('y')]);
      await later(4999); const before = asks; await later(1); await settle(); const said = pill.textContent;
      serverHas = new Set(['a']); delta([row('z')]); await later(5000); await settle(); out([before, asks, said, pill.hidden]);""")
    assert got == [0, 2, "desk.pill 1", True], "n has left again: nothing waits"


def test_an_answer_from_before_the_rows_were_replaced_says_nothing() -> None:
    got = page("""gc.query.asked.tab = 'mine'; gc.rows.replace([row('a')]); let come; gc.query.now = () => new Promise((done) => (come = done));
      delta([row('x')]); await later(5000); gc.rows.replace([row('a'), row('n')]); come(new Set(['other'])); await settle(); out(pill.hidden);""")
    assert got is True


def test_cases_that_are_long_overdue_are_a_count_until_somebody_opens_them() -> None:
    got = page("""gc.rows.wire(api); gc.query.asked.tab = 'overdue'; gc.rows.replace([row('a', { due: Date.now() - 2 * DAY }), row('b', { due: Date.now() - 60000 })]);
      const passes = ['a', 'b'].map((id) => options.doesExternalFilterPass(nodes.get(id))); const closed = options.isExternalFilterPresent();
      gc.query.asked.old = '1'; out([old.textContent, passes, closed, options.isExternalFilterPresent()]);""")
    assert got == ["desk.old.show 1", [False, True], True, False]
