"""Computations as graphs: the nodes are those of the function, and every edge goes from an operand to its result."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon

import nnlib
from nnlib import Dense, Sequential, plot, sigmoid, tanh
from nnlib.autodiff.inspect import operations
from nnlib.plot._graph import _boxes, _settle


def drawn(f, *args, size=(7.6, 3.9)):
    return plot.graph(f, *args, ax=Figure(figsize=size).add_subplot())


def texts(ax):
    return [text.get_text() for text in ax.texts]


def names(f, *args):
    return [node.name for node in operations(f, *args)[0] if node.kind == "operation"]


# ------------------------------------------------------------------------------------------------ operations
def test_operations_hold_what_was_computed():
    def f(w, b, x):
        return np.sum((np.tanh(x @ w + b) - 1.0) ** 2)

    w, b, x = np.array([0.5, -1.0]), 0.1, np.ones((3, 2))
    nodes, (result,) = operations(f, w, b, x)
    assert [node.name for node in nodes if node.kind == "argument"] == ["w", "b", "x"]
    assert nodes[result].value == f(w, b, x)
    for k, node in enumerate(nodes):
        assert all(parent < k for parent in node.parents)
        assert (node.kind == "operation") == bool(node.parents)
    assert [node.name for node in nodes if node.kind == "operation"] == [
        "np.matmul",
        "np.add",
        "np.tanh",
        "np.subtract",
        "np.power",
        "sum over axes",
    ]
    assert [node.value for node in nodes if node.kind == "constant"] == [1.0, 2]


def test_a_constant_array_is_one_node_and_indices_are_none():
    X = np.ones((4, 2))
    nodes, _ = operations(lambda w: np.sum(X @ w) + np.sum(X * w[0]), np.ones(2))
    assert sum(node.kind == "constant" for node in nodes) == 1
    assert [node.kind for node in operations(lambda x: x[1:].reshape(2, 1), np.ones(3))[0]] == [
        "argument",
        "operation",
        "operation",
    ]


def test_arguments_have_the_names_of_the_function():
    assert operations(lambda a, /, b: a * b, 1.0, 2.0)[0][1].name == "b"
    nodes, _ = operations(lambda *xs: xs[0] * xs[1], 1.0, 2.0)
    assert [node.name for node in nodes[:2]] == ["x1", "x2"]
    nodes, _ = operations(lambda p: p["w"] * p["b"], {"w": 1.0, "b": 2.0})
    assert [node.name for node in nodes[:2]] == ["p[0]", "p[1]"]

    class Nameless:
        __signature__ = "none"

        def __call__(self, x):
            return x * 2.0

    assert operations(Nameless(), 1.0)[0][0].name == "x1"


def test_networks_and_losses_have_readable_names():
    net = Sequential(Dense(2, 3, tanh, rng=0), Dense(3, 2, rng=1))
    X = np.ones((4, 2))
    assert names(lambda net: nnlib.cross_entropy([0, 1, 0, 1], net(X)), net) == [
        "dense layer",
        "dense layer",
        "softmax loss",
    ]
    assert names(lambda x: sigmoid(x) + np.linalg.norm(x), np.ones(2))[0] == "sigmoid"
    nodes, _ = operations(lambda net: nnlib.cross_entropy([0, 1, 0, 1], net(X)), net)
    assert nodes[-1].parents[1] == len(nodes) - 3  # labels, then what the network gives


def test_a_rule_that_stands_nowhere_in_the_table_still_has_a_name():
    from nnlib.autodiff.rows import unary

    def _cube_pull(g, slots, out, vals, kw):
        return (g * 3 * vals[0] ** 2,)

    cube = unary(lambda x: x**3, _cube_pull, None)
    assert names(cube, 2.0) == ["cube"]


def test_several_results_and_untouched_ones():
    nodes, results = operations(lambda x: (x * 2.0, x + 1.0, 3.0), 1.0)
    assert [nodes[k].name for k in results] == ["np.multiply", "np.add"]
    assert operations(lambda x: 3.0, 1.0)[1] == []


# ---------------------------------------------------------------------------------------------------- layout
def test_columns_run_forward_and_no_two_boxes_meet():
    rng = np.random.default_rng(0)

    def f(a, b, c):
        values = [a, b, c]
        for i, j in rng.integers(0, 3, (12, 2)):
            values = [values[j] * values[i], *values[:2]]
        return sum(values[1:], values[0])

    for seed in range(5):
        rng = np.random.default_rng(seed)
        nodes, results = operations(f, 1.0, 2.0, 3.0)
        boxes = _boxes(nodes, results)
        _settle(boxes)
        for box in boxes:
            assert all(boxes[p].column == box.column - 1 for p in box.parents)
        for column in {box.column for box in boxes}:
            ys = sorted(box.y for box in boxes if box.column == column)
            assert np.diff(ys).min(initial=1.0) >= 1.0 - 1e-9


def test_what_does_not_reach_the_result_is_left_out():
    def f(x, y):
        np.exp(y)
        return x * 2.0

    assert texts(drawn(f, 1.5, 2.0)) == ["x", "1.50", "2.00", "×", "3.00"]


def test_a_chain_of_operations_keeps_to_one_line():
    def f(x):
        for c in (1.0, 2.0, 3.0):
            x = np.tanh(x + c)
        return x

    nodes, results = operations(f, 0.5)
    boxes = _boxes(nodes, results)
    _settle(boxes)
    line = [box.y for box in boxes if box.node and box.node.kind == "operation"]
    assert max(line) - min(line) < 0.5


# --------------------------------------------------------------------------------------------------- drawing
def test_boxes_arrows_and_the_result():
    ax = drawn(lambda w, x, b: np.tanh(w * x + b) * w, 0.5, 2.0, -0.3)
    boxes = [p for p in ax.patches if isinstance(p, FancyBboxPatch)]
    assert len(boxes) == 7
    assert sum(isinstance(p, PathPatch) for p in ax.patches) == 7  # w goes twice, once past three columns
    assert sum(isinstance(p, Polygon) for p in ax.patches) == 7
    bold = [p for p in boxes if p.get_linewidth() > 2]
    assert len(bold) == 1
    assert bold[0].get_x() == max(p.get_x() for p in boxes)
    assert texts(ax)[-2:] == ["×", "0.302"]


def test_values_of_arrays_are_their_shapes():
    ax = drawn(lambda W, x: np.mean(np.where(W @ x > 0, W @ x, 0.0)), np.ones((3, 2)), np.ones(2))
    assert {"(3, 2)", "(2,)", "(3,)", "@", "where", "mean", "2.00"} <= set(texts(ax))


def test_text_shrinks_but_not_below_reading():
    def f(x):
        for _ in range(20):
            x = np.sin(x)
        return x

    assert min(text.get_size() for text in drawn(f, 1.0, size=(3.8, 2.0)).texts) == 5.5
    assert {text.get_size() for text in drawn(np.sin, 1.0).texts} == {11.0}


def test_messages():
    with pytest.raises(TypeError, match=r"Write plot.graph\(f, x\)"):
        drawn(3.0, 1.0)
    with pytest.raises(ValueError, match="takes the arguments too"):
        drawn(np.sin)
    with pytest.raises(ValueError, match="does not depend on its arguments"):
        drawn(lambda x: None, 1.0)
    with pytest.raises(ValueError, match="does not depend on its arguments"):
        drawn(lambda x: 3.0, 1.0)
    with pytest.raises(ValueError, match="up to 60 nodes"):
        drawn(lambda x: sum(np.sin(x) for _ in range(61)), 1.0)
    with pytest.raises(TypeError, match="would lose the derivative"):
        drawn(lambda x: float(x), 1.0)


def test_without_axes_a_figure_opens_and_the_page_gets_svg():
    assert not plot.graph(np.sin, 1.0).axison
    figure = plot.show(lambda ax: plot.graph(np.sin, 1.0, ax=ax), alt="A sine.", caption="A.")
    assert "var(--nn-ink, " in figure.html
