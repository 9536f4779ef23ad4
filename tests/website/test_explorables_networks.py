"""Chapters 5 and 7 in a real browser: the numbers that the page shows are nnlib's."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page

from nnlib.explorables import builder
from nnlib.explorables.family import MEMBERS, count
from tests.website.visit import Visit, unlock


def figure_of(page: Page) -> Locator:
    unlock(page)
    figure = page.locator(".nn-explorable").first
    figure.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    return figure


def shown(figure: Locator) -> list[list[float]]:
    """What the list says that each layer answers."""
    rows = figure.locator(".nn-layers .out").all()
    return [[float(v.replace("−", "-")) for v in row.locator("span").all_inner_texts()] for row in rows]


def agree(figure: Locator, **settings: object) -> None:
    """Compare the list, the sums of parameters and the output with the network of the same weights."""
    ours = builder(**settings)  # type: ignore[arg-type]
    outputs = ours.net.activations([ours.x1, ours.x2])[1:]
    found = shown(figure)
    assert [len(row) for row in found] == [len(h) for h in outputs]
    for row, h in zip(found, outputs, strict=True):
        assert row == [float(f"{value:.2g}") for value in h]  # two significant digits are shown
    counts = [int(text) for text in figure.locator(".nn-layers b").all_inner_texts()]
    assert counts == [layer.W.size + layer.b.size for layer in ours.net.layers]
    assert figure.locator(".nn-total b").inner_text() == str(ours.net.n_parameters)
    assert figure.locator("canvas.tile").count() == sum(ours.sizes[1:-1])


def test_the_network_of_chapter_5_is_the_one_of_nnlib(visit: Visit) -> None:
    page = visit.open("chapters/05-layers.html")
    figure = figure_of(page)
    agree(figure)
    figure.get_by_role("radio", name="ReLU").check(force=True)
    page.wait_for_timeout(200)
    agree(figure, activation="relu")
    figure.get_by_role("button", name="New weights").click()
    page.wait_for_timeout(200)
    agree(figure, activation="relu", seed=183)
    width, depth = (figure.locator(".noUi-handle").nth(i) for i in (0, 1))
    width.focus()
    page.keyboard.press("ArrowRight")
    depth.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(200)
    agree(figure, activation="relu", seed=183, width=5, depth=4)
    figure.locator(".nn-handle").focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.wait_for_timeout(200)
    agree(figure, activation="relu", seed=183, width=5, depth=4, x1=0.5)
    figure.get_by_role("button", name="Reset", exact=True).click()
    page.wait_for_timeout(200)
    agree(figure)


def test_each_member_of_chapter_7_counts_as_python_does(visit: Visit) -> None:
    page = visit.open("chapters/07-architectures.html")
    figure = figure_of(page)
    pictures = set()
    for member in MEMBERS:
        figure.get_by_role("radio", name=re.compile(f"^{member}")).check(force=True)
        page.wait_for_timeout(200)
        totals = [int(text.replace(",", "")) for text in figure.locator(".nn-rule b").all_inner_texts()]
        assert tuple(totals) == count(member, 12)
        assert figure.locator(".nn-news").inner_text().startswith(member)
        pictures.add(figure.locator(".nn-sheet svg").evaluate("svg => svg.outerHTML"))
    assert len(pictures) == len(MEMBERS)
