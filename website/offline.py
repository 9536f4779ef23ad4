"""Packs the site and the notebooks into two archives that need no network."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from website import serve

SITE, NOTEBOOKS = "course-site.zip", "course-notebooks.zip"
PACKED = {
    ".bin",
    ".whl",
    ".woff2",
    ".woff",
    ".png",
    ".jpg",
    ".zip",
    ".wasm",
}  # what packing can't make smaller
READ_ME = """{title}

The whole course, with Python in the browser, for a computer without a network.

1. Unpack this archive, and open a terminal in its folder.
2. Run:  python serve.py        (python3 on some systems; any Python from 3.11 on)
3. Open  http://localhost:8000  in a browser.

A browser refuses to run Python in pages that are opened as files: that is what the small server is for. It answers
this computer alone. Any other static web server does as well.
"""


def files(folder: Path, leave_out: str = "") -> Iterator[tuple[str, Path]]:
    """Give the name and the place of each file below a folder, in a lasting order."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not (leave_out and name.startswith(leave_out)) and path.name != ".made":
            yield name, path


def write(archive: Path, inside: str, content: Iterator[tuple[str, Path]], texts: dict[str, str]) -> None:
    """Write an archive of files and texts below one folder, unless it is up to date."""
    entries = list(content)
    digest = hashlib.sha256(repr(sorted(texts.items())).encode())
    for name, path in entries:
        digest.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    key = digest.hexdigest().encode()
    if archive.is_file():
        with zipfile.ZipFile(archive) as old:
            if old.comment == key:
                return
    archive.parent.mkdir(parents=True, exist_ok=True)
    part = archive.with_suffix(".part")
    with zipfile.ZipFile(part, "w") as new:
        new.comment = key
        for name, text in texts.items():
            new.writestr(f"{inside}/{name}", text, zipfile.ZIP_DEFLATED)
        for name, path in entries:
            how = zipfile.ZIP_STORED if path.suffix in PACKED else zipfile.ZIP_DEFLATED
            new.write(path, f"{inside}/{name}", how)
    part.replace(archive)


def pack(site: Path, out: Path, title: str) -> None:
    """Write both archives into the folder `out` of the site."""
    server = Path(serve.__file__).read_text(encoding="utf-8")
    write(out / NOTEBOOKS, "course-notebooks", files(site / "notebooks"), {})
    leave_out = f"{out.relative_to(site).as_posix()}/"
    texts = {"README.txt": READ_ME.format(title=title), "serve.py": server}
    write(out / SITE, "course-site", files(site, leave_out), texts)
