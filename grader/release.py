"""Writes release notebooks: what a student opens, with solutions and hidden tests gone.

nbgrader's own preprocessors do the work, so its gradebook and formgrader know every cell again. The
output depends on the masters and the course file alone: the same texts give the same bytes.
"""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any, Final

import nbformat
from nbformat import NotebookNode
from traitlets.config import Config

from grader.course import Course
from grader.master import Master, MasterError

STUB: Final = (
    '# YOUR CODE HERE: replace these two lines.\nraise NotImplementedError("This part is still empty.")'
)
HOW_TO: Final = """\
**{points:g} points, about {minutes} minutes, {difficulty}.**

**How to work.** Write your code where it says `YOUR CODE HERE`. Run a cell with Shift+Enter. Below each
part stands a cell with checks: run it, and it says what is right, or what is not right yet. You may add
cells of your own. Solve each part with NumPy alone: nothing else is there during grading, not even `nnlib`.
Leave the given cells as they are, and neither delete nor copy them: each carries a name that the grading
looks for.

**How it is graded.** A cell with checks earns all of its points or none. The grading runs the checks that
you see, and hidden ones on other inputs. If each of your functions stands on its own and calls no other,
a slip in one part costs nothing in another.

**How to hand in.** Choose *Restart Kernel and Run All Cells* and read what it says. Save, then hand in this
one file, `{file}`, under this name."""
SHORT: Final = 6  # shorter lines, such as `else:`, tell nothing of a solution


def release(course: Course, ids: list[str], out: Path) -> list[Path]:
    """Write the release notebooks and ``index.json``; give their paths.

    With no ids, the whole course: notebooks of exercises that the course has dropped go away, too. Raise
    MasterError, and leave ``out`` as it was, if any master is unfit.
    """
    masters = course.masters(ids)
    texts = {f"{master.id}.ipynb": _text(released(master)) for master in masters}
    index = out / "index.json"
    old = (
        {entry["file"]: entry for entry in json.loads(index.read_text("utf-8"))["exercises"]}
        if index.exists()
        else {}
    )
    new = {f"{master.id}.ipynb": _entry(course, master) for master in masters}
    entries = (old if ids else {}) | new
    texts["index.json"] = json.dumps(
        {"course": course.name, "exercises": [entries[file] for file in sorted(entries)]},
        indent=1,
        ensure_ascii=False,
    )
    out.mkdir(parents=True, exist_ok=True)
    for file in old.keys() - entries.keys():
        (out / file).unlink(missing_ok=True)
    return [_write(out / file, text) for file, text in texts.items()]


def released(master: Master) -> NotebookNode:
    """Give the notebook that students get, or raise MasterError if it would give something away."""
    from nbgrader.preprocessors import (  # type: ignore[import-untyped]
        CheckCellMetadata,
        ClearHiddenTests,
        ClearOutput,
        ComputeChecksums,
        LockCells,
    )

    notebook = stub(master)
    opening = notebook.cells[0]
    opening.source = f"{opening.source}\n\n{HOW_TO.format(**vars(master), file=f'{master.id}.ipynb')}"
    for preprocessor in (LockCells, ClearOutput, ClearHiddenTests):
        notebook, _ = preprocessor().preprocess(notebook, {})
    for cell in notebook.cells:
        cell.source = cell.source.strip("\n")
        if "checks" in cell.metadata.get("tags", ()):
            cell.metadata["jupyter"] = {"source_hidden": True}
    for preprocessor in (ComputeChecksums, CheckCellMetadata):  # last: a checksum is of the final text
        notebook, _ = preprocessor().preprocess(notebook, {})
    notebook.metadata = {"kernelspec": notebook.metadata.kernelspec, "language_info": {"name": "python"}}
    notebook.nbformat_minor = 5
    if problems := _leaks(master, notebook):
        raise MasterError(problems)
    nbformat.validate(notebook)
    return notebook


def stub(master: Master) -> NotebookNode:
    """Give the notebook with the solutions gone and the hidden tests still in."""
    from nbgrader.preprocessors import ClearSolutions

    config = Config({"ClearSolutions": {"code_stub": {"python": STUB}}})
    notebook, _ = ClearSolutions(config=config).preprocess(copy.deepcopy(master.notebook), {})
    return notebook  # type: ignore[no-any-return]


def secret_lines(master: Master) -> set[str]:
    """Give every line of a solution or a hidden test that would tell a student something."""
    sources = [text for source in master.solutions.values() for text in _solution(source)]
    sources += [line for cell in master.graded for test in cell.hidden for line in test.source.split("\n")]
    sources += [test.sentence for cell in master.graded for test in cell.hidden]
    lines = {line.strip() for line in sources}
    return {line for text in lines for line in (text, text.removeprefix("return ")) if len(line) >= SHORT}


def _solution(source: str) -> list[str]:
    lines, inside = [], False
    for line in source.split("\n"):
        if "BEGIN SOLUTION" in line or "END SOLUTION" in line:
            inside = "BEGIN SOLUTION" in line
        elif inside:
            lines.append(line)
    return lines


def _leaks(master: Master, notebook: NotebookNode) -> list[str]:
    return [
        f"{master.path}, cell '{cell.id}': the release would show `{line}`, which is part of a solution "
        "or a hidden test. Write one of the two otherwise."
        for cell in notebook.cells
        for line in sorted(secret_lines(master))
        if line in cell.source
    ]


def _entry(course: Course, master: Master) -> dict[str, Any]:
    due = next(entry.due for entry in course.exercises if entry.id == master.id)
    return {
        "id": master.id,
        "title": master.title,
        "difficulty": master.difficulty,
        "minutes": master.minutes,
        "points": master.points,
        "due": due.isoformat() if due else None,
        "file": f"{master.id}.ipynb",
    }


def _text(notebook: NotebookNode) -> str:
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True)


def _write(path: Path, text: str) -> Path:
    """Put a whole file in place at once, so that a reader never meets half of one."""
    text = f"{text}\n"
    if path.is_file() and path.read_text("utf-8") == text:
        return path  # pages that read it stay as they are
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text, "utf-8")
    os.replace(fresh, path)
    return path
