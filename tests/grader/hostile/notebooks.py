"""Writes submissions of the target, as a student would have to: solutions, cells of their own, metadata."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from grader.master import mark, read
from grader.prove import with_cells
from grader.release import released

TARGET = read(Path(__file__).parent / "00-target" / "master.md")
ALL = frozenset(cell.grade_id for cell in TARGET.graded)
RELEASE = released(TARGET)


def cell(source: str, **marks: Any) -> dict[str, Any]:
    metadata = {"nbgrader": marks} if marks else {}
    kinds = {"cell_type": "code", "execution_count": None, "outputs": []}
    return {**kinds, "metadata": metadata, "source": source}


def notebook(solutions: dict[str, str] | None = None, *, before: str = "", after: str = "") -> dict[str, Any]:
    """Give the solved release, with other solutions for some, and cells before the first and behind the last."""
    found = with_cells(RELEASE, TARGET.solutions | (solutions or {}))
    whole: dict[str, Any] = json.loads(json.dumps(found))
    first = next(n for n, one in enumerate(found.cells) if mark(one).get("solution"))
    if after:
        whole["cells"].append(cell(after))
    if before:
        whole["cells"].insert(first, cell(before))
    return whole


def written(solutions: dict[str, str] | None = None, *, before: str = "", after: str = "") -> bytes:
    return json.dumps(notebook(solutions, before=before, after=after)).encode()
