"""Which limit a case has: the most specific row of the version that is in force."""

from __future__ import annotations

import pytest

from dashboard.clock import HOUR, MINUTE
from dashboard.clocks.calendar import Calendar
from dashboard.clocks.policy import CLOCKS, SEVERITIES, Policies, Policy, PolicyError, PolicyRow
from dashboard.simulate.category import CATEGORIES, LIMIT_HOURS
from dashboard.simulate.policy import default_policy

ROWS = [
    PolicyRow("", "", "total", 10, "24x7"),
    PolicyRow("", "danger", "total", 2, "24x7"),
    PolicyRow("01", "", "total", 9, "24x7"),
    PolicyRow("0101", "urgent", "total", 8, "24x7"),
    PolicyRow("0101$", "", "total", 7, "work_days"),
    PolicyRow("01", "", "handle", 6, "work_hours", 1.5),
]


@pytest.mark.parametrize(
    ("category", "severity", "value"),
    [
        ("02", "normal", 10),
        ("", "normal", 10),
        ("02", "danger", 2),
        ("01", "danger", 9),  # the longer category wins over the severity
        ("010101", "urgent", 8),
        ("010101", "normal", 9),
        ("0101", "urgent", 7),
        ("0", "normal", 10),
    ],
)
def test_the_most_specific_row_wins(category: str, severity: str, value: float) -> None:
    found = Policy("v", 0, None, ROWS).limit(category, severity, "total")
    assert found is not None
    assert found.value == value


def test_no_row_is_no_limit() -> None:
    assert Policy("v", 0, None, ROWS).limit("02", "normal", "handle") is None
    assert Policy("v", 0, None, []).limit("02", "danger", "total") is None


@pytest.mark.parametrize(
    ("rows", "number", "message"),
    [
        ([*ROWS, ROWS[0]], 7, "total of category any, severity any, has a limit already"),
        ([PolicyRow("01", "", "sign", 1, "24x7")], 1, "no total limit"),
        ([PolicyRow("01", "danger", "total", 1, "24x7"), PolicyRow("01", "", "sign", 1, "24x7")], 2, "normal cases of it"),
        ([PolicyRow("0101", "", "total", 1, "24x7"), PolicyRow("01", "", "sign", 1, "24x7")], 2, "sign of category 01,"),
        ([PolicyRow("01$", "", "total", 1, "24x7"), PolicyRow("01", "", "sign", 1, "24x7")], 2, "no total limit"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(rows: list[PolicyRow], number: int, message: str) -> None:
    with pytest.raises(PolicyError, match=message) as refused:
        Policy("v", 0, None, rows)
    assert (refused.value.row, refused.value.column) == (number, "stage")


def test_a_total_for_each_severity_is_enough() -> None:
    totals = [PolicyRow("01", severity, "total", 1, "24x7") for severity in SEVERITIES]
    Policy("v", 0, None, [*totals, PolicyRow("01", "", "sign", 1, "24x7")])
    Policy("v", 0, None, [PolicyRow("01", "", "total", 1, "24x7"), PolicyRow("01$", "", "sign", 1, "24x7")])


def test_the_version_in_force() -> None:
    one, two, three = Policy("1", 10, 20, []), Policy("2", 20, 30, []), Policy("3", 40, None, [])
    policies = Policies([three, one, two])
    names = [(found.version if (found := policies.at(t)) else None) for t in (9, 10, 19, 20, 29, 30, 39, 40, 10**13)]
    assert names == [None, "1", "1", "2", "2", None, None, "3", "3"]
    assert policies.get("2") is two
    assert policies.get("4") is None
    assert Policies([]).at(0) is None


@pytest.mark.parametrize(
    ("versions", "column", "message"),
    [
        ([("1", 0, 20), ("2", 19, None)], "valid_from", "2 begins at .*, but 1 is valid until .*: they overlap"),
        ([("1", 0, None), ("2", 19, None)], "valid_from", "but 1 has no end: they overlap"),
        ([("1", 0, 10), ("1", 10, None)], "version", "is there twice"),
        ([("1", 10, 10)], "valid_to", "ends before it begins"),
    ],
)
def test_versions_do_not_overlap(versions: list[tuple[str, int, int | None]], column: str, message: str) -> None:
    with pytest.raises(PolicyError, match=message) as refused:
        Policies([Policy(version, start, end, []) for version, start, end in versions])
    assert refused.value.column == column


OWN = {"030101", "090101", "090102"}


@pytest.mark.parametrize("severity", SEVERITIES)
def test_the_demo_keeps_its_promises(severity: str) -> None:
    """Wall hours as they were, but for exposed rubbish and illegal building; danger at most 2 h; unknown categories none."""
    policy = default_policy()
    for code in [*CATEGORIES, "unheard of", "", "010199", "01010101"]:
        hours = LIMIT_HOURS.get(code)
        row = policy.limit(code, severity, "total")
        if code not in OWN or severity == "danger":
            most = hours if hours is None or severity != "danger" else min(hours, 2)
            assert (row and (row.value, row.mode)) == (None if most is None else (most, "24x7"))
        assert all((policy.limit(code, severity, clock) is None) == (row is None) for clock in CLOCKS)


@pytest.mark.parametrize("code", ["020101", "010201", "030101", "090101", "020301", "050103"])
@pytest.mark.parametrize("severity", ["normal", "danger"])
def test_the_stages_of_the_demo_sum_to_the_total(code: str, severity: str) -> None:
    policy, c = default_policy(), Calendar("Asia/Shanghai")
    rows = {clock: policy.limit(code, severity, clock) for clock in CLOCKS}
    ms = {clock: c.amount(row.mode, row.value) for clock, row in rows.items() if row}
    stages = [clock for clock in CLOCKS if clock not in ("total", "owner")]
    assert sum(ms[clock] for clock in stages) == pytest.approx(ms["total"], abs=10)
    assert ms["owner"] == pytest.approx(ms["sign"] + ms["handle"], abs=10)
    assert ms["handle"] > ms["total"] / 2
    assert (ms["accept"], ms["dispatch"]) == (2 * MINUTE, 5 * MINUTE)
    assert ms["sign"] == 10 * MINUTE if severity == "danger" or code == "010201" else ms["sign"] <= 30 * MINUTE
    for i, clock in enumerate(stages[3:], 3):
        kept = rows[clock].reserve * HOUR  # type: ignore[union-attr]
        assert kept == pytest.approx(sum(ms[later] for later in stages[i + 1 :]), abs=10)


def test_promises_in_working_time() -> None:
    policy = default_policy()
    assert [(r.value, r.mode) for code in sorted(OWN) if (r := policy.limit(code, "normal", "total"))] == [
        (4, "work_hours"), (15, "work_days"), (15, "work_days"),
    ]  # fmt: skip
