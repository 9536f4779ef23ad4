"""Every row of the table: value, both modes, second order, dtype, broadcasting."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from samples import BINARY, CONSTANT, SAMPLES, points

from nnlib.autodiff import TABLE, Tensor, check_grads, grad, jvp, raw, reverse, vjp
from nnlib.autodiff.tensor import title
from nnlib.autodiff.trees import flatten


def named(samples):
    for key, cases in samples.items():
        name = key if isinstance(key, str) else title(key)
        for i, (f, *xs) in enumerate(cases):
            yield pytest.param(f, xs, id=f"{name}-{i}")


every_sample = pytest.mark.parametrize(("f", "xs"), list(named(SAMPLES)))


def directions(xs, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(np.shape(x))[()].astype(np.asarray(x).dtype)[()] for x in xs]


def dot(a, b):
    return sum(float(np.vdot(p, q)) for p, q in zip(a, b, strict=True))


def size(a, b):
    """What rounding errors of dot(a, b) are measured by."""
    return sum(float(np.vdot(np.abs(p), np.abs(q))) for p, q in zip(a, b, strict=True))


def test_every_row_has_a_sample():
    missing = set(TABLE) - set(SAMPLES) - set(CONSTANT)
    assert not missing, f"rows without a sample in samples.py: {sorted(map(str, missing))}"
    strangers = (set(SAMPLES) | set(CONSTANT)) - set(TABLE)
    assert not strangers, f"samples of functions that have no row: {sorted(map(str, strangers))}"


@every_sample
def test_value_is_numpys(f, xs):
    traced, _ = vjp(f, *xs)
    got, want = flatten(traced)[0], flatten(f(*xs))[0]
    assert len(got) == len(want)
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
        assert np.shape(a) == np.shape(b)
        assert a.dtype == b.dtype


@every_sample
def test_reverse_equals_forward(f, xs):
    """<g, J v> = <J^T g, v>."""
    y, pull = vjp(f, *xs)
    v = directions(xs)
    outs, build = flatten(y)
    g = directions(outs, seed=1)
    _, jv = jvp(f, tuple(xs), tuple(v))
    jtg = pull(build(g))
    for c, x in zip(jtg, xs, strict=True):
        assert np.shape(c) == np.shape(x)
    left, right = dot(g, flatten(jv)[0]), dot(jtg, v)
    assert abs(left - right) <= 1e-12 * (1 + size(g, flatten(jv)[0]) + size(jtg, v))


@every_sample
def test_differences_and_second_order(f, xs):
    """Both modes against central differences, and so for the derivatives themselves."""
    check_grads(f, *xs, order=2, eps=1e-6, tol=1e-5)


@every_sample
def test_second_order_agrees_between_modes(f, xs):
    """The change of J^T g along v, by forward over reverse, and by reverse over reverse; J^T g itself stays."""
    v = directions(xs)
    y, _ = vjp(f, *xs)
    outs, build = flatten(y)
    g = build(directions(outs, seed=1))
    w = directions(xs, seed=2)

    def gradient(*xs):
        return vjp(f, *xs)[1](g)

    inside, forward = jvp(gradient, tuple(xs), tuple(v))
    inside_too, pull = vjp(gradient, *xs)
    back = pull(tuple(w))
    for plain, *traced in zip(gradient(*xs), inside, inside_too, strict=True):
        for c in traced:
            np.testing.assert_allclose(c, plain, rtol=1e-12, atol=1e-12)
    left, right = dot(forward, w), dot(back, v)
    assert abs(left - right) <= 1e-10 * (1 + size(forward, w) + size(back, v))


@every_sample
def test_float32_stays_float32(f, xs, monkeypatch):
    xs = [np.asarray(x, np.float32)[()] for x in xs]
    with np.errstate(all="ignore"):
        y, pull = vjp(f, *xs)
        outs, build = flatten(y)
        plain = flatten(f(*xs))[0]
        assert all(o.dtype in (np.float32, p.dtype) for o, p in zip(outs, plain, strict=True))
        if any(o.dtype != np.float32 for o in plain):
            return  # a float64 constant stands in the sample

        def leaked(g, dtype):
            raise AssertionError(f"the rule turned float32 into {g.dtype}")

        monkeypatch.setattr(reverse, "_of_dtype", leaked)
        for c in pull(build(directions(outs))):
            assert c.dtype == np.float32
        _, tangents = jvp(f, tuple(xs), tuple(directions(xs)))
        for t in flatten(tangents)[0]:
            assert t.dtype == np.float32


@pytest.mark.parametrize("key", list(CONSTANT), ids=title)
def test_steps_are_plain_and_flat(key):
    f, x = CONSTANT[key]
    seen = []

    def g(x):
        seen.append(f(x))
        return np.sum(x)

    assert np.array_equal(grad(g)(x), np.ones_like(x))
    plain = f(x)
    for a, b in zip(flatten(seen[0])[0], flatten(plain)[0], strict=True):
        assert type(a) is not Tensor
        assert np.all(a == b)


@st.composite
def broadcastable(draw):
    shapes = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3)).input_shapes
    return [points(*shape, low=0.4, high=1.9, seed=k)[()] for k, shape in enumerate(shapes)]


@pytest.mark.parametrize("f", list(BINARY), ids=title)
@settings(max_examples=25, deadline=None)
@given(xy=broadcastable())
def test_broadcasting_is_undone(f, xy):
    """Every pair of shapes that NumPy joins: cotangents have the shapes of their arguments."""
    y, pull = vjp(f, *xy)
    v, g = directions(xy), directions([y], seed=1)[0]
    back = pull(g)
    assert [np.shape(c) for c in back] == [np.shape(x) for x in xy]
    _, forward = jvp(f, tuple(xy), tuple(v))
    assert forward.shape == y.shape
    assert abs(dot([g], [forward]) - dot(back, v)) <= 1e-12 * (1 + size([g], [forward]) + size(back, v))


@settings(max_examples=50, deadline=None)
@given(shapes=hnp.mutually_broadcastable_shapes(signature=np.matmul.signature, max_dims=2, max_side=3))
def test_matmul_of_every_pair_of_shapes(shapes):
    a, b = (points(*s, seed=k) for k, s in enumerate(shapes.input_shapes))
    y, pull = vjp(np.matmul, a, b)
    back = pull(np.ones(y.shape)[()])
    v = directions((a, b))
    _, forward = jvp(np.matmul, (a, b), tuple(v))
    assert [c.shape for c in back] == [a.shape, b.shape]
    assert np.isclose(np.sum(forward), dot(back, v))


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_every_basic_index(data):
    x = points(3, 4, 2)
    index = data.draw(hnp.basic_indices(x.shape, allow_newaxis=True, allow_ellipsis=True))
    y, pull = vjp(lambda x: x[index], x)
    assert np.array_equal(y, x[index])
    want = np.zeros_like(x)
    g = directions([y])[0]
    want[index] = g
    np.testing.assert_array_equal(pull(g)[0], want)


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_every_list_of_positions(data):
    x = points(3, 4)
    index = data.draw(hnp.integer_array_indices(x.shape))
    y, pull = vjp(lambda x: x[index], x)
    want = np.zeros_like(x)
    g = directions([y])[0]
    np.add.at(want, index, g)
    np.testing.assert_allclose(pull(g)[0], want)


def test_raw_is_plain_at_every_depth():
    seen = []
    grad(grad(lambda x: (seen.append(raw(x)), x * x)[1]))(3.0)
    assert type(seen[-1]) is np.float64
