"""Chapter 13's explorable: SGD, momentum, RMSProp and Adam race over one surface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from nnlib import optim
from nnlib.explorables._base import LIMIT, Explorable, View, module, number, one_of, slider, style

LAST = 200  # steps after which a race is over
FAR = 1e6  # a runner beyond this has left the map for good

Error = Callable[[Any], tuple[Any, Any]]


def _ravine(w: Any) -> tuple[Any, Any]:
    """Curvature 1/2 along w1 and 20 along w2."""
    x, y = w
    return x**2 / 4 + 10 * y**2, (x / 2, 20 * y)


def _turned(w: Any) -> tuple[Any, Any]:
    """The ravine, turned by 45 degrees."""
    x, y = w
    c = np.sqrt(0.5)
    E, (du, dv) = _ravine((c * (x + y), c * (y - x)))
    return E, (c * (du - dv), c * (du + dv))


def _bend(w: Any) -> tuple[Any, Any]:
    """A valley along w2 = w1^2 - 2, which falls gently to w1 = 1.5."""
    x, y = w
    far, along = y + 2 - x**2, x - 1.5
    return far**2 + along**2 / 20, (along / 10 - 4 * x * far, 2 * far)


def _saddle(w: Any) -> tuple[Any, Any]:
    """A pass at 0 between two lowest places, w2 = -2 and w2 = 2."""
    x, y = w
    return 2 * x**2 + (y**2 - 4) ** 2 / 16, (4 * x, y * (y**2 - 4) / 4)


def _network(w: Any) -> tuple[Any, Any]:
    """The error of b tanh(a x), a network with one hidden neuron, on nine points of 2 tanh(1.2 x)."""
    a, b = w
    x = np.arange(-4, 5) / 2
    h = np.tanh(a * x)
    e = b * h - 2 * np.tanh(1.2 * x)
    return np.mean(e**2) / 2, (np.mean(e * b * (1 - h**2) * x), np.mean(e * h))


SURFACES: dict[str, Error] = {
    "ravine": _ravine,
    "turned": _turned,
    "bend": _bend,
    "saddle": _saddle,
    "network": _network,
}
# Where a race starts on each: the page and Python know it from here alone.
STARTS = {
    "ravine": (-2.6, 1.5),
    "turned": (-2.6, -0.6),
    "bend": (-2.0, 2.6),
    "saddle": (-2.0, 0.1),
    "network": (2.6, -2.4),
}
RUNNERS: dict[str, Callable[[float, float, float], optim.Optimiser]] = {
    "sgd": lambda alpha, beta1, beta2: optim.SGD(alpha),
    "momentum": lambda alpha, beta1, beta2: optim.Momentum(alpha, beta1),
    "rmsprop": lambda alpha, beta1, beta2: optim.RMSProp(alpha, beta2),
    "adam": lambda alpha, beta1, beta2: optim.Adam(alpha, beta1, beta2),
}


class OptimisersView(View):
    """The picture: the surface, the start, the rate, what is remembered, and how many steps are made."""

    _esm = module("optimisers")
    _css = style("rule", "descent", "optimisers")
    surface = traitlets.Enum(tuple(SURFACES), "ravine").tag(sync=True)
    starts = traitlets.Dict(STARTS).tag(sync=True)
    start_1 = traitlets.Float(-2.6).tag(sync=True)
    start_2 = traitlets.Float(1.5).tag(sync=True)
    alpha = traitlets.Float(0.04).tag(sync=True)
    beta1 = traitlets.Float(0.9).tag(sync=True)
    beta2 = traitlets.Float(0.99).tag(sync=True)
    steps = traitlets.Int(0, min=0).tag(sync=True)


class OptimiserRace(Explorable):
    """The explorable of chapter 13."""

    def path(self, runner: str) -> NDArray[np.float64]:
        """Return the way of ``"sgd"``, ``"momentum"``, ``"rmsprop"`` or ``"adam"``: one row a place, start first."""
        v = self.view
        optimiser = RUNNERS[one_of("runner", runner, RUNNERS)](v.alpha, v.beta1, v.beta2)
        places = [np.array([v.start_1, v.start_2])]
        for _ in range(min(v.steps, LAST)):
            if np.abs(places[-1]).max() > FAR:
                break
            places.append(optimiser.step(places[-1], np.array(SURFACES[v.surface](places[-1])[1])))
        return np.array(places)

    def loss(self, w: ArrayLike) -> float:
        """Return the height of the surface at (w1, w2); its lowest value is 0."""
        return float(SURFACES[self.view.surface](np.asarray(w, dtype=float))[0])


def optimisers(
    surface: str = "ravine",
    *,
    alpha: float = 0.04,
    beta1: float = 0.9,
    beta2: float = 0.99,
    start: ArrayLike | None = None,
) -> OptimiserRace:
    """Let the four optimisers of `nnlib.optim` go down one surface, with one learning rate.

    Parameters
    ----------
    surface : {"ravine", "turned", "bend", "saddle", "network"}
        A bowl 40 times as steep one way as the other; the same, turned by 45 degrees; a valley with a bend;
        a pass between two lowest places; the error of a network with two weights, w2 tanh(w1 x).
    alpha : float, default 0.04
        Learning rate of all four, from 0.002 to 0.12.
    beta1 : float, default 0.9
        Of momentum and Adam, from 0 to 0.98.
    beta2 : float, default 0.99
        Of RMSProp, whose rho it is, and Adam, from 0.9 to 0.999.
    start : array_like of shape (2,), optional
        Where all start, in the square [-3, 3]². Left out, a place that suits the surface.

    Returns
    -------
    Explorable
        With the attributes `surface`, `alpha`, `beta1`, `beta2`, `start_1`, `start_2` and `steps`, which can
        be set; `path(runner)` gives the places of a runner, and `loss((w1, w2))` the height there.

    Raises
    ------
    ValueError
        A number is out of its range, the surface is unknown, or `start` is no pair of numbers.

    Examples
    --------
    >>> from nnlib.explorables import optimisers
    >>> race = optimisers(alpha=0.05)
    >>> race.steps = 100
    >>> race.path("adam").shape
    (101, 2)
    >>> race.loss(race.path("adam")[-1]) < race.loss(race.path("adam")[0])
    True
    """
    first = STARTS[one_of("surface", surface, SURFACES)] if start is None else _pair(start)
    view = OptimisersView(
        surface=surface,
        start_1=number("start[0]", first[0], -LIMIT, LIMIT),
        start_2=number("start[1]", first[1], -LIMIT, LIMIT),
        alpha=number("alpha", alpha, 0.002, 0.12),
        beta1=number("beta1", beta1, 0, 0.98),
        beta2=number("beta2", beta2, 0.9, 0.999),
    )
    values = ("surface", "start_1", "start_2", "alpha", "beta1", "beta2", "steps")
    return OptimiserRace(view, _sliders(view), values)


def _pair(start: ArrayLike) -> tuple[Any, Any]:
    if np.shape(start) != (2,):
        raise ValueError(f"start has shape {np.shape(start)}. Give two numbers, (w1, w2).")
    first, second = list(start)  # type: ignore[arg-type]
    return first, second


def _sliders(view: OptimisersView) -> list[Any]:
    rate = slider(view, "alpha", "α", low=0.002, high=0.12, step=0.002)
    first = slider(view, "beta1", "β_1", low=0, high=0.98, step=0.02)
    second = slider(view, "beta2", "β_2", low=0.9, high=0.999, step=0.001)
    rate.readout_format = second.readout_format = ".3f"
    return [rate, first, second]
