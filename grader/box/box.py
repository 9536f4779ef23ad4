"""One running box: a process behind walls that forks a clean worker whenever it is asked."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from grader import wire
from grader.box import seccomp, walls
from grader.box.cgroups import Cgroup
from grader.box.settings import GRADER, SandboxError, Settings
from grader.box.sweep import mark
from grader.worker import SIZE

START_SECONDS: Final = 60.0
FORK_SECONDS: Final = 5.0
END_SECONDS: Final = 20.0
UNSAFE_SECONDS: Final = 2.0
PIPE_BYTES: Final = 1 << 20
NO_START: Final = (
    "bubblewrap could not start a box{said}. It needs unprivileged user namespaces: see that "
    "/proc/sys/user/max_user_namespaces is above 0; on Ubuntu 24.04 and later also that AppArmor allows them "
    "(sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for bwrap); in a "
    "container, start it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined."
)


@dataclass(frozen=True)
class Ground:
    """What boxes stand on here: where their cgroups go, whose they are (None: the judge's own), and what is staged."""

    folders: dict[str, Path] = field(default_factory=dict)
    user: int | None = None
    staged: dict[Path, Path] = field(default_factory=dict)


class Box:
    """A box. ``given`` are the exercise's given cells, by name, which run in it before any student's."""

    def __init__(self, settings: Settings, ground: Ground, given: Sequence[tuple[str, str]] = ()) -> None:
        self._channel: wire.Channel | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._init: int | None = None
        self._cgroup = Cgroup(ground.folders) if ground.folders else None
        self._control, theirs = socket.socketpair()
        try:
            with theirs:
                self._start(settings, ground, theirs)
            self._hand_over(settings, given)
        except BaseException:
            self.end()
            raise

    def _start(self, settings: Settings, ground: Ground, theirs: socket.socket) -> None:
        if settings.bwrap is None:
            self._start_unsafe(theirs)
            return
        info_read, info_write = os.pipe()
        block_read, block_write = os.pipe()
        filter_fd = _file(seccomp.program() or b"")
        fds = {"info_fd": info_write, "block_fd": block_read, "filter_fd": filter_fd}
        arguments = walls.arguments(settings, ground.staged, **fds)
        args_fd = _file(arguments)
        lent: tuple[int, ...] = (info_write, block_read, filter_fd, args_fd)
        try:
            bwrap = ground.staged.get(settings.bwrap, settings.bwrap)
            command = walls.command(bwrap, mark(), args_fd=args_fd)
            libraries = [str(ground.staged.get(folder, folder)) for folder in settings.libraries]
            env = {"LD_LIBRARY_PATH": libraries[0]} if libraries else {}
            self._process = _started(command, theirs, env, fds=lent, user=ground.user)
            for fd in lent:
                os.close(fd)
            lent = ()
            pid = self._first_process(info_read)
            self._init = os.pidfd_open(pid)
            if self._cgroup:  # bwrap waits: no page of the student's is charged elsewhere
                self._cgroup.limit(settings)
                self._cgroup.enter(pid)
            os.write(block_write, b"1")
        finally:
            for fd in (*lent, info_read, block_write):
                os.close(fd)

    def _start_unsafe(self, theirs: socket.socket) -> None:
        paths = os.pathsep.join((str(GRADER.parent), str(Path(np.__file__).parents[1])))
        command = [sys.executable, *walls.python("grader-unsafe")]
        self._process = _started(command, theirs, walls.THREADS | {"PYTHONPATH": paths})

    def _first_process(self, info_read: int) -> int:
        text = b""
        while not text.rstrip().endswith(b"}"):  # bwrap writes its line in pieces
            ready = select.select([info_read], [], [], START_SECONDS)[0]
            piece = os.read(info_read, 4096) if ready else b""
            if not piece:
                raise SandboxError(NO_START.format(said=self._said()))
            text += piece
        return int(json.loads(text)["child-pid"])

    def _hand_over(self, settings: Settings, given: Sequence[tuple[str, str]]) -> None:
        orders = {
            "limits": settings.rlimits(cgroups=self._cgroup is not None),
            "given": list(given),
            "alone": settings.bwrap is not None,
        }
        text = json.dumps(orders).encode()
        self._control.settimeout(START_SECONDS)
        try:
            self._control.sendall(SIZE.pack(len(text)) + text)
            word = self._control.recv(1)
        except OSError:
            word = b""
        if word != b"r":
            raise SandboxError(NO_START.format(said=self._said()))
        self._control.settimeout(FORK_SECONDS)

    def _said(self) -> str:
        """Give the last that bwrap or Python wrote, in brackets, once it has ended."""
        process = self._process
        if process is None or process.stderr is None:
            return ""
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1)
        if process.poll() is None:
            return ""
        lines = process.stderr.read(4096).decode(errors="replace").strip().splitlines()
        return f" ({lines[-1]})" if lines else ""

    def spawn(self, seed: int) -> wire.Channel:
        """Give a channel to a new worker, and end the worker before. Raise WireError if the box is gone."""
        self._drop_channel()
        to_worker, from_worker = os.pipe(), os.pipe()
        for fd in (to_worker[1], from_worker[1]):
            with contextlib.suppress(OSError, AttributeError):  # small pipes are only slower
                fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        try:
            socket.send_fds(self._control, [SIZE.pack(seed)], [to_worker[0], from_worker[1]])
        except OSError as error:
            os.close(to_worker[1])
            os.close(from_worker[0])
            raise wire.Closed("the box is gone") from error
        finally:
            os.close(to_worker[0])
            os.close(from_worker[1])
        self._channel = wire.Channel(from_worker[0], to_worker[1])
        self._channel.receive(time.monotonic() + FORK_SECONDS)
        return self._channel

    def clean(self) -> bool:
        """Tell whether the worker has ended by itself and nothing else lives: the box is as new."""
        self._drop_channel()
        try:
            self._control.sendall(SIZE.pack(0))
            return self._control.recv(1) == b"c"
        except OSError:
            return False

    def end(self) -> None:
        """Kill the first process of the box: the kernel ends all others before it is gone."""
        self._drop_channel()
        self._control.close()
        process, self._process = self._process, None
        if process is None:
            return
        if self._init is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._init, signal.SIGKILL)
            # bwrap may be gone before the processes that it watched: the pidfd tells when the last one is
            select.select([self._init], [], [], END_SECONDS)
            os.close(self._init)
        try:  # without walls, the first process ends the others and itself, since its socket is closed
            process.wait(END_SECONDS if self._init is not None else UNSAFE_SECONDS)
        except subprocess.TimeoutExpired:
            # not told of its child: that one would wait for ever for a parent that is gone
            for pid in (*_children(process.pid), process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()
        if process.stderr:
            process.stderr.close()
        if self._cgroup:
            self._cgroup.remove()

    def _drop_channel(self) -> None:
        if self._channel:
            self._channel.close()
            self._channel = None


def _started(
    command: list[str],
    stdin: socket.socket,
    env: dict[str, str],
    fds: tuple[int, ...] = (),
    user: int | None = None,
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, stdin=stdin.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, pass_fds=fds,
        cwd="/", env=env, start_new_session=True, user=user, group=user,
        extra_groups=None if user is None else [],
    )  # fmt: skip


def _file(data: bytes) -> int:
    """Give a file in memory that holds the data, open at its beginning."""
    fd = os.memfd_create("box")
    os.write(fd, data)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
