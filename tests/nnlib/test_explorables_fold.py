"""Chapter 6's explorable: the page folds the plane as nnlib's network does, and Python refuses what it can't show."""

import numpy as np
import pytest

import nnlib
from nnlib.explorables import Explorable, fold
from nnlib.explorables._base import module
from nnlib.explorables.fold import CORNERS, TABLES
from tests.nnlib.page import parses, run_js

BOOK = {"W": [[1, 1], [1, 1]], "c": [0, -1], "w": [1, -2]}
LOW, TOP = -0.5, 1.5


def networks(seed, count=60):
    """Networks as the sliders make them, half of them on the grid of 0.05, some with neurons that are nothing."""
    rng = np.random.default_rng(seed)
    cases = []
    for k in range(count):
        parts = {"W": (2, 2), "c": 2, "w": 2}
        case = {name: rng.uniform(-2, 2, shape) for name, shape in parts.items()}
        case["fold"] = (1.0, 0.0, float(rng.uniform()))[k % 3]
        if k % 2:
            case = {name: np.round(value, 1) for name, value in case.items()}
        if k % 10 == 0:
            case["W"][1] = 0
        if k % 14 == 0:
            case["w"][0] = 0
        cases.append(case | {name: case[name].tolist() for name in parts})
    return cases


def figure_of(case):
    return fold(**case)


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


# ---- the page computes what nnlib computes -----------------------------------------------------------------


def test_hidden_points_and_outputs_are_those_of_the_network(tmp_path):
    rng = np.random.default_rng(0)
    X = np.concatenate([CORNERS, rng.uniform(LOW, TOP, (50, 2))])
    cases = [case | {"X": X.tolist()} for case in networks(1)]
    found = run_js(
        tmp_path,
        "return data.map((c) => [c.X.map((x) => m.foldPoint(c, x)), c.X.map((x) => m.foldOutput(c, x))]);",
        cases,
    )
    for case, (hidden, output) in zip(cases, found, strict=True):
        net = figure_of({key: case[key] for key in ("W", "c", "w", "fold")}).net
        _, h, y = net.activations(X)
        close(hidden, h)
        close(output, y[:, 0])


def test_a_carried_way_bends_at_creases_only_and_runs_where_nnlib_carries_it(tmp_path):
    rng = np.random.default_rng(2)
    cases = [case | {"ends": rng.uniform(LOW, TOP, (2, 2)).tolist()} for case in networks(3)]
    ways = run_js(tmp_path, "return data.map((c) => m.foldPath(c, ...c.ends));", cases)
    for case, way in zip(cases, ways, strict=True):
        net = figure_of({key: case[key] for key in ("W", "c", "w", "fold")}).net
        start, end = np.array(case["ends"])
        hidden, W = net.layers[0], np.array(case["W"])
        z0, z1 = hidden.affine(start), hidden.affine(end)
        crossed = np.sort([a / (a - b) for a, b in zip(z0, z1, strict=True) if a * b < 0])
        stops = np.concatenate([[0], crossed, [1]])
        close(way, hidden(start + stops[:, None] * (end - start)))
        for t in np.linspace(0, 1, 41):  # in between, the way is straight
            k = min(np.searchsorted(stops, t, side="right") - 1, len(stops) - 2)
            share = (t - stops[k]) / (stops[k + 1] - stops[k])
            close(
                hidden(start + t * (end - start)),
                (1 - share) * np.array(way[k]) + share * np.array(way[k + 1]),
            )
        assert W.shape == (2, 2)


def test_the_boundary_is_where_the_network_says_one_half(tmp_path):
    cases = networks(4)
    found = run_js(tmp_path, f"return data.map((c) => m.foldBoundary(c, {LOW}, {TOP}));", cases)
    assert sum(map(bool, found)) > 20
    for case, pieces in zip(cases, found, strict=True):
        net = figure_of(case).net
        for start, end in np.reshape(pieces, (-1, 2, 2)):
            between = start + np.linspace(0, 1, 9)[:, None] * (end - start)
            np.testing.assert_allclose(net(between)[:, 0], 0.5, rtol=0, atol=1e-9)
            assert between.min() > LOW - 1e-9
            assert between.max() < TOP + 1e-9


def test_no_crossing_of_one_half_is_missed(tmp_path):
    cases = networks(5, 40)
    found = run_js(tmp_path, f"return data.map((c) => m.foldBoundary(c, {LOW}, {TOP}));", cases)
    steps = np.linspace(LOW, TOP, 401)
    crossings = 0
    for case, pieces in zip(cases, found, strict=True):
        net = figure_of(case).net
        for x2 in np.linspace(LOW + 0.013, TOP - 0.017, 7):
            y = net(np.column_stack([steps, np.full(steps.size, x2)]))[:, 0] - 0.5
            for k in np.flatnonzero(y[:-1] * y[1:] < 0):
                crossings += 1
                at = np.array([(steps[k] + steps[k + 1]) / 2, x2])
                assert min(distance(at, *np.array(piece)) for piece in pieces) < 0.006
    assert crossings > 50


def distance(p, start, end):
    """From a point to a piece of a line."""
    along = end - start
    t = np.clip((p - start) @ along / max(along @ along, 1e-300), 0, 1)
    return np.linalg.norm(p - start - t * along)


def test_the_page_gets_one_module_that_parses(tmp_path):
    source = module("fold")
    assert "import {" not in source
    parses(tmp_path, source)


# ---- what Python sees --------------------------------------------------------------------------------------


def test_the_textbooks_weights_solve_xor_exactly():
    figure = fold(**BOOK)
    assert isinstance(figure, Explorable)
    assert figure.right == 4
    X, y = nnlib.data.xor()
    np.testing.assert_array_equal(figure.net(X)[:, 0], y)
    np.testing.assert_array_equal(X, CORNERS)
    assert y.tolist() == TABLES["XOR"]


def test_the_start_is_not_solved_and_reset_returns_to_it():
    figure = fold()
    assert figure.right == 2
    figure.c1 = figure.c2 = 0.0
    figure.W12 = figure.W21 = -1.0
    assert figure.right == 4
    assert figure.view.start["c1"] == 0.5


@pytest.mark.parametrize(
    ("target", "W", "c", "w"),
    [
        ("AND", [[1, 1], [0, 0]], [-1, 0], [1, 0]),
        ("OR", [[1, 1], [1, 1]], [0, -1], [1, -1]),
        ("NAND", [[-1, -1], [0, 0]], [2, 0], [1, 0]),
        ("XNOR", [[-1, -1], [1, 1]], [1, -1], [1, 1]),
        ("XOR", [[1, -1], [-1, 1]], [0, 0], [1, 1]),
    ],
)
def test_every_table_can_be_solved_within_the_sliders(target, W, c, w):
    assert fold(W=W, c=c, w=w, target=target).right == 4


def test_without_the_fold_xor_stays_out_of_reach():
    figure = fold(**BOOK, fold=0.0)
    assert figure.right < 4
    slopes = figure.net([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])[:, 0]
    assert slopes[0] + slopes[3] == slopes[1] + slopes[2]  # a weighted sum


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"W": [1, 2]}, r"W has shape \(2,\). Give an array of shape \(2, 2\)"),
        ({"W": [[1, 2], [3, 4]]}, r"W\[1, 0\] is 3. Give a number between -2 and 2"),
        ({"c": [0, np.nan]}, r"c\[1\] is nan"),
        ({"w": "ab"}, "Give numbers"),
        ({"w": [1, 2, 3]}, r"shape \(3,\)"),
        ({"fold": 1.5}, "fold is 1.5. Give a number between 0 and 1"),
        ({"target": "NOR"}, r"'NOR'.*'XOR'"),
    ],
)
def test_bad_settings_are_refused_with_help(setting, message):
    with pytest.raises(ValueError, match=message):
        fold(**setting)
