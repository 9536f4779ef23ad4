"""Ends what judges that were killed have left behind.

Each box's command line names its judge, by process number and start time. A box whose judge is gone is ended.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from grader.box import cgroups

MARK: Final = re.compile(rb"\0grader-judge=(\d+)-(\d+)\0")


def mark() -> str:
    """Give the argument that names this judge."""
    return f"grader-judge={os.getpid()}-{_started(os.getpid())}"


def sweep(folders: dict[str, Path]) -> list[str]:
    """End boxes of judges that are gone, and remove their cgroups. Give what was swept."""
    swept = []
    for pid, judge, started in _boxes():
        if _started(judge) != started:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
                swept.append(str(pid))
    alive = frozenset(int(path.name) for path in Path("/proc").glob("[0-9]*"))
    return swept + cgroups.sweep(folders, alive)


def _boxes() -> Iterator[tuple[int, int, int]]:
    """Give each process of a box, its judge, and when that judge started."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            found = MARK.search((path / "cmdline").read_bytes())
        except OSError:  # it has ended meanwhile
            continue
        if found:
            yield int(path.name), int(found[1]), int(found[2])


def _started(pid: int) -> int:
    """Give when a process started, in the kernel's ticks, or -1 if it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return -1
    return -1 if fields[0] in "ZX" else int(fields[19])
