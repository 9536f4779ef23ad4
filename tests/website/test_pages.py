"""Every page: nothing from elsewhere, nothing missing, readable on a narrow screen, open to everyone."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.website.visit import CHAPTERS, PAGES, ROOT, Visit, unlock

AXE = ROOT / "website" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
COLOURS = {"type": "rule", "values": ["color-contrast"]}


def scroll_through(page: Page) -> None:
    """Show every part of a page once, as a reader does."""
    page.evaluate(
        """async () => { for (let y = 0; y < document.documentElement.scrollHeight; y += 700) {
             scrollTo(0, y); await new Promise(requestAnimationFrame); } scrollTo(0, 0); }"""
    )


def violations(page: Page, rules: object = WCAG, within: str = "html") -> list[str]:
    page.add_script_tag(path=AXE)
    found = page.evaluate(
        """([within, rules]) => axe.run(within, {runOnly: rules, resultTypes: ["violations"]})
             .then(result => result.violations)""",
        [within, rules],
    )
    return [
        f"{v['id']} ({v['impact']}): {n['html'][:160]} {n['failureSummary'][-200:]}"
        for v in found
        for n in v["nodes"]
    ]


def test_the_site_has_every_page_of_the_book(site: Path) -> None:
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    files = [line.split("file:")[1].strip() for line in toc.splitlines() if "file:" in line]
    assert len(files) >= 7
    assert {f"{f}.html" for f in files} | {"index.html", "search.html"} <= set(PAGES)


def nameless_pictures(page: Page) -> list[str]:
    return page.evaluate(
        """() => [...document.querySelectorAll("main img, main svg, main canvas, main [role=img]")]
             .filter(e => !e.closest("[aria-hidden=true]") && !(e.alt || e.getAttribute("aria-label")
                || e.getAttribute("aria-labelledby") || e.querySelector?.(":scope > title"))
                && !(e.tagName === "CANVAS" && e.parentElement.querySelector("svg[aria-label]")))
             .map(e => e.outerHTML.slice(0, 120))"""
    )


def names_of_files(page: Page) -> list[str]:
    return page.evaluate(
        "[...document.images].map(i => i.alt).filter(a => /[0-9a-f]{12}|\\.(png|svg)/.test(a))"
    )


def shift(page: Page) -> float:
    """How far the page jumped under its reader's eyes, as browsers sum it up: parts of the screen."""
    return page.evaluate(
        """() => new Promise(done => new PerformanceObserver(list =>
             done(list.getEntries().reduce((sum, entry) => sum + entry.value, 0))
           ).observe({type: "layout-shift", buffered: true}) ?? setTimeout(() => done(0), 500))"""
    )


def heading_levels(page: Page) -> list[int]:
    return page.evaluate(
        """[...document.querySelectorAll("main :is(h1, h2, h3, h4, h5, h6)")]
             .filter(e => e.checkVisibility()).map(e => +e.tagName[1])"""
    )


@pytest.mark.parametrize("name", PAGES)
def test_page_needs_no_other_host_and_misses_nothing(visit: Visit, name: str) -> None:
    page = visit.open(name)
    assert shift(page) < 0.01
    levels = heading_levels(page)
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels)), f"a level is skipped: {levels}"
    assert nameless_pictures(page) == []
    assert names_of_files(page) == []
    scroll_through(page)
    unlock(page)
    page.wait_for_timeout(200)
    assert nameless_pictures(page) == [], "with the figure open"


@pytest.mark.parametrize(
    ("visit", "rules"),
    [
        ({"color_scheme": "light"}, WCAG),
        ({"color_scheme": "dark"}, COLOURS),
    ],  # the dark has other colours only
    indirect=["visit"],
    ids=["light", "dark"],
)
@pytest.mark.parametrize("name", PAGES)
def test_page_meets_wcag_a_and_aa(visit: Visit, name: str, rules: object) -> None:
    page = visit.open(name)
    if name in CHAPTERS:
        assert violations(page, rules, "form.nn-predict, .tag_explorable") == [], "with the figure locked"
        unlock(page)
        page.wait_for_timeout(700)  # the figure clears in half a second
    assert violations(page, rules) == []


def test_the_accessibility_check_finds_a_fault(visit: Visit) -> None:
    page = visit.open("index.html")
    page.evaluate("document.body.append(new Image())")
    page.evaluate("document.querySelector('main p').style.color = '#ccc'")
    assert any(v.startswith("image-alt") for v in violations(page))
    assert any(v.startswith("color-contrast") for v in violations(page, COLOURS))


@pytest.mark.parametrize("name", PAGES)
def test_page_fits_a_narrow_screen(visit: Visit, name: str) -> None:
    page = visit.open(name)
    unlock(page)
    for width in (768, 360, 320):
        page.set_viewport_size({"width": width, "height": 740})
        page.wait_for_timeout(200)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("visit", [{"java_script_enabled": False}], indirect=True)
@pytest.mark.parametrize("name", CHAPTERS)
def test_chapter_reads_without_scripts(visit: Visit, name: str) -> None:
    page = visit.open(name, live=False)
    assert page.locator("form.nn-predict label").first.is_visible()
    assert page.locator("[data-locked]").count() == 0
    assert page.locator("mjx-container").first.is_visible()
    assert page.locator("i[class*='fa-']").count() == 0


def test_search_finds_a_word(visit: Visit) -> None:
    page = visit.open("search.html?q=perceptron")
    page.wait_for_selector("#search-results li a")
    assert any(
        "02-perceptrons" in (a.get_attribute("href") or "")
        for a in page.locator("#search-results li a").all()
    )


@pytest.mark.parametrize("name", CHAPTERS)
def test_chapter_offers_its_executed_notebook(visit: Visit, site: Path, name: str) -> None:
    page = visit.open(name)
    with page.expect_download() as download:
        page.locator("summary", has_text="Notebook").click()
        page.get_by_role("link", name="Download .ipynb").click()
    notebook = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert notebook["nbformat"] == 4
    code = [c for c in notebook["cells"] if c["cell_type"] == "code"]
    assert all(c["execution_count"] for c in code)
    assert any(c["outputs"] for c in code)
    assert download.value.suggested_filename == Path(name).with_suffix(".ipynb").name


def test_first_chapter_links_its_exercise(visit: Visit) -> None:
    page = visit.open("chapters/01-neurons.html")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the exercise notebook").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "BEGIN SOLUTION" not in text
    assert "BEGIN HIDDEN TESTS" not in text


@pytest.mark.parametrize("visit", [{"color_scheme": "dark"}], indirect=True)
def test_the_switch_of_light_is_remembered(visit: Visit) -> None:
    page = visit.open("index.html")
    theme = "document.documentElement.dataset.theme"
    assert page.evaluate(theme) == "dark"
    for _ in range(3):
        page.get_by_role("button", name="Color mode").first.click()
        if page.evaluate(theme) == "light":
            break
    assert page.evaluate(theme) == "light"
    page = visit.open("chapters/01-neurons.html")
    assert page.evaluate(theme) == "light"
