"""Writes the lock files of this folder from the dependency groups of pyproject.toml.

A lock names every package with its version and the hashes of its files, for Python 3.11 to 3.13 on every platform,
and no address of an index: pip takes the one that the machine is set up for.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
GROUPS = ("book", "test", "oracles", "lite")
# PyTorch itself has another file on each platform, and on Linux its index entry asks for gigabytes for graphics cards:
# the Makefile installs its build for the processor. What that build needs stays in the lock.
LEFT_OUT = ("torch", "triton", "cuda-", "nvidia-")


def lock(group: str) -> None:
    """Write the lock of one dependency group."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
    command += ["--python-version", "3.11", "--no-emit-index-url", "--no-annotate", "--upgrade"]
    command += ["--custom-compile-command", "make lock", "--group", f"pyproject.toml:{group}"]
    if group == "oracles":  # the same versions as the environment that it joins
        command += ["--constraint", "requirements/test.txt"]
    command += ["--output-file", f"requirements/{group}.txt"]
    subprocess.run(command, check=True, cwd=HERE.parent)
    file = HERE / f"{group}.txt"
    entries = re.split(r"(?m)^(?=\S)", file.read_text(encoding="utf-8"))
    file.write_text("".join(e for e in entries if not e.startswith(LEFT_OUT)), encoding="utf-8")


if __name__ == "__main__":
    for name in GROUPS:
        print(f"requirements/{name}.txt", flush=True)
        lock(name)
