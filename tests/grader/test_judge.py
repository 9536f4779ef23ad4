from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from grader import prove
from grader.box import Boxes, SandboxError, Settings, find_bwrap
from grader.judge import Judge, exam_of, version
from grader.marking import Marker
from grader.master import Master, read
from grader.release import released
from grader.session import Limits
from tests.grader.conftest import SECRET, skip_without_sandbox
from tests.grader.hostile.notebooks import ALL, TARGET, written


def saved(notebook: NotebookNode) -> bytes:
    return nbformat.writes(notebook).encode()


def test_the_reference_earns_every_point(neurons: Master, neuron_judge: Judge) -> None:
    for notebook in (neurons.notebook, prove.solved(neurons)):
        verdict = neuron_judge.mark(saved(notebook))
        assert verdict.points == 10
        assert {part.state for part in verdict.parts} == {"passed"}
        assert not verdict.remarks
        assert not verdict.refusal


def test_the_release_earns_nothing(neurons: Master, neuron_judge: Judge) -> None:
    verdict = neuron_judge.mark(saved(released(neurons)))
    assert verdict.points == 0
    assert {part.state for part in verdict.parts} == {"missing"}
    assert {part.said for part in verdict.parts} == {("This part is still empty.",)}


def test_each_misconception_loses_what_it_deserves(neurons: Master, neuron_judge: Judge) -> None:
    for one in prove.misconceptions(neurons):
        verdict = neuron_judge.mark(saved(prove.with_cells(neurons.notebook, {one.replaces: one.source})))
        assert {part.grade_id for part in verdict.parts if not part.earned} == one.loses, one.name


def changed_target(tmp_path: Path, old: str, new: str) -> Master:
    text = TARGET.path.read_text("utf-8")
    assert old in text
    path = tmp_path / "00-target" / "master.md"
    path.parent.mkdir()
    path.write_text(text.replace(old, new), "utf-8")
    return read(path)


def opened(master: Master, **options: Any) -> Judge:
    try:
        return Judge(master, secret=SECRET, **options)
    except SandboxError as error:
        skip_without_sandbox(error)
        raise


def test_memory_that_a_test_spends_on_a_students_value_is_bounded(tmp_path: Path) -> None:
    line = 'close(whole, 3, "the whole part")'
    master = changed_target(tmp_path, line, f"rows = [0] * whole\n{line}")
    with opened(master) as judge:
        verdict = judge.mark(written({"divide": "def divide(a, b):\n    return 10**10, 2"}))
    assert [part.grade_id for part in verdict.parts if not part.earned] == ["divided"]


def test_a_test_that_a_students_value_keeps_for_ever_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.judge.MARGIN", 0.5)
    line = 'close(whole, 3, "the whole part")'
    master = changed_target(tmp_path, line, f"while whole != 3:\n    pass\n{line}")
    with opened(master, limits=Limits(total_seconds=5.0)) as judge:
        verdict = judge.mark(written({"divide": "def divide(a, b):\n    return 4, 2"}))
        assert verdict.slow
        assert verdict.points == 0
        assert verdict.remarks == ("The tests did not come to an end on what it gave.",)
        assert judge.mark(written()).points == len(ALL)


def test_hidden_inputs_come_from_the_secret() -> None:
    by_chance = "return 2 * x if x.ndim == 1 or int(abs(x[0, 0]) * 1e6) % 2 else x"
    data = written({"double": f"def double(x):\n    {by_chance}"})
    exam = exam_of(TARGET)
    try:
        boxes = Boxes(Settings(find_bwrap()), exam.setup)
    except SandboxError as error:
        skip_without_sandbox(error)
    with contextlib.closing(boxes):
        found = [Marker(exam, boxes, bytes([n // 2])).mark(data).points for n in range(20)]
    assert found[::2] == found[1::2]  # the same secret, the same inputs
    assert set(found) == {len(ALL) - 1, len(ALL)}


def test_the_version_follows_the_master_and_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = version(TARGET)
    assert version(read(TARGET.path)) == here
    assert version(changed_target(tmp_path, "Try larger numbers.", "Try larger numbers!")) != here
    monkeypatch.setattr("grader.exam.CODE", ("checks.py",))
    assert version(TARGET) != here


def test_what_a_function_may_not_get_is_the_authors_slip(tmp_path: Path) -> None:
    """It loses the part for every student, so proving the master tells the author."""
    master = changed_target(tmp_path, "close(derive(square)(3.0)", "close(derive(lambda x: x * x)(3.0)")
    exam = exam_of(master)
    boxes = Boxes(Settings(None), exam.setup)
    with contextlib.closing(boxes):
        findings, _ = Marker(exam, boxes, SECRET).examine(written())
    (error,) = [one.error for one in findings if one.error]
    assert str(error).startswith("a function can't be passed to a student's function: pass numbers")
