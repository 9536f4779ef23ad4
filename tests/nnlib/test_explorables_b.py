"""Explorables of chapters 2 to 4: what Python refuses and reports; the page computes what nnlib computes."""

import warnings

import numpy as np
import pytest
from traitlets import TraitError

import nnlib
from nnlib import Perceptron
from nnlib.explorables import Explorable, activation, perceptron, xor
from nnlib.explorables._base import module
from nnlib.explorables.activation import ACTIVATIONS
from nnlib.explorables.perceptron import EPOCHS, stand
from nnlib.explorables.xor import CORNERS, TARGETS
from tests.nnlib.page import parses, run_js


def random_trainings(seed, count=40):
    """Points anywhere and points on the grid of 0.1 that a reader taps, where sums are often exactly 0."""
    rng = np.random.default_rng(seed)
    cases = []
    for k in range(count):
        n = int(rng.integers(1, 25))
        X = rng.uniform(-3, 3, (n, 2))
        y = rng.integers(0, 2, n) if k % 3 else (X @ rng.normal(size=2) > 0.4).astype(int)
        start = rng.uniform(-3, 3, 3) if k % 4 else np.zeros(3)
        alpha = rng.uniform(0.1, 2)
        if k % 2:
            X, start, alpha = X.round(1), start.round(1), round(alpha, 1)
        cases.append({"X": X.tolist(), "y": y.tolist(), "start": start.tolist(), "alpha": float(alpha)})
    return cases


def fitted(case):
    model = Perceptron(EPOCHS, alpha=case["alpha"], w=case["start"][:2], b=case["start"][2])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", nnlib.ConvergenceWarning)
        return model.fit(case["X"], case["y"])


RUN = """const start = { w: c.start.slice(0, 2), b: c.start[2] };
const run = m.perceptronRun(start, c.X, c.y, c.alpha);"""
HERE = "m.perceptronAt(run, start, c.X.length, c.seen)"


# ---- the page computes what nnlib computes -----------------------------------------------------------------


def test_every_update_of_the_page_is_an_update_of_nnlib(tmp_path):
    cases = random_trainings(0)
    runs = run_js(tmp_path, f"return data.map((c) => {{ {RUN} return run; }});", cases)
    assert sum(run["converged"] for run in runs) >= 8
    assert sum(not run["converged"] for run in runs) >= 8
    for case, run in zip(cases, runs, strict=True):
        model = fitted(case)
        assert run["mistakes"] == model.mistakes_
        assert run["converged"] is model.converged_
        assert run["seen"] == len(case["X"]) * len(model.mistakes_)
        for update, step in zip(run["updates"], model.steps(case["X"], case["y"]), strict=True):
            assert update["i"] == step.index
            assert update["seen"] == (step.epoch - 1) * len(case["X"]) + step.index + 1
            assert update["guess"] == 1 - case["y"][step.index]
            for at, w, b in (("from", step.w, step.b), ("to", step.new_w, step.new_b)):
                np.testing.assert_allclose([*update[at]["w"], update[at]["b"]], [*w, b], rtol=0, atol=1e-12)


def test_where_the_page_stands_is_where_python_says_it_stands(tmp_path):
    rng = np.random.default_rng(1)
    cases = [case | {"seen": int(rng.integers(0, 60))} for case in random_trainings(2)]
    body = f"return data.map((c) => {{ {RUN} return {HERE}; }});"
    for case, there in zip(cases, run_js(tmp_path, body, cases), strict=True):
        here = stand(case["start"], case["X"], case["y"], case["alpha"], case["seen"])
        np.testing.assert_allclose([*there["now"]["w"], there["now"]["b"]], here[:3], rtol=0, atol=1e-12)
        assert there["counts"] + ([] if there["open"] is None else [there["open"]]) == here.mistakes
        assert there["total"] == sum(here.mistakes)


def test_weights_on_xor_return_and_elsewhere_settle(tmp_path):
    rng = np.random.default_rng(3)
    starts = [[0, 0, 0], *rng.integers(-60, 61, (20, 3)).tolist()]  # in units of 1/20, as the page counts
    cases = [
        {"X": CORNERS, "y": y, "start": start, "alpha": alpha}
        for y in TARGETS.values()
        for start in starts
        for alpha in (20, int(rng.integers(2, 41)))
    ]
    cycles = run_js(
        tmp_path, f"return data.map((c) => {{ {RUN} return m.perceptronCycle(run, start, 4); }});", cases
    )
    for case, cycle in zip(cases, cycles, strict=True):
        if case["y"] == TARGETS["XOR"]:
            first, again = (
                stand(case["start"], CORNERS, case["y"], case["alpha"], 4 * cycle[key])
                for key in ("first", "again")
            )
            assert first[:3] == again[:3]
            assert sum(again.mistakes) - sum(first.mistakes) == cycle["updates"] > 0
        elif fitted(case).converged_:
            assert cycle is None
    assert cycles[cases.index({"X": CORNERS, "y": TARGETS["XOR"], "start": [0, 0, 0], "alpha": 20})] == {
        "first": 2,
        "again": 3,
        "updates": 4,
    }


@pytest.mark.parametrize("name", ["perceptron", "activation", "xor"])
def test_the_page_gets_one_module_that_parses(name, tmp_path):
    source = module(name)
    assert "import {" not in source
    parses(tmp_path, source)


# ---- chapter 2 ---------------------------------------------------------------------------------------------


def test_perceptron_reports_the_training_that_nnlib_makes():
    X, y = nnlib.data.blobs(20, gap=3.0, spread=0.5, rng=0)
    figure = perceptron(X, y, alpha=0.5, w1=1.0, w2=-2.0, b=0.5)
    assert isinstance(figure, Explorable)
    assert (figure.w1, figure.w2, figure.b, figure.mistakes) == (1.0, -2.0, 0.5, [])
    figure.seen = 100 * len(X)
    case = {"X": figure.points, "y": figure.labels, "start": [1.0, -2.0, 0.5], "alpha": 0.5}
    model = fitted(case)
    np.testing.assert_allclose([figure.w1, figure.w2, figure.b], [*model.w_, model.b_], rtol=0, atol=1e-12)
    assert figure.mistakes == model.mistakes_


def test_the_default_points_are_separable_but_not_at_once():
    figure = perceptron()
    figure.seen = 10**6
    assert figure.mistakes == [5, 4, 2, 1, 0]
    assert figure.view.start["points"] == figure.points


def test_an_open_epoch_counts_the_mistakes_so_far():
    figure = perceptron([[1, 0], [-1, 0], [0, 1]], [1, 0, 1])
    figure.seen = 1
    assert (figure.w1, figure.w2, figure.b, figure.mistakes) == (1.0, 0.0, 1.0, [1])


def test_points_and_labels_can_be_set_and_are_checked():
    figure = perceptron()
    figure.points, figure.labels = [], []
    figure.seen = 50
    assert figure.mistakes == []
    figure.points, figure.labels = [[1, 2]], [1]
    assert figure.points == [[1.0, 2.0]]
    with pytest.raises(ValueError, match="NaN"):
        figure.points = [[np.nan, 0.0]]
    with pytest.raises(ValueError, match="orange circle"):
        figure.labels = [2]


@pytest.mark.parametrize("make", [perceptron, xor])
def test_a_training_cannot_stand_before_its_start(make):
    with pytest.raises(TraitError, match="seen"):
        make().seen = -1


def test_what_follows_cannot_be_set():
    with pytest.raises(AttributeError):
        perceptron().w1 = 2.0


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([[np.nan, 0.0]], [1], "NaN"),
        ([], [], "empty"),
        ([[0.0, 0.0]], None, "without y"),
        (None, [1], "without X"),
        ([[0.0, 0.0], [1.0, 1.0]], [1], "2 points"),
        ([[0.0, 0.0], [1.0, 1.0]], [1, -1], "Labels are 0"),
        ([[0.0, 0.0, 0.0]], [1], r"\(n, 2\)"),
        ([[9.0, 0.0]], [1], "Scale"),
        ([["a", "b"]], [1], "no number"),
    ],
)
def test_perceptron_refuses_bad_data_with_help(X, y, message):
    with pytest.raises(ValueError, match=message):
        perceptron(X, y)


@pytest.mark.parametrize("setting", [{"alpha": 0.0}, {"alpha": np.nan}, {"w1": 4.0}, {"b": "x"}])
@pytest.mark.parametrize("make", [perceptron, xor])
def test_numbers_out_of_range_are_refused(make, setting):
    with pytest.raises(ValueError, match=f"{next(iter(setting))} is .* number between"):
        make(**setting)


# ---- chapter 3 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("x", [-6.0, -0.3, 0.0, 2.0])
def test_value_and_slope_are_those_of_nnlib(name, x):
    figure = activation(name, x=x, steepness=2.5)
    f = getattr(nnlib, name)
    assert figure.value == f(2.5 * x)
    assert figure.slope == 2.5 * f.derivative(2.5 * x)
    figure.steepness = 1.0
    assert figure.value == f(x)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"name": "swish"}, "'swish'.*'sigmoid'"),
        ({"x": np.nan}, "x is nan"),
        ({"x": 7}, "between -6 and 6"),
        ({"steepness": 0}, "between 0.5 and 20"),
    ],
)
def test_activation_refuses_bad_settings(setting, message):
    with pytest.raises(ValueError, match=message):
        activation(**setting)


# ---- chapter 4 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", TARGETS)
def test_xor_reports_the_training_that_nnlib_makes(target):
    figure = xor(target=target)
    figure.seen = 4 * EPOCHS
    model = fitted({"X": CORNERS, "y": TARGETS[target], "start": [0.0, 0.0, 0.0], "alpha": 1.0})
    assert figure.mistakes == model.mistakes_
    assert (figure.w1, figure.w2, figure.b) == (*model.w_, model.b_)
    assert model.converged_ is (target != "XOR")


def test_corners_and_labels_are_those_of_the_data_set():
    X, y = nnlib.data.xor()
    assert X.tolist() == CORNERS
    assert y.tolist() == TARGETS["XOR"]


def test_xor_refuses_an_unknown_target():
    with pytest.raises(ValueError, match=r"'NOR'.*'XOR'"):
        xor(target="NOR")


def test_from_zero_the_rate_only_scales():
    slow, fast = xor(alpha=0.5), xor(alpha=1.0)
    for seen in range(20):
        slow.seen = fast.seen = seen
        assert (2 * slow.w1, 2 * slow.w2, 2 * slow.b) == (fast.w1, fast.w2, fast.b)
        assert slow.mistakes == fast.mistakes
