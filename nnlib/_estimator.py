"""What the models share: arguments by name, and the line of Perceptron and LogisticRegression.

They follow scikit-learn's conventions, so that its pipelines, searches and cross-validation accept them,
but nothing here needs scikit-learn. May import NumPy alone.
"""

from __future__ import annotations

import importlib
import inspect
from typing import Any, Self

import numpy as np

from nnlib._checks import Floats, Labels, labels, rows


class ConvergenceWarning(UserWarning):
    """A `fit` ended before it was done, or has no end; the message tells what to do.

    To go on without it where that is expected::

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", nnlib.ConvergenceWarning)
            model.fit(X, y)
    """


class NotFittedError(ValueError, AttributeError):
    """A model was asked for an answer before it has learned."""


class Estimator:
    """A model whose arguments can be read and changed by name, as scikit-learn's tools do."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the arguments of the constructor by name (scikit-learn's convention).

        Parameters
        ----------
        deep : bool, default True
            Without effect here: no argument is itself a model.

        Returns
        -------
        dict
            Name and value of every argument.
        """
        return {name: getattr(self, name) for name in _parameters(type(self))}

    def set_params(self, **params: Any) -> Self:
        """Change arguments of the constructor by name (scikit-learn's convention).

        Parameters
        ----------
        **params : object
            New values.

        Returns
        -------
        Estimator
            This model.

        Raises
        ------
        ValueError
            There is no argument of that name.
        """
        known = _parameters(type(self))
        for name, value in params.items():
            if name not in known:
                raise ValueError(
                    f"{type(self).__name__} has no parameter {name!r}. It has {', '.join(known)}."
                )
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        given = [
            f"{name}={getattr(self, name)!r}"
            for name, default in _parameters(type(self)).items()
            if not _same(getattr(self, name), default)
        ]
        return f"{type(self).__name__}({', '.join(given)})"


class LinearClassifier(Estimator):
    """A classifier with weights ``w_`` and bias ``b_`` that predicts 1 where ``w . x + b > 0``."""

    _estimator_type = "classifier"

    w_: Floats
    b_: float
    classes_: Labels
    n_features_in_: int

    def decision_function(self, X: Any) -> Floats:
        """Return the sum ``z = w . x + b`` of every row of X.

        Parameters
        ----------
        X : array_like of shape (n, features)
            One example a row.

        Returns
        -------
        ndarray of shape (n,)
            Above 0 on the side of class 1; 0 on the boundary.

        Raises
        ------
        NotFittedError
            `fit` has not run.
        ValueError
            X is not two-dimensional, has another number of features, or holds NaN or infinity.
        """
        who = type(self).__name__
        if not self.__sklearn_is_fitted__():
            raise NotFittedError(f"This {who} has no weights yet: call fit(X, y) first.")
        return sums(rows(X, who, self.n_features_in_), self.w_, self.b_)

    def predict(self, X: Any) -> Labels:
        """Return 1 for every row of X with ``w . x + b > 0``, and 0 for the others.

        Parameters
        ----------
        X : array_like of shape (n, features)
            One example a row.

        Returns
        -------
        ndarray of int, shape (n,)
            0 or 1 an example.

        Raises
        ------
        NotFittedError
            `fit` has not run.
        ValueError
            X is not two-dimensional, has another number of features, or holds NaN or infinity.
        """
        return (self.decision_function(X) > 0).astype(np.intp)

    def score(self, X: Any, y: Any) -> float:
        """Return the share of rows of X that `predict` labels as y does.

        Parameters
        ----------
        X : array_like of shape (n, features)
            One example a row.
        y : array_like of shape (n,)
            Labels 0 and 1.

        Returns
        -------
        float
            The accuracy, between 0 and 1.

        Raises
        ------
        NotFittedError
            `fit` has not run.
        ValueError
            X or y are of the wrong shape, or y holds other labels than 0 and 1.
        """
        predicted = self.predict(X)
        return float(np.mean(predicted == labels(y, len(predicted), f"{type(self).__name__}.score")))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "w_")

    def __sklearn_tags__(self) -> Any:
        sklearn = importlib.import_module("sklearn.utils")  # only scikit-learn asks for its tags
        return sklearn.Tags(
            estimator_type="classifier",
            target_tags=sklearn.TargetTags(required=True),
            classifier_tags=sklearn.ClassifierTags(multi_class=False),
            input_tags=sklearn.InputTags(),
        )

    def _learned(self, w: Floats, b: float) -> None:
        self.w_, self.b_ = w, b
        self.classes_ = np.array([0, 1])
        self.n_features_in_ = len(w)


def sums(X: Floats, w: Any, b: float) -> Floats:
    """Return ``X @ w + b``; in the plane to the last digit as a plain loop adds it up."""
    z: Floats = w[0] * X[:, 0] + w[1] * X[:, 1] if X.shape[1] == 2 else X @ w
    return z + X.dtype.type(b)


def _parameters(kind: type) -> dict[str, Any]:
    signature = inspect.signature(kind)
    return {name: parameter.default for name, parameter in signature.parameters.items()}


def _same(value: Any, default: Any) -> bool:
    return value is default or (type(value) is type(default) and np.ndim(value) == 0 and value == default)
