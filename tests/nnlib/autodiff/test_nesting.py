"""Derivatives of derivatives, in every order of the two modes."""

import threading

import numpy as np
import pytest

from nnlib.autodiff import check_grads, grad, hvp, jacobian, jvp, value_and_grad, vjp


def forward_derivative(f):
    return lambda x: jvp(f, (x,), (1.0,))[1]


MODES = {"reverse": grad, "forward": forward_derivative}


@pytest.mark.parametrize("outer", MODES.values(), ids=MODES)
@pytest.mark.parametrize("inner", MODES.values(), ids=MODES)
def test_perturbations_are_not_confused(outer, inner):
    """d/dx of x times (d/dy of x + y at y = 1) is d/dx of x, which is 1.

    Source: J. Siskind and B. Pearlmutter, Perturbation confusion and referential transparency, IFL 2005.
    """
    assert outer(lambda x: x * inner(lambda y: x + y)(1.0))(1.0) == 1.0
    assert outer(lambda x: x * inner(lambda y: x * y)(1.0))(3.0) == 6.0


@pytest.mark.parametrize("order", ["rrr", "rrf", "rfr", "rff", "frr", "frf", "ffr", "fff"])
def test_third_derivative_in_every_order_of_the_modes(order):
    f = np.sin
    for letter in order:
        f = grad(f) if letter == "r" else forward_derivative(f)
    assert np.isclose(f(0.7), -np.cos(0.7), rtol=1e-14)


def test_tenth_derivative():
    f = np.exp
    for _ in range(10):
        f = grad(f)
    assert np.isclose(f(0.3), np.exp(0.3))


def test_inner_function_uses_outer_values_and_its_own():
    """h(x) = d/dy (x y^2 + y) at y = x is 2 x^2 + 1, and h'(x) = 4 x."""
    assert grad(lambda x: grad(lambda y: x * y**2 + y)(x))(3.0) == 12.0


def test_inner_pull_is_differentiated():
    def f(x):
        y, pull = vjp(np.sin, x)
        return pull(y)[0]  # sin x cos x

    assert np.isclose(grad(f)(0.4), np.cos(0.8))


def test_pull_may_be_called_again():
    _, pull = vjp(lambda x: x * x, np.array([1.0, 2.0]))
    for g in (np.ones(2), np.array([1.0, -1.0])):
        assert np.array_equal(pull(g)[0], 2.0 * np.array([1.0, 2.0]) * g)


def test_many_arguments_of_several_traces():
    """Rows of three and more arguments meet values of different depth."""

    def f(x):
        inner = grad(lambda y: np.sum(np.concatenate([x * y, y**2, np.ones(2)])) + np.clip(0.5, y[0], x[0]))
        return np.sum(inner(x + 1.0) * x)

    check_grads(f, np.array([-0.2, 0.9]))


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def test_hessian_in_four_ways():
    x = np.array([0.3, -0.7, 1.2])
    unit = np.eye(3)
    hessian = jacobian(grad(rosenbrock))(x)
    assert np.allclose(hessian, hessian.T)
    assert np.allclose(hessian, np.stack([hvp(rosenbrock, x, e) for e in unit]))
    assert np.allclose(hessian, [grad(lambda x, e=e: np.dot(grad(rosenbrock)(x), e))(x) for e in unit])
    assert np.allclose(hessian, [grad(lambda x, e=e: jvp(rosenbrock, (x,), (e,))[1])(x) for e in unit])
    by_hand = np.array(
        [
            [1200 * x[0] ** 2 - 400 * x[1] + 2, -400 * x[0], 0],
            [-400 * x[0], 202 + 1200 * x[1] ** 2 - 400 * x[2], -400 * x[1]],
            [0, -400 * x[1], 200],
        ]
    )
    assert np.allclose(hessian, by_hand)


def program(x):
    """Loops, branches, slices, fancy indices and library calls."""
    s = 0.0
    for i in range(3):
        s = s + np.sum(np.tanh(x[i:] ** 2)) if x[i] > 0 else s - np.exp(x).sum()
    while s > 1.0:
        s = s / 2
    return np.where(x > 0.1, x, 0.0).sum() * s + np.einsum("i,i->", x, x) + x[[0, 0, 2]].prod()


def test_program_to_third_order():
    check_grads(program, np.array([0.3, -0.4, 0.9]), order=3)


def test_newtons_method_differentiated():
    """The derivative of a root found by Newton's method: d sqrt(a) / da, through the iteration itself."""

    def root(a):
        x = 1.0
        for _ in range(8):
            x = x - (x * x - a) / grad(lambda x: x * x - a)(x)
        return x

    value, slope = value_and_grad(root)(2.0)
    assert np.isclose(value, np.sqrt(2.0), rtol=1e-15)
    assert np.isclose(slope, 0.5 / np.sqrt(2.0), rtol=1e-12)


def test_threads_do_not_meet():
    found = []

    def work(k):
        for _ in range(100):
            found.append(np.isclose(grad(lambda x: np.sum(np.sin(x) * k))(np.ones(5))[0], k * np.cos(1)))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 400
    assert all(found)
