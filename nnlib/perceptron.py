"""The perceptron: a neuron with a step, and the rule that trains it. May import NumPy alone."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any, NamedTuple, Self, TypeAlias

import numpy as np

from nnlib._checks import Floats, Labels, Seed, floats, generator, labels, real, rows, whole
from nnlib._estimator import ConvergenceWarning, LinearClassifier, sums

Weights: TypeAlias = Sequence[float] | Floats
Correction: TypeAlias = tuple[int, Weights, float]  # the row of X, and w and b after it


class PerceptronStep(NamedTuple):
    """One mistake of a perceptron, and its correction.

    Attributes
    ----------
    epoch : int
        The pass over the data, from 1.
    index : int
        The row of X that was misjudged.
    w, b : ndarray and float
        The weights and the bias that misjudged it.
    new_w, new_b : ndarray and float
        Those after the correction, ``w + alpha (y - o) x`` and ``b + alpha (y - o)``.
    """

    epoch: int
    index: int  # type: ignore[assignment]  # hides a method of tuples that no one misses here
    w: Floats
    b: float
    new_w: Floats
    new_b: float


class Perceptron(LinearClassifier):
    """A perceptron: ``o = 1 if w . x + b > 0 else 0``, trained mistake by mistake.

    For each example in turn with output o and label y, ``w <- w + alpha (y - o) x`` and
    ``b <- b + alpha (y - o)``. A right answer changes nothing. An epoch without a mistake ends the training.

    Parameters
    ----------
    max_epochs : int, default 100
        Passes over the data after which `fit` gives up.
    rng : numpy.random.Generator, int or None, default None
        None visits the rows of X in their order. A seed or generator shuffles them anew in every epoch.
    alpha : float, default 1.0
        Learning rate. From zero weights it only scales w and b; it matters when they start elsewhere.
    w : array_like of shape (features,), optional
        Weights to start from; zeros without it.
    b : float, default 0.0
        Bias to start from.

    Attributes
    ----------
    w_ : ndarray of shape (features,)
        The learned weights.
    b_ : float
        The learned bias.
    converged_ : bool
        Whether the last epoch was free of mistakes: the line separates the classes.
    mistakes_ : list of int
        Mistakes of every epoch; the last is 0 if training converged.
    n_iter_ : int
        Number of epochs.
    classes_ : ndarray
        The labels, 0 and 1.
    n_features_in_ : int
        Number of features seen by `fit`.

    Notes
    -----
    If a line separates the classes, training from zero makes at most (R / gamma)^2 mistakes: R is the length
    of the longest (1, x), and gamma the least of |b + w . x| over the examples, for a separating (b, w) of
    length 1. If no line does, the rule never settles.

    Sources: the lecture, slides "perceptrons" to "non-linear decision boundaries"; F. Rosenblatt (1958), "The
    perceptron", Psychological Review 65(6); A. B. J. Novikoff (1962), "On convergence proofs on perceptrons".

    Examples
    --------
    >>> from nnlib import Perceptron
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]    # AND
    >>> p = Perceptron().fit(X, y)
    >>> p.w_, p.b_, p.converged_
    (array([2., 1.]), -2.0, True)
    >>> p.mistakes_
    [1, 3, 3, 2, 1, 0]
    >>> p.predict(X)
    array([0, 0, 0, 1])
    """

    converged_: bool
    mistakes_: list[int]
    n_iter_: int

    def __init__(
        self,
        max_epochs: int = 100,
        rng: Seed = None,
        *,
        alpha: float = 1.0,
        w: Any = None,
        b: float = 0.0,
    ) -> None:
        self.max_epochs = max_epochs
        self.rng = rng
        self.alpha = alpha
        self.w = w
        self.b = b

    def fit(self, X: Any, y: Any) -> Self:
        """Learn w and b from labeled examples.

        Parameters
        ----------
        X : array_like of shape (n, features)
            One example a row.
        y : array_like of shape (n,)
            Labels 0 and 1.

        Returns
        -------
        Perceptron
            This perceptron.

        Raises
        ------
        ValueError
            X or y are of the wrong shape, are empty, or hold other values than finite numbers and labels 0
            and 1; or an argument of the constructor is out of range.
        TypeError
            X is not numeric, or rng is no seed.

        Warns
        -----
        ConvergenceWarning
            `max_epochs` passed, and the last still had mistakes.

        Examples
        --------
        >>> import warnings
        >>> import nnlib
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter("ignore", nnlib.ConvergenceWarning)
        ...     p = nnlib.Perceptron().fit(*nnlib.data.xor())
        >>> p.converged_
        False
        """
        X, y, w, b = self._start(X, y, "Perceptron.fit")
        epochs = list(self._epochs(X, y, w, b))
        self._learned(np.array(epochs[-1][0], X.dtype), float(epochs[-1][1]))
        self.mistakes_ = [mistakes for _, _, mistakes in epochs]
        self.n_iter_ = len(self.mistakes_)
        self.converged_ = self.mistakes_[-1] == 0
        if not self.converged_:
            warnings.warn(
                f"Perceptron did not converge: the last of max_epochs={self.max_epochs} epochs still made "
                f"{self.mistakes_[-1]} mistakes on {len(X)} examples. If a line can separate the classes, "
                f"raise max_epochs. If none can, as on XOR, it never converges: LogisticRegression finds the "
                f"best line, a network more than a line.",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def steps(self, X: Any, y: Any) -> Iterator[PerceptronStep]:
        """Yield every mistake that `fit` makes and its correction, one at a time.

        The perceptron itself is left as it is. The steps end after an epoch without a mistake, or after
        `max_epochs`.

        Parameters
        ----------
        X : array_like of shape (n, features)
            One example a row.
        y : array_like of shape (n,)
            Labels 0 and 1.

        Returns
        -------
        iterator of PerceptronStep
            ``(epoch, index, w, b, new_w, new_b)`` of one mistake after the other.

        Raises
        ------
        ValueError, TypeError
            As `fit`.

        Examples
        --------
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]    # AND
        >>> for step in Perceptron(max_epochs=2).steps(X, y):
        ...     print(step.epoch, step.index, step.new_w, step.new_b)
        1 3 [1. 1.] 1.0
        2 0 [1. 1.] 0.0
        2 1 [1. 0.] -1.0
        2 3 [2. 1.] 0.0
        """
        X, y, w, b = self._start(X, y, "Perceptron.steps")

        def walk() -> Iterator[PerceptronStep]:
            log: list[Correction] = []
            old_w, old_b = w, b
            for epoch, _ in enumerate(self._epochs(X, y, w, b, log), 1):
                for i, w_i, b_i in log:
                    new_w, new_b = np.array(w_i, X.dtype), float(b_i)
                    yield PerceptronStep(epoch, int(i), old_w.copy(), old_b, new_w, new_b)
                    old_w, old_b = new_w, new_b
                log.clear()

        return walk()

    def _start(self, X: Any, y: Any, who: str) -> tuple[Floats, Labels, Floats, float]:
        """Check all input; return X, y and the weights to start from."""
        whole(self.max_epochs, "max_epochs", who, least=1)
        real(self.alpha, "alpha", who, above=0)
        if self.rng is not None:
            generator(self.rng, who)
        X = rows(X, who)
        y = labels(y, len(X), who)
        w = np.zeros(X.shape[1]) if self.w is None else floats(self.w, f"{who}: w")
        if w.shape != X.shape[1:] or not np.isfinite(w).all():
            raise ValueError(f"{who} starts from a finite weight for each of {X.shape[1]} features, not {w}.")
        return X, y, w.astype(X.dtype), real(self.b, "b", who)

    def _epochs(
        self, X: Floats, y: Labels, w: Floats, b: float, log: list[Correction] | None = None
    ) -> Iterator[tuple[Weights, float, int]]:
        """Yield w, b and the number of mistakes after every epoch; write each correction into `log`."""
        n, alpha = len(X), float(self.alpha)
        if self.rng is None:
            orders: Iterable[Any] = repeat(None, self.max_epochs)
        else:
            rng = generator(self.rng, "Perceptron")
            orders = (rng.permutation(n) for _ in range(self.max_epochs))
        if log is None and X.shape[1] == 2 and X.dtype == np.float64:
            return _walk_plane(X, y, w, b, alpha, orders)
        return _walk(X, y, w, b, alpha, orders, log)


# Two features are the course's plane; there plain floats are many times faster than arrays, which pay off for
# wide data. Both walks make the same corrections, and judge to the last digit as `predict` does, so that all
# agree on points that touch the boundary.


def _walk_plane(
    X: Floats, y: Labels, w: Floats, b: float, alpha: float, orders: Iterable[Any]
) -> Iterator[tuple[Weights, float, int]]:
    w1, w2 = w.tolist()
    threshold = -b  # z > 0 is w1 x1 + w2 x2 > -b: one sum less to form
    examples = list(zip((y == 1).tolist(), *X.T.tolist(), strict=True))
    for order in orders:
        mistakes = 0
        for is_one, x1, x2 in examples if order is None else [examples[i] for i in order.tolist()]:
            if is_one:
                if not w1 * x1 + w2 * x2 > threshold:
                    w1 += alpha * x1
                    w2 += alpha * x2
                    threshold -= alpha
                    mistakes += 1
            elif w1 * x1 + w2 * x2 > threshold:
                w1 -= alpha * x1
                w2 -= alpha * x2
                threshold += alpha
                mistakes += 1
        yield (w1, w2), 0.0 - threshold, mistakes  # 0.0, not -0.0, where it is 0
        if not mistakes:
            return


def _walk(
    X: Floats, y: Labels, w: Any, b: float, alpha: float, orders: Iterable[Any], log: list[Correction] | None
) -> Iterator[tuple[Weights, float, int]]:
    is_one = y == 1
    for order in orders:
        visit = slice(None) if order is None else order
        examples, ones = X[visit], is_one[visit]
        wrong = ((sums(X, w, b) > 0) != is_one)[visit]
        start, span, mistakes = 0, len(X), 0
        while start < len(X):
            k = int(wrong.argmax())
            if wrong[k]:  # correct the first mistake, then judge a few rows anew
                i = start + k
                step = alpha if ones[i] else -alpha
                w = w + step * examples[i]
                b += step
                mistakes += 1
                if log is not None:
                    log.append((i if order is None else order[i], w, b))
                start, span = i + 1, 16
            else:  # nothing wrong so far: look further ahead
                start, span = start + span, 2 * span
            ahead = slice(start, start + span)
            wrong = (sums(examples[ahead], w, b) > 0) != ones[ahead]
        yield w, b, mistakes
        if not mistakes:
            return
