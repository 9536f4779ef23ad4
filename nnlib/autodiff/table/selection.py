"""One of several: where, maximum, clip; and the functions that give steps or plain facts."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..rows import composite, constant, elementwise
from ..tensor import raw


def _share(o: Any, x: Any, y: Any) -> Any:
    """1 where x was taken, 1/2 where x and y are equal (a tie is shared), 0 where y was taken."""
    o, x, y = raw(o), raw(x), raw(y)
    return np.asarray((x == o) / (1.0 + (x == y)), o.dtype)


for _f in (np.maximum, np.minimum, np.fmax, np.fmin):
    elementwise(_f, lambda t, o, x, y: t * _share(o, x, y), lambda t, o, x, y: t * _share(o, y, x))

_choose = elementwise(
    lambda c, x, y: np.where(c, x, y),
    None,
    lambda t, o, c, x, y: np.where(raw(c), t, 0.0),
    lambda t, o, c, x, y: np.where(raw(c), 0.0, t),
    on="where of three",
)


@composite(np.where)
def where(condition: Any, *xy: Any) -> Any:
    """Return x where the condition holds, y elsewhere; of the condition alone the indices."""
    return _choose(raw(condition), *xy) if xy else np.where(raw(condition))


def _inside(x: Any, low: Any, high: Any) -> Any:
    """Where clip leaves x as it is; the bounds belong to the inside."""
    x, low, high = raw(x), raw(low), raw(high)
    return (True if low is None else x >= low) & (True if high is None else x <= high)


_clip = elementwise(
    lambda x, low, high: np.clip(x, low, high),
    lambda t, o, x, low, high: t * _inside(x, low, high),
    lambda t, o, x, low, high: t * (raw(x) < raw(low)),
    lambda t, o, x, low, high: t * (raw(x) > raw(high)),
    on="clip between two bounds",
)


@composite(np.clip)
def clip(x: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    """Return x between two bounds, each of which may be missing."""
    return _clip(x, a_min if min is None else min, a_max if max is None else max)


@composite(np.select)
def _select(conditions: Any, choices: Any, default: Any = 0.0) -> Any:
    for condition, x in zip(reversed(conditions), reversed(choices), strict=True):
        default = np.where(raw(condition), x, default)
    return default


@composite(np.heaviside)
def _heaviside(x: Any, at_zero: Any) -> Any:
    """A step in x, but linear in its value at 0."""
    return np.where(raw(x) == 0, at_zero, np.heaviside(raw(x), 0.0))


# Steps
constant(np.floor, np.ceil, np.rint, np.round, np.around, np.trunc, np.fix, np.sign, np.floor_divide)

# Comparisons and questions
constant(np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal)
constant(np.logical_and, np.logical_or, np.logical_xor, np.logical_not, np.any, np.all)
constant(np.isfinite, np.isnan, np.isinf, np.isposinf, np.isneginf, np.signbit, np.isreal, np.iscomplex)
constant(np.isrealobj, np.iscomplexobj)
constant(np.allclose, np.isclose, np.array_equal, np.array_equiv)

# Positions and sizes
constant(np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.argpartition, np.lexsort)
constant(np.nonzero, np.flatnonzero, np.argwhere, np.count_nonzero, np.searchsorted, np.digitize)
constant(np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.min_scalar_type)

# New arrays shaped like a traced one
constant(np.zeros_like, np.ones_like, np.empty_like)
constant(np.array_repr, np.array_str, np.array2string)


@composite(np.full_like)
def _full_like(x: Any, value: Any, dtype: Any = None) -> Any:
    return np.broadcast_to(value, np.shape(raw(x))) + np.zeros_like(raw(x), dtype)
