"""A case as the events left it. Everything here can be rebuilt by folding the case's events again."""

from __future__ import annotations

import msgspec

from dashboard.cases.envelope import split_id
from dashboard.cases.light import light_at
from dashboard.cases.stage import ENDED, Level, Light, Severity, Stage
from dashboard.clock import Mode

RETURNS = 2
"""Returns that a case may have; then it is in arbitration (DOMAIN.md 5)."""


class Case(msgspec.Struct, array_like=True):
    """Instants are ms UTC, None where there is none. `provenance[field]` = version of the event that set it."""

    case: str
    workflow: str
    version: int
    pos: int
    stage: int
    severity: int
    category: str
    channel: str
    reported: int
    title: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    grid: str | None = None
    owner: str | None = None
    amber: int | None = None
    due: int | None = None
    limit: int | None = None
    """The total limit in ms of `mode`, extensions included."""
    mode: Mode = "24x7"
    rungs: list[int] = []
    """Instants of the steps of the escalation ladder; `rungs` and `rung` are names that stored events have."""
    rung: int = 0
    """How many of its steps are done."""
    repeats: int = 0
    """How often its alarm came again."""
    quiet_until: int | None = None
    """Until when its alarm is silent: a while after it sounded or was acknowledged."""
    policy: str = ""
    closed: int | None = None
    last_at: int = 0
    """Newest time of an event of this case."""
    stage_since: int = 0
    owner_since: int = 0
    suspended: int | None = None
    """Since when its clocks stand still."""
    until: int | None = None
    """Resume date of a suspension."""
    pending: str = ""
    """A request that waits for an answer: `return`."""
    level: int = 0
    urges: int = 0
    supervisions: int = 0
    returns: int = 0
    rework: int = 0
    passed: bool = False
    """The last check passed: only then the grid workflow closes."""
    first_owner: str | None = None
    satisfaction: str | None = None
    merged_into: str | None = None
    co_units: list[str] = []
    flags: list[str] = []
    provenance: dict[str, int] = {}
    last_type: str = ""
    last_actor: str | None = None
    """Who changed the case last from the desk (id and role), for the loser of a conflict."""
    duplicates: list[str] = []
    """Cases that are merged into this one."""
    took: int = 0
    """By how many ms the strictest of them moved the due time forward."""

    @property
    def subject(self) -> str:
        return split_id(self.case)[1]

    @property
    def source(self) -> str:
        return split_id(self.case)[0]

    @property
    def arbitration(self) -> bool:
        """Returned twice: the duty chief says who has it, and nobody returns it any more (DOMAIN.md 5)."""
        return self.returns >= RETURNS

    @property
    def ended(self) -> bool:
        return self.stage in ENDED


def light(case: Case, now: int) -> Light:
    """The total promise's light at `now` (dashboard/cases/light.py)."""
    return light_at(case.due, case.amber, case.closed, case.suspended is not None and not case.ended, now)


def on_time(case: Case) -> bool | None:
    """Closed within its due time; None while open or without a limit."""
    if case.closed is None or case.due is None:
        return None
    return case.closed <= case.due


def names(case: Case) -> tuple[str, str, str]:
    """(stage, severity, level) by name, as they are sent to people and other systems."""
    return Stage(case.stage).name, Severity(case.severity).name, Level(case.level).name
