"""What must hold for every page: titles that can be read, alternative text, an explorable behind each prediction.

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
TITLE = re.compile(r"^([ >]*`{3,}\{([\w:-]+)\}[^`\n]*)(`.*)$", re.MULTILINE)
UNNAMED = re.compile(r"<svg(?![^>]*(?:aria-label=\"[^\"]|aria-hidden))|<img(?![^>]*\balt=\"[^\"])", re.I)


def _line(node: nodes.Node) -> int | None:
    """Return the line on which a node, or what holds it, begins."""
    while node is not None:
        if node.line:
            return int(node.line)
        node = node.parent
    return None


def _cell(node: nodes.Node) -> nodes.Element | None:
    """Return the cell whose output a node is; None for a node of the text."""
    while node is not None and "cell" not in node.get("classes", []):
        node = node.parent
    return node


def _place(docname: str, node: nodes.Element) -> tuple[str, int | None]:
    line = _line(node)
    # myst-nb counts a cell's line from 1 twice.
    return docname, line - 1 if line and _cell(node) else line


def _shown_by(node: nodes.Element) -> str:
    """Name the cell whose output a node is, by its first line; empty for a node of the text."""
    cell = _cell(node)
    if cell is None:
        return ""
    source = next(iter(cell.findall(nodes.literal_block)), None)
    first = next((row for row in source.astext().splitlines() if row.strip()), "") if source else ""
    return f" in the output of the cell {first!r}" if first else " in the output of a hidden cell"


def titles(app: Sphinx, docname: str, source: list[str]) -> None:
    """Warn of a backtick behind an opening fence of backticks: Markdown then sees no fence at all."""
    for match in TITLE.finditer(source[0]):
        logger.warning(
            "A title behind ``` can't hold a backtick. Fence the {%s} with colons: :::{%s} ... :::",
            match[2],
            match[2],
            location=(docname, source[0].count("\n", 0, match.start()) + 1),
        )
    source[0] = TITLE.sub(lambda match: match[1] + match[3].replace("`", ""), source[0])


def alternative_texts(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Warn of pictures that say nothing to who can't see them."""
    for image in doctree.findall(nodes.image):
        if not image.get("alt", "").strip():
            shown = _shown_by(image)
            what = (
                "Draw it by nnlib.plot.show(draw, alt=..., caption=...)"
                if shown
                else "Write ![what it shows](file)"
            )
            logger.warning(
                "A picture%s has no alternative text. %s.", shown, what, location=_place(docname, image)
            )
    for raw in doctree.findall(nodes.raw):
        if "html" in raw.get("format", "") and (match := UNNAMED.search(raw.astext())):
            tag = match[0].lower()
            what = 'an aria-label="what it shows"' if tag == "<svg" else 'an alt="what it shows"'
            logger.warning(
                "A picture in HTML%s has no alternative text. Give %s> %s.",
                _shown_by(raw),
                tag,
                what,
                location=_place(docname, raw),
            )


def predictions(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Warn of a prediction that no explorable follows."""
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
            "No explorable follows the prediction %r, so there is nothing to predict. Put one behind it, "
            "in a cell with the tag 'explorable', or make the card a {quiz}.",
            waiting["name"],
            location=_place(docname, waiting),
        )


def setup(app: Sphinx) -> None:
    """Check each page as it is read, and again once its references are resolved."""
    app.connect("source-read", titles)
    app.connect("doctree-resolved", alternative_texts)
    app.connect("doctree-resolved", predictions)
