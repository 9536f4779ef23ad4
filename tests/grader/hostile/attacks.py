"""Submissions that attack the judge, and what each must earn.

``cells`` replace solutions; ``before`` and ``after`` are cells of the student's own. Where the solutions are right,
an attack costs nothing by itself; where they are wrong, no trick may earn a point.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from tests.grader.hostile.notebooks import ALL

# Finds the worker of which this code is a part, as hostile code can.
WORKER: Final = """
import os, sys, json, struct, time
def worker():
    frame = sys._getframe()
    while frame:
        one = frame.f_locals.get("self")
        if type(one).__name__ == "Worker":
            return one
        frame = frame.f_back
def forge(header, body=b"", number=None, head=None):
    channel = worker()._channel
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    number = channel.numbers[0] if number is None else number
    os.write(channel._write_fd, (head or struct.pack(">IIQ", len(text), len(body), number)) + text + body)
"""
# Calls of the kernel by number, on both machines that the sandbox knows.
SYSTEM: Final = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(x86, arm, *rest):
    return libc.syscall(x86 if os.uname().machine == "x86_64" else arm, *rest)
"""
WRONG: Final = {
    "double": "def double(x):\n    return trick(x)",
    "divide": "def divide(a, b):\n    return trick(a, b)",
    "number": "class Number:\n    def __init__(self, data): self.data = trick(data)\n"
    "    def __mul__(self, other): return self\n    __rmul__ = __mul__\n    def __neg__(self): return self",
    "derive": "def derive(f, h=0):\n    return lambda x: trick(x)",
    "total": "def total(arrays):\n    return {'sum': trick(arrays), 'count': trick(arrays)}",
    "choose": "choice = trick('b') if True else 'b'",
}
NONE: Final = frozenset[str]()
DOUBLED: Final = ALL - {"doubled"}


@dataclass(frozen=True)
class Attack:
    name: str
    earns: frozenset[str] = ALL
    before: str = ""
    after: str = ""
    cells: dict[str, str] = field(default_factory=dict)
    says: str = ""  # somewhere in the verdict
    silent: str = ""  # nowhere in it


def double(name: str, body: str, *, before: str = "", earns: frozenset[str] = DOUBLED, says: str = "",
           silent: str = "") -> Attack:  # fmt: skip
    """An attack from within one function: by itself it costs that part alone."""
    lines = "\n".join(f"    {line}" for line in body.strip().split("\n"))
    return Attack(name, earns, before, "", {"double": f"def double(x):\n{lines}"}, says, silent)


def cheat(name: str, trick: str) -> Attack:
    """All answers come from a trick."""
    return Attack(name, NONE, before=trick, cells=WRONG)


NONE_RIGHT = "trick = lambda *args: None\n"

PATCHES = [
    cheat("patches np.allclose and its kin", f"""
{NONE_RIGHT}import numpy as np, numpy.testing as t
for name in ("allclose", "isclose", "array_equal", "array_equiv"):
    setattr(np, name, lambda *a, **k: True)
t.assert_allclose = t.assert_array_equal = lambda *a, **k: None"""),
    cheat("patches what a comparison is made of", f"""
{NONE_RIGHT}import numpy as np
np.abs = np.isfinite = np.asarray = lambda *a, **k: np.zeros(1)"""),
    cheat("patches the builtins", f"""
{NONE_RIGHT}import builtins
builtins.isinstance = lambda *a: True
builtins.AssertionError = type("AssertionError", (Exception,), {{}})
builtins.abs = lambda x: 0
builtins.len = lambda x: 2"""),
    cheat("removes asserts with an AST transformer", f"""
{NONE_RIGHT}import ast
class T(ast.NodeTransformer):
    def visit_Expr(self, node): return None
    visit_Assert = visit_Expr
get_ipython().ast_transformers.append(T())
compile_ = compile
import builtins
builtins.compile = lambda *a, **k: compile_("pass", "x", "exec")"""),
    cheat("overwrites the course's checks", f"""
{NONE_RIGHT}import grader.checks as checks
for name in ("close", "parts", "array", "one_of", "chosen", "untouched"):
    setattr(checks, name, lambda *a, **k: [0, 0])
    globals()[name] = getattr(checks, name)
checks.Mismatch.__init__ = lambda *a, **k: None"""),
    cheat("replaces modules", f"""
{NONE_RIGHT}import sys, types
sys.modules["grader.wire"] = sys.modules["grader.checks"] = types.ModuleType("x")
sys.modules["numpy"] = types.ModuleType("numpy")"""),
    cheat("traces and profiles", f"""
{NONE_RIGHT}import sys
sys.settrace(lambda frame, event, arg: None)
sys.setprofile(lambda *a: None)"""),
    cheat("turns itself into main", f"""
{NONE_RIGHT}__name__ = "grader.checks"
rng = ok = close = secret_matrix = None
import sys; sys.modules["__main__"] = sys"""),
]  # fmt: skip

OBJECTS = [
    cheat("equals everything", """
class Any:
    def __eq__(self, other): return True
    __ne__ = lambda s, o: False
    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __bool__ = lambda s: True
    __len__ = lambda s: 2
    __iter__ = lambda s: iter((s, s))
    __sub__ = __rsub__ = __mul__ = __rmul__ = __add__ = __neg__ = lambda *a: Any()
    __abs__ = __float__ = lambda s: 0.0
    __hash__ = lambda s: 0
    __getattr__ = lambda s, n: Any()
    __call__ = lambda s, *a, **k: Any()
    __getitem__ = lambda s, k: Any()
trick = lambda *a: Any()"""),
    cheat("an array that answers for itself", """
import numpy as np
class A(np.ndarray):
    __array_ufunc__ = lambda s, u, m, *i, **k: np.zeros(1)
    __array_function__ = lambda s, *a: True
    __eq__ = lambda s, o: np.ones(1, bool)
    shape = property(lambda s: (2,))
trick = lambda *a: np.zeros(2).view(A)"""),
    cheat("makes an array when asked", """
import numpy as np
class A:
    asked = 0
    __array_priority__ = 1e9
    def __array__(self, *a, **k): A.asked += 1; return np.zeros(2)
    __array_interface__ = property(lambda s: np.zeros(2).__array_interface__)
trick = lambda *a: A()"""),
    cheat("numbers and texts that equal everything", """
class F(float):
    __eq__ = __le__ = __ge__ = lambda s, o: True
    __sub__ = __rsub__ = __abs__ = lambda *a: F(0)
    __hash__ = float.__hash__
class S(str):
    __eq__ = lambda s, o: True
    __hash__ = str.__hash__
trick = lambda x, *a: S("?") if isinstance(x, str) else F(0.5)"""),
    cheat("containers that lie", """
class L(list):
    __iter__ = lambda s: iter([3, 2])
    __len__ = lambda s: 2
    __eq__ = lambda s, o: True
trick = lambda *a: L()"""),
    cheat("nothing to compare", "import numpy as np\ntrick = lambda *a: np.zeros((0, 2))"),
    cheat("empty lists", "trick = lambda *a: []"),
    cheat("one number for all", "import numpy as np\ntrick = lambda *a: np.full((1, 1), 2.0)"),
    cheat("not a number", "import numpy as np\ntrick = lambda *a: np.full(2, np.nan)"),
    cheat("infinite", "trick = lambda *a: float('inf')"),
    cheat("classes and functions for values", "trick = lambda *a: type"),
    cheat("generators", "trick = lambda *a: (x for x in (3, 2))"),
    double("complex numbers", "return 2 * x + 0j"),
    double("objects in an array", "return (2 * x).astype(object)"),
    double("texts in an array", "return (2 * x).astype(str)"),
    double("a list of texts", "return ['2.0', '-4.0']"),
    double("lengths of time", "return (2 * x).astype('timedelta64[s]')"),
    double("records", "return np.array([(2.0,), (-4.0,)], dtype=[('a', float)])"),
    double("long doubles", "return (2 * x).astype(np.longdouble) if np.dtype(np.longdouble).itemsize > 8 else 0"),
    double("one axis too many", "return (2 * x)[None]"),
    double("integers that overflow", "return (2 * x).astype(np.uint8)"),
    double("integers beyond 64 bits", "return [2, -(10 ** 30)]"),
    double("overflowing floats", "return np.where(x > 1.5, 1e308, -1e308) * 10"),
    double("right for the visible example alone", "return 2 * x if x.ndim == 1 else x"),
    double("right the first time alone", """
global n
n = globals().get('n', 0) + 1
return 2 * x if n < 2 else x"""),
    double("changes its argument", "x *= 2\nreturn x"),
    double("hides the change", "import grader.wire as w\no = x.copy()\nx *= 2\nreturn (x, 0)[0] + 0 * o"),
    double("a masked array is its numbers", "return np.ma.array(2 * x, mask=True)", earns=ALL),
    double("a subclass of right numbers is right", "return np.asmatrix(2 * x) if x.ndim > 1 else (2 * x).tolist()",
           earns=ALL),
]  # fmt: skip

HUGE = [
    double("a dict of a million keys", "return dict.fromkeys(range(10 ** 6), 1)"),
    double("a list of a million", "return [0] * 10 ** 6"),
    double("deep nesting", "v = 1\nfor _ in range(5000): v = [v]\nreturn v"),
    double("a list of itself", "v = []\nv.append(v)\nreturn v"),
    double("a long text", "return 'x' * 10 ** 7"),
    double("a long text among numbers", "return [1.0] * 50000 + ['x' * 60000]"),
    double("an array of 100 MB", "return np.zeros(12_500_000)"),
    double("a view of one number, 2 ** 40 times", "return np.broadcast_to(np.float64(2), (2 ** 20, 2 ** 20))"),
    double("an endless generator", "import itertools\nreturn itertools.count()"),
]  # fmt: skip

FRAMES = [
    Attack("a reply ahead of its request", NONE, before=WORKER + NONE_RIGHT, cells=WRONG | {
        "double": """
def double(x):
    forge({'ok': ['l', 2.0, -4.0]}, number=worker()._channel.numbers[0] + 1)"""}),
    double("the wrong number", "forge({'ok': ['l', 2.0, -4.0]}, number=99)\nreturn 2 * x", before=WORKER),
    double("an old number", "forge({'ok': 1}, number=0)\nreturn 2 * x", before=WORKER),
    double("a head that promises gigabytes", "forge(b'', head=b'\\xff' * 16)\nreturn 2 * x", before=WORKER),
    double("half a head, and then silence", "forge(b'', head=b'abc')\ntime.sleep(60)", before=WORKER),
    double("no JSON", "forge(b'no')\nreturn 2 * x", before=WORKER),
    double("not UTF-8", "forge(b'\\xff\\xfe\\xfa')\nreturn 2 * x", before=WORKER),
    double("a list for a header", "forge([1])\nreturn 2 * x", before=WORKER),
    double("an empty header", "forge({})\nreturn 2 * x", before=WORKER),
    double("brackets without end", "forge(b'[' * 1000000)\nreturn 2 * x", before=WORKER),
    double("an integer of a million digits", "forge(b'{\"ok\":' + b'9' * 10 ** 6 + b'}')\nreturn 2 * x",
           before=WORKER),
    double("bytes left over", "forge({'ok': 1}, b'left')\nreturn 2 * x", before=WORKER),
    double("too few bytes", "forge({'ok': ['a', '<f8', [2]]}, b'')\nreturn 2 * x", before=WORKER),
    double("a negative shape", """
forge({'ok': ['a', '<f8', [-1, -2]]}, b'x' * 16)
return 2 * x""", before=WORKER),
    double("a shape that overflows", """
forge({'ok': ['a', '<f8', [0, 2 ** 24, 2 ** 24, 2 ** 24]]})
return 2 * x""",
           before=WORKER),
    double("pointers for numbers", "forge({'ok': ['a', '|O', [1]]}, b'x' * 8)\nreturn 2 * x", before=WORKER),
    double("pickled bytes", "forge({'ok': ['p', 'gASV']})\nreturn 2 * x", before=WORKER),
    double("the judge's own names", "forge({'ok': ['n', 'close']})\nreturn 2 * x", before=WORKER),
    double("a given function for a value", "forge({'ok': ['g', 'square']})\nreturn 2 * x", before=WORKER),
    double("a handle that is no number", "forge({'ok': ['h', 'x']})\nreturn 2 * x", before=WORKER),
    double("an error that is none", "forge({'error': ['kinds']})\nreturn 2 * x", before=WORKER),
    double("a call of the judge", "forge({'call': ['o', 'run'], 'args': []})\nreturn 2 * x", before=WORKER),
    double("an end of its own", "forge({'ok': None}, number=2)\nos._exit(87)", before=WORKER),
    double("a truth value of 2", """
forge({'ok': ['a', '|b1', [2]]}, b'\\x02\\x02')
os._exit(0)""", before=WORKER,
           earns=ALL - {"doubled", "divided"}),  # the forged reply is wrong; then the worker is gone
    double("a slow loris", """
text = json.dumps({'ok': ['l', 2.0, -4.0]}).encode()
data = struct.pack('>IIQ', len(text), 0, worker()._channel.numbers[0]) + text
for i in range(len(data)):
    os.write(worker()._channel._write_fd, data[i:i + 1])
    time.sleep(.3)""", before=WORKER, says="too slow"),
    double("floods the pipe", "while True: forge(b'x' * 65536)", before=WORKER),
    double("closes all its files", "os.closerange(0, 64)\nreturn 2 * x", before=WORKER),
    double("patches json and struct where the frames are made", """
import grader.wire as w
w.json.dumps = lambda *a, **k: '{"ok": true}'
w.HEAD = struct.Struct('>QQQ')
return 2 * x""", before=WORKER),
    double("gives numbers for all", """
import grader.wire as w
w.Encoder.node = lambda *a: True
return 0""", before=WORKER, earns=NONE),
    Attack("keeps the worker from branching", NONE, before=WORKER + """
type(worker())._branch = lambda self: self._channel.send({'ok': None})
trick = lambda *a: None""", cells=WRONG),
    Attack("answers every request with what was asked last", NONE, before=WORKER + """
def answer(self, header, body):
    args = header['args'] or [0]
    self._channel.send({'ok': args[0], 'after': args}, [bytes(body)])
trick = lambda *a: None
type(worker())._answer = answer""", cells=WRONG),
]  # fmt: skip

LEAKS = [
    Attack("stashes hidden inputs and shouts them", ALL - {"doubled", "divided"}, before="""
import os
seen = os.memfd_create('x') if False else []
""", cells={
        "double": """
def double(x):
    seen.append(x)
    if 7.65625 in x: raise ValueError(repr(x) + ' 7.65625')
    return 2 * x""",
        "divide": "def divide(a, b):\n    raise ValueError(f'{seen} {a} {b}')",
    }, silent="7.65625"),
    double("raises with the hidden input", "if x.size > 2: raise ValueError(str(x.tolist()))\nreturn 2 * x",
           silent="7.65625"),
    double("an error named after the input", """
if x.size > 2: raise type('E765625', (Exception,), {})
return 2 * x""",
           silent="765625"),
    double("prints the hidden input", """
print(x, flush=True)
import sys, warnings; print(x, file=sys.stderr)
warnings.warn(str(x))
return 2 * x""",
           earns=ALL, silent="7.65625"),
    double("an error whose text never comes", """
class E(Exception):
    def __str__(self):
        while True: pass
raise E""", says="too slow"),
    double("an error with signs that turn a page around", "raise ValueError('\\u202e\\x1b[31m<script>\\x00')",
           says="<script>", silent="\\u202e"),
    double("an error of a million letters", "raise ValueError('x' * 10 ** 6)", silent="x" * 600),
    double("an error that lies about its kind", """
E = type('E', (Exception,), {'__module__': 'builtins'})
E.__name__ = 'Not a name'
raise E('hm')"""),
    double("an exception group", "raise ExceptionGroup('many', [ValueError(i) for i in range(1000)])"),
    double("a base exception", "raise BaseException('up')"),
    double("asks to end", "raise SystemExit(0)"),
    double("an interrupt", "raise KeyboardInterrupt"),
    double("stops an iteration", "raise StopIteration"),
    double("goes deep", "return double(x)", says="RecursionError"),
]  # fmt: skip

ENDS = [
    double("leaves", "import os; os._exit(0)"),
    double("leaves as if told to", "import os; os._exit(87)"),
    double("aborts", "import os; os.abort()"),
    double("reads at address 0", "import ctypes; ctypes.string_at(0)"),
    double("overflows the stack", """
import sys; sys.setrecursionlimit(10 ** 9)
f = lambda: f()
import functools
for _ in range(10 ** 5): f = functools.partial(f)
f()"""),
    double("never ends", "while True: pass", says="too slow"),
    double("sleeps", "import time; time.sleep(3600)", says="too slow"),
    double("stops itself", "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"),
    double("kills all that it can", "import os, time\nos.kill(-1, 9)\ntime.sleep(60)"),
    double("kills its parent", "import os; os.kill(os.getppid(), 9)\nreturn 2 * x", earns=ALL),
    Attack("stops the first process", before="""
import os, signal
for pid in range(2, 40):
    try: os.kill(pid, signal.SIGSTOP)
    except OSError: pass"""),
    double("ignores every signal", """
import signal
for s in range(1, 64):
    try: signal.signal(s, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True: pass"""),
    double("sets alarms", """
import signal, time
signal.setitimer(signal.ITIMER_REAL, .01, .01)
time.sleep(.5)
return 2 * x"""),
    Attack("ignores its children", before="import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)"),
    double("leaves threads behind", """
import threading
def spin():
    while True: pass
for _ in range(2): threading.Thread(target=spin).start()
return 2 * x""", earns=ALL),
    double("works at exit", "import atexit, time; atexit.register(time.sleep, 60)\nreturn 2 * x", earns=ALL),
    double("a fork bomb", "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"),
    double("processes that outlive it", """
import os, time
for _ in range(2):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: time.sleep(3600)
        os._exit(0)
return 2 * x""", earns=ALL),
    double("a program of the system", """
import subprocess
subprocess.Popen(['/usr/bin/sleep', '3600'], start_new_session=True)
return 2 * x""", earns=ALL),
    double("a memory bomb", "hold = []\nwhile True: hold.append(bytearray(1 << 24))"),
    double("a memory bomb of many", """
import os
for _ in range(8):
    if os.fork() == 0:
        hold = bytearray(b'1') * (300 << 20)
        import time; time.sleep(60)
import time; time.sleep(60)"""),
    double("all files that it may open", "import os\nf = [os.dup(1) for _ in range(10 ** 4)]"),
    double("fills a file", "open('/tmp/x', 'wb').write(bytes(1 << 24))\nreturn 2 * x"),
]  # fmt: skip

SCRATCH = [
    Attack("a scratch cell that never ends", after="while True: pass"),
    Attack("a scratch cell that leaves", before="import os; os._exit(0)"),
    Attack("a scratch cell that exits politely", before="import sys; sys.exit()"),
    Attack("a scratch cell that raises", before="1 / 0", says="ZeroDivisionError"),
    Attack("a scratch cell that is no Python", before="for for", says="SyntaxError"),
    Attack("a scratch cell with a null byte", before="x = '\0'"),
    Attack("a scratch cell that crashes", before="import ctypes; ctypes.string_at(0)"),
    Attack("a scratch cell that takes all memory", before="x = bytearray(b'1') * (1 << 32)"),
    Attack("a scratch cell that asks", before="name = input('Your name? ')", says="EOFError"),
    Attack("a scratch cell that debugs", before="breakpoint()"),
    Attack("a fork bomb in a scratch cell", before="import os\nwhile True: os.fork()"),
    Attack("a solution cell that tries itself out for ever", cells={
        "double": "def double(x):\n    return 2 * x\n\nwhile True: double(1)"}),
    Attack("magics and shell commands", before="""%matplotlib inline
!touch here
files = !ls
!pip install torch
?np.zeros
np.zeros?
%timeit 1 + 1
%load_ext autoreload
get_ipython().run_line_magic('time', '1')
text = '''
%not a magic
'''
rest = 7 % 4"""),
    Attack("a cell in another language", before="%%bash\nwhile true; do :; done"),
    Attack("a timed solution", cells={"double": "%%time\ndef double(x):\n    return 2 * x"}),
    Attack("loud code", before="""
import sys, warnings, logging
print('x' * 10 ** 7)
print('y' * 10 ** 6, file=sys.stderr)
warnings.warn('hm')
logging.error('oh')
np.log(0.0)"""),
    Attack("a closed standard output", before="import sys; sys.stdout.close(); sys.stderr = None"),
    Attack("imports of what is not there", cells={"double": """
import matplotlib.pyplot as plt
from nnlib import sigmoid
import nnlib.data as d
from tqdm.auto import *
def double(x):
    return 2 * x"""}),
    Attack("plots", after="""
import matplotlib.pyplot as plt
plt.plot([1, 2])""", says="matplotlib.pyplot.plot is not there"),
    Attack("errors of NumPy that raise", before="""
import numpy as np; np.seterr(all='raise')
import warnings; warnings.simplefilter('error')"""),
    Attack("its own names for the course's", after="close = parts = array = rng = ok = untouched = Mismatch = None"),
    Attack("saves a file", after="np.save('x.npy', np.zeros(3))"),
]  # fmt: skip

# Each ends by itself with the right solutions if a wall stands, and else raises where the judge would see it.
WALLS = [
    Attack("reads the course", before="""
import os
found = [p for p in SECRETS if os.path.lexists(p)]
for top in ("/home", "/root", "/etc", "/var", "/mnt", "/srv", "/tmp", "/run"):
    found += [top] if os.path.lexists(top) else []
for pid in filter(str.isdigit, os.listdir("/proc")):
    for what in ("root", "cwd", "environ", "mem"):
        try: found += [p for p in SECRETS if os.path.exists(f"/proc/{pid}/{what}{p}")]
        except OSError: pass
if found: os._exit(1)"""),
    Attack("writes outside", before="""
import os
tries = (
    lambda path: open(path, "a").write("x"), os.unlink, os.mkdir, os.mknod,
    lambda path: os.symlink("/etc/passwd", path), lambda path: os.chmod(path, 0o777), lambda path: os.rename(path, "/y"),
)
for path in (
    *CANARIES, "/usr/bin/x", "/opt/py/x", "/opt/grade/grader/checks.py", "/opt/grade/grader/x", "/x", "/dev/x",
    "/dev/shm/x", "/proc/sys/kernel/core_pattern", "/proc/self/oom_score_adj",
):
    for attempt in tries:
        try:
            attempt(path)
            os._exit(1)
        except OSError:
            pass"""),
    Attack("calls out", before="""
import os, socket, urllib.request
AF_NETLINK, AF_ALG, AF_VSOCK = 16, 38, 40
for family, kind, address in (
    (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", PORT)),
    (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", PORT)),
    (socket.AF_INET6, socket.SOCK_STREAM, ("::1", PORT)),
    (socket.AF_UNIX, socket.SOCK_STREAM, "\\0abstract"),
    (AF_VSOCK, socket.SOCK_STREAM, (2, 1024)),
    (AF_NETLINK, socket.SOCK_RAW, (0, 0)),
    (AF_ALG, 5, ("hash", "sha256")),
):
    try:
        with socket.socket(family, kind) as one:
            one.settimeout(0.2)
            one.connect(address)
            one.send(b"x")
        os._exit(1)
    except OSError:
        pass
try:
    urllib.request.urlopen(f"http://127.0.0.1:{PORT}", timeout=0.2)
    os._exit(1)
except OSError:
    pass"""),
    Attack("opens doors of the kernel", before=SYSTEM + """
first = os.getppid()
doors = (
    ("ptrace", 101, 117, 0, 0, 0, 0),
    ("unshare", 272, 97, 0x10000000),
    ("clone", 56, 220, 0x10000011, 0, 0, 0, 0),
    ("mount", 165, 40, b"x", b"/", b"tmpfs", 0, 0),
    ("setns", 308, 268, 0, 0),
    ("chroot", 161, 51, b"/"),
    ("shmget", 29, 194, 0, 4096, 0o1600),
    ("mq_open", 240, 180, b"x", 0o102, 0o600, 0),
    ("memfd_create", 319, 279, b"x", 0),
    ("keyctl", 250, 219, 0, -3, 1),
    ("bpf", 321, 280, 0, 0, 0),
    ("io_uring_setup", 425, 425, 8, 0),
    ("userfaultfd", 323, 282, 1),
    ("perf_event_open", 298, 241, 0, 0, -1, -1, 0),
    ("process_vm_readv", 310, 270, first, 0, 0, 0, 0, 0),
    ("prlimit of the first process", 302, 261, first, 7, 0, 0),
    ("setpriority of the first process", 141, 140, 0, first, 19),
    ("sched_setaffinity", 203, 122, first, 8, b"\\1" + bytes(7)),
)
for name, *numbers in doors:
    if call(*numbers) >= 0:
        os._exit(1)
if os.getuid() == 0 or os.path.exists(f"/proc/{first}/fd/3"):
    os._exit(1)"""),
    Attack("reads and writes other processes", before="""
import os
others = [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and int(pid) != os.getpid()]
for pid in others:
    for what in ("mem", "environ", "maps", "fd/0", "fd/3"):
        try: os.close(os.open(f"/proc/{pid}/{what}", os.O_RDWR if pid == 1 else os.O_RDONLY)); os._exit(1)
        except OSError: pass
    told = open(f"/proc/{pid}/cmdline").read()
    if any(os.path.dirname(path) in told for path in SECRETS) or "numpy" in told: os._exit(1)"""),
]  # fmt: skip

ATTACKS = [*PATCHES, *OBJECTS, *HUGE, *FRAMES, *LEAKS, *ENDS, *SCRATCH, *WALLS]
