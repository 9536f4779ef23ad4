"""Puts Python for the browser together: Pyodide, the packages, JupyterLite and the notebooks, into one folder of the site.

Each part is kept in _build/lite and made again when what it is made of has changed.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from website import node
from website.lite import app, pyodide

HERE = Path(__file__).parent
PROJECT = HERE.parent.parent
LOCK = PROJECT / "requirements" / "lite.txt"
ENVIRONMENT = PROJECT / ".venv-lite"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
SETTINGS: dict[str, Any] = json.loads((HERE / "packages.json").read_text(encoding="utf-8"))
# Pure Python packages that the explorables need, in the versions of the lock.
FROM_LOCK = ("anywidget", "comm", "ipywidgets", "psygnal", "typing-extensions")
FROM_KERNEL = ("ipykernel", "piplite", "pyodide_kernel")
KEPT = ["pyodide.js", "python_stdlib.zip"]
PACKED = ["pyodide.asm.js", "pyodide.asm.wasm"]


def digest(*parts: Path | str) -> str:
    """Return a hash of texts, and of files and folders with the names of what they hold."""
    h = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            h.update(part.encode())
            continue
        files = [part] if part.is_file() else [p for p in sorted(part.rglob("*")) if p.is_file()]
        for file in files:
            if "__pycache__" not in file.parts:
                h.update(f"{file.relative_to(part.parent).as_posix()} {file.stat().st_size}\n".encode())
                h.update(file.read_bytes())
    return h.hexdigest()


def is_new(stamp: Path, key: str) -> bool:
    """Whether something has to be made, since its stamp does not hold this key."""
    return not stamp.is_file() or stamp.read_text() != key


def wheels(work: Path) -> list[Path]:
    """Return the wheels that come from the lock, and those that JupyterLite's kernel carries."""
    text = LOCK.read_text(encoding="utf-8")
    key = digest(LOCK, *FROM_LOCK)
    folder = work / "wheels"
    if is_new(folder / ".made", key):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        wanted = [re.search(rf"(?ms)^{name}==.*?(?=^\S|\Z)", text) for name in FROM_LOCK]
        (folder / "requirements.txt").write_text(
            "".join(found[0] for found in wanted if found), encoding="utf-8"
        )
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
        ]
        command += ["--require-hashes", "--only-binary", ":all:", "--implementation", "py", "--abi", "none"]
        command += ["--platform", "any", "--python-version", "3.12", "--dest", str(folder)]
        command += ["--requirement", str(folder / "requirements.txt")]
        done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise pyodide.PyodideError(
                f"The packages of the explorables could not be fetched:\n{done.stdout}"
            )
        (folder / ".made").write_text(key)
    carried = ENVIRONMENT / "share" / "jupyter" / "labextensions" / app.KERNEL / "static" / "pypi"
    return sorted(
        [*folder.glob("*.whl"), *(w for name in FROM_KERNEL for w in carried.glob(f"{name}-*.whl"))]
    )


def lazy(official: dict[str, Any]) -> dict[str, Any]:
    """Return the entries of the packages that are loaded when they are imported, and of what only they need."""
    chosen: dict[str, Any] = {}
    waiting = list(SETTINGS["lazy"])
    boot = {"numpy"}
    while waiting:
        name = waiting.pop()
        if name not in chosen and name not in boot:
            entry = dict(official["packages"][name])
            entry["depends"] = [other for other in entry["depends"] if other not in boot]
            waiting += entry["depends"]
            chosen[name] = entry
    return dict(sorted(chosen.items()))


def run_bundler(task: dict[str, Any], source: Path, out: Path) -> None:
    """Run bundle.mjs."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / "task.json").write_text(json.dumps(task), encoding="utf-8")
    node.run(HERE / "bundle.mjs", source, out, HERE / "bundle.py", out / "task.json", cwd=out)


def packages(source: Path, work: Path) -> Path:
    """Pack what every notebook starts with into one bundle, and compile the packages that are loaded on import."""
    official = json.loads((source / "pyodide-lock.json").read_text(encoding="utf-8"))
    entries = lazy(official)
    later = {entry["file_name"] for entry in entries.values()}
    first = [source / name for name in pyodide.LIST["packages"] if name not in later]
    parts = [*first, *wheels(work)]
    key = digest(
        HERE / "build.py",
        HERE / "bundle.py",
        HERE / "bundle.mjs",
        HERE / "packages.json",
        HERE / "pyodide.json",
        *parts,
    )
    out = work / "packages"
    if is_new(out / ".made", key):
        task = {
            "skip": SETTINGS["skip"],
            "patches": SETTINGS["patches"],
            "bundles": {"packages.bin": {"wheels": [str(p) for p in parts], "files": []}},
            "wheels": [str(source / name) for name in sorted(later)],
        }
        run_bundler(task, source, out)
        for entry in entries.values():
            entry["sha256"] = hashlib.sha256((out / entry["file_name"]).read_bytes()).hexdigest()
        lock = {"info": official["info"], "packages": entries}
        (out / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")
        (out / ".made").write_text(key)
    return out


def own_package(source: Path, work: Path, nnlib: Path) -> Path:
    """Pack nnlib."""
    version = re.search(r'(?m)^__version__ = "(.+)"', (nnlib / "__init__.py").read_text(encoding="utf-8"))
    assert version is not None
    key = digest(HERE / "build.py", HERE / "bundle.py", HERE / "bundle.mjs", nnlib)
    out = work / "nnlib"
    if is_new(out / ".made", key):
        info = work / "METADATA"
        info.write_text(f"Metadata-Version: 2.1\nName: nnlib\nVersion: {version[1]}\n", encoding="utf-8")
        files = [
            (p.relative_to(nnlib.parent).as_posix(), str(p))
            for p in sorted(nnlib.rglob("*"))
            if p.is_file() and "__pycache__" not in p.parts
        ]
        files.append((f"nnlib-{version[1]}.dist-info/METADATA", str(info)))
        task = {
            "skip": ["^$"],
            "patches": [],
            "bundles": {"nnlib.bin": {"wheels": [], "files": files}},
            "wheels": [],
        }
        run_bundler(task, source, out)
        (out / ".made").write_text(key)
    return out


def marked(names: Iterable[str], folder: Path) -> dict[str, str]:
    """Return each file's name with its hash behind it, so that a browser keeps what has not changed and no more."""
    return {name: f"{name}?{hashlib.sha256((folder / name).read_bytes()).hexdigest()[:10]}" for name in names}


def assemble(source: Path, work: Path, site: Path, nnlib: Path, notebooks: Path) -> None:
    """Write the folder of the site."""
    parts = [packages(source, work), own_package(source, work, nnlib)]
    built = app.build(PYTHON, notebooks, work / "app")
    app.trim(built)
    worker = app.start_early(built)
    folder = built / "pyodide"
    folder.mkdir()
    for name in KEPT:
        shutil.copy2(source / name, folder / name)
    for name in PACKED:
        (folder / name).write_bytes(gzip.compress((source / name).read_bytes(), 9, mtime=0))
    for part in parts:
        for file in part.iterdir():
            if file.suffix in (".bin", ".whl", ".zip") or file.name == "pyodide-lock.json":
                shutil.copy2(file, folder / file.name)
    files = marked([*KEPT, *PACKED, "packages.bin", "nnlib.bin", "pyodide-lock.json"], folder)
    boot = (HERE / "boot.js").read_text(encoding="utf-8")
    boot = app.once(boot, "const FILES = {};", f"const FILES = {json.dumps(files)};", HERE / "boot.js")
    bins = json.dumps(["packages.bin", "nnlib.bin"])
    boot = app.once(boot, "const PARTS = [];", f"const PARTS = {bins};", HERE / "boot.js")
    (folder / "boot.js").write_text(boot, encoding="utf-8")
    start = (HERE / "start.js").read_text(encoding="utf-8")
    start = app.once(start, 'const WORKER = "";', f"const WORKER = {json.dumps(worker)};", HERE / "start.js")
    (folder / "start.js").write_text(start, encoding="utf-8")
    shutil.copy2(HERE / "notice.css", folder)
    shutil.rmtree(site, ignore_errors=True)
    site.parent.mkdir(parents=True, exist_ok=True)
    built.rename(site)


def build(root: Path, notebooks: Path, site: Path) -> bool:
    """Build Python for the browser into the folder `site`, unless it is up to date; True when something was done.

    Parameters
    ----------
    root : Path
        The folder of the book; nnlib is taken from it.
    notebooks : Path
        The notebooks, as JupyterLite shows them.
    site : Path
        The folder in the site, ``_build/html/lite``.

    Raises
    ------
    RuntimeError
        When something can't be had, or is not as it should be; the message says what to do.
    """
    if not PYTHON.is_file():
        raise pyodide.PyodideError("JupyterLite is not installed. 'make book' installs it.")
    key = digest(HERE, LOCK, root / "nnlib", notebooks)
    if not is_new(site / ".made", key):
        return False
    assemble(pyodide.fetch(), root / "_build" / "lite", site, root / "nnlib", notebooks)
    (site / ".made").write_text(key)
    return True
