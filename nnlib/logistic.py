"""Logistic regression: one neuron with a sigmoid, trained by its slope. May import NumPy alone."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any, Self

import numpy as np

from nnlib._checks import Floats, Labels, labels, real, rows, whole
from nnlib._estimator import ConvergenceWarning, LinearClassifier
from nnlib.activations import sigmoid


class LogisticRegression(LinearClassifier):
    """One sigmoid neuron that learns probabilities: ``p = sigmoid(w . x + b)`` for class 1.

    `fit` makes the cross-entropy as small as it gets,
    ``E = mean_i(-y_i log p_i - (1 - y_i) log(1 - p_i)) + l2/2 |w|^2``.
    Its gradient is ``dE/dw = mean_i((p_i - y_i) x_i) + l2 w`` and ``dE/db = mean_i(p_i - y_i)``.

    Parameters
    ----------
    alpha : float, optional
        Learning rate of gradient descent: ``w <- w - alpha dE/dw``. Without it, Newton's method divides the
        gradient by the curvature, ``w <- w - H^-1 dE/dw``, and needs no rate: some ten epochs instead of
        thousands, to the same minimum.
    l2 : float, default 0.0
        Penalty on long weights (the bias goes free). In scikit-learn's terms, C = 1 / (n l2).
    max_epochs : int, default 1000
        Steps, each over all examples, after which `fit` gives up.
    tol : float, default 1e-8
        With a rate, `fit` is done when no entry of the gradient, divided by the largest value of its feature,
        is above this; without, when Newton's step moves no sum z by more.

    Attributes
    ----------
    w_ : ndarray of shape (features,)
        The learned weights.
    b_ : float
        The learned bias.
    converged_ : bool
        Whether w_ and b_ are at the minimum.
    loss_curve_ : list of float
        E before the first step and after every step.
    n_iter_ : int
        Number of steps.
    classes_ : ndarray
        The labels, 0 and 1.
    n_features_in_ : int
        Number of features seen by `fit`.

    Notes
    -----
    Where a line separates the classes and l2 is 0, E has no minimum: twice the weights are always better.
    `fit` then stops with `converged_` false and a warning.

    Sources: the lecture, slide "logistic regression: single layer NN"; C. M. Bishop (2006), *Pattern
    Recognition and Machine Learning*, sections 4.3.2 and 4.3.3.

    Examples
    --------
    >>> from nnlib import LogisticRegression
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1]
    >>> model = LogisticRegression().fit(X, y)
    >>> model.w_.round(3), round(model.b_, 3)
    (array([0.908]), -1.362)
    >>> model.predict_proba([[1.5]]).round(3)
    array([[0.5, 0.5]])
    """

    converged_: bool
    loss_curve_: list[float]
    n_iter_: int

    def __init__(
        self, alpha: float | None = None, *, l2: float = 0.0, max_epochs: int = 1000, tol: float = 1e-8
    ) -> None:
        self.alpha = alpha
        self.l2 = l2
        self.max_epochs = max_epochs
        self.tol = tol

    def fit(self, X: Any, y: Any) -> Self:
        """Learn w and b from labeled examples.

        Parameters
        ----------
        X : array_like of shape (n, features)
            One example a row.
        y : array_like of shape (n,)
            Labels 0 and 1, both present.

        Returns
        -------
        LogisticRegression
            This model.

        Raises
        ------
        ValueError
            X or y are of the wrong shape, are empty, or hold other values than finite numbers and labels 0
            and 1; y holds one class only; or an argument of the constructor is out of range.
        TypeError
            X is not numeric.
        FloatingPointError
            The loss became NaN or infinite: the learning rate is too large for these numbers.

        Warns
        -----
        ConvergenceWarning
            `max_epochs` passed before the gradient was small, or E has no minimum.
        """
        who = "LogisticRegression.fit"
        alpha = None if self.alpha is None else real(self.alpha, "alpha", who, above=0)
        l2 = real(self.l2, "l2", who, least=0)
        tol = real(self.tol, "tol", who, above=0)
        max_epochs = whole(self.max_epochs, "max_epochs", who, least=1)
        X = rows(X, who)
        y = labels(y, len(X), who)
        if y.min() == y.max():
            raise ValueError(f"{who} needs examples of both classes, but every label is {y[0]}.")

        A = np.column_stack([np.ones(len(X)), X.astype(np.float64)])  # x_0 = 1: the bias is weight 0
        penalty = np.full(A.shape[1], l2)
        penalty[0] = 0.0
        descent = _newton(A, y, penalty, tol) if alpha is None else _descent(A, y, penalty, tol, alpha)
        self.loss_curve_ = []
        for epoch, reached in enumerate(descent):
            v, loss, end = reached
            if not np.isfinite(loss):
                raise FloatingPointError(
                    f"LogisticRegression: the loss is {loss} in epoch {epoch} with alpha={alpha}. "
                    f"Take a smaller alpha, or bring the features to similar sizes near 1."
                )
            self.loss_curve_.append(loss)
            if end or epoch == max_epochs:
                break

        self._learned(v[1:].astype(X.dtype), float(v[0]))
        self.n_iter_ = epoch
        if l2 == 0 and np.all((2 * y - 1) * (A @ v) > 0):  # a line separates the classes
            end = "flat"
        self.converged_ = end == "minimum"
        if not self.converged_:
            warnings.warn(self._excuse(end == "flat"), ConvergenceWarning, stacklevel=2)
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Return the probability of each class, ``p = sigmoid(w . x + b)`` for class 1.

        Parameters
        ----------
        X : array_like of shape (n, features)
            One example a row.

        Returns
        -------
        ndarray of shape (n, 2)
            1 - p and p; each row adds up to 1.

        Raises
        ------
        NotFittedError
            `fit` has not run.
        ValueError
            X is not two-dimensional, has another number of features, or holds NaN or infinity.
        """
        z = self.decision_function(X)
        return np.column_stack([sigmoid(-z), sigmoid(z)])

    def _excuse(self, flat: bool) -> str:
        if flat:
            return (
                "LogisticRegression has no best weights here: a line separates the classes, so longer "
                "weights always lower the loss. Give l2 > 0 to keep them short, or take a Perceptron."
            )
        rate = "" if self.alpha is None else ", a larger alpha, or no alpha (Newton's method)"
        return (
            f"LogisticRegression did not converge: the loss still fell after max_epochs={self.max_epochs} "
            f"steps. Give more max_epochs{rate}; or be content with a larger tol than {self.tol:g}."
        )


# Both roads down yield, before every step, the weights v with the bias first, the loss there, and how the
# road ends: "" if it goes on, "minimum" at the bottom, "flat" where it falls for ever, ever more slowly.


def _descent(
    A: Floats, y: Labels, penalty: Floats, tol: float, alpha: float
) -> Iterator[tuple[Floats, float, str]]:
    """Gradient descent: ``v <- v - alpha dE/dv``."""
    v = np.zeros(A.shape[1])
    size = np.maximum(np.max(np.abs(A), axis=0), 1e-300)
    while True:
        with np.errstate(over="ignore", invalid="ignore"):  # the caller refuses a loss that is not finite
            loss, gradient = _loss(A, y, v, penalty), _gradient(A, y, v, penalty)
        yield v, loss, "minimum" if np.all(np.abs(gradient) <= tol * size) else ""
        with np.errstate(over="ignore", invalid="ignore"):
            v = v - alpha * gradient


def _newton(A: Floats, y: Labels, penalty: Floats, tol: float) -> Iterator[tuple[Floats, float, str]]:
    """Newton's method: ``v <- v - H^-1 dE/dv``, with ``H = A^T diag(p (1 - p)) A / n + penalty``.

    The curvature H is scaled to a diagonal of ones, so that features of any size do. Least squares pass over
    directions along which nothing changes, such as the difference of two equal columns.
    """
    v = np.zeros(A.shape[1])
    while True:
        loss, gradient = _loss(A, y, v, penalty), _gradient(A, y, v, penalty)
        H = (A.T * sigmoid.derivative(A @ v)) @ A / len(A) + np.diag(penalty)
        unit = np.sqrt(np.maximum(np.diagonal(H), 1e-300))
        step = np.linalg.lstsq(H / np.outer(unit, unit), gradient / unit, rcond=None)[0] / unit
        if np.all(np.abs(A @ step) <= tol):
            end = "minimum"
        else:
            end = "flat" if np.all(np.abs(gradient) <= 1e-14 * np.max(np.abs(A), axis=0)) else ""
        yield v, loss, end
        while _loss(A, y, v - step, penalty) > loss * (1.0 + 1e-12):
            step = step / 2.0  # too far: the curvature changes on the way
        v = v - step


def _loss(A: Floats, y: Labels, v: Floats, penalty: Floats) -> float:
    """Return E; as ``-log(sigmoid(z)) = log(1 + exp(-z))``, no logarithm meets a 0."""
    z = A @ v
    return float(np.mean(np.logaddexp(0.0, z) - y * z) + 0.5 * penalty @ (v * v))


def _gradient(A: Floats, y: Labels, v: Floats, penalty: Floats) -> Floats:
    slope: Floats = (sigmoid(A @ v) - y) @ A / len(A) + penalty * v
    return slope
