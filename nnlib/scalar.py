"""Reverse-mode differentiation of single numbers, to be read in one sitting. Imports nothing of nnlib.

Every operation makes a `Value` that remembers what it came from, and the slope towards each of these.
`backward` then walks from the result to the inputs, and multiplies and adds slopes: the chain rule.

Source: A. Karpathy, micrograd, 2020, whose names are kept.
"""

from __future__ import annotations

import math
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
    _left: Value | None  # what it was made from, and the slope towards that
    _right: Value | None
    _slope_left: float
    _slope_right: float
    _waits: int  # in backward: how many of the numbers that it went into have still to pass their grad on

    def __init__(self, data: float) -> None:
        if not isinstance(data, Real):
            raise TypeError(f"Value takes one real number, but got {data!r}: make one Value for each number")
        self.data, self.grad, self._waits = float(data), 0.0, 0
        self._left, self._slope_left, self._right, self._slope_right = None, 0.0, None, 0.0

    def __add__(self, other: Value | float) -> Value:
        if type(other) is not Value:
            other = _constant(other)
        return _node(self.data + other.data, self, 1.0, other, 1.0)

    def __mul__(self, other: Value | float) -> Value:
        if type(other) is not Value:
            other = _constant(other)
        return _node(self.data * other.data, self, other.data, other, self.data)

    def __pow__(self, other: Value | float) -> Value:
        """x^n, with slopes n x^(n-1) towards x and x^n log x towards n."""
        if type(other) is not Value:
            other = _constant(other)
        x, n = self.data, other.data
        if x < 0 and not n.is_integer():
            raise ValueError(f"{x} ** {n} is not a real number")
        return _node(
            x**n,
            self,
            n * x ** (n - 1) if n else 0.0,
            other,
            x**n * math.log(x) if x > 0 else 0.0 if x == 0 else math.nan,
        )

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
        nodes = [self]
        try:
            for node in nodes:  # grows while it is walked: every number that self came from, once
                node.grad = 0.0
                for parent in (node._left, node._right):
                    if parent is not None:
                        if not parent._waits:
                            nodes.append(parent)
                        parent._waits += 1
            self.grad = 1.0
            ready = [self]
            for node in ready:
                left, right = node._left, node._right
                if left is not None:
                    left.grad += node._slope_left * node.grad
                    left._waits -= 1
                    if not left._waits:
                        ready.append(left)
                if right is not None:
                    right.grad += node._slope_right * node.grad
                    right._waits -= 1
                    if not right._waits:
                        ready.append(right)
        except BaseException:  # interrupted: leave no count behind for the next call
            for node in nodes:
                node._waits = 0
            raise

    def __neg__(self) -> Value:
        return self * -1.0

    def __sub__(self, other: Value | float) -> Value:
        if type(other) is not Value:
            other = _constant(other)
        return _node(self.data - other.data, self, 1.0, other, -1.0)

    def __truediv__(self, other: Value | float) -> Value:
        return self * (other if type(other) is Value else _constant(other)) ** -1.0

    def __radd__(self, other: float) -> Value:
        return self + other

    def __rmul__(self, other: float) -> Value:
        return self * other

    def __rsub__(self, other: float) -> Value:
        return _constant(other) - self

    def __rtruediv__(self, other: float) -> Value:
        return _constant(other) / self

    def __rpow__(self, other: float) -> Value:
        return _constant(other) ** self

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"


_new = object.__new__


def _node(
    data: float, left: Value, slope_left: float, right: Value | None = None, slope_right: float = 0.0
) -> Value:
    """Result of an operation: its inputs, and the slope towards each."""
    node = _new(Value)
    node.data, node.grad, node._waits = data, 0.0, 0
    node._left, node._slope_left, node._right, node._slope_right = left, slope_left, right, slope_right
    return node


def _constant(x: Any) -> Value:
    return Value(x)
