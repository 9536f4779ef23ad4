"""The commands of a teacher: grade, status, feedback and export. Each gives a status that scripts can use.

0: everything was done. 1: it was done, and some submissions need a look, which are named. 2: it could not be done;
nothing that was judged is lost, and the same command goes on. 130: stopped with Ctrl-C; likewise.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader import course as courses
from grader.master import Master, MasterError

if TYPE_CHECKING:
    from grader.bench import Bench
    from grader.grade import Engine, Tally
    from grader.grades import Grade
    from grader.results import Results

NAMES: Final = ("grade", "status", "feedback", "export")
FORMATS: Final = ("grades", "canvas", "brightspace", "moodle", "nbgrader", "gradescope")
GROUP: Final = {"rich", "jinja2", "distributed", "dask", "nbgrader", "matplotlib"}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser], exercises: Path) -> None:
    """Add the commands to the parser."""
    course = argparse.ArgumentParser(add_help=False)
    course.add_argument(
        "--exercises", type=Path, default=exercises, metavar="DIR", help="the folder that holds course.yml"
    )
    course.add_argument(
        "--results",
        type=Path,
        default=Path("results.db"),
        metavar="FILE",
        help="the file of results (results.db)",
    )
    grade = commands.add_parser("grade", parents=[course], help="judge what students handed in")
    grade.add_argument("submissions", type=Path, nargs="*", metavar="SUBMISSIONS",
                       help="zips of an LMS, folders or notebooks; with none, what is in the results already")  # fmt: skip
    grade.add_argument("--exercise", required=True, metavar="ID", help="such as 01-neurons")
    grade.add_argument(
        "--jobs", type=_count, default=None, metavar="N", help="processes to judge with (all cores)"
    )
    grade.add_argument(
        "--scheduler", metavar="ADDRESS", help="judge on the Dask cluster of this scheduler instead"
    )
    grade.add_argument("--times", type=Path, metavar="FILE",
                       help="hand-in times: Moodle's grading worksheet, or a CSV with student and handed_in")  # fmt: skip
    grade.add_argument(
        "--unsafe", action="store_true", help="without a sandbox: students' code can do all that you can"
    )
    grade.add_argument("--plot", type=Path, metavar="FILE", help="draw the summary into this SVG file")
    status = commands.add_parser(
        "status", parents=[course], help="sum up: points, what was hard, what needs a look"
    )
    status.add_argument("ids", nargs="*", metavar="EXERCISE", help="all that have submissions, if none")
    status.add_argument(
        "--plot", type=Path, metavar="FILE", help="draw the summary of one exercise into this SVG file"
    )
    feedback = commands.add_parser("feedback", parents=[course], help="write a page for each student")
    feedback.add_argument("ids", nargs="*", metavar="EXERCISE", help="all that have submissions, if none")
    feedback.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder to write into")
    export = commands.add_parser(
        "export", parents=[course], help="write grades for an LMS, nbgrader or a spreadsheet"
    )
    export.add_argument("format", choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS))
    export.add_argument("ids", nargs="*", metavar="EXERCISE", help="one for an LMS and for gradescope")
    export.add_argument(
        "--out", type=Path, required=True, metavar="PATH", help="the file, or nbgrader's course folder"
    )
    export.add_argument("--roster", type=Path, metavar="FILE", help="the gradebook that the LMS has exported")
    export.add_argument("--column", default="", metavar="NAME", help="the assignment's name in the LMS")
    export.add_argument("--unsafe", action="store_true", help="for gradescope: judge there without a sandbox")


def run(options: argparse.Namespace) -> int:
    """Run one of the commands, and say in one sentence why not, if it can't be done."""
    from grader.box import SandboxError
    from grader.grade import GradeError
    from grader.grades import ExportError
    from grader.intake import IntakeError
    from grader.results import ResultsError
    from grader.roster import RosterError

    work = {"grade": _grade, "status": _status, "feedback": _feedback, "export": _export}[options.command]
    try:
        return work(courses.read(options.exercises), options)
    except (
        ExportError, GradeError, IntakeError, MasterError, ResultsError, RosterError, SandboxError,
    ) as error:  # fmt: skip
        return _stop(str(error))
    except ModuleNotFoundError as error:
        package = (error.name or "").split(".")[0]
        if package not in GROUP:
            raise
        return _stop(
            f"This needs the package {package}. Install what grading needs: .venv/bin/pip install --group grader"
        )
    except OSError as error:
        return _stop(
            f"{error.filename or ''}: {error.strerror or error}. Name a file or folder that can be used."
        )
    except KeyboardInterrupt:
        print("Stopped. What was judged is kept; the same command goes on.", file=sys.stderr)
        return 130


def _grade(course: courses.Course, options: argparse.Namespace) -> int:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from grader import judge, roster
    from grader.bench import Bench
    from grader.grade import judge_pending, take_in
    from grader.results import Results

    (master,) = course.masters([options.exercise])
    if options.unsafe:
        print("No sandbox: students' code can do all that you can.", file=sys.stderr)
    clock = roster.read(options.times) if options.times else None
    with Results(options.results, write=True) as results:
        strays = take_in(results, master.id, options.submissions, clock)
        bench = Bench(master, judge.version(master), results.secret, options.unsafe)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar, _engine(bench, options) as engine:
            task = bar.add_task(f"Grading {master.id}", total=None)
            tally = judge_pending(
                results, bench, engine, lambda done, of: bar.update(task, completed=done, total=of)
            )
        tally.strays = strays
        return _told(results, course, master, options.plot) | _notes(tally)


def _engine(bench: Bench, options: argparse.Namespace) -> AbstractContextManager[Engine]:
    from grader.pool import Pool

    if options.scheduler:
        from grader.cluster import Cluster

        return Cluster(bench, options.scheduler)
    return Pool(bench, options.jobs or _cores())


def _cores() -> int:
    """Give the cores that this process may use, where the system tells, or else all."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _notes(tally: Tally) -> int:
    """Say what became of this run's files; give 1 if the judge failed on one."""
    print(
        f"\nThis run: {tally.judged} judged, {tally.known} judged before, {tally.refused} refused, "
        f"{tally.slow} judged twice because they were slow."
    )
    if tally.strays:
        print(
            f"Nobody's files, left out: {', '.join(tally.strays[:10])}{' ...' if len(tally.strays) > 10 else ''}"
        )
    for student, why in sorted(tally.broken.items()):
        print(
            f"Not graded, the judge itself failed: {student}: {why}. Run again, or look at the file by hand.",
            file=sys.stderr,
        )
    return int(bool(tally.broken))


def _told(results: Results, course: courses.Course, master: Master, plot: Path | None) -> int:
    """Print the summary of an exercise, and draw it; give 1 if a submission needs a look."""
    from grader import summary
    from grader.grades import grades

    found = summary.summary(master, grades(results, course, master))
    print(summary.text(found))
    if plot:
        summary.plot(found, plot)
    return int(bool(found.refused or found.waiting))


def _status(course: courses.Course, options: argparse.Namespace) -> int:
    from grader.results import Results

    status = 0
    with Results(options.results) as results:
        for master in _masters(course, results, options.ids):
            status |= _told(results, course, master, options.plot)
            print()
    return status


def _masters(course: courses.Course, results: Results, ids: Sequence[str]) -> list[Master]:
    return course.masters(list(ids) or results.exercises()) if ids or results.exercises() else []


def _feedback(course: courses.Course, options: argparse.Namespace) -> int:
    from grader import feedback
    from grader.grades import grades
    from grader.results import Results

    with Results(options.results) as results:
        for master in _masters(course, results, options.ids):
            *pages, back = feedback.write(grades(results, course, master), master, course.name, options.out)
            print(f"{len(pages)} pages in {options.out / master.id}; to give back: {back}")
    return 0


def _export(course: courses.Course, options: argparse.Namespace) -> int:
    from grader import export, roster
    from grader.grades import grades
    from grader.results import Results

    if options.format == "gradescope":
        from grader import gradescope

        gradescope.pack(_single(course.masters(options.ids), options), options.out, unsafe=options.unsafe)
        print(f"{options.out}: upload it as the autograder. It holds the solutions: show it to no student.")
        return 0
    with Results(options.results) as results:
        masters = _masters(course, results, options.ids)
        if options.format == "nbgrader":
            from grader import gradebook

            for master in masters:
                count = gradebook.write(results, grades(results, course, master), master, course, options.out)
                print(f"{master.id}: {count} submissions in {options.out / 'gradebook.db'}")
            return 0
        if options.format == "grades":
            export.write(
                options.out, export.own([one for m in masters for one in grades(results, course, m)])
            )
            return 0
        found: list[Grade] = grades(results, course, _single(masters, options))
        book = roster.read(options.roster) if options.roster else None
        make = {"canvas": export.canvas, "brightspace": export.brightspace, "moodle": export.moodle}[
            options.format
        ]
        text, lost = make(found, book, options.column)
        export.write(options.out, text)
    for student in lost:
        print(f"Not in the file, the LMS does not have them: {student}", file=sys.stderr)
    return int(bool(lost))


def _single(masters: Sequence[Master], options: argparse.Namespace) -> Master:
    from grader.grades import ExportError

    if len(masters) != 1:
        raise ExportError(f"Name one exercise: python -m grader export {options.format} 01-neurons --out ...")
    return masters[0]


def _count(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError("must be a whole number from 1 on")
    return int(text)


def _stop(why: str) -> int:
    print(why, file=sys.stderr)
    return 2
