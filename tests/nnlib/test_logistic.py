"""Logistic regression against scikit-learn, against its formulas, and at its limits."""

import warnings

import numpy as np
import pytest
from sklearn import datasets
from sklearn.linear_model import LogisticRegression as Peer

import nnlib
from nnlib import ConvergenceWarning, LogisticRegression, data, sigmoid


def overlapping(n=120, d=3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    return X, (X @ rng.normal(size=d) + rng.logistic(size=n) > 0.3).astype(int)


def loss(X, y, w, b, l2=0.0):
    p = sigmoid(X @ w + b)
    return float(np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p)) + l2 / 2 * w @ w)


def peer(X, y, l2):
    C = 1 / (len(X) * l2) if l2 else np.inf
    return Peer(C=C, tol=1e-12, max_iter=1000, solver="newton-cholesky").fit(X, y)


DATA = {
    "drawn": overlapping(),
    "moons": data.moons(200, noise=0.2, rng=0),
    "one feature": overlapping(d=1),
    "iris": (lambda d: (d.data[50:], d.target[50:] - 1))(datasets.load_iris()),
}


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("l2", [0.0, 0.001, 1.0])
def test_scikit_learns_answer(name, l2):
    X, y = DATA[name]
    ours, theirs = LogisticRegression(l2=l2).fit(X, y), peer(X, y, l2)
    assert ours.converged_
    np.testing.assert_allclose(ours.w_, theirs.coef_[0], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(ours.b_, theirs.intercept_[0], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    assert ours.score(X, y) == theirs.score(X, y)


def test_features_of_any_size():
    cancer = datasets.load_breast_cancer()  # features from 1e-3 to 4e3
    ours, theirs = (
        LogisticRegression(l2=0.01).fit(cancer.data, cancer.target),
        peer(cancer.data, cancer.target, 0.01),
    )
    assert ours.converged_
    np.testing.assert_allclose(ours.predict_proba(cancer.data), theirs.predict_proba(cancer.data), atol=1e-6)


@pytest.mark.parametrize("l2", [0.0, 0.1])
def test_gradient_descent_finds_the_same(l2):
    X, y = overlapping()
    newton = LogisticRegression(l2=l2).fit(X, y)
    slow = LogisticRegression(2.0, l2=l2, max_epochs=5000).fit(X, y)
    assert slow.converged_
    np.testing.assert_allclose(slow.w_, newton.w_, atol=1e-6)
    assert slow.b_ == pytest.approx(newton.b_, abs=1e-6)
    assert newton.n_iter_ < 10 < slow.n_iter_


def test_one_step_by_hand():
    X, y = overlapping(8, 2)
    with pytest.warns(ConvergenceWarning, match="still fell after max_epochs=2"):
        model = LogisticRegression(0.5, l2=0.1, max_epochs=2).fit(X, y)
    w, b, losses = np.zeros(2), 0.0, []
    for _ in range(2):
        losses.append(loss(X, y, w, b, 0.1))
        p = sigmoid(X @ w + b)
        w, b = w - 0.5 * ((p - y) @ X / 8 + 0.1 * w), b - 0.5 * np.mean(p - y)
    np.testing.assert_allclose(model.w_, w, rtol=1e-12)
    assert model.b_ == pytest.approx(b, rel=1e-12)
    np.testing.assert_allclose(model.loss_curve_, [*losses, loss(X, y, w, b, 0.1)], rtol=1e-12)
    assert model.n_iter_ == 2
    assert not model.converged_


@pytest.mark.parametrize("alpha", [None, 1.0])
def test_the_loss_falls_from_log_2(alpha):
    X, y = overlapping()
    model = LogisticRegression(alpha, tol=1e-6).fit(X, y)
    assert model.loss_curve_[0] == pytest.approx(np.log(2))
    assert np.all(np.diff(model.loss_curve_) <= 1e-15)
    assert model.loss_curve_[-1] == pytest.approx(loss(X, y, model.w_, model.b_), rel=1e-9)
    assert len(model.loss_curve_) == model.n_iter_ + 1


def test_the_minimum_has_no_slope():
    X, y = overlapping()
    model = LogisticRegression().fit(X, y)
    p = model.predict_proba(X)[:, 1]
    np.testing.assert_allclose((p - y) @ X / len(X), 0, atol=1e-9)
    assert p.mean() == pytest.approx(y.mean(), abs=1e-9)


@pytest.mark.parametrize("alpha", [None, 0.5])
def test_separable_classes_have_no_minimum(alpha):
    X, y = data.blobs(60, margin=0.3, rng=0)
    with pytest.warns(ConvergenceWarning, match="a line separates the classes.*Give l2 > 0") as caught:
        model = LogisticRegression(alpha).fit(X, y)
    assert caught[0].filename == __file__
    assert model.converged_ is False
    assert model.score(X, y) == 1.0
    assert np.isfinite([*model.w_, model.b_, *model.loss_curve_]).all()
    assert LogisticRegression(alpha, l2=0.1).fit(X, y).converged_


def test_classes_that_touch_have_no_minimum():
    with pytest.warns(ConvergenceWarning, match="a line separates the classes"):
        model = LogisticRegression().fit([[-1.0], [0.0], [0.0], [1.0]], [0, 0, 1, 1])
    assert model.converged_ is False


def test_equal_columns_share_the_weight():
    X, y = overlapping(d=1)
    once, twice = LogisticRegression().fit(X, y), LogisticRegression().fit(np.repeat(X, 2, axis=1), y)
    assert twice.converged_
    np.testing.assert_allclose(twice.w_, [once.w_[0] / 2] * 2, rtol=1e-6)


def test_a_constant_column_does_no_harm():
    X, y = overlapping(d=2)
    model = LogisticRegression().fit(np.column_stack([X, np.full(len(X), 0.0)]), y)
    np.testing.assert_allclose(model.w_, [*LogisticRegression().fit(X, y).w_, 0.0], atol=1e-8)


def test_heavy_tails():
    rng = np.random.default_rng(1)
    for _ in range(20):
        X = rng.standard_cauchy((30, 2))
        y = rng.integers(0, 2, 30)
        model = LogisticRegression().fit(X, y)
        assert model.converged_
        assert np.all(np.diff(model.loss_curve_) <= 1e-12)


def test_newton_takes_back_a_step_too_far():
    # one point against twelve, one of them close: full steps would throw the loss from 0.05 up to 1
    x1 = [3.57, 3.21, 0.64, 0.24, -3.59, -0.64, 10.17, -10.4, 4.03, 3.91, 0.82, 3.71, -0.65]
    x2 = [18.57, 16.71, 4.61, 3.18, 1.96, 2.51, -4.7, 8.11, 6.0, -6.82, 0.35, 6.63, -1.5]
    with pytest.warns(ConvergenceWarning, match="a line separates"):
        model = LogisticRegression().fit(np.column_stack([x1, x2]), [1] + 12 * [0])
    assert np.all(np.diff(model.loss_curve_) <= 1e-12)


def test_a_loss_out_of_bounds_names_epoch_and_rate():
    X, y = overlapping()
    with pytest.raises(
        FloatingPointError, match=r"the loss is (nan|inf) in epoch \d+ with alpha=1e\+308. Take a smaller"
    ):
        LogisticRegression(1e308).fit(1e10 * X, y)


def test_types():
    X, y = overlapping()
    model = LogisticRegression().fit(X.astype(np.float32), y)
    assert model.w_.dtype == model.predict_proba(X.astype(np.float32)).dtype == np.float32
    assert model.predict_proba(X).dtype == np.float64
    assert model.predict(X).dtype == np.intp
    assert type(model.b_) is float
    np.testing.assert_allclose(model.w_, LogisticRegression().fit(X, y).w_, rtol=1e-5)


def test_probabilities_are_sure_without_overflow():
    X, y = overlapping()
    p = LogisticRegression().fit(X, y).predict_proba(1e6 * X)
    assert np.isfinite(p).all()
    np.testing.assert_allclose(p.sum(axis=1), 1)


def test_it_is_one_sigmoid_neuron():
    X, y = overlapping()
    model = LogisticRegression().fit(X, y)
    neuron = nnlib.Neuron(model.w_, sigmoid, b=model.b_)
    np.testing.assert_allclose(neuron(X), model.predict_proba(X)[:, 1], rtol=1e-12)


def test_one_class_is_refused():
    with pytest.raises(ValueError, match="needs examples of both classes, but every label is 1"):
        LogisticRegression().fit([[0.0], [1.0]], [1, 1])


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"alpha": 0}, "alpha as a finite number above 0, but got 0"),
        ({"alpha": np.nan}, "alpha as a finite number above 0"),
        ({"l2": -1}, "l2 as a finite number of at least 0, but got -1"),
        ({"tol": 0.0}, "tol as a finite number above 0"),
        ({"max_epochs": 0}, "max_epochs as a whole number from 1"),
    ],
)
def test_bad_arguments(params, words):
    with pytest.raises(ValueError, match=words):
        LogisticRegression(**params).fit(*overlapping())


def test_repr_shows_what_was_chosen():
    assert repr(LogisticRegression()) == "LogisticRegression()"
    assert repr(LogisticRegression(0.1, l2=0.5)) == "LogisticRegression(alpha=0.1, l2=0.5)"


def test_the_warning_can_be_silenced_alone():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        LogisticRegression().fit(*data.blobs(20, margin=0.5, rng=0))
