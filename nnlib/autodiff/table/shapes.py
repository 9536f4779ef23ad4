"""The same numbers in another shape: reshape, transpose, broadcast, and what moves or repeats elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..rows import composite, enter, fit, linear, newer
from ..tensor import raw

reshape = linear(lambda x, shape: x.reshape(shape), lambda g, o, x, shape: g.reshape(x.shape), on="reshape")


@composite(np.reshape)
def _reshape(x: Any, shape: Any = None, order: str = "C") -> Any:
    if order != "C":
        raise TypeError(
            "np.reshape has a derivative with order='C' alone: write np.reshape(x.T, shape[::-1]).T for 'F'"
        )
    return reshape(x, shape)


@composite(np.ravel)
def ravel(x: Any, order: str = "C") -> Any:
    """Every element, in one row."""
    return _reshape(x, (-1,), order)


def _undo(axes: Any) -> Any:
    return None if axes is None else tuple(int(k) for k in np.argsort([a % len(axes) for a in axes]))


transpose = linear(
    lambda x, axes=None: x.transpose() if axes is None else x.transpose(axes),
    lambda g, o, x, axes=None: np.transpose(g, _undo(axes)),
    on=np.transpose,
)
enter(transpose, np.permute_dims)
swapaxes = linear(
    lambda x, axis1, axis2: x.swapaxes(axis1, axis2),
    lambda g, o, x, axis1, axis2: np.swapaxes(g, axis1, axis2),
    on=np.swapaxes,
)
linear(
    lambda x, source, destination: np.moveaxis(x, source, destination),
    lambda g, o, x, source, destination: np.moveaxis(g, destination, source),
    on=np.moveaxis,
)
composite(np.matrix_transpose, np.linalg.matrix_transpose)(lambda x: np.swapaxes(x, -1, -2))


@composite(np.rollaxis)
def _rollaxis(x: Any, axis: int, start: int = 0) -> Any:
    start += x.ndim if start < 0 else 0
    return np.moveaxis(x, axis, start - (axis % x.ndim < start))


@composite(np.expand_dims)
def _expand_dims(x: Any, axis: Any) -> Any:
    return reshape(x, np.expand_dims(_empty(x), axis).shape)


@composite(np.squeeze)
def squeeze(x: Any, axis: Any = None) -> Any:
    """X without its axes of length 1."""
    return reshape(x, np.squeeze(_empty(x), axis).shape)


def _empty(x: Any) -> Any:
    return np.empty(np.shape(raw(x)), bool)


for _f in (np.atleast_1d, np.atleast_2d, np.atleast_3d):

    @composite(_f)
    def _at_least(*xs: Any, f: Callable[..., Any] = _f) -> Any:
        out = tuple(np.reshape(x, f(_empty(x)).shape) for x in xs)
        return out[0] if len(out) == 1 else out


spread = linear(
    lambda x, shape: np.broadcast_to(x, shape),
    lambda g, o, x, shape: fit(g, x.shape),
    on=np.broadcast_to,
)


@composite(np.broadcast_arrays)
def _broadcast_arrays(*xs: Any) -> Any:
    shape = np.broadcast_shapes(*(np.shape(raw(x)) for x in xs))
    return tuple(np.broadcast_to(x, shape) for x in xs)


@composite(np.meshgrid)
def _meshgrid(*xs: Any, indexing: str = "xy", sparse: bool = False) -> Any:
    n = len(xs)
    axes = list(range(n))
    if indexing == "xy" and n > 1:
        axes[:2] = 1, 0
    grids = [
        np.reshape(x, [-1 if k == axis else 1 for k in range(n)]) for x, axis in zip(xs, axes, strict=True)
    ]
    return tuple(grids) if sparse else np.broadcast_arrays(*grids)


def _astype(x: Any, dtype: Any, copy: bool = True) -> Any:
    if np.dtype(dtype).kind != "f":
        raise TypeError(
            f"x.astype({np.dtype(dtype).name}) would lose the derivative of a traced value: "
            "only float types have one; take steps by np.floor, or plain numbers by nnlib.autodiff.raw(x)"
        )
    return x.astype(dtype)


astype = linear(_astype, lambda g, o, x, dtype, copy=True: g.astype(raw(x).dtype), on="astype")
newer("astype")(astype)
copy = linear(lambda x: x.copy(), lambda g, o, x: g, on=np.copy)
composite(np.real, np.real_if_close)(lambda x: x)


# Functions that only move or repeat elements: ask them where each one goes.
def _moves(f: Callable[..., Any]) -> Callable[..., Any]:
    def op(x: Any, *args: Any, **kw: Any) -> Any:
        positions = np.arange(x.size).reshape(x.shape)
        return reshape(x, (-1,))[f(positions, *args, **kw)]

    return enter(op, f)


flip = _moves(np.flip)
repeat = _moves(np.repeat)
diagonal = _moves(np.diagonal)
for _move in (
    np.roll,
    np.flipud,
    np.fliplr,
    np.rot90,
    np.tile,
    np.resize,
    np.linalg.diagonal,
    sliding_window_view,
):
    _moves(_move)


def _triangle(f: Callable[..., Any]) -> Callable[..., Any]:
    def op(x: Any, k: int = 0) -> Any:
        return x * f(np.ones(x.shape[-2:], raw(x).dtype), k)

    return enter(op, f)


_triangle(np.tril)
_triangle(np.triu)


@composite(np.trace)
def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Sum of the diagonal."""
    return np.sum(np.diagonal(x, offset, axis1, axis2), axis=-1)


composite(np.linalg.trace)(lambda x, offset=0: trace(x, offset, -2, -1))
