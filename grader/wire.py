"""Frames between the judge and a worker, and the plain values that they carry.

A frame is a head (length of the header, length of the body, number), a header in JSON, and the raw bytes of
the arrays that the header names, in order. Each side numbers its frames from 0. In a header None, booleans,
numbers and texts stand for themselves; anything else is a list that opens with a tag::

    ["l", *nodes] list         ["t", *nodes] tuple          ["d", [key, node], ...] dict
    ["a", dtype, shape] array  ["s", dtype] NumPy scalar    ["h", 7] an object that stays in the worker
    ["n", "predict"] student's name    ["g", "loss"] given function    ["u", "tanh"] NumPy's function
    ["o", "getattr"] one of the worker's operations

Never pickle: a decoder builds numbers, texts and arrays of numbers, of bounded depth, count and size, or raises.
Both sides import this file. It imports the standard library and NumPy alone.
"""

from __future__ import annotations

import json
import math
import os
import select
import struct
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import numpy as np

HEAD: Final = struct.Struct(">IIQ")
MAX_HEADER: Final = 1 << 20
MAX_BODY: Final = 16 << 20
MAX_TEXT: Final = 1 << 16
MAX_DEPTH: Final = 16
MAX_NODES: Final = 100_000
MAX_AXES: Final = 8
MAX_BITS: Final = 64
DTYPES: Final = frozenset(
    ("|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16")
)
KEYS: Final = (str, int, float, bool)

Node = Any  # a value of JSON, in the grammar above
Refer = Callable[[object], Node]  # gives the node of what does not travel, or raises TypeError
Resolve = Callable[[str, Any], object]  # gives what a tag unknown here stands for, or raises WireError


class WireError(Exception):
    """The other side sent what the protocol does not allow."""


class Closed(WireError):  # noqa: N818 -- the names say what happened
    """The other side is gone."""


class Late(WireError):  # noqa: N818
    """The deadline passed before the frame was whole."""


class Encoder:
    """Turns values into nodes, and collects the bytes of their arrays in ``body``."""

    def __init__(self, refer: Refer) -> None:
        self.body: list[bytes] = []
        self._refer, self._nodes, self._size = refer, 0, 0

    def node(self, value: Any, depth: int = 0) -> Node:
        """Give the node of one value, or raise TypeError with what is wrong with it."""
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise TypeError("the value has too many parts, or is nested too deeply")
        if value is None or type(value) in (bool, float):
            return value
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, np.generic):
            return ["s", self._array(np.asarray(value))]
        if isinstance(value, np.ndarray):
            array = np.asarray(value)  # a subclass travels as the plain array below it
            return ["a", self._array(array), list(array.shape)]
        if isinstance(value, float):
            return float.__float__(value)
        if isinstance(value, int):
            return self._whole(int.__index__(value))
        if isinstance(value, tuple):
            return ["t", *(self.node(item, depth + 1) for item in tuple.__iter__(value))]
        if isinstance(value, list):
            return ["l", *(self.node(item, depth + 1) for item in list.__iter__(value))]
        if isinstance(value, dict):
            return ["d", *([self._key(k), self.node(v, depth + 1)] for k, v in dict.items(value))]
        return self._refer(value)

    def _text(self, value: str) -> str:
        if len(value) > MAX_TEXT:
            raise TypeError("the text is too long")
        return str.__str__(value)

    def _whole(self, value: int) -> int:
        if value.bit_length() > MAX_BITS:
            raise TypeError("the integer is too large")
        return value

    def _key(self, key: object) -> Node:
        if type(key) not in KEYS:
            raise TypeError("the keys of a dict must be texts or numbers")
        return self.node(key)

    def _array(self, array: np.ndarray[Any, Any]) -> str:
        little = array.dtype.newbyteorder("<")
        if little.str not in DTYPES or array.ndim > MAX_AXES:
            raise TypeError(
                f"an array of dtype {array.dtype} can't be graded: use numbers such as float64 or int64"
            )
        self._size += array.nbytes
        if self._size > MAX_BODY:
            raise TypeError("the arrays are too large")
        self.body.append(np.ascontiguousarray(array, little).tobytes())
        return str(little.str)


class Decoder:
    """Turns the nodes of one frame back into values. It believes nothing: whatever is off raises WireError."""

    def __init__(self, body: memoryview, resolve: Resolve) -> None:
        self._body, self._resolve, self._at, self._nodes = body, resolve, 0, 0

    def finish(self) -> None:
        """See that the frame's arrays have used up its body."""
        if self._at != len(self._body):
            raise WireError("bytes left over")

    def node(self, node: Node, depth: int = 0) -> Any:
        """Give the value of one node."""
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise WireError("too many parts")
        kind = type(node)
        if node is None or kind is bool or kind is float or (kind is str and len(node) <= MAX_TEXT):
            return node
        if kind is int and node.bit_length() <= MAX_BITS:
            return node
        if kind is not list or not node or type(node[0]) is not str:
            raise WireError("not a node")
        tag, rest = node[0], node[1:]
        if tag == "l":
            return [self.node(item, depth + 1) for item in rest]
        if tag == "t":
            return tuple(self.node(item, depth + 1) for item in rest)
        if tag == "d":
            return dict(self._pair(item, depth) for item in rest)
        if tag == "a" and len(rest) == 2:
            return self._array(rest[0], rest[1])
        if tag == "s" and len(rest) == 1:
            return self._array(rest[0], [])[()]
        if len(rest) != 1:
            raise WireError("not a node")
        return self._resolve(tag, rest[0])

    def _pair(self, item: Node, depth: int) -> tuple[Any, Any]:
        if type(item) is not list or len(item) != 2 or type(item[0]) not in KEYS:
            raise WireError("not a pair")
        return self.node(item[0]), self.node(item[1], depth + 1)

    def _array(self, dtype: Node, shape: Node) -> np.ndarray[Any, Any]:
        if type(dtype) is not str or dtype not in DTYPES or type(shape) is not list or len(shape) > MAX_AXES:
            raise WireError("not an array")
        if any(type(n) is not int or not 0 <= n <= MAX_BODY for n in shape):
            raise WireError("not a shape")
        start, size = self._at, math.prod(shape) * np.dtype(dtype).itemsize
        self._at += size
        if self._at > len(self._body):
            raise WireError("too few bytes")
        flat: np.ndarray[Any, Any] = np.frombuffer(self._body[start : self._at], dtype)
        if dtype == "|b1":
            flat = flat.view(np.uint8) != 0  # a forged truth value of 2 would be neither True nor False
        try:
            return flat.reshape(shape).copy()
        except ValueError as error:  # empty, yet with axes too long to multiply
            raise WireError("not a shape") from error


class Channel:
    """One end of two pipes. Every wait ends at a deadline, in time.monotonic(), however slowly bytes drip.

    ``numbers`` are those of the next frame to send and to receive.
    """

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self._read_fd, self._write_fd = read_fd, write_fd
        self.numbers = (0, 0)
        for fd in (read_fd, write_fd):
            os.set_blocking(fd, False)
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(read_fd, select.POLLIN)
        self._writable.register(write_fd, select.POLLOUT)

    def send(self, header: dict[str, Node], body: Iterable[bytes] = (), deadline: float = math.inf) -> None:
        """Send one frame."""
        text, raw = json.dumps(header, separators=(",", ":")).encode(), b"".join(body)
        if len(text) > MAX_HEADER or len(raw) > MAX_BODY:
            raise TypeError("the value is too large")
        sent, received = self.numbers
        rest = memoryview(HEAD.pack(len(text), len(raw), sent) + text + raw)
        self.numbers = sent + 1, received
        while rest:
            try:
                rest = rest[os.write(self._write_fd, rest) :]
            except BlockingIOError:
                _wait(self._writable, deadline)
            except OSError as error:
                raise Closed("the other side is gone") from error

    def receive(self, deadline: float = math.inf) -> tuple[dict[str, Node], memoryview]:
        """Give the header and body of the frame that is due."""
        header_size, body_size, number = HEAD.unpack(self._exactly(HEAD.size, deadline))
        sent, received = self.numbers
        if number != received or header_size > MAX_HEADER or body_size > MAX_BODY:
            raise WireError("not the frame that was due")
        self.numbers = sent, received + 1
        try:
            header = json.loads(bytes(self._exactly(header_size, deadline)))
        except (ValueError, RecursionError) as error:
            raise WireError("not JSON") from error
        if type(header) is not dict:
            raise WireError("not a header")
        return header, self._exactly(body_size, deadline)

    def quiet(self) -> bool:
        """Tell whether nothing waits to be read: a reply ahead of its request is a forgery."""
        return not self._readable.poll(0)

    def close(self) -> None:
        """Close both pipes."""
        for fd in (self._read_fd, self._write_fd):
            os.close(fd)

    def _exactly(self, size: int, deadline: float) -> memoryview:
        view, at = memoryview(bytearray(size)), 0
        while at < size:
            try:
                count = os.readv(self._read_fd, [view[at : at + (1 << 20)]])
            except BlockingIOError:
                _wait(self._readable, deadline)
                continue
            if count == 0:
                raise Closed("the other side is gone")
            at += count
            if time.monotonic() > deadline:
                raise Late("out of time")
        return view.toreadonly()


def _wait(poll: select.poll, deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0 or not poll.poll(None if left == math.inf else left * 1000):
        raise Late("out of time")
