"""Where to try every row of the table.  `test_table.py` fails for a row that has no sample here.

A sample is a function of arrays and the arrays themselves, away from kinks and ties.
"""

import numpy as np

from nnlib import heaviside, leaky_relu, losses, softmax, tanh
from nnlib.autodiff import TABLE
from nnlib.slopes import FUSED

slide = np.lib.stride_tricks.sliding_window_view


def points(*shape, low=-2.0, high=2.0, seed=0):
    """Different numbers between low and high, in random order: no ties, and none is 0."""
    n = int(np.prod(shape))
    numbers = low + (high - low) * (np.arange(n) + 0.37 + 0.2 * (seed % 3)) / n
    return np.random.default_rng([seed, n]).permutation(numbers).reshape(shape)


def positive(*shape, seed=0):
    return points(*shape, low=0.3, high=2.0, seed=seed)


def square(n=3, batch=(), seed=0):
    """Well-conditioned matrices."""
    return points(*batch, n, n, seed=seed) + 4.0 * np.eye(n)


def symmetric(n=3, seed=0):
    a = points(n, n, seed=seed)
    return a @ a.T + np.diag(np.arange(1.0, n + 1))


x3, y3, x34, y34, x234 = points(3), points(3, seed=1), points(3, 4), points(3, 4, seed=1), points(2, 3, 4)
p34, q34 = positive(3, 4), positive(3, 4, seed=1)
zero34 = x34 * (np.arange(12).reshape(3, 4) != 5)
two_zeros = x34 * (np.arange(12).reshape(3, 4) % 7 != 2)
picks = np.array([2, 0, 2])
mask = x34 > 0

SAMPLES = {}


def rows(key, *samples):
    SAMPLES.setdefault(key, []).extend(samples)


# Elementwise, one argument: between which numbers
UNARY = {
    np.negative: (-2, 2), np.positive: (-2, 2), np.square: (-2, 2), np.reciprocal: (0.3, 2),
    np.absolute: (-2, 2), np.fabs: (-2, 2), np.sqrt: (0.3, 2), np.cbrt: (0.3, 2),
    np.exp: (-2, 2), np.exp2: (-2, 2), np.expm1: (-2, 2), np.log: (0.3, 2), np.log2: (0.3, 2),
    np.log10: (0.3, 2), np.log1p: (-0.5, 2), np.sin: (-2, 2), np.cos: (-2, 2), np.tan: (-1, 1),
    np.arcsin: (-0.9, 0.9), np.arccos: (-0.9, 0.9), np.arctan: (-2, 2), np.deg2rad: (-90, 90),
    np.radians: (-90, 90), np.rad2deg: (-2, 2), np.degrees: (-2, 2), np.sinh: (-2, 2), np.cosh: (-2, 2),
    np.tanh: (-2, 2), np.arcsinh: (-2, 2), np.arccosh: (1.3, 3), np.arctanh: (-0.9, 0.9), np.sinc: (-2, 2),
}  # fmt: skip
for f, (low, high) in UNARY.items():
    rows(f, (f, points(3, 4, low=low, high=high)), (f, points(low=low, high=high)[()]))
rows(np.sinc, (np.sinc, points(5, low=-0.009, high=0.009)))
rows("slope of tanh", (TABLE["slope of tanh"], x34, y34))

# Elementwise, two arguments: f(x, y), f(x, constant), f(constant, y)
BINARY = {
    np.add: (x34, y34), np.subtract: (x34, y34), np.multiply: (x34, y34), np.divide: (x34, q34),
    np.remainder: (x34, q34 + 0.5), np.fmod: (x34, q34 + 0.5), np.power: (p34, y34),
    np.float_power: (p34, y34),
    np.hypot: (x34, y34), np.logaddexp: (x34, y34), np.logaddexp2: (x34, y34), np.arctan2: (x34, y34),
    np.maximum: (x34, y34), np.minimum: (x34, y34), np.fmax: (x34, y34), np.fmin: (x34, y34),
}  # fmt: skip
for f, (x, y) in BINARY.items():
    rows(
        f,
        (f, x, y),
        (lambda x, f=f, y=y: f(x, y), x),
        (lambda y, f=f, x=x: f(x, y), y),
        (f, x, y[0]),
        (f, x[:, :1], y),
        (f, x[0, 0], y),
        (f, x[0, 0], y[0, 0]),
    )
rows(np.power, *((lambda x, n=n: x**n, x34) for n in (0, 1, 2, 3, -1, 2.0, 0.0)), (lambda x: x**0.5, p34))

rows(np.logaddexp, (lambda x: np.logaddexp(x, x), x34), (lambda x: np.logaddexp(x, x3[0]), x3))

# Selection
rows(np.where, (lambda x, y: np.where(mask, x, y), x34, y34), (lambda x: np.where(x > 0, x, 0.0), x34))
rows(np.where, (lambda x: np.where(x[:, :1] > 0, 1.0, x[0]), x34), (lambda x: np.where(x > 0, x, 2.0), x3[0]))
rows("where of three", (lambda x, y: TABLE["where of three"](mask, x, y), x34, y34[0]))
rows("clip between two bounds", (lambda x: np.clip(x, -1.1, 1.2), x34))
rows(
    np.clip,
    (lambda x: np.clip(x, -1.1, 1.2), x34),
    (lambda x: np.clip(x, None, 1.2), x34),
    (lambda x: x.clip(min=-1.1), x34),
    (lambda x, low, high: np.clip(x, low, high), x34, np.array([-1.1, -0.2, -1.5, 0.1]), np.array(0.95)),
)
if hasattr(np, "unstack"):  # NumPy 2.1
    rows(np.clip, (lambda x: np.clip(x, min=-1.1, max=0.9), x34))
rows(np.select, (lambda x, y: np.select([x > 1, y > 0], [x * y, x]), x34, y34))
rows(np.select, (lambda x: np.select([x > 1, x < 0], [x, x**2], default=x[0, 0]), x34))
rows(np.heaviside, (lambda y: np.heaviside(np.array([-1.0, 0.0, 2.0]), y), y3))
rows(
    np.nan_to_num,
    (lambda x: np.nan_to_num(np.where(x > 0, x, np.nan), nan=2.0), x34),
    (lambda x: np.nan_to_num(np.where(x > 0, x, np.nan)), x34),
)
rows(np.full_like, (lambda x: np.full_like(x, x[0]), x3))

# Shapes
rows("reshape", (lambda x: TABLE["reshape"](x, (4, 3)), x34))
rows(
    np.reshape,
    (lambda x: np.reshape(x, (4, 3)), x34),
    (lambda x: x.reshape(2, -1), x34),
    (lambda x: x.reshape((6, 2)), x34),
)
rows(np.ravel, (np.ravel, x34), (lambda x: x.ravel(), x234), (lambda x: x.flatten(), x34))
rows(np.transpose, (np.transpose, x34), (lambda x: np.transpose(x, (1, -1, 0)), x234), (lambda x: x.T, x234))
rows(np.transpose, (lambda x: x.transpose(2, 0, 1), x234), (lambda x: x.transpose((1, 0, 2)), x234))
rows(np.transpose, (lambda x: x.transpose(), x234))
rows(np.permute_dims, (lambda x: np.permute_dims(x, (2, 0, 1)), x234))
rows("x.T", (lambda x: x.T, x34))
rows(np.swapaxes, (lambda x: np.swapaxes(x, 0, 2), x234), (lambda x: x.swapaxes(-1, 1), x234))
rows(np.moveaxis, (lambda x: np.moveaxis(x, 0, -1), x234), (lambda x: np.moveaxis(x, (0, 1), (1, 2)), x234))
rows(
    np.rollaxis, *((lambda x, a=a, b=b: np.rollaxis(x, a, b), x234) for a in (0, 1, 2, -1) for b in (0, 2, 3))
)
rows(np.matrix_transpose, (np.matrix_transpose, x234), (lambda x: x.mT, x234))
rows(np.linalg.matrix_transpose, (np.linalg.matrix_transpose, x234))
rows(np.expand_dims, (lambda x: np.expand_dims(x, 1), x34), (lambda x: np.expand_dims(x, (0, -1)), x34))
rows(np.squeeze, (np.squeeze, points(1, 3, 1)), (lambda x: x.squeeze(0), points(1, 3, 1)))
for f in (np.atleast_1d, np.atleast_2d, np.atleast_3d):
    rows(f, (f, x3), (f, x34), (f, x3[0]), (lambda x, y, f=f: f(x, y), x3, y34))
rows(
    np.broadcast_to,
    (lambda x: np.broadcast_to(x, (3, 4)), x34[0]),
    (lambda x: np.broadcast_to(x, (2, 3, 4)), x34[:, :1]),
)
rows(np.broadcast_arrays, (lambda x, y: np.broadcast_arrays(x, y), x34, y34[:, :1]))
rows(
    np.meshgrid,
    (lambda x, y: np.meshgrid(x, y), x3, x34[0]),
    (lambda x, y: np.meshgrid(x, y, indexing="ij"), x3, x34[0]),
)
rows(np.meshgrid, (lambda x, y: np.meshgrid(x, y, sparse=True), x3, x34[0]), (np.meshgrid, x3))
rows("astype", (lambda x: x.astype(float), x34))
if hasattr(np, "astype"):
    rows(np.astype, (lambda x: np.astype(x, np.float64), x34))
rows(np.copy, (np.copy, x34), (lambda x: x.copy(), x34))
rows(np.real, (np.real, x34))
rows(np.real_if_close, (np.real_if_close, x34))

# What moves or repeats elements
rows(np.roll, (lambda x: np.roll(x, 2), x34), (lambda x: np.roll(x, (1, -1), (0, 1)), x34))
rows(np.flip, (np.flip, x34), (lambda x: np.flip(x, 1), x34))
rows(np.flipud, (np.flipud, x34))
rows(np.fliplr, (np.fliplr, x34))
rows(np.rot90, (np.rot90, x34), (lambda x: np.rot90(x, 2), x34))
rows(np.tile, (lambda x: np.tile(x, 3), x3), (lambda x: np.tile(x, (2, 2)), x34))
rows(np.repeat, (lambda x: np.repeat(x, 3), x34), (lambda x: x.repeat([1, 0, 2], axis=0), x34))
rows(np.resize, (lambda x: np.resize(x, (5, 3)), x34))
rows(
    np.diagonal, (np.diagonal, x34), (lambda x: x.diagonal(1), x34), (lambda x: np.diagonal(x, 0, 0, 2), x234)
)
rows(np.linalg.diagonal, (np.linalg.diagonal, x234))
rows(
    slide,
    (lambda x: slide(x, 2), x3),
    (lambda x: slide(x, (2, 3)), x34),
    (lambda x: slide(x, 2, axis=1), x34),
)
rows(np.tril, (np.tril, x34), (lambda x: np.tril(x, 1), x234))
rows(np.triu, (np.triu, x34), (lambda x: np.triu(x, -1), x234))
rows(np.diag, (np.diag, x3), (np.diag, x34), (lambda x: np.diag(x, 1), x3), (lambda x: np.diag(x, -2), x3))
rows(np.diagflat, (np.diagflat, x34))
rows(np.trace, (np.trace, x34), (lambda x: x.trace(1), x34), (lambda x: np.trace(x, 0, 1, 2), x234))
rows(np.linalg.trace, (np.linalg.trace, x234), (lambda x: np.linalg.trace(x, offset=-1), x234))
rows(
    np.pad,
    (lambda x: np.pad(x, 2), x34),
    (lambda x: np.pad(x, ((0, 1), (2, 0)), constant_values=3.0), x34),
    *(
        (lambda x, mode=mode: np.pad(x, ((1, 2), (2, 0)), mode), x34)
        for mode in ("edge", "wrap", "reflect", "symmetric")
    ),
)

# Positions
rows("scatter", (lambda g: TABLE["scatter"](g, picks, (4,), g.dtype), x3))
rows("scatter", (lambda g: TABLE["scatter"](g, slice(1, 4), (5,), g.dtype), x3))
rows(
    "pick",
    (lambda x: x[1], x34),
    (lambda x: x[1, 2], x34),
    (lambda x: x[1:, ::-2], x34),
    (lambda x: x[..., None, 1], x34),
    (lambda x: x[picks], x34),
    (lambda x: x[[0, 0, 1]], x34),
    (lambda x: x[picks, 1], x34),
    (lambda x: x[picks, [0, 1, 0]], x34),
    (lambda x: x[mask], x34),
    (lambda x: x[mask[:, 0], 1:], x34),
    (lambda x: x[x > 0], x34),
    (lambda x: x[np.array(1)], x34),
    (lambda x: sum(x[i] * x[i + 1 :].sum() for i in range(3)), x34[0]),
    (lambda x: x[1:] * x[:-1] + x[0] + x[picks] [:2], x34),
    (lambda x: [row * 2.0 for row in x], x34),
)  # fmt: skip
rows(
    np.take,
    (lambda x: np.take(x, picks, 1), x34),
    (lambda x: x.take(picks), x34),
    (lambda x: np.take(x, 2), x34),
)
rows(np.take_along_axis, (lambda x: np.take_along_axis(x, np.argsort(x, 0), 0), x34))
rows(np.take_along_axis, (lambda x: np.take_along_axis(x, np.array([[1], [0], [1]]), 1), x34))
rows(np.take_along_axis, (lambda x: np.take_along_axis(x, picks, None), x34))
rows(np.compress, (lambda x: np.compress([True, False, True], x, axis=0), x34))
rows(np.extract, (lambda x: np.extract(mask, x), x34))

# Joining and cutting
rows("join", (lambda x, y: TABLE["join"](x, y, axis=-1), x34, y34))
for f in (np.concatenate, np.concat):
    rows(
        f,
        (lambda x, y, f=f: f([x, y, x * y]), x34, y34),
        (lambda x, y, f=f: f((x, y), axis=1), x34, x3[:, None]),
    )
rows(
    np.concatenate,
    (lambda x, y: np.concatenate([x, y], None), x34, y3),
    (lambda x: np.concatenate([y34, x]), x34),
)
rows(
    np.stack,
    (lambda x, y: np.stack([x, y, np.ones(3)]), x3, y3),
    (lambda x, y: np.stack((x, y), -1), x34, y34),
)
rows(np.stack, (lambda x: np.stack([x[0], x[1] * x[2]]), x3))
rows(np.vstack, (lambda x, y: np.vstack([x, y]), x3, y3), (lambda x, y: np.vstack([x, y]), x34, y34))
rows(np.hstack, (lambda x, y: np.hstack([x, y]), x3, y3), (lambda x, y: np.hstack([x, y]), x34, y34))
rows(np.dstack, (lambda x, y: np.dstack([x, y]), x3, y3), (lambda x, y: np.dstack([x, y]), x34, y34))
rows(
    np.column_stack,
    (lambda x, y: np.column_stack([x, y]), x3, y3),
    (lambda x, y: np.column_stack([x, y]), x34, y3),
)
rows(np.append, (lambda x, y: np.append(x, y), x34, y3), (lambda x, y: np.append(x, y, axis=0), x34, y34))
rows(np.block, (lambda x, y: np.block([[x, y], [y, x]]), x34, y34), (lambda x, y: np.block([x, y]), x3, y3))
rows(np.block, (np.block, x3))
for f in (np.split, np.array_split):
    rows(
        f,
        (lambda x, f=f: f(x, 3), x34),
        (lambda x, f=f: f(x, [1, 3], axis=1), x34),
        (lambda x, f=f: f(x, 2, -1), x34),
    )
rows(np.array_split, (lambda x: np.array_split(x, 2), x34))
rows(np.vsplit, (lambda x: np.vsplit(x, 3), x34))
rows(np.hsplit, (lambda x: np.hsplit(x, 2), x34), (lambda x: np.hsplit(x, 3), x3))
rows(np.dsplit, (lambda x: np.dsplit(x, 2), x234))
if hasattr(np, "unstack"):
    rows(np.unstack, (np.unstack, x34), (lambda x: np.unstack(x, axis=1), x34))

# Reductions: over all, over axes, with axes kept
AXES = (
    {}, {"axis": 0}, {"axis": -1, "keepdims": True}, {"axis": (0, 2)}, {"axis": (1, -1), "keepdims": True},
    {"keepdims": True}, {"axis": 1},
)  # fmt: skip
for f in (np.sum, np.mean, np.max, np.amax, np.min, np.amin, np.prod, np.var, np.std, np.nansum,
          np.nanprod, np.nanmax,
          np.nanmin, np.nanmean):  # fmt: skip
    rows(
        f,
        *((lambda x, f=f, kw=kw: f(x, **kw), x234) for kw in AXES),
        (f, x3[0]) if f is not np.std else (f, x3),
    )
for name in ("sum", "mean", "max", "min", "prod", "var", "std"):
    rows(getattr(np, name), (lambda x, name=name: getattr(x, name)(axis=1, keepdims=True), x34))
rows("sum over axes", (TABLE["sum over axes"], x34))
rows("mean over axes", (TABLE["mean over axes"], x34))
rows("max over axes", (TABLE["max over axes"], x34))
rows("min over axes", (TABLE["min over axes"], x34))
rows("product over axes", (TABLE["product over axes"], x34))
for x in (zero34, two_zeros):
    rows(
        np.prod,
        *((lambda x, kw=kw: np.prod(x, **kw), x) for kw in AXES if kw.get("axis") not in ((0, 2), (1, -1))),
    )
rows(np.prod, (np.prod, np.float64(0.0)), (lambda x: np.prod(x, axis=(0, 2)), x234 * (x234 != x234[0, 0, 0])))
rows(np.var, (lambda x: np.var(x, ddof=1), x34), (lambda x: x.var(axis=0, ddof=1), x34))
rows(np.std, (lambda x: np.std(x, 0, ddof=1), x34))
for f in (np.nansum, np.nanmean, np.nanmax, np.nanmin, np.nanprod):
    rows(f, (lambda x, f=f: f(np.where(mask, x, np.nan), axis=0), np.abs(x34) + 0.1))
for u in (np.add, np.multiply, np.maximum, np.minimum, np.logaddexp):
    rows(
        (u, "reduce"),
        *(
            (lambda x, u=u, kw=kw: u.reduce(x, **kw), x34)
            for kw in AXES
            if "axis" in kw and type(kw["axis"]) is int
        ),
    )
    rows((u, "reduce"), (u.reduce, x3))
rows(
    (np.logaddexp, "reduce"),
    (lambda x: np.logaddexp.reduce(x + 1e3, axis=0), x34),
    (lambda x: np.logaddexp.reduce(x, axis=1), x34[:1]),
)
rows(np.ptp, (np.ptp, x34), (lambda x: np.ptp(x, axis=0, keepdims=True), x34))
rows(
    np.average,
    (np.average, x34),
    (lambda x, w: np.average(x, weights=w), x34, q34),
    (lambda x, w: np.average(x, axis=0, weights=w), x34, positive(3)),
    (lambda x, w: np.average(x, axis=1, weights=w), x34, positive(4)),
    (lambda x, w: np.average(x, axis=-1, weights=w), x34, positive(4)),
    (lambda x: np.average(x, axis=1), x34),
)
rows(np.cumsum, (np.cumsum, x34), (lambda x: x.cumsum(axis=1), x34), (lambda x: np.cumsum(x, 0), x34))
rows(np.cumprod, *((lambda x, a=a: np.cumprod(x, a), x) for a in (None, 0, 1) for x in (x34, zero34)))
rows((np.add, "accumulate"), (np.add.accumulate, x34))
rows((np.multiply, "accumulate"), (lambda x: np.multiply.accumulate(x, 1), zero34))
rows(np.diff, (np.diff, x34), (lambda x: np.diff(x, 2, axis=0), x34))
rows(
    np.gradient,
    (np.gradient, x34),
    (lambda x: np.gradient(x, axis=1), x34),
    (lambda x: np.gradient(x, 0.5), x3),
)
rows(np.gradient, (lambda x: np.gradient(x, 0.5, 2.0), x34))
rows(
    np.trapezoid,
    (np.trapezoid, x34),
    (lambda y, x: np.trapezoid(y, x), x3, y3),
    (lambda y: np.trapezoid(y, dx=0.5, axis=0), x34),
)
rows(
    np.trapezoid,
    (lambda y, x: np.trapezoid(y, x, axis=0), x34, y34),
    (lambda y, x: np.trapezoid(y, x, axis=0), x34, y3),
    (lambda y, x: np.trapezoid(y, x), x34, points(4)),
)
rows(
    np.linspace,
    (lambda a, b: np.linspace(a, b, 5), x3[0], y3[0]),
    (lambda a, b: np.linspace(a, b, 4), x3, y3),
)
rows(np.linspace, (lambda a, b: np.linspace(a, b, 5, endpoint=False), x3[0], y3[0]))
rows(np.polyval, (np.polyval, y3, x34), (lambda p: np.polyval(p, 0.7), y3))

rows(np.diff, (np.diff, x234))
rows(np.linspace, (np.linspace, x3[0], y3[0]))
rows((np.multiply, "accumulate"), (np.multiply.accumulate, zero34))
rows(np.gradient, (lambda x: np.gradient(x, 0.5), x34))

# Order
rows(np.sort, (np.sort, x34), (lambda x: np.sort(x, axis=0), x34), (lambda x: np.sort(x, axis=None), x34))
rows(np.partition, (lambda x: np.sum(np.partition(x, 2)[..., :2], axis=-1), x34))
rows(
    np.quantile,
    (lambda x: np.quantile(x, 0.3), x34),
    (lambda x: np.quantile(x, [0.1, 0.77, 1.0], axis=1), x34),
)
rows(
    np.quantile,
    (lambda x: np.quantile(x, 0.3, axis=-1, keepdims=True), x34),
    (lambda q: np.quantile(y34 * q, q), np.float64(0.4)),
)
rows(np.percentile, (lambda x: np.percentile(x, 30, axis=0), x34), (lambda x: np.percentile(x, [5, 95]), x34))
rows(
    np.median,
    (np.median, x34),
    (lambda x: np.median(x, axis=0), x34),
    (lambda x: np.median(x, axis=1, keepdims=True), x34),
)

rows(np.sort, (np.sort, x234))
rows(np.partition, (lambda x: np.sum(np.partition(x, 1)[..., :1]), x234))
rows(np.rollaxis, (lambda x: np.rollaxis(x, 2), x234))
rows(np.meshgrid, (np.meshgrid, x3, x34[0], y3[:2]))
rows(np.take_along_axis, (lambda x: TABLE[np.take_along_axis](x, np.argsort(x34, -1)), x34))

# Products: vectors, matrices, stacks
SHAPES = (
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((2, 2, 3), (3, 4)), ((2, 3), (2, 3, 4)),
    ((2, 1, 2, 3), (3, 3, 4)), ((3,), (2, 3, 4)), ((2, 4, 3), (3,)),
)  # fmt: skip
for f in (np.matmul, np.linalg.matmul):
    rows(
        f, *((f, points(*s), points(*t, seed=1)) for s, t in SHAPES if f is np.matmul or len(s) > 1 < len(t))
    )
rows(np.matmul, (lambda x: np.ones((2, 3)) @ x, x34), (lambda x: x @ np.ones((4, 2)), x34))
rows(np.dot, *((np.dot, points(*s), points(*t, seed=1)) for s, t in SHAPES if len(s) < 4))
rows(
    np.dot,
    (np.dot, x34, y3[0]),
    (np.dot, x3[0], y3[0]),
    (lambda x: x.dot(x.T), x34),
    (np.dot, x3, x34[:, :2]),
)
rows(
    np.tensordot,
    (np.tensordot, x34, y34),
    (lambda x, y: np.tensordot(x, y, 1), x34, y34.T),
    (lambda x, y: np.tensordot(x, y, 0), x34, y3),
    (lambda x, y: np.tensordot(x, y, ([0, 2], [1, 0])), x234, points(4, 2, 5)),
    (lambda x, y: np.tensordot(x, y, (-1, -1)), x34, y34),
)
rows(np.linalg.tensordot, (lambda x, y: np.linalg.tensordot(x, y, axes=1), x34, y34.T))
rows(np.inner, (np.inner, x3, y3), (np.inner, x34, y34), (np.inner, x34, y3[0]))
rows(np.vdot, (np.vdot, x34, y34))
rows(np.vecdot, (np.vecdot, x34, y34), (lambda x, y: np.vecdot(x, y), x34, y34[0]))
rows(np.linalg.vecdot, (lambda x, y: np.linalg.vecdot(x, y, axis=0), x34, y34))
if hasattr(np, "matvec"):
    rows(np.matvec, (np.matvec, x34, y34[0]))
    rows(np.vecmat, (np.vecmat, y3, x34))
rows(np.outer, (np.outer, x3, x34[0]))
rows(np.linalg.outer, (np.linalg.outer, x3, x34[0]))
for u, y in (
    (np.add, y3),
    (np.subtract, y3),
    (np.multiply, y3),
    (np.divide, positive(3)),
    (np.power, y3),
    (np.maximum, y3),
    (np.minimum, y3),
):
    rows((u, "outer"), (u.outer, p34, y))
rows(np.kron, (np.kron, x34, points(2, 2)), (np.kron, x3, x34))
rows(np.cross, (np.cross, x3, y3), (lambda x, y: np.cross(x, y, axis=0), x34, y34))
rows(np.linalg.cross, (np.linalg.cross, x3, y3))
for mode in ("full", "same", "valid"):
    for f in (np.convolve, np.correlate):
        rows(f, (lambda a, v, f=f, mode=mode: f(a, v, mode), points(5), y3))
        rows(f, (lambda a, v, f=f, mode=mode: f(a, v, mode), y3, points(6)))
        rows(f, (lambda a, v, f=f, mode=mode: f(a, v, mode), points(2), points(4)))
rows(
    np.linalg.matrix_power,
    *((lambda a, n=n: np.linalg.matrix_power(a, n), square()) for n in (-2, 0, 1, 2, 5)),
)
rows(np.linalg.multi_dot, (lambda x, y: np.linalg.multi_dot([x, y.T, x]), x34, y34))

EINSUMS = (
    ("i,i->", x3, y3), ("i,j->ij", x3, y3), ("ij->ji", x34), ("ij->", x34), ("ij->j", x34),
    ("ii->i", square()),
    ("ii", square()), ("ij,jk->ik", x34, y34.T), ("ij,jk", x34, y34.T),
    ("bij,bjk->bik", x234, x234.transpose(0, 2, 1)),
    ("...ij,...jk->...ik", x234, y34.T), ("i...->...", x34), ("ij,ij->i", x34, y34), ("ij,kj->", x34, y34),
    ("ij,jk,kl->il", x34, y34.T, x34), ("iij,j->i", points(3, 3, 4), y34[0]), ("ij,ij->ij", x34, y34[:, :1]),
    ("i...,i...", x34, y34), ("bija,bkja->bik", points(2, 3, 2, 2), points(2, 2, 2, 2)),
)  # fmt: skip
rows(np.einsum, *((lambda *xs, s=s: np.einsum(s, *xs), *xs) for s, *xs in EINSUMS))
rows(np.einsum, (lambda x, y: np.einsum(x, [0, 1], y, [1, 2], [0, 2]), x34, y34.T))
rows(
    np.einsum,
    (lambda x, y: np.einsum(x, [0, 1], y, [1, 2]), x34, y34.T),
    (lambda x: np.einsum(x, [..., 0], [0, ...]), x34),
)
rows(np.einsum, (lambda x: np.einsum("ij,j->i", x, [1.0, 2.0, 3.0, 4.0], optimize=True), x34))
rows(
    "einsum of distinct letters",
    (lambda x, y: TABLE["einsum of distinct letters"](x, y, ins=("ij", "j"), out="i"), x34, y34[0]),
)

rows(np.einsum, *((lambda x: np.einsum("ij->j", x), points(n, 3)) for n in (1, 2)))
rows(np.vecdot, (np.vecdot, x234, points(2, 3, 4, seed=1)))
rows(np.inner, (np.inner, x234, points(5, 4)))
rows(np.linalg.matrix_power, (lambda a: np.linalg.matrix_power(a, 3), square(batch=(2,))))

# Linear algebra
la = np.linalg
rows(la.inv, (la.inv, square()), (la.inv, square(batch=(2,))))
rows(la.det, (la.det, square()), (la.det, square(batch=(2,))))
rows(
    la.slogdet,
    (lambda a: la.slogdet(a)[1], square()),
    (lambda a: la.slogdet(a).logabsdet if False else la.slogdet(a)[1], square(batch=(2,))),
)
rows("log of |det|", (TABLE["log of |det|"], square()))
rows(
    la.solve,
    (la.solve, square(), y3),
    (la.solve, square(), x34),
    (la.solve, square(batch=(2,)), x34),
    (la.solve, square(batch=(2,)), y3),
    (la.solve, square(), x234),
    (lambda b: la.solve(square(), b), y3),
    (lambda b: la.solve(square(batch=(2,)), b), y3),
    (lambda a: la.solve(a, x34), square()),
)
rows(la.cholesky, (lambda a: la.cholesky(a + a.T), symmetric()), (lambda a: la.cholesky(a @ a.T), square()))
rows(la.eigh, (lambda a: la.eigh(a)[0], symmetric()), (lambda a: la.eigh(a + a.T)[1] ** 2, symmetric()))
rows(
    la.eigh,
    (lambda a: la.eigh(a, "U")[0], symmetric()),
    (lambda a: la.eigh(np.stack([a, 2.0 * a]))[0], symmetric()),
)
rows(la.eigvalsh, (la.eigvalsh, symmetric()), (lambda a: la.eigvalsh(a, UPLO="U"), symmetric()))
rows("eigenvalues and -vectors", (lambda a: TABLE["eigenvalues and -vectors"](a, UPLO="L")[:3], symmetric()))
rows(
    la.svd,
    (lambda a: la.svd(a, compute_uv=False), x34),
    (lambda a: la.svd(a, full_matrices=False)[0] ** 2, x34),
)
rows(
    la.svd,
    (lambda a: la.svd(a, full_matrices=False)[0] ** 2, x34.T),
    (lambda a: la.svd(a, full_matrices=False)[2] ** 2, x34),
)
rows(la.svd, (lambda a: la.svd(a)[2] ** 2, square()), (lambda a: la.svd(a, full_matrices=False)[1], x234))
rows(la.svdvals, (la.svdvals, x34))
rows("singular values and vectors", (lambda a: TABLE["singular values and vectors"](a) ** 2, x34))
rows(la.pinv, (la.pinv, x34), (la.pinv, x34.T), (la.pinv, square()))
rows(
    la.norm,
    (la.norm, x3),
    (la.norm, x34),
    (la.norm, x234),
    (lambda x: la.norm(x, axis=1), x34),
    (lambda x: la.norm(x, axis=1, keepdims=True), x34),
    (lambda x: la.norm(x, axis=(0, 1)), x34),
    (lambda x: la.norm(x, axis=(0, -1), keepdims=True), x234),
    (lambda x: la.norm(x, keepdims=True), x34),
    *((lambda x, p=p: la.norm(x, p), x3) for p in (1, 2, 3, 1.5, -1, np.inf, -np.inf)),
    *((lambda x, p=p: la.norm(x, p, axis=0), x34) for p in (1, 2, 3, np.inf)),
    *((lambda x, p=p: la.norm(x, p), x34) for p in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)),
    (lambda x: la.norm(x, "nuc", axis=(0, 2)), x234),
)
rows(la.vector_norm, (la.vector_norm, x34), (lambda x: la.vector_norm(x, axis=0, ord=3), x34))
rows(la.vector_norm, (lambda x: la.vector_norm(x, keepdims=True), x34))
rows(la.matrix_norm, (la.matrix_norm, x234), (lambda x: la.matrix_norm(x, keepdims=True, ord=1), x234))

# What networks are made of
for f in FUSED:
    rows(f, (f, x34), (f, x3[0]))
rows(softmax, (softmax, x34), (softmax, x3), (softmax, x234))
rows(leaky_relu, (leaky_relu, x34), (lambda x: leaky_relu(x, slope=0.3), x34))
leaky = TABLE["leaky_relu of x and slope"]
rows("leaky_relu of x and slope", (leaky, x34, np.float64(0.3)), (leaky, x34, positive(4)))
for f in FUSED.values():
    for x in (x3, x34.T, points(2, 2, 3)):
        rows(
            "dense layer",
            (lambda x, W, b, f=f: TABLE["dense layer"](x, W, b, f), x, y34.T, points(4, seed=2)),
        )
rows("dense layer", (lambda b: TABLE["dense layer"](x34.T, y34.T, b, FUSED[tanh]), points(4, seed=2)))
half_square, softmax_loss = TABLE[losses._half_square_of], TABLE[losses._softmax_loss_of]
rows(losses._half_square_of, (lambda out: half_square(y34, out), x34))
for y in (np.eye(4)[:3], q34):
    rows(losses._softmax_loss_of, (lambda z, y=y: softmax_loss(y, z), x34))
rows(losses._softmax_loss_of, (lambda z: softmax_loss(np.eye(3)[1], z), x3))

rows(la.cholesky, (lambda a: la.cholesky(np.stack([a, 2.0 * a]) @ a.T), square()))
rows(
    la.matrix_norm,
    (lambda x: la.matrix_norm(x, ord=np.inf), x234),
    (lambda x: la.matrix_norm(x, ord=-2), x234),
)

# Step functions and questions: a call, and the traced argument
# One number for all of a matrix, a start counted from the end, the sign of a determinant
rows(np.multiply, (np.multiply, x34, y3[:1]))
rows(np.rollaxis, (lambda x: np.rollaxis(x, 0, -1), x234))
rows(np.linalg.slogdet, (lambda a: a * np.linalg.slogdet(a)[0], square()))

# A number or a smaller array on the left
rows(np.dot, (np.dot, points(1)[0], x3))
rows(np.inner, (np.inner, points(1)[0], x3), (np.inner, x34, x234))
rows(np.kron, (np.kron, x34, x3))

CONSTANT = {
    heaviside: (heaviside, x34),
    **{f: (f, x34) for f in (
        np.floor, np.ceil, np.rint, np.round, np.around, np.trunc, np.fix, np.sign, np.any, np.all,
        np.isfinite, np.isnan,
        np.isinf, np.isposinf, np.isneginf, np.signbit, np.isreal, np.iscomplex, np.isrealobj,
        np.iscomplexobj, np.logical_not,
        np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.nonzero, np.flatnonzero, np.argwhere,
        np.count_nonzero, np.shape, np.ndim, np.size, np.result_type, np.zeros_like, np.ones_like,
        np.array_repr, np.array_str, np.array2string, np.lexsort)},
    **{f: (lambda x, f=f: f(x, 0.5), x34) for f in (
        np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal,
        np.logical_and, np.logical_or,
        np.logical_xor, np.floor_divide, np.allclose, np.isclose, np.array_equal, np.array_equiv)},
    np.argpartition: (lambda x: np.argpartition(x, 1), x34),
    np.searchsorted: (lambda x: np.searchsorted(np.array([-1.0, 0.0, 1.0]), x), x34),
    np.digitize: (lambda x: np.digitize(x, [-1.0, 0.0, 1.0]), x34),
    np.can_cast: (lambda x: np.can_cast(np.float32, np.result_type(x)), x34),
    np.min_scalar_type: (lambda x: np.min_scalar_type(x), x3[0]),
    np.empty_like: (lambda x: np.empty_like(x).shape, x34),
}  # fmt: skip
