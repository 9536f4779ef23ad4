"""Turns what Sphinx says about a page into what its author needs: where, what is wrong, what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
PROBLEM = re.compile(r"^(?:(?P<place>\S.*?):+ )?(?:WARNING|ERROR|CRITICAL|SEVERE): (?P<text>.*)$")
PLACE = re.compile(r"(?P<file>.+?)(?::(?P<line>\d+))?")
KIND = re.compile(r" \[[a-z][a-z0-9_.-]*\]$")  # the name under which Sphinx would suppress the warning
END = re.compile(r"^(=+|Traceback .*|\w.* error:)?$")

#: What Sphinx and its extensions say, and what is said in its place.
WORDS = (
    (
        r'could not find bibtex key "(.+)"',
        "No source has the key {0!r}. Add it to references.bib, or correct the key.",
    ),
    (
        r"term not in glossary: '(.+)'",
        "The glossary has no term {0!r}. Add it to glossary.md, or correct the spelling.",
    ),
    (
        r"'myst' cross-reference target not found: '(.+\.md)'.*|unknown document: '(.+)'",
        "There is no page {0!r}. Correct its path, as seen from this page.",
    ),
    (
        r"undefined label: '(.+)'|'myst' cross-reference target not found: '(.+)'.*"
        r"|prf:ref reference target not found: (.+)|label '(.+)' not found\.?",
        "Nothing is named {0!r}. Write ({0})= on the line above what you mean, or correct the name.",
    ),
    (
        r"equation not found: (.+)",
        "No formula is named {0!r}. Write $$ ({0}) at its end, or correct the name.",
    ),
    (r"image file not readable: (.+)", "There is no picture {0}. Put it there, or correct its path."),
    (r"Unknown directive type: '(.+)'", "There is no directive {{{0}}}. Correct its name."),
    (r"Unknown interpreted text role \"(.+)\".*", "There is no role {{{0}}}. Correct its name."),
    (
        r"Non-consecutive header level increase; H(\d) to H(\d)",
        "A heading of level {1} follows one of level {0}. Go down one level at a time.",
    ),
    (
        r"document isn't included in any toctree",
        "No entry of _toc.yml leads to this page. Add one, or remove the page.",
    ),
)


def report(output: str, root: Path) -> str:
    """Return what Sphinx found wrong, page by page and line by line.

    Parameters
    ----------
    output : str
        What Sphinx printed.
    root : Path
        The book's folder: places are given as seen from there.

    Returns
    -------
    str
        The problems with a last line that counts them. If Sphinx broke off, what it printed stands in front.
    """
    plain = COLOUR.sub("", output)
    found = list(dict.fromkeys(_problems(plain, root)))
    placed = {(file, text) for file, line, text in found if line}
    found = [each for each in found if each[1] or (each[0], each[2]) not in placed]
    lines = []
    if not found or "\nTraceback " in plain:
        lines = [plain.strip(), "\nSphinx broke off; what it printed stands above."]
    for (file, line), group in groupby(sorted(found, key=itemgetter(0, 1)), key=itemgetter(0, 1)):
        lines.append(f"\n{file}{f':{line}' if line else ''}")
        lines += [f"    {text}" for _, _, text in group]
    count = (
        ""
        if not found
        else f": {len(found)} problem{'s' * (len(found) > 1)} to mend, then run 'make book' again"
    )
    return "\n".join([*lines, f"\nThe site was not built{count}."])


def _problems(output: str, root: Path) -> Iterator[tuple[str, int, str]]:
    """Find file, line (0 if none is known) and text of each warning, with the lines that go on with it."""
    lines = output.splitlines()
    for index, row in enumerate(lines):
        if match := PROBLEM.match(row):
            text = [KIND.sub("", match["text"])]
            for more in lines[index + 1 :]:
                if PROBLEM.match(more) or END.match(more):
                    break
                text.append(more)
            place = PLACE.fullmatch(match["place"] or "_config.yml")
            assert place is not None
            yield _short(place["file"], root), int(place["line"] or 0), _words("\n    ".join(text))


def _short(file: str, root: Path) -> str:
    """Give a page as seen from the book; some extensions take it for reStructuredText."""
    path = Path(file)
    if path.suffix == ".rst" and not path.exists():
        path = path.with_suffix(".md")
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else file


def _words(text: str) -> str:
    for pattern, words in WORDS:
        if match := re.fullmatch(pattern, text):
            return words.format(*(group for group in match.groups() if group is not None))
    return text[:1].upper() + text[1:]
