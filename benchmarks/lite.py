"""How long Python in the browser takes from the click to the first cell's result, beside an untouched JupyterLite.

    python -m benchmarks.lite                  as fast as this machine serves
    python -m benchmarks.lite --mbit 30        over a link of 30 Mbit/s

Both are of the same versions, from one machine, in fresh profiles. They take turns; each pair gives a ratio, and the median
of the ratios counts. `make book` comes first.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.site import FLAGS
from website.lite import app, build, pyodide
from website.serve import Handler, http

ROOT = Path(__file__).resolve().parent.parent
OURS = ROOT / "_build" / "html" / "lite"
# What the untouched kernel installs from Pyodide, and what the cell imports.
STOCK = ("micropip", "ssl", "sqlite3", "jedi", "ipython", "numpy", "matplotlib")
CELL = "import numpy as np\nprint('the sum is', np.arange(4).sum())"
SAYS = "the sum is 6"


def notebook(folder: Path) -> Path:
    """Write the notebook that both open."""
    path = folder / "chapters" / "first.ipynb"
    path.parent.mkdir(parents=True)
    cell = {"cell_type": "code", "id": "first", "source": CELL, "metadata": {}}
    cell |= {"execution_count": None, "outputs": []}
    kernel = {"name": "python", "display_name": "Python", "language": "python"}
    whole = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(whole), encoding="utf-8")
    return folder


def stock(work: Path) -> Path:
    """Build JupyterLite as it comes, with Pyodide's own files beside it."""
    folder = pyodide.fetch()
    official = json.loads((folder / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    chosen: dict[str, str] = {}
    waiting = list(STOCK)
    while waiting:
        entry = official[waiting.pop().replace("_", "-").lower()]
        if entry["file_name"] not in chosen:
            chosen[entry["file_name"]] = entry["sha256"]
            waiting += entry["depends"]
    more = pyodide.fetch(pyodide.cache().with_name(f"stock-{pyodide.VERSION}"), chosen)
    out = app.build(build.PYTHON, notebook(work / "notebooks"), work / "app", plain=True)
    (out / "pyodide").mkdir()
    for name in pyodide.CORE:
        shutil.copy2(folder / name, out / "pyodide")
    for name in chosen:
        shutil.copy2(more / name, out / "pyodide")
    # The untouched kernel asks PyPI for this one; here it is spared the way.
    (comm,) = (ROOT / "_build" / "lite" / "wheels").glob("comm-*.whl")
    shutil.copy2(comm, out / "pyodide")
    lock = json.loads((out / "pyodide" / "pyodide-lock.json").read_text(encoding="utf-8"))
    lock["packages"]["comm"] = {
        **lock["packages"]["traitlets"],
        "name": "comm",
        "version": comm.name.split("-")[1],
        "file_name": comm.name,
        "sha256": hashlib.sha256(comm.read_bytes()).hexdigest(),
        "imports": ["comm"],
        "depends": ["traitlets"],
    }
    (out / "pyodide" / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    return out


def ours(work: Path) -> Path:
    """Return the course's own, with the same notebook."""
    out = work / "ours"
    shutil.copytree(OURS, out)
    made = app.build(build.PYTHON, notebook(work / "notebooks"), work / "app", plain=True)
    for name in ("api", "files"):
        shutil.rmtree(out / name)
        shutil.copytree(made / name, out / name)
    return out


def served(folder: Path, mbit: float) -> http.server.ThreadingHTTPServer:
    """Serve a folder; a link of some Mbit/s is shared by all requests."""
    gate, free = threading.Lock(), [0.0]

    class Slow(Handler):
        def copyfile(self, source: object, outputfile: object) -> None:
            while part := source.read(16_384):  # type: ignore[attr-defined]
                if mbit:
                    with gate:
                        free[0] = max(free[0], time.monotonic()) + len(part) * 8 / (mbit * 1e6)
                        wait = free[0] - time.monotonic()
                    time.sleep(max(0.0, wait))
                outputfile.write(part)  # type: ignore[attr-defined]

    class Quiet(http.server.ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A browser that leaves a page early is no error."""

    running = Quiet(("127.0.0.1", 0), lambda *a: Slow(*a, directory=str(folder)))
    threading.Thread(target=running.serve_forever, daemon=True).start()
    return running


def seconds(browser: Browser, address: str) -> float:
    """Return the seconds from the click to the result, for a reader who runs the cell as soon as it stands there."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(300_000)
    begin = time.perf_counter()
    page.goto(f"{address}/notebooks/index.html?path=chapters/first.ipynb", wait_until="commit")
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Control+Enter")
    page.locator(".jp-OutputArea-output", has_text=SAYS).wait_for()
    took = time.perf_counter() - begin
    context.close()
    return took


def main() -> None:
    """Measure, and print both medians and the median of the paired ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lite", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mbit", type=float, default=0.0, help="the link's speed (default: no limit)")
    options = parser.parse_args()
    makers: list[Callable[[Path], Path]] = [stock, ours]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        places = []
        for make in makers:
            (Path(folder) / make.__name__).mkdir()
            running = served(make(Path(folder) / make.__name__), options.mbit)
            places.append(f"http://127.0.0.1:{running.server_address[1]}")
        path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        pairs = []
        for number in range(options.rounds + 1):
            order = (0, 1) if number % 2 else (1, 0)
            took = {which: seconds(browser, places[which]) for which in order}
            if number:  # the first round warms the machine's disks
                pairs.append((took[0], took[1]))
                print(
                    f"untouched {took[0]:5.1f} s   ours {took[1]:5.1f} s   {took[1] / took[0]:.2f}",
                    flush=True,
                )
        browser.close()
    middle = [statistics.median(column) for column in zip(*pairs, strict=True)]
    ratio = statistics.median(b / a for a, b in pairs)
    print(f"median:   {middle[0]:5.1f} s        {middle[1]:5.1f} s   {ratio:.2f} (of the pairs)")


if __name__ == "__main__":
    main()
