"""Judges on a Dask cluster: the same work, handed to the workers of a scheduler.

Each worker needs this course at the same version, and a sandbox. A worker that dies costs nothing: the scheduler hands
what it had to another.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Final

from distributed import Client, Future, KilledWorker, as_completed

from grader.bench import Answer, Bench, Marker, answer
from grader.grade import GradeError

PATIENCE: Final = 60  # seconds until the first worker must be there


class Cluster:
    """The workers of one scheduler; ``map`` gives their answers as they come."""

    def __init__(self, bench: Bench, address: str, *, patience: float = PATIENCE) -> None:
        self._bench, self._address, self._patience = bench, address, patience

    def __enter__(self) -> Cluster:
        """Connect, and wait for the first worker, or raise GradeError."""
        try:
            self._client = Client(self._address, timeout=self._patience, set_as_default=False)
        except (OSError, ValueError) as error:
            raise GradeError(
                f"No Dask scheduler answers at {self._address} ({error}). "
                "Start one with `dask scheduler`, and name its address."
            ) from None
        try:
            self._client.wait_for_workers(1, timeout=self._patience)
        except TimeoutError:
            self._client.close()
            raise GradeError(
                f"The scheduler at {self._address} has no worker. Start some with "
                f"`dask worker {self._address} --nthreads 1`, in this course's folder."
            ) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the cluster as it was found."""
        self._client.close()

    def map(self, work: Iterator[tuple[str, bytes]], *, alone: bool = False) -> Iterator[tuple[str, Answer]]:
        """Judge each (name, bytes), two for each thread at a time; one at a time if ``alone``."""
        bench = self._client.submit(_same, self._bench, pure=False)  # made again, if its worker dies
        names: dict[str, str] = {}
        coming = as_completed(loop=self._client.loop)

        def fill() -> None:
            threads = sum(self._client.nthreads().values())
            while len(names) < (1 if alone else max(2, 2 * threads)):
                if (item := next(work, None)) is None:
                    return
                future = self._client.submit(_judge, bench, item[1], pure=False, retries=2)
                names[future.key] = item[0]
                coming.add(future)

        fill()
        for future in coming:
            told = _told(future)
            yield names.pop(future.key), told
            fill()


def _told(future: Future) -> Answer:
    try:
        told: Answer = future.result()
    except KilledWorker:
        return "died", "the workers that judged it died"
    except Exception as error:  # whatever a worker raised comes here, or that the scheduler is gone
        raise GradeError(
            f"The cluster failed ({type(error).__name__}: {error}). Mend it and run again."
        ) from None
    return told


def _same(bench: Bench) -> Bench:
    return bench


_lock = threading.Lock()
_opened: dict[tuple[str, bytes, bool], tuple[ExitStack, Marker]] = {}


def _judge(bench: Bench, data: bytes) -> Answer:
    """Judge in a worker of the cluster; its judge stays open for the next submission."""
    key = (bench.version, bench.secret, bench.unsafe)
    with _lock:
        if key not in _opened:
            stack = ExitStack()
            _opened[key] = stack, stack.enter_context(bench.open())
            atexit.register(stack.close)
        return answer(_opened[key][1], data)
