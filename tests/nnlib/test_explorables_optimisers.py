"""Chapter 13's explorable: the race in the page is the race of nnlib.optim."""

from itertools import pairwise

import numpy as np
import pytest
from traitlets import TraitError

import nnlib
from nnlib import optim
from nnlib.explorables import optimisers
from nnlib.explorables._base import module
from nnlib.explorables.optimisers import FAR, LAST, RUNNERS, STARTS, SURFACES
from tests.nnlib.page import parses, run_js


def settings(seed, count=40):
    """Races on every surface, of random start, rate and memory."""
    rng = np.random.default_rng(seed)
    names = list(SURFACES)
    for k in range(count):
        figure = optimisers(
            names[k % len(names)],
            alpha=rng.uniform(0.002, 0.12),
            beta1=rng.uniform(0, 0.98),
            beta2=rng.uniform(0.9, 0.999),
            start=rng.uniform(-3, 3, 2) if k % 3 else None,
        )
        figure.steps = int(rng.integers(0, LAST + 1))
        yield figure


def case(figure, runner):
    v = figure.view
    rates = {"alpha": v.alpha, "beta1": v.beta1, "beta2": v.beta2}
    return rates | {
        "surface": v.surface,
        "start": [v.start_1, v.start_2],
        "steps": v.steps,
        "runner": runner,
    }


# ---- the page computes what Python computes ----------------------------------------------------------------


def test_heights_and_slopes_are_those_of_python_and_of_grad(tmp_path):
    rng = np.random.default_rng(0)
    cases = [[name, w] for name in SURFACES for w in rng.uniform(-3, 3, (50, 2)).tolist()]
    found = run_js(tmp_path, "return data.map(([name, w]) => m.SURFACES[name](w));", cases)
    for (name, w), (height, slopes) in zip(cases, found, strict=True):
        E, g = SURFACES[name](np.array(w))
        np.testing.assert_allclose([height, *slopes], [E, *g], rtol=1e-12, atol=1e-12)
        by_grad = nnlib.grad(lambda w, name=name: SURFACES[name](w)[0])(np.array(w))
        np.testing.assert_allclose(g, by_grad, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("runner", RUNNERS)
def test_every_step_is_that_of_nnlib(tmp_path, runner):
    """Fed the same slopes, from the same memory: 60 steps of weights of all sizes."""
    rng = np.random.default_rng(1)
    slopes = (rng.normal(size=(60, 2)) * 10.0 ** rng.integers(-6, 4, (60, 1))).tolist()
    rates = {"alpha": 0.03, "beta1": 0.85, "beta2": 0.97}
    body = """let now = { w: [1, -2], m: [0, 0], v: [0, 0], t: 0 };
      return data.slopes.map((g) => (now = m.optimiserStep(data.runner, now, g, data.rates)).w);"""
    found = run_js(tmp_path, body, {"slopes": slopes, "runner": runner, "rates": rates})
    optimiser, w = RUNNERS[runner](**rates), np.array([1.0, -2.0])
    for g, place in zip(slopes, found, strict=True):
        w = optimiser.step(w, np.array(g))
        np.testing.assert_allclose(place, w, rtol=1e-12, atol=1e-12)


def test_the_page_walks_as_nnlib_does(tmp_path):
    """From each place of the page, nnlib's next step leads to the page's next place.

    Whole ways are compared over their first steps alone: with a bold rate on a bent surface, the last digit of one
    step is the first digit of the hundredth.
    """
    figures = list(settings(2))
    cases = [case(figure, runner) for figure in figures for runner in RUNNERS]
    found = run_js(tmp_path, "return data.map((c) => m.optimiserPath(c.runner, c));", cases)
    far = 0
    for i, (c, places) in enumerate(zip(cases, found, strict=True)):
        figure = figures[i // len(RUNNERS)]
        path = figure.path(c["runner"])
        np.testing.assert_allclose(places[:15], path[:15], rtol=1e-9, atol=1e-9)
        optimiser = RUNNERS[c["runner"]](c["alpha"], c["beta1"], c["beta2"])
        for w, after in pairwise(np.array(places)):
            assert np.abs(w).max() <= FAR
            wanted = optimiser.step(w, np.array(SURFACES[c["surface"]](w)[1]))
            np.testing.assert_allclose(after, wanted, rtol=1e-12, atol=1e-12 * max(1, np.abs(w).max()))
        ended = np.abs(places[-1]).max() > FAR
        assert ended or len(places) == c["steps"] + 1 == len(path)
        far += ended
    assert far >= 3  # some have run away


def test_the_page_gets_one_module_that_parses(tmp_path):
    source = module("optimisers")
    assert "import {" not in source
    parses(tmp_path, source)


# ---- what Python reports -----------------------------------------------------------------------------------


def test_the_runners_are_the_optimisers_of_nnlib_on_the_gradient_of_the_surface():
    figure = optimisers("bend", alpha=0.02, beta1=0.8, beta2=0.95)
    figure.steps = 50
    kinds = {
        "sgd": optim.SGD(0.02),
        "momentum": optim.Momentum(0.02, 0.8),
        "rmsprop": optim.RMSProp(0.02, rho=0.95),
        "adam": optim.Adam(0.02, 0.8, 0.95),
    }
    for runner, optimiser in kinds.items():
        w = np.array(STARTS["bend"])
        for place in figure.path(runner):
            np.testing.assert_allclose(place, w, rtol=0, atol=1e-12)
            w = optimiser.step(
                w, nnlib.grad(lambda w: (w[1] + 2 - w[0] ** 2) ** 2 + (w[0] - 1.5) ** 2 / 20)(w)
            )


def test_each_surface_is_lowest_where_the_page_says():
    for name, places in {
        "ravine": [(0, 0)],
        "turned": [(0, 0)],
        "bend": [(1.5, 0.25)],
        "saddle": [(0, -2), (0, 2)],
        "network": [(1.2, 2), (-1.2, -2)],
    }.items():
        for place in places:
            E, slopes = SURFACES[name](np.array(place, dtype=float))
            assert np.allclose([E, *slopes], 0, rtol=0, atol=1e-15)
        rng = np.random.default_rng(0)
        assert all(SURFACES[name](w)[0] > 0 for w in rng.uniform(-3, 3, (200, 2)))


def test_sgd_runs_away_above_two_over_the_curvature_and_stops_far_off():
    figure = optimisers(alpha=0.102)
    figure.steps = LAST
    assert figure.loss(figure.path("sgd")[-1]) > figure.loss(figure.path("sgd")[0])
    figure.alpha = 0.098
    assert figure.loss(figure.path("sgd")[-1]) < figure.loss(figure.path("sgd")[0])
    figure.surface, figure.alpha = "bend", 0.12
    assert FAR < np.abs(figure.path("sgd")).max() < np.inf


def test_nobody_leaves_the_ridge_of_the_saddle_exactly_on_it():
    figure = optimisers("saddle", start=(-2, 0))
    figure.steps = LAST
    for runner in RUNNERS:
        assert figure.path(runner)[-1][1] == 0
    figure.start_2 = 0.1
    for runner in RUNNERS:
        assert figure.path(runner)[-1][1] == pytest.approx(2, abs=0.05)


def test_from_one_start_the_network_learns_one_of_two_minima():
    figure = optimisers("network", alpha=0.1)
    figure.steps = LAST
    ends = {runner: figure.path(runner)[-1] for runner in RUNNERS}
    assert (ends["sgd"] > 0).all()
    assert (ends["adam"] < 0).all()
    assert figure.loss(ends["adam"]) < 1e-4


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"surface": "hill"}, "'hill'.*'ravine'"),
        ({"alpha": 0}, "alpha is 0"),
        ({"beta1": 1}, "beta1 is 1"),
        ({"beta2": np.nan}, "beta2 is nan"),
        ({"start": (1, 4)}, r"start\[1\] is 4"),
        ({"start": (1, 2, 3)}, r"shape \(3,\).*two numbers"),
        ({"start": ("a", 1)}, r"start\[0\] is 'a'"),
    ],
)
def test_optimisers_refuses_bad_input_with_help(given, message):
    with pytest.raises(ValueError, match=message):
        optimisers(**given)


def test_a_race_has_no_other_runners_and_no_steps_before_its_start():
    with pytest.raises(ValueError, match=r"'adagrad'.*'adam'"):
        optimisers().path("adagrad")
    with pytest.raises(TraitError, match="steps"):
        optimisers().steps = -1
