"""Chapter 1's explorable: one neuron as a diagram and as a half-plane."""

from __future__ import annotations

import traitlets
from numpy.typing import ArrayLike

from nnlib.explorables._base import (
    LIMIT,
    Explorable,
    View,
    labelled_points,
    module,
    number,
    one_of,
    slider,
    style,
)

ACTIVATIONS = ("heaviside", "sigmoid", "tanh", "relu")


class NeuronView(View):
    """The picture: ``w1``, ``w2``, ``b`` of the neuron, ``x1``, ``x2`` of the point, and the data."""

    _esm = module("neuron")
    _css = style("neuron")
    w1 = traitlets.Float().tag(sync=True)
    w2 = traitlets.Float().tag(sync=True)
    b = traitlets.Float().tag(sync=True)
    x1 = traitlets.Float().tag(sync=True)
    x2 = traitlets.Float().tag(sync=True)
    activation = traitlets.Enum(ACTIVATIONS, "sigmoid").tag(sync=True)
    points: traitlets.List[list[float]] = traitlets.List().tag(sync=True)
    labels: traitlets.List[int] = traitlets.List().tag(sync=True)


def neuron(
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    w1: float = 2.0,
    w2: float = -1.0,
    b: float = -0.5,
    x1: float = 1.0,
    x2: float = 0.5,
    activation: str = "sigmoid",
) -> Explorable:
    """Show one neuron f(w1 x1 + w2 x2 + b): its diagram, its answers over the plane, and a point to move.

    Parameters
    ----------
    X : array of shape (n, 2), optional
        Data points inside the plane [-3, 3]².
    y : array of shape (n,), optional
        Their labels: 1 (orange circle) or 0 (blue square).
    w1, w2, b : float
        The weights and the bias that the sliders start from, and that Reset returns to; from -3 to 3.
    x1, x2 : float
        Where the green point starts.
    activation : {"heaviside", "sigmoid", "tanh", "relu"}
        The first choice of f.

    Returns
    -------
    Explorable
        Its attributes ``w1``, ``w2``, ``b``, ``x1``, ``x2`` and ``activation`` follow the reader's hand.

    Raises
    ------
    ValueError
        When a value or a point is no number, lies outside the plane, or has no label 0 or 1.

    Examples
    --------
    >>> figure = neuron([[1, 0], [-1, 0]], [1, 0], w1=1.5)
    >>> figure.w1
    1.5
    """
    points, labels = labelled_points(X, y)
    numbers = {"w1": w1, "w2": w2, "b": b, "x1": x1, "x2": x2}
    start = {name: number(name, value, -LIMIT, LIMIT) for name, value in numbers.items()}
    view = NeuronView(
        points=points, labels=labels, activation=one_of("activation", activation, ACTIVATIONS), **start
    )
    sliders = [slider(view, "w1", "w_1"), slider(view, "w2", "w_2"), slider(view, "b")]
    return Explorable(view, sliders, [*start, "activation"])
