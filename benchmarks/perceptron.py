"""The perceptron's rule, mistake by mistake."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

import nnlib

from .harness import Row, Side, peer

IN_C = (
    "scikit-learn's loop over the points is compiled C; nnlib's is Python, a line for each line of the rule."
)


def rows() -> Iterator[Row]:
    yield _row(1000, 20)
    yield _row(100, 10)


def _row(n: int, epochs: int) -> Row:
    X, y = _hopeless(n)
    ours = nnlib.Perceptron(max_epochs=epochs)
    linear = peer("sklearn", "linear_model")
    rivals = []
    if linear:
        theirs = linear.Perceptron(max_iter=epochs, tol=None, shuffle=False)
        rivals = [
            Side(
                "scikit-learn",
                lambda: _fit(theirs, X, y),
                1.0 if n == 1000 else None,
                lambda p: [*p.coef_, *p.intercept_],
                IN_C,
            )
        ]
    updates = sum(_fit(ours, X, y).mistakes_)
    return Row(
        f"Perceptron, {n:,} points",
        f"the rule of chapter 2: {updates:,} corrections in {epochs} epochs, on two features",
        Side("nnlib", lambda: _fit(ours, X, y), answer=lambda p: [p.w_, p.b_]),
        rivals,
        besides=n != 1000,
    )


def _hopeless(n: int) -> tuple[Any, Any]:
    """Points whose labels are thrown by a coin, so that every other look is a mistake."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(n, 2)), rng.integers(0, 2, n)
    y[0] = (
        1  # a sum of 0 counts as class 0 here, and as a mistake there; an example of class 1 is one for both
    )
    return X, y


def _fit(model: Any, X: Any, y: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(X, y)
