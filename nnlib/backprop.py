"""Backpropagation, layer by layer, with every number in view. May import layers.py, losses.py and autodiff.

It is no second library: it calls the rules that `grad` calls, one layer at a time, and keeps what flows by.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlib._checks import floats
from nnlib.activations import identity
from nnlib.autodiff.reverse import vjp
from nnlib.layers import Sequential
from nnlib.losses import squared_error


@dataclass(frozen=True)
class Trace:
    """What one forward and one backward pass compute.

    Attributes
    ----------
    loss : float
        E.
    h : list of ndarray
        ``h[0]`` is x; ``h[l + 1] = f(z[l])`` is what layer l gives.
    z : list of ndarray
        ``z[l] = W h[l] + b``, the weighted sums of layer l.
    deltas : list of ndarray
        ``deltas[l] = -dE/dz[l]``, the lecture's sign: of the last layer (y - f) f'(z) for the squared error,
        of all others (W of the next layer)^T (its delta) f'(z).
    grads : Sequential
        dE/dW and dE/db, shaped like the network: ``grads.layers[l].W`` is -(delta of layer l) h[l].
    """

    loss: float
    h: list[Any]
    z: list[Any]
    deltas: list[Any]
    grads: Sequential


def backprop(net: Sequential, x: Any, y: Any, loss: Callable[[Any, Any], Any] = squared_error) -> Trace:
    """Run a network forward, and its errors backward.

    ``w <- w + alpha delta h`` is the lecture's update, which is ``w <- w - alpha dE/dw``.

    Parameters
    ----------
    net : Sequential
        The network.
    x : array_like of shape (n_in,) or (n, n_in)
        One sample, or a batch.
    y : array_like
        What the network should give, as `loss` takes it.
    loss : callable, default squared_error
        loss(y, out) gives one number.

    Returns
    -------
    Trace
        Loss, outputs, sums, deltas and gradients of every layer.

    Raises
    ------
    ValueError
        Where shapes do not fit, or the loss gives more than one number.

    Notes
    -----
    A layer without an activation of its own (a function between layers) counts its output as z.

    Sources: the lecture, slides "updating the deltas" and "essence of backpropagation"; D. Rumelhart, G.
    Hinton and R. Williams, Learning representations by back-propagating errors, Nature 323 (1986), 533-536.

    Examples
    --------
    >>> import nnlib
    >>> from nnlib.layers import Dense
    >>> net = Sequential(Dense(1, 1, nnlib.sigmoid, W=[[0.0]]))
    >>> trace = backprop(net, [2.0], [1.0])
    >>> print(trace.loss, trace.deltas[0], trace.grads.layers[0].W)
    0.125 [0.125] [[-0.25]]
    """
    h, z, pulls = [floats(x, "backprop: x")], [], []
    for layer in net.layers:
        parameters = [layer] if hasattr(layer, "leaves") else []
        z_l, pull_z = vjp(_sums if parameters else layer, *parameters, h[-1])
        h_l, pull_f = vjp(getattr(layer, "activation", identity), z_l)
        h.append(h_l)
        z.append(z_l)
        pulls.append((pull_z, pull_f))
    E, pull = vjp(lambda out: loss(y, out), h[-1])
    if np.shape(E) != ():
        raise ValueError(
            f"backprop: the loss gives an array of shape {np.shape(E)}, but one number is needed."
        )
    (g,) = pull(np.ones((), np.asarray(E).dtype)[()])
    deltas: list[Any] = []
    leaves: list[Any] = []
    for pull_z, pull_f in reversed(pulls):
        (gz,) = pull_f(g)
        deltas.insert(0, -gz)
        *layers, g = pull_z(gz)
        leaves = [leaf for layer in layers for leaf in layer.leaves()] + leaves
    return Trace(float(E), h, z, deltas, net.like(leaves))


def _sums(layer: Any, x: Any) -> Any:
    """z: before the activation, where the layer has one of its own."""
    return getattr(layer, "affine", layer)(x)
