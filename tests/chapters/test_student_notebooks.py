"""Every student notebook runs again and prints what it printed; none shows raw MyST or loses a formula.

nbval runs the notebooks in a pytest of its own, one process a chapter, so that this file is all a test run
needs. The same by hand, cell by cell:

    python -m pytest -p tests.chapters.nbval_drawings --nbval --nbval-current-env \\
        --nbval-sanitize-with tests/chapters/nbval_sanitize.cfg _build/html/notebooks/chapters
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.website.test_notebooks import RAW, formulas, prose
from website import execute, notebooks
from website.markdown.source import load_book

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "_build" / "html" / "notebooks"
SANITIZE = Path(__file__).parent / "nbval_sanitize.cfg"
CHAPTERS = load_book(ROOT).notebooks


def nbval(notebook: Path) -> subprocess.CompletedProcess[str]:
    """Run a notebook again and compare every text that it prints or returns."""
    options = f"""
        -q -rfE -W error -c {os.devnull} --color no -p no:cacheprovider -p no:xdist -p tests.chapters.nbval_drawings
        --nbval --nbval-current-env --nbval-cell-timeout {execute.TIMEOUT}
    """
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            *options.split(),
            "--nbval-sanitize-with",
            str(SANITIZE),
            str(notebook),
        ],
        cwd=notebook.parent,
        env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )


def built(docname: str) -> Path:
    """The student notebook of a chapter."""
    path = BUILT / f"{docname}.ipynb"
    assert path.is_file(), f"{path.relative_to(ROOT)} has not been built: run `make book` first."
    return path


@pytest.mark.parametrize("docname", CHAPTERS)
def test_a_student_notebook_runs_again_with_the_same_texts(docname):
    done = nbval(built(docname))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("docname", CHAPTERS)
def test_a_student_notebook_is_whole_and_plain(docname):
    notebook = nbformat.read(built(docname), as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    text, source = prose(notebook), (ROOT / f"{docname}.md").read_text(encoding="utf-8")
    assert RAW.findall(text) == []
    assert formulas(source) - formulas(text) == {}
    assert str(ROOT) not in nbformat.writes(notebook)


# What the comparison above is worth: it fails where an output was tampered with, and only there.

FIGURE = '<figure class="nn-figure"><svg>{}</svg></figure>'
SHOW = f"""\
class Figure:
    def __init__(self, drawing, alt):
        self.drawing, self.alt = drawing, alt
    def _repr_html_(self):
        return {FIGURE!r}.format(self.drawing)
    def __repr__(self):
        return f"Figure: {{self.alt}}"
"""


def result(count: int, **data: str) -> nbformat.NotebookNode:
    kinds = {kind.replace("_", "/").replace("svg", "svg+xml"): text for kind, text in data.items()}
    return nbformat.v4.new_output("execute_result", kinds, execution_count=count)


def stream(name: str, text: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_output("stream", name=name, text=text)


# source of the cell, its true output, a tampered one, and whether the tampering must be found
CELLS = [
    ("print('sum', 3)", stream("stdout", "sum 3\n"), stream("stdout", "sum 4\n"), True),
    ("1 + 1", result(3, text_plain="2"), result(3, text_plain="3"), True),
    (
        "import sys; print('careful', file=sys.stderr)",
        stream("stderr", "careful\n"),
        stream("stderr", "careless\n"),
        True,
    ),
    ("print('more')", stream("stdout", "more\n"), None, True),
    (
        "Figure('drawn', 'a line')",
        result(6, image_svg="<svg></svg>", text_plain="Figure: a line"),
        result(6, image_svg="<svg>drawn otherwise</svg>", text_plain="Figure: a line"),
        False,
    ),
    (
        "Figure('drawn', 'a line')",
        result(7, image_svg="<svg></svg>", text_plain="Figure: a line"),
        result(7, image_svg="<svg></svg>", text_plain="Figure: a circle"),
        True,
    ),
    (
        "import ipywidgets; ipywidgets.VBox([ipywidgets.IntSlider()])",
        result(8, text_plain="VBox(children=(IntSlider(value=0),))"),
        result(8, text_plain=notebooks.RUN_ME),
        False,
    ),
    (
        "import ipywidgets; ipywidgets.VBox([ipywidgets.IntSlider()])",
        result(9, text_plain=notebooks.RUN_ME),
        result(9, text_plain="Run something else."),
        True,
    ),
]


def notebook_of(path: Path, *, tampered: bool) -> Path:
    cells = [nbformat.v4.new_code_cell(SHOW, execution_count=1)]
    for count, (source, true, false, _) in enumerate(CELLS, 2):
        output = false if tampered else true
        cells.append(
            nbformat.v4.new_code_cell(source, execution_count=count, outputs=[output] if output else [])
        )
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


def test_nbval_accepts_an_honest_notebook(tmp_path):
    done = nbval(notebook_of(tmp_path / "honest.ipynb", tampered=False))
    assert done.returncode == 0, done.stdout + done.stderr


def test_nbval_finds_every_tampered_text(tmp_path):
    done = nbval(notebook_of(tmp_path / "tampered.ipynb", tampered=True))
    found = {int(number) for number in re.findall(r"^FAILED .*Cell (\d+)", done.stdout, re.MULTILINE)}
    assert done.returncode == 1
    assert found == {number for number, cell in enumerate(CELLS, 1) if cell[3]}
