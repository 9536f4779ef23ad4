"""Inverses, determinants, factorisations, norms: most rows write only the first-order change of the result.

Source: M. Giles, An extended collection of matrix derivative results for forward and reverse mode algorithmic
differentiation, Oxford University report 08/01, 2008.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.linalg as la

from ..rows import composite, differential, enter, fit, primitive
from ..tensor import raw
from .reductions import root


def _t(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def _unit(x: Any) -> Any:
    return np.eye(x.shape[-1], dtype=raw(x).dtype)


def _adjoint_trace(A: Any, dA: Any) -> Any:
    """Trace(A^-1 dA)."""
    return np.sum(_t(la.inv(A)) * dA, axis=(-1, -2))


differential(la.inv, lambda ts, o, A: -(o @ ts[0] @ o))
differential(la.det, lambda ts, o, A: o * _adjoint_trace(A, ts[0]))
_log_det = differential(
    lambda A: la.slogdet(A)[1], lambda ts, o, A: _adjoint_trace(A, ts[0]), on="log of |det|"
)
composite(la.slogdet)(lambda A: (la.slogdet(raw(A))[0], _log_det(A)))


# ---------------------------------------------------------------------------------------------------- A x = b
def _times(A: Any, x: Any, b: Any) -> Any:
    """A x, where x is a vector if b is one."""
    return (A @ x[..., None])[..., 0] if b.ndim == 1 else A @ x


def _solve_push(ts: Any, o: Any, vals: Any, kw: Any) -> Any:
    """A dx = db - dA x."""
    A, b = vals
    dA, db = ts
    if dA is None:
        return la.solve(A, db)
    change = -_times(dA, o, b) if db is None else db - _times(dA, o, b)
    return la.solve(A, change if b.ndim > 1 or change.ndim == 1 else change[..., None]).reshape(o.shape)


def _solve_pull(g: Any, slots: Any, o: Any, vals: Any, kw: Any) -> Any:
    """u = A^-T g; b gets u, and A gets -u x^T."""
    A, b = vals
    if b.ndim == 1:
        g, o = g[..., None], o[..., None]
    u = la.solve(_t(A), g)
    gA = None if slots[0] is None else fit(-(u @ _t(o)), A.shape)
    gb = None if slots[1] is None else fit(u[..., 0] if b.ndim == 1 else u, b.shape)
    return gA, gb


enter(primitive(la.solve, _solve_pull, _solve_push), la.solve)


# --------------------------------------------------------------------------------------------- factorisations
def _cholesky_change(ts: Any, L: Any, A: Any) -> Any:
    """L times the lower half, with half the diagonal, of L^-1 dA L^-T; only the lower half of A counts."""
    lower = np.tril(ts[0])
    dA = lower + _t(np.tril(ts[0], -1))
    inside = _t(la.solve(L, _t(la.solve(L, dA))))
    half = np.tril(np.ones(L.shape[-2:], raw(L).dtype)) - 0.5 * _unit(L)
    return L @ (inside * half)


differential(la.cholesky, _cholesky_change)


def _several(f: Callable[..., Any], change: Callable[..., Any], on: str) -> Callable[..., Any]:
    """Row of an f that gives several arrays: one row for all of them end to end, taken apart again."""

    def parts(flat: Any, like: Any) -> list[Any]:
        edges = np.cumsum([0] + [o.size for o in like]).tolist()
        return [np.reshape(flat[a:b], o.shape) for a, b, o in zip(edges, edges[1:], like, strict=False)]

    def joined(A: Any, **kw: Any) -> Any:
        return np.concatenate([np.ravel(o) for o in f(A, **kw)])

    def flat_change(ts: Any, o: Any, A: Any, **kw: Any) -> Any:
        outs = parts(o, f(raw(A), **kw))
        return np.concatenate([np.ravel(c) for c in change(ts[0], outs, A, **kw)])

    row = differential(joined, flat_change, on=on)
    return lambda A, **kw: tuple(parts(row(A, **kw), f(raw(A), **kw)))


def _eigh_change(t: Any, outs: Any, A: Any, UPLO: str) -> Any:
    """dw = diag(P), dV = V (P / (w_j - w_i)), with P = V^T dA V.  The eigenvalues must differ."""
    w, V = outs
    unit = _unit(A)
    dA = np.tril(t) + _t(np.tril(t, -1)) if UPLO == "L" else np.triu(t) + _t(np.triu(t, 1))
    P = _t(V) @ dA @ V
    gap = w[..., None, :] - w[..., :, None] + unit
    return np.sum(P * unit, axis=-1), V @ (P * (1.0 - unit) / gap)


_eigh = _several(lambda A, UPLO: la.eigh(A, UPLO), _eigh_change, "eigenvalues and -vectors")
composite(la.eigh)(lambda A, UPLO="L": _eigh(A, UPLO=UPLO))
composite(la.eigvalsh)(lambda A, UPLO="L": _eigh(A, UPLO=UPLO)[0])


def _svd_change(dA: Any, outs: Any, A: Any) -> Any:
    """Townsend, Differentiating the singular value decomposition, 2016.  The singular values must differ."""
    U, s, V = outs[0], outs[1], _t(outs[2])
    unit = np.eye(s.shape[-1], dtype=raw(A).dtype)
    S = s[..., None, :]
    P = _t(U) @ dA @ V
    F = (1.0 - unit) / (S * S - _t(S * S) + unit)
    dU = U @ (F * (P * S + _t(P * S)))
    dV = V @ (F * (_t(S) * P + _t(_t(S) * P)))
    if U.shape[-2] > s.shape[-1]:  # the part of the change that leaves the space of the columns
        W = dA @ V / S
        dU = dU + W - U @ (_t(U) @ W)
    if V.shape[-2] > s.shape[-1]:
        W = _t(dA) @ U / S
        dV = dV + W - V @ (_t(V) @ W)
    return dU, np.sum(P * unit, axis=-1), _t(dV)


_svd = _several(lambda A: la.svd(A, full_matrices=False), _svd_change, "singular values and vectors")


@composite(la.svd)
def svd(A: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """Singular values, with vectors where full_matrices=False."""
    if full_matrices and compute_uv and A.shape[-1] != A.shape[-2]:
        raise TypeError(
            "np.linalg.svd has a derivative with full_matrices=False (the other vectors aren't unique)"
        )
    outs = _svd(A)
    return outs if compute_uv else outs[1]


composite(la.svdvals)(lambda A: _svd(A)[1])


def _pinv_change(ts: Any, P: Any, A: Any) -> Any:
    """Golub and Pereyra, 1973: -P dA P + P P^T dA^T (1 - A P) + (1 - P A) dA^T P^T P, at constant rank."""
    dA = ts[0]
    a, b = P @ _t(P) @ _t(dA), _t(dA) @ _t(P) @ P
    return a - a @ A @ P + b - P @ (A @ b) - P @ dA @ P


differential(la.pinv, _pinv_change)


# ------------------------------------------------------------------------------------------------------ norms
def _vector_norm(x: Any, order: Any, axis: Any, keepdims: bool) -> Any:
    """(sum |x|^p)^(1/p), with derivative 0 at 0."""
    if order in (None, 2):
        return root(np.sum(x * x, axis=axis, keepdims=keepdims))
    if order in (math.inf, -math.inf):
        return (np.max if order > 0 else np.min)(np.abs(x), axis=axis, keepdims=keepdims)
    if not isinstance(order, (int, float)) or order == 0:
        raise TypeError(
            f"np.linalg.norm of a vector has no derivative with ord={order!r}: 1, 2, other p and inf have one"
        )
    s = np.sum(np.abs(x) ** order, axis=axis, keepdims=keepdims)
    zero = raw(s) == 0
    if order == 1 or not np.any(zero):
        return s if order == 1 else s ** (1.0 / order)
    return np.where(zero, 0.0, np.where(zero, 1.0, s) ** (1.0 / order))


def _matrix_norm(x: Any, order: Any) -> Any:
    """Of the last two axes."""
    if order in (None, "fro"):
        return root(np.sum(x * x, axis=(-2, -1)))
    if order in (1, -1, math.inf, -math.inf):
        lines = np.sum(np.abs(x), axis=-2 if abs(order) == 1 else -1)
        return (np.max if order > 0 else np.min)(lines, axis=-1)
    if order in (2, -2):
        return _svd(x)[1][..., 0 if order > 0 else -1]
    if order == "nuc":
        return np.sum(_svd(x)[1], axis=-1)
    raise TypeError(
        f"np.linalg.norm of a matrix has no derivative with ord={order!r}: "
        "'fro', 'nuc', 1, -1, 2, -2, inf and -inf have one"
    )


@composite(la.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """Length of a vector, or size of a matrix, as NumPy defines them."""
    axes = tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)
    if axis is None:
        axes = tuple(range(x.ndim))
        if ord is None or x.ndim < 2:
            out = _vector_norm(np.ravel(x), ord, None, False)
            return np.reshape(out, (1,) * x.ndim) if keepdims else out
    if len(axes) == 1:
        return _vector_norm(x, ord, axes[0], keepdims)
    if len(axes) != 2:
        raise ValueError(
            f"np.linalg.norm takes one axis or two, but x has shape {x.shape} and axis is {axis!r}"
        )
    out = _matrix_norm(np.moveaxis(x, axes, (-2, -1)), ord)
    return np.expand_dims(out, tuple(sorted(a % x.ndim for a in axes))) if keepdims else out


@composite(la.vector_norm)
def _array_api_vector_norm(x: Any, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    if axis is None:
        return norm(np.ravel(x), ord) if not keepdims else np.reshape(norm(np.ravel(x), ord), (1,) * x.ndim)
    return _vector_norm(x, ord, axis, keepdims)


composite(la.matrix_norm)(lambda x, *, keepdims=False, ord="fro": norm(x, ord, (-2, -1), keepdims))
