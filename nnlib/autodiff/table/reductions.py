"""Many numbers to few: sum, mean, variance, extremes, products, running sums."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..rows import composite, enter, linear, primitive
from ..tensor import Tensor, raw, title
from .shapes import ravel

plain_sum: Callable[..., Any] = np.add.reduce


def back(g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Put the reduced axes of x back into g, with length 1."""
    if axis is None or keepdims:
        return g
    axes = {a % x.ndim for a in (axis if type(axis) in (tuple, list) else (axis,))}
    return g.reshape(tuple(1 if k in axes else n for k, n in enumerate(x.shape)))


def _spread(g: Any, shape: Any) -> Any:
    if type(g) is Tensor:
        return np.broadcast_to(g, shape)
    out = np.empty(shape, g.dtype)  # cheaper than broadcast_to
    out[...] = g
    return out


def _number_of(x: Any, o: Any) -> int:
    """How many elements of x went into each element of o."""
    return int(x.size // max(o.size, 1))


def _plain_mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    o = plain_sum(x, axis=axis, keepdims=keepdims)
    return o / _number_of(x, o)


total_of = linear(
    lambda x, axis=None, keepdims=False: plain_sum(x, axis=axis, keepdims=keepdims),
    lambda g, o, x, axis=None, keepdims=False: _spread(back(g, x, axis, keepdims), x.shape),
    on="sum over axes",
)
mean_of = linear(
    _plain_mean,
    lambda g, o, x, axis=None, keepdims=False: _spread(
        back(g / _number_of(x, o), x, axis, keepdims), x.shape
    ),
    on="mean over axes",
)


def reduction(op: Callable[..., Any], *functions: Any) -> Callable[..., Any]:
    """Enter `op(x, axis=, keepdims=)` under NumPy's functions, and refuse their other arguments."""
    name = title(functions[0])

    def outer(
        x: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, **others: Any
    ) -> Any:
        refused = {"dtype": dtype, "out": out, **others}
        for word, value in refused.items():
            if value is not None and value is not np._NoValue:
                raise TypeError(
                    f"{name} has no derivative with the argument {word!r}: x, axis and keepdims have one"
                )
        if type(axis) is list:
            axis = tuple(axis)
        return op(x, axis=axis, keepdims=keepdims is True or keepdims is np.True_)

    return enter(outer, *functions)


def _ufunc_reduce(op: Callable[..., Any], ufunc: np.ufunc) -> None:
    """np.add.reduce and its like, which take the first axis where none is named."""

    def outer(x: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
        if dtype is not None:
            raise TypeError(
                f"{title(ufunc)}.reduce has no derivative with the argument 'dtype': write x.astype(...)"
            )
        return op(x, axis=axis, keepdims=keepdims)

    enter(outer, (ufunc, "reduce"))


sum_ = reduction(total_of, np.sum)
mean = reduction(mean_of, np.mean)


def _kept(op: Callable[..., Any], x: Any, axis: Any) -> Any:
    return raw(op(raw(x), axis=axis, keepdims=True))


# -------------------------------------------------------------------- reductions with a slope in each element
def _weighted(f: Callable[..., Any], slope: Callable[..., Any], on: str) -> Callable[..., Any]:
    """A reduction with derivative `slope(o, x, axis)` in each element, o with its axes kept."""

    def pull(g: Any, slots: Any, o: Any, vals: Any, kw: Any) -> Any:
        x, axis, keepdims = vals[0], kw.get("axis"), kw.get("keepdims", False)
        return (back(g, x, axis, keepdims) * slope(back(o, x, axis, keepdims), x, axis),)

    def push(ts: Any, o: Any, vals: Any, kw: Any) -> Any:
        x, axis, keepdims = vals[0], kw.get("axis"), kw.get("keepdims", False)
        return total_of(ts[0] * slope(back(o, x, axis, keepdims), x, axis), axis=axis, keepdims=keepdims)

    return enter(primitive(f, pull, push), on)


def _ties(o: Any, x: Any, axis: Any) -> Any:
    """1 at the extreme element; equals share it alike."""
    taken = raw(x) == raw(o)
    return np.asarray(taken / np.sum(taken, axis=axis, keepdims=True), raw(x).dtype)


def _others(o: Any, x: Any, axis: Any) -> Any:
    """The product of all other elements: o / x, and by running products where an x is 0."""
    if np.all(raw(x) != 0):
        return o / x
    return _lines(_product_of_others, x, axis)


def _product_of_others(x: Any) -> Any:
    """The same along the last axis: the product of what stands before, times that of what stands after."""
    one = np.ones((*x.shape[:-1], 1), raw(x).dtype)
    before = np.cumprod(np.concatenate([one, x[..., :-1]], -1), -1)
    after = np.cumprod(np.concatenate([one, x[..., :0:-1]], -1), -1)[..., ::-1]
    return before * after


def _lines(f: Callable[..., Any], x: Any, axis: Any) -> Any:
    """Apply f to x with the given axes as one last axis, and put the axes back."""
    axes = tuple(range(x.ndim)) if axis is None else axis if type(axis) is tuple else (axis,)
    last = tuple(range(-len(axes), 0))
    y = np.moveaxis(x, axes, last)
    flat = np.reshape(y, (*y.shape[: x.ndim - len(axes)], math.prod(y.shape[x.ndim - len(axes) :])))
    return np.moveaxis(np.reshape(f(flat), y.shape), last, axes)


max_of = _weighted(np.max, _ties, "max over axes")
min_of = _weighted(np.min, _ties, "min over axes")
product_of = _weighted(np.prod, _others, "product over axes")
max_ = reduction(max_of, np.max, np.amax)
min_ = reduction(min_of, np.min, np.amin)
prod = reduction(product_of, np.prod)


def _logsumexp_of(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Log of the sum of e^x, from the largest x on, so that it does not overflow."""
    top = _kept(np.max, x, axis)
    top = np.where(np.isfinite(top), top, 0.0)
    o = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return o if keepdims else np.squeeze(o, None if axis is None else axis)


for _op, _ufunc in (
    (total_of, np.add),
    (product_of, np.multiply),
    (max_of, np.maximum),
    (min_of, np.minimum),
):
    _ufunc_reduce(_op, _ufunc)
_ufunc_reduce(_logsumexp_of, np.logaddexp)


# ----------------------------------------------------------------------------------------------------- spread
@composite(np.var)
def var(
    x: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: Any = False,
    **kw: Any,
) -> Any:
    """Mean square distance from the mean; divided by n - ddof."""
    if dtype is not None or out is not None or kw:
        raise TypeError("np.var and np.std have a derivative with x, axis, ddof and keepdims alone")
    keepdims = keepdims is True
    d = x - mean_of(x, axis=axis, keepdims=True)
    s = total_of(d * d, axis=axis, keepdims=keepdims)
    return s / (_number_of(x, s) - ddof)


def root(s: Any) -> Any:
    """The square root, with derivative 0 at 0: for lengths and standard deviations."""
    flat = raw(s) == 0
    if not np.any(flat):
        return np.sqrt(s)
    return np.where(flat, 0.0, np.sqrt(np.where(flat, 1.0, s)))


@composite(np.std)
def std(x: Any, axis: Any = None, *args: Any, **kw: Any) -> Any:
    """Square root of the variance."""
    return root(var(x, axis, *args, **kw))


@composite(np.ptp)
def _ptp(x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    return max_(x, axis=axis, keepdims=keepdims) - min_(x, axis=axis, keepdims=keepdims)


@composite(np.average)
def _average(x: Any, axis: Any = None, weights: Any = None) -> Any:
    if weights is None:
        return np.mean(x, axis=axis)
    if np.shape(weights) != np.shape(x) and (np.ndim(weights) != 1 or type(axis) is not int):
        raise ValueError(
            f"np.average: weights has shape {np.shape(weights)}, but x has shape {np.shape(x)}: "
            "give one weight for each element, or one for each position along a named axis"
        )
    if np.ndim(weights) == 1 < np.ndim(x):
        weights = np.reshape(weights, [-1 if k == axis % np.ndim(x) else 1 for k in range(np.ndim(x))])
    weights = np.broadcast_to(weights, np.shape(x))
    return np.sum(x * weights, axis=axis) / np.sum(weights, axis=axis)


def _without_nan(f: Callable[..., Any], fill: float) -> Callable[..., Any]:
    return lambda x, axis=None, keepdims=False: f(
        np.where(np.isnan(raw(x)), fill, x), axis=axis, keepdims=keepdims is True
    )


composite(np.nansum)(_without_nan(sum_, 0.0))
composite(np.nanprod)(_without_nan(prod, 1.0))
composite(np.nanmax)(_without_nan(max_, -math.inf))
composite(np.nanmin)(_without_nan(min_, math.inf))


@composite(np.nanmean)
def _nanmean(x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    keepdims = keepdims is True
    n = np.sum(~np.isnan(raw(x)), axis=axis, keepdims=keepdims, dtype=raw(x).dtype)
    return np.nansum(x, axis=axis, keepdims=keepdims) / n


# ---------------------------------------------------------------------------------- running sums, differences
def _running_back(g: Any, o: Any, x: Any, axis: Any = None) -> Any:
    if axis is None:
        return np.reshape(np.flip(np.cumsum(np.flip(g))), x.shape)
    return np.flip(np.cumsum(np.flip(g, axis), axis), axis)


cumsum = linear(lambda x, axis=None: np.cumsum(x, axis), _running_back, on=np.cumsum)


@composite(np.cumprod)
def cumprod(x: Any, axis: int | None = None) -> Any:
    """Running products, right at 0 too: one multiplication a step."""
    if axis is None:
        x, axis = ravel(x), 0
    steps = list(np.moveaxis(x, axis, 0))
    for k in range(1, len(steps)):
        steps[k] = steps[k - 1] * steps[k]
    return np.stack(steps, axis) if steps else x


composite((np.add, "accumulate"))(lambda x, axis=0: cumsum(x, axis))
composite((np.multiply, "accumulate"))(lambda x, axis=0: cumprod(x, axis))


def _slices(x: Any, axis: int) -> Callable[[Any, Any], Any]:
    before = (slice(None),) * (axis % x.ndim)
    return lambda start, stop: x[(*before, slice(start, stop))]


@composite(np.diff)
def _diff(x: Any, n: int = 1, axis: int = -1) -> Any:
    for _ in range(n):
        at = _slices(x, axis)
        x = at(1, None) - at(None, -1)
    return x


@composite(np.gradient)
def _gradient(x: Any, *spacing: float, axis: Any = None) -> Any:
    """Central differences inside, one-sided at the ends; equal steps."""
    axes = tuple(range(x.ndim)) if axis is None else axis if type(axis) is tuple else (axis,)
    if len(spacing) not in (0, 1, len(axes)) or any(np.ndim(h) for h in spacing):
        raise TypeError("np.gradient has a derivative with equal steps: one number, or one for each axis")
    steps = spacing if len(spacing) == len(axes) else (spacing or (1.0,)) * len(axes)
    out = []
    for a, h in zip(axes, steps, strict=True):
        at = _slices(x, a)
        inside = 0.5 * (at(2, None) - at(None, -2))
        out.append(np.concatenate([at(1, 2) - at(0, 1), inside, at(-1, None) - at(-2, -1)], a) / h)
    return out[0] if len(out) == 1 else tuple(out)


@composite(np.trapezoid)
def _trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    """Integral by trapezoids."""
    if x is None:
        step: Any = dx
    else:
        step = np.diff(x, axis=-1 if np.ndim(x) == 1 else axis)
        if np.ndim(x) == 1:
            step = np.reshape(step, [-1 if k == axis % np.ndim(y) else 1 for k in range(np.ndim(y))])
    at = _slices(y, axis)
    return np.sum(0.5 * step * (at(1, None) + at(None, -1)), axis=axis)


@composite(np.linspace)
def _linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True) -> Any:
    steps = np.linspace(0.0, 1.0, num, endpoint, dtype=np.linspace(raw(start), raw(stop), 2).dtype)
    steps = steps.reshape((num,) + (1,) * max(np.ndim(start), np.ndim(stop)))
    return start + (stop - start) * steps


@composite(np.polyval)
def _polyval(p: Any, x: Any) -> Any:
    """p[0] x^(n-1) + ... + p[n-1], by Horner's scheme."""
    y = 0.0 * x
    for c in p:
        y = y * x + c
    return y
