"""Explorables: pictures that a reader moves, alive in a notebook and on a published page without a kernel.

Each function returns an :class:`Explorable`, whose attributes give the current values: after dragging the
first weight of ``figure = neuron()``, ``figure.w1`` is where it stands. ipywidgets and anywidget draw them.
"""

try:
    from nnlib.explorables._base import Explorable
    from nnlib.explorables.activation import activation
    from nnlib.explorables.backprop import backprop
    from nnlib.explorables.builder import builder
    from nnlib.explorables.chain import chain
    from nnlib.explorables.descent import descent
    from nnlib.explorables.family import family
    from nnlib.explorables.fold import fold
    from nnlib.explorables.graph import graph
    from nnlib.explorables.libraries import libraries
    from nnlib.explorables.neuron import neuron
    from nnlib.explorables.optimisers import optimisers
    from nnlib.explorables.perceptron import perceptron
    from nnlib.explorables.question import Question
    from nnlib.explorables.xor import xor
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"The explorables need {error.name}. Install what they need with: pip install 'nnlib[figures]'"
    ) from error

__all__ = [
    "Explorable",
    "Question",
    "activation",
    "backprop",
    "builder",
    "chain",
    "descent",
    "family",
    "fold",
    "graph",
    "libraries",
    "neuron",
    "optimisers",
    "perceptron",
    "xor",
]
