"""Order statistics: sorting moves elements, and the derivative goes where the element went."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..rows import composite
from ..tensor import Tensor, raw
from .shapes import ravel


def _reordered(arg: Callable[..., Any], x: Any, axis: Any) -> Any:
    """Return x in the order that `arg` gives; equal elements keep the order in which it puts them."""
    x, axis = (ravel(x), 0) if axis is None else (x, axis % x.ndim)
    return np.take_along_axis(x, arg(raw(x), axis=axis), axis)


@composite(np.sort)
def sort(x: Any, axis: Any = -1, kind: Any = None, *, stable: Any = None) -> Any:
    """Elements in ascending order; equals keep their order."""
    return _reordered(lambda x, axis: np.argsort(x, axis=axis, kind="stable"), x, axis)


@composite(np.partition)
def _partition(x: Any, kth: Any, axis: Any = -1) -> Any:
    return _reordered(lambda x, axis: np.argpartition(x, kth, axis=axis), x, axis)


@composite(np.quantile)
def quantile(
    x: Any, q: Any, axis: int | None = None, *, method: str = "linear", keepdims: bool = False
) -> Any:
    """Value below which the share q lies, linear between neighbours."""
    if method != "linear":
        raise TypeError(f"np.quantile has no derivative with method={method!r} here: 'linear' has one")
    line = sort(x, None) if axis is None else np.moveaxis(sort(x, axis), axis, 0)
    place = (q if type(q) is Tensor else np.asarray(q, raw(x).dtype)) * (len(line) - 1)
    floor = np.floor(place)
    low = floor.astype(int)
    high = np.minimum(low + 1, len(line) - 1)
    share = np.reshape(place - floor, place.shape + (1,) * (line.ndim - 1))
    out = line[low] * (1.0 - share) + line[high] * share
    if not keepdims:
        return out
    return np.reshape(
        out, place.shape + tuple(1 if axis in (None, k, k - x.ndim) else n for k, n in enumerate(x.shape))
    )


composite(np.percentile)(
    lambda x, q, *args, **kw: quantile(x, (q if type(q) is Tensor else np.asarray(q)) / 100.0, *args, **kw)
)
composite(np.median)(lambda x, axis=None, keepdims=False: quantile(x, 0.5, axis, keepdims=keepdims is True))
