"""Losses: values, derivatives, certainty, shapes."""

import numpy as np
import pytest

from nnlib import (
    binary_cross_entropy,
    binary_cross_entropy_logits,
    check_grads,
    cross_entropy,
    grad,
    jvp,
    sigmoid,
    softmax,
    squared_error,
    value_and_grad,
)

rng = np.random.default_rng(0)
z = rng.normal(size=(6, 4))
one_hot = np.eye(4)[rng.integers(0, 4, 6)]
soft = softmax(rng.normal(size=(6, 4)))
LOSSES = {
    "squared": (squared_error, soft, z),
    "binary": (binary_cross_entropy, soft, sigmoid(z)),
    "binary logits": (binary_cross_entropy_logits, soft, z),
    "cross-entropy": (cross_entropy, one_hot, z),
    "cross-entropy, soft": (cross_entropy, soft, z),
    "cross-entropy, weighted": (cross_entropy, 3.0 * soft, z),
    "cross-entropy of one": (cross_entropy, soft[0], z[0]),
    "cross-entropy of sequences": (cross_entropy, soft.reshape(3, 2, 4), z.reshape(3, 2, 4)),
}
every_loss = pytest.mark.parametrize(("loss", "y", "out"), LOSSES.values(), ids=LOSSES)


@every_loss
def test_both_modes_to_third_order(loss, y, out):
    check_grads(lambda out: loss(y, out), out, order=3, tol=1e-3)


@every_loss
def test_value_and_gradient_stay_inside_another_derivative(loss, y, out):
    plain = value_and_grad(lambda out: loss(y, out))(out)
    traced, _ = jvp(value_and_grad(lambda out: loss(y, out)), (out,), (out,))
    for a, b in zip(traced, plain, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-15)


@every_loss
def test_labels_may_be_traced(loss, y, out):
    check_grads(loss, y, out, order=2)
    assert loss(y, out) == pytest.approx(float(jvp(loss, (y, out), (y, out))[0]))


@every_loss
def test_float32(loss, y, out):
    x = out.astype(np.float32)
    assert loss(y, x).dtype == np.float32
    assert grad(lambda x: loss(y, x))(x).dtype == np.float32
    assert jvp(lambda x: loss(y, x), (x,), (x,))[1].dtype == np.float32


def test_values():
    assert squared_error(one_hot, z) == pytest.approx(0.5 * np.sum((one_hot - z) ** 2))
    p = softmax(z)
    assert cross_entropy(one_hot, z) == pytest.approx(-np.sum(one_hot * np.log(p)) / 6)
    q = sigmoid(z)
    want = -np.mean(soft * np.log(q) + (1 - soft) * np.log(1 - q))
    assert binary_cross_entropy(soft, q) == pytest.approx(want)
    assert binary_cross_entropy_logits(soft, z) == pytest.approx(want)


def test_gradients_are_the_formulas():
    np.testing.assert_allclose(grad(lambda o: squared_error(one_hot, o))(z), z - one_hot)
    np.testing.assert_allclose(grad(lambda z: cross_entropy(one_hot, z))(z), (softmax(z) - one_hot) / 6)
    np.testing.assert_allclose(
        grad(lambda z: binary_cross_entropy_logits(soft, z))(z), (sigmoid(z) - soft) / 24
    )


def test_class_numbers_are_one_hot_rows():
    numbers = one_hot.argmax(axis=1)
    for y in (numbers, numbers.tolist(), numbers.astype(float)):
        assert cross_entropy(y, z) == pytest.approx(cross_entropy(one_hot, z))
    assert cross_entropy(2, z[0]) == pytest.approx(-np.log(softmax(z[0])[2]))
    assert cross_entropy(numbers, z.tolist()) == pytest.approx(cross_entropy(one_hot, z))


def test_certainty_is_finite_and_warns_of_nothing():
    far = np.array([[1e4, -1e4], [-1e4, 1e4]])
    assert cross_entropy([0, 1], far) == 0.0
    assert cross_entropy([1, 0], far) == 2e4
    assert np.all(np.isfinite(grad(lambda z: cross_entropy([1, 0], z))(far)))
    assert binary_cross_entropy_logits([[1.0, 0.0], [0.0, 1.0]], far) == 0.0
    assert np.all(np.isfinite(grad(lambda z: binary_cross_entropy_logits([[0.0, 0.0]] * 2, z))(far)))
    assert binary_cross_entropy([1.0, 0.0], np.array([1.0, 0.0])) == 0.0
    assert str(binary_cross_entropy([1.0, 0.0], np.array([1.0, 0.0]))) == "0.0"
    assert np.all(grad(lambda p: binary_cross_entropy([1.0, 0.0], p))(np.array([1.0, 0.0])) == [-0.5, 0.5])
    assert binary_cross_entropy([1.0], np.array([0.0])) == np.inf


def test_nan_comes_out():
    bad = np.array([[np.nan, 1.0]])
    for loss in (squared_error, cross_entropy, binary_cross_entropy_logits, binary_cross_entropy):
        assert np.isnan(loss(np.array([[0.5, 0.5]]), bad))
    rows = np.array([[0.0, np.nan], [np.nan, 0.0], [0.0, 0.0]])
    slopes = grad(lambda z: cross_entropy([0, 0, 0], z))(rows)
    np.testing.assert_array_equal(np.isnan(slopes).all(axis=1), [True, True, False])


@pytest.mark.parametrize("loss", [squared_error, binary_cross_entropy, binary_cross_entropy_logits])
def test_shapes_must_agree(loss):
    name = loss.__name__
    with pytest.raises(
        ValueError, match=rf"{name}: y has shape \(4,\), but the network gives \(4, 1\).*reshape\(-1, 1\)"
    ):
        loss(np.ones(4), np.ones((4, 1)))
    with pytest.raises(ValueError, match=r"Write y\[\.\.\., None\]"):
        loss(np.ones((4, 2)), np.ones((4, 2, 1)))
    with pytest.raises(
        ValueError, match=r"y has shape \(1, 4\), but the network gives \(4,\).*Reshape one of them"
    ):
        loss(np.ones((1, 4)), np.ones(4))
    with pytest.raises(ValueError, match="y has shape"):
        grad(lambda o: loss(np.ones(4), o))(np.ones((4, 1)))


def test_labels_are_checked():
    with pytest.raises(
        ValueError, match=r"cross_entropy: y has shape \(6, 3\), but the network gives \(6, 4\)"
    ):
        cross_entropy(np.ones((6, 3)), z)
    for y in ([0, 1, 2, 3, 4, 0], [0, 1, 2, 3, -1, 0], [0.5] * 6, [0.5, 1, 2, 3, 0, 0], ["a"] * 6):
        with pytest.raises(ValueError, match=r"takes class numbers from 0 to 3, because z has 4 columns"):
            cross_entropy(y, z)
    with pytest.raises(TypeError, match="squared_error: y holds text"):
        squared_error(["a"], np.ones(1))
    with pytest.raises(TypeError, match="squared_error: the output holds text"):
        squared_error([1.0], ["a"])


@pytest.mark.parametrize("shape", [(0, 3), (2, 0)])
def test_cross_entropy_of_nothing_says_so(shape):
    with pytest.raises(ValueError, match=r"at least one example and one class, but z has shape"):
        cross_entropy(np.zeros(shape), np.zeros(shape))
