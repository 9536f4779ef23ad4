"""The whole way, as a teacher goes it, with the real judge: author, release, solve, zip, grade, give back."""

from __future__ import annotations

import csv
import html
import json
import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from grader.__main__ import EXERCISES, main
from grader.master import HiddenTest, Master
from tests.grader.test_masters import GOOD

COURSE = """\
course: Doubling
late: {per_day: 10 %, grace: 15 min}
exercises:
  - {id: 01-double, points: 2, due: "2026-10-02T23:59:00-04:00"}
"""
SLIP = "def decide(x, w, b):\n    return np.where(x @ w + b >= 0, 1, 0)"
RIGHT = "def double(x):\n    return x + x"
HOSTILE = """\
import builtins, os, numpy as np
np.allclose = np.array_equal = lambda *a, **k: True
builtins.float = builtins.abs = builtins.all = lambda *a, **k: True
class Any:
    def __eq__(self, other): return True
    __array__ = __float__ = lambda self, *a: 6.0
    __hash__ = None
open("/tmp/taken", "w").write("") if os.access("/tmp", os.W_OK) else None
def double(x):
    return Any()"""


def solved(folder: Path, answer: str, *, run: bool = False) -> bytes:
    """What a student hands in: the released notebook with an answer, perhaps run to its end."""
    notebook = nbformat.read(folder / "01-double.ipynb", as_version=4)
    (cell,) = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    cell.source = answer
    if run:
        NotebookClient(notebook, timeout=60).execute()
        assert "output" in json.dumps(notebook)
    return json.dumps(notebook).encode()


def test_from_the_author_to_the_lms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exercises, released = tmp_path / "exercises", tmp_path / "released"
    (exercises / "01-double").mkdir(parents=True)
    (exercises / "01-double" / "master.md").write_text(GOOD, "utf-8")
    (exercises / "course.yml").write_text(COURSE, "utf-8")
    common = ["--exercises", str(exercises)]
    assert main(["release", *common, "--out", str(released)]) == 0

    names = {
        "Ann Lee": ("Oct 2, 2026 1100 PM", solved(released, RIGHT, run=True)),
        "Bo Li": ("Oct 4, 2026 100 AM", solved(released, RIGHT)),  # two days late have begun
        "Cy Ng": ("Oct 2, 2026 1200 PM", solved(released, "def double(x):\n    return 6.0")),
        "Ev Il": ("Oct 2, 2026 1201 PM", solved(released, HOSTILE)),
        "Fy Xu": ("Oct 2, 2026 1202 PM", b"no notebook"),
    }
    archive = tmp_path / "Download.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for number, (name, (when, data)) in enumerate(names.items()):
            zipped.writestr(f"{900 + number}-77 - {name} - {when}/01-double.ipynb", data)
    results = ["--results", str(tmp_path / "results.db"), *common]
    assert (
        main(["grade", str(archive), "--exercise", "01-double", *results, "--plot", str(tmp_path / "s.svg")])
        == 1
    )
    said = capsys.readouterr().out
    assert "4 graded, 1 refused, 0 waiting" in said
    assert "Bo Li: late: 0.4 points deducted" in said
    assert "were told: Does it double every number?" in said
    assert (tmp_path / "s.svg").read_text("utf-8").count("<desc>") == 1
    assert main(["grade", "--exercise", "01-double", *results]) == 1
    assert "0 judged, 5 judged before" in capsys.readouterr().out

    assert main(["feedback", *results, "--out", str(tmp_path / "feedback")]) == 0
    pages = {
        path.name[:6]: path.read_text("utf-8") for path in (tmp_path / "feedback" / "01-double").iterdir()
    }
    assert "2 of 2 points." in pages["Ann-Le"]
    assert "1.6 of 2 points." in pages["Bo-Li-"]
    assert "Does it double every number?" in pages["Cy-Ng-"]
    assert "could not be graded" in pages["Fy-Xu-"]
    assert not any("rng" in page or "x + x" in page for page in pages.values())

    roster, out = tmp_path / "roster.csv", tmp_path / "brightspace.csv"
    lines = [f"#{n},#u{n},{name.split()[1]},{name.split()[0]},#" for n, name in enumerate(names)]
    roster.write_text(
        "\n".join(["OrgDefinedId,Username,Last Name,First Name,End-of-Line Indicator", *lines]), "utf-8"
    )
    assert (
        main(["export", "brightspace", "01-double", *results, "--roster", str(roster), "--out", str(out)])
        == 0
    )
    with open(out, encoding="utf-8", newline="") as file:
        points = {row["Username"]: row["Double Points Grade"] for row in csv.DictReader(file)}
    assert points == {"#u0": "2", "#u1": "1.6", "#u2": "0", "#u3": "0", "#u4": ""}
    assert main(["export", "nbgrader", *results, "--out", str(tmp_path / "nb")]) == 0
    (shown,) = (tmp_path / "nb" / "autograded").glob("Bo-Li-*/01-double/01-double.ipynb")
    assert "return x + x" in shown.read_text("utf-8")
    assert not Path("/tmp/taken").exists()


def commands() -> list[list[str]]:
    """The commands that teaching.md shows in blocks that say bash."""
    page = (EXERCISES.parent / "teaching.md").read_text("utf-8")
    blocks = re.findall(r"```bash\n(.*?)```", page, re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [shlex.split(line) for line in lines if line.startswith("python -m grader ")]


def test_the_teachers_page_shows_commands_that_work(
    tmp_path: Path, neurons: Master, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(commands()) >= 12
    statuses = {"check": 1}  # an empty notebook has not full marks
    for words in commands():
        if words[3] == "grade" and not (tmp_path / "submissions.zip").exists():
            notebook = json.loads((tmp_path / "released" / "01-neurons.ipynb").read_text("utf-8"))
            ann, bo = neurons.solutions, neurons.solutions | {"decide": SLIP}
            with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as archive:
                for number, (name, answers) in enumerate({"Ann Lee": ann, "Bo Li": bo}.items()):
                    for cell in notebook["cells"]:
                        cell["source"] = answers.get(cell["id"], cell["source"])
                    archive.writestr(
                        f"{name}_{number}_assignsubmission_file_/01-neurons.ipynb", json.dumps(notebook)
                    )
            (tmp_path / "canvas.csv").write_text('Student,ID,Section\n"Lee, Ann",7,A\n"Li, Bo",8,A\n')
            (tmp_path / "brightspace.csv").write_text(
                "Username,Last Name,First Name\n#al,Lee,Ann\n#bl,Li,Bo\n"
            )
            (tmp_path / "moodle.csv").write_text(
                "Identifier,Full name,Grade,Maximum grade,Last modified (submission),Last modified (grade)\n"
                'Participant 0,Ann Lee,,10.00,"Friday, 2 October 2026, 11:50 PM",-\n'
                'Participant 1,Bo Li,,10.00,"Friday, 2 October 2026, 11:55 PM",-\n'
            )
        status = main(words[3:])
        assert status == statuses.get(words[3], 0), (words, capsys.readouterr())
    for name in ("to-canvas.csv", "to-brightspace.csv", "to-moodle.csv", "grades.csv"):
        with open(tmp_path / name, encoding="utf-8", newline="") as file:
            points = [field for row in csv.reader(file) for field in row if field in ("10", "9")]
        assert {"9", "10"} <= set(points), name
    assert (tmp_path / "autograder.zip").stat().st_size > 10_000
    assert "<svg" in (tmp_path / "summary.svg").read_text("utf-8")
    pages = [path.read_text("utf-8") for path in (tmp_path / "feedback" / "01-neurons").glob("*.html")]
    pages += [
        path.read_text("utf-8") for path in (tmp_path / "nbgrader-course" / "autograded").rglob("*.ipynb")
    ]
    (sentence,) = [test.sentence for test in hidden(neurons) if "exactly on the line" in test.sentence]
    assert [sentence in html.unescape(page) for page in pages].count(
        True
    ) == 2  # Bo's page, and Bo's notebook
    secret = {line.strip() for test in hidden(neurons) for line in test.source.split("\n") if len(line) > 12}
    assert len(pages) == 4
    assert [line for line in secret for page in pages if line in html.unescape(page)] == []


def hidden(master: Master) -> list[HiddenTest]:
    return [test for cell in master.graded for test in cell.hidden]


def test_what_grading_needs_is_named_where_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = (
        "import sys; from grader.__main__ import main; "
        f"main(['release', '01-neurons', '--out', {str(tmp_path)!r}]); "
        "assert not {'rich', 'dask', 'distributed'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=EXERCISES.parent, check=True, capture_output=True)
    monkeypatch.setitem(sys.modules, "rich.console", None)
    assert main(["grade", "x.zip", "--exercise", "01-neurons"]) == 2
    assert capsys.readouterr().err == (
        "This needs the package rich. Install what grading needs: .venv/bin/pip install --group grader\n"
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["grade", "none.zip", "--exercise", "01-neurons"], "none.zip: no such file or folder."),
        (["grade", "--exercise", "99-none"], "there is no exercise '99-none'. The course has"),
        (
            ["grade", ".", "--exercise", "01-neurons", "--times", "none.csv"],
            "Name the file that the LMS has exported",
        ),
        (
            ["grade", "n.ipynb", "--exercise", "01-neurons", "--scheduler", "nowhere"],
            "No Dask scheduler answers at nowhere",
        ),
        (["status"], "results.db: no such file. Grade something first"),
        (["feedback", "--out", "out"], "results.db: no such file. Grade something first"),
        (
            ["export", "gradescope", "--out", "x.zip"],
            "Name one exercise: python -m grader export gradescope 01-neurons",
        ),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "n.ipynb").write_text("{}")
    assert main(words) == 2
    said = capsys.readouterr().err
    assert says in said
    assert "Traceback" not in said
