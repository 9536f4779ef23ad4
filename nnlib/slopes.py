"""How derivatives go through activations: a row of the table for each. May import activations and autodiff.

Each slope is written with the output o = f(x), as on the lecture's slides: f (1 - f) for the sigmoid. A
`Fused` activation also runs in place on the sums of a layer, so that layer and activation are one record.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from nnlib.activations import heaviside, identity, leaky_relu, relu, sigmoid, softmax, tanh
from nnlib.autodiff.rows import constant, elementwise, enter, unary
from nnlib.autodiff.table.elementwise import tanh_slope
from nnlib.autodiff.tensor import raw

Rule = Callable[..., Any]


class Fused(NamedTuple):
    """`into(z)` is f, which may write into the array z; `back(t, o)` is t f'(z), from o = f(z)."""

    into: Rule
    back: Rule


def _relu_into(z: Any) -> Any:
    return np.maximum(z, zeros(z), out=z)


_zeros: dict[Any, Any] = {}


def zeros(z: Any) -> Any:
    """Zeros like z, kept between calls, never written to: `maximum` with an array is faster than with 0."""
    key = z.shape, z.dtype
    try:
        return _zeros[key]
    except KeyError:
        if len(_zeros) > 64:
            _zeros.clear()
        return _zeros.setdefault(key, np.zeros(*key))


#: The activations that a layer runs in one record with its sums.
FUSED: dict[Any, Fused] = {
    identity: Fused(lambda z: z, lambda t, o: t),
    sigmoid: Fused(sigmoid.__wrapped__, lambda t, o: t * (o * (1.0 - o))),
    tanh: Fused(lambda z: np.tanh(z, z), tanh_slope),
    relu: Fused(_relu_into, lambda t, o: t * (raw(o) > 0)),
}


def _row(f: Any) -> None:
    back = FUSED[f].back
    elementwise(f.__wrapped__, lambda t, o, x: back(t, o), on=f)


_row(identity)
_row(sigmoid)
_row(tanh)
_row(relu)
constant(heaviside)

_leaky_relu = elementwise(
    leaky_relu.__wrapped__,
    lambda t, o, x, slope: np.where(raw(x) > 0, t, slope * t),
    lambda t, o, x, slope: np.where(raw(x) > 0, 0.0, x * t),
    on="leaky_relu of x and slope",
)
enter(lambda x, slope=0.1: _leaky_relu(x, slope), leaky_relu)


def _softmax_slope(t: Any, p: Any) -> Any:
    """(diag(p) - p p^T) t: the Jacobian is symmetric, so it serves both modes."""
    return p * (t - np.sum(p * t, axis=-1, keepdims=True))


enter(
    unary(
        softmax.__wrapped__,
        lambda g, slots, o, vals, kw: (_softmax_slope(g, o),),
        lambda ts, o, vals, kw: _softmax_slope(ts[0], o),
    ),
    softmax,
)
