"""Kinks, ties and edges: each has one documented answer, the same in both modes."""

import numpy as np
import pytest

from nnlib.autodiff import grad, jvp, value_and_grad

PLACES = {
    "abs at 0": (np.abs, 0.0, 0.0),
    "fabs at 0": (np.fabs, 0.0, 0.0),
    "sign": (np.sign, 0.0, 0.0),
    "maximum with an equal constant": (lambda x: np.maximum(x, 0.0), 0.0, 0.5),
    "minimum with an equal constant": (lambda x: np.minimum(x, 0.0), 0.0, 0.5),
    "maximum of itself": (lambda x: np.maximum(x, x), 2.0, 1.0),
    "max among equals": (np.max, np.array([1.0, 3.0, 3.0]), np.array([0.0, 0.5, 0.5])),
    "min among three": (np.min, np.array([1.0, 1.0, 1.0]), np.array([1 / 3] * 3)),
    "clip at its lower bound": (lambda x: np.clip(x, 0.0, 1.0), 0.0, 1.0),
    "clip at its upper bound": (lambda x: np.clip(x, 0.0, 1.0), 1.0, 1.0),
    "clip at its bound, by the bound": (lambda b: np.clip(0.0, b, 1.0), 0.0, 0.0),
    "clip at its upper bound, by the bound": (lambda b: np.clip(1.0, 0.0, b), 1.0, 0.0),
    "clip outside": (lambda x: np.clip(x, 0.0, 1.0), -1.0, 0.0),
    "clip inside": (lambda x: np.clip(x, 0.0, 1.0), 0.5, 1.0),
    "where takes its branch": (lambda x: np.where(x > 0, x, 0.0), 0.0, 0.0),
    "norm of 0": (np.linalg.norm, np.zeros(3), np.zeros(3)),
    "3-norm of 0": (lambda x: np.linalg.norm(x, 3), np.zeros(3), np.zeros(3)),
    "norm of 0 in one row": (
        lambda x: np.sum(np.linalg.norm(x, axis=1)),
        np.array([[0.0, 0.0], [3.0, 4.0]]),
        np.array([[0.0, 0.0], [0.6, 0.8]]),
    ),
    "3-norm of 0 in one row": (
        lambda x: np.sum(np.linalg.norm(x, 3, axis=1)),
        np.array([[0.0, 0.0], [2.0, 0.0]]),
        np.array([[0.0, 0.0], [1.0, 0.0]]),
    ),
    "hypot of 0 and 0": (lambda x: np.hypot(x[0], x[1]), np.zeros(2), np.zeros(2)),
    "hypot of 0 and 0 in one place": (
        lambda x: np.sum(np.hypot(x[0], x[1])),
        np.array([[0.0, 3.0], [0.0, 4.0]]),
        np.array([[0.0, 0.6], [0.0, 0.8]]),
    ),
    "standard deviation of equals": (np.std, np.ones(3), np.zeros(3)),
    "variance of one number": (np.var, 3.0, 0.0),
    "x**0 at 0": (lambda x: x**0, 0.0, 0.0),
    "x**0 at 0 with an array": (lambda x: np.sum(x ** np.array([0.0, 2.0])), np.zeros(2), np.zeros(2)),
    "x**1 at 0": (lambda x: x**1, 0.0, 1.0),
    "0**y": (lambda y: np.power(0.0, y), 2.0, 0.0),
    "0**y at y = 0": (lambda y: np.power(0.0, y), 0.0, 0.0),
    "sinc at 0": (np.sinc, 0.0, 0.0),
    "product with a 0": (np.prod, np.array([2.0, 0.0, 3.0]), np.array([0.0, 6.0, 0.0])),
    "product with two 0": (np.prod, np.array([2.0, 0.0, 0.0]), np.zeros(3)),
    "logaddexp of -inf and -inf": (lambda x: np.logaddexp(x, -np.inf), -np.inf, 0.5),
    "logaddexp of inf, in each place": (
        lambda x: np.sum(np.logaddexp(x, np.array([np.inf, 0.0, np.inf, 1.0]))),
        np.array([np.inf, np.inf, 0.0, 1.0 + np.log(3.0)]),
        np.array([0.5, 1.0, 0.0, 0.75]),
    ),
    "logaddexp of -inf, in each place": (
        lambda x: np.sum(np.logaddexp(x, np.array([-np.inf, 0.0, -np.inf, 1.0]))),
        np.array([-np.inf, -np.inf, 0.0, 1.0 + np.log(3.0)]),
        np.array([0.5, 0.0, 1.0, 0.75]),
    ),
    "logaddexp far apart": (lambda x: np.logaddexp(x, 0.0), 2000.0, 1.0),
    "logaddexp.reduce far apart": (np.logaddexp.reduce, np.array([2000.0, 0.0]), np.array([1.0, 0.0])),
    "polyval at 0": (lambda x: np.polyval([2.0, 3.0, 1.0], x), 0.0, 3.0),
    "sort of equals": (lambda x: np.sort(x)[0], np.array([1.0, 1.0]), np.array([1.0, 0.0])),
    "heaviside at 0": (lambda x: np.heaviside(x, 0.5), 0.0, 0.0),
    "remainder at a jump": (lambda x: x % 1.0, 2.0, 1.0),
    "x**1 at 0 with an array": (
        lambda x: np.sum(x ** np.array([1.0, 2.0])),
        np.zeros(2),
        np.array([1.0, 0.0]),
    ),
    "nan_to_num": (lambda x: np.nan_to_num(x), np.nan, 0.0),
}


@pytest.mark.parametrize(("f", "x", "want"), PLACES.values(), ids=PLACES)
def test_one_answer_in_both_modes(f, x, want):
    value, reverse = value_and_grad(f)(x)
    np.testing.assert_allclose(value, f(x))
    np.testing.assert_allclose(reverse, want, atol=1e-15)
    x = np.asarray(x, float)
    for unit in np.eye(x.size).reshape((x.size, *x.shape)):
        _, forward = jvp(f, (x[()],), (unit[()],))
        np.testing.assert_allclose(forward, np.sum(unit * want), atol=1e-15)


def test_second_derivatives_at_edges():
    assert grad(grad(np.sinc))(0.0) == pytest.approx(-(np.pi**2) / 3, rel=1e-12)
    assert grad(grad(lambda x: x**2))(0.0) == 2.0
    even = np.sinc
    for order, want in ((2, -(np.pi**2) / 3), (4, np.pi**4 / 5), (6, -(np.pi**6) / 7), (8, np.pi**8 / 9)):
        even = grad(grad(even))
        assert even(0.0) == pytest.approx(want, rel=1e-9), order
    hessian_row = grad(lambda x: grad(np.prod)(x)[0])(np.array([2.0, 0.0, 3.0]))
    assert np.array_equal(hessian_row, [0.0, 3.0, 0.0])


def test_nan_goes_in_and_comes_out():
    for f in (np.sum, np.tanh, np.prod, lambda x: np.maximum(x, 0.0), np.linalg.norm):
        value, _ = value_and_grad(lambda x, f=f: np.sum(f(x)))(np.array([np.nan, 1.0]))
        assert np.isnan(value)
    assert np.isnan(grad(lambda x: np.sum(x * x))(np.array([np.nan, 1.0]))[0])
