"""The perceptron rule against a plain loop, against Novikoff's theorem, and against bad input."""

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import nnlib
from nnlib import ConvergenceWarning, NotFittedError, Perceptron, data

AND = (np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 0, 0, 1]))


def by_the_book(X, y, *, epochs, alpha=1.0, w=None, b=0.0):
    """Run the rule as the docstring states it, one line a formula."""
    w = np.zeros(X.shape[1]) if w is None else np.array(w, float)
    mistakes = []
    for _ in range(epochs):
        mistakes.append(0)
        for x_i, y_i in zip(X, y, strict=True):
            o = 1 if w @ x_i + b > 0 else 0
            w = w + alpha * (y_i - o) * x_i
            b = b + alpha * (y_i - o)
            mistakes[-1] += int(o != y_i)
        if mistakes[-1] == 0:
            break
    return w, b, mistakes


def quietly(model, X, y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X, y)


def test_and_by_hand():
    p = Perceptron().fit(*AND)
    np.testing.assert_array_equal(p.w_, [2, 1])
    assert p.b_ == -2.0
    assert p.mistakes_ == [1, 3, 3, 2, 1, 0]
    assert p.n_iter_ == 6
    assert p.converged_ is True
    assert p.score(*AND) == 1.0
    np.testing.assert_array_equal(p.decision_function(AND[0]), [-2, -1, 0, 1])
    np.testing.assert_array_equal(p.predict(AND[0]), AND[1])  # a sum of 0 is class 0


@st.composite
def separable(draw):
    """Draw points on both sides of a plane, at least 0.05 from it, and the plane's unit normal (b, w)."""
    d = draw(st.integers(1, 18))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    v = rng.normal(size=1 + d)
    v[0] *= draw(st.sampled_from([0.0, 0.1, 1.0]))
    v /= np.linalg.norm(v)
    X = draw(st.sampled_from([0.5, 1.0, 4.0])) * rng.uniform(-1, 1, (draw(st.integers(20, 120)), d))
    depth = v[0] + X @ v[1:]
    keep = np.abs(depth) > 0.05
    keep[0] = keep[0] or not keep.any()
    return X[keep], (depth[keep] > 0).astype(int), v


@settings(max_examples=60)
@given(drawn=separable(), shuffle=st.booleans(), alpha=st.sampled_from([0.1, 1.0, 3.0]))
def test_novikoffs_bound(drawn, shuffle, alpha):
    X, y, v = drawn
    A = np.column_stack([np.ones(len(X)), X])
    R = np.linalg.norm(A, axis=1).max()
    gamma = np.abs(A @ v).min()
    bound = (R / gamma) ** 2
    p = Perceptron(max_epochs=int(bound) + 2, rng=7 if shuffle else None, alpha=alpha).fit(X, y)
    assert p.converged_
    assert sum(p.mistakes_) <= bound
    assert p.mistakes_[-1] == 0
    assert p.score(X, y) == 1.0


@settings(max_examples=60)
@given(
    X=st.integers(1, 4).flatmap(lambda d: arrays(int, (12, d), elements=st.integers(-3, 3))),
    y=arrays(int, 12, elements=st.integers(0, 1)),
    alpha=st.sampled_from([0.25, 1.0, 2.0]),
    b=st.sampled_from([0.0, -1.5]),
    start=st.booleans(),
)
def test_the_rule_by_the_book(X, y, alpha, b, start):
    w = np.arange(X.shape[1]) - 0.5 if start else None
    p = quietly(Perceptron(9, alpha=alpha, w=w, b=b), X, y)
    w_, b_, mistakes = by_the_book(X, y, epochs=9, alpha=alpha, w=w, b=b)
    np.testing.assert_array_equal(p.w_, w_)
    assert (p.b_, p.mistakes_, p.converged_) == (b_, mistakes, mistakes[-1] == 0)


@settings(max_examples=40)
@given(
    X=st.sampled_from([2, 3]).flatmap(lambda d: arrays(int, (8, d), elements=st.integers(-9, 9))),
    y=arrays(int, 8, elements=st.integers(0, 1)),
    kind=st.sampled_from([np.float32, np.float64]),
    shuffle=st.booleans(),
)
def test_converged_means_that_predict_makes_no_mistake(X, y, kind, shuffle):
    X = X.astype(kind) / kind(
        10
    )  # sums of tenths round: the sign of a sum near 0 depends on how it is added up
    p = quietly(Perceptron(60, rng=0 if shuffle else None), X, y)
    assert p.converged_ == (p.mistakes_[-1] == 0)
    assert not p.converged_ or p.score(X, y) == 1.0
    assert p.w_.dtype == kind


def test_xor_never_converges():
    with pytest.warns(
        ConvergenceWarning, match=r"max_epochs=50 epochs still made 4 mistakes on 4.*XOR"
    ) as caught:
        p = Perceptron(max_epochs=50).fit(*data.xor())
    assert caught[0].filename == __file__
    assert p.converged_ is False
    assert len(p.mistakes_) == p.n_iter_ == 50
    assert min(p.mistakes_) > 0
    assert p.score(*data.xor()) < 1


def test_steps_tell_every_mistake():
    X, y = data.blobs(60, gap=2.0, rng=3)
    start = {"alpha": 0.5, "w": [1.0, -2.0], "b": 0.25, "max_epochs": 8, "rng": 5}
    p = quietly(Perceptron(**start), X, y)
    teller = Perceptron(**start)
    steps = list(teller.steps(X, y))
    assert not hasattr(teller, "w_")
    assert [sum(s.epoch == e for s in steps) for e in range(1, 9)][: p.n_iter_] == p.mistakes_
    assert (steps[0].w.tolist(), steps[0].b) == ([1.0, -2.0], 0.25)
    for one, two in itertools.pairwise(steps):
        np.testing.assert_array_equal(one.new_w, two.w)
        assert one.new_b == two.b
    for s in steps:
        o = int(s.w @ X[s.index] + s.b > 0)
        assert o != y[s.index]
        np.testing.assert_allclose(s.new_w, s.w + 0.5 * (y[s.index] - o) * X[s.index], rtol=1e-12)
        assert s.new_b == s.b + 0.5 * (y[s.index] - o)
    np.testing.assert_array_equal(steps[-1].new_w, p.w_)
    assert steps[-1].new_b == p.b_


def test_steps_agree_beyond_the_plane():
    X, y = data.blobs(40, margin=0.1, rng=1)
    wide = np.column_stack([X, np.zeros(len(X))])
    for two, three in zip(Perceptron().steps(X, y), Perceptron().steps(wide, y), strict=True):
        assert (two.epoch, two.index, two.new_b) == (three.epoch, three.index, three.new_b)
        np.testing.assert_allclose(two.new_w, three.new_w[:2], rtol=1e-12)


def test_steps_come_one_at_a_time():
    steps = Perceptron(max_epochs=10**9).steps(*data.xor())
    assert next(steps).index == 1
    assert len(list(itertools.islice(steps, 1000))) == 1000


def test_steps_refuse_bad_input_at_once():
    with pytest.raises(ValueError, match=r"Perceptron.steps takes labels 0 and 1"):
        Perceptron().steps([[0.0, 1.0]], [2])
    with pytest.raises(TypeError, match="rng"):
        Perceptron(rng="0").steps(*AND)


def test_order_of_the_samples():
    X, y = data.blobs(80, gap=2.0, margin=0.02, rng=0)
    given_order, again = Perceptron(1000).fit(X, y), Perceptron(1000).fit(X, y)
    shuffled, same = Perceptron(1000, rng=1).fit(X, y), Perceptron(1000, rng=1).fit(X, y)
    other = Perceptron(1000, rng=2).fit(X, y)
    assert given_order.mistakes_ == again.mistakes_
    assert shuffled.mistakes_ == same.mistakes_
    assert len({tuple(p.w_) for p in (given_order, shuffled, other)}) == 3
    generator = np.random.default_rng(1)
    assert Perceptron(1000, rng=generator).fit(X, y).mistakes_ == shuffled.mistakes_


def test_many_features_few_mistakes():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3000, 30))
    w = rng.normal(size=30)
    keep = np.abs(X @ w) > 0.5
    X, y = X[keep], (X[keep] @ w > 0).astype(int)
    p = Perceptron(500, rng=0).fit(X, y)
    assert p.converged_
    assert p.score(X, y) == 1.0


def test_one_class_alone_is_separable():
    assert Perceptron().fit([[1.0], [2.0]], [1, 1]).predict([[1.0]]) == [1]
    assert Perceptron().fit([[1.0], [2.0]], [0, 0]).mistakes_ == [0]


def test_labels_may_be_booleans_or_floats():
    X, y = AND
    for same in (y.astype(bool), y.astype(float), y.tolist(), y.astype(object), y.astype(np.int8)):
        p = Perceptron().fit(X, same)
        assert p.mistakes_ == [1, 3, 3, 2, 1, 0]
        assert p.predict(X).dtype == np.intp
        assert p.classes_.tolist() == [0, 1]


def test_fit_starts_anew_and_leaves_its_input_alone():
    X, y = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([0, 1])
    w = np.array([5.0, 5.0])
    p = Perceptron(w=w)
    assert p.fit(X, y) is p
    first = p.w_.copy()
    np.testing.assert_array_equal(p.fit(X, y).w_, first)
    np.testing.assert_array_equal(w, [5, 5])
    np.testing.assert_array_equal(X, [[0, 1], [1, 0]])


def test_params_and_repr():
    p = Perceptron(50, rng=3)
    assert p.get_params() == {"max_epochs": 50, "rng": 3, "alpha": 1.0, "w": None, "b": 0.0}
    assert p.set_params(alpha=0.5) is p
    assert repr(p) == "Perceptron(max_epochs=50, rng=3, alpha=0.5)"
    assert repr(Perceptron()) == "Perceptron()"
    assert repr(Perceptron(w=np.zeros(2))) == "Perceptron(w=array([0., 0.]))"
    with pytest.raises(ValueError, match=r"no parameter 'rate'. It has max_epochs, rng, alpha, w, b"):
        p.set_params(rate=1)


X4 = np.zeros((4, 2))


@pytest.mark.parametrize(
    ("y", "words"),
    [
        ([-1, 1, 1, -1], r"takes labels 0 and 1, but y holds -1, 1. Write \(y > 0\).astype\(int\)"),
        ([1, 2, 2, 1], r"holds 1, 2. Write \(y == 2\).astype\(int\) to make 2 class 1"),
        ([0, 1, 2, 3], r"holds 0, 1, 2, 3. It tells two classes apart: .*\(y == 3\)"),
        (["cat", "dog", "dog", "cat"], r"holds 'cat', 'dog'. Write \(y == 'dog'\).astype\(int\)"),
        (np.array(["cat", "dog", "dog", "cat"], object), r"\(y == 'dog'\)"),
        ([0.0, 1.0, np.nan, 1.0], "NaN is no label: drop those rows"),
        ([0.5, 0.1, 0.2, 0.3], "holds 0.5, 0.1, 0.2, 0.3"),
        (np.zeros((4, 1)), r"y is \(4, 1\). It is a column: write y.ravel\(\)"),
        (np.eye(4)[:, :2], r"y is \(4, 2\). If it is one-hot, write y.argmax\(axis=1\)"),
        (0, r"y is \(\)"),
        ([0, 1, 1], "X has 4 rows and y has 3 labels"),
    ],
)
@pytest.mark.parametrize("model", [Perceptron(), nnlib.LogisticRegression()], ids=["Perceptron", "Logistic"])
def test_bad_labels(model, y, words):
    with pytest.raises(ValueError, match=words) as refused:
        model.fit(X4, y)
    assert str(refused.value).startswith(type(model).__name__ + ".fit")


@pytest.mark.parametrize(
    ("X", "error", "words"),
    [
        (np.zeros(4), ValueError, r"X is \(4,\).*X.reshape\(1, -1\).*X.reshape\(-1, 1\)"),
        (np.zeros((4, 2, 2)), ValueError, r"X is \(4, 2, 2\).*X.reshape\(len\(X\), -1\)"),
        (1.0, ValueError, r"X is \(\). A single number is no data set"),
        (np.zeros((0, 2)), ValueError, r"no examples: X is \(0, 2\). Did a filter remove every row"),
        (np.zeros((4, 0)), ValueError, r"no features: X is \(4, 0\)"),
        ([[1.0, 2.0], [1.0, np.nan]], ValueError, "X holds nan in row 1, column 1. Drop such rows"),
        ([[1.0, np.inf], [1.0, 0.0]], ValueError, "X holds inf in row 0, column 1"),
        ([[1.0, None], [1.0, 0.0]], ValueError, "X holds nan in row 0, column 1"),
        ([["a", "b"]] * 4, TypeError, "X holds text, not real numbers"),
        ([[1.0], [1.0, 2.0]], ValueError, "rows of different lengths"),
    ],
)
@pytest.mark.parametrize("model", [Perceptron(), nnlib.LogisticRegression()], ids=["Perceptron", "Logistic"])
def test_bad_examples(model, X, error, words):
    with pytest.raises(error, match=words) as refused:
        model.fit(X, [0, 1, 1, 0][: len(X) if np.ndim(X) else 4] if not isinstance(X, list) else [0] * len(X))
    assert str(refused.value).startswith(type(model).__name__ + ".fit")


def test_sparse_matrices_are_turned_away():
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(TypeError, match=r"X is a sparse matrix. Write X.toarray\(\)"):
        Perceptron().fit(sparse.eye_array(4), [0, 1, 0, 1])


@pytest.mark.parametrize(
    "model", [Perceptron(), nnlib.LogisticRegression(l2=0.1)], ids=["Perceptron", "Logistic"]
)
def test_bad_questions(model):
    with pytest.raises(NotFittedError, match=rf"This {type(model).__name__} has no weights yet: call fit"):
        model.predict(X4)
    model = quietly(type(model)(**model.get_params()), *AND)
    with pytest.raises(ValueError, match=r"fitted on 2 features, but X has 3 \(X is \(4, 3\)\)"):
        model.predict(np.zeros((4, 3)))
    with pytest.raises(ValueError, match=r"X looks turned round: try X.T"):
        model.predict(np.zeros((2, 5)))
    with pytest.raises(ValueError, match=r"write X.reshape\(1, -1\)"):
        model.predict(np.zeros(2))
    with pytest.raises(ValueError, match="holds nan"):
        model.predict([[np.nan, 0.0]])
    with pytest.raises(ValueError, match=r"score takes one label for each row"):
        model.score(AND[0], [0, 1])


@pytest.mark.parametrize(
    ("params", "error", "words"),
    [
        ({"max_epochs": 0}, ValueError, "max_epochs as a whole number from 1, but got 0"),
        ({"max_epochs": 2.5}, ValueError, "max_epochs as a whole number from 1, but got 2.5"),
        ({"max_epochs": True}, ValueError, "max_epochs"),
        ({"alpha": 0}, ValueError, "alpha as a finite number above 0, but got 0"),
        ({"alpha": "fast"}, ValueError, "alpha as a finite number above 0, but got 'fast'"),
        ({"b": np.inf}, ValueError, "b as a finite number, but got inf"),
        ({"w": [1.0]}, ValueError, "a finite weight for each of 2 features"),
        ({"w": [1.0, np.nan]}, ValueError, "a finite weight for each of 2 features"),
        (
            {"rng": "seed"},
            TypeError,
            "rng as a numpy.random.Generator, a whole number from 0, or None, but got 'seed'",
        ),
        ({"rng": -1}, TypeError, "rng=0"),
        ({"rng": np.random.RandomState(0)}, TypeError, "default_rng"),
    ],
)
def test_bad_arguments(params, error, words):
    with pytest.raises(error, match=words):
        Perceptron(**params).fit(*AND)
