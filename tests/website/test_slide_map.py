"""The page "From slides to sections": it has every slide of the lecture, in order, and its links lead somewhere."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.website.visit import CHAPTERS

# Every slide heading of the lecture, in its order. Two headings stand on two slides each, one slide has only a picture,
# and the slide on XOR has no heading but its source, so its first words stand here.
SLIDES = [
    "ECE 20875 Python for Data Science",
    "Chris Brinton and David Inouye",
    "introduction to neural networks",
    "neural networks",
    "neurons",
    "perceptrons",
    "logistic regression: single layer NN",
    "choices of activation functions",
    "decision boundaries",
    "creating decisions with neurons",
    "non-linear decision boundaries",
    "multi-layer NN structure and intuition",
    "multi-layer NN mathematical form",
    "Consider XOR classification function",
    "architecture and parameters of NN",
    "neural network architectures",
    "learning neural networks",
    "Gradient descent",
    "Stochastic Gradient Descent",
    "SGD for a sigmoidal neuron",
    "SGD for a sigmoidal neuron",
    "learning complex separators",
    "learning complex separators",
    "updating the deltas",
    "essence of backpropagation",
    "automatic differentiation",
    "(a picture without a heading)",
    "implementing neural networks",
    "deep learning training",
]


class Map(HTMLParser):
    """The first table of the page: for each row the text of its cells, and where its last cell links to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[tuple[list[str], list[str]]] = []
        self.tables = 0
        self.cell = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tables += tag == "table"
        if self.tables != 1:
            return
        if tag == "tr":
            self.rows.append(([], []))
        elif tag == "td":
            self.rows[-1][0].append("")
            self.cell = True
        elif tag == "a" and self.cell and len(self.rows[-1][0]) == 2:
            self.rows[-1][1].append(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self.cell = False

    def handle_data(self, data: str) -> None:
        if self.cell:
            self.rows[-1][0][-1] += data


class Places(HTMLParser):
    """Where one can jump to in a page: its ids."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids |= {value for key, value in attrs if key == "id" and value}


@cache
def places(page: Path) -> set[str]:
    return Places(page.read_text(encoding="utf-8")).ids


@pytest.fixture
def rows(site: Path) -> list[tuple[list[str], list[str]]]:
    found = Map((site / "slides.html").read_text(encoding="utf-8")).rows
    return [(cells, links) for cells, links in found if cells]


def test_every_slide_of_the_lecture_is_in_the_map_in_order(rows: list[tuple[list[str], list[str]]]) -> None:
    names = [cells[0] for cells, _ in rows]
    assert len(names) == len(SLIDES)
    for name, slide in zip(names, SLIDES, strict=True):
        assert slide == name or name.startswith(f"{slide} (")


def test_every_slide_leads_to_a_place_that_exists(
    site: Path, rows: list[tuple[list[str], list[str]]]
) -> None:
    for cells, links in rows:
        assert links, f"{cells[0]} leads nowhere"
        for link in links:
            url = urlsplit(link)
            assert not url.netloc
            page = site / unquote(url.path)
            assert page.is_file(), link
            assert not url.fragment or unquote(url.fragment) in places(page), link
            assert url.fragment or url.path == "index.html", f"{link}: name the section"


def test_every_chapter_is_reached_from_the_map(rows: list[tuple[list[str], list[str]]]) -> None:
    reached = {urlsplit(link).path for _, links in rows for link in links}
    assert set(CHAPTERS) <= reached
