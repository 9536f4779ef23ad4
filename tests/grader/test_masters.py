"""Each way to write a bad master is refused, with the file, the cell and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import course
from grader.__main__ import main
from grader.master import MasterError, read

GOOD = """\
---
kernelspec: {display_name: Python 3, language: python, name: python3}
exercise: {title: Double, difficulty: easy, minutes: 20, points: 2}
---

# Double

```{code-cell} ipython3
:tags: [checks]
:nbgrader: {grade: false, grade_id: checks, locked: true, schema_version: 3, solution: false, task: false}
```

```{code-cell} ipython3
:nbgrader: {grade: false, grade_id: double, locked: false, schema_version: 3, solution: true, task: false}
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
```

```{code-cell} ipython3
:nbgrader: {grade: true, grade_id: twice, locked: true, points: 2, schema_version: 3, solution: false}
close(double(3.0), 6.0, "double")
### BEGIN HIDDEN TESTS
### FEEDBACK: Does it double every number?
x = rng.normal()
close(double(x), x + x, "double")
### END HIDDEN TESTS
```
"""

SOLUTION = "    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION\n"
LOOSE = "import numpy as np\nx = rng.normal()\nassert np.allclose(double(x), 2 * x)"
BAD = {
    "head": [
        ("name: python3}", "name: ir}", "head: the kernelspec must be python3"),
        ("{title: Double, difficulty: easy, ", "{title: Double, ", "head: write `exercise:` with exactly"),
        ("difficulty: easy", "difficulty: nasty", "head: difficulty must be one of easy, medium, hard"),
        ("minutes: 20", "minutes: 5", "head: minutes must be a whole number from 20 to 60"),
        ("minutes: 20, points: 2", "minutes: 20, points: none", "head: points must be a number above 0"),
        ("minutes: 20, points: 2", "minutes: 20, points: 3", "notebook: the head says 3 points, but"),
        ("# Double\n", "# Triple\n", "head: the first cell must be Markdown and open with the title: `# D"),
    ],
    "nbgrader": [
        ("grade_id: twice, ", "", "cell 4: nbgrader refuses the metadata"),
        ("grade_id: twice", "grade_id: to wit", "cell 'to wit': nbgrader refuses the metadata"),
        ("points: 2, schema", "schema", "cell 'twice': nbgrader refuses the metadata"),
        ("points: 2, schema_version: 3", "points: 2, schema_version: 1", "write schema_version: 3"),
        ("points: 2, schema", "points: 0, schema", "cell 'twice': a graded cell must be worth more than 0"),
        ("twice, locked: true", "twice, locked: false", "cell 'twice': a cell is a solution (unlocked), a"),
        ("grade_id: twice", "grade_id: double", "notebook: two cells have the grade_id 'double'. Rename one"),
        (":tags: [checks]\n", "", "exactly one given (locked) code cell must carry the tag `checks`"),
    ],
    "solutions": [
        ("    ### END SOLUTION\n", "", "cell 'double': each ### BEGIN SOLUTION needs its ### END SOLUTION"),
        (SOLUTION, "    return 2 * x\n", "cell 'double': no ### BEGIN SOLUTION. Mark what the student"),
        ("    ### BEGIN SOLUTION", "    # BEGIN SOLUTION", "line 2: write the marker alone on its line"),
        ("    return 2 * x\n", "    return 2 x\n", "cell 'double': line 3 is not Python"),
        ("# Double\n", "# Double\n\n### BEGIN SOLUTION\n", "Markdown holds a solution or test marker"),
    ],
    "hidden tests": [
        ("### FEEDBACK: Does it double every number?\n", "", "cell 'twice': a hidden test has no sentence"),
        ("### FEEDBACK: Does it double every number?", "### FEEDBACK: doubling", "is not a sentence"),
        ('x = rng.normal()\nclose(double(x), x + x, "double")\n', "", "nothing is tested below"),
        ("### END HIDDEN TESTS\n", "", "each ### BEGIN HIDDEN TESTS needs its ### END HIDDEN TESTS"),
        ("### BEGIN HIDDEN TESTS\n", "### BEGIN SOLUTION\n", "line 2: this marker is not for this cell"),
        ("x = rng.normal()", LOOSE, "line 6: allclose lets an empty array equal all. Use close("),
        ("x = rng.normal()\n", "", "it uses x, which neither it, nor the set-up, nor a solution defines"),
        ("close(double(3.0)", "close(double(rng.normal())", "what students see of it uses rng"),
        ("close(double(3.0)", "close(double(y)", "what students see of it uses y"),
    ],
}


def master(folder: Path, text: str) -> Path:
    path = folder / "01-double" / "master.md"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    return path


def test_a_good_master_is_read(tmp_path: Path) -> None:
    found = read(master(tmp_path, GOOD))
    assert (found.id, found.title, found.difficulty, found.minutes, found.points) == (
        "01-double",
        "Double",
        "easy",
        20,
        2,
    )
    (cell,) = found.graded
    assert (cell.grade_id, cell.points, cell.visible) == ("twice", 2, 'close(double(3.0), 6.0, "double")')
    (test,) = cell.hidden
    assert test.sentence == "Does it double every number?"
    assert test.source == 'x = rng.normal()\nclose(double(x), x + x, "double")'


@pytest.mark.parametrize(("old", "new", "says"), [one for kind in BAD.values() for one in kind])
def test_a_bad_master_is_refused_in_words(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    path = master(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(MasterError) as caught:
        read(path)
    assert says.lower() in str(caught.value).lower()
    assert all(problem.startswith(f"{path}, ") for problem in caught.value.problems)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("minutes: 20", "minutes: 5").replace(
        "### FEEDBACK: Does it double every number?\n", ""
    )
    with pytest.raises(MasterError) as caught:
        read(master(tmp_path, text))
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    "text", ["", "no notebook", "---\n: :\n  bad: [\n---\n", "```{code-cell}\n:a: [\n```\n"]
)
def test_what_is_no_notebook_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(MasterError, match=r"master\.md"):
        read(master(tmp_path, text))


COURSES = [
    ("", "write `course:`"),
    ("course: [", "not YAML"),
    ("course: A\nexercises: []\nlater: 1\n", "and nothing else"),
    ("course: A\nexercises: []\nlate: 1\n", "late: write per_day, and at_most and grace if you want them"),
    ("course: A\nexercises: []\nlate: {per_day: 10}\n", "late: per_day must be a share from 0 % to 100 %"),
    ("course: A\nexercises: []\nlate: {per_day: 101 %}\n", "late: per_day must be a share from 0 % to 100 %"),
    (
        "course: A\nexercises: []\nlate: {per_day: 5 %, grace: soon}\n",
        "late: grace must be a time in min, h or",
    ),
    (
        "course: A\nexercises: []\nlate: {per_day: 5 %, at_most: 1 h, grace: 2 h}\n",
        "late: at_most must not be shorter",
    ),
    ("course: 1\nexercises: []\n", "`course:` must be the course's name"),
    ("course: A\nexercises: [{id: 01-double, points: 2}]\n", "exercise 1: write exactly id, points and due"),
    (
        "course: A\nexercises: [{id: ../../etc, points: 2, due: null}]\n",
        "exercise 1: the id must be the name",
    ),
    (
        "course: A\nexercises: [{id: 01-double, points: -2, due: null}]\n",
        "exercise 1: points must be a number",
    ),
    (
        "course: A\nexercises: [{id: 01-double, points: 2, due: soon}]\n",
        "exercise 1: due must be null or a date",
    ),
    ("course: A\nexercises: [{id: 01-double, points: 2, due: '2026-10-02'}]\n", "must name its time zone"),
    (
        "course: A\nexercises: [{id: a, points: 2, due: null}, {id: a, points: 2, due: null}]\n",
        "listed twice",
    ),
    (
        "course: A\nexercises: [{id: 01-double, points: 3, due: null}]\n",
        "'01-double' is worth 3 points here, but 2",
    ),
    ("course: A\nexercises: [{id: 02-none, points: 3, due: null}]\n", "02-none/master.md: no such file"),
]


@pytest.mark.parametrize(("text", "says"), COURSES)
def test_a_bad_course_file_is_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    master(tmp_path, GOOD)
    (tmp_path / "course.yml").write_text(text, "utf-8")
    assert main(["release", "--exercises", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert says in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_unknown_exercise_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", "99-none"]) == 1
    assert "there is no exercise '99-none'. The course has 01-neurons" in capsys.readouterr().err


def test_a_folder_without_a_course_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MasterError, match=r"course\.yml: no such file"):
        course.read(tmp_path)
