"""Neural networks in plain NumPy: one line of code for each formula of the course.

>>> import nnlib
>>> X, y = nnlib.data.blobs(100, margin=0.5, rng=0)
>>> nnlib.Perceptron().fit(X, y).score(X, y)
1.0
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nnlib import data, optim
from nnlib._estimator import ConvergenceWarning, NotFittedError
from nnlib.activations import Activation, heaviside, identity, leaky_relu, relu, sigmoid, softmax, tanh
from nnlib.autodiff import (
    Tensor,
    check_grads,
    grad,
    hvp,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)
from nnlib.backprop import Trace, backprop
from nnlib.layers import Dense, Sequential
from nnlib.logistic import LogisticRegression
from nnlib.losses import binary_cross_entropy, binary_cross_entropy_logits, cross_entropy, squared_error
from nnlib.mlp import MLPClassifier, MLPRegressor
from nnlib.neuron import Neuron
from nnlib.perceptron import Perceptron, PerceptronStep
from nnlib.serialise import load, save

if TYPE_CHECKING:
    from nnlib import dual, explorables, plot, scalar

__version__ = "0.1.0"

__all__ = [
    "Activation",
    "ConvergenceWarning",
    "Dense",
    "LogisticRegression",
    "MLPClassifier",
    "MLPRegressor",
    "Neuron",
    "NotFittedError",
    "Perceptron",
    "PerceptronStep",
    "Sequential",
    "Tensor",
    "Trace",
    "backprop",
    "binary_cross_entropy",
    "binary_cross_entropy_logits",
    "check_grads",
    "cross_entropy",
    "data",
    "dual",
    "explorables",
    "grad",
    "heaviside",
    "hvp",
    "identity",
    "jacobian",
    "jvp",
    "leaky_relu",
    "load",
    "optim",
    "plot",
    "relu",
    "save",
    "scalar",
    "sigmoid",
    "softmax",
    "squared_error",
    "tanh",
    "value_and_grad",
    "vjp",
]


def __getattr__(name: str) -> Any:
    if name in ("dual", "explorables", "plot", "scalar"):  # with what they need: matplotlib, say
        return import_module(f"nnlib.{name}")
    raise AttributeError(f"module 'nnlib' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
