"""The command line of bubblewrap: what a box sees, and as whom."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from grader.box.settings import Settings

NOBODY: Final = 65534  # the student's user inside
START: Final = "from grader.worker import main; main()"
ENVIRONMENT: Final = {
    "PATH": "/opt/py/bin:/usr/bin",
    "HOME": "/",
    "LC_ALL": "C.UTF-8",
    "LD_LIBRARY_PATH": "/opt/py/lib",
    "PYTHONHOME": "/opt/py",
    "PYTHONPATH": "/opt/grade:/opt/site",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
}
# One core for each submission: threads of the linear algebra would only fight for it.
THREADS: Final = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)


def command(bwrap: Path, mark: str, *, args_fd: int) -> list[str]:
    """Give the command line that a box shows to those in it: what it is made of stands in a file, ``args_fd``."""
    inside = f"/opt/py/bin/python{sys.version_info[0]}.{sys.version_info[1]}"
    return [str(bwrap), "--args", str(args_fd), inside, *python(mark)]


def arguments(
    settings: Settings, staged: dict[Path, Path], *, info_fd: int, block_fd: int, filter_fd: int
) -> bytes:
    """Give bubblewrap's arguments, as it reads them from a file. Nothing in the box can be written to.

    ``staged`` tells where to take something from instead.
    """
    args = ["--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent"]
    args += ["--new-session", "--clearenv", "--cap-drop", "ALL", "--hostname", "box"]
    args += ["--uid", str(NOBODY), "--gid", str(NOBODY)]
    args += ["--info-fd", str(info_fd), "--block-fd", str(block_fd), "--seccomp", str(filter_fd)]
    args += ["--ro-bind", "/usr", "/usr"]
    for name in ("lib", "lib64", "bin"):
        top = Path("/", name)
        if top.is_symlink():
            args += ["--symlink", f"usr/{name}", str(top)]
        elif top.is_dir():
            args += ["--ro-bind", str(top), str(top)]
    args += ["--ro-bind", str(staged.get(settings.python, settings.python)), "/opt/py"]
    for folder in settings.numpy:
        args += ["--ro-bind", str(staged.get(folder, folder)), f"/opt/site/{folder.name}"]
    for file in settings.own:
        below = "__pycache__/" if file.suffix == ".pyc" else ""
        args += ["--ro-bind", str(staged.get(file, file)), f"/opt/grade/grader/{below}{file.name}"]
    # bwrap's /dev and /dev/shm can be written to; and where the judge is root, /proc/sys would take writes
    # from the box: what core_pattern names runs as root
    args += ["--proc", "/proc", "--dev", "/dev", "--size", "4096", "--tmpfs", "/dev/shm", "--chdir", "/"]
    for place in ("/dev/shm", "/dev", "/proc", "/"):
        args += ["--remount-ro", place]
    for name, value in (ENVIRONMENT | THREADS).items():
        args += ["--setenv", name, value]
    return b"".join(os.fsencode(arg) + b"\0" for arg in args)


def python(mark: str) -> list[str]:
    """Give Python's arguments: no site packages, no user's own, no folder of the moment."""
    return ["-S", "-s", "-P", "-c", START, mark]
