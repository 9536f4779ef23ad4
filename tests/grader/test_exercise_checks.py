from __future__ import annotations

import ast
from collections.abc import Callable

import numpy as np
import pytest

from grader.checks import Mismatch, array, chosen, close, one_of, parts, untouched
from grader.master import CHECKS

NAN, INF = float("nan"), float("inf")


class EqualsAll:
    def __eq__(self, other: object) -> bool:
        return True

    def __array__(self, *args: object, **kwargs: object) -> np.ndarray:
        return np.array([1.0, 2.0])

    __hash__ = None


@pytest.mark.parametrize(
    ("got", "kind"),
    [
        (None, "missing"),
        ("12", "type"),
        (EqualsAll(), "type"),
        ([[1.0], [1.0, 2.0]], "type"),
        (["1", "2"], "type"),
        ([True, False], "real"),
        ([1j, 2.0], "real"),
        (1.0, "axes"),
        ([[1.0, 2.0]], "axes"),
        (np.zeros((0, 2)), "axes"),
        (np.zeros(0), "shape"),
        ([1.0], "shape"),
        ([1.0, 2.0, 3.0], "shape"),
        ([NAN, 2.0], "finite"),
        ([1.0, INF], "finite"),
        ([1.0, 2.001], "value"),
        ([2.0, 1.0], "value"),
    ],
)
def test_close_names_the_one_thing_that_is_wrong(got: object, kind: str) -> None:
    with pytest.raises(Mismatch) as caught:
        close(got, [1.0, 2.0], "z")
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    "got", [[1.0, 2.0], (1, 2), np.array([1, 2]), np.array([1.0, 2.0], np.float32), [1 + 1e-12, 2]]
)
def test_close_takes_what_is_right(got: object) -> None:
    close(got, [1.0, 2.0], "z")


def test_whole_numbers_are_wanted_where_the_author_writes_them() -> None:
    close(np.array([True, False]), [1, 0], "the decision")
    close(True, True, "the decision")
    with pytest.raises(Mismatch, match="whole numbers"):
        close([1.0, 0.0], [1, 0], "the decision")


@pytest.mark.parametrize("want", [[], [NAN], "text"])
def test_the_author_may_not_want_what_anything_would_match(want: object) -> None:
    with pytest.raises(ValueError, match="wanted value of z"):
        close(1.0, want, "z")


def test_a_sentence_tells_no_value_but_the_notebook_shows_them() -> None:
    with pytest.raises(Mismatch) as caught:
        close([1.0, 7.25], [1.0, 3.75], "z", hint="Add the bias once.")
    miss = caught.value
    assert str(miss) == "z has the right shape, but wrong values."
    shown = "\n".join(miss._render_traceback_())
    assert shown.startswith("Not yet: z has the right shape")
    assert all(text in shown for text in ("7.25", "3.75", "Hint:   Add the bias once."))


def test_a_wrong_shape_shows_both() -> None:
    with pytest.raises(Mismatch) as caught:
        array(np.zeros((3, 2)), (2, 3), "z")
    assert "\n".join(caught.value.detail) == "yours:  shape (3, 2)\nwanted: shape (2, 3)"


def test_parts_and_choices() -> None:
    assert parts((1, 2), 2, "f()") == [1, 2]
    one_of("d", ["a", "d"], "Your choice")
    chosen("c", "c", "Your choice")
    for bad in (None, (1,), (1, 2, 3), 5, np.zeros(2)):
        with pytest.raises(Mismatch):
            parts(bad, 2, "f()")
    for bad in ("e", "C", 3, None, EqualsAll()):
        with pytest.raises(Mismatch):
            one_of(bad, ["a", "d"], "Your choice")
        with pytest.raises(Mismatch):
            chosen(bad, "c", "Your choice")


def test_a_changed_argument_is_found_to_the_bit() -> None:
    def scale(x: np.ndarray) -> np.ndarray:
        x *= 1.0 + 1e-15
        return x

    assert untouched(lambda x: 2 * x, np.ones(2), name="f").tolist() == [2.0, 2.0]
    with pytest.raises(Mismatch, match="must not change the arrays"):
        untouched(scale, np.ones(2), name="scale")


@pytest.mark.parametrize("slip", [lambda Ws: Ws[1].sort(), lambda Ws: Ws.pop(), lambda Ws: Ws.reverse()])
def test_a_change_inside_a_list_of_arrays_is_found(slip: Callable[[list[np.ndarray]], None]) -> None:
    def run(Ws: list[np.ndarray], f: Callable[[list[np.ndarray]], None]) -> float:
        f(Ws)
        return 1.0

    weights = [np.ones((2, 3)), np.array([2.0, 1.0])]
    assert untouched(run, weights, len, name="run") == 1.0
    with pytest.raises(Mismatch, match="must not change the arrays"):
        untouched(run, weights, slip, name="run")


def test_the_checks_need_numpy_alone() -> None:
    tree = ast.parse(CHECKS.read_text("utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"numpy", "__future__", "collections.abc", "typing"}
