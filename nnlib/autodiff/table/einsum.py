"""Sums over repeated letters: the cotangent of an operand is an einsum of all the others."""

from __future__ import annotations

import string
from typing import Any

import numpy as np

from ..rows import composite, enter, fit, primitive, total
from ..tensor import raw


def _plain_einsum(*xs: Any, ins: tuple[str, ...], out: str) -> Any:
    return np.einsum(",".join(ins) + "->" + out, *xs)


def _pull(g: Any, slots: Any, o: Any, xs: Any, kw: Any) -> Any:
    return [None if s is None else _cotangent(g, k, xs, **kw) for k, s in enumerate(slots)]


def _push(ts: Any, o: Any, xs: Any, kw: Any) -> Any:
    return total([_einsum_of(*xs[:k], t, *xs[k + 1 :], **kw) for k, t in enumerate(ts) if t is not None], o)


_einsum_of = enter(primitive(_plain_einsum, _pull, _push), "einsum of distinct letters")


def _cotangent(g: Any, k: int, xs: Any, ins: tuple[str, ...], out: str) -> Any:
    """Swap the letters of operand k with the result's; those that it alone has were summed: spread them."""
    others = [x for i, x in enumerate(xs) if i != k]
    letters = [s for i, s in enumerate(ins) if i != k]
    length = {
        c: n for x, s in zip(xs, ins, strict=True) for c, n in zip(s, np.shape(raw(x)), strict=True) if n != 1
    }
    alone = [c for c in ins[k] if c not in out + "".join(letters)]
    ones = [np.ones(length.get(c, 1), raw(g).dtype) for c in alone]
    wide = _einsum_of(g, *others, *ones, ins=(out, *letters, *alone), out=ins[k])
    return fit(wide, xs[k].shape)  # an axis of length 1 was broadcast


def _from_lists(args: list[Any]) -> tuple[str, list[Any]]:
    """einsum(x, [0, 1], y, [1, 2], [0, 2]) as letters."""

    def letters(numbers: Any) -> str:
        return "".join("..." if i is Ellipsis else string.ascii_letters[i] for i in numbers)

    result = "->" + letters(args.pop()) if len(args) % 2 else ""
    return ",".join(map(letters, args[1::2])) + result, args[::2]


@composite(np.einsum)
def _einsum(spec: Any, *operands: Any, optimize: Any = None) -> Any:
    xs = list(operands)
    if not isinstance(spec, str):
        spec, xs = _from_lists([spec, *xs])
    xs = [x if hasattr(x, "ndim") else np.asarray(x) for x in xs]
    left, arrow, out = spec.replace(" ", "").partition("->")
    ins = left.split(",")
    if len(ins) != len(xs):
        raise ValueError(f"np.einsum: {spec!r} names {len(ins)} operands, but there are {len(xs)}")
    if not arrow:
        out = "..." * ("..." in left) + "".join(
            sorted(c for c in set(left) - set(",.") if left.count(c) == 1)
        )
    free = [c for c in reversed(string.ascii_letters) if c not in spec]
    ins, out = _spell_out_dots(ins, out, xs, free)
    ins, xs = _make_distinct(ins, xs, free)
    return _einsum_of(*xs, ins=tuple(ins), out=out)


def _spell_out_dots(ins: list[str], out: str, xs: list[Any], free: list[str]) -> tuple[list[str], str]:
    """Letters in place of `...`."""
    hidden = [x.ndim - len(s) + 3 if "..." in s else 0 for s, x in zip(ins, xs, strict=True)]
    dots = "".join(free.pop() for _ in range(max(hidden)))
    named = [s.replace("...", dots[len(dots) - n :]) for s, n in zip(ins, hidden, strict=True)]
    for s, x in zip(named, xs, strict=True):
        if len(s) != x.ndim:
            raise ValueError(
                f"np.einsum: the letters {s!r} name {len(s)} axes, but the operand has shape {x.shape}"
            )
    return named, out.replace("...", dots)


def _make_distinct(ins: list[str], xs: list[Any], free: list[str]) -> tuple[list[str], list[Any]]:
    """Turn ii into ij, times the unit matrix ij, so that no operand has a letter twice."""
    ins, xs = list(ins), list(xs)
    for k in range(len(ins)):
        for place in range(len(ins[k])):
            letter = ins[k][place]
            if letter in ins[k][:place]:
                other = free.pop()
                ins[k] = ins[k][:place] + other + ins[k][place + 1 :]
                ins.append(letter + other)
                xs.append(np.eye(xs[k].shape[place], dtype=raw(xs[k]).dtype))
    return ins, xs
