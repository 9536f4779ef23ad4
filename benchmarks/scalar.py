"""Graphs of single numbers: nnlib.scalar beside micrograd, whose names it keeps."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from typing import Any

from nnlib.scalar import Value, weighted_sum

from .harness import Row, Side, peer

OPERATIONS = 10_000
EXAMPLES = 10
WITHOUT = "without Python's garbage collector: a graph that holds cycles is then never freed"


def rows() -> Iterator[Row]:
    sys.setrecursionlimit(10 * OPERATIONS)  # micrograd walks its graph by recursion
    engine, nn, autograd = peer("micrograd", "engine"), peer("micrograd", "nn"), peer("autograd")
    rivals = []
    if autograd:
        slopes = autograd.value_and_grad(lambda w, x: _formula(w, x, 1.0), argnum=(0, 1))
        rivals = [Side("autograd", lambda: slopes(0.999, 0.01), 100, lambda r: [r[0], *r[1]])]
    ours = Side("nnlib", lambda: _chain(Value))
    for collector, floor, detail in ((True, 20, ""), (False, 4, f", {WITHOUT}")):
        theirs = [Side("micrograd", lambda: _chain(engine.Value), floor)] if engine else []
        yield Row(
            "Single numbers" if collector else "Single numbers, collector off",
            f"a chain of 10,000 additions and multiplications, forward and backward{detail}",
            ours,
            theirs + rivals,
            collector,
        )
    if not nn:
        return
    random.seed(0)
    theirs, same, fused = (nn.MLP(2, [16, 16, 1]) for _ in range(3))
    start = [p.data for p in theirs.parameters()]
    for mlp in (same, fused):
        numbers = iter(start)
        for neuron in _neurons(mlp):
            neuron.w, neuron.b = [Value(next(numbers)) for _ in neuron.w], Value(next(numbers))
    for layer in fused.layers:
        layer.neurons = [_Neuron(neuron) for neuron in layer.neurons]
    data = [([random.gauss(0, 1), random.gauss(0, 1)], random.choice((-1, 1))) for _ in range(EXAMPLES)]

    def network(name: str, how: str, mlp: Any, floor: float | None, **kw: Any) -> Row:
        return Row(
            name,
            f"micrograd's own `MLP(2, [16, 16, 1])` on 10 examples, {how}",
            Side("nnlib", lambda: _step(mlp, data), answer=lambda loss: _answer(loss, mlp)),
            [Side("micrograd", lambda: _step(theirs, data), floor, lambda loss: _answer(loss, theirs))],
            **kw,
        )

    yield network("micrograd's network", "with either library's `Value`", same, 7)
    yield network(
        "The same, a neuron a step",
        "where nnlib's neurons use `weighted_sum`, which makes one step of the graph out of each",
        fused,
        20,
    )
    yield network(
        "micrograd's network, collector off",
        f"with either library's `Value`, {WITHOUT}",
        same,
        None,
        collector=False,
        besides=True,
    )


class _Neuron:
    """micrograd's neuron, with its sum as one step of the graph."""

    def __init__(self, neuron: Any) -> None:
        self.w, self.b, self.nonlin = neuron.w, neuron.b, neuron.nonlin

    def __call__(self, x: Any) -> Any:
        z = weighted_sum(self.w, x, self.b)
        return z.relu() if self.nonlin else z

    def parameters(self) -> list[Any]:
        return [*self.w, self.b]


def _formula(w: Any, x: Any, y: Any) -> Any:
    for _ in range(OPERATIONS // 2):
        y = y * w + x
    return y


def _chain(number: Any) -> tuple[float, float, float]:
    w, x = number(0.999), number(0.01)
    y = _formula(w, x, number(1.0))
    y.backward()
    return y.data, w.grad, x.grad


def _neurons(mlp: Any) -> list[Any]:
    return [neuron for layer in mlp.layers for neuron in layer.neurons]


def _step(mlp: Any, data: Any) -> Any:
    """Loss and gradient of the whole batch, as in micrograd's demonstration."""
    losses = [(1 - y * mlp(x)).relu() for x, y in data]
    loss = sum(losses[1:], losses[0]) * (1 / len(losses))
    mlp.zero_grad()
    loss.backward()
    return loss


def _answer(loss: Any, mlp: Any) -> list[float]:
    return [loss.data, *(p.grad for p in mlp.parameters())]
