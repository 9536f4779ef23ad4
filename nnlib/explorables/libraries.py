"""Chapter 12's explorable: one training in several libraries, from the same weights, curve on curve."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from nnlib.explorables._base import Explorable, View, module, number, one_of, slider, style

SHOWN = ("loss", "weight")
PRECISIONS = ("double", "single")
MOST = 6  # libraries: each has a band of its own in the picture

Run = Mapping[str, ArrayLike]


class LibrariesView(View):
    """The picture: the runs, and which step, number and precision is looked at."""

    _esm = module("libraries")
    _css = style("rule", "libraries")
    names: traitlets.List[str] = traitlets.List().tag(sync=True)
    double: traitlets.List[list[list[float]]] = traitlets.List().tag(
        sync=True
    )  # [loss, weight][library][step]
    single: traitlets.List[list[list[float]]] = traitlets.List().tag(sync=True)
    step = traitlets.Float().tag(sync=True)
    shown = traitlets.Enum(SHOWN, "loss").tag(sync=True)
    precision = traitlets.Enum(PRECISIONS, "double").tag(sync=True)


class Libraries(Explorable):
    """The explorable of chapter 12."""

    @property
    def curves(self) -> dict[str, NDArray[np.float64]]:
        """What is looked at, step by step, for each library."""
        runs = getattr(self.view, self.precision)[SHOWN.index(self.shown)]
        return {name: np.array(run) for name, run in zip(self.view.names, runs, strict=True)}

    @property
    def largest(self) -> float:
        """The largest distance of any library from the first one, up to the step that is looked at."""
        first, *others = (curve[: int(self.step + 0.5)] for curve in self.curves.values())
        return float(max(np.abs(curve - first).max() for curve in others))


def _runs(name: str, runs: Run) -> tuple[list[str], list[list[list[float]]]]:
    """Return the names of the libraries, and their numbers as [loss, weight][library][step]."""
    if not 2 <= len(runs) <= MOST:
        raise ValueError(f"{name} holds {len(runs)} runs. Give from 2 to {MOST}: {{library: array}}.")
    arrays = {}
    for library, values in runs.items():
        try:
            arrays[str(library)] = np.asarray(values, dtype=float)
        except (TypeError, ValueError):
            raise ValueError(f"{name}[{library!r}] holds something that is no number.") from None
    shape = next(iter(arrays.values())).shape
    for library, array in arrays.items():
        if array.ndim != 2 or array.shape[1] != 2 or not 2 <= len(array) <= 500:
            raise ValueError(
                f"{name}[{library!r}] has shape {array.shape}. Give one row (loss, weight) for each of 2 to 500 "
                "steps."
            )
        if array.shape != shape:
            raise ValueError(
                f"{name}[{library!r}] has {len(array)} steps, another run has {shape[0]}. Give all the same."
            )
        if not np.isfinite(array).all():
            raise ValueError(f"{name}[{library!r}] holds NaN or infinity: that run has failed.")
    return list(arrays), np.stack(list(arrays.values())).transpose(2, 0, 1).tolist()


def libraries(
    double: Run,
    single: Run | None = None,
    *,
    step: float | None = None,
    shown: str = "loss",
    precision: str = "double",
) -> Libraries:
    """Lay the curves of one training over each other, as several libraries have computed it.

    Parameters
    ----------
    double : mapping from str to array_like of shape (steps, 2)
        For each library its numbers in 64 bits, one row (loss, weight) a step; the first library is the one
        that the others are compared with. From 2 to 6 libraries, from 2 to 500 steps.
    single : the same, optional
        The same trainings in 32 bits.
    step : int, optional
        The step that is looked at first, from 1; by default the middle one.
    shown : {"loss", "weight"}
        Which number is looked at.
    precision : {"double", "single"}
        Which runs are looked at.

    Returns
    -------
    Explorable
        With the attributes `step`, `shown` and `precision`, which can be set, and `curves` and `largest` (the
        largest distance so far), which follow.

    Raises
    ------
    ValueError
        The runs have not one shape, hold something that is no number, or are too few or too many; `single`
        has other libraries or steps than `double`; a setting is out of its range.

    Examples
    --------
    >>> from nnlib.explorables import libraries
    >>> figure = libraries({"one": [[0.5, 1.0], [0.25, 2.0]], "two": [[0.5, 1.0], [0.375, 2.0]]}, step=1)
    >>> figure.largest
    0.0
    >>> figure.step = 2
    >>> figure.largest
    0.125
    """
    names, values = _runs("double", double)
    other: list[list[list[float]]] = []
    if single is not None:
        again, other = _runs("single", single)
        if again != names or len(other[0][0]) != len(values[0][0]):
            raise ValueError(
                f"single has the libraries {again} or other steps. Give the runs of {names} again."
            )
    precision = one_of("precision", precision, PRECISIONS if other else PRECISIONS[:1])
    last = len(values[0][0])
    view = LibrariesView(
        names=names,
        double=values,
        single=other,
        step=float(int(number("step", (last + 1) // 2 if step is None else step, 1, last) + 0.5)),
        shown=one_of("shown", shown, SHOWN),
        precision=precision,
    )
    walk = slider(view, "step", "t", low=1, high=last, step=1)
    walk.readout_format = "d"
    return Libraries(view, [walk], ("step", "shown", "precision"))
