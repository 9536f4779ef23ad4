"""Chapter 9's explorable: every factor in the page is nnlib's, and what automatic differentiation finds."""

import numpy as np
import pytest
from traitlets import TraitError

import nnlib
from nnlib import Neuron
from nnlib.explorables import chain
from nnlib.explorables._base import module
from tests.nnlib.page import parses, run_js


def examples(seed, count=60):
    rng = np.random.default_rng(seed)
    for k in range(count):
        size = 3 if k % 3 else int(rng.integers(1, 8))
        spread = 30.0 if k % 5 == 0 else 2.0  # some saturate
        w, x = rng.normal(scale=spread, size=size), np.r_[1.0, rng.uniform(-3, 3, size - 1)]
        yield {"w": w.tolist(), "x": x.tolist(), "y": k % 2, "alpha": rng.uniform(0.1, 4), "steps": k % 7}


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


# ---- the page computes what nnlib computes -----------------------------------------------------------------


def test_every_factor_is_that_of_nnlib(tmp_path):
    cases = list(examples(0))
    found = run_js(tmp_path, "return data.map((c) => m.chainRule(c.w, c.x, c.y, c.alpha));", cases)
    for c, got in zip(cases, found, strict=True):
        neuron, x = Neuron(c["w"]), np.array(c["x"])

        def error(w, x=x, y=c["y"]):
            return (y - nnlib.sigmoid(w @ x)) ** 2 / 2

        z = neuron.affine(x)
        close(got["sum"], z)
        close(got["f"], neuron(x))
        close(got["E"], error(neuron.w))
        close(got["dE"], nnlib.grad(lambda f, y=c["y"]: (y - f) ** 2 / 2)(neuron(x)))
        close(got["df"], nnlib.grad(nnlib.sigmoid)(z))
        close(got["delta"], neuron.delta(x, c["y"]))
        close(got["delta"], -nnlib.grad(lambda z, y=c["y"]: (y - nnlib.sigmoid(z)) ** 2 / 2)(z))
        close(got["slopes"], nnlib.grad(error)(neuron.w))
        neuron.update(x, c["y"], c["alpha"])
        close(got["next"], neuron.w)
        close(got["sumAfter"], neuron.affine(x))
        close(got["after"], error(neuron.w))


def test_several_updates_are_those_of_nnlib(tmp_path):
    cases = list(examples(1))
    found = run_js(tmp_path, "return data.map((c) => m.chainSteps(c.w, c.x, c.y, c.alpha, c.steps));", cases)
    for c, got in zip(cases, found, strict=True):
        neuron = Neuron(c["w"])
        for _ in range(c["steps"]):
            neuron.update(c["x"], c["y"], c["alpha"])
        close(got, neuron.w)


def test_the_page_gets_one_module_that_parses(tmp_path):
    source = module("chain")
    assert "import {" not in source
    parses(tmp_path, source)


# ---- what Python reports -----------------------------------------------------------------------------------


def test_weights_delta_and_error_follow_the_settings():
    figure = chain(w0=0.2, w1=-0.4, w2=1.1, x1=2.0, x2=-1.0, y=0, alpha=0.7)
    neuron = Neuron([0.2, -0.4, 1.1])
    for steps in range(4):
        figure.steps = steps
        close(figure.w, neuron.w)
        close(figure.delta, neuron.delta(figure.x, 0))
        close(figure.error, neuron(figure.x) ** 2 / 2)
        neuron.update(figure.x, 0, 0.7)
    figure.y = 1
    assert figure.delta > 0


def test_the_bias_is_the_weight_of_a_constant_input():
    figure = chain(x1=0.0, x2=0.0)
    figure.steps = 1
    assert figure.x.tolist() == [1, 0, 0]
    assert figure.w[0] == figure.w0 + figure.alpha * chain(x1=0.0, x2=0.0).delta
    assert figure.w[1:].tolist() == [figure.w1, figure.w2]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"w1": 4.0}, "w1 is 4"),
        ({"x2": np.nan}, "x2 is nan"),
        ({"alpha": 0}, "between 0.1 and 4"),
        ({"y": 2}, "A label is 0 or 1"),
        ({"y": 0.5}, "A label is 0 or 1"),
    ],
)
def test_chain_refuses_bad_settings_with_help(setting, message):
    with pytest.raises(ValueError, match=message):
        chain(**setting)


@pytest.mark.parametrize(("name", "value"), [("stage", 0), ("stage", 8), ("steps", -1)])
def test_there_is_no_stage_before_the_first_or_after_the_last(name, value):
    with pytest.raises(TraitError, match=name):
        setattr(chain(), name, value)


def test_what_follows_cannot_be_set():
    with pytest.raises(AttributeError):
        chain().delta = 1.0
