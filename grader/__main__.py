"""The command line, for authors and for teachers: ``python -m grader --help`` lists the commands."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from grader import check, commands
from grader import course as courses
from grader.master import MasterError

EXERCISES = Path(__file__).resolve().parents[1] / "exercises"


def main(argv: list[str] | None = None) -> int:
    """Run one command. An author's gives 1 if a master is refused or not proven; a teacher's: see ``commands``."""
    options = _parser().parse_args(argv)
    if options.command in commands.NAMES:
        return commands.run(options)
    try:
        course = courses.read(_short(options.exercises))
        if options.command == "check":
            return check.check(course, options)
        return _release(course, options) if options.command == "release" else _prove(course, options)
    except MasterError as error:
        print("\n".join(error.problems), file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename}: {error.strerror}. Name a folder that can be written.", file=sys.stderr)
        return 1


def _release(course: courses.Course, options: argparse.Namespace) -> int:
    from grader.release import release

    for path in release(course, options.ids, options.out):
        print(path)
    return 0


def _prove(course: courses.Course, options: argparse.Namespace) -> int:
    from grader.prove import prove, table

    status = 0
    for master in course.masters(options.ids):
        outcomes = prove(master, seed=options.seed)
        proven = all(one.proven for one in outcomes)
        status |= not proven
        print(f"{master.id}: {'proven' if proven else 'NOT PROVEN'}\n{table(master, outcomes)}", flush=True)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m grader", description="Exercises: released, proven fair, and graded."
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "ids", nargs="*", metavar="EXERCISE", help="such as 01-neurons; all of the course, if none"
    )
    common.add_argument(
        "--exercises", type=Path, default=EXERCISES, metavar="DIR", help="the folder that holds course.yml"
    )
    release = subparsers.add_parser(
        "release", parents=[common], help="write the notebooks for students, and index.json"
    )
    release.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder to write into")
    prove = subparsers.add_parser(
        "prove", parents=[common], help="run the reference, the empty stub and the misconceptions"
    )
    prove.add_argument("--seed", type=int, default=0, help="where hidden tests' random inputs come from (0)")
    check.add(subparsers, EXERCISES)
    commands.add(subparsers, EXERCISES)
    return parser


def _short(path: Path) -> Path:
    """Give the path as seen from here, if it lies below, so that messages stay short."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


if __name__ == "__main__":
    sys.exit(main())
