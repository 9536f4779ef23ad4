"""Reads ``exercises/course.yml``: the course's exercises, their points and their due dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

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
class Course:
    """What ``course.yml`` says, and the folder that it stands in."""

    name: str
    folder: Path
    exercises: tuple[Entry, ...]

    def masters(self, ids: list[str]) -> list[Master]:
        """Read the named masters (all, if none is named), or raise MasterError with what is wrong in any."""
        known = {entry.id: entry for entry in self.exercises}
        problems = [
            f"{self.folder / 'course.yml'}: there is no exercise '{name}'. The course has {', '.join(known)}."
            for name in ids
            if name not in known
        ]
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
        or set(text) != {"course", "exercises"}
        or not isinstance(text["exercises"], list)
    ):
        raise MasterError(
            [f"{path}: write `course:` (its name) and `exercises:` (a list), and nothing else."]
        )
    problems = [
        f"{path}, exercise {number}: {what}"
        for number, entry in enumerate(text["exercises"], 1)
        if (what := _problem(entry))
    ]
    if not isinstance(text["course"], str):
        problems.append(f"{path}: `course:` must be the course's name.")
    if problems:
        raise MasterError(problems)
    entries = tuple(Entry(entry["id"], entry["points"], _due(entry["due"])) for entry in text["exercises"])
    if len({entry.id for entry in entries}) < len(entries):
        raise MasterError([f"{path}: an exercise is listed twice. Drop one."])
    return Course(text["course"], folder, entries)


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
