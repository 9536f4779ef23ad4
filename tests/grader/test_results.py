from __future__ import annotations

import os
import sqlite3
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.course import Late
from grader.intake import Handed
from grader.results import Results, ResultsError
from grader.verdict import Part, Verdict

ANN = Handed("Ann", "Ann", when=datetime(2026, 10, 2, 23, 59), remarks=("two files",))


def verdict(digest: str, earned: float = 1.0) -> Verdict:
    return Verdict("01-neurons", digest, "v1", (Part("part", 2.0, earned, "failed", ("Look again.",)),))


def test_a_verdict_counts_for_its_file_and_its_judge_alone(tmp_path: Path) -> None:
    path = tmp_path / "r.db"
    with Results(path, write=True) as results:
        results.use("01-neurons", "v1")
        results.take("01-neurons", ANN, b"first")
        (row,) = results.rows("01-neurons")
        assert (row.when, row.remarks, row.verdict, results.content(row.digest)) == (
            ANN.when,
            ANN.remarks,
            None,
            b"first",
        )
        assert results.put("Ann", "v1", verdict(row.digest))
        assert not results.put("Ann", "v1", verdict(row.digest, earned=2.0))  # the first word counts
        secret = results.secret
    with Results(path, write=True) as results:
        assert results.secret == secret
        assert [one.verdict and one.verdict.points for one in results.rows("01-neurons")] == [1.0]
        results.take("01-neurons", ANN, b"second")  # handed in again: it waits
        assert [one.verdict for one in results.rows("01-neurons")] == [None]
        results.take("01-neurons", ANN, b"first")
        assert results.rows("01-neurons")[0].verdict == verdict(row.digest)
        results.use("01-neurons", "v2")  # another judge or master: all is judged again
        assert results.rows("01-neurons")[0].verdict is None
        assert results.exercises() == ["01-neurons"]


def test_it_is_durable_and_nobody_elses_to_read(tmp_path: Path) -> None:
    path = tmp_path / "r.db"
    with Results(path, write=True) as results:
        assert results._base.execute("pragma journal_mode").fetchone() == ("wal",)
        assert results._base.execute("pragma synchronous").fetchone() == (2,)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_one_writes_and_others_read(tmp_path: Path) -> None:
    path = tmp_path / "r.db"
    with Results(path, write=True) as results:
        with pytest.raises(ResultsError, match="Another run writes"), Results(path, write=True):
            pass
        results.take("01-neurons", ANN, b"first")
        with Results(path) as reader:
            assert len(reader.rows("01-neurons")) == 1


def test_all_or_nothing_of_a_batch(tmp_path: Path) -> None:
    with Results(tmp_path / "r.db", write=True) as results:

        def taken_halfway() -> None:
            with results.together():
                results.take("01-neurons", ANN, b"first")
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            taken_halfway()
        assert results.rows("01-neurons") == []


@pytest.mark.parametrize("kind", ["missing", "text", "other"])
def test_what_is_no_file_of_results_is_refused_in_words(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "r.db"
    if kind == "text":
        path.write_text("my thesis, only copy")
    elif kind == "other":
        base = sqlite3.connect(path)
        base.execute("create table t (x)")
        base.close()
    for write in (False, True) if kind != "missing" else (False,):
        with pytest.raises(ResultsError, match="--results"), Results(path, write=write):
            pass
    if kind == "text":
        assert path.read_text() == "my thesis, only copy"


DUE = datetime(2026, 10, 2, 23, 59, tzinfo=UTC)
RULE = Late(per_day=0.1, at_most=timedelta(days=3), grace=timedelta(minutes=15))


@pytest.mark.parametrize(
    ("after", "share"),
    [
        (timedelta(days=-1), 0.0),
        (timedelta(0), 0.0),
        (timedelta(minutes=15), 0.0),
        (timedelta(minutes=16), 0.1),
        (timedelta(days=1), 0.1),
        (timedelta(days=1, seconds=1), 0.2),
        (timedelta(days=3), 0.3),
        (timedelta(days=3, seconds=1), 1.0),
    ],
)
def test_the_rule_for_late_work(after: timedelta, share: float) -> None:
    assert RULE.share(DUE, DUE + after) == pytest.approx(share)
    assert RULE.share(DUE, (DUE + after).replace(tzinfo=None)) == pytest.approx(
        share
    )  # the LMS names no zone
    assert RULE.share(DUE, (DUE + after).astimezone()) == pytest.approx(share)


def test_where_nothing_is_deducted() -> None:
    assert (
        RULE.share(None, DUE) == RULE.share(DUE, None) == Late().share(DUE, DUE + timedelta(days=99)) == 0.0
    )
    assert replace(RULE, at_most=None).share(DUE, DUE + timedelta(days=99)) == 1.0  # never below no points
