"""The sandbox: walls around students' code, and the proof that they hold. It knows no notebook and no test."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from grader.box import cgroups, seccomp
from grader.box.box import Box
from grader.box.selftest import self_test
from grader.box.settings import SandboxError, Settings, find_bwrap
from grader.box.sweep import sweep

__all__ = ["Boxes", "SandboxError", "Settings", "find_bwrap"]
USES: Final = 200  # submissions to one box, at most
_proven: set[Settings] = set()  # whose walls this process has tested


class Boxes:
    """Gives boxes whose walls were proven when it was made.

    A box serves the next submission only if the last one left nothing alive: nothing in it can be written
    to, and its first process never runs a student's code, so there is nowhere to leave anything else.
    """

    def __init__(self, settings: Settings, given: Sequence[tuple[str, str]] = ()) -> None:
        self._settings, self._given = settings, given
        self._folders: dict[str, Path] = {}
        self._spare: tuple[Box, int] | None = None
        self._uses = 0
        if settings.bwrap is None:
            if sys.platform == "win32":
                raise SandboxError("Judging needs Linux or macOS. On Windows, run it in a Linux container.")
            return
        if seccomp.program() is None:
            raise SandboxError(
                "The sandbox knows the system calls of x86-64 and 64-bit Arm alone. Judge on such a machine."
            )
        if settings.cgroups:
            self._folders = cgroups.parents()
        if not self._folders and os.getuid() == 0 and not settings.outsider:
            raise SandboxError(
                "As root, and where no cgroup can be made, Python, NumPy and the course must be readable to "
                "all users: install them outside root's home, or run as an ordinary user."
            )
        if settings not in _proven:
            sweep(self._folders)
            if problems := self_test(settings, self._folders):
                raise SandboxError(f"The sandbox does not hold: {'; '.join(problems)}. Nothing was judged.")
            _proven.add(settings)

    @property
    def walls(self) -> str:
        """What stands around a box: "bubblewrap" or "none"."""
        return "bubblewrap" if self._settings.bwrap else "none"

    def take(self) -> Box:
        """Give a box that no student's code is in."""
        if self._spare:
            (box, self._uses), self._spare = self._spare, None
            return box
        self._uses = 0
        return Box(self._settings, self._folders, self._given)

    def give(self, box: Box, *, sound: bool) -> None:
        """Take a box back: keep it if all went well and nothing lives in it, else end it."""
        if sound and self._uses + 1 < USES and self._spare is None and box.clean():
            self._spare = box, self._uses + 1
        else:
            box.end()

    def close(self) -> None:
        """End the spare box."""
        if self._spare:
            self._spare[0].end()
            self._spare = None
