"""Pyodide's files are believed for their hashes alone, wherever they come from."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from website.lite import pyodide

FILES = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("core.js", "numpy.whl")}


class Source:
    """A source that holds some files, right or wrong, and notes what it was asked for."""

    def __init__(self, **content: bytes) -> None:
        self.content = {name.replace("_", "."): data for name, data in content.items()}
        self.asked: list[list[str]] = []

    def __call__(self, names: Iterable[str], folder: Path) -> None:
        self.asked.append(list(names))
        for name in names:
            if name in self.content:
                (folder / name).write_bytes(self.content[name])


RIGHT = {"core_js": b"core.js", "numpy_whl": b"numpy.whl"}


def test_each_file_comes_from_the_first_source_that_has_it(tmp_path: Path) -> None:
    first, second, third = Source(core_js=b"core.js"), Source(**RIGHT), Source(**RIGHT)
    sources = [("first", first), ("second", second), ("third", third)]
    pyodide.fetch(tmp_path, FILES, sources)
    assert {p.name for p in tmp_path.iterdir()} == set(FILES)
    assert (first.asked, second.asked, third.asked) == ([[*FILES]], [["numpy.whl"]], [])
    pyodide.fetch(tmp_path, FILES, sources)
    assert len(first.asked) == 1, "the cache is the first source of all"


@pytest.mark.parametrize("position", range(3))
def test_a_wrong_hash_is_refused_whatever_the_source(tmp_path: Path, position: int) -> None:
    sources = [(f"source {i}", Source(core_js=b"core.js")) for i in range(3)]
    sources[position] = ("the liar", Source(core_js=b"core.js", numpy_whl=b"something else"))
    with pytest.raises(pyodide.PyodideError) as refused:
        pyodide.fetch(tmp_path, FILES, sources)
    assert "the liar: numpy.whl has another hash than the list says, and was refused" in str(refused.value)
    assert "name it in PYODIDE_DIR" in str(refused.value)
    assert not (tmp_path / "numpy.whl").exists()


def test_a_cached_file_that_has_changed_is_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "core.js").write_bytes(b"tampered")
    pyodide.fetch(tmp_path, FILES, [("only", Source(**RIGHT))])
    assert (tmp_path / "core.js").read_bytes() == b"core.js"


def test_a_source_that_breaks_is_named_and_the_next_is_asked(tmp_path: Path) -> None:
    def broken(names: Iterable[str], folder: Path) -> None:
        raise OSError("no route to host")

    pyodide.fetch(tmp_path / "a", FILES, [("far", broken), ("near", Source(**RIGHT))])
    with pytest.raises(pyodide.PyodideError, match=r"(?s)2 of its 2 files.*far: no route to host"):
        pyodide.fetch(tmp_path / "b", FILES, [("far", broken)])


def test_the_folder_that_pyodide_dir_names_is_a_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "named").mkdir()
    for name in FILES:
        (tmp_path / "named" / name).write_text(name)
    monkeypatch.setenv("PYODIDE_DIR", str(tmp_path / "named"))
    pyodide.fetch(tmp_path / "cache", FILES, [("PYODIDE_DIR", pyodide.local)])
    assert {p.name for p in (tmp_path / "cache").iterdir()} == set(FILES)


def test_the_sources_are_asked_in_the_documented_order() -> None:
    assert [source for _, source in pyodide.SOURCES] == [
        pyodide.local,
        pyodide.npm,
        pyodide.server,
        pyodide.carrier,
    ]


def test_the_list_is_that_of_the_official_lock_file() -> None:
    folder = pyodide.cache()
    if not all((folder / name).is_file() for name in pyodide.FILES):
        pytest.skip("Pyodide's files are not on this machine")
    official = json.loads((folder / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    hashes = {entry["file_name"]: entry["sha256"] for entry in official.values()}
    listed = pyodide.LIST["packages"]
    assert {name: hashes[name] for name in listed} == listed
    wheels = [name for name in listed if name.endswith(".whl")]
    assert all(zipfile.is_zipfile(folder / name) for name in wheels)
