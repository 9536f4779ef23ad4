"""Runs inside the sandbox and holds a student's code. The judge believes nothing that comes from here.

The first process never runs a student's code. It runs the exercise's given cells once; for each submission it
forks a worker, which runs the student's cells. A worker forks a branch of itself for each graded cell: what a
test does to the student's functions is gone with its branch.

Imports the standard library, NumPy, ``wire`` and ``checks`` alone: nothing else of the course is in the sandbox.
"""

from __future__ import annotations

import ast
import ctypes
import gc
import importlib.abc
import importlib.machinery
import itertools
import json
import operator
import os
import random
import resource
import signal
import socket
import struct
import sys
import time
import traceback
import types
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.random  # here, so that no worker pays for it again

from grader import checks, wire

SIZE: Final = struct.Struct(">I")
ENDED: Final = 87  # how a branch exits that was told to
MAGIC: Final = ("%", "!", "?")
RUNNABLE: Final = ("%%time", "%%timeit", "%%capture", "%%prun")  # cell magics whose body is Python
MAX_MAGICS: Final = 200
# What a notebook may import at its head though it isn't here. The import works; the first use says why not.
ABSENT: Final = frozenset(
    (
        "IPython",
        "anywidget",
        "ipywidgets",
        "jupyter",
        "matplotlib",
        "nnlib",
        "pandas",
        "plotly",
        "scipy",
        "seaborn",
        "sklearn",
        "tqdm",
    )
)
OPERATORS: Final = (
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "getitem",
    "setitem",
    "neg",
    "pos",
    "abs",
)
PR_SET_DUMPABLE: Final = 4
PATIENCE: Final = 0.5  # seconds for a worker that was told to end


class Absent(types.ModuleType):
    """A package that is not in the sandbox."""

    __all__ = ()
    __path__ = []  # noqa: RUF012 -- as a module has it

    def __getattr__(self, name: str) -> Absent:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self.__name__}.{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Say that it is absent."""
        raise ModuleNotFoundError(f"{self.__name__} is not there while grading: use NumPy alone")


class AbsentFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the packages that are absent."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Give a spec for an absent package and all below it."""
        if name.partition(".")[0] not in ABSENT:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Make the stand-in."""
        return Absent(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Leave it empty."""


class Notebook:
    """What ``get_ipython()`` gives: it takes any call and does nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args, **kwargs: None


def python_of(source: str, label: str) -> ast.Module:
    """Parse a cell. Where the parser stops at a line that is IPython's, it becomes ``pass``, and we try again.

    The parser tells where: a ``%`` inside a text or an expression is left alone, and lines keep their numbers.
    """
    first = source.lstrip().split(maxsplit=1)[:1]
    if first and first[0].startswith("%%") and first[0] not in RUNNABLE:
        return ast.Module([], [])
    lines = source.split("\n")
    for _ in range(MAX_MAGICS):
        try:
            return ast.parse("\n".join(lines), label)
        except SyntaxError as error:
            at = (error.lineno or 0) - 1
            line = lines[at].strip() if 0 <= at < len(lines) else ""
            right_side = line.partition("=")[2].lstrip()
            if not (line.startswith(MAGIC) or line.endswith("?") or right_side.startswith(MAGIC)):
                raise
            lines[at] = lines[at][: len(lines[at]) - len(lines[at].lstrip())] + "pass"
    raise SyntaxError("too many notebook commands in this cell")


class Given:
    """The exercise's given cells: run once here, and again where a student's notebook has them."""

    def __init__(self, cells: Sequence[tuple[str, str]]) -> None:
        self._codes: dict[str, types.CodeType] = {}
        self.space: dict[str, Any] = {"__name__": "__main__", **toolbox()}
        for name, source in cells:
            self._codes[name] = compile(source, f"<given {name}>", "exec", dont_inherit=True)
            exec(self._codes[name], self.space)

    def run(self, name: str, space: dict[str, Any]) -> None:
        """Run one given cell in a student's names. The one with the checks is a known module."""
        if name in self._codes:
            exec(self._codes[name], space)
        else:
            space |= toolbox()


def toolbox() -> dict[str, Any]:
    """Give the names that the cell with the checks brings."""
    return {name: value for name, value in vars(checks).items() if not name.startswith("__")}


class Worker:
    """Answers the judge's requests in one namespace, which stands for the notebook's."""

    def __init__(self, channel: wire.Channel, given: Given) -> None:
        self._channel, self._given = channel, given
        self._objects: dict[int, object] = {}
        self._numbers = itertools.count(1)
        self._space: dict[str, Any] = {
            **given.space,
            "get_ipython": Notebook,
            "display": lambda *args, **kwargs: None,
        }
        self._operations: dict[str, Callable[..., Any]] = {
            "run": self._run,
            "given": self._run_given,
            "ready": self._ready,
            "getattr": getattr,
            "setattr": setattr,
            "len": len,
            "isinstance": isinstance,
            "value": lambda item: item,
            **{name: getattr(operator, name) for name in OPERATORS},
        }

    def serve(self) -> None:
        """Answer until the judge ends this branch, or goes away."""
        self._channel.send({"ok": None})
        while True:
            header, body = self._channel.receive()
            if "end" in header:
                os._exit(ENDED)
            elif "branch" in header:
                self._branch()
            else:
                self._answer(header, body)

    def _branch(self) -> None:
        """Let a copy answer. When it was told to end, go on where it began; if it died, die too."""
        gc.freeze()  # a collection in the branch would touch, and so copy, every page
        try:
            pid = os.fork()
        except OSError:
            os._exit(1)
        if pid and os.waitpid(pid, 0)[1] != ENDED << 8:
            os._exit(1)
        self._channel.send({"ok": None})

    def _answer(self, header: dict[str, Any], body: memoryview) -> None:
        try:
            for number in header["drop"]:
                self._objects.pop(number, None)
            decoder = wire.Decoder(body, self._resolve)
            function = decoder.node(header["call"])
            args = [decoder.node(node) for node in header["args"]]
            kwargs = {name: decoder.node(node) for name, node in header["kwargs"].items()}
            result = function(*args, **kwargs)
            encoder = wire.Encoder(self._refer)
            reply = {"ok": encoder.node(result)}
            if header["trace"]:
                reply["after"] = [encoder.node(arg) for arg in args]
            self._channel.send(reply, encoder.body)
        except wire.WireError:
            raise
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: the judge wants an answer
            self._channel.send({"error": describe(error)})

    def _run(self, source: str, label: str, definitions_only: bool) -> None:
        tree = python_of(source, label)
        if definitions_only:
            tree.body = [node for node in tree.body if _defines(node)]
        exec(compile(tree, label, "exec", dont_inherit=True), self._space)

    def _run_given(self, name: str) -> None:
        self._given.run(name, self._space)

    def _ready(self) -> None:
        """Let given functions see what the student's cells define."""
        for name, value in self._space.items():
            self._given.space.setdefault(name, value)

    def _refer(self, value: object) -> wire.Node:
        number = next(self._numbers)
        self._objects[number] = value
        return ["h", number]

    def _resolve(self, tag: str, name: Any) -> object:
        if tag == "h":
            return self._objects[name]
        if tag == "n":
            if name not in self._space:
                raise Undefined(name)
            return self._space[name]
        if tag == "g":
            return self._given.space[name]
        if tag == "u":
            return getattr(np, name)
        return self._operations[name]


def _defines(statement: ast.stmt) -> bool:
    """Tell whether a statement defines something and does next to nothing besides."""
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return not any(isinstance(node, (ast.Call, ast.comprehension)) for node in ast.walk(statement))
    return isinstance(statement, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef))


class Undefined(Exception):  # noqa: N818
    """A name that the student's cells should define."""


def describe(error: BaseException) -> dict[str, Any]:
    """Give the error as data: its name, the built-in errors that it is, its message, and the student's line."""
    label, line = None, None
    if isinstance(error, SyntaxError) and str(error.filename).startswith("<cell"):
        label, line = error.filename, error.lineno
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename.startswith("<cell"):
            label, line = frame.f_code.co_filename, number
    try:
        message = str((error.msg if isinstance(error, SyntaxError) else error) or "")[:500]
    except BaseException:
        message = ""
    kinds = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"]
    name = str(error.args[0]) if isinstance(error, Undefined) else None
    return {
        "kind": type(error).__name__, "kinds": kinds, "message": message,
        "cell": label, "line": line, "undefined": name,
    }  # fmt: skip


def main() -> None:
    """Be the first process: take orders from the judge over standard input, a socket."""
    control = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in range(3):
        os.dup2(nothing, fd)
    os.close(nothing)
    orders = json.loads(_exactly(control, SIZE.unpack(_exactly(control, SIZE.size))[0]))
    for name, value in orders["limits"].items():
        try:
            resource.setrlimit(getattr(resource, "RLIMIT_" + name), (value, value))
        except (ValueError, OSError):
            if orders["alone"]:  # without walls, a system that knows no such limit goes without it
                raise
    if sys.platform == "linux":  # so that no worker may write this process's memory through /proc
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    sys.meta_path.append(AbsentFinder())
    given = Given(orders["given"])
    gc.collect()
    gc.freeze()
    control.sendall(b"r")
    worker = 0
    while True:
        message, fds, _, _ = socket.recv_fds(control, SIZE.size, 2)
        if not message:
            sweep(worker, everything=orders["alone"])
            return
        left = sweep(worker, everything=orders["alone"], patience=0.0 if fds else PATIENCE)
        worker = 0
        if not fds:  # between two submissions: was anything still alive?
            control.sendall(b"d" if left else b"c")
            continue
        worker = os.fork()
        if worker == 0:
            control.close()
            os.setsid()
            seed = SIZE.unpack(message)[0]
            random.seed(seed)
            np.random.seed(seed)
            try:
                Worker(wire.Channel(*fds), given).serve()
            finally:
                os._exit(0)
        for fd in fds:
            os.close(fd)


def sweep(worker: int, *, everything: bool, patience: float = 0.0) -> bool:
    """End whatever the last worker left running. Tell whether anything lived but a worker on its way out.

    In a sandbox everything else here is the student's; without one, the worker's own group has to do.
    """
    if not worker:
        return False
    ended = _ended(worker)
    until = time.monotonic() + patience
    while not ended and time.monotonic() < until:
        time.sleep(0.0005)
        ended = _ended(worker)
    left = not ended
    try:
        while True:
            os.kill(-1, signal.SIGKILL) if everything else os.killpg(worker, signal.SIGKILL)
            left = True
            ended = ended or _ended(worker)
            time.sleep(0.0005)
    except (ProcessLookupError, PermissionError):
        pass
    if not ended:
        os.waitpid(worker, 0)
    return left


def _ended(worker: int) -> bool:
    return os.waitpid(worker, os.WNOHANG)[0] == worker


def _exactly(control: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = control.recv(size - len(data))
        if not piece:
            os._exit(0)
        data += piece
    return data


if __name__ == "__main__":
    main()
