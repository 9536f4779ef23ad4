"""JupyterLite for a test: a browser that reaches this machine alone, a notebook in it, and its cells, run one by one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.website.conftest import FLAGS

START = 180_000  # milliseconds that the page and Python may take on a busy machine
# Runs the cells as a reader does, and returns them with their outputs; solutions go where an exercise wants them.
RUN = """async (solutions) => {
  const { commands, shell } = window.jupyterapp;
  const panel = shell.currentWidget;
  const cells = panel.content.model.cells;
  for (const cell of cells) {
    if (cell.type !== "code") continue;
    cell.clearExecution();
    const solution = solutions[cell.getMetadata("nbgrader")?.grade_id];
    if (solution) cell.sharedModel.setSource(solution);
  }
  await commands.execute("notebook:run-all-cells");
  return panel.content.model.toJSON().cells;
}"""


@contextmanager
def alone(browser: Browser) -> Iterator[Browser]:
    """Start a browser to which no other host exists; unlike a route, that leaves its cache as readers have it."""
    found = [os.environ.get("CHROMIUM"), *map(shutil.which, ("chromium", "google-chrome"))]
    rule = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    running = browser.browser_type.launch(
        executable_path=next((p for p in found if p), None), args=[*FLAGS, rule]
    )
    yield running
    running.close()


class Lite:
    """JupyterLite in a browser, with the troubles that its reader would have.

    Parameters
    ----------
    context : BrowserContext
        Its pages share their cache.
    address : str
        Where the site is; ends in a slash.
    """

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context, self.address = context, address
        self.troubles: list[str] = []
        context.on("request", self._note)

    def _note(self, request: Any) -> None:
        origin = self.address.split("/any/")[
            0
        ]  # JupyterLite asks for its service worker at the root of the host
        if not request.url.startswith((origin, "data:", "blob:")):
            self.troubles.append(f"request to another place: {request.url}")

    def open(self, name: str, *, ready: bool = True) -> Page:
        """Open a notebook, as ``chapters/01-neurons``; `ready` waits until Python stands."""
        page = self.context.new_page()
        page.set_default_timeout(START)
        page.on("pageerror", lambda e: self.troubles.append(f"{name}: error {e.stack}"))
        page.on("response", lambda r: r.status >= 400 and self.troubles.append(f"{name}: {r.status} {r.url}"))
        page.goto(f"{self.address}lite/notebooks/index.html?path={name}.ipynb")
        if ready:
            page.wait_for_function("window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel")
            page.wait_for_function("document.documentElement.dataset.python === 'ready'")
        return page

    def run(self, page: Page, solutions: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """Run all cells, up to the first error, with solutions in the place of empty parts, and return the cells."""
        cells: list[dict[str, Any]] = page.evaluate(RUN, dict(solutions or {}))
        return cells


def errors(cells: list[dict[str, Any]]) -> list[str]:
    """Return what a reader would see as an error: exceptions, and whatever is written to stderr."""
    said = []
    for number, cell in enumerate(cells):
        for output in cell.get("outputs", []):
            if output["output_type"] == "error":
                said.append(f"cell {number}: {output['ename']}: {output['evalue']}")
            elif output.get("name") == "stderr":
                said.append(f"cell {number}: {output['text']}")
    return said
