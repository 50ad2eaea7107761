"""Entries, events and cities in the smallest form that is true; what a test does not name does not matter to it."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec

from dashboard.cases.envelope import case_id
from dashboard.cases.event import Event, make
from dashboard.cases.light import AMBER_FROM
from dashboard.clock import iso
from dashboard.clocks.calendar import Calendar
from dashboard.clocks.policy import Policies
from dashboard.clocks.rules import SlaRules
from dashboard.places.unit import Unit, UnitTree
from dashboard.simulate.policy import default_policy

T0 = 1_700_000_000_000
"""2023-11-14, the beginning of most tests."""
LATEST = T0 + 400 * 86_400_000
SOURCE = "/12345"
REPORT = {"category": "030101", "channel": "hotline_12345", "place": {}}
SLA = SlaRules(Calendar("Asia/Shanghai"), Policies([default_policy()]))
"""The demo's rules."""
_numbers = itertools.count(1)

DATA: dict[str, dict[str, Any]] = {
    "case.reported": REPORT,
    "case.accepted": {}, "case.filed": {}, "case.signed": {}, "case.handled": {}, "case.check_requested": {},
    "case.dispatched": {"to": "u1"}, "case.checked": {"passed": True}, "case.closed": {}, "case.voided": {"reason": "twice"},
    "case.reopened": {"reason": "again"}, "case.reassigned": {"to": "u2", "reason": "near"}, "case.escalated": {"level": "unit_head"},
    "case.urged": {}, "case.supervised": {}, "case.return_requested": {"reason": "not ours"}, "case.return_approved": {"reason": "yes"},
    "case.return_refused": {"reason": "no"}, "case.extended": {"hours": 2}, "case.suspended": {"reason": "ice", "until": iso(LATEST)},
    "case.resumed": {}, "case.noted": {"text": "hm"}, "case.merged": {"into": "x"}, "case.unmerged": {"into": "x"},
    "case.duplicate_joined": {"duplicate": "x"}, "case.duplicate_left": {"duplicate": "x"}, "case.duplicate_moved": {"duplicate": "x"},
    "case.corrected": {"undoes": "e"}, "case.sla_breached": {"clock": "total", "due": iso(T0)},
    "case.acknowledged": {}, "case.recalculated": {"policy": "default-1"},
}  # fmt: skip
"""The least data of every type."""


def new_id() -> str:
    return f"e-{next(_numbers)}"


def entry(type_: str, subject: str = "A", at: int = T0, data: dict[str, Any] | None = None, id_: str | None = None, **over: Any) -> bytes:
    """A stream entry; `over` replaces members of the envelope."""
    envelope = {
        "specversion": "1.0", "id": id_ or new_id(), "source": SOURCE, "type": type_, "subject": subject, "time": iso(at),
        "data": DATA.get(type_, {}) if data is None else data,
    }  # fmt: skip
    return msgspec.json.encode(envelope | over)


def command(verb: str, case: str, version: int, actor: dict[str, str], data: dict[str, Any] | None = None, id_: str | None = None) -> bytes:
    """An entry of cases:commands."""
    head = {"case": case, "expected_version": version, "actor": actor}
    subject = case.rpartition("~")[2]
    return entry(f"command.{verb}", subject, T0, (data or {}) | head, id_, source="/desk")


def event(type_: str, at: int = T0, subject: str = "A", **data: Any) -> Event:
    """A decoded event; `data` adds to the least data of its type."""
    return make(type_, DATA[type_] | data, id=new_id(), case=case_id(SOURCE, subject), source=SOURCE, at=at)


def amber_of(start: int, due: int | None) -> int | None:
    """From when the light is amber, where all hours count."""
    return None if due is None else start + int((due - start) * AMBER_FROM)


def case(subject: str = "A") -> str:
    return case_id(SOURCE, subject)


UNITS = [
    Unit("c", "City", "city"),
    Unit("d1", "East", "district", "c"),
    Unit("d2", "West", "district", "c"),
    Unit("g1", "Grid 1", "grid", "d1"),
    Unit("g2", "Grid 2", "grid", "d2"),
    Unit("u1", "Streets", "department", "d1"),
    Unit("u2", "Water", "department", "d2"),
    Unit("u3", "Lights", "department", "c"),
]
CITY = UnitTree(UNITS)
"""A city of two districts with a grid and a department each, and a department of its own."""
