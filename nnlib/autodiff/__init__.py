"""Automatic differentiation of plain NumPy: `grad(f)` for an f written with ordinary `numpy` calls.

tensor.py     traced values, and how NumPy finds them
trees.py      arguments of every shape: tuples, lists, dicts, networks
reverse.py    vjp, grad: run once, then go back over the records
forward.py    jvp, hvp: carry tangents along
jacobians.py  the whole matrix of derivatives
checks.py     derivatives against finite differences
rows.py       the kinds of row that the table is made of
table/        the table of operations
"""

from . import table
from .checks import check_grads
from .forward import hvp, jvp
from .jacobians import jacobian
from .reverse import grad, value_and_grad, vjp
from .tensor import TABLE, Tensor, raw

__all__ = [
    "TABLE",
    "Tensor",
    "check_grads",
    "grad",
    "hvp",
    "jacobian",
    "jvp",
    "raw",
    "table",
    "value_and_grad",
    "vjp",
]
