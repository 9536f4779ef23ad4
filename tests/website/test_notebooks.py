"""A student notebook is plain Markdown with every formula, number, link and output of its chapter."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from pathlib import Path

import nbformat
import pytest

from tests.website import small_book
from website import execute, notebooks, reading
from website.markdown.source import BookError, load_book, make_parser, walk

ONE, TWO = "chapters/01-one", "chapters/02-two"
RAW = re.compile(r":::|```\{|\{[a-z][a-z:-]*\}`|^\([\w-]+\)=|^%|\[\^|- \[[ x]\]", re.MULTILINE)
MATH = {"math_inline", "math_inline_double", "math_block", "math_block_label", "amsmath"}


def prose(notebook: nbformat.NotebookNode) -> str:
    """All Markdown of a notebook, without its code blocks."""
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return re.sub(r"^( *)```[a-z]*\n.*?^\1```", "", text, flags=re.MULTILINE | re.DOTALL)


def formulas(text: str) -> Counter[str]:
    """Every formula of a text, without numbers, white space and the environments that only arrange it."""
    found = []
    for node, directive, _ in walk(
        make_parser(frozenset({"amsmath", "colon_fence", "deflist", "dollarmath"})), text
    ):
        if node.type in MATH:
            found.append(node.content)
        elif directive and directive.name == "math":
            found.append(directive.body)
        elif directive and directive.argument:
            found += re.findall(r"\$([^$]+)\$", directive.argument)
    arranging = r"\\tag\{[^}]*\}|\\(?:begin|end)\{(?:split|align|aligned)\}|\s+"
    return Counter(re.sub(arranging, "", formula) for formula in found)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = small_book.write(tmp_path_factory.mktemp("book") / "course")
    assert execute.execute_book(root, out=io.StringIO()).ok
    return root


@pytest.fixture(scope="module")
def written(root: Path, tmp_path_factory: pytest.TempPathFactory) -> list[nbformat.NotebookNode]:
    paths = notebooks.write_all(root, tmp_path_factory.mktemp("out"))
    assert [path.name for path in paths] == ["01-one.ipynb", "02-two.ipynb"]
    assert {path.parent.name for path in paths} == {"chapters"}
    return [nbformat.read(path, as_version=nbformat.NO_CONVERT) for path in paths]


def plain(tmp_path: Path, text: str, **more: str) -> str:
    """The Markdown of a chapter that has no code; `more` replaces files of the book."""
    root = small_book.write(tmp_path / "course", one=f"{small_book.HEAD}# Title\n\n{text}")
    for name, content in more.items():
        (root / name).write_text(content)
    execute.execute_book(root, [ONE], out=io.StringIO())
    (path,) = notebooks.write_all(root, tmp_path / "out", [ONE])
    return "\n\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells[1:])


def test_no_raw_myst_is_left(written):
    for notebook in written:
        assert RAW.findall(prose(notebook)) == []


def test_every_formula_is_kept(written):
    for notebook, source in zip(written, (small_book.CHAPTER_ONE, small_book.CHAPTER_TWO), strict=True):
        expected = formulas(source)
        assert expected
        assert expected - formulas(prose(notebook)) == Counter()


def test_the_notebook_is_valid_and_made_for_python3(written):
    for notebook in written:
        nbformat.validate(notebook)
        assert notebook.metadata.kernelspec.name == "python3"
        assert set(notebook.metadata) == {"kernelspec", "language_info"}


SITE = "https://example.org/book"
TERMS, WORKS, OTHER = f"{SITE}/glossary.html", f"{SITE}/bibliography.html", f"{SITE}/chapters/02-two.html"
EXPECTED = [
    f"# The first chapter\n\nThis notebook is [a chapter of the course]({SITE}/chapters/01-one.html)",
    '`pip install "nnlib[course] @ git+https://example.org/course"`',
    "- Add numbers\n- Read $x_1$\n- Ask",
    "A neuron asks **one question** of its inputs.",
    f"A [weighted sum]({TERMS}#term-weighted-sum) and [two of them]({TERMS}#term-bias)",
    f"[[Rosenblatt, 1958]]({WORKS}), [Lovelace and Gödel (1843)]({WORKS}), ",
    f"[[Lovelace and Gödel, 1843]]({WORKS}), [[A et al., 2001]]({WORKS}).",
    r"Costs \$5, not *much*, `co$de` and ``a`b``.<sup>1</sup>",
    f"See [The second chapter]({OTHER}#ch-two), [there]({OTHER}#ch-two)",
    "[(1.1)](#A-sum-is-a-vote),\n",
    f"[next]({OTHER}), [The second chapter]({OTHER})",
    "[Theorem 1.1](#A-sum-is-a-vote) and [A sum is a vote](#A-sum-is-a-vote).",
    "$$\nz = \\sum_i w_i x_i + b \\tag{1.1}\n$$",
    "$$\n\\begin{split}a &= b \\\\\nc &= d\\end{split} \\tag{1.2}\n$$",
    "$$\n\\begin{aligned}\np &= q\n\\end{aligned}\n$$",
    "$$\n\\begin{aligned}\nu &= v\n\\end{aligned} \\tag{1.3}\n$$",
    "**Predict.** Where is $z = 0$?\n\n1. At the origin\n2. On a line,\n   and nowhere else\n\n"
    "<details><summary>Answer and why</summary>\n\n1. Not this one. There the sum is $b$.\n"
    "2. **Right.** One equation leaves one freedom.\n\n</details>",
    "> **The point in bold.** The rest, with $w$.",
    "> **Theorem 1.1 (How far).**\n>\n> Let $w \\ne 0$. Then\n>\n> $$\n"
    "> d = \\frac{z}{\\lVert w \\rVert} .\n> $$",
    "> **Proof.** Divide.\n>\n> $$\n> 1 = 1\n> $$\n>\n> ∎",
    f"> **Note**\n>\n> A [bias]({TERMS}#term-bias) is\n>\n> - a number\n> - of its own\n>\n",
    '> and [a link](https://example.org "title") or <https://example.org/a>.',
    "> **By the way**\n>\n> Yes.",
    "| a | b |\n| :-- | --: |\n| $x$ | [(1.2)](#A-sum-is-a-vote) |",
    "**Term**\n\n> Its meaning.",
    '1. first\n\n   ```python\n   code = "{cite}`one`"\n   ```\n\n2. second',
    "## Sources\n\n- A\\. A, B\\. B, and C\\. C\\.",
    "## Notes\n\n1. A note with $n$ in it.",
]


@pytest.mark.parametrize("text", EXPECTED)
def test_each_element_has_its_plain_form(written, text):
    assert text in "\n\n".join(cell.source for cell in written[0].cells if cell.cell_type == "markdown")


def test_links_from_another_chapter_lead_to_the_page(written):
    text = prose(written[1])
    assert f"By [(1.1)]({SITE}/chapters/01-one.html#equation-eq-sum) and [(2.1)](#The-second-chapter)" in text
    assert "> **Theorem 2.1.**" in text


def test_a_heading_begins_a_cell_and_hidden_code_stays(written):
    cells = written[0].cells
    assert all("\n## " not in cell.source for cell in cells if cell.cell_type == "markdown")
    hidden, shown = (cell for cell in cells if cell.cell_type == "code")
    assert hidden.source == "import nnlib"
    assert hidden.metadata == {"tags": ["remove-cell"]}
    assert [out.output_type for out in shown.outputs] == ["stream", "execute_result"]
    assert shown.outputs[0].text == "the value is 1\n"
    assert shown.execution_count == 2


def test_page_and_notebook_show_the_same_minutes(written):
    minutes = reading.minutes(small_book.CHAPTER_ONE)
    assert f"(about {minutes} minutes)" in prose(written[0])


def test_writing_twice_gives_the_same_bytes(root, tmp_path):
    first, second = (notebooks.write_all(root, tmp_path / name) for name in ("a", "b"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    ids = [cell["id"] for path in first for cell in json.loads(path.read_text())["cells"]]
    assert len(set(ids)) == len(ids)


def test_without_an_address_links_are_relative_to_the_site(root, tmp_path):
    (path, _) = notebooks.write_all(root, tmp_path, site_url="")
    text = path.read_text()
    assert "](../../chapters/01-one.html)" in text
    assert "](../../glossary.html#term-bias)" in text
    assert "example.org/book" not in text


def test_without_a_repository_the_opening_names_a_copy(tmp_path):
    config = small_book.CONFIG.replace("repository: {url: https://example.org/course}\n", "")
    plain(tmp_path, "Text.", **{"_config.yml": config})
    (path,) = (tmp_path / "out" / "chapters").iterdir()
    assert 'with `pip install ".[course]"` in a copy of the course.' in nbformat.read(path, 4).cells[0].source


REFUSED = [
    ("A.\n\n```{mermaid}\nx\n```", 9, r"no rule for the directive \{mermaid\}"),
    (":::{tab-set}\nx\n:::", 7, r"no rule for the directive \{tab-set\}"),
    ("A\n{kaboom}`x` b", 7, r"no rule for the role \{kaboom\}"),
    ("```{note}\nA\n\n{kaboom}`x`\n```", 10, r"no rule for the role \{kaboom\}"),
    ("{cite}`nobody`", 7, "No BibTeX file of the book has the key nobody"),
    ("{term}`gizmo`", 7, "The glossary has no term “gizmo”"),
    ("{ref}`nowhere`", 7, "Nothing in the book has the label nowhere"),
    ("[](#nowhere)", 7, "Nothing in the book has the label nowhere"),
    ("[x](../nowhere.md)", 7, r"\.\./nowhere\.md is no page of the book's table of contents"),
    ("![what](x.png)", 7, r"The image x\.png can't travel with a notebook"),
    ("\\begin{multline}\nx\n\\end{multline}", 7, r"no rule for \\begin\{multline\}"),
    ("```{quiz} Why?\n- [x] A\n```", 8, "An option is"),
    ("```{quiz} Why?\n- A\n  > B\n```", 8, "An option is"),
    ("```{quiz} Why?\n- [ ] A\n  > B\n```", 8, r"One option of \{quiz\} at least is right"),
    ("```{quiz} Why?\nText.\n```", 8, r"\{quiz\} holds one list of options"),
]


@pytest.mark.parametrize(("text", "line", "message"), REFUSED)
def test_what_has_no_plain_form_is_refused_with_its_place(tmp_path, text, line, message):
    with pytest.raises(BookError, match=rf"^chapters/01-one\.md:{line}: .*{message}"):
        plain(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```{dropdown} More $x$\nText.\n```", "<details><summary>More $x$</summary>\n\nText.\n\n</details>"),
        ("```{seealso}\nText.\n```", "> **See also**\n>\n> Text."),
        (
            "{math}`x` {sub}`2` {kbd}`Tab` {abbr}`GD (gradient descent)`",
            "$x$ <sub>2</sub> <kbd>Tab</kbd> <abbr",
        ),
        ("```{code-block} python\nx = 1\n```", "```python\nx = 1\n```"),
        ("```{math}\na = 1\n\nb = 2\n```", "$$\n\\begin{gathered}a = 1 \\\\\nb = 2\\end{gathered}\n$$"),
        ("\\begin{equation*}\nx\n\\end{equation*}", "$$\nx\n$$"),
        ("3. three\n4. four", "3. three\n4. four"),
        ("```{prf:lemma} A\n:nonumber:\nText.\n```", "> **Lemma (A).**\n>\n> Text."),
        ("one\\\ntwo", "one\\\ntwo"),
        ("| a |\n|---|\n| $\\|x\\|$ or b |", "| a |\n| --- |\n| $\\|x\\|$ or b |"),
        ("a --- b 'c'", "a --- b 'c'"),
        ("See [that][r].\n\n[r]: https://example.org", "See [that](https://example.org)."),
        ("+++\n\n---\n\nText.", "---\n\nText."),
    ],
)
def test_further_elements(tmp_path, text, expected):
    assert expected in plain(tmp_path, text)


def test_an_exercise_is_linked_with_its_facts(tmp_path):
    text = "```{exercise-link} 01-one\n```"
    with pytest.raises(BookError, match=r"Run `make exercises` first"):
        plain(tmp_path / "a", text)
    root = small_book.write(tmp_path / "b" / "course", one=f"{small_book.HEAD}# T\n\n{text}")
    entry = {
        "id": "01-one",
        "title": "Add",
        "difficulty": "easy",
        "minutes": 5,
        "points": 3,
        "file": "01-one.ipynb",
    }
    index = root / "_build" / "exercises" / "index.json"
    index.parent.mkdir(parents=True)
    execute.execute_book(root, [ONE], out=io.StringIO())
    index.write_text(json.dumps({"exercises": []}))
    with pytest.raises(BookError, match="There is no exercise 01-one; there are: none"):
        notebooks.write_all(root, tmp_path / "out", [ONE])
    index.write_text(json.dumps({"exercises": [entry]}))
    (path,) = notebooks.write_all(root, tmp_path / "out", [ONE])
    link = "**[Add (easy, about 5 minutes, 3 points)](https://example.org/book/notebooks/exercises/01-one.ipynb)**"
    assert nbformat.read(path, 4).cells[1].source == link


def test_a_chapter_that_was_not_executed_is_refused(tmp_path, capsys):
    root = small_book.write(tmp_path / "course")
    assert notebooks.main(["--root", str(root), "--out", str(tmp_path / "out"), ONE]) == 1
    assert f"{ONE}.md has not been executed as it stands" in capsys.readouterr().err
    with pytest.raises(BookError, match=r"chapters/x is no notebook of _toc\.yml"):
        notebooks.write_all(root, tmp_path / "out", ["chapters/x.md"])


def test_the_command_names_what_it_wrote(root, tmp_path, capsys):
    assert notebooks.main(["--root", str(root), "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out.split() == [str(tmp_path / f"{name}.ipynb") for name in (ONE, TWO)]


# Widgets


def widget_notebook(ids: list[str], weight: int = 10) -> nbformat.NotebookNode:
    """One view of a box with two sliders, and a link between them; `ids` in that order."""
    box, left, right, link = ids
    models = {
        box: {"model_name": "Box", "state": {"children": [f"IPY_MODEL_{left}", f"IPY_MODEL_{right}"]}},
        left: {"model_name": "Slider", "state": {"value": 1, "long": "x" * weight}},
        right: {"model_name": "Slider", "state": {"value": 2}},
        link: {"model_name": "Link", "state": {"source": [f"IPY_MODEL_{left}", "value"]}},
    }
    data = {
        notebooks.VIEW: {"model_id": box, "version_major": 2, "version_minor": 0},
        "text/plain": "Box(children=(<Slider object at 0x7f59a00f6c90>,))",
    }
    output = nbformat.v4.new_output("display_data", data)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("fig", outputs=[output])])
    state = {"state": dict(sorted(models.items())), "version_major": 2, "version_minor": 0}
    notebook.metadata["widgets"] = {notebooks.STATE: state}
    return notebook


def test_widgets_get_the_same_ids_in_every_run():
    first = widget_notebook([letter * 32 for letter in "abcd"])
    second = widget_notebook([letter * 32 for letter in "dbac"])
    states = [notebooks._widgets(notebook, ONE) for notebook in (first, second)]
    assert states[0] == states[1]
    assert first.cells == [{**second.cells[0], "id": first.cells[0].id}]
    model = first.cells[0].outputs[0].data[notebooks.VIEW]["model_id"]
    assert states[0]["state"][model]["model_name"] == "Box"
    assert "a" * 32 not in json.dumps(states)


def test_a_light_widget_travels_and_a_heavy_one_asks_for_a_run(root, tmp_path, monkeypatch):
    book = load_book(root)
    index = notebooks.build_index(book)
    for weight, travels in ((10, True), (notebooks.HEAVIEST_STATE, False)):
        executed = widget_notebook([letter * 32 for letter in "abcd"], weight)
        executed.metadata["source_map"] = [1]
        monkeypatch.setattr(notebooks, "_executed", lambda book, docname, made=executed: made)
        made = notebooks.student_notebook(
            book, ONE, index=index, references=notebooks.References.of(book), site_url=""
        )
        data = made.cells[-1].outputs[0].data
        assert data["text/plain"] == notebooks.RUN_ME
        assert (notebooks.VIEW in data) is travels
        assert ("widgets" in made.metadata) is travels


def test_a_figure_travels_as_an_image_with_its_text_alternative():
    html = (
        '<figure class="nn-figure"><style>a{}</style><div class="nn-wide"><svg role="img" style="x:y"><g/></svg></div>'
        '<div class="nn-slim"><svg role="img"></svg></div><figcaption>C</figcaption></figure>'
    )
    data = {"text/html": html, "text/plain": "Figure: a line"}
    saved = notebooks._saved(
        nbformat.v4.new_output("execute_result", data, execution_count=1), keep_views=True
    )
    assert saved.data == {
        "image/svg+xml": '<svg role="img" style="background:#fdfcf9;x:y"><g/></svg>',
        "text/plain": "Figure: a line",
    }
    other = nbformat.v4.new_output("execute_result", {"text/html": "<table></table>"}, execution_count=1)
    assert notebooks._saved(other, keep_views=True).data == {"text/html": "<table></table>"}


# Reading time


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("", 1),
        ("word " * 200, 1),
        ("word " * 201, 2),
        ("$$\nx\n$$\n\n" * 4, 2),
        ("```{math}\nx\n```\n\n" * 3, 2),
        ("```{quiz} A long question\n- [x] many words\n  > and more words\n```\n\n" * 3, 3),
        ("```{predict} Q\n- [x] a\n  > b\n```\n\n", 1),
        ("```{code-cell} ipython3\n:tags: [remove-input, explorable]\nx\n```\n\n" * 2, 8),
        ("```{code-cell} ipython3\n" + "x\n\n" * 30 + "```\n", 2),
        ("```{code-cell} ipython3\n:tags: [remove-cell]\n" + "x\n" * 300 + "```\n", 1),
        ("```{exercise-link} 01-one\n```\n" * 9, 1),
        ("```{note}\n" + "word " * 201 + "\n```\n", 2),
        ("$a + b + c + d$ " * 201, 2),
    ],
)
def test_minutes(text, minutes):
    assert reading.minutes(small_book.HEAD + text) == minutes


def test_minutes_take_the_source_or_its_notebook(root):
    book = load_book(root)
    assert reading.minutes(book.read_notebook(ONE)) == reading.minutes(book.texts[ONE])
