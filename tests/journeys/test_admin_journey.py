"""Data quality through a browser: the list, the same places on the map, what an import found, and who may look."""

from __future__ import annotations

from dashboard.places.finding import Finding
from dashboard.places.version import PlaceImport
from tests.journeys.conftest import Visit
from tests.journeys.system import System

RING = "() => document.querySelector('.leaflet-gc-findings-pane canvas, .leaflet-gc-findings-pane path')"


def test_a_refused_import_is_on_the_list_and_on_the_map(system: System, visit: Visit) -> None:
    grid = system.city.grids[0]
    lon, lat = grid.rings[0][0]
    crossing = Finding("crosses_itself", "feature 1", grid.code, detail="<b>self-intersection</b>", lon=lon, lat=lat)
    system.registry.note_import(PlaceImport("grids", "new<i>.geojson", None, False, findings=[crossing]))
    page = visit("admin", "chief")
    page.locator(".gc-import-refused").wait_for()
    assert page.locator(".gc-import-file").first.inner_text() == "new<i>.geojson"
    page.locator("[data-import]").first.click()
    row = page.locator(".gc-finding")
    row.get_by_text("<b>self-intersection</b>").wait_for()
    page.wait_for_function(RING)
    row.click()
    page.wait_for_function(f"() => location.hash.includes('/{lat:.2f}')", timeout=15000)
    assert row.get_attribute("aria-current") == "true"
    page.locator(".gc-lang[data-lang=en]").click()
    page.get_by_text("Border crosses itself", exact=True).wait_for()


def test_the_page_is_not_for_everybody(visit: Visit) -> None:
    page = visit("admin", "first")
    assert page.evaluate("document.documentElement.dataset.page") == "desk"
    assert page.locator("a[href='/admin']").count() == 0
