"""Attacks a box from within, as a student's code would. Runs once before anything is judged."""

from __future__ import annotations

import dataclasses
import socket
import tempfile
import time
from pathlib import Path
from typing import Final

from grader import wire
from grader.box.box import Box, Ground
from grader.box.settings import GRADER, SandboxError, Settings
from grader.box.walls import NOBODY

SECONDS: Final = 60.0
MEMORY: Final = 256 << 20
# Runs inside. Each line of an answer is a wall that does not stand.
PROBE: Final = """
import ctypes, os, platform, signal, socket, time

def probe(port, paths, memory, nobody):
    bad = []
    def must_fail(what, act):
        try:
            act()
        except (OSError, MemoryError):
            return
        bad.append(what)
    libc = ctypes.CDLL(None, use_errno=True)
    def system_call(*arguments):
        if libc.syscall(*arguments) < 0:
            raise OSError(ctypes.get_errno(), "denied")
    must_fail("the network is reachable", lambda: socket.create_connection(("127.0.0.1", port), 1))
    must_fail("sockets can be made", lambda: socket.socket(socket.AF_UNIX).close())
    for place in ("/", "/usr", "/opt/py", "/opt/site", "/opt/grade/grader", "/dev", "/dev/shm", "/proc", "/tmp"):
        must_fail("writable: " + place, lambda: open(place + "/w", "w").close())
    for path in ("kernel/core_pattern", "kernel/hostname", "vm/overcommit_memory"):
        must_fail("writable: " + path, lambda: os.close(os.open("/proc/sys/" + path, os.O_WRONLY)))
    must_fail("writable: sysrq-trigger", lambda: os.close(os.open("/proc/sysrq-trigger", os.O_WRONLY)))
    bad.extend("visible: " + path for path in paths if os.path.lexists(path))
    x86 = platform.machine() == "x86_64"
    must_fail("new namespaces are allowed", lambda: system_call(272 if x86 else 97, 0x10000000))
    must_fail("ptrace is allowed", lambda: system_call(101 if x86 else 117, 0, 0, 0, 0))
    must_fail("shared memory is allowed", lambda: system_call(29 if x86 else 194, 0, 4096, 0o1600))
    must_fail("the first process can be limited", lambda: system_call(302 if x86 else 261, os.getppid(), 0, 0, 0))
    must_fail("the first process can be read", lambda: open("/proc/%d/mem" % os.getppid(), "rb").close())
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    if int(status["CapEff"], 16) or status["NoNewPrivs"].strip() != "1" or os.getuid() != nobody:
        bad.append("too many rights")
    if len([name for name in os.listdir("/proc") if name.isdigit()]) > 6:
        bad.append("other processes are visible")
    must_fail("memory has no limit", lambda: bytearray(memory + (64 << 20)))
    return bad

def crowd(processes):
    children = []
    try:
        for _ in range(processes + 8):
            pid = os.fork()
            if pid == 0:
                signal.pause()
                os._exit(0)
            children.append(pid)
    except OSError:
        return []
    finally:
        for pid in children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    return ["processes have no limit"]

def share(memory):
    children = []
    for _ in range(3):
        pid = os.fork()
        if pid == 0:
            try:
                hold = bytearray(b"1") * (memory * 6 // 10)
            except MemoryError:
                os._exit(1)
            time.sleep(0.3)
            os._exit(0)
        children.append(pid)
    return [] if any([os.waitpid(pid, 0)[1] for pid in children]) else ["processes share no memory limit"]
"""


def self_test(settings: Settings, ground: Ground) -> list[str]:
    """Attack a box from within. An empty list says that its walls stand.

    The box has less memory than a student's: so the test is over sooner, and the walls are the same.
    """
    settings = dataclasses.replace(settings, memory=MEMORY)
    listener = socket.create_server(("127.0.0.1", 0))
    with tempfile.NamedTemporaryFile() as secret, listener:
        paths = {secret.name, "/etc/passwd", "/home", "/root", str(GRADER), str(Path.home())} - {"/"}
        calls = [
            (["o", "run"], [PROBE, "<probe>", False]),
            (["n", "probe"], [listener.getsockname()[1], ["l", *sorted(paths)], settings.memory, NOBODY]),
            (["n", "crowd"], [settings.processes]),
        ]
        if ground.folders:
            calls.append((["n", "share"], [settings.memory]))
        box = Box(settings, ground)
        try:
            channel = box.spawn(0)
            return [line for function, args in calls for line in _ask(channel, function, args)]
        except wire.WireError as error:
            raise SandboxError(
                f"The sandbox broke down under its own test ({error}). Nothing was judged."
            ) from None
        finally:
            box.end()


def _ask(channel: wire.Channel, function: wire.Node, args: wire.Node) -> list[str]:
    deadline = time.monotonic() + SECONDS
    request = {"call": function, "args": args, "kwargs": {}, "trace": False, "drop": []}
    channel.send(request, deadline=deadline)
    reply, _ = channel.receive(deadline)
    if "error" in reply:
        return [f"its test failed ({reply['error']})"]
    return [str(line) for line in (reply["ok"] or ["l"])[1:]]
