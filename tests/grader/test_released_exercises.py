from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader import utils
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.nbgraderformat import read as nbgrader_read

from grader import course, release
from grader.__main__ import EXERCISES, main
from grader.master import CHECKS, Master, MasterError


@pytest.fixture(scope="module")
def out(the_course: course.Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("released")
    release.release(the_course, [], folder)
    return folder


@pytest.fixture(scope="module")
def notebook(out: Path) -> nbformat.NotebookNode:
    return nbformat.read(out / "01-neurons.ipynb", as_version=4)


def test_no_line_of_a_solution_or_a_hidden_test_is_in_the_release(out: Path) -> None:
    text = (EXERCISES / "01-neurons" / "master.md").read_text("utf-8")
    secret, ending = set(), ""
    for line in map(str.strip, text.split("\n")):  # on its own, not through the code under test
        if line in ("### BEGIN SOLUTION", "### BEGIN HIDDEN TESTS"):
            ending = line.replace("BEGIN", "END")
        elif line == ending:
            ending = ""
        elif ending and line:
            secret.add(line)
    assert len(secret) > 50
    given_away = "\n".join(path.read_text("utf-8") for path in out.iterdir())
    assert not {line for line in secret if json.dumps(line, ensure_ascii=False)[1:-1] in given_away}
    for marker in ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "### FEEDBACK"):
        assert marker not in given_away


def test_nbgrader_accepts_the_release(out: Path, notebook: nbformat.NotebookNode) -> None:
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    nbgrader_read(out / "01-neurons.ipynb", as_version=4)
    cells = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    assert len(cells) == 19
    for cell in cells:
        assert cell.metadata.nbgrader.checksum == utils.compute_checksum(cell)
        assert cell.metadata.deletable is False
        assert utils.is_solution(cell) == cell.metadata.get("editable", True)
    assert sum(cell.metadata.nbgrader.points for cell in cells if utils.is_grade(cell)) == 10


def test_nbgrader_accepts_the_master_itself(neurons: Master) -> None:
    MetadataValidator().validate_nb(neurons.notebook)


def test_the_release_opens_well(notebook: nbformat.NotebookNode) -> None:
    assert notebook.metadata.kernelspec.name == "python3"
    first = notebook.cells[0].source
    for text in (
        "# One neuron,",
        "10 points",
        "40 minutes",
        "How to work",
        "How to hand in",
        "`01-neurons.ipynb`",
    ):
        assert text in first
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    (checks,) = [cell for cell in code if "checks" in cell.metadata.get("tags", [])]
    assert checks.source == CHECKS.read_text("utf-8").rstrip()
    assert checks.metadata.jupyter.source_hidden is True
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


def test_every_stub_says_where_to_write(neurons: Master, notebook: nbformat.NotebookNode) -> None:
    stubs = [cell.source for cell in notebook.cells if cell.id in neurons.solutions]
    assert len(stubs) == 7
    assert all("# YOUR CODE HERE" in text and "NotImplementedError" in text for text in stubs)


def test_every_hidden_test_has_its_sentence(neurons: Master) -> None:
    for cell in neurons.graded:
        assert cell.visible.strip()
        assert cell.hidden
        for test in cell.hidden:
            assert test.sentence.endswith((".", "?"))
            assert "close(" in test.source or "chosen(" in test.source


def test_the_index_tells_the_website_all_it_needs(out: Path, the_course: course.Course) -> None:
    index = json.loads((out / "index.json").read_text("utf-8"))
    assert index["course"] == "Neural networks"
    assert [one["id"] for one in index["exercises"]] == [entry.id for entry in the_course.exercises]
    assert index["exercises"][0] == {
        "id": "01-neurons",
        "title": "One neuron, many points, many neurons",
        "difficulty": "easy",
        "minutes": 40,
        "points": 10,
        "due": None,
        "file": "01-neurons.ipynb",
    }
    files = {one["file"] for one in index["exercises"]}
    assert {path.name for path in out.iterdir()} == {*files, "index.json"}


def test_the_same_masters_give_the_same_bytes(out: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "grader", "release", "--out", str(tmp_path)]
    subprocess.run(
        command, check=True, cwd=EXERCISES.parent, capture_output=True, env={"PYTHONHASHSEED": "7"}
    )
    for path in out.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_a_second_exercise_joins_the_index_and_a_dropped_one_leaves(tmp_path: Path) -> None:
    folder, out = tmp_path / "exercises", tmp_path / "out"
    shutil.copytree(EXERCISES, folder)
    shutil.copytree(folder / "01-neurons", folder / "02-again")
    lines = "course: Two\nexercises:\n  - {id: 01-neurons, points: 10, due: null}\n"
    again = '  - {id: 02-again, points: 10, due: "2026-10-02T23:59:00-04:00"}\n'
    (folder / "course.yml").write_text(lines + again, "utf-8")
    assert main(["release", "--exercises", str(folder), "--out", str(out), "02-again"]) == 0
    assert main(["release", "--exercises", str(folder), "--out", str(out), "01-neurons"]) == 0
    entries = json.loads((out / "index.json").read_text("utf-8"))["exercises"]
    assert [(one["id"], one["due"]) for one in entries] == [
        ("01-neurons", None),
        ("02-again", "2026-10-02T23:59:00-04:00"),
    ]
    (folder / "course.yml").write_text(lines, "utf-8")
    assert main(["release", "--exercises", str(folder), "--out", str(out)]) == 0
    assert {path.name for path in out.iterdir()} == {"01-neurons.ipynb", "index.json"}


def test_one_bad_master_leaves_the_folder_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "exercises", tmp_path / "out"
    shutil.copytree(EXERCISES, folder)
    shutil.copytree(folder / "01-neurons", folder / "02-bad")
    bad = folder / "02-bad" / "master.md"
    bad.write_text(bad.read_text("utf-8").replace("### END SOLUTION", "", 1), "utf-8")
    entry = (
        "exercises:\n  - {id: 01-neurons, points: 10, due: null}\n  - {id: 02-bad, points: 10, due: null}\n"
    )
    (folder / "course.yml").write_text(f"course: Two\n{entry}", "utf-8")
    assert main(["release", "--exercises", str(folder), "--out", str(out)]) == 1
    assert not out.exists()
    assert "02-bad/master.md, cell 'weighted-sum': each ### BEGIN SOLUTION needs" in capsys.readouterr().err


def test_a_solution_shown_elsewhere_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "exercises"
    shutil.copytree(EXERCISES, folder)
    path = folder / "01-neurons" / "master.md"
    path.write_text(path.read_text("utf-8") + "\nRemember: `x @ W.T + b`.\n", "utf-8")
    with pytest.raises(MasterError, match=r"the release would show `x @ W.T \+ b`"):
        release.release(course.read(folder), [], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_can_not_be_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["release", "--out", str(tmp_path / "file" / "out")]) == 1
    assert "Name a folder that can be written." in capsys.readouterr().err
