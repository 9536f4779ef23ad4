"""The sandbox: walls around students' code, and the proof that they hold. It knows no notebook and no test."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final

from grader.box import cgroups, seccomp
from grader.box.box import Box, Ground
from grader.box.selftest import self_test
from grader.box.settings import SandboxError, Settings, find_bwrap
from grader.box.staging import stage
from grader.box.sweep import sweep

__all__ = ["Boxes", "SandboxError", "Settings", "find_bwrap"]
USES: Final = 200  # submissions to one box, at most
OUTSIDER: Final = 61999  # whose boxes are where the judge is root: an ordinary user without a name
_proven: set[Settings] = set()  # whose walls this process has tested


class Boxes:
    """Gives boxes whose walls were proven when it was made.

    A box serves the next submission only if the last one left nothing alive: nothing in it can be written
    to, and its first process never runs a student's code, so there is nowhere to leave anything else.
    With ``staging``, this process may go into a mount namespace of its own.
    """

    def __init__(
        self, settings: Settings, given: Sequence[tuple[str, str]] = (), *, staging: bool = False
    ) -> None:
        self._settings, self._given = settings, given
        self._spare: tuple[Box, int] | None = None
        self._uses = 0
        self._ground = Ground()
        if settings.bwrap is None:
            if sys.platform == "win32":
                raise SandboxError("Judging needs Linux or macOS. On Windows, run it in a Linux container.")
            return
        if seccomp.program() is None:
            raise SandboxError(
                "The sandbox knows the system calls of x86-64 and 64-bit Arm alone. Judge on such a machine."
            )
        self._ground = _ground(settings, staging=staging)
        if settings not in _proven:
            sweep(self._ground.folders)
            if problems := self_test(settings, self._ground):
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
        return Box(self._settings, self._ground, self._given)

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


def _ground(settings: Settings, *, staging: bool) -> Ground:
    """Find out what boxes can stand on here, or raise SandboxError."""
    folders = cgroups.parents() if settings.cgroups else {}
    if os.getuid() != 0:
        return Ground(folders)
    if settings.public:
        return Ground(folders, OUTSIDER)
    if staging and (staged := stage(settings.needed)):
        return Ground(folders, OUTSIDER, staged)
    if folders:
        return Ground(folders)
    raise SandboxError(
        "As root, and where no cgroup can be made, Python, NumPy and the course must be readable to all users: "
        "install them outside root's home, or run as an ordinary user."
    )
