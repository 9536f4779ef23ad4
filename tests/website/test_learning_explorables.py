"""Chapters 8, 9 and 13 in a real browser: the numbers that a reader sees are those of nnlib."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Locator, Page

from nnlib import Neuron, sigmoid
from nnlib.explorables import chain, descent, optimisers
from nnlib.explorables.descent import Race
from tests.website.visit import Visit, unlock


def figure_of(page: Page) -> Locator:
    unlock(page)
    figure = page.locator(".nn-explorable").first
    figure.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    return figure


def number(text: str) -> float:
    """Read a number as a page writes it."""
    return float(text.replace("−", "-"))


def race() -> Race:
    """The race of chapter 8, on the chapter's own points."""
    rng, n = np.random.default_rng(3), 32
    x = rng.uniform(-1.0, 2.6, n).round(2)
    return descent(x, (0.9 * x - 0.9 + 0.7 * rng.normal(size=n)).round(2))


@pytest.mark.parametrize("by", ["updates", "gradients"])
def test_the_board_of_the_race_is_the_run_in_numpy(visit: Visit, by: str) -> None:
    page = visit.open("chapters/08-gradient-descent.html")
    figure, wanted = figure_of(page), race()
    wanted.by = by
    if by == "gradients":
        figure.get_by_role("radio", name="one pass over the data").check(force=True)
    for steps in range(1, 5):
        figure.get_by_role("button", name="Step", exact=True).click()
        page.wait_for_timeout(100)
        wanted.steps = steps
        for runner, size, row in zip(("gd", "mini", "sgd"), (32, 8, 1), range(3), strict=True):
            cells = figure.locator(".nn-board tbody tr").nth(row).locator("td").all_inner_texts()
            path = wanted.path(runner)
            assert [int(cell) for cell in cells[:2]] == [len(path) - 1, (len(path) - 1) * size]
            assert number(cells[2]) == pytest.approx(wanted.loss(path[-1]), rel=1e-3)


def test_nothing_runs_by_itself_and_a_run_can_be_paused(visit: Visit) -> None:
    page = visit.open("chapters/08-gradient-descent.html")
    figure = figure_of(page)
    made = figure.locator(".nn-board tbody td").first
    page.wait_for_timeout(600)
    assert made.inner_text() == "0"
    figure.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_function("+document.querySelector('.nn-board tbody td').textContent > 2")
    figure.get_by_role("button", name="Pause", exact=True).click()
    page.wait_for_timeout(100)
    rested = made.inner_text()
    page.wait_for_timeout(600)
    assert made.inner_text() == rested
    figure.get_by_role("button", name="Back to start").click()
    page.wait_for_timeout(100)
    assert made.inner_text() == "0"


def test_every_factor_of_the_chain_is_that_of_nnlib(visit: Visit) -> None:
    page = visit.open("chapters/09-sigmoidal-neuron.html")
    figure, wanted = figure_of(page), chain()
    x, w = wanted.x, wanted.w
    values = figure.locator(".nn-rule b")
    for _ in range(2):  # two updates, stage by stage
        neuron = Neuron(w)
        f, delta = neuron(x), neuron.delta(x, 1.0)
        rows = [neuron.affine(x), f, (1 - f) ** 2 / 2, -(1 - f), sigmoid.derivative(neuron.affine(x)), delta]
        for done in (1, 3, 4, 5, 6, 9):
            shown = values.all_inner_texts()
            assert shown[done:] == ["…"] * (9 - done)
            for text, value in zip(shown[:done], [*rows, *(-delta * x)], strict=False):
                assert number(text) == pytest.approx(value, rel=6e-3)
            figure.locator(".nn-btn.go").click()
            page.wait_for_timeout(80)
        w = neuron.update(x, 1.0, 1.0).w
        assert [number(t) for t in values.all_inner_texts()[6:]] == pytest.approx(w.tolist(), rel=6e-3)
        figure.locator(".nn-btn.go").click()
        page.wait_for_timeout(80)
    tags = figure.locator(".nn-tag .num").all_text_contents()
    assert [number(t) for t in tags] == pytest.approx(w.tolist(), rel=6e-3)


def test_the_board_of_the_optimisers_is_the_run_of_nnlib(visit: Visit) -> None:
    page = visit.open("chapters/13-deep-training.html")
    figure, wanted = figure_of(page), optimisers()

    def agrees() -> None:
        page.wait_for_timeout(100)
        rows = figure.locator(".nn-board tbody tr")
        for runner, row in zip(("sgd", "momentum", "rmsprop", "adam"), range(4), strict=True):
            step, settled, error = rows.nth(row).locator("td").all_inner_texts()
            path = wanted.path(runner)
            errors = np.array([wanted.loss(place) for place in path])
            above = np.flatnonzero(errors > errors[0] / 100)[-1]
            assert settled == (str(above + 1) if above + 1 < len(errors) else "–")
            assert number(step) == pytest.approx(np.linalg.norm(path[-1] - path[-2]), rel=6e-3)
            assert number(error) == pytest.approx(errors[-1], rel=6e-2)  # a tiny one has two digits

    for steps, button in ((1, "Step"), (21, "20 steps"), (41, "20 steps")):
        figure.get_by_role("button", name=button, exact=True).click()
        wanted.steps = steps
        agrees()
    figure.get_by_role("radio", name="saddle").check(force=True)
    start = figure.get_by_role("button", name="Start: w1 = −2.00, w2 = 0.100")
    start.focus()
    page.keyboard.press("ArrowUp")  # from the start that suits the saddle, a tenth further from its ridge
    figure.get_by_role("button", name="20 steps").click()
    wanted = optimisers("saddle", start=(-2, 0.2))
    wanted.steps = 20
    agrees()
    figure.get_by_role("button", name="Reset", exact=True).click()
    page.wait_for_timeout(100)
    assert figure.get_by_role("radio", name="ravine", exact=True).is_checked()
    assert figure.get_by_role("button", name="Start: w1 = −2.60, w2 = 1.50").is_visible()
