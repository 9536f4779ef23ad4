"""How weights learn from gradients: ``params = optimiser.step(params, grads)``. May import autodiff.

Each optimiser is the lecture's ``w <- w - alpha grad F`` with another step, on one vector that holds every
parameter. A network is changed in place and returned; arrays, tuples, lists and dicts are left as they are,
and new ones returned. An optimiser remembers its past, so each training run takes a fresh one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib._checks import real, whole
from nnlib.autodiff.trees import flatten, leaf, matched

Schedule = Callable[[int], float]


class Optimiser:
    """What all optimisers share: the rate, weight decay, and the vector of all parameters.

    A subclass writes `_update(w, g, lr)`, which changes the vector w in place; `_state` gives it vectors
    that are kept from step to step, zero at first.
    """

    def __init__(self, lr: float | Schedule, *, weight_decay: float = 0.0) -> None:
        who = type(self).__name__
        self.lr = lr if callable(lr) else real(lr, "lr", who, least=0.0)
        self.weight_decay = real(weight_decay, "weight_decay", who, least=0.0)
        self.t = 0  # steps taken
        self._kept: dict[str, Any] = {}

    def step(self, params: Any, grads: Any) -> Any:
        """Return the parameters after one step.

        Parameters
        ----------
        params : network, array, tuple, list or dict
            The parameters w.
        grads : the same
            The gradient dE/dw, as `nnlib.grad` gives it.

        Returns
        -------
        network, array, tuple, list or dict
            w after the step. A network is the same object, changed in place.

        Raises
        ------
        ValueError
            Where params and grads are not built alike, or are not those of the steps before.
        """
        if _has_vector(params) and _has_vector(grads):
            if grads.flat.shape != params.flat.shape:
                raise ValueError(self._unlike(grads.flat, params.flat))
            self._step(params.flat, grads.flat)
            return params
        leaves, build = flatten(params)
        leaves = [leaf(x) for x in leaves]
        slopes = matched(grads, leaves, params, "grads", "params")
        w, g = (np.concatenate([np.ravel(x) for x in xs]) for xs in (leaves, slopes))
        self._step(w, g)
        edges = np.cumsum([0, *(x.size for x in leaves)]).tolist()
        return build(
            [
                w[a:b].reshape(x.shape).astype(x.dtype)[()]
                for a, b, x in zip(edges, edges[1:], leaves, strict=False)
            ]
        )

    def _step(self, w: Any, g: Any) -> None:
        lr = self.lr(self.t) if callable(self.lr) else self.lr
        self.t += 1
        self._update(w, self._decayed(w, g), lr)

    def _decayed(self, w: Any, g: Any) -> Any:
        """The gradient of E + weight_decay / 2 |w|^2."""
        return g + self.weight_decay * w if self.weight_decay else g

    def _update(self, w: Any, g: Any, lr: float) -> None:
        raise NotImplementedError

    def _state(self, name: str, w: Any) -> Any:
        """Return a vector like w that is kept between steps."""
        try:
            kept = self._kept[name]
        except KeyError:
            kept = self._kept[name] = np.zeros_like(w)
        if kept.shape != w.shape:
            raise ValueError(self._unlike(w, kept))
        return kept

    def _unlike(self, got: Any, want: Any) -> str:
        return (
            f"{type(self).__name__}.step got {got.size} numbers where it expects {want.size}: "
            "params and grads belong to one model, and an optimiser to one training run. "
            "Make a new one for each."
        )

    def __repr__(self) -> str:
        decay = f", weight_decay={self.weight_decay}" if self.weight_decay else ""
        return f"{type(self).__name__}(lr={self.lr}{decay})"


class SGD(Optimiser):
    """Gradient descent: ``w <- w - lr g``.

    It is stochastic where g comes from one sample or a mini-batch.

    Parameters
    ----------
    lr : float or callable
        The learning rate alpha, or a schedule: step number (from 0) -> rate.
    weight_decay : float, default 0
        Adds weight_decay * w to the gradient: a penalty on long weights.

    Notes
    -----
    Source: the lecture, slide "learning neural networks"; H. Robbins and S. Monro, A stochastic approximation
    method, Annals of Mathematical Statistics 22 (1951), 400-407.

    Examples
    --------
    >>> SGD(lr=0.1).step(np.array([1.0, 2.0]), np.array([10.0, 0.0]))
    array([0., 2.])
    """

    def _update(self, w: Any, g: Any, lr: float) -> None:
        step = self._state("step", w)
        np.multiply(g, lr, step)
        np.subtract(w, step, w)


class Momentum(Optimiser):
    """Gradient descent that keeps rolling: ``v <- momentum v + g``, ``w <- w - lr v``.

    Parameters
    ----------
    lr : float or callable
        The learning rate, or a schedule: step number (from 0) -> rate.
    momentum : float, default 0.9
        How much of the last step stays: 0 is SGD.
    nesterov : bool, default False
        Whether to look ahead: ``w <- w - lr (g + momentum v)``.
    weight_decay : float, default 0
        Adds weight_decay * w to the gradient.

    Notes
    -----
    Source: B. Polyak, Some methods of speeding up the convergence of iteration methods, 1964; Y.
    Nesterov, 1983; I. Sutskever, J. Martens, G. Dahl and G. Hinton, ICML 2013, for the form used here.

    Examples
    --------
    >>> opt = Momentum(lr=1.0, momentum=0.5)
    >>> w = opt.step(0.0, 1.0)
    >>> float(opt.step(w, 1.0))
    -2.5
    """

    def __init__(
        self,
        lr: float | Schedule,
        momentum: float = 0.9,
        *,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(lr, weight_decay=weight_decay)
        self.momentum = real(momentum, "momentum", "Momentum", least=0.0)
        self.nesterov = nesterov

    def _update(self, w: Any, g: Any, lr: float) -> None:
        v = self._state("v", w)
        v *= self.momentum
        v += g
        w -= lr * (g + self.momentum * v) if self.nesterov else lr * v


class RMSProp(Optimiser):
    """Steps divided by the size of recent gradients.

    ``v <- rho v + (1 - rho) g^2`` and ``w <- w - lr g / (sqrt(v) + eps)``.

    Parameters
    ----------
    lr : float or callable, default 0.01
        The learning rate, or a schedule: step number (from 0) -> rate.
    rho : float, default 0.99
        How long gradients are remembered.
    eps : float, default 1e-8
        Added to sqrt(v): no division by 0.
    weight_decay : float, default 0
        Adds weight_decay * w to the gradient.

    Notes
    -----
    Source: T. Tieleman and G. Hinton, Neural Networks for Machine Learning, lecture 6.5, Coursera 2012.

    Examples
    --------
    >>> round(float(RMSProp(lr=0.1).step(3.0, 5.0)), 6)
    2.0
    """

    def __init__(
        self, lr: float | Schedule = 0.01, rho: float = 0.99, eps: float = 1e-8, *, weight_decay: float = 0.0
    ) -> None:
        super().__init__(lr, weight_decay=weight_decay)
        self.rho = _share(rho, "rho", "RMSProp")
        self.eps = real(eps, "eps", "RMSProp", least=0.0)

    def _update(self, w: Any, g: Any, lr: float) -> None:
        v = self._state("v", w)
        v *= self.rho
        v += (1.0 - self.rho) * g * g
        w -= lr * g / (np.sqrt(v) + self.eps)


class Adam(Optimiser):
    """Momentum, with steps divided by the size of recent gradients.

    ``m <- beta1 m + (1 - beta1) g`` and ``v <- beta2 v + (1 - beta2) g^2``. Both start at 0, so step t
    divides them by 1 - beta^t, and ``w <- w - lr m / (sqrt(v) + eps)``.

    Parameters
    ----------
    lr : float or callable, default 0.001
        The learning rate, or a schedule: step number (from 0) -> rate.
    beta1, beta2 : float
        How long gradients, and their squares, are remembered.
    eps : float, default 1e-8
        Added to sqrt(v): no division by 0.
    weight_decay : float, default 0
        Adds weight_decay * w to the gradient. `AdamW` shrinks the weights themselves instead.

    Notes
    -----
    Source: D. Kingma and J. Ba, Adam: a method for stochastic optimization, ICLR 2015.

    Examples
    --------
    >>> Adam(lr=0.5).step(np.array([1.0, 1.0]), np.array([100.0, -0.01])).round(4)
    array([0.5, 1.5])
    """

    def __init__(
        self,
        lr: float | Schedule = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        *,
        weight_decay: float = 0.0,
    ) -> None:
        who = type(self).__name__
        super().__init__(lr, weight_decay=weight_decay)
        self.beta1, self.beta2 = _share(beta1, "beta1", who), _share(beta2, "beta2", who)
        self.eps = real(eps, "eps", who, least=0.0)

    def _update(self, w: Any, g: Any, lr: float) -> None:
        """Ten operations in place: m and v are kept without (1 - beta), which goes into the step."""
        b1, b2 = self.beta1, self.beta2
        m, v, u = self._state("m", w), self._state("v", w), self._state("u", w)
        c = math.sqrt((1.0 - b2) / (1.0 - b2**self.t))
        m *= b1
        m += g
        v *= b2
        np.multiply(g, g, u)
        v += u
        np.sqrt(v, u)
        u += self.eps / c
        np.divide(m, u, u)
        u *= lr * (1.0 - b1) / (1.0 - b1**self.t) / c
        w -= u


class AdamW(Adam):
    """Adam whose weight decay does not pass through m and v.

    ``w <- (1 - lr weight_decay) w``, and then Adam's step.

    Parameters
    ----------
    lr, beta1, beta2, eps
        As for `Adam`.
    weight_decay : float, default 0.01
        How much the weights shrink.

    Notes
    -----
    Source: I. Loshchilov and F. Hutter, Decoupled weight decay regularization, ICLR 2019.

    Examples
    --------
    >>> float(AdamW(lr=0.1, weight_decay=0.5).step(1.0, 0.0))
    0.95
    """

    def __init__(
        self,
        lr: float | Schedule = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        *,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(lr, beta1, beta2, eps, weight_decay=weight_decay)

    def _decayed(self, w: Any, g: Any) -> Any:
        return g

    def _update(self, w: Any, g: Any, lr: float) -> None:
        w *= 1.0 - lr * self.weight_decay
        super()._update(w, g, lr)


def _has_vector(tree: Any) -> bool:
    """Whether all parameters lie in one vector, as those of a Sequential do."""
    return hasattr(tree, "leaves") and hasattr(tree, "flat")


def _share(value: Any, name: str, who: str) -> float:
    share = real(value, name, who, least=0.0)
    if share >= 1:
        raise ValueError(f"{who} takes {name} from 0 to below 1, but got {value!r}.")
    return share


# ----------------------------------------------------------------------------------------------- schedules
def exponential(lr: float, factor: float, every: int = 1) -> Schedule:
    """Return a schedule that multiplies the rate by `factor` after each `every` steps.

    Parameters
    ----------
    lr : float
        The rate at first.
    factor : float
        Below 1 to slow down.
    every : int, default 1
        Steps between changes.

    Returns
    -------
    callable
        Step number (from 0) -> rate.

    Examples
    --------
    >>> rate = exponential(0.1, 0.5, every=10)
    >>> rate(9), rate(10)
    (0.1, 0.05)
    """
    every = whole(every, "every", "exponential", 1)
    lr, factor = real(lr, "lr", "exponential", least=0.0), real(factor, "factor", "exponential", above=0.0)
    return lambda t: lr * factor ** (t // every)


def cosine(lr: float, steps: int, *, warmup: int = 0) -> Schedule:
    """Return a schedule that rises over `warmup` steps to lr, then falls along half a cosine to 0.

    Parameters
    ----------
    lr : float
        The highest rate.
    steps : int
        Steps of the whole training; the rate is 0 from there on.
    warmup : int, default 0
        Steps of the rise.

    Returns
    -------
    callable
        Step number (from 0) -> rate.

    Notes
    -----
    Source: I. Loshchilov and F. Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017.

    Examples
    --------
    >>> rate = cosine(1.0, steps=100, warmup=10)
    >>> rate(0), rate(10), round(rate(55), 3), rate(100)
    (0.1, 1.0, 0.5, 0.0)
    """
    lr = real(lr, "lr", "cosine", least=0.0)
    warmup = whole(warmup, "warmup", "cosine", 0)
    steps = whole(steps, "steps", "cosine", warmup + 1)

    def rate(t: int) -> float:
        if t < warmup:
            return lr * (t + 1) / warmup
        way = min(1.0, (t - warmup) / (steps - warmup))
        return lr * 0.5 * (1.0 + math.cos(math.pi * way))

    return rate
