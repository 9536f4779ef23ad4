"""Refuse bad input at the door, with a message that tells what to do. May import NumPy alone."""

from __future__ import annotations

import numbers
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.floating[Any]]
Labels: TypeAlias = NDArray[np.intp]
Seed: TypeAlias = "np.random.Generator | int | None"  # in quotes: NumPy loads its generators on first use


def floats(x: Any, name: str) -> Floats:
    """Return `x` as an array of floats: integers become float64, floats keep their type."""
    if hasattr(x, "toarray"):
        raise TypeError(f"{name} is a sparse matrix. Write {name.split()[-1]}.toarray() to make it an array.")
    try:
        array = np.asarray(x)
    except ValueError:
        raise ValueError(
            f"{name} has rows of different lengths, so it is no array. Give every row as many entries."
        ) from None
    kind = array.dtype.kind
    if kind == "f":
        return array
    if kind in "biu":
        return array.astype(np.float64)
    if kind == "O":
        try:
            return array.astype(np.float64)
        except (TypeError, ValueError):
            pass
    names = {"c": "complex numbers", "U": "text", "T": "text", "S": "bytes", "M": "dates", "m": "durations"}
    what = names.get(kind, "objects")
    raise TypeError(f"{name} holds {what}, not real numbers. Turn them into floats first.")


def rows(values: Any, who: str, features: int | None = None) -> Floats:
    """Return `X` as a finite array of shape (n, features), with at least one row."""
    X: Floats = floats(values, f"{who}: X")
    if X.ndim != 2:
        hint = {
            0: "A single number is no data set.",
            1: f"One example is a row: write X.reshape(1, -1). One feature is a column: X.reshape(-1, 1). "
            f"X has {X.size} entries.",
        }.get(X.ndim, "Flatten each example into one row: X.reshape(len(X), -1).")
        raise ValueError(f"{who} takes X of shape (examples, features), but X is {X.shape}. {hint}")
    n, d = X.shape
    if n == 0:
        raise ValueError(f"{who} got no examples: X is {X.shape}. Did a filter remove every row?")
    if d == 0:
        raise ValueError(f"{who} got no features: X is {X.shape}. Give X at least one column.")
    if features is not None and d != features:
        turned = " X looks turned round: try X.T." if n == features else ""
        raise ValueError(
            f"{who}: the model was fitted on {features} features, but X has {d} (X is {X.shape}). "
            f"Rows of X are examples.{turned}"
        )
    if not np.isfinite(X).all():
        i, j = (int(k) for k in np.argwhere(~np.isfinite(X))[0])
        raise ValueError(
            f"{who}: X holds {X[i, j]} in row {i}, column {j}. Drop such rows, or fill the gap, "
            f"for example with the column's mean."
        )
    return X


def labels(y: Any, n: int, who: str) -> Labels:
    """Return `y` as n integers, each 0 or 1."""
    y = np.asarray(y)
    if y.ndim != 1:
        columns = y.shape[1] if y.ndim == 2 else 0
        hint = {1: " It is a column: write y.ravel().", 2: " If it is one-hot, write y.argmax(axis=1)."}
        raise ValueError(
            f"{who} takes y of shape (examples,), one label for each row of X, but y is {y.shape}."
            + hint.get(columns, "")
        )
    if len(y) != n:
        raise ValueError(
            f"{who} takes one label for each row of X, but X has {n} rows and y has {len(y)} labels. "
            f"Were both filtered or split alike?"
        )
    if y.dtype.kind in "UST" or not np.all((y == 0) | (y == 1)):
        raise ValueError(f"{who} takes labels 0 and 1, but y holds {_some(y)}. {_relabel(y)}")
    return np.asarray(y, dtype=np.intp)


def _some(y: NDArray[Any]) -> str:
    seen = list(dict.fromkeys(y.tolist()))
    shown = ", ".join(repr(value) for value in seen[:4])
    return shown + (", ..." if len(seen) > 4 else "")


def _relabel(y: NDArray[Any]) -> str:
    seen = list(dict.fromkeys(y.tolist()))
    if any(value != value for value in seen):
        return "NaN is no label: drop those rows."
    if len(seen) == 2 and set(seen) <= {-1, 1}:
        return "Write (y > 0).astype(int) to turn -1 into 0."
    one = max(seen, key=str) if y.dtype.kind in "USTO" else max(seen)
    if len(seen) <= 2:
        return f"Write (y == {one!r}).astype(int) to make {one!r} class 1."
    return (
        f"It tells two classes apart: choose the one that is class 1, for example (y == {one!r}).astype(int)."
    )


def generator(rng: Seed, who: str) -> np.random.Generator:
    """Return a NumPy generator for a seed, a generator or None (fresh entropy)."""
    if rng is None or isinstance(rng, np.random.Generator):
        return np.random.default_rng(rng)
    if isinstance(rng, numbers.Integral) and not isinstance(rng, bool) and int(rng) >= 0:
        return np.random.default_rng(int(rng))
    raise TypeError(
        f"{who} takes rng as a numpy.random.Generator, a whole number from 0, or None, but got {rng!r}. "
        f"Write rng=0, or rng=np.random.default_rng(0)."
    )


def whole(value: Any, name: str, who: str, least: int) -> int:
    """Return `value` as an int that is at least `least`."""
    if isinstance(value, numbers.Integral) and not isinstance(value, bool) and int(value) >= least:
        return int(value)
    raise ValueError(f"{who} takes {name} as a whole number from {least}, but got {value!r}.")


def real(value: Any, name: str, who: str, *, above: float = -np.inf, least: float = -np.inf) -> float:
    """Return `value` as a finite float that is above `above` and at least `least`."""
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        x = float(value)
        if np.isfinite(x) and x > above and x >= least:
            return x
    limit = f" above {above:g}" if above > -np.inf else f" of at least {least:g}" if least > -np.inf else ""
    raise ValueError(f"{who} takes {name} as a finite number{limit}, but got {value!r}.")
