"""The demo's other seats read what nobody has read for a while, and never what is meant for the people who try it."""

from __future__ import annotations

import pytest

from dashboard.cases.alarm import Alarm
from dashboard.cases.command import decode
from dashboard.cases.verb import may
from dashboard.clock import MINUTE, SECOND
from dashboard.simulate.watch import AT_ONCE, EVERY, Watch, patience

T = 1_795_140_000_000
DAY_CASE, SCENE_CASE = "12345~GC20261120-0700001", "12345~SC20261125-035412-001"


@pytest.mark.parametrize(
    ("alarm", "seconds"),
    [
        (Alarm(DAY_CASE, "e", "new_danger", 0, T), 180),
        (Alarm(DAY_CASE, "e", "breached", 0, T), 45),
        (Alarm(DAY_CASE, "e", "escalated", 3, T), 45),
        (Alarm(SCENE_CASE, "e", "new_danger", 0, T), 900),
        (Alarm(DAY_CASE, "e", "escalated", 3, T, by="dispatcher-1"), None),
        (Alarm("12345~77", "e", "new_danger", 0, T), None),
    ],
)
def test_how_long_an_alarm_is_left_to_people(alarm: Alarm, seconds: int | None) -> None:
    assert patience(alarm) == (float("inf") if seconds is None else seconds * SECOND)


def watch(alarms: list[Alarm]) -> tuple[Watch, list[bytes], list[int]]:
    sent: list[bytes] = []
    now = [10**6]
    versions = {alarm.case: 4 for alarm in alarms if not alarm.case.endswith("9")}
    return Watch(lambda: alarms, lambda: versions, sent.append, lambda: now[0]), sent, now


def test_it_acknowledges_each_case_once_a_look_at_the_version_that_it_has() -> None:
    seen, sent, now = watch([Alarm(DAY_CASE, "a", "breached", 0, T), Alarm(DAY_CASE, "b", "escalated", 1, T)])
    assert seen.turn(T + 44 * SECOND) and not sent
    now[0] += EVERY
    assert seen.turn(T + 46 * SECOND) and seen.turn(T + 47 * SECOND)
    (command,) = map(decode, sent)
    assert (command.case, command.verb, command.expected_version) == (DAY_CASE, "acknowledge", 4)
    assert may(command.actor.role, command.verb)


def test_a_flood_is_read_in_parts_and_a_case_that_has_gone_is_passed_over() -> None:
    alarms = [Alarm(f"12345~GC20261120-07{n:05d}", "a", "breached", 0, T) for n in range(AT_ONCE * 2)]
    seen, sent, _ = watch(alarms)
    seen.turn(T + MINUTE)
    assert len(sent) == AT_ONCE and not any(decode(body).case.endswith("9") for body in sent)
