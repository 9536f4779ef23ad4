"""What a function computes, operation by operation: the records that `grad` goes back over, made readable.

May import tensor.py and trees.py.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from .tensor import TABLE, Tensor, Tracing, raw, run, title
from .trees import flatten, leaf


@dataclass(frozen=True)
class Node:
    """One value of a computation.

    Attributes
    ----------
    kind : str
        "argument", "constant" or "operation".
    name : str
        An argument's name, or the operation: ``np.tanh``. Constants have none.
    value : number or ndarray
        What it holds.
    parents : tuple of int
        The nodes that it was computed from, by their places in the list; an operation's alone.
    """

    kind: Literal["argument", "constant", "operation"]
    name: str
    value: Any
    parents: tuple[int, ...] = ()


def operations(f: Callable[..., Any], *args: Any) -> tuple[list[Node], list[int]]:
    """Run f(*args), and list what it computed.

    Parameters
    ----------
    f : callable
        A function written in NumPy, as for `grad`.
    *args : array, tuple, list, dict or network
        Its arguments.

    Returns
    -------
    nodes : list of Node
        Arguments, constants and operations; each stands after all that it was computed from.
    results : list of int
        The places of the values that f returns. Those that no argument reaches are left out.

    Raises
    ------
    TypeError
        Where f loses the derivative, as in `grad`.

    Examples
    --------
    >>> import numpy as np
    >>> nodes, results = operations(lambda x: np.sin(x) * 2.0, 0.0)
    >>> for node in nodes:
    ...     print(node.kind, node.name or float(node.value), node.parents)
    argument x ()
    operation np.sin (0,)
    constant 2.0 ()
    operation np.multiply (1, 2)
    >>> results
    [3]
    """
    leaves, build = flatten(args)
    leaves = [leaf(x) for x in leaves]
    records: list[Any] = [None] * len(leaves)
    trace = Tracing(records)
    result = run(trace, f, *build([Tensor(x, trace, i) for i, x in enumerate(leaves)]))
    names = _names_of_rules()
    nodes = [
        Node("argument", name, raw(x)) for name, x in zip(_names_of_arguments(f, args), leaves, strict=True)
    ]
    place = list(range(len(leaves)))  # of each record, among the nodes
    constants: dict[int, int] = {}
    for pull, slots, out, vals, _ in records[len(leaves) :]:
        key = names.get(pull)
        parents = []
        fixed = [None] * (len(vals) - len(slots))  # a fused formula's constants stand before its argument
        for i, v in zip((*fixed, *slots), vals, strict=True):
            if i is not None:
                parents.append(place[i])
            elif _counts(v, key):
                if id(v) not in constants or type(v) is not np.ndarray:
                    constants[id(v)] = len(nodes)
                    nodes.append(Node("constant", "", raw(v)))
                parents.append(constants[id(v)])
        place.append(len(nodes))
        nodes.append(Node("operation", _readable(pull, key), raw(out), tuple(parents)))
    outs, _ = flatten(result)
    return nodes, [place[o.slot] for o in outs if type(o) is Tensor and o.tracing is trace]


def _names_of_rules() -> dict[Any, Any]:
    """Under which key of the table each pull-back stands."""
    names: dict[Any, Any] = {}
    for key, op in TABLE.items():
        pull = inspect.getclosurevars(op).nonlocals.get("pull") if inspect.isfunction(op) else None
        if pull is not None:
            names.setdefault(pull, key)
    return names


def _readable(pull: Any, key: Any) -> str:
    if key is None:
        name = str(pull.__name__).strip("_").removesuffix("pull").strip("_")
    elif isinstance(key, str):
        return key
    else:
        name = title(key)
        if name.startswith("np."):
            return name
        name = str(getattr(key, "__name__", name)).strip("_").removesuffix("_of")
    return name.replace("_", " ")


def _counts(v: Any, key: Any) -> bool:
    """Whether a constant is a number that enters the formula, and no axis, index or mode."""
    if isinstance(v, (np.ndarray, np.floating, float, Tensor)):
        return raw(v).dtype.kind == "f" if hasattr(raw(v), "dtype") else True
    return isinstance(v, (int, np.integer)) and isinstance(key, np.ufunc)


def _names_of_arguments(f: Callable[..., Any], args: Any) -> list[str]:
    """x, and x[0], x[1], ... for an argument with several leaves."""
    try:
        known = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        known = []
    plain = [p.name for p in known if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    names = []
    for k, arg in enumerate(args):
        name = plain[k] if k < len(plain) else f"x{k + 1}"
        n = len(flatten(arg)[0])
        names += [name] if n == 1 else [f"{name}[{i}]" for i in range(n)]
    return names
