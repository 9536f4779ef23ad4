"""Optimisers: steps by hand, every kind of parameters, schedules, messages."""

import numpy as np
import pytest

from nnlib import Dense, Sequential, grad, optim, squared_error, tanh, value_and_grad

KINDS = {
    "SGD": lambda lr=0.1: optim.SGD(lr),
    "SGD with decay": lambda lr=0.1: optim.SGD(lr, weight_decay=0.1),
    "Momentum": lambda lr=0.1: optim.Momentum(lr),
    "Nesterov": lambda lr=0.1: optim.Momentum(lr, nesterov=True),
    "RMSProp": lambda lr=0.1: optim.RMSProp(lr),
    "Adam": lambda lr=0.1: optim.Adam(lr),
    "AdamW": lambda lr=0.1: optim.AdamW(lr),
}
every_kind = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)


def network(dtype=float):
    return Sequential(Dense(2, 3, tanh, rng=0), Dense(3, 1, rng=1)).astype(dtype)


def test_two_steps_by_hand():
    w, g = np.array([1.0, -2.0]), np.array([0.5, 2.0])
    for opt, steps in (
        (optim.SGD(0.1), [w - 0.1 * g, w - 0.2 * g]),
        (optim.Momentum(0.1, 0.5), [w - 0.1 * g, w - 0.1 * g - 0.1 * 1.5 * g]),
        (optim.Momentum(0.1, 0.5, nesterov=True), [w - 0.1 * 1.5 * g, w - 0.1 * 1.5 * g - 0.1 * 1.75 * g]),
        (
            optim.RMSProp(0.1, 0.5, eps=0.0),
            [w - 0.1 / np.sqrt(0.5), w - 0.1 / np.sqrt(0.5) - 0.1 / np.sqrt(0.75)],
        ),
        (optim.Adam(0.1, eps=0.0), [w - 0.1, w - 0.2]),
    ):
        sign = np.sign(g) if isinstance(opt, (optim.Adam, optim.RMSProp)) else 1.0
        now = w
        for want in steps:
            now = opt.step(now, g)
            np.testing.assert_allclose(now, w + (want - w) * sign, rtol=1e-12)


@every_kind
def test_every_kind_of_parameters_takes_the_same_steps(make):
    net = network()
    arrays = [leaf.copy() for leaf in net.leaves()]
    as_tuple, as_dict, numbers = tuple(arrays), dict(enumerate(arrays)), [float(x) for x in net.flat]
    opts = [make() for _ in range(4)]
    rng = np.random.default_rng(0)
    for _ in range(3):
        slopes = [rng.normal(size=leaf.shape) for leaf in arrays]
        assert opts[0].step(net, net.like(slopes)) is net
        as_tuple = opts[1].step(as_tuple, tuple(slopes))
        as_dict = opts[2].step(as_dict, dict(enumerate(slopes)))
        numbers = opts[3].step(numbers, np.concatenate(slopes, axis=None).tolist())
    for k, leaf in enumerate(net.leaves()):
        np.testing.assert_allclose(as_tuple[k], leaf, rtol=1e-13)
        np.testing.assert_allclose(as_dict[k], leaf, rtol=1e-13)
    np.testing.assert_allclose(numbers, net.flat, rtol=1e-13)
    assert type(as_tuple) is tuple
    assert type(as_dict) is dict


@every_kind
def test_arrays_are_left_alone(make):
    w, g = np.ones(3), np.ones(3)
    after = make().step(w, g)
    assert np.array_equal(w, np.ones(3))
    assert np.array_equal(g, np.ones(3))
    assert not np.shares_memory(after, w)


@every_kind
def test_float32_stays_float32(make):
    net = network(np.float32)
    opt = make()
    for _ in range(2):
        opt.step(net, net.copy())
    assert net.flat.dtype == np.float32
    assert all(state.dtype == np.float32 for state in opt._kept.values())
    assert opt.step is not None
    assert make().step(np.float32(1.0), 1.0).dtype == np.float32


@every_kind
def test_finds_the_minimum_of_a_bowl(make):
    f = value_and_grad(lambda w: np.sum((w - 3.0) ** 2))
    opt, w = make(optim.exponential(0.2, 0.99)), np.zeros(2)
    for _ in range(400):
        w = opt.step(w, f(w)[1])
    np.testing.assert_allclose(w, 3.0, atol=0.2)


def test_learns_xor():
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = np.array([[0.0], [1.0], [1.0], [0.0]])
    net = Sequential(Dense(2, 4, tanh, rng=0), Dense(4, 1, rng=1))
    step, opt = value_and_grad(lambda net: squared_error(y, net(X))), optim.Adam(0.05)
    for _ in range(300):
        loss, g = step(net)
        opt.step(net, g)
    assert loss < 1e-3
    assert np.array_equal(net(X) > 0.5, y > 0.5)


def test_schedules_are_asked_for_every_step():
    asked = []

    def schedule(t):
        asked.append(t)
        return 0.5 if t == 0 else 0.0

    opt = optim.SGD(schedule)
    w = opt.step(opt.step(1.0, 1.0), 1.0)
    assert (w, asked, opt.t) == (0.5, [0, 1], 2)


def test_schedules():
    rate = optim.cosine(2.0, 20, warmup=4)
    assert [rate(t) for t in range(4)] == [0.5, 1.0, 1.5, 2.0]
    assert rate(12) == pytest.approx(1.0)
    assert rate(20) == rate(100) == 0.0
    assert [optim.exponential(1.0, 0.1)(t) for t in range(3)] == pytest.approx([1.0, 0.1, 0.01])


def test_text():
    assert repr(optim.SGD(0.1)) == "SGD(lr=0.1)"
    assert repr(optim.Adam(weight_decay=0.5)) == "Adam(lr=0.001, weight_decay=0.5)"


def other_network():
    return Sequential(Dense(2, 1, rng=0))


def used():
    opt = optim.Adam(0.1)
    opt.step(np.ones(3), np.ones(3))
    return opt


WRONG = {
    "rate": (lambda: optim.SGD(-0.1), r"SGD takes lr as a finite number of at least 0, but got -0.1"),
    "text as rate": (lambda: optim.SGD("fast"), r"SGD takes lr as a finite number"),
    "decay": (lambda: optim.AdamW(weight_decay=-1), r"AdamW takes weight_decay as a finite number"),
    "momentum": (lambda: optim.Momentum(0.1, -0.5), r"Momentum takes momentum as a finite number"),
    "beta": (lambda: optim.Adam(beta1=1.0), r"Adam takes beta1 from 0 to below 1, but got 1.0"),
    "rho": (lambda: optim.RMSProp(rho=2), r"RMSProp takes rho from 0 to below 1, but got 2"),
    "shape": (
        lambda: optim.SGD(0.1).step(np.ones(3), np.ones(2)),
        r"grads has shape \(2,\), but params has shape \(3,\)",
    ),
    "tuple": (
        lambda: optim.SGD(0.1).step((1.0, 2.0), (1.0,)),
        r"grads must be built like params: a tuple of 2",
    ),
    "another network": (
        lambda: optim.SGD(0.1).step(network(), other_network()),
        r"SGD.step got 3 numbers where it expects 13",
    ),
    "another run": (
        lambda: used().step(np.ones(2), np.ones(2)),
        r"Adam.step got 2 numbers where it expects 3.*Make a new one",
    ),
    "complex": (lambda: optim.SGD(0.1).step(1j, 1j), r"real numbers"),
    "cosine": (
        lambda: optim.cosine(0.1, 5, warmup=5),
        r"cosine takes steps as a whole number from 6, but got 5",
    ),
    "every": (
        lambda: optim.exponential(0.1, 0.5, every=0),
        r"exponential takes every as a whole number from 1",
    ),
}


@pytest.mark.parametrize(("call", "message"), WRONG.values(), ids=WRONG)
def test_messages(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()


def test_gradient_of_a_penalty_is_weight_decay():
    """SGD with decay is SGD on E + decay/2 |w|^2."""
    w = np.array([1.0, -2.0])
    f = grad(lambda w: np.sum(np.sin(w)) + 0.05 * np.sum(w**2))
    plain = optim.SGD(0.3).step(w, f(w))
    np.testing.assert_allclose(optim.SGD(0.3, weight_decay=0.1).step(w, np.cos(w)), plain)
