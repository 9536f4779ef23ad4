"""What students read is complete, safe and theirs alone, and tells no hidden test."""

from __future__ import annotations

import html.parser
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader import course as courses
from grader import summary
from grader.course import Course, Late
from grader.feedback import slug, write
from grader.grades import grades, labels
from grader.intake import Handed
from grader.master import Master
from grader.release import secret_lines
from grader.results import Results
from tests.grader.standin import fill

DUE = datetime(2026, 10, 2, 23, 59, tzinfo=UTC)
EVIL = '<script>alert("x")</script>&'
PEOPLE = {
    Handed("Ann Lee", "Ann Lee", "moodle", "7", "01-neurons.ipynb", "Ann Lee_7_assignsubmission_file_/", DUE): {
        "right": ["one-point", "batch"], "remarks": ["The teacher's remark."],
    },
    Handed(EVIL, EVIL, file=EVIL, when=DUE + timedelta(hours=25)): {"right": ["one-point", "batch"]},
    Handed("../../up", "../../up"): {"right": []},
    Handed("Bo", "Bo", problem="The file is a link <here>."): {},
    Handed("Waits", "Waits"): {"do": "wait"},
    Handed("Canvas_9", "Canvas", "canvas", "9", late=True): {},
}  # fmt: skip


@pytest.fixture(scope="module")
def course(the_course: Course) -> Course:
    entries = tuple(replace(entry, due=DUE) for entry in the_course.exercises)
    return replace(the_course, exercises=entries, late=Late(0.1, timedelta(days=3), timedelta(minutes=15)))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, neurons: Master) -> Results:
    with Results(tmp_path_factory.mktemp("results") / "r.db", write=True) as results:
        every = [cell.grade_id for cell in neurons.graded]
        fill(results, neurons, PEOPLE | {Handed("Full", "Full"): {"right": every}})
        yield results


class Page(html.parser.HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_a_page_for_each_complete_and_escaped(
    results: Results, course: Course, neurons: Master, tmp_path: Path
) -> None:
    *pages, back = write(grades(results, course, neurons), neurons, course.name, tmp_path)
    assert len(pages) == len(PEOPLE)  # Full too, but not who waits
    texts = {path.name: path.read_text("utf-8") for path in pages}
    assert {path.parent for path in pages} == {tmp_path / "01-neurons"}
    for text in texts.values():
        page = Page(text)
        assert not {"script", "img", "link", "iframe", "object", "a"} & set(page.tags)
        assert not {"src", "href", "onload"} & set(page.attributes)
        assert page.tags.count("h1") == page.tags.count("main") == 1
        assert "<html lang" in text
        assert "teacher's remark" not in text
    ann = " ".join(" ".join(Page(texts[f"{slug('Ann Lee')}.html"]).words).split())
    assert "2 of 10 points." in ann
    assert "Look at bias-input & <b>again</b>." in ann
    assert "Look at batch" not in ann
    evil = " ".join(" ".join(Page(texts[f"{slug(EVIL)}.html"]).words).split())
    assert EVIL in evil
    assert "0 of 10 points. Your tests earned 2; 2 were deducted because the file came late." in evil
    assert "The file is a link <here>." in " ".join(Page(texts["Bo.html"]).words)
    assert "Every check passed" in texts["Full.html"]
    with zipfile.ZipFile(back) as archive:
        names = archive.namelist()
        assert "Ann Lee_7_assignsubmission_file_/feedback.html" in names
        assert not any(".." in name for name in names)
        assert len(set(names)) == len(pages)


def test_no_page_tells_a_hidden_test(
    results: Results, course: Course, neurons: Master, tmp_path: Path
) -> None:
    pages = write(grades(results, course, neurons), neurons, course.name, tmp_path)[:-1]
    told = "\n".join(path.read_text("utf-8") for path in pages)
    hidden = {line for line in secret_lines(neurons) if len(line) > 12}
    assert hidden
    assert [line for line in hidden if line in told] == []


def test_parts_go_by_the_words_of_the_exercise(neurons: Master) -> None:
    found = labels(neurons)
    assert found["decision"] == "Yes or no"
    assert len(set(found.values())) == len(neurons.graded)


def test_names_for_files_are_safe_and_different() -> None:
    names = ["ann", "Ann", "A nn", "A-nn", "..", "../x", "José", "Jose", "李四", "王五", "x" * 300, ""]
    slugs = [slug(name) for name in names]
    assert len({name.casefold() for name in slugs}) == len(names) - 1  # the intake refuses ann beside Ann
    assert all(one and len(one) < 80 and one.isascii() and "/" not in one and "." not in one for one in slugs)
    assert slugs[0] == "ann"


def test_the_summary_for_the_teacher(
    results: Results, course: Course, neurons: Master, tmp_path: Path
) -> None:
    found = summary.summary(neurons, grades(results, course, neurons))
    text = summary.text(found)
    assert text.startswith(
        "One neuron, many points, many neurons: 5 graded, 1 refused, 1 waiting. Mean 2.40, median 0.00 of 10"
    )
    assert "9 to 10               1  " in text
    assert "80.0%   Yes or no (1)" in text
    assert "4 were told: Look at decision & <b>again</b>." in text
    assert "Bo: The file is a link <here>." in text
    assert f"{EVIL}: late: 2 points deducted" in text
    assert "Canvas_9: late, the LMS does not say by how much: nothing deducted" in text
    assert "Ann Lee: The teacher's remark." in text
    summary.plot(found, tmp_path / "plot.svg")
    drawn = (tmp_path / "plot.svg").read_text("utf-8")
    assert drawn.index("<title>") < drawn.index("<desc>") < drawn.index("<g ")
    assert 'role="img"' in drawn
    assert "Ann Lee" not in drawn  # it may be shown to the class
    assert "Yes or no" in drawn
    assert courses.read(course.folder).late.per_day == 0.1
