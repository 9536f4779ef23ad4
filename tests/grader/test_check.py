from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.__main__ import main
from grader.judge import SandboxError
from tests.grader.conftest import skip_without_sandbox
from tests.grader.hostile.notebooks import TARGET, written


@pytest.fixture
def course(tmp_path: Path) -> Path:
    shutil.copytree(TARGET.path.parent, tmp_path / "course" / "00-target")
    text = "course: Attacks\nexercises:\n  - {id: 00-target, points: 6, due: null}\n"
    (tmp_path / "course" / "course.yml").write_text(text)
    return tmp_path / "course"


def check(course: Path, name: str, data: bytes, *options: str) -> int:
    path = course.parent / name
    path.write_bytes(data)
    return main(["check", str(path), "--exercises", str(course), *options])


def test_full_marks_give_0(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = check(course, "ada_00-target-1.ipynb", written())
    said = capsys.readouterr()
    if status == 2:
        skip_without_sandbox(SandboxError(said.err))
    assert status == 0
    assert said.out.startswith("00-target: 6 of 6 points\n     1 of 1  doubled: passed\n")


def test_less_gives_1_and_says_why(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    slip = {"double": "def double(x):\n    return x + 2"}
    assert check(course, "mine.ipynb", written(slip), "--exercise", "00-target", "--unsafe") == 1
    said = capsys.readouterr().out
    assert "00-target: 5 of 6 points\nJudged without a sandbox (--unsafe)" in said
    assert (
        "0 of 1  doubled: failed\n             double(x) has the right shape, but wrong values. Each" in said
    )


def test_a_file_that_is_no_notebook_gives_1(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(course, "00-target.ipynb", b"%PDF-1.7", "--unsafe") == 1
    assert "The file is not a notebook" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("mine.ipynb", (), "the name doesn't tell the exercise. Add --exercise"),
        ("mine.ipynb", ("--exercise", "99-none"), "there is no exercise '99-none'"),
        ("missing", ("--exercise", "00-target", "--unsafe"), "Name a notebook that can be read."),
    ],
)
def test_what_cannot_be_judged_gives_2(
    course: Path, name: str, options: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (course.parent / "mine.ipynb").write_bytes(written())
    assert main(["check", str(course.parent / name), "--exercises", str(course), *options]) == 2
    assert says in capsys.readouterr().err
