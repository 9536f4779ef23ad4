"""Losses over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnlib._checks import Floats, floats
from nnlib.plot._canvas import apart
from nnlib.plot._style import INK, LOSS, style

PALEST = 0.5  # opacity of the first of several curves; still three times as dark as paper
DASHES: tuple[Any, ...] = ((0, (1, 1.4)), (0, (4, 1.6)), (0, (7, 1.6, 1.2, 1.6)))


def curves(losses: Any, *, ax: Any = None, labels: Any = None, log: bool = False) -> Any:
    """Draw how a loss falls, or compare several.

    One curve is vermilion. Of several, the first is pale and the last is ink, and each is named at its end.

    Parameters
    ----------
    losses : array_like of shape (epochs,), list of such, or dict
        One loss an epoch, such as `loss_curve_`; or several, of any lengths; or label -> losses.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it a new figure is opened.
    labels : str or list of str, optional
        One name a curve.
    log : bool, default False
        Whether the loss axis is logarithmic. Every loss must then be above 0.

    Returns
    -------
    matplotlib.axes.Axes
        The axes with the picture. Epochs count from 1.

    Raises
    ------
    ValueError
        There is nothing to draw, labels and curves differ in number, or `log` meets a loss that is not above 0.
    TypeError
        The losses are not numeric.

    Notes
    -----
    NaN and infinity leave a gap: a diverged training shows how far it came.

    Examples
    --------
    >>> import nnlib
    >>> from matplotlib.figure import Figure
    >>> ax = nnlib.plot.curves({"training": [1.0, 0.5, 0.3], "validation": [1.1, 0.8, 0.7]},
    ...                        ax=Figure().add_subplot())
    >>> [text.get_text() for text in ax.texts]
    ['training', 'validation']
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('epoch', 'loss')
    """
    series, names = _series(losses, labels)
    _drawable(series, names, log)
    from matplotlib.ticker import MaxNLocator

    with style():
        if ax is None:
            from matplotlib import pyplot as plt

            ax = plt.figure(figsize=(7.6, 3.9)).add_subplot()
        n = len(series)
        for k, values in enumerate(series):
            if n == 1:
                look: dict[str, Any] = {"color": LOSS, "linestyle": "solid"}
            else:
                look = {"color": INK, "alpha": PALEST + (1.0 - PALEST) * k / (n - 1)}
                look["linestyle"] = "solid" if k == n - 1 else DASHES[k % len(DASHES)]
            y = np.where(np.isfinite(values), values, np.nan)
            alone = "o" if len(y) == 1 else ""
            ax.plot(np.arange(1, len(y) + 1), y, marker=alone, **look)
        if log:
            ax.set_yscale("log")
        elif min(float(np.nanmin(values)) for values in series) >= 0.0:
            ax.set_ylim(bottom=0.0)
        longest = max(map(len, series))
        ax.set(xlim=(1, max(longest, 2)), xlabel="epoch", ylabel="loss")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        _name_ends(ax, series, names)
    return ax


def _series(losses: Any, labels: Any) -> tuple[list[Floats], list[str]]:
    if isinstance(losses, Mapping):
        if labels is None:
            labels = [str(key) for key in losses]
        losses = list(losses.values())
    elif not _several(losses):
        losses = [losses]
    if isinstance(labels, str):
        labels = [labels]
    series = [floats(values, "plot.curves: losses") for values in losses]
    if not series:
        raise ValueError("plot.curves got no losses. Give it one loss an epoch, such as model.loss_curve_.")
    names = [""] * len(series) if labels is None else [str(label) for label in labels]
    if len(names) != len(series):
        raise ValueError(
            f"plot.curves takes one label for each curve, but got {len(names)} labels for {len(series)} curves."
        )
    return series, names


def _several(losses: Any) -> bool:
    if isinstance(losses, np.ndarray):
        return losses.ndim == 2
    return isinstance(losses, (list, tuple)) and len(losses) > 0 and np.ndim(losses[0]) > 0


def _drawable(series: list[Floats], names: list[str], log: bool) -> None:
    for k, values in enumerate(series):
        what = f"curve {names[k]!r}" if names[k] else "the curve" if len(series) == 1 else f"curve {k}"
        if values.ndim != 1 or not len(values):
            raise ValueError(
                f"plot.curves takes one loss an epoch, but {what} has shape {values.shape}. Give a list of numbers."
            )
        finite = values[np.isfinite(values)]
        if not len(finite):
            raise ValueError(f"plot.curves: {what} holds no finite loss. Did training diverge at once?")
        if log and finite.min() <= 0:
            k = int(np.argmax(values <= 0))
            raise ValueError(
                f"plot.curves: log=True takes losses above 0, but {what} is {values[k]:g} in epoch {k + 1}. "
                f"Leave log out."
            )


def _name_ends(ax: Any, series: list[Floats], names: list[str]) -> None:
    """Write each name beside its curve's last point; names that would meet are moved apart."""
    if not any(names):
        return
    size = 11.5
    colour = LOSS if len(series) == 1 else INK
    longest = max(map(len, series))
    ends = []
    for k, values in enumerate(series):
        last = int(np.flatnonzero(np.isfinite(values))[-1])
        if last < longest - 1:
            ax.annotate(
                names[k],
                (last + 1, values[last]),
                (5, 2),
                textcoords="offset points",
                size=size,
                color=colour,
            )
        else:
            _, y = ax.transAxes.inverted().transform(ax.transData.transform((longest, values[last])))
            ends.append((float(y), names[k]))
    ends.sort()
    tall = 72.0 * ax.figure.get_size_inches()[1] * ax.get_position().height
    for y, (_, name) in zip(apart([y for y, _ in ends], 1.25 * size / tall), ends, strict=True):
        ax.text(1.015, y, name, transform=ax.transAxes, va="center", size=size, color=colour)
