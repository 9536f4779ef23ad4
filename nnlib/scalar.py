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
    _left: Value | None  # what it was made from (an input: nothing), and the slope towards that
    _right: Value | None
    _slope_left: float
    _slope_right: float
    _waits: int  # in backward: how many of the numbers that it went into have still to pass their grad on

    def __init__(self, data: float) -> None:
        self.data, self.grad, self._waits = _number(data), 0.0, 0
        self._left, self._slope_left, self._right, self._slope_right = None, 0.0, None, 0.0

    def __add__(self, other: Value | float) -> Value:
        if type(other) is not Value:
            return _node(self.data + _number(other), self, 1.0)
        out = _new(Value)  # `_node` written out, here and in `__mul__`: graphs are made of these two
        out.data, out.grad, out._waits = self.data + other.data, 0.0, 0
        out._left, out._slope_left = self, 1.0
        out._right, out._slope_right = other, 1.0
        return out

    def __mul__(self, other: Value | float) -> Value:
        if type(other) is not Value:
            number = _number(other)
            return _node(self.data * number, self, number)
        out = _new(Value)
        out.data, out.grad, out._waits = self.data * other.data, 0.0, 0
        out._left, out._slope_left = self, other.data
        out._right, out._slope_right = other, self.data
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
        nodes = [self]  # all but the inputs, which pass nothing on and so never wait
        try:
            for node in nodes:  # grows while it is walked: every number that self came from, once
                node.grad = 0.0
                left, right = node._left, node._right
                if left is not None:
                    if left._left is None:
                        left.grad = 0.0
                    elif left._waits:
                        left._waits += 1
                    else:
                        left._waits = 1
                        nodes.append(left)
                if right is not None:
                    if right._left is None:
                        right.grad = 0.0
                    elif right._waits:
                        right._waits += 1
                    else:
                        right._waits = 1
                        nodes.append(right)
            self.grad = 1.0
            ready = [self]
            while ready:  # the newest first: what it needs is still in the processor's cache
                node = ready.pop()
                grad, left, right = node.grad, node._left, node._right
                if left is not None:
                    left.grad += node._slope_left * grad
                    waits = left._waits
                    if waits == 1:
                        left._waits = 0
                        ready.append(left)
                    elif waits:
                        left._waits = waits - 1
                if right is not None:
                    right.grad += node._slope_right * grad
                    waits = right._waits
                    if waits == 1:
                        right._waits = 0
                        ready.append(right)
                    elif waits:
                        right._waits = waits - 1
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


_new = object.__new__


def _node(
    data: float, left: Value, slope_left: float, right: Value | None = None, slope_right: float = 0.0
) -> Value:
    """Result of an operation: its inputs, and the slope towards each."""
    node = _new(Value)
    node.data, node.grad, node._waits = data, 0.0, 0
    node._left, node._slope_left, node._right, node._slope_right = left, slope_left, right, slope_right
    return node


def _number(x: Any) -> float:
    if type(x) is float:  # nearly always; the question below takes longer than a product
        return x
    if not isinstance(x, Real):
        raise TypeError(f"Value takes one real number, but got {x!r}: make one Value for each number")
    return float(x)
