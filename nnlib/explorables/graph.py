"""Chapter 11's explorable: the graph of an expression, differentiated one node at a time."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import traitlets

import nnlib
from nnlib.explorables._base import LIMIT, Explorable, View, module, number, one_of, slider, style

MODES = ("x", "y", "reverse")
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "tanh": np.tanh,
    "sigmoid": nnlib.sigmoid,
    "relu": nnlib.relu,
    "abs": np.abs,
}
OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
    ast.USub: lambda a: -a,
    ast.UAdd: lambda a: a,
}
OPERATIONS, CHARACTERS = 12, 80  # what the picture has room for
_SAME = str.maketrans({"−": "-", "×": "*", "·": "*", "÷": "/", "π": "pi"})  # as the page reads them
_STRANGE = re.compile(r"[^a-zE0-9.+\-*/() ]")
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def formula(expression: str) -> Callable[[Any, Any], Any]:
    """Return an expression as a function of x and y, to be differentiated by nnlib; nothing is evaluated as code.

    Parameters
    ----------
    expression : str
        x, y, pi and numbers with ``+ - * / **``, brackets and the functions of the picture.

    Returns
    -------
    callable
        (x, y) -> value.

    Raises
    ------
    ValueError
        When the expression says something else; the message names the place.

    Examples
    --------
    >>> float(formula("x**2 + y")(3.0, 1.0))
    10.0
    """
    text = str(expression).strip().translate(_SAME)
    if len(text) > CHARACTERS:
        raise ValueError(
            f"The expression has {len(text)} characters. The picture has room for {CHARACTERS}: shorten it."
        )
    strange = _STRANGE.search(text)
    if strange:
        raise _stop(text, strange.start())
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise _stop(text, (error.offset or 1) - 1) from None
    parts = list(ast.walk(tree))
    called = {id(part.func) for part in parts if isinstance(part, ast.Call)}
    for part in parts:
        if id(part) not in called and not _allowed(text, part):
            raise _stop(text, getattr(part, "col_offset", 0))
    # An operation that holds no input is computed at once, and is no node of the graph.
    count = sum(isinstance(part, ast.BinOp | ast.UnaryOp | ast.Call) and _holds_input(part) for part in parts)
    count -= sum(isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.UAdd) for part in parts)
    if count > OPERATIONS:
        raise ValueError(
            f"{text!r} has {count} operations. The picture has room for {OPERATIONS}: shorten it."
        )
    return lambda x, y: _walk(tree, {"x": x, "y": y, "pi": np.pi})


def _stop(text: str, place: int) -> ValueError:
    return ValueError(
        f"The expression {text!r} can't be read from character {place + 1} on. Write it with x, y, pi, numbers, "
        f"+ - * / **, brackets and {', '.join(FUNCTIONS)}, as in 'sin(x*y) + x**2'."
    )


def _allowed(text: str, part: ast.AST) -> bool:
    match part:
        case ast.BinOp(op=op) | ast.UnaryOp(op=op):
            return type(op) in OPERATORS
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]):
            return name in FUNCTIONS and not isinstance(argument, ast.Starred)
        case ast.Constant(value=value):
            written = ast.get_source_segment(text, part) or ""
            return _NUMBER.fullmatch(written) is not None and bool(np.isfinite(float(value)))  # type: ignore[arg-type]
        case ast.Name(id=name):
            return name in ("x", "y", "pi")
    return isinstance(part, (*OPERATORS, ast.Load))


def _holds_input(part: ast.AST) -> bool:
    return any(isinstance(inner, ast.Name) and inner.id in "xy" for inner in ast.walk(part))


def _walk(part: ast.AST, known: dict[str, Any]) -> Any:
    match part:
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)](_walk(left, known), _walk(right, known))
        case ast.UnaryOp(op=op, operand=operand):
            return OPERATORS[type(op)](_walk(operand, known))
        case ast.Call(func=ast.Name(id=name), args=[argument]):
            return FUNCTIONS[name](_walk(argument, known))
        case ast.Name(id=name):
            return known[name]
        case ast.Constant(value=value):
            return float(value)  # type: ignore[arg-type]
    raise TypeError(f"{part!r} is no part of an expression")  # pragma: no cover


class GraphView(View):
    """The picture: the expression, the mode, how many nodes are done, and the inputs."""

    _esm = module("graph")
    _css = style("rule", "graph")
    expression = traitlets.Unicode().tag(sync=True)
    mode = traitlets.Enum(MODES, "x").tag(sync=True)
    step = traitlets.Int(0, min=0).tag(sync=True)
    x = traitlets.Float(1.5).tag(sync=True)
    y = traitlets.Float(0.5).tag(sync=True)

    @traitlets.validate("expression")
    def _readable(self, proposal: Any) -> str:
        formula(proposal["value"])
        return str(proposal["value"]).strip()


class Graph(Explorable):
    """The explorable of chapter 11."""

    @property
    def value(self) -> float:
        """The value of the expression at (x, y)."""
        with np.errstate(all="ignore"):
            return float(formula(self.expression)(np.float64(self.x), np.float64(self.y)))

    @property
    def gradient(self) -> tuple[float, float]:
        """Its slopes by x and by y, from `nnlib.grad`."""
        f = formula(self.expression)
        with np.errstate(all="ignore"):
            by_x = nnlib.grad(lambda x: f(x, np.float64(self.y)) + 0.0 * x)(self.x)
            by_y = nnlib.grad(lambda y: f(np.float64(self.x), y) + 0.0 * y)(self.y)
        return float(by_x), float(by_y)


def graph(
    expression: str = "sin(x*y) + x**2", *, mode: str = "x", x: float = 1.5, y: float = 0.5, step: int = 0
) -> Graph:
    """Show the graph of an expression, and step forward or reverse mode through it, one node a click.

    Parameters
    ----------
    expression : str
        A formula in x and y, with at most 12 operations: numbers, ``pi``, ``+ - * / **``, brackets, and sin, cos,
        tan, exp, log, sqrt, tanh, sigmoid, relu, abs. The reader may type another one.
    mode : {"x", "y", "reverse"}
        Forward mode with the tangent of x or of y, or reverse mode.
    x, y : float
        Where the sliders start, from -3 to 3.
    step : int, default 0
        How many nodes are done.

    Returns
    -------
    Explorable
        With the attributes `expression`, `mode`, `step`, `x` and `y`, which can be set, and `value` and
        `gradient`, which follow.

    Raises
    ------
    ValueError
        The expression can't be read or is too long, the mode is unknown, or a number is out of its range.

    Examples
    --------
    >>> figure = graph("x**2 * y", x=3.0, y=2.0)
    >>> figure.value, figure.gradient
    (18.0, (12.0, 9.0))
    """
    formula(expression)
    view = GraphView(
        expression=expression,
        mode=one_of("mode", mode, MODES),
        step=step,
        x=number("x", x, -LIMIT, LIMIT),
        y=number("y", y, -LIMIT, LIMIT),
    )
    return Graph(view, [slider(view, "x"), slider(view, "y")], ("expression", "mode", "step", "x", "y"))
