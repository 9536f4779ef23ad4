"""`grad` equals autograd's over a list of functions."""

import numpy as np
import pytest
from oracle import oracle

import nnlib

autograd = oracle("autograd")
anp = oracle("autograd.numpy")

rng = np.random.default_rng(0)
x = rng.normal(size=(3, 4))
v = rng.normal(size=5)
a = rng.normal(size=(4, 4)) + 4 * np.eye(4)

FUNCTIONS = {
    "polynomial": (lambda np, v: np.sum(v**3 - 2 * v**2 + v), v),
    "trigonometry": (lambda np, v: np.sum(np.sin(v) * np.cos(v) + np.tan(0.1 * v) - np.arctan(v)), v),
    "exponentials": (lambda np, v: np.sum(np.exp(v) / (1 + np.exp(v)) + np.log1p(v**2) + np.expm1(v)), v),
    "hyperbolic": (lambda np, v: np.sum(np.tanh(v) * np.cosh(v) + np.arcsinh(v)), v),
    "roots": (lambda np, v: np.sum(np.sqrt(v**2 + 1) + np.abs(v) ** 1.5), v),
    "softmax": (lambda np, x: np.sum((np.exp(x) / np.sum(np.exp(x), axis=1, keepdims=True))[:, 0] ** 2), x),
    "logsumexp": (lambda np, x: np.sum(np.log(np.sum(np.exp(x), axis=0))), x),
    "logaddexp": (lambda np, x: np.sum(np.logaddexp(x[0], x[1])), x),
    "statistics": (lambda np, x: np.mean(np.var(x, axis=0)) + np.std(x) + np.sum(np.mean(x, axis=1) ** 2), x),
    "extremes": (
        lambda np, x: np.max(x) * np.min(x) + np.sum(np.maximum(x, 0.1)) + np.sum(np.max(x, axis=0)),
        x,
    ),
    "product": (lambda np, v: np.prod(v), v),
    "running sums": (lambda np, x: np.sum(np.cumsum(x, axis=1) ** 2), x),
    "where and clip": (
        lambda np, x: np.sum(np.where(x > 0, x**2, -x)) + np.sum(np.clip(x, -0.5, 0.5) ** 2),
        x,
    ),
    "slices": (lambda np, v: np.sum(v[1:] * v[:-1]) + v[2] ** 2 + np.sum(v[::2]), v),
    "fancy indices": (lambda np, v: np.sum(v[np.array([0, 0, 3])] ** 2), v),
    "join": (lambda np, v: np.sum(np.concatenate([v, v**2]) * np.arange(10)), v),
    "stack": (lambda np, v: np.sum(np.stack([v, np.sin(v)]) ** 2), v),
    "shapes": (lambda np, x: np.sum(np.reshape(x, (4, 3)).T[::-1] * np.swapaxes(x, 0, 1).reshape(3, 4)), x),
    "tile, roll, repeat": (
        lambda np, v: np.sum(np.tile(v, 2) ** 3) + np.sum(np.roll(v, 1) * v * np.repeat(v, 1)),
        v,
    ),
    "products": (lambda np, x: np.sum(np.dot(x, x.T) @ x) + np.sum(np.outer(x[0], x[1])), x),
    "einsum": (lambda np, x: np.sum(np.einsum("ij,kj->ik", x, x) ** 2), x),
    "tensordot": (lambda np, x: np.sum(np.tensordot(x, x, [0, 0]) ** 2), x),
    "inverse": (lambda np, a: np.sum(np.linalg.inv(a) ** 2), a),
    "determinant": (lambda np, a: np.log(np.abs(np.linalg.det(a))), a),
    "solve": (lambda np, a: np.sum(np.linalg.solve(a, np.ones(4)) ** 2), a),
    "eigenvalues": (lambda np, a: np.linalg.eigh(a @ a.T)[0][0], a),
    "cholesky": (lambda np, a: np.sum(np.linalg.cholesky(a @ a.T)), a),
    "singular values": (lambda np, x: np.sum(np.linalg.svd(x, compute_uv=False) ** 1.5), x),
    "norm": (lambda np, x: np.linalg.norm(x) + np.sum(np.linalg.norm(x, axis=1)), x),
    "sort": (lambda np, v: np.sum(np.sort(v) * np.arange(5)), v),
    "trace and diag": (lambda np, a: np.trace(a @ a) + np.sum(np.diag(a) ** 2), a),
    "pad": (lambda np, x: np.sum(np.pad(x, 1, "constant") ** 3), x),
    "loop and branch": (lambda np, v: sum(np.sin(c) if c > 0 else c**2 for c in v), v),
}


@pytest.mark.parametrize(("f", "at"), FUNCTIONS.values(), ids=FUNCTIONS)
def test_gradient(f, at):
    ours = nnlib.grad(lambda x: f(np, x))(at)
    theirs = autograd.grad(lambda x: f(anp, x))(at)
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("f", "at"), FUNCTIONS.values(), ids=FUNCTIONS)
def test_hessian_vector_product(f, at):
    if f in [FUNCTIONS[k][0] for k in ("extremes", "sort", "singular values", "eigenvalues", "cholesky")]:
        pytest.skip("autograd has no second derivative of this one")
    direction = np.random.default_rng(1).normal(size=at.shape)
    ours = nnlib.hvp(lambda x: f(np, x), at, direction)
    theirs = autograd.hessian_vector_product(lambda x: f(anp, x))(at, direction)
    np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-9)
