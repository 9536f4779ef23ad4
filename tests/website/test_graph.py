"""Chapter 11's figure in a real browser: the numbers that it shows are nnlib's, and what is typed is answered."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator

import nnlib
from nnlib.explorables.graph import formula
from tests.website.visit import Visit, unlock

CHAPTER = "chapters/11-automatic-differentiation.html"
EXPRESSIONS = ["sin(x*y) + x**2", "sigmoid(2*x - y + 1) * tanh(x*y) + x**2", "exp(-x) / (y + 2)", "x*x*x"]


def shown(figure: Locator) -> dict[str, list[str]]:
    """Return the rows of the table: name -> value and slope as printed."""
    rows = figure.locator(".nn-tape").first.locator("tbody tr").all()
    cells = [[text.strip() for text in row.locator("th, td").all_inner_texts()] for row in rows]
    return {head.split("=")[0].strip(): rest for head, *rest in cells}


def as_printed(value: float) -> str:
    """Three significant digits, as the page writes them."""
    size = abs(value)
    if size < 1e-12:
        return "0"
    if size < 1e-3:
        text = re.sub(r"e-0?", "e-", f"{size:.1e}")
    elif size >= 999.5:
        text = str(round(size))
    else:
        text = f"{size:.{2 - int(np.floor(np.log10(float(f'{size:.2e}'))))}f}"
    return ("−" if value < 0 else "") + text.replace("-", "−")


def figure_of(visit: Visit) -> Locator:
    page = visit.open(CHAPTER)
    unlock(page)
    figure = page.locator(".nn-explorable").first
    figure.scroll_into_view_if_needed()
    return figure


def press(figure: Locator, name: str) -> None:
    figure.get_by_role("button", name=name, exact=True).click()
    figure.page.wait_for_timeout(80)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_both_modes_show_the_slopes_of_nnlib(visit: Visit, expression: str) -> None:
    figure, f = figure_of(visit), formula(expression)
    figure.get_by_role("textbox").fill(expression)
    x, y = np.float64(1.5), np.float64(0.5)
    slopes = {
        "x": nnlib.grad(lambda a: f(a, y))(x),
        "y": nnlib.grad(lambda b: f(x, b) + 0.0 * b)(y),
    }
    for name in ("x", "y"):
        figure.get_by_role("radio", name=f"forward, by {name}").check(force=True)
        press(figure, "To the end")
        last = list(shown(figure).values())[-1]
        assert last == [as_printed(f(x, y)), as_printed(slopes[name])]
    figure.get_by_role("radio", name="reverse").check(force=True)
    press(figure, "To the end")
    rows = shown(figure)
    for name in rows.keys() & slopes.keys():
        assert rows[name] == [as_printed(np.float64({"x": x, "y": y}[name])), as_printed(slopes[name])]
    boxes = figure.locator(".nn-op .slope").all_text_contents()
    assert sorted(boxes) == sorted(slope for _, slope in rows.values()), "picture and table agree"


def test_each_click_is_one_node_and_back_takes_it_back(visit: Visit) -> None:
    figure = figure_of(visit)
    start = shown(figure)
    assert start["x"] == ["1.50", "1.00"]
    assert start["v1"] == ["", ""]
    press(figure, "Next node")
    one = shown(figure)
    assert one["v1"] == ["0.750", "0.500"]
    assert one["v2"] == ["", ""]
    press(figure, "Next node")
    press(figure, "Back")
    assert shown(figure) == one
    press(figure, "Reset")
    assert shown(figure) == start


def test_a_mistake_is_marked_and_the_last_graph_stays(visit: Visit) -> None:
    figure = figure_of(visit)
    before, field = shown(figure), figure.get_by_role("textbox")
    field.fill("sin(x*y) + x^2")
    field.press("Enter")
    message = figure.locator(".nn-mistake")
    assert message.locator("mark").inner_text() == "^"
    assert "For a power write **" in message.inner_text()
    assert "At character 13" in message.inner_text()
    assert field.get_attribute("aria-invalid") == "true"
    assert shown(figure) == before
    field.fill("x * y")
    figure.page.wait_for_timeout(100)
    assert message.inner_text() == ""
    assert field.get_attribute("aria-invalid") is None
    assert shown(figure) != before


def test_half_typed_is_no_mistake_until_the_typing_rests(visit: Visit) -> None:
    figure = figure_of(visit)
    field, message = figure.get_by_role("textbox"), figure.locator(".nn-mistake")
    field.fill("sin(")
    assert message.inner_text() == ""
    figure.page.wait_for_timeout(900)
    assert "Something is missing after (." in message.inner_text()


def test_steps_go_by_keyboard(visit: Visit) -> None:
    figure = figure_of(visit)
    figure.get_by_role("textbox").focus()
    for _ in range(12):
        figure.page.keyboard.press("Tab")
        if figure.page.evaluate("document.activeElement.textContent") == "Next node":
            break
    figure.page.keyboard.press("Enter")
    figure.page.wait_for_timeout(80)
    assert shown(figure)["v1"] == ["0.750", "0.500"]


@pytest.mark.parametrize("width", [320, 360])
@pytest.mark.parametrize("expression", [*EXPRESSIONS, "(sin(x)+cos(y))*(exp(x)+tanh(y)) - (x*y + 2/x)"])
def test_boxes_stand_apart_on_a_phone(visit: Visit, width: int, expression: str) -> None:
    figure = figure_of(visit)
    figure.page.set_viewport_size({"width": width, "height": 740})
    figure.get_by_role("textbox").fill(expression)
    figure.page.wait_for_timeout(150)
    boxes = figure.locator(".nn-op .paper").evaluate_all(
        "es => es.map(e => e.getBoundingClientRect().toJSON())"
    )
    assert len(boxes) >= 3
    for k, a in enumerate(boxes):
        assert a["left"] >= 0
        assert a["right"] <= width
        for b in boxes[:k]:
            apart = a["left"] >= b["right"] or b["left"] >= a["right"]
            assert apart or a["top"] >= b["bottom"] or b["top"] >= a["bottom"]
    assert figure.page.evaluate("document.documentElement.scrollWidth") <= width
