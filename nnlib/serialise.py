"""Save and load networks and models as .npz files: arrays and a line of JSON, no pickle. May import mlp.py.

A pickle runs code when it is opened; these files hold numbers and names alone, so they may come from anyone.
"""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np

from nnlib import activations
from nnlib.activations import Activation
from nnlib.layers import Dense, Sequential
from nnlib.mlp import MLPClassifier, MLPRegressor

FORMAT = 1
MODELS: dict[str, type[MLPClassifier] | type[MLPRegressor]] = {
    "MLPClassifier": MLPClassifier,
    "MLPRegressor": MLPRegressor,
}


def save(path: str | os.PathLike[str], model: Sequential | MLPClassifier | MLPRegressor) -> None:
    """Write a network, or a fitted model, to a file.

    Parameters
    ----------
    path : str or path
        Where to write. NumPy adds ``.npz`` where it is missing.
    model : Sequential, MLPClassifier or MLPRegressor
        What to write. Layers are Dense, and activations those of nnlib.

    Raises
    ------
    TypeError
        Where the model holds something that the file can't, such as a function of your own.
    ValueError
        Where a model is not fitted.

    Examples
    --------
    >>> import nnlib, os, tempfile
    >>> net = nnlib.Sequential(nnlib.Dense(2, 3, nnlib.tanh, rng=0))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     nnlib.save(os.path.join(folder, "net.npz"), net)
    ...     again = nnlib.load(os.path.join(folder, "net.npz"))
    >>> bool(np.all(again.flat == net.flat))
    True
    """
    arrays: dict[str, Any] = {}
    about: dict[str, Any] = {"format": FORMAT, "kind": type(model).__name__}
    net = model
    if isinstance(model, (MLPClassifier, MLPRegressor)):
        if not hasattr(model, "net_"):
            raise ValueError(f"save: this {about['kind']} has no network yet. Call fit(X, y) first.")
        net = model.net_
        about["parameters"] = {name: _plain(value) for name, value in model.get_params().items()}
        about["y_is_flat"] = getattr(model, "_flat_y", True)
        arrays["loss_curve"] = np.array(model.loss_curve_)
        if isinstance(model, MLPClassifier):
            arrays["classes"] = np.array(model.classes_.tolist())
    if not isinstance(net, Sequential):
        raise TypeError(
            f"save writes a Sequential, MLPClassifier or MLPRegressor, but got {type(model).__name__}."
        )
    about["layers"] = [_described(layer) for layer in net.layers]
    for k, leaf in enumerate(net.leaves()):
        arrays[f"leaf{k}"] = leaf
    np.savez(path, about=np.array(json.dumps(about)), **arrays)


def load(path: str | os.PathLike[str]) -> Any:
    """Read what `save` has written.

    Parameters
    ----------
    path : str or path
        The file.

    Returns
    -------
    Sequential, MLPClassifier or MLPRegressor
        A model that predicts as the saved one did.

    Raises
    ------
    ValueError
        Where the file is none of nnlib's.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        about = json.loads(str(arrays["about"]))
        known = about["format"] == FORMAT
    except (ValueError, KeyError, TypeError, AttributeError):
        known = False
    if not known:
        raise ValueError(f"load: {os.fspath(path)} is no file that nnlib.save has written.") from None
    leaves = [arrays[f"leaf{k}"] for k in range(sum(name.startswith("leaf") for name in arrays))]
    net = Sequential(*(_rebuilt(layer) for layer in about["layers"])).like(leaves)
    if about["kind"] not in MODELS:
        return net
    model = MODELS[about["kind"]](**about["parameters"])
    model.net_, model.loss_curve_ = net, arrays["loss_curve"].tolist()
    model.n_iter_, model.loss_ = len(model.loss_curve_), model.loss_curve_[-1]
    first, last = net.leaves()[0], net.leaves()[-1]
    model.n_features_in_, model.n_outputs_ = int(first.shape[1]), len(last)
    if isinstance(model, MLPClassifier):
        model.classes_ = arrays["classes"]
    else:
        model._flat_y = about["y_is_flat"]
    return model


def _described(layer: Any) -> dict[str, Any]:
    if type(layer) is Dense:
        return {"n_in": layer.n_in, "n_out": layer.n_out, "activation": _name(layer.activation)}
    return {"activation": _name(layer)}


def _rebuilt(layer: dict[str, Any]) -> Any:
    f = getattr(activations, layer["activation"])
    if "n_in" not in layer:
        return f
    shape = layer["n_out"], layer["n_in"]
    return Dense(layer["n_in"], layer["n_out"], f, W=np.zeros(shape))


def _name(f: Any) -> str:
    if isinstance(f, Activation):
        name: str = f.name
        if getattr(activations, name, None) is f:
            return name
    raise TypeError(
        f"save knows Dense layers and nnlib's activations, but not {f!r}. Save net.flat with np.save."
    )


def _plain(value: Any) -> Any:
    """An argument as JSON holds it. A generator is not kept: a loaded model needs none to predict."""
    if isinstance(value, Activation):
        return _name(value)
    if isinstance(value, np.random.Generator):
        return None
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (tuple, list, np.ndarray)):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"save can't write the argument {value!r} of a model.")
