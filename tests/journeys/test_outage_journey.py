"""What desk and wall say while something behind them is away: its name, and of when the picture is."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page, expect

from tests.journeys.conftest import LIVE, Visit, crowded
from tests.journeys.system import System, until

CAUSE = "document.documentElement.dataset.gcCause"
FEED = "document.documentElement.dataset.gcFeed"


def told(page: Page, age: int | None, *causes: dict[str, Any]) -> None:
    """As if every frame from now on said so."""
    said = f"gc.reallyHeard({json.dumps(age)}, {json.dumps(causes)})"
    page.evaluate(f"() => {{ gc.reallyHeard ??= gc.feedHeard; gc.feedHeard = () => {said}; gc.feedHeard(); }}")


@crowded
def test_a_frozen_redis_is_named_and_the_screens_come_back_by_themselves(system: System, visit: Visit) -> None:
    desk, wall = visit("desk", "first"), visit("wall", "wall")
    place = wall.locator(".gc-wall-map").bounding_box()
    for page in (desk, wall):
        page.evaluate("() => Object.assign(gc.feedLimits, { late: 3500, stale: 9000 })")
    with system.frozen_redis():
        for page in (desk, wall):
            page.wait_for_function(f"() => {CAUSE} === 'redis'", timeout=12000)
            expect(page.locator(".gc-banner-why")).to_contain_text("不可用")
        assert wall.locator(".gc-wall-map").bounding_box() == place, "the banner moves the picture"
        until(lambda: "redis" in system.get("/readyz")[1]["reasons"])
        for page in (desk, wall):
            page.wait_for_function(f"() => {FEED} === 'stale'", timeout=12000)
            expect(page.locator(".gc-banner-why")).to_contain_text("消息通道")
            assert set(page.locator(".gc-remain[data-due]").all_inner_texts()) == {"? 未知"}
    for page in (desk, wall):
        page.wait_for_function(f"() => {LIVE} && !{CAUSE}", timeout=12000)
        expect(page.locator(".gc-banner")).not_to_be_visible()
    until(lambda: system.get("/readyz")[0] == 200, 10, system.log)


def test_every_cause_has_its_words_and_an_unknown_age_is_a_dead_feed(visit: Visit) -> None:
    desk = visit("desk", "first", lang="en")
    until_ = 1_700_000_000_000
    for cause, words in [
        ({"why": "database", "values": {"ms": 4000}}, "The database is unavailable"),
        ({"why": "engine_restarts", "values": {"n": 3, "seconds": 60}}, "restarts again and again"),
        ({"why": "awaited", "values": {"sources": ["/12345"], "until": until_}}, "timers wait for /12345 until 06:13"),
        ({"why": "clock_moved", "values": {"ms": -3_600_000}}, "set back by 01:00:00"),
    ]:
        told(desk, 300, cause)
        expect(desk.locator(".gc-banner-why")).to_contain_text(words)
        assert desk.evaluate(FEED) == "live" and desk.locator(".gc-act:not(:disabled)").count() >= 0
    told(desk, None)
    desk.wait_for_function(f"() => {FEED} === 'stale'", timeout=15000)
    expect(desk.locator(".gc-banner-age")).to_have_text("Unknown")
    told(desk, 300)
    desk.wait_for_function(f"() => {LIVE}", timeout=15000)
