"""The pages in a real browser: nothing on the console, no violation of the policy, keyboard, small screens, paper, contrast."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from werkzeug.serving import make_server

from service.app import app_of
from service.house import House
from tests.pages.conftest import Kept, filled, moved, settings_of
from tests.pages.test_hostile import HOSTILE
from tests.web.test_gunicorn import serving

CHROMIUM = Path("/usr/bin/chromium")
WATCH = "window.violations = []; document.addEventListener('securitypolicyviolation', e => violations.push(e.violatedDirective))"

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed (apt-get install chromium)")


@pytest.fixture(scope="module")
def site(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Kept]]:
    kept = filled(moved(house, tmp_path_factory.mktemp("site")))
    server = make_server("127.0.0.1", 0, app_of(kept.house, settings_of(kept.house)), threaded=True)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}", kept
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def watched(browser: Browser) -> Iterator[BrowserContext]:
    """A context whose pages must say nothing on the console, break no policy and ask nobody else."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(WATCH)
    told: list[str] = []
    context.on("console", lambda message: told.append(f"{message.type}: {message.text}"))
    context.on("weberror", lambda error: told.append(str(error.error)))
    context.on("request", lambda request: told.append(request.url) if "127.0.0.1" not in request.url else None)
    context.on(
        "response", lambda answer: told.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
    )
    context.on("dialog", lambda dialog: told.append(dialog.message))
    yield context
    violations = [each for page in context.pages for each in page.evaluate("window.violations || []")]
    context.close()
    assert told == [] and violations == []


def addresses(kept: Kept) -> list[str]:
    good, large = kept.traces["good_prognosis_on_olaparib"], kept.traces["two_courses_and_two_drugs"]
    return [
        "/audit", "/audit/rules", "/audit/rules/imbrication.parp-rt", "/audit/rulebooks", "/audit/integrity", "/audit/try",
        "/", "/audit/accesses", f"/audit/traces/{good}?rule=imbrication.cdk46-rt",
        f"/audit/traces/{good}", f"/audit/traces/{large}", f"/audit/try/{good}",
    ]  # fmt: skip


def test_every_page_opens_quietly_fits_small_and_large_screens_and_names_what_can_be_used(
    site: tuple[str, Kept], watched: BrowserContext
) -> None:
    base, kept = site
    page = watched.new_page()
    for address in addresses(kept):
        page.goto(base + address)

        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(e => Number(e.tagName[1]))")
        assert levels[0] == 1 and all(below <= above + 1 for above, below in pairwise(levels)), (address, levels)
        assert page.evaluate(NAMELESS) == [], address
        assert page.evaluate("getComputedStyle(document.querySelector('h1')).fontWeight") == "650", "no style"
        for width in (360, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
            assert wide[0] <= wide[1], f"{address} is {wide[0]} wide on {width}"


NAMELESS = """
[...document.querySelectorAll('a, button, select, textarea, summary, input:not([type=hidden])')]
  .filter(e => !(e.textContent.trim() || e.getAttribute('aria-label') || (e.labels && e.labels.length)))
  .map(e => e.outerHTML.slice(0, 120))
"""


def test_what_decides_is_on_the_first_screen(site: tuple[str, Kept], watched: BrowserContext) -> None:
    base, kept = site
    page = watched.new_page()
    page.goto(f"{base}/audit/traces/{kept.traces['good_prognosis_on_olaparib']}")

    def bottom(selector: str) -> float:
        box = page.locator(selector).last.bounding_box()
        assert box is not None
        return box["y"] + box["height"]

    assert bottom(".prognosis") < 400 and bottom("svg .node.card") < 900 and bottom(".sections") < 500


def test_why_a_rule_did_not_fire_is_asked_by_keyboard(site: tuple[str, Kept], watched: BrowserContext) -> None:
    base, kept = site
    page = watched.new_page()
    page.goto(f"{base}/audit/traces/{kept.traces['good_prognosis_on_olaparib']}")

    page.locator("#rule").select_option("imbrication.cdk46-rt")
    page.get_by_role("button", name="Show why").press("Enter")
    page.wait_for_url("**?rule=imbrication.cdk46-rt")

    assert "Drug class is CDK4/6 inhibitor" in page.locator(".asked").inner_text()
    page.get_by_role("button", name="Decide again").press("Enter")
    page.get_by_role("status").wait_for()
    assert "identical" in page.get_by_role("status").inner_text()


def test_the_service_as_it_runs_shows_its_pages(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        context = browser.new_context()
        context.add_init_script(WATCH)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{running.port}/")
        page.get_by_role("link", name="Try it").first.click()
        page.get_by_role("button", name=re.compile("A good prognosis")).click()
        page.wait_for_url("**/audit/try/*-*")
        page.get_by_role("link", name="The whole decision").click()
        page.get_by_role("button", name="Decide again").click()

        assert "identical" in page.get_by_role("status").inner_text()
        assert page.evaluate("violations") == [] and page.evaluate("getComputedStyle(document.body).margin") == "0px"
        context.close()


def test_tab_reaches_the_skip_link_the_navigation_and_the_form_and_enter_skips(
    site: tuple[str, Kept], watched: BrowserContext
) -> None:
    base, _ = site
    page = watched.new_page()
    page.goto(f"{base}/audit")

    reached = []
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", f"{reached[-1]} has focus and does not show it"
    page.goto(f"{base}/audit")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert reached[0] == "Skip to the content"
    assert [name for name in reached if name in ("Decisions", "Rules", "Rulebooks", "Integrity", "Try it")]
    assert [name for name in reached if name in ("rule", "since", "hook", "client", "patient")][:1] == ["rule"]
    assert "patient" in reached
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_box_of_the_picture_is_followed_by_keyboard_into_a_folded_rule(
    site: tuple[str, Kept], watched: BrowserContext
) -> None:
    base, kept = site
    page = watched.new_page()
    page.goto(f"{base}/audit/traces/{kept.traces['good_prognosis_on_olaparib']}")
    box = page.locator("svg a.node.rule.open").first
    target = str(box.get_attribute("href"))

    box.focus()
    page.keyboard.press("Enter")

    assert page.url.endswith(target)
    assert page.locator(target).is_visible()


def test_a_fact_is_changed_by_keyboard_and_the_difference_is_shown(
    site: tuple[str, Kept], watched: BrowserContext
) -> None:
    base, _ = site
    page = watched.new_page()
    page.goto(f"{base}/audit/try")
    page.get_by_role("button", name=re.compile("A good prognosis")).press("Enter")
    page.wait_for_url("**/audit/try/*-*")
    page.locator(".facts-form summary", has_text=re.compile("^Patient")).press("Enter")

    page.locator("[name='patient.ecog']").fill("4")
    page.get_by_role("button", name="See what would change").press("Enter")
    page.wait_for_url("**?from=*")

    assert page.get_by_role("heading", name=re.compile("What the change did")).is_visible()
    assert "Poor prognosis" in page.title()


def test_hostile_texts_run_nothing(site: tuple[str, Kept], watched: BrowserContext) -> None:
    base, _ = site
    page = watched.new_page()
    page.goto(f"{base}/audit/try")
    document = '{"evaluationDate":"2026-11-01","patient":%s,"facts":{"mets.status":"confirmed"},"drugs":[{"name":%s,"status":"active"}]}'
    text = HOSTILE[:150].replace('"', '\\"')

    page.locator("#document").fill(document % (f'"{text}"', f'"{text}"'))
    page.get_by_role("button", name="Judge it").click()
    page.wait_for_url("**/audit/try/*-*")

    assert "<script>alert(1)</script>" in page.inner_text("main")
    page.get_by_role("link", name="The whole decision").click()
    assert page.locator("main script, main img").count() == 0


def test_a_decision_is_printed(site: tuple[str, Kept], watched: BrowserContext) -> None:
    base, kept = site
    page = watched.new_page()
    page.goto(f"{base}/audit/traces/{kept.traces['good_prognosis_on_olaparib']}")

    paper = page.pdf(format="A4")
    page.emulate_media(media="print")

    assert paper.startswith(b"%PDF") and len(paper) > 20_000
    assert not page.locator("nav[aria-label=Pages]").is_visible() and page.locator("h1").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(site: tuple[str, Kept], browser: Browser, scheme: Any) -> None:
    base, kept = site
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    for address in ("/audit", "/audit/try", f"/audit/traces/{kept.traces['good_prognosis_on_olaparib']}"):
        page.goto(base + address)
        for told in page.evaluate(COLOURS):
            assert contrast(told["ink"], told["ground"]) >= 4.5, (address, told)
    context.close()


COLOURS = """
(() => {
  const solid = e => { for (; e; e = e.parentElement) {
    const c = getComputedStyle(e).backgroundColor; if (!c.endsWith(', 0)') && c !== 'transparent') return c; } return 'rgb(255, 255, 255)'; };
  const seen = {};
  for (const e of document.querySelectorAll('main *, header *, footer *')) {
    if (e.closest('svg') || !e.offsetParent || ![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    const ink = getComputedStyle(e).color, ground = solid(e);
    seen[ink + ground] = {ink, ground, what: e.outerHTML.slice(0, 100)};
  }
  return Object.values(seen);
})()
"""


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2.1 defines it, from 1 to 21."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
