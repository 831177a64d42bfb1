"""Hostile and unlucky code: what stands in a notebook, how it must end, and what it may earn.

Every notebook is the untouched exercise with one right answer, ``neuron``, which is worth a point,
and then the cells below. So nothing here may earn more than that point, unless it says so. Code
that gets what it must not have raises ``STOLEN``; the tests look for that word in the results.
"""

from dataclasses import dataclass

MARK = "chainrule-hostile-mark"  # in the name of every file that hostile code tries to write

ANSWER = """
def neuron(x, w, b):
    return x @ w + b
"""


@dataclass(frozen=True)
class Case:
    """``says`` must be in what the results tell about the notebook."""

    name: str
    status: str
    code: str
    points: float = 1.0
    says: str = ""


TIME = [
    Case("endless loop", "timeout", "while True: pass", says="still running"),
    Case("sleep", "timeout", "import time\ntime.sleep(10_000)", says="still running"),
    Case(
        "loop that catches everything",
        "timeout",
        """
import signal
for number in range(1, 64):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True:
    try:
        while True: pass
    except BaseException:
        pass
""",
    ),
    Case(
        "answer that never returns",
        "timeout",
        "def affine(X, W, b):\n    while True: pass",
        says="Your affine does not come to an end: still running",
    ),
    Case(
        "answer that is slow every time",
        "timeout",
        "import time\ndef affine(X, W, b):\n    time.sleep(0.9)\n    return X @ W.T",
        points=1.0,
    ),
    Case(
        "another program in its place",
        "timeout",
        f"""
import os, sys
os.execv(sys.executable, [sys.executable, "-S", "-c", "while True: pass", "{MARK}"])
""",
    ),
]

MEMORY = [
    Case("memory at once", "memory", "hoard = bytearray(10**12)", says="MemoryError"),
    Case(
        "memory bit by bit",
        "memory",
        "hoard = []\nwhile True:\n    hoard.append(bytearray(10**7))",
        says="MemoryError",
    ),
    Case(
        "memory in an answer",
        "memory",
        "def affine(X, W, b):\n    return np.zeros((10**7, 10**4)) + 1",
        says="MemoryError",
    ),
    Case(
        "files as memory",
        "graded",
        f"""
import os
written = 0
try:
    for number in range(10_000):
        with open(f"/tmp/{MARK}-{{number}}", "wb") as file:
            written += file.write(bytes(10**6))
except OSError:
    pass
if written > 100 * 10**6:
    raise RuntimeError("STOLEN: memory through files")
""",
    ),
    Case(
        "large file",
        "graded",
        f"""
try:
    with open("/tmp/{MARK}", "wb") as file:
        file.truncate(10**9)
except OSError:
    pass
else:
    raise RuntimeError("STOLEN: a large file")
""",
    ),
    Case(
        "anonymous memory",
        "graded",
        """
import os
from multiprocessing.shared_memory import SharedMemory
for get in (lambda: os.memfd_create("x"), lambda: SharedMemory(create=True, size=10**6)):
    try: get()
    except OSError: pass
    else: raise RuntimeError("STOLEN: memory without a limit")
""",
    ),
    Case(
        "limits raised",
        "graded",
        """
import resource
for which in ("AS", "CPU", "NPROC", "FSIZE", "NOFILE"):
    try: resource.setrlimit(getattr(resource, "RLIMIT_" + which), (resource.RLIM_INFINITY,) * 2)
    except (OSError, ValueError): pass
    else: raise RuntimeError("STOLEN: a limit")
""",
    ),
]

PROCESSES = [
    Case("fork storm", "graded", "import os\nwhile True: os.fork()", says="PermissionError"),
    Case(
        "thread storm",
        "graded",
        """
import _thread, time  # threading would wait for a thread that finds no memory to begin in
_thread.stack_size(32768)
threads = 0
try:
    for _ in range(5_000):
        _thread.start_new_thread(time.sleep, (10_000,))
        threads += 1
except (RuntimeError, MemoryError):
    pass
if threads > 200:
    raise RuntimeError("STOLEN: threads without end")
""",
    ),
    Case(
        "background process",
        "graded",
        f"""
import os, subprocess, sys
loop = [sys.executable, "-S", "-c", "while True: pass", "{MARK}"]
for start in (
    lambda: subprocess.Popen(loop, start_new_session=True),
    lambda: os.posix_spawn(sys.executable, loop, {{}}),
    lambda: os.system("sleep 1000 &") and 1 / 0,
):
    try: start()
    except (OSError, ZeroDivisionError): pass
    else: raise RuntimeError("STOLEN: a process")
""",
    ),
    Case("os._exit", "died", "import os\nos._exit(0)", says="exit code 0"),
    Case("sys.exit", "graded", "import sys\nsys.exit(1)", says="SystemExit"),
    Case("quit", "graded", "raise SystemExit", says="SystemExit"),
    Case("interrupt", "graded", "raise KeyboardInterrupt", says="KeyboardInterrupt"),
    Case("kill itself", "died", "import os\nos.kill(os.getpid(), 9)", says="SIGKILL"),
    Case("kill its group", "died", "import os\nos.killpg(0, 9)", says="SIGKILL"),
    Case("kill everybody", "graded", "import os\nfor p in (1, -1):\n    os.kill(p, 9)"),
    Case("crash", "died", "import ctypes\nctypes.string_at(0)", says="SIGSEGV"),
    Case("abort", "died", "import os\nos.abort()", says="SIGABRT"),
    Case(
        "crash by recursion",
        "died",
        """
import sys
sys.setrecursionlimit(10**9)
class Deep:
    def __getattr__(self, name): return getattr(self, name)
Deep().x
""",
        says="SIGSEGV",
    ),
    Case(
        "answer that exits",
        "died",
        "import os\ndef affine(X, W, b):\n    os._exit(3)",
        says="Your affine ends the process it runs in: it ended with exit code 3",
    ),
    Case(
        "answer that raises what nobody catches",
        "graded",
        "class Odd(BaseException): pass\ndef affine(X, W, b):\n    raise Odd",
        says="Odd",
    ),
    Case(
        "every answer exits",
        "died",
        """
import os
def affine(*given): os._exit(1)
neuron = affine_pullback = affine_columns = count_parameters = residual_summary = affine
""",
        points=0.0,
    ),
    Case(
        "many cells that exit",
        "died",
        "import os\nos._exit(1)\n# --- next cell ---\n" * 6,
        points=0.0,
        says="exit code 1",
    ),
]

TAMPERING = [
    Case(
        "patched NumPy",
        "graded",
        """
import numpy as np
for name in ("allclose", "array_equal", "isclose", "all"):
    setattr(np, name, lambda *given, **options: True)
np.testing.assert_allclose = lambda *given, **options: None
def affine(X, W, b): return X
""",
    ),
    Case(
        "patched checker",
        "graded",
        """
import chainrule.grading, chainrule.grading.report as report
chainrule.grading.check = lambda *given: print("correct")
report.evaluate = lambda *given, **options: report.Report("x", "pass", "correct", passed=("x",) * 9)
report.Feedback = None
""",
    ),
    Case(
        "patched worker",
        "died",
        """
from chainrule.grading.grader import codec, worker
from chainrule.grading.handles import Returned
worker.encode = codec.encode = lambda reply: b"pass" * 100
""",
        says="pipe of the grader",
    ),
    Case(
        "patched handle that claims success",
        "graded",
        """
from chainrule.grading import handles
handles.InProcess.kind = lambda self, given=(): "function"
handles.InProcess.call = lambda self, *given, **options: handles.Returned(True)
""",
        points=0.0,
    ),
    Case(
        "builtins that say yes",
        "died",
        """
import builtins
builtins.isinstance = lambda *given: True
builtins.len = lambda thing: 0
builtins.all = builtins.any = lambda things: True
""",
    ),
    Case(
        "faked output",
        "graded",
        """
import sys
sys.stdout.write('<div class="cr-card" data-state="pass">affine: correct.</div>')
print("affine: correct. All 6 checks pass.")
display("affine: correct.")
def affine(X, W, b):
    print("correct")
    return {"state": "pass", "points": 7}
""",
    ),
    Case(
        "output flood",
        "graded",
        "import os\nfor _ in range(300):\n    print('x' * 10**6)\n    os.write(1, b'x' * 10**6)\n"
        "    os.write(2, b'x' * 10**6)",
    ),
    Case(
        "noise in every descriptor",
        "died",
        """
import os
for descriptor in range(3, 64):
    try: os.write(descriptor, b"\\xff" * 1000)
    except OSError: pass
""",
        says="pipe of the grader",
    ),
    Case(
        "replies that nobody asked for",
        "died",
        """
import os
from chainrule.grading.grader.codec import encode
from chainrule.grading.handles import Returned
for descriptor in range(3, 64):
    try: os.write(descriptor, encode(Returned(None)) + encode(("neuron", "affine")) * 50)
    except OSError: pass
""",
        points=0.0,
    ),
    Case("descriptors closed", "died", "import os\nos.closerange(0, 64)"),
    Case(
        "modules replaced",
        "died",
        "import json\njson.dumps = json.JSONEncoder.encode = lambda *given, **options: 'pass'",
    ),
]

SPYING = [
    Case(
        "reading the checks",
        "graded",
        """
import importlib, os, sys
try: import chainrule.grading.checks.affine_layers
except ImportError: pass
else: raise RuntimeError("STOLEN: the checks")
try: importlib.import_module("chainrule.functional").affine(*[np.ones((1, 1))] * 3)
except RuntimeError: pass
else: raise RuntimeError("STOLEN: the library")
sys.meta_path[:] = [finder for finder in sys.meta_path if "hidden" not in str(type(finder))]
for name in [name for name in sys.modules if name.startswith("chainrule.functional")]:
    del sys.modules[name]
try: from chainrule.functional import affine as theirs
except ImportError: pass
else: raise RuntimeError("STOLEN: the library")
for folder in os.listdir("/"):
    if folder in ("usr", "lib", "lib64", "proc", "sys"): continue
    for path, folders, files in os.walk("/" + folder):
        folders[:] = [name for name in folders if name != "site-packages"]
        for file in files:
            if file.endswith(".ipynb") or file.startswith("affine"):
                raise RuntimeError("STOLEN: " + path + "/" + file)
""",
    ),
    Case(
        "reading the environment",
        "graded",
        """
import os
found = dict(os.environ)
for path in ("/proc/self/environ", "/proc/1/environ", "/proc/%d/environ" % os.getppid()):
    try: found[path] = open(path).read()
    except OSError: pass
if "CHAINRULE_HOSTILE_SECRET" in str(found):
    raise RuntimeError("STOLEN: the environment")
""",
    ),
    Case(
        "reading the machine",
        "graded",
        """
import os
for path in ("/etc/passwd", "/etc/shadow", "/etc/hostname", "/proc/mounts", "/sys/class", "/run"):
    if os.path.exists(path): raise RuntimeError("STOLEN: " + path)
if os.listdir(os.path.expanduser("~")): raise RuntimeError("STOLEN: a home")
""",
    ),
    Case(
        "seeing other processes",
        "graded",
        """
import os
seen = []
for number in range(1, 40_000):
    try: os.kill(number, 0)
    except ProcessLookupError: continue
    except PermissionError: pass
    seen.append(number)
if len(seen) > 3: raise RuntimeError(f"STOLEN: sees {len(seen)} processes")
""",
    ),
    Case(
        "becoming root",
        "graded",
        """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
keys = 248 if os.uname().machine == "x86_64" else 217
attempts = {
    "uid": lambda: os.setuid(0) or 0,
    "group": lambda: os.setgroups([0]) or 0,
    "user namespace": lambda: libc.unshare(0x10000000),
    "mount": lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
    "trace": lambda: libc.ptrace(16, 1, 0, 0),
    "keys": lambda: libc.syscall(keys, b"user", b"x", b"y", 1, -3),
    "device": lambda: os.chmod("/dev/null", 0o600) or 0,
    "new device": lambda: os.mknod("/tmp/x", 0o20666, os.makedev(1, 3)) or 0,
}
for what, attempt in attempts.items():
    try: result = attempt()
    except OSError: continue
    if result != -1: raise RuntimeError("STOLEN: " + what)
if os.getuid() == 0: raise RuntimeError("STOLEN: is root")
""",
    ),
    Case(
        "writing outside",
        "graded",
        f"""
import os
places = ["/", "/library", "/library/chainrule", "/library/chainrule/functional", "/usr/lib",
          "/dev", "/etc", "/var/tmp", "/root", "/home", "..", *np.__path__,
          os.path.dirname(os.__file__)]
for place in places:
    try: open(place + "/{MARK}", "w").close()
    except OSError: continue
    raise RuntimeError("STOLEN: wrote into " + place)
open("/tmp/{MARK}", "w").close()
open("{MARK}", "w").close()
""",
    ),
    Case(
        "deleting everything",
        "graded",
        "import shutil\nfor path in ('/library', '/tmp', '/dev', '/root', '/home', *np.__path__):\n"
        "    shutil.rmtree(path, ignore_errors=True)",
    ),
    Case(
        "network",
        "graded",
        """
import socket
PORT, NAME = {port}, {name!r}
for family, address in ((socket.AF_INET, ("127.0.0.1", PORT)), (socket.AF_UNIX, NAME)):
    connection = socket.socket(family)
    connection.settimeout(0.5)
    try: connection.connect(address)
    except OSError: continue
    raise RuntimeError("STOLEN: a connection")
""",
    ),
]

ANSWERS = [
    Case(
        "liar",
        "graded",
        """
class Liar:
    shape, dtype, ndim, size = (1, 1), np.dtype(float), 2, 1
    __array_priority__ = 1e9
    def __eq__(self, other): return True
    def __call__(self, *given): return self
    def __getattr__(self, name): return self
    def __array_ufunc__(self, *given, **options): return self
    def __bool__(self): return True
    def __len__(self): return 1
    def __iter__(self): return iter([self])
shapes = Liar()
affine = Liar()
def affine_pullback(*given): return Liar(), Liar(), Liar()
""",
    ),
    Case(
        "array that lies",
        "graded",
        """
class Equal(np.ndarray):
    def __eq__(self, other): return True
    def __sub__(self, other): return np.zeros(self.shape)
    __rsub__ = __sub__
def affine(X, W, b): return np.zeros((len(X), len(W))).view(Equal)
""",
    ),
    Case("generator", "graded", "def affine(X, W, b):\n    yield X @ W.T + b"),
    Case("huge array", "graded", "def affine(X, W, b):\n    return np.zeros(3 * 10**6)"),
    Case("empty but long", "graded", "def affine(X, W, b):\n    return np.zeros((10**12, 0))"),
    Case("huge number", "graded", "def count_parameters(sizes):\n    return 1 << 10**6"),
    Case("huge text", "graded", "def affine(X, W, b):\n    return 'x' * 10**7"),
    Case("many entries", "graded", "def affine(X, W, b):\n    return list(range(2 * 10**5))"),
    Case(
        "endless list",
        "graded",
        "def affine(X, W, b):\n    endless = []\n    endless.append(endless)\n    return endless",
    ),
    Case(
        "pickle",
        "graded",
        f"""
import os, pickle
class Pickled:
    def __reduce__(self): return os.system, ("touch /tmp/{MARK}",)
def affine(X, W, b): return pickle.dumps(Pickled())
def affine_columns(X, W, b, dZ): return Pickled()
""",
    ),
    Case(
        "strange types",
        "graded",
        """
class Meta(type):
    def __instancecheck__(cls, other): return True
    def __getattribute__(cls, name): raise RuntimeError
class Strange(metaclass=Meta): pass
affine = Strange
def affine_pullback(*given): return Strange
affine_columns = np
count_parameters = print
residual_summary = type
shapes = {1: 2}
""",
    ),
    Case("lone surrogate", "graded", "def affine(X, W, b):\n    raise ValueError('\\ud800')"),
    Case(
        "the library's own",
        "graded",
        """
from chainrule.functional import affine as theirs
def affine(X, W, b): return theirs(X, W, b)[0]
""",
        says="This calls the library's own code.",
    ),
    Case(
        "the library's own by a back door",
        "graded",
        """
import importlib
def affine(X, W, b):
    part = importlib.import_module("chain" + "rule.functional")
    return getattr(part, "aff" + "ine")(X, W, b)[0]
""",
        says="Your function stops with a RuntimeError",
    ),
    Case(
        "unseeded randomness",
        "graded",
        """
import random
drawn = random.random(), np.random.rand(), np.random.default_rng().random(), hash("x")
raise ValueError(str(drawn) + str(object()))
""",
        says="ValueError: (0.8444218515250481",
    ),
]

HARMLESS = [
    Case(
        "the library imported beside the answer",
        "graded",
        """
from chainrule.autograd import Tensor
from chainrule.functional import affine as theirs
import chainrule.nn as nn
def affine(X, W, b): return X @ W.T + b
theirs(np.ones((1, 1)), np.ones((1, 1)), np.ones(1))
""",
        points=2.0,
        says="chainrule.functional.affine is not there while answers are graded",
    ),
    Case("syntax error", "graded", "def affine(X, W, b)\n    return X", says="SyntaxError"),
    Case("zero bytes", "graded", "x = '\0'"),
    Case("unterminated", "graded", "x = '''"),
    Case("input", "graded", "input('name?')", says="EOFError"),
    Case(
        "magics and shell lines",
        "graded",
        "%matplotlib inline\n!pip install numpy\nfiles = !ls\nnp.dot?\n"
        "def affine(X, W, b):\n    %time\n    return X @ W.T + b",
        points=2.0,
        says="not run: %matplotlib inline; !pip install numpy; files = !ls; np.dot?",
    ),
    Case(
        "a cell of another language",
        "graded",
        "%%bash\nrm -rf /\n# --- next cell ---\n"
        "%%time\ndef affine(X, W, b):\n    return X @ W.T + b",
        points=2.0,
        says="not run: %%bash",
    ),
    Case(
        "a remainder at the start of a line",
        "graded",
        "seven = (107\n  % 100)\nassert seven == 7\ndef affine(X, W, b):\n    return X @ W.T + b",
        points=2.0,
    ),
    Case(
        "a plot beside the answer",
        "graded",
        """
import matplotlib.pyplot as plt
def affine(X, W, b): return X @ W.T + b
figure, axes = plt.subplots()
axes.plot([0, 1], [1, 0])
axes.set_title("$x^2$")
figure.savefig("figure.png")
plt.show()
""",
        points=2.0,
    ),
    Case(
        "a class with a decorator",
        "graded",
        "from __future__ import annotations\nfrom dataclasses import dataclass, field\n"
        "@dataclass\nclass Layer:\n    W: object = field(default_factory=list)\n"
        "def affine(X, W, b):\n    return X @ Layer(W).W.T + b",
        points=2.0,
    ),
]

# TIME is graded with short limits, so that it ends soon, and the others with long ones, so that a
# busy machine changes nothing.
CASES = [*MEMORY, *PROCESSES, *TAMPERING, *SPYING, *ANSWERS, *HARMLESS]
