"""Layers, losses, gradients and optimiser steps equal PyTorch's in float64, over random architectures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import oracle

import nnlib
from nnlib import Dense, Sequential, optim

torch = oracle("torch")
functional = oracle("torch.nn.functional")
exact = {"rtol": 1e-10, "atol": 1e-12}

ACTIVATIONS = {
    "sigmoid": (nnlib.sigmoid, torch.sigmoid),
    "tanh": (nnlib.tanh, torch.tanh),
    "relu": (nnlib.relu, torch.relu),
    "leaky_relu": (nnlib.leaky_relu, lambda z: functional.leaky_relu(z, 0.1)),
    "identity": (nnlib.identity, lambda z: z),
    "softmax": (nnlib.softmax, lambda z: torch.softmax(z, -1)),
}
LOSSES = {
    "squared_error": (nnlib.squared_error, lambda y, o: 0.5 * ((y - o) ** 2).sum()),
    "cross_entropy": (nnlib.cross_entropy, lambda y, o: functional.cross_entropy(o, y)),
    "binary_cross_entropy_logits": (
        nnlib.binary_cross_entropy_logits,
        lambda y, o: functional.binary_cross_entropy_with_logits(o, y),
    ),
    "binary_cross_entropy": (
        lambda y, o: nnlib.binary_cross_entropy(y, nnlib.sigmoid(o)),
        # torch's own binary_cross_entropy has a rounded second derivative
        lambda y, o: -(y * torch.log(torch.sigmoid(o)) + (1 - y) * torch.log(torch.sigmoid(-o))).mean(),
    ),
}


def parameters(net):
    return [torch.tensor(leaf, requires_grad=True) for leaf in net.leaves()]


def forward(params, fs, x):
    for k, f in enumerate(fs):
        x = f(x @ params[2 * k].T + params[2 * k + 1])
    return x


@st.composite
def architectures(draw):
    sizes = draw(st.lists(st.integers(1, 6), min_size=2, max_size=5))
    names = draw(
        st.lists(st.sampled_from(sorted(ACTIVATIONS)), min_size=len(sizes) - 1, max_size=len(sizes) - 1)
    )
    return sizes, names, draw(st.integers(1, 5)), draw(st.integers(0, 1000))


@settings(max_examples=60, deadline=None)
@given(architecture=architectures(), loss=st.sampled_from(sorted(LOSSES)))
def test_random_architectures(architecture, loss):
    sizes, names, n, seed = architecture
    rng = np.random.default_rng(seed)
    ours, theirs = LOSSES[loss]
    net = Sequential(
        *(Dense(a, b, ACTIVATIONS[f][0], rng=rng) for a, b, f in zip(sizes, sizes[1:], names, strict=False))
    )
    net.flat[:] = rng.normal(size=net.flat.shape)
    x = rng.normal(size=(n, sizes[0]))
    y = nnlib.softmax(rng.normal(size=(n, sizes[-1])))
    params, fs = parameters(net), [ACTIVATIONS[f][1] for f in names]
    out = forward(params, fs, torch.tensor(x))
    np.testing.assert_allclose(net(x), out.detach().numpy(), **exact)
    E = theirs(torch.tensor(y), out)
    slopes = torch.autograd.grad(E, params, create_graph=True)
    value, g = nnlib.value_and_grad(lambda net: ours(y, net(x)))(net)
    np.testing.assert_allclose(value, E.item(), **exact)
    for mine, yours in zip(g.leaves(), slopes, strict=True):
        np.testing.assert_allclose(mine, yours.detach().numpy(), **exact)
    trace = nnlib.backprop(net, x, y, ours)
    np.testing.assert_allclose(trace.grads.flat, g.flat, **exact)
    v = [rng.normal(size=leaf.shape) for leaf in net.leaves()]
    along = sum((a * torch.tensor(b)).sum() for a, b in zip(slopes, v, strict=True))
    hv = nnlib.hvp(lambda net: ours(y, net(x)), net, net.like(v))
    want = torch.autograd.grad(along, params, allow_unused=True)
    for mine, yours in zip(hv.leaves(), want, strict=True):
        if yours is not None:
            np.testing.assert_allclose(mine, yours.numpy(), rtol=1e-8, atol=1e-9)


OPTIMISERS = {
    "SGD": (lambda: optim.SGD(0.1), lambda p: torch.optim.SGD(p, 0.1)),
    "SGD with decay": (
        lambda: optim.SGD(0.1, weight_decay=0.3),
        lambda p: torch.optim.SGD(p, 0.1, weight_decay=0.3),
    ),
    "Momentum": (lambda: optim.Momentum(0.1), lambda p: torch.optim.SGD(p, 0.1, momentum=0.9)),
    "Nesterov": (
        lambda: optim.Momentum(0.1, 0.8, nesterov=True, weight_decay=0.1),
        lambda p: torch.optim.SGD(p, 0.1, momentum=0.8, nesterov=True, weight_decay=0.1),
    ),
    "RMSProp": (lambda: optim.RMSProp(), lambda p: torch.optim.RMSprop(p)),
    "RMSProp with decay": (
        lambda: optim.RMSProp(0.05, 0.9, weight_decay=0.1),
        lambda p: torch.optim.RMSprop(p, 0.05, alpha=0.9, weight_decay=0.1),
    ),
    "Adam": (lambda: optim.Adam(), lambda p: torch.optim.Adam(p)),
    "Adam with decay": (
        lambda: optim.Adam(0.05, 0.8, 0.9, 1e-6, weight_decay=0.1),
        lambda p: torch.optim.Adam(p, 0.05, (0.8, 0.9), 1e-6, weight_decay=0.1),
    ),
    "AdamW": (lambda: optim.AdamW(), lambda p: torch.optim.AdamW(p)),
}


@pytest.mark.parametrize(("ours", "theirs"), OPTIMISERS.values(), ids=OPTIMISERS)
def test_twenty_steps(ours, theirs):
    rng = np.random.default_rng(0)
    net = Sequential(Dense(3, 4, nnlib.tanh, rng=rng), Dense(4, 2, rng=rng))
    x, y = rng.normal(size=(8, 3)), rng.normal(size=(8, 2))
    params = parameters(net)
    opt, torchs = ours(), theirs(params)
    step = nnlib.value_and_grad(lambda net: nnlib.squared_error(y, net(x)))
    for _ in range(20):
        value, g = step(net)
        opt.step(net, g)
        torchs.zero_grad()
        E = 0.5 * ((torch.tensor(y) - forward(params, [torch.tanh, lambda z: z], torch.tensor(x))) ** 2).sum()
        E.backward()
        torchs.step()
        np.testing.assert_allclose(value, E.item(), **exact)
    for mine, yours in zip(net.leaves(), params, strict=True):
        np.testing.assert_allclose(mine, yours.detach().numpy(), **exact)
