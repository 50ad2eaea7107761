"""desk/send.js: every command has an outcome, in its order, and none can act twice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.assets.page import NODE, WHY, run

pytestmark = pytest.mark.skipif(NODE is None, reason=WHY)

SERVER = """
AbortSignal.timeout = (ms) => { const end = new AbortController(); setTimeout(() => end.abort(new DOMException('late', 'TimeoutError')), ms); return end.signal; };
const asked = []; // requests that the server has; a test answers them
globalThis.fetch = (path, { method, headers, body, signal }) => new Promise((done, fail) => {
  const { commands } = JSON.parse(body);
  const answer = (content, status = 207) => done(new Response(typeof content === 'string' ? content : JSON.stringify(content), { status }));
  asked.push({ path, method, headers, commands, answer, fail, accept: () => answer({ results: commands.map(({ id }) => ({ id, status: 'accepted' })) }) });
  signal.addEventListener('abort', () => fail(signal.reason));
});
const marked = [], settled = [], refreshed = []; let signedOut = 0;
gc.now = () => Date.now();
gc.pending = { mark: (all) => marked.push(all.map((c) => c.id)), settle: (pairs) => settled.push(pairs.map(([c, r]) => [c.id, r.status])) };
gc.undo = { read: async () => true, did: () => 0 }; gc.case = { refresh: () => refreshed.push(1) }; gc.outcome = { tell: (pairs) => pairs };
gc.sessionEnded = () => signedOut++;
const command = (name, id = 'case-' + name) => ({ id: name, type: 'command.urge', case: id, expected_version: 1, data: {} });
const outcomes = (pairs) => pairs.map(([c, r]) => [c.id, r.status]);
"""


def page(body: str, **given: Any) -> Any:
    return run(["desk/send.js"], SERVER, body, **given)


def test_a_request_is_what_the_api_takes() -> None:
    got = page("""const made = gc.send.command('note', { case: 'a', version: 7 }, { text: 'x' }); gc.send.ask([made]);
      const { path, method, headers, commands } = asked[0]; out({ path, method, headers, commands, made });""")
    assert (got["path"], got["method"], got["headers"]) == ("/api/v1/commands", "POST", {"Content-Type": "application/json"})
    assert got["commands"] == [got["made"]]
    assert got["made"] | {"id": ""} == {"id": "", "type": "command.note", "case": "a", "expected_version": 7, "data": {"text": "x"}}


def test_results_come_in_the_order_of_the_commands_and_who_is_not_named_is_unconfirmed() -> None:
    got = page("""const asking = gc.send.ask(['a', 'b', 'c'].map((n) => command(n)));
      asked[0].answer({ results: [{ id: 'c', status: 'refused' }, { id: 'x', status: 'accepted' }, { id: 'a', status: 'accepted' }] });
      out([outcomes(await asking), marked, settled[0], refreshed.length]);""")
    pairs = [["a", "accepted"], ["b", "unconfirmed"], ["c", "refused"]]
    assert got == [pairs, [["a", "b", "c"]], pairs, 1]


def test_a_result_that_never_comes_is_unconfirmed_after_eight_seconds_and_a_retry_keeps_the_id() -> None:
    got = page("""const one = command('a'), first = gc.send.ask([one]); let done = false; first.then(() => (done = true));
      await later(7999); const before = done; await later(1);
      const second = gc.send.ask((await first).map(([c]) => c)); asked[1].accept();
      out([before, outcomes(await first), asked.map((r) => r.commands[0].id), outcomes(await second)]);""")
    assert got == [False, [["a", "unconfirmed"]], ["a", "a"], [["a", "accepted"]]]


def test_the_second_of_a_double_click_is_not_sent() -> None:
    got = page("""const first = gc.send.ask([command('a')]), both = gc.send.ask([command('a'), command('b')]), second = gc.send.ask([command('a')]);
      asked.forEach((r) => r.accept());
      out([asked.map((r) => r.commands.map((c) => c.id)), outcomes(await first), outcomes(await both), outcomes(await second)]);""")
    assert got == [[["a"], ["b"]], [["a", "accepted"]], [["b", "accepted"]], []]


def test_three_requests_are_out_at_once_and_those_of_one_case_in_their_order() -> None:
    got = page("""const first = command('a1', 'a'), names = () => asked.map((r) => r.commands.map((c) => c.id).join('+'));
      gc.send.ask([first]); gc.send.ask([command('a2', 'a'), command('b1', 'b')]); gc.send.ask([command('b2', 'b')]);
      for (const n of ['c', 'd', 'e']) gc.send.ask([command(n)]);
      const steps = [names()];
      for (let i = 0; i < asked.length; i++) { asked[i].accept(); await settle(); steps.push(names().slice(steps.flat().length)); }
      out(steps);""")
    assert got[0] == ["a1", "c", "d"], "what shares a case with an earlier one waits, also behind one that waits itself"
    assert got[1] == ["a2+b1"] and "e" in got[2]
    assert [name for step in got for name in step].index("b2") > [name for step in got for name in step].index("a2+b1")
    assert sorted(name for step in got for name in step) == ["a1", "a2+b1", "b2", "c", "d", "e"]


@pytest.mark.parametrize(
    ("status", "content", "outcome", "signed_out"),
    [
        (400, {"detail": "wrong"}, "refused", 0),
        (403, {"detail": "wrong"}, "refused", 0),
        (415, {"detail": "wrong"}, "refused", 0),
        (401, {"detail": "who?"}, "unconfirmed", 1),
        (408, {}, "unconfirmed", 0),
        (429, {}, "unconfirmed", 0),
        (503, {"detail": "away"}, "unconfirmed", 0),
        (500, "<html>", "unconfirmed", 0),
        (403, "<html>", "unconfirmed", 0),
        (200, "half of a JS", "unconfirmed", 0),
        (200, {}, "unconfirmed", 0),
    ],
)
def test_every_answer_of_the_server_is_an_outcome(status: int, content: Any, outcome: str, signed_out: int) -> None:
    got = page("""const asking = gc.send.ask([command('a')]); asked[0].answer(input.content, input.status); const [[, result]] = await asking;
      gc.send.ask([command('b')]); out([result, signedOut, asked.length]);""", status=status, content=content)  # fmt: skip
    result, out, requests = got
    assert (result["status"], out, requests) == (outcome, signed_out, 2), "and the next one is sent"
    assert result.get("message") == ("wrong" if outcome == "refused" else None)


def test_a_server_that_is_away_leaves_commands_unconfirmed() -> None:
    got = page("""const asking = gc.send.commands([command('a'), command('b')]); asked[0].fail(new TypeError('Failed to fetch')); out(outcomes(await asking));""")
    assert got == [["a", "unconfirmed"], ["b", "unconfirmed"]]


def test_ids_are_uuids_in_the_order_of_time_and_another_version_is_another_command() -> None:
    got = page("""const made = []; for (let i = 0; i < 5; i++, wall += 3) made.push(gc.uuid7());
      const one = gc.send.command('urge', { id: 'kept', case: 'a', version: 1 }, {}), renewed = gc.send.renewed(one, 4);
      out({ made, one, renewed });""")
    assert got["made"] == sorted(got["made"]) and all(u[14] == "7" and u[19] in "89ab" and len(u) == 36 for u in got["made"])
    assert got["one"]["id"] == "kept" != got["renewed"]["id"]
    assert got["renewed"] | {"id": ""} == got["one"] | {"id": "", "expected_version": 4}
