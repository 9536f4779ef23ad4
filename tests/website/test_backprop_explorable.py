"""Chapter 10's figure in a real browser: every value, delta and new weight that it shows is that of nnlib.backprop."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator

from nnlib import Dense, Sequential, Trace, backprop, sigmoid
from tests.website.visit import Visit, unlock

CHAPTER = "chapters/10-backpropagation.html"
STAGES = ["Hidden forward", "Output forward", "Output delta", "Hidden deltas", "Weights update"]
READ = """figure => {
  const texts = (selector) => [...figure.querySelectorAll(selector)].map(e => e.textContent);
  return {
    neurons: [...figure.querySelectorAll(".nn-neuron")].map(g => [...g.querySelectorAll(".num")].map(e => e.textContent)),
    deltas: [...figure.querySelectorAll(".nn-delta")].map(e => e.getAttribute("visibility") ? "" : e.textContent),
    error: figure.querySelector(".bp-error:not([visibility])")?.textContent ?? "",
    facts: texts(".bp-fact"), rows: texts(".bp-lines b"),
    chips: Object.fromEntries([...figure.querySelectorAll(".bp-chip")].map(b => [b.dataset.key,
      ["s", "b"].map(tag => b.querySelector(tag)?.textContent ?? b.querySelector(".face").lastChild.textContent)])),
    words: figure.querySelector(".nn-say").textContent };
}"""


@dataclass
class Net:
    """The network of the figure, trained by nnlib."""

    W: Any = field(default_factory=lambda: np.array([[0.8, -0.4], [-0.6, 0.9], [0.3, 0.5]]))
    w: Any = field(default_factory=lambda: np.array([0.7, -0.9, 0.4]))
    x: Any = field(default_factory=lambda: np.array([1.0, 0.5]))
    y: float = 1.0
    alpha: float = 1.0

    def trace(self) -> Trace:
        net = Sequential(Dense(2, 3, sigmoid, W=self.W), Dense(3, 1, sigmoid, W=self.w[None]))
        return backprop(net, self.x, [self.y])

    def updated(self) -> Net:
        inner, outer = self.trace().grads.layers
        W, w = self.W - self.alpha * inner.W, self.w - self.alpha * outer.W[0]
        return Net(W, w, self.x, self.y, self.alpha)

    def weights(self) -> dict[str, float]:
        inner = {f"W{j + 1}{i + 1}": self.W[j, i] for j in range(3) for i in range(2)}
        return inner | {f"w{j + 1}": self.w[j] for j in range(3)}

    def set(self, key: str, value: float) -> None:
        array = getattr(self, key[0])
        array[tuple(int(digit) - 1 for digit in key[1:])] = value


def agrees(text: str, value: float) -> bool:
    """Does a number as it is written equal `value`, to the digits that it shows?"""
    text = text.replace("−", "-").strip()
    mantissa, _, power = text.partition("e")
    unit = 10.0 ** (int(power or 0) - len(mantissa.partition(".")[2]))
    return abs(float(text) - value) <= 0.5001 * unit


def check(texts: list[str], values: Any) -> None:
    values = np.ravel(values)
    assert len(texts) == len(values)
    wrong = [(t, v) for t, v in zip(texts, values, strict=True) if not agrees(t.rpartition("=")[2], v)]
    assert wrong == []


def check_all_stages(figure: Locator, net: Net) -> None:
    """Step through the tabs, and compare whatever each of them shows."""
    trace, after = net.trace(), net.updated()
    hidden = np.column_stack([trace.z[0], trace.h[1]])
    output = [trace.z[1][0], trace.h[2][0]]
    for stage, name in enumerate(STAGES, 1):
        figure.get_by_role("button", name=name, exact=True).click()
        figure.page.wait_for_timeout(60)
        shown = figure.evaluate(READ)
        check([text for neuron in shown["neurons"][:3] for text in neuron], hidden)
        if stage > 1:
            check(shown["neurons"][3], output)
            check([shown["error"]], trace.loss)
        else:
            assert shown["neurons"][3] == ["", ""]
            assert shown["error"] == ""
        assert [bool(text) for text in shown["deltas"]] == [stage > 3] * 3 + [stage > 2]
        if stage > 2:
            check(shown["deltas"][3:], trace.deltas[1])
        if stage > 3:
            check(shown["deltas"][:3], trace.deltas[0])
        check(shown["facts"], [net.y, net.alpha])
        old, new = net.weights(), after.weights()
        for key in old:
            was, now = shown["chips"][key]
            check([was, now] if stage == 5 else [now], [old[key], new[key]] if stage == 5 else [old[key]])
        check([shown["chips"][key][1] for key in ("x1", "x2")], net.x)
        rows = [trace.h[1], [*output, trace.loss], trace.deltas[1], trace.deltas[0]]
        if stage < 5:
            check(shown["rows"], rows[stage - 1])
    numbers = re.findall(r"\d\.\d[\d.e−]*\d", shown["words"])
    check(numbers, [trace.loss, after.trace().loss])


@pytest.fixture
def figure(visit: Visit) -> Locator:
    page = visit.open(CHAPTER)
    unlock(page)
    figure = page.locator(".nn-explorable").first
    figure.scroll_into_view_if_needed()
    return figure


def write(figure: Locator, slider: int, value: float) -> None:
    """Write a number beside a slider, as a reader may."""
    field = figure.locator(".widget-readout").nth(slider)
    field.fill(str(value))
    field.press("Enter")
    figure.page.wait_for_timeout(60)


def choose(figure: Locator, key: str) -> None:
    figure.locator(f".bp-chip[data-key={key}]").click()


def test_the_first_network_is_nnlibs(figure: Locator) -> None:
    check_all_stages(figure, Net())


@pytest.mark.parametrize(
    ("edits", "y", "alpha"),
    [
        ({"w1": 0.0, "W12": 1.1}, 0.0, 1.9),  # nothing gets back to h1
        ({"x1": -1.0, "x2": 1.5, "W21": -1.35, "w2": 2.0}, 0.65, 0.5),
        ({"W31": 3.0, "W32": 3.0, "w3": 3.0, "x2": 0.0}, 1.0, 5.0),  # saturated, and one input is 0
    ],
)
def test_edited_networks_are_nnlibs(figure: Locator, edits: dict[str, float], y: float, alpha: float) -> None:
    net, page = Net(y=y, alpha=alpha), figure.page
    for key, value in edits.items():
        choose(figure, key)
        write(figure, 0, value)
        net.set(key, value)
    write(figure, 1, y)
    write(figure, 2, alpha)
    check_all_stages(figure, net)
    figure.get_by_role("button", name="Take the next step").click()
    check_all_stages(figure, net.updated())
    figure.get_by_role("button", name="50 steps").click()
    for _ in range(51):
        net = net.updated()
    check_all_stages(figure, net)
    figure.get_by_role("button", name="Reset", exact=True).click()
    page.wait_for_timeout(60)
    assert figure.locator(".bp-tabs [aria-current]").count() == 0
    check_all_stages(figure, Net())


def test_the_first_slider_belongs_to_the_chosen_number(figure: Locator) -> None:
    page, slider = figure.page, figure.locator(".widget-slider").first
    name, value = slider.locator(".widget-label"), slider.locator(".widget-readout")
    assert (name.inner_text(), value.inner_text()) == ("w1", "0.70")
    for key, text in (("W22", "0.90"), ("x2", "0.50"), ("w3", "0.40")):
        choose(figure, key)
        page.wait_for_timeout(60)
        assert (name.inner_text(), value.inner_text()) == (key, text)
        assert slider.locator(".noUi-handle").get_attribute("aria-label") == key
        assert figure.locator(".bp-chip[aria-pressed=true]").get_attribute("data-key") == key
    slider.locator(".noUi-handle").focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(60)
    shown = figure.evaluate(READ)["chips"]
    assert (shown["w3"][1], shown["w1"][1], shown["W22"][1]) == ("0.200", "0.700", "0.900")


def test_keyboard_alone_edits_and_steps(figure: Locator) -> None:
    page, chip = figure.page, figure.locator(".bp-chip[data-key=W11]")
    chip.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowDown")
    page.wait_for_timeout(60)
    assert chip.inner_text().split() == ["W11", "=", "0.600"]
    assert figure.locator(".widget-readout").first.inner_text() == "0.60"
    main = figure.locator(".nn-btn.go")
    main.focus()
    for stage in STAGES:
        page.keyboard.press("Enter")
        page.wait_for_timeout(60)
        assert figure.locator(".bp-tabs [aria-current=step]").inner_text().split() == stage.split()
        assert main.evaluate("e => e === document.activeElement")
    figure.get_by_role("button", name="Back").press("Enter")
    page.wait_for_timeout(700)
    assert "should rise" in (figure.locator("[role=status]").text_content() or "")


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_numbers_keep_their_distance(visit: Visit, width: int) -> None:
    page = visit.open(CHAPTER)
    page.set_viewport_size({"width": width, "height": 800})
    unlock(page)
    figure = page.locator(".nn-explorable").first
    figure.get_by_role("button", name=STAGES[-1], exact=True).click()
    page.wait_for_timeout(200)
    rooms = figure.evaluate(
        """f => [...f.querySelectorAll(".nn-neuron")].flatMap(g => {
          const [a, b] = [...g.querySelectorAll(".num")].map(e => e.getBoundingClientRect());
          const r = g.querySelector(".ring").getBoundingClientRect();
          return [a.left - r.left, b.left - a.right, r.right - b.right];
        })"""
    )
    assert min(rooms) > 3, "in a neuron, numbers stand clear of each other and of the ring"
    boxes = figure.evaluate(
        """f => [...f.querySelectorAll(".bp-chip .face, .nn-neuron .ring")].map(e => e.getBoundingClientRect())
             .map(r => [r.left, r.top, r.right, r.bottom])"""
    )
    for k, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[k + 1 :]:
            apart = right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
            assert apart, "no number stands on another"
    spill = figure.evaluate(
        """f => [...f.querySelectorAll(".bp-chip .face")].filter(e => e.scrollWidth > e.clientWidth)
             .map(e => e.textContent)"""
    )
    assert spill == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
