"""grad, vjp, jvp, jacobian, check_grads: arguments of every shape, ownership, memory, depth."""

import gc
import sys
import tracemalloc
from collections import OrderedDict, namedtuple

import numpy as np
import pytest

from nnlib.autodiff import check_grads, grad, hvp, jacobian, jvp, value_and_grad, vjp

Pair = namedtuple("Pair", "a b")


class Line:
    """A model: y = w x + c.  `leaves` and `like` are all that a gradient asks of it."""

    def __init__(self, w, c):
        self.w, self.c = w, c

    def __call__(self, x):
        return self.w * x + self.c

    def leaves(self):
        return [self.w, self.c]

    def like(self, leaves):
        return Line(*leaves)


def product(tree):
    return np.sum(tree[0] * tree[1])


@pytest.mark.parametrize("kind", [tuple, list, lambda xy: Pair(*xy)])
def test_gradient_has_the_shape_of_the_argument(kind):
    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    g = grad(product)(kind((x, y)))
    assert type(g) is type(kind((x, y)))
    assert np.array_equal(g[0], y)
    assert np.array_equal(g[1], x)


def test_gradient_of_dicts_and_nests():
    tree = OrderedDict(W=[np.ones(2), 2.0], b={"c": (3.0,)})
    g = grad(lambda t: np.sum(t["W"][0]) * t["W"][1] ** 2 * t["b"]["c"][0])(tree)
    assert type(g) is OrderedDict
    assert np.array_equal(g["W"][0], [12.0, 12.0])
    assert g["W"][1] == 24.0
    assert g["b"] == {"c": (8.0,)}


def test_gradient_of_a_model_is_a_model():
    model = Line(np.array([2.0, 3.0]), np.float64(1.0))
    g = grad(lambda m: np.sum(m(np.array([5.0, 7.0]))))(model)
    assert type(g) is Line
    assert np.array_equal(g.w, [5.0, 7.0])
    assert g.c == 2.0
    inside = grad(lambda t: np.sum(t["m"](t["x"])))({"m": model, "x": np.array([5.0, 7.0])})
    assert np.array_equal(inside["m"].w, [5.0, 7.0])
    assert np.array_equal(inside["x"], [2.0, 3.0])
    assert hvp(lambda m: np.sum(m.w**3), model, Line(np.ones(2), 0.0)).w.tolist() == [12.0, 18.0]


def test_further_arguments_are_constants():
    assert grad(lambda x, y, scale=1.0: scale * x * y)(2.0, 5.0, scale=3.0) == 15.0
    value, g = value_and_grad(lambda x, y: x * y)(2.0, 5)
    assert (value, g) == (10.0, 5.0)


def test_integers_and_booleans_become_float64():
    g = grad(lambda x: np.sum(x * x))(np.array([1, 2]))
    assert g.dtype == np.float64
    assert np.array_equal(g, [2.0, 4.0])
    assert grad(lambda x: x * x)(3) == 6.0
    assert np.array_equal(grad(np.sum)(np.array([True, False])), [1.0, 1.0])


def test_gradient_has_the_dtype_of_the_argument():
    """Even where a float64 constant joins in."""
    g = grad(lambda x: np.sum(x * np.array([1.5, 2.5])))(np.ones(2, np.float32))
    assert g.dtype == np.float32
    assert np.array_equal(g, np.array([1.5, 2.5], np.float32))


def test_zero_dimensional_arrays():
    g = grad(lambda x: x**2)(np.array(3.0))
    assert g == 6.0
    assert np.shape(g) == ()
    value, g = value_and_grad(lambda x: np.where(x > 0, x**2, 0.0))(3.0)
    assert (value, g) == (9.0, 6.0)
    assert grad(lambda x: (x * x).reshape(1, 1))(3.0) == 6.0


def test_what_is_not_used_has_derivative_zero():
    g = grad(lambda t: np.sum(t[0]))((np.ones(2), np.ones(3, np.float32), 1.0))
    assert np.array_equal(g[1], np.zeros(3))
    assert g[1].dtype == np.float32
    assert g[2] == 0.0
    value, g = value_and_grad(lambda x: 3)(np.ones(2))
    assert value == 3
    assert np.array_equal(g, np.zeros(2))
    assert np.array_equal(grad(lambda x: np.sum(np.floor(x)))(np.ones(2)), np.zeros(2))


def test_gradient_of_the_identity():
    assert grad(lambda x: x)(2.0) == 1.0
    y, pull = vjp(lambda x: (x, x, 4.0), 2.0)
    assert y == (2.0, 2.0, 4.0)
    assert pull((1.0, 10.0, 100.0)) == (11.0,)


def test_results_are_the_callers_alone():
    a, b = grad(lambda t: np.sum(t[0] + t[1]))((np.ones(3), np.ones(3)))
    assert not np.shares_memory(a, b)
    seed = np.ones(3)
    _, pull = vjp(lambda x: x + 1.0, np.ones(3))
    assert not np.shares_memory(pull(seed)[0], seed)
    _, pull = vjp(lambda x: x.reshape(3, 1), np.ones(3))
    seed = np.ones((3, 1))
    assert not np.shares_memory(pull(seed)[0], seed)
    constant = np.ones((2, 3))
    g = grad(lambda x: np.sum(x.T * constant.T))(np.ones((2, 3)))
    g += 1.0
    assert np.array_equal(constant, np.ones((2, 3)))


def test_arguments_are_left_as_they_are():
    x = np.array([1.0, 2.0, 3.0])
    before = x.copy()
    grad(lambda x: np.sum(x[:2] * x[1:]) + np.sum(x))(x)
    grad(lambda x: np.sum(x) + np.sum(x[:2]))(x)
    assert np.array_equal(x, before)


@pytest.mark.parametrize("first", [lambda x: np.sum(x * 3.0), lambda x: np.sum(x)])
def test_slices_and_wholes_add_up_in_any_order(first):
    x = np.array([1.0, 2.0, 3.0])
    want = grad(first)(x) + np.array([2.0, 1.0, 0.0])
    assert np.array_equal(grad(lambda x: first(x) + np.sum(x[:2]) + x[0])(x), want)
    assert np.array_equal(grad(lambda x: np.sum(x[:2]) + first(x) + x[0])(x), want)
    assert np.array_equal(grad(lambda x: np.sum(x[:2]) + x[0] + first(x))(x), want)
    twice = grad(lambda x: np.sum(grad(lambda x: first(x) + np.sum(x[:2] ** 3) + x[0] ** 2)(x)))(x)
    assert np.array_equal(twice, [8.0, 12.0, 0.0])


def test_jvp_of_trees():
    y, t = jvp(
        lambda a, b: {"sum": a + b["c"], "same": 7.0}, (1.0, {"c": np.ones(2)}), (10.0, {"c": np.ones(2)})
    )
    assert np.array_equal(y["sum"], [2.0, 2.0])
    assert np.array_equal(t["sum"], [11.0, 11.0])
    assert t["same"] == 0.0


def test_jacobian_of_arrays_and_trees():
    a = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(jacobian(lambda x: a @ x)(np.ones(3)), a)
    assert jacobian(lambda x: x**2)(3.0) == 6.0
    assert np.shape(jacobian(lambda x: x**2)(3.0)) == ()
    assert jacobian(lambda x: np.outer(x, x))(np.ones(2)).shape == (2, 2, 2)
    by_parts = jacobian(lambda t: t[0] * t[1])((np.array([1.0, 2.0]), 3.0))
    assert np.array_equal(by_parts[0], 3.0 * np.eye(2))
    assert np.array_equal(by_parts[1], [1.0, 2.0])
    assert jacobian(lambda x: x[:0])(np.ones(2)).shape == (0, 2)
    assert np.array_equal(jacobian(lambda x, c: c * x)(np.ones(2), 4.0), 4.0 * np.eye(2))


def chain(x, n=20_000):
    for _ in range(n):
        x = x * 0.9999 + 0.0001
    return x


def test_long_chains_do_not_meet_the_recursion_limit():
    limit = sys.getrecursionlimit()
    assert limit < 20_000
    assert np.isclose(grad(chain)(2.0), 0.9999**20_000, rtol=1e-10)
    assert np.isclose(jvp(chain, (2.0,), (1.0,))[1], 0.9999**20_000, rtol=1e-10)
    assert np.isclose(hvp(lambda x: chain(x) ** 2, 2.0, 1.0), 2 * 0.9999**40_000, rtol=1e-10)


def test_nothing_is_kept_between_calls():
    """With the garbage collector off: no cycles either."""
    x = np.ones(100)

    def f(x):
        return np.sum(np.tanh(x[1:] * x[:-1]) @ np.ones((99, 3)) + np.mean(x))

    def steps(n):
        for _ in range(n):
            grad(f)(x)
            jvp(f, (x,), (x,))
        return tracemalloc.get_traced_memory()[0]

    hvp(f, x, x)
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        after_10 = steps(10)
        after_1000 = steps(990)
    finally:
        tracemalloc.stop()
        gc.enable()
    assert abs(after_1000 - after_10) < 16_000  # one array kept a step would be 800,000


def test_check_grads_finds_what_is_wrong(monkeypatch):
    from nnlib.autodiff.rows import elementwise

    wrong = elementwise(lambda x: np.sin(x) * 1.0, lambda t, o, x: t * x, on="wrong on purpose")
    try:
        with pytest.raises(AssertionError, match=r"forward mode gives .*, but central differences give"):
            check_grads(wrong, 1.0)
    finally:
        from nnlib.autodiff import TABLE

        del TABLE["wrong on purpose"]
    check_grads(lambda t, x: {"y": t["a"] * x}, {"a": np.ones(2)}, 3.0)
    check_grads(lambda m: m(2.0), Line(1.5, 0.5))


def test_check_grads_finds_a_wrong_reverse_rule():
    from nnlib.autodiff import TABLE
    from nnlib.autodiff.rows import linear

    wrong = linear(lambda x: 3.0 * x, lambda g, o, x: g, on="wrong on purpose")
    del TABLE["wrong on purpose"]
    with pytest.raises(AssertionError, match=r"reverse mode gives .*, but central differences give"):
        check_grads(wrong, 1.0)
