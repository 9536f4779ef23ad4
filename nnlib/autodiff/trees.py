"""Arguments of every shape (arrays, tuples, lists, dicts, networks) as a list of leaves.

May import tensor.py.

A network, or any other model, takes part by two methods: `leaves()`, the list of its parameter arrays, and
`like(leaves)`, a model of the same shape with other parameters. A model whose `like` copies plain leaves may say
so by an attribute `copies`. Then it also has a method `blank()`, which makes room for a gradient: a model like it,
and the arrays of its parameters to write into; or (None, ()).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from .tensor import Tensor

Build = Callable[[Sequence[Any]], Any]


def flatten(tree: Any) -> tuple[list[Any], Build]:
    """Return the leaves, and the function that puts leaves back into the shape of `tree`.

    Examples
    --------
    >>> leaves, build = flatten({"W": 1.0, "b": (2.0, 3.0)})
    >>> leaves
    [1.0, 2.0, 3.0]
    >>> build([10, 20, 30])
    {'W': 10, 'b': (20, 30)}
    """
    if type(tree) is np.ndarray or type(tree) is Tensor:
        return [tree], _only
    if hasattr(tree, "leaves"):
        return tree.leaves(), tree.like
    found: list[Any] = []
    _gather(tree, found)
    return found, lambda leaves: _refill(tree, iter(leaves))


def _only(leaves: Sequence[Any]) -> Any:
    return leaves[0]


def _gather(tree: Any, found: list[Any]) -> None:
    if isinstance(tree, (tuple, list)):
        for branch in tree:
            if type(branch) is np.ndarray:
                found.append(branch)
            else:
                _gather(branch, found)
    elif isinstance(tree, dict):
        for branch in tree.values():
            _gather(branch, found)
    elif type(tree) is not Tensor and hasattr(tree, "leaves"):
        found += tree.leaves()
    else:
        found.append(tree)


def _refill(tree: Any, leaves: Iterator[Any]) -> Any:
    kind = type(tree)
    if kind is tuple or kind is list:
        return kind([next(leaves) if type(b) is np.ndarray else _refill(b, leaves) for b in tree])
    if isinstance(tree, dict):
        return kind((key, _refill(branch, leaves)) for key, branch in tree.items())
    if isinstance(tree, (tuple, list)):
        branches = [_refill(branch, leaves) for branch in tree]
        return kind(*branches) if hasattr(kind, "_fields") else kind(branches)
    if kind is not Tensor and hasattr(tree, "leaves"):
        return tree.like([next(leaves) for _ in tree.leaves()])
    return next(leaves)


def leaf(x: Any) -> Any:
    """A real floating-point array, number or Tensor; integers become float64; all else is a TypeError."""
    if type(x) is Tensor or (type(x) is np.ndarray and x.dtype.kind == "f"):
        return x
    a = np.asarray(x)
    if a.dtype.kind in "iub":
        a = a.astype(float)
    if a.dtype.kind == "c":
        raise TypeError(
            f"cannot differentiate with respect to the complex {x!r}: nnlib differentiates real numbers, "
            "so give the real and the imaginary part as two real arguments"
        )
    if a.dtype.kind != "f":
        raise TypeError(
            f"cannot differentiate with respect to {type(x).__name__} {x!r}: "
            "arguments are real numbers, arrays of them, tuples, lists, dicts or networks. "
            "Pass other things as further arguments, or through a lambda"
        )
    return a if type(x) is np.ndarray else a[()]


def matched(tree: Any, leaves: Sequence[Any], pattern: Any, what: str, to: str) -> list[Any]:
    """Return the leaves of `tree`, each with the shape and dtype of its partner among those of `pattern`."""
    found: list[Any] = []
    _pair(tree, pattern, found, f"{what} must be built like {to}")
    out = []
    for x, like in zip(found, leaves, strict=True):
        x = leaf(x)
        if x.shape != like.shape:
            raise ValueError(
                f"{what} has shape {x.shape}, but {to} has shape {like.shape}: give one number for each"
            )
        out.append(x if x.dtype == like.dtype else x.astype(like.dtype))
    return out


def _pair(tree: Any, pattern: Any, found: list[Any], message: str) -> None:
    if isinstance(pattern, (tuple, list)):
        if not isinstance(tree, (tuple, list)) or len(tree) != len(pattern):
            raise ValueError(
                f"{message}: a {type(pattern).__name__} of {len(pattern)}, and not {_described(tree)}"
            )
        for branch, like in zip(tree, pattern, strict=True):
            _pair(branch, like, found, message)
    elif isinstance(pattern, dict):
        if not isinstance(tree, dict) or tree.keys() != pattern.keys():
            raise ValueError(f"{message}: a dict with the keys {list(pattern)}, and not {_described(tree)}")
        for key in pattern:
            _pair(tree[key], pattern[key], found, message)
    elif type(pattern) is not Tensor and hasattr(pattern, "leaves"):
        if not hasattr(tree, "leaves") or len(tree.leaves()) != len(pattern.leaves()):
            raise ValueError(f"{message}: a {type(pattern).__name__}, and not {_described(tree)}")
        found += tree.leaves()
    elif isinstance(tree, (tuple, dict)):
        raise ValueError(f"{message}: one array, and not {_described(tree)}")
    else:
        found.append(tree)


def _described(tree: Any) -> str:
    if isinstance(tree, dict):
        return f"a dict with the keys {list(tree)}"
    if isinstance(tree, (tuple, list)):
        return f"a {type(tree).__name__} of {len(tree)}"
    return f"a value of type {type(tree).__name__}"
