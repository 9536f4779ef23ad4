"""Keeps submissions and verdicts in one SQLite file, so that a run that is killed anywhere goes on where it was.

A verdict is kept by student, exercise, the SHA-256 of the submission and the version of judge and master: that is the
work that was done, so it is never done twice, and never mistaken for other work. Each change is on the disk
before it counts. One process writes; any number may read.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final

from grader.intake import Handed
from grader.verdict import Verdict

FORMAT: Final = "nnlib-grader-1"
TABLES: Final = """
create table setting (name text primary key, value text not null) strict;
create table exercise (id text primary key, judge text not null) strict;
create table content (digest text primary key, data blob not null) strict;
create table submission (
  student text, exercise text, name text not null, lms text not null, number text not null, file text not null,
  place text not null, handed_in text, late integer not null, remarks text not null,
  problem text not null, digest text not null,
  primary key (student, exercise)
) strict;
create table verdict (
  student text, exercise text, digest text, judge text, text text not null, judged_at text not null,
  primary key (student, exercise, digest, judge)
) strict;
"""


class ResultsError(Exception):
    """The file of results can't be used. The text says what to do."""


@dataclass(frozen=True)
class Row:
    """One student's submission to one exercise, and the verdict, if the judge has spoken."""

    student: str
    exercise: str
    name: str
    lms: str
    number: str
    file: str
    place: str
    when: datetime | None
    late: bool
    remarks: tuple[str, ...]
    problem: str
    digest: str
    verdict: Verdict | None


class Results:
    """The file of results. ``write=True`` creates it if need be, and keeps every other writer out."""

    def __init__(self, path: Path, *, write: bool = False) -> None:
        self.path, self._write = path, write

    def __enter__(self) -> Results:
        """Open the file, or raise ResultsError."""
        if self._write:
            self._lock()
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))  # grades are nobody else's to read
        elif not self.path.is_file():
            raise ResultsError(
                f"{self.path}: no such file. Grade something first, or name it with --results."
            )
        try:
            self._base = sqlite3.connect(self.path, isolation_level=None, timeout=30)
            self._set_up()
        except sqlite3.Error as error:
            raise ResultsError(
                f"{self.path} is not a file of results ({error}). Name another with --results."
            ) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._base.close()
        if self._write:
            os.close(self._guard)

    def _lock(self) -> None:
        import fcntl  # not on Windows, where nothing can be judged

        try:
            self._guard = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ResultsError(
                f"{self.path}: {error.strerror}. Name a file in a folder that can be written."
            ) from None
        try:
            fcntl.flock(self._guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._guard)
            raise ResultsError(
                f"Another run writes {self.path} now. Wait for its end, or name another file with --results."
            ) from None

    def _set_up(self) -> None:
        self._base.execute("pragma journal_mode = wal")
        self._base.execute("pragma synchronous = full")
        known = self._base.execute("select count(*) from sqlite_schema").fetchone()[0]
        if not known and self._write:
            with self.together():
                for statement in TABLES.split(";"):
                    self._base.execute(statement)
                values = [("format", FORMAT), ("secret", secrets.token_hex(32))]
                self._base.executemany("insert into setting values (?, ?)", values)
        if self._setting("format") != FORMAT:
            raise sqlite3.DatabaseError("it was written by another version")

    def _setting(self, name: str) -> str:
        found = self._base.execute("select value from setting where name = ?", (name,)).fetchone()
        return str(found[0]) if found else ""

    @contextmanager
    def together(self) -> Iterator[None]:
        """Put all or nothing of what is written inside."""
        self._base.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._base.execute("rollback")
            raise
        self._base.execute("commit")

    @property
    def secret(self) -> bytes:
        """What the random inputs of hidden tests come from: the same for each run on this file."""
        return bytes.fromhex(self._setting("secret"))

    def use(self, exercise: str, judge: str) -> None:
        """From now on the verdicts of this version of judge and master count."""
        self._base.execute(
            "insert into exercise values (?, ?) on conflict do update set judge = excluded.judge",
            (exercise, judge),
        )

    def take(self, exercise: str, handed: Handed, data: bytes, problem: str = "") -> None:
        """Keep what a student handed in, or why it can't be read, in place of what there was."""
        digest = hashlib.sha256(data or problem.encode()).hexdigest()
        when = handed.when.isoformat() if handed.when else None
        if data:
            self._base.execute(
                "insert or ignore into content values (?, ?)", (digest, zlib.compress(data, 6))
            )
        self._base.execute(
            "insert or replace into submission values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                handed.student, exercise, handed.name, handed.lms, handed.number, handed.file, handed.place,
                when, int(handed.late), json.dumps(handed.remarks), problem, digest,
            ),
        )  # fmt: skip

    def put(self, student: str, judge: str, verdict: Verdict) -> bool:
        """Keep a verdict; tell whether it is new. ``judge`` is the version that ``use`` has named."""
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        row = (student, verdict.exercise, verdict.digest, judge, verdict.to_json(), now)
        return (
            self._base.execute("insert or ignore into verdict values (?, ?, ?, ?, ?, ?)", row).rowcount == 1
        )

    def content(self, digest: str) -> bytes:
        """Give the bytes of a submission."""
        (data,) = self._base.execute("select data from content where digest = ?", (digest,)).fetchone()
        return zlib.decompress(data)

    def exercises(self) -> list[str]:
        """Give the exercises that have submissions."""
        return [row[0] for row in self._base.execute("select distinct exercise from submission order by 1")]

    def rows(self, exercise: str) -> list[Row]:
        """Give every submission to an exercise with the verdict that counts, in the order of the students."""
        found = self._base.execute(
            "select s.student, s.exercise, s.name, s.lms, s.number, s.file, s.place, s.handed_in, s.late, s.remarks, "
            "s.problem, s.digest, v.text from submission s left join exercise e on e.id = s.exercise left join verdict v on "
            "v.student = s.student and v.exercise = s.exercise and v.digest = s.digest and v.judge = e.judge "
            "where s.exercise = ? order by s.name collate nocase, s.student",
            (exercise,),
        )
        return [
            Row(
                *(student, exercise, name, lms, number, file, place),
                when=datetime.fromisoformat(when) if when else None,
                late=bool(late),
                remarks=tuple(json.loads(remarks)),
                problem=problem,
                digest=digest,
                verdict=Verdict.from_json(text) if text else None,
            )
            for student, exercise, name, lms, number, file, place, when, late, remarks, problem, digest, text in found
        ]
