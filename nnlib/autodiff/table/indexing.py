"""Picking elements by position: slices, fancy indices, masks, take; and joining and cutting arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..reverse import Part
from ..rows import composite, enter, linear, newer, primitive, total
from ..tensor import Tensor, raw
from .shapes import ravel


def picks_once(index: Any) -> bool:
    """Slices, single numbers and masks pick each element at most once; lists of positions may repeat."""
    for k in index if type(index) is tuple else (index,):
        kind = type(k)
        if not (kind is int or kind is slice or k is None or k is Ellipsis):
            if kind is np.ndarray and k.dtype == bool and type(index) is not tuple:
                continue
            return False
    return True


def _scatter(g: Any, index: Any, shape: Any, dtype: Any) -> Any:
    x = np.zeros(shape, dtype)
    if picks_once(index):
        x[index] = g
    else:
        np.add.at(x, index, g)
    return x


#: zeros of `shape` with g added at `index`: the transpose of x[index]
scatter = linear(_scatter, lambda g, o, t, index, shape, dtype: g[index], on="scatter")


def _unpick(g: Any, o: Any, x: Any, index: Any) -> Any:
    if type(g) is Tensor:
        return scatter(g, index, x.shape, raw(x).dtype)
    return Part(g, index, raw(x), picks_once(index))


_pick = linear(lambda x, index: x[index], _unpick, on="pick")


def getitem(x: Any, index: Any) -> Any:
    """x[index]: slices, numbers, lists, arrays, masks, None, ... ."""
    return _pick(x, _plain(index))


def _plain(index: Any) -> Any:
    if type(index) is tuple:
        return tuple(map(_plain, index))
    if type(index) is list:
        return [_plain(i) for i in index]
    if type(index) is Tensor:
        raise TypeError(
            "a traced value can't be an index, because steps have no derivative: "
            "take the position from plain numbers, for example nnlib.autodiff.raw(i).astype(int)"
        )
    return index


@composite(np.take)
def take(x: Any, indices: Any, axis: int | None = None) -> Any:
    """Elements, or slices along one axis, by their positions."""
    if axis is None:
        return ravel(x)[np.asarray(_plain(indices))]
    return x[(slice(None),) * (axis % x.ndim) + (np.asarray(_plain(indices)),)]


def _along(indices: Any, axis: int) -> Any:
    grid: list[Any] = list(np.ogrid[tuple(map(slice, indices.shape))])
    grid[axis] = indices
    return tuple(grid)


@composite(np.take_along_axis)
def take_along_axis(x: Any, indices: Any, axis: int | None = -1) -> Any:
    """Element i[.., k, ..] of each line along an axis."""
    return ravel(x)[indices] if axis is None else x[_along(np.asarray(indices), axis)]


composite(np.compress)(lambda condition, x, axis=None: take(x, np.flatnonzero(condition), axis))
composite(np.extract)(lambda condition, x: ravel(x)[np.flatnonzero(raw(condition))])


@composite(np.diag)
def diag(x: Any, k: int = 0) -> Any:
    """The diagonal of a matrix, or the matrix with this diagonal."""
    if x.ndim == 2:
        return np.diagonal(x, k)
    if x.ndim != 1:
        raise ValueError(f"np.diag takes a vector or a matrix, but x has shape {x.shape}")
    n = len(x) + abs(k)
    return scatter(x, np.nonzero(np.diag(np.ones(len(x)), k)), (n, n), raw(x).dtype)


composite(np.diagflat)(lambda x, k=0: diag(ravel(x), k))


@composite(np.pad)
def _pad(x: Any, pad_width: Any, mode: Any = "constant", **kw: Any) -> Any:
    """Return x with a border: a constant, or elements of x (edge, wrap, reflect, symmetric)."""
    if mode == "constant":
        border = np.pad(np.zeros_like(raw(x)), pad_width, **kw)
        inside = np.pad(np.ones(x.shape, bool), pad_width)
        return border + scatter(ravel(x), inside, inside.shape, raw(x).dtype)
    if mode not in ("edge", "wrap", "reflect", "symmetric") or kw:
        raise TypeError(
            f"np.pad has no derivative with mode={mode!r}{''.join(f', {k}=' for k in kw)} here: "
            "'constant', 'edge', 'wrap', 'reflect' and 'symmetric' have one"
        )
    return ravel(x)[np.pad(np.arange(x.size).reshape(x.shape), pad_width, mode)]


# ---------------------------------------------------------------------------------------- joining and cutting
def _piece(i: int, vals: Any, axis: int, g: Any) -> Any:
    """The part of g that argument i of concatenate became."""
    start = sum(np.shape(raw(v))[axis] for v in vals[:i])
    stop = start + np.shape(raw(vals[i]))[axis]
    return g[(slice(None),) * (axis % g.ndim) + (slice(start, stop),)]


_join = enter(
    primitive(
        lambda *xs, axis: np.concatenate(xs, axis),
        lambda g, slots, out, vals, kw: [
            None if s is None else _piece(i, vals, kw["axis"], g) for i, s in enumerate(slots)
        ],
        lambda ts, out, vals, kw: total(
            [
                np.concatenate(
                    [np.zeros_like(raw(v)) if t is None else t for t, v in zip(ts, vals, strict=True)],
                    kw["axis"],
                )
            ],
            out,
        ),
    ),
    "join",
)


@composite(np.concatenate, np.concat)
def concatenate(xs: Any, axis: int | None = 0) -> Any:
    """Arrays one after another along an axis."""
    return _join(*map(np.ravel, xs), axis=0) if axis is None else _join(*xs, axis=axis)


composite(np.stack)(lambda xs, axis=0: np.concatenate([np.expand_dims(x, axis) for x in xs], axis))
composite(np.vstack)(lambda xs: np.concatenate([np.atleast_2d(x) for x in xs], 0))
composite(np.hstack)(
    lambda xs: np.concatenate([np.atleast_1d(x) for x in xs], 0 if np.ndim(xs[0]) < 2 else 1)
)
composite(np.dstack)(lambda xs: np.concatenate([np.atleast_3d(x) for x in xs], 2))
composite(np.append)(lambda x, y, axis=None: np.concatenate([x, y], axis))


@composite(np.column_stack)
def _column_stack(xs: Any) -> Any:
    return np.concatenate([np.reshape(x, (-1, 1)) if np.ndim(x) < 2 else x for x in xs], 1)


@composite(np.block)
def _block(xs: Any) -> Any:
    """Rows of blocks: [[A, B], [C, D]]."""
    if not isinstance(xs, list):
        return xs
    if not isinstance(xs[0], list):
        return np.hstack(xs)
    return np.vstack([_block(row) for row in xs])


@composite(np.array_split)
def split(x: Any, sections: Any, axis: int = 0) -> Any:
    """Slices of x along an axis: so many, or cut at these positions."""
    pieces = np.array_split(np.arange(x.shape[axis]), sections)
    edges = np.cumsum([0] + [len(p) for p in pieces]) if np.ndim(sections) == 0 else [0, *sections, None]
    before = (slice(None),) * (axis % x.ndim)
    return [x[(*before, slice(a, b))] for a, b in zip(_numbers(edges), _numbers(edges)[1:], strict=False)]


def _numbers(edges: Any) -> list[int | None]:
    return [None if e is None else int(e) for e in edges]


@composite(np.split)
def _split(x: Any, sections: Any, axis: int = 0) -> Any:
    np.split(np.empty(x.shape, bool), sections, axis)  # complains as NumPy does where the cut is not even
    return split(x, sections, axis)


composite(np.vsplit)(lambda x, sections: _split(x, sections, 0))
composite(np.hsplit)(lambda x, sections: _split(x, sections, 0 if x.ndim < 2 else 1))
composite(np.dsplit)(lambda x, sections: _split(x, sections, 2))
newer("unstack")(lambda x, axis=0: tuple(np.moveaxis(x, axis, 0)))
