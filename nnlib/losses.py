"""How wrong a network is: one number for a batch. May import autodiff.

Every loss takes the truth first, then the network's output, and both must have one shape: NumPy would join
(n,) and (n, 1) to (n, n), and the network would learn something else.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from nnlib._checks import floats
from nnlib.autodiff.rows import fused, ones
from nnlib.autodiff.tensor import Tensor, raw


def squared_error(y: Any, out: Any) -> Any:
    """Return ``E = 1/2 sum (y - out)^2``, over all outputs of all examples.

    With the 1/2, dE/d out = out - y: every example keeps the delta that it would have alone.

    Parameters
    ----------
    y : array_like
        What the output should be.
    out : array
        The network's output, of the same shape.

    Returns
    -------
    float
        E.

    Raises
    ------
    ValueError
        Where the shapes differ.

    Notes
    -----
    Source: the lecture, slide "SGD for a sigmoidal neuron".

    Examples
    --------
    >>> float(squared_error([[1.0], [0.0]], np.array([[0.0], [0.0]])))
    0.5
    """
    y, out = _alike(y, out, "squared_error")
    if type(y) is Tensor:
        return 0.5 * np.sum((out - y) ** 2)
    return _half_square(y, out)


def _half_square_of(y: Any, out: Any) -> tuple[Any, Any]:
    d = out - y
    return 0.5 * np.vdot(d, d), d


_half_square = fused(
    _half_square_of,
    lambda g, slots, o, vals, d: (g * d,),
    lambda ts, o, vals, d: np.vdot(d, ts[0]),
)


def binary_cross_entropy(y: Any, p: Any) -> Any:
    """Return ``E = mean(-y log p - (1 - y) log(1 - p))``, for probabilities p of class 1.

    Parameters
    ----------
    y : array_like
        Labels between 0 and 1.
    p : array
        Probabilities, of the same shape: outputs of a sigmoid.

    Returns
    -------
    float
        E; infinite where p excludes what happened (p = 0 and y = 1).
        `binary_cross_entropy_logits` stays finite.

    Raises
    ------
    ValueError
        Where the shapes differ.

    Notes
    -----
    Source: Goodfellow, Bengio and Courville, Deep Learning, section 6.2.2.2.

    Examples
    --------
    >>> round(float(binary_cross_entropy([1.0, 0.0], np.array([0.5, 0.5]))), 4)
    0.6931
    >>> float(binary_cross_entropy([1.0, 0.0], np.array([1.0, 0.0])))
    0.0
    """
    y, p = _alike(y, p, "binary_cross_entropy")
    return 0.0 - np.mean(_times_log(y, p) + _times_log(1.0 - y, 1.0 - p))  # not -0.0 where all is certain


def _times_log(y: Any, p: Any) -> Any:
    """Return y log p, and 0 where y = 0, whatever p."""
    counts = raw(y) != 0
    with np.errstate(divide="ignore"):
        return y * np.log(np.where(counts, p, 1.0))


def binary_cross_entropy_logits(y: Any, z: Any) -> Any:
    """Return ``E = mean(log(1 + exp(z)) - y z)``, the binary cross-entropy of ``p = sigmoid(z)``.

    Parameters
    ----------
    y : array_like
        Labels between 0 and 1.
    z : array
        Weighted sums before the sigmoid, of the same shape.

    Returns
    -------
    float
        E, finite for every finite z.

    Raises
    ------
    ValueError
        Where the shapes differ.

    Examples
    --------
    >>> float(binary_cross_entropy_logits([1.0, 0.0], np.array([-1000.0, -1000.0])))
    500.0
    """
    y, z = _alike(y, z, "binary_cross_entropy_logits")
    with np.errstate(invalid="ignore"):  # NaN comes out of logaddexp with a warning
        return np.mean(np.logaddexp(0.0, z) - y * z)


def cross_entropy(y: Any, z: Any) -> Any:
    """Return ``E = mean_i(-sum_k y_ik log softmax(z_i)_k)``, from the sums z of k classes (logits).

    Parameters
    ----------
    y : array_like of shape (n, k) or (n,)
        Probabilities of the classes (one-hot rows), or class numbers from 0 to k - 1.
    z : array of shape (n, k)
        Weighted sums, before any softmax. One sample is (k,), with y (k,) or one class number.

    Returns
    -------
    float
        E, finite for every finite z.

    Raises
    ------
    ValueError
        Where the shapes differ, z is empty, or a class number is not one of 0 .. k - 1.

    Notes
    -----
    dE/dz = (softmax(z) - y) / n. Source: Goodfellow, Bengio and Courville, Deep Learning, section 6.2.2.3.

    Examples
    --------
    >>> round(float(cross_entropy([0], np.array([[0.0, 0.0]]))), 4)
    0.6931
    >>> float(cross_entropy([0], np.array([[1e4, 0.0]])))
    0.0
    """
    if type(z) is not np.ndarray and type(z) is not Tensor:
        z = floats(z, "cross_entropy: z")
    plain = raw(z)
    if not plain.size:
        raise ValueError(f"cross_entropy takes at least one example and one class, but z has shape {z.shape}")
    if np.ndim(raw(y)) == plain.ndim - 1:
        y = _one_hot(y, z)
    y, z = _alike(y, z, "cross_entropy")
    if type(y) is Tensor:
        return -np.sum(y * _log_softmax(z)) / (len(y) if y.ndim > 1 else 1)
    return _softmax_loss(y, z)


def _log_softmax(z: Any) -> Any:
    return z - np.logaddexp.reduce(z, axis=-1, keepdims=True)


def _largest(z: Any) -> Any:
    """`z.max(-1, keepdims=True)` by way of its place, which NumPy finds four times faster. NaN counts as largest."""
    places = z.argmax(-1)
    places += _starts(*z.shape)
    return z.take(places)[..., None]


@lru_cache(64)
def _starts(*shape: int) -> Any:
    """Where the rows of an array of this shape start, counted through."""
    return np.arange(0, math.prod(shape), shape[-1]).reshape(shape[:-1])


def _softmax_loss_of(y: Any, z: Any) -> tuple[Any, Any]:
    """Return the loss; its derivative, (softmax(z) - y) / n, is returned as a difference and n."""
    n = len(y) if y.ndim > 1 else 1
    m = z - _largest(raw(z))
    e = np.exp(m)
    if type(e) is not np.ndarray:
        s = np.sum(e, axis=-1, keepdims=True)
        share = np.sum(y, axis=-1, keepdims=True)
        return (np.sum(share * np.log(s)) - np.sum(y * m)) / n, (share * e / s - y, n)
    one = ones(e.shape[-1], e.dtype)
    s, share = e.dot(one), y.dot(one)  # four times faster than sum
    e *= (share / s)[..., None]
    e -= y
    return (np.vdot(share, np.log(s)) - np.vdot(y, m)) / n, (e, n)


_softmax_loss = fused(
    _softmax_loss_of,
    lambda g, slots, o, vals, d: (g / d[1] * d[0],),
    lambda ts, o, vals, d: np.vdot(d[0], ts[0]) / d[1],
)


def _one_hot(y: Any, z: Any) -> Any:
    k, numbers = z.shape[-1], np.asarray(y)
    classes = numbers.astype(int) if numbers.dtype.kind in "iufb" else None
    if classes is None or np.any(classes != numbers) or np.any((classes < 0) | (classes >= k)):
        raise ValueError(
            f"cross_entropy takes class numbers from 0 to {k - 1}, because z has {k} columns, but y holds "
            "others. np.unique(y, return_inverse=True)[1] gives labels such numbers."
        )
    return np.eye(k, dtype=raw(z).dtype)[classes]


def _alike(y: Any, out: Any, who: str) -> tuple[Any, Any]:
    if type(out) is not Tensor and type(out) is not np.ndarray:
        out = floats(out, f"{who}: the output")
    if type(y) is not Tensor and not (type(y) is np.ndarray and y.dtype.kind == "f"):
        y = floats(y, f"{who}: y")
    shape, dtype = (v := raw(out)).shape, v.dtype
    if y.dtype != dtype:  # float32 stays float32, whatever the labels are
        y = y.astype(dtype)
    if y.shape != shape:
        hint = "Reshape one of them."
        if y.shape == shape[:-1] and shape[-1:] == (1,):
            hint = "Write y.reshape(-1, 1)." if y.ndim == 1 else "Write y[..., None]."
        raise ValueError(
            f"{who}: y has shape {y.shape}, but the network gives {shape}, "
            f"and NumPy would join them to something else. {hint}"
        )
    return y, out
