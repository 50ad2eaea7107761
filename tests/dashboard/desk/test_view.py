"""What is read out of a case's events: hand-offs with their unsigned time, evidence."""

from __future__ import annotations

from dashboard.clock import MINUTE
from dashboard.desk.view import evidence, handoffs
from tests.made import T0, event

M = MINUTE
CHAIN = [
    event("case.reported", T0), event("case.dispatched", T0 + 1 * M, to="u1"), event("case.signed", T0 + 5 * M),
    event("case.return_approved", T0 + 9 * M), event("case.dispatched", T0 + 12 * M, to="u2"),
    event("case.reassigned", T0 + 20 * M, to="u3"),
]  # fmt: skip


def test_unsigned_minutes_are_charged_to_the_holder() -> None:
    shown = [(h["from"], h["to"], h["at"], h["seconds"] / 60, h["unsigned_seconds"] / 60) for h in handoffs(CHAIN, T0 + 50 * M, None)]
    assert shown == [
        (None, "u1", T0 + 1 * M, 8, 4), ("u1", None, T0 + 9 * M, 3, 0), (None, "u2", T0 + 12 * M, 8, 8), ("u2", "u3", T0 + 20 * M, 30, 30),
    ]  # fmt: skip


def test_the_end_of_a_case_ends_the_last_hand() -> None:
    assert handoffs(CHAIN, T0 + 50 * M, T0 + 30 * M)[-1]["seconds"] == 600
    assert handoffs(CHAIN[:1], T0, None) == []


def test_evidence_names_its_unit_and_time() -> None:
    done = event("case.handled", T0 + M, unit="u1", evidence=["a.jpg", "b.jpg"])
    assert evidence([*CHAIN, done]) == [{"ref": r, "at": T0 + M, "unit": "u1"} for r in ("a.jpg", "b.jpg")]
