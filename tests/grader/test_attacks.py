from __future__ import annotations

import hashlib
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from grader.__main__ import EXERCISES
from grader.judge import Judge, SandboxError
from grader.session import Limits
from grader.verdict import Verdict
from tests.grader.conftest import SECRET, skip_without_sandbox
from tests.grader.hostile.attacks import ATTACKS, WALLS, Attack
from tests.grader.hostile.notebooks import ALL, TARGET, written

# Hostile code waits for its limits, so they are short. Honest code of these tests needs a hundredth.
SHORT = Limits(call_seconds=2.0, cell_seconds=2.0, total_seconds=60.0)
OURS = 3  # bubblewrap, the first process of a box, and the Python that forks workers
HIDDEN = {line.strip() for cell in TARGET.graded for test in cell.hidden for line in test.source.split("\n")}


@dataclass(frozen=True)
class Scene:
    """The judge, and what must stay as it is around it."""

    judge: Judge
    secrets: tuple[Path, ...]  # nobody may read these
    canaries: tuple[Path, ...]  # nor write to these
    port: int

    def names(self) -> str:
        secrets, canaries = ([str(path) for path in paths] for paths in (self.secrets, self.canaries))
        return f"SECRETS, CANARIES, PORT = {secrets}, {canaries}, {self.port}\n"

    def state(self) -> str:
        digest = hashlib.sha256()
        for path in sorted([*self.secrets, *(path for path in EXERCISES.rglob("*") if path.is_file())]):
            digest.update(str(path).encode() + path.read_bytes() + str(path.stat().st_mode).encode())
        return digest.hexdigest()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("course")
    files = [folder / name for name in ("gradebook.db", "neighbour.ipynb", "results.csv")]
    for file in files:
        file.write_text(f"{file.name}: nobody but the teacher reads or writes this")
    secrets = (*files, TARGET.path, EXERCISES / "01-neurons" / "master.md")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        try:
            judge = Judge(TARGET, secret=SECRET, limits=SHORT)
        except SandboxError as error:
            skip_without_sandbox(error)
        with judge:
            scene = Scene(judge, secrets, tuple(files), listener.getsockname()[1])
            before = scene.state()
            yield scene
            assert scene.state() == before, "something outside the sandbox changed"
            box, groups = _descendants(judge), f"grader-{judge._process.pid}-*"  # type: ignore[union-attr]
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()  # nobody has called
    _gone(box)
    for top in (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/pids")):
        assert not list(top.glob(groups))


def _descendants(judge: Judge) -> list[psutil.Process]:
    assert judge._process is not None
    return psutil.Process(judge._process.pid).children(recursive=True)


def _gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert not alive


def _few(judge: Judge) -> None:
    """See that no process of a student's is alive: what is left is the box for the next one, at most."""
    until = time.monotonic() + 10
    while len(_descendants(judge)) > OURS and time.monotonic() < until:
        time.sleep(0.01)
    assert len(_descendants(judge)) <= OURS, _descendants(judge)


def earned(verdict: Verdict) -> set[str]:
    return {part.grade_id for part in verdict.parts if part.earned}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name.replace(" ", "-"))
def test_an_attack_earns_what_it_deserves(scene: Scene, attack: Attack) -> None:
    before = scene.names() + attack.before if attack in WALLS else attack.before
    data = written(attack.cells, before=before, after=attack.after)
    verdict = scene.judge.mark(data)
    if verdict.slow and earned(verdict) != attack.earns:  # the limits are short, and the machine may be busy
        verdict = scene.judge.mark(data)
    text = verdict.to_json()
    assert earned(verdict) == attack.earns, text
    assert verdict.sandbox == "bubblewrap"
    assert not verdict.refusal
    if attack in WALLS:  # its cell ran to its end
        assert not verdict.remarks, text
    assert attack.says in text
    assert not attack.silent or attack.silent not in text
    assert "secret_matrix" not in text
    assert not [line for line in HIDDEN if len(line) > 20 and line in text]
    _few(scene.judge)


def test_there_are_many(scene: Scene) -> None:
    assert len(ATTACKS) >= 100
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
    assert scene.judge.mark(written()).points == len(ALL)  # after all of them
