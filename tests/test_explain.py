"""Every number of the walk through the small network against SymPy, which differentiates J by itself."""

import ast
import importlib.util
import inspect
import json
import math
import subprocess
import sys

import numpy as np
import pytest
import sympy
from test_equations import tagged

import sae
from sae import reference
from sae.explain import EXAMPLES, THETA, as_table, as_text, explain
from sae.worked import Worked

SMALL = {"lam": 0.1, "rho": 0.2, "beta": 0.5}


def by_sympy(theta=THETA, X=EXAMPLES, lam=0.1, rho=0.2, beta=0.5):
    """Every symbol of the page, 2 hidden units, from J in symbols: 30 digits, derivatives by sympy.diff."""
    X = sympy.Matrix([[sympy.Rational(str(x)) for x in row] for row in X])
    n, m, h = X.rows, X.cols, 2
    lam, rho, beta = (sympy.Rational(str(x)) for x in (lam, rho, beta))

    def f(z):
        return 1 / (1 + sympy.exp(-z))

    def kl(r):
        return rho * sympy.log(rho / r) + (1 - rho) * sympy.log((1 - rho) / (1 - r))

    def symbols(name, rows, columns):
        return sympy.Matrix(rows, columns, sympy.symbols(f"{name}_:{rows}_:{columns}"))

    def data(z3):
        return sum((a - x) ** 2 for a, x in zip(z3.applyfunc(f), X, strict=True)) / (2 * m)

    def rho_hat(a2):
        return [sum(a2.row(j)) / m for j in range(h)]

    W1, W2, b1, b2 = symbols("W1", h, n), symbols("W2", n, h), symbols("b1", h, 1), symbols("b2", n, 1)
    ones, numbers = sympy.ones(1, m), dict(zip([*W1, *W2, *b1, *b2], map(sympy.Rational, map(str, theta)), strict=True))

    def sparsity(a2):
        return beta * sum(map(kl, rho_hat(a2)))

    def up(z2):
        return W2 * z2.applyfunc(f) + b2 * ones

    z2 = W1 * X + b1 * ones
    a2, z3 = z2.applyfunc(f), up(z2)
    decay = sum(w**2 for w in [*W1, *W2])
    J = data(z3) + lam / 2 * decay + sparsity(a2)
    y2, y3, r = symbols("z2", h, m), symbols("z3", n, m), symbols("r", h, 1)
    down = data(up(y2)) + sparsity(y2.applyfunc(f))  # J as a function of z2, without the decay
    symbolic = {
        "z2": z2,
        "a2": a2,
        "z3": z3,
        "a3": z3.applyfunc(f),
        "rho_hat": sympy.Matrix(rho_hat(a2)),
        "kl": sympy.Matrix(rho_hat(a2)).applyfunc(kl),
        "decay": sympy.Matrix([decay]),
        "squared error": sympy.Matrix([data(z3)]),
        "weight decay": sympy.Matrix([lam / 2 * decay]),
        "KL sparsity": sympy.Matrix([sparsity(a2)]),
        "cost": sympy.Matrix([J]),
        "delta3": (m * sympy.diff(data(y3), y3)).subs(dict(zip(y3, z3, strict=True))),
        "sparsity": sympy.diff(beta * sum(map(kl, r)), r).subs(dict(zip(r, rho_hat(a2), strict=True))),
        "delta2": (m * sympy.diff(down, y2)).subs(dict(zip(y2, z2, strict=True))),
        "grad_W1": sympy.diff(J, W1),
        "grad_W2": sympy.diff(J, W2),
        "grad_b1": sympy.diff(J, b1),
        "grad_b2": sympy.diff(J, b2),
    }
    return {k: np.array(sympy.Matrix(e).subs(numbers).evalf(30).tolist(), float) for k, e in symbolic.items()}


@pytest.fixture(scope="module")
def witness():
    return by_sympy()


def disagreeing(steps, witness):
    """The symbols whose numbers are not SymPy's."""
    found = {step.symbol: step.value for step in steps if step.tag}
    assert set(found) == set(witness)
    return {k for k, v in found.items() if not np.allclose(v.ravel(), witness[k].ravel(), rtol=0, atol=1e-13)}


def test_every_number_is_that_of_sympy(witness):
    assert not disagreeing(explain(), witness)


def test_other_numbers_too():
    theta = [round(x, 1) for x in np.random.default_rng(0).uniform(-2, 2, 12)]
    X = ((0.2, 0.9, 0.4, 0.1), (0.7, 0.3, 0.8, 0.5))
    numbers = {"lam": 0.03, "rho": 0.6, "beta": 2.0}
    assert not disagreeing(explain(theta, X, 2, **numbers), by_sympy(theta, X, **numbers))


WRONG = {
    "grad_b2": ("grad_b2 = delta3.mean(axis=1)", "grad_b2 = delta3.sum(axis=1)"),
    "grad_b1": ("grad_b1 = delta2.mean(axis=1)", "grad_b1 = delta2.mean(axis=1) + lam * b1"),
    "grad_W2": ("delta3 @ a2.T / m", "delta3 @ a2.T / (2 * m)"),
    "grad_W1": ("/ m + lam * W1", "/ m - lam * W1"),
    "delta2 grad_W1 grad_b1": ("+ sparsity[:, None]) * a2 * (1 - a2)", ") * a2 * (1 - a2) + sparsity[:, None]"),
    "sparsity delta2 grad_W1 grad_b1": ("(-rho / rho_hat +", "(rho / rho_hat +"),
    "weight decay cost": ("lam / 2 * decay", "lam * decay"),
    "squared error cost": ("/ (2 * m) +", "/ m +"),
    "delta3 delta2 grad_W1 grad_W2 grad_b1 grad_b2": ("(a3 - X) * a3 * (1 - a3)", "(a3 - X) * (1 - a3)"),
    "decay weight decay cost": ("(W2 * W2).sum()", "(W2 * W2).mean()"),
}


@pytest.mark.parametrize(("symbols", "line"), WRONG.items())
def test_a_wrong_line_is_noticed(symbols, line, witness, tmp_path):
    right, wrong = line
    source = inspect.getsource(reference)
    assert source.count(right) == 1
    path = tmp_path / "wrong_page.py"
    path.write_text(source.replace(right, wrong))
    spec = importlib.util.spec_from_file_location("sae.wrong_page", path)
    assert spec is not None
    assert spec.loader is not None
    page = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(page)
    assert " ".join(sorted(disagreeing(explain(page=page), witness))) == " ".join(
        sorted(s for s in witness if s in names(symbols))
    )


def names(text):
    """Some names of symbols have a space: "weight decay"."""
    for name in ("weight decay", "squared error"):
        if name in text:
            yield name
            text = text.replace(name, "")
    yield from text.split()


def test_cost_and_gradient_are_those_of_the_reference():
    cost, grad = reference.cost_and_grad(np.array(THETA), np.array(EXAMPLES), 2, **SMALL)
    values = {step.symbol: step.value for step in explain()}
    assert values["cost"] == cost
    assert np.array_equal(values["grad"], grad)
    assert sum(values[name] for name in ("squared error", "weight decay", "KL sparsity")) == pytest.approx(cost, 1e-15)


def test_every_tagged_line_is_there_as_it_stands_on_the_page():
    steps, page = explain(), sae.equations.read(reference)
    assert {step.tag for step in steps} - {""} == tagged(reference)
    code = [step.code for step in steps if step.tag]
    assert set(code) >= {line for equation in page.values() for line in equation.code}
    assert all(step.latex == page[step.tag].latex for step in steps if step.tag)
    order = [step.tag for step in steps if step.tag]
    assert order == sorted(order, key=lambda tag: int(tag[1:]))


def test_the_worked_out_sentences_give_their_numbers():
    sentences = {step.symbol: step.sentence for step in explain()}
    assert sentences["z2"] == "z2[0, 0] = 0.1*1 + 0.2*0 + 0.3 = 0.4"
    assert sentences["a2"] == "a2[0, 0] = 1/(1 + exp(-0.4)) = 0.59869"
    assert sentences["rho_hat"] == "rho_hat[0] = (0.59869 + 0.62246 + 0.61064)/3 = 0.6106"
    assert sentences["cost"] == "cost = 0.16216 + 0.102 + 0.25206 = 0.51622"
    for step in explain():
        if step.tag:
            _, worked_out, number = step.sentence.split(" = ")
            again = eval(worked_out.replace("^", "**"), {"exp": math.exp, "log": math.log})
            assert again == pytest.approx(float(number), rel=1e-4, abs=1e-5)  # five digits each
            assert float(number) == pytest.approx(step.value.flat[0], rel=1e-4)


@pytest.mark.parametrize(
    "expression",
    [
        "a-(b-c)",
        "a-(b+c)",
        "a-b-c",
        "a/(b*c)",
        "a/(b/c)",
        "a/b/c",
        "a*(b+c)",
        "-(a+b)*c",
        "-a**2",
        "(-a)**2",
        "a*-b",
        "a+-b",
        "a--b",
        "2**(a-b)",
        "(a*b)**2",
        "1-a",
        "3/a-1",
        "-(-a)",
        "a*(b*c)",
        "(a-b)*(b-c)/(c+a)",
    ],
)
@pytest.mark.parametrize("values", [(2.0, 3.0, 7.0), (-2.0, 3.0, -0.5), (4.0, -5.0, 0.25)])
def test_parentheses_stand_where_they_must(expression, values):
    worked = eval(expression, dict(zip("abc", map(Worked, values), strict=True)))
    assert worked.value == eval(expression, dict(zip("abc", values, strict=True)))
    assert ast.literal_eval(str(eval(worked.text.replace("^", "**")))) == worked.value


def test_text_and_table_hold_every_step():
    steps = explain()
    text, table = as_text(steps), as_table(steps)
    for step in steps:
        assert step.code in text
        assert step.sentence in text
        if step.tag:
            assert f"`{step.code}` | `{step.sentence}`" in table
    assert all(row.count("|") == 6 for row in table.splitlines())  # no bar of LaTeX ends a cell
    assert "W1 = [[0.1, 0.2],\n            [-0.3, 0.4]]" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"theta": np.zeros(3)}, r"theta has shape \(3,\)"),
        ({"rho": 0}, "rho is 0"),
        ({"X": np.full((64, 40), 0.5), "theta": np.zeros(322)}, "W1 X takes 5120 products; expected at most 2000"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(sae.SaeError, match=message):
        explain(**arguments)


def test_the_command(tmp_path):
    def run(*arguments):
        command = [sys.executable, "-m", "sae", "explain", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout

    assert run().strip() == as_text(explain())
    answer = json.loads(run("--json"))
    assert answer["cost"] == float(next(step.value for step in explain() if step.symbol == "cost"))
    assert [step["symbol"] for step in answer["steps"]] == [step.symbol for step in explain()]
