"""JupyterLite for a test: a browser that reaches this machine alone, a notebook in it, and its cells, run one by one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.website.conftest import FLAGS

START = 240_000  # milliseconds that the page and Python may take on a busy machine
# Runs every cell, also after an error, and returns the cells with their outputs; solutions go where an exercise wants them.
RUN = """async (solutions) => {
  const { commands, shell } = window.jupyterapp;
  const panel = shell.currentWidget;
  const cells = panel.content.model.cells;
  for (let i = 0; i < cells.length; i++) {
    if (cells.get(i).type !== "code") continue;
    cells.get(i).clearExecution();
    const solution = solutions[cells.get(i).getMetadata("nbgrader")?.grade_id];
    if (solution) cells.get(i).sharedModel.setSource(solution);
    panel.content.activeCellIndex = i;
    await commands.execute("notebook:run-cell");
  }
  return panel.content.model.toJSON().cells;
}"""


@contextmanager
def alone() -> Iterator[Browser]:
    """Start a browser to which no other host exists; unlike a route, that leaves its cache as readers have it."""
    rule = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        found = [os.environ.get("CHROMIUM"), *map(shutil.which, ("chromium", "google-chrome"))]
        running = playwright.chromium.launch(
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
        """Run every cell, with solutions in the place of empty parts, and return the cells of the notebook."""
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
