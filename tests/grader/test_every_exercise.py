"""What holds for each exercise of the course: it is proven, gives nothing away, runs, and stands in its chapter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator

from grader import course, prove
from grader.__main__ import EXERCISES
from grader.master import Master
from grader.release import released

ROOT = EXERCISES.parent
MASTERS = course.read(EXERCISES).masters([])
SEED = 20875  # `make exercises` proves them with another

each = pytest.mark.parametrize("master", MASTERS, ids=lambda master: master.id)


@each
def test_it_is_proven(master: Master) -> None:
    outcomes = prove.prove(master, seed=SEED)
    assert all(one.proven for one in outcomes), prove.table(master, outcomes)


@each
def test_some_misconception_loses_each_part(master: Master) -> None:
    wrong = prove.misconceptions(master)
    lost = {name for one in wrong for name in one.loses}
    assert lost == {cell.grade_id for cell in master.graded}
    assert any(len(one.loses) == 1 for one in wrong)  # a slip in one place doesn't cost the whole exercise


@each
def test_its_release_gives_nothing_away(master: Master) -> None:
    secret, ending = set(), ""
    for line in map(str.strip, master.path.read_text("utf-8").split("\n")):  # not through the code under test
        if line in ("### BEGIN SOLUTION", "### BEGIN HIDDEN TESTS"):
            ending = line.replace("BEGIN", "END")
        elif line == ending:
            ending = ""
        elif ending and len(line) > len("else:"):
            secret.add(line)
    assert len(secret) > 30
    notebook = released(master)
    MetadataValidator().validate_nb(notebook)
    shown = json.dumps(notebook, ensure_ascii=False)
    assert not {line for line in secret if json.dumps(line, ensure_ascii=False)[1:-1] in shown}


def test_nbval_executes_every_reference_notebook(tmp_path: Path) -> None:
    for master in MASTERS:
        nbformat.write(prove.solved(master), tmp_path / f"{master.id}.ipynb")
    options = f"-q -rfE -W error -c {os.devnull} --color no -p no:cacheprovider -p no:xdist --nbval-lax"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options.split(), "--nbval-current-env", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    cells = sum(cell.cell_type == "code" for master in MASTERS for cell in master.notebook.cells)
    assert f"{cells} passed" in done.stdout


def test_each_stands_in_the_chapter_of_its_number_between_quizzes_and_recap() -> None:
    for master in MASTERS:
        (chapter,) = (ROOT / "chapters").glob(f"{master.id.split('-')[0]}-*.md")
        text = chapter.read_text("utf-8")
        link, recap = text.find(f"```{{exercise-link}} {master.id}\n"), text.find("\n## What to keep\n")
        assert text.rfind("```{quiz}") < link < recap, master.id
