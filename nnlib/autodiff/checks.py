"""Derivatives against finite differences.  May import reverse.py and forward.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .forward import jvp
from .reverse import vjp
from .trees import flatten, leaf


def check_grads(
    f: Callable[..., Any],
    *args: Any,
    order: int = 2,
    eps: float = 1e-6,
    tol: float = 1e-4,
    rng: np.random.Generator | int | None = 0,
) -> None:
    """Compare both modes with central differences along a random direction, and the derivatives likewise.

    With y = f(x), g . (f(x + eps v) - f(x - eps v)) / (2 eps) must equal g . (J v) from forward mode,
    and (g J) . v from reverse mode.

    Parameters
    ----------
    f : callable
        A function written in NumPy.
    *args : array, tuple, list, dict or network
        Where to check.  Keep away from kinks and ties, and use float64.
    order : int
        1 checks f, 2 also its derivatives in both modes, and so on.
    eps : float
        The step of the differences.
    tol : float
        The largest difference, relative to the larger of 1 and the number itself.
    rng : Generator, int or None
        Draws the directions.

    Raises
    ------
    AssertionError
        Where a derivative is wrong; the message names the mode and both numbers.

    Examples
    --------
    >>> import numpy as np
    >>> check_grads(lambda x: np.sum(np.exp(x) * x), np.array([0.5, -1.0]))
    """
    rng = np.random.default_rng(rng)
    xs, build = flatten(args)
    xs = [np.asarray(leaf(x)) for x in xs]
    v = [rng.standard_normal(x.shape) for x in xs]
    up, down = (
        flatten(f(*build([(x + s * d)[()] for x, d in zip(xs, v, strict=True)])))[0] for s in (eps, -eps)
    )
    y, pull = vjp(f, *args)
    outs, rebuild = flatten(y)
    g = [rng.standard_normal(np.shape(o)) for o in outs]
    want = _dot(g, [(a - b) / (2 * eps) for a, b in zip(up, down, strict=True)])
    tangents = build([d[()] for d in v])
    cotangents = rebuild([c[()] for c in g])
    forward = _dot(g, flatten(jvp(f, args, tangents)[1])[0])
    reverse = _dot(flatten(pull(cotangents))[0], v)
    for mode, got in (("forward", forward), ("reverse", reverse)):
        if not abs(got - want) <= tol * max(1.0, abs(want)):
            raise AssertionError(f"{mode} mode gives {got}, but central differences give {want}")
    if order > 1:
        deeper: dict[str, Any] = {"order": order - 1, "eps": eps, "tol": tol, "rng": rng}
        check_grads(lambda *xs: vjp(f, *xs)[1](cotangents), *args, **deeper)
        check_grads(lambda *xs: jvp(f, xs, tangents)[1], *args, **deeper)


def _dot(a: Sequence[Any], b: Sequence[Any]) -> float:
    return sum(float(np.sum(p * q)) for p, q in zip(a, b, strict=True))
