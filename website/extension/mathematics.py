"""Mathematics typeset while the site is built: pages carry finished formulas and MathML, and load no MathJax.

Sphinx calls the four visitors below for each formula; one Node.js process (frontend/math.mjs) answers them all.
"""

from __future__ import annotations

import atexit
import functools
import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from website import frontend
from website.node import NODE

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

PUNCTUATION = re.compile(r"[.,;:!?)\]”’]+")


@functools.cache
def _process() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [NODE, "math.mjs", "serve"],
        cwd=frontend.HERE,
        text=True,
        encoding="utf-8",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    atexit.register(process.terminate)
    return process


@functools.cache
def typeset(tex: str, *, display: bool) -> str:
    r"""One formula in TeX as HTML with MathML inside.

    Raises
    ------
    ValueError
        When TeX can't read the formula; the message is MathJax's own.
    """
    process = _process()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"tex": tex, "display": display}) + "\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise ExtensionError(f"frontend/math.mjs ended while typesetting {tex!r}")
    answer = json.loads(line)
    if "error" in answer:
        raise ValueError(answer["error"])
    html: str = answer["html"]
    return html


def _formula(self: HTML5Translator, node: nodes.Element, tex: str, *, display: bool) -> str:
    try:
        return typeset(tex, display=display)
    except ValueError as error:
        line = node.line or (node.parent.line if node.parent else None)
        logger.warning(
            "TeX can't read a formula: %s. Correct it:\n%s",
            error,
            tex,
            location=(self.builder.current_docname, line),
        )
        return f"<code>{self.encode(tex)}</code>"


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    """Write a formula within a line."""
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    self.body.append(_formula(self, node, node.astext(), display=False) + "</span>")
    raise nodes.SkipNode


def visit_display(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on lines of its own, with its number if it has one."""
    self.body.append(self.starttag(node, "div", CLASS="math notranslate nohighlight"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append(_formula(self, node, node.astext().strip(), display=True) + "</div>")
    raise nodes.SkipNode


def keep_punctuation(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Tie a formula to the punctuation behind it: a line may not begin with a full stop."""
    for formula in list(doctree.findall(nodes.math)):
        after = formula.next_node(descend=False, siblings=True)
        mark = PUNCTUATION.match(after.astext()) if isinstance(after, nodes.Text) else None
        if mark is None:
            continue
        place = formula.parent
        tied = nodes.inline("", "", formula.deepcopy(), nodes.Text(mark[0]), classes=["nn-tied"])
        place.replace(after, nodes.Text(after.astext()[mark.end() :]))
        place.replace(formula, tied)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer under the name "typeset" (config: html_math_renderer)."""
    app.connect("doctree-resolved", keep_punctuation)
    app.add_html_math_renderer("typeset", (visit_inline, None), (visit_display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
