from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import nbformat
import pytest

from grader.judge import Judge, exam_of
from grader.submission import MAX_FILE, Refused, parse, plain
from tests.grader.hostile.notebooks import ALL, TARGET, cell, notebook, written

EXAM = exam_of(TARGET)
GOOD = written()
Change = Callable[[dict[str, Any]], Any]


def read(data: bytes) -> Any:
    graded = [test.grade_id for test in EXAM.tests]
    return parse(data, given=EXAM.given, graded=graded, solutions=EXAM.solutions)


REFUSED = {
    "nothing": (b"", "The file is empty"),
    "only spaces": (b" \n\t ", "The file is empty"),
    "a PDF": (b"%PDF-1.7 \xe2\xe3\xcf\xd3", "not valid JSON"),
    "a web page": (b"<!doctype html><title>Sign in</title>", "not valid JSON"),
    "an office document": (b"PK\x03\x04" + bytes(50), "a zip or an office document"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), "not valid JSON"),
    "Python": (b"def double(x):\n    return 2 * x\n", "not valid JSON"),
    "cut off": (GOOD[: len(GOOD) // 2], "not valid JSON"),
    "zeros": (bytes(100), "not valid JSON"),
    "UTF-16 cut in half": (json.dumps({}).encode("utf-16")[:-1], "not valid JSON"),
    "a list": (b"[]", "it names no notebook format"),
    "a number": (b"4", "it names no notebook format"),
    "no format": (b"{}", "it names no notebook format"),
    "a format in words": (b'{"nbformat": "4", "cells": []}', "it names no notebook format"),
    "a format that is true": (b'{"nbformat": true, "cells": []}', "it names no notebook format"),
    "format 2": (b'{"nbformat": 2, "cells": []}', "has format 2. Open it in a current Jupyter"),
    "format 5": (b'{"nbformat": 5, "cells": []}', "has format 5. Open it in a current Jupyter"),
    "no cells": (b'{"nbformat": 4}', "it has no list of cells"),
    "cells that are none": (b'{"nbformat": 4, "cells": ["x", 1]}', "it has no list of cells"),
    "cells by name": (b'{"nbformat": 4, "cells": {"a": {}}}', "it has no list of cells"),
    "format 3 without sheets": (b'{"nbformat": 3, "worksheets": 7}', "The notebook holds no code"),
    "no code": (b'{"nbformat": 4, "cells": []}', "The notebook holds no code"),
    "empty code": (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": " "}]}', "holds no code"),
    "a source that is a number": (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": 7}]}', "cell 1 has no"),
    "lines that are none": (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": [1]}]}', "cell 1 has no"),
    "too deep": (b"[" * 100_000, "not valid JSON"),
    "too many brackets": (b"[" * 600_000, "too many parts"),
    "too many cells": (json.dumps({"nbformat": 4, "cells": [cell("")] * 501}).encode(), "more than 500 cells"),
    "too much code": (json.dumps({"nbformat": 4, "cells": [cell("#" * 300_000)]}).encode(), "too much code"),
    "too large": (b" " * (MAX_FILE + 1), "larger than 8 MiB"),
    "a number without end": (b'{"nbformat": 4, "x": ' + b"9" * 100_000 + b"}", "not valid JSON"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_notebook_is_refused_with_a_sentence(name: str) -> None:
    data, says = REFUSED[name]
    with pytest.raises(Refused, match=says) as refused:
        read(data)
    text = str(refused.value)
    assert text.endswith((".", "?"))
    assert text.isprintable()


def test_a_refusal_earns_nothing_and_reaches_the_verdict(target_judge: Judge) -> None:
    verdict = target_judge.mark(b"%PDF-1.7")
    assert verdict.points == 0
    assert verdict.refusal.startswith("The file is not a notebook: it is not valid JSON.")
    assert [part.state for part in verdict.parts] == ["missing"] * len(ALL)
    assert [part.points for part in verdict.parts] == [1] * len(ALL)


def changed(change: Change) -> bytes:
    whole = notebook()
    return json.dumps(change(whole) or whole).encode()


def without_metadata(whole: dict[str, Any]) -> None:
    whole.pop("metadata")
    for one in whole["cells"]:
        one.pop("metadata")
        one.pop("id", None)


def wrong_metadata(whole: dict[str, Any]) -> None:
    whole["metadata"] = 7
    for number, one in enumerate(whole["cells"]):
        one["metadata"] = ([], None, "x", {"nbgrader": []}, {"nbgrader": {"grade_id": {}}})[number % 5]


def format_3(whole: dict[str, Any]) -> dict[str, Any]:
    cells = [
        {"cell_type": "code", "language": "python", "input": one["source"], "metadata": one["metadata"]}
        for one in whole["cells"]
        if one["cell_type"] == "code"
    ]
    sheets = [{"cells": cells[:3]}, {"cells": cells[3:]}]
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": sheets}


def format_4_0(whole: dict[str, Any]) -> None:
    whole["nbformat_minor"] = 0
    for one in whole["cells"]:
        one.pop("id", None)


def a_picture(whole: dict[str, Any]) -> None:
    whole["cells"][2]["outputs"] = [{"output_type": "display_data", "data": {"image/png": "A" * 7_000_000}}]


def named(whole: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        one for one in whole["cells"] if one["metadata"].get("nbgrader", {}).get("grade_id") == name
    )
    return found


def duplicated(whole: dict[str, Any]) -> None:
    wrong = copy.deepcopy(named(whole, "double"))
    wrong["source"] = "def double(x):\n    return x"
    whole["cells"].insert(3, wrong)


def renamed(whole: dict[str, Any]) -> None:
    named(whole, "double")["metadata"]["nbgrader"]["grade_id"] = "double-copy"


def given_cells_changed(whole: dict[str, Any]) -> None:
    named(whole, "setup")["source"] = "import os\nos._exit(1)"
    named(whole, "checks")["source"] = "close = None"


def given_cells_lost(whole: dict[str, Any]) -> None:
    whole["cells"] = [
        one for one in whole["cells"] if one not in (named(whole, "setup"), named(whole, "checks"))
    ]


def checks_changed(whole: dict[str, Any]) -> None:
    for name in ALL:
        named(whole, name)["source"] = "import os\nos._exit(1)"


def checks_lost(whole: dict[str, Any]) -> None:
    whole["cells"] = [one for one in whole["cells"] if one not in [named(whole, name) for name in ALL]]


def marks_swapped(whole: dict[str, Any]) -> None:
    for one in whole["cells"]:
        marks = one["metadata"].get("nbgrader", {})
        marks |= {
            "grade": not marks.get("grade"),
            "solution": not marks.get("solution"),
            "locked": 7,
            "points": 99,
        }


def bare(whole: dict[str, Any]) -> dict[str, Any]:
    return {
        "nbformat": 4,
        "cells": [{"cell_type": "code", "source": one} for one in TARGET.solutions.values()],
    }


SOUND: dict[str, Change] = {
    "without metadata": without_metadata,
    "wrong metadata": wrong_metadata,
    "format 3": format_3,
    "format 4.0": format_4_0,
    "a large picture in the outputs": a_picture,
    "a duplicated solution, the last one right": duplicated,
    "a renamed solution": renamed,
    "changed given cells": given_cells_changed,
    "lost given cells": given_cells_lost,
    "changed tests": checks_changed,
    "lost tests": checks_lost,
    "marks that mean something else": marks_swapped,
    "nothing but the solutions": bare,
}


@pytest.mark.parametrize("name", SOUND)
def test_right_solutions_in_an_odd_notebook_earn_all(target_judge: Judge, name: str) -> None:
    verdict = target_judge.mark(changed(SOUND[name]))
    assert verdict.points == len(ALL), verdict.to_json()


@pytest.mark.parametrize(
    "data",
    [
        GOOD.decode().encode("utf-8-sig"),
        GOOD.decode().encode("utf-16"),
        b"\xfe\xff" + GOOD.decode().encode("utf-16-be"),
        GOOD.decode().encode("utf-32"),
        json.dumps(bare({}), ensure_ascii=False)
        .replace("return 2 * x", "return 2 * x  # Zoë: €")
        .encode("cp1252"),
        GOOD.replace(b"\\n", b"\\r\\n"),
        json.dumps(notebook(), indent=4).replace("\n", "\r\n").encode(),
        nbformat.writes(nbformat.reads(GOOD.decode(), as_version=4)).encode(),
        json.dumps(notebook(before="x = '\ud800'")).encode(),
    ],
    ids=[
        "BOM",
        "UTF-16",
        "UTF-16-BE",
        "UTF-32",
        "cp1252",
        "CRLF code",
        "CRLF file",
        "nbformat",
        "half a pair",
    ],
)
def test_other_encodings_are_read(target_judge: Judge, data: bytes) -> None:
    verdict = target_judge.mark(data)
    assert verdict.points == len(ALL), verdict.to_json()
    assert "did not run" not in verdict.to_json()


def test_the_teacher_reads_what_is_odd() -> None:
    assert read(GOOD).remarks == ()
    assert read(changed(renamed)).remarks == (
        "There is no cell named double: deleted, renamed, or pasted into a new notebook? What the other cells "
        "define was judged.",
    )
    assert read(changed(duplicated)).remarks == (
        "2 cells carry the name double: all ran in order, so that the last counts.",
    )
    assert read(changed(given_cells_changed)).remarks == (
        "The given cell checks, setup was changed: the original ran in its place.",
    )


def test_a_lost_solution_is_missing_and_costs_its_part_alone(target_judge: Judge) -> None:
    def lost(whole: dict[str, Any]) -> None:
        whole["cells"].remove(named(whole, "double"))

    verdict = target_judge.mark(changed(lost))
    assert [part.grade_id for part in verdict.parts if not part.earned] == ["doubled"]
    assert verdict.parts[0].state == "missing"
    assert verdict.parts[0].said == ("double is not defined.",)


def test_a_slip_of_syntax_is_told_where_it_is(target_judge: Judge) -> None:
    verdict = target_judge.mark(written({"double": "def double(x):\n    return 2 * x)"}))
    assert verdict.parts[0].said == (
        "double is not defined, since cell 'double' did not run to its end: "
        "SyntaxError: unmatched ')' (line 2 of cell 'double').",
    )
    assert verdict.points == len(ALL) - 1


def test_the_same_file_gets_the_same_verdict(target_judge: Judge) -> None:
    data = written({"double": "def double(x):\n    return x + x if np.random.random() < 0.5 else x"})
    first, second = target_judge.mark(data), target_judge.mark(data)
    assert (first.parts, first.digest, first.judge) == (second.parts, second.digest, second.judge)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\tc", "a b c"),
        ("\u202egnp.exe\u2066 \x1b[31m\x00", "gnp.exe [31m"),
        ("x" * 400, "x" * 299 + "…"),
        (7, ""),
        (None, ""),
    ],
)
def test_a_students_text_is_safe_to_show(text: object, shown: str) -> None:
    assert plain(text) == shown
