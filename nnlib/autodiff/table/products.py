"""Products of vectors, matrices and larger arrays: all of them come down to matmul."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..rows import bilinear, composite, fit, newer
from ..tensor import raw


def mm(a: Any, b: Any) -> Any:
    """The product of two matrices, with the least ado."""
    return a.dot(b) if type(a) is np.ndarray is type(b) else a @ b


def _transposed(x: Any) -> Any:
    return x.T if x.ndim == 2 else np.swapaxes(x, -1, -2)


def _matmul_left(g: Any, a: Any, b: Any) -> Any:
    """g b^T, for every mixture of vectors, matrices and stacks of matrices."""
    if a.ndim == 2 == b.ndim:
        return mm(g, b.T)
    if b.ndim == 1:
        return g * b if a.ndim == 1 else fit(g[..., None] * b, a.shape)
    return fit(np.matmul(b, g[..., None])[..., 0] if a.ndim == 1 else np.matmul(g, _transposed(b)), a.shape)


def _matmul_right(g: Any, a: Any, b: Any) -> Any:
    """a^T g, likewise."""
    if a.ndim == 2 == b.ndim:
        return mm(a.T, g)
    if a.ndim == 1:
        return g * a if b.ndim == 1 else fit(a[:, None] * g[..., None, :], b.shape)
    return fit(
        np.matmul(_transposed(a), g[..., None])[..., 0] if b.ndim == 1 else np.matmul(_transposed(a), g),
        b.shape,
    )


def _plain_matmul(a: Any, b: Any) -> Any:
    if type(a) is np.ndarray is type(b) and a.ndim == 2 == b.ndim:
        return a.dot(b)  # costs less to call
    return np.matmul(a, b)


matmul = bilinear(_plain_matmul, _matmul_left, _matmul_right, on=np.matmul)
composite(np.linalg.matmul)(matmul)


@composite(np.dot)
def dot(a: Any, b: Any) -> Any:
    """Sum over the last axis of a and the last but one of b; numbers multiply."""
    m, n = np.ndim(a), np.ndim(b)
    if m == 0 or n == 0:
        return np.multiply(a, b)
    return matmul(a, b) if m < 3 > n else np.tensordot(a, b, (-1, -2 if n > 1 else -1))


def _axis_pairs(axes: Any, m: int, n: int) -> tuple[list[int], list[int]]:
    if np.ndim(axes) == 0:
        return list(range(m - axes, m)), list(range(axes))
    left, right = (np.atleast_1d(k).tolist() for k in axes)
    return [k % m for k in left], [k % n for k in right]


@composite(np.tensordot, np.linalg.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Sum over pairs of axes, as one product of matrices."""
    a, b = (x if hasattr(x, "ndim") else np.asarray(x) for x in (a, b))
    p, q = _axis_pairs(axes, a.ndim, b.ndim)
    rest_a = [k for k in range(a.ndim) if k not in p]
    rest_b = [k for k in range(b.ndim) if k not in q]
    left, right = np.transpose(a, rest_a + p), np.transpose(b, q + rest_b)
    shape_a, shape_b = left.shape[: len(rest_a)], right.shape[len(q) :]
    n = math.prod(left.shape[len(rest_a) :])
    product = matmul(np.reshape(left, (math.prod(shape_a), n)), np.reshape(right, (n, math.prod(shape_b))))
    return np.reshape(product, shape_a + shape_b)


@composite(np.inner)
def _inner(a: Any, b: Any) -> Any:
    return np.tensordot(a, b, (-1, -1)) if np.ndim(a) and np.ndim(b) else np.multiply(a, b)


composite(np.vdot)(lambda a, b: np.dot(np.ravel(a), np.ravel(b)))
composite(np.vecdot, np.linalg.vecdot)(lambda a, b, axis=-1: np.sum(a * b, axis=axis))
newer("matvec")(lambda a, b: np.matmul(a, b[..., None])[..., 0])
newer("vecmat")(lambda a, b: np.matmul(a[..., None, :], b)[..., 0, :])
composite(np.outer, np.linalg.outer)(lambda a, b: np.ravel(a)[:, None] * np.ravel(b))


def _outer(ufunc: np.ufunc) -> None:
    @composite((ufunc, "outer"))
    def op(a: Any, b: Any) -> Any:
        return ufunc(np.reshape(a, np.shape(a) + (1,) * np.ndim(b)), b)


for _ufunc in (np.add, np.subtract, np.multiply, np.divide, np.power, np.maximum, np.minimum):
    _outer(_ufunc)


@composite(np.kron)
def _kron(a: Any, b: Any) -> Any:
    """Every element of a, times the whole of b."""
    n = max(np.ndim(a), np.ndim(b))
    s, t = ((1,) * (n - np.ndim(x)) + np.shape(x) for x in (a, b))
    outer = np.multiply(
        np.reshape(a, [k for i in s for k in (i, 1)]),
        np.reshape(b, [k for j in t for k in (1, j)]),
    )
    return np.reshape(outer, [i * j for i, j in zip(s, t, strict=True)])


@composite(np.cross, np.linalg.cross)
def _cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """Vector product of three components."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = np.moveaxis(a, axisa, -1), np.moveaxis(b, axisb, -1)
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        raise ValueError(
            f"np.cross takes vectors of 3 components, but these have {a.shape[-1]} and {b.shape[-1]}"
        )
    after, before = [1, 2, 0], [2, 0, 1]
    return np.moveaxis(a[..., after] * b[..., before] - a[..., before] * b[..., after], -1, axisc)


@composite(np.convolve)
def _convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """o[k] = sum_j a[k - j] v[j]: windows of the padded a, times v turned round."""
    if len(v) > len(a):
        a, v = v, a
    n, k = len(a), len(v)
    windows = np.arange(n + k - 1)[:, None] + np.arange(k)
    full = np.pad(a, k - 1)[windows] @ np.flip(v)
    if mode == "full":
        return full
    width = n if mode == "same" else n - k + 1
    start = (k - 1) // 2 if mode == "same" else k - 1
    return full[start : start + width]


@composite(np.correlate)
def _correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    if len(v) > len(a):
        return np.flip(_convolve(v, np.flip(a), mode))
    return _convolve(a, np.flip(v), mode)


@composite(np.linalg.matrix_power)
def _matrix_power(a: Any, n: int) -> Any:
    """Return a times itself n times, by squaring; n < 0 takes the inverse."""
    if n < 0:
        return _matrix_power(np.linalg.inv(a), -n)
    out = np.broadcast_to(np.eye(a.shape[-1], dtype=raw(a).dtype), a.shape)
    while n:
        if n % 2:
            out = out @ a
        a, n = a @ a, n // 2
    return out


@composite(np.linalg.multi_dot)
def _multi_dot(xs: Any) -> Any:
    out = xs[0]
    for x in xs[1:]:
        out = out @ x
    return out
