"""Boston's requests as events, on a small file of our own."""

import gzip
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from dashboard.cases.case import Case
from dashboard.cases.event import decode
from dashboard.cases.fold import fold
from dashboard.cases.refusal import Refusal
from dashboard.places.unit import UnitTree
from dashboard.simulate.boston311 import BadRow, Replay, read
from dashboard.simulate.localtime import LocalTime

SMALL = Path(__file__).with_name("boston311_small.csv")


def decoded(replay: Replay) -> list[tuple[int, dict]]:
    return [(time, msgspec.json.decode(data)) for time, data in replay.events]


def instant(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.fixture
def small() -> list[tuple[int, dict]]:
    return decoded(read(SMALL))


def of(events: list[tuple[int, dict]], subject: str) -> list[dict]:
    return [event for _, event in events if event["subject"] == subject]


def test_a_row_is_a_report_a_dispatch_and_a_closing(small: list[tuple[int, dict]]) -> None:
    report, dispatch, closing = of(small, "9001")
    assert report["data"] == {
        "category": "boston.street-light-outages",
        "channel": "hotline_12345",
        "place": {"lon": -71.0601, "lat": 42.3001, "crs": "wgs84", "grid": "boston-dorchester"},
        "title": "Street Light Outages",
        "due": "2015-03-02T17:00:00.000-05:00",
        "workflow": "simple",
    }
    assert (dispatch["type"], dispatch["time"], dispatch["data"]) == (
        "case.dispatched",
        report["time"],
        {"to": "boston-q-pwdx-street-lights"},
    )
    assert (closing["type"], closing["time"], closing["source"]) == ("case.closed", "2015-03-02T17:00:00.000-05:00", "/boston311")


def test_order_is_by_time_though_the_file_is_not(small: list[tuple[int, dict]]) -> None:
    times = [time for time, _ in small]
    assert times == sorted(times)
    assert [event["subject"] for _, event in small][:2] == ["9002", "9002"]


def test_closed_before_opened_keeps_its_true_time_after_its_report(small: list[tuple[int, dict]]) -> None:
    at = {event["type"]: (i, time, event["time"]) for i, (time, event) in enumerate(small) if event["subject"] == "9003"}
    assert at["case.closed"][0] == at["case.reported"][0] + 2
    assert at["case.closed"][1] == at["case.reported"][1]
    assert at["case.closed"][2] == "2015-02-27T10:00:00.000-05:00"


def test_missing_and_zero_places_have_no_point(small: list[tuple[int, dict]]) -> None:
    assert of(small, "9003")[0]["data"]["place"] == {"grid": "boston-unplaced"}
    assert of(small, "9004")[0]["data"]["place"] == {"grid": "boston-dorchester"}
    assert of(small, "9003")[0]["data"]["channel"] == "other"
    assert "due" not in of(small, "9003")[0]["data"]


def test_both_changes_of_the_clocks_keep_the_order(small: list[tuple[int, dict]]) -> None:
    back, forward = of(small, "9004"), of(small, "9005")
    assert back[0]["time"] == "2015-11-01T01:30:00.000-04:00"
    assert back[2]["time"] < back[0]["data"]["due"] == "2015-11-01T01:45:00.000-04:00"
    # 02:30 does not exist that day: it is the end of the gap, which is also 03:00
    assert forward[0]["data"]["due"] == forward[2]["time"] == "2015-03-08T03:00:00.000-04:00"


def test_units_are_a_tree_and_names_do_not_share_codes() -> None:
    units = read(SMALL).units
    tree = UnitTree(units)
    assert [unit.code for unit in units if unit.level == "district"] == ["boston-dorchester", "boston-roxbury", "boston-unplaced"]
    assert {unit.name: unit.code for unit in units}["PWDx Street Lights"] == "boston-q-pwdx-street-lights-2"
    assert all(tree.within(unit.code, "boston") for unit in units)


def test_until_leaves_out_what_is_later_and_ends_with_a_heartbeat() -> None:
    until = instant("2015-03-02T17:00:00-05:00")
    events = decoded(read(SMALL, until=until))
    assert [event["subject"] for _, event in events if event["type"] == "case.closed"] == ["9003", "9001"]
    time, beat = events[-1]
    assert (time, beat["type"], beat["time"], beat["source"]) == (until, "source.heartbeat", "2015-03-03T06:00:00.000+08:00", "/boston311")
    assert sum(event["type"] == "source.heartbeat" for _, event in events) == 1


def test_the_engine_accepts_every_event() -> None:
    cases: dict[str, Case | Refusal | None] = {}
    for _, data in read(SMALL).events:
        event = decode(data, instant("2017-01-01T00:00:00Z"))
        cases[event.case] = fold(event, cases.get(event.case))
        assert isinstance(cases[event.case], Case), event
    flagged = {key: case.flags for key, case in cases.items() if case.flags}
    assert flagged == {"boston311~9003": ["closed_before_reported"]}
    assert cases["boston311~9001"].owner == "boston-q-pwdx-street-lights"


def test_ids_are_the_same_every_time_and_unique() -> None:
    first, again = list(read(SMALL).events), list(read(SMALL).events)
    assert first == again
    assert len({msgspec.json.decode(data)["id"] for _, data in first}) == len(first)


def test_gz_and_plain_read_alike(tmp_path: Path) -> None:
    packed = tmp_path / "small.csv.gz"
    packed.write_bytes(gzip.compress(SMALL.read_bytes()))
    assert list(read(packed).events) == list(read(SMALL).events)


GOOD = {
    "CASE_ENQUIRY_ID": "1", "OPEN_DT": "03/01/2015 09:00:00 AM", "TARGET_DT": "", "CLOSED_DT": "", "TYPE": "T", "QUEUE": "Q",
    "neighborhood": "", "LATITUDE": "", "LONGITUDE": "", "Source": "",
}  # fmt: skip


def written(tmp_path: Path, *rows: dict[str, str]) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text("\n".join([",".join(GOOD), *(",".join(row.values()) for row in rows)]) + "\n")
    return path


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("OPEN_DT", "2015-03-01 09:00"), ("OPEN_DT", ""), ("TARGET_DT", "02/30/2015 09:00:00 AM"), ("CLOSED_DT", "13:00"),
        ("OPEN_DT", "03/01/2015 13:00:00 PM"), ("LATITUDE", "north"), ("LONGITUDE", "nan"), ("LATITUDE", "91"), ("TYPE", ""),
        ("CASE_ENQUIRY_ID", "a b"), ("QUEUE", ""),
    ],
)  # fmt: skip
def test_a_bad_row_says_where_and_why(tmp_path: Path, column: str, text: str) -> None:
    path = written(tmp_path, GOOD, GOOD | {"CASE_ENQUIRY_ID": "2", column: text})
    with pytest.raises(BadRow) as caught:
        read(path)
    assert (caught.value.row, caught.value.column) == (3, column)
    assert f"row 3, column {column}" in str(caught.value)
    replay = read(path, skip_bad=True)
    assert (replay.rows, replay.bad, len(list(replay.events))) == (2, 1, 2)


def test_a_row_that_ends_early_is_bad(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    path.write_text(path.read_text() + "2,03/01/2015 09:00:00 AM\n")
    with pytest.raises(BadRow, match="row 3, column TYPE: the row ends"):
        read(path)


def test_another_file_is_refused_even_when_bad_rows_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(BadRow, match="row 1, column CASE_ENQUIRY_ID"):
        read(path, skip_bad=True)


def test_an_unknown_zone_is_an_error() -> None:
    with pytest.raises(KeyError):
        LocalTime("America/Gotham")
