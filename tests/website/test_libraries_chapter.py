"""Chapter 12 in a real browser: the digits that a reader sees are those of nnlib; tabs show one library at a time."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from playwright.sync_api import expect
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

import nnlib
from nnlib import optim
from tests.website.visit import Visit, unlock

PAGE = "chapters/12-libraries.html"
SIZES = [13, 13, 13, 13, 3]


def training(kind: str, steps: int = 100) -> np.ndarray:
    """The chapter's training, written anew: one row (loss, weight) a step."""
    X, y = load_wine(return_X_y=True)
    X, _, y, _ = train_test_split(X, y, test_size=0.3, stratify=y, random_state=0)
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=(m, n)) * np.sqrt(2 / n) for n, m in pairwise(SIZES)]
    order = np.concatenate([rng.permutation(len(Z)) for _ in range(13)])
    starts = [e * len(Z) + k for e in range(13) for k in range(0, len(Z), 16)][:steps]
    activations = [nnlib.relu, nnlib.relu, nnlib.relu, nnlib.identity]
    layers = [
        nnlib.Dense(*W.shape[::-1], f, W=W, b=np.zeros(len(W)))
        for W, f in zip(weights, activations, strict=True)
    ]
    net, optimiser, rows = nnlib.Sequential(*layers).astype(kind), optim.SGD(lr=0.1), []
    for start in starts:
        i = order[start : min(start + 16, start // len(Z) * len(Z) + len(Z))]
        loss, grads = nnlib.value_and_grad(lambda net, x, t: nnlib.cross_entropy(t, net(x)))(
            net, Z[i].astype(kind), y[i]
        )
        optimiser.step(net, grads)
        rows.append((float(loss), float(net.layers[0].W[0, 0])))
    return np.array(rows)


def test_every_digit_is_that_of_nnlib_and_what_differs_is_marked(visit: Visit) -> None:
    page = visit.open(PAGE)
    unlock(page)
    figure = page.locator(".nn-explorable").first
    figure.scroll_into_view_if_needed()
    handle, rows = figure.locator(".noUi-handle"), figure.locator(".li-board tbody tr")
    for bits, kind, digits in (("64 bits", "float64", 1e-14), ("32 bits", "float32", 1e-6)):
        figure.get_by_role("radio", name=bits).check(force=True)
        wanted = training(kind)
        for column, what in enumerate(("the loss", "one weight")):
            figure.get_by_role("radio", name=what).check(force=True)
            for key, step in (("Home", 1), ("End", 100)):
                handle.press(key)
                expect(figure.locator(".li-title")).to_have_text(
                    f"{('Loss', 'Weight')[column]} at step {step}"
                )
                texts = [t.replace("−", "-") for t in rows.locator(".li-digits").all_inner_texts()]
                assert float(texts[0]) == pytest.approx(wanted[step - 1, column], rel=digits)
                values = [float(text) for text in texts]
                gaps = [t.replace("−", "-") for t in rows.locator("td:last-child").all_inner_texts()]
                marks = [row.locator("mark").all_inner_texts() for row in rows.all()]
                for value, text, gap, mark in zip(values[1:], texts[1:], gaps[1:], marks[1:], strict=True):
                    if value == values[0]:
                        assert (gap, mark) == ("equal", [])
                    else:
                        assert float(gap) == pytest.approx(abs(value - values[0]), rel=0.06)
                        assert text.endswith(mark[0])
                        assert texts[0].startswith(text.removesuffix(mark[0]))
    page.wait_for_timeout(700)
    assert "The largest difference so far is" in figure.locator("[role=status]").inner_text()


def test_tabs_show_one_library_at_a_time_and_are_turned_by_keyboard(visit: Visit) -> None:
    page = visit.open(PAGE)
    tabs = page.locator(".sd-tab-set").first
    names = tabs.locator("label").all_inner_texts()
    assert names == ["nnlib", "scikit-learn", "PyTorch", "TensorFlow"]
    code = ["def with_nnlib", "partial_fit", "loss.backward()", "tf.GradientTape()"]
    tabs.locator("input").first.focus()
    for shown in range(4):
        for each, words in enumerate(code):
            panel = tabs.locator(".sd-tab-content").nth(each)
            expect(panel.get_by_text(words).first).to_be_visible(visible=each == shown)
        page.keyboard.press("ArrowRight")
    page.set_viewport_size({"width": 360, "height": 740})
    boxes = [label.bounding_box() for label in tabs.locator("label").all()]
    assert all(box and box["height"] >= 44 and box["width"] >= 44 for box in boxes)
    assert len({box["y"] for box in boxes if box}) == 1, "four tabs stand in one row"
    page.emulate_media(media="print")
    for each in range(4):
        expect(tabs.locator(".sd-tab-content").nth(each)).to_be_visible()
