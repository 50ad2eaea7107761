"""desk/pending.js and desk/undo.js: what was asked for never looks like a fact, and the way back is open as long as it is true."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.cases.verb import VERBS
from tests.assets.page import NODE, WHY, run

pytestmark = pytest.mark.skipif(NODE is None, reason=WHY)

ACTS = json.dumps([(name, verb.undoable, verb.visible) for name, verb in VERBS.items()])
DESK = f"const input_acts = {ACTS};" + """
const rows = {}; // case -> what the row shows as pending
const acts = Object.fromEntries(input_acts.map(([verb, undoable, visible]) => [verb, { undoable, visible }]));
let may = true, chosen = null, toasts = [], sends = [], batches = [], stale = false;
gc.now = () => Date.now(); gc.span = (ms) => new Date(ms).toISOString().slice(11, 19); gc.number = String;
gc.word = (key, values) => [key, ...Object.values(values || {})].join(' ');
gc.rows = { patch: (id, { sent }) => (rows[id] = sent && sent.id) };
gc.case = { id: () => null }; gc.session = { undo_ms: 300000 }; gc.desk = { chosen: () => chosen };
gc.act = { table: () => acts, may: () => may, stale: () => stale, paint: () => 0 }; gc.toast = (t) => toasts.push(t.title);
gc.send = { verb: (c) => c.type.replace('command.', ''), command: (verb, { case: id, version }, data) => ({ verb, case: id, version, data }),
  commands: (all) => sends.push(all) };
gc.batch = { run: (all) => batches.push(all) };
const command = (id, more = {}) => ({ id, type: 'command.urge', case: 'a', expected_version: 3, data: {}, ...more });
const settled = (status, ...commands) => { const pairs = commands.map((c) => [c, { id: c.id, status }]); gc.pending?.settle(pairs); gc.undo?.remember(pairs); };
const event = (id, version, t = 'delta') => frame(t, { cases: { case: [id], version: [version] } });
"""


def pending(body: str) -> Any:
    return run(["desk/pending.js"], DESK, body)


def undo(body: str, before: str = "") -> Any:
    return run(["desk/undo.js"], DESK + before, body)


def test_a_command_is_pending_until_its_event_comes_back() -> None:
    assert pending("""gc.pending.mark([command('1')]); const seen = [rows.a]; event('b', 9); event('a', 3); seen.push(rows.a); event('a', 4); seen.push(rows.a);
      out([seen, gc.pending.of('a')]);""") == [["1", "1", None], None]  # fmt: skip


def test_a_refused_command_is_gone_at_once_and_a_newer_one_of_the_case_stays() -> None:
    assert pending("""const first = command('1'); gc.pending.mark([first]); gc.pending.mark([command('2', { expected_version: 4 })]);
      settled('refused', first); const seen = [rows.a]; settled('refused', command('2')); out([...seen, rows.a]);""") == ["2", None]


@pytest.mark.parametrize(("status", "ms"), [("accepted", 3000), ("unconfirmed", 60000)])
def test_without_an_event_it_goes_after_a_while(status: str, ms: int) -> None:
    assert pending(f"""gc.pending.mark([command('1')]); settled('{status}', command('1')); await later({ms - 1}); const before = rows.a;
      await later(1); out([before, rows.a]);""") == ["1", None]  # fmt: skip


def test_a_case_that_leaves_takes_its_pending_command_along_and_an_acknowledgement_shows_nothing() -> None:
    assert pending("""gc.pending.mark([command('1'), command('2', { case: 'b', type: 'command.acknowledge' })]);
      const b = gc.pending.of('b'); frame('delta', { gone: ['a', 'x'] }); out([b, 'b' in rows, gc.pending.of('a')]);""") == [None, False, None]


def test_undo_is_offered_for_five_minutes_to_who_may() -> None:
    got = undo("""settled('accepted', command('1')); const label = gc.undo.label('1'); await later(299999); const last = gc.undo.may('1');
      may = false; const barred = gc.undo.may('1'); may = true; await later(1); out([label, last, barred, gc.undo.may('1'), gc.undo.label('1')]);""")
    assert got == ["undo.left 05:00", True, False, False, None]


@pytest.mark.parametrize("verb", ["undo", "acknowledge", "note", "merge", "unmerge"])
def test_what_has_no_way_back_is_not_offered(verb: str) -> None:
    assert undo(f"settled('accepted', command('1', {{ type: 'command.{verb}' }})); out(gc.undo.may('1'));") is False


@pytest.mark.parametrize("status", ["refused", "unconfirmed"])
def test_what_has_not_happened_is_not_undone(status: str) -> None:
    assert undo(f"settled('{status}', command('1')); out(gc.undo.may('1'));") is False


def test_an_undo_names_the_command_and_the_version_after_it_and_is_offered_once() -> None:
    got = undo("""settled('accepted', command('1')); gc.undo.go(['1']); const [[sent]] = sends;
      settled('accepted', command('u', { type: 'command.undo', data: { command: '1' } })); gc.undo.go(['1']);
      out([sent, gc.undo.may('1'), sends.length, toasts]);""")
    assert got == [{"verb": "undo", "case": "a", "version": 4, "data": {"command": "1"}}, False, 1, ["undo.none"]]


def test_nothing_is_undone_over_a_dead_feed() -> None:
    assert undo("settled('accepted', command('1')); stale = true; gc.undo.go(['1']); out([sends, toasts]);") == [[], ["barred.stale"]]


def test_the_way_back_survives_a_reload() -> None:
    kept = '[["1",{"verb":"urge","case":"a","version":4,"at":900000}],["old",{"verb":"urge","case":"b","version":4,"at":1}]]'
    got = undo("settled('refused', command('x')); out([gc.undo.may('1'), gc.undo.may('old'), sessionStorage.getItem('gc.undo')]);",
               f"sessionStorage.setItem('gc.undo', '{kept}');")  # fmt: skip
    assert got[:2] == [True, False] and "old" not in got[2] and "900000" in got[2]


def test_z_means_the_case_one_stands_on_and_otherwise_what_was_done_last() -> None:
    got = undo("""for (const id of ['1', '2', '3']) settled('accepted', command(id, { case: 'case-' + id }));
      const last = gc.undo.meant(); chosen = [{ case: 'case-2' }]; const here = gc.undo.meant(); chosen = [{ case: 'other' }];
      out([last, here, gc.undo.meant()]);""")
    assert got == [["3"], ["2"], ["3"]]


def test_what_was_done_to_many_goes_back_as_one_unless_one_stands_on_a_single_case() -> None:
    got = undo("""for (const id of ['1', '2', '3']) settled('accepted', command(id, { case: 'case-' + id })); gc.undo.together('2', ['2', '3', 'never']);
      const all = gc.undo.meant(); chosen = [{ case: 'case-2' }]; const one = gc.undo.meant(); chosen = [{ case: 'case-2' }, { case: 'case-3' }];
      gc.undo.key(); out([all, one, batches[0].map((c) => c.data.command)]);""")
    assert got == [["2", "3"], ["2"], ["2", "3"]]
