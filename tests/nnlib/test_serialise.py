"""What is saved comes back; what can't be saved says so; nothing is unpickled."""

import numpy as np
import pytest

import nnlib
from nnlib import Dense, MLPClassifier, MLPRegressor, Sequential, data, load, save

X, Y = data.moons(60, rng=0)
pytestmark = pytest.mark.filterwarnings("ignore::nnlib.ConvergenceWarning")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_networks(tmp_path, dtype):
    net = Sequential(
        Dense(2, 3, nnlib.leaky_relu, rng=0), nnlib.sigmoid, Dense(3, 2, nnlib.softmax, b=[1.0, 2.0], rng=1)
    ).astype(dtype)
    save(tmp_path / "net.npz", net)
    again = load(tmp_path / "net.npz")
    assert repr(again) == repr(net)
    assert again.flat.dtype == dtype
    np.testing.assert_array_equal(again.flat, net.flat)
    np.testing.assert_array_equal(again(X), net(X))
    assert np.shares_memory(again.layers[0].W, again.flat)


@pytest.mark.parametrize("labels", [[0, 1], ["no", "yes"], [2.0, 5.0], [False, True]])
def test_classifiers(tmp_path, labels):
    y = np.array(labels)[Y]
    model = MLPClassifier(
        (4, 3), nnlib.tanh, alpha=np.float64(0.1), max_iter=5, rng=np.random.default_rng(0)
    ).fit(X, y)
    save(str(tmp_path / "model"), model)
    again = load(str(tmp_path / "model.npz"))
    assert again.classes_.tolist() == labels
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert again.score(X, y) == model.score(X, y)
    assert again.loss_curve_ == model.loss_curve_
    assert (again.n_iter_, again.loss_, again.n_features_in_, again.n_outputs_) == (5, model.loss_, 2, 2)
    assert again.get_params() == {
        **model.get_params(),
        "activation": "tanh",
        "hidden_layer_sizes": [4, 3],
        "rng": None,
    }
    assert again.fit(X, y).net_.n_parameters == model.net_.n_parameters


@pytest.mark.parametrize("columns", [None, 1, 2])
def test_regressors(tmp_path, columns):
    y = X[:, 0] if columns is None else X[:, :columns]
    model = MLPRegressor((4,), "relu", max_iter=5, rng=0).fit(X, y)
    save(tmp_path / "model.npz", model)
    np.testing.assert_array_equal(load(tmp_path / "model.npz").predict(X), model.predict(X))


def mine(x):
    return x


def test_what_can_not_be_saved(tmp_path):
    path = tmp_path / "net.npz"
    with pytest.raises(TypeError, match=r"knows Dense layers and nnlib's activations, but not <ufunc 'sin'>"):
        save(path, Sequential(Dense(2, 3, np.sin)))
    own = nnlib.Activation(lambda z: z**3, lambda z: 3 * z**2)
    with pytest.raises(TypeError, match=r"knows Dense layers and nnlib's activations, but not"):
        save(path, Sequential(Dense(2, 1, own)))
    with pytest.raises(TypeError, match=r"but not <ufunc 'sin'>. Save net.flat with np.save"):
        save(path, Sequential(Dense(2, 3), np.sin))
    with pytest.raises(
        TypeError, match=r"save writes a Sequential, MLPClassifier or MLPRegressor, but got dict"
    ):
        save(path, {})
    with pytest.raises(ValueError, match=r"this MLPClassifier has no network yet. Call fit"):
        save(path, MLPClassifier())
    model = MLPClassifier((3,), max_iter=2, rng=0).fit(X, Y)
    with pytest.raises(TypeError, match=r"can't write the argument {} of a model"):
        save(path, model.set_params(verbose={}))
    assert not path.exists()


def test_other_files_are_refused(tmp_path):
    class Evil:
        def __reduce__(self):
            return print, ("unpickled",)

    np.savez(tmp_path / "other.npz", a=np.ones(2))
    np.savez(tmp_path / "pickle.npz", about=np.array([Evil()], dtype=object))
    np.savez(tmp_path / "future.npz", about=np.array('{"format": 99}'))
    (tmp_path / "text.npz").write_text("hello")
    np.save(tmp_path / "array.npy", np.ones(2))
    for name in ("other.npz", "pickle.npz", "future.npz", "text.npz", "array.npy"):
        with pytest.raises(ValueError, match=r"is no file that nnlib.save has written"):
            load(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "missing.npz")
