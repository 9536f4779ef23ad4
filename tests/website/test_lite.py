"""Python in the reader's browser: every notebook runs there, with every other host out of reach."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from grader import course
from tests.website import lite
from tests.website.visit import ROOT, SITE

FOLDER = SITE / "lite"
FILES = FOLDER / "files"
NOTEBOOKS = [f"chapters/{p.stem}" for p in sorted((FILES / "chapters").glob("*.ipynb"))]
EXERCISES = [p.stem for p in sorted((FILES / "exercises").glob("*.ipynb"))]
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the site was built without Python in the browser"
)
MEGABYTES = 60


@pytest.fixture(scope="module")
def alone() -> Iterator[Browser]:
    with lite.alone() as browser:
        yield browser


@pytest.fixture(scope="module")
def reader(alone: Browser, address: str) -> Iterator[lite.Lite]:
    """Return JupyterLite as one reader sees it who opens notebook after notebook."""
    context = alone.new_context(viewport={"width": 1280, "height": 900})
    found = lite.Lite(context, address)
    yield found
    context.close()
    assert not found.troubles


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_chapter_runs_in_the_browser(reader: lite.Lite, name: str) -> None:
    page = reader.open(name)
    cells = reader.run(page)
    assert lite.errors(cells) == []
    ran = [c for c in cells if c["cell_type"] == "code" and "".join(c["source"]).strip()]
    assert ran
    assert all(c["execution_count"] for c in ran)
    views = [v for v in page.locator(".nn-explorable").all() if not v.locator("svg, canvas").count()]
    assert views == [], "an explorable that draws nothing"
    page.close()


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_is_solved_in_the_browser(reader: lite.Lite, name: str) -> None:
    (master,) = course.read(ROOT / "exercises").masters([name])
    page = reader.open(f"exercises/{name}")
    assert lite.errors(reader.run(page, master.solutions)) == []
    page.close()


def test_an_empty_exercise_says_not_yet(reader: lite.Lite) -> None:
    page = reader.open(f"exercises/{EXERCISES[0]}")
    said = lite.errors(reader.run(page))
    assert said
    assert all("Not yet" in s or "still empty" in s for s in said), said
    page.close()
