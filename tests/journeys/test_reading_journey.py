"""Everything can be read: in both languages, on every screen, dark and light; and what a stranger wrote stays text."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit, shown
from tests.journeys.system import System
from tests.journeys.test_desk_journey import ask, pick

# Texts whose end is outside of what shows them. Left out: what may be shortened because it is whole elsewhere (an address in its
# tooltip and drawer, a unit's load in its tooltip, an id that can be copied, the cases in a dialog's head), and what is on the canvas.
CUT = """() => {
  const MAY = '.ag-aria-description-container, .ag-row .gc-second, .gc-load-name, .gc-menu summary, .gc-copy, .gc-dialog-cases, .gc-who, ' +
    'select, option, script, style, .gc-map, [hidden]';
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const cut = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const holder = node.parentElement;
    if (!node.textContent.trim() || holder.closest(MAY)) continue;
    if (!holder.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const text = range.getBoundingClientRect();
    const slack = 3 + parseFloat(getComputedStyle(holder).fontSize) / 4; // a font's box is higher than its letters
    for (let e = holder; e; e = e.parentElement) {
      const style = getComputedStyle(e), box = e.getBoundingClientRect();
      const scrolls = /auto|scroll/.test(style.overflowY);
      const sideways = style.overflowX !== 'visible' && (text.right > box.right + 1.5 || text.left < box.left - 1.5);
      const low = text.bottom > box.bottom + slack || text.top < box.top - slack;
      const down = style.overflowY === 'hidden' && text.height < box.height && low;
      if (sideways || down) { cut.push(node.textContent.trim().slice(0, 60) + ' in ' + e.className); break; }
      if (scrolls || e.matches('.ag-body-viewport')) break;
    }
  }
  return cut;
}"""
MARKUP = '<img src=x onerror="window.ran=1">'


def assert_readable(page: Page, what: str) -> None:
    page.evaluate("() => document.fonts.ready")
    cut = page.evaluate(CUT)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert (cut, wide) == ([], 0), what


def test_the_language_changes_without_a_reload(visit: Visit) -> None:
    page = visit("desk", "first")
    page.evaluate("window.same = true")
    page.keyboard.press("j")
    expect(page.locator(".gc-case .gc-facts")).to_be_visible()
    for lang, tab, column, action in (("en", "Savable", "Owner", "Reassign"), ("zh", "可挽救", "责任单位", "改派")):
        page.locator(f'.gc-lang[data-lang="{lang}"]').click()
        expect(page.locator(".gc-tab").first).to_contain_text(tab)
        expect(page.locator(".ag-header")).to_contain_text(column)
        expect(page.locator(".gc-case-actions")).to_contain_text(action)
    assert page.evaluate("window.same") is True


def test_dark_and_light(visit: Visit) -> None:
    page = visit("case/journey~J-0003", "first")
    ground, dark, light = "getComputedStyle(document.body).backgroundColor", "rgb(11, 16, 22)", "rgb(238, 242, 246)"
    assert page.evaluate(ground) == dark
    page.locator(".gc-theme").click()
    assert page.evaluate(ground) == light
    page.reload()
    shown(page)
    assert page.evaluate(ground) == light
    page.locator(".gc-theme").click()
    assert page.evaluate(ground) == dark


def speak(page: Page, lang: str) -> None:
    """Figures are painted in the animation frame after the language changed: half of a change is nobody's reading."""
    page.evaluate("lang => new Promise(done => { gc.setLang(lang); requestAnimationFrame(() => requestAnimationFrame(done)); })", lang)


@pytest.mark.parametrize("size", [(1920, 1080), (3840, 1080)], ids=["16x9", "32x9"])
def test_a_wall_cuts_nothing(visit: Visit, size: tuple[int, int]) -> None:
    page = visit("wall", "wall", size)
    assert_readable(page, "zh live")
    speak(page, "en")
    assert_readable(page, "en live")
    page.evaluate("gc.feedLimits.stale = 1")
    expect(page.locator(".gc-banner")).to_be_visible()
    assert_readable(page, "en stale")
    speak(page, "zh")
    assert_readable(page, "zh stale")


@pytest.mark.parametrize("width", [1366, 1440, 1920])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_desk_cuts_nothing(visit: Visit, lang: str, width: int) -> None:
    page = visit("desk", "first", size=(width, 900), lang=lang)
    assert_readable(page, "rows")
    page.keyboard.press("j")
    expect(page.locator(".gc-case .gc-facts")).to_be_visible()
    assert_readable(page, "drawer")
    ask(page)
    assert_readable(page, "reassign")
    page.keyboard.press("Escape")
    expect(page.locator("#gc-reassign")).not_to_be_visible()
    for key, act in (("e", "escalate"), ("x", "extend"), ("n", "note"), ("?", "help")):
        page.keyboard.press(key)
        expect(page.locator("#gc-help" if act == "help" else "#gc-form")).to_be_visible()
        assert_readable(page, act)
        page.keyboard.press("Escape")


def test_hostile_text_is_text(system: System, visit: Visit) -> None:
    title, address = f"{MARKUP}🚨👨‍👩‍👧", (MARKUP + "长" * 500)[:500]
    grid = system.city.grids[5].code
    case = system.report(12, title=title, place={"grid": grid, "address": address}, severity="danger")
    system.settle()
    page = visit("desk", "first")
    pick(page, case)
    expect(page.locator(".gc-case-title")).to_have_text(title)
    expect(page.locator(".gc-facts")).to_contain_text(address)
    page.locator(f'.ag-row[row-id="{case}"] [col-id="place"]').hover()
    assert_readable(page, "a long address")
    whole = visit(f"case/{case}", "first")
    expect(whole.locator(".gc-case-title")).to_have_text(title)
    for seen in (page, whole):
        assert seen.evaluate("[window.ran ?? null, document.querySelectorAll('img').length]") == [None, 0]
