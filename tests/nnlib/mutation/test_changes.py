"""The mutants themselves: what is changed, what is left alone, and what may survive."""

import pytest

from tests.nnlib.mutation.__main__ import FILES, HERE, survivors_listed
from tests.nnlib.mutation.changes import mutants

SOURCE = '''
"""A docstring stays, 1 + 1."""
LOG2 = log(2)
elementwise(np.arctan2, lambda t, o, y, x: t * x / (x * x + y))
def slope(x: Any = 3) -> Any:
    """So does this, -1."""
    if x < 0 and x:
        raise ValueError(f"{x - 1}")
    return np.sin(-x) if x else 0.5
'''


def test_every_small_change_of_a_rule():
    names = [m.name.removeprefix("f.py: ") for m in mutants("f.py", SOURCE)]
    assert names[:6] == [
        "LOG2: LOG2 = log(2) -> LOG2 = log(3)",
        "np.arctan2: t * x / (x * x + y) -> t * x * (x * x + y)",
        "np.arctan2: t * x / (x * x + y) -> t / x / (x * x + y)",
        "np.arctan2: t * x / (x * x + y) -> o * x / (x * x + y)",
        "np.arctan2: t * x / (x * x + y) -> t * y / (x * x + y)",
        "np.arctan2: t * x / (x * x + y) -> t * x / (x * x - y)",
    ]
    assert names[9:] == [
        "np.arctan2: t * x / (x * x + y) -> t * x / (x * x + x)",
        "slope: x < 0 and x -> x < 0 or x",
        "slope: x < 0 and x -> x <= 0 and x",
        "slope: x < 0 and x -> x >= 0 and x",
        "slope: x < 0 and x -> x < 1 and x",
        "slope: return np.sin(-x) if x else 0.5 -> return np.sin(-x) if not x else 0.5",
        "slope: return np.sin(-x) if x else 0.5 -> return np.cos(-x) if x else 0.5",
        "slope: return np.sin(-x) if x else 0.5 -> return np.sin(+x) if x else 0.5",
        "slope: return np.sin(-x) if x else 0.5 -> return np.sin(-x) if x else 1.5",
    ]
    assert len(set(names)) == len(names)


def test_each_survivor_on_the_list_has_a_reason_and_is_a_mutant():
    listed = survivors_listed((HERE / "survivors.txt").read_text(encoding="utf-8"))
    root = HERE.parents[2]
    known = {m.name for path in FILES for m in mutants(path, (root / path).read_text(encoding="utf-8"))}
    assert set(listed) <= known
    with pytest.raises(ValueError, match="no reason for f"):
        survivors_listed("# a reason\na -> b\n\nf.py: x -> y\n")
