"""The chapters run side by side into a cache; Sphinx finds every output there; trouble is named in full."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jupyter_cache import get_cache

from tests.website import small_book
from website import execute, notebooks
from website.markdown.source import BookError, load_book

ONE, TWO = "chapters/01-one", "chapters/02-two"
GOOD = f'{small_book.HEAD}# Good\n\n```{{code-cell}} ipython3\nprint("fine")\n```\n'


def chapter(*cells: str) -> str:
    """A chapter with a line of prose before each of its cells."""
    return f"{small_book.HEAD}# Title\n" + "".join(
        f"\nProse.\n\n```{{code-cell}} ipython3\n{c}\n```\n" for c in cells
    )


def run(root: Path, **more: object) -> tuple[execute.Report, str]:
    out = io.StringIO()
    return execute.execute_book(root, out=out, **more), out.getvalue()


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, execute.Report, str]:
    root = small_book.write(tmp_path_factory.mktemp("book") / "course")
    return root, *run(root)


def texts(root: Path, docname: str) -> str:
    """Everything that a chapter printed, from the cache."""
    read = load_book(root)
    cache = get_cache(execute.cache_path(root))
    _, notebook = cache.merge_match_into_notebook(read.read_notebook(docname))
    cache.db.dispose()
    return "".join(out.get("text", "") for cell in notebook.cells for out in cell.get("outputs", ()))


def test_every_chapter_runs_and_says_so(book):
    root, report, progress = book
    assert report.ok
    assert [run.docname for run in report.runs] == [ONE, TWO]
    for name in (ONE, TWO):
        assert re.search(rf"^{name}  running$", progress, re.MULTILINE)
        assert re.search(rf"^{name}  \d+\.\d s$", progress, re.MULTILINE)
    assert report.summary() == "2 chapters: 2 executed, 0 from the cache."
    times = json.loads((root / "_build" / "execution" / "times.json").read_text())
    assert list(times) == [ONE, TWO]
    assert all(0 < seconds < 60 for seconds in times.values())


def test_a_chapter_runs_in_its_folder_with_this_interpreter_and_this_nnlib(book):
    root, *_ = book
    assert texts(root, TWO) == f"chapters 0\n{sys.executable}\n"
    assert "the value is 1\n" in texts(root, ONE)


def test_what_stands_in_the_cache_is_not_run_again(book, monkeypatch):
    root, *_ = book
    monkeypatch.setattr(execute, "NotebookClient", None)
    report, progress = run(root)
    assert report.ok
    assert all(run.cached for run in report.runs)
    assert "running" not in progress
    assert report.summary() == "2 chapters: 0 executed, 2 from the cache."
    report, _ = run(root, only=[f"{TWO}.md"])
    assert [run.docname for run in report.runs] == [TWO]


def test_a_chapter_runs_again_when_a_package_that_it_may_use_comes_or_goes(tmp_path, monkeypatch):
    root = small_book.write(tmp_path / "course")
    may = "try:\n    import torch\nexcept ImportError:\n    torch = None\nprint('done')"
    (root / f"{TWO}.md").write_text(chapter(may), encoding="utf-8")
    version, there = execute._version, {}
    monkeypatch.setattr(execute, "_version", lambda name: there.get(name, version(name)))
    for there["torch"], again in (("absent", [True, True]), ("9.9", [False, True]), ("9.9", [False, False])):
        report, _ = run(root)
        assert report.ok, report.summary()
        assert [not each.cached for each in report.runs] == again


@pytest.fixture(scope="module")
def site(book, tmp_path_factory) -> tuple[str, dict[str, str]]:
    """What Sphinx says while it builds the book, and its pages."""
    root, *_ = book
    out, settings = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("settings")
    (settings / "conf.py").write_text(CONF.format(cache=str(execute.cache_path(root))))
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "sphinx",
            "-b",
            "html",
            "--no-color",
            "-c",
            str(settings),
            str(root),
            str(out),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    pages = {name: (out / f"{name}.html").read_text() for name in (ONE, TWO)}
    return done.stdout + done.stderr, pages


CONF = """
from docutils.parsers.rst import Directive, directives

extensions = ["myst_nb", "sphinx_external_toc", "sphinx_multitoc_numbering", "sphinxcontrib.bibtex"]
extensions += ["sphinx_proof"]
external_toc_path = "_toc.yml"
exclude_patterns = ["_build"]
bibtex_bibfiles = ["references.bib"]
myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
nb_execution_mode = "cache"
nb_execution_cache_path = {cache!r}
numfig = True


class Any(Directive):
    has_content, optional_arguments, final_argument_whitespace = True, 1, True
    option_spec = {{"name": directives.unchanged}}

    def run(self):
        return []


def setup(app):  # stands in for the course's own directives
    for name in ("aim", "lead", "caption", "predict", "quiz"):
        app.add_directive(name, Any)
"""


def test_sphinx_finds_every_notebook_in_the_cache(site):
    said, pages = site
    assert said.count("Using cached notebook") == 2
    assert "Executing notebook" not in said
    assert "the value is 1" in pages[ONE]


def test_notebooks_number_formulas_and_theorems_as_the_site_does(book, site, tmp_path):
    root, *_ = book
    _, pages = site
    written = notebooks.write_all(root, tmp_path)
    for path, name in zip(written, (ONE, TWO), strict=True):
        text = path.read_text()
        numbers = re.findall(r'class="eqno">\(([\d.]+)', pages[name])
        assert numbers
        assert re.findall(r"tag\{([\d.]+)\}", text) == numbers
        site_theorems = re.findall(r"Theorem ([\d.]+\d)\s*</span>", pages[name])
        assert site_theorems
        assert sorted(set(re.findall(r"\*\*Theorem ([\d.]+\d)", text))) == sorted(set(site_theorems))


def test_a_change_of_nnlib_leads_to_another_cache_and_a_fresh_run(tmp_path):
    root = small_book.write(tmp_path / "course", two=GOOD)
    before = execute.cache_path(root)
    run(root, only=[ONE])
    assert before.is_dir()
    (root / "nnlib" / "__pycache__").mkdir(exist_ok=True)
    (root / "nnlib" / "__pycache__" / "x.pyc").write_bytes(b"1")
    assert execute.cache_path(root) == before

    (root / "nnlib" / "__init__.py").write_text("VALUE = 2\n")
    after = execute.cache_path(root)
    assert after != before
    report, _ = run(root, only=[ONE])
    assert not report.runs[0].cached
    assert "the value is 2\n" in texts(root, ONE)
    assert not before.exists()


@pytest.mark.parametrize("name", ["view.js", "base.css", "book.mplstyle", "deep/er.py"])
def test_every_file_of_nnlib_counts(tmp_path, name):
    root = small_book.write(tmp_path / "course")
    hashes = {execute.code_hash(root)}
    path = root / "nnlib" / name
    path.parent.mkdir(exist_ok=True)
    for text in ("", "a", "b"):
        path.write_text(text)
        hashes.add(execute.code_hash(root))
    assert len(hashes) == 4


def test_the_versions_of_packages_count(tmp_path, monkeypatch):
    root = small_book.write(tmp_path / "course")
    before = execute.code_hash(root)
    monkeypatch.setattr(execute, "version", lambda package: "0.0.1")
    assert execute.code_hash(root) != before


def test_a_failing_cell_is_named_and_the_others_finish(tmp_path, capsys):
    bad = chapter("x = 1", "y = 2\nprint(x)\nprint(1 / (x - 1))\nz = 3")
    root = small_book.write(tmp_path / "course", one=bad, two=GOOD)
    status = execute.main(["--root", str(root)])
    printed = capsys.readouterr()
    line = bad.splitlines().index("print(1 / (x - 1))") + 1
    assert status == 1
    assert f"{ONE}.md:{line}: code cell 2\n    ZeroDivisionError: division by zero\n" in printed.err
    assert "\n    > print(1 / (x - 1))\n      z = 3\n" in printed.err
    assert "2 chapters: 1 executed, 0 from the cache, 1 failed." in printed.err
    assert f"{ONE}  failed" in printed.out
    assert texts(root, TWO) == "fine\n"
    with pytest.raises(KeyError):
        texts(root, ONE)
    assert list(json.loads((root / "_build" / "execution" / "times.json").read_text())) == [TWO]


def test_text_on_stderr_is_an_error(tmp_path):
    bad = chapter("import warnings", ":tags: [x]\n\nwarnings.warn('look out')")
    root = small_book.write(tmp_path / "course", one=bad, two=GOOD)
    report, _ = run(root, only=[ONE])
    line = bad.splitlines().index("warnings.warn('look out')") + 1
    (problem,) = report.runs[0].problems
    assert not report.ok
    assert problem.startswith(f"{ONE}.md:{line}: code cell 2\n    The cell writes to stderr")
    assert "UserWarning: look out" in problem
    assert "    > warnings.warn('look out')" in problem


def test_a_cell_that_hangs_and_a_kernel_that_dies_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(execute, "TIMEOUT", 2)
    hangs, dies = chapter("import time\ntime.sleep(60)"), chapter("1", "import os\nos._exit(3)")
    root = small_book.write(tmp_path / "course", one=hangs, two=dies)
    report, _ = run(root)
    assert "code cell 1\n    TimeoutError: the cell ran longer than 2 seconds." in report.runs[0].problems[0]
    assert "code cell 2\n    The kernel died in this cell." in report.runs[1].problems[0]


def test_a_chapter_without_code_needs_no_kernel(tmp_path, monkeypatch):
    monkeypatch.setattr(execute, "NotebookClient", None)
    root = small_book.write(tmp_path / "course", one=chapter(), two=chapter())
    assert run(root)[0].ok


def test_a_name_that_is_no_chapter_is_refused(tmp_path, capsys):
    root = small_book.write(tmp_path / "course")
    assert execute.main(["--root", str(root), "chapters/03-three"]) == 1
    assert (
        f"chapters/03-three is no notebook of _toc.yml. There are: {ONE}, {TWO}." in capsys.readouterr().err
    )
    with pytest.raises(BookError, match=r"There is no _config\.yml"):
        load_book(tmp_path)
