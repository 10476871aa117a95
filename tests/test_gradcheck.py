"""`sae gradcheck`: exit codes, report, JSON and pictures; on built-in problems and on students' files."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

import sae
from sae import cli
from sae.commands.frame import INTERRUPTED
from sae.gradcheck import check as gradcheck
from sae.gradcheck import plots as gradcheck_plots

RIGHT = """
import numpy as np

def cost_and_grad(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    s = n * n_hidden
    W1, W2 = theta[:s].reshape(n_hidden, n), theta[s : 2 * s].reshape(n, n_hidden)
    b1, b2 = theta[2 * s : 2 * s + n_hidden], theta[2 * s + n_hidden :]
    a2 = 1 / (1 + np.exp(-(W1 @ X + b1[:, None])))
    a3 = 1 / (1 + np.exp(-(W2 @ a2 + b2[:, None])))
    r = a2.mean(axis=1)
    kl = (rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r))).sum()
    J = ((a3 - X) ** 2).sum() / (2 * m) + lam / 2 * ((W1**2).sum() + (W2**2).sum()) + beta * kl
    d3 = (a3 - X) * a3 * (1 - a3)
    d2 = (W2.T @ d3 + beta * (-rho / r + (1 - rho) / (1 - r))[:, None]) * a2 * (1 - a2)
    grads = d2 @ X.T / m + lam * W1, d3 @ a2.T / m + lam * W2, d2.mean(axis=1), d3.mean(axis=1)
    return J, np.concatenate([grad.ravel() for grad in grads])
"""
ALONE = """
import numpy as np

def square(theta):
    print("asked")
    return (theta**2).sum(), 2.0 * theta
"""
real = pytest.mark.skipif(not hasattr(sae, "diagnose"), reason="there is no sae.diagnose yet")


@dataclass
class Report:
    """A gradient report of any verdict."""

    verdict: str = "correct"
    grad: np.ndarray = field(default_factory=lambda: np.ones(93))
    numeric: np.ndarray = field(default_factory=lambda: np.ones(93))

    def __post_init__(self):
        bad = self.verdict == "wrong"
        self.ok = self.verdict in ("correct", "precision")
        self.relative_error, self.blocks, self.wrong = 0.5 * bad, {"W1": 0.5 * bad, "b2": 0.0}, ["W1"] * bad
        self.worst = [SimpleNamespace(name="W1[3, 4]", grad=1.0, numeric=2.0, error=0.5)] * bad
        self.evidence = [SimpleNamespace(witness="taylor", value=1.0, sentence="slope [1] is wrong")]

    def as_dict(self):
        return {"verdict": self.verdict}


@dataclass
class Diagnosis:
    """A diagnosis of either outcome."""

    correct: bool = True

    def __str__(self):
        return "CORRECT" if self.correct else "WRONG: (E6) the mistake [there]"

    def as_dict(self):
        return {"correct": self.correct}


@pytest.fixture
def fakes(monkeypatch):
    """Let the two checks find what a test wants, after having asked the student as the real ones do."""

    def fakes(verdict="correct", correct=True):
        def check_gradient(objective, theta, **options):
            fakes.options = options
            objective(theta.copy())
            if isinstance(verdict, Exception):
                raise verdict
            return Report(verdict, np.ones(theta.size), np.ones(theta.size))

        def diagnose(student, X, *, n_hidden, lam, rho, beta, **variant):
            fakes.variant = variant
            size = 2 * len(X) * n_hidden + len(X) + n_hidden
            student(np.zeros(size), X, n_hidden, lam, rho, beta)
            if isinstance(correct, Exception):
                raise correct
            return Diagnosis(correct)

        monkeypatch.setattr(sae, "check_gradient", check_gradient)
        monkeypatch.setattr(sae, "diagnose", diagnose, raising=False)

    return fakes


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)  # it would hide prints that get lost in a crash
    (tmp_path / "student.py").write_text(RIGHT)
    (tmp_path / "alone.py").write_text(ALONE)

    def run(*arguments):
        result = CliRunner().invoke(cli.app, ["gradcheck", *arguments])
        return result.exit_code, result.stdout, result.stderr

    return run


def wrong(old, new):
    assert RIGHT.count(old) == 1
    return RIGHT.replace(old, new)


# What the exit code says ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "correct", "code"),
    [
        ("correct", True, 0),
        ("precision", True, 0),
        ("wrong", True, 1),
        ("wrong", False, 1),
        ("correct", False, 1),  # consistent with itself, but another objective
        ("too noisy", False, 1),
        ("too noisy", True, 0),  # the diagnosis knows
        (sae.SaeError("too large"), True, 2),
        (sae.SaeError("too large"), False, 1),
        ("correct", sae.SaeError("NaN"), 2),
        ("wrong", sae.SaeError("NaN"), 1),
    ],
)
def test_exit_codes_of_a_student(run, fakes, verdict, correct, code):
    fakes(verdict, correct)
    found, out, _ = run("student.py")
    assert found == code
    assert ("CORRECT", "WRONG", "COULD NOT TELL")[code] in out
    for error in (verdict, correct):
        if isinstance(error, Exception):
            assert str(error) in out


@pytest.mark.parametrize(
    ("verdict", "code"),
    [("correct", 0), ("precision", 0), ("wrong", 1), ("too noisy", 2), ("kink", 2), ("undecidable", 2)],
)
def test_exit_codes_of_a_gradient_alone(run, fakes, verdict, code):
    fakes(verdict)
    for arguments in (["classic"], ["alone.py:square", "--size", "3"]):
        found, out, _ = run(*arguments)
        assert found == code
        assert (verdict if verdict != "precision" else "correct").upper() in out
        assert "slope [1] is wrong" in out
        assert ("W1[3, 4]" in out) == (verdict == "wrong")


def test_one_wrong_problem_counts_more_than_one_that_can_not_be_told():
    found = [gradcheck.Check("a", report=Report(verdict)) for verdict in ("correct", "kink", "wrong")]
    assert [gradcheck.worst(found[:k]) for k in (1, 2, 3)] == [0, 2, 1]


def test_an_accident_is_not_exit_code_1(run, fakes):
    fakes("correct", ArithmeticError("what nobody thought of"))
    code, _, err = run("student.py")
    assert code == 2
    assert "what nobody thought of" in err
    assert "says nothing about the gradient" in err


# Bad input and bad students ---------------------------------------------------------------------------------------

STUDENTS = {
    "raise ValueError('oh')": (2, "raises", "ValueError: oh"),
    "while True: pass": (2, "timeout", "Does a loop never end?"),
    "import os; os._exit(3)": (2, "crash", "exit code 3"),
    "return 1, theta": (2, "answer", "integers"),
    "return 1.0, theta[:, None]": (2, "answer", "grad.ravel()"),
    "return None": (2, "answer", "return cost, grad"),
}


@pytest.mark.parametrize(("body", "expected"), STUDENTS.items())
def test_a_student_without_an_answer(run, fakes, tmp_path, body, expected):
    fakes()
    code, kind, message = expected
    text = f"def cost_and_grad(theta, X, n_hidden, lam, rho, beta):\n    print('here')\n    {body}\n"
    (tmp_path / "student.py").write_text(text)
    seconds = "0.5" if kind == "timeout" else "20"
    found, out, err = run("student.py", "--timeout", seconds)
    assert found == code
    assert not out
    assert message in err
    assert "here" in err
    found, out, err = run("student.py", "--timeout", seconds, "--json")
    answer = json.loads(out)
    assert found == answer["exit_code"] == code
    assert answer["error"]["kind"] == kind
    assert message in answer["error"]["message"]
    assert answer["printed"] == "here\n"


@pytest.mark.parametrize("body", ["[None for _ in iter(int, 1)]", "import os; os._exit(3)"])
def test_one_that_gives_up_later_is_asked_no_more(run, fakes, tmp_path, body):
    text = wrong(
        "    n, m = X.shape", f"    open('calls', 'a').write('x')\n    if not theta.any(): {body}\n    n, m = X.shape"
    )
    (tmp_path / "student.py").write_text(text)
    fakes()
    code, out, err = run("student.py", "--timeout", "2")
    assert code == 2
    assert "student.py" in out + err
    assert (tmp_path / "calls").read_text() == "xx"  # once at theta, once by the diagnosis, then no more


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nosuch"], "target is 'nosuch'; expected one of classic, linear"),
        (["nosuch.py"], "there is no file"),
        (["student.py:f"], "f is not in it; it has cost_and_grad"),
        (["alone.py:square"], "say how many numbers theta has: --size"),
        (["alone.py:square", "--size", "0"], "size is 0"),
        (["--hidden", "0"], "hidden is 0"),
        (["classic", "--rho", "2"], "rho is 2.0"),
        (["student.py", "--timeout", "0"], "timeout is 0"),
        (["--seed", "-1"], "seed is -1"),
        (["--plot", __file__], "can't write into the folder"),
        (["--method", "magic"], "Invalid value"),
    ],
)
def test_bad_input_is_exit_code_2(run, arguments, message):
    code, out, err = run(*arguments)
    assert code == 2
    assert not out
    assert message in " ".join(err.split())


# Options, JSON, pictures ------------------------------------------------------------------------------------------


def test_options_reach_the_checks(run, fakes):
    fakes()
    options = ["--method", "central", "--richardson", "--samples", "9", "--reveal", "--tied", "--cross-entropy"]
    run("student.py", *options, "--activation", "tanh", "--decoder", "linear", "--tied")
    # theta of a tied network is shorter: this student refuses it, before any check
    assert not hasattr(fakes, "options")
    options.remove("--tied")
    assert run("student.py", *options, "--activation", "tanh", "--decoder", "linear")[0] == 0
    assert fakes.options == {"method": "central", "richardson": True, "samples": 9}
    assert fakes.variant == {"f": sae.tanh, "g": sae.identity, "tied": False, "cross_entropy": True, "reveal": True}
    assert run("student.py")[0] == 0
    assert fakes.options == {}


def test_json_is_one_object_and_nothing_else(run, fakes):
    fakes("wrong", False)
    code, out, err = run("student.py", "--json")
    assert (code, err) == (1, "")
    assert json.loads(out) == {
        "target": "student.py",
        "verdict": "wrong",
        "exit_code": 1,
        "report": {"verdict": "wrong"},
        "diagnosis": {"correct": False},
        "printed": "",
        "error": None,
    }
    code, out, _ = run("all", "--json")
    assert [check["target"] for check in json.loads(out)["checks"]] == list(gradcheck.PROBLEMS)


def test_what_is_printed_is_shown_apart_and_not_all_of_it(run, fakes, tmp_path):
    fakes()
    (tmp_path / "student.py").write_text(RIGHT.replace("    J = ", "    print('line\\n' * 9)\n    J = "))
    _, out, _ = run("student.py")
    assert "what the code printed" in out
    assert "more lines" in out
    assert out.count("line\n") == 9
    assert json.loads(run("student.py", "--json")[1])["printed"].count("line") == 27


def test_pictures(run, fakes, tmp_path):
    fakes()
    for arguments in (["student.py"], ["tied"], ["alone.py:square", "--size", "3"]):
        code, out, err = run(*arguments, "--plot", "pictures")
        assert code == 0, err
        assert "written: " in out
    names = [f"{stem}-{kind}.png" for stem in ("alone", "student", "tied") for kind in ("entries", "taylor")]
    assert sorted(path.name for path in (tmp_path / "pictures").iterdir()) == names
    assert all((tmp_path / "pictures" / name).read_bytes().startswith(b"\x89PNG") for name in names)


def test_a_picture_of_entries_shows_where_they_are():
    layout = sae.Layout.autoencoder(4, 3)
    numeric = np.linspace(1, 2, layout.size)
    grad = numeric.copy()
    grad[layout.slices["W2"].start + 5] += 0.2  # W2[1, 2]
    numeric[0] = np.nan  # not looked at
    figure = gradcheck_plots.plot_entries(grad, numeric, layout)
    W1, W2, b1, b2 = (axes.images[0].get_array() for axes in figure.axes[:4])
    assert W2[1, 2] == pytest.approx(0.1)
    assert np.isnan(np.ma.getdata(W1)[0, 0])
    assert W1.shape + b1.shape + b2.shape == (3, 4, 1, 3, 1, 4)
    assert max(np.nanmax(part) for part in (W1, b1, b2)) < 1e-16


@pytest.mark.parametrize(("factor", "slope"), [(1.0, 2), (1.1, 1)])
def test_the_taylor_remainder_has_its_slope(factor, slope, rng):
    figure = gradcheck_plots.plot_taylor(lambda t: ((t**4).sum(), factor * 4 * t**3), rng.normal(size=6), rng)
    t, remainder = figure.axes[0].lines[0].get_data()
    assert np.polyfit(np.log(t[2:7]), np.log(remainder[2:7]), 1)[0] == pytest.approx(slope, abs=0.1)


@pytest.mark.parametrize("name", gradcheck.PROBLEMS)
def test_the_built_in_problems_are_what_they_say(name):
    settings = gradcheck.Settings(hidden=3, features=4, examples=5)
    objective = gradcheck.PROBLEMS[name][1](settings)
    theta = settings.theta(objective.layout.size)
    cost, grad = objective(theta)
    assert objective(theta)[0] == cost
    direction = np.random.default_rng(5).normal(size=theta.size)
    shifted = objective(theta + 1e-20j * direction)[0]
    assert np.imag(shifted) / 1e-20 == pytest.approx(grad @ direction, rel=1e-12)


def test_ctrl_c_is_not_exit_code_1(tmp_path):
    (tmp_path / "student.py").write_text("open('up', 'w').close()\nwhile True: pass\n")
    command = [sys.executable, "-m", "sae", "gradcheck", "student.py", "--timeout", "60"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ)
    while not (tmp_path / "up").exists():
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == INTERRUPTED


# The real checks --------------------------------------------------------------------------------------------------


@real
def test_all_built_in_problems_are_correct(run):
    code, out, err = run("--examples", "6", "--features", "5", "--hidden", "4")
    assert code == 0, out + err
    for name in gradcheck.PROBLEMS:
        assert name in out


MISTAKES = {
    "right": (RIGHT, 0, "none", []),
    "sparsity outside": (
        wrong("[:, None]) * a2 * (1 - a2)\n", "[:, None] * 0) * a2 * (1 - a2) + beta * (1 - rho - r)[:, None]\n"),
        1,
        "gradient",
        ["W1", "b1"],
    ),
    "decay sign": (wrong("+ lam * W2,", "- lam * W2,"), 1, "gradient", ["W2"]),
    "half the KL, twice": (
        wrong("+ beta * kl", "+ beta * kl / 2").replace("beta * (-rho", "beta / 2 * (-rho"),
        1,
        "objective",
        ["W1", "b1"],
    ),
}


@real
@pytest.mark.parametrize(("text", "code", "side", "blocks"), MISTAKES.values(), ids=MISTAKES)
def test_real_students(run, tmp_path, text, code, side, blocks):
    (tmp_path / "student.py").write_text(text)
    found, out, err = run("student.py", "--json", "--plot", "pictures")
    answer = json.loads(out)
    assert found == answer["exit_code"] == code, err
    assert answer["diagnosis"]["side"] == side
    assert answer["diagnosis"]["blocks"] == blocks
    assert answer["report"]["wrong"] == (["theta", *blocks] if side == "gradient" else [])


@real
def test_a_real_function_of_theta_alone(run, tmp_path):
    assert run("alone.py:square", "--size", "4")[0] == 0
    (tmp_path / "alone.py").write_text(ALONE.replace("2.0 * theta", "2.1 * theta"))
    assert run("alone.py:square", "--size", "4")[0] == 1


@real
def test_a_student_that_can_not_take_complex_theta_is_checked_anyway(run, tmp_path):
    text = wrong("    n, m = X.shape", "    assert np.isrealobj(theta)\n    n, m = X.shape")
    (tmp_path / "student.py").write_text(text)
    code, out, _ = run("student.py", "--json")
    assert code == 0
    assert json.loads(out)["report"]["method"] == "central"
