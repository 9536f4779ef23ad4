"""Graphs of single numbers: nnlib.scalar beside micrograd, whose names it keeps."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from typing import Any

from nnlib.scalar import Value

from .harness import Row, Side, peer

OPERATIONS = 10_000
EXAMPLES = 10


def rows() -> Iterator[Row]:
    sys.setrecursionlimit(10 * OPERATIONS)  # micrograd walks its graph by recursion
    engine, nn, autograd = peer("micrograd", "engine"), peer("micrograd", "nn"), peer("autograd")
    rivals = []
    if autograd:
        slopes = autograd.value_and_grad(lambda w, x: _formula(w, x, 1.0), argnum=(0, 1))
        rivals = [Side("autograd", lambda: slopes(0.999, 0.01), 100, lambda r: [r[0], *r[1]])]
    ours = Side("nnlib", lambda: _chain(Value))
    for collector, floor in ((False, 4), (True, 20)):
        theirs = [Side("micrograd", lambda: _chain(engine.Value), floor)] if engine else []
        yield Row(
            f"Single numbers, {_says(collector)}",
            f"a chain of 10,000 additions and multiplications, forward and backward, {_detail(collector)}",
            ours,
            theirs + rivals,
            collector,
        )
    if not nn:
        return
    random.seed(0)
    mlp = nn.MLP(2, [16, 16, 1])
    same = nn.MLP(2, [16, 16, 1])
    for mine, its in zip(_neurons(same), _neurons(mlp), strict=True):
        mine.w, mine.b = [Value(w.data) for w in its.w], Value(its.b.data)
    data = [([random.gauss(0, 1), random.gauss(0, 1)], random.choice((-1, 1))) for _ in range(EXAMPLES)]
    for collector in (False, True):
        yield Row(
            f"micrograd's network, {_says(collector)}",
            f"micrograd's own `MLP(2, [16, 16, 1])` on 10 examples, with either library's `Value`, {_detail(collector)}",
            Side("nnlib", lambda: _step(same, data), answer=lambda loss: _answer(loss, same)),
            [
                Side(
                    "micrograd",
                    lambda: _step(mlp, data),
                    None if collector else 7,
                    lambda loss: _answer(loss, mlp),
                )
            ],
            collector,
        )


def _says(collector: bool) -> str:
    return f"collector {'on' if collector else 'off'}"


def _detail(collector: bool) -> str:
    return "as any program runs it" if collector else "without Python's garbage collector"


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
