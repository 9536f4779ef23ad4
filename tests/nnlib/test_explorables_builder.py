"""Chapter 5's explorable: the page computes what nnlib's Sequential computes, and refuses what it can't show."""

import numpy as np
import pytest
from traitlets import TraitError

import nnlib
from nnlib.explorables import Explorable, builder
from nnlib.explorables.builder import ACTIVATIONS
from tests.nnlib.page import run_js


@pytest.fixture
def js(tmp_path):
    """Return a function that runs the body of a JavaScript function of `data` beside math.js (as `m`)."""
    return lambda body, **data: run_js(tmp_path, body, data)


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(
    ("depth", "width", "seed", "spread"), [(1, 4, 1, 2.0), (3, 4, 43, 0.2), (5, 8, 9999, 4.0)]
)
def test_weights_and_outputs_are_those_of_sequential(js, activation, depth, width, seed, spread):
    figure = builder(width=width, depth=depth, seed=seed, spread=spread, activation=activation)
    X = np.random.default_rng(3).uniform(-3, 3, (20, 2))
    layers, outputs = js(
        """const sizes = m.layerSizes(data.depth, data.width), f = m.ACTIVATIONS[data.activation][0];
        const layers = m.randomLayers(sizes, data.seed, data.spread);
        return [layers, data.X.map((x) => m.layerOutputs(layers, f, x))];""",
        depth=depth,
        width=width,
        seed=seed,
        spread=spread,
        activation=activation,
        X=X.tolist(),
    )
    net = figure.net
    assert len(net.layers) == len(layers) == depth
    for ours, theirs in zip(layers, net.layers, strict=True):
        close(ours["W"], theirs.W)
        close(ours["b"], theirs.b)
    for x, found in zip(X, outputs, strict=True):
        for ours, theirs in zip(found, net.activations(x)[1:], strict=True):
            close(ours, theirs)


def test_the_page_counts_what_sequential_counts(js):
    cases = [[depth, width] for depth in range(1, 6) for width in range(1, 9)]
    found = js(
        """return data.cases.map(([depth, width]) => {
          const sizes = m.layerSizes(depth, width);
          return [sizes, m.layerParameters(sizes)];
        });""",
        cases=cases,
    )
    for (depth, width), (sizes, counts) in zip(cases, found, strict=True):
        figure = builder(depth=depth, width=width)
        assert list(figure.sizes) == sizes
        assert counts == [layer.W.size + layer.b.size for layer in figure.net.layers]
        assert sum(counts) == figure.net.n_parameters


def test_seeds_give_other_weights_and_the_same_seed_the_same():
    first, again, other = builder(seed=1).net, builder(seed=1).net, builder(seed=2).net
    np.testing.assert_array_equal(first.flat, again.flat)
    assert not np.any(first.flat == other.flat)


def test_weights_have_the_spread_that_is_asked_for():
    many = [builder(width=8, depth=5, seed=seed, spread=2.0).net.layers[2] for seed in range(1, 101)]
    assert abs(np.std([layer.W for layer in many]) - 2 / np.sqrt(8)) < 0.02
    assert abs(np.std([layer.b for layer in many]) - 1) < 0.06


def test_the_network_follows_the_readers_hand():
    figure = builder(width=2, depth=2)
    assert isinstance(figure, Explorable)
    figure.width, figure.activation = 5, "relu"
    assert figure.sizes == (2, 5, 1)
    assert figure.net.n_parameters == 21
    assert figure.net.layers[0].activation is nnlib.relu
    assert figure.view.start["width"] == 2
    with pytest.raises(TraitError):
        figure.depth = 6


def test_sliders_are_tied_to_the_view():
    figure = builder()
    sliders = figure.children[1].children
    assert [slider.description for slider in sliders] == ["width", "depth", "<i>spread</i>"]
    assert [slider.value for slider in sliders] == [4, 3, 2.0]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"width": 9}, "width is 9.*between 1 and 8"),
        ({"width": 2.5}, "whole number"),
        ({"depth": 0}, "depth is 0.*between 1 and 5"),
        ({"depth": "deep"}, "depth is 'deep'"),
        ({"spread": np.nan}, "spread is nan"),
        ({"seed": 0}, "seed is 0"),
        ({"activation": "softmax"}, "'softmax'.*'tanh'"),
        ({"x1": 4}, "x1 is 4"),
        ({"x2": np.inf}, "x2 is inf"),
    ],
)
def test_bad_settings_are_refused_with_help(setting, message):
    with pytest.raises(ValueError, match=message):
        builder(**setting)
