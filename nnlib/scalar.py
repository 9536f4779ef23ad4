"""Reverse-mode differentiation of single numbers, to be read in one sitting. Imports nothing of nnlib.

Every operation makes a `Value` that remembers what it came from, and the slope towards each of these.
`backward` then walks from the result to the inputs, and multiplies and adds slopes: the chain rule.

Source: A. Karpathy, micrograd, 2020, whose names are kept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any


class Value:
    """A number that remembers how it was computed.

    Parameters
    ----------
    data : float
        The number.

    Attributes
    ----------
    data : float
        The number.
    grad : float
        d(result) / d(this number), after `result.backward()`.

    Raises
    ------
    TypeError
        Where `data` is not a real number.

    Examples
    --------
    >>> x, y = Value(2.0), Value(3.0)
    >>> z = x * y + x**2
    >>> z.backward()
    >>> z.data, x.grad, y.grad
    (10.0, 7.0, 2.0)
    """

    __slots__ = ("_left", "_right", "_slope_left", "_slope_right", "_waits", "data", "grad")

    data: float
    grad: float
    # What it was made from, and the slope towards each: two Values, or lists on the left and None on the right.
    _left: Any
    _right: Value | None
    _slope_left: Any
    _slope_right: float
    # In backward: how many of those that it went into have still to pass their grad on. None for an input.
    _waits: int | None

    def __init__(self, data: float) -> None:
        self.data, self.grad, self._waits = _number(data), 0.0, None

    # `_node` is written out in the next two: graphs are made of sums and products.

    def __add__(self, other: Value | float) -> Value:
        if type(other) is not Value:
            return _node(self.data + _number(other), self, 1.0)
        out = _new(Value)
        out.data = self.data + other.data
        out.grad = 0.0
        out._left = self
        out._right = other
        out._slope_left = out._slope_right = 1.0
        out._waits = 0
        return out

    def __mul__(self, other: Value | float) -> Value:
        if type(other) is not Value:
            number = _number(other)
            return _node(self.data * number, self, number)
        x, y = self.data, other.data
        out = _new(Value)
        out.data = x * y
        out.grad = 0.0
        out._left = self
        out._right = other
        out._slope_left = y
        out._slope_right = x
        out._waits = 0
        return out

    def __pow__(self, other: Value | float) -> Value:
        """x^n, with slopes n x^(n-1) towards x and x^n log x towards n."""
        x, n = self.data, other.data if type(other) is Value else _number(other)
        if x < 0 and not n.is_integer():
            raise ValueError(f"{x} ** {n} is not a real number")
        out, slope = x**n, n * x ** (n - 1) if n else 0.0
        if type(other) is not Value:
            return _node(out, self, slope)
        return _node(out, self, slope, other, out * math.log(x) if x > 0 else 0.0 if x == 0 else math.nan)

    def exp(self) -> Value:
        """e^x, which is its own slope."""
        out = math.exp(self.data) if self.data < 709.78 else math.inf
        return _node(out, self, out)

    def log(self) -> Value:
        """log x, with slope 1 / x."""
        if self.data <= 0:
            raise ValueError(f"log takes a number above 0, but got {self.data}")
        return _node(math.log(self.data), self, 1.0 / self.data)

    def tanh(self) -> Value:
        """tanh x, with slope 1 - tanh^2 x."""
        out = math.tanh(self.data)
        return _node(out, self, 1.0 - out * out)

    def relu(self) -> Value:
        """max(0, x), with slope 1 above 0, and 0 elsewhere."""
        return _node(self.data, self, 1.0) if self.data > 0 else _node(0.0 * self.data, self, 0.0)

    def backward(self) -> None:
        """Set `grad` of every number that this one came from.

        A number passes its grad on once everything that it went into has done so. Grads are set anew, not
        added to: calling `backward` twice gives the same numbers.
        """
        self.grad = 1.0
        if self._waits is None:
            return
        nodes = [self]  # all but the inputs, which pass nothing on
        try:
            _count(nodes)
            _pass_on(self)
        except BaseException:  # interrupted: leave no count behind for the next call
            for node in nodes:
                node._waits = 0
            raise

    def __neg__(self) -> Value:
        return self * -1.0

    def __sub__(self, other: Value | float) -> Value:
        if type(other) is not Value:
            return _node(self.data - _number(other), self, 1.0)
        return _node(self.data - other.data, self, 1.0, other, -1.0)

    def __truediv__(self, other: Value | float) -> Value:
        return self * (other if type(other) is Value else _number(other)) ** -1.0

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: float) -> Value:
        return _node(_number(other) - self.data, self, -1.0)

    def __rtruediv__(self, other: float) -> Value:
        return self**-1.0 * other

    def __rpow__(self, other: float) -> Value:
        return Value(other) ** self

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"


def weighted_sum(w: Sequence[Value | float], x: Sequence[Value | float], b: Value | float = 0.0) -> Value:
    """Return ``w1 x1 + w2 x2 + ... + b`` as one Value: a neuron before its activation.

    It has the value and the slopes of the sum written with `+` and `*`, but it is one step of the graph where
    those are two for each input, so that a network of Values runs several times faster.

    Parameters
    ----------
    w, x : sequence of Value or float
        Weights and inputs, as many of each.
    b : Value or float, default 0.0
        The bias.

    Returns
    -------
    Value
        The sum.

    Raises
    ------
    ValueError
        Where w and x differ in length.
    TypeError
        Where something is neither a Value nor a real number.

    Examples
    --------
    >>> w, x = [Value(2.0), Value(-1.0)], [Value(3.0), Value(4.0)]
    >>> z = weighted_sum(w, x, Value(0.5))
    >>> z.backward()
    >>> z.data, w[0].grad, x[1].grad
    (2.5, 3.0, -1.0)
    """
    if len(w) != len(x):
        raise ValueError(f"weighted_sum takes one weight for each input, but got {len(w)} and {len(x)}")
    parts = [v if isinstance(v, Value) else Value(v) for v in (*w, *x, b)]
    *factors, z = [v.data for v in parts]
    ws, xs = factors[: len(w)], factors[len(w) :]
    for p, q in zip(ws, xs, strict=True):
        z += p * q
    out = _node(z, parts, [*xs, *ws, 1.0])
    out._right = None
    return out


# ------------------------------------------------------------------------------------------ the chain rule
# Both walks do for each part of a node what stands in the last branch. Most nodes have two parts; for these it
# is written out, because a loop over two takes half as long again.


def _count(nodes: list[Value]) -> None:
    """Append to `nodes` all that its first one came from, set their grads to 0, and count for whom each waits."""
    append = nodes.append
    for node in nodes:  # grows while it is walked
        left, right = node._left, node._right
        if right is not None:
            waits = left._waits
            if waits is None:
                left.grad = 0.0
            elif waits:
                left._waits = waits + 1
            else:
                left.grad = 0.0
                left._waits = 1
                append(left)
            waits = right._waits
            if waits is None:
                right.grad = 0.0
            elif waits:
                right._waits = waits + 1
            else:
                right.grad = 0.0
                right._waits = 1
                append(right)
        else:
            for part in left:
                waits = part._waits
                if waits is None:
                    part.grad = 0.0
                elif waits:
                    part._waits = waits + 1
                else:
                    part.grad = 0.0
                    part._waits = 1
                    append(part)


def _pass_on(result: Value) -> None:
    """Give each part of a node that waits no longer its share: the slope towards it, times the node's grad."""
    ready = [result]
    append, pop = ready.append, ready.pop
    while ready:  # the newest first: what it needs is still in the processor's cache
        node = pop()
        grad, left, right = node.grad, node._left, node._right
        if right is not None:
            left.grad += node._slope_left * grad
            waits = left._waits
            if waits is not None:
                if waits == 1:
                    left._waits = 0
                    append(left)
                else:
                    left._waits = waits - 1
            right.grad += node._slope_right * grad
            waits = right._waits
            if waits is not None:
                if waits == 1:
                    right._waits = 0
                    append(right)
                else:
                    right._waits = waits - 1
        else:
            for part, slope in zip(left, node._slope_left, strict=True):
                part.grad += slope * grad
                waits = part._waits
                if waits is not None:
                    if waits == 1:
                        part._waits = 0
                        append(part)
                    else:
                        part._waits = waits - 1


_new = object.__new__


def _node(
    data: float, left: Any, slope_left: Any, right: Value | None = None, slope_right: float = 0.0
) -> Value:
    """Result of an operation: its inputs, and the slope towards each. The place of a number is taken by `_NUMBER`."""
    node = _new(Value)
    node.data, node.grad, node._waits = data, 0.0, 0
    node._left, node._slope_left = left, slope_left
    node._right, node._slope_right = _NUMBER if right is None else right, slope_right
    return node


def _number(x: Any) -> float:
    if type(x) is float:  # nearly always; the question below takes longer than a product
        return x
    if not isinstance(x, Real):
        raise TypeError(f"Value takes one real number, but got {x!r}: make one Value for each number")
    return float(x)


_NUMBER = Value(0.0)  # an input that no one looks at
