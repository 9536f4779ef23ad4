"""The front end of the site: what a page loads, built from npm packages that package-lock.json pins."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
from pathlib import Path

from website import node

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"


def _digest(files: list[Path]) -> str:
    h = hashlib.sha256()
    for file in files:
        h.update(file.name.encode())
        h.update(file.read_bytes())
    return h.hexdigest()


def _up_to_date(stamp: Path, digest: str) -> bool:
    return stamp.is_file() and stamp.read_text() == digest


def install() -> bool:
    """Install the npm packages that the lock names, unless they are there; True when something was done."""
    digest = _digest([HERE / "package.json", HERE / "package-lock.json"])
    stamp = MODULES / ".installed"
    if _up_to_date(stamp, digest):
        return False
    node.run(node.NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=HERE)
    stamp.write_text(digest)
    return True


def build(out: Path) -> bool:
    """Bundle scripts, styles, fonts and icons into `out`, unless they are up to date; True when something was done."""
    explorables = HERE.parent.parent / "nnlib" / "explorables"
    spec = importlib.util.find_spec("anywidget")
    assert spec is not None
    assert spec.origin is not None
    anywidget = Path(spec.origin).parent / "nbextension" / "index.js"
    sources = [
        p for p in sorted(HERE.rglob("*")) if p.is_file() and MODULES not in p.parents and p.suffix != ".pyc"
    ]
    sources += [*sorted(explorables.glob("*.js")), *sorted(explorables.glob("*.css")), anywidget]
    digest = _digest(sources)
    stamp = out / ".built"
    if _up_to_date(stamp, digest):
        return False
    node.run("build.mjs", out, anywidget, explorables, cwd=HERE)
    stamp.write_text(digest)
    return True


def clean() -> None:
    """Remove the installed npm packages."""
    shutil.rmtree(MODULES, ignore_errors=True)
