"""MLPClassifier and MLPRegressor: they learn, stop, refuse, and pass for scikit-learn's own."""

import builtins
import copy
import pickle
import warnings

import numpy as np
import pytest
from sklearn import datasets
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neural_network import MLPClassifier as Theirs
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import nnlib
from nnlib import ConvergenceWarning, MLPClassifier, MLPRegressor, NotFittedError, data

X, Y = data.moons(200, noise=0.1, rng=0)
LINE = np.linspace(-3, 3, 60).reshape(-1, 1)
WAVE = np.sin(LINE[:, 0])
QUICK = {"learning_rate_init": 0.02, "max_iter": 60, "rng": 0}

pytestmark = pytest.mark.filterwarnings("ignore::nnlib.ConvergenceWarning")


def classifier(**kw):
    return MLPClassifier(**{"hidden_layer_sizes": (8,), "activation": "tanh", **QUICK, **kw})


def regressor(**kw):
    return MLPRegressor(**{"hidden_layer_sizes": (8,), "activation": "tanh", **QUICK, **kw})


def test_learns_moons_and_waves():
    assert classifier(max_iter=300).fit(X, Y).score(X, Y) > 0.97
    assert (
        regressor(hidden_layer_sizes=(20,), max_iter=1000, tol=1e-6).fit(LINE, WAVE).score(LINE, WAVE) > 0.99
    )


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity", nnlib.leaky_relu, np.arctan])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_every_activation_and_solver_lowers_the_loss(activation, solver):
    model = MLPClassifier((6, 4), activation, solver=solver, **QUICK).fit(X, Y)
    assert model.loss_curve_[-1] < 0.95 * model.loss_curve_[0]
    assert model.loss_ == model.loss_curve_[-1]
    assert model.n_iter_ == len(model.loss_curve_)


@pytest.mark.parametrize(
    ("load", "width"),
    [
        (datasets.load_iris, 10),
        (datasets.load_wine, 10),
        (datasets.load_breast_cancer, 10),
        (datasets.load_digits, 30),
    ],
)
def test_as_accurate_as_scikit_learn(load, width):
    """Same architecture, five folds."""
    points, labels = load(return_X_y=True)
    settings = {"learning_rate_init": 0.01, "max_iter": 60}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours, theirs = (
            cross_val_score(make_pipeline(StandardScaler(), model), points, labels, cv=5).mean()
            for model in (
                MLPClassifier((width,), rng=0, **settings),
                Theirs((width,), random_state=0, **settings),
            )
        )
    assert ours > theirs - 0.02


def test_same_seed_same_model():
    first, second = classifier().fit(X, Y), classifier().fit(X, Y)
    assert np.array_equal(first.net_.flat, second.net_.flat)
    assert not np.array_equal(first.net_.flat, classifier(rng=1).fit(X, Y).net_.flat)


@pytest.mark.parametrize("labels", [["no", "yes"], [-1, 1], [3.0, 7.0], [False, True]])
def test_labels_of_every_kind(labels):
    y = np.array(labels)[Y]
    model = classifier().fit(X, y)
    assert model.classes_.tolist() == labels
    assert model.predict(X).dtype == y.dtype
    assert model.score(X, y) > 0.8
    p = model.predict_proba(X)
    assert p.shape == (200, 2)
    np.testing.assert_allclose(p.sum(axis=1), 1.0)
    assert np.array_equal(model.classes_[p.argmax(axis=1)], model.predict(X))


def test_many_classes_and_no_hidden_layer():
    points, labels = datasets.load_iris(return_X_y=True)
    model = MLPClassifier((), **QUICK).fit(points, labels)
    assert len(model.net_.layers) == 1
    assert model.predict_proba(points).shape == (150, 3)
    assert [w.shape for w in model.coefs_] == [(4, 3)]
    assert [b.shape for b in model.intercepts_] == [(3,)]
    assert MLPClassifier(5, **QUICK).fit(points, labels).net_.layers[0].n_out == 5


def test_shapes_of_numbers():
    assert regressor().fit(LINE, WAVE).predict(LINE).shape == (60,)
    assert regressor().fit(LINE, WAVE[:, None]).predict(LINE).shape == (60, 1)
    two = regressor().fit(LINE, np.column_stack([WAVE, -WAVE]))
    assert two.predict(LINE).shape == (60, 2)
    assert two.score(LINE, np.column_stack([WAVE, -WAVE])) <= 1.0
    assert regressor().fit(LINE, np.ones(60)).score(LINE, np.ones(60)) <= 1.0


def test_score_of_a_regressor_is_r2():
    from sklearn.metrics import r2_score

    model = regressor().fit(LINE, WAVE)
    assert model.score(LINE, WAVE) == pytest.approx(r2_score(WAVE, model.predict(LINE)))


def test_float32_is_trained_in_float32():
    model = classifier().fit(X.astype(np.float32), Y)
    assert model.net_.flat.dtype == np.float32
    assert model.predict_proba(X.astype(np.float32)).dtype == np.float32


def test_first_epoch_by_hand():
    """One batch, no shuffling effect: the first loss is that of the fresh network, with the penalty."""
    model = classifier(max_iter=1, batch_size=200, alpha=0.5).fit(X, Y)
    rng = np.random.default_rng(0)
    net = nnlib.Sequential(nnlib.Dense(2, 8, nnlib.tanh, rng=rng), nnlib.Dense(8, 2, rng=rng))
    penalty = 0.25 * sum(np.sum(layer.W**2) for layer in net.layers) / 200
    start = net.copy()
    assert model.loss_curve_[0] == pytest.approx(float(nnlib.cross_entropy(Y, net(X))) + penalty)

    def loss(net):
        return nnlib.cross_entropy(Y, net(X)) + 0.25 * sum(np.sum(layer.W**2) for layer in net.layers) / 200

    nnlib.optim.Adam(0.02).step(net, nnlib.grad(loss)(net))
    np.testing.assert_allclose(model.net_.flat, net.flat, rtol=1e-9)
    assert not np.allclose(model.net_.flat, start.flat)


def test_stops_when_the_loss_stops_falling():
    model = classifier(max_iter=5000, tol=0.01, n_iter_no_change=5).fit(X, Y)
    assert model.converged_
    assert model.n_iter_ < 5000


def test_warns_when_it_has_not_converged():
    with pytest.warns(ConvergenceWarning, match=r"loss still changed after max_iter=2 epochs"):
        model = classifier(max_iter=2).fit(X, Y)
    assert not model.converged_


@pytest.mark.parametrize("make", [classifier, regressor])
def test_early_stopping_keeps_the_best(make):
    points, y = (X, Y) if make is classifier else (LINE, WAVE)
    model = make(early_stopping=True, n_iter_no_change=5, max_iter=300).fit(points, y)
    assert len(model.validation_scores_) == model.n_iter_
    shorter = make(early_stopping=True, max_iter=1 + int(np.argmax(model.validation_scores_))).fit(points, y)
    np.testing.assert_array_equal(model.net_.flat, shorter.net_.flat)


def test_a_nan_loss_names_epoch_and_rate():
    with pytest.raises(
        FloatingPointError,
        match=r"MLPRegressor: the loss became (nan|inf) in epoch \d+, with learning_rate_init=1e\+200",
    ):
        MLPRegressor((4,), "identity", learning_rate_init=1e200, rng=0).fit(LINE, WAVE)


def test_progress_as_text(capsys, monkeypatch):
    real_import = builtins.__import__

    def without_tqdm(name, *args, **kw):
        if name.startswith("tqdm"):
            raise ImportError
        return real_import(name, *args, **kw)

    monkeypatch.setattr("nnlib._progress.importlib.import_module", without_tqdm)
    classifier(verbose=True, max_iter=40, early_stopping=True, n_iter_no_change=40).fit(X, Y)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("MLPClassifier: epoch 1 of 40, loss 0.")
    assert "held-out score" in lines[0]
    assert lines[-1].startswith("MLPClassifier: epoch 40 of 40")
    assert len(lines) == 21
    classifier().fit(X, Y)
    assert capsys.readouterr().out == ""


def test_progress_as_a_bar(monkeypatch):
    seen = []

    class Bar:
        def __init__(self, total, desc, unit):
            seen.append((total, desc, unit))

        def set_postfix_str(self, told, refresh):
            seen.append(told)

        def update(self):
            seen.append("step")

        def close(self):
            seen.append("closed")

    monkeypatch.setattr(
        "nnlib._progress.importlib.import_module", lambda name: type("tqdm", (), {"tqdm": Bar})
    )
    regressor(verbose=True, max_iter=2).fit(LINE, WAVE)
    assert seen[0] == (2, "MLPRegressor", "epoch")
    assert seen[1].startswith("loss ")
    assert seen.count("step") == 2
    assert seen[-1] == "closed"


# ------------------------------------------------------------------------------------------------- scikit-learn's tools
@pytest.mark.parametrize(("model", "points", "y"), [(classifier(), X, Y), (regressor(), LINE, WAVE)])
def test_scikit_learns_tools(model, points, y):
    assert is_classifier(model) == (type(model) is MLPClassifier)
    assert is_regressor(model) == (type(model) is MLPRegressor)
    fitted = clone(model).fit(points, y)
    assert not hasattr(clone(fitted), "net_")
    assert fitted.get_params()["rng"] == 0
    assert cross_val_score(model, points, y, cv=3).shape == (3,)
    pipeline = make_pipeline(StandardScaler(), clone(model)).fit(points, y)
    assert pipeline.score(points, y) > 0.5
    name = type(model).__name__.lower()
    search = GridSearchCV(
        pipeline, {f"{name}__hidden_layer_sizes": [(2,), (8,)], f"{name}__alpha": [0.0, 1.0]}, cv=2
    )
    assert search.fit(points, y).best_params_[f"{name}__hidden_layer_sizes"] in [(2,), (8,)]
    assert copy.deepcopy(fitted).score(points, y) == fitted.score(points, y)
    assert pickle.loads(pickle.dumps(fitted)).score(points, y) == fitted.score(points, y)


def test_text():
    assert repr(MLPClassifier()) == "MLPClassifier()"
    assert repr(MLPRegressor((3,), alpha=0.1)) == "MLPRegressor(hidden_layer_sizes=(3,), alpha=0.1)"
    with pytest.raises(ValueError, match="MLPClassifier has no parameter 'layers'"):
        MLPClassifier().set_params(layers=3)


NAN = X.copy()
NAN[3, 1] = np.nan
WRONG = {
    "one class": (lambda: classifier().fit(X, np.zeros(200)), r"y holds one class only: np.float64\(0.0\)"),
    "numbers as labels": (
        lambda: classifier().fit(LINE, WAVE),
        r"takes labels, but y holds .*Use MLPRegressor",
    ),
    "NaN label": (lambda: classifier().fit(X, np.where(Y, 1.0, np.nan)), r"takes labels, but y holds nan"),
    "column": (
        lambda: classifier().fit(X, Y[:, None]),
        r"but y is \(200, 1\). It is a column: write y.ravel\(\)",
    ),
    "one-hot": (lambda: classifier().fit(X, np.eye(2)[Y]), r"Of one-hot rows write y.argmax\(axis=1\)"),
    "cube": (lambda: classifier().fit(X, np.ones((200, 1, 1))), r"but y is \(200, 1, 1\)."),
    "length": (
        lambda: classifier().fit(X, Y[:5]),
        r"takes one y for each row of X, but X has 200 rows and y has 5",
    ),
    "empty": (lambda: classifier().fit(X[:0], Y[:0]), r"MLPClassifier got no examples"),
    "NaN": (lambda: classifier().fit(NAN, Y), r"X holds nan in row 3, column 1"),
    "vector": (lambda: classifier().fit(X[:, 0], Y), r"takes X of shape \(examples, features\)"),
    "text": (lambda: classifier().fit([["a"]], [0]), r"X holds text"),
    "features": (lambda: classifier().fit(X, Y).predict(LINE), r"fitted on 2 features, but X has 1"),
    "activation": (
        lambda: classifier(activation="elu").fit(X, Y),
        r"takes activation as one of relu, tanh, logistic",
    ),
    "solver": (
        lambda: classifier(solver="lbfgs").fit(X, Y),
        r"takes solver as 'adam' or 'sgd', but got 'lbfgs'",
    ),
    "batch": (
        lambda: classifier(batch_size="all").fit(X, Y),
        r"takes batch_size as a whole number or 'auto'",
    ),
    "batch 0": (lambda: classifier(batch_size=0).fit(X, Y), r"takes batch_size as a whole number from 1"),
    "layers": (
        lambda: classifier(hidden_layer_sizes=(0,)).fit(X, Y),
        r"hidden_layer_sizes as a whole number from 1",
    ),
    "rate": (
        lambda: classifier(learning_rate_init=0).fit(X, Y),
        r"learning_rate_init as a finite number above 0",
    ),
    "share": (
        lambda: classifier(early_stopping=True, validation_fraction=1.0).fit(X, Y),
        r"validation_fraction below 1",
    ),
    "few": (
        lambda: regressor(early_stopping=True).fit(LINE[:1], WAVE[:1]),
        r"1 examples are too few to hold some out",
    ),
    "rng": (lambda: classifier(rng="a").fit(X, Y), r"takes rng as a numpy.random.Generator"),
    "y of a regressor": (
        lambda: regressor().fit(LINE, np.ones((60, 1, 1))),
        r"\(examples,\) or \(examples, outputs\)",
    ),
    "NaN number": (lambda: regressor().fit(LINE, np.full(60, np.nan)), r"y holds NaN or infinity"),
    "score": (
        lambda: regressor().fit(LINE, WAVE).score(LINE, np.ones((60, 2))),
        r"y has 2 columns, but the model gives 1",
    ),
}


@pytest.mark.parametrize(("call", "message"), WRONG.values(), ids=WRONG)
def test_messages(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()


@pytest.mark.parametrize("model", [MLPClassifier(), MLPRegressor()])
def test_unfitted(model):
    for call in (lambda: model.predict(X), lambda: model.score(X, Y)):
        with pytest.raises(NotFittedError, match=r"has no network yet: call fit\(X, y\) first"):
            call()
