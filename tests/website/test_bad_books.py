"""What the book refuses, by the command that an author runs: a defect is named, with what to do about it.

Each defect stands on a page of its own, in one small book that is built with the real configuration.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.website import small_book
from website import build, problems

HOME = Path(__file__).resolve().parents[2]
GLOSSARY = "# Glossary\n\n```{glossary}\nbias\n: The number that is added.\n```\n"

GOOD = """\
# A good page

```{aim}
- Add
- Read
- Ask
```

```{predict} Where is $z = 0$?
:name: predict-good
- [ ] Here
  > The sum is $b$ here.
- [x] There
  > Both products cancel the bias.
```

```{code-cell} ipython3
:tags: [remove-input, explorable]
from nnlib import explorables, plot

explorables.neuron()
```

```{code-cell} ipython3
from nnlib import edition

plot.show(lambda ax: ax.plot([0, 1]), alt=edition.ALT, caption="**It rises.** A line.")
```

A {term}`bias` {cite}`one`.

:::{quiz} Is `z` so, as {eq}`eq-good` says?
:name: quiz-good
- [x] Yes, by {eq}`eq-good` and {prf:ref}`thm-good`
  > It is, by {prf:ref}`thm-good`.
- [ ] No, {term}`bias`
  > It is, after all.
:::

$$ z = 0 $$ (eq-good)

```{prf:theorem}
:label: thm-good
True.
```

```{exercise-link} 01-neurons
```

```{bibliography}
```
"""

CARD = """\
```{quiz} Is it so?
:name: %s
- [%s] Yes
  > It is.
- [ ] No
  > It is, after all.
```
"""

# A defect: what the page holds, the line that is named, what is wrong, and what to do.
DEFECTS = {
    "no-alt": (
        "Look:\n\n![](dot.png)",
        "![]",
        "A picture has no alternative text.",
        "Write ![what it shows](file).",
    ),
    "raw-svg": (
        '```{raw} html\n<svg viewBox="0 0 1 1"></svg>\n```',
        "```{raw}",
        "A picture in HTML has no alternative text.",
        'Give <svg> an aria-label="what it shows".',
    ),
    "raw-img": (
        '```{raw} html\n<img src="dot.png" alt="">\n```',
        "```{raw}",
        "A picture in HTML has no alternative text.",
        'Give <img> an alt="what it shows".',
    ),
    "no-picture": ("![a dot](dott.png)", "![", "There is no picture chapters/dott.png.", "correct its path."),
    "no-source": (
        "It is known {cite}`nobody1999`.",
        "It",
        "No source has the key 'nobody1999'.",
        "references.bib",
    ),
    "no-term": ("A {term}`biass`.", "A {", "The glossary has no term 'biass'.", "Add it to glossary.md"),
    "no-label": (
        "See {ref}`nowhere`.",
        "See",
        "Nothing is named 'nowhere'.",
        "Write (nowhere)= on the line above",
    ),
    "no-target": (
        "See [it](#nowhere).",
        "See",
        "Nothing is named 'nowhere'.",
        "Write (nowhere)= on the line above",
    ),
    "no-theorem": ("By {prf:ref}`thm`.", "By", "Nothing is named 'thm'.", "or correct the name."),
    "no-formula": ("By {eq}`eq-z`.", "By", "No formula is named 'eq-z'.", "Write $$ (eq-z) at its end"),
    "no-page": ("See [it](99-none.md).", "See", "There is no page '99-none.md'.", "Correct its path"),
    "no-directive": (
        "```{quizz} Really?\n```",
        "```{quizz}",
        "There is no directive {quizz}.",
        "Correct its name.",
    ),
    "no-role": ("A {trem}`bias`.", "A {", "There is no role {trem}.", "Correct its name."),
    "deep": (
        "## Two\n\n#### Four",
        "####",
        "level 4 follows one of level 2.",
        "Go down one level at a time.",
    ),
    "two-aims": ("```{aim}\n- Add\n- Ask\n```", "```{aim}", "a list of exactly three things", "not 2."),
    "none-right": (
        CARD % ("quiz-x", " "),
        "```{quiz}",
        "{quiz} quiz-x: mark at least one option",
        "with [x].",
    ),
    "unexplained": (
        CARD.replace("  > It is.\n", "") % ("quiz-x", "x"),
        "```{quiz}",
        "Option 1 of {quiz} is not of the form",
        "with one line '  > explanation' below it",
    ),
    "nameless": (
        CARD.replace(":name: %s\n", "") % "x",
        "```{quiz}",
        "{quiz} needs a :name:",
        "remembers its answer",
    ),
    "same-name": (
        CARD % ("quiz-x", "x") + "\nAgain:\n\n" + CARD.replace("Is it so", "Is it") % ("quiz-x", "x"),
        "```{quiz} Is it?",
        "Another element of this page is named 'quiz-x'",
        "choose a new :name:.",
    ),
    "ticks": (
        CARD.replace("Is it so?", "What does `w` do?") % ("quiz-x", "x"),
        "```{quiz}",
        "A title behind ``` can't hold a backtick.",
        "Fence the {quiz} with colons",
    ),
    "unshown": (
        "```{predict} Where?\n:name: predict-x\n- [x] Here\n  > Yes.\n- [ ] There\n  > No.\n```",
        "```{predict}",
        "No explorable follows the prediction 'predict-x'",
        "in a cell with the tag 'explorable', or make the card a {quiz}.",
    ),
    "no-exercise": (
        "```{exercise-link} 99-none\n```",
        "```{ex",
        "There is no exercise '99-none'",
        "there are: 01-neurons",
    ),
    "inline-tex": (
        "A formula $\\frac{1$.",
        "A f",
        "TeX can't read a formula: Missing close brace.",
        "Correct it:\n    \\frac{1",
    ),
    "display-tex": (
        "$$\nx = \\nope y\n$$",
        "$$",
        "TeX can't read a formula: Undefined control sequence \\nope.",
        "x = \\nope y",
    ),
    "raw-figure": (
        "```{code-cell} ipython3\nimport matplotlib.pyplot as plt\n\nplt.plot([0, 1]);\n```",
        "import matplotlib",
        "A picture in the output of the cell 'import matplotlib.pyplot as plt' has no alternative text.",
        "Draw it by nnlib.plot.show(draw, alt=..., caption=...).",
    ),
    "raw-html": (
        '```{code-cell} ipython3\nfrom IPython.display import HTML\n\nHTML("<svg></svg>")\n```',
        "from IPython",
        "A picture in HTML in the output of the cell 'from IPython.display import HTML' has no alt",
        'Give <svg> an aria-label="what it shows".',
    ),
}


def write(root: Path, **pages: str) -> Path:
    """Write a small book with these chapters, the course's configuration, and a copy of nnlib to change."""
    small_book.write(root)
    shutil.rmtree(root / "chapters")
    shutil.rmtree(root / "nnlib")
    shutil.copytree(HOME / "nnlib", root / "nnlib", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "nnlib" / "edition.py").write_text('ALT = "The first edition."\n')
    if (HOME / "_build" / "assets").is_dir():
        shutil.copytree(HOME / "_build" / "assets", root / "_build" / "assets")

    config = yaml.safe_load((HOME / "_config.yml").read_text(encoding="utf-8"))
    config["html"]["favicon"] = str(HOME / config["html"]["favicon"])
    paths = config["sphinx"]["config"]["templates_path"]
    config["sphinx"]["config"]["templates_path"] = [str(HOME / path) for path in paths]
    (root / "_config.yml").write_text(yaml.safe_dump(config))
    (root / "glossary.md").write_text(GLOSSARY)
    (root / "bibliography.md").unlink()
    toc = {"format": "jb-book", "root": "index", "chapters": [{"file": f"chapters/{name}"} for name in pages]}
    toc["chapters"].append({"file": "glossary"})
    (root / "_toc.yml").write_text(yaml.safe_dump(toc))

    (root / "chapters").mkdir()
    shutil.copy2(HOME / "website" / "frontend" / "favicon.svg", root / "chapters" / "dot.png")
    for name, text in pages.items():
        (root / "chapters" / f"{name}.md").write_text(small_book.HEAD + text)
    return root


def make(root: Path) -> subprocess.CompletedProcess[str]:
    """Build the book as `make book` does."""
    command = [sys.executable, "-m", "website", "build", "--root", str(root)]
    environment = {**os.environ, "WITHOUT_LITE": "1"}
    return subprocess.run(command, cwd=HOME, env=environment, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    pages = {name: f"# The page {name}\n\n{defect[0]}\n" for name, defect in DEFECTS.items()}
    return make(write(tmp_path_factory.mktemp("bad"), **pages))


@pytest.mark.parametrize("name", DEFECTS)
def test_the_defect_of_a_page_is_named_with_its_line_and_what_to_do(
    refused: subprocess.CompletedProcess[str], name: str
) -> None:
    text, needle, wrong, advice = DEFECTS[name]
    rows = f"{small_book.HEAD}# The page {name}\n\n{text}\n".splitlines()
    line = 1 + next(i for i, row in enumerate(rows) if row.startswith(needle))
    blocks = re.findall(rf"^chapters/{name}\.md:(\d+)\n((?:    .*\n)+)", refused.stderr, re.MULTILINE)
    assert len(blocks) == 1, refused.stderr
    assert int(blocks[0][0]) == line
    assert wrong in blocks[0][1]
    assert advice in blocks[0][1]


def test_defects_fail_the_build_and_nothing_else_is_said(refused: subprocess.CompletedProcess[str]) -> None:
    assert refused.returncode == 1
    assert f"{len(DEFECTS)} problems to mend, then run 'make book' again." in refused.stderr.splitlines()[-1]
    assert "Traceback" not in refused.stderr + refused.stdout
    assert "\x1b" not in refused.stderr + refused.stdout
    assert len(refused.stderr.splitlines()) < 5 * len(DEFECTS)


def test_a_breakdown_of_sphinx_is_shown_as_it_was(tmp_path: Path) -> None:
    page = tmp_path / "chapters" / "one.md"
    crash = "Traceback (most recent call last):\n  File x\nKeyError: 'icon'"
    said = problems.report(f"\x1b[91m{page}:3: WARNING: equation not found: eq\x1b[0m\n\n{crash}\n", tmp_path)
    assert (
        said.index("KeyError: 'icon'") < said.index("Sphinx broke off") < said.index("\nchapters/one.md:3\n")
    )
    assert said.endswith("1 problem to mend, then run 'make book' again.")
    assert problems.report("no words", tmp_path).startswith("no words\n\nSphinx broke off")


def test_a_folder_that_holds_no_book_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "STEPS", [("Running the chapters", build.run_chapters)])
    with pytest.raises(build.BuildError, match=r"There is no _config\.yml"):
        build.build(tmp_path)


FAILING = {
    "nan": (
        "from nnlib import explorables\n\nexplorables.neuron(w1=float('nan'))",
        "explorables.neuron",
        "ValueError: w1 is nan. Give a number between -3 and 3.",
    ),
    "empty": (
        "from nnlib import explorables\n\nexplorables.perceptron([], [])",
        "explorables.perceptron",
        "ValueError: X is empty. Give at least one point, or leave X and y out for an empty plane.",
    ),
    "mismatched": (
        "from nnlib import explorables\n\nexplorables.neuron([[1, 0], [0, 1]], [1])",
        "explorables.neuron",
        "ValueError: X has 2 points but y has shape (1,). Give one label a point: y.shape == (2,).",
    ),
    "no-alt": (
        "from nnlib import plot\n\nplot.show(lambda ax: None, alt='', caption='**A figure.**')",
        "plot.show",
        "ValueError: plot.show needs alt=: write what is drawn and what it shows",
    ),
    "warns": (
        "import warnings\n\nwarnings.warn('this will go away', DeprecationWarning)",
        "warnings.warn",
        "The cell writes to stderr, and warnings are errors. Mend what it says:\n"
        "    line 3 of the cell: DeprecationWarning: this will go away",
    ),
}


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    start = "# A page\n\n```{code-cell} ipython3\n1 + 1\n```\n\nWords.\n\n```{code-cell} ipython3\n"
    pages = {name: f"{start}{code}\n```\n" for name, (code, *_) in FAILING.items()}
    return make(write(tmp_path_factory.mktemp("failing"), **pages))


@pytest.mark.parametrize("name", FAILING)
def test_a_failing_cell_is_named_with_its_line_and_its_error(
    failed: subprocess.CompletedProcess[str], name: str
) -> None:
    _, needle, error = FAILING[name]
    line = len(small_book.HEAD.splitlines()) + 12
    *_, rest = failed.stderr.partition(f"\nchapters/{name}.md:{line}: code cell 2\n")
    assert rest.startswith(f"    {error}"), failed.stderr
    assert f"\n    > {needle}" in rest.partition("\nchapters/")[0]
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr
    assert "5 chapters: 0 executed, 0 from the cache, 5 failed." in failed.stderr
    assert f"chapters/{name} " in failed.stdout


def rebuild(root: Path) -> None:
    """Take the two steps of the command that write a page from its text."""
    build.run_chapters(root)
    build.pages(root)


def test_a_page_follows_nnlib_and_a_defect_stays_one(tmp_path: Path) -> None:
    root = write(tmp_path, good=GOOD)
    page = root / "_build" / "html" / "chapters" / "good.html"
    done = make(root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert "[8/8]" in done.stdout
    first = page.read_text(encoding="utf-8")
    assert "The first edition." in first
    assert "nn-neuron-view" in first
    assert (root / "_build" / "html" / "notebooks" / "chapters" / "good.ipynb").is_file()
    assert "built without Python in the browser" in first
    assert "Run in the browser" not in first

    # A change of nnlib's Python, and one of its JavaScript, reaches a page whose own text stays.
    (root / "nnlib" / "edition.py").write_text('ALT = "The second edition."\n')
    rebuild(root)
    second = page.read_text(encoding="utf-8")
    assert "The second edition." in second
    assert "The first edition." not in second
    assert "globalThis.edition" not in second
    with (root / "nnlib" / "explorables" / "neuron.js").open("a", encoding="utf-8") as script:
        script.write('globalThis.edition = "third";\n')
    rebuild(root)
    assert re.search(r'globalThis\.edition = \\*"third', page.read_text(encoding="utf-8"))

    # One defect is enough, and it is refused however often the author tries.
    chapter = root / "chapters" / "good.md"
    chapter.write_text(f"{small_book.HEAD}{GOOD}\n![](dot.png)\n")
    for _ in range(2):
        with pytest.raises(build.BuildError, match=r"A picture has no alternative text.*\n.*\n.*: 1 problem"):
            rebuild(root)
