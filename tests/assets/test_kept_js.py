"""shell/kept.js: what a person made is on the server a moment later, nothing is lost while that is away, and nothing stays in the browser."""

from __future__ import annotations

from typing import Any

import pytest

from tests.assets.page import NODE, WHY, run

pytestmark = pytest.mark.skipif(NODE is None, reason=WHY)

SERVER = """
const store = () => { const s = {}; const own = { getItem: (k) => s[k] ?? null, setItem: (k, v) => (s[k] = v), removeItem: (k) => delete s[k] };
  for (const [name, value] of Object.entries(own)) Object.defineProperty(s, name, { value }); return s; };
globalThis.localStorage = store(); globalThis.sessionStorage = store();
globalThis.AbortSignal = { timeout: () => null };
let server = { draft: { a: 'old' } }, sent = [], status = 200, toasts = [], ended = 0, hangs = [];
const bus = new EventTarget(); globalThis.addEventListener = (...args) => bus.addEventListener(...args);
const leave = (name) => { const e = new Event(name, { cancelable: true }); bus.dispatchEvent(e); return e.defaultPrevented; };
gc.toast = (t) => toasts.push([t.kind, t.title]); gc.word = (key) => key; gc.sessionEnded = () => ended++;
globalThis.fetch = async (url, { method = 'GET', body, keepalive } = {}) => {
  const q = new URLSearchParams(url.split('?')[1]);
  const [kind, key] = [q.get('kind'), q.get('key')];
  if (method !== 'GET') sent.push([method, key, body ? JSON.parse(body).value : null, keepalive ? 'leaving' : '']);
  if (status === 0) throw new Error('away');
  const answer = { ok: status < 400, status, json: async () => ({ detail: 'no', items: Object.entries(server).flatMap(([k, all]) => Object.entries(all).map(([name, value]) => ({ kind: k, key: name, value }))) }) };
  return answer;
};
const sit = async (page = 'desk') => { gc.session = { page, keeps: page !== 'login' }; tell('gc:start'); await gc.kept.ready; await settle(); };
"""


def kept(body: str) -> Any:
    return run(["shell/kept.js"], SERVER, body)


def test_what_is_written_is_written_once_a_moment_after_the_last_change() -> None:
    assert kept("""await sit(); const before = gc.kept.get('draft', 'a');
      for (const text of ['b', 'bc', 'bcd']) { gc.kept.put('draft', 'a', text); await later(100); } const early = sent.length;
      await later(300); out([before, early, sent, gc.kept.get('draft', 'a')]);""") == ["old", 0, [["PUT", "a", "bcd", ""]], "bcd"]


def test_what_is_dropped_is_forgotten_there_and_here_and_the_newest_stands_first() -> None:
    assert kept("""await sit(); gc.kept.put('draft', 'b', 1); const keys = gc.kept.all('draft').map((i) => i.key);
      gc.kept.drop('draft', 'a'); gc.kept.drop('draft', 'never'); await later(300);
      out([keys, gc.kept.get('draft', 'a') ?? null, sent]);""") == [
        ["b", "a"], None, [["PUT", "b", 1, ""], ["DELETE", "a", None, ""]],
    ]  # fmt: skip


@pytest.mark.parametrize("status", [0, 429, 503])
def test_while_the_server_is_away_it_is_said_once_and_tried_again(status: int) -> None:
    assert kept(f"""await sit(); status = {status}; gc.kept.put('draft', 'a', 'x'); await later(10000);
      const tries = sent.length > 2, asks = leave('beforeunload'); status = 200; sent = []; await later(3000);
      out([tries, asks, sent, toasts, leave('beforeunload')]);""") == [
        True, True, [["PUT", "a", "x", ""]], [["unsure", "kept.away"], ["ok", "kept.again"]], False,
    ]  # fmt: skip


def test_who_closes_the_page_after_the_last_key_loses_nothing() -> None:
    assert kept("await sit(); gc.kept.put('draft', 'a', 'x'); leave('pagehide'); out(sent);") == [["PUT", "a", "x", "leaving"]]


def test_what_is_refused_is_said_and_not_tried_again() -> None:
    assert kept("""await sit(); status = 413; gc.kept.put('draft', 'a', 'x'); await later(20000); out([sent.length, toasts, ended]);""") == [
        1, [["refused", "kept.refused"]], 0,
    ]  # fmt: skip


def test_a_session_that_has_ended_leads_to_the_login_page() -> None:
    assert kept("await sit(); status = 401; gc.kept.put('draft', 'a', 'x'); await later(20000); out([sent.length, ended]);") == [1, 1]


def test_what_was_written_before_it_was_read_stands_and_a_server_that_is_away_at_first_is_asked_again() -> None:
    assert kept("""server.draft.b = 'theirs'; status = 503; await sit(); gc.kept.put('draft', 'a', 'new'); status = 200; await later(3000);
      out([gc.kept.get('draft', 'a'), gc.kept.get('draft', 'b')]);""") == ["new", "theirs"]


def test_the_login_page_and_whoever_leaves_leave_nothing_behind() -> None:
    assert kept("""const fill = () => { for (const s of [localStorage, sessionStorage]) { s.setItem('gc.undo', 'u'); s.setItem('gc.pins', 'p'); }
        localStorage.setItem('gc.theme', 'light'); };
      const all = () => [localStorage, sessionStorage].map((s) => ['gc.undo', 'gc.pins', 'gc.theme'].filter((k) => s.getItem(k)));
      fill(); await sit('login'); const login = all(); fill(); await sit(); const desk = all();
      gc.kept.put('draft', 'a', 'x'); fill(); let gone = 0;
      const form = { matches: (s) => s === '.gc-leave', submit: () => gone++ };
      const e = new Event('submit', { cancelable: true }); Object.defineProperty(e, 'target', { value: form }); document.dispatchEvent(e); await settle();
      out([login, desk, all(), sent, gone]);""") == [
        [["gc.theme"], []], [["gc.theme"], ["gc.undo", "gc.pins"]], [["gc.theme"], []], [["PUT", "a", "x", ""]], 1,
    ]  # fmt: skip
