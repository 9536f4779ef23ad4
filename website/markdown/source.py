"""Reads the book as Sphinx sees it: configuration, table of contents, pages, and their block structure."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from docutils.parsers.rst import Directive as DocutilsDirective
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.tree import SyntaxTreeNode
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.directives import parse_directive_text
from myst_parser.parsers.mdit import create_md_parser
from nbformat import NotebookNode
from sphinx_external_toc.parsing import parse_toc_yaml

# Jupyter Book's own defaults, which hold where _config.yml names no extensions.
EXTENSIONS = ("colon_fence", "dollarmath", "linkify", "substitution", "tasklist")

# Extensions that rewrite what the author typed. A notebook keeps the author's characters.
REWRITING = {"linkify", "smartquotes", "replacements", "tasklist"}


class BookError(Exception):
    """The book can't be processed; the message names the place and says what to do."""


@dataclass(frozen=True)
class Book:
    """The book below one folder.

    Parameters
    ----------
    root : Path
        The folder of ``_config.yml`` and ``_toc.yml``.
    config : mapping
        ``_config.yml`` as it stands.
    docnames : tuple of str
        Every page of the table of contents, in reading order, without suffix.
    numbers : mapping
        The section number of each numbered page, ``{"chapters/01-neurons": (1,)}``.
    """

    root: Path
    config: Mapping[str, Any]
    docnames: tuple[str, ...]
    numbers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def path(self, docname: str) -> Path:
        """Return the Markdown file of a page."""
        return self.root / f"{docname}.md"

    @functools.cached_property
    def texts(self) -> dict[str, str]:
        """Text of every Markdown page, by docname."""
        pages = {name: self.path(name) for name in self.docnames}
        return {name: path.read_text(encoding="utf-8") for name, path in pages.items() if path.is_file()}

    @functools.cached_property
    def notebooks(self) -> tuple[str, ...]:
        """Pages that are MyST notebooks, in reading order."""
        return tuple(name for name, text in self.texts.items() if is_myst_markdown_notebook(text))

    @property
    def extensions(self) -> frozenset[str]:
        """MyST syntax extensions that the site is built with."""
        parse = self.config.get("parse") or {}
        sphinx = (self.config.get("sphinx") or {}).get("config") or {}
        names = sphinx.get("myst_enable_extensions") or parse.get("myst_enable_extensions") or EXTENSIONS
        return frozenset(names)

    @property
    def parser_config(self) -> MdParserConfig:
        """The parser configuration with which Sphinx reads the pages."""
        return MdParserConfig(enable_extensions=set(self.extensions))

    def read_notebook(self, docname: str) -> NotebookNode:
        """Read a page with myst-nb's own reader, so that its cells are the ones Sphinx looks up."""
        notebook: NotebookNode = read_myst_markdown_notebook(
            self.texts[docname], config=self.parser_config, add_source_map=True, path=self.path(docname)
        )
        return notebook


def load_book(root: Path) -> Book:
    """Read ``_config.yml`` and ``_toc.yml`` below `root`."""
    root = root.resolve()
    for name in ("_config.yml", "_toc.yml"):
        if not (root / name).is_file():
            raise BookError(f"There is no {name} in {root}. Run this command in the folder of the book.")
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8")) or {}
    sitemap = parse_toc_yaml(root / "_toc.yml")

    docnames: list[str] = []
    numbers: dict[str, tuple[int, ...]] = {}
    last = 0  # part headings do not restart the count of chapters (use_multitoc_numbering)

    def visit(name: str, number: tuple[int, ...]) -> None:
        nonlocal last
        docname = name.removesuffix(".md")
        docnames.append(docname)
        if number:
            numbers[docname] = number
        document = sitemap.get(name)
        if document is None:
            return
        below = 0
        for tree in document.subtrees:
            for child in tree.files():
                if number:
                    below += 1
                    visit(child, (*number, below))
                elif tree.numbered:
                    last += 1
                    visit(child, (last,))
                else:
                    visit(child, ())

    visit(sitemap.root.docname, ())
    return Book(root, config, tuple(docnames), numbers)


def make_parser(extensions: frozenset[str] | None = None) -> MarkdownIt:
    """Return MyST's own parser, set to leave the author's characters as they are."""
    chosen = set(EXTENSIONS if extensions is None else extensions) - REWRITING
    config = MdParserConfig(enable_extensions=chosen, dmath_double_inline=True)
    parser = create_md_parser(config, RendererHTML)
    return parser.disable("text_join", ignoreInvalid=True)


@dataclass(frozen=True)
class Directive:
    """One directive. Its line and the line on which its body begins are those of the file, from 0."""

    name: str
    argument: str
    options: Mapping[str, Any]
    body: str
    line: int
    body_line: int

    @property
    def label(self) -> str:
        """The name under which other places refer to it."""
        return str(self.options.get("label") or self.options.get("name") or "")


class _AnyDirective(DocutilsDirective):
    """Makes MyST's directive reader split argument, options and body, whatever the directive is."""

    option_spec = {"any": str}  # noqa: RUF012 (the attribute's form is docutils')
    required_arguments = 0
    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True


# Directives that take no argument: text on their first line is the beginning of their body.
WITHOUT_ARGUMENT = {
    "note", "tip", "warning", "important", "hint", "caution", "danger", "attention", "error", "seealso",
    "aim", "lead", "caption", "prf:proof",
}  # fmt: skip


def is_directive(node: SyntaxTreeNode) -> bool:
    """Whether a node is a fence that holds a directive."""
    return node.type in ("fence", "colon_fence") and node.info.strip().startswith("{")


def read_directive(node: SyntaxTreeNode, line: int) -> Directive:
    """Split a directive's fence. `line` is the line of the file, from 0, on which its text began."""
    name, _, first = node.info.strip()[1:].partition("}")
    start = line + (node.map or (0, 0))[0]
    parsed = parse_directive_text(_AnyDirective, "", node.content, validate_options=False)
    body, argument = "\n".join(parsed.body), first.strip()
    if name in WITHOUT_ARGUMENT and argument:
        body, argument = "\n".join((argument, *parsed.body)), ""
    return Directive(name, argument, parsed.options, body, start, start + 1 + parsed.body_offset)


# Directives whose body is not MyST Markdown.
LITERAL = {
    "math", "code-cell", "code", "code-block", "bibliography", "glossary", "raw", "raw-cell", "exercise-link",
    "eval-rst", "tableofcontents", "toctree",
}  # fmt: skip


def walk(
    parser: MarkdownIt, text: str, line: int = 0, within: Callable[[Directive], bool] = lambda directive: True
) -> Iterator[tuple[SyntaxTreeNode, Directive | None, int]]:
    """Yield every node of a text and of its directives' bodies, in reading order.

    Each comes with its directive, if it is one, and the line (from 0) on which the text that holds it begins.
    `within` tells whether to go into a directive's body.
    """
    for node in SyntaxTreeNode(parser.parse(text, {})).walk(include_self=False):
        directive = read_directive(node, line) if is_directive(node) else None
        yield node, directive, line
        if directive and directive.name not in LITERAL and within(directive):
            yield from walk(parser, directive.body, directive.body_line, within)


def plain(node: SyntaxTreeNode) -> str:
    """Return the text of an inline node without its marks."""
    if node.type in ("text", "code_inline", "text_special"):
        return node.content
    if node.type in ("math_inline", "math_inline_double"):
        return f"${node.content}$"
    if node.type == "myst_role":
        return split_role(node.content)[0]
    if node.type in ("softbreak", "hardbreak"):
        return " "
    return "".join(plain(child) for child in node.children)


def split_role(content: str) -> tuple[str, str]:
    """Split ``text <target>`` into its two parts; without ``<target>`` both are the content."""
    content = " ".join(content.split())
    if content.endswith(">") and " <" in content:
        text, _, target = content[:-1].rpartition(" <")
        return text.strip(), target.strip()
    return content, content
