"""``python -m grader check``: judge one notebook here and now, and say what a student would read."""

from __future__ import annotations

import argparse
import secrets
import sys
from pathlib import Path

from grader.course import Course
from grader.master import MasterError
from grader.submission import MAX_FILE
from grader.verdict import Verdict

NOT_JUDGED = 2


def check(course: Course, options: argparse.Namespace) -> int:
    """Give 0 for full marks, 1 for less, and 2 if nothing was judged."""
    from grader.judge import Judge, SandboxError  # not for those who only release

    path: Path = options.notebook
    try:
        (master,) = course.masters([options.exercise or _guessed(course, path)])
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
        with Judge(master, secret=secrets.token_bytes(32), unsafe=options.unsafe) as judge:
            verdict = judge.mark(data)
    except (SandboxError, MasterError) as error:
        print(error, file=sys.stderr)
        return NOT_JUDGED
    except OSError as error:
        print(f"{path}: {error.strerror}. Name a notebook that can be read.", file=sys.stderr)
        return NOT_JUDGED
    print(report(verdict))
    return 0 if verdict.points == master.points and not verdict.refusal else 1


def _guessed(course: Course, path: Path) -> str:
    """Give the exercise that the file is named after, be it with something before or behind."""
    found = [entry.id for entry in course.exercises if entry.id in path.stem]
    if len(found) != 1:
        raise MasterError(
            [f"{path}: the name doesn't tell the exercise. Add --exercise, such as 01-neurons."]
        )
    return found[0]


def report(verdict: Verdict) -> str:
    """Write a verdict as lines of text."""
    total = sum(part.points for part in verdict.parts)
    lines = [f"{verdict.exercise}: {verdict.points:g} of {total:g} points", *verdict.remarks]
    if verdict.refusal:
        return "\n".join([*lines, verdict.refusal])
    for part in verdict.parts:
        lines.append(f"  {part.earned:>4g} of {part.points:g}  {part.grade_id}: {part.state}")
        lines += [f"             {sentence}" for sentence in part.said]
    return "\n".join(lines)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser], exercises: Path) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("check", help="judge one notebook, and say what a student would read")
    parser.add_argument("notebook", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--exercise", metavar="ID", help="which exercise it is; else its name tells")
    parser.add_argument(
        "--exercises", type=Path, default=exercises, metavar="DIR", help="the folder that holds course.yml"
    )
    parser.add_argument(
        "--unsafe", action="store_true", help="without a sandbox: only for code that you trust as your own"
    )
