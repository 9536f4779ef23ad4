"""Small data sets in the plane, made by formulas, so that nothing is downloaded. May import NumPy alone.

Each data set is ``(X, y)``: X of shape (n, 2), float64, and y of shape (n,), integers 0 and 1.
The same seed gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nnlib._checks import Floats, Labels, Seed, generator, real, whole

Data: TypeAlias = tuple[Floats, Labels]


def xor(n: int | None = None, *, noise: float = 0.0, rng: Seed = None) -> Data:
    """Exclusive or: class 1 where exactly one of two inputs is 1. No line separates it.

    Parameters
    ----------
    n : int, optional
        Number of points, spread evenly over the four corners. Without it the four corners themselves, in the
        order (0, 0), (0, 1), (1, 0), (1, 1).
    noise : float, default 0.0
        Standard deviation of a Gaussian added to each coordinate.
    rng : numpy.random.Generator, int or None, default None
        Source of randomness.

    Returns
    -------
    X : ndarray of shape (n, 2)
        The points.
    y : ndarray of int, shape (n,)
        The class of the corner that each point belongs to.

    Raises
    ------
    ValueError
        `n` is no whole number from 2, or `noise` is negative.
    TypeError
        `rng` is no seed.

    Examples
    --------
    >>> from nnlib import data
    >>> X, y = data.xor()
    >>> X.tolist(), y.tolist()
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    >>> X, y = data.xor(100, noise=0.1, rng=0)
    >>> X.shape, int(y.sum())
    ((100, 2), 50)
    """
    rng = generator(rng, "xor")
    noise = real(noise, "noise", "xor", least=0)
    corner = np.arange(4) if n is None else rng.permutation(np.arange(whole(n, "n", "xor", least=2)) % 4)
    x1, x2 = corner // 2, corner % 2
    return _noisy(np.column_stack([x1, x2]).astype(np.float64), noise, rng), (x1 ^ x2).astype(np.intp)


def blobs(
    n: int, *, gap: float = 3.0, spread: float = 0.8, margin: float | None = None, rng: Seed = None
) -> Data:
    """Two round clouds, one a class, on either side of the line x1 + x2 = 0.

    Class 1 is a Gaussian around (gap / sqrt(8)) (1, 1), class 0 around the mirror image of that point, so
    that the centres lie `gap` apart.

    Parameters
    ----------
    n : int
        Number of points, half of them in each class.
    gap : float, default 3.0
        Distance between the two centres.
    spread : float, default 0.8
        Standard deviation of each cloud in each direction.
    margin : float, optional
        Least distance of every point from the line: a point that would lie nearer, or beyond, is mirrored
        to its own side. The classes are then separable, with at least this margin.
    rng : numpy.random.Generator, int or None, default None
        Source of randomness.

    Returns
    -------
    X : ndarray of shape (n, 2)
        The points.
    y : ndarray of int, shape (n,)
        The class of each.

    Raises
    ------
    ValueError
        `n` is no whole number from 2, or a number is negative.
    TypeError
        `rng` is no seed.

    Examples
    --------
    >>> from nnlib import data
    >>> X, y = data.blobs(200, margin=0.5, rng=0)
    >>> X.shape, int(y.sum())
    ((200, 2), 100)
    >>> bool((abs(X.sum(axis=1)) / 2**0.5 >= 0.5).all())
    True
    """
    rng = generator(rng, "blobs")
    y = _halves(n, "blobs", rng)
    side = 2.0 * y - 1.0
    gap, spread = real(gap, "gap", "blobs", least=0), real(spread, "spread", "blobs", least=0)
    along, across = spread * rng.standard_normal((2, len(y)))
    depth = 0.5 * gap + along  # how far each point lies on its own side of the line
    if margin is not None:
        margin = real(margin, "margin", "blobs", least=0)
        depth = margin + np.abs(depth - margin)
    u = side * depth
    return np.column_stack([u - across, u + across]) / np.sqrt(2.0), y


def moons(n: int, *, noise: float = 0.1, rng: Seed = None) -> Data:
    """Two half circles that reach into each other. A curve separates them, a line does not.

    With t from 0 to pi, class 0 is (cos t, sin t), and class 1 is (1 - cos t, 1/2 - sin t).

    Parameters
    ----------
    n : int
        Number of points, half of them in each class.
    noise : float, default 0.1
        Standard deviation of a Gaussian added to each coordinate.
    rng : numpy.random.Generator, int or None, default None
        Source of randomness.

    Returns
    -------
    X : ndarray of shape (n, 2)
        The points.
    y : ndarray of int, shape (n,)
        The class of each.

    Raises
    ------
    ValueError
        `n` is no whole number from 2, or `noise` is negative.
    TypeError
        `rng` is no seed.

    Examples
    --------
    >>> from nnlib import data
    >>> X, y = data.moons(200, rng=0)
    >>> X.shape, int(y.sum())
    ((200, 2), 100)
    """
    y, noise, rng = _begun(n, noise, rng, "moons")
    t = rng.uniform(0.0, np.pi, len(y))
    x1 = np.where(y == 1, 1.0 - np.cos(t), np.cos(t))
    x2 = np.where(y == 1, 0.5 - np.sin(t), np.sin(t))
    return _noisy(np.column_stack([x1, x2]), noise, rng), y


def circles(n: int, *, noise: float = 0.05, rng: Seed = None) -> Data:
    """Draw a ring of radius 1, class 0, around a ring of radius 1/2, class 1.

    Parameters
    ----------
    n : int
        Number of points, half of them in each class.
    noise : float, default 0.05
        Standard deviation of a Gaussian added to each coordinate.
    rng : numpy.random.Generator, int or None, default None
        Source of randomness.

    Returns
    -------
    X : ndarray of shape (n, 2)
        The points.
    y : ndarray of int, shape (n,)
        The class of each.

    Raises
    ------
    ValueError
        `n` is no whole number from 2, or `noise` is negative.
    TypeError
        `rng` is no seed.

    Examples
    --------
    >>> from nnlib import data
    >>> X, y = data.circles(200, noise=0, rng=0)
    >>> (X[y == 1] ** 2).sum(axis=1).max().round(12)
    np.float64(0.25)
    """
    y, noise, rng = _begun(n, noise, rng, "circles")
    t = rng.uniform(0.0, 2.0 * np.pi, len(y))
    radius = np.where(y == 1, 0.5, 1.0)
    return _noisy(np.column_stack([radius * np.cos(t), radius * np.sin(t)]), noise, rng), y


def minibatches(
    X: Any, y: Any, size: int, *, rng: Seed = None
) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Return every example once, in random order, in batches of `size`.

    Parameters
    ----------
    X, y : array_like
        Inputs and labels, with one row (or entry) an example.
    size : int
        Examples a batch; the last batch has what is left.
    rng : Generator, int or None
        Draws the order.

    Returns
    -------
    iterator of (ndarray, ndarray)
        Rows of X, and the entries of y that belong to them: one epoch.

    Raises
    ------
    ValueError
        X and y differ in length, or `size` is below 1.

    Notes
    -----
    Source: the lecture, slide "learning neural networks".

    Examples
    --------
    >>> from nnlib import data
    >>> X, y = data.moons(10, rng=0)
    >>> [len(batch) for batch, _ in data.minibatches(X, y, 4, rng=0)]
    [4, 4, 2]
    """
    size, rng = whole(size, "size", "minibatches", 1), generator(rng, "minibatches")
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim == 0 or y.ndim == 0 or len(X) != len(y):
        raise ValueError(
            f"minibatches takes one label for each example, but X is {X.shape} and y is {y.shape}. "
            "Were both filtered or split alike?"
        )
    order = rng.permutation(len(X))
    parts = [order[start : start + size] for start in range(0, len(X), size)]
    return ((X[part], y[part]) for part in parts)


def _begun(n: int, noise: float, rng: Seed, who: str) -> tuple[Labels, float, np.random.Generator]:
    """Check the arguments; return the classes, the noise and the generator."""
    generated = generator(rng, who)
    return _halves(n, who, generated), real(noise, "noise", who, least=0), generated


def _halves(n: int, who: str, rng: np.random.Generator) -> Labels:
    return rng.permutation(np.arange(whole(n, "n", who, least=2)) % 2).astype(np.intp)


def _noisy(X: Floats, noise: float, rng: np.random.Generator) -> Floats:
    return X + noise * rng.standard_normal(X.shape) if noise else X
