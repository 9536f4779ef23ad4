"""The kinds of row that the table of derivatives is made of.  May import tensor.py and reverse.py.

A row has two rules.  `pull(g, slots, out, vals, kw)` gives a cotangent for each argument, where a pair of plain
matrices may stand for their product; `push(ts, out, vals, kw)` gives the tangent of the result.  `slots` and `ts`
hold None for arguments that are constant. Nobody writes both: each kind below makes them from one formula, so that
the modes can't disagree.

    elementwise    t times the partial derivative: serves a tangent and a cotangent alike
    linear         f itself in forward mode, its transposes in reverse
    differential   the first-order change of the result; reverse mode transposes it by tracing it
    composite      a function written with other rows
    constant       a step function: a plain result, and a derivative of zero

In all formulas t is a tangent or a cotangent, g a cotangent, o the result, and x, y, ... the arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .reverse import vjp
from .tensor import TABLE, Tensor, raw, record

Rule = Callable[..., Any]


def elementwise(f: Rule, *derivatives: Rule | None, on: Any = None) -> Rule:
    """Row of f, which acts element by element, under the key `on` (f itself if it is not given).

    derivatives[i](t, o, *args) = t * (df / d argument i); None where f is constant in that argument.
    """
    if len(derivatives) == 1:
        (d,) = derivatives
        op = _unary_elementwise(f, d)
    elif len(derivatives) == 2:
        op = _binary_elementwise(f, *derivatives)
    else:
        op = _any_elementwise(f, derivatives)
    return enter(op, on or f)


def _unary_elementwise(f: Rule, d: Any) -> Rule:
    def pull(g: Any, slots: Any, out: Any, vals: Any, kw: Any) -> Any:
        return (d(g, out, vals[0]),)

    def push(ts: Any, out: Any, vals: Any, kw: Any) -> Any:
        return d(ts[0], out, vals[0])

    return unary(f, pull, push)


def _binary_elementwise(f: Rule, d: Any, e: Any) -> Rule:
    def pull(g: Any, slots: Any, out: Any, vals: Any, kw: Any) -> Any:
        x, y = vals
        return (
            None if slots[0] is None else fit(d(g, out, x, y), x.shape),
            None if slots[1] is None else fit(e(g, out, x, y), y.shape),
        )

    def push(ts: Any, out: Any, vals: Any, kw: Any) -> Any:
        s, t = ts
        if t is None:
            t = d(s, out, *vals)
        elif s is None:
            t = e(t, out, *vals)
        else:
            t = d(s, out, *vals) + e(t, out, *vals)
        return t if t.shape == out.shape else np.broadcast_to(t, out.shape)

    return binary(f, pull, push)


def _any_elementwise(f: Rule, ds: Sequence[Rule | None]) -> Rule:
    def pull(g: Any, slots: Any, out: Any, vals: Any, kw: Any) -> Any:
        return [
            None if i is None or d is None else fit(d(g, out, *vals), x.shape)
            for i, d, x in zip(slots, ds, vals, strict=True)
        ]

    def push(ts: Any, out: Any, vals: Any, kw: Any) -> Any:
        changes = [d(t, out, *vals) for t, d in zip(ts, ds, strict=True) if t is not None and d is not None]
        return total(changes, out)

    return primitive(f, pull, push)


def linear(f: Rule, *transposes: Rule, on: Any = None) -> Rule:
    """Row of f, which is linear in each argument that has a transpose, and takes the rest as constants.

    transposes[i](g, o, *args, **kw) is the cotangent of argument i: <g, f(.., t, ..)> = <transposes[i](g),
    t>.
    """

    def pull(g: Any, slots: Any, out: Any, vals: Any, kw: Any) -> Any:
        return [
            None if i is None else transpose(g, out, *vals, **kw)
            for i, transpose in zip(slots, transposes)  # noqa: B905 (the constants have none)
        ]

    def push(ts: Any, out: Any, vals: Any, kw: Any) -> Any:
        changes = [op(*vals[:i], t, *vals[i + 1 :], **kw) for i, t in enumerate(ts) if t is not None]
        return total(changes, out)

    op = enter(primitive(f, pull, push), on or f)
    return op


def bilinear(f: Rule, left: Rule, right: Rule, on: Any = None) -> Rule:
    """Row of a product f(x, y): left(g, x, y) is the cotangent of x, and right(g, x, y) that of y."""

    def pull(g: Any, slots: Any, out: Any, vals: Any, kw: Any) -> Any:
        return (
            None if slots[0] is None else left(g, *vals),
            None if slots[1] is None else right(g, *vals),
        )

    def push(ts: Any, out: Any, vals: Any, kw: Any) -> Any:
        (s, t), (x, y) = ts, vals
        if s is None:
            return op(x, t)
        return op(s, y) if t is None else op(s, y) + op(x, t)

    op = enter(binary(f, pull, push), on or f)
    return op


def differential(f: Rule, d: Rule, on: Any = None) -> Rule:
    """Row of f by its differential: d(ts, o, *args, **kw) is the first-order change of o.

    ts are the changes of the arguments.  d is linear in them: pulling back through it gives the reverse rule.
    """

    def pull(g: Any, slots: Any, out: Any, vals: Any, kw: Any) -> Any:
        (k,) = (k for k, i in enumerate(slots) if i is not None)
        x = vals[k]
        _, back = vjp(lambda t: d((t,), out, *vals, **kw), np.zeros(x.shape, raw(x).dtype))
        return [back(g)[0] if i == k else None for i in range(len(vals))]

    def push(ts: Any, out: Any, vals: Any, kw: Any) -> Any:
        return d(ts, out, *vals, **kw)

    return enter(primitive(f, pull, push), on or f)


def composite(*functions: Any) -> Callable[[Rule], Rule]:
    """The decorated function, written with rows of the table, is what `functions` do to a Tensor."""

    def rows(op: Rule) -> Rule:
        return enter(op, *functions)

    return rows


def newer(*names: str) -> Callable[[Rule], Rule]:
    """`composite` for NumPy functions that an older NumPy does not have."""
    return composite(*(getattr(np, name) for name in names if hasattr(np, name)))


def constant(*functions: Any) -> None:
    """Rows of step functions: a plain result, and a derivative of zero."""
    for f in functions:
        enter(_plain(f), f)


def _plain(f: Rule) -> Rule:
    def op(*args: Any, **kw: Any) -> Any:
        return f(*map(raw, args), **{name: raw(v) for name, v in kw.items()})

    return op


def enter(op: Rule, *keys: Any) -> Rule:
    """Write `op` into the table."""
    for key in keys:
        TABLE[key] = op
    return op


# ---------------------------------------------------------------------------------- the operations themselves
def primitive(f: Rule, pull: Rule, push: Rule) -> Rule:
    """Operation of any number of arguments: run f one tracing further out, and record what the rules need."""

    def op(*args: Any, **kw: Any) -> Any:
        trace, deeper = None, False
        vals: list[Any] = []
        slots: list[Any] = []
        for a in args:
            if type(a) is Tensor:
                if a.tracing is not trace:
                    if trace is not None:
                        return mixed(args, kw)
                    trace = a.tracing
                v = a.value
                if type(v) is Tensor:
                    deeper = True
                vals.append(v)
                slots.append(a.slot)
            else:
                vals.append(a)
                slots.append(None)
        if trace is None:
            return f(*args, **kw)
        return record(trace, op(*vals, **kw) if deeper else f(*vals, **kw), pull, push, slots, vals, kw)

    def mixed(args: Sequence[Any], kw: Any) -> Any:
        """Arguments of several tracings: the innermost takes the operation, the others are constants."""
        trace = max((a.tracing for a in args if type(a) is Tensor), key=lambda trace: trace.level)
        mine = [type(a) is Tensor and a.tracing is trace for a in args]
        vals = [a.value if m else a for a, m in zip(args, mine, strict=True)]
        slots = [a.slot if m else None for a, m in zip(args, mine, strict=True)]
        return record(trace, op(*vals, **kw), pull, push, slots, vals, kw)

    return op


def unary(f: Rule, pull: Rule, push: Rule) -> Rule:
    """`primitive` for one argument, unrolled: small programs spend their time here."""

    def op(x: Any) -> Any:
        if type(x) is not Tensor:
            return f(x)
        v = x.value
        return record(x.tracing, f(v) if type(v) is not Tensor else op(v), pull, push, (x.slot,), (v,), None)

    return op


def binary(f: Rule, pull: Rule, push: Rule) -> Rule:
    """`primitive` for two arguments, unrolled."""

    def op(a: Any, b: Any) -> Any:
        i = j = None
        if type(a) is Tensor:
            trace = a.tracing
            if type(b) is Tensor:
                if b.tracing is trace:
                    i, j, a, b = a.slot, b.slot, a.value, b.value
                elif trace.level > b.tracing.level:
                    i, a = a.slot, a.value
                else:
                    trace, j, b = b.tracing, b.slot, b.value
            else:
                i, a = a.slot, a.value
        elif type(b) is Tensor:
            trace, j, b = b.tracing, b.slot, b.value
        else:
            return f(a, b)
        out = op(a, b) if type(a) is Tensor or type(b) is Tensor else f(a, b)
        return record(trace, out, pull, push, (i, j), (a, b), None)

    return op


def fused(f: Rule, pull: Rule, push: Rule) -> Rule:
    """One record for a whole formula f(y, x) with constant y.

    f gives the result, and what the rules get as `kw`.  It is written in NumPy, so a tracing further out sees
    its parts.
    """

    def op(y: Any, x: Any) -> Any:
        if type(x) is not Tensor:
            return f(y, x)[0]
        v = x.value
        out, kept = f(y, v)
        return record(x.tracing, out, pull, push, (x.slot,), (y, v), kept)

    return enter(op, f)


# ----------------------------------------------------------------------------------------------- broadcasting
def fit(g: Any, shape: Any) -> Any:
    """Undo broadcasting: sum g down to `shape`."""
    if g.shape == shape:
        return g
    if len(shape) == 1 and g.ndim == 2 and g.shape[1] == shape[0]:
        return np.dot(ones(g.shape[0], g.dtype), g)  # six times faster than sum
    k = g.ndim - len(shape)
    axes = tuple(range(k)) + tuple(k + i for i, n in enumerate(shape) if n == 1 != g.shape[k + i])
    return np.reshape(np.sum(g, axis=axes), shape)


def total(changes: Sequence[Any], out: Any) -> Any:
    """Sum of the tangents that the arguments contribute, in the shape of the result."""
    t = changes[0]
    for change in changes[1:]:
        t = t + change
    return t if t.shape == out.shape else np.broadcast_to(t, out.shape)


_ones: dict[Any, Any] = {}


def ones(n: int, dtype: np.dtype[Any]) -> Any:
    """Ones that are kept between calls, and never written to."""
    try:
        return _ones[n, dtype]
    except KeyError:
        if len(_ones) > 64:
            _ones.clear()
        return _ones.setdefault((n, dtype), np.ones(n, dtype))
