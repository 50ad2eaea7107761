"""desk/batch.js: many cases, fifty at a time; it can be stopped, gone on with, and applied again where somebody was faster."""

from __future__ import annotations

from typing import Any

import pytest

from tests.assets.page import NODE, WHY, run

pytestmark = pytest.mark.skipif(NODE is None, reason=WHY)

DESK = """
const asked = [], toasts = [], questions = []; let stale = false, sure = true, needed = false, opened = 0, painted = 0, reads = 0;
gc.sure = { needed: () => needed, ask: async (all) => { questions.push(all.length); return sure; } }; gc.uuid7 = () => 'batch-1';
gc.word = (key) => key; gc.number = String; gc.toast = (t) => toasts.push(t.title);
gc.act = { stale: () => stale }; gc.undo = { read: async () => reads++ };
gc.batchPanel = { open: () => opened++, paint: () => painted++ };
gc.outcome = { act: () => 'act', again: (c, r) => (r.code === 'conflict' ? { ...c, id: c.id + "'", expected_version: r.current.version } : null) };
gc.send = { ask: (commands) => new Promise((done) => asked.push({ commands, done,
  say: (result = () => ({ status: 'accepted' })) => done(commands.map((c, i) => [c, { id: c.id, ...result(i) }])) })) };
const commands = (n) => Array.from({ length: n }, (_, i) => ({ id: 'c' + i, case: 'case-' + i, expected_version: 1, data: {} }));
const counts = () => Object.fromEntries(gc.batch.KINDS.map((kind) => [kind, gc.batch.of(kind).length]));
"""


def page(body: str) -> Any:
    return run(["desk/batch.js"], DESK, body)


def test_fifty_at_a_time_and_the_next_when_the_last_are_answered() -> None:
    got = page("""const running = gc.batch.run(commands(120)), sizes = [];
      for (let i = 0; i < 3; i++) { sizes.push([asked.length, asked[i].commands.length, counts().waiting]); asked[i].say(); await settle(); }
      out([sizes, (await running).length, counts(), gc.batch.running(), reads, new Set(asked.flatMap((a) => a.commands.map((c) => c.data.batch))).size]);""")
    assert got[0] == [[1, 50, 120], [2, 50, 70], [3, 20, 20]]
    assert got[1:] == [120, {"refused": 0, "unconfirmed": 0, "waiting": 0, "accepted": 120}, False, 1, 1], "one name, by which the server knows them together"


def test_one_at_a_time() -> None:
    assert page("gc.batch.run(commands(2)); await gc.batch.run(commands(3)); out([toasts, asked.length, gc.batch.commands().length]);") == [
        ["batch.busy"], 1, 2,
    ]  # fmt: skip


def test_what_needs_a_question_is_asked_about_once_and_a_no_sends_nothing() -> None:
    assert page("needed = true; sure = false; out([await gc.batch.run(commands(60)), asked.length, opened, questions]);") == [[], 0, 0, [60]]
    assert page("needed = true; gc.batch.run(commands(60)); await settle(); gc.batch.stop(); out([asked.length, questions]);") == [1, [60]]
    assert page("needed = true; gc.batch.run(commands(60), true); await settle(); out([asked.length, questions]);") == [1, []]


def test_stopped_it_keeps_what_was_sent_and_goes_on_with_the_rest() -> None:
    got = page("""const running = gc.batch.run(commands(130)); gc.batch.stop(); asked[0].say(); const first = (await running).length, stopped = counts();
      gc.batch.goOn(); const next = asked[1].commands.map((c) => c.id); asked[1].say(); await settle(); asked[2].say(); await settle();
      out([first, stopped, next[0], next.length, counts(), asked.length]);""")
    assert got[:2] == [50, {"refused": 0, "unconfirmed": 0, "waiting": 80, "accepted": 50}]
    assert got[2:] == ["c50", 50, {"refused": 0, "unconfirmed": 0, "waiting": 0, "accepted": 130}, 3]


def test_over_a_dead_feed_nothing_more_is_sent() -> None:
    got = page("""const running = gc.batch.run(commands(100)); stale = true; asked[0].say(); await running; out([asked.length, counts().waiting, gc.batch.running()]);""")
    assert got == [1, 50, False]


def test_where_somebody_was_faster_it_is_applied_again_against_the_case_as_it_is_now() -> None:
    got = page("""const running = gc.batch.run(commands(3));
      asked[0].say((i) => [{ status: 'accepted' }, { status: 'refused', code: 'conflict', current: { version: 7 } }, { status: 'refused', code: 'forbidden' }][i]);
      await running; const faster = gc.batch.conflicts(); gc.batch.renew(faster);
      const again = asked[1].commands, during = counts(); asked[1].say(); await settle();
      out([faster.length, again, during, counts(), gc.batch.commands().map((c) => c.case)]);""")
    assert got[0] == 1 and [(c["id"], c["expected_version"]) for c in got[1]] == [("c1'", 7)]
    assert got[2] == {"refused": 1, "unconfirmed": 0, "waiting": 1, "accepted": 1}
    assert got[3] == {"refused": 1, "unconfirmed": 0, "waiting": 0, "accepted": 2}
    assert got[4] == ["case-0", "case-1", "case-2"], "each case keeps its line"


def test_unconfirmed_ones_are_sent_again_under_the_same_ids() -> None:
    got = page("""const running = gc.batch.run(commands(2)); asked[0].say((i) => ({ status: i ? 'unconfirmed' : 'accepted' })); await running;
      gc.batch.renew(gc.batch.pairs('unconfirmed')); const ids = asked[1].commands.map((c) => c.id); asked[1].say(); await settle(); out([ids, counts().accepted]);""")
    assert got == [["c1"], 2]


def test_one_left_out_as_already_under_way_stays_waiting() -> None:
    """desk/send.js leaves out the second of a double click: nobody may count it as done."""
    assert page("""const running = gc.batch.run(commands(2)); asked[0].done([[asked[0].commands[1], { status: 'accepted' }]]); await running;
      out(counts());""") == {"refused": 0, "unconfirmed": 0, "waiting": 1, "accepted": 1}  # fmt: skip
