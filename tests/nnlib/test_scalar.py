"""`Value` and `Dual` against each other, against `grad`, and against micrograd."""

import gc
import importlib
import math
import os
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib.autodiff import grad
from nnlib.dual import Dual, derivative
from nnlib.scalar import Value, weighted_sum

FUNCTIONS = {
    "plus": lambda x: x + 2.5,
    "plus, turned": lambda x: 2.5 + x,
    "minus": lambda x: x - 2.5,
    "minus, turned": lambda x: 2.5 - x,
    "times": lambda x: x * 2.5,
    "times, turned": lambda x: 2.5 * x,
    "over": lambda x: x / 2.5,
    "over, turned": lambda x: 2.5 / x,
    "to the": lambda x: x**2.5,
    "to the third": lambda x: x**3,
    "to the minus second": lambda x: x**-2,
    "to the zeroth": lambda x: x**0,
    "to the, turned": lambda x: 2.5**x,
    "to itself": lambda x: x**x,
    "negative": lambda x: -x,
    "exp": np.exp,
    "log": np.log,
    "tanh": np.tanh,
    "used twice": lambda x: x * x + x,
    "diamond": lambda x: (x * 2.0) * (x + 1.0) / (x * 2.0 + 3.0),
}
MORE = {"sin": np.sin, "cos": np.cos, "sqrt": np.sqrt, "abs": abs}


def backward(f):
    def slope(x):
        v = Value(x)
        f(v).backward()
        return v.grad

    return slope


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize("x", [0.3, 1.7])
def test_value_and_dual_equal_grad(f, x):
    assert f(Value(x)).data == pytest.approx(f(x), rel=1e-14)
    assert f(Dual(x)).value == pytest.approx(f(x), rel=1e-14)
    assert backward(f)(x) == pytest.approx(grad(f)(x), rel=1e-12)
    assert derivative(f)(x) == pytest.approx(grad(f)(x), rel=1e-12)


@pytest.mark.parametrize("f", MORE.values(), ids=MORE)
def test_more_functions_of_dual(f):
    assert derivative(f)(0.7) == pytest.approx(grad(f)(0.7), rel=1e-14)


def test_edges():
    for x, want in ((2.0, 1.0), (0.0, 0.0), (-2.0, 0.0)):
        assert backward(Value.relu)(x) == want
        assert derivative(Dual.relu)(x) == want
        assert Value(x).relu().data == max(x, 0.0)
    assert math.isnan(Value(math.nan).relu().data)
    assert math.isnan(Dual(math.nan).relu().value)
    assert derivative(abs)(0.0) == 0.0
    assert derivative(abs)(-2.0) == -1.0
    assert Value(1000.0).exp().data == math.inf
    assert Dual(1000.0).exp().value == math.inf
    assert backward(lambda x: x**2)(0.0) == 0.0
    assert backward(lambda x: x**0)(0.0) == 0.0
    assert backward(lambda n: Value(0.0) ** n)(2.0) == 0.0
    assert math.isnan(backward(lambda n: Value(-2.0) ** n)(2.0))
    assert backward(lambda x: x**2)(-3.0) == -6.0
    assert derivative(lambda x: Dual(0.0) ** x)(2.0) == 0.0
    assert math.isnan(derivative(lambda n: Dual(-2.0) ** n)(2.0))
    assert derivative(lambda x: 3.0)(1.0) == 0.0


def test_errors_say_what_is_wrong():
    for wrong in ("3", None, [1.0], 1j, Dual(1.0)):
        with pytest.raises(TypeError, match=r"Value takes one real number, but got"):
            Value(wrong)
    with pytest.raises(TypeError, match=r"Value takes one real number"):
        Value(1.0) + "3"
    for parts in (("3", 0.0), (1.0, "3"), (Dual(1.0), 1.0)):
        with pytest.raises(TypeError, match=r"use nnlib.grad or nnlib.jvp, which keep perturbations apart"):
            Dual(*parts)
    for kind in (Value, Dual):
        with pytest.raises(ValueError, match=r"-2.0 \*\* 0.5 is not a real number"):
            kind(-2.0) ** 0.5
        with pytest.raises(ValueError, match=r"log takes a number above 0, but got 0.0"):
            kind(0.0).log()
        with pytest.raises(ZeroDivisionError):
            kind(1.0) / 0.0


def test_perturbations_can_not_be_confused():
    """d/dx of x (d/dy of x + y): Dual refuses where a naive one would answer 2."""
    with pytest.raises(TypeError, match="keep perturbations apart"):
        derivative(lambda x: x * derivative(lambda y: x + y)(1.0) + derivative(lambda y: y)(x))(1.0)


def test_comparisons_and_text():
    x = Dual(2.0, 1.0)
    assert x < 3
    assert x <= 2
    assert x > 1
    assert x >= Dual(2.0)
    assert repr(x) == "Dual(2.0, 1.0)"
    v = Value(2)
    (v * 3).backward()
    assert repr(v) == "Value(data=2.0, grad=3.0)"
    assert derivative(lambda x: x if x > 0 else -x)(-3.0) == -1.0


def test_backward_twice_gives_the_same():
    x = Value(3.0)
    y = x * x
    y.backward()
    y.backward()
    assert x.grad == 6.0
    z = y + x
    z.backward()
    assert (x.grad, y.grad) == (7.0, 1.0)


def test_an_interrupt_leaves_nothing_behind():
    class Broken(float):
        def __rmul__(self, other):
            raise KeyboardInterrupt

        __mul__ = __rmul__

    x = Value(3.0)
    y = x * x
    z = y + x
    y._slope_left = Broken(1.0)
    with pytest.raises(KeyboardInterrupt):
        z.backward()
    assert (y._waits, z._waits) == (0, 0)
    fresh = x * x
    fresh.backward()
    assert x.grad == 6.0


def test_an_input_is_its_own_result():
    x = Value(3.0)
    x.backward()
    assert x.grad == 1.0
    (2.0 * x).backward()
    assert x.grad == 2.0


@pytest.mark.parametrize("bias", [Value(0.5), 0.5])
def test_a_weighted_sum_is_the_sum_written_out(bias):
    """Also where a number stands several times, and where some are no Values."""

    def slopes(neuron):
        w, x = [Value(2.0), Value(-1.0), 3.0, Value(0.25)], [Value(3.0), 4.0, Value(-2.0)]
        x.append(x[0])
        w.append(w[0])
        x.append(w[0])
        h = neuron(w, x, bias).tanh()
        z = neuron([h, h, w[1]], [x[0] * 0.1, h, 2.0], h)
        z.backward()
        given = [v.grad for v in (*w, *x, bias) if isinstance(v, Value)]
        return [z.data, h.grad, *given]

    written = slopes(lambda w, x, b: sum((p * q for p, q in zip(w, x, strict=True)), b))
    assert slopes(weighted_sum) == pytest.approx(written, rel=1e-14)


def test_a_weighted_sum_says_what_is_wrong():
    assert weighted_sum([], [], 2.0).data == 2.0
    assert weighted_sum([1.0], [2.0]).data == 2.0
    with pytest.raises(ValueError, match="one weight for each input, but got 2 and 1"):
        weighted_sum([Value(1.0), 2.0], [1.0])
    with pytest.raises(TypeError, match="takes one real number"):
        weighted_sum([Value(1.0)], ["1"])


def test_long_chain():
    assert sys.getrecursionlimit() < 20_000
    w = Value(0.9999)
    x = w
    for _ in range(20_000):
        x = x * w
    x.backward()
    assert w.grad == pytest.approx(20_001 * 0.9999**20_000, rel=1e-9)
    del x
    gc.collect()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("+-*/"), st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=30
    ),
    st.lists(st.floats(0.5, 2.0), min_size=3, max_size=3),
)
def test_random_graphs(steps, inputs):
    """Each step joins two earlier numbers; a step that would grow too large is left out."""

    def program(xs):
        made = list(xs)
        for op, i, j in steps:
            a, b = made[i % len(made)], made[j % len(made)]
            c = {"+": a + b, "-": a - b, "*": a * b, "/": a / (b * b + 1.0)}[op]
            made.append(c if abs(getattr(c, "data", c)) < 1e3 else a)
        return made[-1]

    values = [Value(x) for x in inputs]
    out = program(values)
    out.backward()
    plain = program(inputs)
    assert out.data == pytest.approx(plain, rel=1e-9, abs=1e-9)
    eps = 1e-6
    for k, v in enumerate(values):
        up, down = list(inputs), list(inputs)
        up[k] += eps
        down[k] -= eps
        numeric = (program(up) - program(down)) / (2 * eps)
        assert v.grad == pytest.approx(numeric, rel=1e-3, abs=1e-3) or abs(plain) > 100


def test_micrograds_own_test():
    """The sanity check of micrograd's repository, with its numbers."""
    name = "micrograd.engine"
    try:
        engine = importlib.import_module(name)
    except ImportError:
        if os.environ.get("REQUIRE_ORACLES"):
            raise
        pytest.skip("micrograd is not installed")
    grads = []
    for kind in (Value, engine.Value):
        x = kind(-4.0)
        z = 2 * x + 2 + x
        q = z.relu() + z * x
        h = (z * z).relu()
        y = h + q + q * x
        y.backward()
        grads.append((y.data, x.grad))
    assert grads[0] == grads[1]


def test_a_derivative_of_dual_numbers_refuses_to_nest():
    with pytest.raises(TypeError, match=r"same eps.*nnlib\.grad"):
        derivative(lambda x: x * derivative(lambda y: x + y)(1.0))(1.0)
    assert derivative(lambda x: x * x)(3.0) == 6.0  # and works again afterwards
