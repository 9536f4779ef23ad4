"""Derivatives of the book's small network: 2-16-16-1, tanh, 200 points of XOR's quadrants, in float64."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

import nnlib

from .harness import Row, Side, peer

SIZES = (2, 16, 16, 1)
COMPILED = "JAX compiles the whole formula to machine code before it runs; nnlib runs it as it reads it."


def rows() -> Iterator[Row]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    Y = (X[:, :1] * X[:, 1:] > 0).astype(float)
    W = [rng.normal(size=(m, n)) / n**0.5 for n, m in pairwise(SIZES)]
    P = [(w, rng.normal(size=len(w)) / 4) for w in W]
    V = [(rng.normal(size=w.shape), rng.normal(size=b.shape)) for w, b in P]
    net, along = network(P), network(V)

    def loss_of(net: Any) -> Any:
        return nnlib.squared_error(Y, net(X))

    def plain(P: Any) -> Any:
        return _loss(P, X, Y, np)

    torch, jax = Torch.at(P, X, Y), Jax.at(P, X, Y)
    autograd, anp = peer("autograd"), peer("autograd", "numpy")
    f_and_g = nnlib.value_and_grad(loss_of)
    peers = []
    if torch:
        peers.append(Side("PyTorch", torch.value_and_grad, answer=lambda r: [r, *torch.grads()]))
    if autograd:
        theirs = autograd.value_and_grad(lambda P: _loss(P, X, Y, anp))
        peers.append(Side("autograd", lambda: theirs(P), answer=_of_pairs))

    def against(**floors: float) -> list[Side]:
        return [Side(p.name, p.run, floors.get(p.name), p.answer) for p in peers]

    yield Row(
        "A small network",
        "loss and gradient of a 2-16-16-1 tanh network, batch 200, float64",
        Side("nnlib", lambda: f_and_g(net), answer=lambda r: [r[0], r[1].flat]),
        against(PyTorch=3.2, autograd=8.5)
        + ([Side("JAX, compiled", jax.value_and_grad, 1.2, _of_pairs, COMPILED)] if jax else []),
    )
    users = nnlib.value_and_grad(plain)
    yield Row(
        "The same in plain NumPy",
        "the same loss, written with `np.tanh`, `@` and `np.sum`; JAX needs its own NumPy for that",
        Side("nnlib", lambda: users(P), answer=_of_pairs),
        against(PyTorch=2.2, autograd=5.8),
    )
    peers = []
    if torch:
        peers += [
            Side("PyTorch, twice backward", lambda: torch.double_backward(V), 2.5, _numpy),
            Side("PyTorch, torch.func", torch.forward_over_reverse(V), answer=_numpy),
        ]
    if autograd:
        flatten = peer("autograd", "misc.flatten").flatten
        flat, pack = flatten(P)
        hvp = autograd.hessian_vector_product(lambda p: _loss(pack(p), X, Y, anp))
        peers.append(Side("autograd", lambda: hvp(flat, flatten(V)[0]), 12))
    if jax:
        peers.append(
            Side("JAX, compiled", jax.hvp(V), None, lambda r: [part for pair in r for part in pair], COMPILED)
        )
    yield Row(
        "A Hessian times a vector",
        "the second derivatives of the same loss along one direction",
        Side("nnlib", lambda: nnlib.hvp(loss_of, net, along), answer=lambda r: r.flat),
        peers,
    )


def network(P: Any) -> nnlib.Sequential:
    """nnlib's network with the parameters P."""
    *hidden, (W, b) = P
    return nnlib.Sequential(
        *(nnlib.Dense(*w.shape[::-1], nnlib.tanh, W=w, b=c) for w, c in hidden),
        nnlib.Dense(*W.shape[::-1], W=W, b=b),
    )


def _loss(P: Any, X: Any, Y: Any, np: Any) -> Any:
    """Half the sum of squares, with the numpy that is given."""
    h = X
    for W, b in P[:-1]:
        h = np.tanh(np.dot(h, W.T) + b)
    W, b = P[-1]
    return 0.5 * np.sum((Y - (np.dot(h, W.T) + b)) ** 2)


def _of_pairs(result: Any) -> list[Any]:
    value, pairs = result
    return [value, *(part for pair in pairs for part in pair)]


def _numpy(tensors: Any) -> list[Any]:
    return [t.detach().numpy() for t in tensors]


class Torch:
    """The network in PyTorch, as its tutorials write it."""

    @classmethod
    def at(cls, P: Any, X: Any, Y: Any) -> Torch | None:
        torch = peer("torch")
        return None if torch is None else cls(torch, P, X, Y)

    def __init__(self, torch: Any, P: Any, X: Any, Y: Any) -> None:
        self.torch, self.X, self.Y = torch, torch.tensor(X), torch.tensor(Y)
        layers: list[Any] = []
        for W, b in P:
            layer = torch.nn.Linear(W.shape[1], W.shape[0], dtype=torch.float64)
            with torch.no_grad():
                layer.weight.copy_(torch.tensor(W))
                layer.bias.copy_(torch.tensor(b))
            layers += [layer, torch.nn.Tanh()]
        self.net = torch.nn.Sequential(*layers[:-1])
        self.params = list(self.net.parameters())

    def loss(self, out: Any) -> Any:
        return 0.5 * ((self.Y - out) ** 2).sum()

    def value_and_grad(self) -> float:
        self.net.zero_grad()
        loss = self.loss(self.net(self.X))
        loss.backward()
        return float(loss.item())

    def grads(self) -> list[Any]:
        return _numpy(p.grad for p in self.params)

    def double_backward(self, V: Any) -> Any:
        grad = self.torch.autograd.grad
        gs = grad(self.loss(self.net(self.X)), self.params, create_graph=True)
        vs = self._tensors(V)
        return grad(sum((g * v).sum() for g, v in zip(gs, vs, strict=True)), self.params)

    def forward_over_reverse(self, V: Any) -> Any:
        func, names = self.torch.func, [name for name, _ in self.net.named_parameters()]
        at = dict(zip(names, (p.detach() for p in self.params), strict=True))
        along = dict(zip(names, self._tensors(V), strict=True))
        slope = func.grad(lambda p: self.loss(func.functional_call(self.net, p, (self.X,))))
        return lambda: func.jvp(slope, (at,), (along,))[1].values()

    def _tensors(self, V: Any) -> list[Any]:
        if not hasattr(self, "_along"):
            self._along = [self.torch.tensor(part) for pair in V for part in pair]
        return self._along


class Jax:
    """The network in JAX: compiled once, then called step by step."""

    @classmethod
    def at(cls, P: Any, X: Any, Y: Any) -> Jax | None:
        jax, jnp = peer("jax"), peer("jax", "numpy")
        return None if jax is None else cls(jax, jnp, P, X, Y)

    def __init__(self, jax: Any, jnp: Any, P: Any, X: Any, Y: Any) -> None:
        X, Y = jnp.array(X), jnp.array(Y)
        self.jax, self.jnp = jax, jnp
        self.P = self._arrays(P)
        self.loss = lambda P: _loss(P, X, Y, jnp)
        self.step = jax.jit(jax.value_and_grad(self.loss))

    def value_and_grad(self) -> Any:
        return self.jax.block_until_ready(self.step(self.P))

    def hvp(self, V: Any) -> Any:
        at, along = self.P, self._arrays(V)
        product = self.jax.jit(lambda P, V: self.jax.jvp(self.jax.grad(self.loss), (P,), (V,))[1])
        return lambda: self.jax.block_until_ready(product(at, along))

    def _arrays(self, P: Any) -> Any:
        return [(self.jnp.array(W), self.jnp.array(b)) for W, b in P]
