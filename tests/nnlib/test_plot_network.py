"""Networks as drawings: every number that is written is the network's, and every edge says its weight."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Wedge

import nnlib
from nnlib import Dense, Sequential, identity, plot, relu, sigmoid, softmax, tanh
from nnlib.plot._canvas import apart, number

NET = Sequential(
    Dense(2, 3, tanh, W=[[0.8, -0.4], [-0.6, 0.9], [0.3, 0.0]], b=[0.1, -0.2, 0.0]),
    Dense(3, 1, sigmoid, W=[[0.7, -0.9, 0.4]], b=[0.05]),
)


def drawn(net, size=(7.6, 4.6), **kw):
    return plot.network(net, ax=Figure(figsize=size).add_subplot(), **kw)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def edges(ax, colour):
    """Width and both ends of each edge of one colour."""
    found = []
    for lines in ax.collections:
        if to_hex(lines.get_colors()[0]) == colour.lower():
            found += zip(lines.get_linewidths(), lines.get_segments(), strict=True)
    return found


def test_an_edge_for_every_weight_by_sign_and_size():
    ax = drawn(NET)
    positive, negative = edges(ax, plot.ONE), edges(ax, plot.NIL)
    assert (len(positive), len(negative)) == (6, 3)
    widths = sorted(w for w, _ in positive + negative)
    sizes = np.sort(np.abs([w for layer in NET.layers for w in layer.W.ravel()]))
    np.testing.assert_allclose(widths, 0.6 + 4.4 * sizes / 0.9)
    dashed = [lines for lines in ax.collections if lines.get_linestyles()[0][1] is not None]
    assert dashed
    assert all(to_hex(lines.get_colors()[0]) == plot.NIL.lower() for lines in dashed)


def test_edges_run_between_the_circles():
    ax = drawn(NET)
    centres = np.array([c.center for c in ax.patches if isinstance(c, Circle)])
    radius = next(c.radius for c in ax.patches if isinstance(c, Circle))
    for _, ends in edges(ax, plot.ONE) + edges(ax, plot.NIL):
        for end in ends:
            distance = np.min(np.hypot(*(centres - end).T))
            assert distance == pytest.approx(radius)


def test_weights_and_biases_are_written_where_there_is_room():
    written = texts(drawn(NET))
    for w in ("0.800", "−0.400", "−0.600", "0.900", "0.300", "0", "0.700", "−0.900", "0.400"):
        assert w in written
    assert "$b$ = 0.100" in written
    assert "$b$ = −0.200" in written
    assert "$b$ = 0" not in written
    assert "0.800" not in texts(drawn(NET, size=(1.5, 4.6)))
    assert "0.800" not in texts(drawn(NET, size=(7.6, 0.8)))


def test_names_are_the_lectures():
    written = texts(drawn(NET))
    assert [t for t in written if t in ("$x_1$", "$x_2$", "$h_1$", "$h_2$", "$h_3$", "$f$")] == [
        "$x_1$",
        "$x_2$",
        "$h_1$",
        "$h_2$",
        "$h_3$",
        "$f$",
    ]
    deep = Sequential(Dense(1, 2, rng=0), Dense(2, 2, rng=0), Dense(2, 10, rng=0))
    written = texts(drawn(deep, size=(7.6, 9.0)))
    assert {"$x_1$", "$h_1^{(1)}$", "$h_2^{(2)}$", "$f_9$", "$f_{10}$"} <= set(written)


def test_an_input_fills_the_neurons_with_z_and_f():
    x = np.array([1.0, 0.5])
    ax = drawn(NET, x=x)
    written = texts(ax)
    trace = nnlib.backprop(NET, x, [0.0])
    for values in (x, *trace.z, *trace.h[1:]):
        for v in values:
            assert number(v) in written
    halves = [p for p in ax.patches if isinstance(p, Wedge)]
    assert len(halves) == 4
    tone = [(1 if to_hex(p.get_facecolor()) == plot.TINT_ONE else -1) * p.get_alpha() for p in halves]
    h = trace.h[1] / np.abs(trace.h[1]).max()
    np.testing.assert_allclose(tone, [*h, *(2 * trace.h[2] - 1)])


def test_numbers_give_way_before_they_are_too_small_to_read():
    ax = drawn(NET, size=(2.0, 1.0), x=[1.0, 0.5])
    assert all(text.get_size() >= 6.5 for text in ax.texts)


def test_functions_between_layers_belong_to_the_layer_before():
    inside = Sequential(Dense(2, 2, relu, W=np.eye(2)), Dense(2, 2, W=np.eye(2)), softmax)
    between = Sequential(Dense(2, 2, W=np.eye(2)), relu, Dense(2, 2, W=np.eye(2)), softmax)
    assert texts(drawn(inside, x=[1.0, -1.0])) == texts(drawn(between, x=[1.0, -1.0]))
    assert "0.731" in texts(drawn(between, x=[1.0, -1.0]))


def test_one_layer_and_estimators():
    assert len(edges(drawn(NET.layers[1]), plot.ONE)) == 2
    X, y = nnlib.data.blobs(40, margin=0.3, rng=0)
    model = nnlib.MLPClassifier((3,), max_iter=5, tol=1.0, n_iter_no_change=1, rng=0).fit(X, y)
    assert texts(drawn(model)) == texts(drawn(model.net_))


def test_large_layers_show_their_ends_and_their_size():
    net = Sequential(Dense(64, 13, relu, rng=0), Dense(13, 12, rng=1))
    ax = drawn(net)
    assert sum(isinstance(p, Circle) for p in ax.patches) == 10 + 10 + 12
    assert {"64 in all", "13 in all"} <= set(texts(ax))
    assert "12 in all" not in texts(ax)
    count = sum(len(lines.get_segments()) for lines in ax.collections)
    assert count == 10 * 10 + 10 * 12


def test_zero_weights_and_inputs_draw():
    ax = drawn(Sequential(Dense(2, 2, identity, W=np.zeros((2, 2)))), x=[0.0, 0.0])
    assert len(edges(ax, plot.ONE)) == 4
    ax = drawn(Sequential(Dense(2, 3, identity, W=np.zeros((3, 2)), b=[-1.0, 0.0, 2.0])), x=[0.0, 0.0])
    assert "2.00" in texts(ax)


def test_axes_kinds():
    figure = Figure(figsize=(7.6, 3.9))
    left, _ = figure.subplots(1, 2)
    assert plot.network(NET, ax=left) is left
    assert left.get_xlim()[1] == pytest.approx(7.6 * 36)
    free = figure.add_axes((0.5, 0.5, 0.5, 0.5))
    plot.network(NET, ax=free)
    assert free.get_ylim()[1] == pytest.approx(3.9 * 36)
    own = plot.network(NET)
    assert not own.axison


def test_messages():
    with pytest.raises(TypeError, match=r"networks of Dense layers.*got <function"):
        drawn(lambda x: x)
    with pytest.raises(TypeError, match="networks of Dense layers"):
        drawn(Sequential(relu, Dense(2, 1, rng=0)))
    with pytest.raises(ValueError, match=r"x of shape \(2,\), but x is \(3,\)\.$"):
        drawn(NET, x=[1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"Draw one example of the batch: x\[0\]"):
        drawn(NET, x=np.ones((4, 2)))
    with pytest.raises(TypeError, match="holds text"):
        drawn(NET, x=["a", "b"])
    bad = NET.copy()
    bad.flat[0] = np.nan
    with pytest.raises(ValueError, match=r"NaN or infinite\. Did training diverge"):
        drawn(bad)


def test_shown_twice_with_the_pages_colours():
    html = plot.show(lambda ax: plot.network(NET, ax=ax, x=[1.0, 0.5]), alt="A network.", caption="A.").html
    for name in ("one", "nil", "paper", "ink", "tint1", "tint0"):
        assert f"var(--nn-{name}, " in html


def test_numbers_have_three_digits_and_a_true_minus():
    shown = {
        0.0: "0",
        0.5: "0.500",
        -0.15: "−0.150",
        1: "1.00",
        999.4: "999",
        999.6: "1000",
        1234.0: "1234",
        12345.0: "1.23e4",
        0.00123: "0.00123",
        -0.000456: "−4.56e−4",
        float("nan"): "nan",
        -float("inf"): "−inf",
    }
    assert {v: number(v) for v in shown} == shown


def test_apart_moves_as_little_as_can_be():
    assert apart([0.0, 5.0], 1.0) == [0.0, 5.0]
    assert apart([1.0, 1.0], 1.0) == [0.5, 1.5]
    assert apart([0.0, 0.0, 0.0], 1.0) == [-1.0, 0.0, 1.0]
    np.testing.assert_allclose(apart([0.0, 0.0], 1.0, [3.0, 1.0]), [-0.25, 0.75])
    rng = np.random.default_rng(0)
    for _ in range(20):
        wishes = np.sort(rng.normal(size=6))
        got = np.array(apart(wishes, 0.4))
        assert np.diff(got).min() > 0.4 - 1e-12
        assert got.sum() == pytest.approx(wishes.sum())
