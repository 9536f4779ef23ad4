"""What every test of the course is written with: strict comparison, one fixed sentence for each way to miss.

This text stands in each exercise's notebook, so it imports NumPy alone. A sentence names neither inputs nor
wanted values: it may be shown for a hidden test. Only the notebook's own display adds the two values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

SENTENCES: Final = {
    "missing": "gave back nothing (None): is there a return?",
    "type": "is not a number or an array of numbers.",
    "integer": "must hold whole numbers or booleans, not decimals.",
    "real": "must hold real numbers.",
    "axes": "has the wrong number of axes.",
    "shape": "has the right number of axes, but the wrong shape.",
    "count": "has the wrong number of parts.",
    "finite": "holds NaN or infinity.",
    "value": "has the right shape, but wrong values.",
    "choice": "is not the right choice.",
    "option": "is not one of the choices.",
    "changed": "must not change the arrays that it is given.",
}


class Mismatch(AssertionError):  # noqa: N818 -- students read the name: a result misses, nothing is broken
    """A check that failed. ``detail`` and ``hint`` appear in the student's own notebook alone."""

    def __init__(self, kind: str, name: str, *, detail: Sequence[str] = ()) -> None:
        super().__init__(f"{name} {SENTENCES[kind]}")
        self.kind, self.detail, self.hint = kind, tuple(detail), ""

    def _render_traceback_(self) -> list[str]:
        """Stand in for the traceback in a notebook: a student reads the sentence, not our frames."""
        hint = [f"  Hint:   {self.hint}"] if self.hint else []
        return [f"Not yet: {self}", *(f"  {line}" for line in self.detail), *hint]


def array(got: Any, shape: tuple[int, ...], name: str, *, kinds: str = "iuf") -> np.ndarray[Any, Any]:
    """Take a result as finite numbers of exactly this shape, or raise Mismatch."""
    if got is None:
        raise Mismatch("missing", name)
    if not _numeric(got):
        raise Mismatch("type", name)
    try:
        values = np.asarray(got)
    except (ValueError, TypeError, OverflowError):  # ragged, or parts that are no numbers
        raise Mismatch("type", name) from None
    if values.dtype.kind not in "biufc":
        raise Mismatch("type", name)
    if values.dtype.kind not in kinds:
        raise Mismatch("real" if "f" in kinds else "integer", name)
    shapes = (f"yours:  shape {values.shape}", f"wanted: shape {shape}")
    if values.ndim != len(shape):
        raise Mismatch("axes", name, detail=shapes)
    if values.shape != shape:
        raise Mismatch("shape", name, detail=shapes)
    if not np.isfinite(values).all():
        raise Mismatch("finite", name)
    return values


def _numeric(got: Any) -> bool:
    """Tell whether all leaves are numbers: np.asarray of one long text among numbers would fill the memory."""
    if isinstance(got, (list, tuple)):
        return all(_numeric(part) for part in got)
    return isinstance(got, (bool, int, float, complex, np.ndarray, np.generic))


def close(got: Any, want: Any, name: str, *, hint: str = "", rtol: float = 1e-7, atol: float = 1e-9) -> None:
    """Compare shape, kind of number and finiteness exactly, then values to a tolerance.

    Where whole numbers or booleans are wanted, decimals are refused.
    """
    wanted = np.asarray(want)
    if wanted.dtype.kind not in "biuf" or not np.isfinite(wanted).all() or not wanted.size:
        raise ValueError(
            f"the wanted value of {name} must be finite numbers, at least one"
        )  # the author's slip
    try:
        values = array(got, wanted.shape, name, kinds="iuf" if wanted.dtype.kind == "f" else "biu")
        if not (np.abs(values.astype(float) - wanted) <= atol + rtol * np.abs(wanted)).all():
            shown = [
                np.array2string(one, precision=6, threshold=30, prefix=" " * 10) for one in (values, wanted)
            ]
            raise Mismatch("value", name, detail=(f"yours:  {shown[0]}", f"wanted: {shown[1]}"))
    except Mismatch as miss:
        miss.hint = hint
        raise


def parts(got: Any, count: int, name: str) -> list[Any]:
    """Take a tuple or list of exactly so many parts."""
    if got is None:
        raise Mismatch("missing", name)
    if not isinstance(got, (tuple, list)) or len(got) != count:
        raise Mismatch("count", name, detail=(f"wanted: {count} values, as in return one, two",))
    return list(got)


def one_of(got: Any, options: Sequence[str], name: str) -> None:
    """See that a choice is one of the options, right or wrong."""
    if not isinstance(got, str) or got not in options:
        raise Mismatch("option", name, detail=(f"wanted: one of {', '.join(map(repr, options))}",))


def chosen(got: Any, right: str, name: str) -> None:
    """Compare a choice with the right one."""
    if not isinstance(got, str) or got != right:
        raise Mismatch("choice", name)


def untouched(function: Callable[..., Any], *args: Any, name: str) -> Any:
    """Call the function and give its result; raise Mismatch if it changed an argument by one bit.

    An argument is a number, an array, a list of arguments, or a function.
    """
    before = [frozen(arg) for arg in args]
    result = function(*args)
    if [frozen(arg) for arg in args] != before:
        raise Mismatch("changed", name)
    return result


def frozen(value: Any) -> Any:
    """Give every bit of a number, an array, or a list of them, to compare with later."""
    if isinstance(value, (list, tuple)):
        return [frozen(part) for part in value]
    if isinstance(value, dict):
        return [(key, frozen(part)) for key, part in value.items()]
    if isinstance(value, (bool, int, float, complex, np.ndarray, np.generic)):
        bits = np.asarray(value)
        return bits.dtype.str, bits.shape, bits.tobytes()
    return value if isinstance(value, str) else None


def ok(sentence: str) -> None:
    """Say that the checks above passed."""
    print(f"✓ {sentence}")
