"""What the browser tests share: the pages of the built site, and a visit that notes whatever a reader would suffer from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "html"
PAGES = sorted(
    p.relative_to(SITE).as_posix()
    for p in SITE.rglob("*.html")
    if not {"_static", "lite", "reports"} & set(p.relative_to(SITE).parts)
)
CHAPTERS = [p for p in PAGES if p.startswith("chapters/")]


@dataclass
class Visit:
    """A context of its own, which notes whatever a reader would suffer from."""

    context: BrowserContext
    address: str
    troubles: list[str] = field(default_factory=list)

    def open(self, name: str, *, live: bool = True) -> Page:
        """Open a page of the site and wait until its figures stand."""
        page = self.context.new_page()
        page.on("pageerror", lambda e: self.troubles.append(f"{name}: error {e}"))
        page.on("console", lambda m: m.type == "error" and self.troubles.append(f"{name}: console {m.text}"))
        page.on("response", lambda r: r.status >= 400 and self.troubles.append(f"{name}: {r.status} {r.url}"))
        page.goto(self.address + name)
        if live:
            page.wait_for_selector("html[data-live]", timeout=30_000)
            page.wait_for_function("document.fonts.status === 'loaded'")
        return page


def unlock(page: Page) -> None:
    """Answer every prediction of a page, so that all its figures are open."""
    for card in page.locator("form.nn-predict").all():
        card.locator("label").first.click()
    page.wait_for_function("!document.querySelector('[data-locked]')")
