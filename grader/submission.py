"""Reads the bytes of one submitted notebook, which are hostile until read, into code cells. It runs nothing.

What a cell is for is decided by the master's names alone; what the submission's metadata claims is ignored.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

MAX_FILE: Final = 8 << 20
MAX_BRACKETS: Final = 500_000
MAX_CELLS: Final = 500
MAX_CODE: Final = 1 << 20
MAX_CELL: Final = 1 << 18
MAX_NAME: Final = 100


class Refused(Exception):  # noqa: N818 -- the file is, and the text tells the student why
    """The file can't be judged. The text is for the student."""


@dataclass(frozen=True)
class Cell:
    """A code cell that runs in the worker. ``number`` counts all cells of the notebook from 1.

    ``given`` cells are the master's; ``scratch`` ones are neither that nor a solution.
    """

    number: int
    grade_id: str
    source: str
    given: bool = False
    scratch: bool = False

    @property
    def name(self) -> str:
        """What to call the cell in a sentence."""
        return f"cell '{plain(self.grade_id, 60)}'" if self.grade_id else f"cell {self.number}"


@dataclass(frozen=True)
class Submission:
    """The cells that run, in order, and remarks for the teacher."""

    cells: tuple[Cell, ...]
    remarks: tuple[str, ...]


def parse(
    data: bytes, *, given: Mapping[str, str], graded: Collection[str], solutions: Collection[str]
) -> Submission:
    """Give the cells of a notebook of format 3 or 4, or raise Refused.

    Cells named as given ones will run with the master's text, ``given``; graded ones don't run in the worker.
    """
    found = [_cell(number, cell) for number, cell in enumerate(_raw_cells(data), 1) if _is_code(cell)]
    sizes = [len(cell.source) for cell in found]
    if sum(sizes) > MAX_CODE or max(sizes, default=0) > MAX_CELL:
        raise Refused("The notebook holds too much code. Take out what is not part of the exercise.")
    if not any(cell.source.strip() for cell in found):
        raise Refused("The notebook holds no code. Was it saved before you handed it in?")
    remarks = _remarks(found, given, solutions)
    cells = []
    for cell in found:
        if cell.grade_id in given:
            cells.append(Cell(cell.number, cell.grade_id, given[cell.grade_id], given=True))
        elif cell.grade_id not in graded:
            cells.append(replace(cell, scratch=cell.grade_id not in solutions))
    return Submission(tuple(cells), tuple(remarks))


def _raw_cells(data: bytes) -> list[dict[str, Any]]:
    if len(data) > MAX_FILE:
        raise Refused("The file is larger than 8 MiB. Clear all outputs, save, and hand in again.")
    if not data.strip():
        raise Refused("The file is empty. Save the notebook, and hand in again.")
    if data.startswith(b"PK\x03\x04"):
        raise Refused("The file is a zip or an office document, not a notebook. Hand in the .ipynb itself.")
    if data.count(b"[") + data.count(b"{") > MAX_BRACKETS:
        raise Refused("The notebook has too many parts. Clear all outputs, save, and hand in again.")
    try:
        notebook = json.loads(_text(data))
    except (ValueError, RecursionError):
        raise Refused(
            "The file is not a notebook: it is not valid JSON. Open it in Jupyter, save, and hand in again."
        ) from None
    if not isinstance(notebook, dict) or type(notebook.get("nbformat")) is not int:
        raise Refused("The file is not a notebook: it names no notebook format. Hand in the .ipynb file.")
    if notebook["nbformat"] not in (3, 4):
        raise Refused(
            f"The notebook has format {notebook['nbformat'] % 10**6}. Open it in a current Jupyter, save, "
            "and hand in again."
        )
    raw = notebook.get("cells")
    if notebook["nbformat"] == 3:
        sheets = notebook.get("worksheets")
        sheets = [sheet for sheet in sheets if isinstance(sheet, dict)] if isinstance(sheets, list) else []
        raw = [cell for sheet in sheets for cell in _list(sheet.get("cells"))]
    if not isinstance(raw, list) or not all(isinstance(cell, dict) for cell in raw):
        raise Refused("The file is damaged: it has no list of cells. Save it in Jupyter, and hand in again.")
    if len(raw) > MAX_CELLS:
        raise Refused(f"The notebook has more than {MAX_CELLS} cells. Take out what is not the exercise's.")
    return raw


def _text(data: bytes) -> str:
    for mark, encoding in ((b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"),
                           (b"\xfe\xff", "utf-16")):  # fmt: skip
        if data.startswith(mark):
            return data.decode(encoding)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252")  # an editor of a Western Windows


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_code(cell: dict[str, Any]) -> bool:
    return cell.get("cell_type") == "code"


def _cell(number: int, cell: dict[str, Any]) -> Cell:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise Refused(
            f"The file is damaged: cell {number} has no text. Save it in Jupyter, and hand in again."
        )
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = marks.get("grade_id") if isinstance(marks, dict) else None
    # half of a surrogate pair would break every file that the text is written to
    source = re.sub("\r\n?", "\n", source).encode("utf-8", "replace").decode()
    return Cell(number, name[:MAX_NAME] if isinstance(name, str) else "", source)


def _remarks(cells: list[Cell], given: Mapping[str, str], solutions: Collection[str]) -> list[str]:
    remarks = []
    counts = Counter(cell.grade_id for cell in cells)
    if missing := [name for name in solutions if not counts[name]]:
        remarks.append(
            f"There is no cell named {', '.join(missing)}: deleted, renamed, or pasted into a new notebook? "
            "What the other cells define was judged."
        )
    remarks += [
        f"{counts[name]} cells carry the name {name}: all ran in order, so that the last counts."
        for name in solutions
        if counts[name] > 1
    ]
    changed = [
        c.grade_id for c in cells if c.grade_id in given and c.source.strip() != given[c.grade_id].strip()
    ]
    if changed:
        remarks.append(
            f"The given cell {', '.join(sorted(set(changed)))} was changed: the original ran in its place."
        )
    return remarks


def plain(text: object, limit: int = 300) -> str:
    """Give a student's text such that it is safe to show: one line, bounded, no control or direction marks."""
    if not isinstance(text, str):
        return ""
    shown = "".join(
        " " if c in "\n\t" else c
        for c in text[: 4 * limit]
        if c in "\n\t" or unicodedata.category(c)[0] != "C"
    )
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
