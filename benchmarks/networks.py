"""Training: digits with Adam, and a network that is large enough for its matrix products to count."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

import nnlib
from nnlib import optim

from .harness import Row, Side, peer

EPOCHS = 20
LOOSE = 2e-3  # float32, or Adams that put epsilon in different places: after hundreds of steps the last digits differ

ARITHMETIC = (
    "The matrix products alone train nothing: they are the part of the work that no library can leave out."
)

Parameters = list[tuple[Any, Any]]


def rows() -> Iterator[Row]:
    yield from _digits()
    yield _large()


# ------------------------------------------------------------------------------------------------- digits
def _digits() -> Iterator[Row]:
    datasets = peer("sklearn", "datasets")
    if not datasets:
        return
    X, y = datasets.load_digits(return_X_y=True)
    X, y = X[:1792] / 16, y[:1792]  # 28 whole batches
    for dtype, floors in ((np.float32, (3.7, 2.5)), (np.float64, (None, 2.0))):
        X = X.astype(dtype)
        theirs = _Sklearn(X, y)
        rivals = [Side("scikit-learn", theirs.fit, floors[1])]
        P = theirs.start()
        batches = _batches(X, y, 64)
        torch = _Torch.at(P, batches, lambda torch, params: torch.optim.Adam(params, 1e-3))
        if torch:
            rivals.insert(0, Side("PyTorch", lambda: torch.train(EPOCHS), floors[0]))  # noqa: B023
        train = _ours(P, batches, lambda: optim.Adam(1e-3), EPOCHS)
        yield Row(
            f"Digits in {dtype.__name__}",
            f"{EPOCHS} epochs of training: 1,792 digits, 64-64-10 ReLU, batch 64, Adam, {dtype.__name__}",
            Side("nnlib", train),
            rivals,
            tolerance=LOOSE,
        )
    ours = nnlib.MLPClassifier((64,), batch_size=64, alpha=0.0, max_iter=EPOCHS, tol=0.0, rng=0)
    theirs = _Sklearn(X, y)
    yield Row(
        "MLPClassifier.fit",
        f"the same digits with each library's classifier, shuffled anew in each of {EPOCHS} epochs, float64",
        Side("nnlib", lambda: _quiet(ours.fit, X, y), answer=lambda model: model.loss_curve_[-1]),
        [Side("scikit-learn", lambda: theirs.fit(shuffle=True))],
        tolerance=0.2,  # each draws its own weights and its own order
        besides=True,
    )


def _quiet(fit: Callable[..., Any], *args: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fit(*args)


class _Sklearn:
    """scikit-learn's classifier, which visits the same batches in the same order."""

    def __init__(self, X: Any, y: Any) -> None:
        self.X, self.y = X, y

    def _fit(self, **settings: Any) -> Any:
        model = peer("sklearn", "neural_network").MLPClassifier(
            (64,),
            batch_size=64,
            alpha=0.0,
            tol=0.0,
            n_iter_no_change=1000,
            random_state=0,
            **settings,
        )
        return _quiet(model.fit, self.X, self.y)

    def start(self) -> Parameters:
        """The weights that it starts from: those after one epoch whose steps are too small to change them."""
        model = self._fit(max_iter=1, learning_rate_init=1e-300, shuffle=False)
        return [(W.T.copy(), b) for W, b in zip(model.coefs_, model.intercepts_, strict=True)]

    def fit(self, shuffle: bool = False) -> float:
        """The mean loss of the last epoch."""
        return float(self._fit(max_iter=EPOCHS, learning_rate_init=1e-3, shuffle=shuffle).loss_)


# --------------------------------------------------------------------------------------- a larger network
def _large() -> Row:
    sizes, batch, steps = (784, 256, 128, 10), 128, 10
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, batch * steps)
    X = rng.normal(size=(10, 784))[y] * 0.1 + 0.3 * rng.normal(size=(len(y), 784))
    P = [
        ((rng.normal(size=(m, n)) * (1 / n) ** 0.5).astype(np.float32), np.zeros(m, np.float32))
        for n, m in pairwise(sizes)
    ]
    batches = _batches(X.astype(np.float32), y, batch)
    rivals = []
    torch = _Torch.at(P, batches, lambda torch, params: torch.optim.SGD(params, 0.05))
    if torch:
        rivals.append(Side("PyTorch", lambda: torch.train(1), 1.2))
    train = _ours(P, batches, lambda: optim.SGD(0.05), 1)
    loss = train()
    products = _products(P, [X for X, _ in batches])
    rivals.append(Side("its matrix products alone", products, 0.83, lambda _: loss, ARITHMETIC))
    return Row(
        "A larger network",
        f"{steps} steps of training: 784-256-128-10 ReLU, batch 128, SGD, float32",
        Side("nnlib", train),
        rivals,
        tolerance=LOOSE,
    )


def _products(P: Parameters, inputs: Sequence[Any]) -> Callable[[], None]:
    """The matrix products of one pass over `inputs`, and nothing else: h W^T, delta^T h, delta W."""
    hs = [np.ones((len(inputs[0]), W.shape[1]), W.dtype) for W, _ in P]
    deltas = [np.ones((len(inputs[0]), W.shape[0]), W.dtype) for W, _ in P]

    def run() -> None:
        for X in inputs:
            for k, (h, delta, (W, _)) in enumerate(zip([X, *hs[1:]], deltas, P, strict=True)):
                np.dot(h, W.T)
                np.dot(delta.T, h)
                if k:
                    np.dot(delta, W)

    return run


# --------------------------------------------------------------------------------------------- both sides
def _batches(X: Any, y: Any, size: int) -> list[tuple[Any, Any]]:
    return [(X[i : i + size], y[i : i + size]) for i in range(0, len(X), size)]


def _ours(
    P: Parameters, batches: Sequence[Any], optimiser: Callable[[], Any], epochs: int
) -> Callable[[], float]:
    *hidden, (W, b) = P
    start = nnlib.Sequential(
        *(nnlib.Dense(*w.shape[::-1], nnlib.relu, W=w, b=c) for w, c in hidden),
        nnlib.Dense(*W.shape[::-1], W=W, b=b),
    )
    hot = [(X, np.eye(len(b), dtype=X.dtype)[y]) for X, y in batches]
    f_and_g = nnlib.value_and_grad(lambda net, X, Y: nnlib.cross_entropy(Y, net(X)))

    def train() -> float:
        """The mean loss of the last epoch."""
        net, opt = start.copy(), optimiser()
        for _ in range(epochs):
            total = 0.0
            for X, Y in hot:
                loss, grads = f_and_g(net, X, Y)
                net = opt.step(net, grads)
                total += loss
        return float(total / len(hot))

    return train


class _Torch:
    """The same in PyTorch, as its tutorials write it."""

    @classmethod
    def at(cls, P: Parameters, batches: Sequence[Any], optimiser: Callable[..., Any]) -> _Torch | None:
        torch = peer("torch")
        return None if torch is None else cls(torch, P, batches, optimiser)

    def __init__(
        self, torch: Any, P: Parameters, batches: Sequence[Any], optimiser: Callable[..., Any]
    ) -> None:
        self.torch, self.P, self.optimiser = torch, P, optimiser
        self.batches = [(torch.tensor(X), torch.tensor(y)) for X, y in batches]
        layers: list[Any] = []
        for W, _ in P:
            layers += [torch.nn.Linear(*W.shape[::-1], dtype=torch.tensor(W).dtype), torch.nn.ReLU()]
        self.net = torch.nn.Sequential(*layers[:-1])
        self.loss = torch.nn.CrossEntropyLoss()
        self.start = [torch.tensor(part) for pair in P for part in pair]

    def train(self, epochs: int) -> float:
        """The mean loss of the last epoch."""
        with self.torch.no_grad():
            for param, start in zip(self.net.parameters(), self.start, strict=True):
                param.copy_(start)
        opt = self.optimiser(self.torch, self.net.parameters())
        for _ in range(epochs):
            total = self.torch.zeros(())
            for X, y in self.batches:
                opt.zero_grad()
                loss = self.loss(self.net(X), y)
                loss.backward()
                opt.step()
                total += loss.detach()
        return float(total / len(self.batches))
