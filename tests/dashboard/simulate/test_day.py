"""The simulated life: deterministic, in time order, allowed by the workflow, and with a city's numbers."""

import re
from collections import Counter
from datetime import datetime
from itertools import islice, pairwise, takewhile

import msgspec
import numpy as np
import pytest

from dashboard.cases.case import Case
from dashboard.cases.event import decode
from dashboard.cases.fold import fold
from dashboard.cases.stage import ENDED
from dashboard.places.crs import to_wgs84
from dashboard.places.locate import Locator
from dashboard.simulate.category import CATEGORIES, LIMIT_HOURS
from dashboard.simulate.city import City
from dashboard.simulate.course import course
from dashboard.simulate.day import heartbeat, play
from dashboard.simulate.report import GAPS, VOIDED, day_of, reports
from dashboard.simulate.scene import ITEMS, Scene

START = 1_795_140_000_000
"""Friday 2026-11-20 10:00 in China."""
HOUR = 3_600_000
STOCK = 3_000
Played = list[tuple[int, dict]]


@pytest.fixture(scope="module")
def played(ningchuan: City) -> Played:
    """A stock and the first 10 hours."""
    stream = play(ningchuan, 7, START, STOCK)
    return [(time, msgspec.json.decode(data)) for time, data in takewhile(lambda event: event[0] < START + 10 * HOUR, stream)]


@pytest.fixture(scope="module")
def cases(played: Played) -> dict[str, list[dict]]:
    out: dict[str, list[dict]] = {}
    for _, event in played:
        out.setdefault(event["subject"], []).append(event)
    return out


def test_the_envelope_is_the_contracts(played: Played) -> None:
    for time, event in islice(played, 0, None, 37):
        assert list(event) == ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataversion", "data"]
        assert re.fullmatch(r"GC\d{8}-07\d{5}", event["subject"])
        assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", event["id"])
        assert event["time"].endswith("+08:00")
        assert round(datetime.fromisoformat(event["time"]).timestamp() * 1000) == time == int(event["id"].replace("-", "")[:12], 16)


def test_ids_are_unique_and_time_never_goes_back(played: Played) -> None:
    assert len({event["id"] for _, event in played}) == len(played)
    assert all(a[0] <= b[0] for a, b in pairwise(played))
    assert played[0][0] >= START - 20 * 24 * HOUR


def test_the_same_seed_and_start_give_the_same_bytes(ningchuan: City) -> None:
    first, again = (list(islice(play(ningchuan, 7, START, 500), 12_000)) for _ in range(2))
    assert first == again
    assert first != list(islice(play(ningchuan, 8, START, 500), 12_000))


def test_another_start_repeats_the_same_events(ningchuan: City, played: Played) -> None:
    later = START + 6 * HOUR
    again = {data for time, data in takewhile(lambda event: event[0] < later + HOUR, play(ningchuan, 7, later, 0))}
    known = {event["id"] for _, event in played}
    assert len(again) > 1_000
    assert all(msgspec.json.decode(data)["id"] in known for data in again)


def test_the_stock_is_open_at_the_start(cases: dict[str, list[dict]]) -> None:
    start = datetime.fromtimestamp(START / 1000).astimezone()
    old = [events for events in cases.values() if datetime.fromisoformat(events[0]["time"]) < start]
    assert len(old) == STOCK
    ends = [e for events in old for e in events if e["type"] in ("case.closed", "case.voided")]
    assert all(datetime.fromisoformat(end["time"]) >= start for end in ends)


def test_the_engine_accepts_every_event(cases: dict[str, list[dict]]) -> None:
    for subject, events in cases.items():
        case = None
        for event in events:
            read = decode(msgspec.json.encode(event), START + 24 * HOUR)
            case = fold(read, case)
            assert isinstance(case, Case), (subject, event, case)
        assert case.flags == [], subject
        assert (case.stage in ENDED) == (events[-1]["type"] in ("case.closed", "case.voided"))


def test_units_exist_and_who_signs_is_who_was_sent(cases: dict[str, list[dict]], ningchuan: City) -> None:
    units = {unit.code for unit in ningchuan.units}
    for events in cases.values():
        owner = None
        for event in events:
            data = event["data"]
            owner = data["to"] if event["type"] == "case.dispatched" else owner
            if event["type"] in ("case.signed", "case.handled", "case.return_requested"):
                assert data["unit"] == owner
            assert "by" not in data or data["by"] != owner
        assert owner is None or owner in units


def test_stage_times_are_a_centres(cases: dict[str, list[dict]]) -> None:
    wait: dict[str, list[float]] = {}
    for events in cases.values():
        times = [datetime.fromisoformat(event["time"]).timestamp() for event in events]
        for a, b, event in zip(times, times[1:], events[1:], strict=False):
            wait.setdefault(event["type"], []).append(b - a)
    assert 10 < np.median(wait["case.accepted"]) < 30
    assert 15 < np.median(wait["case.dispatched"]) < 90
    assert 120 < np.median(wait["case.signed"]) < 1_800


def test_side_moves_have_their_shares(ningchuan: City) -> None:
    scene = Scene(ningchuan, 7)
    day = reports(scene, 7, day_of(START))
    whole = [[msgspec.json.decode(data) for _, data in course(scene, day, i)] for i in range(0, 10_000, 2)]
    share = Counter(type_ for events in whole for type_ in {event["type"] for event in events})
    failed = sum(any(event["data"].get("passed") is False for event in events) for events in whole)
    assert 0.015 < share["case.voided"] / len(whole) < 0.025
    assert 0.02 < share["case.return_requested"] / len(whole) < 0.04
    assert 0.03 < failed / len(whole) < 0.05
    assert 0.005 < share["case.extended"] / len(whole) < 0.02
    assert share["case.urged"] and share["case.supervised"]
    assert 7.5 < sum(map(len, whole)) / len(whole) < 10


def test_93_of_100_meet_their_limit(ningchuan: City) -> None:
    day = reports(Scene(ningchuan, 7), 7, day_of(START))
    limit = np.array([LIMIT_HOURS[item.code] or np.inf for item in ITEMS])[day.item] * HOUR
    assert 0.92 < (day.total <= limit).mean() < 0.945
    assert 9_500 < len(day.time) < 12_500


def test_the_day_has_its_curve_and_the_night_its_floor(ningchuan: City) -> None:
    scene, today = Scene(ningchuan, 7), day_of(START)
    for date in range(today, today + 7):  # every day of a week
        at = reports(scene, 7, date).time - date * 24 * HOUR + 8 * HOUR
        by_hour = np.bincount(at // HOUR, minlength=24)
        assert by_hour.min() >= 60, "one a minute"
        assert by_hour[9] > 5 * by_hour[3] and np.bincount(at // (10 * 60_000), minlength=144).min() >= 5


def test_somebody_always_waits_for_a_dispatcher(ningchuan: City) -> None:
    """At every minute of a day and its night there are cases that are accepted and have no unit yet."""
    scene, today = Scene(ningchuan, 7), day_of(START)
    day = reports(scene, 7, today)
    goes_on = day.chance[:, 0] >= VOIDED
    gaps = dict(zip(GAPS, day.gaps[goes_on].T, strict=True))
    accepted = day.time[goes_on] + gaps["accept"]
    dispatched = accepted + gaps["dispatch"]  # half of them are filed first, which takes longer still
    minutes = today * 24 * HOUR - 8 * HOUR + np.arange(60, 24 * 60) * 60_000
    waiting = np.searchsorted(np.sort(accepted), minutes) - np.searchsorted(np.sort(dispatched), minutes)
    assert waiting.min() >= 1 and np.median(waiting[60:240]) >= 5


def test_another_seed_has_other_cases(ningchuan: City) -> None:
    """So a fresh day shares no case with the one before, though their dates overlap."""
    scene = Scene(ningchuan, 7)
    days = [reports(scene, seed, day_of(START)) for seed in (7, 8)]
    first, other = ({msgspec.json.decode(course(scene, day, i)[0][1])["subject"] for i in range(50)} for day in days)
    assert not first & other


def test_a_few_points_are_oddities_and_the_rest_lie_in_their_grid(cases: dict[str, list[dict]], ningchuan: City) -> None:
    places = [events[0]["data"]["place"] for events in cases.values()]
    outside = 0
    locator = Locator(ningchuan.grids)
    for crs in ("wgs84", "gcj02"):
        chosen = [place for place in places if place["crs"] == crs]
        lon, lat = to_wgs84([p["lon"] for p in chosen], [p["lat"] for p in chosen], crs)
        outside += sum(code != p["grid"] for code, p in zip(locator.locate(lon, lat), chosen, strict=True))
    shifted = sum(place["crs"] == "gcj02" for place in places)
    assert 0.004 < outside / len(places) < 0.02
    assert 0.005 < shifted / len(places) < 0.02


def test_nobody_is_named_and_nobody_can_be_called(played: Played) -> None:
    for _, event in played:
        if event["type"] == "case.reported":
            text = event["data"]["title"] + event["data"]["text"] + event["data"]["place"]["address"]
            assert not re.search(r"\d{7,}|先生|女士", text)
            assert event["data"]["category"] in CATEGORIES


def test_a_heartbeat_is_the_same_when_sent_again() -> None:
    beat = msgspec.json.decode(heartbeat("/12345", START))
    assert (beat["type"], beat["subject"], beat["data"]) == ("source.heartbeat", "heartbeat", {})
    assert heartbeat("/12345", START) == heartbeat("/12345", START) != heartbeat("/12345", START + 1)
