"""Questions for cases, answered by SQLite and PostgreSQL alike, and equal to what plain Python says of the same cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from dashboard.access.role import User
from dashboard.cases.alarm import Alarm
from dashboard.cases.case import Case, light
from dashboard.cases.category import Category
from dashboard.cases.event import placed
from dashboard.cases.row import row_of
from dashboard.cases.stage import Level, Light, Severity, Stage
from dashboard.desk.query import QUEUES, SAVABLE_WITHIN_MS, TABS, CaseQuery, write_cursor
from dashboard.desk.shift import NoteQuery
from dashboard.live.board import Board
from dashboard.places.grid import Grid
from dashboard.ports.ledger import Commit, Lease, Outcome
from dashboard.video.point import Status, VideoPoint
from data_access.account import SqlAccounts
from data_access.database import connect, migrate, url_of
from data_access.ledger import SqlLedger
from data_access.reader import SqlReader
from data_access.registry import SqlRegistry
from data_access.shift import SqlShifts
from tests.made import CITY, T0, UNITS, amber_of, case, event
from tests.parity import assert_same

HOUR = 3_600_000
NOW = T0 + 10 * HOUR
TITLES = ["Pothole", "井盖破损", "100% full", "a_b", "axb", "back\\slash", "it's", ""]
CATEGORIES = ["030101", "030102", "0302", "boston.pothole", "x_1", "xy1"]
CODES = [None, "g1", "g2", "d1", "u1", "u2", "u3", "new"]


def made(n: int) -> Case:
    """Case n of a city in which every value meets every other one sooner or later."""
    stage = Stage(n % 9)
    ended = stage >= Stage.CLOSED
    due = None if n % 7 == 0 else T0 + (n * 37 % 40) * HOUR
    return Case(
        case=case(f"N{n:03d}"), workflow="grid", version=1, pos=n + 1, stage=stage, severity=n % 3, category=CATEGORIES[n % 6],
        channel="other", reported=T0 - (n % 11) * HOUR, title=TITLES[n % 8], address="Road 5" if n % 5 == 0 else "", grid=CODES[n * 3 % 8],
        owner=CODES[n * 5 % 8], due=due, amber=amber_of(T0 - (n % 11) * HOUR, due), closed=T0 + (n % 23) * HOUR if ended else None,
        suspended=T0 if not ended and n % 4 == 1 else None, level=n % 4 if n % 2 else 0, pending="return" if n % 13 == 1 else "",
        returns=n % 3 if n % 10 == 2 else 0, flags=["no_place"],
        lon=118.8 + n % 5 * 0.01 if n % 2 else None, lat=32.0 + n % 7 * 0.01 if n % 2 else None,
    )  # fmt: skip


def square(lon: float) -> list[list[float]]:
    """A grid's ring: a tenth of a degree from here to the north-east."""
    return [[lon, 32.0], [lon + 0.1, 32.0], [lon + 0.1, 32.1], [lon, 32.1], [lon, 32.0]]


TRIANGLE = ((118.79, 31.99), (118.845, 31.99), (118.79, 32.045))
BOW = ((118.798, 31.995), (118.828, 32.045), (118.828, 31.995), (118.798, 32.045))
"""Crosses itself in its middle."""
POLYGONS: dict[Any, Callable[[float, float], bool]] = {
    TRIANGLE: lambda x, y: x - 118.79 + y - 31.99 <= 0.055,
    BOW: lambda x, y: x < 118.828 and abs(y - 32.02) <= abs(x - 118.813) / 0.015 * 0.025,
}
"""Drawn lines, and what lies in them, in plain words."""

CASES = [made(n) for n in range(200)]
MINE = {c.case for c in CASES[::9]}


def write(engine: Engine, cases: list[Case], outcomes: list[Outcome] | None = None) -> Lease:
    """The cases, each with its report."""
    ledger = SqlLedger(engine)
    lease = ledger.acquire(0, "h:1")
    assert lease is not None
    events = []
    for c in cases:
        e = event("case.reported", c.reported, c.subject)
        events.append(placed(e, c.pos, 1, T0))
    with ledger.begin(lease) as tx:
        tx.write(Commit(events=events, cases={c.case: c for c in cases}, outcomes=outcomes or []))
    return lease


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def city(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if request.param == "sqlite":
        url = url_of("", tmp_path_factory.mktemp("reader"))
        migrate(url)
    else:
        url = request.getfixturevalue("fresh_postgres")()
    engine = connect(url)
    SqlRegistry(engine).replace_places(UNITS, [], [])
    person = User("p1", "P. One", "dispatcher", "c")
    outcomes = [Outcome(f"yes-{i}", i, "note", person, T0, "d", "accepted", pos=1) for i in MINE]
    outcomes += [Outcome(f"no-{i}", i, "note", person, T0, "d", "refused", code="conflict") for i in [CASES[1].case, CASES[2].case]]
    write(engine, CASES, outcomes)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def reader(city: Engine) -> SqlReader:
    return SqlReader(city, "Asia/Shanghai")


def within(c: Case, unit: str | None) -> bool:
    return unit is None or CITY.within(c.grid, unit) or CITY.within(c.owner, unit)


def in_tab(c: Case, tab: str) -> bool:
    undispatched = c.stage <= Stage.FILED
    return (
        not c.ended
        and {
            "savable": c.due is not None and NOW <= c.due <= NOW + SAVABLE_WITHIN_MS and c.suspended is None and c.level == 0,
            "to_dispatch": undispatched,
            "overdue": c.due is not None and c.due < NOW and c.suspended is None,
            "mine": c.case in MINE,
            "escalated": c.level > 0,
            "returns": c.pending == "return" or (c.returns > 0 and undispatched),
        }[tab]
    )


def wanted(q: CaseQuery) -> set[str]:
    """The same question in plain Python."""
    out = set()
    for c in CASES:
        stage = Stage(c.stage).name
        on_time = c.closed <= c.due if c.stage == Stage.CLOSED and c.due is not None and c.closed is not None else None
        text = (c.case + "\n" + c.title + "\n" + c.address).lower()
        if (
            within(c, q.unit)
            and (q.stage is None or (not c.ended if q.stage == "open" else stage == q.stage.upper()))
            and (q.light is None or light(c, q.now).name == q.light)
            and (not q.lights or light(c, q.now).name in q.lights)
            and (q.polygon is None or (c.lon is not None and c.lat is not None and POLYGONS[tuple(q.polygon)](c.lon, c.lat)))
            and (q.owner is None or c.owner == q.owner)
            and (q.category is None or c.category.lower().startswith(q.category.lower()))
            and (q.severity is None or Severity(c.severity).name == q.severity)
            and (q.on_time is None or on_time is q.on_time)
            and (q.q is None or q.q.lower() in text)
            and (q.tab is None or in_tab(c, q.tab))
        ):
            out.add(c.case)
    return out


def answered(reader: SqlReader, **asked: Any) -> set[str]:
    page = reader.cases.page(CaseQuery(now=NOW, limit=2000, user_id="p1", **asked))
    found = [i["case"] for i in page["items"]]
    assert (len(found), page["next"]) == (page["total"], None)
    assert len(found) == len(set(found))
    return set(found)


ONE = [
    *({"stage": s} for s in ("open", *(s.name for s in Stage), "signed")), *({"light": x.name} for x in Light),
    {"on_time": True}, {"on_time": False},
    *({"unit": u.code} for u in UNITS), {"unit": "nowhere"}, {"owner": "u1"}, {"owner": "new"}, {"owner": "u"},
    *({"category": c} for c in ("03", "0301", "030101", "boston.", "BOSTON.", "x_", "X_", "x", "%")),
    *({"severity": s.name} for s in Severity),
    *({"q": q} for q in ("Pothole", "pothole", "井盖", "100%", "%", "_", "a_b", "\\", "it's", "N01", "road", "no such", "12345~N001")),
    *({"tab": t} for t in TABS), {"tab": "mine", "unit": "d1"}, {"lights": ("red", "none")}, {"lights": ("paused",)},
    {"polygon": list(TRIANGLE)}, {"polygon": list(BOW)}, {"polygon": list(TRIANGLE), "stage": "open", "unit": "d1", "lights": ("red",)},
]  # fmt: skip


@pytest.mark.parametrize("asked", ONE, ids=str)
def test_a_question(reader: SqlReader, asked: dict[str, Any]) -> None:
    assert answered(reader, **asked) == wanted(CaseQuery(now=NOW, **asked))


@pytest.mark.parametrize("name", ["q", "owner", "category", "unit"])
def test_a_text_that_no_database_can_hold_finds_nothing(reader: SqlReader, name: str) -> None:
    assert answered(reader, **{name: "a\0b"}) == set()
    assert reader.cases.case("a\0b", NOW) is None


def test_the_questions_above_tell_something() -> None:
    """A filter that finds all or nothing proves nothing; few of these may."""
    sizes = [len(wanted(CaseQuery(now=NOW, **asked))) for asked in ONE]
    assert sum(0 < n < len(CASES) for n in sizes) > 0.8 * len(ONE)


QUESTIONS = st.fixed_dictionaries(
    {},
    optional={
        "stage": st.sampled_from(["open", "closed", "signed"]), "light": st.sampled_from([x.name for x in Light]),
        "unit": st.sampled_from([u.code for u in UNITS]), "category": st.sampled_from(["03", "0301", "x_"]),
        "severity": st.sampled_from([s.name for s in Severity]), "tab": st.sampled_from(TABS), "on_time": st.booleans(),
        "q": st.sampled_from(["o", "%", "_", "N0"]),
    },
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=QUESTIONS)
def test_all_conditions_hold_together(reader: SqlReader, asked: dict[str, Any]) -> None:
    assert answered(reader, **asked) == wanted(CaseQuery(now=NOW, **asked))


@pytest.mark.parametrize("order", ["due", "-due", "reported", "-reported", "severity", "-severity"])
@pytest.mark.parametrize("limit", [1, 7, 100])
def test_pages_lose_and_repeat_nothing(reader: SqlReader, order: str, limit: int) -> None:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = reader.cases.page(CaseQuery(now=NOW, stage="open", order=order, limit=limit, cursor=cursor))
        found += page["items"]
        assert len(page["items"]) <= limit
        if page["next"] is None:
            break
        cursor = page["next"]
    assert {i["case"] for i in found} == wanted(CaseQuery(now=NOW, stage="open"))
    assert len(found) == page["total"]
    field = order.lstrip("-")
    keys = [Severity[i["severity"]] * -1 if field == "severity" else i[field] for i in found]
    keys = [k for k in keys if k is not None]
    assert keys == sorted(keys, reverse=order.startswith("-"))
    if field == "due":
        nones = [i["due"] is None for i in found]
        assert nones == sorted(nones), "without a promise comes last"


def test_a_drawn_line_is_answered_in_pages_too(reader: SqlReader) -> None:
    pages = [reader.cases.page(CaseQuery(now=NOW, polygon=list(TRIANGLE), limit=9))]
    while pages[-1]["next"]:
        pages.append(reader.cases.page(CaseQuery(now=NOW, polygon=list(TRIANGLE), limit=9, cursor=pages[-1]["next"])))
    found = [i["case"] for page in pages for i in page["items"]]
    assert len(found) == len(set(found)) == pages[0]["total"]
    assert set(found) == wanted(CaseQuery(now=NOW, polygon=list(TRIANGLE)))
    assert len(pages) == (len(found) + 8) // 9


@pytest.mark.parametrize("order", ["due", "-due", "severity"])
def test_a_page_does_not_slip_when_the_one_before_it_changes(database: Engine, order: str) -> None:
    """What an offset gets wrong: a case that leaves the first page would pull one past the reader."""
    SqlRegistry(database).replace_places(UNITS, [], [])
    cases = [msgspec.structs.replace(made(n), stage=Stage.ACCEPTED, closed=None) for n in range(40)]
    lease = write(database, cases)
    reader = SqlReader(database)
    first = reader.cases.page(CaseQuery(now=NOW, stage="open", order=order, limit=10))
    gone = next(c for c in cases if c.case == first["items"][0]["case"])
    with SqlLedger(database).begin(lease) as tx:
        tx.write(Commit(cases={gone.case: msgspec.structs.replace(gone, stage=Stage.CLOSED, version=2)}))
    rest = reader.cases.page(CaseQuery(now=NOW, stage="open", order=order, limit=100, cursor=first["next"]))
    assert len({i["case"] for i in [*first["items"], *rest["items"]]}) == 40


@pytest.mark.parametrize("cursor", ["x", "100", "bnVsbA==", write_cursor("-due", [0, 1, "a"]), write_cursor("due", ["0", 1, "a"]),
                                    write_cursor("due", [0, 2**63, "a"]), write_cursor("due", [0, 1]), "é"])  # fmt: skip
def test_a_cursor_that_is_none(reader: SqlReader, cursor: str) -> None:
    with pytest.raises(ValueError, match="begin again"):
        reader.cases.page(CaseQuery(now=NOW, order="due", cursor=cursor))


def test_a_line_around_nothing_is_an_error(reader: SqlReader) -> None:
    with pytest.raises(ValueError, match="encloses nothing"):
        reader.cases.page(CaseQuery(now=NOW, polygon=[(1, 1), (2, 2), (3, 3)]))


def test_on_time_by_grid(reader: SqlReader) -> None:
    since = T0 + 2 * HOUR
    want: dict[str, list[int]] = {}
    for c in CASES:
        waits = not c.ended and c.suspended is not None
        if c.grid is None or c.due is None or not since < c.due <= NOW or c.stage == Stage.VOIDED or waits:
            continue
        pair = want.setdefault(c.grid, [0, 0])
        pair[0] += c.stage == Stage.CLOSED and c.closed is not None and c.closed <= c.due
        pair[1] += 1
    assert reader.cases.on_time(since, NOW) == {grid: (n, d) for grid, (n, d) in want.items()}
    assert sum(n for n, _ in want.values()) and sum(d - n for n, d in want.values())


def test_video_points_in_service(database: Engine) -> None:
    points = [
        VideoPoint("2", "b", "huiyan", "road", 118.8, 32.0, 10, 90, 50, "OFF", secret=True),
        VideoPoint("1", "a", "huiyan", "road", 118.8, 32.0, 10, 90, 50),
        VideoPoint("3", "c", "huiyan", "road", 118.8, 32.0, 10, 90, 50, active=False),
    ]
    SqlRegistry(database).replace_video(points)
    reader = SqlReader(database)
    assert reader.video.points() == [points[1], points[0]]
    SqlRegistry(database).set_video_status({"1": "VLOST", "2": "ON", "none": "OFF"})
    SqlRegistry(database).set_video_status({})
    assert [(p.id, p.status, p.secret) for p in reader.video.points()] == [("1", "VLOST", False), ("2", "ON", True)]


def test_video_points_are_counted_where_they_stand(database: Engine) -> None:
    registry, reader = SqlRegistry(database), SqlReader(database)
    west, east = (Grid(code, code, "k", "general", [square(lon)]) for code, lon in (("g1", 118.7), ("g2", 118.8)))

    def points(status: Status) -> list[VideoPoint]:
        at = [(118.75, "OFF", True), (118.76, "ON", True), (118.85, status, True), (118.85, "ON", False), (0, "ON", True)]
        return [VideoPoint(str(n), "p", "huiyan", "road", lon, 32.05, 0, 90, 50, s, active) for n, (lon, s, active) in enumerate(at)]

    registry.replace_places(UNITS, [west, east], [])
    registry.replace_video(points("ON"))
    assert reader.video.counts(NOW) == {"g1": (2, 1), "g2": (1, 1), None: (1, 1)}
    registry.replace_video(points("VLOST"))
    assert reader.video.counts(NOW) == {"g1": (2, 1), "g2": (1, 0), None: (1, 1)}
    registry.set_video_status({"0": "ON", "1": "OFF"})
    assert reader.video.counts(NOW) == {"g1": (2, 1), "g2": (1, 0), None: (1, 1)}, "one went on, another off"
    registry.set_video_status({"1": "ON", "2": "ON"})
    assert reader.video.counts(NOW) == {"g1": (2, 2), "g2": (1, 1), None: (1, 1)}
    registry.replace_video(points("VLOST"))
    registry.replace_places(UNITS, [west], [])
    assert reader.video.counts(NOW) == {"g1": (2, 1), None: (2, 1)}


def test_an_item_says_what_the_case_says(reader: SqlReader) -> None:
    items = {i["case"]: i for i in reader.cases.page(CaseQuery(now=NOW, limit=2000))["items"]}
    for c in CASES:
        i = items[c.case]
        assert (i["stage"], i["severity"], i["light"], i["level"]) == (
            Stage(c.stage).name, Severity(c.severity).name, light(c, NOW).name, Level(c.level).name,
        )  # fmt: skip
        assert [i[k] for k in ("version", "category", "owner", "grid", "due", "lon", "lat", "title", "flags")] == [
            c.version, c.category, c.owner, c.grid, c.due, c.lon, c.lat, c.title, c.flags,
        ]  # fmt: skip
        assert (i["source"], i["subject"]) == ("/12345", c.subject)


@pytest.mark.parametrize("unit", ["c", "d1", "d2", "g1", "u3"])
def test_tabs_count_what_the_tabs_list(reader: SqlReader, unit: str) -> None:
    tabs = reader.cases.tabs(CaseQuery(NOW, unit, user_id="p1"))
    assert tabs == {tab: len(answered(reader, tab=tab, unit=unit)) for tab in QUEUES}
    assert any(tabs.values())


def test_rows_are_the_board(reader: SqlReader) -> None:
    today = T0 - 4 * HOUR
    pos, rows = reader.board.rows(0, today)
    assert pos == len(CASES)
    assert {r.case for r in rows} == {c.case for c in CASES if not c.ended or c.reported >= today}
    assert {r.case: r for r in rows} == {c.case: row_of(c) for c in CASES if c.case in {r.case for r in rows}}
    loaded, fresh = Board(CITY, today), Board(CITY, today)
    loaded.apply(rows, pos)
    fresh.apply([row_of(c) for c in CASES], pos)
    assert_same(loaded, fresh)
    loaded.turn(NOW)
    want: dict[str, dict[str, int]] = {}
    for c in CASES:
        if c.owner and not c.ended:
            load = want.setdefault(c.owner, {"open": 0, "amber": 0, "red": 0})
            load["open"] += 1
            if light(c, NOW).name in load:
                load[light(c, NOW).name] += 1
    assert loaded.loads() == want
    assert [r.pos for r in reader.board.rows(150, today)[1]] == list(range(151, 201)), "after a position: all that changed, ended ones too"


def test_the_event_at_a_position(reader: SqlReader) -> None:
    ids = [reader.board.event_at(pos) for pos in (1, 200, 201)]
    assert ids[0] and ids[1] and ids[0] != ids[1] and ids[2] is None


def test_records(reader: SqlReader) -> None:
    want: dict[str, tuple[int, int]] = {}
    for c in CASES:
        if c.owner and c.stage == Stage.CLOSED and c.closed is not None and c.closed >= T0 + 5 * HOUR and c.due is not None:
            met, closed = want.get(c.owner, (0, 0))
            want[c.owner] = (met + (c.closed <= c.due), closed + 1)
    assert reader.cases.records(T0 + 5 * HOUR) == want != {}


def test_the_history_of_one_case(reader: SqlReader) -> None:
    found = reader.cases.history(CASES[9].case)
    assert found is not None
    assert (found[0], [e.type for e in found[1]]) == (CASES[9], ["case.reported"])
    assert (reader.cases.history("12345~none"), reader.cases.history("a\0b")) == (None, None)


def test_one_case(reader: SqlReader) -> None:
    found = reader.cases.case(CASES[9].case, NOW)
    assert found is not None
    assert (found["case"], found["light"], found["flags"]) == (CASES[9].case, light(CASES[9], NOW).name, ["no_place"])
    assert [t["type"] for t in found["timeline"]] == ["case.reported"]
    assert [(a["who"], a["verb"], a["status"]) for a in found["audit"]] == [("P. One", "note", "accepted")]
    assert reader.cases.case("12345~none", NOW) is None


@pytest.mark.parametrize("unit", ["c", "d1", "g2"])
def test_a_handover_tells_what_breaks_next_and_what_changed(reader: SqlReader, unit: str) -> None:
    pinned = tuple(c.case for c in CASES[::5])
    found = reader.cases.handover(NoteQuery(unit, "p1", T0, NOW, pinned))
    mine, kept = ([c for c in CASES if c.case in ids and within(c, unit) and not c.ended] for ids in (MINE, pinned))
    assert (found["mine"]["total"], found["pinned"]["total"]) == (len(mine), len(kept)) and mine and kept
    assert {c["case"] for c in found["pinned"]["items"]} <= {c.case for c in kept}
    breaking = [c for c in CASES if within(c, unit) and not c.ended and c.suspended is None and c.due and NOW < c.due <= NOW + 8 * HOUR]
    assert found["promises"]["total"] == len(breaking) > 0
    assert [i["case"] for i in found["promises"]["items"]] == [c.case for c in sorted(breaking, key=lambda c: (c.due, c.case))][:20]
    assert found["events"] == {"case.reported": sum(within(c, unit) for c in CASES)}
    assert reader.cases.handover(NoteQuery(unit, "p1", T0 + 1, NOW))["events"] == {}, "all of them were recorded before"


def test_a_handover_counts_escalations_breaches_and_returns(database: Engine) -> None:
    SqlRegistry(database).replace_places(UNITS, [], [])
    lease = write(database, CASES[:2])
    types = ["case.escalated", "case.sla_breached", "case.return_requested", "case.noted", "case.escalated"]
    events = [event(type_, T0, CASES[0].subject) for type_ in types]
    events = [placed(e, n, n, T0 + n) for n, e in enumerate(events, 3)]
    with SqlLedger(database).begin(lease) as tx:
        tx.write(Commit(events=events))
    found = SqlReader(database).cases.handover(NoteQuery("c", "p1", T0 + 1, NOW))
    assert {k: found[k]["count"] for k in ("escalations", "breaches", "returns")} == {"escalations": 2, "breaches": 1, "returns": 1}
    assert found["escalations"]["cases"] == found["returns"]["cases"] == [CASES[0].case]
    later = SqlReader(database).cases.handover(NoteQuery("c", "p1", T0 + 5, NOW))
    assert later["events"] == {"case.return_requested": 1, "case.noted": 1, "case.escalated": 1}


def test_queues_of_the_shift_what_changed_while_away_and_whose_alarms_are_unread(database: Engine) -> None:
    SqlRegistry(database).replace_places(UNITS, [], [])
    me = User("p1", "P. One", "dispatcher", "c")
    accounts, shifts = SqlAccounts(database), SqlShifts(database)
    accounts.add_account(me)
    cases = [msgspec.structs.replace(made(1), case=case(f"S{n}"), pos=n + 1, grid="g1", merged_into=None, version=1) for n in range(4)]
    outcomes = [Outcome(f"yes-{n}", cases[n].case, "note", me, T0, "d", "accepted", pos=1) for n in (0, 1)]
    lease = write(database, cases, outcomes)
    reader = SqlReader(database)

    def queues(reach: int = Level.unit_head) -> tuple[list[str], list[str]]:
        asked = [CaseQuery(NOW, "c", user_id="p1", reach=reach, tab=tab) for tab in ("changed", "alarm")]
        found = [sorted(i["subject"] for i in reader.cases.page(q)["items"]) for q in asked]
        assert [reader.cases.tabs(q)[q.tab or ""] for q in asked] == [len(f) for f in found]
        return found[0], found[1]

    def happen(n: int, at: int, alarms: list[Alarm] = []) -> None:  # noqa: B006 - never changed
        e = placed(event("case.noted", at, cases[n].subject), 10 + at - T0, 2 + at - T0, at)
        with SqlLedger(database).begin(lease) as tx:
            tx.write(Commit(events=[e], alarms=alarms))

    assert queues() == ([], []), "who has had no shift was not away"
    first = shifts.start(me, T0)
    happen(0, T0 + 1)
    assert shifts.sign(first.id, "", reader.cases.handover(NoteQuery("c", "p1", T0, NOW)), T0 + 2)
    happen(1, T0 + 3, [Alarm(cases[3].case, "a1", "new_danger", 0, T0), Alarm(cases[2].case, "a2", "escalated", 2, T0, by="p2")])
    happen(2, T0 + 4, [Alarm(cases[1].case, "a3", "escalated", 1, T0, by="p1")])
    assert queues() == (["S1"], ["S3"]), "the own case that changed; not the own alarm, not one beyond reach"
    shifts.start(me, T0 + 5)
    happen(0, T0 + 6)
    assert queues(Level.commander) == (["S1"], ["S2", "S3"]), "what happens in the shift is no change while away"
    note = reader.cases.handover(NoteQuery("c", "p1", T0, NOW))
    assert note["alarms"]["total"] == 3 and {a["kind"] for a in note["alarms"]["items"]} == {"new_danger", "escalated"}


def test_what_is_near_a_case(database: Engine) -> None:
    """Duplicates of the own jurisdiction, and video points; secret ones only for those who may see them."""
    SqlRegistry(database).replace_places(UNITS, [], [])
    points = [
        VideoPoint(f"{n:020d}", f"P{n}", "huiyan", "road", 118.8, 32.0 + n / 1000, 90.0, 60.0, 100.0, secret=n == 1, active=n != 2)
        for n in range(9)
    ]
    SqlRegistry(database).replace_video(points)
    cases = [
        msgspec.structs.replace(made(1), case=case(f"D{n}"), pos=n + 1, stage=Stage.ACCEPTED, category="030101", grid=grid, owner=None,
                                lon=118.8, lat=32.0 + metre / 111_195, reported=T0 + n * HOUR)
        for n, (grid, metre) in enumerate([("g1", 0), ("g1", 150), ("g2", 50), ("g1", 250)])
    ]  # fmt: skip
    write(database, cases)
    reader = SqlReader(database)

    def near(user: User | None) -> tuple[list[tuple[str, int, int]], list[str]]:
        found = reader.cases.case(case("D0"), NOW, user)
        assert found is not None
        same = [(d["subject"], d["metres"], d["minutes"]) for d in found["possible_duplicates"]]
        return same, [v["name"] for v in found["video"]]

    assert near(User("p", "P", "dispatcher", "c")) == ([("D2", 50, 120), ("D1", 150, 60)], ["P0", "P1"])
    assert near(User("p", "P", "supervisor", "d1")) == ([("D1", 150, 60)], ["P0"])
    assert near(None) == ([], ["P0"])


def test_a_fresh_system_has_one_unit_and_no_case(database: Engine) -> None:
    reader = SqlReader(database)
    assert [(u.level, u.parent) for u in reader.places.units()] == [("city", None)]
    assert reader.board.rows(0, 0) == (0, [])
    assert reader.cases.page(CaseQuery(now=NOW, unit=reader.places.units()[0].code))["total"] == 0
    assert reader.cases.tabs(CaseQuery(NOW, reader.places.units()[0].code, user_id="p")) == dict.fromkeys(QUEUES, 0)
    assert (reader.places.stamp(), reader.video.counts(NOW), reader.board.event_at(0)) == ("", {}, None)


def test_tokens_name_their_account_until_it_is_disabled(database: Engine) -> None:
    accounts = SqlAccounts(database)
    user = User("wall-1", "Hall", "wall", "c")
    one, two = accounts.add_account(user), accounts.add_account(user)
    other = accounts.add_account(User("api-1", "Feed", "api", "c"))
    assert one != two
    assert accounts.user_of_token(one) == accounts.user_of_token(two) == user
    assert accounts.user_of_token("guess") is None
    assert accounts.user_of_token("") is None
    only = accounts.add_account(user, only=True)
    assert [accounts.user_of_token(t) for t in (one, two, only)] == [None, None, user]
    assert accounts.disable_account("wall-1")
    assert accounts.user_of_token(only) is None
    assert accounts.user_of_token(other) is not None
    assert not accounts.disable_account("nobody")
    with database.connect() as c:
        kept = c.exec_driver_sql("SELECT * FROM token").all()
    assert other not in repr(kept), "only a hash is kept"
    with pytest.raises(ValueError, match="emperor"):
        accounts.add_account(User("x", "x", "emperor", "c"))


def test_an_import_changes_the_stamp(database: Engine) -> None:
    registry, reader = SqlRegistry(database), SqlReader(database)
    stamps = [reader.places.stamp()]
    registry.replace_places(UNITS, [], [])
    stamps.append(reader.places.stamp())
    registry.replace_routes([])
    stamps.append(reader.places.stamp())
    registry.replace_categories([])
    stamps.append(reader.places.stamp())
    assert len(set(stamps)) == 4
    assert reader.places.units() == sorted(UNITS, key=lambda u: u.code)


def test_a_catalogue_is_replaced_whole(database: Engine) -> None:
    registry, reader = SqlRegistry(database), SqlReader(database)
    assert (reader.places.catalogue(), reader.places.categories()) == ({}, set())
    registry.replace_categories([Category("07", "纠纷", "Disputes", dispute=True), Category("01", "公共安全", "Safety", "danger")])
    found = reader.places.catalogue()
    assert list(found.values()) == [Category("01", "公共安全", "Safety", "danger"), Category("07", "纠纷", "Disputes", "normal", True)]
    write(database, CASES)
    assert reader.places.categories() == {"01", "07", *CATEGORIES}, "and what cases came with"
    registry.replace_categories([Category("x.y", "x", "y")])
    assert list(reader.places.catalogue()) == ["x.y"]


def test_the_url_gets_the_driver_that_we_ship() -> None:
    assert url_of("postgres://a@b/c", Path()) == url_of("postgresql://a@b/c", Path()) == "postgresql+psycopg://a@b/c"
    assert url_of("postgresql+psycopg://a@b/c", Path()) == "postgresql+psycopg://a@b/c"
