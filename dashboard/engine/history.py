"""What has happened, as a decision may ask for it: answered by the batch from its transaction."""

from __future__ import annotations

from typing import Protocol

from dashboard.cases.alarm import Alarm
from dashboard.cases.case import Case
from dashboard.cases.event import Event
from dashboard.ports.ledger import Outcome


class CaseHistory(Protocol):
    def events(self, case: str) -> list[Event]:
        """The case's events in order of version, those of the same batch included."""

    def outcome(self, command: str) -> Outcome | None: ...
    def case(self, case: str) -> Case | None: ...
    def alarms(self, case: str) -> list[Alarm]:
        """The open alarms of the case."""
