"""scikit-learn's tools take our models as their own."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

import nnlib
from nnlib import LogisticRegression, Perceptron, data

MODELS = (Perceptron(300, rng=0, w=np.array([1.0, 0.0])), LogisticRegression(l2=0.01))
each = pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
X, Y = data.blobs(120, margin=0.2, rng=0)


@each
def test_clone(model):
    fitted = clone(model).fit(X, Y)
    copy = clone(fitted)
    assert type(copy) is type(model)
    assert not hasattr(copy, "w_")
    assert repr(copy) == repr(model)


@each
def test_it_is_a_classifier(model):
    assert is_classifier(model)
    assert not is_regressor(model)
    with pytest.raises(Exception, match="not fitted yet"):
        check_is_fitted(clone(model))
    check_is_fitted(clone(model).fit(X, Y))


@each
def test_pipeline(model):
    pipeline = make_pipeline(StandardScaler(), clone(model)).fit(X, Y)
    assert pipeline.score(X, Y) == 1.0
    np.testing.assert_array_equal(pipeline.predict(X), Y)
    assert pipeline.classes_.tolist() == [0, 1]
    assert type(model).__name__ in repr(pipeline)
    assert type(model).__name__ in pipeline._repr_html_()


@each
def test_cross_validation(model):
    scores = cross_val_score(model, X, Y, cv=4)
    assert scores.shape == (4,)
    assert scores.mean() > 0.95
    np.testing.assert_array_equal(
        scores, cross_val_score(model, X, Y, cv=StratifiedKFold(4))
    )  # it stratifies
    assert cross_val_predict(model, X, Y, cv=4).shape == Y.shape
    assert cross_val_score(model, X, Y, cv=4, scoring="roc_auc").min() > 0.95


def test_cross_validated_probabilities():
    p = cross_val_predict(LogisticRegression(l2=0.1), X, Y, method="predict_proba")
    assert p.shape == (len(Y), 2)


def test_grid_search():
    rates = GridSearchCV(Perceptron(rng=0), {"alpha": [0.1, 1.0], "max_epochs": [50, 200]}, cv=3).fit(X, Y)
    assert rates.best_score_ > 0.95
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    search = GridSearchCV(pipeline, {"logisticregression__l2": [0.001, 0.1]}, cv=3).fit(X, Y)
    assert search.best_estimator_.named_steps["logisticregression"].converged_


def test_a_warning_does_not_stop_a_search():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", nnlib.ConvergenceWarning)
        scores = cross_val_score(Perceptron(5), *data.xor(80, noise=0.1, rng=0), cv=4)
    assert np.isfinite(scores).all()


class Frame:
    """What a data frame looks like to NumPy."""

    def __array__(self, dtype=None, copy=None):
        return X.astype(object)


def test_data_frames():
    assert Perceptron(300).fit(Frame(), Y).score(Frame(), Y) == 1.0


def test_nnlib_does_not_load_scikit_learn():
    code = (
        "import sys, nnlib; nnlib.Perceptron().fit([[0.0], [1.0]], [0, 1]).predict([[1.0]]);"
        "assert 'sklearn' not in sys.modules and 'scipy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
