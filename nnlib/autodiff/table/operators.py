"""Operators and methods of a traced value: `x @ y`, `x.sum(axis=0)`, `x[1:]` go straight to their rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..rows import enter, unary
from ..tensor import TABLE, Tensor
from . import elementwise as e
from . import indexing, reductions, selection, shapes
from .products import matmul

Op = Callable[..., Any]


def _turned(op: Op) -> Op:
    return lambda a, b: op(b, a)


_OPERATORS: dict[str, Op] = {
    "add": e.add,
    "sub": e.sub,
    "mul": e.mul,
    "truediv": e.div,
    "mod": e.mod,
    "pow": e.power,
    "matmul": matmul,
    "floordiv": TABLE[np.floor_divide],
}
for _name, _op in _OPERATORS.items():
    setattr(Tensor, f"__{_name}__", _op)
    setattr(Tensor, f"__r{_name}__", _turned(_op))

_COMPARISONS: dict[str, Any] = {
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
}
for _name, _f in _COMPARISONS.items():
    setattr(Tensor, f"__{_name}__", TABLE[_f])

Tensor.__neg__ = e.neg
Tensor.__pos__ = e.pos
Tensor.__abs__ = e.absolute
Tensor.__getitem__ = indexing.getitem


def _transposed_pull(g: Any, slots: Any, out: Any, vals: Any, kw: Any) -> Any:
    return (g.T,)


def _transposed_push(ts: Any, out: Any, vals: Any, kw: Any) -> Any:
    return ts[0].T


_T = enter(unary(lambda x: x.T, _transposed_pull, _transposed_push), "x.T")


def _reshape(x: Any, *shape: Any, order: str = "C") -> Any:
    return shapes._reshape(x, shape[0] if len(shape) == 1 else shape, order)


def _transpose(x: Any, *axes: Any) -> Any:
    if not axes or axes == (None,):
        return _T(x)
    return shapes.transpose(x, axes[0] if len(axes) == 1 else axes)


def _squeeze(x: Any, axis: Any = None) -> Any:
    return shapes.squeeze(x, axis)


def _item(x: Any, *index: Any) -> Any:
    """The one number of x, still traced."""
    if index:
        return shapes.ravel(x)[index[0]] if len(index) == 1 else x[index]
    return shapes.reshape(x, ())


_METHODS: dict[str, Op] = {
    "sum": reductions.sum_,
    "mean": reductions.mean,
    "prod": reductions.prod,
    "max": reductions.max_,
    "min": reductions.min_,
    "var": reductions.var,
    "std": reductions.std,
    "cumsum": reductions.cumsum,
    "cumprod": reductions.cumprod,
    "reshape": _reshape,
    "transpose": _transpose,
    "ravel": shapes.ravel,
    "flatten": shapes.ravel,
    "swapaxes": shapes.swapaxes,
    "squeeze": _squeeze,
    "diagonal": shapes.diagonal,
    "trace": shapes.trace,
    "repeat": shapes.repeat,
    "astype": shapes.astype,
    "copy": shapes.copy,
    "item": _item,
    "take": indexing.take,
    "dot": TABLE[np.dot],
    "clip": selection.clip,
    "round": TABLE[np.round],
    "argmax": TABLE[np.argmax],
    "argmin": TABLE[np.argmin],
    "argsort": TABLE[np.argsort],
    "nonzero": TABLE[np.nonzero],
    "searchsorted": TABLE[np.searchsorted],
    "any": TABLE[np.any],
    "all": TABLE[np.all],
}
for _name, _op in _METHODS.items():
    _op.__doc__ = _op.__doc__ or f"As ndarray.{_name}."
    setattr(Tensor, _name, _op)
Tensor.T = property(_T)
Tensor.mT = property(lambda x: np.swapaxes(x, -1, -2))
