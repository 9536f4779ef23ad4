"""Chapter 12's explorable: it shows the runs that it was given, digit by digit, and says how far apart they are."""

import numpy as np
import pytest

from nnlib.explorables import Explorable, libraries
from nnlib.explorables._base import module
from tests.nnlib.page import parses, run_js


def runs(seed=0, steps=20, scale=1e-16, kind=float):
    """Three runs that agree up to `scale`, and at some steps exactly."""
    rng = np.random.default_rng(seed)
    first = rng.uniform(0.1, 2, (steps, 2)).astype(kind)
    noise = [scale * rng.integers(-3, 4, (steps, 2)) for _ in range(2)]
    return {"one": first, "two": (first + noise[0]).astype(kind), "three": (first + noise[1]).astype(kind)}


# ---- the page computes what Python computes ----------------------------------------------------------------


@pytest.mark.parametrize(("scale", "kind"), [(1e-16, float), (1e-7, np.float32), (0.0, float), (0.1, float)])
def test_the_page_finds_the_same_distances(tmp_path, scale, kind):
    figures = [libraries(runs(seed, scale=scale, kind=kind)) for seed in range(4)]
    cases = [list(map(list, figure.curves.values())) for figure in figures]
    body = "return data.map((c) => { const g = m.curveGaps(c); return [g, c[0].map((_, t) => m.largestGap(g, t + 1))]; });"
    for figure, (gaps, largest) in zip(figures, run_js(tmp_path, body, cases), strict=True):
        first, *others = figure.curves.values()
        np.testing.assert_array_equal(gaps, [np.abs(other - first) for other in others])
        for step, found in enumerate(largest, 1):
            figure.step = step
            assert found["gap"] == figure.largest
            if found["gap"]:
                assert gaps[found["curve"]][found["at"]] == found["gap"]
                assert np.max([of[: found["at"]] for of in gaps], initial=0) < found["gap"]
            else:
                assert found["at"] is None


def test_the_digits_of_the_page_tell_any_two_numbers_apart(tmp_path):
    rng = np.random.default_rng(1)
    values = rng.normal(size=50) * 10.0 ** rng.integers(-6, 3, 50)
    neighbours = np.nextafter(values, np.inf)
    singles = values.astype(np.float32)
    pairs = [
        *([float(a), float(b), 17] for a, b in zip(values, neighbours, strict=True)),
        *(
            [float(a), float(b), 9]
            for a, b in zip(singles, np.nextafter(singles, np.float32(9)), strict=True)
        ),
        [0.25, 0.25, 17],
    ]
    body = """return data.map(([a, b, digits]) => {
      const [s, t] = [a, b].map((v) => v.toPrecision(digits)); return [s, t, m.firstDifference(s, t)]; });"""
    for (a, b, _), (s, t, k) in zip(pairs, run_js(tmp_path, body, pairs), strict=True):
        assert s[:k] == t[:k]
        assert (s == t) is (a == b) is (k == len(s))
        if a != b:
            assert s[k : k + 1] != t[k : k + 1]


def test_the_page_gets_one_module_that_parses(tmp_path):
    source = module("libraries")
    assert "import {" not in source
    parses(tmp_path, source)


# ---- what Python reports -----------------------------------------------------------------------------------


def test_every_digit_of_the_runs_reaches_the_page():
    double, single = runs(scale=1e-16), runs(scale=1e-7, kind=np.float32)
    figure = libraries(double, single)
    assert isinstance(figure, Explorable)
    assert (figure.step, figure.shown, figure.precision) == (10, "loss", "double")
    for name, run in double.items():
        np.testing.assert_array_equal(figure.curves[name], run[:, 0])
    figure.shown, figure.precision = "weight", "single"
    for name, run in single.items():
        np.testing.assert_array_equal(figure.curves[name], run[:, 1])
    figure.step = 7
    first, *others = (run[:7, 1].astype(float) for run in single.values())
    assert figure.largest == max(np.abs(other - first).max() for other in others) > 1e-8


BAD = runs()["one"].copy()
BAD[3, 0] = np.nan


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"double": {"one": runs()["one"]}}, "1 runs. Give from 2 to 6"),
        (
            {"double": runs() | {"two": [["a", "b"]] * 20}},
            r"double\['two'\] holds something that is no number",
        ),
        ({"double": runs() | {"two": runs()["one"][:9]}}, r"double\['two'\] has 9 steps, another run has 20"),
        ({"double": runs() | {"two": np.zeros(20)}}, r"has shape \(20,\). Give one row \(loss, weight\)"),
        ({"double": runs(steps=501)}, "2 to 500 steps"),
        ({"double": runs() | {"two": BAD}}, r"double\['two'\] holds NaN or infinity: that run has failed"),
        ({"double": runs(), "single": runs(steps=19)}, "other steps"),
        ({"double": runs(), "single": {"one": BAD * 0, "two": BAD * 0}}, "NaN"),
        ({"double": runs(), "single": dict(list(runs().items())[:2])}, r"the libraries \['one', 'two'\]"),
        ({"double": runs(), "step": 21}, "step is 21.*between 1 and 20"),
        ({"double": runs(), "shown": "error"}, "'error'.*'loss', 'weight'"),
        ({"double": runs(), "precision": "single"}, "'single'. Choose one of 'double'"),
    ],
)
def test_libraries_refuses_bad_input_with_help(given, message):
    with pytest.raises(ValueError, match=message):
        libraries(**given)
