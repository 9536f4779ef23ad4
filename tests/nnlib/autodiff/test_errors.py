"""What can't be differentiated says so, and says what to write instead."""

import math

import numpy as np
import pytest

from nnlib.autodiff import TABLE, grad, jacobian, jvp, vjp

x3 = np.array([1.0, 2.0, 3.0])
eye = np.eye(3)


def assign(x):
    x[0] = 1.0
    return np.sum(x)


def assign_into_zeros(x):
    z = np.zeros(3)
    z[0] = x[0]
    return z.sum()


def add_into_zeros(x):
    z = np.zeros(3)
    z += x
    return z.sum()


WRONG = {
    "assignment": (assign, r"x\[i\] = v changes a traced array in place.*write np.where\(mask, v, x\)"),
    "assignment into zeros": (assign_into_zeros, r"z\[i\] = x .* lose the derivative.*build z with np.stack"),
    "augmented assignment into zeros": (
        add_into_zeros,
        r"np.add writes into an array in place.*write z = z \+ x",
    ),
    "out=": (lambda x: np.exp(x, out=np.zeros(3)).sum(), r"np.exp writes into an array in place"),
    "ufunc.at": (lambda x: np.add.at(np.zeros(3), [0], x[:1]), r"np.add writes into an array in place"),
    "dtype=": (
        lambda x: np.add(x, x, dtype=np.float32).sum(),
        r"np.add has no derivative with the argument 'dtype'.*astype",
    ),
    "where=": (
        lambda x: np.add(x, x, where=x > 0).sum(),
        r"np.add has no derivative with the argument 'where'.*np.where",
    ),
    "np.array": (lambda x: np.array([x[0], x[1]]).sum(), r"build arrays with np.stack"),
    "np.asarray": (lambda x: np.asarray(x).sum(), r"build arrays with np.stack"),
    "mean of a list": (
        lambda x: np.mean([x[0], x[1]]),
        r"np.mean\(np.stack\(\[x, y\]\)\) in place of np.mean\(\[x, y\]\)",
    ),
    "sum of a list": (lambda x: np.sum([x, x]), r"build arrays with np.stack"),
    "append to a list": (lambda x: np.append([1.0], [x[0]]), r"build arrays with np.stack"),
    "np.r_": (lambda x: np.r_[x, 1.0].sum(), r"build arrays with np.stack"),
    "np.c_": (lambda x: np.c_[x, x].sum(), r"build arrays with np.stack"),
    "math": (lambda x: math.sin(x[0]), r"write np.sin\(x\) in place of math.sin\(x\)"),
    "float": (lambda x: float(x[0]), r"float\(x\), int\(x\)"),
    "int": (lambda x: int(x[0]), r"float\(x\), int\(x\)"),
    "complex": (lambda x: complex(x[0]), r"float\(x\), int\(x\)"),
    "index of a list": (lambda x: [1.0, 2.0][x[0]], r"can't be an index, a size or a loop bound"),
    "range": (lambda x: sum(range(x[0])), r"can't be an index, a size or a loop bound"),
    "index of itself": (
        lambda x: x[x[0]],
        r"a traced value can't be an index, because steps have no derivative",
    ),
    "index of an array": (lambda x: np.ones(3)[x[0]], r"lose the derivative"),
    "take": (lambda x: np.take(x, x), r"a traced value can't be an index"),
    "unknown function": (
        lambda x: np.unwrap(x).sum(),
        r"nnlib has no derivative for np.unwrap: write it with functions",
    ),
    "unknown, with a hint": (
        lambda x: np.linalg.qr(x),
        r"np.linalg.qr: write np.linalg.cholesky\(A.T @ A\) instead",
    ),
    "another hint": (lambda x: np.insert(x, 0, 1.0), r"np.insert: write np.concatenate instead"),
    "apply_along_axis": (lambda x: np.apply_along_axis(np.sum, 0, x), r"write a loop and np.stack instead"),
    "fft": (lambda x: np.fft.fft(x), r"np.fft.fft gives complex numbers"),
    "unknown ufunc": (lambda x: np.spacing(x).sum(), r"nnlib has no derivative for np.spacing"),
    "unknown reduction": (lambda x: np.subtract.reduce(x), r"nnlib has no derivative for np.subtract.reduce"),
    "reduction with dtype": (
        lambda x: np.add.reduce(x, dtype=np.float32),
        r"np.add.reduce.*'dtype': write x.astype",
    ),
    "sum with where": (
        lambda x: np.sum(x, where=[True, False, True]),
        r"np.sum has no derivative with the argument 'where'",
    ),
    "sum with initial": (
        lambda x: x.sum(initial=1.0),
        r"np.sum has no derivative with the argument 'initial'",
    ),
    "mean with dtype": (
        lambda x: np.mean(x, dtype=np.float32),
        r"np.mean has no derivative with the argument 'dtype'",
    ),
    "var with mean": (
        lambda x: np.var(x, mean=0.0),
        r"np.var and np.std have a derivative with x, axis, ddof",
    ),
    "unknown keyword": (
        lambda x: np.cumsum(x, dtype=np.float32).sum(),
        r"np.cumsum has no derivative with the argument 'dtype'",
    ),
    "too many arguments": (lambda x: np.fliplr(x, 1, 2), r"positional argument"),
    "too many for the row": (
        lambda x: np.concatenate([x], 0, None),
        r"np.concatenate has no derivative with these arguments",
    ),
    "order": (
        lambda x: np.reshape(x, (3,), order="F"),
        r"order='C' alone.*write np.reshape\(x.T, shape\[::-1\]\).T",
    ),
    "astype int": (lambda x: x.astype(int).sum(), r"x.astype\(int64\) would lose the derivative"),
    "in-place method": (lambda x: x.sort(), r"x.sort\(...\) changes a traced array in place: write np.sort"),
    "tolist": (lambda x: sum(x.tolist()), r"x.tolist would lose the derivative"),
    "unknown attribute": (lambda x: x.rainbow, r"a traced value has no attribute 'rainbow'"),
    "svd": (
        lambda x: np.linalg.svd(np.outer(x, x[:2]))[0].sum(),
        r"np.linalg.svd has a derivative with full_matrices=False",
    ),
    "norm 0": (lambda x: np.linalg.norm(x, 0), r"norm of a vector has no derivative with ord=0"),
    "matrix norm": (
        lambda x: np.linalg.norm(np.outer(x, x), 3),
        r"norm of a matrix has no derivative with ord=3",
    ),
    "norm of three axes": (
        lambda x: np.linalg.norm(np.ones((2, 2, 2)) * x[0], axis=(0, 1, 2)),
        r"takes one axis or two",
    ),
    "norm 3 of a stack": (lambda x: np.linalg.norm(np.ones((2, 2, 2)) * x[0], 3), r"takes one axis or two"),
    "pad": (lambda x: np.pad(x, 1, "linear_ramp").sum(), r"np.pad has no derivative with mode='linear_ramp'"),
    "pad oddly": (
        lambda x: np.pad(x, 1, "reflect", reflect_type="odd").sum(),
        r"np.pad has no derivative with mode='reflect', reflect_type=",
    ),
    "diag": (
        lambda x: np.diag(np.ones((2, 2, 2)) * x[0]),
        r"np.diag takes a vector or a matrix, but x has shape \(2, 2, 2\)",
    ),
    "quantile": (lambda x: np.quantile(x, 0.5, method="nearest"), r"no derivative with method='nearest'"),
    "gradient": (
        lambda x: np.gradient(x, np.arange(3.0)).sum(),
        r"np.gradient has a derivative with equal steps",
    ),
    "average": (
        lambda x: np.average(x, weights=[1.0, 2.0]),
        r"np.average: weights has shape \(2,\), but x has shape \(3,\)",
    ),
    "cross": (
        lambda x: np.cross(x[:2], x[:2]),
        r"np.cross takes vectors of 3 components, but these have 2 and 2",
    ),
    "einsum operands": (lambda x: np.einsum("i,i->", x), r"'i,i->' names 2 operands, but there are 1"),
    "einsum letters": (
        lambda x: np.einsum("ij->", x),
        r"the letters 'ij' name 2 axes, but the operand has shape \(3,\)",
    ),
    "uneven split": (lambda x: np.split(x, 2)[0].sum(), r"array split does not result in an equal division"),
    "complex inside": (lambda x: np.sum(np.abs(x * 1j)), r"complex numbers appeared inside the function"),
    "complex value": (lambda x: np.sum(x) * 1j, r"complex numbers appeared inside the function"),
    "complex constant": (lambda x: 1j, r"complex numbers appeared inside the function"),
    "no return": (lambda x: None, r"gives None: is a return missing\?"),
    "tuple": (lambda x: (x[0], x[1]), r"gives a tuple: return the loss alone, or use vjp"),
    "vector": (lambda x: x, r"gives an array of shape \(3,\): sum or average it, or use jacobian"),
    "plain vector": (lambda x: np.ones(3), r"gives an array of shape \(3,\)"),
    "text": (lambda x: "loss", r"gives 'loss'"),
}


@pytest.mark.parametrize(("f", "message"), WRONG.values(), ids=WRONG)
def test_message(f, message):
    with pytest.raises((TypeError, ValueError, AttributeError), match=message):
        grad(f)(x3)


ARGUMENTS = {
    "complex": (1j, r"cannot differentiate with respect to the complex 1j.*as two real arguments"),
    "complex array": (np.array([1j]), r"as two real arguments"),
    "text": ("abc", r"cannot differentiate with respect to str 'abc': arguments are real numbers"),
    "None": (None, r"cannot differentiate with respect to NoneType None"),
    "objects": (np.array([{}]), r"cannot differentiate with respect to ndarray"),
    "text in a dict": ({"a": "b"}, r"cannot differentiate with respect to str 'b'"),
}


@pytest.mark.parametrize(("x", "message"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_arguments_are_real_numbers(x, message):
    with pytest.raises(TypeError, match=message):
        grad(lambda x: 1.0)(x)
    with pytest.raises(TypeError, match=message):
        vjp(lambda x: 1.0, x)
    with pytest.raises(TypeError, match=message):
        jvp(lambda x: 1.0, (x,), (x,))


def test_complex_inside_forward_mode():
    for f in (lambda x: np.abs(x * 1j), lambda x: x * 1j, lambda x: 1j):
        with pytest.raises(TypeError, match="complex"):
            jvp(f, (1.0,), (1.0,))


SHAPES = {
    "tangent": (
        lambda: jvp(np.sin, (np.ones(3),), (np.ones((3, 1)),)),
        r"tangents has shape \(3, 1\), but primals has shape \(3,\)",
    ),
    "number of tangents": (
        lambda: jvp(np.sin, (1.0,), (1.0, 2.0)),
        r"tangents must be built like primals: a tuple of 1, and not a tuple of 2",
    ),
    "no tuple of tangents": (
        lambda: jvp(np.sin, (1.0,), 1.0),
        r"a tuple of 1, and not a value of type float",
    ),
    "dict of tangents": (
        lambda: jvp(lambda d: d["a"], ({"a": 1.0},), ({"b": 1.0},)),
        r"a dict with the keys \['a'\], and not a dict with the keys \['b'\]",
    ),
    "tuple for an array": (lambda: jvp(np.sin, (1.0,), ((1.0, 2.0),)), r"one array, and not a tuple of 2"),
    "cotangent": (
        lambda: vjp(np.sin, np.ones(3))[1](np.ones(2)),
        r"the cotangent has shape \(2,\), but the function's value has shape \(3,\)",
    ),
    "scalar cotangent": (lambda: vjp(np.sin, np.ones(3))[1](1.0), r"the cotangent has shape \(\)"),
    "cotangent of a tuple": (
        lambda: vjp(lambda x: (x, x), 1.0)[1](1.0),
        r"the cotangent must be built like the function's value: a tuple of 2",
    ),
}


@pytest.mark.parametrize(("call", "message"), SHAPES.values(), ids=SHAPES)
def test_directions_are_built_like_what_they_belong_to(call, message):
    with pytest.raises(ValueError, match=message):
        call()


class Model:
    def leaves(self):
        return [np.ones(2)]

    def like(self, leaves):
        return self


def test_models_match_models():
    with pytest.raises(ValueError, match="a Model, and not a value of type float"):
        jvp(lambda m: 1.0, (Model(),), (1.0,))
    with pytest.raises(TypeError, match=r"the Jacobian with respect to a Model has no place in a network"):
        jacobian(lambda m: np.ones(2))(Model())


def test_primals_are_a_tuple():
    with pytest.raises(TypeError, match=r"primals is a tuple of arguments, so write \(2.0,\)"):
        jvp(np.sin, 2.0, 1.0)


def test_jacobian_needs_one_array():
    with pytest.raises(TypeError, match="gives one array, but this one gives a tuple"):
        jacobian(lambda x: (x, x))(x3)
    with pytest.raises(TypeError, match="gives one array, but this one gives a str"):
        jacobian(lambda x: "no")(x3)


@pytest.mark.parametrize("run", [lambda f: grad(f)(x3), lambda f: jvp(f, (x3,), (x3,)), lambda f: vjp(f, x3)])
def test_values_that_outlive_their_call(run):
    kept = []

    def f(x):
        kept.append(x * 2.0)
        return np.sum(x * x)

    run(f)
    with pytest.raises(TypeError, match="belongs to a grad, vjp or jvp that has returned"):
        kept[0] + 1.0


def test_an_error_inside_closes_the_trace():
    kept = []

    def f(x):
        kept.append(x)
        raise RuntimeError("mine")

    for run in (lambda: grad(f)(1.0), lambda: vjp(f, 1.0), lambda: jvp(f, (1.0,), (1.0,))):
        with pytest.raises(RuntimeError, match="mine"):
            run()
        with pytest.raises(TypeError, match="has returned"):
            kept[-1] * 2.0


def test_numpys_own_complaints_pass_through():
    with pytest.raises(ValueError, match=r"matmul|shapes|mismatch"):
        grad(lambda x: np.sum(eye @ x[:2]))(x3)


def test_an_error_in_a_row_is_not_renamed():
    with pytest.raises(TypeError, match="integer"):
        grad(lambda x: np.sum(x, axis="columns"))(x3)


def test_the_table_is_what_the_message_names():
    assert np.sin in TABLE
    assert np.linalg.qr not in TABLE
