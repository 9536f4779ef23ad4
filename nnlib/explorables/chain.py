"""Chapter 9's explorable: the chain rule for one sigmoidal neuron, one factor a click."""

from __future__ import annotations

import numpy as np
import traitlets
from numpy.typing import NDArray

from nnlib.explorables._base import LIMIT, Explorable, View, module, number, slider, style
from nnlib.neuron import Neuron

STAGES = 7  # sum; f and E; dE/df; df/dsum; delta; the slopes; the update
STEPS = 1000  # more updates than anyone clicks


class ChainView(View):
    """The picture: one example, the first weights, the rate, the stage, and how many updates are made."""

    _esm = module("chain")
    _css = style("rule", "chain")
    w0 = traitlets.Float().tag(sync=True)
    w1 = traitlets.Float().tag(sync=True)
    w2 = traitlets.Float().tag(sync=True)
    x1 = traitlets.Float().tag(sync=True)
    x2 = traitlets.Float().tag(sync=True)
    y = traitlets.Int(1, min=0, max=1).tag(sync=True)
    alpha = traitlets.Float(1.0).tag(sync=True)
    stage = traitlets.Int(1, min=1, max=STAGES).tag(sync=True)
    steps = traitlets.Int(0, min=0, max=STEPS).tag(sync=True)


class Chain(Explorable):
    """The explorable of chapter 9."""

    @property
    def x(self) -> NDArray[np.float64]:
        """The example, with x_0 = 1 in front."""
        return np.array([1.0, self.x1, self.x2])

    @property
    def w(self) -> NDArray[np.float64]:
        """The weights now, after `steps` updates."""
        return np.asarray(self._neuron().w, dtype=np.float64)

    @property
    def delta(self) -> float:
        """The error signal of the weights now."""
        return float(self._neuron().delta(self.x, self.y))

    @property
    def error(self) -> float:
        """E of the weights now."""
        return float((self.y - self._neuron()(self.x)) ** 2 / 2)

    def _neuron(self) -> Neuron:
        neuron = Neuron([self.w0, self.w1, self.w2])
        for _ in range(self.steps):
            neuron.update(self.x, self.y, self.alpha)
        return neuron


def chain(
    *,
    w0: float = 0.5,
    w1: float = -1.0,
    w2: float = 0.5,
    x1: float = 1.5,
    x2: float = -0.5,
    y: int = 1,
    alpha: float = 1.0,
) -> Chain:
    """Step through one update of a sigmoidal neuron, factor by factor.

    Parameters
    ----------
    w0, w1, w2 : float
        The first weights, from -3 to 3; w0 is the bias, the weight of x_0 = 1.
    x1, x2 : float
        The inputs, from -3 to 3.
    y : {0, 1}
        The label.
    alpha : float, default 1.0
        Learning rate, from 0.1 to 4.

    Returns
    -------
    Explorable
        With the attributes `w0`, `w1`, `w2`, `x1`, `x2`, `y`, `alpha`, `stage` (1 to 7) and `steps` (updates
        made), which can be set, and `x`, `w`, `delta` and `error`, which follow.

    Raises
    ------
    ValueError
        A number is out of its range, or the label is not 0 or 1.

    Examples
    --------
    >>> from nnlib.explorables import chain
    >>> figure = chain(w0=0.0, w1=0.0, w2=0.0, x1=2.0, x2=-1.0, alpha=0.8)
    >>> figure.delta  # (1 - 0.5) * 0.25
    0.125
    >>> figure.steps = 1
    >>> figure.w.round(3)
    array([ 0.1,  0.2, -0.1])
    """
    if y not in (0, 1):
        raise ValueError(f"y is {y!r}. A label is 0 or 1.")
    numbers = {"w0": w0, "w1": w1, "w2": w2, "x1": x1, "x2": x2}
    start = {name: number(name, value, -LIMIT, LIMIT) for name, value in numbers.items()}
    view = ChainView(**start, y=int(y), alpha=number("alpha", alpha, 0.1, 4.0))
    sliders = [slider(view, name, f"{name[0]}_{name[1]}") for name in start]
    rate = slider(view, "alpha", "α", low=0.1, high=4.0, step=0.1)
    return Chain(view, [*sliders, rate], [*start, "y", "alpha", "stage", "steps"])
