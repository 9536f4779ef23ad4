"""Chapter 8's explorable: the race in the page is the race in Python, and that is plain NumPy gradient descent."""

from itertools import islice

import numpy as np
import pytest
from traitlets import TraitError

import nnlib
from nnlib import optim
from nnlib.explorables import descent
from nnlib.explorables._base import module
from nnlib.explorables.descent import FAR, LAST, RUNNERS, stream, uniform
from tests.nnlib.page import parses, run_js


def settings(seed, count=25):
    """Races of random data, rate, batch size, start and length."""
    rng = np.random.default_rng(seed)
    for k in range(count):
        n = int(rng.integers(2, 40))
        figure = descent(
            rng.uniform(-3, 3, n),
            rng.uniform(-3, 3, n),
            alpha=rng.uniform(0.02, 1.2) if k % 3 else 0.05,
            batch=int(rng.integers(1, n + 1)),
            w=rng.uniform(-3, 3),
            b=rng.uniform(-3, 3),
            seed=int(rng.integers(2**31)),
            by="updates" if k % 2 else "gradients",
        )
        figure.steps = int(rng.integers(0, LAST[figure.by] + 1))
        yield figure


# ---- the page computes what Python computes ----------------------------------------------------------------


def test_the_page_draws_the_same_random_points(tmp_path):
    cases = [[0, 1], [1, 32], [2026, 7], [2**31, 200], [123456789, 2]]
    body = "return data.map(([seed, n]) => [m.shuffles(seed, n, 500), Array.from({ length: 50 }, m.uniform(seed))]);"
    for (seed, n), (order, numbers) in zip(cases, run_js(tmp_path, body, cases), strict=True):
        assert order == list(islice(stream(seed, n), 500))
        assert numbers == list(islice(uniform(seed), 50))


def test_every_place_of_every_runner_is_that_of_python(tmp_path):
    figures = list(settings(0))
    cases = []
    for figure in figures:
        v, n = figure.view, len(figure.view.x)
        for runner, size in zip(RUNNERS, (n, int(v.batch), 1), strict=True):
            updates = v.steps if v.by == "updates" else v.steps * n // size
            case = {"x": v.x, "y": v.y, "alpha": v.alpha, "size": size, "updates": updates, "seed": v.seed}
            cases.append(case | {"start": [v.start_w, v.start_b], "runner": runner})
    body = """return data.map((c) => {
      const order = m.shuffles(c.seed, c.x.length, c.updates * c.size), path = m.descentPath({ ...c, order });
      return { path, losses: path.map((p) => m.lineLoss(p, c.x, c.y)) };
    });"""
    far = 0
    for i, (case, found) in enumerate(zip(cases, run_js(tmp_path, body, cases), strict=True)):
        figure = figures[i // 3]
        path = figure.path(case["runner"])
        scale = np.maximum.accumulate(np.abs(path).max(axis=1))[:, None]  # where it has been is what rounds
        assert np.shape(found["path"]) == path.shape
        assert (np.abs(np.array(found["path"]) - path) <= 1e-12 * np.maximum(1, scale)).all()
        np.testing.assert_allclose(found["losses"], [figure.loss(p) for p in path], rtol=1e-9, atol=1e-12)
        far += scale[-1, 0] > FAR
    assert far >= 3  # some have run away


def test_gradient_and_bowl_are_those_of_nnlib(tmp_path):
    rng = np.random.default_rng(3)
    cases = [
        {
            "w": rng.normal(size=2).tolist(),
            "x": rng.uniform(-3, 3, n).tolist(),
            "y": rng.uniform(-3, 3, n).tolist(),
            "picks": rng.integers(0, n, 5).tolist(),
        }
        for n in (2, 3, 10, 32)
    ]
    cases.append({"w": [1.0, 2.0], "x": [-0.5, 0.5], "y": [0.0, 1.0], "picks": [0]})  # no tilt
    body = "return data.map((c) => [m.lineGradient(c.w, c.x, c.y, c.picks), m.lineBowl(c.x, c.y)]);"
    for c, (gradient, bowl) in zip(cases, run_js(tmp_path, body, cases), strict=True):
        X, y = np.column_stack([c["x"], np.ones(len(c["x"]))]), np.array(c["y"])

        def loss(w, rows, X=X, y=y):
            return np.mean((y[rows] - X[rows] @ w) ** 2) / 2

        everything = np.arange(len(y))
        np.testing.assert_allclose(
            gradient, nnlib.grad(loss)(np.array(c["w"]), c["picks"]), rtol=1e-12, atol=1e-12
        )
        best, H = np.linalg.lstsq(X, y, rcond=None)[0], X.T @ X / len(y)
        np.testing.assert_allclose(bowl["at"], best, rtol=1e-9, atol=1e-12)
        assert bowl["least"] == pytest.approx(loss(best, everything), abs=1e-12)
        np.testing.assert_allclose([bowl["flat"], bowl["sharp"]], np.linalg.eigvalsh(H), rtol=1e-9)
        along = np.array([np.cos(bowl["angle"]), np.sin(bowl["angle"])])
        np.testing.assert_allclose(H @ along, bowl["sharp"] * along, rtol=1e-9, atol=1e-9)


def test_the_page_gets_one_module_that_parses(tmp_path):
    source = module("descent")
    assert "import {" not in source
    parses(tmp_path, source)


# ---- what Python reports -----------------------------------------------------------------------------------


def test_a_batch_of_one_is_sgd_and_a_batch_of_all_is_gd():
    figure = descent(batch=1)
    figure.steps = 50
    np.testing.assert_array_equal(figure.path("mini"), figure.path("sgd"))
    figure.batch = 32
    np.testing.assert_allclose(figure.path("mini"), figure.path("gd"), rtol=0, atol=1e-12)


def test_gd_is_the_optimiser_of_nnlib_on_the_gradient_of_the_loss():
    figure = descent(alpha=0.3)
    figure.steps = 30
    optimiser, w = optim.SGD(lr=0.3), np.array([-2.0, 2.0])
    x, y = np.array(figure.view.x), np.array(figure.view.y)
    for place in figure.path("gd"):
        np.testing.assert_allclose(place, w, rtol=0, atol=1e-12)
        w = optimiser.step(w, nnlib.grad(lambda w: np.mean((y - w[0] * x - w[1]) ** 2) / 2)(w))


def test_a_seed_gives_one_race_and_another_seed_another():
    one, same, other = descent(seed=5), descent(seed=5), descent(seed=6)
    for figure in (one, same, other):
        figure.steps = 20
    np.testing.assert_array_equal(one.path("sgd"), same.path("sgd"))
    assert not np.allclose(one.path("sgd"), other.path("sgd"))


def test_a_pass_gives_every_runner_the_same_number_of_gradients():
    figure = descent(batch=8, by="gradients")
    figure.steps = 3
    assert [len(figure.path(r)) - 1 for r in RUNNERS] == [3, 12, 96]
    order = list(islice(stream(1, 32), 96))
    assert all(sorted(order[k : k + 32]) == list(range(32)) for k in (0, 32, 64))


def test_a_rate_above_two_over_l_runs_away_and_stops_far_off():
    figure = descent(alpha=1.2)
    figure.steps = 100
    assert figure.loss(figure.path("gd")[-1]) > 1e6
    assert np.abs(figure.path("gd")).max() < 10 * FAR
    figure.alpha = 0.96
    assert figure.loss(figure.path("gd")[-1]) < figure.loss(figure.path("gd")[0])


def test_a_race_cannot_stand_before_its_start():
    with pytest.raises(TraitError, match="steps"):
        descent().steps = -1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"alpha": 0}, "alpha is 0"),
        ({"alpha": np.nan}, "alpha is nan"),
        ({"batch": 33}, "between 1 and 32"),
        ({"w": 4}, "w is 4"),
        ({"by": "epochs"}, "'epochs'.*'updates'"),
        ({"x": [1, 2]}, "both x and y"),
        ({"x": [1, 2], "y": [1]}, "Give both the shape"),
        ({"x": [1], "y": [1]}, "from 2 to 200"),
        ({"x": [1, np.nan], "y": [1, 2]}, "no number"),
        ({"x": [1, 9], "y": [1, 2]}, "Scale"),
        ({"x": [1, 1], "y": [1, 2]}, "All x are equal"),
        ({"x": ["a", "b"], "y": [1, 2]}, "no number"),
    ],
)
def test_descent_refuses_bad_input_with_help(given, message):
    with pytest.raises(ValueError, match=message):
        descent(**given)


def test_an_unknown_runner_is_named():
    with pytest.raises(ValueError, match=r"'adam'.*'sgd'"):
        descent().path("adam")
