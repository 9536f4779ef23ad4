"""The whole matrix of derivatives, one pull a row.  May import reverse.py."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .reverse import vjp
from .tensor import Tensor, raw
from .trees import flatten


def jacobian(f: Callable[..., Any]) -> Callable[..., Any]:
    """x -> the derivatives of every number in f(x) with respect to every number in x.

    J[i, j] = d f(x)[i] / d x[j], where i runs over the shape of the value and j over the shape of x.

    Parameters
    ----------
    f : callable
        f(x, *rest) gives an array, for an array x, or a tuple, list or dict of arrays.

    Returns
    -------
    callable
        (x, *rest) -> array of shape f(x).shape + x.shape, or a tuple, list or dict of such arrays.

    Raises
    ------
    TypeError
        Where f gives something other than one array, or x is a network, whose Jacobian is not network-shaped.

    Examples
    --------
    >>> import numpy as np
    >>> jacobian(lambda x: np.array([[0.0, 1.0], [2.0, 0.0]]) @ x)(np.array([1.0, 1.0]))
    array([[0., 1.],
           [2., 0.]])
    """

    def matrix(x: Any, *rest: Any) -> Any:
        if type(x) is not Tensor and hasattr(x, "leaves"):
            raise TypeError(
                f"the Jacobian with respect to a {type(x).__name__} has no place in a network: "
                "differentiate with respect to its leaves, "
                "jacobian(lambda leaves: net.like(leaves)(x))(net.leaves())"
            )
        y, pull = vjp(lambda x: f(x, *rest), x)
        if isinstance(y, (tuple, list, dict)) or not hasattr(raw(y), "shape"):
            raise TypeError(
                f"jacobian needs a function that gives one array, but this one gives a {type(y).__name__}"
            )
        n = math.prod(y.shape)
        units = np.eye(n, dtype=raw(y).dtype).reshape((n, *y.shape))
        rows = [flatten(pull(unit[()])[0])[0] for unit in units]
        leaves, build = flatten(x)
        return build([_stacked([row[k] for row in rows], y, leaf) for k, leaf in enumerate(leaves)])

    return matrix


def _stacked(rows: list[Any], y: Any, x: Any) -> Any:
    shape = y.shape + np.shape(raw(x))
    return np.reshape(np.stack(rows), shape)[()] if rows else np.zeros(shape, raw(y).dtype)
