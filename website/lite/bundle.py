"""Runs in Pyodide (see bundle.mjs): reads wheels and folders, and gives what a browser needs of them.

``task["bundles"]`` names bundles, ``{"name": {"wheels": [...], "files": [[path, file], ...]}}``, which start with Python;
``task["wheels"]`` names wheels, which are loaded when they are imported. Modules become byte code, so that no reader's
browser has to compile them. What only tests, compilers and type checkers read is left out.
"""

# ruff: noqa: F821  (TASK and read are set by bundle.mjs)

import importlib._bootstrap_external as external
import io
import json
import re
import zipfile
from collections.abc import Iterator

task = json.loads(TASK)

ROOT = "/lib/python3.12/site-packages/"
SKIP = re.compile("|".join(task["skip"]))
INFO = re.compile(r"METADATA|entry_points\.txt|(licenses/.*)?(LICEN[CS]E|COPYING|NOTICE)[^/]*")
patched: set[str] = set()


def compiled(name: str, source: bytes) -> bytes:
    """Return the byte code of a module; it is believed without a look at its source."""
    code = compile(source, ROOT + name, "exec", dont_inherit=True)
    return bytes(
        external._code_to_hash_pyc(code, external._imp.source_hash(external._RAW_MAGIC_NUMBER, source), False)
    )


def changed(name: str, content: bytes) -> bytes:
    """Return a file with the patches that name it."""
    for path, found, instead in task["patches"]:
        if path == name:
            if content.count(found.encode()) != 1:
                raise SystemExit(f"{name} does not hold {found!r} once: adapt website/lite/packages.json")
            content = content.replace(found.encode(), instead.encode())
            patched.add(path)
    return content


def of_wheel(wheel: str, *, as_loaded: bool) -> Iterator[tuple[str, bytes]]:
    """Give the files of a wheel that a browser needs; `as_loaded` lets Pyodide believe that it loaded them itself."""
    with zipfile.ZipFile(io.BytesIO(read(wheel).to_py())) as archive:
        for info in sorted(archive.infolist(), key=lambda info: info.filename):
            name = info.filename
            folder, _, rest = name.partition("/")
            if info.is_dir():
                continue
            if folder.endswith(".dist-info"):
                if INFO.fullmatch(rest):
                    content = archive.read(info)
                    # The long description is for a web page.
                    yield name, content.partition(b"\n\n")[0] + b"\n" if rest == "METADATA" else content
                if rest == "METADATA" and as_loaded:
                    yield f"{folder}/INSTALLER", b"pyodide.loadPackage\n"
                    yield f"{folder}/PYODIDE_SOURCE", b"pyodide\n"
                if rest == "WHEEL" and not as_loaded:
                    yield name, archive.read(info)
            elif not SKIP.search(name):
                content = changed(name, archive.read(info))
                yield (name + "c", compiled(name, content)) if name.endswith(".py") else (name, content)


def of_files(files: list[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """Give files as they are; modules also as byte code beside their source, which readers may look at."""
    for name, file in files:
        content = read(file).to_py().tobytes()
        yield name, content
        if name.endswith(".py"):
            folder, _, module = name.rpartition("/")
            yield (
                f"{folder}/__pycache__/{module.removesuffix('.py')}.cpython-312.pyc",
                compiled(name, content),
            )


def wheel_of(files: Iterator[tuple[str, bytes]]) -> bytes:
    """Return a wheel of these files; the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


bundles = {
    name: [
        *(entry for wheel in parts["wheels"] for entry in of_wheel(wheel, as_loaded=True)),
        *of_files(parts["files"]),
    ]
    for name, parts in task["bundles"].items()
}
wheels = {w.rpartition("/")[2]: wheel_of(of_wheel(w, as_loaded=False)) for w in task["wheels"]}
if unused := {path for path, _, _ in task["patches"]} - patched:
    raise SystemExit(f"{sorted(unused)} are not among the packages: adapt website/lite/packages.json")
