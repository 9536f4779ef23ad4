"""The small changes: all mutants of a source file. Knows nothing of nnlib."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

OPERATORS: dict[type, list[type]] = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Div],
    ast.Div: [ast.Mult],
    ast.Pow: [ast.Mult],
    ast.Mod: [ast.Mult],
    ast.FloorDiv: [ast.Mult],
    ast.BitAnd: [ast.BitOr],
    ast.BitOr: [ast.BitAnd],
}
COMPARISONS: dict[type, list[type]] = {
    ast.Lt: [ast.LtE, ast.GtE],
    ast.LtE: [ast.Lt, ast.Gt],
    ast.Gt: [ast.GtE, ast.LtE],
    ast.GtE: [ast.Gt, ast.Lt],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is],
    ast.In: [ast.NotIn],
    ast.NotIn: [ast.In],
}
NAMES = {
    **dict(pair for a, b in [("sin", "cos"), ("sinh", "cosh"), ("tril", "triu"), ("maximum", "minimum"),
                             ("max", "min"), ("argmax", "argmin"), ("sum", "prod"), ("any", "all")]
           for pair in ((a, b), (b, a))),
    "floor": "ceil", "trunc": "floor", "sign": "abs", "zeros": "ones", "zeros_like": "ones_like",
    "logical_and": "logical_or", "cumsum": "cumprod",
}  # fmt: skip
PARAMETERS = {
    "x": "y",
    "y": "x",
    "a": "b",
    "b": "a",
    "t": "o",
    "o": "t",
}  # one argument of a rule for another


@dataclass(frozen=True)
class Mutant:
    """One change: the file, the lines it touches, its name (before -> after), and how it is made."""

    path: str
    line: int
    last: int
    name: str
    tree: ast.Module = field(compare=False, repr=False)
    change: Callable[[], None] = field(compare=False, repr=False)

    def changed(self) -> ast.Module:
        """The changed module. Ask a copy of the process for it: the tree is that of the other mutants too."""
        self.change()
        return ast.fix_missing_locations(self.tree)


def mutants(path: str, source: str) -> Iterator[Mutant]:
    """Every change of a source file, one at a time; errors, docstrings and annotations are left alone."""
    tree, seen = ast.parse(source), Counter[str]()
    for statement in tree.body:
        place = _place(statement)
        for node, within, scope in _sites(statement):
            before = ast.unparse(within)
            for change, undo in _changes(node, scope):
                change()
                name = " ".join(f"{path}: {place}: {before} -> {ast.unparse(within)}".split())
                seen[name] += 1
                name += f" ({seen[name]})" if seen[name] > 1 else ""
                yield Mutant(path, node.lineno, node.end_lineno or node.lineno, name, tree, change)
                undo()


def _place(statement: ast.stmt) -> str:
    """The name that a statement gives to something, or else the first argument of its call: the row's function."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return statement.name
    if isinstance(statement, ast.Assign):
        return ast.unparse(statement.targets[0])
    call = statement.value if isinstance(statement, ast.Expr) else None
    return ast.unparse(call.args[0]) if isinstance(call, ast.Call) and call.args else type(statement).__name__


def _sites(tree: ast.stmt) -> Iterator[tuple[Any, ast.AST, frozenset[str]]]:
    """Each expression, the formula or line that it stands in, and the parameters that are in sight."""

    def walk(
        node: ast.AST, within: ast.AST | None, scope: frozenset[str]
    ) -> Iterator[tuple[Any, ast.AST, frozenset[str]]]:
        if isinstance(node, (ast.Raise, ast.Assert, ast.Import, ast.ImportFrom)):
            return
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return  # a docstring
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            scope = scope | {a.arg for a in arguments}
        if isinstance(node, ast.Lambda):
            yield from walk(node.body, node.body, scope)
            return
        if isinstance(node, ast.FunctionDef):
            for line in node.body:
                yield from walk(line, None, scope)
            return
        if isinstance(node, ast.AnnAssign):
            if node.value is not None:
                yield from walk(node.value, node.value, scope)
            return
        if isinstance(node, ast.expr):
            within = within or node
            yield node, within, scope
        elif isinstance(node, (ast.Assign, ast.AugAssign, ast.Return)):
            within = node
            if isinstance(node, ast.AugAssign):
                yield node, within, scope
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "targets", "target", "op", "ops", "ctx"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from walk(child, within, scope)

    yield from walk(tree, None, frozenset())


def _changes(node: Any, scope: frozenset[str]) -> Iterator[tuple[Any, Any]]:
    """Pairs of functions that make a change of this node, and take it back."""

    def put(name: str, value: Any) -> tuple[Any, Any]:
        old = getattr(node, name)
        return lambda: setattr(node, name, value), lambda: setattr(node, name, old)

    if isinstance(node, (ast.BinOp, ast.AugAssign)):
        for op in OPERATORS.get(type(node.op), []):
            yield put("op", op())
    elif isinstance(node, ast.UnaryOp):
        if isinstance(node.op, ast.USub):
            yield put("op", ast.UAdd())
        elif isinstance(node.op, ast.Not):
            yield put(
                "operand",
                ast.UnaryOp(ast.Not(), node.operand, lineno=node.lineno, col_offset=node.col_offset),
            )
        elif isinstance(node.op, ast.Invert):
            yield put("op", ast.UAdd())
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for kind in COMPARISONS.get(type(node.ops[0]), []):
            yield put("ops", [kind()])
    elif isinstance(node, ast.BoolOp):
        yield put("op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.IfExp):
        yield put("test", ast.UnaryOp(ast.Not(), node.test, lineno=node.lineno, col_offset=node.col_offset))
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield put("value", not node.value)
        elif isinstance(node.value, (int, float)):
            yield put("value", node.value + 1)
    elif isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield put("attr", NAMES[node.attr])
    elif isinstance(node, ast.Name):
        other = PARAMETERS.get(node.id)
        if node.id in scope and other in scope:
            yield put("id", other)
