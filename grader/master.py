"""Reads an author's master and refuses one that would mislead a student.

A master is a MyST Markdown notebook whose cells carry nbgrader's metadata. On top of nbgrader's format
it follows five conventions:

- the head's ``exercise:`` gives title, difficulty, minutes and points;
- one locked cell carries the tag ``checks``: the text of ``checks.py`` is put into it;
- each hidden test opens with ``### FEEDBACK: one sentence``, which a student who fails it will read;
- hidden tests take random inputs from ``rng``, a generator that whoever runs them provides;
- what stands before the first solution is the set-up that every test may rely on. Beyond it, a test
  uses the student's names alone: no test needs another to have run.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jupytext  # type: ignore[import-untyped]
from nbformat import NotebookNode

from grader.lint import loose_loops

CHECKS: Final = Path(__file__).with_name("checks.py")
DIFFICULTIES: Final = ("easy", "medium", "hard")
MARKERS: Final = ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN TESTS", "END HIDDEN TESTS")
FEEDBACK: Final = "### FEEDBACK:"
LOOSE: Final = {"allclose", "isclose", "assert_allclose", "assert_array_almost_equal", "assert_almost_equal"}


class MasterError(Exception):
    """One or more masters can't be used. Each problem names the file, the cell and what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class HiddenTest:
    """A test that no student sees, and the sentence for a student who fails it."""

    sentence: str
    source: str


@dataclass(frozen=True)
class GradedCell:
    """One part of the exercise that earns points, all or nothing."""

    grade_id: str
    points: float
    visible: str
    hidden: tuple[HiddenTest, ...]


@dataclass(frozen=True)
class Master:
    """A master that has passed every check of this file. ``notebook`` holds solutions and hidden tests."""

    id: str
    path: Path
    title: str
    difficulty: str
    minutes: int
    points: float
    notebook: NotebookNode
    graded: tuple[GradedCell, ...]

    @property
    def solutions(self) -> dict[str, str]:
        """The source of each solution cell, by its id."""
        return {grade_id(cell): cell.source for cell in self.notebook.cells if mark(cell).get("solution")}


def read(path: Path) -> Master:
    """Read ``exercises/<id>/master.md``, or raise MasterError with everything that is wrong."""
    notebook = read_notebook(path)
    problems = [f"{path}, {where}: {what}" for where, what in _problems(notebook)]
    if problems:
        raise MasterError(problems)
    head = notebook.metadata.pop("exercise")
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = grade_id(cell) or f"{cell.cell_type}-{number}"
        if "checks" in cell.metadata.get("tags", ()):
            cell.source = CHECKS.read_text("utf-8").rstrip()
    return Master(
        id=path.parent.name,
        path=path,
        title=head["title"],
        difficulty=head["difficulty"],
        minutes=head["minutes"],
        points=head["points"],
        notebook=notebook,
        graded=tuple(_graded(cell) for cell in notebook.cells if mark(cell).get("grade")),
    )


def read_notebook(path: Path) -> NotebookNode:
    """Read MyST Markdown as a notebook, or raise MasterError."""
    try:
        notebook: NotebookNode = jupytext.read(path, fmt="md:myst")
    except FileNotFoundError:
        raise MasterError([f"{path}: no such file. Create it, or correct the exercise's id."]) from None
    except Exception as error:  # jupytext passes on whatever its parsers raise
        raise MasterError(
            [f"{path}: not a MyST Markdown notebook ({error}). Mend its head or its cells."]
        ) from None
    return notebook


def mark(cell: NotebookNode) -> Mapping[str, Any]:
    """Give the cell's nbgrader metadata, or nothing."""
    found = cell.metadata.get("nbgrader")
    return found if isinstance(found, dict) else {}


def grade_id(cell: NotebookNode) -> str:
    """Give the cell's nbgrader id, or nothing."""
    return str(mark(cell).get("grade_id", ""))


def _problems(notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    """Give every (place, what to do) of a notebook that is no good master."""
    yield from (("head", what) for what in _head_problems(notebook))
    sound = True
    for number, cell in enumerate(notebook.cells, 1):
        place = f"cell '{grade_id(cell)}'" if grade_id(cell) else f"cell {number}"
        for what in _cell_problems(cell):
            sound = False
            yield place, what
    if sound:  # what follows trusts the metadata and the markers of every cell
        yield from (("notebook", what) for what in _notebook_problems(notebook))


def _head_problems(notebook: NotebookNode) -> Iterator[str]:
    head = notebook.metadata.get("exercise")
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield "the kernelspec must be python3."
    if not isinstance(head, dict) or set(head) != {"title", "difficulty", "minutes", "points"}:
        yield "write `exercise:` with exactly title, difficulty, minutes and points."
        return
    if not isinstance(head["title"], str) or not head["title"].strip():
        yield "the title must be text."
    if head["difficulty"] not in DIFFICULTIES:
        yield f"difficulty must be one of {', '.join(DIFFICULTIES)}."
    if type(head["minutes"]) is not int or not 20 <= head["minutes"] <= 60:
        yield "minutes must be a whole number from 20 to 60."
    if type(head["points"]) not in (int, float) or head["points"] <= 0:
        yield "points must be a number above 0."
    opening = notebook.cells[0] if notebook.cells else None
    if (
        opening is None
        or opening.cell_type != "markdown"
        or opening.source.split("\n")[0] != f"# {head['title']}"
    ):
        yield f"the first cell must be Markdown and open with the title: `# {head['title']}`."


def _cell_problems(cell: NotebookNode) -> Iterator[str]:
    if (problem := _metadata_problem(cell)) is not None:
        yield problem
        return
    if cell.cell_type != "code":
        if any(marker in cell.source for marker in MARKERS):
            yield "Markdown holds a solution or test marker. Put solutions and tests into code cells."
        return
    try:
        tree = ast.parse(cell.source)
    except SyntaxError as error:
        yield f"line {error.lineno} is not Python ({error.msg}). Correct it; magics can't be graded."
        return
    marks = [
        (n, text) for n, text in enumerate(cell.source.split("\n"), 1) if any(m in text for m in MARKERS)
    ]
    if crooked := [n for n, text in marks if text.strip() not in {f"### {m}" for m in MARKERS}]:
        yield f"line {crooked[0]}: write the marker alone on its line, with three #."
        return
    kind = "SOLUTION" if mark(cell).get("solution") else "HIDDEN TESTS" if mark(cell).get("grade") else ""
    if foreign := [n for n, text in marks if not kind or not text.endswith(kind)]:
        yield (
            f"line {foreign[0]}: this marker is not for this cell. "
            "Solutions stand in solution cells, hidden tests in graded ones."
        )
        return
    words = [text.split()[1] for _, text in marks]
    if words != ["BEGIN", "END"] * (len(words) // 2):
        yield f"each ### BEGIN {kind} needs its ### END {kind}, and none may stand inside another."
    elif kind and not words:
        yield f"no ### BEGIN {kind}. Mark what the student must not see."
    elif kind == "HIDDEN TESTS":
        yield from _test_problems(cell, tree)


def _metadata_problem(cell: NotebookNode) -> str | None:
    """Say what nbgrader itself would refuse, and which of its kinds of cells this course doesn't use."""
    if "nbgrader" not in cell.metadata:
        return None
    from nbgrader.nbgraderformat import MetadataValidator, ValidationError  # type: ignore[import-untyped]

    try:
        MetadataValidator().validate_cell(cell)
    except (ValidationError, AttributeError, TypeError, KeyError) as error:
        reason = str(getattr(error, "message", error)).split("\n")[0]  # the rest is the cell's source
        return f"nbgrader refuses the metadata ({reason}). Copy that of a cell of the same kind."
    except Exception as error:  # a schema version that is too old or too new has no common base class
        return f"nbgrader refuses the metadata ({error}). Write schema_version: 3."
    kinds = mark(cell)
    if cell.cell_type != "code" or kinds.get("task"):
        return "only code cells are graded here. Ask for the reason in code."
    if (kinds["solution"], kinds["grade"], kinds["locked"]) not in {
        (True, False, False),
        (False, True, True),
        (False, False, True),
    }:
        return "a cell is a solution (unlocked), a graded test (locked), or given (locked): set exactly one."
    if kinds["grade"] and kinds["points"] <= 0:
        return "a graded cell must be worth more than 0 points."
    return None


def _test_problems(cell: NotebookNode, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Name, ast.Attribute)):
            continue
        name = node.id if isinstance(node, ast.Name) else node.attr
        if name in LOOSE:
            yield f"line {node.lineno}: {name} lets an empty array equal all. Use close(got, want, name)."
    for block in _hidden_blocks(cell.source):
        first = next((line for line in block if line.strip()), "")
        if not first.lstrip().startswith(FEEDBACK):
            yield f"a hidden test has no sentence. Open it with `{FEEDBACK} ...`, for who fails it."
    for test in _hidden_tests(cell.source):
        if not re.search(r"\w.*[.?!]$", test.sentence):
            yield f"`{FEEDBACK} {test.sentence}` is not a sentence. End it with a full stop or a ?."
        try:
            empty = not ast.parse(test.source).body
        except SyntaxError:
            yield f"the test below `{FEEDBACK} {test.sentence}` must stand on its own, at the left margin."
            continue
        if empty:
            yield f"nothing is tested below `{FEEDBACK} {test.sentence}`. Write a test, or drop it."


def _notebook_problems(notebook: NotebookNode) -> Iterator[str]:
    marked = [cell for cell in notebook.cells if mark(cell)]
    ids = [grade_id(cell) for cell in marked]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield f"two cells have the grade_id '{name}'. Rename one."
    checks = [cell for cell in notebook.cells if "checks" in cell.metadata.get("tags", ())]
    if len(checks) != 1 or not mark(checks[0]).get("locked") or mark(checks[0]).get("grade"):
        yield "exactly one given (locked) code cell must carry the tag `checks`, for close and its kin."
    solutions = [n for n, cell in enumerate(notebook.cells) if mark(cell).get("solution")]
    graded = [n for n, cell in enumerate(notebook.cells) if mark(cell).get("grade")]
    if not solutions or not graded or graded[0] < solutions[0]:
        yield "the first graded test must come after the first solution."
    elif checks and notebook.cells.index(checks[0]) > solutions[0]:
        yield "the cell tagged `checks` must come before the first solution."
    if solutions:
        yield from _borrowed_names(notebook.cells, solutions[0])
        yield from _loose_loops(notebook.cells)
    total = sum(mark(cell)["points"] for cell in marked if mark(cell)["grade"])
    points = notebook.metadata.get("exercise", {}).get("points")
    if points != total:
        yield f"the head says {points} points, but the graded cells give {total}. Correct either."


def _borrowed_names(cells: list[NotebookNode], first_solution: int) -> Iterator[str]:
    """Refuse a test that needs what another test has left: each must be able to run by itself."""
    code = [(number, cell) for number, cell in enumerate(cells) if cell.cell_type == "code"]
    known = _bound(ast.parse(CHECKS.read_text("utf-8"))) | set(dir(builtins))
    for number, cell in code:
        if number < first_solution or mark(cell).get("solution"):
            known |= _bound(ast.parse(cell.source))
    for cell in (cell for _, cell in code if mark(cell).get("grade")):
        shown = "\n".join(_visible(cell.source))
        for source, given, part in (
            (shown, known, "what students see of it"),
            (cell.source, known | {"rng"}, "it"),
        ):
            tree = ast.parse(source)
            used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
            if missing := sorted(used - _bound(tree, everywhere=True) - given):
                yield (
                    f"cell '{grade_id(cell)}': {part} uses {', '.join(missing)}, which neither it, "
                    "nor the set-up, nor a solution defines. Define it in the cell."
                )
                break


def _loose_loops(cells: list[NotebookNode]) -> Iterator[str]:
    """Refuse a test that an empty list would pass."""
    solved = {name for cell in cells if mark(cell).get("solution") for name in _bound(ast.parse(cell.source))}
    for cell in (cell for cell in cells if mark(cell).get("grade")):
        for line, text in loose_loops(cell.source, solved):
            yield (
                f"cell '{grade_id(cell)}', line {line}: the loop over {text} checks nothing if a student gives an "
                "empty list. Take the values with parts(...) or array(...) first, or use zip(..., strict=True)."
            )


def _bound(tree: ast.Module, *, everywhere: bool = False) -> set[str]:
    """Give the names that a text binds: at its top level, or anywhere in it."""
    nodes = list(ast.walk(tree)) if everywhere else [node for top in tree.body for node in _top(top)]
    names = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    names |= {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    names |= {
        (a.asname or a.name).split(".")[0]
        for n in nodes
        if isinstance(n, (ast.Import, ast.ImportFrom))
        for a in n.names
    }
    return names | {node.arg for node in nodes if isinstance(node, ast.arg)}


def _top(node: ast.stmt) -> Iterator[ast.AST]:
    """Give a statement and what is inside, but not the insides of a function or a class."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield node
    else:
        yield from ast.walk(node)


def _graded(cell: NotebookNode) -> GradedCell:
    hidden = _hidden_tests(cell.source)
    return GradedCell(grade_id(cell), mark(cell)["points"], "\n".join(_visible(cell.source)), hidden)


def _visible(source: str) -> Iterator[str]:
    inside = False
    for line in source.split("\n"):
        if "BEGIN HIDDEN TESTS" in line:
            inside = True
        elif "END HIDDEN TESTS" in line:
            inside = False
        elif not inside:
            yield line


def _hidden_blocks(source: str) -> list[list[str]]:
    """Give the lines between each pair of markers."""
    blocks: list[list[str]] = []
    inside = False
    for line in source.split("\n"):
        if "BEGIN HIDDEN TESTS" in line:
            blocks, inside = [*blocks, []], True
        elif "END HIDDEN TESTS" in line:
            inside = False
        elif inside:
            blocks[-1].append(line)
    return blocks


def _hidden_tests(source: str) -> tuple[HiddenTest, ...]:
    tests: list[tuple[str, list[str]]] = []
    for block in _hidden_blocks(source):
        for line in block:
            if line.lstrip().startswith(FEEDBACK):
                tests.append((line.strip().removeprefix(FEEDBACK).strip(), []))
            elif tests:
                tests[-1][1].append(line)
    return tuple(HiddenTest(sentence, "\n".join(lines)) for sentence, lines in tests)
