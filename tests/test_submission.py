"""Submissions that do what they should not, each planted: they cost themselves only, and show nothing hidden."""

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import dedent, indent

import numpy as np
import pytest

import sae
from sae.isolation import Call, Given, Limits, Rng, StudentError, answers, end_running, parcel, submission

SECRET = 0.123456789
SHORT = Limits(seconds=0.3, wall=30)


@pytest.fixture
def write(tmp_path):
    def write(text, name="student.py"):
        text = dedent(text).strip("\n")
        if "def f(" not in text:
            text = f"import os, sys, time\nimport numpy as np\n\n\ndef f(x):\n{indent(text, '    ')}\n"
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def ask(path, *arguments, function="f", **options):
    return answers(path, [Call(function, *arguments)], **options)[0]


def error_of(path, *arguments, **options):
    with pytest.raises(StudentError) as error:
        ask(path, *(arguments or (SECRET,)), **options)
    return error.value


def processes(word):
    command = ["ps", "-ww", "-A", "-o", "stat=,ppid=,args="]  # lines of any width
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return [int(parent) for stat, parent, words in rows if word in words and not stat.startswith("Z")]


# What is asked, and what comes back


def test_values_travel_as_they_are(write):
    path = write("return x")
    plain = [None, True, 3, -2.5, 1e300, float("inf"), 2 - 1j, "é\n\0", [1, [2.0, ("a", None)]], ()]
    for value, answer in zip(plain, answers(path, [Call("f", value) for value in plain]), strict=True):
        assert answer.value == value
        assert type(answer.value) is type(value)
    assert ask(write("return {'a': 1, 2: [x]}"), 3).value == {"a": 1, 2: [3]}
    path = write("return x")
    arrays = [np.arange(6.0).reshape(2, 3).T, np.ones((0, 3), np.float32), np.array(3j), np.array([True])]
    for array, answer in zip(arrays, answers(path, [Call("f", array) for array in arrays]), strict=True):
        assert answer.value.dtype == array.dtype
        assert answer.value.shape == array.shape
        assert (answer.value == array).all()
    single, nan, inside, fortran = answers(
        path, [Call("f", x) for x in (np.float32(2.5), np.nan, [np.array([np.nan, 1])], np.ones((3, 4), order="F"))]
    )
    assert isinstance(single.value, np.float32)
    assert np.isnan(nan.value)
    assert np.isnan(inside.value[0][0])
    assert fortran.value.flags.f_contiguous


def test_calls_share_a_process_and_functions_and_generators_are_made_anew(write):
    path = write(
        """
        count = 0
        def f(g, rng):
            global count
            count += 1
            return count, g(2.0), rng.normal()
        """
    )
    g = Given("g", "calls = []\ndef g(x):\n    calls.append(x)\n    return np.exp(x) + len(calls)")
    found = [answer.value for answer in answers(path, [Call("f", g, Rng(3))] * 2)]
    expected = np.exp(2.0) + 1, np.random.default_rng(3).normal()
    assert found == [(1, *expected), (2, *expected)]
    assert ask(write("return x[0][1](1.0)"), [(0, g)]).value == np.exp(1.0) + 1
    assert g.make()(0.0) == 2.0


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        ("pass", ()),
        ("x[0] = 7; y[1][0, 0] = 7", (0, 1)),
        ("x[2] = np.nan", (0,)),
        ("y.append(3)", (1,)),
        ("x.shape = (3, 1)", (0,)),
        ("z = x.copy(); z += 1; x = x + 1", ()),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_changed_arguments_are_told(write, body, changed):
    path = write(f"import numpy as np\ndef f(x, y, g):\n    {body}\n    return 1.0\n")
    x, y = np.array([np.nan, 1.0, 2.0]), [1, np.ones((2, 2))]
    assert ask(path, x, y, Rng(0)).changed == changed
    assert x[1] == 1


def test_data_beside_it_is_there_and_nothing_else(write, tmp_path):
    np.savez(tmp_path / "data.npz", X=np.ones(3))
    (tmp_path / "solution.py").write_text("answer = 42")
    path = write(
        """
        import numpy as np, os
        X = np.load("data.npz")["X"]
        def f(x):
            open("mine.txt", "w").write("a"); os.mkdir("b"); os.rename("mine.txt", "b/c"); open("b/c").read()
            os.remove("b/c"); os.rmdir("b")
            return sorted(os.listdir()), X, __name__, os.getcwd()
        """,
        "other name.py",
    )
    listed, X, name, folder = ask(path, 0).value
    assert listed == ["data.npz", "student.py"]
    assert X.tolist() == [1, 1, 1]
    assert name == "student"
    assert not Path(folder).exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.npz", "other name.py", "solution.py"]


def test_scipy_and_matplotlib_can_be_imported(write):
    path = write(
        """
        import scipy.special, scipy.optimize
        from scipy import linalg, sparse
        import matplotlib.pyplot as plt
        import random, math, collections, itertools, functools, pathlib, json, csv, tempfile, inspect
        def f(x):
            with tempfile.NamedTemporaryFile("w") as file:
                file.write("x")
            plt.plot([1, 2]); plt.title("$J$"); plt.savefig("a.png"); plt.show()
            assert pathlib.Path("a.png").stat().st_size > 1000
            x0 = scipy.optimize.minimize(lambda t: ((t - 1) ** 2).sum(), [0.0], method="L-BFGS-B").x
            return scipy.special.expit(x) + linalg.norm(x0)
        """
    )
    assert ask(path, 0.0).value == pytest.approx(1.5)


# Errors


RAISES = {
    "return 1 / 0": ("ZeroDivisionError", "division by zero"),
    "raise ValueError(x)": ("ValueError", "0.1234"),
    "raise type(f'leak{x}', (Exception,), {})(x)": ("an exception of its own", "0.1234"),
    "class E(Exception):\n    def __str__(self): raise self\nraise E": ("an exception of its own", None),
    "class E(Exception):\n    def __str__(self): os._exit(0)\nraise E": ("an exception of its own|ended", None),
    "sys.exit(str(x))": ("it ends the program", None),
    "raise KeyboardInterrupt": ("KeyboardInterrupt", None),
    "return f(x)": ("RecursionError", "recursion"),
    "return np.linalg.inv(np.zeros((2, 2)))": ("LinAlgError", "Singular"),
    "return np.ones(2) @ np.ones(3)": ("ValueError", "matmul"),
    "return input()": ("EOFError", None),
    "raise NotImplementedError(x)": ("hole|written yet", None),
    "from nowhere import x": ("ModuleNotFoundError", "nowhere"),
    "import __main__\nraise __main__.refusal.RefusedError(str(x))": ("what is not allowed here", None),
}


@pytest.mark.parametrize(("body", "said", "message"), [(body, *said) for body, said in RAISES.items()])
def test_an_exception_is_told_and_hides_its_message(write, body, said, message):
    path = write(body)
    hidden, shown = error_of(path), error_of(path, hidden=False)
    assert hidden.kind in ("raises", "hole", "forbidden")
    assert re.search(said, str(hidden))
    assert "0.12" not in str(hidden)
    assert hidden.line is not None
    assert f"line {hidden.line}" in str(hidden)
    assert message is None or (message in str(shown) and f"{said}: " in str(shown))


def test_a_hole_is_named(write):
    text = """
    def cost(x):
        return g(x)

    def g(x):
        # YOUR CODE HERE
        raise NotImplementedError
    """
    error = error_of(write("def f(x): pass" + dedent(text)), function="cost")
    assert error.kind == "hole"
    assert str(error) == "student.py, line 7: g isn't written yet."


FILES = {
    "def f(x)\n    return 1\n": ("raises", 1, "SyntaxError: expected ':'"),
    "def f(x):\n\treturn 1\n        return 2\n": ("raises", 3, "SyntaxError"),
    "x = 1\nimport nosuch\ndef f(x): return 1": ("raises", 2, "ModuleNotFoundError"),
    "def f(x): return 1\n\0": ("raises", None, "null bytes"),
    "def f(x): return 1\nx = " + "(" * 5000: ("raises", None, "SyntaxError"),
    "def f(x): return 1\nx = " + "-" * 100_000 + "1": ("raises|memory", None, "SyntaxError|memory"),
    "def g(x): pass\nclass f: pass": ("not found|answer|raises", None, ""),
    "def g(x): pass\nX = 1": ("not found", None, "no function f in it; it has g"),
    "f = 3": ("not found", None, "no function f in it; it has no function"),
    "def f(x, y, *, z): pass": ("not found", None, r"can't be called with 1 arguments.*written as f\(x, y, \*, z\)"),
    "def f(): pass": ("not found", None, r"written as f\(\)"),
    "import os; os._exit(0)\ndef f(x): pass": ("crash", None, "ended without"),
    "def f(x): pass\n" + "#" * 2**20: ("not found", None, "has .* bytes; expected"),
}


@pytest.mark.parametrize(("text", "kind", "line", "message"), [(text, *said) for text, said in FILES.items()])
def test_a_file_that_is_none(write, text, kind, line, message):
    path = write("def f(x): pass")
    path.write_text(text)
    error = error_of(path)
    assert error.kind in kind.split("|")
    assert line is None or error.line == line
    assert re.search(message, str(error))


def test_a_file_that_is_not_there(tmp_path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    for name in ["nothing.py", "folder", "fifo"]:
        assert error_of(tmp_path / name).kind == "not found"


def test_a_file_in_another_encoding(tmp_path):
    path = tmp_path / "student.py"
    path.write_bytes("# -*- coding: latin-1 -*-\ndef f(x):\n    é = 1 / 0\n".encode("latin-1"))
    assert "`é = 1 / 0`" in str(error_of(path))
    path.write_bytes(b"def f(x):\n    return '\xff'\n")
    assert "SyntaxError" in str(error_of(path))


ANSWERS = {
    "return {1, 2}": "returns a set; expected numbers",
    "return lambda: x": "returns a function",
    "return np.array([x, None])": "of Python objects",
    "return np.array(['a'])": "of Python objects or strings",
    "a = []; a.append(a); return a": "8 deep at most",
    "return [0] * 10**5": "10000 things at most",
    "return np.zeros(10**7 + 1)": "64 MiB at most",
    "return 'x' * 10**8": "64 MiB at most",
    "return 10**200": "64 MiB at most",
    "return {(1, 2): 3}": "returns a dict",
    "return type(f'leak{x}', (), {})()": "returns something else",
}


@pytest.mark.parametrize(("body", "message"), ANSWERS.items())
def test_an_answer_that_can_not_be_judged(write, body, message):
    error = error_of(write(body))
    assert error.kind == "answer"
    assert message in str(error)
    assert "leak" not in str(error)


@pytest.mark.parametrize("function", [print, {1}, np.array([None]), [b""]])
def test_an_argument_that_can_not_be_sent_is_our_fault(write, function):
    with pytest.raises(sae.SaeError, match="an argument of a call is") as error:
        ask(write("return 1"), function)
    assert not isinstance(error.value, StudentError)


# Limits


LOOPS = {
    "while True: pass": "while True",
    "import re; re.match('(a+)+$', 'a' * 60 + 'b')": "re.match",
    "signal = __import__('signal'); signal.signal(signal.SIGPROF, signal.SIG_IGN)\nwhile True: pass": None,
    "while True: print('x' * 100)": "print",
}


@pytest.mark.parametrize(("body", "source"), LOOPS.items())
def test_an_endless_loop_is_ended_by_its_computing(write, body, source):
    error = error_of(write(body), limits=SHORT)
    assert error.kind == "timeout"
    assert source is None or source in str(error)
    assert "0.3 s of computing" in str(error)


def test_the_limit_of_computing_is_exact(write):
    path = write("import signal\nsignal.signal(signal.SIGPROF, signal.default_int_handler)\nwhile True: pass")
    assert "KeyboardInterrupt" in str(error_of(path, limits=SHORT))  # not ended by the kernel, a second later


def test_sleeping_is_ended_by_the_clock_and_is_no_computing(write):
    path = write("time.sleep(x); return 1.0")
    assert ask(path, 0.6, limits=SHORT).value == 1.0
    error = error_of(path, 60.0, limits=Limits(wall=0.5))
    assert error.kind == "timeout"
    assert "`time.sleep(x)" in str(error)
    assert "0.5 s by the clock" in str(error)


def test_a_loop_while_it_is_imported(write):
    error = error_of(write("import time\nwhile True:\n    time.time()\ndef f(x): pass"), limits=SHORT)
    assert error.kind == "timeout"


MEMORY = [
    "return np.ones(10**10)",
    "a = []\nwhile True: a.append(bytes(10**7))",
    "return 'x' * 10**11",
]


@pytest.mark.parametrize("body", MEMORY)
def test_memory_has_a_limit(write, body):
    error = error_of(write(body), limits=Limits(memory=2**30))
    assert error.kind == "memory"
    assert "1 GiB" in str(error)


def test_files_have_a_limit(write):
    assert error_of(write("open('a', 'wb').write(bytes(2**25))")).kind == "raises"


@pytest.mark.parametrize("options", [{"seconds": 0}, {"wall": -1.0}, {"memory": np.inf}, {"seconds": True}])
def test_limits_are_checked(options):
    with pytest.raises(sae.SaeError, match="the limit"):
        Limits(**options)


# What is not allowed


FORBIDDEN = {
    "os.fork()": "starts a process",
    "while True: os.fork()": "starts a process",
    "os.system('sleep 77')": "starts a process",
    "os.popen('sleep 77')": "starts a process",
    "import subprocess; subprocess.run(['sleep', '77'])": "starts a process",
    "os.posix_spawn('/bin/sleep', ['sleep', '77'], {})": "starts a process",
    "os.execv('/bin/sleep', ['sleep', '77'])": "starts a process",
    "import pty; pty.spawn('sh')": "starts a process",
    "import _posixsubprocess; _posixsubprocess.fork_exec()": "starts a process",
    "import multiprocessing as m; m.Process(target=print).start()": "starts a process",
    "import multiprocessing as m; m.get_context('spawn').Process(target=print).start()": "starts a process",
    "import concurrent.futures as c; c.ProcessPoolExecutor().submit(print).result()": "starts a process",
    "import socket; socket.create_connection(('127.0.0.1', 80))": "uses the network",
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1')": "uses the network|an exception of its own",
    "import sae": "your code imports sae",
    "from sae.course.exercises.softmax import solution": "your code imports sae",
    "import importlib; importlib.import_module('sae')": "your code imports sae",
    "__import__('sae.course')": "your code imports sae",
    "os.kill(os.getppid(), 9)": "signals another process",
    "os.killpg(0, 9)": "signals another process",
    "os.open('/usr', 0)": "reads a file or folder outside",
    "open('/root/.bashrc')": "reads a file or folder outside",
    "open(f'/proc/{os.getppid()}/environ').read()": "reads a file or folder outside",
    "open('/proc/self/mem', 'r+b')": "outside its own folder",
    "os.listdir('/home')": "reads a file or folder outside",
    "os.listdir('..')": "reads a file or folder outside",
    "open('/tmp/sae-planted', 'w')": "writes, moves or removes",
    "open('/usr/sae-planted', 'a')": "writes, moves or removes",
    "os.remove('/tmp/sae-planted')": "writes, moves or removes",
    "os.rename('student.py', '/tmp/sae-planted')": "writes, moves or removes",
    "os.symlink('/', 'root')": "writes, moves or removes",
    "os.mkdir('/tmp/sae-planted')": "writes, moves or removes",
    "import shutil; shutil.rmtree('/tmp')": "outside its own folder",
    "import ctypes; ctypes.string_at(0)": "calls into compiled code",
    "import ctypes; ctypes.CDLL(None).fork()": "calls into compiled code",
    "import resource; resource.setrlimit(resource.RLIMIT_CPU, (99, 99))": "changes the limits",
}


@pytest.mark.parametrize(("body", "message"), FORBIDDEN.items())
def test_what_is_not_allowed_is_refused(write, body, message):
    error = error_of(write(body))
    assert re.search(message, str(error))
    assert error.kind == ("forbidden" if "|" not in message else "raises")
    assert not Path("/tmp/sae-planted").exists()
    assert not processes("sleep 77")


READS = """
import os, numpy as np
def f(paths):
    found = []
    for path in paths:
        for read in (open, np.fromfile, lambda p: os.open(p, 0), lambda p: __import__("io").FileIO(p),
                     lambda p: open(p.encode()), lambda p: __import__("io").open_code(p),
                     lambda p: open(os.path.join("/usr/..", p[1:])), lambda p: os.symlink(p, "there") or open("there"),
                     lambda p: open(os.open(os.path.dirname(os.path.dirname(p)), 0)) or 1):
            try:
                read(path)
                found.append(path)
            except OSError:
                pass
    return found
"""


def test_solutions_can_not_be_read(write):
    folder = Path(sae.__file__).parent
    paths = [str(folder / name) for name in ["__init__.py", "course/exercises/softmax/solution.py"]]
    assert all(Path(path).exists() for path in paths)
    link = Path(os.path.relpath(paths[1], "/usr"))
    assert ask(write(READS), [*paths, f"/usr/{link}", f"/proc/self/root{paths[1]}"]).value == []
    assert ask(write(READS.replace("if", "")), [np.__file__]).value == [np.__file__] * 7  # these may be read


def test_a_library_among_python_s_own_folders_can_not_be_read(tmp_path, monkeypatch):
    from sae.isolation import refusal

    hooks = []
    monkeypatch.setattr(sys, "addaudithook", hooks.append)
    monkeypatch.setattr(refusal, "UNSEEN", ())
    refusal.watch(str(tmp_path), "/nowhere", "/fonts")
    site = next(path for path in sys.path if path.endswith("site-packages"))
    hooks[0]("open", (f"{site}/numpy/__init__.py", "r", 0))
    for inside in ["sae/course/exercises/softmax/solution.py", "numpy/../sae/x.py", "SAE/x.py", "sae"]:
        with pytest.raises(refusal.RefusedError, match="sae"):
            hooks[0]("open", (f"{site}/{inside}", "r", 0))


def test_what_escapes_is_ended(write):
    # A second copy of the module that starts processes, whose function nobody took away; in a session of its own.
    path = write(
        """
        import importlib.machinery, importlib.util, os, sys
        def f(x):
            import _posixsubprocess as known
            spec = known.__spec__
            copy = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(copy)
            copy.__dict__.get("fork_exec")
            environment = [f"{k}={v}".encode() for k, v in os.environ.items()]
            read, write = os.pipe()
            start = copy.fork_exec
            start([b"/bin/sleep", b"78"], [b"/bin/sleep"], True, (), None, environment, -1, -1, -1, -1, -1, -1, read,
                  write, False, True, *(() if sys.version_info < (3, 11) else (-1,)), None, None, None, -1, None,
                  *(() if sys.version_info < (3, 11) else (False,)))
            import time; time.sleep(0.3)
            return 1.0
        """
    )
    with contextlib.suppress(StudentError):  # where the number of processes is limited
        assert ask(path, 0).value == 1.0  # it got away with it, for a while
    assert not processes("sleep 78")


# Nothing to find, nothing to spoil


SEARCH = """
import gc, inspect, sys
def f(x):
    def there(value):
        try:
            return isinstance(value, float) and value == EXPECTED or isinstance(value, str) and "EXPECTED" in value
        except Exception:
            return False
    seen, todo, found = set(), [*gc.get_objects(), *[i.frame for i in inspect.stack()], sys.modules], []
    frame = sys._getframe()
    while frame:
        todo += [frame.f_locals, frame.f_globals, frame.f_builtins, *frame.f_code.co_consts]
        frame = frame.f_back
    code = f.__code__.co_consts + there.__code__.co_consts
    for _ in range(3):
        new = []
        for value in todo:
            if id(value) in seen:
                continue
            seen.add(id(value))
            if there(value) and not any(value is own for own in code):
                found.append(type(value).__name__)
            new += gc.get_referents(value)
        todo = new
    modules = [name for name in sys.modules if name.split(".")[0] == "sae" or "course" in name]
    return len(seen), found, modules
"""


def test_frames_and_objects_hold_no_right_answer(write):
    expected = 0.718281828459045
    path = write(SEARCH.replace("EXPECTED", repr(expected)))
    calls = [Call("f", expected / 2)]
    seen, found, modules = answers(path, calls)[0].value
    assert seen > 5000
    assert found == modules == []
    _, found, _ = answers(path, [Call("f", expected)])[0].value
    assert "float" in found  # it would have been found


PATCHES = [
    "np.dot = np.matmul = np.asarray = np.array = np.ndarray = np.frombuffer = None",
    "np.lib.format.write_array = np.lib.format.read_array = None",
    "np.random.default_rng = None",
    "import json; json.dumps = json.loads = json.JSONEncoder.encode = json.JSONEncoder.iterencode = None",
    "import struct; struct.pack = struct.Struct = None",
    "import builtins; builtins.print = builtins.sorted = builtins.open = builtins.sum = None",
    "os.write = os.read = os.path.join = None",
    "sys.stdout.close(); sys.stderr = None; os.close(2); os.close(1)",
    "sys.stdout = sys.stderr = object()",
    "os.write(1, b'x' * 10**7); os.write(2, bytes(10**6)); print('y' * 10**7)",
    "import threading; [setattr(threading, n, None) for n in ('Thread', 'Lock')]",
    "os.rmdir if [os.mkdir('a'), os.mkdir('a/b'), os.chmod('a', 0)] else 0",
    "sys.modules.clear()",
    "sys.setrecursionlimit(10**6)",
    "np.seterr(all='raise'); np.random.seed(0); __import__('warnings').simplefilter('error')",
]


@pytest.mark.parametrize("patch", PATCHES)
def test_what_is_patched_spoils_no_answer(write, patch):
    path = write(f"{patch}\nreturn x * 2, [np.float64(1.5), 'a', None, np.nan]")
    x = np.arange(4.0)
    value, rest = ask(path, x).value
    assert value.tolist() == [0, 2, 4, 6]
    assert rest[:3] == [1.5, "a", None]
    assert np.isnan(rest[3])


def test_nothing_of_it_reaches_the_next_process(write):
    ask(write("np.sum = lambda *a: 7.0\nreturn np.sum(x)"), np.ones(3))
    assert ask(write("return np.sum(x)"), np.ones(3)).value == 3.0
    assert np.sum(np.ones(3)) == 3.0


FORGE = """
import os, json, struct
def f(x):
    for fd in range(3, 20):
        try:
            os.write(fd, MESSAGE)
        except OSError:
            pass
    os._exit(0)
"""


def message(header, body=b"", size=None, rest=None):
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    return parcel.LENGTHS.pack(size or len(head), len(body) if rest is None else rest) + head + body


FORGED = [
    b"forged" * 9,
    message({"kind": "answer", "value": ["given", "g", "import os; os._exit(7)"], "changed": []}),
    message({"kind": "answer", "value": ["array", "O", [1], "C"], "changed": []}, bytes(8)),
    message({"kind": "answer", "value": ["array", "<U2", [1], "C"], "changed": []}, bytes(8)),
    message({"kind": "answer", "value": ["array", "<M8[s]", [1], "C"], "changed": []}, bytes(8)),
    message({"kind": "answer", "value": ["array", "<f8", [10**12], "C"], "changed": []}, bytes(8)),
    message({"kind": "answer", "value": ["array", "<f8", [-1], "C"], "changed": []}, bytes(8)),
    message({"kind": "answer", "value": ["plain", 1.0], "changed": 7}),
    message({"kind": "answer"}),
    message([1, 2]),
    message(b"[" * 10**5),
    message({}, size=2**60),
    message({}, rest=2**60),
    message({}, b"abc", rest=2**27),
    message({"kind": "raises", "type": "leak", "line": "leak", "message": "leak"}),
    message({"kind": "raises", "type": "NotImplementedError", "line": 10**9, "message": "leak"}),
    message({"kind": "forbidden", "what": "leak", "line": None}),
    message({"kind": "unsendable", "why": "leak", "type": "leak"}),
    message({"kind": "leak"}),
    message({"kind": "syntax", "message": "leak"}),
]


@pytest.mark.parametrize("number", range(len(FORGED)))
def test_a_forged_answer_is_read_with_care(write, number):
    error = error_of(write(FORGE.replace("MESSAGE", repr(FORGED[number]))))
    assert error.kind in ("crash", "raises", "forbidden", "answer")
    assert "leak" not in str(error)


def test_a_flood_of_answers_is_cut_off():
    flood = io.BytesIO(message({"kind": "nonsense"}, bytes(10**4)) * 10)
    budget = submission._Budget(45_000)
    for _ in range(4):
        assert budget.receive(flood) == ({"kind": "nonsense"}, bytes(10**4))
    with pytest.raises(ValueError, match="too many"):
        budget.receive(flood)


def test_a_message_is_read_only_up_to_a_size():
    for lengths in [(parcel.HEADER + 1, 0), (2, 4 * parcel.BYTES + 1)]:
        with pytest.raises(ValueError, match="too large"):
            parcel.receive(io.BytesIO(parcel.LENGTHS.pack(*lengths)))
    assert parcel.receive(io.BytesIO(parcel.LENGTHS.pack(2, 4 * parcel.BYTES) + b"{}")) is None


def test_what_is_printed_is_kept_short_and_shown_only_if_nothing_is_hidden(write):
    path = write("print('leak', x)\nsys.stdout.write('z' * 10**6)\nreturn 1.0")
    heard = []
    ask(path, SECRET, on_print=heard.append)
    assert heard == []
    ask(path, SECRET, on_print=heard.append, hidden=False)
    assert heard[0].startswith(f"leak {SECRET}\nzzz")
    assert len(heard[0]) < 10_100


@pytest.mark.parametrize(
    "body",
    [
        "os._exit(int(x * 1000))",
        "os.abort()",
        "os.kill(os.getpid(), 9)",
        "import faulthandler; faulthandler._sigsegv()",
    ],
)
def test_a_crash_is_told(write, body):
    path = write(body)
    error = error_of(path)
    assert error.kind == "crash"
    assert "123" not in str(error)
    assert "SIG" not in str(error)
    assert "code 123" in str(error_of(path, hidden=False)) or "SIG" in str(error_of(path, hidden=False))


def test_the_environment_is_not_handed_over(write, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "leak")
    assert "SECRET_TOKEN" not in ask(write("return dict(os.environ)"), 0).value


def test_many_at_once_and_all_ended(write):
    path, endless = write("return x + 1"), write("while True: pass", "endless.py")
    with ThreadPoolExecutor(4) as pool:
        found = [pool.submit(ask, path, k) for k in range(8)]
        assert [future.result().value for future in found] == list(range(1, 9))
        long = [pool.submit(ask, endless, k, limits=Limits(seconds=100, wall=100)) for k in range(2)]
        while processes("examinee.py").count(os.getpid()) < 2 and not any(future.done() for future in long):
            time.sleep(0.02)
        end_running()
        assert all(isinstance(future.exception(), sae.SaeError) for future in long)
    assert signal.getsignal(signal.SIGPROF) == signal.SIG_DFL
