"""Writes what a student reads: one page each, complete in itself, and a zip that the LMS gives back to all.

A page shows the judge's sentences and nothing else of the hidden tests. Every text in it is escaped.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import jinja2

from grader.grades import Grade, labels
from grader.master import Master

WORDS: Final = {
    "passed": "✓ earned",
    "failed": "✗ not yet",
    "crashed": "✗ stopped with an error",
    "too slow": "✗ took too long",
    "missing": "✗ not there",
}
OTHERWISE: Final = {
    "failed": "A check did not pass.",
    "crashed": "Your code stopped with an error. Restart the kernel and run all cells: does it run for you?",
    "too slow": "Your code took too long. Is there a loop that never ends, or one that NumPy could do at once?",
    "missing": "A name that this part needs is not defined by your file.",
}


def page(grade: Grade, master: Master, course: str) -> str:
    """Give one student's page."""
    folder = Path(__file__).with_name("templates")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder), autoescape=True, undefined=jinja2.StrictUndefined
    )
    verdict = grade.row.verdict
    if verdict is None:
        raise ValueError(f"{grade.row.student} has no verdict yet")
    return environment.get_template("feedback.html").render(
        grade=grade,
        verdict=verdict,
        course=course,
        handed_in=f"{grade.row.when:%d %B %Y, %H:%M}".lstrip("0") if grade.row.when else "",
        labels=labels(master),
        missed=[part for part in verdict.parts if part.state != "passed"],
        words=WORDS,
        otherwise=OTHERWISE,
        points=lambda value: f"{value:.10g}",
    )


def write(grades: Sequence[Grade], master: Master, course: str, out: Path) -> list[Path]:
    """Write a page for each student who has a verdict, and ``<exercise>.zip``, laid out as the LMS wants it back."""
    folder = out / master.id
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    back = out / f"{master.id}.zip"
    fresh = back.with_name(f".{back.name}.new")
    with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as archive:
        for grade in grades:
            if grade.row.verdict is None:
                continue
            text = page(grade, master, course)
            path = folder / f"{slug(grade.row.student)}.html"
            path.write_text(text, "utf-8")
            written.append(path)
            archive.writestr(f"{grade.row.place or path.stem + '_'}feedback.html", text)
    os.replace(fresh, back)
    return [*written, back]


def slug(student: str) -> str:
    """Give a file name for a student: safe everywhere, and another for each student."""
    kept = re.sub(r"[^A-Za-z0-9_-]+", "-", unicodedata.normalize("NFKD", student)).strip("-")[:60]
    if kept and kept == student:
        return kept
    return f"{kept}-{hashlib.sha256(student.encode()).hexdigest()[:8]}".lstrip("-")
