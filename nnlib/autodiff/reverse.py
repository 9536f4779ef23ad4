"""Reverse mode: run a function once, then go back over its records from the last to the first.

May import tensor.py and trees.py.

Source: A. Griewank and A. Walther, Evaluating Derivatives, 2nd edition, SIAM 2008, chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .tensor import Tensor, Tracing, inputs, raw, run
from .trees import flatten, leaf, matched

ndarray = np.ndarray


def vjp(f: Callable[..., Any], *args: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """Vector-Jacobian product: f(*args), and the function that pulls a cotangent back to the arguments.

    With y = f(x) and the Jacobian J = dy/dx, `pull(g)` is g^T J, one entry for each argument, without J being
    formed.

    Parameters
    ----------
    f : callable
        A function written in NumPy.
    *args : array, tuple, list, dict or network
        Where to differentiate; each argument may have any shape.

    Returns
    -------
    value
        f(*args), plain.
    pull : callable
        g, shaped like the value -> a tuple of cotangents, shaped like the arguments.  It may be called again.

    Raises
    ------
    TypeError
        Where f loses the derivative (in-place assignment, `float(x)`, a function without a rule, complex
        numbers).
    ValueError
        Where g is not shaped like the value.

    Examples
    --------
    >>> import numpy as np
    >>> y, pull = vjp(lambda A, x: A @ x, np.eye(2), np.array([3.0, 4.0]))
    >>> pull(np.array([1.0, 0.0]))
    (array([[3., 4.],
           [0., 0.]]), array([1., 0.]))
    """
    leaves, build = flatten(args)
    leaves = [leaf(x) for x in leaves]
    n = len(leaves)
    records: list[Any] = [None] * n
    trace = Tracing(records)
    result = run(trace, f, *build(inputs(leaves, trace)))
    outs, rebuild = flatten(result)
    slots = [o.slot if type(o) is Tensor and o.tracing is trace else None for o in outs]
    plain = [o if i is None else o.value for o, i in zip(outs, slots, strict=True)]
    value = rebuild(plain)

    def pull(g: Any) -> tuple[Any, ...]:
        seeds = matched(g, [leaf(v) for v in plain], value, "the cotangent", "the function's value")
        grads: list[Any] = [None] * len(records)
        for i, seed in zip(slots, seeds, strict=True):
            if i is not None:
                grads[i] = seed if grads[i] is None else grads[i] + seed
        backward(records, grads, n)
        cotangents: tuple[Any, ...] = build(finished(grads, leaves, seeds))
        return cotangents

    return value, pull


def value_and_grad(f: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
    """x -> (f(x), df/dx) for a function whose value is one number.

    Parameters
    ----------
    f : callable
        f(x, *rest) gives one number.  The gradient is with respect to x: an array, tuple, list, dict or
        network.

    Returns
    -------
    callable
        (x, *rest) -> (value, gradient shaped like x).  Integers become float64; float32 stays float32.

    Raises
    ------
    TypeError, ValueError
        As `vjp`; and where the value of f is not one number.

    Examples
    --------
    >>> import numpy as np
    >>> value, gradient = value_and_grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    >>> print(value, gradient)
    5.0 [2. 4.]
    """

    def f_and_gradient(x: Any, *rest: Any, **kw: Any) -> tuple[Any, Any]:
        leaves, build = flatten(x)
        leaves = [v if type(v) is ndarray and v.dtype.kind == "f" else leaf(v) for v in leaves]
        n = len(leaves)
        records: list[Any] = [None] * n
        trace = Tracing(records)
        out = run(trace, f, build(inputs(leaves, trace)), *rest, **kw)
        grads: list[Any] = [None] * len(records)
        copied = type(x) is not Tensor and getattr(x, "copies", False)
        model, places = x.blank() if copied else (None, ())
        if type(out) is Tensor and out.tracing is trace:
            value = out.value
            if value.size != 1 or value.dtype.kind != "f":
                raise _not_one_number(value)
            grads[out.slot] = _one(raw(value))
            backward(records, grads, n, places)
        else:
            value = out
            if not _is_one_number(raw(value)):
                raise _not_one_number(value)
        del grads[n:]
        if model is not None and Tensor not in map(type, grads):
            _put(grads, places)
            return value, model
        return value, build(finished(grads, leaves, (), copied))

    return f_and_gradient


def grad(f: Callable[..., Any]) -> Callable[..., Any]:
    """x -> df/dx, the gradient of a function whose value is one number.

    The direction of steepest ascent: the lecture's update is w <- w - alpha grad E(w).

    Parameters
    ----------
    f : callable
        f(x, *rest) gives one number.  The gradient is with respect to x: an array, tuple, list, dict or
        network.

    Returns
    -------
    callable
        (x, *rest) -> gradient, shaped like x.

    Raises
    ------
    TypeError, ValueError
        As `value_and_grad`.

    Notes
    -----
    Kinks and ties have one answer each: the derivative of |x| and of relu at 0 is 0; `maximum(x,
    y)` gives one half to each of two equals; the largest of several equals share alike; a norm and a standard
    deviation of 0 have derivative 0; `clip` passes the derivative on at its bounds.

    Examples
    --------
    >>> import numpy as np
    >>> float(grad(np.tanh)(0.0))
    1.0
    >>> float(grad(grad(lambda x: x**3))(2.0))
    12.0
    """
    f_and_gradient = value_and_grad(f)
    return lambda x, *rest, **kw: f_and_gradient(x, *rest, **kw)[1]


class Part:
    """A cotangent that is zero outside x[index]: added in place, as a slice costs less than an array."""

    __slots__ = ("g", "index", "like", "once")

    def __init__(self, g: Any, index: Any, like: Any, once: bool) -> None:
        self.g, self.index, self.like, self.once = g, index, like, once  # once: no element is picked twice

    def add_to(self, total: Any, own: bool) -> Any:
        """Add to `total`, in place if it is the engine's own array."""
        if total is None:
            total = np.zeros(self.like.shape, self.like.dtype)
        elif not own:
            total = np.array(total)
        if self.once:
            total[self.index] += self.g
        else:
            np.add.at(total, self.index, self.g)
        return total


def backward(records: list[Any], grads: list[Any], n: int, places: Sequence[Any] = ()) -> None:
    """From the last record to the n-th: grads[k] is the cotangent of value k, and goes when it is used.

    A rule may give a pair of plain arrays in place of their product: the first of leaf i is formed in places[i].
    """
    own: set[int] = set()  # the cotangents that nobody else holds, and that may be added to in place
    for k in range(len(records) - 1, n - 1, -1):
        g = grads[k]
        if g is not None:
            grads[k] = None
            pull, slots, out, vals, kw = records[k]
            for i, c in zip(slots, pull(g, slots, out, vals, kw)):  # noqa: B905 (strict costs time)
                if i is not None:
                    total, kind = grads[i], type(c)
                    if kind is tuple:
                        a, b = c
                        here = total is None and i < len(places) and a.dtype is b.dtype is places[i].dtype
                        c = np.dot(a, b, places[i]) if here else a.dot(b)
                    if kind is not Part:
                        grads[i] = c if total is None else total + c
                    elif type(total) is Tensor:
                        grads[i] = total + c.add_to(None, True)
                    else:
                        grads[i] = c.add_to(total, i in own)
                        own.add(i)


def finished(
    grads: list[Any], leaves: Sequence[Any], seeds: Sequence[Any], copied: bool = False
) -> list[Any]:
    """Gradients in each leaf's dtype, with zeros for the unused.

    They belong to the caller alone, and no array stands there twice, unless they are going to be `copied`.
    """
    seen = {id(seed) for seed in seeds}
    out = []
    for g, x in zip(grads, leaves):  # noqa: B905 (grads goes on after the leaves)
        if g is None:
            g = np.zeros(x.shape, raw(x).dtype)[()]
        elif g.dtype is not x.dtype and g.dtype != x.dtype:
            g = _of_dtype(g, x.dtype)
        if not copied and type(g) is ndarray:
            if g.base is not None or id(g) in seen:
                g = g.copy()
            seen.add(id(g))
        out.append(g)
    return out


def _put(grads: Sequence[Any], places: Sequence[Any]) -> None:
    """Write gradients where a model has them, except for those that stand there."""
    for g, place in zip(grads, places, strict=True):
        if g is not place:
            place[...] = 0.0 if g is None else g if g.dtype == place.dtype else _of_dtype(g, place.dtype)


def _of_dtype(g: Any, dtype: np.dtype[Any]) -> Any:
    if g.dtype.kind != "f":
        raise complex_inside()
    return g.astype(dtype)


def complex_inside() -> TypeError:
    """The error for a function that leaves the real numbers."""
    return TypeError(
        "complex numbers appeared inside the function: nnlib differentiates real numbers only, "
        "so compute with the real and the imaginary part as two real arrays"
    )


def _one(v: Any) -> Any:
    return v.dtype.type(1) if v.shape == () else np.ones(v.shape, v.dtype)


def _is_one_number(v: Any) -> bool:
    if not isinstance(v, (bool, int, float, np.generic, ndarray)):
        return False
    return np.size(v) == 1 and np.asarray(v).dtype.kind in "fiub"


def _not_one_number(value: Any) -> Exception:
    if value is None:
        return TypeError(
            "grad needs a function that gives one number, but this one gives None: is a return missing?"
        )
    if isinstance(value, (tuple, list, dict)):
        return TypeError(
            f"grad needs a function that gives one number, but this one gives a {type(value).__name__}: "
            "return the loss alone, or use vjp"
        )
    kind = raw(value)
    if getattr(getattr(kind, "dtype", None), "kind", "") == "c" or isinstance(kind, complex):
        return complex_inside()
    if isinstance(value, (Tensor, ndarray, np.generic)):
        return ValueError(
            f"grad needs a function that gives one number, but this one gives an array of shape "
            f"{value.shape}: sum or average it, or use jacobian"
        )
    return TypeError(f"grad needs a function that gives one number, but this one gives {value!r}")
