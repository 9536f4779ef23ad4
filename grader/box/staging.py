"""Shows a box's user what stands in root's home, without opening that home to anyone.

Where the judge is root, its boxes belong to a user of no rights, who can't reach a Python below /root. So the
judge's process goes into a mount namespace of its own, and mounts what a box needs at a place that all can reach.
Nothing outside that process sees it, and it is gone with the process.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

CLONE_NEWNS: Final = 0x20000
MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 4096, 16384, 1 << 18
PLACES: Final = ("/srv", "/media", "/mnt")


def stage(paths: Sequence[Path]) -> dict[Path, Path] | None:
    """Mount files and folders where all can reach them. Give where; None if that can't be done here."""
    place = _place(paths)
    libc = ctypes.CDLL(None, use_errno=True)
    if place is None or libc.unshare(CLONE_NEWNS) != 0:
        return None
    sources = {path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in paths}
    try:
        _mount(libc, None, Path("/"), None, MS_REC | MS_PRIVATE)
        _mount(libc, "tmpfs", place, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m")
        staged = {}
        for number, (path, fd) in enumerate(sources.items()):
            staged[path] = place / str(number) / path.name
            staged[path].parent.mkdir(mode=0o755)
            staged[path].mkdir(mode=0o755) if path.is_dir() else staged[path].touch(0o644)
            _mount(libc, f"/proc/self/fd/{fd}", staged[path], None, MS_BIND)
        return staged
    except OSError:
        return None
    finally:
        for fd in sources.values():
            os.close(fd)


def _place(paths: Sequence[Path]) -> Path | None:
    for place in map(Path, PLACES):
        if place.is_dir() and not place.is_symlink() and not any(place in path.parents for path in paths):
            return place
    return None


def _mount(
    libc: ctypes.CDLL, source: str | None, target: Path, kind: str | None, flags: int, options: str = ""
) -> None:
    encoded = [text.encode() if text else None for text in (source, str(target), kind)]
    if libc.mount(*encoded, ctypes.c_ulong(flags), options.encode() or None) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(target))
