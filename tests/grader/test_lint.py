from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.__main__ import EXERCISES
from grader.lint import loose_loops
from grader.master import MasterError, read

NAMES = ("solve", "Net")


@pytest.mark.parametrize(
    "source",
    [
        "for one in solve(3):\n    close(one, 1, 'one')",
        "steps = solve(3)\nfor number, one in enumerate(steps): close(one, number, 'one')",
        "assert all(one > 0 for one in solve(3))",
        "assert all(solve(3))",
        "for got, want in zip(solve(3), wanted): close(got, want, 'it')",
        "steps, rest = solve(3)\n[close(one, 1, 'one') for one in steps]",
        "steps, rest = parts(solve(3), 2, 'solve')\n{one: 1 for one in steps}",
        "for row in parts(solve(3), 2, 'solve'):\n    for one in row: close(one, 1, 'one')",
        "net = Net(3)\nfor layer in net.layers: close(layer, 1, 'layer')",
        "for one in Net(3).walk(): close(one, 1, 'one')",
        "for one in untouched(solve, 3, name='solve'): close(one, 1, 'one')",
        "got = {'a': 1}\ngot = solve(3)\nfor key in sorted(got['losses']): pass",
    ],
)
def test_a_loop_that_an_empty_list_would_pass_is_found(source: str) -> None:
    assert list(loose_loops(source, NAMES))


@pytest.mark.parametrize(
    "source",
    [
        "for one in parts(solve(3), 3, 'solve'): close(one, 1, 'one')",
        "steps = array(solve(3), (3,), 'solve')\nfor one in steps: close(one, 1, 'one')",
        "for got, want in zip(solve(3), wanted, strict=True): close(got, want, 'it')",
        "for n in (1, 2): close(solve(n), n, 'solve')",
        "for n in range(3):\n    got = solve(n)\n    close(got, n, 'solve')",
        "got = solve(3)\ngot = [1, 2]\nassert all(got)",
        "wanted = [sum(row * w) for row in X]\nclose(solve(X), wanted, 'solve')",
        "rows = parts(solve(3), 3, 'solve')\nclose([row[0] for row in rows], [1, 2, 3], 'firsts')",
    ],
)
def test_a_loop_of_known_length_is_left_alone(source: str) -> None:
    assert not list(loose_loops(source, NAMES))


def test_a_master_with_one_is_refused(tmp_path: Path) -> None:
    shutil.copytree(EXERCISES / "01-neurons", tmp_path / "01-neurons")
    path = tmp_path / "01-neurons" / "master.md"
    text = path.read_text("utf-8")
    old = "letter, before, after = parts(explain(), 3"
    assert old in text
    path.write_text(text.replace(old, f"for one in explain():\n    pass\n{old}"), "utf-8")
    with pytest.raises(
        MasterError, match=r"cell 'explanation', line 1: the loop over explain\(\) checks nothing"
    ):
        read(path)
