from __future__ import annotations

import nbformat
from nbformat import NotebookNode

from grader import prove
from grader.judge import Judge
from grader.master import Master
from grader.release import released


def written(notebook: NotebookNode) -> bytes:
    return nbformat.writes(notebook).encode()


def test_the_reference_earns_every_point(neurons: Master, neuron_judge: Judge) -> None:
    for notebook in (neurons.notebook, prove.solved(neurons)):
        verdict = neuron_judge.mark(written(notebook))
        assert verdict.points == 10
        assert {part.state for part in verdict.parts} == {"passed"}
        assert not verdict.remarks
        assert not verdict.refusal


def test_the_release_earns_nothing(neurons: Master, neuron_judge: Judge) -> None:
    verdict = neuron_judge.mark(written(released(neurons)))
    assert verdict.points == 0
    assert {part.state for part in verdict.parts} == {"missing"}
    assert {part.said for part in verdict.parts} == {("This part is still empty.",)}


def test_each_misconception_loses_what_it_deserves(neurons: Master, neuron_judge: Judge) -> None:
    for one in prove.misconceptions(neurons):
        verdict = neuron_judge.mark(written(prove.with_cells(neurons.notebook, {one.replaces: one.source})))
        assert {part.grade_id for part in verdict.parts if not part.earned} == one.loses, one.name
