"""Links of the built pages, read from their HTML: none is broken, none fetches from another host."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.website.visit import PAGES

FETCHED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src", "use": "href"}


class Page(HTMLParser):
    """What a page links to, what it fetches, and where one can jump to in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.places: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        if tag == "a" and at.get("href"):
            self.links.append(at["href"] or "")
        self.places |= {at[k] or "" for k in ("id", "name") if at.get(k)}
        address = at.get(FETCHED.get(tag, ""))
        if address and not (
            tag == "link" and at.get("rel") in ("canonical", "index", "search", "next", "prev")
        ):
            self.fetched.append(address)


@cache
def read(path: Path) -> Page:
    return Page(path)


@pytest.mark.parametrize("name", PAGES)
def test_internal_links_lead_somewhere(site: Path, name: str) -> None:
    broken = []
    for link in read(site / name).links:
        url = urlsplit(link)
        if url.scheme or url.netloc:
            continue
        target = (site / name).parent / unquote(url.path) if url.path else site / name
        if target.is_dir():
            target /= "index.html"
        jump = unquote(url.fragment) if target.suffix == ".html" else ""
        if not target.is_file() or (jump and jump not in read(target).places):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("name", PAGES)
def test_page_fetches_from_its_own_site_only(site: Path, name: str) -> None:
    outside = [a for a in read(site / name).fetched if urlsplit(a).netloc or a.startswith("/")]
    assert outside == []
    assert "cdn." not in (site / name).read_text(encoding="utf-8")


def test_style_sheets_and_scripts_fetch_from_their_own_site_only(site: Path) -> None:
    for file in [*site.glob("_static/**/*.css"), *site.glob("_static/*.css")]:
        text = file.read_text(encoding="utf-8")
        assert "url(http" not in text.replace('"', "").replace("'", "").replace(" ", ""), file.name
        assert "@import url(" not in text, file.name
