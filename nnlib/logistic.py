"""Logistic regression: one neuron with a sigmoid, trained by its slope. May import NumPy alone."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np

from nnlib._checks import Floats, labels, real, rows, whole
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
        `fit` is done when no entry of the gradient is larger than this.

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
    Where a line separates the classes and l2 is 0, E has no minimum: twice the weights are always better. `fit` then
    stops with `converged_` false and a warning.

    Sources: the lecture, slide "logistic regression: single layer NN"; C. M. Bishop (2006), *Pattern Recognition
    and Machine Learning*, sections 4.3.2 and 4.3.3.

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
            X or y are of the wrong shape, are empty, or hold other values than finite numbers and labels 0 and 1;
            y holds one class only; or an argument of the constructor is out of range.
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
        v = np.zeros(A.shape[1])
        self.loss_curve_ = []
        settled = False
        with np.errstate(over="ignore", invalid="ignore"):
            for epoch in range(max_epochs + 1):
                z = A @ v
                loss = cross_entropy(y, z) + 0.5 * float(penalty @ (v * v))
                if not np.isfinite(loss):
                    raise FloatingPointError(
                        f"LogisticRegression: the loss is {loss} in epoch {epoch} with alpha={alpha}. "
                        f"Take a smaller alpha, or bring the features to similar sizes near 1."
                    )
                self.loss_curve_.append(loss)
                p = sigmoid(z)
                gradient = (p - y) @ A / len(A) + penalty * v
                settled = bool(np.max(np.abs(gradient)) <= tol)
                if settled or epoch == max_epochs:
                    break
                v = v - (newton(A, z, gradient, penalty) if alpha is None else alpha * gradient)

        self._learned(v[1:].astype(X.dtype), float(v[0]))
        self.n_iter_ = len(self.loss_curve_) - 1
        separated = l2 == 0 and bool(np.all((z > 0) == (y == 1)))
        self.converged_ = settled and not separated
        if not self.converged_:
            warnings.warn(self._excuse(separated, gradient), ConvergenceWarning, stacklevel=2)
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

    def _excuse(self, separated: bool, gradient: Floats) -> str:
        if separated:
            return (
                "LogisticRegression has no best weights here: a line separates the classes, so longer weights "
                "always lower the loss. Give l2 > 0 to keep them short, or take a Perceptron."
            )
        more = (
            "more max_epochs or a larger alpha; or no alpha, for Newton's method"
            if self.alpha
            else "more max_epochs"
        )
        return (
            f"LogisticRegression did not converge: after {self.n_iter_} steps an entry of the gradient is still "
            f"{np.max(np.abs(gradient)):.1e}, above tol={self.tol:g}. Give {more}."
        )


def cross_entropy(y: Any, z: Floats) -> float:
    """Return ``mean(-y log p - (1 - y) log(1 - p))`` with ``p = sigmoid(z)``, without taking a log of 0."""
    return float(np.mean(np.logaddexp(0.0, z) - y * z))


def newton(A: Floats, z: Floats, gradient: Floats, penalty: Floats) -> Floats:
    """Return ``H^-1 gradient`` with the curvature ``H = A' diag(p (1 - p)) A / n + penalty``."""
    H = (A.T * sigmoid.derivative(z)) @ A / len(A) + np.diag(penalty)
    step: Floats = np.linalg.lstsq(H, gradient, rcond=None)[0]
    return step
