"""One running system and one browser for the folder; each test gets its own people (browser contexts)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.journeys.system import System, until
from tests.skips import BROWSERS

CASES = 300
SIZES = {"wall": (1920, 1080), "desk": (1440, 900), "case": (1440, 900), "admin": (1440, 900), "handover": (1440, 900)}
Visit = Callable[..., Page]
crowded = pytest.mark.flaky(reruns=1)
"""For a journey with three pages that draw a map, or with processes that are frozen or started beside the others: on two cores it may be
slower than a person would wait. It may be tried once more, and is named at the end of the run (tests/skips.py)."""
expect.set_options(timeout=15_000)
"""A journey asserts what is shown, never how soon: CI's machine may be busy with something else."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.journey)


def chromium() -> str:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium on this machine: the journeys through a real browser were not tested")
    return found


# Only for this folder: playwright keeps an event loop in its thread, and other tests need theirs.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as p:
        # Nothing but this machine can be reached: a page that needs the internet fails here.
        args = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost"]
        made = p.chromium.launch(executable_path=path, args=args)
        yield made
        made.close()


@pytest.fixture(scope="package")
def system(browser: Browser) -> Iterator[System]:
    """Asks for the browser first: without one there is no need to start anything."""
    with tempfile.TemporaryDirectory(prefix="gc-journey-", ignore_cleanup_errors=True) as folder:
        made = System(Path(folder))
        try:
            made.wait()
            made.fill(CASES)
            yield made
        finally:
            made.stop()


@pytest.fixture(scope="package")
def browsers(browser: Browser, system: System) -> Callable[[str], BrowserContext]:
    """Each person's browser: signed in once, and keeps scripts as a browser does."""
    made: dict[str, BrowserContext] = {}

    def of(who: str) -> BrowserContext:
        if who not in made:
            made[who] = browser.new_context(locale="zh-CN")
            made[who].request.get(f"{system.url}/login?token={system.tokens[who]}", max_redirects=0)
        return made[who]

    return of


@pytest.fixture
def visit(browsers: Callable[[str], BrowserContext], system: System) -> Iterator[Visit]:
    """`visit("desk", "first", size=…, lang="en")` opens a page as somebody and waits until it shows data."""
    pages: list[Page] = []

    def open_(page: str, who: str, size: tuple[int, int] | None = None, lang: str = "zh") -> Page:
        browsers(who).add_cookies([{"name": "gc_lang", "value": lang, "url": system.url}])
        made = browsers(who).new_page()
        pages.append(made)
        width, height = size or SIZES[page.split("/")[0]]
        made.set_viewport_size({"width": width, "height": height})
        made.goto(f"{system.url}/{page}", wait_until="commit")
        shown(made)
        return made

    yield open_
    for page in pages:
        page.close()


@pytest.fixture
def unalarmed(system: System) -> None:
    """Nothing rings: what other journeys have escalated or reported is acknowledged, by whom it reaches."""
    for who in ("commander", "chief"):
        told = system.get("/api/v1/snapshot", who)[1]["alarms"]
        for case in {case for a in told if a["acknowledged"] is None for case in a["cases"] or [a["case"]]}:
            system.send(case, "acknowledge", system.case(case)["version"], {}, who)
    until(lambda: all(a["acknowledged"] for a in system.get("/api/v1/snapshot", "chief")[1]["alarms"]))


LIVE = "document.documentElement.dataset.gcFeed === 'live' && gc.model.loaded"
SHOWN = {
    "wall": "/\\d/.test(document.querySelector('.gc-figure-value').textContent) && document.querySelector('.gc-slot:not([hidden])')",
    "desk": "document.querySelectorAll('.gc-grid .ag-row').length > 3",
    "case": "document.querySelector('.gc-case')",
    "handover": "document.querySelector('.gc-sheet, .gc-handover .gc-notice')",
    "admin": "document.querySelector('.gc-finding-list, .gc-findings .gc-notice')",
}


def shown(page: Page) -> None:
    """Until the page is live and has its data."""
    page.wait_for_function(f"() => {LIVE}", timeout=15000)
    kind = page.evaluate("document.documentElement.dataset.page")
    page.wait_for_function(f"() => {SHOWN[kind]}", timeout=15000)
