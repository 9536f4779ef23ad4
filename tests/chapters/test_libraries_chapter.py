"""Chapter 12 with and without its optional libraries: used where they are there, missed in words where they are not."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat

from website.markdown.source import load_book

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = "chapters/12-libraries"
BUILT = ROOT / "_build" / "html" / "notebooks" / f"{CHAPTER}.ipynb"
OPTIONAL = {"torch": "PyTorch", "tensorflow": "TensorFlow"}
WITHOUT = """\
import contextlib, io, json, sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name in ("torch", "tensorflow"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
said, names = [], {"__name__": "__main__"}
for source in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(source, names)
    said.append(out.getvalue())
print(json.dumps({"said": said, "drawn": names["figure"].view.names, "trained": list(names["double"])}))
"""


def is_missed(name: str, package: str) -> str:
    """What a page says in place of a library's part."""
    return f"{name} is not installed here, so its part is left out.\nTo run it: pip install {package}\n"


def test_without_the_optional_libraries_the_chapter_works_and_says_what_is_missing():
    cells = load_book(ROOT).read_notebook(CHAPTER).cells
    sources = {cell.source: cell.metadata.get("tab", "") for cell in cells if cell.cell_type == "code"}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT],
        input=json.dumps(list(sources)),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert found["trained"] == found["drawn"] == ["nnlib", "scikit-learn"]
    for package, name in OPTIONAL.items():
        told = [text for text, tab in zip(found["said"], sources.values(), strict=True) if tab == name]
        assert told[0] == is_missed(name, package)
        assert told[1:] == [f"{name} is not installed here: pip install {package}\n"]


def test_the_built_chapter_has_every_library_that_is_installed():
    wanted = ["nnlib", "scikit-learn"]
    for package, name in OPTIONAL.items():
        if importlib.util.find_spec(package):
            wanted.append(name)
        else:
            assert not os.environ.get("REQUIRE_ORACLES"), f"{name} is missing: pip install {package}"
    notebook = nbformat.read(BUILT, as_version=nbformat.NO_CONVERT)
    said = "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", ()))
    assert re.findall(r"^(\S+) +loss \d\.\d+ -> \d", said, re.MULTILINE) == wanted
    missing = [(name, package) for package, name in OPTIONAL.items() if name not in wanted]
    assert all(is_missed(*each) in said for each in missing)
    assert said.count("is not installed here, so") == len(missing)


def test_a_student_notebook_names_what_stands_in_tabs():
    notebook = nbformat.read(BUILT, as_version=nbformat.NO_CONVERT)
    names = re.findall(
        r"^\*\*(nnlib|scikit-learn|PyTorch|TensorFlow)\*\*$",
        "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown"),
        re.MULTILINE,
    )
    assert names == 2 * ["nnlib", "scikit-learn", "PyTorch", "TensorFlow"]
