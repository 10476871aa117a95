"""A student's function in its own process: each thing that can go wrong, planted."""

import os
import signal
import subprocess
import sys
import time
from textwrap import dedent

import numpy as np
import pytest
from conftest import CLASSIC

import sae
from sae.isolation import Student, StudentError
from sae.reference import cost_and_grad

SIX = "theta, X, n_hidden, lam, rho, beta"
RIGHT = f"""
import numpy as np
from sae.reference import cost_and_grad as page

def cost_and_grad({SIX}):
    return page({SIX})
"""


@pytest.fixture
def write(tmp_path):
    def write(body, name="student.py", parameters="theta"):
        text = dedent(body)
        if "def " not in text:
            lines = "".join(f"    {line}\n" for line in text.strip().splitlines())
            text = f"import os, sys, time\nimport numpy as np\ndef cost_and_grad({parameters}):\n{lines}"
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def answer(path, *arguments, **options):
    with Student(path, **options) as student:
        return student(*(arguments or (np.array([1.0, 2.0, 3.0]),)))


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_right_function_is_the_same_there(write, problem):
    X, n_hidden, theta = problem
    arguments = theta, X, n_hidden, *CLASSIC.values()
    expected = cost_and_grad(*arguments)
    with Student(write(RIGHT)) as student:
        assert student.signature.names == tuple(SIX.split(", "))
        assert student.signature.takes(6)
        assert not student.signature.takes(1)
        for _ in range(2):
            cost, grad = student(*arguments)
            assert cost == expected[0]
            assert np.array_equal(grad, expected[1])
        shifted = theta + 1e-20j * np.arange(theta.size)
        assert student(shifted, *arguments[1:])[0] == cost_and_grad(shifted, *arguments[1:])[0]
        assert student.calls == 3
        assert student.printed == ""


@pytest.mark.parametrize("order", "CF")
def test_arguments_arrive_as_they_are(write, order):
    path = write(
        "print(X.flags.f_contiguous, X.flags.writeable, X.dtype, type(n), type(s).__name__, x, none, text)\n"
        "return 1.0, theta",
        parameters="theta, X, n, s, x, none, text",
    )
    X = np.asarray(np.ones((2, 3), np.float32), order=order)
    X.flags.writeable = False
    with Student(path) as student:
        student(np.ones(2), X, 3, np.float64(2.5), float("inf"), None, "é")
        said = f"{order == 'F'} False float32 <class 'int'> float64 inf None é\n"
        assert student.printed == said
        with pytest.raises(sae.SaeError, match="an argument is"):
            student(np.ones(2), {}, 3, 2.5, 0.1, None, "")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_is_kept(write, dtype):
    cost, grad = answer(write(f"return np.{dtype.__name__}(theta @ theta), (2 * theta).astype(np.{dtype.__name__})"))
    assert np.asarray(cost).dtype == grad.dtype == dtype


def test_what_it_modifies_is_modified_here(write):
    path = write("theta[0] = 7\nX[...] *= 2\nreturn 1.0, theta", parameters="theta, X, Y")
    theta, X, Y = np.zeros(2), np.ones((4, 6))[::2, ::3], np.ones(2)
    answer(path, theta, X, Y)
    assert theta.tolist() == [7, 0]
    assert (X == 2).all()
    assert (Y == 1).all()
    X.flags.writeable = False
    with pytest.raises(StudentError, match=r"read-only") as error:
        answer(path, theta, X, Y)
    assert error.value.line == 5


RAISES = {
    "x = 1 / 0": r"student.py, line 4, `x = 1 / 0`: ZeroDivisionError: division by zero \(in call 1, with a theta of 3",
    "return undefined": "line 4, `return undefined`: NameError: name 'undefined' is not defined",
    "return np.ones(3) @ np.ones(2)": "line 4, .* ValueError: matmul: .*mismatch",
    "raise KeyboardInterrupt": "KeyboardInterrupt",
    "sys.exit(3)": r"line 4, `sys.exit\(3\)`: it ends the program, sys.exit\(3\)",
    "x = input()": "EOFError",
    "return cost_and_grad(theta)": "RecursionError",
    "x = np.ones(10**12)": "Unable to allocate|It may take 8 GiB",
}


@pytest.mark.parametrize(("body", "message"), RAISES.items())
def test_an_exception_is_told_with_its_line(write, body, message):
    with pytest.raises(StudentError, match=message) as error:
        answer(write(body))
    assert error.value.kind == "raises"
    assert error.value.line == 4
    assert "isolation" not in str(error.value)


def test_an_exception_in_a_function_that_it_calls(write):
    write("def help():\n    raise OSError('no')\n", "helper.py")
    path = write("import helper\ndef cost_and_grad(theta):\n    return helper.help()\n")
    with pytest.raises(StudentError, match=r"line 3, `return helper.help\(\)`: OSError: no"):
        answer(path)


def test_it_goes_on_after_an_exception_and_remembers(write):
    path = write(
        """
        count = 0
        def cost_and_grad(theta):
            global count
            count += 1
            assert count != 2, "twice"
            return float(count), theta
        """
    )
    with Student(path) as student:
        assert student(np.ones(2))[0] == 1
        with pytest.raises(StudentError, match=r"AssertionError: twice \(in call 2"):
            student(np.ones(2))
        assert student(np.ones(2))[0] == 3


IMPORTS = {
    "import nosuchmodule\n": (1, "`import nosuchmodule`: ModuleNotFoundError: No module named 'nosuchmodule' .*import"),
    "x = 1\ndef cost_and_grad(theta)\n    return 1\n": (2, r"`def cost_and_grad\(theta\)`: SyntaxError: expected ':'"),
    "def cost_and_grad(theta):\n\treturn 1\n        return 2\n": (3, "TabError|IndentationError"),
    "raise SystemExit('bye')\n": (1, r"it ends the program, sys.exit\(bye\), while it was imported"),
}


@pytest.mark.parametrize(("text", "line", "message"), [(text, *found) for text, found in IMPORTS.items()])
def test_a_file_that_can_not_be_imported(write, text, line, message):
    path = write("def f(): pass")
    path.write_text(text)
    with Student(path) as student:
        for _ in range(2):
            with pytest.raises(StudentError, match=message) as error:
                student(np.ones(2))
            assert error.value.kind == "raises"
            assert error.value.line == line


LOOPS = {
    "def cost_and_grad(theta):\n    while True:\n        pass\n": (r"while True|pass", "in call 1"),
    "import time\nwhile True:\n    time.sleep(60)\ndef cost_and_grad(theta): pass": ("sleep|while", "was imported"),
    "import re\ndef cost_and_grad(theta):\n    re.match('(a+)+$', 'a' * 60 + 'b')\n": ("re.match", "in call 1"),
}


@pytest.mark.parametrize(("text", "source", "where"), [(text, *found) for text, found in LOOPS.items()])
def test_an_endless_loop_is_ended_and_its_line_told(write, text, source, where):
    with Student(write(text), timeout=0.5) as student:
        with pytest.raises(
            StudentError, match=f"line [23], `.*({source}).*still there after 0.5 s, .*{where}"
        ) as error:
            student(np.ones(2))
        assert error.value.kind == "timeout"
        assert student.printed == ""


def test_after_a_time_out_there_is_a_new_process(write):
    path = write("while theta[0] > 0:\n    print('x' * 1000)\nreturn 1.0, theta")
    with Student(path, timeout=1.0) as student:
        with pytest.raises(StudentError, match="still there after 1 s"):
            student(np.ones(2))
        assert student(-np.ones(2))[0] == 1
        assert len(student.printed) < 11_000
        assert student.printed.endswith("(more was printed)")


def test_all_calls_together_have_a_limit(write):
    with Student(write("time.sleep(theta[0])\nreturn 1.0, theta"), total=3.0) as student:
        student(np.array([0.1]))
        with pytest.raises(StudentError, match=r"after the 3 s for all calls, in call 2") as error:
            student(np.array([9.0]))
        assert error.value.kind == "timeout"


FORGE = """
for fd in range(3, 30):
    try:
        os.write(fd, b"forged" * 9)
    except OSError:
        pass
time.sleep(60)
"""
CRASHES = {
    "os._exit(0)": r"ended in call 1.*without an answer \(exit code 0: does it call os._exit",
    "os.kill(os.getpid(), 9)": "signal SIGKILL: was the memory used up",
    "import ctypes; ctypes.string_at(0)": r"line 4, `.*ctypes.string_at\(0\)`: .*signal SIGSEGV",
    "os.abort()": "line 4, .*signal SIGABRT",
    FORGE: "wrote into a stream that is not its own",
}


@pytest.mark.parametrize(("body", "message"), CRASHES.items())
def test_a_crash_is_told(write, body, message):
    path = write(f"if theta[0] > 0: {body}\nreturn 1.0, theta" if "\n" not in body else body)
    with Student(path) as student:
        with pytest.raises(StudentError, match=message) as error:
            student(np.ones(2))
        assert error.value.kind == "crash"
        if body != FORGE:
            assert student(-np.ones(2))[0] == 1  # a new process
    assert [p.name for p in path.parent.iterdir()] == ["student.py"]  # no core file, no __pycache__


def test_memory_has_a_limit(write):
    with pytest.raises(StudentError, match=r"MemoryError.*It may take 1 GiB") as error:
        answer(write("x = []\nwhile True: x.append(bytes(10**7))"), memory=2**30)
    assert error.value.kind == "raises"


ANSWERS = {
    "pass": r"returned None \(is there a `return`\?\); expected two things: `return cost, grad`",
    "return theta": "returned one thing, of type ndarray; expected two things",
    "return 1.0": "returned one thing, of type float",
    "return 1.0, theta, theta": "returned 3 things",
    "return np.ones((1, 1)), theta": r"cost of shape \(1, 1\); expected one number: cost.item\(\) makes it one",
    "return theta, theta": r"cost of shape \(3,\); expected one number: sum it",
    "return 'x', theta": "cost of type str, 'x'; expected one number",
    "return 3, theta": "the cost 3 of type int; expected a float: .*integers",
    "return np.nan, theta": "the cost nan; expected a finite number. A log of 0",
    "return 1j, theta": "a complex cost for a real theta",
    "return 1.0, theta[:, None]": r"gradient of shape \(3, 1\); expected .*\(3,\), .*theta: grad.ravel\(\) makes it so",
    "return 1.0, theta[None]": r"gradient of shape \(1, 3\).*grad.ravel\(\)",
    "return 1.0, np.matrix(theta)": r"gradient of shape \(1, 3\).*grad.ravel\(\)",
    "return 1.0, theta[1:]": "it has 2 numbers instead of 3",
    "return 1.0, list(theta)": r"gradient of type list, \[.*np.concatenate\(\[grad_W1.ravel\(\)",
    "return 1.0, (theta, theta)": r"gradient of type tuple, .*np.concatenate",
    "return 1.0, None": "gradient of type NoneType, None; .*is it ever computed",
    "return 1.0, {'W1': theta}": "gradient of type dict",
    "return 1.0, theta.astype(object)": r"gradient of type ndarray, array\(\[1.0",
    "return 1.0, theta.astype(int)": "gradient of dtype int64; expected floats: an array that was made with integers",
    "return 1.0, theta > 0": "gradient of dtype bool",
    "theta[1:] = np.inf\nreturn 1.0, theta - theta": "2 of its 3 numbers NaN or infinite, the first, nan, at index 1",
    "return 1.0, theta * 1j": "a complex gradient for a real theta",
    "return 10**30, theta": "cost of type int, 1000000",
}


@pytest.mark.parametrize(("body", "message"), ANSWERS.items())
@pytest.mark.filterwarnings("ignore")
def test_an_answer_that_is_none(write, body, message):
    with pytest.raises(StudentError, match=message) as error:
        answer(write(body))
    assert error.value.kind == "answer"


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        (
            "def cost(theta): pass\ndef g(x): pass",
            "cost_and_grad",
            "cost_and_grad is not in it; it has cost, g. Name the",
        ),
        ("x = 1", "cost_and_grad", "it has no function"),
        ("cost_and_grad = 3\ndef f(): pass", "cost_and_grad", "is a int in it, no function"),
        ("def cost_and_grad(theta, X): pass", "cost_and_grad", r"\(theta, X\) takes 2 parameters .*\(theta\), in this"),
        ("def f(*, theta): pass", "f", "must be given by name, theta"),
        (None, "f", "there is no file"),
    ],
)
def test_a_function_that_is_not_there(tmp_path, text, name, message):
    path = tmp_path / "student.py"
    if text is not None:
        path.write_text(text)
    with pytest.raises(StudentError, match=message) as error:
        answer(path, name=name)
    assert error.value.kind == "not found"


@pytest.mark.parametrize(
    ("parameters", "counts"),
    [("theta", [1]), ("theta, X=1, *more", [1, 2, 9]), ("*all", [1, 6, 9]), ("a, b, c=1", [2, 3])],
)
def test_signatures(write, parameters, counts):
    with Student(write("return 1.0, np.ones(1)", parameters=parameters)) as student:
        assert [count for count in range(1, 10) if student.signature.takes(count) and count in (*counts, 9)] == counts


def test_prints_are_kept_apart(write):
    path = write(
        """
        import os, sys, ctypes
        print("import")
        def cost_and_grad(theta):
            print("out")
            print("err", file=sys.stderr)
            os.write(1, b"one\\n")
            os.system("echo child")
            sys.stdout.write("no end of line")
            sys.stdout.flush()
            os.write(2, b"\\0\\0")
            return 1.0, theta
        """
    )
    with Student(path) as student:
        student(np.ones(2))
        words = set(student.printed.replace("\0", "").split())
        assert words == {"import", "out", "err", "one", "child", "no", "end", "of", "line"}


def test_one_that_closes_its_streams(write):
    assert answer(write("sys.stdout.close(); sys.stderr = None; os.close(2); os.close(1)\nreturn 1.0, theta"))[0] == 1


def test_it_runs_in_its_folder_with_one_blas_thread(write, tmp_path):
    (tmp_path / "neighbour.py").write_text("VALUE = 2.5")
    (tmp_path / "data.txt").touch()
    path = write(
        """
        import neighbour, os
        assert os.path.exists("data.txt") and __name__ == "student" and os.environ["OMP_NUM_THREADS"] == "1"
        if __name__ == "__main__":
            raise RuntimeError
        def cost_and_grad(theta):
            return neighbour.VALUE, theta
        """
    )
    assert answer(path)[0] == 2.5
    assert not (path.parent / "__pycache__").exists()


@pytest.mark.parametrize("end", ["close", "del"])
def test_nothing_is_left_running(write, end):
    path = write("os.system('sleep 60 &')\nreturn float(os.getpid()), theta")
    student = Student(path)
    pid = int(student(np.ones(1))[0])
    assert not gone(pid)
    student.close() if end == "close" else None
    del student
    assert gone(pid)
    listed = subprocess.run(["ps", "-A", "-o", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    states = [state for group, state in map(str.split, listed.splitlines()) if group == str(pid)]
    assert all(state.startswith("Z") for state in states)  # at most one that init has not reaped yet


def test_ctrl_c_and_the_end_of_the_parent_end_it(write, tmp_path):
    path = write("print_to = open('pid', 'w'); print_to.write(str(os.getpid())); print_to.close()\nwhile True: pass")
    code = f"import numpy, sae.isolation as i; i.Student({str(path)!r}, timeout=60)(numpy.ones(2))"
    parent = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE)
    while not ((tmp_path / "pid").exists() and (tmp_path / "pid").read_text()):
        assert parent.poll() is None
        time.sleep(0.02)
    parent.send_signal(signal.SIGINT)
    _, err = parent.communicate(timeout=20)
    assert b"KeyboardInterrupt" in err
    assert gone(int((tmp_path / "pid").read_text()))


def test_a_worker_whose_parent_was_killed_ends_by_itself(write, tmp_path, monkeypatch):
    path = write("open('pid', 'w').write(str(os.getpid()))\nwhile True: pass")
    limit = "s.signature; i.WAKE = -59.0"  # it ends itself WAKE seconds after the time limit
    code = (
        f"import numpy, sae.isolation.student as i; s = i.Student({str(path)!r}, timeout=60); {limit}; s(numpy.ones(2))"
    )
    parent = subprocess.Popen([sys.executable, "-c", code])
    while not ((tmp_path / "pid").exists() and (tmp_path / "pid").read_text()):
        assert parent.poll() is None
        time.sleep(0.02)
    parent.kill()
    parent.wait()
    pid, deadline = int((tmp_path / "pid").read_text()), time.monotonic() + 30
    while not gone(pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_check_gradient_takes_it(write, problem):
    X, n_hidden, theta = problem
    with Student(write(RIGHT)) as student:
        report = sae.check_gradient(lambda theta: student(theta, X, n_hidden, *CLASSIC.values()), theta, "complex")
        assert report.ok


@pytest.mark.parametrize("options", [{"timeout": 0}, {"timeout": -1}, {"total": 0}, {"timeout": np.nan}])
def test_bad_options(tmp_path, options):
    with pytest.raises(sae.SaeError, match=r"(timeout|total) is"):
        Student(tmp_path / "student.py", **options)
