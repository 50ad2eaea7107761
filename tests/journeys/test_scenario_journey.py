"""A demo's login page: somebody presses a scenario, signs in and sees it at the desk."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from dashboard.clock import WallClock, wall_ms
from dashboard.process.backoff import Backoff
from dashboard.process.heartbeat import Heartbeat
from dashboard.simulate.beside import OnDemand, Outlet
from dashboard.simulate.pace import Pace
from dashboard.simulate.player import Player, Progress
from dashboard.simulate.scenario import SCENARIOS
from dashboard.simulate.steady import Steady
from dashboard.simulate.town import town_of
from data_access import stream
from data_access.database import connect, url_of
from data_access.reader import SqlReader
from data_access.scenario import RedisScenarios
from tests.journeys.conftest import crowded
from tests.journeys.system import ROOT, System, until

FASTER = 0.1
"""A scenario of 45 s takes 4.5."""


@pytest.fixture
def demo_url(system: System, tmp_path: Path) -> Iterator[str]:
    """A second web process on the same data that believes to be a demo's, and the demo's source without its day."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    redis_url = f"unix://{system.folder / 'valkey.sock'}"
    given = {"DATA_DIR": str(system.folder), "PORT": str(port), "WORKERS": "1", "DEMO": "1", "REDIS_URL": redis_url}
    clean = {key: value for key, value in os.environ.items() if not key.startswith("GRIDCOMMAND_")}
    env = clean | {f"GRIDCOMMAND_{k}": v for k, v in given.items()}
    with (tmp_path / "log").open("wb") as log:
        web = subprocess.Popen([sys.executable, str(ROOT / "app.py"), "web"], env=env, cwd=tmp_path, stdout=log, stderr=log)
    over = threading.Event()
    source = threading.Thread(target=_source, args=(system, redis_url, over))
    source.start()
    try:
        until(lambda: _answers(port), 30, (tmp_path / "log").read_text)
        yield f"http://localhost:{port}"
    finally:
        over.set()
        source.join(10)
        web.terminate()
        web.wait(20)


def _answers(port: int) -> bool:
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def _source(system: System, redis_url: str, over: threading.Event) -> None:
    """The player of the demo with an empty day: only what is asked for plays."""
    reader = SqlReader(connect(url_of("", system.folder)))
    scenarios, seconds = RedisScenarios(stream.client(redis_url)), {name: s.seconds for name, s in SCENARIOS.items()}
    steady = Steady(stream.Inbox(stream.client(redis_url)), Backoff("simulate", over.is_set, Heartbeat()), over.is_set)
    asked = OnDemand(
        lambda: scenarios.take(seconds), lambda: town_of(reader, system.accounts, wall_ms()), Outlet(steady, system.registry), FASTER
    )
    Player(steady, WallClock(), [], Progress(), over.is_set, [asked]).live(None, iter(()), Pace(wall_ms(), wall_ms()))


@crowded
def test_a_scenario_is_pressed_and_the_dispatcher_sees_it(system: System, demo_url: str, browser: Browser) -> None:
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.goto(f"{demo_url}/login")
    pressed = page.locator('.gc-scenario[data-scenario="two_dispatchers"]')
    expect(pressed).to_contain_text("两人同办一案")
    pressed.click()
    expect(pressed).to_contain_text("已开始，约")
    expect(page.locator('.gc-scenario[data-scenario="storm"]')).to_be_disabled()
    page.reload()
    expect(page.locator('.gc-scenario[data-scenario="two_dispatchers"]')).to_contain_text("已开始，约")  # also for who comes later
    asked = f"/api/v1/cases?q={quote('演示')}&limit=1"
    until(lambda: system.get(asked, "first")[1]["total"] == 1)  # a queue that is open moves only when its reader wants it to
    page.goto(f"{demo_url}/desk?q=演示&token={system.tokens['first']}", wait_until="commit")
    page.wait_for_function("() => document.documentElement.dataset.gcFeed === 'live'")
    row = page.locator(".gc-grid .ag-row", has_text="【演示】").first
    expect(row).to_be_visible()
    case = row.get_attribute("row-id") or ""
    until(lambda: bool(system.happened(case, "case.dispatched")))
    assert system.case(case)["version"] == 3, "the slower one changed nothing"
    page.goto(f"{demo_url}/login")
    expect(page.locator(".gc-scenario").first).to_be_visible()  # who is signed in comes back for the next one
    context.close()
