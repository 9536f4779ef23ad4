"""The plane as a model sees it: tint, boundary and points."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from nnlib._checks import Floats, floats, labels, rows, whole
from nnlib.plot._style import INK, NIL, NIL_EDGE, ONE, ONE_EDGE, PAPER, TINT_NIL, TINT_ONE, style

Limits: TypeAlias = tuple[float, float]


def boundary(
    model: Any,
    X: Any = None,
    y: Any = None,
    *,
    ax: Any = None,
    xlim: Limits | None = None,
    ylim: Limits | None = None,
    n: int = 200,
) -> Any:
    """Tint the plane by a model's output, and draw its boundary and the points that it was shown.

    Orange circles are class 1, blue squares class 0. The stronger the tint, the surer the model.

    Parameters
    ----------
    model : estimator, Neuron or callable
        Takes rows of shape (k, 2). Its output is `predict_proba`'s column of class 1, or what a call returns,
        or `predict`. The boundary is where the weighted sum (`decision_function` or `affine`) is 0; without
        such, where the output is one half (for outputs in [0, 1]) or 0.
    X : array_like of shape (k, 2), optional
        Points to draw.
    y : array_like of shape (k,), optional
        Their labels, 0 and 1.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it a new figure is opened.
    xlim, ylim : tuple of float, optional
        Ends of the axes. By default they hold all points and give both axes one scale.
    n : int, default 200
        The tint has n by n cells.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with the picture.

    Raises
    ------
    ValueError
        X and y do not fit each other or the plane, limits are no two rising numbers, or the model returns
        other than one finite number a point.
    TypeError
        The model offers none of the methods named above.

    Examples
    --------
    >>> import nnlib
    >>> from matplotlib.figure import Figure
    >>> X, y = nnlib.data.blobs(50, margin=0.2, rng=0)
    >>> model = nnlib.Perceptron().fit(X, y)
    >>> ax = nnlib.plot.boundary(model, X, y, ax=Figure().add_subplot())
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('$x_1$', '$x_2$')
    """
    n = whole(n, "n", "plot.boundary", least=2)
    points, classes = _points(X, y)
    given = {name: _ends(ends, name) for name, ends in (("xlim", xlim), ("ylim", ylim)) if ends is not None}
    shape = 1.0 if ax is None else _shape(ax)
    xlim, ylim = _limits(points, given.get("xlim"), given.get("ylim"), shape)
    x1, x2 = np.linspace(*xlim, n), np.linspace(*ylim, n)
    output, sums, level = _answers(model, np.column_stack([np.tile(x1, n), np.repeat(x2, n)]))
    with style():
        if ax is None:
            from matplotlib import pyplot as plt

            ax = plt.figure(figsize=(5.0, 5.0), facecolor=PAPER).add_subplot()
        extent = (*xlim, *ylim)
        for name, colour, side in (("tint0", TINT_NIL, -1), ("tint1", TINT_ONE, 1)):
            image = np.empty((n, n, 4), dtype=np.uint8)
            image[..., :3] = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
            image[..., 3] = np.rint(255 * np.clip(side * output, 0.0, 1.0)).reshape(n, n)
            ax.imshow(
                image, extent=extent, origin="lower", aspect="auto", interpolation="none", zorder=0
            ).set_gid(f"nn-{name}")
        if sums.min() < level < sums.max():
            ax.contour(x1, x2, sums.reshape(n, n), levels=[level], colors=INK, linewidths=1.9)
        if classes is not None:
            for label, mark, face, edge in ((0, "s", NIL, NIL_EDGE), (1, "o", ONE, ONE_EDGE)):
                ax.plot(*points[classes == label].T, mark, color=face, mec=edge, mew=1, ms=5.5 + 0.5 * label)
        elif len(points):
            ax.plot(*points.T, "o", color="none", mec=INK, mew=1)
        ax.set(xlim=xlim, ylim=ylim, xlabel="$x_1$", ylabel="$x_2$")
        if not given:
            ax.set_aspect("equal")
    return ax


def _points(X: Any, y: Any) -> tuple[Floats, Any]:
    if X is None:
        if y is not None:
            raise ValueError("plot.boundary got labels y without points X. Give both.")
        return np.empty((0, 2)), None
    X = rows(X, "plot.boundary")
    if X.shape[1] != 2:
        raise ValueError(
            f"plot.boundary draws the plane: X of shape (points, 2), but X is {X.shape}. Choose two columns, "
            f"X[:, :2], and fit the model on them."
        )
    return X, None if y is None else labels(y, len(X), "plot.boundary")


def _ends(ends: Any, name: str) -> Limits:
    values = floats(ends, f"plot.boundary: {name}")
    if values.shape != (2,) or not np.isfinite(values).all() or not values[0] < values[1]:
        raise ValueError(f"plot.boundary takes {name}=(left, right), two rising numbers, but got {ends!r}.")
    return float(values[0]), float(values[1])


def _shape(ax: Any) -> float:
    """Return the width of the axes over their height, as far as it is known before the layout."""
    box, (width, height) = ax.get_position(), ax.figure.get_size_inches()
    return float(box.width * width / (box.height * height))


def _limits(points: Floats, xlim: Limits | None, ylim: Limits | None, shape: float) -> tuple[Limits, Limits]:
    """Hold every point with a rim; where both ends are free, widen one axis until both have one scale."""
    if len(points):
        low, high = points.min(axis=0), points.max(axis=0)
        rim = 0.08 * max(float(np.max(high - low)), 1e-9) + (0.0 if np.any(high > low) else 1.0)
        low, high = low - rim, high + rim
    else:
        low, high = np.full(2, -3.0), np.full(2, 3.0)
    if xlim is None and ylim is None:
        width, height = high - low
        grow = np.array([max(0.0, shape * height - width), max(0.0, width / shape - height)]) / 2
        low, high = low - grow, high + grow
    return xlim or (float(low[0]), float(high[0])), ylim or (float(low[1]), float(high[1]))


def _answers(model: Any, plane: Floats) -> tuple[Floats, Floats, float]:
    """Return the output from -1 (class 0) to 1 (class 1), and the values and level that give the boundary."""
    sums = None
    for method in ("decision_function", "affine"):
        if hasattr(model, method):
            sums = _column(getattr(model, method)(plane), len(plane), method)
            break
    if hasattr(model, "predict_proba"):
        p = np.asarray(model.predict_proba(plane))
        output = _column(p[:, 1] if p.ndim == 2 and p.shape[1] == 2 else p, len(plane), "predict_proba")
    elif callable(model):
        output = _column(model(plane), len(plane), "a call")
    elif hasattr(model, "predict"):
        output = _column(model.predict(plane), len(plane), "predict")
    elif sums is not None:
        output = sums
    else:
        raise TypeError(
            f"plot.boundary takes a fitted model, a Neuron or a function of points (k, 2), not {model!r}, "
            f"which has no predict_proba, decision_function or predict, and can't be called."
        )
    if output.min() >= 0.0 and output.max() <= 1.0:
        middle, scale = 0.5, 0.5
    else:
        middle, scale = 0.0, float(np.max(np.abs(output))) or 1.0
    side = (output - middle) / scale
    return (side, output, middle) if sums is None else (side, sums, 0.0)


def _column(answer: Any, n: int, source: str) -> Floats:
    values = floats(answer, f"plot.boundary: the model's output from {source}")
    if values.shape == (n, 1):
        values = values[:, 0]
    if values.shape != (n,):
        raise ValueError(
            f"plot.boundary takes one number for each of {n} points, but {source} returned {values.shape}. "
            f"Give a function of rows (k, 2) that returns (k,)."
        )
    if not np.isfinite(values).all():
        raise ValueError(f"plot.boundary: the model's output from {source} holds NaN or infinity.")
    return values
