"""Judges submissions to one exercise. It never shares an interpreter with a student's code.

Three processes stand in a row: this one; a second in which the tests run and look at what came back, bounded in
memory and time; and a third, in a sandbox, that holds the student's code.
"""

from __future__ import annotations

import hashlib
import json
import os
import select
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, cast

from grader import marking_process as process
from grader.box import SandboxError, find_bwrap
from grader.box.walls import THREADS
from grader.exam import Exam, Test, code_digest, defined
from grader.marking import UNSAFE
from grader.master import Master, grade_id, mark
from grader.session import Limits
from grader.verdict import Part, State, Verdict

__all__ = ["Judge", "SandboxError", "exam_of", "version"]
MARGIN: Final = 30.0  # seconds that the tests themselves may take, beyond the student's code
START_SECONDS: Final = 300.0


class Judge:
    """Marks submissions one after the other. Use it in a ``with`` statement.

    ``secret`` is where the hidden tests' random inputs come from. Raise SandboxError, with a sentence that says
    what to do, if there is no sandbox that holds; with ``unsafe=True`` there is none, and each verdict says so.
    ``settings`` are fields of ``box.Settings``.
    """

    def __init__(
        self, master: Master, *, secret: bytes, unsafe: bool = False, limits: Limits | None = None,
        **settings: Any,
    ) -> None:  # fmt: skip
        self._exam = exam_of(master)
        self._limits = limits or Limits()
        bwrap = settings.pop("bwrap", None) or (None if unsafe else find_bwrap())
        self._orders = json.dumps({
            "exam": self._exam.to_json(), "secret": secret.hex(), "limits": asdict(self._limits),
            "bwrap": str(bwrap) if bwrap else None, "settings": settings,
        }).encode()  # fmt: skip
        self._sandbox = "bubblewrap" if bwrap else "none"
        self._process: subprocess.Popen[bytes] | None = None
        self._start()

    def __enter__(self) -> Judge:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def mark(self, data: bytes) -> Verdict:
        """Give the verdict on the raw bytes of one submitted notebook."""
        start = time.perf_counter()
        for _ in range(2):
            if self._process is None:
                self._start()
            try:
                kind, text = self._ask(data)
            except TimeoutError:
                return self._nothing(
                    data, "too slow", "The tests did not come to an end on what it gave.", start
                )
            except (EOFError, OSError):
                continue
            if kind == process.VERDICT:
                return Verdict.from_json(text.decode())
            if kind == process.SANDBOX:
                self.close()
                raise SandboxError(text.decode())
            return self._nothing(data, "crashed", f"The judge failed on it ({text.decode()}).", start)
        return self._nothing(data, "crashed", "What it gave ended the judge's process, twice.", start)

    def close(self) -> None:
        """End the judge's processes."""
        running, self._process = self._process, None
        if running is None:
            return
        assert running.stdin is not None
        assert running.stdout is not None
        try:
            running.stdin.close()
            running.wait(MARGIN)
        except (OSError, subprocess.TimeoutExpired):
            running.kill()
            running.wait()
        running.stdout.close()

    def _start(self) -> None:
        root = str(Path(__file__).parents[1])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "grader.marking_process"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=os.environ | THREADS | {"PYTHONPATH": path}, start_new_session=True,
        )  # fmt: skip
        try:
            kind, text = self._ask(self._orders, START_SECONDS)
        except (EOFError, OSError):
            kind, text = process.SANDBOX, b"The judge's process did not start. See the error above."
        if kind != process.READY:
            self.close()
            raise SandboxError(text.decode())

    def _ask(self, data: bytes, seconds: float | None = None) -> tuple[bytes, bytes]:
        """Send one message and give the answer. Raise TimeoutError or EOFError if there is none."""
        running = self._process
        assert running is not None
        reader, writer = cast(BinaryIO, running.stdout), cast(BinaryIO, running.stdin)
        try:
            process.send(writer, b"m", data)
            if not select.select([reader], [], [], seconds or self._limits.total_seconds + MARGIN)[0]:
                raise TimeoutError
            answer = process.receive(reader)
            if answer is None:
                raise EOFError
            return answer
        except (TimeoutError, EOFError, OSError):
            running.kill()
            self.close()
            raise

    def _nothing(self, data: bytes, state: State, remark: str, start: float) -> Verdict:
        exam = self._exam
        return Verdict(
            exercise=exam.id,
            digest=hashlib.sha256(data).hexdigest(),
            judge=exam.version,
            parts=tuple(Part(test.grade_id, test.points, 0.0, state) for test in exam.tests),
            remarks=(*((UNSAFE,) if self._sandbox == "none" else ()), remark),
            seconds=time.perf_counter() - start,
            sandbox=self._sandbox,
        )


def version(master: Master) -> str:
    """Give the digest of the judge's own code and the master: a verdict holds for both alone."""
    text = json.dumps(master.notebook, sort_keys=True, ensure_ascii=False).encode()
    return hashlib.sha256(code_digest() + text).hexdigest()


def exam_of(master: Master) -> Exam:
    """Take from a master what the judge needs."""
    code = [cell for cell in master.notebook.cells if cell.cell_type == "code"]
    plain = [cell for cell in code if not mark(cell).get("solution") and not mark(cell).get("grade")]
    first = next(n for n, cell in enumerate(code) if mark(cell).get("solution"))
    early = {cell.id for cell in code[:first]}
    (checks,) = [cell for cell in plain if "checks" in cell.metadata.get("tags", ())]
    setup = [cell for cell in plain if cell is not checks and (cell.id in early or mark(cell).get("locked"))]
    callables, values = defined(list(master.solutions.values()))
    return Exam(
        id=master.id,
        version=version(master),
        checks=grade_id(checks),
        setup=tuple((cell.id, cell.source) for cell in setup),
        given={grade_id(cell): cell.source for cell in plain if mark(cell).get("locked")},
        solutions=tuple(master.solutions),
        callables=callables,
        values=values,
        tests=tuple(
            Test(cell.grade_id, cell.points, cell.visible, tuple((t.sentence, t.source) for t in cell.hidden))
            for cell in master.graded
        ),
    )
