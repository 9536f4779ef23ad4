"""What a function computes, as a graph: operations are nodes, and values travel along the edges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from nnlib.autodiff.inspect import Node, operations
from nnlib.plot._canvas import apart, number, open_canvas, write
from nnlib.plot._style import INK, PAPER, SOFT, style

MOST = 60  # nodes: more can't be read
SIZE = 11.0  # points: the largest text
SMALLEST = 5.5
SIGNS = {
    "np.add": "+",
    "np.subtract": "\N{MINUS SIGN}",
    "np.multiply": "×",
    "np.divide": "÷",
    "np.matmul": "@",
    "np.power": "power",
    "np.negative": "\N{MINUS SIGN}",
    "np.absolute": "abs",
    "x.T": "T",
    "pick": "[ ]",
}


@dataclass
class _Box:
    """A node in its place. One without a `node` is a bend of a long edge."""

    node: Node | None
    column: int
    parents: list[int] = field(default_factory=list)
    y: float = 0.0


def graph(f: Callable[..., Any], *args: Any, ax: Any = None) -> Any:
    """Draw the computation of f(*args): arguments at the left, the result at the right, operations between.

    Each node shows its operation and its value, or the shape of its value where that is an array. These are
    the steps that `grad` goes back over, from right to left.

    Parameters
    ----------
    f : callable
        A function written in NumPy, as for `grad`.
    *args : array, tuple, list, dict or network
        Its arguments.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it a new figure is opened.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with the picture; its coordinates are points.

    Raises
    ------
    TypeError
        f is no function, or loses the derivative, as in `grad`.
    ValueError
        f gives nothing that depends on its arguments, or there are more than 60 nodes to draw.

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> from nnlib import plot
    >>> ax = plot.graph(lambda w, x: np.tanh(w * x), 0.5, 2.0, ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.texts]
    ['w', '0.500', 'x', '2.00', '×', '1.00', 'tanh', '0.762']
    """
    if not callable(f):
        raise TypeError(
            f"plot.graph takes a function and its arguments, but got {f!r}. Write plot.graph(f, x)."
        )
    if not args:
        raise ValueError(
            "plot.graph takes the arguments too: plot.graph(f, x) draws the computation of f(x)."
        )
    nodes, results = operations(f, *args)
    if not results:
        raise ValueError(
            "plot.graph: what f gives does not depend on its arguments. Is a return missing, or an argument unused?"
        )
    boxes = _boxes(nodes, results)
    if sum(box.node is not None for box in boxes) > MOST:
        raise ValueError(
            f"plot.graph draws up to {MOST} nodes, but this computation has more. Draw a smaller example, or a "
            f"part of f: one layer, one step of the loop."
        )
    with style():
        ax, width, height = open_canvas(ax, (7.6, 3.9))
        _settle(boxes)
        _draw(ax, boxes, {id(nodes[k]) for k in results}, width, height)
    return ax


# ---------------------------------------------------------------------------------------------------- layout
# Source: K. Sugiyama, S. Tagawa and M. Toda, Methods for visual understanding of hierarchical system structures,
# IEEE Transactions on Systems, Man, and Cybernetics 11 (1981), 109-125.


def _boxes(nodes: list[Node], results: list[int]) -> list[_Box]:
    """Columns by the longest way from the arguments; edges over several columns bend in each of them."""
    needed = set(results)
    for k in range(len(nodes) - 1, -1, -1):
        if k in needed:
            needed.update(nodes[k].parents)
    column: dict[int, int] = {}
    for k in sorted(needed):
        column[k] = 1 + max((column[p] for p in nodes[k].parents), default=-1)
    for k in sorted(needed):  # what is not computed stands where it is used first
        if nodes[k].kind != "operation":
            uses = [column[j] for j in needed if k in nodes[j].parents]
            column[k] = min(uses, default=1) - 1
    boxes: list[_Box] = []
    place: dict[int, int] = {}
    for k in sorted(needed):
        parents = []
        for p in nodes[k].parents:
            at = place[p]
            for between in range(column[p] + 1, column[k]):
                boxes.append(_Box(None, between, [at]))
                at = len(boxes) - 1
            parents.append(at)
        place[k] = len(boxes)
        boxes.append(_Box(nodes[k], column[k], parents))
    return boxes


def _settle(boxes: list[_Box]) -> None:
    """Give every box a height: near its neighbours, one apart from those of its column."""
    columns: dict[int, list[int]] = {}
    for k, box in enumerate(boxes):
        columns.setdefault(box.column, []).append(k)
    children: dict[int, list[int]] = {k: [] for k in range(len(boxes))}
    for k, box in enumerate(boxes):
        for p in box.parents:
            children[p].append(k)
    for members in columns.values():
        for j, k in enumerate(members):
            boxes[k].y = (len(members) - 1) / 2 - j
    order = sorted(columns)
    for sweep in range(12):
        for c in order if sweep % 2 == 0 else reversed(order):
            wishes = []
            for k in columns[c]:
                near = boxes[k].parents if sweep % 2 == 0 else children[k]
                near = near or [*boxes[k].parents, *children[k]]
                weights = [_weight(boxes[j]) for j in near]
                y = float(np.average([boxes[j].y for j in near], weights=weights)) if near else boxes[k].y
                wishes.append((y, k))
            wishes.sort()
            weights = [_weight(boxes[k]) for _, k in wishes]
            for y, (_, k) in zip(apart([y for y, _ in wishes], 1.0, weights), wishes, strict=True):
                boxes[k].y = y


def _weight(box: _Box) -> float:
    """Operations keep to one line; what enters them makes way."""
    return 1.0 if box.node is None or box.node.kind != "operation" else 8.0


# --------------------------------------------------------------------------------------------------- drawing
def _draw(ax: Any, boxes: list[_Box], results: set[int], width: float, height: float) -> None:
    from matplotlib.patches import FancyBboxPatch

    n = 1 + max(box.column for box in boxes)
    top, bottom = max(box.y for box in boxes), min(box.y for box in boxes)
    across, down = width / n, height / (top - bottom + 1)
    words = [word for box in boxes if box.node for word in _words(box.node)]
    longest = max(0.55 * len(word) + 1.0 for word in words)
    size = min(SIZE, 0.74 * across / longest, 0.30 * down)
    size = max(size, SMALLEST)
    w, h = min(0.74 * across, max(longest, 3.2) * size), 2.9 * size
    at = [((box.column + 0.5) * across, height / 2 + (box.y - (top + bottom) / 2) * down) for box in boxes]
    for k, box in enumerate(boxes):
        if box.node:
            _arrows(ax, boxes, at, k, w / 2, size)
    for box, (x, y) in zip(boxes, at, strict=True):
        if box.node is None:
            continue
        edge = INK if box.node.kind == "operation" else SOFT
        bold = 2.2 if id(box.node) in results else 1.1 if edge == INK else 0.6
        shape = f"round,pad=0,rounding_size={0.45 * h if box.node.kind == 'operation' else 0.12 * h}"
        ax.add_patch(
            FancyBboxPatch((x - w / 2, y - h / 2), w, h, boxstyle=shape, fc=PAPER, ec=edge, lw=bold, zorder=2)
        )
        lines = _words(box.node)
        for line, shift in zip(lines, (0.0,) if len(lines) == 1 else (0.58, -0.62), strict=True):
            name = line == box.node.name and box.node.kind == "argument"
            look: dict[str, Any] = {"family": "serif", "style": "italic"} if name else {}
            if line is lines[-1] and box.node.kind != "operation":
                look["color"] = SOFT
            elif line is lines[0] and not name:
                look["weight"] = "bold"
            write(ax, x, y + shift * size, line, size, zorder=3, **look)


def _arrows(
    ax: Any, boxes: list[_Box], at: list[tuple[float, float]], k: int, half: float, size: float
) -> None:
    """Edges into box k, each with its own place to arrive."""
    from matplotlib.patches import PathPatch, Polygon
    from matplotlib.path import Path

    x, y = at[k]
    head = 0.45 * size
    coming = sorted(boxes[k].parents, key=lambda p: at[p][1])
    for j, p in enumerate(coming):
        end = (x - half - head, y + (j - (len(coming) - 1) / 2) * 0.8 * size)
        way = [end]
        while boxes[p].node is None:
            way.append(at[p])
            (p,) = boxes[p].parents
        way.append((at[p][0] + half, at[p][1]))
        way.reverse()
        points, codes = [way[0]], [Path.MOVETO]
        for (x0, y0), (x1, y1) in pairwise(way):
            bend = 0.5 * (x1 - x0)
            points += [(x0 + bend, y0), (x1 - bend, y1), (x1, y1)]
            codes += [Path.CURVE4] * 3
        ax.add_patch(PathPatch(Path(points, codes), fc="none", ec=INK, lw=1.1, zorder=1))
        tip = [(end[0] + head, end[1]), (end[0], end[1] + 0.45 * head), (end[0], end[1] - 0.45 * head)]
        ax.add_patch(Polygon(tip, closed=True, fc=INK, lw=0, zorder=1))


def _words(node: Node) -> list[str]:
    """Name and value; a constant is its value alone."""
    value = np.asarray(node.value)
    text = number(float(value)) if value.ndim == 0 else str(value.shape)
    if node.kind == "constant":
        return [text]
    name = node.name
    if node.kind == "operation":
        name = SIGNS.get(name, name).removeprefix("np.").removeprefix("linalg.")
        name = name.split(" over ")[0].split(" of ")[0].split(" between ")[0].removesuffix(" layer")
    return [name, text]
