"""Arithmetic, powers, exponentials, trigonometry: each row is t times the partial derivative.

Source of the formulas: NIST Digital Library of Mathematical Functions, chapter 4 (dlmf.nist.gov/4).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..rows import composite, elementwise
from ..tensor import raw

LOG2, LOG10, PI = math.log(2), math.log(10), math.pi


# Arithmetic
neg = elementwise(np.negative, lambda t, o, x: -t)
pos = elementwise(np.positive, lambda t, o, x: t)
add = elementwise(np.add, lambda t, o, x, y: t, lambda t, o, x, y: t)
sub = elementwise(np.subtract, lambda t, o, x, y: t, lambda t, o, x, y: -t)
mul = elementwise(np.multiply, lambda t, o, x, y: t * y, lambda t, o, x, y: t * x)
div = elementwise(np.divide, lambda t, o, x, y: t / y, lambda t, o, x, y: -t * o / y)
mod = elementwise(np.remainder, lambda t, o, x, y: t, lambda t, o, x, y: -t * np.floor(x / y))
elementwise(np.fmod, lambda t, o, x, y: t, lambda t, o, x, y: -t * np.trunc(x / y))
elementwise(np.square, lambda t, o, x: t * (2.0 * x))
elementwise(np.reciprocal, lambda t, o, x: -t * o * o)
absolute = elementwise(np.absolute, lambda t, o, x: t * np.sign(x))  # 0 at the kink x = 0
elementwise(np.fabs, lambda t, o, x: t * np.sign(x))


# Powers and roots
def _power_base(t: Any, x: Any, y: Any) -> Any:
    """Return t y x^(y-1), which is 0 where y = 0, even at x = 0."""
    if type(y) is int or type(y) is float:  # the usual case, and it leaves float32 alone
        return t * (2.0 * x) if y == 2 else t * (y * x ** (y - 1 if y else 1))
    return t * y * x ** np.where(raw(y) == 0, 1.0, y - 1.0)


power = elementwise(
    np.power,
    lambda t, o, x, y: _power_base(t, x, y),
    lambda t, o, x, y: t * o * np.log(np.where(raw(x) == 0, 1.0, x)),  # 0^y is flat in y > 0
)
elementwise(np.float_power, lambda t, o, x, y: _power_base(t, x, y), lambda t, o, x, y: t * o * np.log(x))
elementwise(np.sqrt, lambda t, o, x: 0.5 * t / o)
elementwise(np.cbrt, lambda t, o, x: t / (3.0 * o * o))
elementwise(
    np.hypot,
    lambda t, o, x, y: t * (x / _nonzero(o)),
    lambda t, o, x, y: t * (y / _nonzero(o)),
)


def _nonzero(o: Any) -> Any:
    """Return o with 1 in place of 0: the length of a zero vector has derivative 0."""
    zero = raw(o) == 0
    return np.where(zero, 1.0, o) if np.any(zero) else o


# Exponentials and logarithms
elementwise(np.exp, lambda t, o, x: t * o)
elementwise(np.exp2, lambda t, o, x: t * (LOG2 * o))
elementwise(np.expm1, lambda t, o, x: t * (o + 1.0))
elementwise(np.log, lambda t, o, x: t / x)
elementwise(np.log2, lambda t, o, x: t / (LOG2 * x))
elementwise(np.log10, lambda t, o, x: t / (LOG10 * x))
elementwise(np.log1p, lambda t, o, x: t / (x + 1.0))
elementwise(
    np.logaddexp, lambda t, o, x, y: t * _share_of_sum(x, y), lambda t, o, x, y: t * _share_of_sum(y, x)
)
elementwise(
    np.logaddexp2,
    lambda t, o, x, y: t * _share_of_sum(LOG2 * x, LOG2 * y),
    lambda t, o, x, y: t * _share_of_sum(LOG2 * y, LOG2 * x),
)


def _share_of_sum(x: Any, y: Any) -> Any:
    """Return e^x / (e^x + e^y), which never overflows; one half where both are -inf or both are inf."""
    both = np.isinf(raw(x)) & (raw(x) == raw(y))
    if np.any(both):
        x, y = np.where(both, 0.0, x), np.where(both, 0.0, y)
    return 0.5 + 0.5 * np.tanh(0.5 * (x - y))


# Trigonometry
elementwise(np.sin, lambda t, o, x: t * np.cos(x))
elementwise(np.cos, lambda t, o, x: -t * np.sin(x))
elementwise(np.tan, lambda t, o, x: t * (1.0 + o * o))
elementwise(np.arcsin, lambda t, o, x: t / np.sqrt(1.0 - x * x))
elementwise(np.arccos, lambda t, o, x: -t / np.sqrt(1.0 - x * x))
elementwise(np.arctan, lambda t, o, x: t / (1.0 + x * x))
elementwise(
    np.arctan2,
    lambda t, o, y, x: t * x / (x * x + y * y),
    lambda t, o, y, x: -t * y / (x * x + y * y),
)
elementwise(np.deg2rad, lambda t, o, x: t * (PI / 180))
elementwise(np.radians, lambda t, o, x: t * (PI / 180))
elementwise(np.rad2deg, lambda t, o, x: t * (180 / PI))
elementwise(np.degrees, lambda t, o, x: t * (180 / PI))


# Hyperbolic functions
elementwise(np.sinh, lambda t, o, x: t * np.cosh(x))
elementwise(np.cosh, lambda t, o, x: t * np.sinh(x))
elementwise(np.arcsinh, lambda t, o, x: t / np.sqrt(x * x + 1.0))
elementwise(np.arccosh, lambda t, o, x: t / np.sqrt(x * x - 1.0))
elementwise(np.arctanh, lambda t, o, x: t / (1.0 - x * x))


def _one_minus_square(t: Any, o: Any) -> Any:
    d = o * o
    d = np.subtract(1.0, d, out=d if type(d) is np.ndarray else None)
    d *= t
    return d


#: t (1 - o^2), the derivative of tanh from its value o, as one record
tanh_slope: Callable[..., Any] = elementwise(
    _one_minus_square,
    lambda s, r, t, o: tanh_slope(s, o),
    lambda s, r, t, o: s * (-2.0 * t * o),
    on="slope of tanh",
)
elementwise(np.tanh, lambda t, o, x: tanh_slope(t, o))


@composite(np.sinc)
def _sinc(x: Any) -> Any:
    """Return sin(pi x) / (pi x); near 0 its series, whose derivatives are right to the sixth order."""
    near = np.abs(raw(x)) < 1e-2
    z = PI * np.where(near, 1.0, x)
    s = (PI * np.where(near, x, 0.0)) ** 2
    series = 1.0 - s / 6.0 * (1.0 - s / 20.0 * (1.0 - s / 42.0 * (1.0 - s / 72.0)))
    return np.where(near, series, np.sin(z) / z)


@composite(np.nan_to_num)
def _nan_to_num(x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """Return x where it is finite, and a constant elsewhere."""
    return np.where(np.isfinite(raw(x)), x, np.nan_to_num(raw(x), nan=nan, posinf=posinf, neginf=neginf))
