"""The other seats of the demo: they read its alarms after a while, so that those of the last hours do not hide the one that counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from dashboard.access.role import User
from dashboard.cases.alarm import Alarm
from dashboard.cases.command import encode
from dashboard.cases.envelope import split_id
from dashboard.clock import MINUTE, SECOND
from dashboard.simulate.city import CITY_CODE
from dashboard.simulate.envelope import digest, uuid7
from dashboard.simulate.leftover import SUBJECT

SEAT = User("demo-watch", "演示值守席", "commander", CITY_CODE)
"""Who reads them: no account, nobody can sign in as it. The role reaches every level."""
EVERY = 10 * SECOND
AT_ONCE = 500
_LADDER_AFTER, _DANGER_AFTER, _SCENARIO_AFTER = 45 * SECOND, 3 * MINUTE, 15 * MINUTE


class Watch:
    """`alarms`: the open ones; `versions` of the open cases; `ask`: sends a command. `now`: a steady clock."""

    def __init__(
        self, alarms: Callable[[], Iterable[Alarm]], versions: Callable[[], Mapping[str, int]], ask: Callable[[bytes], None],
        now: Callable[[], int],
    ) -> None:  # fmt: skip
        self._alarms, self._versions, self._ask, self._now = alarms, versions, ask, now
        self._looked = 0

    def turn(self, at: int) -> bool:
        """Now and then it looks; the source may always speak."""
        now = self._now()
        if now - self._looked >= EVERY:
            self._looked = now
            self._look(at)
        return True

    def _look(self, at: int) -> None:
        due = {a.case: a for a in self._alarms() if at - a.at >= patience(a)}
        versions = self._versions() if due else {}
        for case, alarm in [item for item in due.items() if item[0] in versions][:AT_ONCE]:
            id_ = uuid7(at, digest(case, alarm.id, versions[case]))
            self._ask(encode(id_, "acknowledge", case, versions[case], SEAT, {}, at))


def patience(alarm: Alarm) -> float:
    """Ms for which an alarm is left to the people who try the demo. What one of them has raised, or is no case of the demo, is theirs."""
    subject = split_id(alarm.case)[1]
    if alarm.by is not None or not SUBJECT.match(subject):
        return float("inf")
    if subject.startswith("SC"):
        return _SCENARIO_AFTER
    return _DANGER_AFTER if alarm.kind == "new_danger" else _LADDER_AFTER
