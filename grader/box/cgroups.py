"""Groups of processes whose memory and number the kernel bounds together: cgroups, of version 1 or 2."""

from __future__ import annotations

import itertools
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.box.settings import SandboxError, Settings

PREFIX: Final = "grader-"
NEEDED: Final = ("memory", "pids")
UNIFIED: Final = "unified"
_numbers = itertools.count()


@dataclass(frozen=True)
class Kernel:
    """Where the kernel tells of cgroups."""

    mounts: Path = Path("/proc/self/mounts")
    own: Path = Path("/proc/self/cgroup")


class Cgroup:
    """The group of one box: one folder in version 2, one for each controller in version 1."""

    def __init__(self, parents: dict[str, Path]) -> None:
        name = f"{PREFIX}{os.getpid()}-{next(_numbers)}"
        self._folders = {parent / name: controller for controller, parent in parents.items()}

    def limit(self, settings: Settings) -> None:
        """Make the group. Its bounds must stand before any process enters."""
        for folder, controller in self._folders.items():
            folder.mkdir()
            if controller == "memory":
                (folder / "memory.limit_in_bytes").write_text(str(settings.memory))
                if (folder / "memory.memsw.limit_in_bytes").exists():  # no more by way of the swap
                    (folder / "memory.memsw.limit_in_bytes").write_text(str(settings.memory))
            if controller == UNIFIED:
                (folder / "memory.max").write_text(str(settings.memory))
                if (folder / "memory.swap.max").exists():
                    (folder / "memory.swap.max").write_text("0")
            if controller in ("pids", UNIFIED):
                (folder / "pids.max").write_text(str(settings.processes))

    def enter(self, pid: int) -> None:
        """Put a process, and so all that it will start, into the group."""
        for folder in self._folders:
            (folder / "cgroup.procs").write_text(str(pid))

    def remove(self) -> None:
        """Remove the group. Its processes are dead by now, but the kernel may take a moment to let go."""
        for folder in self._folders:
            _remove(folder)


def parents(kernel: Kernel | None = None) -> dict[str, Path]:
    """Give the folders in which this process may make groups that bound both; {} where it may not."""
    kernel = kernel or Kernel()
    try:
        mounts = [line.split() for line in kernel.mounts.read_text().splitlines()]
        own = [line.split(":", 2) for line in kernel.own.read_text().splitlines()]
    except OSError:
        return {}
    found = {}
    for controller in NEEDED:
        tops = [Path(m[1]) for m in mounts if m[2] == "cgroup" and controller in m[3].split(",")]
        paths = [path.lstrip("/") for _, names, path in own if controller in names.split(",")]
        if tops and paths:
            here = tops[0] / paths[0]  # in a container the path may be that of the world outside
            found[controller] = here if here.is_dir() else tops[0]
    if len(found) == len(NEEDED) and all(
        folder.is_dir() and os.access(folder, os.W_OK) for folder in found.values()
    ):
        return found
    top = next((Path(m[1]) for m in mounts if m[2] == "cgroup2"), None)
    path = next((path.lstrip("/") for number, _, path in own if number == "0"), None)
    if top is None or path is None:
        return {}
    mine = top / path if (top / path).is_dir() else top
    # a group with processes in it may not share out controllers, so a group above may be the one
    candidates = (mine, *(folder for folder in mine.parents if folder == top or top in folder.parents))
    return next(({UNIFIED: folder} for folder in candidates if _shares_out(folder)), {})


def _shares_out(parent: Path) -> bool:
    trial = parent / f"{PREFIX}{os.getpid()}-trial"
    try:
        control = parent / "cgroup.subtree_control"
        if not set(NEEDED) <= set(control.read_text().split()):
            control.write_text(" ".join(f"+{name}" for name in NEEDED))
        trial.mkdir()
        try:
            # a process must also be able to come over from where it is now
            return (
                all((trial / name).exists() for name in ("memory.max", "pids.max"))
                and os.access(trial / "cgroup.procs", os.W_OK)
                and os.access(parent / "cgroup.procs", os.W_OK)
            )
        finally:
            trial.rmdir()
    except OSError:
        return False


def sweep(folders: dict[str, Path], alive: frozenset[int]) -> list[str]:
    """End and remove the groups of judges that are gone. ``alive`` are the processes that are not."""
    swept = []
    for parent in set(folders.values()):
        for folder in parent.glob(f"{PREFIX}*"):
            owner = folder.name.removeprefix(PREFIX).split("-")[0]
            if owner.isdigit() and int(owner) not in alive:
                _remove(folder)
                swept.append(folder.name)
    return swept


def _remove(folder: Path) -> None:
    for _ in range(200):
        try:
            for pid in (folder / "cgroup.procs").read_text().split():
                os.kill(int(pid), 9)
            folder.rmdir()
            return
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.01)
    raise SandboxError(f"{folder} can't be removed. End the processes that its cgroup.procs lists.")
