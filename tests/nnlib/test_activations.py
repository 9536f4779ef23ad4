"""Activations: their values, their derivatives, and every kind of number that a user may hand them."""

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import special

import nnlib
from nnlib import heaviside, identity, leaky_relu, relu, sigmoid, softmax, tanh

ELEMENTWISE = (heaviside, sigmoid, tanh, relu, leaky_relu, identity)
SMOOTH = (sigmoid, tanh, identity)
EDGES = (-np.inf, -1e308, -1000.0, -40.0, -1.0, -0.0, 0.0, 1e-300, 1.0, 40.0, 1000.0, 1e308, np.inf)
each = pytest.mark.parametrize("f", ELEMENTWISE, ids=repr)
numbers = st.floats(-50, 50)


def test_known_values():
    x = np.array([-2.0, 0.0, 3.0])
    np.testing.assert_array_equal(heaviside(x), [0, 0, 1])
    np.testing.assert_array_equal(relu(x), [0, 0, 3])
    np.testing.assert_allclose(leaky_relu(x), [-0.2, 0, 3], rtol=1e-15)
    np.testing.assert_array_equal(identity(x), x)
    np.testing.assert_allclose(tanh(x), np.tanh(x), rtol=1e-15)
    np.testing.assert_allclose(sigmoid(x), 1 / (1 + np.exp(-x)), rtol=1e-15)


def test_derivatives_where_none_exists():
    assert heaviside.derivative(0.0) == relu.derivative(0.0) == 0.0
    assert leaky_relu.derivative(0.0) == leaky_relu.derivative(np.zeros(1))[0] == 0.1
    assert relu.derivative(np.zeros(1))[0] == heaviside.derivative(np.zeros(1))[0] == 0.0


def test_leaky_slope_is_an_argument():
    assert leaky_relu(-2.0, 0.5) == leaky_relu(-2.0, slope=0.5) == -1.0
    assert leaky_relu(np.array([-2.0]), slope=0.5)[0] == -1.0
    assert leaky_relu.derivative(-2.0, slope=0.5) == leaky_relu.derivative(np.array([-2.0]), 0.5)[0] == 0.5


@each
@given(x=arrays(np.float64, array_shapes(max_dims=3, max_side=4), elements=st.floats(-1e6, 1e6)))
def test_scalars_and_arrays_agree(f, x):
    for rule in (f, f.derivative):
        many = rule(x)
        assert many.shape == x.shape
        one = [rule(value) for value in x.ravel().tolist()]
        np.testing.assert_allclose(many.ravel(), one, rtol=1e-14)


@pytest.mark.parametrize("f", SMOOTH, ids=repr)
@given(x=numbers)
def test_derivative_is_the_slope(f, x):
    h = 1e-5
    assert f.derivative(x) == pytest.approx((f(x + h) - f(x - h)) / (2 * h), abs=1e-9)


@pytest.mark.parametrize("f", [heaviside, relu, leaky_relu], ids=repr)
@given(x=numbers.filter(lambda x: abs(x) > 1e-3))
def test_derivative_is_the_slope_off_the_kink(f, x):
    h = 1e-5
    assert f.derivative(x) == pytest.approx((f(x + h) - f(x - h)) / (2 * h), abs=1e-9)


@given(x=st.floats(-700, 700))
def test_sigmoid_keeps_its_digits_everywhere(x):
    assert sigmoid(x) == pytest.approx(special.expit(x), rel=1e-14)
    assert sigmoid.derivative(x) == pytest.approx(special.expit(x) * special.expit(-x), rel=1e-13)


@given(x=st.floats(-300, 300))
def test_tanh_derivative_keeps_its_digits_everywhere(x):
    assert tanh.derivative(x) == pytest.approx(1 / math.cosh(x) ** 2, rel=1e-12)


def test_lecture_formulas():
    x = np.linspace(-5, 5, 101)
    np.testing.assert_allclose(sigmoid.derivative(x), sigmoid(x) * (1 - sigmoid(x)), rtol=1e-12)
    np.testing.assert_allclose(tanh.derivative(x), 1 - tanh(x) ** 2, rtol=1e-10)
    np.testing.assert_allclose(tanh(x), 2 * sigmoid(2 * x) - 1, atol=1e-15)


@each
def test_nothing_overflows(f):
    for x in EDGES:
        for rule in (f, f.derivative):
            assert not math.isnan(rule(x)), x
            assert not math.isnan(rule(np.array([x]))[0]), x
            if abs(x) <= 1000:
                assert math.isfinite(rule(x))


@each
def test_nan_goes_in_and_comes_out(f):
    for rule in (f, f.derivative):
        assert math.isnan(rule(math.nan))
        assert np.isnan(rule(np.array([math.nan, 1.0]))).tolist() == [True, False]


@each
@pytest.mark.parametrize("kind", ["bool", "uint8", "int64", "float16", "float32", "float64"])
def test_types(f, kind):
    x = np.array([0, 1, 1], dtype=kind)
    wanted = kind if kind.startswith("float") else "float64"
    for rule in (f, f.derivative):
        assert rule(x).dtype == wanted
        assert rule(x[0]).dtype == wanted
        assert rule(np.array(x[0])).dtype == wanted


@each
def test_scalars_give_scalars(f):
    for rule in (f, f.derivative):
        assert type(rule(0.5)) is float
        assert type(rule(2)) is float
        assert type(rule(np.float64(0.5))) is np.float64
        assert type(rule(np.float32(0.5))) is np.float32
        assert type(rule(np.array(0.5))) is np.float64


@each
def test_lists_empties_and_input_left_alone(f):
    assert f([[1, 2], [3, 4]]).shape == (2, 2)
    assert f([]).shape == (0,)
    x = np.array([-1.0, 1.0])
    f(x)[:] = 7
    f.derivative(x)[:] = 7
    np.testing.assert_array_equal(x, [-1, 1])


@pytest.mark.parametrize("f", [*ELEMENTWISE, softmax], ids=repr)
@pytest.mark.parametrize(
    ("x", "error", "words"),
    [
        ("two", TypeError, "holds text"),
        ([1j], TypeError, "holds complex numbers"),
        ([object()], TypeError, "holds objects"),
        ([[1, 2], [3]], ValueError, "rows of different lengths"),
    ],
)
def test_bad_input(f, x, error, words):
    for rule in (f, f.derivative):
        with pytest.raises(error, match=f"^{f.name}: x .*{words}"):
            rule(x)


def test_unknown_argument():
    with pytest.raises(TypeError):
        sigmoid(np.ones(2), slope=0.1)


@given(arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 5)), elements=st.floats(-1e4, 1e4)))
def test_softmax(x):
    p = softmax(x)
    np.testing.assert_allclose(p, special.softmax(x, axis=-1), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(p.sum(axis=-1), 1, rtol=1e-12)
    np.testing.assert_allclose(softmax(x[0]), p[0], rtol=1e-12)


def test_softmax_jacobian():
    x, h = np.array([0.3, -1.0, 2.0]), 1e-6
    J = softmax.derivative(x)
    for j in range(3):
        e = h * np.eye(3)[j]
        np.testing.assert_allclose(J[:, j], (softmax(x + e) - softmax(x - e)) / (2 * h), atol=1e-9)
    assert softmax.derivative(np.zeros((5, 3), np.float32)).shape == (5, 3, 3)
    assert softmax.derivative(np.zeros((5, 3), np.float32)).dtype == np.float32
    assert softmax(np.zeros(3, np.float32)).dtype == np.float32


def test_softmax_edges():
    np.testing.assert_array_equal(softmax([1e4, -1e4]), [1, 0])
    np.testing.assert_array_equal(softmax([0.0, -np.inf]), [1, 0])
    assert np.isnan(softmax([math.nan, 0.0])).all()
    for x in (1.0, []):
        with pytest.raises(ValueError, match="softmax takes the sums of k classes along the last axis"):
            softmax(x)


@pytest.mark.parametrize("f", [*ELEMENTWISE, softmax], ids=repr)
def test_an_activation_is_a_value(f):
    assert repr(f) == str(f) == f.name == f.__name__
    assert isinstance(f, nnlib.Activation)
    assert pickle.loads(pickle.dumps(f)) is copy.deepcopy(f) is f
    assert f.__doc__
    assert "Examples" in f.__doc__
