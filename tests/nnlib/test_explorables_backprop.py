"""Chapter 10's explorable: what Python refuses and hands out; the page computes what nnlib.backprop computes."""

import numpy as np
import pytest
from traitlets import TraitError

from nnlib import Dense, Sequential, backprop, grad, sigmoid, squared_error
from nnlib.explorables import _base
from nnlib.explorables import backprop as explorable
from nnlib.explorables.backprop import NUMBERS
from tests.nnlib.page import run_js


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def network(case):
    return Sequential(Dense(2, 3, sigmoid, W=case["W"]), Dense(3, 1, sigmoid, W=[case["w"]]))


def learned(case):
    """W and w after one update, by nnlib."""
    inner, outer = backprop(network(case), case["x"], [case["y"]]).grads.layers
    return (
        np.array(case["W"]) - case["alpha"] * inner.W,
        np.array(case["w"]) - case["alpha"] * outer.W[0],
    )


def random_cases(seed=2026, count=200):
    """Networks that the sliders can make, and some far outside, where the sigmoid is flat."""
    rng = np.random.default_rng(seed)
    cases = []
    for k in range(count):
        reach = (3.0, 30.0)[k % 10 == 9]
        W, w, x = (rng.uniform(-reach, reach, shape) for shape in ((3, 2), 3, 2))
        if k % 4 == 0:
            w[rng.integers(3)] = 0.0
        y, alpha = rng.uniform(), rng.uniform(0.1, 5)
        cases.append({"W": W.tolist(), "w": w.tolist(), "x": x.tolist(), "y": y, "alpha": alpha})
    return cases


# ---- the page computes what nnlib computes -----------------------------------------------------------------


def test_every_value_delta_and_new_weight_is_nnlibs(tmp_path):
    cases = random_cases()
    found = run_js(tmp_path, "return data.map(m.backpropagation);", cases)
    for case, got in zip(cases, found, strict=True):
        trace = backprop(network(case), case["x"], [case["y"]])
        close(got["z"], trace.z[0])
        close(got["h"], trace.h[1])
        close([got["zo"], got["f"], got["E"]], [trace.z[1][0], trace.h[2][0], trace.loss])
        close(got["d0"], trace.deltas[1][0])
        close(got["d"], trace.deltas[0])
        W, w = learned(case)
        close(got["W2"], W)
        close(got["w2"], w)


def test_the_update_steps_down_the_gradient(tmp_path):
    cases = random_cases(seed=7, count=20)
    for case, got in zip(cases, run_js(tmp_path, "return data.map(m.backpropagation);", cases), strict=True):
        net = network(case)
        slopes = grad(lambda net, case=case: squared_error([case["y"]], net(np.array(case["x"]))))(net)
        close(got["W2"], np.array(case["W"]) - case["alpha"] * slopes.layers[0].W)
        close(got["w2"], np.array(case["w"]) - case["alpha"] * slopes.layers[1].W[0])


def test_fifty_steps_are_fifty_updates_of_nnlib(tmp_path):
    cases = random_cases(seed=1, count=30)
    cases = [case for case in cases if np.abs(case["W"]).max() <= 3]
    found = run_js(tmp_path, "return data.map((net) => m.backpropagationRun(net, 50));", cases)
    for case, got in zip(cases, found, strict=True):
        now = dict(case)
        for _ in range(50):
            now["W"], now["w"] = learned(now)
        np.testing.assert_allclose(got["W"], now["W"], rtol=1e-11, atol=1e-11)
        np.testing.assert_allclose(got["w"], now["w"], rtol=1e-11, atol=1e-11)


# ---- what Python hands out ---------------------------------------------------------------------------------


def test_the_network_of_now_and_its_trace():
    figure = explorable()
    close(figure.net([1.0, 0.5]), figure.trace.h[-1])
    before = figure.trace.loss
    figure.view.set_state({"w": [0.7, 0.9, 0.4], "stage": 3})  # what the page sends
    assert figure.stage == 3
    assert figure.trace.loss < before
    figure.y = 0.0
    assert figure.trace.deltas[1][0] < 0


def test_reset_returns_to_what_python_gave():
    figure = explorable(w=[1, 2, 3], y=0.25, alpha=2)
    figure.w, figure.stage, figure.chosen = [0, 0, 0], 5, "W31"
    start = figure.view.start
    assert (start["w"], start["y"], start["alpha"]) == ([1.0, 2.0, 3.0], 0.25, 2.0)
    assert (start["stage"], start["steps"], start["chosen"]) == (0, 0, "w1")


def test_the_sliders_are_tied_to_the_view_in_the_page():
    figure = explorable(w=[0.25, 0, 0])
    sliders = figure.children[1].children
    assert [slider.value for slider in sliders] == [0.25, 1.0, 1.0]
    states = _base.widgets.Widget.get_manager_state(drop_defaults=False)["state"].values()
    tied = [w["state"] for w in states if w["model_name"] in ("LinkModel", "DirectionalLinkModel")]
    pairs = {(*link["source"], *link["target"]) for link in tied}
    view = f"IPY_MODEL_{figure.view.model_id}"
    for slider, name in zip(sliders, ["value", "y", "alpha"], strict=True):
        assert (f"IPY_MODEL_{slider.model_id}", "value", view, name) in pairs
    assert (view, "letter", f"IPY_MODEL_{sliders[0].model_id}", "description") in pairs
    assert sliders[0].description == figure.view.letter


def test_every_input_and_weight_can_be_chosen():
    assert len(NUMBERS) == len(set(NUMBERS)) == 2 + 6 + 3
    figure = explorable()
    for name in NUMBERS:
        figure.chosen = name
    with pytest.raises(TraitError):
        figure.chosen = "b1"


# ---- the door ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"W": np.zeros((2, 3))}, r"W has shape \(2, 3\). The network needs \(3, 2\)"),
        ({"w": [1, 2]}, r"w has shape \(2,\)"),
        ({"x": 1}, r"x has shape \(\)"),
        ({"x": ["a", "b"]}, "x holds something that is no number"),
        ({"w": [1, np.nan, 0]}, "w is .*Give numbers between -3 and 3"),
        ({"W": np.full((3, 2), 4)}, "W is .*Give numbers between -3 and 3"),
        ({"y": 2}, "y is 2. Give a number between 0 and 1"),
        ({"alpha": 0}, "alpha is 0. Give a number between 0.1 and 5"),
    ],
)
def test_bad_input_is_refused_with_what_to_do(arguments, message):
    with pytest.raises(ValueError, match=message):
        explorable(**arguments)


def test_python_cannot_set_what_the_page_cannot_draw():
    figure = explorable()
    with pytest.raises(ValueError, match="W has shape"):
        figure.W = [[1.0, 2.0]]
    with pytest.raises(ValueError, match=r"x is .*inf"):
        figure.x = [np.inf, 0.0]
    with pytest.raises(TraitError):
        figure.stage = 6
