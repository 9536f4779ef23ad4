"""One neuron against its formulas, and the words it finds for bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nnlib import Neuron, heaviside, identity, leaky_relu, relu, sigmoid, softmax, tanh

ACTIVATIONS = (sigmoid, tanh, relu, leaky_relu, identity, heaviside)
number = st.floats(-3, 3)


def test_the_sample_of_chapter_1():
    neuron = Neuron([2.0, -1.0], b=-0.5)
    assert neuron.affine([1.0, 0.5]) == 1.0
    assert neuron([1.0, 0.5]) == sigmoid(1.0)


@pytest.mark.parametrize("f", ACTIVATIONS, ids=repr)
def test_one_example_and_many_agree(f):
    rng = np.random.default_rng(0)
    w, X, y = rng.normal(size=3), rng.normal(size=(7, 3)), rng.normal(size=7)
    neuron = Neuron(w, f, b=0.25)
    np.testing.assert_allclose(neuron(X), [neuron(x) for x in X], rtol=1e-12)
    np.testing.assert_allclose(neuron(X), f(X @ w + 0.25), rtol=1e-12)
    np.testing.assert_allclose(neuron.delta(X, y), [neuron.delta(x, t) for x, t in zip(X, y, strict=True)])
    assert neuron(X).shape == neuron.affine(X).shape == neuron.delta(X, y).shape == (7,)


def test_bias_is_the_weight_of_x0():
    x = np.array([0.3, -0.8])
    with_x0 = Neuron([-0.5, 2.0, -1.0])
    with_b = Neuron([2.0, -1.0], b=-0.5)
    assert with_x0([1.0, *x]) == pytest.approx(with_b(x), rel=1e-15)
    with_x0.update([1.0, *x], 1.0, alpha=0.3)
    with_b.update(x, 1.0, alpha=0.3)
    np.testing.assert_allclose(with_x0.w, [with_b.b, *with_b.w], rtol=1e-15)


@pytest.mark.parametrize("f", [sigmoid, tanh, identity], ids=repr)
@given(w=arrays(float, 2, elements=number), x=arrays(float, 2, elements=number), b=number, y=number)
def test_delta_is_minus_the_slope_of_the_error(f, w, x, b, y):
    def error(b):
        return 0.5 * (y - Neuron(w, f, b=b)(x)) ** 2

    h = 1e-5
    slope = (error(b + h) - error(b - h)) / (2 * h)
    assert Neuron(w, f, b=b).delta(x, y) == pytest.approx(-slope, abs=1e-6)


def test_update_is_the_lectures_rule():
    w, x, y, alpha = np.array([0.2, -0.4]), np.array([1.5, 0.5]), 1.0, 0.7
    neuron = Neuron(w)
    f = sigmoid(w @ x)
    delta = (y - f) * f * (1 - f)
    assert neuron.delta(x, y) == pytest.approx(delta, rel=1e-14)
    assert neuron.update(x, y, alpha) is neuron
    np.testing.assert_allclose(neuron.w, w + alpha * delta * x, rtol=1e-14)
    assert neuron.b is None
    np.testing.assert_array_equal(w, [0.2, -0.4])  # the caller's array is left alone


def test_updates_learn():
    neuron = Neuron([0.0, 0.0], b=0.0)
    for _ in range(200):
        for x, y in (([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 1)):
            neuron.update(x, y, alpha=5.0)
    np.testing.assert_array_equal(neuron([[0, 0], [0, 1], [1, 0], [1, 1]]) > 0.5, [False, True, True, True])


def test_types():
    small = Neuron(np.array([1.0, 2.0], np.float32), b=0.5)
    X = np.ones((3, 2), np.float32)
    assert small(X).dtype == small.affine(X).dtype == small.delta(X, [0, 1, 0]).dtype == np.float32
    assert small(X[0]).dtype == small.delta(X[0], 1).dtype == np.float32
    assert small.update(np.ones(2), 1.0, np.float64(0.1)).w.dtype == np.float32
    assert Neuron([1, 2]).w.dtype == np.float64
    assert Neuron([1, 2])(np.ones((2, 2), int)).dtype == np.float64


def test_nan_goes_in_and_comes_out():
    assert np.isnan(Neuron([1.0, 1.0])([np.nan, 0.0]))


def test_repr():
    assert repr(Neuron([2.0, -1.0], tanh, b=-0.5)) == "Neuron([ 2., -1.], tanh, b=-0.5)"
    assert repr(Neuron([2.0])) == "Neuron([2.], sigmoid)"


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: Neuron(2.0), ValueError, r"w is \(\).*written \[2.0\]"),
        (lambda: Neuron([]), ValueError, r"w is \(0,\)"),
        (lambda: Neuron([[1.0]]), ValueError, r"w is \(1, 1\)"),
        (lambda: Neuron(["a"]), TypeError, "w holds text"),
        (lambda: Neuron([1.0], b=np.nan), ValueError, "b as a finite number"),
        (lambda: Neuron([1.0], "sigmoid"), TypeError, "activation such as nnlib.sigmoid"),
        (lambda: Neuron([1.0], np.tanh), TypeError, "activation such as nnlib.sigmoid"),
        (lambda: Neuron([1.0], softmax), TypeError, "several neurons"),
    ],
)
def test_bad_arguments(make, error, words):
    with pytest.raises(error, match=words):
        make()


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (
            lambda n: n(np.ones((4, 5))),
            r"inputs of size 2, but the last axis of x has size 5 \(x is \(4, 5\)\)",
        ),
        (lambda n: n([1.0]), "put x_0 = 1 first in every x, or give the bias as b="),
        (lambda n: n(3.0), r"size none \(x is \(\)\)"),
        (lambda n: n(np.ones((1, 1, 2))), "one example"),
        (lambda n: n.delta(np.ones((3, 2)), np.ones((3, 1))), r"y of shape \(3,\), but y is \(3, 1\).*ravel"),
        (lambda n: n.delta([1.0, 2.0], [1.0]), r"y of shape \(\), but y is \(1,\)"),
        (lambda n: n.update(np.ones((3, 2)), np.ones(3), 0.1), "learns from one example.*Loop over the rows"),
        (lambda n: n.update([1.0, 2.0], 1.0, -0.1), "alpha as a finite number above 0, but got -0.1"),
        (lambda n: n.update([1.0, 2.0], 1.0, np.nan), "alpha as a finite number above 0"),
    ],
)
def test_bad_input(ask, words):
    with pytest.raises(ValueError, match=words):
        ask(Neuron([2.0, -1.0]))
