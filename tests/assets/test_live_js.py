"""live/: the model that frames make, the socket that brings them, and the alarms among them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.assets.page import NODE, WHY, run

pytestmark = pytest.mark.skipif(NODE is None, reason=WHY)

FRAMES = """
gc.now = () => Date.now(); gc.feedAge = () => 7;
const columns = (...rows) => { const c = { case: [], version: [], light: [] }; for (const [id, version, light = 'green'] of rows) { c.case.push(id); c.version.push(version); c.light.push(light); } return c; };
const snapshot = (to, ...rows) => ({ t: 'snapshot', from: 0, to, at: 1, feed_age_ms: 0, cases: columns(...rows), gone: [], counts: { open: rows.length } });
const delta = (from, to, rows = [], gone = [], t = 'delta') => ({ t, from, to, at: 1, feed_age_ms: 0, cases: columns(...rows), gone });
const known = () => Object.fromEntries([...gc.model.rows.values()].map((r) => [r.case, r.version]));
"""
SOCKET = """
const sockets = []; let ages = [], reloads = 0;
globalThis.WebSocket = class { constructor(url) { Object.assign(this, { url, sent: [], readyState: 1 }); sockets.push(this); }
  send(text) { this.sent.push(JSON.parse(text)); } close() { this.closed = true; } };
globalThis.location = { origin: 'http://city.example', reload: () => reloads++ };
globalThis.requestAnimationFrame = (call) => setTimeout(call, 16);
globalThis.fetch = async () => new Response('', { status: globalThis.metrics ?? 200 });
window.dash_clientside = { no_update: 'same' };
Object.assign(gc, { takeLang: () => 0, setZone: () => 0, feedSocket: () => 0, feedHeard: (ms) => ages.push(ms), takeServerTime: () => 0, takePing: () => 0 });
document.querySelector = () => ({}); const frames = []; document.addEventListener('gc:frame', (e) => frames.push(e.detail.t));
const come = async (...all) => { for (const f of all) sockets.at(-1).onmessage({ data: JSON.stringify(f) }); await settle(); };
"""
ALARMS = """
const sent = []; let changes = 0;
gc.now = () => Date.now(); gc.model = { rows: new Map([['a', { case: 'a', version: 3 }], ['b', { case: 'b', version: 1 }]]) };
gc.acknowledge = (rows) => sent.push(rows.map(({ case: id, version }) => [id, version]));
gc.session = { mark: 'me', acts: { acknowledge: {} }, reach: 'unit_head' };
document.addEventListener('gc:alarm', () => changes++);
const one = (id, more = {}) => ({ alarm: 'e', case: id, kind: 'breached', level: 'none', severity: 'urgent', at: Date.now(), n: 1, cases: [], by: null, acknowledged: null, ...more });
const told = (...alarms) => frame('alarm', { alarms });
const heard = () => [gc.alarm.danger(), gc.alarm.muted()];
const unread = () => gc.alarm.unread().map((a) => a.case);
"""


def model(body: str) -> Any:
    return run(["live/model.js"], FRAMES, body)


def live(body: str) -> Any:
    return run(["live/model.js", "live/live.js"], FRAMES + SOCKET, body)


def alarm(body: str) -> Any:
    return run(["live/alarm.js"], ALARMS, body)


def test_frames_make_the_model_and_nothing_older_takes_back_what_is_newer() -> None:
    got = model("""const said = [snapshot(10, ['a', 1], ['b', 5]), delta(10, 12, [['b', 4], ['c', 1]], ['a', 'x']), delta(12, 13, [['c', 2]])].map(gc.model.take);
      out([said, known(), gc.model.pos, gc.model.counts, gc.model.loaded]);""")
    assert got == [["taken"] * 3, {"b": 5, "c": 2}, 13, {"open": 2}, True]


def test_a_frame_that_leaves_a_gap_or_comes_again_changes_nothing() -> None:
    got = model("""const early = gc.model.take(delta(0, 1, [['z', 1]])); gc.model.take(snapshot(10, ['a', 1]));
      out([early, gc.model.take(delta(11, 12, [['b', 1]])), gc.model.take(delta(8, 9, [['a', 9]])), known(), gc.model.pos]);""")
    assert got == ["old", "gap", "old", {"a": 1}, 10]


def test_an_alarm_moves_no_position_and_a_snapshot_forgets_what_is_not_in_it() -> None:
    got = model("""gc.model.take(snapshot(10, ['a', 1])); gc.model.take({ t: 'alarm', from: 0, to: 99, at: 1 }); const pos = gc.model.pos;
      gc.model.take(snapshot(20, ['b', 1])); out([pos, known()]);""")
    assert got == [10, {"b": 1}]


def test_who_comes_late_gets_the_model_as_the_snapshot_that_it_missed() -> None:
    got = model("""gc.model.take(snapshot(10, ['a', 1])); gc.model.take(delta(10, 11, [['b', 2, 'red']])); const late = gc.model.frame('c');
      gc.model.clear(); gc.model.take(late); out([late.to, known(), gc.model.rows.get('b').light]);""")
    assert got == [11, {"a": 1, "b": 2}, "red"]


def test_after_a_gap_the_socket_asks_again_from_where_the_model_is() -> None:
    got = live("""gc.start({ page: 'desk', scope: '99' }); await come(snapshot(10, ['a', 1])); await come(delta(12, 13, [['b', 1]]));
      const [first, second] = sockets; first.onmessage?.({ data: '{}' }); await come(delta(10, 13, [['b', 1]]));
      out([first.url, first.closed, second.url.split('&since=')[1], frames, known()]);""")
    assert "/live?scope=99&format=z" in got[0] and "since" not in got[0]
    assert got[1:] == [True, "10", ["snapshot", "delta"], {"a": 1, "b": 1}], "a lost frame is told to nobody"


def test_a_silent_socket_is_replaced_and_a_lost_one_comes_back() -> None:
    got = live("""gc.start({ page: 'desk', scope: '99' }); await later(14999); const before = sockets.length; await later(5001); const silent = sockets.length;
      sockets.at(-1).onclose({ code: 1006 }); await later(2000); out([before, silent, sockets.length]);""")
    assert got == [1, 2, 3]


def test_whose_rights_have_changed_sees_the_page_that_they_have_now() -> None:
    assert live("gc.start({ page: 'desk', scope: '99' }); sockets[0].onclose({ code: 4403 }); out(reloads);") == 1


@pytest.mark.parametrize(("status", "reloads"), [(401, 1), (200, 0), (503, 0)])
def test_sockets_that_never_open_ask_whether_it_is_us(status: int, reloads: int) -> None:
    assert live(f"""globalThis.metrics = {status}; gc.start({{ page: 'desk', scope: '99' }});
      for (let i = 0; i < 3; i++) {{ sockets.at(-1).onclose({{ code: 1006 }}); await later(2000); }} out(reloads);""") == reloads  # fmt: skip


def test_however_many_frames_come_there_is_one_painting_and_a_beat_without_cases_is_no_frame() -> None:
    got = live("""let painted = 0; document.addEventListener('gc:paint', () => painted++); gc.start({ page: 'desk', scope: '99' });
      await come(snapshot(10, ['a', 1]), delta(10, 11, [['a', 2]]), { t: 'beat', from: 11, to: 11, at: 1, feed_age_ms: 900 }); await later(20);
      out([painted, frames, ages]);""")
    assert got == [1, ["snapshot", "delta"], [0, 0, 900]]


def test_alarms_stand_newest_first_and_one_a_case_the_highest_that_reaches_this_seat() -> None:
    got = alarm("""told(one('a'), one('b'), one('a', { kind: 'escalated', level: 'unit_head' }), one('c', { level: 'duty_chief' }), one('a')); const desk = gc.alarm.unread().map((a) => [a.case, a.kind]);
      gc.session = { mark: 'w', acts: {} }; const wall = unread(); gc.session = { mark: 'd', acts: { acknowledge: {} }, reach: 'commander' }; out([desk, wall, unread(), changes]);""")
    assert got == [[["a", "escalated"], ["b", "breached"]], ["a", "c", "b"], ["a", "c", "b"], 1]


def test_new_dangers_stand_before_all_else() -> None:
    got = alarm("""const danger = { kind: 'new_danger', severity: 'danger' }; told(one('a', danger), one('b'), one('c', danger), one('a', { kind: 'escalated', level: 'unit_head' }), one('d'));
      out([gc.alarm.unread().map((a) => [a.case, a.kind, a.level]), [...gc.alarm.dangers()]]);""")
    assert got == [[["a", "new_danger", "unit_head"], ["c", "new_danger", "none"], ["d", "breached", "none"], ["b", "breached", "none"]], ["c", "a"]]


def test_a_frame_with_alarms_has_them_all_and_one_without_changes_none() -> None:
    got = alarm("""told(one('a'), one('b')); frame('delta', { gone: ['a'] }); frame('snapshot', { gone: [] }); const kept = unread(); told(one('a'), one('b')); const same = changes;
      frame('snapshot', { alarms: [one('b')] }); const left = unread(); told(); out([kept, same, left, unread(), changes]);""")
    assert got == [["b", "a"], 1, ["b"], [], 3]


def test_ones_own_escalation_is_told_apart_with_who_read_it() -> None:
    got = alarm("""told(one('a', { kind: 'escalated', level: 'unit_head', by: 'me' }), one('b', { by: 'me', acknowledged: { by: 'chief', at: gc.now() - 5 } }), one('d', { by: 'me', acknowledged: { by: 'chief', at: gc.now() - 11 * 60000 } }), one('c', { by: 'other', acknowledged: { by: 'chief', at: 5 } }));
      out([unread(), gc.alarm.raised().map((a) => [a.case, a.acknowledged?.by ?? null])]);""")
    assert got == [[], [["b", "chief"], ["a", None]]], "what was read long ago is over"


def test_an_alarm_is_acknowledged_against_the_version_that_is_known() -> None:
    got = alarm("told(one('a'), one('z')); const [z, a] = gc.alarm.unread(); gc.alarm.acknowledge(a); gc.alarm.acknowledge(z); out([sent, unread()]);")
    assert got == [[[["a", 3]], []], ["z", "a"]], "they stay until the server says so"


def test_a_flood_is_acknowledged_case_by_case() -> None:
    got = alarm("told(one('a', { kind: 'flood', n: 3, cases: ['a', 'b', 'z'] })); gc.alarm.acknowledge(gc.alarm.unread()[0]); out([sent, gc.alarm.lately()]);")
    assert got == [[[["a", 3], ["b", 1]]], 3]


def test_a_case_waits_where_an_alarm_reaches_who_sits_here() -> None:
    got = alarm("""told(one('a'), one('b', { level: 'commander' }), one('c', { by: 'me' }), one('d', { acknowledged: { by: 'x', at: 1 } }),
      one('e', { kind: 'flood', n: 3, cases: ['e', 'f'] })); out([...gc.alarm.waiting()].sort());""")
    assert got == ["a", "e", "f"]


def test_only_new_danger_is_heard_and_a_mute_lasts_ten_minutes() -> None:
    got = alarm("""told(one('a', { severity: 'danger' })); const late = heard(); told(one('b', { kind: 'new_danger', severity: 'danger' })); gc.alarm.mute(); const muted = heard();
      await later(599999); const last = [gc.alarm.muted(), gc.alarm.lately()]; await later(1); const over = [gc.alarm.muted(), gc.alarm.lately()];
      gc.alarm.mute(); gc.alarm.mute(); const on = heard(); told(one('b', { kind: 'new_danger', acknowledged: { by: 'x', at: 1 } })); out([late, muted, last, over, on, heard()]);""")
    assert got == [[False, False], [True, True], [True, 1], [False, 0], [True, False], [False, False]]
