"""The SLA rules (port RuleReader). Every method is one consistent read."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, select

from dashboard.cache import KeyedCache
from dashboard.clocks.calendar import Calendar
from dashboard.clocks.policy import Policies, Policy
from dashboard.clocks.rules import SlaRules
from dashboard.clocks.table import parse_calendar, parse_policy
from data_access import table as t
from data_access.stamp import stamp_of

c = t.cases.c


class SqlRuleReader:
    def __init__(self, engine: Engine, zone: str) -> None:
        self._engine, self._zone = engine, zone
        self._sla: KeyedCache[str, SlaRules] = KeyedCache()

    def sla(self) -> SlaRules:
        """The SLA rules as imported, read again after an import; without a policy nothing has a limit."""
        return self._sla.get(stamp_of(self._engine, "places"), self._read_sla)

    def _read_sla(self) -> SlaRules:
        with self._engine.begin() as db:
            policies = [_policy(r) for r in db.execute(select(t.policy).order_by(t.policy.c.valid_from))]
            body = db.execute(select(t.calendar.c.body).order_by(t.calendar.c.made.desc()).limit(1)).scalar()
        return SlaRules(parse_calendar(body) if body else Calendar(self._zone), Policies(policies))


def _policy(row: Any) -> Policy:
    """An imported version; a later import may have ended it earlier than its file says."""
    policy = parse_policy(row.body)
    policy.valid_to = row.valid_to
    return policy
