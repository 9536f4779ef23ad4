"""Reads ``exercises/course.yml``: the course's exercises, their points, their due dates and the rule for late work."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import yaml  # type: ignore[import-untyped]

from grader import master
from grader.master import Master, MasterError


@dataclass(frozen=True)
class Entry:
    """One exercise of the course. Without a due date it may be handed in at any time."""

    id: str
    points: float
    due: datetime | None


@dataclass(frozen=True)
class Late:
    """What late work costs: a share of the exercise's points for each day that has begun.

    Nothing within the ``grace``; everything after ``at_most``.
    """

    per_day: float = 0.0
    at_most: timedelta | None = None
    grace: timedelta = timedelta()

    def share(self, due: datetime | None, when: datetime | None) -> float:
        """Give the share of the exercise's points that is deducted, from 0 to 1.

        A time without a zone is read in the zone of the due date.
        """
        if due is None or when is None:
            return 0.0
        over = (when if when.tzinfo else when.replace(tzinfo=due.tzinfo)) - due
        if over <= self.grace:
            return 0.0
        if self.at_most is not None and over > self.at_most:
            return 1.0
        return min(1.0, self.per_day * math.ceil(over / timedelta(days=1)))


@dataclass(frozen=True)
class Course:
    """What ``course.yml`` says, and the folder that it stands in."""

    name: str
    folder: Path
    exercises: tuple[Entry, ...]
    late: Late = Late()

    def entry(self, name: str) -> Entry:
        """Give what the course file says of one exercise, or raise MasterError."""
        for entry in self.exercises:
            if entry.id == name:
                return entry
        raise MasterError([self._unknown(name)])

    def _unknown(self, name: str) -> str:
        known = ", ".join(entry.id for entry in self.exercises)
        return f"{self.folder / 'course.yml'}: there is no exercise '{name}'. The course has {known}."

    def masters(self, ids: list[str]) -> list[Master]:
        """Read the named masters (all, if none is named), or raise MasterError with what is wrong in any."""
        known = {entry.id: entry for entry in self.exercises}
        problems = [self._unknown(name) for name in ids if name not in known]
        found = []
        for entry in (known[name] for name in ids or known if name in known):
            try:
                found.append(one := master.read(self.folder / entry.id / "master.md"))
            except MasterError as error:
                problems += error.problems
                continue
            if one.points != entry.points:
                problems.append(
                    f"{self.folder / 'course.yml'}: '{entry.id}' is worth {entry.points} points here, "
                    f"but {one.points} in its master. Correct either."
                )
        if problems:
            raise MasterError(problems)
        return found


def read(folder: Path) -> Course:
    """Read the course file of a folder of exercises, or raise MasterError with everything that is wrong."""
    path = folder / "course.yml"
    try:
        text = yaml.safe_load(path.read_text("utf-8"))
    except FileNotFoundError:
        raise MasterError([f"{path}: no such file. Name the folder that holds the exercises."]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise MasterError([f"{path}: not YAML ({error})."]) from None
    if (
        not isinstance(text, dict)
        or set(text) - {"late"} != {"course", "exercises"}
        or not isinstance(text["exercises"], list)
    ):
        raise MasterError(
            [
                f"{path}: write `course:` (its name), `exercises:` (a list), `late:` if late work costs points, "
                "and nothing else."
            ]
        )
    problems = [
        f"{path}, exercise {number}: {what}"
        for number, entry in enumerate(text["exercises"], 1)
        if (what := _problem(entry))
    ]
    if not isinstance(text["course"], str):
        problems.append(f"{path}: `course:` must be the course's name.")
    try:
        late = _late(text.get("late"))
    except ValueError as error:
        problems.append(f"{path}, late: {error}")
    if problems:
        raise MasterError(problems)
    entries = tuple(Entry(entry["id"], entry["points"], _due(entry["due"])) for entry in text["exercises"])
    if len({entry.id for entry in entries}) < len(entries):
        raise MasterError([f"{path}: an exercise is listed twice. Drop one."])
    return Course(text["course"], folder, entries, late)


def _problem(entry: Any) -> str:
    if not isinstance(entry, dict) or set(entry) != {"id", "points", "due"}:
        return "write exactly id, points and due (null for no date)."
    if not isinstance(entry["id"], str) or not entry["id"].replace("-", "").isalnum():
        return "the id must be the name of the exercise's folder: letters, digits and hyphens."
    if type(entry["points"]) not in (int, float) or entry["points"] <= 0:
        return "points must be a number above 0."
    try:
        due = _due(entry["due"])
    except ValueError:
        return "due must be null or a date and time, such as '2026-10-02T23:59:00-04:00'."
    return "" if due is None or due.tzinfo else "due must name its time zone, such as -04:00 at the end."


def _due(value: Any) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value if isinstance(value, str) else "not text")


_UNITS: Final = {
    "min": "minutes",
    "h": "hours",
    "hour": "hours",
    "hours": "hours",
    "day": "days",
    "days": "days",
}


def _late(value: Any) -> Late:
    """Read the rule for late work, or raise ValueError with what to write."""
    if value is None:
        return Late()
    if not isinstance(value, dict) or not {"per_day"} <= set(value) <= {"per_day", "at_most", "grace"}:
        raise ValueError("write per_day, and at_most and grace if you want them, and nothing else; or null.")
    percent = re.fullmatch(r"(\d+(?:\.\d+)?) ?%", str(value["per_day"]))
    if not percent or float(percent[1]) > 100:
        raise ValueError("per_day must be a share from 0 % to 100 %, such as 10 %.")
    at_most = None if value.get("at_most") is None else _span(value["at_most"], "at_most")
    grace = timedelta() if value.get("grace") is None else _span(value["grace"], "grace")
    if at_most is not None and at_most < grace:
        raise ValueError("at_most must not be shorter than grace.")
    return Late(float(percent[1]) / 100, at_most, grace)


def _span(value: Any, name: str) -> timedelta:
    found = re.fullmatch(r"(\d+) ?([a-z]+)", str(value))
    if not found or found[2] not in _UNITS or int(found[1]) > 10_000:
        raise ValueError(f"{name} must be a time in min, h or days, such as 15 min.")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
