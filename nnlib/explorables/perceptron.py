"""Chapter 2's explorable: draw two classes, then step the perceptron rule mistake by mistake."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import traitlets
from numpy.typing import ArrayLike

from nnlib.explorables._base import Explorable, View, labelled_points, module, number, slider, style

EPOCHS = 100  # where the rule gives up, as nnlib.Perceptron does

# (x1, x2, class): a line separates the two, but the rule needs 12 mistakes to find one.
_SAMPLE = (
    (-1.1, 1.3, 1), (1.0, -2.1, 0), (-2.5, 1.6, 1), (-2.1, -0.9, 0),
    (-2.3, 0.4, 0), (1.1, 1.4, 1), (-0.8, 2.4, 1), (0.7, 0.4, 0),
    (0.8, -0.5, 0), (-1.4, 0.6, 0), (-2.5, -1.9, 0), (0.2, 1.8, 1),
    (1.5, -1.5, 0), (2.6, 0.3, 0), (2.0, -0.8, 0), (2.6, 2.0, 1),
)  # fmt: skip


class Stand(NamedTuple):
    """Where a training stands: weights, bias, and the mistakes of each epoch so far."""

    w1: float
    w2: float
    b: float
    mistakes: list[int]


def stand(
    start: Sequence[float],
    points: Sequence[Sequence[float]],
    labels: Sequence[int],
    alpha: float,
    seen: float,
) -> Stand:
    """Run the rule from ``start = (w1, w2, b)`` over the first ``seen`` points, epoch after epoch.

    ``o = 1`` where ``w · x + b > 0``, else 0; ``w <- w + alpha (y - o) x`` and ``b <- b + alpha (y - o)``.
    It stops after an epoch without a mistake, or after 100.
    """
    (w1, w2, b), mistakes = start, list[int]()
    while points and seen > 0 and len(mistakes) < EPOCHS and mistakes[-1:] != [0]:
        wrong = 0
        for (x1, x2), y in zip(points[: int(seen)], labels, strict=False):
            step = alpha * (y - (b + w1 * x1 + w2 * x2 > 0))
            w1, w2, b, wrong = w1 + step * x1, w2 + step * x2, b + step, wrong + (step != 0)
        mistakes.append(wrong)
        if seen < len(points):
            break  # this epoch is still open
        seen -= len(points)
    return Stand(w1, w2, b, mistakes)


class PerceptronView(View):
    """The picture: the points, the rate, the first weights, and how many samples the rule has seen."""

    _esm = module("perceptron")
    _css = style("rule", "perceptron")

    points: traitlets.List[list[float]] = traitlets.List().tag(sync=True)
    labels: traitlets.List[int] = traitlets.List().tag(sync=True)
    alpha = traitlets.Float(1.0).tag(sync=True)
    start_w1 = traitlets.Float(0.0).tag(sync=True)
    start_w2 = traitlets.Float(0.0).tag(sync=True)
    start_b = traitlets.Float(0.0).tag(sync=True)
    seen = traitlets.Int(0, min=0).tag(sync=True)  # samples so far: the weights follow

    @traitlets.validate("points", "labels")
    def _check(self, proposal: dict[str, Any]) -> Any:
        """Refuse what the page can't draw, when Python sets it."""
        if proposal["trait"].name == "points":
            return (
                labelled_points(proposal["value"], np.zeros(len(proposal["value"])))[0]
                if proposal["value"]
                else []
            )
        strange = [label for label in proposal["value"] if label not in (0, 1)]
        if strange:
            raise ValueError(f"labels hold {strange[0]!r}. A label is 0 (blue square) or 1 (orange circle).")
        return [int(label) for label in proposal["value"]]


class Trained(Explorable):
    """An explorable whose weights follow from its data, its first weights and the ``seen`` samples."""

    def _stand(self) -> Stand:
        v = self.view
        return stand((v.start_w1, v.start_w2, v.start_b), v.points, v.labels, v.alpha, v.seen)

    @property
    def w1(self) -> float:
        """The first weight now."""
        return self._stand().w1

    @property
    def w2(self) -> float:
        """The second weight now."""
        return self._stand().w2

    @property
    def b(self) -> float:
        """The bias now."""
        return self._stand().b

    @property
    def mistakes(self) -> list[int]:
        """The mistakes of each epoch so far; the last epoch may still be open."""
        return self._stand().mistakes


def sliders(view: View) -> list[Any]:
    """Return the rate's slider and those of the first weights."""
    rate = slider(view, "alpha", "α", low=0.1, high=2.0, step=0.1)
    firsts = [
        slider(view, f"start_{name}", label, step=0.1)
        for name, label in (("w1", "w_1"), ("w2", "w_2"), ("b", "b"))
    ]
    for first in firsts:
        first.description = f'<span class="nn-first">first</span> {first.description}'
    return [rate, *firsts]


VALUES = ("alpha", "start_w1", "start_w2", "start_b", "seen")


def perceptron(
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    alpha: float = 1.0,
    w1: float = 0.0,
    w2: float = 0.0,
    b: float = 0.0,
) -> Trained:
    """Points to draw, and the perceptron rule to step.

    Parameters
    ----------
    X : array_like of shape (n, 2), optional
        Points in the square [-3, 3]². Left out together with `y`, two separable classes stand there.
    y : array_like of shape (n,), optional
        Their classes, 0 or 1.
    alpha : float, default 1.0
        Learning rate, from 0.1 to 2.
    w1, w2, b : float, default 0.0
        The first weights and bias, from -3 to 3.

    Returns
    -------
    Explorable
        With the attributes `points`, `labels`, `alpha`, `start_w1`, `start_w2`, `start_b` and `seen` (samples
        looked at so far), which can be set, and `w1`, `w2`, `b` and `mistakes` (one number an epoch), which
        follow.

    Raises
    ------
    ValueError
        `X` or `y` is empty, holds NaN, has the wrong shape or lies outside the square; a label is not 0 or 1;
        a number is out of its range.

    Notes
    -----
    Samples are taken in the order given, as `nnlib.Perceptron` does without a generator.

    Examples
    --------
    >>> from nnlib.explorables import perceptron
    >>> figure = perceptron([[2, 1], [-1, -2]], [1, 0])
    >>> figure.seen = 2  # the first point is a mistake, the second is right
    >>> figure.w1, figure.w2, figure.b, figure.mistakes
    (2.0, 1.0, 1.0, [1])
    """
    if X is None and y is None:
        X, y = [p[:2] for p in _SAMPLE], [p[2] for p in _SAMPLE]
    points, labels = labelled_points(X, y)
    view = PerceptronView(
        points=points,
        labels=labels,
        alpha=number("alpha", alpha, 0.1, 2.0),
        start_w1=number("w1", w1, -3.0, 3.0),
        start_w2=number("w2", w2, -3.0, 3.0),
        start_b=number("b", b, -3.0, 3.0),
    )
    return Trained(view, sliders(view), ("points", "labels", *VALUES))
