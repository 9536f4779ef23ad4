"""Where every label, equation, theorem and term of the book stands, and how the site numbers them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import quote

from docutils.nodes import make_id
from markdown_it import MarkdownIt
from mdit_py_plugins.anchors.index import slugify
from sphinx.util.nodes import _make_id

from website.markdown.source import Book, Directive, make_parser, plain, walk

THEOREMS = {
    f"prf:{kind}"
    for kind in (
        "theorem", "lemma", "corollary", "proposition", "definition", "axiom", "algorithm", "assumption",
        "conjecture", "criterion", "example", "observation", "property", "remark", "notation",
    )
}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A place that can be referred to.

    Parameters
    ----------
    docname : str
        The page that holds it.
    anchor : str
        Its id on the page; empty for the page itself.
    kind : {"page", "heading", "equation", "theorem", "term", "place"}
        What stands there.
    text : str
        What a reference shows when its author wrote no text.
    heading : str
        The heading in force there: an anchor that a notebook has.
    """

    docname: str
    anchor: str
    kind: str
    text: str
    heading: str = ""


@dataclass
class Index:
    """All targets of the book. Equations and theorems are also found by page and order of appearance."""

    titles: dict[str, str] = field(default_factory=dict)
    labels: dict[str, Target] = field(default_factory=dict)
    terms: dict[str, Target] = field(default_factory=dict)
    theorems: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    unlabelled: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # \\begin{align} …
    slugs: dict[tuple[str, str], Target] = field(default_factory=dict)  # headings, by page and title
    bibliography: str = ""


def _term_lines(directive: Directive) -> list[str]:
    """Return the terms of a glossary: its lines that are not indented (``..`` begins a comment)."""
    return [line.strip() for line in directive.body.splitlines() if re.match(r"[^\s:.]", line)]


class _Numbers:
    """Counts as Sphinx does: below a numbered page 2.1, 2.2; on pages without a number straight through."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.counts: dict[tuple[str, tuple[int, ...]], int] = defaultdict(int)

    def next(self, kind: str, docname: str) -> str:
        prefix = self.book.numbers.get(docname, ())[:1]
        self.counts[kind, prefix] += 1
        return ".".join(map(str, (*prefix, self.counts[kind, prefix])))


def build_index(book: Book) -> Index:
    """Read every page of the book once."""
    index, numbers, parser = Index(), _Numbers(book), make_parser(book.extensions)
    for docname, text in book.texts.items():
        _read_page(index, numbers, parser, docname, text)
    return index


def _read_page(index: Index, numbers: _Numbers, parser: MarkdownIt, docname: str, text: str) -> None:
    waiting: list[str] = []  # targets whose element follows
    heading = ""

    def add(label: str, kind: str, shown: str, anchor: str) -> None:
        index.labels[label] = Target(docname, anchor, kind, shown, heading)

    for node, directive, _ in walk(parser, text):
        if node.type == "myst_target":
            waiting.append(node.content)
            continue
        if node.type == "heading":
            heading = plain(node)
            index.titles.setdefault(docname, heading)
            slug = slugify(heading.replace("$", ""))
            index.slugs[docname, slug] = Target(docname, slug, "heading", heading, heading)
            for label in waiting:
                add(label, "heading", heading, make_id(label))
            waiting.clear()
        elif node.type == "math_block_label" or (directive and directive.name == "math" and directive.label):
            label = directive.label if directive else node.info
            add(label, "equation", f"({numbers.next('equation', docname)})", make_id(f"equation-{label}"))
        elif node.type == "amsmath" and node.meta["numbered"] != "*":
            index.unlabelled[docname].append(numbers.next("equation", docname))
        elif directive and directive.name in THEOREMS:
            kind = directive.name.removeprefix("prf:")
            shown = kind.title()
            if "nonumber" not in directive.options:
                shown = f"{shown} {numbers.next(kind, docname)}"
            index.theorems[docname].append(shown)
            if directive.label:
                add(directive.label, "theorem", shown, directive.label)
        elif directive and directive.name == "glossary":
            for term in _term_lines(directive):
                target = Target(docname, str(_make_id(f"term-{term}")), "term", term)
                index.terms[term.lower()] = target
        elif directive and directive.name == "bibliography":
            filtered = "filter" in directive.options or "cited" in directive.options
            if not filtered or not index.bibliography:
                index.bibliography = docname
        elif directive and directive.label:
            add(directive.label, "place", directive.argument or heading, make_id(directive.label))
        elif node.type not in ("inline", "myst_line_comment") and node.is_nested:
            for label in waiting:
                add(label, "place", heading, make_id(label))
            waiting.clear()
        else:
            continue
        for label in waiting:
            add(label, "place", heading, make_id(label))
        waiting.clear()


@dataclass(frozen=True)
class Links:
    """Addresses of places, as seen from one notebook."""

    index: Index
    docname: str
    site_url: str

    def page(self, docname: str, anchor: str = "") -> str:
        """Return the address of a page on the site."""
        up = "../" * len(PurePosixPath(self.docname).parts)  # from notebooks/<docname>.ipynb
        start = f"{self.site_url.rstrip('/')}/" if self.site_url else up
        return f"{start}{docname}.html" + (f"#{anchor}" if anchor else "")

    def to(self, target: Target) -> str:
        """Return the address of a target: in this notebook the heading above it, else the page."""
        if target.docname == self.docname and target.heading:
            return "#" + quote(target.heading.replace(" ", "-"))
        return self.page(target.docname, target.anchor)
