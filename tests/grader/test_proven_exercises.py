from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from nbclient import NotebookClient

from grader import course, prove
from grader.__main__ import EXERCISES, main
from grader.master import Master, MasterError, read
from grader.release import released


@pytest.fixture(scope="module")
def outcomes(neurons: Master) -> dict[str, prove.Outcome]:
    return {one.variant: one for one in prove.prove(neurons)}


def test_the_reference_earns_every_point(outcomes: dict[str, prove.Outcome]) -> None:
    for name in ("reference", "release, solved"):
        assert outcomes[name].points == 10
        assert outcomes[name].errors == {}


def test_the_empty_stub_earns_none(neurons: Master, outcomes: dict[str, prove.Outcome]) -> None:
    stub = outcomes["empty stub"]
    assert stub.points == 0
    assert {stub.errors[cell.grade_id] for cell in neurons.graded} == {
        "NotImplementedError: This part is still empty."
    }


def test_each_misconception_loses_what_it_deserves(
    neurons: Master, outcomes: dict[str, prove.Outcome]
) -> None:
    wrong = prove.misconceptions(neurons)
    worth = {cell.grade_id: cell.points for cell in neurons.graded}
    assert len(wrong) >= prove.FEWEST
    for one in wrong:
        assert outcomes[one.name].lost == one.loses, outcomes[one.name].errors
        assert outcomes[one.name].points == 10 - sum(worth[name] for name in one.loses)


def test_a_student_reads_a_sentence_in_place_of_a_traceback(neurons: Master) -> None:
    notebook = released(neurons)
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"][:4]
    (stub,) = [cell for cell in notebook.cells if cell.id == "weighted-sum"]
    stub.source = "def weighted_sum(x, w, b):\n    return x @ w - b"
    NotebookClient(notebook, timeout=60, allow_errors=True).execute()
    (error,) = notebook.cells[-1].outputs
    assert error.traceback == [
        "Not yet: z of one point has the right shape, but wrong values.",
        "  yours:  2.",
        "  wanted: 1.",
        "  Hint:   2 times 1, minus 1 times 0.5, and then the bias, -0.5: what is the sum?",
    ]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(EXERCISES, tmp_path / "exercises")
    return tmp_path / "exercises" / "01-neurons"


def test_a_test_that_catches_nothing_is_not_proven(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = copied / "misconceptions.md"
    text = path.read_text("utf-8")
    path.write_text(text.replace("np.where(x @ w + b >= 0, 1, 0)", "np.where(x @ w + b > 0, 1, 0)"), "utf-8")
    assert main(["prove", "--exercises", str(copied.parent), "01-neurons"]) == 1
    said = capsys.readouterr().out
    assert "01-neurons: NOT PROVEN" in said
    assert "at least 0 for above 0: loses nothing\n         but must lose decision." in said


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("replaces: decide,", "replaces: decides,", "'decides' is no solution cell. There are weighted-sum"),
        (
            "loses: [decision]",
            "loses: [decisive]",
            "loses must be a list of graded cells, at least one of one-point",
        ),
        ("loses: [decision]", "loses: []", "loses must be a list of graded cells"),
        (
            "loses: [decision]",
            "costs: [decision]",
            "write `misconception:` with exactly name, replaces and loses",
        ),
        ("forgets the bias,", "drops the side,", "two misconceptions have the same name"),
    ],
)
def test_unfit_misconceptions_are_refused(copied: Path, old: str, new: str, says: str) -> None:
    path = copied / "misconceptions.md"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(MasterError, match=says.replace("[", r"\[")):
        prove.misconceptions(read(copied / "master.md"))


def test_too_few_misconceptions_are_refused(copied: Path) -> None:
    path = copied / "misconceptions.md"
    head, *cells = path.read_text("utf-8").split("```{code-cell}")
    path.write_text("```{code-cell}".join([head, *cells[:5]]), "utf-8")
    with pytest.raises(MasterError, match=r"5 misconceptions\. Write at least 6"):
        prove.misconceptions(read(copied / "master.md"))
    path.unlink()
    with pytest.raises(MasterError, match=r"misconceptions.md: no such file"):
        prove.misconceptions(read(copied / "master.md"))


def test_a_cell_that_never_ends_is_named(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prove, "SECONDS", 1)
    path = copied / "master.md"
    path.write_text(
        path.read_text("utf-8").replace("    return x @ w + b\n", "    while True: pass\n"), "utf-8"
    )
    (master,) = course.read(copied.parent).masters([copied.name])
    with pytest.raises(MasterError, match="a cell runs for more than 1 s"):
        prove.prove(master)
