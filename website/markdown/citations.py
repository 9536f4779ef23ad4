"""The references: how a citation reads in a notebook, and the list of the works that a chapter cites."""

from __future__ import annotations

from pathlib import Path

from pybtex.database import BibliographyData, Entry, parse_file
from pybtex.exceptions import PybtexError
from pybtex.plugin import find_plugin
from pybtex.richtext import Text

from website.markdown.source import Book, BookError


class References:
    """The entries of the book's BibTeX files."""

    def __init__(self, entries: dict[str, Entry]) -> None:
        self.entries = entries

    @classmethod
    def of(cls, book: Book) -> References:
        """Read the files that ``bibtex_bibfiles`` in ``_config.yml`` names."""
        entries: dict[str, Entry] = {}
        for name in book.config.get("bibtex_bibfiles") or []:
            path = Path(book.root / name)
            if not path.is_file():
                raise BookError(f"_config.yml names {name} in bibtex_bibfiles, but there is no such file.")
            try:
                entries.update(parse_file(str(path), bib_format="bibtex").entries)
            except PybtexError as error:
                raise BookError(f"{name}: {error}") from None
        return cls(entries)

    def short(self, key: str) -> tuple[str, str]:
        """Return authors and year as they stand in running text."""
        entry = self.entries[key]
        people = entry.persons.get("author") or entry.persons.get("editor") or []
        names = [" ".join((*person.prelast_names, *person.last_names)).strip("{}") for person in people]
        names = [_latex(name) for name in names]
        if not names:
            authors = _latex(entry.fields.get("title", key))
        elif len(names) <= 2:
            authors = " and ".join(names)
        else:
            authors = f"{names[0]} et al."
        return authors, entry.fields.get("year", "n.d.")

    def listed(self, keys: list[str]) -> str:
        """Return the works behind `keys` as a Markdown list, in the order of authors and year."""
        keys = sorted(keys, key=lambda key: (*(part.lower() for part in self.short(key)), key))
        style = find_plugin("pybtex.style.formatting", "plain")()
        backend = find_plugin("pybtex.backends", "markdown")()
        works = BibliographyData({key: self.entries[key] for key in keys})
        lines = {
            entry.key: " ".join(entry.text.render(backend).split())
            for entry in style.format_bibliography(works)
        }
        return "\n".join(f"- {lines[key]}" for key in keys)


def _latex(text: str) -> str:
    """Turn LaTeX's accents and braces into plain characters."""
    return str(Text.from_latex(text))
