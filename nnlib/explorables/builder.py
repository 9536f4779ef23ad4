"""Chapter 5's explorable: a network of any depth and width, drawn, counted, and asked all over the plane."""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, log, pi, sqrt

import ipywidgets as widgets
import traitlets

import nnlib
from nnlib._checks import whole
from nnlib.explorables._base import LIMIT, Explorable, View, module, number, one_of, slider, style

ACTIVATIONS = ("tanh", "relu", "sigmoid", "identity")
WIDEST, DEEPEST = 8, 5


class BuilderView(View):
    """The picture: the network's width, depth and activation, where its weights come from, and the point."""

    _esm = module("builder")
    _css = style("builder")
    width = traitlets.Int(4, min=1, max=WIDEST).tag(sync=True)
    depth = traitlets.Int(3, min=1, max=DEEPEST).tag(sync=True)
    spread = traitlets.Float(2.0).tag(sync=True)
    activation = traitlets.Enum(ACTIVATIONS, "tanh").tag(sync=True)
    seed = traitlets.Int(182).tag(sync=True)
    x1 = traitlets.Float(1.0).tag(sync=True)
    x2 = traitlets.Float(0.5).tag(sync=True)


def _uniform(seed: int) -> Iterator[float]:
    """Uniform numbers in [0, 1), the same as in the page: the generator mulberry32."""
    cut = 0xFFFFFFFF
    while True:
        seed = (seed + 0x6D2B79F5) & cut
        t = ((seed ^ (seed >> 15)) * (seed | 1)) & cut
        t ^= (t + (((t ^ (t >> 7)) * (t | 61)) & cut)) & cut
        yield (t ^ (t >> 14)) / 2**32


def _normal(u: Iterator[float]) -> float:
    """Return one standard normal number out of two uniform ones (Box and Muller)."""
    return sqrt(-2 * log(1 - next(u))) * cos(2 * pi * next(u))


class Network(Explorable):
    """The explorable of chapter 5."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes from the inputs to the output."""
        return (2, *[self.width] * (self.depth - 1), 1)

    @property
    def net(self) -> nnlib.Sequential:
        """The network that the page shows, with the same weights."""
        u, layers = _uniform(self.seed), []
        hidden = getattr(nnlib, self.activation)
        for k in range(self.depth):
            n, m = self.sizes[k : k + 2]
            W = [[self.spread / sqrt(n) * _normal(u) for _ in range(n)] for _ in range(m)]
            b = [self.spread / 2 * _normal(u) for _ in range(m)]
            f = hidden if k < self.depth - 1 else nnlib.sigmoid
            layers.append(nnlib.Dense(n, m, f, W=W, b=b))
        return nnlib.Sequential(*layers)


def count_slider(view: View, name: str, low: int, high: int) -> widgets.IntSlider:
    """Return a slider of whole numbers tied to a trait of `view`."""
    result = widgets.IntSlider(value=getattr(view, name), min=low, max=high, description=name)
    widgets.jslink((result, "value"), (view, name))
    return result


def builder(
    *,
    width: int = 4,
    depth: int = 3,
    spread: float = 2.0,
    activation: str = "tanh",
    seed: int = 182,
    x1: float = 1.0,
    x2: float = 0.5,
) -> Network:
    """Show a network with random weights: its drawing, its shapes and parameters, its answers over the plane.

    Parameters
    ----------
    width : int, default 4
        Neurons in each hidden layer, from 1 to 8.
    depth : int, default 3
        Number of layers, the output's included, from 1 to 5.
    spread : float, default 2.0
        How large the weights are, from 0.2 to 4.
    activation : {"tanh", "relu", "sigmoid", "identity"}
        f of the hidden layers. The output neuron is a sigmoid.
    seed : int, default 182
        Which random weights, from 1 to 9999.
    x1, x2 : float
        Where the green point starts.

    Returns
    -------
    Explorable
        Its attributes follow the reader's hand; `net` is the network as a `Sequential`, `sizes` its sizes.

    Raises
    ------
    ValueError
        A number is out of its range, or the activation is unknown.

    Examples
    --------
    >>> figure = builder(width=3, depth=2)
    >>> figure.sizes, figure.net.n_parameters
    ((2, 3, 1), 13)
    """
    view = BuilderView(
        width=_count("width", width, WIDEST),
        depth=_count("depth", depth, DEEPEST),
        spread=number("spread", spread, 0.2, 4.0),
        activation=one_of("activation", activation, ACTIVATIONS),
        seed=_count("seed", seed, 9999),
        x1=number("x1", x1, -LIMIT, LIMIT),
        x2=number("x2", x2, -LIMIT, LIMIT),
    )
    sliders = [
        count_slider(view, "width", 1, WIDEST),
        count_slider(view, "depth", 1, DEEPEST),
        slider(view, "spread", low=0.2, high=4.0, step=0.1),
    ]
    return Network(view, sliders, ("width", "depth", "spread", "activation", "seed", "x1", "x2"))


def _count(name: str, value: object, high: int) -> int:
    number(name, value, 1, high)
    return whole(value, name, "builder", 1)
