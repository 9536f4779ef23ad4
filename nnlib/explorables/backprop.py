"""Chapter 10's explorable: a 2-3-1 network, forward, backward and updated, one click a stage."""

from __future__ import annotations

from itertools import product
from typing import Any

import ipywidgets as widgets
import numpy as np
import traitlets
from numpy.typing import ArrayLike

from nnlib.activations import sigmoid
from nnlib.backprop import Trace
from nnlib.backprop import backprop as trace
from nnlib.explorables._base import LIMIT, Explorable, View, module, number, slider, style
from nnlib.layers import Dense, Sequential

NUMBERS = (
    *("x1", "x2"),
    *(f"W{j}{i}" for j, i in product((1, 2, 3), (1, 2))),
    *("w1", "w2", "w3"),
)
"""What the first slider can move: an input, or a weight."""
STAGES = 5  # hidden forward, output forward, output's delta, hidden deltas, update
SHAPES = {"W": (3, 2), "w": (3,), "x": (2,)}


def _array(name: str, value: ArrayLike, limit: float | None = None) -> list[Any]:
    """Return weights or inputs as lists, or say what shape they need."""
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} holds something that is no number.") from None
    if array.shape != SHAPES[name]:
        raise ValueError(f"{name} has shape {array.shape}. The network needs {SHAPES[name]}.")
    if not np.isfinite(array).all() or (limit and np.abs(array).max() > limit):
        raise ValueError(f"{name} is {array.tolist()}. Give numbers between -{LIMIT:g} and {LIMIT:g}.")
    result: list[Any] = array.tolist()
    return result


class BackpropView(View):
    """The picture: the network's numbers, the stage, and the number that the first slider moves."""

    _esm = module("backprop")
    _css = style("backprop")
    W: traitlets.List[list[float]] = traitlets.List().tag(sync=True)
    w: traitlets.List[float] = traitlets.List().tag(sync=True)
    x: traitlets.List[float] = traitlets.List().tag(sync=True)
    y = traitlets.Float().tag(sync=True)
    alpha = traitlets.Float().tag(sync=True)
    stage = traitlets.Int(0, min=0, max=STAGES).tag(sync=True)
    steps = traitlets.Int(0, min=0).tag(sync=True)
    chosen = traitlets.Enum(NUMBERS, "w1").tag(sync=True)
    value = traitlets.Float().tag(sync=True)  # of the chosen number, as its slider has it
    letter = traitlets.Unicode().tag(sync=True)  # of the chosen number, written beside the slider

    @traitlets.validate("W", "w", "x")
    def _check(self, proposal: dict[str, Any]) -> list[Any]:
        """Refuse what the page can't draw, when Python sets it."""
        return _array(proposal["trait"].name, proposal["value"])


class Backprop(Explorable):
    """An explorable that hands out its network as nnlib has it."""

    @property
    def net(self) -> Sequential:
        """The network with the weights of now."""
        return Sequential(
            Dense(2, 3, sigmoid, W=self.view.W),
            Dense(3, 1, sigmoid, W=[self.view.w]),
        )

    @property
    def trace(self) -> Trace:
        """What `nnlib.backprop` computes on this network and example."""
        return trace(self.net, self.view.x, [self.view.y])


def backprop(
    W: ArrayLike = ((0.8, -0.4), (-0.6, 0.9), (0.3, 0.5)),
    w: ArrayLike = (0.7, -0.9, 0.4),
    *,
    x: ArrayLike = (1.0, 0.5),
    y: float = 1.0,
    alpha: float = 1.0,
) -> Backprop:
    """Show one step of learning in a network of 2 inputs, 3 hidden neurons and 1 output, all sigmoidal.

    It has no biases, as on the slide, and learns from one example with the error (y - f)^2 / 2.

    Parameters
    ----------
    W : array_like of shape (3, 2)
        Weights of the hidden neurons, one row a neuron; from -3 to 3, as `w` and `x`.
    w : array_like of shape (3,)
        Weights of the output.
    x : array_like of shape (2,)
        The example.
    y : float
        What the output should be, from 0 to 1.
    alpha : float
        Learning rate, from 0.1 to 5.

    Returns
    -------
    Backprop
        Its attributes ``W``, ``w``, ``x``, ``y``, ``alpha``, ``stage`` (0 to 5), ``steps`` (updates made) and
        ``chosen`` (what the first slider moves) follow the reader's hand; ``net`` and ``trace`` are the network
        and its :class:`nnlib.Trace`.

    Raises
    ------
    ValueError
        When an array has another shape, or a number lies outside its range.

    Examples
    --------
    >>> figure = backprop()
    >>> figure.w
    [0.7, -0.9, 0.4]
    >>> figure.trace.deltas[1].round(3)
    array([0.105])
    """
    view = BackpropView(
        W=_array("W", W, LIMIT),
        w=_array("w", w, LIMIT),
        x=_array("x", x, LIMIT),
        y=number("y", y, 0.0, 1.0),
        alpha=number("alpha", alpha, 0.1, 5.0),
    )
    view.value = view.w[0]
    edit = slider(view, "value", "w_1")
    view.letter = edit.description
    widgets.jsdlink((view, "letter"), (edit, "description"))
    sliders = [
        edit,
        slider(view, "y", low=0.0, high=1.0),
        slider(view, "alpha", "α", low=0.1, high=5.0, step=0.1),
    ]
    return Backprop(view, sliders, ("W", "w", "x", "y", "alpha", "stage", "steps", "chosen"))
