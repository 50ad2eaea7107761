"""desk/undo.js: the stack is the server's; Z takes back what was done last, and never silently another one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.assets.page import NODE, WHY, run

pytestmark = pytest.mark.skipif(NODE is None, reason=WHY)

DESK = """
let may = true, stale = false, running = false, answers = true, items = [], reads = 0, fly = null;
const toasts = [], sends = [], batches = [];
AbortSignal.timeout = () => undefined;
globalThis.fetch = async (path) => { reads++; if (path !== '/api/v1/me/undo') throw new Error(path); const now = structuredClone(items);
  return new Response(JSON.stringify({ items: now }), { status: answers ? 200 : 503 }); };
gc.now = () => Date.now(); gc.span = (ms) => new Date(ms).toISOString().slice(11, 19); gc.number = String;
gc.word = (key, values) => [key, ...Object.values(values || {})].join(' ');
gc.category = (c) => 'C' + c; gc.place = (g) => 'P' + g; gc.session = { page: 'desk' };
gc.act = { may: () => may, stale: () => stale }; gc.toast = (t) => toasts.push([t.title, t.detail]);
const undone = (all) => (items = items.map((e) => ({ ...e, commands: e.commands.filter((c) => !all.some((x) => x.data.command === c.command)) })).filter((e) => e.commands.length));
gc.send = { settled: async () => (fly ? (await fly(), 1) : 0), command: (verb, one, data) => ({ verb, case: one.case, version: one.version, data }),
  commands: async (all) => { sends.push(all); undone(all); await gc.undo.read(); } };
gc.batch = { running: () => running, run: async (all) => { batches.push(all); undone(all); await gc.undo.read(); } };
const entry = (name, pos, more = {}) => ({ entry: name, verb: 'urge', at: wall, until: wall + 300000, pos, category: '01', grid: 'g', commands: [{ command: name, case: 'case-' + name, version: 4 }], ...more });
const batch = (name, pos, ...ids) => entry(name, pos, { commands: ids.map((id) => ({ command: id, case: 'case-' + id, version: 2 })) });
const names = () => gc.undo.stack().map((e) => e.entry);
const did = async (one) => { items = [one, ...items]; await gc.undo.read(); };
const took = () => sends.map((all) => all.map((c) => c.data.command).join('+'));
"""


def undo(body: str) -> Any:
    return run(["desk/undo.js"], DESK, body)


def test_z_takes_the_last_back_then_the_one_before_until_nothing_is_left() -> None:
    got = undo("""for (const [i, id] of ['1', '2', '3'].entries()) await did(entry(id, i + 1));
      const seen = []; for (let i = 0; i < 4; i++) { seen.push(gc.undo.told()?.entry ?? null); await gc.undo.key(); }
      out([seen, took(), toasts, names()]);""")
    assert got == [["3", "2", "1", None], ["3", "2", "1"], [["undo.none", None]], []]


def test_z_pressed_twice_at_once_takes_two_back() -> None:
    assert undo("await did(entry('1', 1)); await did(entry('2', 2)); gc.undo.key(); await gc.undo.key(); out(took());") == ["2", "1"]


def test_where_somebody_has_acted_on_the_last_one_z_says_so_before_it_means_another() -> None:
    """The evening's trial: Z undid another case than the one just handled."""
    got = undo("""await did(entry('older', 1)); await did(entry('last', 2)); items = [items[1]]; // somebody has signed it
      await gc.undo.read(); const meant = gc.undo.told().entry; await gc.undo.key(); const first = took(); await gc.undo.key();
      out([meant, first, toasts, took()]);""")
    assert got == ["last", [], [["undo.moved", "undo.moved.then action.urge · C01 · Pg"]], ["older"]]


def test_also_where_the_page_had_not_heard_of_it_yet() -> None:
    got = undo("await did(entry('older', 1)); await did(entry('last', 2)); items = [items[1]]; await gc.undo.key(); out([took(), toasts.length]);")
    assert got == [[], 1]


def test_also_where_somebody_was_faster_than_the_page_could_read_the_stack() -> None:
    got = undo("""await did(entry('older', 1)); gc.undo.did([[{ id: 'new', type: 'command.urge', data: {} }, { status: 'accepted', pos: 2 }]]);
      await gc.undo.read(); await gc.undo.key(); const first = took(); await gc.undo.key(); out([first, toasts.length, took()]);""")
    assert got == [[], 1, ["older"]]


def test_what_is_on_its_way_is_what_was_done_last() -> None:
    got = undo("await did(entry('older', 1)); fly = async () => { fly = null; items = [entry('new', 2), ...items]; }; await gc.undo.key(); out(took());")
    assert got == ["new"]


def test_what_another_tab_of_the_same_person_did_is_what_was_done_last() -> None:
    got = undo("""await did(entry('mine', 1)); items = [entry('other tab', 2), ...items]; await later(15000); tell('gc:second'); await settle();
      const bar = gc.undo.told().entry; await gc.undo.key(); out([bar, took()]);""")
    assert got == ["other tab", ["other tab"]]


def test_what_was_given_at_once_goes_back_at_once() -> None:
    got = undo("await did(batch('b', 3, '1', '2', '3')); const what = gc.undo.what(gc.undo.stack()[0]); await gc.undo.key(); out([what, sends, batches[0]]);")
    assert got[0] == "action.urge · dialog.cases 3" and got[1] == []
    assert got[2] == [{"verb": "undo", "case": f"case-{n}", "version": 2, "data": {"command": n}} for n in "123"]


def test_an_older_entry_of_the_list_goes_back_alone_and_z_still_means_the_last() -> None:
    got = undo("""await did(entry('1', 1)); await did(entry('2', 2)); await gc.undo.entry('1'); const told = gc.undo.told().entry;
      await gc.undo.key(); out([told, took(), toasts]);""")
    assert got == ["2", ["1", "2"], []]


def test_the_time_runs_out() -> None:
    got = undo("""await did(entry('1', 1)); const label = gc.undo.label('1'); await later(299000); const last = [gc.undo.may('1'), gc.undo.label('1')];
      await later(1000); tell('gc:second'); items = []; await gc.undo.key(); out([label, last, gc.undo.may('1'), gc.undo.label('1'), names(), toasts]);""")
    assert got == ["undo.left 5:00", [True, "undo.left 0:01"], False, None, [], [["undo.none", None]]]


def test_a_part_of_a_batch_that_has_longer_is_asked_for_again() -> None:
    got = undo("""await did(batch('b', 3, '1', '2')); items = [{ ...batch('b', 3, '2'), until: wall + 310000 }]; await later(300000); tell('gc:second'); await later(400); await settle();
      out(gc.undo.stack().map((e) => e.commands.map((c) => c.command)));""")
    assert got == [["2"]]


def test_a_frame_about_one_of_the_cases_makes_it_read_again_and_another_does_not() -> None:
    got = undo("""await did(entry('1', 1)); const before = reads; const event = (id, version) => frame('delta', { cases: { case: [id], version: [version] } });
      event('case-x', 9); event('case-1', 4); await later(500); const none = reads - before; event('case-1', 5); event('case-1', 6); await later(500);
      frame('delta', { gone: ['case-1'] }); await later(500); out([none, reads - before]);""")
    assert got == [0, 2]


def test_nothing_is_undone_over_a_dead_feed_during_a_batch_or_unread() -> None:
    got = undo("""await did(entry('1', 1)); stale = true; await gc.undo.key(); stale = false; running = true; await gc.undo.key(); running = false;
      answers = false; await gc.undo.key(); out([took(), toasts.map(([t]) => t)]);""")
    assert got == [[], ["barred.stale", "batch.busy", "undo.unread"]]


def test_who_may_not_undo_asks_for_nothing() -> None:
    assert undo("may = false; tell('gc:start'); await gc.undo.read(); out([reads, gc.undo.may('1')]);") == [0, False]


def test_an_older_answer_changes_nothing() -> None:
    got = undo("""let slow; const real = fetch; globalThis.fetch = (path) => new Promise((done) => { slow = async () => done(await real(path)); });
      items = [entry('old', 1)]; const first = gc.undo.read(), late = slow; const answer = late(); globalThis.fetch = real;
      items = [entry('new', 2)]; await gc.undo.read(); await answer; await first; out(names());""")
    assert got == ["new"]
