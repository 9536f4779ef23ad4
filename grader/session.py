"""The judge's side of one submission: its worker, the branches of it, and handles on what lives there.

What comes back from a call is plain data, or a handle on something that stays in the worker. A handle equals
nothing and is neither true nor false: a test that asks gets an error, which is no pass.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NoReturn

import numpy as np

from grader import wire
from grader.box import Boxes
from grader.box.box import Box
from grader.submission import Cell, plain

OPERATORS: Final = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
END_SECONDS: Final = 2.0
TELLABLE: Final = 60  # characters of a cell's name
Why = Literal["too slow", "crashed"]


@dataclass(frozen=True)
class Limits:
    """Seconds of wall time, and counts, for one submission unless the name says otherwise."""

    call_seconds: float = 8.0
    cell_seconds: float = 8.0
    total_seconds: float = 60.0
    calls: int = 50_000
    restarts: int = 40
    left_out: int = 4


class StudentError(Exception):
    """The student's code raised. Its texts come from the student; ``where`` is a cell and line, or empty.

    ``undefined`` is the name that the test asked for and the notebook doesn't define, or empty.
    """

    def __init__(self, kind: str, message: str, where: str, kinds: frozenset[str], undefined: str) -> None:
        super().__init__(kind)
        self.kind, self.message, self.where = kind, message, where
        self.kinds, self.undefined = kinds, undefined

    def sentence(self) -> str:
        """Say what was raised, and where."""
        text = f"{self.kind}: {self.message}" if self.message else self.kind
        return f"{text} ({self.where})" if self.where else text


class Stop(BaseException):
    """The worker is gone. No ``except Exception`` in a test may take this for an answer."""

    def __init__(self, why: Why, reason: str) -> None:
        super().__init__(reason)
        self.why, self.reason = why, reason


class Misuse(TypeError):  # noqa: N818
    """A handle where a value is needed: it has none on this side."""


class Handle:
    """Something that lives in the student's worker: attributes, items, calls and operators are asked there."""

    __slots__ = ("_branch", "_node", "_session")
    __array_ufunc__ = None
    __iter__ = None  # or Python would count up items until IndexError
    __hash__ = None  # type: ignore[assignment]

    _session: Session
    _node: wire.Node
    _branch: int

    def __init__(self, session: Session, node: wire.Node) -> None:
        for name, value in (("_session", session), ("_node", node), ("_branch", session.branches)):
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return "<something of the student's>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it in the worker."""
        return self._session.call(self._node, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._session.operate("getattr", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._session.operate("setattr", self, name, value)

    def __getitem__(self, key: Any) -> Any:
        return self._session.operate("getitem", self, key)

    def __len__(self) -> int:
        size = self._session.operate("len", self)
        return size if type(size) is int and 0 <= size < 1 << 31 else _misuse()

    def __instancecheck__(self, other: object) -> bool:
        return isinstance(other, Handle) and self._session.operate("isinstance", other, self) is True

    def __neg__(self) -> Any:
        return self._session.operate("neg", self)

    def __pos__(self) -> Any:
        return self._session.operate("pos", self)

    def __abs__(self) -> Any:
        return self._session.operate("abs", self)

    def __del__(self) -> None:
        self._session.forget(self._node, self._branch)


def _misuse(*_: object) -> NoReturn:
    raise Misuse("a student's object has no value here: compare its numbers")


def _operator(name: str, *, reflected: bool) -> Callable[[Handle, Any], Any]:
    def forward(handle: Handle, other: Any) -> Any:
        return handle._session.operate(name, *((other, handle) if reflected else (handle, other)))

    return forward


for _name in OPERATORS:
    setattr(Handle, f"__{_name}__", _operator(_name, reflected=False))
    setattr(Handle, f"__r{_name}__", _operator(_name, reflected=True))
for _name in ("eq", "ne", "lt", "le", "gt", "ge", "bool", "array", "contains", "float", "int", "index"):
    setattr(Handle, f"__{_name}__", _misuse)


class Session:
    """Runs a submission's cells once in a worker, and each graded cell's calls in a branch of it.

    ``functions`` are the given functions that may be passed to the student's, by name.
    """

    def __init__(self, boxes: Boxes, cells: Sequence[Cell], limits: Limits, seed: int) -> None:
        self._boxes, self._cells, self._limits, self._seed = boxes, cells, limits, seed
        self.functions: Mapping[str, Callable[..., Any]] = {}
        self._end = time.monotonic() + limits.total_seconds
        self._box: Box | None = None
        self._channel: wire.Channel | None = None
        self._before: tuple[int, int] | None = None  # the worker's frame numbers where a branch began
        self._tamed: dict[int, int] = {}  # cells that ended or hung their worker, and how often
        self._stops = 0
        self._dropped: list[int] = []
        self.branches = self.calls = self.restarts = 0
        self.noting = True
        self.broken: dict[int, StudentError | Stop] = {}

    @property
    def running(self) -> bool:
        """Whether there is a branch that answers."""
        return self._channel is not None and self._before is not None

    def fresh(self) -> None:
        """Give the next graded cell a worker in which the student's cells have run, and no test's calls."""
        self._end_branch()
        if self._channel is None:
            self._start()
        self._begin_branch()

    def _start(self) -> None:
        """Run the student's cells in a new worker.

        A cell that ends or hangs its worker is left out the next time, but for what it defines; when that has
        happened twice, so are all cells that solve nothing. What goes wrong is noted only while ``noting`` is
        on: a later worker's errors could tell of hidden inputs.
        """
        while True:
            self._spawn()
            stopped = self._load()
            if stopped is None:
                return
            number, stop = stopped
            if self.noting:
                self.broken[number] = stop
            self._stops += 1
            self._tamed[number] = 1 + (self._stops > 2 and self._tamed.get(number, 0))
            if self._stops == 2:  # what an earlier cell left running may have stopped this one
                self._tamed |= {cell.number: 1 for cell in self._cells if cell.scratch}
            if self._stops > self._limits.left_out:
                raise Stop(stop.why, "too many of the cells ended the program or did not come to an end")

    def _spawn(self) -> None:
        self._dropped, self._before = [], None
        self.restarts += 1
        if self.restarts > self._limits.restarts or time.monotonic() > self._end:
            self._stop("too slow", "the time for the whole notebook is used up")
        for _ in range(2):
            if self._box is None:
                self._box = self._boxes.take()
            try:
                self._channel = self._box.spawn(self._seed)
                return
            except wire.WireError:  # what a student has done to the box ends with it
                self._box.end()
                self._box = None
        self._stop("crashed", "the worker did not start")

    def _load(self) -> tuple[int, Stop] | None:
        for cell in self._cells:
            tamed = self._tamed.get(cell.number, 0)
            try:
                if cell.given:
                    self.call(["o", "given"], (cell.grade_id,), {}, seconds=self._limits.cell_seconds)
                elif tamed < 2:
                    run = (cell.source, f"<cell {cell.number}>", bool(tamed))
                    self.call(["o", "run"], run, {}, seconds=self._limits.cell_seconds)
            except StudentError as error:
                if self.noting:
                    self.broken[cell.number] = error
            except Stop as stop:
                if time.monotonic() > self._end:
                    raise
                return cell.number, stop
        self.call(["o", "ready"], (), {})
        return None

    def _begin_branch(self) -> None:
        channel = self._channel
        assert channel is not None
        try:
            deadline = min(self._end, time.monotonic() + self._limits.call_seconds)
            if not channel.quiet():
                self._stop("crashed", "it sent what was not asked for")
            channel.send({"branch": True}, deadline=deadline)
            self._before = channel.numbers
            channel.receive(deadline)
        except wire.WireError:
            self._stop("crashed", "no process could be started")
        self.branches += 1
        self._dropped = []

    def _end_branch(self) -> None:
        """Go back to the worker as it was before the branch. If it doesn't answer, the next start replaces it."""
        channel, before, self._before = self._channel, self._before, None
        if channel is None or before is None:
            return
        try:
            if not channel.quiet():
                raise wire.WireError("not asked for")
            deadline = time.monotonic() + END_SECONDS
            channel.send({"end": True}, deadline=deadline)
            channel.numbers = before
            channel.receive(deadline)
        except wire.WireError:
            self._channel = None

    def operate(self, name: str, *args: Any) -> Any:
        """Ask for one of the worker's own operations."""
        return self.call(["o", name], args, {})

    def call(
        self, function: wire.Node, args: Sequence[Any], kwargs: dict[str, Any], *,
        trace: bool = False, seconds: float | None = None,
    ) -> Any:  # fmt: skip
        """Ask the worker for one call. With ``trace``, give also what its arguments look like afterwards."""
        channel, self.calls = self._channel, self.calls + 1
        if channel is None:
            raise Stop("crashed", "it is no longer running")
        now = time.monotonic()
        if self.calls > self._limits.calls or now > self._end:
            self._stop("too slow", "the time for the whole notebook is used up")
        encoder = wire.Encoder(self._refer)
        header = {
            "call": function,
            "args": [encoder.node(arg) for arg in args],
            "kwargs": {name: encoder.node(value) for name, value in kwargs.items()},
            "trace": trace,
            "drop": self._dropped,
        }
        self._dropped = []
        deadline = min(self._end, now + (seconds or self._limits.call_seconds))
        try:
            if not channel.quiet():
                raise wire.WireError("not asked for")
            channel.send(header, encoder.body, deadline)
            reply, body = channel.receive(deadline)
            return self._result(reply, body, trace)
        except wire.Late:
            self._stop("too slow", "it took too long")
        except wire.Closed:
            self._stop("crashed", "it ended the program, or used too much memory")
        except wire.WireError:
            self._stop("crashed", "it sent what is not allowed")

    def _result(self, reply: dict[str, Any], body: memoryview, trace: bool) -> Any:
        decoder = wire.Decoder(body, self._resolve)
        if "error" in reply:
            decoder.finish()
            raise self._student_error(reply["error"])
        if "ok" not in reply:
            raise wire.WireError("not a reply")
        value = decoder.node(reply["ok"])
        after = reply.get("after") if trace else []
        if type(after) is not list:
            raise wire.WireError("not a reply")
        seen = [decoder.node(node) for node in after]
        decoder.finish()
        return (value, seen) if trace else value

    def _student_error(self, error: Any) -> StudentError:
        if type(error) is not dict or type(error.get("kinds")) is not list:
            raise wire.WireError("not an error")
        known = {f"<cell {cell.number}>": cell for cell in self._cells}
        cell, line, where = error.get("cell"), error.get("line"), ""
        found = known.get(cell) if type(cell) is str else None
        if found and type(line) is int and 0 < line <= found.source.count("\n") + 1:
            where = f"line {line} of {found.name}"
        kind = plain(error.get("kind"), TELLABLE)
        return StudentError(
            kind if kind.isidentifier() else "Error",
            plain(error.get("message")),
            where,
            frozenset(name for name in error["kinds"][:20] if type(name) is str),
            plain(error.get("undefined"), TELLABLE),
        )

    def forget(self, node: wire.Node, branch: int) -> None:
        """Note that a handle is gone, so that the worker can let go of its object."""
        if node[0] == "h" and branch == self.branches and len(self._dropped) < 10_000:
            self._dropped.append(node[1])

    def _refer(self, value: object) -> wire.Node:
        if isinstance(value, Handle):
            if value._session is not self or (value._node[0] == "h" and value._branch != self.branches):
                raise Misuse("a student's object of an earlier graded cell")
            return value._node
        name = getattr(value, "__name__", "")
        if type(name) is str:
            if self.functions.get(name) is value:
                return ["g", name]
            if getattr(np, name, None) is value:
                return ["u", name]
        raise TypeError(
            f"a {type(value).__name__} can't be passed to a student's function: pass numbers, texts, arrays, "
            "what a student's function gave, or a function that a given (locked) cell defines"
        )

    def _resolve(self, tag: str, payload: Any) -> Handle:
        if tag != "h" or type(payload) is not int or not 0 < payload < 1 << 53:
            raise wire.WireError("not a handle")
        return Handle(self, ["h", payload])

    def _stop(self, why: Why, reason: str) -> NoReturn:
        """Leave this worker. The next start ends it, and all that it has started."""
        self._channel = None
        raise Stop(why, reason)

    def close(self) -> None:
        """Give the box back for the next submission, if all went well; else end it."""
        self._end_branch()
        channel, self._channel = self._channel, None
        box, self._box = self._box, None
        if box is None:
            return
        if channel is not None:
            with contextlib.suppress(wire.WireError):
                channel.send({"end": True}, deadline=time.monotonic() + END_SECONDS)
        self._boxes.give(box, sound=channel is not None and self.restarts == 1)
