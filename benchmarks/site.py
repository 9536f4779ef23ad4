"""What a reader waits for: page weight, first paint, layout shift, and the way from a slider to the redrawn picture.

    python -m benchmarks.site

measures the built site in a real browser on this machine: each page in a fresh profile, medians over several loads.
Sizes are those of the files as a server sends them with gzip.
"""

from __future__ import annotations

import gzip
import os
import shutil
import statistics
import threading
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from website.serve import server

SITE = Path(__file__).resolve().parent.parent / "_build" / "html"
PAGES = ["index.html", *sorted(f"chapters/{p.name}" for p in (SITE / "chapters").glob("*.html"))]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
LOADS = 5
PACKED = {".woff", ".woff2", ".png", ".jpg", ".zip"}  # files that gzip can't make smaller

OBSERVE = """
window.shift = 0; window.moved = [];
new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) { shift += e.value;
  moved.push([+e.value.toFixed(4), ...e.sources.slice(0, 2).map(s => s.node?.className || s.node?.nodeName)]); } })
  .observe({type: "layout-shift", buffered: true});
"""
# From the event of a key on a slider to the end of the drawing that it causes; the screen shows it at its next frame.
SLIDE = """async (handle) => {
  const view = handle.closest(".nn-explorable").querySelector("[data-draws]"), times = [];
  handle.focus();
  for (let i = 0; i < 60; i++) {
    const key = i % 2 ? "ArrowRight" : "ArrowLeft";
    const drawn = new Promise((done, fail) => {
      setTimeout(() => fail(new Error(`the slider's ${key} number ${i} changed no picture`)), 2000);
      const watch = new MutationObserver(() => { watch.disconnect(); done(performance.now()); });
      watch.observe(view, {attributeFilter: ["data-draws"]});
    });
    const event = new KeyboardEvent("keydown", {key, bubbles: true});
    handle.dispatchEvent(event);
    times.push(await drawn - event.timeStamp);
    await new Promise((go) => setTimeout(go, 40));
  }
  return times;
}"""


def packed(path: Path) -> int:
    """Return the size of a file as a server sends it."""
    data = path.read_bytes()
    return len(data) if path.suffix in PACKED else len(gzip.compress(data, 6))


def load(browser: Browser, address: str, page_name: str) -> dict[str, object]:
    """Load a page in a fresh profile, and note what came when."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(OBSERVE)
    page.goto(address + page_name)
    page.wait_for_selector("html[data-live]")
    page.wait_for_timeout(1200)
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    fetched = page.evaluate(
        "performance.getEntriesByType('resource').map(r => [decodeURI(new URL(r.name).pathname), r.responseEnd])"
    )
    files = [(page_name, 0.0)] + [(path.lstrip("/"), end) for path, end in fetched if path != "/"]
    sizes = [(packed(SITE / name), end) for name, end in files if (SITE / name).is_file()]
    result: dict[str, object] = {
        "paint": paint,
        "weight": sum(size for size, _ in sizes),
        "before": sum(size for size, end in sizes if end <= paint),
        "shift": page.evaluate("shift"),
        "moved": page.evaluate("moved"),
        "biggest": sorted(((packed(SITE / n), n) for n, _ in files if (SITE / n).is_file()), reverse=True)[
            :6
        ],
    }
    for card in page.locator("form.nn-predict").all():
        card.locator("label").first.click()
    handle = page.locator(".nn-explorable .noUi-handle").first
    if handle.count():
        page.wait_for_timeout(600)
        result["slide"] = handle.evaluate(SLIDE)
    context.close()
    return result


def percentile(values: list[float], share: float) -> float:
    """Return the value below which that share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> None:
    """Measure every page and print one row each."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    running = server(SITE)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{running.server_address[1]}/"
    print(
        "page                              first paint   KB in all   KB before   shift   slider to picture: median, 95 %"
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for name in PAGES:
            runs = [load(browser, address, name) for _ in range(LOADS)]
            middle = {
                k: statistics.median(r[k] for r in runs) for k in ("paint", "weight", "before", "shift")
            }  # type: ignore[type-var]
            event = [t for r in runs for t in r.get("slide", [])]  # type: ignore[union-attr]
            told = f"{statistics.median(event):6.1f} ms {percentile(event, 0.95):6.1f} ms" if event else ""
            print(
                f"{name:32s} {middle['paint']:10.0f} ms {middle['weight'] / 1e3:9.0f} {middle['before'] / 1e3:11.0f}"
                f" {middle['shift']:9.4f}   {told}"
            )
            if os.environ.get("DETAILS"):
                print("   ", runs[-1]["biggest"], "\n   ", runs[-1]["moved"])
        browser.close()
    running.shutdown()


if __name__ == "__main__":
    main()
