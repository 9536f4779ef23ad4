"""Runs on this machine and on a cluster, with deaths on the way: nothing is lost, and nothing is done twice."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.bench import Bench
from grader.grade import GradeError, Tally, judge_pending, take_in
from grader.master import Master
from grader.pool import Pool
from grader.results import Results
from tests.grader.standin import VERSION, StandIn

PARTS = ["one-point", "distance"]


def work(**orders: dict[str, object]) -> Iterator[tuple[str, bytes]]:
    return ((name, json.dumps(order).encode()) for name, order in orders.items())


@pytest.fixture
def bench(neurons: Master) -> Bench:
    return Bench(neurons, VERSION, bytes(32), make=StandIn)


@pytest.fixture
def graded(bench: Bench, tmp_path: Path) -> Callable[..., tuple[Tally, Results]]:
    """Grade these submissions with two workers, and give the tally and the open results."""

    def run(orders: dict[str, object], bench: Bench = bench) -> tuple[Tally, dict[str, object]]:
        folder = tmp_path / "subs"
        folder.mkdir(exist_ok=True)
        for name, order in orders.items():
            (folder / f"{name}.ipynb").write_text(
                order if isinstance(order, str) else json.dumps(order), "utf-8"
            )
        with Results(tmp_path / "r.db", write=True) as results:
            take_in(results, "01-neurons", [folder])
            with Pool(bench, 2) as pool:
                tally = judge_pending(results, bench, pool)
            return tally, {row.student: row.verdict for row in results.rows("01-neurons")}

    return run


def test_each_gets_a_verdict_and_what_goes_wrong_stays_with_its_student(
    graded: Callable[..., tuple[Tally, dict]], tmp_path: Path, neurons: Master
) -> None:
    every = [cell.grade_id for cell in neurons.graded]
    tally, verdicts = graded(
        {
            "all": {"right": every},
            "none": {"right": []},
            "refused": "no JSON",
            "empty": "",
            "dies-once": {"right": every, "do": "die once", "flag": str(tmp_path / "died")},
            "slow-once": {"right": every, "do": "slow once", "flag": str(tmp_path / "slow")},
            "slow": {"do": "slow"},
            "dies": {"do": "die"},
            "bug": {"do": "bug"},
        }
    )
    assert {name: one.points for name, one in verdicts.items() if one} == {
        "all": 10,
        "none": 0,
        "refused": 0,
        "empty": 0,
        "dies-once": 10,
        "slow-once": 10,
        "slow": 0,
    }
    assert verdicts["refused"].refusal == "The file is not a notebook."
    assert verdicts["empty"].refusal.startswith("The file is empty")
    assert tally.broken == {
        "dies": "the judge's process ended without an answer",
        "bug": "ZeroDivisionError: a slip of the judge",
    }
    assert (tally.judged, tally.refused, tally.known, tally.slow) == (6, 2, 0, 2)
    again, _ = graded({})
    assert (again.judged, again.known) == (0, 7)


def test_walls_that_fail_stop_the_run_and_are_never_a_zero(graded: Callable[..., tuple[Tally, dict]]) -> None:
    with pytest.raises(GradeError, match="The walls are down"):
        graded({"a": {"do": "sandbox"}, "b": {"do": "wait", "seconds": "0.2"}})
    _, verdicts = graded({"a": {"right": PARTS}})
    assert verdicts["a"] is not None


def test_what_was_judged_without_walls_is_judged_again_with_them(
    graded: Callable[..., tuple[Tally, dict]], bench: Bench
) -> None:
    unsafe = Bench(bench.master, VERSION, bench.secret, unsafe=True, make=StandIn)
    assert graded({"a": {}}, unsafe)[1]["a"].sandbox == "none"
    tally, verdicts = graded({})
    assert tally.judged == 1
    assert verdicts["a"].sandbox == "bubblewrap"


def test_the_slow_are_judged_again_when_nothing_else_runs(bench: Bench, tmp_path: Path) -> None:
    with Pool(bench, 2) as pool:
        started: list[float] = []
        for _ in pool.map(work(**{f"s{n}": {"do": "wait", "seconds": "0.2"} for n in range(3)}), alone=True):
            started.append(time.monotonic())
    assert all(later - earlier >= 0.2 for earlier, later in itertools.pairwise(started))


def test_another_version_on_a_worker_is_noticed(bench: Bench, tmp_path: Path) -> None:
    other = Bench(bench.master, "another version", bench.secret, make=StandIn)
    (tmp_path / "a.ipynb").write_text("{}")
    with Results(tmp_path / "r.db", write=True) as results, Pool(other, 1) as pool:
        take_in(results, "01-neurons", [tmp_path / "a.ipynb"])
        with pytest.raises(GradeError, match="another version"):
            judge_pending(results, other, pool)


WRITER = """
import sys
from pathlib import Path
from grader import course
from grader.bench import Bench
from grader.grade import judge_pending, take_in
from grader.pool import Pool
from grader.results import Results
from tests.grader.standin import VERSION, StandIn

if __name__ == "__main__":
    folder, exercises = Path(sys.argv[1]), Path(sys.argv[2])
    (master,) = course.read(exercises).masters(["01-neurons"])
    with Results(folder / "r.db", write=True) as results:
        take_in(results, master.id, [folder / "subs.zip"])
        bench = Bench(master, VERSION, results.secret, make=StandIn)
        with Pool(bench, 2) as pool:
            tally = judge_pending(results, bench, pool, lambda done, of: print(done, flush=True))
        print(tally.judged, tally.known, len(tally.broken))
"""


def test_a_thousand_submissions_with_the_writer_and_a_worker_killed(tmp_path: Path, neurons: Master) -> None:
    log = tmp_path / "log"
    every = [cell.grade_id for cell in neurons.graded]
    with zipfile.ZipFile(tmp_path / "subs.zip", "w") as archive:
        for n in range(1000):
            order = {"right": every[: n % (len(every) + 1)], "log": str(log), "who": n}
            archive.writestr(f"student{n:04}_{n}_{5000 + n}_01-neurons.ipynb", json.dumps(order))
    script = tmp_path / "writer.py"
    script.write_text(WRITER, "utf-8")
    command = [sys.executable, str(script), str(tmp_path), str(neurons.path.parents[1])]
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}

    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)

    def wait_for(process: subprocess.Popen[str], count: int) -> None:
        for line in process.stdout:
            if int(line.split()[0]) >= count:
                return

    writer = start()
    wait_for(writer, 300)
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    workers = {int(pid) for pid in log.read_text().split()}
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)  # no process outlives the writer
    with Results(tmp_path / "r.db") as results:
        kept = sum(row.verdict is not None for row in results.rows("01-neurons"))
    assert 300 <= kept < 1000

    writer = start()
    wait_for(writer, kept + 100)
    os.kill(int(log.read_text().split()[-1]), signal.SIGKILL)  # the worker that has spoken last
    rest, _ = writer.communicate(timeout=120)
    assert writer.returncode == 0
    assert rest.split("\n")[-2] == f"{1000 - kept} {kept} 0"
    with Results(tmp_path / "r.db") as results:
        rows = results.rows("01-neurons")
        (count,) = results._base.execute("select count(*) from verdict").fetchone()
    assert len(rows) == count == 1000
    earned = Counter(len([part for part in row.verdict.parts if part.earned]) for row in rows)
    assert earned == Counter(n % (len(every) + 1) for n in range(1000))
    # only what was in hand when one of the two died was judged twice
    assert 1000 <= len(log.read_text().split()) <= 1000 + 4


def test_a_cluster_gives_the_same_and_loses_nothing_with_a_worker(
    bench: Bench, tmp_path: Path, neurons: Master
) -> None:
    distributed = pytest.importorskip("distributed")
    from grader.cluster import Cluster

    with (
        pytest.raises(GradeError, match="No Dask scheduler answers"),
        Cluster(bench, "tcp://127.0.0.1:9", patience=1),
    ):
        pass
    folder = tmp_path / "subs"
    folder.mkdir()
    for n in range(60):
        order = {"right": PARTS, "do": "wait", "seconds": "0.01", "who": n}
        if n == 20:
            order |= {"do": "die once", "flag": str(tmp_path / "died")}
        (folder / f"s{n}.ipynb").write_text(json.dumps(order))
    (folder / "bug.ipynb").write_text(json.dumps({"do": "bug"}))
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1", silence_logs=50
    )
    with cluster, Results(tmp_path / "r.db", write=True) as results:
        take_in(results, "01-neurons", [folder])
        with Cluster(bench, cluster.scheduler_address) as engine:
            tally = judge_pending(results, bench, engine)
        rows = results.rows("01-neurons")
    assert (tally.judged, list(tally.broken)) == (60, ["bug"])
    points = sum(cell.points for cell in neurons.graded if cell.grade_id in PARTS)
    assert {row.verdict.points for row in rows if row.verdict} == {points}
    assert (tmp_path / "died").exists()
