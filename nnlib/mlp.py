"""Multi-layer perceptrons as models: fit, predict, score. May import layers.py, losses.py, optim.py and autodiff.

They take scikit-learn's arguments and conventions, so that its pipelines, searches and cross-validation accept
them, but nothing here needs scikit-learn.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nnlib._checks import Floats, Seed, floats, generator, real, rows, whole
from nnlib._estimator import ConvergenceWarning, Estimator, NotFittedError
from nnlib._progress import Progress
from nnlib.activations import identity, leaky_relu, relu, sigmoid, softmax, tanh
from nnlib.autodiff.reverse import value_and_grad
from nnlib.layers import Dense, Sequential
from nnlib.losses import cross_entropy, squared_error
from nnlib.optim import Adam, Momentum, Optimiser

ACTIVATIONS: dict[str, Callable[..., Any]] = {
    "relu": relu,
    "tanh": tanh,
    "logistic": sigmoid,
    "sigmoid": sigmoid,
    "identity": identity,
    "leaky_relu": leaky_relu,
}


class _MLP(Estimator):
    """What classifier and regressor share: the arguments, and training by mini-batches."""

    net_: Sequential
    n_features_in_: int
    n_iter_: int
    n_outputs_: int
    loss_: float
    loss_curve_: list[float]
    validation_scores_: list[float]
    converged_: bool

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] | int = (100,),
        activation: str | Callable[..., Any] = "relu",
        *,
        solver: str = "adam",
        alpha: float = 1e-4,
        batch_size: int | str = "auto",
        learning_rate_init: float = 1e-3,
        momentum: float = 0.9,
        max_iter: int = 200,
        tol: float = 1e-4,
        n_iter_no_change: int = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        verbose: bool = False,
        rng: Seed = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.momentum = momentum
        self.max_iter = max_iter
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.verbose = verbose
        self.rng = rng

    # What classifier and regressor do differently

    def _targets(self, y: Any, X: Floats) -> NDArray[Any]:
        raise NotImplementedError

    def _loss(self, Y: Any, out: Any) -> Any:
        raise NotImplementedError

    def score(self, X: Any, y: Any) -> float:
        raise NotImplementedError

    # Training

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from examples, from new random weights on.

        Parameters
        ----------
        X : array_like of shape (n, features)
            One example a row. float32 is trained in float32, all else in float64.
        y : array_like
            Labels of a classifier, (n,); numbers of a regressor, (n,) or (n, outputs).

        Returns
        -------
        Self
            The model.

        Raises
        ------
        TypeError, ValueError
            X or y have the wrong shape or type or hold NaN; y holds one class only; an argument of the
            constructor is out of range.
        FloatingPointError
            The loss became NaN or infinite.

        Warns
        -----
        ConvergenceWarning
            The loss still fell after `max_iter` epochs.
        """
        who = type(self).__name__
        rng = generator(self.rng, who)
        X = rows(X, who)
        Y = self._targets(y, X)
        sizes = [X.shape[1], *self._hidden(), Y.shape[1]]
        f, optimiser = self._activation(), self._optimiser()
        layers = [Dense(a, b, f, rng=rng) for a, b in pairwise(sizes[:-1])]
        net = Sequential(*layers, Dense(*sizes[-2:], rng=rng)).astype(X.dtype)
        self.net_, self.n_features_in_, self.n_outputs_ = net, X.shape[1], Y.shape[1]
        kept = self._train(net, optimiser, X, Y, y, rng)
        net.flat[:] = kept
        return self

    def _train(
        self, net: Sequential, optimiser: Optimiser, X: Floats, Y: Any, y: Any, rng: np.random.Generator
    ) -> NDArray[Any]:
        """Train in place; return the weights to keep: the best on the held-out examples, else the last."""
        who = type(self).__name__
        epochs = whole(self.max_iter, "max_iter", who, 1)
        patience = whole(self.n_iter_no_change, "n_iter_no_change", who, 1)
        tol = real(self.tol, "tol", who, least=0.0)
        held = self._held_out(len(X), y, rng)
        seen = np.setdiff1d(np.arange(len(X)), held)
        best, best_weights, waited = np.inf, net.flat.copy(), 0
        self.loss_curve_, self.validation_scores_, self.converged_ = [], [], False
        with Progress(who, epochs, bool(self.verbose)) as progress:
            for epoch in range(1, epochs + 1):
                loss = self._epoch(net, optimiser, X, Y, rng.permutation(seen))
                if not np.isfinite(loss):
                    raise FloatingPointError(
                        f"{who}: the loss became {loss} in epoch {epoch}, with "
                        f"learning_rate_init={self.learning_rate_init}. Try a tenth of it, or scale the features."
                    )
                self.loss_curve_.append(loss)
                self.n_iter_, self.loss_ = epoch, loss
                badness = loss
                if len(held):
                    self.validation_scores_.append(self.score(X[held], np.asarray(y)[held]))
                    badness = -self.validation_scores_[-1]
                progress.show(epoch, loss, self.validation_scores_)
                waited = 0 if badness < best - tol else waited + 1
                if badness < best:
                    best, best_weights = badness, net.flat.copy() if len(held) else best_weights
                if waited >= patience:
                    self.converged_ = True
                    break
        if not self.converged_:
            warnings.warn(
                f"{who}: the loss still changed after max_iter={epochs} epochs. Give it more, or a larger tol.",
                ConvergenceWarning,
                stacklevel=3,
            )
        return best_weights if len(held) else np.asarray(net.flat)

    def _epoch(
        self, net: Sequential, optimiser: Optimiser, X: Floats, Y: Any, order: NDArray[np.intp]
    ) -> float:
        """One pass over the examples in this order; the mean loss."""
        X, Y, n, total = X[order], Y[order], len(order), 0.0
        size = self._batch_size(n)
        decay = self._decay(net)
        pull = np.empty_like(net.flat)
        step = value_and_grad(lambda net, X, Y: self._loss(Y, net(X)))
        with np.errstate(over="ignore", invalid="ignore"):
            for start in range(0, n, size):
                batch = X[start : start + size]
                loss, g = step(net, batch, Y[start : start + size])
                if decay is not None:  # alpha / 2 |W|^2, shared among the examples
                    np.multiply(decay, net.flat, pull)
                    pull *= 1.0 / len(batch)
                    np.add(g.flat, pull, g.flat)
                    loss += 0.5 * np.vdot(pull, net.flat)
                optimiser.step(net, g)
                total += float(loss) * len(batch)
        return total / n

    def _decay(self, net: Sequential) -> NDArray[Any] | None:
        """Alpha at every weight, and 0 at every bias."""
        alpha = real(self.alpha, "alpha", type(self).__name__, least=0.0)
        if not alpha:
            return None
        leaves = [np.full_like(leaf, alpha if leaf.ndim > 1 else 0.0) for leaf in net.leaves()]
        return np.asarray(net.like(leaves).flat)

    def _held_out(self, n: int, y: Any, rng: np.random.Generator) -> NDArray[np.intp]:
        if not self.early_stopping:
            return np.zeros(0, np.intp)
        who = type(self).__name__
        share = real(self.validation_fraction, "validation_fraction", who, above=0.0)
        if share >= 1:
            raise ValueError(f"{who} takes validation_fraction below 1, but got {share!r}.")
        held = np.concatenate(
            [part[: max(1, round(share * len(part)))] for part in self._parts(y, n, rng) if len(part) > 1]
            or [np.zeros(0, np.intp)]
        )
        if not 0 < len(held) < n:
            raise ValueError(f"{who}: {n} examples are too few to hold some out. Set early_stopping=False.")
        return held

    def _parts(self, y: Any, n: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
        """Groups of which the same share is held out, in random order."""
        yield rng.permutation(n)

    # The arguments

    def _hidden(self) -> list[int]:
        given: Any = self.hidden_layer_sizes
        sizes = [given] if np.ndim(given) == 0 else list(given)
        return [whole(size, "hidden_layer_sizes", type(self).__name__, 1) for size in sizes]

    def _activation(self) -> Callable[..., Any]:
        f = ACTIVATIONS.get(self.activation) if isinstance(self.activation, str) else self.activation
        if not callable(f):
            raise ValueError(
                f"{type(self).__name__} takes activation as one of {', '.join(ACTIVATIONS)}, or a function, "
                f"but got {self.activation!r}."
            )
        return f

    def _optimiser(self) -> Optimiser:
        who = type(self).__name__
        lr = real(self.learning_rate_init, "learning_rate_init", who, above=0.0)
        if self.solver == "adam":
            return Adam(lr)
        if self.solver == "sgd":
            return Momentum(lr, real(self.momentum, "momentum", who, least=0.0), nesterov=True)
        raise ValueError(f"{who} takes solver as 'adam' or 'sgd', but got {self.solver!r}.")

    def _batch_size(self, n: int) -> int:
        if isinstance(self.batch_size, str):
            if self.batch_size != "auto":
                raise ValueError(
                    f"{type(self).__name__} takes batch_size as a whole number or 'auto', "
                    f"but got {self.batch_size!r}."
                )
            return min(200, n)
        return min(whole(self.batch_size, "batch_size", type(self).__name__, 1), n)

    # After training

    def _output(self, X: Any) -> Any:
        who = type(self).__name__
        if not self.__sklearn_is_fitted__():
            raise NotFittedError(f"This {who} has no network yet: call fit(X, y) first.")
        return self.net_(rows(X, who, self.n_features_in_))

    @property
    def coefs_(self) -> list[NDArray[Any]]:
        """Weights in scikit-learn's layout: (inputs, outputs) for each layer."""
        return [layer.W.T for layer in self.net_.layers]

    @property
    def intercepts_(self) -> list[NDArray[Any]]:
        """Biases of each layer."""
        return [layer.b for layer in self.net_.layers]

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "net_")


class MLPClassifier(_MLP):
    """A multi-layer perceptron that tells classes apart.

    The last layer gives one sum for each class; `softmax` makes them probabilities, and `cross_entropy`
    is the loss.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, default (100,)
        Neurons in each hidden layer; () is a model without hidden layers.
    activation : {"relu", "tanh", "logistic", "identity"} or callable, default "relu"
        f of the hidden layers.
    solver : {"adam", "sgd"}, default "adam"
        `Adam`, or `Momentum` with Nesterov's step.
    alpha : float, default 0.0001
        Penalty alpha / 2 |W|^2 on the weights, divided by the size of the batch.
    batch_size : int, default "auto"
        Examples a step; "auto" is 200, or all if there are fewer.
    learning_rate_init : float, default 0.001
        The learning rate.
    momentum : float, default 0.9
        Of "sgd".
    max_iter : int, default 200
        Epochs after which training ends in any case.
    tol : float, default 0.0001
        Training ends when the loss has not fallen by this much for `n_iter_no_change` epochs.
    n_iter_no_change : int, default 10
        See `tol`.
    early_stopping : bool, default False
        Whether to hold examples out, watch the score on them instead of the loss, and keep the best weights.
    validation_fraction : float, default 0.1
        Share of the examples to hold out.
    verbose : bool, default False
        Show a progress bar where tqdm is installed, and lines of text elsewhere.
    rng : Generator, int or None
        Draws weights, batches and held-out examples.

    Attributes
    ----------
    net_ : Sequential
        The trained network.
    loss_curve_ : list of float
        Mean loss in each epoch, with the penalty.
    loss_ : float
        The last of them.
    n_iter_ : int
        Epochs run.
    converged_ : bool
        Whether training ended by itself.
    validation_scores_ : list of float
        Score on the held-out examples after each epoch.
    n_features_in_ : int
        Number of features seen by `fit`.
    classes_ : ndarray
        The labels, in the order of the outputs.

    Notes
    -----
    Arguments, defaults and attributes are those of scikit-learn's MLPClassifier; randomness comes from `rng`.

    Examples
    --------
    >>> from nnlib import MLPClassifier, data
    >>> X, y = data.moons(200, rng=0)
    >>> model = MLPClassifier((16, 16), "tanh", learning_rate_init=0.02, max_iter=500, rng=0).fit(X, y)
    >>> model.score(X, y) > 0.95
    True
    >>> model.net_
    Sequential(Dense(2 -> 16, tanh), Dense(16 -> 16, tanh), Dense(16 -> 2, identity))
    """

    _estimator_type = "classifier"

    classes_: NDArray[Any]

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable label of every row of X.

        Parameters
        ----------
        X : array_like of shape (n, features)
            One example a row.

        Returns
        -------
        ndarray of shape (n,)
            Labels of the kind that `fit` has seen.

        Raises
        ------
        NotFittedError
            `fit` has not run.
        ValueError
            X has another number of features, or holds NaN or infinity.
        """
        out = self._output(X)
        return np.asarray(self.classes_[np.argmax(out, axis=1)])

    def predict_proba(self, X: Any) -> NDArray[Any]:
        """Return the probability of every class, in the order of `classes_`.

        Parameters
        ----------
        X : array_like of shape (n, features)
            One example a row.

        Returns
        -------
        ndarray of shape (n, classes)
            Each row adds up to 1.

        Raises
        ------
        NotFittedError
            `fit` has not run.
        ValueError
            X has another number of features, or holds NaN or infinity.
        """
        return np.asarray(softmax(self._output(X)))

    def score(self, X: Any, y: Any) -> float:
        """Return the share of rows of X that `predict` labels as y does.

        Parameters
        ----------
        X : array_like of shape (n, features)
            One example a row.
        y : array_like of shape (n,)
            The true labels.

        Returns
        -------
        float
            The accuracy, between 0 and 1.

        Raises
        ------
        NotFittedError
            `fit` has not run.
        ValueError
            X or y are of the wrong shape.
        """
        predicted = self.predict(X)
        return float(np.mean(predicted == _column(y, len(predicted), f"{type(self).__name__}.score")))

    def _targets(self, y: Any, X: Floats) -> NDArray[Any]:
        who = type(self).__name__
        y = _column(y, len(X), who)
        if y.dtype.kind == "f" and np.any(y != np.round(y)):  # NaN is no whole number either
            odd = y[np.argmax(y != np.round(y))]
            raise ValueError(
                f"{who} takes labels, but y holds {odd}. Use MLPRegressor for numbers, and drop NaN."
            )
        self.classes_, numbers = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"{who} tells classes apart, but y holds one class only: {self.classes_[0]!r}.")
        one_hot: NDArray[Any] = np.eye(len(self.classes_), dtype=X.dtype)[numbers]
        return one_hot

    def _loss(self, Y: Any, out: Any) -> Any:
        return cross_entropy(Y, out)

    def _parts(self, y: Any, n: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
        """The examples of each class."""
        order, y = rng.permutation(n), np.asarray(y)
        for label in self.classes_:
            yield order[y[order] == label]

    def __sklearn_tags__(self) -> Any:
        sklearn = importlib.import_module("sklearn.utils")  # only scikit-learn asks for its tags
        return sklearn.Tags(
            estimator_type="classifier",
            target_tags=sklearn.TargetTags(required=True),
            classifier_tags=sklearn.ClassifierTags(),
            input_tags=sklearn.InputTags(),
        )


class MLPRegressor(_MLP):
    """A multi-layer perceptron that predicts numbers.

    The loss is half the squared error, summed over the outputs and averaged over the examples.

    Parameters
    ----------
    hidden_layer_sizes, activation, solver, alpha, batch_size, learning_rate_init, momentum
        As for `MLPClassifier`.
    max_iter, tol, n_iter_no_change, early_stopping, validation_fraction, verbose, rng
        As for `MLPClassifier`.

    Attributes
    ----------
    net_, loss_curve_, loss_, n_iter_, converged_, validation_scores_, n_features_in_
        As for `MLPClassifier`.
    n_outputs_ : int
        Columns of y.

    Notes
    -----
    Arguments, defaults and attributes are those of scikit-learn's MLPRegressor; randomness comes from `rng`.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlib import MLPRegressor
    >>> X = np.linspace(-3, 3, 60).reshape(-1, 1)
    >>> model = MLPRegressor((20,), "tanh", learning_rate_init=0.02, max_iter=1000, tol=1e-6, rng=0)
    >>> model.fit(X, np.sin(X[:, 0])).score(X, np.sin(X[:, 0])) > 0.99
    True
    """

    _estimator_type = "regressor"

    _flat_y: bool

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the predicted numbers for every row of X.

        Parameters
        ----------
        X : array_like of shape (n, features)
            One example a row.

        Returns
        -------
        ndarray of shape (n,) or (n, outputs)
            Shaped like the y that `fit` has seen.

        Raises
        ------
        NotFittedError
            `fit` has not run.
        ValueError
            X has another number of features, or holds NaN or infinity.
        """
        out = np.asarray(self._output(X))
        return out[:, 0] if self._flat_y else out

    def score(self, X: Any, y: Any) -> float:
        """Return R^2 = 1 - sum (y - prediction)^2 / sum (y - mean y)^2, averaged over the outputs.

        Parameters
        ----------
        X : array_like of shape (n, features)
            One example a row.
        y : array_like of shape (n,) or (n, outputs)
            The true numbers.

        Returns
        -------
        float
            1 for a perfect prediction, 0 for one no better than the mean.

        Raises
        ------
        NotFittedError
            `fit` has not run.
        ValueError
            X or y are of the wrong shape.
        """
        out = self._output(X)
        y = _numbers(y, len(out), f"{type(self).__name__}.score")
        if y.shape != out.shape:
            raise ValueError(
                f"{type(self).__name__}.score: y has {y.shape[1]} columns, but the model gives {out.shape[1]}."
            )
        left, all_of_it = np.sum((y - out) ** 2, axis=0), np.sum((y - y.mean(axis=0)) ** 2, axis=0)
        same = all_of_it == 0  # a constant y: perfect, or without any explanation
        share = np.where(same, left > 0, left / np.where(same, 1.0, all_of_it))
        return float(np.mean(1.0 - share))

    def _targets(self, y: Any, X: Floats) -> NDArray[Any]:
        self._flat_y = np.ndim(y) == 1
        numbers: NDArray[Any] = _numbers(y, len(X), type(self).__name__).astype(X.dtype)
        return numbers

    def _loss(self, Y: Any, out: Any) -> Any:
        return squared_error(Y, out) / len(Y)

    def __sklearn_tags__(self) -> Any:
        sklearn = importlib.import_module("sklearn.utils")  # only scikit-learn asks for its tags
        return sklearn.Tags(
            estimator_type="regressor",
            target_tags=sklearn.TargetTags(required=True, multi_output=True),
            regressor_tags=sklearn.RegressorTags(),
            input_tags=sklearn.InputTags(),
        )


def _column(y: Any, n: int, who: str) -> NDArray[Any]:
    """Labels of n examples."""
    labels: NDArray[Any] = np.asarray(y)
    shape = labels.shape
    if len(shape) != 1:
        hint = ""
        if len(shape) == 2:
            hint = (
                " It is a column: write y.ravel()."
                if shape[1] == 1
                else " Of one-hot rows write y.argmax(axis=1)."
            )
        raise ValueError(
            f"{who} takes y of shape (examples,), one label for each row of X, but y is {shape}.{hint}"
        )
    _check_length(labels, n, who)
    return labels


def _numbers(y: Any, n: int, who: str) -> Floats:
    """Numbers for n examples, as columns."""
    numbers: Floats = floats(y, f"{who}: y")
    if numbers.ndim == 1:
        numbers = numbers.reshape(-1, 1)
    if numbers.ndim != 2:
        raise ValueError(
            f"{who} takes y of shape (examples,) or (examples, outputs), but y is {numbers.shape}."
        )
    _check_length(numbers, n, who)
    if not np.all(np.isfinite(numbers)):
        raise ValueError(f"{who}: y holds NaN or infinity. Drop such rows.")
    return numbers


def _check_length(y: NDArray[Any], n: int, who: str) -> None:
    if len(y) != n:
        raise ValueError(f"{who} takes one y for each row of X, but X has {n} rows and y has {len(y)}.")
