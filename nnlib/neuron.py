"""One neuron: a weighted sum and an activation. May import NumPy alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlib._checks import Floats, floats, real
from nnlib.activations import Activation, sigmoid


class Neuron:
    """One neuron: ``h = f(z)`` of the weighted sum ``z = w . x + b``.

    Parameters
    ----------
    w : array_like of shape (features,)
        The weights. They are copied.
    activation : Activation, default sigmoid
        The activation f, with its derivative.
    b : float, optional
        The bias. Without it the sum is w . x alone, as on the lecture's neuron slides: then put
        x_0 = 1 first in every x, and the bias first in w.

    Attributes
    ----------
    w : ndarray of shape (features,)
        The weights.
    b : float or None
        The bias.
    activation : Activation
        The activation f.

    Raises
    ------
    ValueError
        `w` is not one row of weights, or `b` is no finite number.
    TypeError
        `w` is not numeric, or `activation` is no activation of one sum.

    Notes
    -----
    Source: the lecture, slides "neurons" and "SGD for a sigmoidal neuron".

    Examples
    --------
    >>> import numpy as np
    >>> from nnlib import Neuron
    >>> neuron = Neuron([2.0, -1.0], b=-0.5)
    >>> float(neuron.affine([1.0, 0.5]))
    1.0
    >>> neuron(np.array([[1.0, 0.5], [0.0, -0.5]])).round(3)
    array([0.731, 0.5  ])
    """

    def __init__(self, w: Any, activation: Activation = sigmoid, b: float | None = None) -> None:
        self.w: Floats = np.array(floats(w, "Neuron: w"))
        if self.w.ndim != 1 or not self.w.size:
            raise ValueError(
                f"Neuron takes one weight for each input, w of shape (features,), but w is {self.w.shape}. "
                f"A single weight is written [2.0]."
            )
        if not callable(activation) or not hasattr(activation, "derivative"):
            raise TypeError(
                f"Neuron takes an activation such as nnlib.sigmoid or nnlib.relu, but got {activation!r}."
            )
        if not getattr(activation, "elementwise", True):
            raise TypeError(f"{activation!r} needs the sums of several neurons; one neuron has a single sum.")
        self.activation = activation
        self.b = None if b is None else real(b, "b", "Neuron")

    def affine(self, x: Any) -> Any:
        """Return the weighted sum ``z = w . x + b``.

        Parameters
        ----------
        x : array_like of shape (features,) or (n, features)
            One example, or one a row.

        Returns
        -------
        float or ndarray of shape (n,)
            One sum an example.

        Raises
        ------
        ValueError
            The last axis of `x` does not fit the weights.

        Examples
        --------
        >>> float(Neuron([1.0, 2.0]).affine([3.0, 4.0]))
        11.0
        """
        z = self._inputs(x).dot(self.w)
        return z if self.b is None else z + self.b

    def __call__(self, x: Any) -> Any:
        """Return the output ``h = f(z)``, one number an example."""
        return self.activation(self.affine(x))

    def delta(self, x: Any, y: Any) -> Any:
        """Return the error signal ``delta = (y - f(z)) f'(z)``.

        It is minus the derivative of ``E = (y - f(z))^2 / 2`` by the sum z: positive where the sum must
        rise. Many texts give delta the other sign.

        Parameters
        ----------
        x : array_like of shape (features,) or (n, features)
            One example, or one a row.
        y : float or array_like of shape (n,)
            The wanted output, one an example.

        Returns
        -------
        float or ndarray of shape (n,)
            One delta an example.

        Raises
        ------
        ValueError
            `x` does not fit the weights, or `y` does not fit `x`.

        Examples
        --------
        >>> float(Neuron([0.0, 0.0]).delta([1.0, 2.0], 1.0))   # (1 - 0.5) * 0.25
        0.125
        """
        z = self.affine(x)
        y = floats(y, "Neuron.delta: y").astype(z.dtype)
        if y.shape != np.shape(z):
            raise ValueError(
                f"Neuron.delta takes one wanted output for each example: y of shape {np.shape(z)}, "
                f"but y is {y.shape}. NumPy would broadcast them to wrong numbers; try y.ravel()."
            )
        d = (y - self.activation(z)) * self.activation.derivative(z)
        return d if d.ndim else d[()]

    def update(self, x: Any, y: float, alpha: float) -> Neuron:
        """Learn from one example: ``w <- w + alpha delta x`` and ``b <- b + alpha delta``.

        It is one step of stochastic gradient descent on ``E = (y - f(z))^2 / 2``.

        Parameters
        ----------
        x : array_like of shape (features,)
            One example.
        y : float
            Its wanted output.
        alpha : float
            The learning rate.

        Returns
        -------
        Neuron
            This neuron, with its new weights.

        Raises
        ------
        ValueError
            `x` is a batch, or does not fit the weights; `alpha` is no positive number.

        Examples
        --------
        >>> Neuron([0.0, 0.0]).update([1.0, 2.0], 1.0, alpha=0.8)
        Neuron([0.1, 0.2], sigmoid)
        """
        x = self._inputs(x)
        if x.ndim != 1:
            raise ValueError(
                f"Neuron.update learns from one example, x of shape {self.w.shape}, but x is {x.shape}. "
                f"Loop over the rows: for x_i, y_i in zip(x, y)."
            )
        step = real(alpha, "alpha", "Neuron.update", above=0) * self.delta(x, y)
        self.w = (self.w + step * x).astype(self.w.dtype)
        if self.b is not None:
            self.b = float(self.b + step)
        return self

    def _inputs(self, values: Any) -> Floats:
        x = floats(values, "Neuron: x")
        if x.ndim in (1, 2) and x.shape[-1] == len(self.w):
            return x
        if x.ndim not in (1, 2):
            hint = "Give one example (features,), or one a row (n, features)."
        elif self.b is None and x.shape[-1] == len(self.w) - 1:
            hint = "Without b= the bias is a weight: put x_0 = 1 first in every x, or give the bias as b=."
        else:
            hint = "Rows of x are examples."
        raise ValueError(
            f"{self!r} takes inputs of size {len(self.w)}, but the last axis of x has size "
            f"{x.shape[-1] if x.ndim else 'none'} (x is {x.shape}). {hint}"
        )

    def __repr__(self) -> str:
        w = np.array2string(self.w, separator=", ", threshold=6, edgeitems=2)
        bias = "" if self.b is None else f", b={self.b:g}"
        return f"Neuron({w}, {self.activation!r}{bias})"
