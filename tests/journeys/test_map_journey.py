"""The map in the hands of a dispatcher: go there, point, draw around, by mouse and by keyboard; and a link that shows the same."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from dashboard.places.crs import wgs84_to_gcj02
from dashboard.places.distance import metres
from dashboard.wire.geometry import mercator
from tests.journeys.conftest import Visit, shown
from tests.journeys.system import System, until

EVENTS = """() => { window.heard = []; for (const name of ['gc:pick', 'gc:selected', 'gc:lasso'])
  document.addEventListener(name, (e) => window.heard.push([name, e.detail])); }"""


def ready(page: Page) -> Page:
    """The map has its borders and its cases, and what it tells the page is noted."""
    expect(page.locator(".gc-map-canvas")).to_be_attached()
    page.wait_for_function("() => document.querySelector('.gc-map-canvas').width > 400 && location.hash.includes('map=')", timeout=15000)
    page.evaluate(EVENTS)
    return page


def heard(page: Page, name: str) -> list[dict[str, Any]]:
    return [detail for said, detail in page.evaluate("window.heard") if said == name]


def view(page: Page) -> tuple[float, float, float]:
    """zoom, lat, lon as the address says."""
    found = re.search(r"map=([\d.]+)/(-?[\d.]+)/(-?[\d.]+)", page.evaluate("location.hash"))
    assert found
    return float(found[1]), float(found[2]), float(found[3])


def fly(page: Page, row: dict[str, Any], zoom: float = 16) -> None:
    page.evaluate(f"gc.map.fly({row['lon']}, {row['lat']}, {zoom})")
    until(lambda: abs(view(page)[0] - zoom) < 0.01 and abs(view(page)[2] - row["lon"]) < 1e-4)


def late(page: Page) -> dict[str, Any]:
    """A case that is overdue, from the page's own model."""
    red = "(row) => row.lon && gcLightAt(row.light, row.amber, row.due, gc.now()) === 'red'"
    return dict(page.evaluate(f"[...gc.model.rows.values()].find({red})"))


def middle(page: Page) -> tuple[float, float]:
    box = page.locator(".leaflet-container").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def point(page: Page) -> None:
    """At the middle of the map, with a movement: a pointer that rests where it is says nothing."""
    x, y = middle(page)
    page.mouse.move(x + 40, y + 40)
    page.mouse.move(x, y)


def drag(page: Page, *way: tuple[float, float]) -> None:
    """Presses at the first place, goes by all the others, lets go at the last; from the middle of the map."""
    x, y = middle(page)
    page.mouse.move(x + way[0][0], y + way[0][1])
    page.mouse.down()
    for dx, dy in way[1:]:
        page.mouse.move(x + dx, y + dy, steps=4)
    page.mouse.up()


def tool(page: Page, key: str) -> Locator:
    return page.locator(f'.gc-map [data-key="{key}"]')


def test_pan_zoom_and_point(visit: Visit) -> None:
    page = ready(visit("desk", "first"))
    zoom, _, lon = view(page)
    drag(page, (0, 0), (-90, 0))
    until(lambda: view(page)[2] > lon)
    page.mouse.move(*middle(page))
    page.mouse.wheel(0, -400)
    until(lambda: view(page)[0] > zoom)
    row = late(page)
    fly(page, row)
    point(page)
    expect(page.locator(".gc-map-tip")).to_contain_text(page.evaluate(f"gc.category('{row['category']}')"))
    page.mouse.click(*middle(page))
    until(lambda: [pick["case"] for pick in heard(page, "gc:pick")] == [row["case"]])
    assert page.evaluate("location.hash").count("map=") == 1


def test_a_crumb_leads_back_and_data_moves_nothing(system: System, visit: Visit) -> None:
    page = ready(visit("desk", "first"))
    fly(page, late(page))
    crumbs = page.locator(".gc-map-crumb")
    until(lambda: crumbs.count() >= 3)
    before = view(page)
    system.report(33)
    system.settle()
    assert view(page) == before
    district = crumbs.nth(1).inner_text()
    crumbs.nth(1).click()
    until(lambda: 9 < view(page)[0] < 14)
    expect(crumbs.nth(0)).to_be_visible()
    assert district.endswith("区")


def test_the_keyboard_goes_through_cases_by_urgency(visit: Visit) -> None:
    page = ready(visit("desk", "first"))
    page.locator(".leaflet-container").focus()
    page.keyboard.press("n")
    tip = page.locator(".gc-map-tip")
    expect(tip).to_contain_text("已超期")
    first = tip.inner_text()
    page.keyboard.press("n")
    until(lambda: tip.inner_text() != first)
    page.keyboard.press("p")
    expect(tip).to_contain_text(first.split("\n")[0])
    page.keyboard.press("Enter")
    until(lambda: len(heard(page, "gc:pick")) == 1)
    lat = view(page)[1]
    page.locator(".leaflet-container").focus()
    page.keyboard.press("ArrowUp")
    until(lambda: view(page)[1] > lat)


def test_box_and_lasso_select_what_lies_inside(visit: Visit) -> None:
    page = ready(visit("desk", "first"))
    row = late(page)
    fly(page, row, 13)
    page.keyboard.down("Shift")
    drag(page, (-120, -120), (120, 120))
    page.keyboard.up("Shift")
    until(lambda: bool(heard(page, "gc:selected")))
    boxed = heard(page, "gc:selected")[-1]
    assert row["case"] in boxed["cases"] and boxed["total"] == len(boxed["cases"])
    expect(page.locator(".gc-map-status")).to_contain_text(f"已选 {boxed['total']} 件")
    tool(page, "lasso").click()
    expect(tool(page, "lasso")).to_have_attribute("aria-pressed", "true")
    drag(page, (-40, 0), (0, -40), (40, 0), (0, 40), (-38, 4))
    until(lambda: len(heard(page, "gc:selected")) == 2)
    drawn = heard(page, "gc:selected")[-1]["cases"]
    assert row["case"] in drawn and set(drawn) <= set(boxed["cases"])
    expect(tool(page, "lasso")).to_have_attribute("aria-pressed", "false")
    page.locator(".gc-map-clear").click()
    until(lambda: heard(page, "gc:selected")[-1] == {"cases": [], "total": 0})


def test_hidden_lights_are_not_selected(visit: Visit) -> None:
    page = ready(visit("desk", "first"))
    row = late(page)
    fly(page, row, 13)
    light = tool(page, "light-red")
    light.click()
    expect(light).to_have_attribute("aria-pressed", "false")
    expect(light).to_be_focused()
    expect(page.locator(".gc-map-note-filtered")).to_be_visible()
    tool(page, "box").click()
    drag(page, (-120, -120), (120, 120))
    until(lambda: bool(heard(page, "gc:selected")))
    assert row["case"] not in heard(page, "gc:selected")[-1]["cases"]
    for name in ("amber", "green", "paused", "none"):
        tool(page, f"light-{name}").click()
    tool(page, "box").click()
    drag(page, (-120, -120), (120, 120))
    expect(page.locator(".gc-map-status")).to_contain_text("没有在办案件")
    assert heard(page, "gc:selected")[-1] == {"cases": [], "total": 0}
    tool(page, "lasso").click()
    page.keyboard.press("Escape")
    expect(tool(page, "lasso")).to_have_attribute("aria-pressed", "false")


def test_the_list_says_what_the_map_shows(visit: Visit) -> None:
    page = ready(visit("desk", "first"))
    tool(page, "list").click()
    box = page.locator(".gc-map-list")
    expect(box.locator(".gc-map-list-unit")).to_have_count(11)
    rows = box.locator("li")
    assert 1 < rows.count() <= 200
    assert "▼" in rows.first.inner_text(), "the most urgent first"
    box.locator("ul").focus()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    until(lambda: len(heard(page, "gc:pick")) == 1)
    page.locator(".gc-case .gc-drawer-close").click()  # the case lies over the map
    tool(page, "light-red").click()
    until(lambda: "▼" not in rows.first.inner_text())
    box.locator(".gc-map-list-unit").first.click()
    until(lambda: view(page)[0] > 10.5)
    box.locator("ul").focus()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(tool(page, "list")).to_be_focused()


def test_a_link_shows_the_same(system: System, visit: Visit) -> None:
    page = ready(visit("desk", "first"))
    fly(page, late(page), 15.5)
    tool(page, "colour").select_option("on_time")
    expect(page.locator(".gc-map-key")).to_contain_text("低于90%")
    tool(page, "layers").click()
    with page.expect_response(re.compile(r"/map/video/[0-9a-f]+\.bin")) as points:
        tool(page, "layer-video").check()
    assert points.value.status == 200
    expect(page.locator(".gc-map-view-broken")).to_be_visible()
    tool(page, "layer-borders").uncheck()
    page.keyboard.press("Escape")
    tool(page, "light-green").click()
    tool(page, "full").click()
    page.wait_for_function("() => document.querySelector('.leaflet-container').clientWidth === innerWidth")
    tool(page, "copy").click()
    expect(page.locator(".gc-map-status")).not_to_be_empty()
    link = page.evaluate("location.pathname + location.search + location.hash")
    again = ready(visit(link.lstrip("/"), "first", size=(1440, 900)))
    assert again.evaluate("location.hash") == page.evaluate("location.hash")
    expect(tool(again, "colour")).to_have_value("on_time")
    expect(tool(again, "light-green")).to_have_attribute("aria-pressed", "false")
    expect(tool(again, "full")).to_have_attribute("aria-pressed", "true")
    expect(again.locator(".gc-map-view-broken")).to_be_visible()
    tool(again, "layers").click()
    assert [tool(again, f"layer-{name}").is_checked() for name in ("borders", "cases", "video", "names")] == [False, True, True, True]
    assert view(again) == view(page)


@pytest.mark.parametrize("lacks", ["Worker", "OffscreenCanvas"])
def test_a_browser_without_it_gets_the_same_map_and_is_told(browser: Browser, system: System, lacks: str) -> None:
    context = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    context.add_init_script(f"delete window.{lacks}")
    context.request.get(f"{system.url}/login?token={system.tokens['first']}", max_redirects=0)
    page = context.new_page()
    page.goto(f"{system.url}/desk#colour=open&list=1", wait_until="commit")
    shown(page)
    ready(page)
    expect(page.locator(".gc-map-note-slow")).to_be_visible()
    expect(page.locator(".gc-map-list li").first).to_be_visible()
    context.close()


TILE = "https://tiles.invalid/"
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")


def fractions(lon: float, lat: float) -> tuple[float, float]:
    x, y = mercator(np.array([lon]), np.array([lat]))
    return float(x[0]), float(y[0])


def test_shifted_tiles_line_up_and_nothing_shifted_leaves_the_browser(visit: Visit, browsers: Callable[[str], BrowserContext]) -> None:
    def shifted(route: Route) -> None:
        card = route.fetch().json() | {"tile_url": TILE + "{z}/{x}/{y}.png", "tile_crs": "gcj02"}
        route.fulfill(json=card)

    tiles: list[str] = []
    context = browsers("second")
    context.route("**/map/current.json*", shifted)
    context.route(TILE + "**", lambda route: (tiles.append(route.request.url), route.fulfill(body=PIXEL, content_type="image/png")))
    try:
        page = ready(visit("desk", "second"))
        row = late(page)
        east, north = (float(v[0]) for v in wgs84_to_gcj02([row["lon"]], [row["lat"]]))
        page.evaluate(f"gc.map.fly({row['lon']}, {row['lat']}, 17)")
        until(lambda: view(page)[0] == 17 and abs(view(page)[2] - east) < 2e-5 and abs(view(page)[1] - north) < 2e-5)
        page.wait_for_timeout(500)
        page.mouse.click(*middle(page))
        until(lambda: [pick["case"] for pick in heard(page, "gc:pick")] == [row["case"]])
        assert f"{TILE}17/{'/'.join(str(int(v * 2**17)) for v in fractions(east, north))}.png" in tiles
        page.keyboard.press("Escape")
        expect(page.locator(".gc-drawer")).to_be_hidden()
        page.keyboard.down("Shift")
        drag(page, (-100, -80), (100, 80))
        page.keyboard.up("Shift")
        until(lambda: bool(heard(page, "gc:selected")))
        assert row["case"] in heard(page, "gc:selected")[-1]["cases"]
        corners = heard(page, "gc:lasso")[-1]["polygon"]
        half_m = 100 * 40_075_016.686 * math.cos(math.radians(row["lat"])) / 256 / 2**17
        for lon, lat in (min(corners), max(corners)):
            assert abs(abs(metres((lon, row["lat"]), (row["lon"], row["lat"])) or 0) - half_m) < 1
            assert abs((metres((row["lon"], lat), (row["lon"], row["lat"])) or 0) - 0.8 * half_m) < 1
    finally:
        context.unroute_all()


def test_what_the_lasso_caught_is_what_the_desk_acts_on(visit: Visit) -> None:
    page = ready(visit("desk", "first"))
    fly(page, late(page), 11)
    tool(page, "lasso").click()
    drag(page, (-150, 0), (0, -150), (150, 0), (0, 150), (-148, 4))
    until(lambda: bool(heard(page, "gc:selected")))
    caught = heard(page, "gc:selected")[-1]["cases"]
    assert len(caught) > 1
    assert sorted(page.evaluate("gc.act.cases().map((row) => row.case)")) == sorted(caught)
    assert set(page.evaluate("gc.desk.api().getSelectedRows().map((row) => row.case)")) <= set(caught)
    page.keyboard.press("r")
    expect(page.locator("#gc-reassign .gc-dialog-cases")).to_contain_text(f"{len(caught)} 件")
    page.keyboard.press("Escape")
    page.locator(".gc-map-clear").click()
    until(lambda: page.evaluate("gc.desk.api().getSelectedRows().length") == 0)


def test_video_points_are_in_the_list_and_tell_their_names_when_asked(visit: Visit) -> None:
    page = ready(visit("desk", "first"))
    fly(page, late(page), 15)
    tool(page, "layers").click()
    tool(page, "layer-video").check()
    page.keyboard.press("Escape")
    tool(page, "list").click()
    points = page.locator(".gc-map-list-point")
    expect(points.first).to_contain_text("查看名称与位置")
    assert re.match(r"[●×] ", points.first.inner_text())
    points.first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".gc-map-list-point b").filter(has_not_text="查看名称与位置")).to_have_count(1)
    tool(page, "layers").click()
    tool(page, "layer-video").uncheck()
    expect(points).to_have_count(0)
