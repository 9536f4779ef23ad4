"""What must hold for every page: alternative text for each picture, and an explorable behind each prediction.

A breach is a Sphinx warning with its place, and the build treats warnings as errors.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util import logging

from website.extension.cards import card

if TYPE_CHECKING:
    from sphinx.application import Sphinx

logger = logging.getLogger(__name__)
UNNAMED = re.compile(r"<svg(?![^>]*(?:aria-label=\"[^\"]|aria-hidden))|<img(?![^>]*\balt=\"[^\"])", re.I)


def _cell(node: nodes.Node) -> nodes.Element | None:
    while node is not None and "cell" not in node.get("classes", []):
        node = node.parent
    return node


def _place(docname: str, node: nodes.Element) -> str:
    cell = _cell(node)
    if cell is None:
        return f"{docname}, line {node.line or '?'}"
    index = cell.get("cell_index")
    source = next(iter(cell.findall(nodes.literal_block)), None)
    first = source.astext().splitlines()[0] if source is not None else "hidden source"
    return f"{docname}, cell {index} ({first})"


def alternative_texts(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Every picture says its point to who can't see it."""
    for image in doctree.findall(nodes.image):
        if not image.get("alt", "").strip():
            logger.warning(
                "%s: a picture has no alternative text. In Markdown write ![what it shows](file); for the output of "
                "a cell use nnlib.plot.show(draw, alt=..., caption=...).",
                _place(docname, image),
                location=image,
            )
    for raw in doctree.findall(nodes.raw):
        if "html" in raw.get("format", "") and UNNAMED.search(raw.astext()):
            logger.warning(
                "%s: a picture in HTML has no alternative text: give <svg> an aria-label, <img> an alt.",
                _place(docname, raw),
                location=raw,
            )


def predictions(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """A prediction is followed by the explorable that it unlocks."""
    waiting: card | None = None
    for node in doctree.findall(nodes.Element):
        if isinstance(node, card) and node["kind"] == "predict":
            if waiting is not None:
                break
            waiting = node
        elif "tag_explorable" in node.get("classes", []):
            waiting = None
    if waiting is not None:
        logger.warning(
            "%s: no explorable follows the prediction %r; tag its cell with 'explorable'.",
            docname,
            waiting["name"],
            location=waiting,
        )


def setup(app: Sphinx) -> None:
    """Check each page once its references are resolved."""
    app.connect("doctree-resolved", alternative_texts)
    app.connect("doctree-resolved", predictions)
