"""Drawings that are no charts: an Axes whose unit is a printer's point, and numbers as figures write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nnlib.plot._style import INK


def open_canvas(ax: Any, figsize: tuple[float, float]) -> tuple[Any, float, float]:
    """Return the Axes (a new one for None), bare, and its width and height in points.

    Its data coordinates are points from the lower left corner, so that what is drawn keeps its shape.
    """
    if ax is None:
        from matplotlib import pyplot as plt

        ax = plt.figure(figsize=figsize).add_subplot()
    width, height = (72.0 * inches for inches in ax.figure.get_size_inches())
    spec = ax.get_subplotspec()
    if spec is None:
        box = ax.get_position()
        width, height = width * box.width, height * box.height
    else:
        rows, columns = spec.get_gridspec().get_geometry()
        width, height = width / columns, height / rows
    ax.set_axis_off()
    ax.set(xlim=(0.0, width), ylim=(0.0, height))
    ax.set_aspect("equal")
    return ax, width, height


def number(v: float) -> str:
    """Write v with three significant digits, and a true minus sign: -0.5 as −0.500, 12345 as 1.23e4."""
    if v == 0 or v != v or abs(v) == float("inf"):
        text = f"{v:g}" if v else "0"
    elif 1e-3 <= abs(v) < 9999.5:
        digits = f"{v:#.3g}" if abs(v) < 999.5 else f"{v:.0f}"
        text = digits.rstrip(".")
    else:
        mantissa, exponent = f"{v:.2e}".split("e")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "\N{MINUS SIGN}")


def write(ax: Any, x: float, y: float, text: str, size: float, **style: Any) -> None:
    """Put text at a place, in the middle of it if nothing else is said."""
    style = {"ha": "center", "va": "center", "color": INK} | style
    ax.text(x, y, text, size=size, clip_on=False, **style)


def apart(wishes: Sequence[float], least: float, weights: Sequence[float] | None = None) -> list[float]:
    """Move rising numbers until neighbours are `least` apart, each as little as can be; heavy ones less.

    Least squares under order constraints, by pooling neighbours that violate them. Source: R. Barlow, D.
    Bartholomew, J. Bremner and H. Brunk, Statistical Inference under Order Restrictions, Wiley 1972, section 1.2.
    """
    pools: list[tuple[float, float, int]] = []  # weighted sum, weight, how many
    for i, wish in enumerate(wishes):
        w = 1.0 if weights is None else weights[i]
        pools.append((w * (wish - i * least), w, 1))
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            (s, v, m), (t, w, n) = pools[-2:]
            pools[-2:] = [(s + t, v + w, m + n)]
    means = [s / w for s, w, n in pools for _ in range(n)]
    return [u + i * least for i, u in enumerate(means)]
