"""What all explorables share: checks at the door, the page's source, sliders, and the box that holds them.

An explorable is a view (an ``anywidget`` that draws and computes in the page) and a row of ``ipywidgets``
sliders. ``jslink`` ties them in the page itself, so they work without a kernel; where there is one, Python
sees the values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import anywidget
import ipywidgets as widgets
import numpy as np
import traitlets
from numpy.typing import ArrayLike

LIMIT = 3.0  # the plane of every explorable is the square [-3, 3]²

# ---- checks ------------------------------------------------------------------------------------------------


def number(name: str, value: object, low: float, high: float) -> float:
    """Return ``value`` as a float, or say in words why it can't be a slider's or a point's value."""
    try:
        result = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {value!r}. Give one number between {low:g} and {high:g}.") from None
    if not low <= result <= high:  # also refuses NaN
        raise ValueError(f"{name} is {result:g}. Give a number between {low:g} and {high:g}.")
    return result


def one_of(name: str, value: object, options: Iterable[str]) -> str:
    """Return ``value`` if it is one of ``options``, or list them."""
    names = list(options)
    if value not in names:
        raise ValueError(f"{name} is {value!r}. Choose one of {', '.join(map(repr, names))}.")
    return str(value)


def labelled_points(X: ArrayLike | None, y: ArrayLike | None) -> tuple[list[list[float]], list[int]]:
    """Return points of the plane and their classes as lists; none of both gives two empty lists."""
    if X is None and y is None:
        return [], []
    if X is None or y is None:
        missing, given = ("y", "X") if y is None else ("X", "y")
        raise ValueError(f"{given} is given without {missing}. Give both, or neither for an empty plane.")
    points, classes = _points(X), np.asarray(y)
    if classes.shape != (len(points),):
        raise ValueError(
            f"X has {len(points)} points but y has shape {classes.shape}. Give one label a point: y.shape == "
            f"({len(points)},)."
        )
    strange = [label for label in classes.tolist() if label not in (0, 1)]
    if strange:
        raise ValueError(
            f"y holds the label {strange[0]!r}. Labels are 0 (blue square) or 1 (orange circle)."
        )
    return points.tolist(), [int(label) for label in classes.tolist()]


def _points(X: ArrayLike) -> np.ndarray:
    try:
        points = np.asarray(X, dtype=float)
    except (TypeError, ValueError):
        raise ValueError("X holds something that is no number. Give an array of shape (n, 2).") from None
    if points.size == 0:
        raise ValueError("X is empty. Give at least one point, or leave X and y out for an empty plane.")
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(
            f"X has shape {points.shape}. The plane has two inputs: give an array of shape (n, 2)."
        )
    if not np.isfinite(points).all():
        row = int(np.flatnonzero(~np.isfinite(points).all(axis=1))[0])
        raise ValueError(f"X[{row}] is {points[row]}. Remove points that hold NaN or infinity.")
    if np.abs(points).max() > LIMIT:
        row = int(np.abs(points).max(axis=1).argmax())
        raise ValueError(
            f"X[{row}] is {points[row]}, outside the plane. Scale the points into [-{LIMIT:g}, {LIMIT:g}], "
            f"for example with X * {LIMIT:g} / np.abs(X).max()."
        )
    rounded: np.ndarray = points.round(4)
    return rounded


# ---- source for the page -----------------------------------------------------------------------------------


def read(file: str) -> str:
    """Return a file of this folder."""
    return files(__package__).joinpath(file).read_text(encoding="utf-8")


_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";\n', re.MULTILINE)
_COMMENT = re.compile(r"^\s*//.*?$|^\s*/\*.*?\*/\s*?$", re.MULTILINE | re.DOTALL)
_START = re.compile(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]\w*")


def _tight(source: str) -> str:
    """Return JavaScript without indentation and empty lines."""
    return re.sub(r"^\s+", "", source, flags=re.MULTILINE)


@cache
def declarations(name: str) -> dict[str, str]:
    """Return the top-level declarations of ``name.js``: name -> source without comments."""
    source = _IMPORT.sub("", _COMMENT.sub("", read(f"{name}.js")))
    starts = [*_START.finditer(source), None]
    return {
        start[1]: _tight(source[start.start() : end and end.start()].removeprefix("export "))
        for start, end in pairwise(starts)
        if start
    }


def _imports(source: str) -> list[str]:
    """Return the modules that a module needs, each after those that it needs itself."""
    order: list[str] = []
    for file in _IMPORT.findall(source):
        order += [name for name in [*_imports(read(f"{file}.js")), file] if name not in order]
    return order


def module(name: str) -> str:
    """Return ``name.js`` as one module: in front stands what it needs of its imports, and no more."""
    own = read(f"{name}.js")
    shared: dict[str, str] = {}
    for file in [*_imports(own), name]:
        double = shared.keys() & declarations(file).keys()
        if double:
            raise ValueError(f"{file}.js declares {sorted(double)}, as a module below it does. Rename them.")
        if file != name:
            shared |= declarations(file)
    own = _tight(_COMMENT.sub("", _IMPORT.sub("", own)))
    needed, fresh = set[str](), set(_WORD.findall(own)) & shared.keys()
    while fresh:
        needed |= fresh
        fresh = {word for key in fresh for word in _WORD.findall(shared[key])} & shared.keys() - needed
    return "".join(source for key, source in shared.items() if key in needed) + own


def style(*names: str) -> str:
    """Return style sheets of this folder without comments and spare blanks."""
    css = "".join(read(f"{name}.css") for name in names)
    css = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))
    return re.sub(r" ?([{};,]) ?", r"\1", css).strip()


# ---- widgets -----------------------------------------------------------------------------------------------


class Dress(anywidget.AnyWidget):
    """The style sheet that all explorables share, sent to a page once, and names for the sliders' handles."""

    _esm = module("dress")
    _css = style("tokens", "base")


_dress: list[Dress] = []


def dress() -> Dress:
    """Return the session's one :class:`Dress`."""
    if not _dress or _dress[-1].comm is None:  # none yet, or closed by Widget.close_all()
        _dress[:] = [Dress()]
    return _dress[-1]


class View(anywidget.AnyWidget):
    """A picture in the page. Subclasses set ``_esm``, ``_css`` and the traits shared with Python."""

    start = traitlets.Dict().tag(sync=True)  # where Reset returns to


class Explorable(widgets.VBox):  # type: ignore[misc]
    """A view with its sliders. The view's values are attributes: ``figure.w1`` reads, ``figure.w1 = 0`` sets.

    Parameters
    ----------
    view : View
        The picture.
    sliders : sequence of FloatSlider
        What stands below it, made by :func:`slider`.
    values : sequence of str
        The traits of the view that this object shows as attributes, and that Reset restores.
    """

    def __init__(
        self, view: View, sliders: Sequence[widgets.Widget] = (), values: Sequence[str] = ()
    ) -> None:
        view.start = {name: getattr(view, name) for name in values}
        row = [widgets.Box(list(sliders)).add_class("nn-sliders")] if sliders else []
        self.view = view
        super().__init__([view, *row, dress()])
        self.add_class("nn-explorable")

    def __getattr__(self, name: str) -> Any:
        view = self.__dict__.get("view")
        if view is not None and name in view.start:
            return getattr(view, name)
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")

    def __setattr__(self, name: str, value: object) -> None:
        view = self.__dict__.get("view")
        if view is not None and name in view.start:
            setattr(view, name, value)
        else:
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.view.start]


def slider(
    view: View,
    name: str,
    label: str | None = None,
    *,
    low: float = -3.0,
    high: float = 3.0,
    step: float = 0.05,
) -> widgets.FloatSlider:
    """Return a slider tied to a trait of ``view``; ``label`` is a letter with an index, ``"w_1"``."""
    letter, _, index = (label or name).partition("_")
    html = f"<i>{letter}</i>" + (f'<span class="nn-sub">{index}</span>' if index else "")
    result = widgets.FloatSlider(
        value=getattr(view, name), min=low, max=high, step=step, description=html, description_allow_html=True
    )
    if low == -high:
        result.add_class("nn-zero")
    widgets.jslink((result, "value"), (view, name))
    return result
