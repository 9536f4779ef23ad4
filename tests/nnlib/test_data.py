"""Data sets: their shapes, their formulas, their seeds."""

import numpy as np
import pytest

from nnlib import LogisticRegression, Perceptron, data

DRAWN = (data.xor, data.blobs, data.moons, data.circles)


@pytest.mark.parametrize("make", DRAWN)
@pytest.mark.parametrize("n", [2, 3, 50, 101])
def test_shapes_types_and_halves(make, n):
    X, y = make(n, rng=0)
    assert X.shape == (n, 2)
    assert X.dtype == np.float64
    assert y.shape == (n,)
    assert y.dtype == np.intp
    assert set(y.tolist()) <= {0, 1}
    if make is not data.xor or n % 4 == 0:
        assert y.sum() == n // 2


@pytest.mark.parametrize("make", DRAWN)
def test_seeds(make):
    X, y = make(40, rng=5)
    again = make(40, rng=5)
    np.testing.assert_array_equal(X, again[0])
    np.testing.assert_array_equal(y, again[1])
    generator = np.random.default_rng(5)
    np.testing.assert_array_equal(X, make(40, rng=generator)[0])
    assert not np.array_equal(X, make(40, rng=generator)[0])
    assert not np.array_equal(make(40)[1], make(40)[1]) or not np.array_equal(make(40)[0], make(40)[0])
    state = np.random.get_state()[1].copy()
    make(40)
    np.testing.assert_array_equal(state, np.random.get_state()[1])


def test_xor_corners_in_order():
    X, y = data.xor()
    np.testing.assert_array_equal(X, [[0, 0], [0, 1], [1, 0], [1, 1]])
    np.testing.assert_array_equal(y, [0, 1, 1, 0])


def test_xor_noise():
    X, y = data.xor(400, noise=0.05, rng=0)
    corner = X.round()
    np.testing.assert_array_equal(corner[:, 0] != corner[:, 1], y == 1)
    assert {tuple(c) for c in corner.tolist()} == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert (X - corner).std() == pytest.approx(0.05, rel=0.1)
    assert data.xor(noise=0.1, rng=0)[0].shape == (4, 2)


def test_blobs_gap_and_spread():
    X, y = data.blobs(20000, gap=4.0, spread=0.5, rng=0)
    one, nil = X[y == 1], X[y == 0]
    assert np.linalg.norm(one.mean(axis=0) - nil.mean(axis=0)) == pytest.approx(4.0, abs=0.05)
    np.testing.assert_allclose(one.mean(axis=0), np.full(2, 4 / 8**0.5), atol=0.05)
    np.testing.assert_allclose(one.std(axis=0), 0.5, atol=0.02)
    np.testing.assert_allclose(np.cov(nil.T)[0, 1], 0, atol=0.02)


@pytest.mark.parametrize("gap", [0.0, 1.0, 5.0])
def test_blobs_keep_their_margin(gap):
    X, y = data.blobs(300, gap=gap, margin=0.25, rng=0)
    depth = (2 * y - 1) * X.sum(axis=1) / 2**0.5
    assert depth.min() >= 0.25 - 1e-12
    assert Perceptron(10000).fit(X, y).converged_


def test_moons_and_circles_follow_their_formulas():
    X, y = data.moons(200, noise=0, rng=0)
    np.testing.assert_allclose(np.hypot(*X[y == 0].T), 1)
    np.testing.assert_allclose(np.hypot(*(X[y == 1] - [1, 0.5]).T), 1)
    assert X[y == 0][:, 1].min() >= 0
    assert X[y == 1][:, 1].max() <= 0.5
    X, y = data.circles(200, noise=0, rng=0)
    np.testing.assert_allclose(np.hypot(*X.T), np.where(y == 1, 0.5, 1.0))


def test_what_a_line_can_do():
    assert LogisticRegression().fit(*data.moons(400, rng=0)).score(*data.moons(400, rng=1)) > 0.8
    assert LogisticRegression().fit(*data.circles(400, rng=0)).score(*data.circles(400, rng=1)) < 0.6


@pytest.mark.parametrize("make", DRAWN)
def test_bad_arguments(make):
    for n in (1, 0, -3, 2.0, "10", True):
        with pytest.raises(
            ValueError, match=rf"^{make.__name__} takes n as a whole number from 2, but got {n!r}"
        ):
            make(n)
    with pytest.raises(TypeError, match=f"^{make.__name__} takes rng as a numpy.random.Generator"):
        make(10, rng="seed")


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: data.xor(noise=-0.1), "xor takes noise as a finite number of at least 0, but got -0.1"),
        (lambda: data.moons(10, noise=np.nan), "moons takes noise"),
        (lambda: data.circles(10, noise="much"), "circles takes noise.*'much'"),
        (lambda: data.blobs(10, gap=-1), "blobs takes gap"),
        (lambda: data.blobs(10, spread=-1), "blobs takes spread"),
        (lambda: data.blobs(10, margin=-1), "blobs takes margin"),
    ],
)
def test_bad_numbers(ask, words):
    with pytest.raises(ValueError, match=words):
        ask()


def test_minibatches_hold_every_example_once():
    X, y = np.arange(20).reshape(10, 2), np.arange(10)
    batches = list(data.minibatches(X, y, 4, rng=0))
    assert [len(b) for b, _ in batches] == [4, 4, 2]
    np.testing.assert_array_equal(np.sort(np.concatenate([b for _, b in batches])), y)
    for inputs, labels in batches:
        np.testing.assert_array_equal(inputs[:, 0], 2 * labels)
    again = list(data.minibatches(X.tolist(), y.tolist(), 4, rng=0))
    np.testing.assert_array_equal(again[0][0], batches[0][0])
    assert not np.array_equal(np.concatenate([b for _, b in batches]), y)
    assert [len(b) for b, _ in data.minibatches(X, y, 99)] == [10]


def test_minibatches_say_what_is_wrong():
    with pytest.raises(ValueError, match=r"X is \(3, 2\) and y is \(2,\). Were both filtered"):
        data.minibatches(np.ones((3, 2)), [0, 1], 2)
    with pytest.raises(ValueError, match="minibatches takes size as a whole number from 1, but got 0"):
        data.minibatches(np.ones((3, 2)), [0, 1, 1], 0)
