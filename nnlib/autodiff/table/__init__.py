"""The table: every operation that nnlib can differentiate, one row each.

In every formula t stands for a tangent or a cotangent, g for a cotangent, o for the result, x, y, ... for the
arguments.
"""

from . import (
    einsum,
    elementwise,
    indexing,
    linalg,
    operators,
    products,
    reductions,
    selection,
    shapes,
    sorting,
)

__all__ = [
    "einsum",
    "elementwise",
    "indexing",
    "linalg",
    "operators",
    "products",
    "reductions",
    "selection",
    "shapes",
    "sorting",
]
