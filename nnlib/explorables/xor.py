"""Chapter 4's explorable: the perceptron rule on four corners, where one line is enough or is not."""

from __future__ import annotations

from itertools import product

import traitlets

from nnlib.explorables._base import View, module, number, one_of, style
from nnlib.explorables.perceptron import VALUES, Stand, Trained, sliders, stand

TARGETS = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "NAND": [1, 1, 1, 0], "XOR": [0, 1, 1, 0]}
CORNERS = [[float(a), float(b)] for a, b in product((0, 1), repeat=2)]
_UNIT = 20  # weights are whole numbers of 1/20: sums are exact, and a state that returns is the same state


class XorView(View):
    """The picture: the target, the rate, the first weights, and how many samples the rule has seen."""

    _esm = module("xor")
    _css = style("rule", "xor")
    target = traitlets.Enum(tuple(TARGETS), "XOR").tag(sync=True)
    alpha = traitlets.Float(1.0).tag(sync=True)
    start_w1 = traitlets.Float(0.0).tag(sync=True)
    start_w2 = traitlets.Float(0.0).tag(sync=True)
    start_b = traitlets.Float(0.0).tag(sync=True)
    seen = traitlets.Int(0, min=0).tag(sync=True)


class FourCorners(Trained):
    """The explorable of chapter 4."""

    def _stand(self) -> Stand:
        v = self.view
        first = [round(_UNIT * value) for value in (v.start_w1, v.start_w2, v.start_b)]
        end = stand(first, CORNERS, TARGETS[v.target], round(_UNIT * v.alpha), v.seen)
        return Stand(end.w1 / _UNIT, end.w2 / _UNIT, end.b / _UNIT, end.mistakes)


def xor(
    *, target: str = "XOR", alpha: float = 1.0, w1: float = 0.0, w2: float = 0.0, b: float = 0.0
) -> FourCorners:
    """Show the perceptron rule on the four corners: the line, and the path of the weights.

    Parameters
    ----------
    target : {"XOR", "AND", "OR", "NAND"}
        The labels of (0, 0), (0, 1), (1, 0), (1, 1). No line separates XOR: the weights go round for ever.
    alpha : float, default 1.0
        Learning rate, from 0.1 to 2.
    w1, w2, b : float, default 0.0
        The first weights and bias, from -3 to 3. They and `alpha` are rounded to multiples of 0.05.

    Returns
    -------
    Explorable
        With the attributes `target`, `alpha`, `start_w1`, `start_w2`, `start_b` and `seen` (samples looked at
        so far), which can be set, and `w1`, `w2`, `b` and `mistakes` (one number an epoch), which follow.

    Raises
    ------
    ValueError
        The target is unknown, or a number is out of its range.

    Examples
    --------
    >>> from nnlib.explorables import xor
    >>> figure = xor()
    >>> figure.seen = 12  # three epochs of four corners
    >>> figure.mistakes, (figure.w1, figure.w2, figure.b)
    ([2, 3, 4], (-1.0, 0.0, 1.0))
    """
    view = XorView(
        target=one_of("target", target, TARGETS),
        alpha=number("alpha", alpha, 0.1, 2.0),
        start_w1=number("w1", w1, -3.0, 3.0),
        start_w2=number("w2", w2, -3.0, 3.0),
        start_b=number("b", b, -3.0, 3.0),
    )
    return FourCorners(view, sliders(view), ("target", *VALUES))
