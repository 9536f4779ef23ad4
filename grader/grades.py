"""Turns verdicts into grades: the points that a student gets after the rule for late work."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from grader.course import Course
from grader.master import Master, grade_id
from grader.results import Results, Row


class ExportError(Exception):
    """The grades can't be written there. The text says what to do."""


@dataclass(frozen=True)
class Grade:
    """One student's grade. ``earned`` is what the tests gave, ``points`` what is left of it; None where nothing was judged.

    Refused work has no points: a person must look at it before it costs anyone a grade.
    """

    row: Row
    title: str
    most: float
    earned: float | None
    deducted: float

    @property
    def points(self) -> float | None:
        """What the student gets."""
        return None if self.earned is None else max(0.0, self.earned - self.deducted)

    @property
    def state(self) -> Literal["graded", "refused", "waiting"]:
        """Whether the submission was judged, could not be, or waits for the judge."""
        if self.row.verdict is None:
            return "waiting"
        return "refused" if self.row.verdict.refusal else "graded"

    @property
    def late(self) -> str:
        """What is to be said of the time, or nothing."""
        if self.deducted:
            return f"late: {self.deducted:g} points deducted"
        if self.row.late and self.row.when is None:
            return "late, the LMS does not say by how much: nothing deducted"
        return ""


def grades(results: Results, course: Course, master: Master) -> list[Grade]:
    """Give the grade of every submission to an exercise, in the order of the students."""
    due = course.entry(master.id).due
    found = []
    for row in results.rows(master.id):
        judged = row.verdict is not None and not row.verdict.refusal
        earned = row.verdict.points if row.verdict and judged else None
        deducted = min(earned or 0.0, course.late.share(due, row.when) * master.points)
        found.append(Grade(row, master.title, master.points, earned, round(deducted, 4)))
    return found


def labels(master: Master) -> dict[str, str]:
    """Give what the exercise's text calls each graded cell: the bold words before it, and its section if they recur."""
    graded = {cell.grade_id for cell in master.graded}
    found: dict[str, tuple[str, str]] = {}
    section = text = ""
    for cell in master.notebook.cells:
        if cell.cell_type == "markdown":
            text = cell.source
            section = next(iter(re.findall(r"^## +(.+)$", text, re.MULTILINE)[::-1]), section)
        elif (name := grade_id(cell)) in graded:
            bold = re.search(r"\*\*(?:Check: *)?(.+?)\*\*(?!.*\*\*Check)", text, re.DOTALL)
            label = " ".join(bold[1].split()).rstrip(".") if bold else name
            found[name] = re.sub(r"[$`]", "", label[:1].upper() + label[1:]), section
            text = ""
    counts = Counter(label for label, _ in found.values())
    whole = {
        name: label if counts[label] == 1 else f"{section}: {label}"
        for name, (label, section) in found.items()
    }
    again = Counter(whole.values())
    return {name: label if again[label] == 1 else f"{label} ({name})" for name, label in whole.items()}
