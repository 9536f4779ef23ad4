"""Runs mutants: which test reaches which line, and whether one fails. Needs `os.fork`, so Linux or macOS."""

from __future__ import annotations

import importlib.abc
import importlib.util
import inspect
import itertools
import os
import pickle
import signal
import sys
import time
import traceback
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import coverage
import hypothesis
import hypothesis.extra.numpy
import numpy  # noqa: F401 (all that a child needs is loaded here once, except for nnlib itself)
import pytest

from .changes import Mutant

SECONDS = 120  # what hangs is killed
TESTS = (
    "autodiff/test_table.py",
    "autodiff/test_kinks.py",
    "autodiff/test_tensor.py",
    "autodiff/test_nesting.py",
    "test_activations.py",
    "test_losses.py",
    "test_layers.py",
)

Case = tuple[str, Callable[[], Any]]


class Bench:
    """The tests, how long each takes, and the lines that it reaches, measured once on the unchanged package."""

    def __init__(self, root: Path) -> None:
        self.root = root
        sys.path[:0] = [str(root), str(root / "tests/nnlib/autodiff")]
        assert "nnlib" not in sys.modules, "nnlib must not be loaded before its mutants"
        self.seconds, self.reach = in_child(self._survey)

    def try_all(self, mutants: Sequence[Mutant], jobs: int) -> Iterator[tuple[Mutant, bool]]:
        """Each mutant, and whether a test fails."""
        waiting, running = list(reversed(mutants)), {}
        while waiting or running:
            while waiting and len(running) < jobs:
                mutant = waiting.pop()
                running[_start(lambda mutant=mutant: self._judge(mutant))] = mutant
            pid, status = os.wait()
            yield running.pop(pid), status != 0

    def _judge(self, mutant: Mutant) -> None:
        """Fail if a test does: in a child process, which has not loaded nnlib yet."""
        sys.meta_path.insert(0, _Changed(self.root, mutant))
        signal.alarm(SECONDS)
        near = set().union(
            *(self.reach.get((mutant.path, n), ()) for n in range(mutant.line, mutant.last + 1))
        )
        tests = [path for path in TESTS if not near or any(name.startswith(f"{path}:") for name in near)]
        cases = [case for case in _cases(self.root, tests) if not near or case[0] in near]
        for _, run in sorted(cases, key=lambda case: self.seconds.get(case[0], 0.0)):
            run()

    def _survey(self) -> tuple[dict[str, float], dict[tuple[str, int], set[str]]]:
        measure = coverage.Coverage(data_file=None, include=[str(self.root / "nnlib/*")], config_file=False)
        measure.start()
        seconds = {}
        for name, run in _cases(self.root):
            measure.switch_context(name)
            start = time.perf_counter()
            run()
            seconds[name] = time.perf_counter() - start
        measure.stop()
        reach: dict[tuple[str, int], set[str]] = defaultdict(set)
        data = measure.get_data()
        for file in data.measured_files():
            path = Path(file).relative_to(self.root).as_posix()
            for line, names in data.contexts_by_lineno(file).items():
                reach[path, line] |= set(names) - {""}
        return seconds, dict(reach)


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the mutated module in place of the one in the file."""

    def __init__(self, root: Path, mutant: Mutant) -> None:
        self.mutant, self.file = mutant, root / mutant.path
        self.name = mutant.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name == self.name:
            package = [str(self.file.parent)] if self.file.name == "__init__.py" else None
            return importlib.util.spec_from_file_location(
                name, self.file, loader=self, submodule_search_locations=package
            )
        return None

    def exec_module(self, module: Any) -> None:
        exec(compile(self.mutant.changed(), self.file, "exec"), module.__dict__)


# ------------------------------------------------------------------------------- the tests, without their runner
def _cases(root: Path, tests: Sequence[str] = TESTS) -> list[Case]:
    """Every test of these files, once for each of its parameters; of fixtures they may ask for monkeypatch."""
    hypothesis.settings.register_profile("mutation", derandomize=True, deadline=None, database=None)
    hypothesis.settings.load_profile("mutation")
    warnings.simplefilter("error")
    cases: list[Case] = []
    for path in tests:
        count = itertools.count()
        spec = importlib.util.spec_from_file_location(Path(path).stem, root / "tests/nnlib" / path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, test in vars(module).items():
            if name.startswith("test_") and callable(test):
                for parameters in _parameters(test):
                    wanted = _wants(test) - set(parameters)
                    if wanted <= {"monkeypatch"}:
                        cases.append(
                            (
                                f"{path}:{name}:{next(count)}",
                                lambda t=test, p=parameters, w=wanted: _run(t, p, w),
                            )
                        )
    return cases


def _run(test: Callable[..., None], parameters: dict[str, Any], wanted: set[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        test(**parameters, **dict.fromkeys(wanted, patch))


def _parameters(test: Any) -> Iterator[dict[str, Any]]:
    """What pytest's parametrize marks give to the test."""
    marks = [m for m in getattr(test, "pytestmark", []) if m.name == "parametrize"]
    for choice in itertools.product(*(_values(*m.args[:2]) for m in marks)):
        yield {name: value for part in choice for name, value in part.items()}


def _values(names: Any, values: Iterable[Any]) -> list[dict[str, Any]]:
    names = [n.strip() for n in names.split(",")] if isinstance(names, str) else list(names)
    out = []
    for value in values:
        row = (
            value.values
            if isinstance(value, type(pytest.param()))
            else (value,)
            if len(names) == 1
            else value
        )
        out.append(dict(zip(names, row, strict=True)))
    return out


def _wants(test: Any) -> set[str]:
    """The arguments that hypothesis does not draw."""
    return set(inspect.signature(test).parameters)


# --------------------------------------------------------------------------------------------------- processes
def _start(work: Callable[[], Any]) -> int:
    """Run `work` in a fork of this process, in silence; its status is 0 if nothing is raised."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        work()
    except BaseException:
        os._exit(1)
    os._exit(0)


def in_child(work: Callable[[], Any]) -> Any:
    """What `work` returns, from a fork of this process."""
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            with os.fdopen(write, "wb") as pipe:
                pickle.dump(work(), pipe)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        data = pipe.read()
    if os.waitpid(pid, 0)[1]:
        raise SystemExit("the tests fail on the unchanged package, so there is nothing to learn from mutants")
    return pickle.loads(data)
