"""The diagnosis: planted mistakes are named, correct code is called correct, and nothing else is claimed."""

import inspect
import json
import re
from itertools import chain

import numpy as np
import pytest

import sae
from sae import reference
from sae.diagnosis.catalogue import catalogue, count
from sae.diagnosis.cells import Key
from sae.diagnosis.page import Options, Page, Problem

SOURCE = inspect.getsource(reference.cost_and_grad)
GIVEN = {"n_hidden": 6, "lam": 3e-3, "rho": 0.05, "beta": 3.0}
EVERYWHERE = ["W1", "W2", "b1", "b2"]
OPTIONS = [
    Options(),
    Options(g="identity"),
    Options(f="identity", g="identity"),
    Options(tied=True),
    Options(cross_entropy=True),
    Options(f="tanh"),
    Options(f="tanh", g="tanh"),
    Options(f="relu", g="identity"),
    Options(f="relu", g="relu", tied=True),
]


def handed_in(*replacements):
    """The reference with pieces of its source replaced: a student's function."""
    source = SOURCE
    for old, new in replacements:
        assert old in source, old
        source = source.replace(old, new)
    names = dict(vars(reference))
    exec(source, names)
    return names["cost_and_grad"]


def data(n=9, m=14):
    return np.random.default_rng(3).uniform(0.1, 0.9, (n, m))


def diagnose(student, **options):
    return sae.diagnose(student, data(), **{**GIVEN, **options})


def bounded(options):
    return options.f not in ("relu", "identity")


def objective(options, X, n_hidden, lam, rho, beta, **how):
    """The library's objective for these options."""
    terms = [
        sae.terms.CrossEntropy() if options.cross_entropy else sae.terms.SquaredError(),
        sae.terms.WeightDecay(lam),
    ]
    if bounded(options):
        terms.append(sae.terms.KLSparsity(rho, beta))
    f, g = getattr(sae, options.f), getattr(sae, options.g)
    return sae.Autoencoder(X, n_hidden, terms=terms, f=f, g=g, tied=options.tied, **how)


def asked(options):
    """The same options as arguments of diagnose."""
    f, g = getattr(sae, options.f), getattr(sae, options.g)
    beta = 3.0 if bounded(options) else 0.0
    return {"f": f, "g": g, "tied": options.tied, "cross_entropy": options.cross_entropy, "beta": beta}


# the page


def test_every_tagged_line_of_the_reference_is_a_line_of_the_page():
    tagged = re.findall(r"^    (\w+) = .*# \((E\d+)\)$", SOURCE, re.MULTILINE)
    page = [(line.symbol, line.tag) for line in Page(Options()).lines if line.symbol not in (*EVERYWHERE, "grad")]
    assert len(tagged) == 15
    assert page == tagged


def test_the_page_is_the_reference(problem):
    X, n_hidden, theta = problem
    symbols = Page(Options()).run(Problem(theta, X, n_hidden, 0.1, 0.2, 0.7))
    cost, grad = reference.cost_and_grad(theta, X, n_hidden, 0.1, 0.2, 0.7)
    assert symbols["cost"] == cost
    np.testing.assert_array_equal(symbols["grad"], grad)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_page_with_options_is_the_library(options, problem, rng):
    X, n_hidden, _ = problem
    library = objective(options, X, n_hidden, 0.1, 0.2, 0.7)
    theta = rng.normal(0, 0.5, library.layout.size)
    symbols = Page(options).run(Problem(theta, X, n_hidden, 0.1, 0.2, 0.7))
    cost, grad = library(theta)
    assert symbols["cost"] == pytest.approx(cost, rel=1e-12)
    np.testing.assert_allclose(symbols["grad"], grad, rtol=1e-10, atol=1e-12 * np.abs(grad).max())


# the catalogue


def classic():
    return catalogue(Key(Options(), 7, 5, True, True, 0))


def test_catalogue_knows_every_step():
    numbers = count(classic())
    steps = ("z2", "a2", "z3", "a3", "rho_hat", "cost", "delta3", "delta2", "theta")
    assert all(numbers[step] >= 5 for step in (*steps, "grad_W1", "grad_W2", "grad_b1", "grad_b2")), numbers
    assert sum(numbers.values()) >= 1000  # of different numbers; 60 are asked for


def test_every_sentence_is_one_and_gives_no_line_away():
    page = Page(Options())
    rights = [line.source for line in page.lines if len(line.source) > 12]
    for mistake in classic().mistakes:
        sentence = mistake.sentence
        assert sentence.endswith("."), sentence
        assert not re.search(r"  |\.\.|,,|, ?\.|[?:]\.|@|axis=|np\.|reshape\(|\[|\blam\b", sentence), sentence
        assert sentence.count("(") == sentence.count(")"), sentence
        assert not any(right in sentence for right in rights), sentence
        assert mistake.tag == (
            "E7" if mistake.edits[0][0] == "grad" and mistake.step == "theta" else page.tag(mistake.step)
        )


@pytest.mark.parametrize("options", [Options(), Options(f="tanh", g="tanh"), Options(tied=True)], ids=str)
def test_mistakes_of_the_catalogue_are_found_in_other_problems(options):
    known = catalogue(Key(options, 7, 5, True, True, 0))
    for k in np.random.default_rng(1).integers(len(known.entries), size=12):
        mistake, _, changes = known.entries[k]

        def student(theta, X, n_hidden, lam, rho, beta, edits=mistake.edits):
            symbols = known.page.run(Problem(theta, X, n_hidden, lam, rho, beta), dict(edits))
            return symbols["cost"], symbols["grad"]

        found = diagnose(student, **asked(options))
        assert not found.correct
        assert all(finding.certain and finding.residual < 1e-9 for finding in found.findings), mistake
        assert found.blocks == [name for name in options.names if name in {name for _, name in changes}], mistake
        assert found.side in ("cost", "gradient", "forward", "objective")


# planted mistakes

OUTSIDE = ("(W2.T @ delta3 + sparsity[:, None]) * a2 * (1 - a2)", "(W2.T @ delta3) * a2 * (1 - a2) + sparsity[:, None]")
NO_KL_OFF = (
    "kl = rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat))",
    "kl = rho * np.log(rho / rho_hat)",
)
UNCHECKED = ("    check_rho_hat(rho_hat)\n", "")
BIASES_DECAY = (
    ("grad_b1 = delta2.mean(axis=1)", "grad_b1 = delta2.mean(axis=1) + lam * b1"),
    ("grad_b2 = delta3.mean(axis=1)", "grad_b2 = delta3.mean(axis=1) + lam * b2"),
)
BIASES_IN_COST = ("(W2 * W2).sum()", "(W2 * W2).sum() + (b1 * b1).sum() + (b2 * b2).sum()")
KL_OF_EACH = (
    (
        "kl = rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat))",
        "kl = (rho * np.log(rho / a2) + (1 - rho) * np.log((1 - rho) / (1 - a2))).mean(axis=1)",
    ),
    (
        "sparsity = beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))",
        "sparsity = beta * (-rho / a2 + (1 - rho) / (1 - a2))",
    ),
    ("sparsity[:, None]", "sparsity"),
)
KL_REVERSED = (
    (
        "rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat))",
        "rho_hat * np.log(rho_hat / rho) + (1 - rho_hat) * np.log((1 - rho_hat) / (1 - rho))",
    ),
    (
        "beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))",
        "beta * (np.log(rho_hat / rho) - np.log((1 - rho_hat) / (1 - rho)))",
    ),
)
FORTRAN = tuple(
    (f".reshape({shape})", f".reshape({shape}, order='F')") for shape in ("n_hidden, n", "n, n_hidden")
) + tuple((f"grad_{W}.ravel()", f"grad_{W}.ravel(order='F')") for W in ("W1", "W2"))
PLANTED = {
    "no 1/m in W1": (
        [("delta2 @ X.T / m", "delta2 @ X.T")],
        "gradient",
        "W1",
        "data sparsity",
        "grad_W1",
        "division by m",
    ),
    "no decay of W2": ([(" + lam * W2  #", "  #")], "gradient", "W2", "decay", "grad_W2", "decay is missing"),
    "decay without lambda": ([(" + lam * W1  #", " + W1  #")], "gradient", "W1", "decay", "grad_W1", "lambda"),
    "sparsity outside f'": ([OUTSIDE], "gradient", "W1 b1", "sparsity", "delta2", "outside f'"),
    "no sparsity in delta2": ([(" + sparsity[:, None]", "")], "gradient", "W1 b1", "sparsity", "delta2", "missing"),
    "biases decay in the gradient": (BIASES_DECAY, "gradient", "b1 b2", "decay", "grad_b1", "should not decay"),
    "biases decay in both": (
        (*BIASES_DECAY, BIASES_IN_COST),
        "objective",
        "b1 b2",
        "decay",
        "cost",
        "should not decay",
    ),
    "biases decay in the cost": ([BIASES_IN_COST], "cost", "", "decay", "cost", "should not decay"),
    "KL of each example": (KL_OF_EACH, "objective", "W1 b1", "sparsity", "rho_hat", "not of each example"),
    "half the KL": (
        [NO_KL_OFF, ("(-rho / rho_hat + (1 - rho) / (1 - rho_hat))", "(-rho / rho_hat)")],
        "objective",
        "W1 b1",
        "sparsity",
        "cost",
        "half of the KL",
    ),
    "KL the other way": (KL_REVERSED, "objective", "W1 b1", "sparsity", "cost", "the other way round"),
    "log2 in the cost": ([("np.log(", "np.log2(")], "cost", "", "sparsity", "cost", "base 2"),
    "rho_hat counted": (
        [("rho_hat = a2.mean(axis=1)", "rho_hat = (a2 > 0.5).mean(axis=1)"), UNCHECKED],
        "objective",
        "W1 b1",
        "sparsity",
        "rho_hat",
        "share of examples",
    ),
    "rho_hat of the first example": (
        [("rho_hat = a2.mean(axis=1)", "rho_hat = a2[:, 0]")],
        "objective",
        "W1 b1",
        "sparsity",
        "rho_hat",
        "first example",
    ),
    "no 1/2": ([("/ (2 * m)", "/ m")], "cost", "", "data", "cost", "2"),
    "x / 2 * m": ([("/ (2 * m)", "/ 2 * m")], "cost", "", "data", "cost", "parentheses"),
    "not squared": ([("(W1 * W1).sum()", "W1.sum()")], "cost", "", "decay", "cost", "not squared"),
    "summed, then squared": (
        [("((a3 - X) ** 2).sum()", "(a3 - X).sum() ** 2")],
        "cost",
        "",
        "data",
        "cost",
        "before it is squared",
    ),
    "lambda for lambda / 2": ([("lam / 2 * decay", "lam * decay")], "cost", "", "decay", "cost", "2"),
    "beta twice": ([("beta * kl.sum()", "beta ** 2 * kl.sum()")], "cost", "", "sparsity", "cost", "beta"),
    "no f' in delta3": (
        [("(a3 - X) * a3 * (1 - a3)", "(a3 - X)")],
        "gradient",
        "W1 W2 b1 b2",
        "data",
        "delta3",
        "f' is missing",
    ),
    "sign of delta3": (
        [("delta3 = (a3 - X)", "delta3 = (X - a3)")],
        "gradient",
        "W1 W2 b1 b2",
        "data",
        "delta3",
        "wrong sign",
    ),
    "f' of z": (
        [("* a2 * (1 - a2)", "* z2 * (1 - z2)")],
        "gradient",
        "W1 b1",
        "data sparsity",
        "delta2",
        "written in a",
    ),
    "W1 for W2": ([("W2.T @ delta3", "W1 @ delta3")], "gradient", "W1 b1", "data", "delta2", "W1"),
    "summed bias": (
        [("delta2.mean(axis=1)", "delta2.sum(axis=1)")],
        "gradient",
        "b1",
        "data sparsity",
        "grad_b1",
        "a sum over",
    ),
    "last example alone": (
        [("delta3.mean(axis=1)", "delta3[:, -1] / m")],
        "gradient",
        "b2",
        "data",
        "grad_b2",
        "last example",
    ),
    "z2 in grad_W2": ([("delta3 @ a2.T", "delta3 @ z2.T")], "gradient", "W2", "data", "grad_W2", "z2"),
    "updated weights": (
        [("delta2 = (W2.T", "delta2 = ((W2 - 0.1 * (delta3 @ a2.T / m + lam * W2)).T")],
        "gradient",
        "W1 b1",
        "data",
        "delta2",
        "already updated",
    ),
    "tanh": (
        [("a2 = sigmoid(z2)", "a2 = np.tanh(z2)"), UNCHECKED],
        "forward",
        "W1 W2 b1 b2",
        "data decay sparsity",
        "a2",
        "tanh",
    ),
    "no b1": ([("W1 @ X + b1[:, None]", "W1 @ X")], "forward", "W1 W2 b1 b2", "data sparsity", "z2", "b1 is missing"),
    "no g": ([("a3 = sigmoid(z3)", "a3 = z3")], "forward", "W1 W2 b1 b2", "data", "a3", "identity"),
    "column by column": (FORTRAN, "forward", "W1 W2 b1 b2", "data sparsity", "theta", "column by column"),
    "gradient packed otherwise": (
        [("grad_b1, grad_b2]", "grad_b2, grad_b1]")],
        "gradient",
        "b1 b2",
        "data sparsity",
        "theta",
        "packed in the order",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_mistake(name):
    replacements, side, blocks, terms, step, word = PLANTED[name]
    found = diagnose(handed_in(*replacements))
    assert not found.correct
    assert (found.side, found.blocks, found.terms) == (side, blocks.split(), terms.split())
    first = found.findings[0]
    assert (first.step, first.certain, first.alternative) == (step, True, 0)
    assert first.residual < 1e-9
    assert word in first.sentence


PAIRS = {
    "in two blocks": (["no 1/m in W1", "last example alone"], {"grad_W1", "grad_b2"}),
    "in cost and gradient": (["no 1/2", "sparsity outside f'"], {"cost", "delta2"}),
    "one over the other": (["no f' in delta3", "sparsity outside f'"], {"delta3", "delta2"}),
    "in one block": (["sign of delta3", "summed bias"], {"delta3", "grad_b1"}),
}


@pytest.mark.parametrize("name", PAIRS)
def test_two_mistakes(name):
    both, steps = PAIRS[name]
    found = diagnose(handed_in(*chain.from_iterable(PLANTED[one][0] for one in both)))
    assert all(finding.certain for finding in found.findings)
    assert {finding.step for finding in found.findings if finding.alternative == 0} == steps
    blocks = set(chain.from_iterable(PLANTED[one][2].split() for one in both))
    assert found.blocks == [name for name in EVERYWHERE if name in blocks]
    assert found.side == ("gradient" if name != "in cost and gradient" else found.side)
    assert found.side in ("gradient", "objective")


@pytest.mark.parametrize("name", ["KL of each example", "half the KL", "KL the other way", "biases decay in both"])
def test_another_objective_passes_a_plain_check_and_not_this_one(name, rng):
    student, X = handed_in(*PLANTED[name][0]), data()
    theta = rng.normal(0, 0.3, 2 * 9 * 6 + 6 + 9)
    assert sae.check_gradient(lambda theta: student(theta, X, **GIVEN), theta).ok
    found = diagnose(student)
    assert (found.side, found.consistent) == ("objective", True)
    assert "a plain gradient check passes" in str(found)


def test_coefficients_name_the_factor():
    found = diagnose(handed_in(("delta2 @ X.T / m", "delta2 @ X.T"), ("/ (2 * m)", "/ m")))
    m = classic().questions.problems[0].X.shape[1]
    assert found.coefficients["W1"] == pytest.approx({"data": m, "decay": 1, "sparsity": m}, rel=1e-9)
    assert found.coefficients["cost"] == pytest.approx({"data": 2, "decay": 1, "sparsity": 1}, rel=1e-9)
    assert found.residuals["W1"]["data"] < 1e-12
    assert np.isnan(found.coefficients["b2"]["decay"])  # biases do not decay
    outside = diagnose(handed_in(OUTSIDE))
    assert outside.residuals["W1"]["sparsity"] > 0.01  # no multiple of the right one


# mistakes that no catalogue knows

UNKNOWN = {
    "delta2": (("delta2 = (", "delta2 = 1.37 * ("), "gradient", "W1 b1", "delta2", 1.37),
    "delta3": (("delta3 = (", "delta3 = 1.37 * ("), "gradient", "W1 W2 b1 b2", "delta3", 1.37),
    "grad_W2": (("delta3 @ a2.T", "1.37 * delta3 @ a2.T"), "gradient", "W2", "grad_W2", 1.37),
    "the cost": (("((a3 - X) ** 2)", "1.37 * ((a3 - X) ** 2)"), "cost", "", "cost", 1.37),
    "z2": (("W1 @ X +", "W1 @ np.roll(X, 1, axis=0) +"), "forward", "W1 W2 b1 b2", "z2", None),
    "a3": (("a3 = sigmoid(z3)", "a3 = sigmoid(z3) ** 1.1"), "forward", "W1 W2 b1 b2", "a3", None),
    "rho_hat": (
        ("rho_hat = a2.mean(axis=1)", "rho_hat = a2.mean(axis=1) ** 1.1"),
        "objective",
        "W1 b1",
        "rho_hat",
        None,
    ),
    "delta3 rolled": (
        ("delta3 = (a3 - X)", "delta3 = (a3 - np.roll(X, 2, axis=1))"),
        "gradient",
        "W1 W2 b1 b2",
        "delta3",
        None,
    ),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_mistake_leaves_the_smallest_region(name):
    replacement, side, blocks, step, factor = UNKNOWN[name]
    found = diagnose(handed_in(replacement))
    assert (found.side, found.blocks) == (side, blocks.split())
    first = found.findings[0]
    assert (first.step, first.certain) == (step, False)
    assert np.isnan(first.residual)
    assert first.coefficient == (factor and pytest.approx(factor, rel=1e-6))
    assert factor is None or "1.37 times" in first.sentence
    assert "no known mistake gives these numbers" in str(found)


# correct code


def in_single_precision(theta, X, n_hidden, lam, rho, beta):
    objective = sae.Autoencoder(X, n_hidden, lam=lam, rho=rho, beta=beta, dtype="float32")
    return objective(theta)


def with_examples_as_rows(theta, X, n_hidden, lam, rho, beta):
    rows, n = X.T, len(X)
    W1, W2 = theta[: n * n_hidden].reshape(n_hidden, n), theta[n * n_hidden : 2 * n * n_hidden].reshape(n, n_hidden)
    b1, b2 = theta[2 * n * n_hidden :][:n_hidden], theta[-n:]
    h = 1 / (1 + np.exp(-(rows @ W1.T + b1)))
    y = 1 / (1 + np.exp(-(h @ W2.T + b2)))
    p = h.mean(axis=0)
    cost = 0.5 * np.mean(np.sum((y - rows) ** 2, axis=1)) + 0.5 * lam * (np.sum(W1**2) + np.sum(W2**2))
    cost -= beta * np.sum(rho * np.log(p / rho) + (1 - rho) * np.log((1 - p) / (1 - rho)))
    dy = (y - rows) * (y - y**2) / len(rows)
    dh = (dy @ W2 + beta / len(rows) * (p - rho) / (p - p**2)) * (h - h**2)
    return cost, np.r_[(dh.T @ rows + lam * W1).ravel(), (dy.T @ h + lam * W2).ravel(), dh.sum(axis=0), dy.sum(axis=0)]


def one_example_at_a_time(theta, X, n_hidden, lam, rho, beta):
    n, m = X.shape
    W1, W2, b1, b2 = sae.Layout.autoencoder(n, n_hidden).unpack(theta)
    hidden = [sae.sigmoid(W1 @ x + b1) for x in X.T]
    share = sum(hidden) / m
    cost = lam / 2 * (theta[: 2 * n * n_hidden] ** 2).sum()
    cost += beta * (rho * np.log(rho / share) + (1 - rho) * np.log((1 - rho) / (1 - share))).sum()
    grad = np.concatenate([lam * theta[: 2 * n * n_hidden], np.zeros(n_hidden + n)])
    for x, h in zip(X.T, hidden, strict=True):
        y = sae.sigmoid(W2 @ h + b2)
        cost += ((y - x) ** 2).sum() / 2 / m
        d3 = (y - x) * y * (1 - y)
        d2 = (W2.T @ d3 + beta * ((1 - rho) / (1 - share) - rho / share)) * h * (1 - h)
        grad += np.concatenate([np.outer(d2, x).ravel(), np.outer(d3, h).ravel(), d2, d3]) / m
    return cost, grad


CORRECT = [reference.cost_and_grad, with_examples_as_rows, one_example_at_a_time, in_single_precision]


@pytest.mark.parametrize("student", CORRECT, ids=lambda student: student.__name__)
@pytest.mark.parametrize("given", [{}, {"lam": 0.0}, {"beta": 0.0}, {"lam": 0.0, "beta": 0.0}, {"beta": 1e-3}], ids=str)
def test_correct_code_is_called_correct(student, given):
    found = diagnose(student, **given)
    assert (found.correct, found.side, found.blocks, found.terms, found.findings) == (True, "none", [], [], [])
    assert found.single == (student is in_single_precision)
    assert str(found).startswith("CORRECT")


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_library_is_called_correct(options, engine):
    def student(theta, X, n_hidden, lam, rho, beta):
        return objective(options, X, n_hidden, lam, rho, beta, engine=engine)(theta)

    assert diagnose(student, **asked(options)).correct


@pytest.mark.parametrize("options", [one for one in OPTIONS[1:] if not one.tied], ids=str)
def test_the_classic_is_wrong_where_another_network_is_asked_for(options):
    def student(*arguments):
        symbols = classic().page.run(Problem(*arguments))
        return symbols["cost"], symbols["grad"]

    found = diagnose(student, **asked(options))
    assert not found.correct
    assert found.findings


# side effects


def corrupts(name):
    def student(theta, X, *rest):
        answer = reference.cost_and_grad(theta, X, *rest)
        {"theta": theta, "X": X}[name][...] = 0.5
        return answer

    return student


def with_running_mean():
    kept = {}
    student = handed_in(
        (
            "rho_hat = a2.mean(axis=1)",
            "rho_hat = kept['r'] = 0.9 * kept.get('r', a2.mean(axis=1)) + 0.1 * a2.mean(axis=1)",
        )
    )
    student.__globals__["kept"] = kept

    def for_any_size(theta, X, *rest):
        if len(kept.get("r", ())) != rest[0]:
            kept.clear()
        return student(theta, X, *rest)

    return for_any_size


def with_cache_by_shape(right=reference.cost_and_grad):
    answers = {}

    def student(theta, X, *rest):
        return answers.setdefault((X.shape, *rest), right(theta, X, *rest))

    return student


def with_buffer():
    buffers = {}

    def student(theta, X, *rest):
        cost, grad = reference.cost_and_grad(theta, X, *rest)
        buffer = buffers.setdefault(theta.size, np.empty(theta.size))
        buffer[:] = grad
        return cost, buffer

    return student


def with_noise():
    rng = np.random.default_rng(0)

    def student(theta, X, *rest):
        return reference.cost_and_grad(theta, np.clip(X + rng.normal(0, 0.1, X.shape), 0, 1), *rest)

    return student


EFFECTS = {
    "theta": (lambda: corrupts("theta"), "argument theta"),
    "X": (lambda: corrupts("X"), "argument X"),
    "running mean": (with_running_mean, "kept from call to call"),
    "cache by shape": (with_cache_by_shape, "kept from call to call"),
    "buffer": (with_buffer, "return a new array"),
    "noise": (with_noise, "drawn at random"),
}


@pytest.mark.parametrize("name", EFFECTS)
def test_side_effect_is_noticed(name):
    student, words = EFFECTS[name]
    found = diagnose(student())
    assert (found.correct, found.side, found.findings[0].step) == (False, "side effect", "side effect")
    assert words in found.findings[0].sentence
    if name not in ("noise",):
        assert found.blocks == []  # what it answers at first is right


def test_a_side_effect_beside_a_mistake():
    found = diagnose(with_cache_by_shape(handed_in(OUTSIDE)))
    assert (found.side, found.blocks) == ("side effect", ["W1", "b1"])
    assert [finding.step for finding in found.findings] == ["side effect", "delta2"]


def test_the_user_s_X_stays_as_it_is():
    X = data()
    before = X.copy()
    sae.diagnose(corrupts("X"), X, **GIVEN)
    np.testing.assert_array_equal(X, before)


# students that can't be asked, and some that can't be asked everything


def answering(change):
    return lambda theta, X, *rest: change(*reference.cost_and_grad(theta, X, *rest))


def fails(*_):
    raise KeyError("W1")


REFUSED = {
    "raises": (fails, "raised KeyError: 'W1'"),
    "nothing": (lambda *_: None, "returned NoneType; expected two"),
    "three things": (answering(lambda cost, grad: (cost, grad, 0)), "3 things"),
    "a short gradient": (answering(lambda cost, grad: (cost, grad[:-1])), "gradient of shape"),
    "a matrix": (answering(lambda cost, grad: (cost, grad[:, None])), "gradient of shape"),
    "two costs": (answering(lambda cost, grad: (np.array([cost, cost]), grad)), "expected one number"),
    "words": (answering(lambda cost, grad: (str(cost), grad)), "expected one number"),
    "complex": (answering(lambda cost, grad: (cost, grad + 0j)), "complex numbers"),
    "NaN": (answering(lambda cost, grad: (np.nan, grad * np.nan)), "NaN or infinity everywhere"),
    "too few arguments": (lambda theta, X: (0.0, theta), "raised TypeError"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_student_that_can_not_be_asked(name):
    student, words = REFUSED[name]
    with pytest.raises(sae.SaeError, match=re.escape(words)):
        diagnose(student)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"f": sae.relu}, "beta = 3.0 with f = relu"),
        ({"cross_entropy": True, "g": sae.tanh}, "cross-entropy with g = tanh"),
        ({"f": sae.softplus, "beta": 0.0}, "f is 'softplus'; expected one of"),
        ({"f": "sigmoid"}, "f is 'sigmoid'; expected a"),
        ({"lam": -1.0}, "lam is -1.0"),
        ({"rho": 1.0}, "rho is 1.0"),
        ({"n_hidden": 0}, "n_hidden is 0"),
    ],
)
def test_options_that_do_not_go_together(options, words):
    with pytest.raises(sae.SaeError, match=re.escape(words)):
        diagnose(reference.cost_and_grad, **options)


@pytest.mark.parametrize("bug", [[], [OUTSIDE]], ids=["correct", "wrong"])
@pytest.mark.parametrize("limit", ["sizes", "lambda", "number of examples"])
def test_a_student_that_takes_only_some_arguments_is_diagnosed(bug, limit):
    right = handed_in(*bug)

    def student(theta, X, n_hidden, lam, rho, beta):
        assert limit != "sizes" or (X.shape[0], n_hidden) == (9, 6)
        assert limit != "number of examples" or X.shape[1] > 3
        assert limit != "lambda" or (lam > 0 and beta > 0)
        return right(theta, X, n_hidden, lam, rho, beta)

    found = diagnose(student)
    assert found.correct == (not bug)
    assert found.blocks == (["W1", "b1"] if bug else [])
    assert [finding.step for finding in found.findings] == (["delta2"] if bug else [])


def test_a_number_fixed_for_the_given_problem():
    def student(theta, X, *rest):
        cost, grad = reference.cost_and_grad(theta, X, *rest)
        return (cost * 1.5 if X.shape == (9, 14) else cost), grad

    found = diagnose(student)
    assert (found.side, found.blocks, found.findings[0].step) == ("cost", [], "cost")
    assert "right for small ones" in found.findings[0].sentence


# the report


def test_the_solution_is_said_only_when_asked_for():
    page = Page(Options())
    for student in (handed_in(OUTSIDE), handed_in(UNKNOWN["delta2"][0])):
        silent, said = diagnose(student), diagnose(student, reveal=True)
        assert page["delta2"].source not in str(silent)
        assert all(finding.solution == "" for finding in silent.findings)
        assert not any(line and not line.strip() for line in str(silent).splitlines())
        assert said.findings[0].solution == f"delta2 = {page['delta2'].source}"
        assert said.findings[0].solution in str(said)


def test_report_is_readable_and_goes_into_json():
    found = diagnose(handed_in(OUTSIDE))
    lines = str(found).splitlines()
    assert lines[0] == "WRONG: the cost is right, its gradient is not"
    assert lines[1:3] == ["wrong in the gradient: W1, b1", "wrong terms: sparsity"]
    assert lines[3].startswith("- (E6) delta2: the sparsity part is added outside f'(z2)")
    assert max(map(len, lines)) <= 120
    read = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert (read["side"], read["blocks"], read["findings"][0]["step"]) == ("gradient", ["W1", "b1"], "delta2")
    assert read["coefficients"]["b2"]["decay"] is None
    assert set(read) == set(inspect.signature(sae.Diagnosis).parameters)


def test_the_same_question_gets_the_same_answer_and_a_generator_another_theta():
    student = handed_in(OUTSIDE)
    assert str(diagnose(student)) == str(diagnose(student))
    other = diagnose(student, rng=np.random.default_rng(5))
    assert other.findings[0].sentence == diagnose(student).findings[0].sentence
    assert other.residuals != diagnose(student).residuals


@pytest.mark.parametrize(
    ("part", "answer", "side", "step"),
    [
        ("gradient", lambda cost, grad: (cost, grad.astype(int)), "gradient", "grad_W1"),
        ("cost", lambda cost, grad: (int(cost), grad), "cost", "cost"),
    ],
)
def test_integers_are_named(part, answer, side, step):
    found = diagnose(answering(answer))
    assert (found.side, found.findings[0].step) == (side, step)
    assert f"the {part} is made of integers" in str(found).lower()
