"""Writes the lock files of this folder from the dependency groups of pyproject.toml.

A lock names every package with its version and the hashes of its files, for Python 3.11 to 3.13 on every platform,
and no address of an index: pip takes the one that the machine is set up for.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
GROUPS = ("book", "test")


def lock(group: str) -> None:
    """Write the lock of one dependency group."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
    command += ["--python-version", "3.11", "--no-emit-index-url", "--no-annotate", "--upgrade"]
    command += ["--custom-compile-command", "make lock", "--group", f"pyproject.toml:{group}"]
    command += ["--output-file", f"requirements/{group}.txt"]
    subprocess.run(command, check=True, cwd=HERE.parent)


if __name__ == "__main__":
    for name in GROUPS:
        print(f"requirements/{name}.txt", flush=True)
        lock(name)
