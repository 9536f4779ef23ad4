"""A network as its neurons and weights."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from nnlib._checks import Floats, floats
from nnlib.plot._canvas import number, open_canvas, write
from nnlib.plot._style import INK, NIL, ONE, PAPER, SOFT, TINT_NIL, TINT_ONE, style

MOST = 12  # neurons that are drawn of one layer; of a larger one, the first and the last
WIDEST = 5.0  # points: the edge of the largest weight
THINNEST = 0.6
NUMBERS = 12  # as many edges between two layers carry their numbers
SMALLEST = 6.5  # points: no text is smaller


@dataclass
class _Column:
    """One layer as it is drawn: which neurons, where they stand, and what they hold."""

    size: int
    shown: list[int]
    x: float = 0.0
    y: Any = None
    W: Any = None
    b: Any = None
    z: Any = None
    h: Any = None


def network(net: Any, *, ax: Any = None, x: Any = None) -> Any:
    """Draw a network: weights as edges, neurons as circles.

    The wider an edge, the larger its weight; orange is positive, blue and dashed is negative. Where there is
    room, the edges carry their numbers.

    Parameters
    ----------
    net : Sequential, Dense, or a fitted estimator with `net_`
        The network. Its layers with weights must be dense; functions may stand between them.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it a new figure is opened.
    x : array_like of shape (features,), optional
        One input. Each neuron then shows its weighted sum z on the left and its output f(z) on the right.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with the picture; its coordinates are points.

    Raises
    ------
    TypeError
        `net` is no network of dense layers.
    ValueError
        x is not one input of the network, or a weight is NaN or infinite.

    Notes
    -----
    Of a layer with more than 12 neurons, the first and the last are drawn, and the number of all is written
    below. Widths compare the weights of this one network: the widest edge is its largest weight.

    Examples
    --------
    >>> import nnlib
    >>> from matplotlib.figure import Figure
    >>> net = nnlib.Sequential(nnlib.Dense(2, 3, nnlib.tanh, rng=0), nnlib.Dense(3, 1, nnlib.sigmoid, rng=1))
    >>> ax = nnlib.plot.network(net, x=[1.0, 0.5], ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.texts if "h" in text.get_text()]
    ['$h_1$', '$h_2$', '$h_3$']
    """
    columns = _columns(net, x)
    with style():
        ax, width, height = open_canvas(ax, (7.6, 3.9))
        r, pitch = _place(columns, width, height)
        largest = max(float(np.max(np.abs(c.W))) for c in columns[1:]) or 1.0
        for before, after in pairwise(columns):
            _edges(ax, before, after, r, largest, pitch)
        for k, column in enumerate(columns):
            _neurons(ax, column, k, len(columns), r, pitch)
    return ax


# ---------------------------------------------------------------------------------------------- what to draw
def _columns(net: Any, x: Any) -> list[_Column]:
    net = getattr(net, "net_", net)
    layers = getattr(net, "layers", (net,))
    columns: list[_Column] = []
    functions: list[list[Any]] = []
    for layer in layers:
        W: Any = getattr(layer, "W", None)
        if getattr(W, "ndim", 0) == 2 and hasattr(layer, "affine"):
            if not np.isfinite(W).all():
                raise ValueError(
                    f"plot.network: a weight of {layer!r} is NaN or infinite. Did training diverge?"
                )
            columns.append(_column(len(W), W=W, b=layer.b))
            functions.append([layer.affine, layer.activation])
        elif columns and callable(layer) and not hasattr(layer, "leaves"):
            functions[-1].append(layer)
        else:
            raise TypeError(
                f"plot.network draws networks of Dense layers, a Sequential or an estimator with net_, but got "
                f"{layer!r}."
            )
    first = _column(columns[0].W.shape[1])
    if x is not None:
        first.h = h = _one_input(x, first.size)
        for column, (affine, *rest) in zip(columns, functions, strict=True):
            column.z = h = affine(h)
            for f in rest:
                h = f(h)
            column.h = h
    return [first, *columns]


def _column(size: int, **values: Any) -> _Column:
    half = MOST // 2 - 1
    shown = list(range(size)) if size <= MOST else [*range(half), *range(size - half, size)]
    return _Column(size, shown, **values)


def _one_input(x: Any, n: int) -> Floats:
    values = floats(x, "plot.network: x")
    if values.shape != (n,):
        hint = " Draw one example of the batch: x[0]." if values.ndim == 2 and values.shape[-1] == n else ""
        raise ValueError(f"plot.network takes one input, x of shape ({n},), but x is {values.shape}.{hint}")
    return values


# ------------------------------------------------------------------------------------------ where it stands
def _place(columns: list[_Column], width: float, height: float) -> tuple[float, float]:
    """Give every neuron its place; return the radius of all, and the distance of two in the fullest layer."""
    slots = max(len(c.shown) + (c.size > len(c.shown)) for c in columns)
    pitch = height / slots
    r = min(34.0, 0.31 * pitch, 0.17 * width / (len(columns) - 1))
    for k, column in enumerate(columns):
        column.x = r + 2.0 + k * (width - 2 * r - 4.0) / (len(columns) - 1)
        n = len(column.shown)
        gap = column.size > n
        step = min(pitch, 4.4 * r + 12.0)
        places = [j + (gap and j >= n // 2) for j in range(n)]
        column.y = height / 2 - 0.12 * r - step * (np.array(places) - (n - 1 + gap) / 2)
    return r, pitch


# ----------------------------------------------------------------------------------------------- the drawing
def _edges(ax: Any, before: _Column, after: _Column, r: float, largest: float, pitch: float) -> None:
    from matplotlib.collections import LineCollection

    W = after.W[np.ix_(after.shown, before.shown)]
    start = np.stack(np.broadcast_arrays(before.x, before.y[None, :]), axis=-1) + np.zeros((*W.shape, 1))
    end = np.stack(np.broadcast_arrays(after.x, after.y[:, None]), axis=-1) + np.zeros((*W.shape, 1))
    along = end - start
    along = r * along / np.linalg.norm(along, axis=-1, keepdims=True)
    lines = np.stack([start + along, end - along], axis=-2).reshape(-1, 2, 2)
    w = W.ravel()
    widest = min(WIDEST, 0.35 * pitch, 30.0 / max(W.shape))
    widths = THINNEST + (widest - THINNEST) * np.abs(w) / largest
    order = np.argsort(-np.abs(w), kind="stable")  # thin edges over wide ones
    for chosen, colour, dashes in ((w >= 0, ONE, "solid"), (w < 0, NIL, (0, (3.2, 1.8)))):
        own = [k for k in order if chosen[k]]
        if own:
            ax.add_collection(
                LineCollection(
                    list(lines[own]), colors=colour, linewidths=widths[own], linestyles=[dashes], zorder=1
                ),
                autolim=False,
            )
    _numbers(ax, lines, w)


def _numbers(ax: Any, lines: Floats, w: Floats) -> None:
    """Write the weights on their edges, near the middle, where these are far enough apart; or nowhere."""
    size = 9.0
    wide, tall = 2.2 * size, 1.5 * size
    span = float(np.min(lines[:, 1, 0] - lines[:, 0, 0]))
    if len(w) > NUMBERS or span < 2.2 * wide:
        return
    ts = np.linspace(wide / span, 1.0 - wide / span, 41)
    room = np.array([np.min(np.diff(np.sort(_at(lines, t)[:, 1])), initial=2 * tall) for t in ts])
    if room.max() < tall:
        return
    good = room >= min(2.0 * tall, room.max())
    t = ts[good][np.argmin(np.abs(ts[good] - 0.5))]
    box = {"boxstyle": "round,pad=0.22,rounding_size=0.7", "fc": PAPER, "ec": "none"}
    for (x, y), v in zip(_at(lines, t), w, strict=True):
        write(ax, x, y, number(v), size, zorder=2, bbox=box)


def _at(lines: Floats, t: float) -> Floats:
    """The points of all lines at the share t of the way across."""
    points: Floats = (1 - t) * lines[:, 0] + t * lines[:, 1]
    return points


def _neurons(ax: Any, column: _Column, k: int, n_columns: int, r: float, pitch: float) -> None:
    from matplotlib.patches import Circle, Wedge

    split = column.z is not None
    lines = 1.9 if 0 < k < n_columns - 1 and n_columns > 3 else 1.35  # with an index above, or without
    label = min(12.0, (pitch - 2 * r) / lines)
    for j, y in zip(column.shown, column.y, strict=True):
        ax.add_patch(Circle((column.x, y), r, fc=PAPER, ec=INK, lw=1.4, zorder=3))
        name = _name(j, k, n_columns, column.size)
        if k == 0:
            _input(ax, column, j, y, r, name)
            continue
        if split:
            tint = _tone(column.h)[j]
            half = Wedge((column.x, y), r, -90, 90, fc=TINT_ONE if tint > 0 else TINT_NIL, alpha=abs(tint))
            half.set(zorder=4, lw=0)
            ax.add_patch(half)
            ax.add_patch(Circle((column.x, y), r, fc="none", ec=INK, lw=1.4, zorder=5))
            ax.plot([column.x, column.x], [y - r, y + r], color=INK, lw=0.8, zorder=5)
            size = min(10.5, 0.29 * r)
            if size >= SMALLEST:
                write(ax, column.x - 0.49 * r, y, number(float(column.z[j])), size, zorder=6)
                write(ax, column.x + 0.49 * r, y, number(float(column.h[j])), size, zorder=6)
        if label >= SMALLEST:
            write(ax, column.x, y + r + (0.55 * lines - 0.12) * label, name, label)
        b = float(column.b[j])
        if b and label >= 1.2 * SMALLEST and pitch > 2 * r + 2.2 * label:
            write(ax, column.x, y - r - 0.6 * label, f"$b$ = {number(b)}", 0.8 * label, color=SOFT)
    if column.size > len(column.shown):
        middle = float(np.mean(column.y))
        for shift in (-0.25, 0.0, 0.25):
            ax.plot(column.x, middle + shift * pitch, "o", color=SOFT, ms=2.2)
        write(
            ax,
            column.x,
            float(np.min(column.y)) - r - 7.0,
            f"{column.size} in all",
            9.0,
            color=SOFT,
            va="top",
        )


def _input(ax: Any, column: _Column, j: int, y: float, r: float, name: str) -> None:
    size = min(12.0, 0.62 * r)
    if size < SMALLEST:
        return
    if column.h is None:
        write(ax, column.x, y, name, size, zorder=6)
    else:
        write(ax, column.x, y + 0.33 * r, name, size, zorder=6)
        write(ax, column.x, y - 0.33 * r, number(float(column.h[j])), min(10.5, 0.45 * r), zorder=6)


def _name(j: int, k: int, n_columns: int, size: int) -> str:
    """The lecture's letters: x, h and f, with the layer above where there are several hidden ones."""
    index = "" if size == 1 and k == n_columns - 1 else f"_{{{j + 1}}}" if j > 8 else f"_{j + 1}"
    if k == 0:
        return f"$x{index}$"
    if k == n_columns - 1:
        return f"$f{index}$"
    return f"$h{index}$" if n_columns == 3 else f"$h{index}^{{({k})}}$"


def _tone(h: Floats) -> Floats:
    """Outputs from -1 (blue) to 1 (orange): about one half where they lie in [0, 1], else about 0."""
    if h.min() >= 0.0 and h.max() <= 1.0:
        return 2.0 * h - 1.0
    tone: Floats = h / np.max(np.abs(h))
    return tone
