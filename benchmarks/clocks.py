"""What ticking countdowns cost the browser: the desk with 2,000 rows loaded of 10,000 and about 25 to 50 in view, in Chromium.

ours: CPU of the page with its ticking above the same page without; baseline: the same with the grid's own `refreshCells` every second.
"""

from __future__ import annotations

import shutil
import statistics
import time
from typing import Any

from benchmarks import BenchRow
from benchmarks.push import System, report, system
from benchmarks.rig import client
from data_access.stream import Inbox

CASES, SECONDS, RUNS = 10_000, 8, 3
SILENT = "const every = window.setInterval; window.setInterval = (f, ms, ...a) => (ms === 1000 ? 0 : every(f, ms, ...a));"
REFRESH = """() => { const grid = dash_ag_grid.getApi('desk-grid'); setInterval(() => grid.refreshCells({force: true}), 1001); }"""
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


def run() -> list[BenchRow]:
    """No rows where there is no browser."""
    chromium = shutil.which("chromium")
    if chromium is None:
        return []
    from playwright.sync_api import sync_playwright

    with system() as s, sync_playwright() as p:
        _fill(s)
        browser = p.chromium.launch(executable_path=chromium, args=FLAGS.split())
        still, ours, refreshed = ([_share(browser, s, *how) for _ in range(RUNS)] for how in ((SILENT, ""), ("", ""), (SILENT, REFRESH)))
        browser.close()
    base = statistics.median(still)
    figures = {"ours": round(statistics.median(ours) - base, 2), "baseline": round(statistics.median(refreshed) - base, 2), "limit": None}
    return [BenchRow(what="ticking countdowns of the desk, 10,000 cases", unit="% of a core", n=RUNS, **figures)]


def _fill(s: System) -> None:
    now, inbox = int(time.time() * 1000), Inbox(client(s.redis))
    for at in range(0, CASES, 1000):
        inbox.report([report(now, "tick", n) for n in range(at, at + 1000)])
    while inbox.backlog() > 0:
        time.sleep(0.05)


def _share(browser: Any, s: System, before: str, after: str) -> float:
    """Percent of a core that the page's main thread uses."""
    page = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
    page.add_init_script(before)
    page.goto(f"http://127.0.0.1:{s.port}/desk?token={s.token}")
    page.wait_for_selector(".ag-row")
    if after:
        page.evaluate(after)
    page.wait_for_timeout(3000)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    first = _busy(session)
    page.wait_for_timeout(SECONDS * 1000)
    share = (_busy(session) - first) / SECONDS * 100
    page.context.close()
    return float(share)


def _busy(session: Any) -> float:
    metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    return float(metrics["TaskDuration"])
