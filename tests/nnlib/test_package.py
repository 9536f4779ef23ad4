"""The package as a whole: what it exports, what it loads, and that it says so."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import nnlib

PUBLIC = [name for name in nnlib.__all__ if name != "explorables"]


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_documented(name):
    thing = getattr(nnlib, name)
    assert inspect.getdoc(thing)
    if inspect.isclass(thing):
        for method, value in inspect.getmembers(thing, inspect.isfunction):
            assert method.startswith("_") or inspect.getdoc(value), f"{name}.{method}"


def test_dir_and_unknown_names():
    assert set(nnlib.__all__) <= set(dir(nnlib))
    with pytest.raises(AttributeError, match="module 'nnlib' has no attribute 'percepton'"):
        nnlib.percepton  # noqa: B018


def test_the_import_loads_numpy_alone():
    code = (
        "import sys, numpy; before = {m.split('.')[0] for m in sys.modules}; import nnlib;"
        "after = {m.split('.')[0] for m in sys.modules} - before - set(sys.stdlib_module_names);"
        "assert after == {'nnlib'}, after;"
        "nnlib.plot; assert 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ["dual.Dual", "optim.Adam", "scalar.Value"])
def test_modules_need_no_import_of_their_own(name):
    subprocess.run([sys.executable, "-c", f"import nnlib; nnlib.{name}"], check=True)


def test_types_are_shipped():
    assert Path(nnlib.__file__).with_name("py.typed").is_file()
    assert nnlib.__version__
