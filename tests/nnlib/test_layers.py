"""Layers and networks: by hand, through every transform, and with messages that help."""

import numpy as np
import pytest

import nnlib
from nnlib import Dense, Sequential, backprop, check_grads, grad, hvp, jvp, squared_error, value_and_grad
from nnlib import initialisers as init
from nnlib.activations import Activation
from nnlib.autodiff import TABLE, vjp
from nnlib.layers import _dense_of_any
from nnlib.slopes import FUSED

ACTIVATIONS = [nnlib.sigmoid, nnlib.tanh, nnlib.relu, nnlib.leaky_relu, nnlib.identity, nnlib.softmax]
rng = np.random.default_rng(0)
X, Y = rng.normal(size=(5, 2)), rng.normal(size=(5, 1))


def network(*activations, dtype=float):
    f, g = activations or (nnlib.tanh, nnlib.sigmoid)
    net = Sequential(Dense(2, 4, f, rng=1), Dense(4, 3, g, rng=2), Dense(3, 1, rng=3))
    return net.astype(dtype)


@pytest.mark.parametrize("f", [*ACTIVATIONS, nnlib.heaviside], ids=str)
def test_activations_are_rows(f):
    """Value and derivative inside grad equal those on plain numbers; second order and both modes."""
    x = np.array([[-1.3, 0.4], [0.9, 2.2]])
    value, pull = vjp(f, x)
    np.testing.assert_allclose(value, f(x), rtol=1e-15)
    if f is nnlib.softmax:
        jacobian = nnlib.jacobian(f)(x[0])
        np.testing.assert_allclose(jacobian, f.derivative(x[0]), rtol=1e-14)
    else:
        np.testing.assert_allclose(pull(np.ones_like(x))[0], f.derivative(x), rtol=1e-13)
        np.testing.assert_allclose(grad(f)(0.7), f.derivative(0.7), rtol=1e-13)
    check_grads(f, x, order=3, tol=1e-3)
    x32 = x.astype(np.float32)
    _, pull = vjp(f, x32)
    _, tangent = jvp(f, (x32,), (x32,))
    assert tangent.dtype == np.float32
    assert pull(x32)[0].dtype == np.float32


@pytest.mark.parametrize("f", ACTIVATIONS, ids=str)
def test_second_derivative_at_zero(f):
    """No kink appears where the formula has none."""
    if f in (nnlib.sigmoid, nnlib.tanh):
        third = grad(grad(grad(f)))(0.0)
        assert third == pytest.approx({"sigmoid": -0.125, "tanh": -2.0}[f.name])
    elif f is nnlib.relu:
        assert grad(f)(0.0) == 0.0
    elif f is nnlib.leaky_relu:
        assert grad(f)(0.0) == 0.1


def test_slope_of_leaky_relu():
    assert grad(lambda x: nnlib.leaky_relu(x, 0.3))(-2.0) == 0.3
    assert grad(lambda x: nnlib.leaky_relu(x, slope=0.3))(2.0) == 1.0
    assert grad(lambda s: nnlib.leaky_relu(-2.0 * s / s, slope=s))(0.3) == -2.0


def test_an_activation_of_ones_own():
    def swish(x):
        return x / (1.0 + np.exp(-x))

    mine = Activation(swish, lambda x: x)
    check_grads(mine, np.array([-1.0, 2.0]))
    net = Sequential(Dense(2, 3, mine, rng=0), Dense(3, 1, np.sin, rng=1))
    check_grads(lambda leaves: squared_error(Y, net.like(leaves)(X)), net.leaves())
    assert repr(net) == "Sequential(Dense(2 -> 3, swish), Dense(3 -> 1, sin))"


def test_every_row_of_the_layers_is_in_the_table():
    for f in (*ACTIVATIONS, nnlib.heaviside):
        assert f in TABLE
    assert {"dense layer", "leaky_relu of x and slope"} <= set(TABLE)


@pytest.mark.parametrize("f", FUSED, ids=str)
@pytest.mark.parametrize("shape", [(2,), (5, 2), (3, 5, 2)])
def test_dense_is_its_formula(f, shape):
    layer = Dense(2, 3, f, rng=0)
    layer.b = [0.1, -0.2, 0.3]
    x = np.random.default_rng(1).normal(size=shape)
    np.testing.assert_allclose(layer(x), f(x @ layer.W.T + layer.b), rtol=1e-14)
    np.testing.assert_allclose(layer.affine(x), x @ layer.W.T + layer.b, rtol=1e-14)

    def by_row(x, W, b):
        return _dense_of_any(x, W, b, FUSED[f])

    def in_words(x, W, b):
        return f(x @ W.T + b)

    check_grads(by_row, x, *layer.leaves(), order=2)
    g = np.random.default_rng(2).normal(size=layer(x).shape)
    fused, plain = (vjp(f, x, *layer.leaves())[1](g) for f in (by_row, in_words))
    for a, b in zip(fused, plain, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)
    args = [x, *layer.leaves()]
    for k in range(3):  # one traced argument at a time, forward
        slopes = [
            jvp(lambda a, f=f, k=k: f(*args[:k], a, *args[k + 1 :]), (args[k],), (np.ones_like(args[k]),))[1]
            for f in (by_row, in_words)
        ]
        np.testing.assert_allclose(*slopes, rtol=1e-12)


@pytest.mark.parametrize("activations", [(f, nnlib.tanh) for f in ACTIVATIONS], ids=str)
def test_networks_through_every_transform(activations):
    net = network(*activations)

    def loss(net):
        return squared_error(Y, net(X))

    check_grads(loss, net, order=2)
    value, g = value_and_grad(loss)(net)
    assert value == pytest.approx(float(0.5 * np.sum((Y - net(X)) ** 2)))
    assert type(g) is Sequential
    hv = hvp(loss, net, g)

    def slope_along_g(net):
        return sum(np.sum(p * q) for p, q in zip(grad(loss)(net).leaves(), g.leaves(), strict=True))

    np.testing.assert_allclose(hv.flat, grad(slope_along_g)(net).flat, rtol=1e-10, atol=1e-12)


def test_gradient_with_respect_to_input_and_network():
    net = network()
    g_net, g_x = grad(lambda t: squared_error(Y, t[0](t[1])))((net, X))
    check_grads(lambda x: squared_error(Y, net(x)), X)
    np.testing.assert_allclose(g_x, grad(lambda x: squared_error(Y, net(x)))(X))
    np.testing.assert_allclose(g_net.flat, grad(lambda n: squared_error(Y, n(X)))(net).flat)


def test_gradient_of_a_gradients_length():
    """The network is traced inside, and its plain input outside."""
    net = network()

    def steepness(x):
        return np.sum(grad(lambda n: squared_error(Y, n(x)))(net).flat ** 2)

    check_grads(steepness, X, order=1)


def test_kept_zeros_are_let_go():
    for n in range(1, 150):
        assert np.array_equal(Dense(1, 2, nnlib.relu, W=[[1.0], [-1.0]])(np.ones((n, 1)))[0], [1.0, 0.0])
        assert grad(lambda b, n=n: np.sum(np.ones((n, 2)) + b))(np.zeros(2)).tolist() == [n, n]


@pytest.mark.parametrize(
    "loss",
    [
        pytest.param(lambda net, X: np.sum(net(X) ** 2), id="each once"),
        pytest.param(lambda net, X: np.sum(net(X) * net(0.5 * X)), id="all twice"),
        pytest.param(lambda net, X: np.sum(net.layers[0](X) ** 2), id="the last never"),
        pytest.param(lambda net, X: np.sum(net(X)) + np.sum(net.layers[1].W[:3] ** 2), id="parts besides"),
        pytest.param(lambda net, X: np.sum(net(X[0]) ** 2), id="one sample"),
        pytest.param(lambda net, X: np.sum(net(X.astype(np.float32)) ** 2), id="other type"),
        pytest.param(lambda net, X: 3.0, id="constant"),
    ],
)
def test_the_gradient_of_a_large_network_is_written_in_place(loss):
    """It is that of its arrays one by one, belongs to the caller alone, and changes nothing in the network."""
    net = Sequential(Dense(60, 300, nnlib.tanh, rng=0), Dense(300, 4, rng=1))
    X = np.random.default_rng(0).normal(size=(7, 60))
    before = net.flat.copy()
    E, g = value_and_grad(loss)(net, X)
    F, parts = value_and_grad(lambda leaves: loss(net.like(leaves), X))(net.leaves())
    assert E == F
    assert net.blank()[0] is not None  # large enough for what is tested here
    for one, other in zip(g.leaves(), parts, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)
        assert np.shares_memory(one, g.flat)
    assert not np.shares_memory(g.flat, net.flat)
    assert np.array_equal(net.flat, before)
    assert g.flat.dtype == net.flat.dtype


def test_a_large_network_under_two_derivatives():
    net = Sequential(Dense(60, 300, nnlib.tanh, rng=0), Dense(300, 1, rng=1))
    X = np.random.default_rng(0).normal(size=(3, 60))
    along = net.like([np.random.default_rng(1).normal(size=leaf.shape) for leaf in net.leaves()])
    eps = 1e-6

    def slope(net):
        return grad(lambda net: np.sum(net(X) ** 2))(net).flat

    ahead, back = (
        net.like([p + s * v for p, v in zip(net.leaves(), along.leaves(), strict=True)]) for s in (eps, -eps)
    )
    want = (slope(ahead) - slope(back)) / (2 * eps)
    np.testing.assert_allclose(
        hvp(lambda net: np.sum(net(X) ** 2), net, along).flat, want, rtol=1e-5, atol=1e-5
    )

    def length(X):
        return np.sum(grad(lambda net: np.sum(net(X) ** 2))(net).flat ** 2)

    check_grads(length, X)


def test_weight_penalty_inside_the_loss():
    net = network()
    g = grad(lambda n: 0.5 * np.sum(n.flat**2))(net)
    np.testing.assert_allclose(g.flat, net.flat)
    g = grad(lambda n: np.sum(n.layers[0].W ** 2))(net)
    np.testing.assert_allclose(g.layers[0].W, 2 * net.layers[0].W)
    assert not np.any(g.layers[1].W)


def test_parameters_are_views_of_one_vector():
    net = network()
    assert net.n_parameters == net.flat.size == 2 * 4 + 4 + 4 * 3 + 3 + 3 + 1
    for leaf in net.leaves():
        assert np.shares_memory(leaf, net.flat)
    net.flat[:] = 0.0
    assert not np.any(net.layers[1].W)
    net.layers[0].W = np.ones((4, 2))
    net.layers[0].b = [1, 2, 3, 4]
    assert net.flat[:12].tolist() == [1.0] * 8 + [1.0, 2.0, 3.0, 4.0]


def test_copies_are_separate():
    layer = Dense(2, 2, rng=0)
    net = Sequential(layer, Dense(2, 2, rng=1))
    other = net.copy()
    net.flat[:] = 7.0
    assert not np.any(layer.W == 7.0)
    assert not np.any(other.flat == 7.0)
    features = Sequential(*other.layers[:1])
    np.testing.assert_array_equal(features(X), other.layers[0](X))
    nested = Sequential(other, Dense(2, 1, rng=2))
    assert len(nested.layers) == 3
    np.testing.assert_array_equal(nested.layers[1].W, other.layers[1].W)


def test_functions_stand_between_layers():
    net = Sequential(Dense(2, 3, rng=0), nnlib.relu, Dense(3, 1, rng=1), np.tanh)
    fused = Sequential(Dense(2, 3, nnlib.relu, W=net.layers[0].W), Dense(3, 1, nnlib.tanh, W=net.layers[2].W))
    np.testing.assert_allclose(net(X), fused(X))
    np.testing.assert_allclose(
        grad(lambda n: squared_error(Y, n(X)))(net).flat, grad(lambda n: squared_error(Y, n(X)))(fused).flat
    )
    trace = backprop(net, X, Y)
    assert len(trace.z) == len(trace.deltas) == 4
    np.testing.assert_allclose(trace.grads.flat, backprop(fused, X, Y).grads.flat)
    only = Sequential(np.tanh)
    assert only.n_parameters == 0
    assert grad(lambda n: np.sum(n(X)))(only).flat.shape == (0,)


def test_one_sample_is_a_batch_of_one():
    net = network()
    np.testing.assert_allclose(net(X[0]), net(X)[0])
    np.testing.assert_allclose(net([0.5, -1.0]), net(np.array([[0.5, -1.0]]))[0])
    assert [h.shape for h in net.activations(X[0])] == [(2,), (4,), (3,), (1,)]
    assert [h.shape for h in net.activations(X)] == [(5, 2), (5, 4), (5, 3), (5, 1)]
    one = grad(lambda n: squared_error(Y[0], n(X[0])))(net)
    batch = grad(lambda n: squared_error(Y[:1], n(X[:1])))(net)
    np.testing.assert_allclose(one.flat, batch.flat)


def test_float32_through_and_through():
    net = network(dtype=np.float32)
    x = X.astype(np.float32)
    assert net(x).dtype == np.float32
    value, g = value_and_grad(lambda n: squared_error(Y, n(x)))(net)
    assert value.dtype == g.flat.dtype == np.float32
    assert grad(lambda n: squared_error(Y, n(X)))(net).flat.dtype == np.float32
    assert Dense(2, 2, W=np.ones((2, 2), np.float32)).b.dtype == np.float32


def test_same_seed_same_numbers():
    assert np.array_equal(Dense(3, 4, rng=5).W, Dense(3, 4, rng=np.random.default_rng(5)).W)
    assert not np.array_equal(Dense(3, 4, rng=5).W, Dense(3, 4, rng=6).W)


@pytest.mark.parametrize(
    ("draw", "variance"),
    [
        (init.glorot_uniform, 2 / 300),
        (init.he_uniform, 2 / 100),
        (init.he_normal, 2 / 100),
        (init.zeros, 0.0),
    ],
)
def test_initialisers_have_their_variance(draw, variance):
    W = draw(200, 100, np.random.default_rng(0))
    assert W.shape == (200, 100)
    assert np.var(W) == pytest.approx(variance, rel=0.05)
    assert abs(np.mean(W)) < 0.01


def test_default_initialiser_follows_the_activation():
    largest = {f: np.abs(Dense(100, 100, f, rng=0).W).max() for f in (nnlib.relu, nnlib.tanh)}
    assert largest[nnlib.relu] == pytest.approx(np.sqrt(6 / 100), rel=0.01)
    assert largest[nnlib.tanh] == pytest.approx(np.sqrt(6 / 200), rel=0.01)
    assert not np.any(Dense(3, 3, init=init.zeros).W)


WRONG = {
    "features": (
        lambda: Dense(2, 3, nnlib.sigmoid)(np.ones((4, 5))),
        r"Dense\(2 -> 3, sigmoid\) takes inputs of size 2, but the last axis of x has size 5 "
        r"\(x is \(4, 5\)\). Rows of x are examples.",
    ),
    "turned round": (lambda: Dense(2, 3)(np.ones((2, 5))), r"x looks turned round: try x.T"),
    "one feature": (
        lambda: Dense(1, 3)(np.ones(5)),
        r"x is \(5,\)\). For examples of one feature, write x.reshape",
    ),
    "a number": (lambda: Dense(1, 3)(2.0), r"but x is a single number. Write \[x\]"),
    "inside grad": (lambda: grad(lambda n: np.sum(n(np.ones((4, 5)))))(network()), r"takes inputs of size 2"),
    "traced input": (
        lambda: grad(lambda x: np.sum(network()(x)))(np.ones((4, 5))),
        r"takes inputs of size 2",
    ),
    "text": (lambda: Dense(2, 1)(["a", "b"]), r"Dense\(2 -> 1, identity\): x holds text"),
    "array of text": (lambda: Dense(2, 1)(np.array(["a", "b"])), r"Dense\(2 -> 1, identity\): x holds text"),
    "activation": (
        lambda: Dense(2, 1, "relu"),
        r"takes an activation function, but got 'relu'. Write activation=nnlib",
    ),
    "size": (lambda: Dense(0, 1), r"Dense takes n_in as a whole number from 1, but got 0"),
    "shape of W": (
        lambda: Dense(2, 3, W=np.ones((2, 3))),
        r"W has shape \(2, 3\), but must have \(3, 2\).*try W.T",
    ),
    "shape of b": (lambda: Dense(2, 3, b=np.ones(2)), r"b has shape \(2,\), but must have \(3,\)"),
    "assigned W": (
        lambda: setattr(Dense(2, 3), "W", np.ones(3)),
        r"W has shape \(3,\), but must have \(3, 2\)",
    ),
    "text in W": (lambda: Dense(1, 1, W=[["a"]]), r"Dense: W holds text"),
    "rng": (lambda: Dense(2, 3, rng="seed"), r"Dense takes rng as a numpy.random.Generator"),
    "no layers": (lambda: Sequential(), r"Sequential takes at least one layer"),
    "a list": (lambda: Sequential([Dense(2, 3)]), r"not in a list: write Sequential\(\*layers\)"),
    "no layer": (lambda: Sequential(Dense(2, 3), "relu"), r"layer 1 is 'relu', which can't be called on x"),
    "chain": (
        lambda: Sequential(Dense(2, 3), np.tanh, Dense(4, 1)),
        r"layer 2, Dense\(4 -> 1, identity\), takes 4 inputs, but layer 0, Dense\(2 -> 3, .*gives 3",
    ),
    "vector loss": (
        lambda: backprop(network(), X, Y, loss=lambda y, o: (y - o) ** 2),
        r"gives an array of shape \(5, 1\)",
    ),
    "jacobian": (lambda: nnlib.jacobian(lambda n: n(X))(network()), r"Jacobian with respect to a Sequential"),
}


@pytest.mark.parametrize(("call", "message"), WRONG.values(), ids=WRONG)
def test_messages(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()


def test_backprop_of_a_network_worked_by_hand():
    """2-3-1, sigmoid everywhere: numbers from a calculation with five digits, and the formulas."""
    W1 = np.array([[0.1, 0.4], [-0.3, 0.2], [0.5, -0.6]])
    W2 = np.array([[0.7, -0.8, 0.9]])
    hidden = Dense(2, 3, nnlib.sigmoid, W=W1, b=[0.1, 0.2, -0.1])
    net = Sequential(hidden, Dense(3, 1, nnlib.sigmoid, W=W2, b=[0.3]))
    x, y = np.array([1.0, 2.0]), np.array([1.0])
    trace = backprop(net, x, y)

    def s(z):
        return 1 / (1 + np.exp(-z))

    h1 = s(np.array([1.0, 0.3, -0.8]))
    np.testing.assert_allclose(h1, [0.73106, 0.57444, 0.31003], atol=1e-5)
    z2 = 0.7 * h1[0] - 0.8 * h1[1] + 0.9 * h1[2] + 0.3
    o = s(z2)
    assert o == pytest.approx(0.65277, abs=1e-5)
    d0 = (1 - o) * o * (1 - o)
    assert d0 == pytest.approx(0.07870, abs=1e-5)
    dh = d0 * W2[0] * h1 * (1 - h1)
    np.testing.assert_allclose(dh, [0.01083, -0.01539, 0.01515], atol=1e-5)
    assert trace.loss == pytest.approx(0.5 * (1 - o) ** 2)
    np.testing.assert_allclose(trace.h[0], x)
    np.testing.assert_allclose(trace.z[0], [1.0, 0.3, -0.8])
    np.testing.assert_allclose(trace.h[1], h1)
    np.testing.assert_allclose(trace.z[1], [z2])
    np.testing.assert_allclose(trace.h[2], [o])
    np.testing.assert_allclose(trace.deltas[1], [d0])
    np.testing.assert_allclose(trace.deltas[0], dh)
    np.testing.assert_allclose(trace.grads.layers[1].W, -d0 * h1[None, :])
    np.testing.assert_allclose(trace.grads.layers[0].W, -np.outer(dh, x))
    np.testing.assert_allclose(trace.grads.layers[0].b, -dh)


def test_delta_is_that_of_one_neuron():
    """The lecture's delta_0 = (y - f) f'(sum)."""
    w, x, y = np.array([0.5, -1.0]), np.array([1.0, 2.0]), 1.0
    neuron = nnlib.Neuron(w)
    trace = backprop(Sequential(Dense(2, 1, nnlib.sigmoid, W=[w])), x, [y])
    np.testing.assert_allclose(trace.deltas[0][0], neuron.delta(x, y), rtol=1e-14)
    np.testing.assert_allclose(-trace.grads.layers[0].W[0], neuron.delta(x, y) * x, rtol=1e-14)


@pytest.mark.parametrize("loss", [squared_error, nnlib.cross_entropy, nnlib.binary_cross_entropy_logits])
def test_backprop_equals_grad(loss):
    net = network(nnlib.relu, nnlib.tanh)
    y = np.abs(np.tanh(Y))
    trace = backprop(net, X, y, loss)
    value, g = value_and_grad(lambda n: loss(y, n(X)))(net)
    assert trace.loss == pytest.approx(float(value), rel=1e-14)
    np.testing.assert_allclose(trace.grads.flat, g.flat, rtol=1e-12, atol=1e-15)
    by_hand = -trace.deltas[0].T @ trace.h[0]
    np.testing.assert_allclose(trace.grads.layers[0].W, by_hand, rtol=1e-12, atol=1e-15)


def test_the_textbook_xor_network():
    """Goodfellow, Bengio and Courville, Deep Learning, section 6.1: solved without learning."""
    net = Sequential(
        Dense(2, 2, nnlib.relu, W=[[1, 1], [1, 1]], b=[0, -1]),
        Dense(2, 1, W=[[1, -2]], b=[0]),
    )
    X, y = nnlib.data.xor()
    np.testing.assert_array_equal(net(X)[:, 0], y)
