"""Keys and seconds from a case on the desk to a decision that came back, in Chromium, without a person's thinking.

ours: a desk of 2,000 cases that can still be saved; baseline: the steps that Spillman documents (FINDINGS.md, Screens).
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import BenchRow
from benchmarks.clocks import FLAGS
from benchmarks.push import System, free_port, started
from benchmarks.rig import client, demo_rules
from dashboard.access.role import User
from dashboard.clock import HOUR, iso
from dashboard.places.route import Route
from dashboard.simulate.city import CITY_CODE, city
from dashboard.simulate.envelope import digest, event, heartbeat, rfc3339, uuid7
from data_access.account import SqlAccounts
from data_access.database import connect, url_of
from data_access.registry import SqlRegistry
from data_access.stream import Inbox

CASES, RUNS, BATCH = 2000, 3, 20
UNTOUCHED = 20
"""Cases that nobody has accepted yet."""
STEPS = 5
"""To reassign one call in Spillman."""


def keys() -> list[BenchRow]:
    """No rows where there is no browser."""
    chromium = shutil.which("chromium")
    if chromium is None:
        return []
    from playwright.sync_api import sync_playwright

    folder = Path(tempfile.mkdtemp(prefix="gc-bench-"))
    try:
        token = _seed(folder)
        with started(System(folder, free_port())) as s, sync_playwright() as p:
            s.token = token
            _fill(s)
            browser = p.chromium.launch(executable_path=chromium, args=FLAGS.split())
            rows = _rows(s, browser)
            browser.close()
            return rows
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _seed(folder: Path) -> str:
    """The synthetic city, in which every unit serves every category of its area, and its dispatcher's token."""
    demo_rules(folder)
    db, made = connect(url_of("", folder)), city()
    SqlRegistry(db).replace_places(made.units, made.grids, list({Route(r.unit, "", r.area) for r in made.routes}))
    return SqlAccounts(db).add_account(User("bench", "bench", "dispatcher", CITY_CODE))


def _fill(s: System) -> None:
    """All in one street, so that one unit may take them all."""
    now, inbox, made = int(time.time() * 1000), Inbox(client(s.redis)), city()
    street = [g for g in made.grids if g.code.startswith(made.grids[0].code[:9])]
    owner = next(r.unit for r in made.routes if street[0].code.startswith(r.area.rstrip("0")))
    for n in range(CASES):
        grid = street[n % len(street)]
        lon, lat = grid.rings[0][0]
        place = {"lon": lon, "lat": lat, "crs": "wgs84", "grid": grid.code}
        report = {"category": "010101", "channel": "department", "place": place, "title": "bench", "due": iso(now + 6 * HOUR + n * 1000)}
        steps: tuple[tuple[str, dict[str, Any]], ...] = (
            ("case.reported", report), ("case.accepted", {}), ("case.dispatched", {"to": owner}),
        )  # fmt: skip
        inbox.report([_event(now + i, f"C-{n}", type_, data) for i, (type_, data) in enumerate(steps[: 1 if n < UNTOUCHED else None])])
    inbox.report([heartbeat("/bench", now)])
    while inbox.backlog() > 0:
        time.sleep(0.05)


def _event(at: int, subject: str, type_: str, data: dict[str, Any]) -> bytes:
    return event(uuid7(at, digest(subject, type_)), "/bench", type_, subject, rfc3339(at), data)


def _rows(s: System, browser: Any) -> list[BenchRow]:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(f"http://127.0.0.1:{s.port}/desk?token={s.token}")
    page.wait_for_selector(".gc-grid .ag-row")
    page.wait_for_timeout(3000)
    ways = {
        "accept and dispatch": (["j", "r", "1"], 1, "unit", None),
        "reassign": (["j", "r", "1"], 1, "unit", STEPS),
        f"reassign {BATCH} cases at once,": (["j", *["Shift+J"] * (BATCH - 1), "r", "1"], BATCH, "unit", STEPS * BATCH),
        "escalate": (["j", "e", "{level}", "Enter"], 1, "level", None),
    }
    rows = []
    for what, (pressed, cases, column, steps) in ways.items():
        tab = "to_dispatch" if what.startswith("accept") else "savable"
        page.evaluate("(tab) => gc.query.ask({ tab })", tab)
        took = [_act(s, page, [key.format(level=n + 1) for key in pressed], cases, column) for n in range(RUNS)]
        rows.append(BenchRow(what=f"{what} keys", ours=len(pressed), baseline=steps, limit=None, unit="keys", n=RUNS))
        rows.append(BenchRow(what=f"{what} seconds", ours=round(statistics.median(took), 2), baseline=None, limit=None, unit="s", n=RUNS))
    return rows


def _act(s: System, page: Any, keys: list[str], cases: int, column: str) -> float:
    """Seconds from the first key until every chosen case has its new value on the page, as the engine said."""
    Inbox(client(s.redis)).report([heartbeat("/bench", int(time.time() * 1000))])
    page.evaluate("gc.desk.closeDrawer(); gc.desk.api().deselectAll()")
    before = page.evaluate(f"Object.fromEntries([...gc.model.rows].map(([id, row]) => [id, row.{column}]))")
    began = time.perf_counter()
    for key in keys:
        if key == "1" and "r" in keys:
            page.wait_for_selector("#dialog-candidates .gc-candidate")
        page.keyboard.press(key)
    changed = f"([was, n]) => [...gc.model.rows].filter(([id, row]) => row.{column} !== was[id]).length >= n"
    page.wait_for_function(changed, arg=[before, cases], polling=20)
    took = time.perf_counter() - began
    page.wait_for_timeout(500)
    page.keyboard.press("Escape")
    return took
