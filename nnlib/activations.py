"""Activation functions f and their derivatives f', one formula a line. May import NumPy and nnlib.autodiff.

An activation is called on a number or on an array of any shape, element by element. Integers become
float64; float32 stays float32. Nothing overflows, and NaN goes in and comes out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib._checks import Floats, floats
from nnlib.autodiff.tensor import TABLE, Tensor

Rule = Callable[..., Any]


class Activation:
    """An activation function f that knows its derivative.

    Parameters
    ----------
    function : callable
        Computes f on an array of floats. Its name and docstring become the activation's.
    derivative : callable
        Computes f' on an array of floats.
    scalar, scalar_derivative : callable, optional
        Compute f and f' on one Python float: a single neuron runs many times faster without arrays.
    elementwise : bool, default True
        Whether each output depends on one input alone. Softmax is the
        exception; its derivative is a Jacobian.

    Attributes
    ----------
    name : str
        The name that figures and messages show.

    Examples
    --------
    >>> from nnlib import sigmoid
    >>> sigmoid
    sigmoid
    >>> sigmoid(0.0), sigmoid.derivative(0.0)
    (0.5, 0.25)
    """

    __name__: str
    __wrapped__: Rule

    def __init__(
        self,
        function: Rule,
        derivative: Rule,
        *,
        scalar: Rule | None = None,
        scalar_derivative: Rule | None = None,
        elementwise: bool = True,
    ) -> None:
        self.name = self.__name__ = self.__qualname__ = function.__name__
        self.__doc__ = function.__doc__
        self.__module__ = function.__module__
        self.__wrapped__ = function
        self.elementwise = elementwise
        self._rules = function, scalar
        self._derivatives = derivative, scalar_derivative

    def __call__(self, x: Any, /, *args: float, **kwargs: float) -> Any:
        """Return f(x), of the shape of x; further arguments, such as a slope, go to f."""
        if type(x) is Tensor:  # inside grad: the row of nnlib.slopes, or f traced step by step
            return TABLE.get(self, self.__wrapped__)(x, *args, **kwargs)
        return self._run(self._rules, x, args, kwargs)

    def derivative(self, x: Any, /, *args: float, **kwargs: float) -> Any:
        """Return f'(x).

        Parameters
        ----------
        x : float or array_like
            Where to take the derivative, of any shape.
        *args, **kwargs : float
            Further arguments of f, such as the slope of `leaky_relu`.

        Returns
        -------
        float or ndarray
            Of the shape of `x`; for softmax the Jacobian, which has one axis more.

        Raises
        ------
        TypeError
            `x` holds text, complex numbers or objects.

        Examples
        --------
        >>> from nnlib import leaky_relu
        >>> leaky_relu.derivative([-1.0, 1.0], slope=0.2)
        array([0.2, 1. ])
        """
        return self._run(self._derivatives, x, args, kwargs)

    def _run(
        self, rules: tuple[Rule, Rule | None], x: Any, args: tuple[float, ...], kwargs: dict[str, float]
    ) -> Any:
        on_array, on_float = rules
        if on_float is not None:
            kind = type(x)
            if kind is float:
                return on_float(x, *args, **kwargs)
            if kind is np.float64:
                return np.float64(on_float(float(x), *args, **kwargs))
            if kind is int:
                return on_float(float(x), *args, **kwargs)
        result = on_array(floats(x, f"{self.name}: x"), *args, **kwargs)
        return result if result.ndim else result[()]

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> str:
        return self.name


def activation(derivative: Rule, **options: Any) -> Callable[[Rule], Activation]:
    """Make an `Activation` of the function below (a decorator); the options are those of `Activation`."""
    return lambda function: Activation(function, derivative, **options)


# Derivatives on arrays.  Those of sigmoid and tanh keep their digits far out, where f (1 - f) rounds to 0.


def _sigmoid_slope(x: Floats) -> Any:
    e = np.exp(-np.abs(x))
    return e / (1.0 + e) ** 2


def _tanh_slope(x: Floats) -> Any:
    e = np.exp(-np.abs(x))
    return (2.0 * e / (1.0 + e * e)) ** 2


def _step_slope(x: Floats) -> Any:
    return np.where(np.isnan(x), x, x.dtype.type(0))


def _relu_slope(x: Floats) -> Any:
    return np.heaviside(x, x.dtype.type(0))


def _leaky_slope(x: Floats, slope: float = 0.1) -> Any:
    one = x.dtype.type(1)
    return np.where(np.isnan(x), x, np.where(x > 0, one, x.dtype.type(slope)))


def _identity_slope(x: Floats) -> Any:
    return np.where(np.isnan(x), x, x.dtype.type(1))


def _softmax_slope(x: Floats) -> Any:
    p = softmax.__wrapped__(x)
    return p[..., :, None] * (np.eye(p.shape[-1], dtype=p.dtype) - p[..., None, :])


# The same on one Python float.


def _sigmoid_float(x: float) -> float:
    e = math.exp(-abs(x))
    return (1.0 if x >= 0 else e) / (1.0 + e)


def _sigmoid_slope_float(x: float) -> float:
    e = math.exp(-abs(x))
    return e / (1.0 + e) ** 2


def _tanh_slope_float(x: float) -> float:
    e = math.exp(-abs(x))
    return (2.0 * e / (1.0 + e * e)) ** 2


def _step_float(x: float) -> float:
    return x if x != x else float(x > 0)


def _leaky_float(x: float, slope: float = 0.1) -> float:
    return slope * x if x <= 0 else x


def _leaky_slope_float(x: float, slope: float = 0.1) -> float:
    return x if x != x else 1.0 if x > 0 else slope


@activation(_step_slope, scalar=_step_float, scalar_derivative=lambda x: x if x != x else 0.0)
def heaviside(x: Floats) -> Any:
    """Step from 0 to 1: the activation of a perceptron.

    ``f(x) = 1 if x > 0 else 0``, so f(0) = 0, as on the lecture's slide.
    ``f'(x) = 0`` wherever it exists. At the jump it does not exist; `derivative` gives 0 there too.

    Parameters
    ----------
    x : float or array_like
        The weighted sum, of any shape.

    Returns
    -------
    float or ndarray
        Of the shape of `x`.

    Raises
    ------
    TypeError
        `x` holds text, complex numbers or objects.

    Notes
    -----
    Source: the lecture, slide "perceptrons".

    Examples
    --------
    >>> from nnlib import heaviside
    >>> heaviside([-2, 0, 3])
    array([0., 0., 1.])
    >>> heaviside.derivative(3.0)
    0.0
    """
    return np.heaviside(x, x.dtype.type(0))


@activation(_sigmoid_slope, scalar=_sigmoid_float, scalar_derivative=_sigmoid_slope_float)
def sigmoid(x: Floats) -> Any:
    """Smooth step from 0 to 1: the logistic function.

    ``f(x) = 1 / (1 + exp(-x))`` and ``f'(x) = f(x) (1 - f(x))``.

    Parameters
    ----------
    x : float or array_like
        The weighted sum, of any shape.

    Returns
    -------
    float or ndarray
        Of the shape of `x`, in [0, 1].

    Raises
    ------
    TypeError
        `x` holds text, complex numbers or objects.

    Notes
    -----
    ``exp(-x)`` overflows at x = -1000. With ``e = exp(-|x|)``, which never exceeds 1, the same function is
    ``1 / (1 + e)`` on the right and ``e / (1 + e)`` on the left, and its derivative ``e / (1 + e)^2``.

    Source: the lecture, slide "choices of activation functions".

    Examples
    --------
    >>> from nnlib import sigmoid
    >>> sigmoid([-1000, 0, 1000])
    array([0. , 0.5, 1. ])
    >>> f = sigmoid(2.0)
    >>> abs(sigmoid.derivative(2.0) - f * (1 - f)) < 1e-15
    True
    """
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, e) / (1.0 + e)


@activation(_tanh_slope, scalar=math.tanh, scalar_derivative=_tanh_slope_float)
def tanh(x: Floats) -> Any:
    """Smooth step from -1 to 1: the hyperbolic tangent.

    ``f(x) = (exp(x) - exp(-x)) / (exp(x) + exp(-x))`` and ``f'(x) = 1 - f(x)^2``.

    Parameters
    ----------
    x : float or array_like
        The weighted sum, of any shape.

    Returns
    -------
    float or ndarray
        Of the shape of `x`, in [-1, 1].

    Raises
    ------
    TypeError
        `x` holds text, complex numbers or objects.

    Notes
    -----
    It is a stretched sigmoid: ``tanh(x) = 2 sigmoid(2 x) - 1``. At 0 its derivative is 1,
    four times the sigmoid's.

    Source: the lecture, slide "choices of activation functions".

    Examples
    --------
    >>> from nnlib import tanh
    >>> tanh(0.0), tanh.derivative(0.0)
    (0.0, 1.0)
    >>> tanh([-1000, 1000])
    array([-1.,  1.])
    """
    return np.tanh(x)


@activation(_relu_slope, scalar=lambda x: 0.0 if x <= 0 else x, scalar_derivative=_step_float)
def relu(x: Floats) -> Any:
    """Rectified linear unit: nothing below 0, the sum itself above.

    ``f(x) = max(0, x)``; ``f'(x) = 1 if x > 0 else 0``. At 0 no derivative exists; `derivative` gives 0.

    Parameters
    ----------
    x : float or array_like
        The weighted sum, of any shape.

    Returns
    -------
    float or ndarray
        Of the shape of `x`, never below 0.

    Raises
    ------
    TypeError
        `x` holds text, complex numbers or objects.

    Notes
    -----
    Source: the lecture, slide "choices of activation functions".

    Examples
    --------
    >>> from nnlib import relu
    >>> relu([-2, 0, 3])
    array([0., 0., 3.])
    >>> relu.derivative([-2, 0, 3])
    array([0., 0., 1.])
    """
    return np.maximum(x, x.dtype.type(0))


@activation(_leaky_slope, scalar=_leaky_float, scalar_derivative=_leaky_slope_float)
def leaky_relu(x: Floats, slope: float = 0.1) -> Any:
    """ReLU that lets a little through below 0.

    ``f(x) = x if x > 0 else slope x``, which is max(slope x, x) for a slope up to 1.
    ``f'(x) = 1 if x > 0 else slope``. At 0 no derivative exists; `derivative` gives the slope.

    Parameters
    ----------
    x : float or array_like
        The weighted sum, of any shape.
    slope : float, default 0.1
        Slope below 0, as on the lecture's slide. Other libraries default to 0.01 or 0.3.

    Returns
    -------
    float or ndarray
        Of the shape of `x`.

    Raises
    ------
    TypeError
        `x` holds text, complex numbers or objects.

    Notes
    -----
    Source: the lecture, slide "choices of activation functions".

    Examples
    --------
    >>> from nnlib import leaky_relu
    >>> leaky_relu([-2, 0, 3])
    array([-0.2,  0. ,  3. ])
    >>> leaky_relu.derivative([-2, 0, 3], slope=0.3)
    array([0.3, 0.3, 1. ])
    """
    return np.where(x > 0, x, x * x.dtype.type(slope))


@activation(_identity_slope, scalar=lambda x: x, scalar_derivative=lambda x: x if x != x else 1.0)
def identity(x: Floats) -> Any:
    """No activation: the weighted sum as it is.

    ``f(x) = x`` and ``f'(x) = 1``.

    Parameters
    ----------
    x : float or array_like
        The weighted sum, of any shape.

    Returns
    -------
    float or ndarray
        A copy of `x` as floats.

    Raises
    ------
    TypeError
        `x` holds text, complex numbers or objects.

    Examples
    --------
    >>> from nnlib import identity
    >>> identity([-2, 0, 3])
    array([-2.,  0.,  3.])
    """
    return x.copy()


@activation(_softmax_slope, elementwise=False)
def softmax(x: Floats) -> Any:
    """Turn the sums of k classes into k probabilities.

    ``p_i = exp(x_i) / sum_k exp(x_k)`` over the last axis; ``dp_i/dx_j = p_i ([i = j] - p_j)``.

    Parameters
    ----------
    x : array_like
        Sums of shape (..., k).

    Returns
    -------
    ndarray
        Of the shape of `x`; each row adds up to 1. `softmax.derivative` returns the Jacobian, (..., k, k).

    Raises
    ------
    TypeError
        `x` holds text, complex numbers or objects.
    ValueError
        `x` is a single number.

    Notes
    -----
    Taking the largest sum off all of them leaves the result as it is and keeps ``exp`` from overflowing.

    Source: Goodfellow, Bengio and Courville, *Deep Learning*, section 6.2.2.3.

    Examples
    --------
    >>> from nnlib import softmax
    >>> softmax([1000, 1000])
    array([0.5, 0.5])
    >>> softmax.derivative([0, 0])
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """
    if not x.ndim or not x.shape[-1]:
        raise ValueError(f"softmax takes the sums of k classes along the last axis, but x is {x.shape}.")
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)
