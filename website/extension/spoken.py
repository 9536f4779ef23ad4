"""A formula in words, for the few places that take only plain text, such as the name of a form's field."""

from __future__ import annotations

import re
from xml.etree import ElementTree

MATH = re.compile(r"<math\b.*?</math>", re.DOTALL)
GLYPHS = re.compile(r"<mjx-math\b.*?</mjx-math>", re.DOTALL)
TAGS = re.compile(r"<[^>]+>")
BETWEEN = {"mfrac": " over ", "msub": " ", "msup": " to the power ", "mroot": " root "}
SIGNS = {
    "−": "minus ",
    "-": "minus ",
    "=": "equals",
    "<": "less than",
    ">": "greater than",
    "·": "times",
    "∞": "infinity",
}


def formula(node: ElementTree.Element) -> str:
    """Return a MathML element in words.

    Examples
    --------
    >>> formula(ElementTree.fromstring("<mfrac><mn>1</mn><mn>4</mn></mfrac>"))
    '1 over 4'
    """
    tag = node.tag.rpartition("}")[2]
    parts = [formula(child) for child in node]
    if not parts:
        text = (node.text or "").strip()
        return SIGNS.get(text, text) if tag == "mo" else text
    prefix = "square root of " if tag == "msqrt" else ""
    return prefix + BETWEEN.get(tag, " ").join(parts).replace("  ", " ").strip()


def only_math(html: str) -> str | None:
    """Return the words of a piece of HTML that holds nothing but formulas, or None when it holds text of its own."""
    formulas = MATH.findall(html)
    rest = TAGS.sub("", MATH.sub("", GLYPHS.sub("", html)))
    if not formulas or re.search(r"\w", rest):
        return None
    return " ".join(formula(ElementTree.fromstring(f)) for f in formulas)
