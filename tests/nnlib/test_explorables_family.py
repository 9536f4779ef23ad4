"""Chapter 7's explorable: its counts are those of real arrays, and its small pictures compute what they claim."""

import numpy as np
import pytest
from traitlets import TraitError

from nnlib import sigmoid, softmax
from nnlib.explorables import Explorable, family
from nnlib.explorables.builder import _uniform
from nnlib.explorables.family import MEMBERS, count
from tests.nnlib.page import run_js


@pytest.fixture
def js(tmp_path):
    """Return a function that runs the body of a JavaScript function of `data` beside math.js (as `m`)."""
    return lambda body, **data: run_js(tmp_path, body, data)


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


# ---- counts ------------------------------------------------------------------------------------------------


def arrays(member, n, m, c):
    """Shapes of all parameters, one by one."""
    out, N = [(c, m), (c,)], n * n
    gate = [(m, n), (m, m), (m,)]
    block = [(m, m), (m,)] * 4 + [(4 * m, m), (4 * m,), (m, 4 * m), (m,)] + [(m,)] * 4
    return {
        "MLP": [(m, N), (m,), *out],
        "CNN": [(m, 1, 3, 3), (m,), *out],
        "RNN": [*gate, *out],
        "LSTM": [*gate * 4, *out],
        "GRU": [*gate * 3, *out],
        "Transformer": [(m, n), (m,), *block, *out],
        "GAN": [(m, m), (m,), (N, m), (N,), (m, N), (m,), (1, m), (1,)],
    }[member]


@pytest.mark.parametrize("member", [name for name in MEMBERS if name not in ("Hopfield", "Boltzmann")])
@pytest.mark.parametrize(("n", "m", "c"), [(4, 32, 10), (28, 32, 10), (7, 5, 3)])
def test_parameters_are_the_numbers_in_arrays_of_these_shapes(member, n, m, c):
    assert count(member, n, m, c)[0] == sum(np.zeros(shape).size for shape in arrays(member, n, m, c))


@pytest.mark.parametrize(("member", "units", "biases"), [("Hopfield", 36, 0), ("Boltzmann", 68, 68)])
def test_pairs_are_the_entries_above_the_diagonal(member, units, biases):
    above = np.triu(np.ones((units, units)), k=1)
    assert count(member, 6) == (above.sum() + biases, 2 * above.sum())


def test_the_page_counts_as_python_does(js):
    found = js(
        """const sum = (terms) => terms.reduce((total, [, value]) => total + value, 0);
        return data.members.map((name) => data.sizes.map(([n, m, c]) => m_(name, n, m, c).map(sum)));
        function m_(...args) { return m.familyTerms(...args); }""",
        members=MEMBERS,
        sizes=[[4, 32, 10], [28, 32, 10], [9, 7, 3]],
    )
    for member, pairs in zip(MEMBERS, found, strict=True):
        assert [tuple(pair) for pair in pairs] == [
            count(member, 4),
            count(member, 28),
            count(member, 9, 7, 3),
        ]


# ---- the small pictures ------------------------------------------------------------------------------------


def test_the_kernel_slides(js):
    picture = np.random.default_rng(1).normal(size=(7, 7))
    kernel = np.random.default_rng(2).normal(size=(3, 3))
    found = js(
        "return m.familyMap(data.x, 7, data.w);", x=picture.ravel().tolist(), w=kernel.ravel().tolist()
    )
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(picture, 1), (3, 3))
    close(found, np.maximum(0, np.einsum("rcij,ij->rc", windows, kernel)).ravel())


def test_what_steps_remember(js):
    rnn, lstm, gru = js('return ["RNN", "LSTM", "GRU"].map((name) => m.familyMemory(name, 9, 5).values);')
    h = [np.tanh(1.0)]
    for _ in range(8):
        h.append(np.tanh(0.9 * h[-1]))
    close(rnn, h)
    assert lstm == [1] * 4 + [0] * 5
    assert gru == [1] * 4 + [-0.6] * 5
    assert js('return ["LSTM", "GRU"].map((name) => m.familyMemory(name, 6, 1).values);') == [[1] * 6] * 2


def test_attention_is_softmax_of_matches(js):
    letters, shares = js(
        "const a = m.familyLetters(12); return [a, a.map((_, i) => m.familyAttention(a, i))];"
    )
    assert set(letters) == set("abcd")
    match = np.equal.outer(letters, letters)
    close(shares, softmax(3.0 * match))


def stored(js, n):
    patterns = 2 * np.array(js("return [m.familyPicture(data.n), m.familyPicture(data.n, true)];", n=n)) - 1
    W = patterns.T @ patterns / n**2
    np.fill_diagonal(W, 0)
    return patterns, W


@pytest.mark.parametrize(("n", "heat"), [(7, 0), (12, 0), (14, 0.75)])
def test_recall_is_a_hopfield_network_and_with_heat_a_boltzmann_machine(js, n, heat):
    _, W = stored(js, n)
    N = n * n
    start, found = js(
        "return [m.familyDamage(data.n), m.familyRecall(data.n, 2 * data.n * data.n, data.heat)];",
        n=n,
        heat=heat,
    )
    s, u, mean = np.array(start, float), _uniform(11), np.zeros(N)
    energies = [-s @ W @ s / 2]
    for k in range(2 * N):
        i = ((7 if n % 7 else 11) * k) % N
        z = W[i] @ s
        if heat:
            s[i] = 1 if next(u) < sigmoid(2 * z / heat) else -1
        elif abs(z) > 1e-12:
            s[i] = np.sign(z)
        mean[i] += (s[i] + 1) / 2
        energies.append(-s @ W @ s / 2)
    assert found["s"] == s.tolist()
    np.testing.assert_allclose(found["energies"], energies, rtol=0, atol=1e-9)
    close(found["mean"], mean / 2)
    if not heat:
        assert np.all(np.diff(energies) < 1e-9)


@pytest.mark.parametrize("n", range(4, 29))
def test_one_sweep_asks_every_neuron_once(n):
    N = n * n
    assert len({((7 if n % 7 else 11) * k) % N for k in range(N)}) == N


@pytest.mark.parametrize("n", [8, 12, 20, 28])
def test_the_ring_comes_back(js, n):
    patterns, _ = stored(js, n)
    found = js("return m.familyRecall(data.n, data.n * data.n).s;", n=n)
    assert found == patterns[0].tolist()


def test_the_best_judge_can_only_guess_when_the_fakes_are_real(js):
    xs = np.linspace(-3, 3, 31).tolist()
    first, last = (
        np.array(games).T
        for games in js("return [0, 1].map((t) => data.xs.map((x) => m.familyGame(x, t)));", xs=xs)
    )

    def bell(x, mean, spread):
        return np.exp(-(((np.array(x) - mean) / spread) ** 2) / 2) / (spread * np.sqrt(2 * np.pi))

    close(first[0], bell(xs, 1, 0.5))
    close(first[1], bell(xs, -1, 0.9))
    close(first[2], first[0] / (first[0] + first[1]))
    np.testing.assert_allclose(last[2], 0.5, atol=1e-9)


# ---- Python's side -----------------------------------------------------------------------------------------


def test_counts_follow_the_readers_hand():
    figure = family("CNN", side=8)
    assert isinstance(figure, Explorable)
    first = figure.parameters, figure.multiply_adds
    figure.side = 16
    assert figure.parameters == first[0]
    assert figure.multiply_adds > 3 * first[1]
    figure.member = "MLP"
    assert (figure.parameters, figure.multiply_adds) == count("MLP", 16)
    with pytest.raises(TraitError):
        figure.side = 29


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"member": "ResNet"}, "'ResNet'.*'MLP'"),
        ({"side": 3}, "side is 3.*between 4 and 28"),
        ({"side": 4.5}, "whole number"),
        ({"progress": 1.1}, "progress is 1.1"),
        ({"progress": np.nan}, "progress is nan"),
    ],
)
def test_bad_settings_are_refused_with_help(setting, message):
    with pytest.raises(ValueError, match=message):
        family(**setting)
