"""Judges on this machine: one process a core, each with a judge of its own.

A worker that dies is replaced, and what it had in hand is judged again. When the writer dies, by whatever signal, each
worker reads the end of its pipe and ends, so that no process is left behind.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from types import FrameType, TracebackType
from typing import Final

from grader.bench import Answer, Bench, answer

TRIES: Final = 3
# A fork of this process would hold the other workers' pipes open; a server that has imported all forks at once.
_CONTEXT: Final = multiprocessing.get_context("forkserver")


@dataclass
class _Worker:
    process: ForkServerProcess
    pipe: Connection


@dataclass
class _Job:
    name: str
    data: bytes
    tries: int = 0


class Pool:
    """So many workers; ``map`` gives their answers as they come."""

    def __init__(self, bench: Bench, jobs: int) -> None:
        self._bench, self._jobs = bench, jobs
        self._idle: list[_Worker] = []

    def __enter__(self) -> Pool:
        """Start no worker yet: ``map`` starts as many as there is work for."""
        _CONTEXT.set_forkserver_preload(["grader.bench"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let every worker end."""
        for worker in self._idle:
            worker.pipe.close()
        for worker in self._idle:
            worker.process.join()

    def map(self, work: Iterator[tuple[str, bytes]], *, alone: bool = False) -> Iterator[tuple[str, Answer]]:
        """Judge each (name, bytes), at most as many as there are workers at a time; one at a time if ``alone``."""
        again: deque[_Job] = deque()
        busy: dict[Connection, tuple[_Worker, _Job]] = {}
        try:
            while True:
                while len(busy) < (1 if alone else self._jobs):
                    job = again.popleft() if again else next((_Job(*item) for item in work), None)
                    if job is None:
                        break
                    worker = self._idle.pop() if self._idle else self._start()
                    job.tries += 1
                    busy[worker.pipe] = worker, job
                    with suppress(OSError):  # it has died: reading from it tells
                        worker.pipe.send_bytes(job.data)
                if not busy:
                    return
                ready = wait(list(busy))
                for pipe in [pipe for pipe in busy if pipe in ready]:
                    worker, job = busy.pop(pipe)
                    try:
                        told: Answer = worker.pipe.recv()
                    except (EOFError, OSError):
                        worker.pipe.close()
                        worker.process.join()
                        if job.tries < TRIES:
                            again.append(job)
                            continue
                        told = "died", "the judge's process ended without an answer"
                    else:
                        self._idle.append(worker)
                    yield job.name, told
        finally:
            for worker, _ in busy.values():
                worker.process.terminate()
                worker.pipe.close()
                worker.process.join()

    def _start(self) -> _Worker:
        here, there = _CONTEXT.Pipe()
        process = _CONTEXT.Process(target=_work, args=(self._bench, there))
        process.start()
        there.close()
        return _Worker(process, here)


def _work(bench: Bench, pipe: Connection) -> None:
    """Judge what comes, until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the writer's to answer
    signal.signal(signal.SIGTERM, _end)
    with suppress(OSError, EOFError):  # the writer is gone
        try:
            with bench.open() as marker:
                while True:
                    pipe.send(answer(marker, pipe.recv_bytes()))
        except EOFError:
            raise
        except Exception as error:  # no judge could be opened
            pipe.send(("stop", str(error)))


def _end(number: int, frame: FrameType | None) -> None:
    """End as after an ordinary error, so that the judge closes its sandbox."""
    raise SystemExit(1)
