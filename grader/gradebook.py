"""Writes an nbgrader course: its gradebook, through nbgrader's own classes, and the notebooks that its tools show.

Then the formgrader, ``nbgrader generate_feedback`` and ``nbgrader export`` work on what the judge has found. A
notebook is the released one with the student's solution cells put in, so that nothing else of a hostile file reaches the
teacher's browser, and no hidden test reaches a student. Marks given by hand are left as they are.
"""

from __future__ import annotations

import copy
import json
import os
import re
import sysconfig
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC
from pathlib import Path
from typing import Final

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, SubmittedAssignment  # type: ignore[import-untyped]
from nbgrader.preprocessors import SaveCells  # type: ignore[import-untyped]
from sqlalchemy.exc import SAWarning

from grader.course import Course
from grader.feedback import OTHERWISE, slug
from grader.grades import ExportError, Grade
from grader.master import Master, grade_id, mark
from grader.release import released
from grader.results import Results
from grader.submission import Refused, parse
from grader.verdict import Verdict

CONFIG: Final = """\
# nbgrader reads this file. The grades beside it were written by this course's judge: don't run `nbgrader autograde`,
# which would run the students' code without walls.
c = get_config()
c.CourseDirectory.course_id = {course!r}
"""


def write(results: Results, grades: Sequence[Grade], master: Master, course: Course, out: Path) -> int:
    """Write or renew the course folder; give the number of submissions in it."""
    with warnings.catch_warnings(), _own_commands():
        warnings.simplefilter("ignore", SAWarning)  # nbgrader's own ways with its database
        return _write(results, grades, master, course, out)


@contextmanager
def _own_commands() -> Iterator[None]:
    """Let nbgrader find alembic, which it runs by name, where the environment of this Python was not activated."""
    path = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join((sysconfig.get_path("scripts"), path))
    try:
        yield
    finally:
        os.environ["PATH"] = path


def _write(results: Results, grades: Sequence[Grade], master: Master, course: Course, out: Path) -> int:
    name = master.id
    release = released(master)
    for folder, notebook in (("source", master.notebook), ("release", release)):
        _notebook(out / folder / name / f"{name}.ipynb", notebook)
    config = out / "nbgrader_config.py"
    if not config.exists():
        config.write_text(CONFIG.format(course=re.sub(r"[^a-z0-9]+", "-", course.name.lower())), "utf-8")
    address = f"sqlite:///{out.resolve() / 'gradebook.db'}"
    due = course.entry(name).due
    judged = [grade for grade in grades if grade.row.verdict is not None]
    with Gradebook(address) as book:
        book.update_or_create_assignment(
            name, duedate=due.astimezone(UTC).replace(tzinfo=None) if due else None
        )
    resources = {"nbgrader": {"notebook": name, "assignment": name, "db_url": address}}
    try:
        SaveCells().preprocess(copy.deepcopy(release), resources)
    except RuntimeError:
        raise ExportError(
            f"{out} holds grades of an older {name} with other cells. Name a new folder with --out."
        ) from None
    with Gradebook(address) as book:
        for grade in judged:
            _student(book, results, grade, release, master, out)
    return len(judged)


def _student(
    book: Gradebook, results: Results, grade: Grade, release: NotebookNode, master: Master, out: Path
) -> None:
    name, verdict, student, when = master.id, grade.row.verdict, slug(grade.row.student), grade.row.when
    assert verdict is not None
    when = when.astimezone(UTC).replace(tzinfo=None) if when else None
    book.update_or_create_student(student, last_name=grade.row.name)
    submission: SubmittedAssignment = book.update_or_create_submission(name, student, timestamp=when)
    states = {part.grade_id: part for part in verdict.parts}
    for notebook in submission.notebooks:
        notebook.late_submission_penalty = grade.deducted
        for cell in notebook.grades:
            part = states[cell.name]
            cell.auto_score = part.earned
            cell.failed_tests = part.state != "passed"
            cell.needs_manual_grade = bool(verdict.refusal)
        for comment in notebook.comments:
            comment.auto_comment = None
    book.db.commit()
    data = b"" if grade.row.problem else results.content(grade.row.digest)
    _notebook(out / "autograded" / student / name / f"{name}.ipynb", _shown(master, release, verdict, data))
    stamp = f"{when:%Y-%m-%d %H:%M:%S} UTC" if when else ""
    for folder in ("autograded", "submitted"):
        place = out / folder / student / name
        place.mkdir(parents=True, exist_ok=True)
        if stamp:
            (place / "timestamp.txt").write_text(stamp, "utf-8")
    if data:
        (out / "submitted" / student / name / f"{name}.ipynb").write_bytes(data)


def _shown(master: Master, release: NotebookNode, verdict: Verdict, data: bytes) -> NotebookNode:
    """Give the released notebook with the student's solutions, and under each test what the judge said."""
    notebook = copy.deepcopy(release)
    written: dict[str, list[str]] = {}
    if not verdict.refusal:
        with suppress(Refused):
            for cell in parse(data, given={}, graded=(), solutions=master.solutions).cells:
                written.setdefault(cell.grade_id, []).append(cell.source)
    states = {part.grade_id: part for part in verdict.parts}
    for cell in notebook.cells:
        if mark(cell).get("solution") and grade_id(cell) in written:
            cell.source = "\n\n".join(written[grade_id(cell)])
        elif mark(cell).get("grade"):
            part = states[grade_id(cell)]
            said = part.said or ((OTHERWISE[part.state],) if part.state != "passed" else ())
            said = (verdict.refusal,) if verdict.refusal else said
            text = "".join(f"{line}\n" for line in said)
            cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)] if text else []  # type: ignore[no-untyped-call]
    return notebook


def _notebook(path: Path, notebook: NotebookNode) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # nbgrader writes it for reading alone
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False), "utf-8")
