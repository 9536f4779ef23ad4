"""Marks one submission: the tests run here, the student's code in a sandbox, and plain data go between.

Every visible check runs before any hidden test: what a student may read comes from code that has seen no
hidden input. A part earns all of its points, or none.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import hmac
import io
import re
import time
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from grader import checks
from grader.box import Boxes, SandboxError
from grader.exam import Exam, Test
from grader.session import Handle, Limits, Session, Stop, StudentError
from grader.submission import Cell, Refused, parse, plain
from grader.verdict import Part, State, Verdict
from grader.worker import toolbox

UNSAFE: Final = "Judged without a sandbox (--unsafe): the student's code could reach this machine."
CHANCE: Final = (
    "A check that you see in your notebook passed, and failed when it ran again: does your code depend on "
    "chance, or on what ran before?"
)


@dataclass(frozen=True)
class Finding:
    """What one graded cell gave: the error that lost it, if any, and the sentence of the hidden test that failed.

    An error may hold hidden inputs: it is for authors who prove their own code, never for a verdict.
    """

    test: Test
    error: BaseException | None = None
    sentence: str = ""


class Marker:
    """Marks submissions to one exam, one after the other."""

    def __init__(self, exam: Exam, boxes: Boxes, secret: bytes, limits: Limits | None = None) -> None:
        self._exam, self._boxes, self._secret = exam, boxes, secret
        self._limits = limits or Limits()
        self._setup = [_compiled(source, f"given {name}") for name, source in exam.setup]
        self._code = {
            source: (_compiled(source, test.grade_id), _names(source) & set(exam.values))
            for test in exam.tests
            for source in (test.visible, *(source for _, source in test.hidden))
        }

    def mark(self, data: bytes) -> Verdict:
        """Give the verdict on a notebook's bytes."""
        start, exam = time.perf_counter(), self._exam
        frame = {"exercise": exam.id, "digest": hashlib.sha256(data).hexdigest(), "judge": exam.version}
        warning = (UNSAFE,) if self._boxes.walls == "none" else ()
        try:
            findings, remarks = self.examine(data)
        except Refused as error:
            parts = tuple(Part(test.grade_id, test.points, 0.0, "missing") for test in exam.tests)
            return Verdict(
                **frame, parts=parts, refusal=str(error), remarks=warning,
                seconds=time.perf_counter() - start, sandbox=self._boxes.walls,
            )  # fmt: skip
        return Verdict(
            **frame, parts=tuple(map(_part, findings)), remarks=warning + remarks,
            seconds=time.perf_counter() - start, sandbox=self._boxes.walls,
        )  # fmt: skip

    def examine(self, data: bytes) -> tuple[list[Finding], tuple[str, ...]]:
        """Give what each graded cell gave, and remarks for the teacher; or raise Refused."""
        exam = self._exam
        graded, given = [test.grade_id for test in exam.tests], exam.given
        submission = parse(data, given=given, graded=graded, solutions=exam.solutions)
        digest = hashlib.sha256(data).digest()
        session = Session(self._boxes, submission.cells, self._limits, self._seed(digest, "worker"))
        try:
            seeds = [self._seed(digest, test.grade_id) for test in exam.tests]
            # as in the notebook, one process runs all that the student sees
            shown = [self._visible(test, session, seed) for test, seed in zip(exam.tests, seeds, strict=True)]
            broken = dict(session.broken)
            session.noting = False
            findings = [
                one if one.error else self._hidden(one.test, session, seed)
                for one, seed in zip(shown, seeds, strict=True)
            ]
        finally:
            session.close()
        remarks = [
            f"{cell.name.capitalize()} did not run to its end: {_why(broken[cell.number])}."
            for cell in submission.cells
            if cell.number in broken
        ]
        for one in findings:
            if isinstance(one.error, StudentError) and one.error.undefined:
                one.error.where = _cause(one.error.undefined, submission.cells, broken)
        return findings, submission.remarks + tuple(remarks)

    def _seed(self, digest: bytes, name: str) -> int:
        """Give a seed that nobody can foresee, and that is the same for the same file."""
        return int.from_bytes(hmac.digest(self._secret, digest + name.encode(), "sha256")[:4], "big")

    def _visible(self, test: Test, session: Session, seed: int) -> Finding:
        return Finding(test, self._run(session, seed, [test.visible], fresh=False)[0])

    def _hidden(self, test: Test, session: Session, seed: int) -> Finding:
        sources = [test.visible, *(source for _, source in test.hidden)]
        error, number = self._run(session, seed, sources)
        if error is None:
            return Finding(test)
        return Finding(test, error, test.hidden[number - 1][0] if number else CHANCE)

    def _run(
        self, session: Session, seed: int, sources: list[str], *, fresh: bool = True
    ) -> tuple[BaseException | None, int]:
        """Run the pieces of one graded cell. Give what was raised, if anything, and after how many pieces."""
        done = 0
        try:
            if fresh or not session.running:
                session.fresh()
            space = self._space(session, seed)
            with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
                for source in sources:
                    code, values = self._code[source]
                    for name in sorted(values - space.keys()):
                        space[name] = session.operate("value", Handle(session, ["n", name]))
                    exec(code, space)
                    done += 1
        except SandboxError:
            raise
        except (Exception, Stop) as error:
            return error, done
        return None, done

    def _space(self, session: Session, seed: int) -> dict[str, Any]:
        """Give the names that a test may use: the set-up's, the checks, rng, and the student's."""
        space: dict[str, Any] = {"__name__": "__main__", **toolbox()}
        for code in self._setup:
            exec(code, space)
        session.functions = {
            name: value
            for name, value in space.items()
            if isinstance(value, types.FunctionType) and value.__code__.co_filename.startswith("<given")
        }
        space |= {name: Handle(session, ["n", name]) for name in self._exam.callables}
        space |= {
            "rng": np.random.default_rng(seed),
            "ok": lambda sentence: None,
            "untouched": _untouched(session),
        }
        return space


def _untouched(session: Session) -> Callable[..., Any]:
    """Give the check of that name as it works from here: the arguments come back after the call."""

    def untouched(function: Any, *args: Any, name: str) -> Any:
        if not isinstance(function, Handle):
            return checks.untouched(function, *args, name=name)
        before = [checks.frozen(arg) for arg in args]
        result, after = session.call(function._node, args, {}, trace=True)
        if before != [checks.frozen(arg) for arg in after]:
            raise checks.Mismatch("changed", name)
        return result

    return untouched


def _part(finding: Finding) -> Part:
    test, error = finding.test, finding.error
    if error is None:
        return Part(test.grade_id, test.points, test.points, "passed")
    said = finding.sentence or _sentence(error)
    return Part(test.grade_id, test.points, 0.0, _state(error), (said,))


def _state(error: BaseException) -> State:
    if isinstance(error, Stop):
        return error.why
    if isinstance(error, StudentError):
        return "missing" if error.undefined or "NotImplementedError" in error.kinds else "crashed"
    return "failed"


def _sentence(error: BaseException) -> str:
    """Say what went wrong in a check that the student sees. Nothing of it knows a hidden input."""
    if isinstance(error, checks.Mismatch):
        return f"{error} {error.hint}".strip()
    if isinstance(error, Stop):
        return f"Your code was stopped: {error.reason}."
    if isinstance(error, StudentError):
        if error.undefined:
            return f"{error.undefined} is not defined{error.where}."
        if "NotImplementedError" in error.kinds:
            return error.message or "This part is still empty."
        return f"Your code stopped with {error.sentence()}."
    if isinstance(error, AssertionError) and error.args:
        return plain(str(error))
    return "A check that you see in your notebook failed."


def _cause(name: str, cells: Sequence[Cell], broken: Mapping[int, StudentError | Stop]) -> str:
    """Tell why a name is not defined, if a cell that should define it did not run to its end."""
    defines = re.compile(rf"^\s*(?:def\s+|class\s+)?{re.escape(name)}\b", re.M)
    found = [cell for cell in cells if cell.number in broken and defines.search(cell.source)]
    return (
        f", since {found[-1].name} did not run to its end: {_why(broken[found[-1].number])}" if found else ""
    )


def _why(error: StudentError | Stop) -> str:
    return error.reason if isinstance(error, Stop) else error.sentence()


def _compiled(source: str, name: str) -> types.CodeType:
    return compile(source, f"<{name}>", "exec", dont_inherit=True)


def _names(source: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
