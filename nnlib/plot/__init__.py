"""Pictures in the course's look. matplotlib loads with the first picture, not before.

One grammar for all: class 1 is an orange circle, class 0 a blue square, the boundary a line of ink; a weight is an
edge, orange when positive, blue and dashed when negative; a loss is vermilion.
"""

from nnlib.plot._boundary import boundary
from nnlib.plot._curves import curves
from nnlib.plot._figure import Figure, show
from nnlib.plot._graph import graph
from nnlib.plot._network import network
from nnlib.plot._style import (
    BACK,
    INK,
    LOSS,
    NIL,
    NIL_EDGE,
    ONE,
    ONE_EDGE,
    PAPER,
    RULE,
    SOFT,
    TINT_NIL,
    TINT_ONE,
    style,
)

__all__ = [
    "BACK",
    "INK",
    "LOSS",
    "NIL",
    "NIL_EDGE",
    "ONE",
    "ONE_EDGE",
    "PAPER",
    "RULE",
    "SOFT",
    "TINT_NIL",
    "TINT_ONE",
    "Figure",
    "boundary",
    "curves",
    "graph",
    "network",
    "show",
    "style",
]
