"""Reads the gradebook that an LMS exports, to find each student in it and to write it back with grades.

Names, capitals and accents are compared loosely; numbers and user names exactly. Whoever fits two rows, fits none.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from grader.intake import clock_time, fold

LARGEST: Final = 32 << 20


class RosterError(Exception):
    """The file is not the one that is needed. The text says which is."""


@dataclass(frozen=True)
class Roster:
    """The columns and rows of an LMS's file, as they stand there."""

    path: Path
    columns: list[str]
    rows: list[list[str]]

    def has(self, *names: str) -> bool:
        """Tell whether the file has all of these columns."""
        return set(names) <= set(self.columns)

    def cell(self, row: Sequence[str], column: str) -> str:
        """Give what a row has in a column, or nothing."""
        at = self.columns.index(column) if column in self.columns else len(row)
        return row[at] if at < len(row) else ""


def read(path: Path) -> Roster:
    """Read a CSV file with commas, semicolons or tabs, in UTF-8 or UTF-16, or raise RosterError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RosterError(f"{path}: {error.strerror}. Name the file that the LMS has exported.") from None
    if len(data) > LARGEST:
        raise RosterError(f"{path} is no gradebook: it is too large.")
    try:
        text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        raise RosterError(
            f"{path} is not in UTF-8. Export it again, and don't save it from a spreadsheet."
        ) from None
    first = text.split("\n", 1)[0]
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count), strict=True))
    except csv.Error as error:
        raise RosterError(f"{path} is not a CSV file ({error}). Export it again.") from None
    if len(rows) < 2:
        raise RosterError(f"{path} holds no students. Export the gradebook again.")
    return Roster(path, [name.strip() for name in rows[0]], [row for row in rows[1:] if any(row)])


def names(*forms: str) -> Iterator[str]:
    """Give each form of a name as it is compared: ``Lee, Ann`` and ``Ann Lee`` alike, and without spaces."""
    for form in forms:
        last, _, first = form.partition(",")
        for name in (form, f"{first} {last}"):
            plain = "".join(c for c in fold(name) if c.isalnum())
            if plain:
                yield plain


class Person(Protocol):
    """Whoever handed something in."""

    @property
    def student(self) -> str:
        """The name in the results."""

    @property
    def name(self) -> str:
        """The name as the LMS shows it."""

    @property
    def lms(self) -> str:
        """The LMS whose zip it was."""

    @property
    def number(self) -> str:
        """The LMS's number for the student."""


def matched(people: Sequence[Person], keys: Sequence[Sequence[str]]) -> dict[str, int]:
    """Give for each student the place in the file. ``keys`` are the names and numbers that each place goes by."""
    places: dict[str, set[int]] = {}
    for place, own in enumerate(keys):
        for key in own:
            places.setdefault(key, set()).add(place)
    found: dict[str, int] = {}
    for person in people:
        hits = (places.get(key, set()) for key in _keys(person))
        if one := next((hit for hit in hits if len(hit) == 1), None):
            found[person.student] = next(iter(one))
    counts = Counter(found.values())
    return {student: place for student, place in found.items() if counts[place] == 1}


def _keys(person: Person) -> Iterator[str]:
    """Give what a student may be found by, the surest first."""
    if person.number and person.lms in (
        "canvas",
        "moodle",
    ):  # Brightspace's number is another than its exports have
        yield f"#{person.number}"
    yield f"#{person.student}"
    yield from names(person.name)
    first, _, rest = person.name.partition(" ")
    if rest:
        yield f"#{first}"  # some show the user name or number before the name
        yield from names(rest)


def times(roster: Roster, people: Sequence[Person]) -> dict[str, datetime]:
    """Give when each handed in: from Moodle's grading worksheet, or from a table with the columns student and handed_in."""
    for name, column in (("student", "handed_in"), ("Identifier", "Last modified (submission)")):
        if roster.has(name, column):
            break
    else:
        raise RosterError(
            f"{roster.path} tells no times: it has neither the columns student and handed_in, nor is it Moodle's worksheet."
        )
    keys = []
    for row in roster.rows:
        who = roster.cell(row, name).strip()
        keys.append(
            [
                f"#{who.rpartition(' ')[2]}" if name == "Identifier" else f"#{who}",
                *names(roster.cell(row, "Full name") or who),
            ]
        )
    found = {}
    for student, place in matched(people, keys).items():
        text = roster.cell(roster.rows[place], column).strip()
        try:
            when = datetime.fromisoformat(text)
        except ValueError:
            read = clock_time(text)
            if read is None and text not in ("", "-"):
                raise RosterError(
                    f"{roster.path}: '{text}' is no time. Write it as 2026-10-02T23:59:00-04:00."
                ) from None
            if read is None:
                continue
            when = read
        found[student] = when
    return found
