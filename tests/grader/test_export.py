"""Each LMS gets exactly the columns that it looks for, and every student their own points."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from grader import export, gradescope, roster
from grader.__main__ import main
from grader.course import Course
from grader.grades import Grade, grades
from grader.intake import Handed
from grader.master import Master
from grader.results import Results
from grader.roster import RosterError
from tests.grader.standin import StandIn, fill

HALF = {"right": ["one-point", "batch", "decision"]}


def of(
    tmp_path: Path, course: Course, master: Master, people: dict[Handed, dict[str, object]]
) -> list[Grade]:
    with Results(tmp_path / "r.db", write=True) as results:
        fill(results, master, people)
        return grades(results, course, master)


def table(text: str) -> list[list[str]]:
    assert text.endswith("\r\n")
    return list(csv.reader(io.StringIO(text)))


def book(path: Path, text: str, encoding: str = "utf-8-sig") -> roster.Roster:
    path.write_text(text, encoding)
    return roster.read(path)


CANVAS = {
    Handed("leeann_12", "leeann", "canvas", "12"): HALF,
    Handed("roejo_LATE", "roejo", "canvas", "13"): {"right": []},
    Handed("gone_99", "gone", "canvas", "99"): HALF,
    Handed("bad_15", "bad", "canvas", "15", problem="A link."): {},
}


def test_canvas(tmp_path: Path, the_course: Course, neurons: Master) -> None:
    found = of(tmp_path, the_course, neurons, CANVAS)
    exported = book(
        tmp_path / "canvas.csv",
        "Student,ID,SIS User ID,SIS Login ID,Section,Essay (400),One neuron (401),Current Score\n"
        "    Points Possible,,,,,5,10.0,(read only)\n"
        '"Lee, Ann",12,S12,annlee,One,1,,50\n"Roe, Jo",13,S13,joroe,"One, and Two",2,,\n'
        '"=cmd()",15,S15,bad,One,,,\n"Student, Test",16,,,One,,,\n',
    )
    text, lost = export.canvas(found, exported, "One neuron")
    assert table(text) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "One neuron (401)"],
        ["    Points Possible", "", "", "", "", "10"],
        ["Lee, Ann", "12", "S12", "annlee", "One", "3"],
        ["Roe, Jo", "13", "S13", "joroe", "One, and Two", "0"],
        ["'=cmd()", "15", "S15", "bad", "One", ""],
    ]
    assert lost == ["gone_99"]
    alone, lost = export.canvas(found, None, "")
    assert table(alone)[0][-1] == neurons.title
    assert ["leeann", "12", "", "", "", "3"] in table(alone)
    assert lost == []


BRIGHTSPACE = {
    Handed("Ann Lee", "Ann Lee", "brightspace", "900"): HALF,
    Handed("23304308 Angood", "23304308 Angood", "brightspace", "901"): {"right": []},
    Handed("jroe Jo Roe", "jroe Jo Roe", "brightspace", "902"): HALF,
    Handed("Sam Twin", "Sam Twin", "brightspace", "903"): HALF,
}


def test_brightspace(tmp_path: Path, the_course: Course, neurons: Master) -> None:
    found = of(tmp_path, the_course, neurons, BRIGHTSPACE)
    exported = book(
        tmp_path / "grades.csv",
        "OrgDefinedId,Username,Last Name,First Name,01-neurons Points Grade <Numeric MaxPoints:10>,End-of-Line Indicator\n"
        "#901,#alee,Lee,Ann,,#\n#23304308,#bangood,Angood,Bo,,#\n#7,#jroe,Roe,Jo,,#\n"
        "#8,#twin1,Twin,Sam,,#\n#9,#twin2,Twin,Sam,,#\n",
    )
    text, lost = export.brightspace(found, exported, "")
    assert table(text) == [
        ["OrgDefinedId", "Username", "01-neurons Points Grade", "End-of-Line Indicator"],
        ["#23304308", "#bangood", "0", "#"],
        ["#901", "#alee", "3", "#"],
        ["#7", "#jroe", "3", "#"],
    ]
    assert lost == ["Sam Twin"]  # two go by this name: better none than the wrong one
    with pytest.raises(RosterError, match="Key Field: Both"):
        export.brightspace(found, None, "")


MOODLE = {
    Handed("Ann Lee", "Ann Lee", "moodle", "123"): HALF,
    Handed("José Li", "Jose\u0301 Li", "moodle", "124"): {"right": []},
    Handed("Gone", "Gone", "moodle", "999"): HALF,
}
WORKSHEET = (
    "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    'Participant 123,Ann Lee,a@x.edu,Submitted,,10.00,Yes,"Friday, 2 October 2026, 11:50 PM",-,\n'
    'Participant 124,José Li,j@x.edu,Submitted,4.00,10.00,Yes,"Saturday, 3 October 2026, 1:00 AM",'
    '"Saturday, 3 October 2026, 2:00 AM",kept\n'
    "Participant 125,@No One,n@x.edu,No submission,,10.00,Yes,-,-,\n"
)


def test_moodle(tmp_path: Path, the_course: Course, neurons: Master) -> None:
    found = of(tmp_path, the_course, neurons, MOODLE)
    text, lost = export.moodle(found, book(tmp_path / "sheet.csv", WORKSHEET), "")
    rows = table(text)
    assert rows[0] == WORKSHEET.split("\n")[0].split(",")
    assert [row[4] for row in rows[1:]] == ["3", "0", ""]
    assert rows[2][5:] == [
        "10.00",
        "Yes",
        "Saturday, 3 October 2026, 1:00 AM",
        "Saturday, 3 October 2026, 2:00 AM",
        "kept",
    ]
    assert rows[3][1] == "'@No One"
    assert lost == ["Gone"]
    alone, _ = export.moodle(found, None, "")
    assert table(alone)[:2] == [
        ["Identifier", "Full name", "Grade", "Last modified (grade)"],
        ["Participant 123", "Ann Lee", "3", "-"],
    ]
    with open(tmp_path / "semi.csv", "w", encoding="utf-16") as file:
        csv.writer(file, delimiter=";").writerows(csv.reader(io.StringIO(WORKSHEET)))
    sheet = roster.read(tmp_path / "semi.csv")
    assert roster.times(sheet, [grade.row for grade in found]) == {
        "Ann Lee": datetime(2026, 10, 2, 23, 50),
        "José Li": datetime(2026, 10, 3, 1, 0),
    }


@pytest.mark.parametrize(
    ("make", "text", "says"),
    [
        (export.canvas, "Name,Mark\nAnn,1\n", "no columns Student, ID and Section"),
        (export.canvas, "Student,ID,Section,One\nPoints Possible,,,5\nAnn,1,A,\n", "counts to 5 points"),
        (export.canvas, "Student,ID,Section,One (1),One (2)\nAnn,1,A,,\n", "several columns"),
        (export.brightspace, "Name,Mark\nAnn,1\n", "OrgDefinedId or Username"),
        (export.moodle, "Name,Mark\nAnn,1\n", "not Moodle's grading worksheet"),
        (export.moodle, WORKSHEET.replace("10.00", "100.00"), "counts to 100 points, the exercise to 10"),
    ],
)
def test_a_file_that_would_give_wrong_grades_is_refused(
    tmp_path: Path, the_course: Course, neurons: Master, make: object, text: str, says: str
) -> None:
    found = of(tmp_path, the_course, neurons, CANVAS | MOODLE)
    with pytest.raises(RosterError, match=says):
        make(found, book(tmp_path / "x.csv", text), "One")


@pytest.mark.parametrize("data", [b"", b"a,b\n", b"\xff\xfe\xff", b'a,b\n"x', b"caf\xe9,b\n1,2\n"])
def test_what_is_no_gradebook_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.csv").write_bytes(data)
    with pytest.raises(RosterError, match=r"x\.csv"):
        roster.read(tmp_path / "x.csv")


def test_times_from_a_plain_table(tmp_path: Path) -> None:
    people = [Handed("leeann_12", "leeann", "canvas", "12"), Handed("ben", "ben")]
    told = book(
        tmp_path / "t.csv", "student,handed_in\nleeann_12,2026-10-03T00:10:00-04:00\nBEN,2026-10-02 23:00\n"
    )
    found = roster.times(told, people)
    assert found["leeann_12"] == datetime.fromisoformat("2026-10-03T00:10:00-04:00")
    assert found["ben"] == datetime(2026, 10, 2, 23, 0)
    with pytest.raises(RosterError, match="'soon' is no time"):
        roster.times(book(tmp_path / "t.csv", "student,handed_in\nben,soon\n"), people)
    with pytest.raises(RosterError, match="tells no times"):
        roster.times(book(tmp_path / "t.csv", "who,when\nben,soon\n"), people)


def test_the_table_of_all_runs_no_formula(
    tmp_path: Path, the_course: Course, neurons: Master, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["=1+1", "+1", "-1", "@x", "fine"]
    with Results(tmp_path / "r.db", write=True) as results:
        fill(results, neurons, {Handed(name, name, file=f"{name}.ipynb"): HALF for name in names})
    out = tmp_path / "deep" / "grades.csv"
    assert main(["export", "grades", "--results", str(tmp_path / "r.db"), "--out", str(out)]) == 0
    rows = table(out.read_bytes().decode())
    assert {row[0] for row in rows[1:]} == {"'=1+1", "'+1", "'-1", "'@x", "fine"}
    assert not any(field.startswith(("=", "+", "-", "@")) for row in rows for field in row)
    assert rows[0][:6] == ["student", "name", "exercise", "state", "points", "most"]
    assert rows[-1][2:6] == ["01-neurons", "graded", "3", "10"]
    assert stat.S_IMODE(os.stat(out).st_mode) == 0o600


def test_gradescope_runs_the_same_judge(tmp_path: Path, neurons: Master) -> None:
    assert main(["export", "gradescope", "01-neurons", "--out", str(tmp_path / "auto.zip")]) == 0
    root = tmp_path / "autograder"
    with zipfile.ZipFile(tmp_path / "auto.zip") as archive:
        archive.extractall(root / "source")
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
    assert modes["setup.sh"] & modes["run_autograder"] & 0o111
    subprocess.run(["bash", "-n", root / "source" / "setup.sh"], check=True)
    (root / "source" / ".venv" / "bin").mkdir(parents=True)
    (root / "source" / ".venv" / "bin" / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (root / "source" / ".venv" / "bin" / "python").chmod(0o755)
    (root / "submission").mkdir()
    solved = tmp_path / "release"
    assert main(["release", "01-neurons", "--out", str(solved)]) == 0
    notebook = json.loads((solved / "01-neurons.ipynb").read_text("utf-8"))
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in ("weighted-sum", "decide"):
            cell["source"] = neurons.solutions[name]
    (root / "submission" / "01-neurons.ipynb").write_text(json.dumps(notebook), "utf-8")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    run = subprocess.run(
        ["bash", root / "source" / "run_autograder"], cwd=root, env={**environment, "AUTOGRADER": str(root)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    found = json.loads((root / "results" / "results.json").read_text("utf-8"))
    earned = {test["name"]: test["score"] for test in found["tests"]}
    assert earned["Yes or no"] == 1
    assert sum(earned.values()) == 3
    assert sum(test["max_score"] for test in found["tests"]) == 10
    assert {test["status"] for test in found["tests"]} == {"passed", "failed"}
    assert all(test["output"] for test in found["tests"])


def test_gradescope_refuses_in_words(tmp_path: Path, neurons: Master) -> None:
    from grader.bench import Bench

    (tmp_path / "submission").mkdir()
    bench = Bench(neurons, "stand-in", bytes(32), make=StandIn)
    assert gradescope.judge(tmp_path, "01-neurons", bench)["output"].startswith(
        "The hand-in holds no notebook"
    )
    for name in ("a.ipynb", "b.ipynb"):
        (tmp_path / "submission" / name).write_text("{}")
    found = gradescope.judge(tmp_path, "01-neurons", bench)
    assert found == {"score": 0, "output": found["output"], "stdout_visibility": "hidden"}
    assert "2 notebooks were handed in together" in found["output"]
