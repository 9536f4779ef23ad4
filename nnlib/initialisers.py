"""Where training starts: random weights of the right size. May import NumPy alone.

With n_in inputs, a weighted sum has n_in times the variance of one product. These rules choose the variance
of the weights so that sums neither grow nor fade from layer to layer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def glorot_uniform(n_out: int, n_in: int, rng: np.random.Generator) -> NDArray[Any]:
    """Return uniform weights between -a and a, with ``a^2 = 6 / (n_in + n_out)``: for sigmoid and tanh.

    Parameters
    ----------
    n_out, n_in : int
        Sizes of the layer's output and input.
    rng : Generator
        The source of randomness.

    Returns
    -------
    ndarray of shape (n_out, n_in)
        Weights with variance 2 / (n_in + n_out).

    Notes
    -----
    Source: X. Glorot and Y. Bengio, Understanding the difficulty of training deep feedforward neural
    networks, AISTATS 2010.

    Examples
    --------
    >>> glorot_uniform(3, 2, np.random.default_rng(0)).shape
    (3, 2)
    """
    a = (6.0 / (n_in + n_out)) ** 0.5
    return rng.uniform(-a, a, (n_out, n_in))


def he_uniform(n_out: int, n_in: int, rng: np.random.Generator) -> NDArray[Any]:
    """Return uniform weights between -a and a, with ``a^2 = 6 / n_in``: for relu, which halves variances.

    Parameters
    ----------
    n_out, n_in : int
        Sizes of the layer's output and input.
    rng : Generator
        The source of randomness.

    Returns
    -------
    ndarray of shape (n_out, n_in)
        Weights with variance 2 / n_in.

    Notes
    -----
    Source: K. He, X. Zhang, S. Ren and J. Sun, Delving deep into rectifiers, ICCV 2015.

    Examples
    --------
    >>> bool(np.abs(he_uniform(3, 6, np.random.default_rng(0))).max() <= 1.0)
    True
    """
    a = (6.0 / n_in) ** 0.5
    return rng.uniform(-a, a, (n_out, n_in))


def he_normal(n_out: int, n_in: int, rng: np.random.Generator) -> NDArray[Any]:
    """Return normal weights with variance ``2 / n_in``: for relu.

    Parameters
    ----------
    n_out, n_in : int
        Sizes of the layer's output and input.
    rng : Generator
        The source of randomness.

    Returns
    -------
    ndarray of shape (n_out, n_in)
        Weights.

    Notes
    -----
    Source: as `he_uniform`.

    Examples
    --------
    >>> he_normal(3, 2, np.random.default_rng(0)).shape
    (3, 2)
    """
    return rng.normal(0.0, (2.0 / n_in) ** 0.5, (n_out, n_in))


def zeros(n_out: int, n_in: int, rng: np.random.Generator) -> NDArray[Any]:
    """Return zeros: every hidden neuron then learns the same, which is why training never starts so.

    Parameters
    ----------
    n_out, n_in : int
        Sizes of the layer's output and input.
    rng : Generator
        Not used.

    Returns
    -------
    ndarray of shape (n_out, n_in)
        Weights.

    Examples
    --------
    >>> zeros(1, 2, np.random.default_rng(0))
    array([[0., 0.]])
    """
    return np.zeros((n_out, n_in))
