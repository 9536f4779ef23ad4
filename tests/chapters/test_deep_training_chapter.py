"""Chapter 13 with and without its optional packages: used where they are there, missed in words where they are not."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.chapters.test_student_notebooks import built
from website import execute
from website.markdown.source import load_book

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = "chapters/13-deep-training"
WITHOUT = """\
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "dask", "distributed"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
"""
# For each package: what its part of the chapter ends with, and what stands there in its place.
PARTS = {
    "torch": (
        "AdamW     200 steps, 33 weights: equal to 12 decimals\n",
        "PyTorch is not installed, so this comparison is left out.\nInstall it with:  pip install torch\n",
    ),
    "dask": (
        "8,970 weights after 30 steps: equal to 10 decimals\n",
        'Dask is not installed, so this section does not run here.\nInstall it with:  pip install "dask[distributed]"\n',
    ),
}


def said(notebook: nbformat.NotebookNode) -> str:
    """All that the cells print; nothing on stderr."""
    outputs = [out for cell in notebook.cells if cell.cell_type == "code" for out in cell.outputs]
    assert [out.text for out in outputs if out.get("name") == "stderr"] == []
    return "".join(out.text for out in outputs if out.output_type == "stream")


def test_without_the_optional_packages_the_chapter_works_and_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    notebook = load_book(ROOT).read_notebook(CHAPTER)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(WITHOUT))
    NotebookClient(notebook, timeout=execute.TIMEOUT, kernel_name="python3").execute()
    text = said(notebook)
    for there, missed in PARTS.values():
        assert missed in text
        assert there not in text
    assert "alone:    loss " in text  # the single machine trains all the same
    assert "No figure: there is no Dask to measure." in text


@pytest.mark.parametrize("package", PARTS)
def test_the_built_chapter_has_the_part_of_each_package_that_is_installed(package: str) -> None:
    there, missed = PARTS[package]
    text = said(nbformat.read(built(CHAPTER), as_version=nbformat.NO_CONVERT))
    if importlib.util.find_spec(package):
        assert there in text
        assert missed not in text
    else:
        assert not os.environ.get("REQUIRE_ORACLES"), f"{package} is missing: run make test"
        assert missed in text
        assert there not in text
