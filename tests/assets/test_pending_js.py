"""desk/pending.js: what was asked for never looks like a fact."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.cases.verb import VERBS
from tests.assets.page import NODE, WHY, run

pytestmark = pytest.mark.skipif(NODE is None, reason=WHY)

ACTS = json.dumps([(name, verb.visible) for name, verb in VERBS.items()])
DESK = f"const input_acts = {ACTS};" + """
const rows = {}; // case -> what the row shows as pending
const acts = Object.fromEntries(input_acts.map(([verb, visible]) => [verb, { visible }]));
gc.rows = { patch: (id, { sent }) => (rows[id] = sent && sent.id) };
gc.case = { id: () => null }; gc.act = { table: () => acts, paint: () => 0 };
gc.send = { verb: (c) => c.type.replace('command.', '') };
const command = (id, more = {}) => ({ id, type: 'command.urge', case: 'a', expected_version: 3, data: {}, ...more });
const settled = (status, ...commands) => { const pairs = commands.map((c) => [c, { id: c.id, status }]); gc.pending.settle(pairs); };
const event = (id, version, t = 'delta') => frame(t, { cases: { case: [id], version: [version] } });
"""


def pending(body: str) -> Any:
    return run(["desk/pending.js"], DESK, body)


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
