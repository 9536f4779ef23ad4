"""A real browser over the built site, below a path of its own, with every other host refused.

The browser is the one that CHROMIUM names, else chromium, google-chrome, or Playwright's own. With none of them the tests
that need one are skipped, with the reason; REQUIRE_BROWSER=1 makes that a failure.
"""

from __future__ import annotations

import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.website.visit import PAGES, SITE, Visit
from website.serve import Handler

PREFIX = "/any/path/below/"  # the site must work wherever it is put
# Root may start a browser only without its sandbox; the rest keeps it from calling home.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def site() -> Path:
    """Return the folder of the built site."""
    assert PAGES, f"There is no site in {SITE}. Run 'make test', or 'make book' first."
    return SITE


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Serve the site below PREFIX; the value ends in a slash."""

    class Below(Handler):
        def translate_path(self, path: str) -> str:
            inside = path.removeprefix(PREFIX) if path.startswith(PREFIX) else "outside-of-the-site"
            return super().translate_path("/" + inside)

    class Quiet(http.server.ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A browser that leaves a page early is no error."""

    with Quiet(("127.0.0.1", 0), lambda *a: Below(*a, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}{PREFIX}"
        server.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start one browser a session."""
    with sync_playwright() as playwright:
        found = [os.environ.get("CHROMIUM"), *map(shutil.which, ("chromium", "google-chrome"))]
        path = next((p for p in found if p), None)
        try:
            running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        except PlaywrightError as error:
            reason = f"no browser: install chromium, or name one in CHROMIUM ({str(error).splitlines()[0]})"
            if os.environ.get("REQUIRE_BROWSER"):
                pytest.fail(reason)
            pytest.skip(reason)
        yield running
        running.close()


@pytest.fixture
def visit(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Return a fresh visit; options of the browser's context come by indirect parameters. Troubles fail the test."""
    context = browser.new_context(
        **{"viewport": {"width": 1280, "height": 900}, **getattr(request, "param", {})}
    )
    context.set_default_timeout(15_000)
    visit = Visit(context, address)

    def refuse_others(route: Route) -> None:
        url = route.request.url
        if url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            visit.troubles.append(f"request to another place: {url}")
            route.abort()

    context.route("**/*", refuse_others)
    yield visit
    context.close()
    assert not visit.troubles
