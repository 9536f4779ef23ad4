"""Chapters that use an optional package run without it, too, and say what to install.

With the packages they run when the site is built, and again as student notebooks.
"""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from website import execute
from website.markdown.source import load_book

ROOT = Path(__file__).resolve().parents[2]
HIDE = """\
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {names}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
"""


def printed(notebook: nbformat.NotebookNode) -> str:
    outputs = [out for cell in notebook.cells if cell.cell_type == "code" for out in cell.outputs]
    assert not [out for out in outputs if out.get("name") == "stderr"]
    return "".join(out.text for out in outputs if out.output_type == "stream")


@pytest.mark.parametrize(
    ("docname", "names", "sentences"),
    [
        (
            "chapters/13-deep-training",
            ["torch", "dask", "distributed"],
            [
                "PyTorch is not installed, so this comparison is left out.\nInstall it with:  pip install torch\n",
                'Dask is not installed, so this section does not run here.\nInstall it with:  pip install "dask[dist',
                "alone:    loss ",
                "No figure: there is no Dask to measure.",
            ],
        ),
    ],
)
def test_a_chapter_runs_without_its_optional_packages(
    docname: str, names: list[str], sentences: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    notebook = load_book(ROOT).read_notebook(docname)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(HIDE.format(names=names)))
    NotebookClient(notebook, timeout=execute.TIMEOUT, kernel_name="python3").execute()
    text = printed(notebook)
    for sentence in sentences:
        assert sentence in text
