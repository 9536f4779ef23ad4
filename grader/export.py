"""Writes grades as CSV: our own table, and the ones that Canvas, Brightspace and Moodle import.

What the LMSs look for, by their own code and manuals:

- Canvas needs ``Student, ID, [SIS User ID, SIS Login ID,] Section``, then the assignment's title (with its number in
  brackets), and reads the row ``Points Possible``;
- Brightspace needs ``OrgDefinedId`` or ``Username``, ``<item> Points Grade``, and ends a line with
  ``End-of-Line Indicator``;
- Moodle's grading worksheet needs ``Identifier``, ``Grade`` and ``Last modified (grade)``, and leaves out a grade
  that is older than the one it has.

Students without a submission, and those whose file was refused, keep an empty field: an import never gives a
zero that nobody has looked at. A name that a spreadsheet would take for a formula gets an apostrophe.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from grader.grades import Grade
from grader.roster import Roster, RosterError, matched, names

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
OWN: Final = (
    "student", "name", "exercise", "state", "points", "most", "earned", "deducted", "handed_in", "late", "file",
    "refusal", "sandbox", "digest", "judge",
)  # fmt: skip


def safe(value: str) -> str:
    """Give a field that no spreadsheet runs as a formula."""
    return f"'{value}" if value.startswith(FORMULA) else value


def number(value: float | None) -> str:
    """Give points as text, and nothing for none."""
    return "" if value is None else f"{value:.10g}"


def own(grades: Sequence[Grade]) -> str:
    """Give ``grades.csv``: one line for each student and exercise."""
    rows = [list(OWN)]
    for grade in grades:
        row, verdict = grade.row, grade.row.verdict
        rows.append([
            row.student, row.name, row.exercise, grade.state, number(grade.points), number(grade.most),
            number(grade.earned), number(grade.deducted), row.when.isoformat() if row.when else "", grade.late, row.file,
            verdict.refusal if verdict else "", verdict.sandbox if verdict else "", row.digest,
            verdict.judge if verdict else "",
        ])  # fmt: skip
    return _text([[safe(field) for field in row] for row in rows])


def canvas(grades: Sequence[Grade], roster: Roster | None, column: str) -> tuple[str, list[str]]:
    """Give the CSV that Canvas imports, and the students whom it does not have.

    Without the gradebook that Canvas exports, students are named by the numbers that its zip gave them.
    """
    people = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    if roster is None:
        head, most = [*people, column or _title(grades)], ["    Points Possible", "", "", "", ""]
        rows = [
            [safe(grade.row.name), grade.row.number, "", "", "", number(grade.points)]
            for grade in grades
            if grade.row.lms == "canvas" and grade.row.number.isdigit()
        ]
        lost = [g.row.student for g in grades if g.row.lms != "canvas" or not g.row.number.isdigit()]
        return _text([head, [*most, number(_most(grades))], *rows]), lost
    if not roster.has("Student", "ID", "Section"):
        raise RosterError(
            f"{roster.path} is not Canvas's gradebook: it has no columns Student, ID and Section."
        )
    kept = [name for name in roster.columns[: roster.columns.index("Section") + 1] if name]
    title = _column(roster, grades, column, re.compile(r"(.*?) \(\d+\)$"))
    top = [row for row in roster.rows if "Points Possible" in row[0]]
    if top and title in roster.columns:
        _same_most(grades, roster.cell(top[0], title), roster)
    students = [row for row in roster.rows if roster.cell(row, "ID").strip()]
    keys = [
        [f"#{roster.cell(row, 'ID')}", f"#{roster.cell(row, 'SIS Login ID')}", f"#{roster.cell(row, 'SIS User ID')}",
         *names(roster.cell(row, "Student"))]
        for row in students
    ]  # fmt: skip
    places = matched([grade.row for grade in grades], keys)
    points = {places[grade.row.student]: grade.points for grade in grades if grade.row.student in places}
    rows = [
        [safe(roster.cell(row, name)) for name in kept] + [number(points[place])]
        for place, row in enumerate(students)
        if place in points
    ]
    most = ["    Points Possible", *[""] * (len(kept) - 1), number(_most(grades))]
    return _text([[*kept, title], most, *rows]), [
        g.row.student for g in grades if g.row.student not in places
    ]


def brightspace(grades: Sequence[Grade], roster: Roster | None, column: str) -> tuple[str, list[str]]:
    """Give the CSV that Brightspace imports, and the students whom it does not have."""
    if roster is None or not (roster.has("OrgDefinedId") or roster.has("Username")):
        raise RosterError(
            "Brightspace knows students by OrgDefinedId or Username, which its zip does not tell. In Grades choose Enter "
            "Grades, Export, Key Field: Both, User Details: Last Name and First Name; name that file with --roster."
        )
    ids = [name for name in ("OrgDefinedId", "Username") if name in roster.columns]
    item = _column(roster, grades, column, re.compile(r"(.*?) Points Grade\b.*$"))
    if found := re.search(r"MaxPoints:([\d.]+)", item):
        _same_most(grades, found[1], roster)
    title = f"{re.sub(r' Points Grade.*$', '', item)} Points Grade"
    keys = []
    for row in roster.rows:
        first, last = roster.cell(row, "First Name"), roster.cell(row, "Last Name")
        keys.append([
            *(f"#{roster.cell(row, name).lstrip('#')}" for name in ids), *names(f"{first} {last}", f"{last} {first}"),
        ])  # fmt: skip
    places = matched([grade.row for grade in grades], keys)
    rows = [
        [f"#{roster.cell(roster.rows[places[grade.row.student]], name).lstrip('#')}" for name in ids]
        + [number(grade.points), "#"]
        for grade in grades
        if grade.row.student in places
    ]
    lost = [grade.row.student for grade in grades if grade.row.student not in places]
    return _text([[*ids, title, "End-of-Line Indicator"], *rows]), lost


def moodle(grades: Sequence[Grade], roster: Roster | None, column: str) -> tuple[str, list[str]]:
    """Give the grading worksheet that Moodle takes back, and the students whom it does not have.

    Without the worksheet, students are named by the numbers that Moodle's zip gave them.
    """
    if roster is None:
        known = [grade for grade in grades if grade.row.lms == "moodle"]
        head = ["Identifier", "Full name", "Grade", "Last modified (grade)"]
        lines = [[f"Participant {g.row.number}", safe(g.row.name), number(g.points), "-"] for g in known]
        return _text([head, *lines]), [g.row.student for g in grades if g.row.lms != "moodle"]
    if not roster.has("Identifier", "Grade", "Last modified (grade)"):
        raise RosterError(
            f"{roster.path} is not Moodle's grading worksheet. In the assignment choose Download grading worksheet."
        )
    most = next((name for name in roster.columns if name.casefold() == "maximum grade"), "")
    if most:
        _same_most(grades, roster.cell(roster.rows[0], most), roster)
    keys = [
        [f"#{roster.cell(row, 'Identifier').rpartition(' ')[2]}", *names(roster.cell(row, "Full name"))]
        for row in roster.rows
    ]
    places = matched([grade.row for grade in grades], keys)
    points = {places[grade.row.student]: grade.points for grade in grades if grade.row.student in places}
    at = roster.columns.index("Grade")
    rows = []
    for place, row in enumerate(roster.rows):
        new = [*row, *[""] * (len(roster.columns) - len(row))]
        if points.get(place) is not None:
            new[at] = number(points[place])
        rows.append([safe(field) if field not in ("-", "") else field for field in new])
    return _text([roster.columns, *rows]), [g.row.student for g in grades if g.row.student not in places]


def _column(roster: Roster, grades: Sequence[Grade], column: str, form: re.Pattern[str]) -> str:
    """Give the heading of the assignment in the LMS's file, or the one to create."""
    wanted = {column} if column else {_title(grades), grades[0].row.exercise if grades else ""}
    hits = [
        name
        for name in roster.columns
        if name in wanted or ((found := form.match(name)) and found[1] in wanted)
    ]
    if len(hits) > 1:
        raise RosterError(
            f"{roster.path} has several columns for it: {'; '.join(hits)}. Name one with --column."
        )
    return hits[0] if hits else column or _title(grades)


def _title(grades: Sequence[Grade]) -> str:
    return grades[0].title if grades else ""


def _most(grades: Sequence[Grade]) -> float | None:
    return grades[0].most if grades else None


def _same_most(grades: Sequence[Grade], said: str, roster: Roster) -> None:
    """Refuse where the LMS counts to another maximum: every grade would be wrong."""
    try:
        most = float(said.replace(",", "."))
    except ValueError:
        return
    if grades and most != grades[0].most:
        raise RosterError(
            f"{roster.path} counts to {most:g} points, the exercise to {grades[0].most:g}. Set the assignment to "
            f"{grades[0].most:g} points in the LMS, and export again."
        )


def _text(rows: Sequence[Sequence[str]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue()


def write(path: Path, text: str) -> None:
    """Put a whole file in place at once. It holds grades: nobody else may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text.encode("utf-8"))
    os.replace(fresh, path)
