"""Chapter 8's explorable: gradient descent, mini-batches and single samples race down one loss surface."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from nnlib.explorables._base import LIMIT, Explorable, View, module, number, one_of, slider, style

RUNNERS = ("gd", "mini", "sgd")
BY = ("updates", "gradients")
LAST = {"updates": 100, "gradients": 40}  # steps after which a race is over
FAR = 1e6  # a runner beyond this has left the map for good

# x, y: 32 points about a line, with noise. The x lie off the middle, so that the valley is a long one.
_SAMPLE = (
    (-1.17, -1.55), (-0.98, -2.45), (-0.88, -0.84), (-0.75, -1.94), (-0.63, -1.07), (-0.55, -2.02),
    (-0.41, -0.64), (-0.28, -1.5), (-0.19, -0.37), (-0.04, -1.55), (0.06, -0.46), (0.17, -0.94),
    (0.3, 0.16), (0.39, -1.32), (0.52, -0.1), (0.64, -0.79), (0.75, 0.49), (0.83, -0.62),
    (0.97, -0.26), (1.09, 0.74), (1.2, -0.4), (1.31, 0.59), (1.42, 0.07), (1.55, 1.14),
    (1.66, -0.11), (1.76, 0.85), (1.9, 1.6), (2.01, 0.46), (2.12, 1.2), (2.25, 0.77),
    (2.37, 1.95), (2.46, 1.0),
)  # fmt: skip


def uniform(seed: int) -> Iterator[float]:
    """Yield numbers in [0, 1) that are the same in every language: mulberry32."""
    word = 0xFFFFFFFF
    while True:
        seed = (seed + 0x6D2B79F5) & word
        t = ((seed ^ (seed >> 15)) * (1 | seed)) & word
        t = ((t + (((t ^ (t >> 7)) * (61 | t)) & word)) & word) ^ t
        yield (t ^ (t >> 14)) / 2**32


def stream(seed: int, n: int) -> Iterator[int]:
    """Yield the points 0 .. n - 1 in random order, then in another order, and so on."""
    u = uniform(seed)
    while True:
        order = list(range(n))
        for i in range(n - 1, 0, -1):
            j = int(next(u) * (i + 1))
            order[i], order[j] = order[j], order[i]
        yield from order


class DescentView(View):
    """The picture: the data, the rate, the batch size, the start, the seed, and how many steps are made."""

    _esm = module("descent")
    _css = style("rule", "descent")
    x: traitlets.List[float] = traitlets.List().tag(sync=True)
    y: traitlets.List[float] = traitlets.List().tag(sync=True)
    alpha = traitlets.Float(0.2).tag(sync=True)
    batch = traitlets.Float(8.0).tag(sync=True)
    start_w = traitlets.Float(-2.0).tag(sync=True)
    start_b = traitlets.Float(2.0).tag(sync=True)
    seed = traitlets.Int(1, min=0).tag(sync=True)
    by = traitlets.Enum(BY, "updates").tag(sync=True)
    steps = traitlets.Int(0, min=0).tag(sync=True)


class Race(Explorable):
    """The explorable of chapter 8."""

    def path(self, runner: str) -> NDArray[np.float64]:
        """Return the way of ``"gd"``, ``"mini"`` or ``"sgd"`` so far: one row (w, b) for each place."""
        v, n = self.view, len(self.view.x)
        size = {"gd": n, "mini": int(v.batch + 0.5), "sgd": 1}[one_of("runner", runner, RUNNERS)]
        steps = min(v.steps, LAST[v.by])
        updates = steps if v.by == "updates" else steps * n // size
        X, y = np.column_stack([v.x, np.ones(n)]), np.array(v.y)
        order = np.fromiter(islice(stream(v.seed, n), updates * size), int)
        w = np.array([v.start_w, v.start_b])
        places = [w]
        for i in order.reshape(updates, size):
            if np.abs(w).max() > FAR:
                break
            w = w - v.alpha * (X[i] @ w - y[i]) @ X[i] / size
            places.append(w)
        return np.array(places)

    def loss(self, w: ArrayLike) -> float:
        """Return E at (w, b): the mean of half the squared errors over all points."""
        slope, intercept = np.asarray(w, dtype=float)
        errors = np.array(self.view.y) - (slope * np.array(self.view.x) + intercept)
        return float(np.mean(errors**2) / 2)


def _pairs(x: ArrayLike | None, y: ArrayLike | None) -> tuple[list[float], list[float]]:
    if x is None and y is None:
        return [p[0] for p in _SAMPLE], [p[1] for p in _SAMPLE]
    if x is None or y is None:
        raise ValueError("Give both x and y, or neither for the points of chapter 8.")
    try:
        rows = [np.asarray(values, dtype=float) for values in (x, y)]
    except (TypeError, ValueError):
        raise ValueError("x or y holds something that is no number. Give two arrays of shape (n,).") from None
    if rows[0].ndim != 1 or rows[0].shape != rows[1].shape:
        raise ValueError(f"x has shape {rows[0].shape} and y {rows[1].shape}. Give both the shape (n,).")
    if not 2 <= len(rows[0]) <= 200:
        raise ValueError(f"There are {len(rows[0])} points. Give from 2 to 200.")
    if not (np.abs(rows) <= LIMIT).all():  # also refuses NaN
        raise ValueError(f"A point is no number or lies outside [-{LIMIT:g}, {LIMIT:g}]². Scale x and y.")
    if np.ptp(rows[0]) == 0:
        raise ValueError("All x are equal, so many lines fit equally well. Give at least two different x.")
    return rows[0].tolist(), rows[1].tolist()


def descent(
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    alpha: float = 0.2,
    batch: float = 8,
    w: float = -2.0,
    b: float = 2.0,
    seed: int = 1,
    by: str = "updates",
) -> Race:
    """Fit the line y = w x + b in three ways at once, on the surface of its loss.

    GD takes the gradient over all points, the mini-batch over a few, SGD over one. All three read the same
    random stream of points, so a batch of 1 is SGD, and a batch of all points is GD.

    Parameters
    ----------
    x, y : array_like of shape (n,), optional
        From 2 to 200 points in the square [-3, 3]². Left out, 32 points about a line.
    alpha : float, default 0.2
        Learning rate, from 0.02 to 1.2.
    batch : int, default 8
        Size of the mini-batch, from 1 to n.
    w, b : float
        Where all three start, from -3 to 3.
    seed : int, default 1
        Says in which order the points come.
    by : {"updates", "gradients"}
        Whether a step gives each runner one update, or gradients for one pass over the data.

    Returns
    -------
    Explorable
        With the attributes `alpha`, `batch`, `start_w`, `start_b`, `seed`, `by` and `steps`, which can be
        set; `path(runner)` gives the places (w, b) of a runner, and `loss((w, b))` the loss there.

    Raises
    ------
    ValueError
        A number is out of its range, or the points are not two arrays of numbers in the square.

    Examples
    --------
    >>> from nnlib.explorables import descent
    >>> figure = descent(alpha=0.5)
    >>> figure.steps = 10
    >>> figure.path("gd").shape
    (11, 2)
    >>> figure.loss(figure.path("gd")[-1]) < figure.loss(figure.path("gd")[0])
    True
    """
    xs, ys = _pairs(x, y)
    view = DescentView(
        x=xs,
        y=ys,
        alpha=number("alpha", alpha, 0.02, 1.2),
        batch=float(int(number("batch", batch, 1, len(xs)) + 0.5)),
        start_w=number("w", w, -LIMIT, LIMIT),
        start_b=number("b", b, -LIMIT, LIMIT),
        seed=int(number("seed", seed, 0, 2**31)),
        by=one_of("by", by, BY),
    )
    return Race(view, _sliders(view), ("alpha", "batch", "start_w", "start_b", "seed", "by", "steps"))


def _sliders(view: DescentView) -> list[Any]:
    rate = slider(view, "alpha", "α", low=0.02, high=1.2, step=0.02)
    size = slider(view, "batch", "B", low=1, high=len(view.x), step=1)
    size.readout_format = "d"
    return [rate, size]
