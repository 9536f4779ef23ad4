"""Turns each chapter into an executed student notebook: plain Markdown, outputs from the cache."""

# mypy: allow-untyped-calls
# (nbformat has no types)

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import nbformat
from jupyter_cache import get_cache
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from website import launch, reading
from website.execute import cache_path
from website.markdown.citations import References
from website.markdown.index import Index, Links, build_index
from website.markdown.render import Chapter, collect, footnotes, render
from website.markdown.source import Book, BookError, load_book

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"

# A notebook reads a little differently where it runs: "computer" is the reader's own.
PLACES = ("computer", "browser", "colab")
KERNELS = {
    "browser": {"display_name": "Python (Pyodide)", "language": "python", "name": "python"},
    "computer": {"display_name": "Python 3", "language": "python", "name": "python3"},
}
MISSING = """\
# Installs the course's package where it is missing, as on Colab; else this cell does nothing.
from importlib.util import find_spec

if find_spec("nnlib") is None:
    %pip install --quiet "{requirement}"\
"""

MODEL = re.compile(r"IPY_MODEL_([0-9a-f]{32})")

# A widget's state is saved up to this size; then a trusted notebook shows it without a run.
HEAVIEST_STATE = 300_000

RUN_ME = "Run this cell to see the figure and move its sliders."

# The wide drawing of a figure by nnlib.plot.show, and the paper that it stands on when it stands alone.
DRAWING = re.compile(r'<figure class="nn-figure">.*?(<svg.*?</svg>)', re.DOTALL)
PAPER = "background:#fdfcf9"


def write_all(
    root: Path,
    out: Path,
    only: Iterable[str] | None = None,
    *,
    site_url: str | None = None,
    place: str = "computer",
) -> list[Path]:
    """Write the student notebook of every chapter.

    Parameters
    ----------
    root : Path
        The folder of ``_config.yml`` and ``_toc.yml``; its chapters stand executed in the cache.
    out : Path
        Where the notebooks go: ``out/chapters/01-neurons.ipynb``.
    only : iterable of str, optional
        Chapters to write, as ``chapters/01-neurons``; all by default.
    site_url : str, optional
        Address of the published site. By default ``html.baseurl`` of ``_config.yml``; if that is empty too,
        links are relative to ``notebooks/`` on the site.
    place : {"computer", "browser", "colab"}
        Where the notebooks will run.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    BookError
        When a chapter is not in the cache, or holds MyST that has no plain form; the message names the line.
    """
    book = load_book(root)
    index, references = build_index(book), References.of(book)
    url = (book.config.get("html") or {}).get("baseurl") or "" if site_url is None else site_url
    docnames = book.notebooks if only is None else tuple(name.removesuffix(".md") for name in only)
    written = []
    for docname in docnames:
        if docname not in book.notebooks:
            raise BookError(f"{docname} is no notebook of _toc.yml. There are: {', '.join(book.notebooks)}.")
        notebook = student_notebook(
            book, docname, index=index, references=references, site_url=url, place=place
        )
        path = out / f"{docname}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        written.append(path)
    return written


def write_exercise(released: Path, out: Path, *, place: str = "computer") -> None:
    """Write an exercise's notebook as a place runs it; nothing of it changes but the name of the kernel."""
    notebook = nbformat.read(released, as_version=nbformat.NO_CONVERT)
    notebook.metadata["kernelspec"] = KERNELS.get(place, KERNELS["computer"])
    nbformat.write(notebook, out)


def student_notebook(
    book: Book,
    docname: str,
    *,
    index: Index,
    references: References,
    site_url: str,
    place: str = "computer",
) -> NotebookNode:
    """Return one chapter as an executed notebook in plain Markdown."""
    executed = _executed(book, docname)
    links = Links(index, docname, site_url)
    chapter = Chapter(
        book=book,
        index=index,
        references=references,
        docname=docname,
        links=links,
        minutes=reading.minutes(book.texts[docname]),
        exercise=lambda key: _exercise(book, links, key),
    )
    state = _widgets(executed, docname)

    cells = [new_markdown_cell(_opening(chapter, place))]
    if place == "colab":
        cells.append(new_code_cell(MISSING.format(requirement=launch.Launch.of(book.config).requirement)))
    for cell in executed.cells:
        if cell.cell_type == "markdown":
            collect(chapter, cell.source)
    lines = executed.metadata.source_map
    for cell, line in zip(executed.cells, lines, strict=True):
        if cell.cell_type == "code":
            if "tab" in cell.metadata:  # side by side on the site, below each other here
                cells.append(new_markdown_cell(f"**{cell.metadata.tab}**"))
            cells.append(_code_cell(cell, keep_views=state is not None))
        elif cell.cell_type == "markdown":
            cells += [new_markdown_cell(text) for text in _split(render(chapter, cell.source, line))]
    if notes := footnotes(chapter):
        cells.append(new_markdown_cell(f"## Notes\n\n{notes}"))

    for position, cell in enumerate(cells):
        cell["id"] = hashlib.sha256(f"{docname} {position}".encode()).hexdigest()[:12]
    metadata: dict[str, Any] = {
        "kernelspec": KERNELS.get(place, KERNELS["computer"]),
        "language_info": {"name": "python"},
    }
    if state:
        metadata["widgets"] = {STATE: state}
    notebook: NotebookNode = new_notebook(cells=cells, metadata=metadata)
    nbformat.validate(notebook)
    return notebook


def _executed(book: Book, docname: str) -> NotebookNode:
    """Return a chapter with its outputs, as Sphinx gets it from the cache."""
    cache = get_cache(cache_path(book.root))
    try:
        _, notebook = cache.merge_match_into_notebook(book.read_notebook(docname))
    except KeyError:
        raise BookError(
            f"{docname}.md has not been executed as it stands. Run `python -m website.execute` first."
        ) from None
    finally:
        cache.db.dispose()
    merged: NotebookNode = notebook
    return merged


def _opening(chapter: Chapter, place: str) -> str:
    """Return the first cell: the title, where the chapter stands on the web, and what it takes to run it."""
    page = chapter.links.page(chapter.docname)
    running = chapter.links.page("running")
    how = {
        "computer": "To run it on your own computer, install the course's package once, "
        f"{launch.Launch.of(chapter.book.config).install}. Run all cells: then the figures move.",
        "browser": "It runs here, in your browser: choose **Run**, then **Run All Cells**, and the figures move. Your "
        f"changes are kept in this browser, and [you can start afresh]({running}#start-afresh).",
        "colab": "The next cell installs the course's package where it is missing. Run all cells: then the figures move.",
    }
    title = chapter.index.titles.get(chapter.docname, chapter.docname)
    return f"# {title}\n\nThis notebook is [a chapter of the course]({page}), with all its code. {how[place]}"


def _split(blocks: list[tuple[str, str]]) -> list[str]:
    """Join blocks into cells: each heading begins one. The chapter's title is in the opening already."""
    cells: list[list[str]] = [[]]
    for kind, text in blocks:
        if kind == "heading" and text.startswith("# "):
            continue
        if kind == "heading":
            cells.append([])
        cells[-1].append(text)
    return ["\n\n".join(cell) for cell in cells if cell]


def _code_cell(cell: NotebookNode, *, keep_views: bool) -> NotebookNode:
    outputs = [_saved(output, keep_views=keep_views) for output in cell.outputs]
    tags = {"tags": list(cell.metadata.tags)} if cell.metadata.get("tags") else {}
    written: NotebookNode = new_code_cell(
        cell.source, execution_count=cell.execution_count, outputs=outputs, metadata=tags
    )
    return written


def _saved(output: NotebookNode, *, keep_views: bool) -> NotebookNode:
    """Return an output as a viewer shows it that has not run the notebook and does not trust it.

    JupyterLab then takes a widget's text in place of its view, and strips the drawing out of a figure's HTML but not
    its tick labels. So a widget's text says what to do, and a figure travels as an image with its text alternative.
    """
    data = output.get("data", {})
    if VIEW in data:
        data["text/plain"] = RUN_ME
        if not keep_views:
            del data[VIEW]
    drawn = DRAWING.search(data.get("text/html", ""))
    if drawn:
        del data["text/html"]
        data["image/svg+xml"] = drawn[1].replace(' style="', f' style="{PAPER};', 1)
    return output


def _widgets(notebook: NotebookNode, docname: str) -> dict[str, Any] | None:
    """Give the widgets lasting ids, and return their state; None if it is too heavy to be saved."""
    saved = (notebook.metadata.get("widgets") or {}).get(STATE) or {}
    models = {name: json.dumps(model, sort_keys=True) for name, model in saved.get("state", {}).items()}
    views = [
        output.data[VIEW]["model_id"]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if VIEW in output.get("data", {})
    ]
    ids = {
        old: hashlib.sha256(f"{docname} widget {position}".encode()).hexdigest()[:32]
        for position, old in enumerate(_in_order(models, views))
    }

    def renamed(value: Any) -> Any:
        return json.loads(
            re.sub(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", lambda m: ids.get(m[0], m[0]), json.dumps(value))
        )

    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.from_dict(renamed(output)) for output in cell.outputs]
    state: dict[str, Any] = renamed(saved)
    return None if len(json.dumps(state)) > HEAVIEST_STATE else state


def _in_order(models: dict[str, str], views: list[str]) -> list[str]:
    """Return the models' ids in an order that no run changes: as views name them, then by content."""
    order: dict[str, None] = {}
    waiting = [*views]
    while waiting:
        name = waiting.pop(0)
        if name in models and name not in order:
            order[name] = None
            waiting += MODEL.findall(models[name])
    place = {name: str(position) for position, name in enumerate(order)}

    def content(name: str) -> str:
        return MODEL.sub(lambda match: place.get(match[1], "elsewhere"), models[name])

    return [*order, *sorted(models.keys() - order.keys(), key=content)]


def _exercise(book: Book, links: Links, key: str) -> tuple[str, str]:
    """Return what a link to an exercise says and where it leads, from what the release step wrote."""
    path = book.root / "_build" / "exercises" / "index.json"
    if not path.is_file():
        raise BookError("There are no released exercises in _build/exercises. Run `make exercises` first.")
    entries = {entry["id"]: entry for entry in json.loads(path.read_text(encoding="utf-8"))["exercises"]}
    if key not in entries:
        known = ", ".join(sorted(entries)) or "none"
        raise BookError(f"There is no exercise {key}; there are: {known}.")
    entry = entries[key]
    facts = f"{entry['difficulty']}, about {entry['minutes']} minutes, {entry['points']} points"
    address = links.page(f"notebooks/exercises/{entry['file']}").removesuffix(".html")
    return f"{entry['title']} ({facts})", address


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m website.notebooks", description=__doc__)
    parser.add_argument("chapters", nargs="*", help="chapters, as chapters/01-neurons (default: all)")
    parser.add_argument("--out", type=Path, required=True, help="folder for the notebooks")
    parser.add_argument("--root", type=Path, default=Path(), help="the book's folder (default: this one)")
    parser.add_argument("--place", choices=PLACES, default="computer", help="where they will run")
    parser.add_argument("--site-url", help="address of the published site (default: html.baseurl)")
    options = parser.parse_args(arguments)
    try:
        written = write_all(
            options.root,
            options.out,
            options.chapters or None,
            site_url=options.site_url,
            place=options.place,
        )
    except BookError as error:
        print(error, file=sys.stderr)
        return 1
    for path in written:
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
