"""A traced value acts like its array."""

import numpy as np
import pytest

from nnlib.autodiff import Tensor, grad, jvp, raw


def inside(check, x=None):
    """Run `check` on a traced array."""
    grad(lambda x: (check(x), np.sum(x))[1])(np.arange(6.0).reshape(2, 3) if x is None else x)


def test_facts():
    def check(x):
        assert type(x) is Tensor
        assert (x.shape, x.ndim, x.size, x.dtype) == ((2, 3), 2, 6, np.float64)
        assert len(x) == 2
        assert repr(x[0]) == "Tensor(array([0., 1., 2.]))"
        assert f"{x[0, 1]:.2f}" == "1.00"
        assert isinstance(hash(x), int)
        assert x[0, 1]
        assert not x[0, 0]
        assert [row.shape for row in x] == [(3,), (3,)]
        assert hasattr(x, "sum")
        assert not hasattr(x, "tolist")

    inside(check)


def test_comparisons_are_plain():
    def check(x):
        for answer in (x > 1, x >= 1, x < 1, x <= 1, x == 1, x != 1, x > x, np.ones(3) < x):
            assert type(answer) is np.ndarray
            assert answer.dtype == bool
        assert type(x // 2) is np.ndarray
        assert type(5 // (x + 1)) is np.ndarray
        assert np.array_equal(5 // (x + 1), 5 // (np.arange(6.0).reshape(2, 3) + 1))

    inside(check)


@pytest.mark.parametrize(
    ("f", "want"),
    [
        (lambda x: x + 3, 1), (lambda x: 3 + x, 1), (lambda x: x - 3, 1), (lambda x: 3 - x, -1),
        (lambda x: x * 3, 3), (lambda x: 3 * x, 3), (lambda x: x / 4, 0.25), (lambda x: 4 / x, -1),
        (lambda x: x**3, 12), (lambda x: 3**x, 9 * np.log(3)), (lambda x: x % 1.5, 1), (lambda x: 7 % x, -3),
        (lambda x: -x, -1), (lambda x: +x, 1), (lambda x: abs(-x), 1), (lambda x: pow(x, 2), 4),
        (lambda x: np.ones(2) @ (x * np.ones(2)), 2), (lambda x: (x * np.ones(2)) @ np.ones(2), 2),
        (lambda x: np.float64(3.0) * x, 3), (lambda x: np.array(3.0) - x, -1), (lambda x: sum([x, x, x]), 3),
        (lambda x: max(x, 1.0), 1), (lambda x: x.item(), 1), (lambda x: (x * np.ones((2, 2))).item(3), 1),
        (lambda x: (x * np.ones((2, 2))).item(0, 1), 1), (lambda x: np.float64(5) ** x, 25 * np.log(5)),
    ],
)  # fmt: skip
def test_operators(f, want):
    assert np.isclose(grad(f)(2.0), want)
    assert np.isclose(jvp(f, (2.0,), (1.0,))[1], want)


def test_plus_equals_makes_a_new_value():
    def f(x):
        y = x
        y += 1.0
        return x * y

    assert grad(f)(2.0) == 5.0


def test_float32_constants_do_not_widen():
    x = np.ones(3, np.float32)
    for f in (
        lambda x: np.mean((x - np.float32(1)) ** 2),
        lambda x: np.sum(2 * x + 1.5),
        lambda x: np.sum(np.where(x > 0, 1.0, 0.1) * x),
        lambda x: np.sum(np.maximum(x, 0.0)),
        lambda x: np.linalg.norm(x / 3.0),
    ):
        assert grad(f)(x).dtype == np.float32


def test_methods_of_questions():
    def check(x):
        assert x.argmax() == 5
        assert x.any()
        assert not x.all()
        assert np.array_equal(x.round(), raw(x))
        assert x.argmin(axis=1).tolist() == [0, 0]
        assert x[0].argsort().tolist() == [0, 1, 2]
        assert len(x.nonzero()[0]) == 5
        assert x[0].searchsorted(1.5) == 2

    inside(check)
