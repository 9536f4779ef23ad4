"""What a process needs to judge one submission after the other, whether it is a worker here or in a cluster.

The judge itself is imported where it works, so that the writer starts fast.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from grader.master import Master
from grader.verdict import Verdict

Kind = Literal["verdict", "stop", "died"]
Answer = tuple[Kind, str]


class Marker(Protocol):
    """What marks: the judge, or what a test puts in its place."""

    def mark(self, data: bytes) -> Verdict:
        """Give the verdict on the bytes of one submission."""


def judge(master: Master, *, secret: bytes, unsafe: bool) -> AbstractContextManager[Marker]:
    """Open the judge."""
    from grader.judge import Judge

    return Judge(master, secret=secret, unsafe=unsafe)


@dataclass(frozen=True)
class Bench:
    """The exercise, the version of judge and master, the secret of the random inputs, and the judge to open."""

    master: Master
    version: str
    secret: bytes
    unsafe: bool = False
    make: Callable[..., AbstractContextManager[Marker]] = judge

    def open(self) -> AbstractContextManager[Marker]:
        """Open a judge for this process."""
        return self.make(self.master, secret=self.secret, unsafe=self.unsafe)


def answer(marker: Marker, data: bytes) -> Answer:
    """Give the verdict as text; or what the run must stop for; or what broke the judge on this one submission."""
    from grader.box import SandboxError

    try:
        return "verdict", marker.mark(data).to_json()
    except SandboxError as error:
        return "stop", str(error)
    except Exception as error:
        return "died", f"{type(error).__name__}: {error}"
