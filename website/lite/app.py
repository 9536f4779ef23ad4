"""Builds JupyterLite, the notebook's page, and makes it start Python early; every change is asserted."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
KERNEL = "@jupyterlite/pyodide-kernel-extension"
# What the kernel would install one after the other, and finds in place.
IN_PLACE = ["micropip", "piplite", "ssl", "sqlite3", "ipykernel", "comm", "pyodide_kernel", "jedi", "ipython"]
CONFIG = {
    "LiteBuildConfig": {
        "contents": ["files"],
        "apps": ["notebooks", "tree", "edit", "lab"],
        "no_sourcemaps": True,
    }
}
LITE = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {
        "appName": "Neural networks, by hand",
        "enableMemoryStorage": True,
        "exposeAppInBrowser": True,  # the tests run cells through it
        "litePluginSettings": {
            f"{KERNEL}:kernel": {
                "pyodideUrl": "./pyodide/boot.js",
                "disablePyPIFallback": True,
                "loadPyodideOptions": {"packages": IN_PLACE},
            }
        },
    },
}
OVERRIDES = {
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
}

# In the kernel's script, what stands there and what must stand there: the page gives the worker, and hears of a failure.
WORKER = re.compile(r"new Worker\((new URL\(n\.p\+n\.u\(\d+\),n\.b\)),\{type:void 0\}\)")
FAILED = '.catch((e=>{this._logger({payload:{type:"text",level:"critical",data:e.message}'


class AppError(RuntimeError):
    """JupyterLite did not build, or is not the one that this project knows."""


def build(python: Path, notebooks: Path, work: Path, *, plain: bool = False) -> Path:
    """Build JupyterLite with the notebooks of a folder and return where it is; `plain` leaves it as it comes."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    shutil.copytree(notebooks, work / "files")
    for name, content in [("jupyter_lite_config", CONFIG), ("jupyter-lite", LITE), ("overrides", OVERRIDES)]:
        if plain and name == "jupyter-lite":
            content = json.loads(json.dumps(LITE))
            settings = content["jupyter-config-data"]["litePluginSettings"][f"{KERNEL}:kernel"]
            settings.update(pyodideUrl="./pyodide/pyodide.js", loadPyodideOptions={})
        (work / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "JUPYTER"))}
    done = subprocess.run(
        [python, "-m", "jupyterlite_core", "build", "--output-dir", "out"],
        cwd=work,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        raise AppError(f"JupyterLite did not build:\n{done.stdout}")
    return work / "out"


def trim(out: Path) -> None:
    """Remove what no notebook of the course needs: icon fonts for old browsers, and two ways to lay out Mermaid diagrams."""
    for file in (out / "build").glob("fa-*"):
        if file.suffix in (".eot", ".svg", ".ttf", ".woff"):
            file.unlink()
    for mark in (b"org.eclipse.elk.alg", b"cytoscape.use"):
        layouts = [file for file in (out / "build").glob("*.js") if mark in file.read_bytes()]
        if len(layouts) != 1:
            raise AppError(
                f"The layout {mark!r} of Mermaid diagrams is not where website/lite/app.py looks for it."
            )
        layouts[0].unlink()


def once(text: str, found: str, instead: str, where: Path) -> str:
    """Replace what must stand in a text exactly once."""
    if text.count(found) != 1:
        raise AppError(
            f"{where.name} does not hold {found!r} once: website/lite/app.py knows another version."
        )
    return text.replace(found, instead)


def start_early(out: Path) -> str:
    """Let the page start Python, and return the address of the kernel's own worker, below `out`."""
    folder = out / "extensions" / KERNEL / "static"
    found = [
        (file, text)
        for file in folder.glob("*.js")
        if WORKER.search(text := file.read_text(encoding="utf-8"))
    ]
    if len(found) != 1:
        raise AppError("The kernel's script is not the one that website/lite/app.py knows.")
    file, text = found[0]
    text, count = WORKER.subn(r"globalThis.nnKernel.worker(\1.href)", text)
    if count != 2:
        raise AppError(f"{file.name} makes its workers otherwise than website/lite/app.py knows.")
    text = once(
        text, FAILED, FAILED.replace("{this._logger", "{globalThis.nnKernel.failed(e);this._logger"), file
    )
    file.write_text(text, encoding="utf-8")
    for page in out.glob("*/index.html"):
        shutil.copy2(out / "jupyter-lite.ipynb", page.parent)  # the page asks for one in its own folder, too
        html = once(
            page.read_text(encoding="utf-8"),
            '<meta charset="utf-8" />',
            '<meta charset="utf-8" />\n    <link rel="stylesheet" href="../pyodide/notice.css" />'
            '\n    <script src="../pyodide/start.js"></script>',
            page,
        )
        page.write_text(html, encoding="utf-8")
    numbers = re.findall(r"n\.u\((\d+)\)", text[text.index("crossOriginIsolated?") :])
    workers = list(folder.glob(f"{numbers[1]}.*.js"))
    if len(workers) != 1:
        raise AppError(
            f"The worker {numbers[1]} of the kernel is not where website/lite/app.py looks for it."
        )
    return workers[0].relative_to(out).as_posix()
