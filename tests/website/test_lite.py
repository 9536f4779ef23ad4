"""Python in the reader's browser: every notebook runs there, with every other host out of reach."""

from __future__ import annotations

import http.server
import threading
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from grader import course
from tests.website import lite
from tests.website.visit import CHAPTERS, ROOT, SITE, Visit

FOLDER = SITE / "lite"
FILES = FOLDER / "files"
NOTEBOOKS = [f"chapters/{p.stem}" for p in sorted((FILES / "chapters").glob("*.ipynb"))]
EXERCISES = [p.stem for p in sorted((FILES / "exercises").glob("*.ipynb"))]
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the site was built without Python in the browser"
)
MEGABYTES = 60


@pytest.fixture(scope="module")
def alone(browser: Browser) -> Iterator[Browser]:
    with lite.alone(browser) as running:
        yield running


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
    assert said, "the first check fails"
    assert all("Not yet" in s or "still empty" in s for s in said), said
    page.close()


# What it costs


def test_its_folder_is_small_enough() -> None:
    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) < MEGABYTES * 1e6


@pytest.mark.parametrize("name", CHAPTERS[:1])
def test_a_chapter_itself_loads_nothing_of_it(visit: Visit, name: str) -> None:
    asked: list[str] = []
    visit.context.on("request", lambda request: asked.append(request.url))
    page = visit.open(name)
    page.wait_for_load_state("networkidle")
    assert asked
    assert [url for url in asked if "/lite/" in url] == []
    link = page.get_by_role("link", name="Run in the browser")
    assert (
        link.get_attribute("href") == f"../lite/notebooks/index.html?path={name.removesuffix('.html')}.ipynb"
    )


# The reader's own changes

SOURCE = "window.jupyterapp.shell.currentWidget.content.model.cells.get(1).sharedModel"


def test_changes_are_kept_and_one_can_start_afresh(reader: lite.Lite) -> None:
    name = NOTEBOOKS[0]
    page = reader.open(name)
    before = page.evaluate(f"{SOURCE}.getSource()")
    page.evaluate(f"{SOURCE}.setSource('Mine.')")
    page.evaluate("void window.jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")
    page.close()
    page = reader.open(name)
    assert page.evaluate(f"{SOURCE}.getSource()") == "Mine."
    page.evaluate(
        f"window.jupyterapp.serviceManager.contents.delete('{name}.ipynb')"
    )  # as the list's menu does
    page.close()
    page = reader.open(name)
    assert page.evaluate(f"{SOURCE}.getSource()") == before
    page.close()


# What can go wrong: a sentence, and what to do


def notice(page: Page, id: str, *words: str) -> None:
    """Expect the sentence with these words."""
    box = page.locator(f"#{id}")
    box.wait_for(timeout=lite.START)
    for word in words:
        expect(box).to_contain_text(word)
    expect(box).to_have_attribute("role", "alert")


@pytest.fixture
def other(alone: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Return a maker of readers with a browser of another kind."""
    made: list[BrowserContext] = []

    def make(script: str = "", **options: object) -> BrowserContext:
        context = alone.new_context(**options)  # type: ignore[arg-type]
        if script:
            context.add_init_script(script)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.mark.parametrize("script", ["delete globalThis.WebAssembly", "delete globalThis.DecompressionStream"])
def test_a_browser_too_old_for_python(
    other: Callable[..., BrowserContext], address: str, script: str
) -> None:
    page = lite.Lite(other(script), address).open(NOTEBOOKS[0], ready=False)
    notice(
        page,
        "nn-no-python",
        "this browser lacks what Python needs",
        "Use a current",
        "Download this notebook",
    )
    link = page.locator("#nn-no-python a")
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == f"{Path(NOTEBOOKS[0]).name}.ipynb"


def test_without_a_service_worker_the_cells_run(other: Callable[..., BrowserContext], address: str) -> None:
    context = other("navigator.serviceWorker.register = async () => { throw new Error('not here'); }")
    found = lite.Lite(context, address)
    page = found.open(f"exercises/{EXERCISES[0]}")
    notice(page, "nn-no-service", "The cells run", "input()", "Open an ordinary window")
    (master,) = course.read(ROOT / "exercises").masters([EXERCISES[0]])
    assert lite.errors(found.run(page, master.solutions)) == []


def test_a_window_that_keeps_nothing(other: Callable[..., BrowserContext], address: str) -> None:
    script = "IDBFactory.prototype.open = () => { throw new DOMException('refused', 'SecurityError'); }"
    page = lite.Lite(other(script), address).open(NOTEBOOKS[0], ready=False)
    notice(page, "nn-no-storage", "your changes are lost when you leave", "Download it")
    page.locator("#nn-no-storage button", has_text="Close").click()
    expect(page.locator("#nn-no-storage")).to_have_count(0)


# The browser's storage refuses whatever is written from some moment on.
FULL = """const put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (...given) {
  if (window.full) throw new DOMException("There is no space left.", "QuotaExceededError");
  return put.apply(this, given);
};"""


def test_a_full_storage(other: Callable[..., BrowserContext], address: str) -> None:
    page = lite.Lite(other(FULL), address).open(NOTEBOOKS[0])
    page.evaluate("window.full = true")
    page.evaluate(f"{SOURCE}.setSource('Mine.')")
    page.evaluate("void window.jupyterapp.commands.execute('docmanager:save')")
    notice(page, "nn-full", "your latest changes are not saved", "Download it")


def refuse(context: BrowserContext, pattern: str, times: int) -> None:
    """Break off the first requests for a file."""
    left = [times]

    def answer(route: Route) -> None:
        left[0] -= 1
        if left[0] >= 0:
            route.abort()
        else:
            route.continue_()

    context.route(pattern, answer)


def test_a_file_that_never_comes(other: Callable[..., BrowserContext], address: str) -> None:
    context = other()
    refuse(context, "**/nnlib.bin*", 100)
    page = lite.Lite(context, address).open(NOTEBOOKS[0], ready=False)
    notice(page, "nn-no-python", "Python did not start", "Reload the page", "Try again")
    context.unroute("**/nnlib.bin*")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_function("document.documentElement.dataset.python === 'ready'", timeout=lite.START)
    expect(page.locator(".nn-notice")).to_have_count(0)


def test_a_stumble_at_the_start_is_made_good(other: Callable[..., BrowserContext], address: str) -> None:
    context = other()
    refuse(
        context, "**/nnlib.bin*", 2
    )  # the early start asks twice, and fails; the notebook then gets a fresh one
    found = lite.Lite(context, address)
    page = found.open(f"exercises/{EXERCISES[0]}")
    (master,) = course.read(ROOT / "exercises").masters([EXERCISES[0]])
    assert lite.errors(found.run(page, master.solutions)) == []
    expect(page.locator(".nn-notice")).to_have_count(0)


def test_silence_is_told(other: Callable[..., BrowserContext], address: str) -> None:
    context = other()
    context.route("**/packages.bin*", lambda route: None)
    page = context.new_page()
    page.clock.install()
    page.goto(f"{address}lite/notebooks/index.html?path={NOTEBOOKS[0]}.ipynb")
    page.clock.fast_forward(95_000)
    notice(page, "nn-no-python", "nothing has been heard of it", "wait")


# Without a network


def test_the_archive_of_the_site_works_from_any_static_server(alone: Browser, tmp_path: Path) -> None:
    with zipfile.ZipFile(SITE / "downloads" / "course-site.zip") as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "course-site"
    assert "python serve.py" in (folder / "README.txt").read_text(encoding="utf-8")
    compile((folder / "serve.py").read_text(encoding="utf-8"), "serve.py", "exec")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        context = alone.new_context()
        found = lite.Lite(context, f"http://127.0.0.1:{server.server_address[1]}/")
        page = context.new_page()
        page.goto(f"{found.address}chapters/01-neurons.html")
        page.wait_for_selector(".nn-explorable [data-draws]")
        page = found.open(f"exercises/{EXERCISES[0]}")
        (master,) = course.read(ROOT / "exercises").masters([EXERCISES[0]])
        assert lite.errors(found.run(page, master.solutions)) == []
        context.close()
        server.shutdown()
    assert not found.troubles


def test_the_archive_of_notebooks_holds_all_and_what_they_require() -> None:
    with zipfile.ZipFile(SITE / "downloads" / "course-notebooks.zip") as archive:
        names = {name.removeprefix("course-notebooks/") for name in archive.namelist()}
        requirement = archive.read("course-notebooks/requirements.txt").decode()
    assert {f"{n}.ipynb" for n in NOTEBOOKS} | {f"exercises/{n}.ipynb" for n in EXERCISES} <= names
    assert requirement.startswith("nnlib[course] @ git+https://")
