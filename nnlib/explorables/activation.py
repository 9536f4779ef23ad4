"""Chapter 3's explorable: an activation and its derivative side by side."""

from __future__ import annotations

import traitlets

import nnlib
from nnlib.explorables._base import Explorable, View, module, number, one_of, slider, style

ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky_relu", "heaviside")


class ActivationView(View):
    """The picture: which activation, at which x, and how steep."""

    _esm = module("activation")
    _css = style("rule", "activation")
    activation = traitlets.Enum(ACTIVATIONS, "sigmoid").tag(sync=True)
    x = traitlets.Float(1.0).tag(sync=True)
    steepness = traitlets.Float(1.0).tag(sync=True)


class Curve(Explorable):
    """The explorable of chapter 3."""

    @property
    def value(self) -> float:
        """The output f(k x)."""
        f = getattr(nnlib, self.activation)
        return float(f(self.steepness * self.x))

    @property
    def slope(self) -> float:
        """Its derivative by x: k f'(k x)."""
        f = getattr(nnlib, self.activation)
        return float(self.steepness * f.derivative(self.steepness * self.x))


def activation(name: str = "sigmoid", *, x: float = 1.0, steepness: float = 1.0) -> Curve:
    """Show f(k x) and its slope k f'(k x) side by side, with one x to drag.

    Parameters
    ----------
    name : {"sigmoid", "tanh", "relu", "leaky_relu", "heaviside"}
        The first choice of f.
    x : float, default 1.0
        Where the green point starts, from -6 to 6.
    steepness : float, default 1.0
        The factor k, from 0.5 to 20. The larger it is, the more a sigmoid looks like the step.

    Returns
    -------
    Explorable
        With the attributes `activation`, `x` and `steepness`, which can be set, and `value` and `slope`,
        which follow.

    Raises
    ------
    ValueError
        The name is unknown, or a number is out of its range.

    Examples
    --------
    >>> from nnlib.explorables import activation
    >>> figure = activation("sigmoid", x=0.0, steepness=4.0)
    >>> figure.value, figure.slope
    (0.5, 1.0)
    """
    view = ActivationView(
        activation=one_of("name", name, ACTIVATIONS),
        x=number("x", x, -6.0, 6.0),
        steepness=number("steepness", steepness, 0.5, 20.0),
    )
    sliders = [
        slider(view, "x", "x", low=-6.0, high=6.0, step=0.1),
        slider(view, "steepness", "k", low=0.5, high=20.0, step=0.5),
    ]
    return Curve(view, sliders, ("activation", "x", "steepness"))
