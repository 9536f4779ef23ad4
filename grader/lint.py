"""Finds loops of a test over what a student's code gave, where nothing has fixed the length.

An empty list would pass such a loop, since its body never runs. ``parts`` and ``array`` fix a length, and so does
``zip(..., strict=True)``.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from typing import Final

FIXING: Final = {"array"}  # all that they give is as the test wants it
COUNTING: Final = {"parts"}  # gives a list of the wanted length, of things that may be anything
PASSING: Final = {"enumerate", "reversed", "sorted", "map", "filter", "list", "tuple", "iter", "set"}
DECIDING: Final = {"all", "any"}


def loose_loops(source: str, names: Collection[str]) -> Iterator[tuple[int, str]]:
    """Give the line and the text of each such loop. ``names`` are those that solutions define."""
    finder = _Finder(frozenset(names))
    finder.visit(ast.parse(source))
    for node in finder.found:
        yield node.lineno, ast.unparse(node)


class _Finder(ast.NodeVisitor):
    """Walks a test in the order in which it runs. ``loose`` are the variables that a student's code has filled."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names
        self.loose: set[str] = set()
        self.found: list[ast.expr] = []

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._bind(target, node.value)

    def visit_For(self, node: ast.For) -> None:
        self._loop(node.iter)
        self._bind(node.target, node.iter, items=True)
        for statement in (*node.body, *node.orelse):
            self.visit(statement)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self._loop(node.iter)
        for condition in node.ifs:
            self.visit(condition)

    def visit_Call(self, node: ast.Call) -> None:
        if _called(node) in DECIDING and any(self._is_loose(arg) for arg in node.args):
            self.found.append(node)
        self.generic_visit(node)

    def _loop(self, iterated: ast.expr) -> None:
        if self._is_loose(iterated):
            self.found.append(iterated)
        self.visit(iterated)

    def _bind(self, target: ast.expr, value: ast.expr, *, items: bool = False) -> None:
        """Note which variables of a target a student's code has filled."""
        apart = items or isinstance(target, (ast.Tuple, ast.List))
        loose = self._is_loose(value) or (apart and _called(value) in COUNTING)
        for node in ast.walk(target):
            if isinstance(node, ast.Name):
                (self.loose.add if loose else self.loose.discard)(node.id)

    def _is_loose(self, value: ast.expr) -> bool:
        if isinstance(value, ast.Name):
            return value.id in self.loose
        if isinstance(value, (ast.Attribute, ast.Subscript, ast.Starred)):
            return self._is_loose(value.value)
        if not isinstance(value, ast.Call):
            return False
        name = _called(value)
        if name in FIXING | COUNTING:
            return False
        if name == "zip":
            strict = any(word.arg == "strict" for word in value.keywords)
            return not strict and any(map(self._is_loose, value.args))
        if name in PASSING:
            return any(map(self._is_loose, value.args))
        if name == "untouched" and value.args:  # its result is the student's
            return True
        return name in self._names or (not name and self._is_loose(value.func))


def _called(node: ast.expr) -> str:
    """Give the name of the function that a call calls, or nothing."""
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
