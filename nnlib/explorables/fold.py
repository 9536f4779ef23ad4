"""Chapter 6's explorable: a hidden layer folds the plane until one line is enough."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike

from nnlib.activations import leaky_relu
from nnlib.explorables._base import Explorable, View, module, number, one_of, slider, style
from nnlib.layers import Dense, Sequential

TABLES = {
    "XOR": [0, 1, 1, 0],
    "AND": [0, 0, 0, 1],
    "OR": [0, 1, 1, 1],
    "NAND": [1, 1, 1, 0],
    "XNOR": [1, 0, 0, 1],
}
CORNERS = [[float(a), float(b)] for a, b in product((0, 1), repeat=2)]
HIGH = 2.0  # sliders run from -2 to 2
NUMBERS = ("W11", "W12", "c1", "W21", "W22", "c2", "w1", "w2")


class FoldView(View):
    """The picture: the weights of both layers, how far the plane is folded, and the truth table."""

    _esm = module("fold")
    _css = style("fold")
    W11 = traitlets.Float().tag(sync=True)
    W12 = traitlets.Float().tag(sync=True)
    c1 = traitlets.Float().tag(sync=True)
    W21 = traitlets.Float().tag(sync=True)
    W22 = traitlets.Float().tag(sync=True)
    c2 = traitlets.Float().tag(sync=True)
    w1 = traitlets.Float().tag(sync=True)
    w2 = traitlets.Float().tag(sync=True)
    fold = traitlets.Float(1.0).tag(sync=True)
    target = traitlets.Enum(tuple(TABLES), "XOR").tag(sync=True)


class Fold(Explorable):
    """The explorable of chapter 6."""

    @property
    def net(self) -> Sequential:
        """The network that the sliders show."""
        v = self.view

        def f(z: Any) -> Any:
            return leaky_relu(z, slope=1 - v.fold)

        hidden = Dense(2, 2, f, W=[[v.W11, v.W12], [v.W21, v.W22]], b=[v.c1, v.c2])
        return Sequential(hidden, Dense(2, 1, W=[[v.w1, v.w2]]))

    @property
    def right(self) -> int:
        """How many of the four corners get the answer of the table: 1 where y > 1/2, else 0."""
        y = self.net(CORNERS)[:, 0]
        return int(((y > 0.5) == np.array(TABLES[self.view.target])).sum())


def fold(
    *,
    W: ArrayLike = ((1.0, -0.5), (-0.5, 1.0)),
    c: ArrayLike = (0.5, 0.5),
    w: ArrayLike = (0.75, 0.75),
    fold: float = 1.0,
    target: str = "XOR",
) -> Fold:
    """Show y = w · h with h = ReLU(W x + c): the plane of inputs, and beside it the plane of h, folded.

    Parameters
    ----------
    W : array_like of shape (2, 2)
        Weights of the hidden layer, one row a neuron; each number from -2 to 2.
    c : array_like of shape (2,)
        Biases of the hidden layer.
    w : array_like of shape (2,)
        Weights of the output.
    fold : float
        How far the plane is folded: h is leaky ReLU of W x + c with the slope 1 - fold below 0, so that
        0 is a flat plane and 1 is ReLU.
    target : {"XOR", "AND", "OR", "NAND", "XNOR"}
        The truth table: the labels of (0, 0), (0, 1), (1, 0), (1, 1).

    Returns
    -------
    Explorable
        Its attributes ``W11``, ``W12``, ``c1``, ``W21``, ``W22``, ``c2``, ``w1``, ``w2``, ``fold`` and
        ``target`` follow the reader's hand; ``net`` is the network, ``right`` how many of four are right.

    Raises
    ------
    ValueError
        When an array has another shape, a number is out of its range, or the target is unknown.

    Examples
    --------
    >>> figure = fold(W=[[1, 1], [1, 1]], c=[0, -1], w=[1, -2])
    >>> figure.right
    4
    """
    (W11, W12), (W21, W22) = _numbers("W", W, (2, 2))
    (c1, c2), (w1, w2) = _numbers("c", c, (2,)), _numbers("w", w, (2,))
    start = dict(zip(NUMBERS, (W11, W12, c1, W21, W22, c2, w1, w2), strict=True))
    view = FoldView(fold=number("fold", fold, 0.0, 1.0), target=one_of("target", target, TABLES), **start)
    sliders = [slider(view, name, f"{name[0]}_{name[1:]}", low=-HIGH, high=HIGH) for name in NUMBERS]
    sliders.append(slider(view, "fold", low=0.0, high=1.0))
    return Fold(view, sliders, [*start, "fold", "target"])


def _numbers(name: str, value: ArrayLike, shape: tuple[int, ...]) -> list[Any]:
    """Return an array's numbers, nested as in it, or say in words why they can't be the sliders' values."""
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {value!r}. Give numbers, as an array of shape {shape}.") from None
    if array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}. Give an array of shape {shape}.")
    for index, entry in np.ndenumerate(array):
        number(f"{name}[{', '.join(map(str, index))}]", entry, -HIGH, HIGH)
    result: list[Any] = array.tolist()
    return result
