"""Forward mode: every value carries its tangent along.  May import tensor.py, trees.py and reverse.py.

Source: A. Griewank and A. Walther, Evaluating Derivatives, 2nd edition, SIAM 2008, chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .reverse import complex_inside, grad
from .tensor import Tensor, Tracing, raw, run
from .trees import flatten, leaf, matched


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Jacobian-vector product: f(*primals), and its derivative in the direction `tangents`.

    With y = f(x) and the Jacobian J = dy/dx it gives (y, J t), without J being formed.

    Parameters
    ----------
    f : callable
        A function written in NumPy.
    primals : tuple
        The arguments of f: arrays, tuples, lists, dicts or networks.
    tangents : tuple
        The direction, built like `primals`.

    Returns
    -------
    value, derivative
        Both shaped like the value of f.

    Raises
    ------
    TypeError
        Where f loses the derivative, as for `vjp`.
    ValueError
        Where the tangents are not shaped like the primals.

    Examples
    --------
    >>> import numpy as np
    >>> value, derivative = jvp(np.sin, (0.0,), (2.0,))
    >>> print(value, derivative)
    0.0 2.0
    """
    if not isinstance(primals, (tuple, list)):
        raise TypeError(
            f"jvp(f, primals, tangents): primals is a tuple of arguments, so write ({primals!r},)"
        )
    primals = tuple(primals)
    leaves, build = flatten(primals)
    leaves = [leaf(x) for x in leaves]
    along = matched(tangents, leaves, primals, "tangents", "primals")
    trace = Tracing(None)
    result = run(trace, f, *build([Tensor(x, trace, t) for x, t in zip(leaves, along, strict=True)]))
    outs, rebuild = flatten(result)
    mine = [type(o) is Tensor and o.tracing is trace for o in outs]
    values = [o.value if m else o for o, m in zip(outs, mine, strict=True)]
    changes = [o.slot if m else np.zeros_like(raw(leaf(o))) for o, m in zip(outs, mine, strict=True)]
    for v, t in zip(values, changes, strict=True):
        if t.dtype.kind != "f" or raw(leaf(v)).dtype.kind != "f":
            raise complex_inside()
    return rebuild(values), rebuild([t if m else t[()] for t, m in zip(changes, mine, strict=True)])


def hvp(f: Callable[..., Any], x: Any, v: Any) -> Any:
    """Hessian-vector product: H v, where H is the matrix of second derivatives of f at x.

    It costs a small multiple of f, however many numbers x has: forward mode over reverse mode.

    Parameters
    ----------
    f : callable
        f(x) gives one number.
    x, v : array, tuple, list, dict or network
        The point, and the direction, built alike.

    Returns
    -------
    array, tuple, list, dict or network
        H v, shaped like x.

    Raises
    ------
    TypeError, ValueError
        As `grad` and `jvp`.

    Notes
    -----
    Source: B. Pearlmutter, Fast exact multiplication by the Hessian, Neural Computation 6 (1994), 147-160.

    Examples
    --------
    >>> import numpy as np
    >>> hvp(lambda x: x[0] ** 2 * x[1], np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([4., 2.])
    """
    return jvp(grad(f), (x,), (v,))[1]
