"""Writes MyST Markdown as the plain Markdown that every notebook viewer shows.

The text is parsed with MyST's own parser and written anew from the parse. What has no rule below stops the
build with the file and the line: a reader never meets raw MyST.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from website.markdown.citations import References
from website.markdown.index import THEOREMS, Index, Links, Target
from website.markdown.source import (
    Book,
    BookError,
    Directive,
    is_directive,
    make_parser,
    read_directive,
    split_role,
)

ADMONITIONS = {
    "note", "tip", "warning", "important", "hint", "caution", "danger", "attention", "error", "seealso",
}  # fmt: skip


@dataclass
class Chapter:
    """One chapter being written: what it may refer to, and what it has met so far."""

    book: Book
    index: Index
    references: References
    docname: str
    links: Links
    minutes: int
    exercise: Callable[[str], tuple[str, str]]  # an exercise's title and address, by its folder's name
    parser: MarkdownIt = field(init=False)
    environment: dict[str, object] = field(default_factory=dict)  # link references and footnotes of all cells
    cited: list[str] = field(default_factory=list)
    footnotes: dict[str, int] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    theorems_seen: int = 0
    unlabelled_seen: int = 0

    def __post_init__(self) -> None:
        self.parser = make_parser(self.book.extensions)

    def fail(self, line: int, message: str) -> BookError:
        """Return an error that names the chapter's file and a line, counted from 0."""
        return BookError(f"{self.docname}.md:{line + 1}: {message}")


def render(chapter: Chapter, text: str, line: int = 0) -> list[tuple[str, str]]:
    """Write a text as plain Markdown.

    Parameters
    ----------
    chapter : Chapter
        The chapter that the text belongs to.
    text : str
        MyST Markdown.
    line : int
        The line of the chapter's file, from 0, on which the text begins.

    Returns
    -------
    list of (str, str)
        The blocks in order, each with the type of its node.
    """
    blocks = []
    for node in SyntaxTreeNode(chapter.parser.parse(text, chapter.environment)).children:
        written = _block(chapter, node, line)
        if written:
            blocks.append((node.type, written))
    return blocks


def collect(chapter: Chapter, text: str) -> None:
    """Note the link references and footnotes of a text, which other cells may use."""
    chapter.parser.parse(text, chapter.environment)


def render_text(chapter: Chapter, text: str, line: int = 0) -> str:
    """Write a text as one piece of plain Markdown."""
    return "\n\n".join(block for _, block in render(chapter, text, line))


def footnotes(chapter: Chapter) -> str:
    """Return the chapter's footnotes as a numbered list, or nothing."""
    for label in chapter.footnotes:
        if label not in chapter.notes:
            raise chapter.fail(0, f"The footnote [^{label}] has no text. Add a line `[^{label}]: …`.")
    return "\n".join(
        f"{number}. {_indent(chapter.notes[label], 3)}" for label, number in chapter.footnotes.items()
    )


# Blocks


def _block(chapter: Chapter, node: SyntaxTreeNode, line: int) -> str:
    here = line + (node.map or (0, 0))[0]
    if is_directive(node):
        directive = read_directive(node, line)
        write = DIRECTIVES.get(directive.name)
        if write is None:
            raise chapter.fail(
                directive.line,
                f"The student notebook has no rule for the directive {{{directive.name}}}. "
                f"Add one to DIRECTIVES in website/markdown/render.py, or write it in other words.",
            )
        return write(chapter, directive)
    rule = BLOCKS.get(node.type)
    if rule is None:
        raise chapter.fail(here, f"The student notebook has no rule for this Markdown ({node.type}).")
    return rule(chapter, node, line)


def _blocks(chapter: Chapter, nodes: Iterable[SyntaxTreeNode], line: int, gap: str = "\n\n") -> str:
    return gap.join(filter(None, (_block(chapter, node, line) for node in nodes)))


def _indent(text: str, width: int) -> str:
    """Indent every line but the first."""
    return re.sub(r"\n(?=[^\n])", "\n" + " " * width, text)


def _quote(text: str) -> str:
    return "\n".join(f"> {row}" if row else ">" for row in text.split("\n"))


def _heading(chapter: Chapter, node: SyntaxTreeNode, line: int) -> str:
    return f"{'#' * int(node.tag[1])} {_inline_of(chapter, node, line)}"


def _paragraph(chapter: Chapter, node: SyntaxTreeNode, line: int) -> str:
    return _inline_of(chapter, node, line)


def _list(chapter: Chapter, node: SyntaxTreeNode, line: int) -> str:
    first = int(node.attrs.get("start", 1))
    items, tight = [], True
    for number, item in enumerate(node.children, start=first):
        mark = f"{number}. " if node.type == "ordered_list" else "- "
        paragraphs = [child for child in item.children if child.type == "paragraph"]
        tight = tight and all(child.hidden for child in paragraphs)
        gap = "\n" if paragraphs and all(child.hidden for child in paragraphs) else "\n\n"
        items.append(mark + _indent(_blocks(chapter, item.children, line, gap), len(mark)))
    return ("\n" if tight else "\n\n").join(items)


def _blockquote(chapter: Chapter, node: SyntaxTreeNode, line: int) -> str:
    return _quote(_blocks(chapter, node.children, line))


def _code(chapter: Chapter, node: SyntaxTreeNode, line: int) -> str:
    return _fenced(node.info.strip(), node.content)


def _fenced(language: str, content: str) -> str:
    longest = max((len(run) for run in re.findall(r"`{3,}", content)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{content.rstrip()}\n{fence}"


# Environments that MyST takes without dollar signs, and what stands for them between dollar signs.
ENVIRONMENTS = {"equation": "", "align": "aligned", "gather": "gathered"}


def _environment(chapter: Chapter, node: SyntaxTreeNode, line: int) -> str:
    name = str(node.meta["environment"])
    if name not in ENVIRONMENTS:
        raise chapter.fail(
            line + (node.map or (0, 0))[0],
            f"The student notebook has no rule for \\begin{{{name}}}. Put it between dollar signs.",
        )
    star = str(node.meta["numbered"])
    first, last = (f"\\{word}{{{name}{star}}}" for word in ("begin", "end"))
    body = node.content.strip().removeprefix(first).removesuffix(last).strip()
    inner = ENVIRONMENTS[name]
    if inner:
        body = f"\\begin{{{inner}}}\n{body}\n\\end{{{inner}}}"
    if star:
        return _display(body)
    chapter.unlabelled_seen += 1
    return _display(body, chapter.index.unlabelled[chapter.docname][chapter.unlabelled_seen - 1])


def _html(chapter: Chapter, node: SyntaxTreeNode, line: int) -> str:
    return "" if node.content.strip().startswith("<!--") else node.content.rstrip()


def _display(content: str, tag: str = "") -> str:
    """Write a displayed formula, with the line breaks that Sphinx gives it."""
    parts = [part.strip() for part in content.split("\n\n") if part.strip()]
    parts = [
        f"\\begin{{split}}{part}\\end{{split}}" if r"\\" in part and r"\begin{" not in part else part
        for part in parts
    ]
    body = parts[0] if len(parts) == 1 else "\\begin{gathered}" + " \\\\\n".join(parts) + "\\end{gathered}"
    number = f" \\tag{{{tag}}}" if tag else ""
    return f"$$\n{body}{number}\n$$"


def _math(chapter: Chapter, node: SyntaxTreeNode, line: int) -> str:
    return _display(node.content)


def _math_label(chapter: Chapter, node: SyntaxTreeNode, line: int) -> str:
    return _display(node.content, chapter.index.labels[node.info].text.strip("()"))


def _nothing(chapter: Chapter, node: SyntaxTreeNode, line: int) -> str:
    return ""


def _rule(chapter: Chapter, node: SyntaxTreeNode, line: int) -> str:
    return "---"


def _table(chapter: Chapter, node: SyntaxTreeNode, line: int) -> str:
    rows = [
        [_inline_of(chapter, cell, line).replace("|", r"\|") for cell in row.children]
        for part in node.children
        for row in part.children
    ]
    marks = {"text-align:left": ":--", "text-align:right": "--:", "text-align:center": ":-:"}
    head = node.children[0].children[0].children
    ruler = [marks.get(str(cell.attrs.get("style", "")), "---") for cell in head]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (rows[0], ruler, *rows[1:]))


def _definitions(chapter: Chapter, node: SyntaxTreeNode, line: int) -> str:
    parts = []
    for child in node.children:
        if child.type == "dt":
            parts.append(f"**{_inline_of(chapter, child, line)}**")
        else:
            parts.append(_quote(_blocks(chapter, child.children, line)))
    return "\n\n".join(parts)


def _footnote(chapter: Chapter, node: SyntaxTreeNode, line: int) -> str:
    chapter.notes[str(node.meta["label"])] = _blocks(chapter, node.children, line)
    return ""


def _field_list(chapter: Chapter, node: SyntaxTreeNode, line: int) -> str:
    raise chapter.fail(line + (node.map or (0, 0))[0], "A field list is no part of a chapter. Use a list.")


BLOCKS: dict[str, Callable[[Chapter, SyntaxTreeNode, int], str]] = {
    "heading": _heading,
    "paragraph": _paragraph,
    "bullet_list": _list,
    "ordered_list": _list,
    "blockquote": _blockquote,
    "fence": _code,
    "code_block": _code,
    "math_block": _math,
    "math_block_label": _math_label,
    "amsmath": _environment,
    "html_block": _html,
    "hr": _rule,
    "table": _table,
    "dl": _definitions,
    "footnote_reference": _footnote,
    "myst_target": _nothing,
    "myst_line_comment": _nothing,
    "myst_block_break": _nothing,
    "field_list": _field_list,
}


# Inline marks


def _inline_of(chapter: Chapter, node: SyntaxTreeNode, line: int) -> str:
    """Write the inline content of a heading, a paragraph or a cell."""
    return "".join(
        _inline(chapter, piece, line + (child.map or (0, 0))[0])
        for child in node.children
        for piece in child.children
    )


def _inline(chapter: Chapter, node: SyntaxTreeNode, line: int) -> str:
    def inside() -> str:
        return "".join(_inline(chapter, child, line) for child in node.children)

    match node.type:
        case "text":
            return node.content
        case "text_special":
            return node.markup
        case "html_inline":
            return "" if node.content.startswith("<!--") else node.content
        case "softbreak":
            return "\n"
        case "hardbreak":
            return "\\\n"
        case "code_inline":
            return _code_span(node.content)
        case "math_inline":
            return f"${node.content}$"
        case "math_inline_double":
            return f"$${node.content}$$"
        case "em" | "strong" | "s":
            return f"{node.markup}{inside()}{node.markup}"
        case "link":
            return _link(chapter, node, inside(), line)
        case "image":
            raise chapter.fail(
                line,
                f"The image {node.attrs.get('src')} can't travel with a notebook. Draw it in a cell with "
                f"nnlib.plot.show, which also asks for its text alternative.",
            )
        case "footnote_ref":
            label = str(node.meta["label"])
            number = chapter.footnotes.setdefault(label, len(chapter.footnotes) + 1)
            return f"<sup>{number}</sup>"
        case "myst_role":
            name = str(node.meta["name"])
            write = ROLES.get(name)
            if write is None:
                raise chapter.fail(
                    line,
                    f"The student notebook has no rule for the role {{{name}}}. "
                    f"Add one to ROLES in website/markdown/render.py, or write it in other words.",
                )
            return write(chapter, node.content, line)
    raise chapter.fail(line, f"The student notebook has no rule for this inline Markdown ({node.type}).")


def _code_span(content: str) -> str:
    ticks = "`" * (max((len(run) for run in re.findall(r"`+", content)), default=0) + 1)
    pad = " " if content[:1] == "`" or content[-1:] == "`" else ""
    return f"{ticks}{pad}{content}{pad}{ticks}"


def _link(chapter: Chapter, node: SyntaxTreeNode, text: str, line: int) -> str:
    address = str(node.attrs["href"])
    if node.info == "auto":
        return f"<{address}>"
    if re.match(r"[a-z][a-z0-9+.-]*:", address, re.IGNORECASE):
        title = f' "{node.attrs["title"]}"' if node.attrs.get("title") else ""
        return f"[{text or address}]({address}{title})"
    path, _, label = address.partition("#")
    if not path:
        return _refer(chapter, _label(chapter, label, line, chapter.docname), text)
    docname = _docname(chapter, path, line)
    if label:
        target = _label(chapter, label, line, docname)
        return f"[{text or target.text}]({chapter.links.to(target)})"
    return f"[{text or chapter.index.titles[docname]}]({chapter.links.page(docname)})"


def _docname(chapter: Chapter, path: str, line: int) -> str:
    """Return the page that a path leads to, from the chapter or (with a leading slash) from the book."""
    base = chapter.book.root if path.startswith("/") else chapter.book.path(chapter.docname).parent
    file = (base / path.lstrip("/")).resolve()
    if file.is_relative_to(chapter.book.root):
        docname = file.relative_to(chapter.book.root).as_posix()
        for name in (docname, docname.removesuffix(".md")):
            if name in chapter.index.titles:
                return name
    raise chapter.fail(line, f"{path} is no page of the book's table of contents.")


def _label(chapter: Chapter, label: str, line: int, docname: str = "") -> Target:
    """Return what a label stands for: a label of the book, or a heading of the page `docname`."""
    target = chapter.index.labels.get(label) or chapter.index.slugs.get((docname, label))
    if target is None:
        raise chapter.fail(line, f"Nothing in the book has the label {label}.")
    return target


def _refer(chapter: Chapter, target: Target, text: str = "") -> str:
    return f"[{text or target.text}]({chapter.links.to(target)})"


def _reference(chapter: Chapter, content: str, line: int) -> str:
    text, label = split_role(content)
    return _refer(chapter, _label(chapter, label, line), "" if text == label else text)


def _document(chapter: Chapter, content: str, line: int) -> str:
    text, path = split_role(content)
    docname = _docname(chapter, path, line)
    shown = chapter.index.titles[docname] if text == path else text
    return f"[{shown}]({chapter.links.page(docname)})"


def _term(chapter: Chapter, content: str, line: int) -> str:
    text, term = split_role(content)
    target = chapter.index.terms.get(term.lower())
    if target is None:
        raise chapter.fail(line, f"The glossary has no term “{term}”.")
    return f"[{text}]({chapter.links.page(target.docname, target.anchor)})"


def _cite(chapter: Chapter, content: str, line: int, form: str = "[[{0}, {1}]]({2})") -> str:
    written = []
    for key in (part.strip() for part in content.split(",")):
        if key not in chapter.references.entries:
            raise chapter.fail(line, f"No BibTeX file of the book has the key {key}.")
        if key not in chapter.cited:
            chapter.cited.append(key)
        page = chapter.index.bibliography or chapter.docname
        written.append(form.format(*chapter.references.short(key), chapter.links.page(page)))
    return ", ".join(written)


def _cite_text(chapter: Chapter, content: str, line: int) -> str:
    return _cite(chapter, content, line, "[{0} ({1})]({2})")


def _around(before: str, after: str) -> Callable[[Chapter, str, int], str]:
    return lambda chapter, content, line: f"{before}{content}{after}"


def _abbreviation(chapter: Chapter, content: str, line: int) -> str:
    match = re.fullmatch(r"(.*?)\s*\((.*)\)", content, re.DOTALL)
    return f'<abbr title="{match[2]}">{match[1]}</abbr>' if match else content


ROLES: dict[str, Callable[[Chapter, str, int], str]] = {
    "cite": _cite,
    "cite:p": _cite,
    "cite:t": _cite_text,
    "term": _term,
    "ref": _reference,
    "eq": _reference,
    "numref": _reference,
    "prf:ref": _reference,
    "doc": _document,
    "math": _around("$", "$"),
    "code": lambda chapter, content, line: _code_span(content),
    "sub": _around("<sub>", "</sub>"),
    "sup": _around("<sup>", "</sup>"),
    "kbd": _around("<kbd>", "</kbd>"),
    "abbr": _abbreviation,
}


# Directives


def _body(chapter: Chapter, directive: Directive) -> str:
    return render_text(chapter, directive.body, directive.body_line)


def _title(chapter: Chapter, directive: Directive) -> str:
    return render_text(chapter, directive.argument, directive.line)


def _aim(chapter: Chapter, directive: Directive) -> str:
    unit = "minute" if chapter.minutes == 1 else "minutes"
    return f"**You will be able to** (about {chapter.minutes} {unit}):\n\n{_body(chapter, directive)}"


def _caption(chapter: Chapter, directive: Directive) -> str:
    return _quote(_body(chapter, directive))


def _admonition(chapter: Chapter, directive: Directive) -> str:
    title = _title(chapter, directive) or {"seealso": "See also"}.get(directive.name, directive.name.title())
    return _quote(f"**{title}**\n\n{_body(chapter, directive)}")


def _dropdown(chapter: Chapter, directive: Directive) -> str:
    title = _title(chapter, directive) or "More"
    return f"<details><summary>{title}</summary>\n\n{_body(chapter, directive)}\n\n</details>"


def _theorem(chapter: Chapter, directive: Directive) -> str:
    name = chapter.index.theorems[chapter.docname][chapter.theorems_seen]
    chapter.theorems_seen += 1
    title = _title(chapter, directive)
    return _quote(f"**{name}{f' ({title})' if title else ''}.**\n\n{_body(chapter, directive)}")


def _proof(chapter: Chapter, directive: Directive) -> str:
    body = _body(chapter, directive)
    gap = "\n\n" if body.endswith(("$$", "```")) else " "
    return _quote(f"**Proof.** {body}{gap}∎")


def _math_directive(chapter: Chapter, directive: Directive) -> str:
    tag = chapter.index.labels[directive.label].text.strip("()") if directive.label else ""
    return _display("\n\n".join(filter(None, (directive.argument, directive.body))), tag)


def _code_directive(chapter: Chapter, directive: Directive) -> str:
    return _fenced(directive.argument, directive.body)


def _exercise_link(chapter: Chapter, directive: Directive) -> str:
    title, address = chapter.exercise(directive.argument)
    return f"**[{title}]({address})**"


def _bibliography(chapter: Chapter, directive: Directive) -> str:
    return chapter.references.listed(chapter.cited) if chapter.cited else ""


@dataclass
class Option:
    """One answer of a question."""

    right: bool
    text: str
    explanation: str


def _options(chapter: Chapter, directive: Directive) -> list[Option]:
    tree = SyntaxTreeNode(chapter.parser.parse(directive.body, chapter.environment))
    line = directive.body_line
    if [node.type for node in tree.children] != ["bullet_list"]:
        raise chapter.fail(
            line, f"{{{directive.name}}} holds one list of options, `- [ ]` or `- [x]`, and no more."
        )
    options = []
    for item in tree.children[0].children:
        here = line + (item.map or (0, 0))[0]
        *answer, explanation = item.children
        written = _blocks(chapter, answer, line)
        mark = re.match(r"\[([ xX])\]\s+", written)
        if (
            mark is None
            or explanation.type != "blockquote"
            or any(node.type == "blockquote" for node in answer)
        ):
            raise chapter.fail(
                here, "An option is `- [ ] answer` or `- [x] answer` with one `> explanation` below."
            )
        why = _blocks(chapter, explanation.children, line)
        options.append(Option(mark[1] != " ", written[mark.end() :], why))
    if not any(option.right for option in options):
        raise chapter.fail(line, f"One option of {{{directive.name}}} at least is right: mark it [x].")
    return options


def _question(word: str) -> Callable[[Chapter, Directive], str]:
    def write(chapter: Chapter, directive: Directive) -> str:
        options = _options(chapter, directive)
        answers = "\n".join(f"{n}. {_indent(option.text, 3)}" for n, option in enumerate(options, 1))
        explained = "\n".join(
            f"{n}. {'**Right.**' if option.right else 'Not this one.'} {_indent(option.explanation, 3)}"
            for n, option in enumerate(options, 1)
        )
        return (
            f"**{word}** {_title(chapter, directive)}\n\n{answers}\n\n"
            f"<details><summary>Answer and why</summary>\n\n{explained}\n\n</details>"
        )

    return write


DIRECTIVES: dict[str, Callable[[Chapter, Directive], str]] = {
    "aim": _aim,
    "lead": _body,
    "caption": _caption,
    "predict": _question("Predict."),
    "quiz": _question("Check yourself."),
    "exercise-link": _exercise_link,
    "admonition": _admonition,
    "dropdown": _dropdown,
    "prf:proof": _proof,
    "math": _math_directive,
    "code": _code_directive,
    "code-block": _code_directive,
    "bibliography": _bibliography,
    **dict.fromkeys(ADMONITIONS, _admonition),
    **dict.fromkeys(THEOREMS, _theorem),
}
