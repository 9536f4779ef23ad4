"""The measuring itself: sides must agree first, intervals hold, missing peers are named. No test asserts a time."""

import copy
import gc
import json
import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import harness, report
from benchmarks.harness import Row, Side, median_interval

RESULTS = json.loads((Path(report.__file__).parent / "results.json").read_text(encoding="utf-8"))


def row(theirs, **kw):
    return Row(
        "a sum", "1 + 1", Side("nnlib", lambda: 2.0), [Side("peer", theirs, 1.5, reason="It is.")], **kw
    )


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(harness, "TURN", 1e-5)


def test_sides_that_disagree_are_not_timed():
    with pytest.raises(AssertionError, match="a sum: peer and nnlib disagree"):
        harness.race(row(lambda: 2.1))
    with pytest.raises(AssertionError, match="disagree"):
        harness.race(row(lambda: [2.0, 2.0]))
    harness.race(row(lambda: 2.1, tolerance=0.1), rounds=3)


def test_answers_are_compared_part_by_part():
    ours = Side("nnlib", lambda: (1.0, np.ones(2)))
    for theirs, fits in (([1.0, [1.0, 1.0]], True), ([1.0, [1.0, 2.0]], False)):
        both = Row("r", "w", ours, [Side("peer", lambda theirs=theirs: theirs)])
        if fits:
            harness.agree(both)
        else:
            with pytest.raises(AssertionError):
                harness.agree(both)


@pytest.mark.parametrize("collector", [True, False])
def test_the_collector_is_left_as_it_was(collector):
    seen = []
    result = harness.race(row(lambda: seen.append(gc.isenabled()) or 2.0, collector=collector), rounds=3)
    assert seen[-1] is collector
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    (peer,) = result["peers"]
    assert (peer["name"], peer["floor"], peer["reason"]) == ("peer", 1.5, "It is.")
    assert peer["low"] <= peer["ratio"] <= peer["high"]


def test_all_sides_run_equally_often_and_clear_away_what_they_leave(monkeypatch):
    log = []

    def side(name):
        def run():
            log.append(name)
            return 2.0

        return run

    monkeypatch.setattr(harness, "_repeats", lambda run: 4)
    monkeypatch.setattr(harness.gc, "collect", lambda: log.append("collect"))
    ours, theirs = Side("nnlib", side("ours")), Side("peer", side("theirs"))
    for collector, end in ((True, ["collect"]), (False, [])):
        log.clear()
        result = harness.race(Row("r", "w", ours, [theirs], collector), rounds=2)
        turns = [word for name in ("ours", "theirs") for word in ("collect", *[name] * 4, *end)] * 2
        assert log[-len(turns) :] == turns
        assert result["repeats"] == 4


def test_the_interval_holds_the_median_often_enough():
    assert median_interval([3.0, 1.0, 2.0]) == (2.0, 1.0, 3.0)
    assert median_interval([1.0]) == (1.0, 1.0, 1.0)
    for n in (9, 25, 40):
        _, low, high = median_interval(np.arange(n))
        k = int(low)
        assert high == n - 1 - k
        outside = 2 * sum(math.comb(n, j) for j in range(k + 1)) / 2**n
        assert outside <= 0.05
        assert outside + 2 * math.comb(n, k + 1) / 2**n > 0.05


def test_missing_peers_are_named_with_what_installs_them(monkeypatch):
    monkeypatch.setitem(
        harness.PEERS, "nowhere", ("Nowhere", "no-such-package", "pip install no-such-package")
    )
    assert harness.missing()["Nowhere"] == "pip install no-such-package"
    assert "Nowhere" not in harness.machine()["peers"]
    assert harness.peer("no_such_module") is None
    results = RESULTS | {"missing": harness.missing()}
    assert "Not measured: Nowhere. `pip install no-such-package` installs it." in report.table(results)


def test_both_settings_of_openblas(monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Zen")
    assert command.settings() == {"default": None, "OPENBLAS_CORETYPE=Zen": "Zen"}
    monkeypatch.delenv("OPENBLAS_CORETYPE")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert command.settings() == {"default": None, "OPENBLAS_CORETYPE=Haswell": "Haswell"}
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    assert command.settings() == {"default": None}


def test_the_table_comes_from_one_sitting_and_tells_the_planned_rows_from_the_others():
    table = report.table(RESULTS)
    assert f"in one sitting: {RESULTS['rounds']} rounds for every row" in table
    planned, besides = table.split("What is done in each row")[0].split("Measured besides")
    for r in RESULTS["settings"]["default"]["rows"]:
        assert (f"| {r['name']} |" in besides) is r["besides"]
        assert (f"| {r['name']} |" in planned) is not r["besides"]


def test_every_group_measures_what_can_be_measured():
    for group in command.GROUPS:
        names = {r["name"] for r in RESULTS["settings"]["default"]["rows"] if r["group"] == group}
        assert names


def test_the_page_shows_the_results_that_are_there():
    folder = Path(report.__file__).parent
    assert (folder / "table.md").read_text(encoding="utf-8") == report.table(RESULTS)
    figure = (folder / "figure.html").read_text(encoding="utf-8")
    for r in RESULTS["settings"]["default"]["rows"]:
        assert r["name"].replace("'", "&#x27;") in figure or r["name"] in figure
    page = (folder.parent / "benchmarks.md").read_text(encoding="utf-8")
    assert "benchmarks/table.md" in page
    assert "benchmarks/figure.html" in page


def test_the_table_is_honest_where_a_peer_is_faster():
    results = copy.deepcopy(RESULTS)
    for setting in results["settings"].values():
        setting["rows"] = setting["rows"][:1]
        for peer in setting["rows"][0]["peers"]:
            peer |= {"ratio": 0.5, "low": 0.4, "high": 0.6, "reason": "It is written in C."}
    table = report.table(results)
    assert table.count("it takes 0.50 of nnlib's time. It is written in C.") == len(
        results["settings"]["default"]["rows"][0]["peers"]
    )
    assert "nnlib is faster, in 3 the other" in report.figure(results).alt.replace("In 0 of them ", "")
    for setting in results["settings"].values():
        for peer in setting["rows"][0]["peers"]:
            peer |= {"ratio": 2.5, "low": 2.4, "high": 2.6}
    assert "Where the other is faster" not in report.table(results)


def test_numbers_are_short():
    assert [report._digits(x) for x in (0.5, 1.234, 2.34, 19.9, 46.2)] == [
        "0.50",
        "1.23",
        "2.3",
        "19.9",
        "46",
    ]
    assert [report._time(x) for x in (51.84, 999.0, 4780.0)] == ["51.8\xa0µs", "999\xa0µs", "4.78\xa0ms"]
