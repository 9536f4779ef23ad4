"""Builds the site, step by step, into _build/html; each step says what it does and how long it took."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from website import execute, frontend, launch, notebooks, offline, problems
from website.lite import build as lite
from website.markdown.source import BookError, load_book


class BuildError(Exception):
    """A step failed; the message is for the author of the page."""


@contextmanager
def step(number: int, text: str) -> Iterator[None]:
    """Announce a step, and say how long it took."""
    print(f"[{number}/{len(STEPS)}] {text}", flush=True)
    begin = time.perf_counter()
    yield
    print(f"      done in {time.perf_counter() - begin:.1f} s", flush=True)


def packages(root: Path) -> None:
    """Install the npm packages."""
    frontend.install()


def assets(root: Path) -> None:
    """Bundle scripts and styles."""
    frontend.build(root / "_build" / "assets")


def exercises(root: Path) -> None:
    """Write the release notebooks of the exercises."""
    run([sys.executable, "-m", "grader", "release", "--out", str(root / "_build" / "exercises")], root)


def run_chapters(root: Path) -> None:
    """Run every chapter whose code, or nnlib, has changed."""
    # On a new machine matplotlib lists the fonts first, and says so on stderr; a chapter may write nothing there.
    importlib.import_module("matplotlib.font_manager")
    report = execute.execute_book(root)
    if not report.ok:
        raise BuildError(
            f"{report.summary()}\n"
            "The site was not built: mend the cells named above, then run 'make book' again."
        )


def pages(root: Path) -> None:
    """Let Jupyter Book write the pages; its warnings are errors."""
    program = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", program, "build", str(root), "-W", "-n", "--keep-going", "-q"]
    done = subprocess.run(
        command,
        cwd=root,
        env=environment(root),
        text=True,
        encoding="utf-8",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        # A page that Sphinx has read is not read again, and would not be warned about again.
        shutil.rmtree(root / "_build" / ".doctrees", ignore_errors=True)
        raise BuildError(problems.report(done.stdout, root))


def student_notebooks(root: Path) -> None:
    """Write the notebooks for each place. What a notebook can't hold, the pages may name better, and all at once."""
    try:
        _write_notebooks(root)
    except BookError:
        pages(root)
        raise


def _write_notebooks(root: Path) -> None:
    """Write the notebooks as each place runs them: for the site's downloads, for the browser, and for Colab and Binder."""
    released = root / "_build" / "exercises"
    entries = json.loads((released / "index.json").read_text(encoding="utf-8"))["exercises"]
    for place, out in (
        ("computer", root / "_build" / "html" / "notebooks"),
        ("browser", root / "_build" / "notebooks" / "browser"),
        ("colab", root / "_build" / "notebooks" / "colab"),
    ):
        shutil.rmtree(out, ignore_errors=True)
        notebooks.write_all(root, out, place=place)
        (out / "exercises").mkdir(parents=True, exist_ok=True)
        for entry in entries:
            notebooks.write_exercise(released / entry["file"], out / "exercises" / entry["file"], place=place)
        if place != "browser":
            requirement = launch.Launch.of(load_book(root).config).requirement
            (out / "requirements.txt").write_text(f"{requirement}\n", encoding="utf-8")


def python_in_the_browser(root: Path) -> None:
    """Build JupyterLite with the notebooks in it. A site without it has no "Run in the browser", and says so."""
    site = root / "_build" / "html" / "lite"
    if os.environ.get("WITHOUT_LITE"):
        shutil.rmtree(site, ignore_errors=True)
        print("      left out, as WITHOUT_LITE says")
        return
    try:
        lite.build(root, root / "_build" / "notebooks" / "browser", site)
    except RuntimeError as error:
        shutil.rmtree(site, ignore_errors=True)
        if os.environ.get("REQUIRE_LITE"):
            raise
        print(
            f"{error}\nThe site is built without it: its pages offer no Python in the browser.",
            file=sys.stderr,
        )


def downloads(root: Path) -> None:
    """Pack the whole site, and all notebooks, for readers without a network."""
    site = root / "_build" / "html"
    offline.pack(site, site / "downloads", load_book(root).config["title"])


def environment(root: Path) -> dict[str, str]:
    """Return the environment of a command: it imports the nnlib of the book, and all else from this project."""
    here = Path(__file__).resolve().parents[1]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (root, here))), "PYTHONUTF8": "1"}


def run(command: list[str], root: Path) -> None:
    """Run a command of this project and pass on what it prints.

    Raises
    ------
    BuildError
        When it fails.
    """
    done = subprocess.run(command, cwd=root, env=environment(root))
    if done.returncode:
        raise BuildError(f"The command above failed: {' '.join(command[1:])}")


STEPS: list[tuple[str, Callable[[Path], None]]] = [
    ("Front-end packages", packages),
    ("Scripts, styles, fonts", assets),
    ("Exercises", exercises),
    ("Running the chapters", run_chapters),
    ("Student notebooks", student_notebooks),
    ("Python in the browser", python_in_the_browser),
    ("Writing the pages", pages),
    ("Downloads", downloads),
]


def build(root: Path) -> Path:
    """Build the whole site and return the folder it is in.

    Raises
    ------
    BuildError
        When a step fails; what went wrong has been printed.
    """
    for number, (text, action) in enumerate(STEPS, 1):
        with step(number, text):
            try:
                action(root)
            except (BookError, RuntimeError) as error:
                raise BuildError(str(error)) from error
    return root / "_build" / "html"
