"""Proves a master: the reference earns every point, the empty stub none, each misconception what it deserves.

``misconceptions.md`` beside the master holds what students get wrong: one code cell each, with the
metadata ``misconception: {name, replaces, loses}``. The cell takes the place of the solution cell that
it ``replaces``, and must lose exactly the graded cells in ``loses``.

Everything here is the author's own code, so it runs in an ordinary kernel, without a sandbox. Never give it a
student's notebook.
"""

from __future__ import annotations

import copy
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from grader.master import Master, MasterError, grade_id, mark, read_notebook
from grader.release import released, stub

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
    """What one variant of the notebook lost, and what it must lose. ``errors`` are by cell."""

    variant: str
    points: float
    lost: frozenset[str]
    expected: frozenset[str]
    errors: dict[str, str]

    @property
    def proven(self) -> bool:
        """Whether the variant lost exactly what it must."""
        return self.lost == self.expected


def prove(master: Master, *, seed: int = 0) -> list[Outcome]:
    """Run every variant of an exercise, one after the other in one kernel.

    ``seed`` is where the hidden tests' random inputs come from. Raise MasterError if the misconceptions
    are not fit to run, or if a variant doesn't come to its end.
    """
    wrong = misconceptions(master)
    everything = frozenset(cell.grade_id for cell in master.graded)
    variants = [
        ("reference", _with(master, {}), frozenset[str]()),
        ("release, solved", solved(master), frozenset[str]()),
        ("empty stub", stub(master), everything),
        *((one.name, _with(master, {one.replaces: one.source}), one.loses) for one in wrong),
    ]
    errors = _run(master, [notebook for _, notebook, _ in variants], seed)
    outcomes = []
    for (name, _, expected), failed in zip(variants, errors, strict=True):
        lost = everything & failed.keys()
        if name in ("reference", "release, solved"):
            lost |= failed.keys()  # here no cell at all may fail
        points = sum(cell.points for cell in master.graded if cell.grade_id not in lost)
        outcomes.append(Outcome(name, points, frozenset(lost), expected, failed))
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


def _with(master: Master, replaced: dict[str, str]) -> NotebookNode:
    notebook = copy.deepcopy(master.notebook)
    for cell in notebook.cells:
        cell.source = replaced.get(grade_id(cell), cell.source)
    return notebook


def solved(master: Master) -> NotebookNode:
    """Give what a student has at the end: the visible checks must work without the hidden tests."""
    notebook = released(master)
    for cell in notebook.cells:
        cell.source = master.solutions.get(grade_id(cell), cell.source)
    return notebook


def _run(master: Master, notebooks: list[NotebookNode], seed: int) -> list[dict[str, str]]:
    """Give the errors of each notebook by cell id. Each starts with an empty namespace."""
    cells = []
    for number, notebook in enumerate(notebooks):
        cells.append(_code(f"reset-{number}", "%reset -f"))
        for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
            if mark(cell).get("grade"):
                cells.append(_code(f"rng-{number}-{cell.id}", _randomness(seed, cell.id)))
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


def _randomness(seed: int, name: str) -> str:
    """Give the code that hands a graded cell its generator, `rng`: the same in every variant."""
    return f"import numpy\nrng = numpy.random.default_rng({[seed, zlib.crc32(name.encode())]})\ndel numpy"


def _code(name: str, source: str) -> dict[str, Any]:
    cell = {"cell_type": "code", "id": name[:64], "source": source, "metadata": {}, "outputs": []}
    return cell | {"execution_count": None}


def table(master: Master, outcomes: list[Outcome]) -> str:
    """Write the outcomes as lines of text: points, the variant, and what it lost."""
    lines = []
    for one in outcomes:
        said = ", ".join(sorted(one.lost)) or "nothing"
        lines.append(f"  {one.points:>5g} of {master.points:g}  {one.variant}: loses {said}")
        if not one.proven:
            lines.append(f"         but must lose {', '.join(sorted(one.expected)) or 'nothing'}.")
            lines += [
                f"         {name}: {error}"
                for name, error in sorted(one.errors.items())
                if name in one.lost - one.expected
            ]
    return "\n".join(lines)
