"""How long a chapter takes to read, measured from its source: never typed by hand.

Prose counts 200 words a minute; a displayed formula half a minute; a visible line of code four seconds; an
explorable four minutes; a prediction or a quiz one minute, its words included. A link to an exercise, a list
of references and hidden code count nothing. The sum is rounded up to whole minutes.
"""

from __future__ import annotations

import math
import re

from myst_nb.core.read import read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from nbformat import NotebookNode

from website.markdown.source import EXTENSIONS, make_parser, plain, walk

WORDS_PER_MINUTE = 200
SECONDS_PER_FORMULA = 30
SECONDS_PER_CODE_LINE = 4
SECONDS_PER_EXPLORABLE = 240
SECONDS_PER_QUESTION = 60

FORMULAS = {"math_block", "math_block_label", "math_inline_double", "amsmath"}
QUESTIONS = {"predict", "quiz"}
HIDDEN = {"remove-cell", "remove_cell", "remove-input", "remove_input", "hide-input", "hide-cell"}


def minutes(source: str | NotebookNode) -> int:
    """Return the whole minutes that a chapter takes.

    Parameters
    ----------
    source : str or NotebookNode
        The chapter's MyST Markdown, or the notebook that myst-nb reads from it.

    Returns
    -------
    int
        At least 1.

    Examples
    --------
    >>> minutes("word " * 401)
    3
    """
    notebook = _read(source) if isinstance(source, str) else source
    seconds = [
        _markdown(cell.source) if cell.cell_type == "markdown" else _code(cell) for cell in notebook.cells
    ]
    return max(1, math.ceil(sum(seconds) / 60))


def _read(text: str) -> NotebookNode:
    config = MdParserConfig(enable_extensions=set(EXTENSIONS))
    notebook: NotebookNode = read_myst_markdown_notebook(text, config=config)
    return notebook


def _code(cell: NotebookNode) -> float:
    tags = set(cell.metadata.get("tags", ()))
    if "explorable" in tags:
        return SECONDS_PER_EXPLORABLE
    if cell.cell_type != "code" or tags & HIDDEN:
        return 0
    return SECONDS_PER_CODE_LINE * sum(1 for line in cell.source.splitlines() if line.strip())


def _markdown(text: str) -> float:
    words, seconds = 0, 0.0
    parser = make_parser(frozenset({*EXTENSIONS, "amsmath", "deflist"}))
    for node, directive, _ in walk(parser, text, within=lambda directive: directive.name not in QUESTIONS):
        if directive and directive.name in QUESTIONS:
            seconds += SECONDS_PER_QUESTION
        elif node.type in FORMULAS or (directive and directive.name == "math"):
            seconds += SECONDS_PER_FORMULA
        elif node.type == "inline":
            words += len(re.findall(r"\w[\w'’-]*", re.sub(r"\$[^$]*\$", "x", plain(node))))
    return seconds + 60 * words / WORDS_PER_MINUTE
