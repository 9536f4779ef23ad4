"""The process in which tests meet what students' code gave: bounded in memory, and ended when it takes too long.

It reads orders and notebooks from its standard input, and writes verdicts to its standard output.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import struct
import sys
from pathlib import Path
from typing import BinaryIO, Final

from grader.box import Boxes, SandboxError, Settings
from grader.exam import Exam
from grader.marking import Marker
from grader.session import Limits

HEAD: Final = struct.Struct(">cI")
MEMORY: Final = 4 << 30
PR_SET_PDEATHSIG: Final = 1
READY, VERDICT, SANDBOX, FAULT = b"r", b"v", b"s", b"f"


def send(stream: BinaryIO, kind: bytes, data: bytes) -> None:
    """Write one message."""
    stream.write(HEAD.pack(kind, len(data)) + data)
    stream.flush()


def receive(stream: BinaryIO) -> tuple[bytes, bytes] | None:
    """Read one message, or None at the end."""
    head = stream.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    kind, size = HEAD.unpack(head)
    data = stream.read(size)
    return (kind, data) if len(data) == size else None


def main() -> None:
    """Serve until the judge closes the pipe."""
    if sys.platform == "linux":
        # what is judged for nobody ends, and the box with it
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    orders_in, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    first = receive(orders_in)
    if first is None:
        return
    orders = json.loads(first[1])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    exam = Exam.from_json(orders["exam"])
    bwrap = Path(orders["bwrap"]) if orders["bwrap"] else None
    boxes = None
    try:
        boxes = Boxes(Settings(bwrap, **orders["settings"]), exam.setup, staging=True)
        marker = Marker(exam, boxes, bytes.fromhex(orders["secret"]), Limits(**orders["limits"]))
        send(answers, READY, b"")
        while message := receive(orders_in):
            try:
                send(answers, VERDICT, marker.mark(message[1]).to_json().encode())
            except SandboxError:
                raise
            except Exception as error:  # ours, or a submission that found a hole
                send(answers, FAULT, type(error).__name__.encode())
    except SandboxError as error:
        send(answers, SANDBOX, str(error).encode())
    finally:
        if boxes:
            boxes.close()


if __name__ == "__main__":
    main()
