"""Forward-mode differentiation of single numbers: a + b eps with eps^2 = 0. Imports nothing of nnlib.

f(a + b eps) = f(a) + f'(a) b eps: the second part of every result is a derivative.

Source: A. Griewank and A. Walther, Evaluating Derivatives, 2nd edition, SIAM 2008, section 3.1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextvars import ContextVar
from numbers import Real
from typing import Any


class Dual:
    """A number and its derivative: ``value + slope eps``, where ``eps^2 = 0``.

    Parameters
    ----------
    value : float
        The number.
    slope : float, default 0.0
        Its derivative: 1 for the variable that you differentiate by, 0 for a constant.

    Raises
    ------
    TypeError
        Where a part is not a real number. A Dual of Duals would mix up their perturbations;
        for derivatives of derivatives use `nnlib.grad` or `nnlib.jvp`, which keep them apart.

    Examples
    --------
    >>> x = Dual(3.0, 1.0)
    >>> x**2 + 1
    Dual(10.0, 6.0)
    >>> (x * x.sin()).slope == math.sin(3.0) + 3.0 * math.cos(3.0)
    True
    """

    __slots__ = ("slope", "value")

    def __init__(self, value: float, slope: float = 0.0) -> None:
        for part in (value, slope):
            if not isinstance(part, Real):
                raise TypeError(
                    f"Dual takes two real numbers, but got {part!r}. For derivatives of derivatives "
                    "use nnlib.grad or nnlib.jvp, which keep perturbations apart"
                )
        self.value, self.slope = float(value), float(slope)

    def __add__(self, other: Dual | float) -> Dual:
        """(a + b eps) + (c + d eps) = (a + c) + (b + d) eps."""
        other = _dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other: Dual | float) -> Dual:
        """(a + b eps) (c + d eps) = a c + (b c + a d) eps, because eps^2 = 0."""
        other = _dual(other)
        return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)

    def __truediv__(self, other: Dual | float) -> Dual:
        """(a + b eps) / (c + d eps) = a / c + (b - a / c d) / c eps."""
        other = _dual(other)
        ratio = self.value / other.value
        return Dual(ratio, (self.slope - ratio * other.slope) / other.value)

    def __pow__(self, other: Dual | float) -> Dual:
        """x^n, with the derivative n x^(n-1) x' + x^n log(x) n'."""
        other = _dual(other)
        x, n = self.value, other.value
        if x < 0 and not n.is_integer():
            raise ValueError(f"{x} ** {n} is not a real number")
        slope = n * x ** (n - 1) * self.slope if n else 0.0
        if other.slope:
            slope += x**n * math.log(x) * other.slope if x > 0 else 0.0 if x == 0 else math.nan
        return Dual(x**n, slope)

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.slope)

    def __sub__(self, other: Dual | float) -> Dual:
        return self + -_dual(other)

    def __radd__(self, other: float) -> Dual:
        return self + other

    def __rmul__(self, other: float) -> Dual:
        return self * other

    def __rsub__(self, other: float) -> Dual:
        return _dual(other) - self

    def __rtruediv__(self, other: float) -> Dual:
        return _dual(other) / self

    def __rpow__(self, other: float) -> Dual:
        return _dual(other) ** self

    def __abs__(self) -> Dual:
        """|x|, with derivative 0 at the kink."""
        sign = (self.value > 0) - (self.value < 0)
        return Dual(abs(self.value), sign * self.slope)

    def exp(self) -> Dual:
        """e^x, which is its own derivative."""
        out = math.exp(self.value) if self.value < 709.78 else math.inf
        return Dual(out, out * self.slope)

    def log(self) -> Dual:
        """log x, with the derivative 1 / x."""
        if self.value <= 0:
            raise ValueError(f"log takes a number above 0, but got {self.value}")
        return Dual(math.log(self.value), self.slope / self.value)

    def sqrt(self) -> Dual:
        """Square root."""
        return self**0.5

    def sin(self) -> Dual:
        """sin x, with the derivative cos x."""
        return Dual(math.sin(self.value), math.cos(self.value) * self.slope)

    def cos(self) -> Dual:
        """cos x, with the derivative -sin x."""
        return Dual(math.cos(self.value), -math.sin(self.value) * self.slope)

    def tanh(self) -> Dual:
        """tanh x, with the derivative 1 - tanh^2 x."""
        out = math.tanh(self.value)
        return Dual(out, (1.0 - out * out) * self.slope)

    def relu(self) -> Dual:
        """max(0, x), with derivative 1 above 0, and 0 elsewhere."""
        return self if self.value > 0 else Dual(0.0 * self.value, 0.0 * self.slope)

    def __lt__(self, other: Dual | float) -> bool:
        return self.value < _dual(other).value

    def __gt__(self, other: Dual | float) -> bool:
        return self.value > _dual(other).value

    def __le__(self, other: Dual | float) -> bool:
        return self.value <= _dual(other).value

    def __ge__(self, other: Dual | float) -> bool:
        return self.value >= _dual(other).value

    def __repr__(self) -> str:
        return f"Dual({self.value}, {self.slope})"


def _dual(x: Any) -> Dual:
    return x if type(x) is Dual else Dual(x)


_running: ContextVar[bool] = ContextVar("a derivative is being taken", default=False)


def derivative(f: Callable[[Any], Any]) -> Callable[[float], float]:
    """x -> f'(x), by one run of f on the dual number x + 1 eps.

    Parameters
    ----------
    f : callable
        A function of one number, written with operators, and with methods (`x.sin()`) or NumPy (`np.sin(x)`).

    Returns
    -------
    callable
        The derivative, a function of one number.

    Raises
    ------
    TypeError
        Where f itself calls a `derivative`: both would use the same eps, and mix up their perturbations.

    Examples
    --------
    >>> derivative(lambda x: x**3)(2.0)
    12.0
    """

    def slope(x: float) -> float:
        if _running.get():
            raise TypeError(
                "derivative was called inside a function that is being differentiated: both would use the same "
                "eps. For derivatives of derivatives use nnlib.grad or nnlib.jvp, which keep perturbations apart"
            )
        token = _running.set(True)
        try:
            return float(_dual(f(Dual(x, 1.0))).slope)
        finally:
            _running.reset(token)

    return slope
