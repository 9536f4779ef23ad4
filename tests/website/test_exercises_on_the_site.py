"""Each exercise stands on the site as it was released, and nothing else of it does: read from the built files."""

from __future__ import annotations

import html
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from grader import course
from grader.release import release
from tests.website.visit import ROOT

COURSE = course.read(ROOT / "exercises")
MASTERS = COURSE.masters([])
SHORTEST = 30  # shorter lines may stand in any program


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("released")
    release(COURSE, [], folder)
    return folder


@pytest.mark.parametrize("master", MASTERS, ids=lambda master: master.id)
def test_its_chapter_hands_it_out(site: Path, fresh: Path, master: course.Master) -> None:
    (page,) = (site / "chapters").glob(f"{master.id.split('-')[0]}-*.html")
    (card,) = re.findall(r'<div class="nn-exercise">.*?</div>', page.read_text("utf-8"), re.DOTALL)
    assert master.title in html.unescape(card)
    assert f"{master.difficulty} · about {master.minutes} minutes · {master.points} points" in card
    (file,) = re.findall(r'href="\.\./(notebooks/exercises/[\w-]+\.ipynb)" download', card)
    assert nbformat.read(site / file, 4) == nbformat.read(fresh / f"{master.id}.ipynb", 4)


def test_no_solution_and_no_hidden_test_is_anywhere_on_the_site(site: Path) -> None:
    secret = {line for master in MASTERS for line in hidden(master.path.read_text("utf-8"))}
    assert len(secret) > 50 * len(MASTERS)
    secret -= {line.strip() for path in ROOT.glob("*/*.md") for line in path.read_text("utf-8").split("\n")}
    assert given_away(site, secret) == {}


def test_the_search_finds_a_master_in_a_notebook_a_page_and_an_archive(tmp_path: Path) -> None:
    master = MASTERS[0]
    secret = set(hidden(master.path.read_text("utf-8")))
    nbformat.write(master.notebook, tmp_path / "a.ipynb")
    code = "".join(f"<span>{html.escape(cell.source)}</span>\n" for cell in master.notebook.cells)
    (tmp_path / "b.html").write_text(f"<html><pre>{code}</pre></html>", "utf-8")
    with zipfile.ZipFile(tmp_path / "c.whl", "w") as archive:
        archive.write(master.path, "master.md")
    assert given_away(tmp_path, secret) == dict.fromkeys(["a.ipynb", "b.html", "c.whl: master.md"], secret)


def given_away(site: Path, secret: set[str]) -> dict[str, set[str]]:
    """Give the files that show a secret line, and what they show."""
    return {name: shown for name, text in texts(site) if (shown := secret & lines(text))}


def hidden(text: str) -> Iterator[str]:
    """Give the lines between markers, not through the code under test."""
    ending = ""
    for line in map(str.strip, text.split("\n")):
        if line in ("### BEGIN SOLUTION", "### BEGIN HIDDEN TESTS"):
            ending = line.replace("BEGIN", "END")
        elif line == ending:
            ending = ""
        elif ending and len(line) >= SHORTEST:
            yield line


def texts(site: Path) -> Iterator[tuple[str, str]]:
    """Give every file of the site, and every file in its archives."""
    for path in sorted(site.rglob("*")):
        name = str(path.relative_to(site))
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for inside in archive.namelist():
                    yield f"{name}: {inside}", archive.read(inside).decode("utf-8", "ignore")
        elif path.is_file():
            yield name, path.read_bytes().decode("utf-8", "ignore")


def lines(text: str) -> set[str]:
    """Give the lines of a page or a notebook as one reads them: without tags, and with strings spelled out."""
    plain = html.unescape(re.sub(r"<[^<>]*>", "", text)) if "<html" in text else text
    spelled = (json.loads(f'"{one}"') for one in re.findall(r'"((?:[^"\\\n]|\\.)*)"', plain) if valid(one))
    return {line.strip() for part in (plain, *spelled) for line in part.split("\n")}


def valid(text: str) -> bool:
    try:
        json.loads(f'"{text}"')
    except ValueError:
        return False
    return True
