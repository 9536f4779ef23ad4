"""Proves a master: the reference earns every point, the empty stub none, each misconception what it deserves.

``misconceptions.md`` beside the master holds what students get wrong: one code cell each, with the
metadata ``misconception: {name, replaces, loses}``. The cell takes the place of the solution cell that
it ``replaces``, and must lose exactly the graded cells in ``loses``.

Each variant is judged as a submission is, in the sandbox. The released notebook with the same cells runs in an
ordinary kernel besides, as students run it: a check that they see must not fail there where the judge gives the
points. Where this machine has no sandbox, the judge does without: all code here is the author's own. Never give
this a student's notebook.
"""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from grader.box import Boxes, SandboxError, Settings, find_bwrap
from grader.judge import exam_of
from grader.marking import Marker
from grader.master import Master, MasterError, grade_id, read_notebook
from grader.release import released, stub
from grader.session import StudentError

SECONDS = 60
FEWEST = 6


@dataclass(frozen=True)
class Misconception:
    """Something that students get wrong, as code, and the graded cells that it must lose."""

    name: str
    replaces: str
    loses: frozenset[str]
    source: str


@dataclass(frozen=True)
class Outcome:
    """What one variant of the notebook lost, and what it must lose.

    ``errors`` are the judge's, by cell. ``shown`` are those of the released notebook in a kernel.
    """

    variant: str
    points: float
    lost: frozenset[str]
    expected: frozenset[str]
    errors: dict[str, str]
    shown: dict[str, str]

    @property
    def proven(self) -> bool:
        """Whether it lost exactly what it must, and its visible checks fail for nothing else."""
        return self.lost == self.expected and self.shown.keys() <= self.lost


def prove(master: Master, *, seed: int = 0) -> list[Outcome]:
    """Judge every variant of an exercise.

    ``seed`` is where the hidden tests' random inputs come from. Raise MasterError if the misconceptions
    are not fit to run, or if a variant doesn't come to its end.
    """
    wrong = misconceptions(master)
    everything = frozenset(cell.grade_id for cell in master.graded)
    variants = [
        ("reference", with_cells(master.notebook, {}), frozenset[str]()),
        ("release, solved", solved(master), frozenset[str]()),
        ("empty stub", stub(master), everything),
        *((one.name, with_cells(master.notebook, {one.replaces: one.source}), one.loses) for one in wrong),
    ]
    right = solved(master)
    shown = [right, released(master), *(with_cells(right, {one.replaces: one.source}) for one in wrong)]
    in_kernel = [{}, *_run(master, shown)]  # hidden tests, as the reference has them, are the judge's alone
    judged = _judged(master, [notebook for _, notebook, _ in variants], seed)
    outcomes = []
    for (name, _, expected), errors, seen in zip(variants, judged, in_kernel, strict=True):
        faultless = name in ("reference", "release, solved")  # here no cell at all may fail
        lost = frozenset(errors if faultless else everything & errors.keys())
        points = sum(cell.points for cell in master.graded if cell.grade_id not in lost)
        checks = seen if faultless else {cell: error for cell, error in seen.items() if cell in everything}
        outcomes.append(Outcome(name, points, lost, expected, errors, checks))
    return outcomes


def misconceptions(master: Master) -> list[Misconception]:
    """Read the misconceptions beside a master, or raise MasterError with everything that is wrong."""
    path = master.path.with_name("misconceptions.md")
    cells = [cell for cell in read_notebook(path).cells if cell.cell_type == "code"]
    problems = [
        f"{path}, code cell {n}: {what}" for n, cell in enumerate(cells, 1) for what in _unfit(master, cell)
    ]
    if len(cells) < FEWEST:
        problems.append(f"{path}: {len(cells)} misconceptions. Write at least {FEWEST}.")
    if problems:
        raise MasterError(problems)
    texts = [(cell.metadata["misconception"], cell.source) for cell in cells]
    found = [Misconception(m["name"], m["replaces"], frozenset(m["loses"]), source) for m, source in texts]
    if len({one.name for one in found}) < len(found):
        raise MasterError([f"{path}: two misconceptions have the same name. Rename one."])
    return found


def _unfit(master: Master, cell: NotebookNode) -> Iterator[str]:
    found = cell.metadata.get("misconception")
    if not isinstance(found, dict) or set(found) != {"name", "replaces", "loses"}:
        yield "write `misconception:` with exactly name, replaces and loses."
        return
    if found["replaces"] not in master.solutions:
        yield f"'{found['replaces']}' is no solution cell. There are {', '.join(master.solutions)}."
    known = [graded.grade_id for graded in master.graded]
    if not isinstance(found["loses"], list) or not found["loses"] or not set(found["loses"]) <= set(known):
        yield f"loses must be a list of graded cells, at least one of {', '.join(known)}."


def with_cells(notebook: NotebookNode, replaced: dict[str, str]) -> NotebookNode:
    """Give a copy of a notebook with other sources in the named cells."""
    copied = copy.deepcopy(notebook)
    for cell in copied.cells:
        cell.source = replaced.get(grade_id(cell), cell.source)
    return copied


def solved(master: Master) -> NotebookNode:
    """Give what a student has at the end: the visible checks must work without the hidden tests."""
    return with_cells(released(master), master.solutions)


def _judged(master: Master, notebooks: list[NotebookNode], seed: int) -> list[dict[str, str]]:
    """Give the judge's errors of each notebook, by cell id."""
    exam = exam_of(master)
    try:
        boxes = Boxes(Settings(find_bwrap()), exam.setup)
    except SandboxError:
        boxes = Boxes(Settings(None), exam.setup)
    found = []
    with contextlib.closing(boxes):
        marker = Marker(exam, boxes, str(seed).encode())
        for notebook in notebooks:
            findings, remarks = marker.examine(json.dumps(notebook).encode())
            errors = {one.test.grade_id: _said(one.error) for one in findings if one.error}
            found.append(errors | ({"remarks": " ".join(remarks)} if remarks else {}))
    return found


def _said(error: BaseException) -> str:
    if isinstance(error, StudentError):
        return f"{error.kind}: {error.message}"
    return f"{type(error).__name__}: {error}"


def _run(master: Master, notebooks: list[NotebookNode]) -> list[dict[str, str]]:
    """Give the errors of each notebook in a kernel, by cell id. Each starts with an empty namespace."""
    cells = []
    for number, notebook in enumerate(notebooks):
        cells.append(_code(f"reset-{number}", "%reset -f"))
        for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
            cells.append(_code(f"{number}-{cell.id}", cell.source))
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    text = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": cells})
    whole = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    try:
        quiet = ["--log-level=ERROR"]  # the kernel's own remarks would stand between the lines of the table
        NotebookClient(whole, timeout=SECONDS, allow_errors=True, extra_arguments=quiet).execute()
    except CellTimeoutError:
        raise MasterError([f"{master.path}: a cell runs for more than {SECONDS} s. Shorten it."]) from None
    except DeadKernelError:
        raise MasterError(
            [f"{master.path}: the kernel died. Run the reference notebook by hand to see where."]
        ) from None
    found: list[dict[str, str]] = [{} for _ in notebooks]
    for cell in whole.cells:
        number, _, name = cell.id.partition("-")
        for output in cell.outputs:
            if output.output_type == "error" and number.isdigit():
                found[int(number)].setdefault(name, f"{output.ename}: {output.evalue}")
    return found


def _code(name: str, source: str) -> dict[str, Any]:
    cell = {"cell_type": "code", "id": name[:64], "source": source, "metadata": {}, "outputs": []}
    return cell | {"execution_count": None}


def table(master: Master, outcomes: list[Outcome]) -> str:
    """Write the outcomes as lines of text: points, the variant, and what it lost."""
    lines = []
    for one in outcomes:
        said = ", ".join(sorted(one.lost)) or "nothing"
        lines.append(f"  {one.points:>5g} of {master.points:g}  {one.variant}: loses {said}")
        if one.lost != one.expected:
            lines.append(f"         but must lose {', '.join(sorted(one.expected)) or 'nothing'}.")
            lines += [
                f"         {name}: {error}"
                for name, error in sorted(one.errors.items())
                if name in one.lost - one.expected
            ]
        lines += [
            f"         but its released notebook fails at {name}: {error}"
            for name, error in sorted(one.shown.items())
            if name not in one.lost
        ]
    return "\n".join(lines)
