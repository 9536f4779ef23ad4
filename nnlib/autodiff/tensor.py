"""Traced values: how an ordinary NumPy function is watched while it runs.  May import NumPy alone.

A tracing is one call of `vjp`, `grad` or `jvp`.  A reverse tracing owns a flat list of records, one an
operation; a forward tracing owns nothing, because each of its values carries its own tangent.  What stands
inside a `Tensor` is an array, or a Tensor of a tracing further out: the rules are written in NumPy, so they
are differentiated in turn where someone asks for it, and run on plain arrays where nobody does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any, ClassVar

import numpy as np

#: What each NumPy function does when it meets a Tensor.  `(ufunc, "reduce")` and its like are keys too.
TABLE: dict[Any, Callable[..., Any]] = {}

#: What to write in place of some functions that have no derivative here.
INSTEAD: dict[str, str] = {
    "insert": "np.concatenate",
    "delete": "a slice or a boolean mask",
    "resize": "np.tile",
    "apply_along_axis": "a loop and np.stack",
    "apply_over_axes": "the axis argument of the function",
    "piecewise": "np.where or np.select",
    "copyto": "np.where",
    "fill_diagonal": "np.where(np.eye(n, dtype=bool), value, x)",
    "put": "np.where",
    "put_along_axis": "np.where",
    "place": "np.where",
    "putmask": "np.where",
    "linalg.lstsq": "np.linalg.solve(A.T @ A, A.T @ b) or np.linalg.pinv(A) @ b",
    "linalg.qr": "np.linalg.cholesky(A.T @ A)",
    "linalg.eig": "np.linalg.eigh of a symmetric matrix",
    "linalg.eigvals": "np.linalg.eigvalsh of a symmetric matrix",
}

_levels = count()  # a later tracing lies further in; this counter is the only state that outlives a call
_new = object.__new__


class Tracing:
    """One call of `vjp`, `grad` or `jvp`: its level, and its records (None in forward mode)."""

    __slots__ = ("level", "records")

    def __init__(self, records: Any) -> None:
        self.level, self.records = next(_levels), records


class Closed:
    """Takes the place of the records of a tracing that is over."""

    def __len__(self) -> int:
        raise TypeError(
            "this value belongs to a grad, vjp or jvp that has returned: "
            "return what you need from the function instead of storing it outside"
        )


CLOSED = Closed()


class Tensor:
    """A value under differentiation.  You meet one inside a function that `grad`, `vjp` or `jvp` runs.

    It acts like the array that it holds: NumPy functions, operators, methods, slices, comparisons, `len`,
    loops. `x += y` makes a new value, as it does for numbers.  Comparisons and `bool(x)` give plain answers,
    so that `if` and `while` work.  What would lose the derivative (assignment to elements, `float(x)`,
    `np.asarray(x)`) raises a TypeError that says what to write instead.

    Examples
    --------
    >>> import numpy as np
    >>> from nnlib.autodiff import grad
    >>> def f(x):
    ...     print(x)
    ...     return np.sum(x**2)
    >>> grad(f)(np.array([1.0, 3.0]))
    Tensor(array([1., 3.]))
    array([2., 6.])
    """

    __slots__ = (
        "slot",
        "tracing",
        "value",
    )  # slot: the index among the records, or the tangent in forward mode

    value: Any
    tracing: Tracing
    slot: Any

    # The operators are rows of the table; table/operators.py puts them here, and these two.
    T: ClassVar[property]
    mT: ClassVar[property]  # noqa: N815 (NumPy's name)
    __add__: ClassVar[Callable[..., Any]]
    __radd__: ClassVar[Callable[..., Any]]
    __sub__: ClassVar[Callable[..., Any]]
    __rsub__: ClassVar[Callable[..., Any]]
    __mul__: ClassVar[Callable[..., Any]]
    __rmul__: ClassVar[Callable[..., Any]]
    __truediv__: ClassVar[Callable[..., Any]]
    __rtruediv__: ClassVar[Callable[..., Any]]
    __floordiv__: ClassVar[Callable[..., Any]]
    __rfloordiv__: ClassVar[Callable[..., Any]]
    __mod__: ClassVar[Callable[..., Any]]
    __rmod__: ClassVar[Callable[..., Any]]
    __pow__: ClassVar[Callable[..., Any]]
    __rpow__: ClassVar[Callable[..., Any]]
    __matmul__: ClassVar[Callable[..., Any]]
    __rmatmul__: ClassVar[Callable[..., Any]]
    __neg__: ClassVar[Callable[..., Any]]
    __pos__: ClassVar[Callable[..., Any]]
    __abs__: ClassVar[Callable[..., Any]]
    __lt__: ClassVar[Callable[..., Any]]
    __le__: ClassVar[Callable[..., Any]]
    __gt__: ClassVar[Callable[..., Any]]
    __ge__: ClassVar[Callable[..., Any]]
    __getitem__: ClassVar[Callable[..., Any]]

    def __init__(self, value: Any, tracing: Tracing, slot: Any) -> None:
        self.value, self.tracing, self.slot = value, tracing, slot

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **kw: Any) -> Any:
        if method == "__call__" and not kw:
            op = TABLE.get(ufunc)
            if op is not None:
                return op(*args)
        return _unusual_ufunc(ufunc, method, args, kw)

    def __array_function__(
        self, func: Callable[..., Any], types: Any, args: Sequence[Any], kw: dict[str, Any]
    ) -> Any:
        op = TABLE.get(func)
        if op is None:
            raise no_derivative(func)
        try:
            return op(*args, **kw)
        except TypeError as error:
            raise _said_plainly(error, func) from None

    def __array__(self, *args: Any, **kw: Any) -> Any:
        raise TypeError(
            "np.asarray, np.array or a list of traced values would lose the derivative: "
            "build arrays with np.stack, np.concatenate or np.where, "
            "for example np.mean(np.stack([x, y])) in place of np.mean([x, y])"
        )

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError(
            "x[i] = v changes a traced array in place, and the derivative would not see it: "
            "write np.where(mask, v, x), np.concatenate or np.stack instead"
        )

    def __float__(self) -> float:
        raise TypeError(
            "float(x), int(x), z[i] = x and the functions of math would lose the derivative of x: "
            "leave x as it is, write np.sin(x) in place of math.sin(x), "
            "and build z with np.stack, np.concatenate or np.where"
        )

    __int__ = __float__
    __complex__ = __float__

    def __index__(self) -> int:
        raise TypeError(
            "a traced value can't be an index, a size or a loop bound, because steps have no derivative: "
            "take it from plain numbers, for example int(nnlib.autodiff.raw(x))"
        )

    @property
    def shape(self) -> Any:
        """The lengths of the axes, as NumPy gives them."""
        return self.value.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.value.ndim  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        """The number of elements."""
        return self.value.size  # type: ignore[no-any-return]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the elements."""
        return self.value.dtype  # type: ignore[no-any-return]

    def __hash__(self) -> int:
        return id(self)

    def __len__(self) -> int:
        return len(self.value)

    def __bool__(self) -> bool:
        return bool(raw(self))

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return f"Tensor({self.value!r})"

    def __format__(self, spec: str) -> str:
        return format(raw(self), spec)

    def __getattr__(self, name: str) -> Any:
        if name in ("sort", "fill", "put", "partition", "resize", "setflags", "itemset"):
            raise AttributeError(
                f"x.{name}(...) changes a traced array in place: write np.{name} or np.where instead"
            )
        if name in ("tolist", "tobytes", "tofile", "data", "real", "imag", "flat", "view"):
            raise AttributeError(
                f"x.{name} would lose the derivative of a traced value: leave x as it is, "
                "or take the plain numbers with nnlib.autodiff.raw(x)"
            )
        raise AttributeError(f"a traced value has no attribute {name!r}")


def raw(x: Any) -> Any:
    """The plain number or array inside `x`, cut off from every derivative.

    Parameters
    ----------
    x : Tensor, array or number

    Returns
    -------
    array or number
        x without its traces; its derivative is taken as zero from here on.

    Examples
    --------
    >>> from nnlib.autodiff import grad, raw
    >>> float(grad(lambda x: x * raw(x))(3.0))
    3.0
    """
    while type(x) is Tensor:
        x = x.value
    return x


def run(tracing: Tracing, f: Callable[..., Any], *args: Any, **kw: Any) -> Any:
    """f(*args) inside a tracing, which is over when f returns or fails."""
    try:
        return f(*args, **kw)
    except (
        ValueError
    ) as error:  # NumPy hides what z[i] = x raises behind "setting an array element with a sequence"
        if type(error.__cause__) is TypeError and "derivative" in str(error.__cause__):
            raise error.__cause__ from None
        raise
    finally:
        tracing.records = CLOSED


def inputs(values: Sequence[Any], trace: Tracing) -> list[Tensor]:
    """The values as those that a reverse tracing begins with: `Tensor(v, trace, i)`, written out."""
    made = []
    for i, v in enumerate(values):
        x = _new(Tensor)
        x.value, x.tracing, x.slot = v, trace, i
        made.append(x)
    return made


def record(
    trace: Tracing, out: Any, pull: Any, push: Any, slots: Sequence[Any], vals: Sequence[Any], kw: Any
) -> Tensor:
    """`out` as a value of `trace`, with what the rules need to come back to it."""
    y = _new(Tensor)
    records = trace.records
    y.value, y.tracing = out, trace
    if records is None:
        y.slot = push(slots, out, vals, kw)
    else:
        y.slot = len(records)
        records.append((pull, slots, out, vals, kw))
    return y


def title(func: Any) -> str:
    """How a reader writes `func`: np.linalg.inv, np.add.reduce."""
    if isinstance(func, tuple):
        return f"{title(func[0])}.{func[1]}"
    module = getattr(func, "__module__", None) or "numpy"
    name = getattr(func, "__name__", None) or repr(func)
    if module == "numpy" or module.startswith("numpy."):
        module = "np" + module.removeprefix("numpy")
    return f"{module}.{name}"


def no_derivative(func: Any) -> TypeError:
    """The error for a function that is not in the table."""
    name = title(func)
    instead = INSTEAD.get(name.removeprefix("np."))
    if name.startswith("np.fft."):
        return TypeError(f"{name} gives complex numbers, and nnlib differentiates real numbers only")
    return TypeError(
        f"nnlib has no derivative for {name}: "
        + (f"write {instead} instead" if instead else "write it with functions from nnlib.autodiff.TABLE")
        + ", or apply it to nnlib.autodiff.raw(x), which counts as constant"
    )


def _said_plainly(error: TypeError, func: Any) -> TypeError:
    """An argument that a row does not take, in words that name NumPy's function and not ours."""
    text = str(error)
    if "unexpected keyword argument" in text:
        word = text.rsplit("'", 2)[-2]
        return TypeError(f"{title(func)} has no derivative with the argument {word!r}: leave it out")
    if "positional argument" in text:
        return TypeError(f"{title(func)} has no derivative with these arguments: give it fewer, or by name")
    return error


def _unusual_ufunc(ufunc: np.ufunc, method: str, args: Sequence[Any], kw: dict[str, Any]) -> Any:
    """`np.add.reduce`, `out=`, `dtype=`, and functions that are not in the table."""
    name = title(ufunc)
    if kw.get("out") is not None or method == "at":
        raise TypeError(
            f"{name} writes into an array in place, and the derivative would not see it: "
            "write z = z + x in place of z += x or out=z"
        )
    op = TABLE.get(ufunc if method == "__call__" else (ufunc, method))
    if op is None:
        raise no_derivative(ufunc if method == "__call__" else (ufunc, method))
    if method == "__call__" and kw:
        raise TypeError(
            f"{name} has no derivative with the argument {', '.join(map(repr, kw))}: "
            "write x.astype(...) for dtype, and np.where(mask, x, 0) for where"
        )
    return op(*args, **kw)
