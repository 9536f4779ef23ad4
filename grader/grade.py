"""Grades: takes hand-ins into the file of results, judges what has no verdict yet, and keeps each verdict at once.

This process alone writes. Whatever dies, the same command goes on where it was: what has a verdict keeps it, and
what has none is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from grader.bench import Answer, Bench
from grader.intake import Intake
from grader.master import Master
from grader.results import Results, Row
from grader.roster import Roster, times
from grader.submission import Refused
from grader.verdict import Part, Verdict

TOGETHER = 200  # submissions taken in at a time: all of them are on the disk, or none


class GradeError(Exception):
    """The run can't go on. The text says what to do; what has a verdict keeps it."""


class Engine(Protocol):
    """What judges: the processes of this machine, or a cluster."""

    def map(self, work: Iterator[tuple[str, bytes]], *, alone: bool = False) -> Iterator[tuple[str, Answer]]:
        """Give an answer for each (name, bytes), in any order."""


@dataclass
class Tally:
    """What a run has done. ``broken`` holds the students on whose file the judge itself failed, and how."""

    judged: int = 0
    refused: int = 0
    known: int = 0
    slow: int = 0
    strays: list[str] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)


def take_in(results: Results, exercise: str, paths: Sequence[Path], clock: Roster | None = None) -> list[str]:
    """Take every hand-in of these zips and folders into the results; give the files that are nobody's.

    ``clock`` tells the times that the names of the files don't.
    """
    strays: list[str] = []
    for path in paths:
        with Intake(path, exercise) as intake:
            strays += intake.strays
            told = times(clock, intake.students) if clock else {}
            for start in range(0, len(intake.students), TOGETHER):
                with results.together():
                    for handed in intake.students[start : start + TOGETHER]:
                        try:
                            data, problem = intake.read(handed), ""
                        except Refused as refusal:
                            data, problem = b"", str(refusal)
                        if not data and not problem:
                            problem = "The file is empty. Save the notebook and hand in again."
                        when = told.get(handed.student, handed.when)
                        results.take(exercise, replace(handed, when=when), data, problem)
    return strays


def stamp(bench: Bench) -> str:
    """Give what names the judge's work: its version, and whether it had walls."""
    return f"{bench.version}, without a sandbox" if bench.unsafe else bench.version


def judge_pending(
    results: Results, bench: Bench, engine: Engine, tell: Callable[[int, int], None] = lambda done, of: None
) -> Tally:
    """Judge every submission to the exercise that has no verdict of this version of judge and master."""
    exercise, judge = bench.master.id, stamp(bench)
    results.use(exercise, judge)
    rows = results.rows(exercise)
    pending = {row.student: row for row in rows if row.verdict is None}
    tally = Tally(known=len(rows) - len(pending))
    for row in pending.values():
        if row.problem:
            results.put(row.student, judge, refusal(bench, row))
            tally.refused += 1
    waiting = [row for row in pending.values() if not row.problem]
    done = len(rows) - len(waiting)
    tell(done, len(rows))
    again: list[Row] = []
    for student, verdict in _verdicts(results, bench, engine, waiting, tally, alone=False):
        if verdict.slow:
            again.append(pending[student])
            continue
        _keep(results, judge, student, verdict, tally)
        tell(done := done + 1, len(rows))
    for student, verdict in _verdicts(results, bench, engine, again, tally, alone=True):
        tally.slow += 1
        _keep(results, judge, student, verdict, tally)
        tell(done := done + 1, len(rows))
    return tally


def _keep(results: Results, judge: str, student: str, verdict: Verdict, tally: Tally) -> None:
    results.put(student, judge, verdict)
    tally.judged += 1
    tally.refused += bool(verdict.refusal)


def _verdicts(
    results: Results, bench: Bench, engine: Engine, rows: list[Row], tally: Tally, *, alone: bool
) -> Iterator[tuple[str, Verdict]]:
    digests = {row.student: row.digest for row in rows}
    work = ((row.student, results.content(row.digest)) for row in rows)
    for student, (kind, text) in engine.map(work, alone=alone):
        if kind == "stop":
            raise GradeError(text)
        if kind == "died":
            tally.broken[student] = text
            continue
        verdict = Verdict.from_json(text)
        if verdict.judge != bench.version or verdict.digest != digests[student]:
            raise GradeError(
                "A worker of the cluster has another version of the course than this machine. Install the same on both."
            )
        yield student, verdict


def refusal(bench: Bench, row: Row) -> Verdict:
    """Give the verdict on a hand-in that could not even be read."""
    return Verdict(
        bench.master.id, row.digest, bench.version, nothing(bench.master), row.problem,
        sandbox="none" if bench.unsafe else "bubblewrap",
    )  # fmt: skip


def nothing(master: Master) -> tuple[Part, ...]:
    """Give every part of an exercise with no points."""
    return tuple(Part(cell.grade_id, cell.points, 0.0, "missing") for cell in master.graded)
