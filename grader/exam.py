"""What the judge takes from a master: the set-up, the tests, and the names that they ask a submission for."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

# Of which files the judge's version is made: all that a verdict depends on.
CODE: Final = (
    *(f"{name}.py" for name in ("checks", "exam", "judge", "marking", "marking_process", "session")),
    *(f"{name}.py" for name in ("submission", "verdict", "wire", "worker")),
    "box/*.py",
)


@dataclass(frozen=True)
class Test:
    """One graded cell: what students see of it, and its hidden tests, each with its sentence."""

    grade_id: str
    points: float
    visible: str
    hidden: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Exam:
    """One exercise, as the judge needs it. It travels as JSON.

    ``setup`` are the cells that tests may rely on, but for the one with the checks, ``checks``. ``given`` are
    the locked ones by name. ``callables`` and ``values`` are the names that the solutions define.
    """

    id: str
    version: str
    checks: str
    setup: tuple[tuple[str, str], ...]
    given: dict[str, str]
    solutions: tuple[str, ...]
    callables: tuple[str, ...]
    values: tuple[str, ...]
    tests: tuple[Test, ...]

    def to_json(self) -> str:
        """Write the exam as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Exam:
        """Read what ``to_json`` wrote."""
        fields: dict[str, Any] = json.loads(text)
        for name in ("solutions", "callables", "values"):
            fields[name] = tuple(fields[name])
        fields["setup"] = tuple((name, source) for name, source in fields["setup"])
        fields["tests"] = tuple(
            Test(**{**test, "hidden": tuple((sentence, source) for sentence, source in test["hidden"])})
            for test in fields["tests"]
        )
        return cls(**fields)


def defined(sources: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the names that cells define at their top level: functions and classes, and values."""
    callables: dict[str, bool] = {}
    values: dict[str, bool] = {}
    for node in (node for source in sources for node in ast.parse(source).body):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            callables[node.name] = True
        else:
            values |= dict.fromkeys(_assigned(node), True)
    return tuple(callables), tuple(name for name in values if name not in callables)


def _assigned(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def code_digest() -> bytes:
    """Give the digest of the judge's own code, and of NumPy's version."""
    here = Path(__file__).parent
    digest = hashlib.sha256(np.__version__.encode())
    for path in sorted(path for pattern in CODE for path in here.glob(pattern)):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.digest()
