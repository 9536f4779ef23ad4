"""Executes the book's notebooks before Sphinx runs, side by side, into the cache that Sphinx then reads.

The cache lies in a folder named by a hash of ``nnlib`` and of the packages that shape outputs. A
change in any of them leads to another folder, hence to a fresh execution: a stale output can't be published.
A chapter that imports an optional package runs again when that package comes, goes or changes.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TextIO

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from website.markdown.source import Book, BookError, load_book

# Packages whose version shows in a chapter's output.
PACKAGES = ("numpy", "matplotlib", "ipywidgets", "anywidget", "scikit-learn", "ipykernel", "ipython")

# Packages that a chapter uses where they are installed, each with the names under which it is distributed.
OPTIONAL = {"torch": ("torch",), "tensorflow": ("tensorflow", "tensorflow-cpu"), "dask": ("dask",)}

# How IPython names the line of a cell in a warning.
THIS_CELL = re.compile(r"\S*[/\\]ipykernel_\d+[/\\]\d+\.py:(\d+)")

# Seconds that one cell may take.
TIMEOUT = 120


def code_hash(root: Path) -> str:
    """Return twelve hex digits that change with ``nnlib/**``, Python and the packages that shape outputs."""
    digest = hashlib.sha256()
    for path in sorted((root / "nnlib").rglob("*")):
        parts = path.relative_to(root).parts
        if path.is_file() and "__pycache__" not in parts and not any(part.startswith(".") for part in parts):
            content = path.read_bytes()
            digest.update(f"{'/'.join(parts)} {len(content)}\n".encode())
            digest.update(content)
    digest.update("python {}.{}\n".format(*sys.version_info).encode())
    for package in PACKAGES:
        digest.update(f"{package} {_version(package)}\n".encode())
    return digest.hexdigest()[:12]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def optional_versions(code: str | None = None) -> dict[str, str]:
    """Return the versions of the optional packages: of all, or of those that some code imports."""
    return {
        package: next((found for name in names if (found := _version(name)) != "absent"), "absent")
        for package, names in OPTIONAL.items()
        if code is None or re.search(rf"^\s*(import|from) {package}\b", code, re.MULTILINE)
    }


def cache_path(root: Path) -> Path:
    """Return the folder of the cache that belongs to the code as it is now: ``nb_execution_cache_path``."""
    return root.resolve() / "_build" / "execution" / code_hash(root)


@dataclass(frozen=True)
class Run:
    """How one chapter fared.

    Parameters
    ----------
    docname : str
        The chapter, as ``chapters/01-neurons``.
    seconds : float
        How long it took, now or when it was put into the cache.
    cached : bool
        Whether its outputs stood in the cache already.
    problems : tuple of str
        Errors and texts on stderr; a chapter with problems is not cached.
    """

    docname: str
    seconds: float
    cached: bool = False
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """How the book fared, chapter by chapter in reading order."""

    runs: tuple[Run, ...]
    cache: Path

    @property
    def ok(self) -> bool:
        """Whether every chapter stands in the cache."""
        return not any(run.problems for run in self.runs)

    def summary(self) -> str:
        """Return every problem, and a last line with the count."""
        lines = [f"\n{problem}" for run in self.runs for problem in run.problems]
        bad = sum(1 for run in self.runs if run.problems)
        fresh = sum(1 for run in self.runs if not run.cached and not run.problems)
        kept = sum(1 for run in self.runs if run.cached)
        total = f"{len(self.runs)} chapters: {fresh} executed, {kept} from the cache"
        return "\n".join([*lines, f"\n{total}, {bad} failed." if bad else f"{total}."])


def execute_book(
    root: Path, only: Iterable[str] | None = None, *, out: TextIO | None = None, jobs: int | None = None
) -> Report:
    """Execute every notebook of the table of contents that the cache does not hold yet.

    Parameters
    ----------
    root : Path
        The folder of ``_config.yml``, ``_toc.yml`` and ``nnlib``.
    only : iterable of str, optional
        Chapters to execute, as ``chapters/01-neurons``; all by default.
    out : text stream, optional
        Where progress is shown; standard output by default.
    jobs : int, optional
        How many chapters run at the same time; one a core by default.

    Returns
    -------
    Report
        One entry a chapter, failed or not.

    Raises
    ------
    BookError
        When the book can't be read, or `only` names something that is no notebook of it.
    """
    book, out = load_book(root), out or sys.stdout
    docnames = _choose(book, only)
    path = cache_path(book.root)
    _prune(path)
    cache = get_cache(path)

    width = max(map(len, docnames), default=0)
    runs: dict[str, Run] = {}

    def note(run: Run) -> None:
        runs[run.docname] = run
        state = "failed" if run.problems else "from the cache" if run.cached else f"{run.seconds:.1f} s"
        _say(out, f"{run.docname:<{width}}  {state}")

    waiting = {}
    for docname in docnames:
        notebook = book.read_notebook(docname)
        seconds = _cached_seconds(cache, notebook)
        if seconds is None:
            waiting[docname] = notebook
        else:
            note(Run(docname, seconds, cached=True))

    with ThreadPoolExecutor(jobs or _cores()) as pool:
        futures = {}
        for docname, notebook in waiting.items():
            futures[pool.submit(_execute, book, docname, notebook, out, width)] = docname
        for future in as_completed(futures):
            run = future.result()
            if not run.problems:
                executed = waiting[run.docname]
                data = {"execution_seconds": run.seconds, "optional": optional_versions(_code(executed))}
                bundle = CacheBundleIn(executed, str(book.path(run.docname)), data=data)
                cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
            note(run)

    cache.db.dispose()
    report = Report(tuple(runs[docname] for docname in docnames), path)
    _write_times(path.parent / "times.json", report)
    return report


def _choose(book: Book, only: Iterable[str] | None) -> tuple[str, ...]:
    if only is None:
        return book.notebooks
    chosen = tuple(name.removesuffix(".md") for name in only)
    for name in chosen:
        if name not in book.notebooks:
            raise BookError(f"{name} is no notebook of _toc.yml. There are: {', '.join(book.notebooks)}.")
    return chosen


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _prune(keep: Path) -> None:
    """Remove caches that belong to other code."""
    if keep.parent.is_dir():
        for folder in keep.parent.iterdir():
            if folder != keep and re.fullmatch(r"[0-9a-f]{12}", folder.name):
                shutil.rmtree(folder)


def _cached_seconds(cache: JupyterCacheAbstract, notebook: NotebookNode) -> float | None:
    try:
        record = cache.match_cache_notebook(notebook)
        cache.get_cache_bundle(record.pk)
    except KeyError:
        return None
    if record.data.get("optional") != optional_versions(_code(notebook)):
        return None  # it ran with other packages, or without them
    return float(record.data["execution_seconds"])


def _code(notebook: NotebookNode) -> str:
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


def _write_times(path: Path, report: Report) -> None:
    """Merge the seconds of this run into those of chapters that were not part of it."""
    times: dict[str, float] = json.loads(path.read_text()) if path.is_file() else {}
    times.update({run.docname: round(run.seconds, 2) for run in report.runs if not run.problems})
    path.write_text(json.dumps(dict(sorted(times.items())), indent=2) + "\n")


def _say(out: TextIO, line: str) -> None:
    """Write a whole line at once: chapters run side by side."""
    out.write(f"{line}\n")
    out.flush()


def _execute(book: Book, docname: str, notebook: NotebookNode, out: TextIO, width: int) -> Run:
    """Execute a notebook in place."""
    _say(out, f"{docname:<{width}}  running")
    start = time.perf_counter()
    try:
        with tempfile.TemporaryDirectory(prefix="nb-") as folder:
            problems = _run_cells(book, docname, notebook, folder)
    except Exception as error:  # one chapter's trouble must not stop the others
        problems = [f"{docname}.md: the kernel could not run it.\n    {type(error).__name__}: {error}"]
    return Run(docname, time.perf_counter() - start, problems=tuple(problems))


def _run_cells(book: Book, docname: str, notebook: NotebookNode, folder: str) -> list[str]:
    if not any(cell.cell_type == "code" for cell in notebook.cells):
        return []
    current = 0

    def on_start(cell: NotebookNode, cell_index: int) -> None:
        nonlocal current
        current = cell_index

    # No folder of kernels is searched: "python3" is this interpreter, whatever the user has installed.
    manager = AsyncKernelManager(
        kernel_name="python3",
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
        transport="ipc" if os.name == "posix" else "tcp",  # sockets in a folder of its own: no open port
        connection_file=str(Path(folder) / "kernel.json"),
    )
    client = NotebookClient(
        notebook,
        km=manager,
        timeout=TIMEOUT,
        record_timing=False,
        coalesce_streams=True,
        on_cell_start=on_start,
        resources={"metadata": {"path": str(book.path(docname).parent)}},
    )
    # The nnlib that was hashed is the one that is imported.
    search = os.pathsep.join(filter(None, (str(book.root), os.environ.get("PYTHONPATH"))))
    try:
        environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": search}
        asyncio.run(client.async_execute(cleanup_kc=True, env=environment))
    except CellTimeoutError:
        text = f"TimeoutError: the cell ran longer than {TIMEOUT} seconds."
        return [_describe(book, docname, notebook, current, text)]
    except CellExecutionError as error:
        text = f"{error.ename}: {error.evalue}"
        failed = _failing_line(error.traceback, notebook.cells[current].get("execution_count"))
        return [_describe(book, docname, notebook, current, text, failed)]
    except DeadKernelError:
        return [_describe(book, docname, notebook, current, "The kernel died in this cell.")]
    problems = []
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and (said := _stderr(cell)):
            lines = THIS_CELL.findall(said)
            text = f"The cell writes to stderr, and warnings are errors. Mend what it says:\n{said}"
            text = THIS_CELL.sub(r"line \1 of the cell", text)
            problems.append(_describe(book, docname, notebook, index, text, int(lines[0]) if lines else None))
    return problems


def _stderr(cell: NotebookNode) -> str:
    texts = [out.text for out in cell.outputs if out.output_type == "stream" and out.name == "stderr"]
    return "".join(texts).strip()


def _failing_line(traceback: str, count: Any) -> int | None:
    """Return the line of the cell, from 1, on which an error arose."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", traceback)
    lines = re.findall(rf"Cell In\s?\[{count}\], line (\d+)", plain)
    return int(lines[0]) if lines else None


def _describe(
    book: Book, docname: str, notebook: NotebookNode, index: int, text: str, failed: int | None = None
) -> str:
    """Say where the trouble is, what it is, and show the source around it."""
    cell = notebook.cells[index]
    number = sum(1 for other in notebook.cells[: index + 1] if other.cell_type == "code")
    line = _first_line(book.texts[docname], notebook, index) + (failed or 1) - 1
    source = cell.source.splitlines()
    low = max(0, (failed or 1) - 4)
    shown = [
        f"    {'>' if position == failed else ' '} {row}".rstrip()
        for position, row in enumerate(source[low : low + 7], start=low + 1)
    ]
    said = "\n".join(f"    {row}" for row in text.splitlines())
    return "\n".join([f"{docname}.md:{line}: code cell {number}", said, "", *shown])


def _first_line(text: str, notebook: NotebookNode, index: int) -> int:
    """Return the line of the file, from 1, on which a cell's source begins, below its options."""
    fence = int(notebook.metadata.source_map[index])
    rows, first = text.splitlines(), notebook.cells[index].source.splitlines()[:1]
    for position in range(fence, len(rows)):
        if rows[position : position + 1] == first:
            return position + 1
    return fence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m website.execute", description=__doc__)
    parser.add_argument("chapters", nargs="*", help="chapters, as chapters/01-neurons (default: all)")
    parser.add_argument("--root", type=Path, default=Path(), help="the book's folder (default: this one)")
    parser.add_argument("--jobs", type=int, help="chapters that run at the same time (default: one a core)")
    options = parser.parse_args(arguments)
    try:
        report = execute_book(options.root, options.chapters or None, jobs=options.jobs)
    except BookError as error:
        print(error, file=sys.stderr)
        return 1
    print(report.summary(), file=sys.stdout if report.ok else sys.stderr)
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
