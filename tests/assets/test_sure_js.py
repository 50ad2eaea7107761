"""shell/number.js, desk/sure.js and desk/acknowledge.js: nobody changes a thousand cases with one key."""

from __future__ import annotations

from typing import Any

import pytest

from tests.assets.page import NODE, WHY, run

pytestmark = pytest.mark.skipif(NODE is None, reason=WHY)

WORDS = {
    0: ("零", "zero"), 1: ("一", "one"), 2: ("两", "two"), 10: ("十", "ten"), 12: ("十二", "twelve"), 20: ("二十", "twenty"),
    51: ("五十一", "fifty-one"), 100: ("一百", "one hundred"), 101: ("一百零一", "one hundred and one"), 110: ("一百一十", "one hundred and ten"),
    202: ("二百零二", "two hundred and two"), 1000: ("一千", "one thousand"), 1001: ("一千零一", "one thousand and one"),
    1010: ("一千零一十", "one thousand and ten"), 1132: ("一千一百三十二", "one thousand one hundred and thirty-two"),
    2222: ("两千二百二十二", "two thousand two hundred and twenty-two"), 10000: ("一万", "ten thousand"), 10001: ("一万零一", "ten thousand and one"),
    20002: ("两万零二", "twenty thousand and two"), 12345: ("一万二千三百四十五", "twelve thousand three hundred and forty-five"),
    110000: ("十一万", "one hundred and ten thousand"), 1000000: ("一百万", "one million"),
}  # fmt: skip


def test_a_number_in_words() -> None:
    got = run(["shell/number.js"], "", "out(input.numbers.map((n) => [gc.inWords(n, 'zh'), gc.inWords(n, 'en')]));", numbers=list(WORDS))
    assert [tuple(pair) for pair in got] == list(WORDS.values())


def test_every_number_has_its_own_words() -> None:
    got = run(["shell/number.js"], "", """const all = (lang) => new Set(Array.from({ length: 20000 }, (_, n) => gc.inWords(n, lang))).size; out([all('zh'), all('en')]);""")
    assert got == [20000, 20000]


DESK = """
let drawn = [], shown = null, verb = 'urge', waiting = [], yes = true, refused = [];
const asked = [], toasts = [], batches = [], sends = [];
gc.rows = { drawn: () => new Set(drawn), inView: () => new Set(drawn) }; gc.case = { id: () => shown };
gc.send = { verb: () => verb, command: (v, t) => ({ verb: v, case: t.case }), commands: async (all) => (sends.push(all.length), results(all)) };
gc.batch = { run: async (all, sure) => (batches.push([all.length, sure]), results(all)) };
gc.word = (key, values) => [key, ...Object.values(values || {})].join(' '); gc.number = String; gc.toast = (t) => toasts.push(t.title);
gc.alarm = { waiting: () => new Set(waiting) };
const results = (all) => all.map((c) => [c, refused.includes(c.case) ? { status: 'refused', why: 'no_alarm' } : { status: 'accepted' }]);
const cases = (n) => Array.from({ length: n }, (_, i) => 'c' + i);
const commands = (n) => cases(n).map((id) => ({ case: id }));
"""


def needed(body: str) -> Any:
    return run(["desk/sure.js"], DESK, body)


@pytest.mark.parametrize(
    ("so", "n", "asks"),
    [
        ("drawn = cases(50)", 50, False),
        ("drawn = cases(60)", 51, True),
        ("drawn = cases(19)", 20, True),
        ("drawn = cases(19); shown = 'c19'", 20, False),
        ("", 1, False),
        ("verb = 'undo'", 20, False),
        ("verb = 'undo'", 51, True),
    ],
)
def test_it_is_asked_above_fifty_and_where_a_case_is_not_on_the_screen(so: str, n: int, asks: bool) -> None:
    assert needed(f"{so}; out(gc.sure.needed(commands({n})));") is asks


def acknowledge(body: str) -> Any:
    before = DESK + "gc.sure = { ask: async (all, skipped) => (asked.push([all.length, skipped]), yes) };"
    return run(["desk/acknowledge.js"], before, body + "; await gc.acknowledge(commands(input.n ?? 4)); out([asked, sends, batches, toasts]);")


def test_cases_without_an_alarm_are_left_out_and_it_says_so() -> None:
    assert acknowledge("waiting = ['c1', 'c3']") == [[[2, 2]], [], [[2, True]], ["acknowledge.skipped 2 2"]]
    assert acknowledge("waiting = ['c1', 'x']") == [[[1, 3]], [1], [], ["acknowledge.skipped 1 3"]]
    assert acknowledge("waiting = cases(4); refused = ['c0']") == [[[4, 0]], [], [[4, True]], ["acknowledge.skipped 3 1"]]


def test_a_no_acknowledges_nothing_and_nothing_is_asked_where_there_is_nothing() -> None:
    assert acknowledge("waiting = cases(4); yes = false") == [[[4, 0]], [], [], []]
    assert acknowledge("") == [[], [], [], ["barred.acknowledge"]]


def test_one_case_is_acknowledged_at_once() -> None:
    got = run(["desk/acknowledge.js"], DESK, "waiting = ['c0']; await gc.acknowledge(commands(1)); out([asked, sends, toasts]);")
    assert got == [[], [1], []]
