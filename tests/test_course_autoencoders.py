"""What the exercises on autoencoders share: the check of a student's own gradient, and sentences of the diagnosis."""

import contextlib
import re

import numpy as np
import pytest

import sae
from sae.course.diagnosed import sentences
from sae.course.library import load
from sae.course.source import functions, module, mutated
from sae.diagnosis.page import Options, Page, Problem

SPARSE, LINEAR = ("sparse_autoencoder", "cost_and_grad"), ("linear_decoder", "linear_cost_and_grad")
OUTSIDE = {"delta2": "W2.T @ delta3 * a2 * (1 - a2) + sparsity[:, None]"}
KEPT = {"delta3": "(a3 - X) * a3 * (1 - a3)"}
DOUBLE = "((a3 - X) ** 2).sum() / m"


def changed(of, edits):
    name, function = of
    return mutated(load(name).source, function, tuple(edits.items()))


@pytest.mark.parametrize(
    ("of", "edits", "expected"),
    [
        (SPARSE, OUTSIDE, r"^W1 and b1 are off; delta2: .* is added outside f'\(z2\): look at \(E6\) again$"),
        (SPARSE, {"cost": f"{DOUBLE} + lam / 2 * decay + beta * kl.sum()"}, r"^the cost is off; .*\(E4\)"),
        (SPARSE, {"W1": "theta[:size].reshape(n_hidden, n, order='F')"}, r"^the cost, W1, .*MATLAB.*\(E0\)"),
        (LINEAR, KEPT, r"^W1, W2, b1 and b2 are off; delta3: a3 \(1 - a3\) is kept: the outputs are linear.*\(E5\)"),
        (LINEAR, {"a3": "sigmoid(z3)", **KEPT}, r"^the cost, .*a3 is computed with the sigmoid.*\(E2\)"),
        (SPARSE, {"sparsity": "beta * np.sin(7 * rho_hat)"}, r"^W1 and b1 are wrong in the sparsity.*\(E6\) again$"),
    ],
)  # fmt: skip
def test_the_diagnosis_becomes_a_sentence(rng, of, edits, expected):
    function = changed(of, edits)[of[1]]
    (sentence,) = sentences(function, rng, sae.identity if of is LINEAR else sae.sigmoid)
    assert re.search(expected, sentence), sentence


def test_two_mistakes_are_two_sentences_and_none_tells_a_number(rng):
    found = sentences(
        changed(SPARSE, OUTSIDE | {"grad_W2": "1.2345 * (delta3 @ a2.T / m + lam * W2)"})["cost_and_grad"], rng
    )
    assert any("(E6)" in sentence for sentence in found)
    assert any("(E8)" in sentence for sentence in found)
    assert not any(re.search(r"\d\.\d", sentence) for sentence in found)


def test_what_can_not_be_examined_gives_no_sentence(rng):
    def raises(*arguments):
        raise ValueError

    assert sentences(raises, rng) == []
    assert sentences(module(load("sparse_autoencoder").source)["cost_and_grad"], rng) == []


@pytest.mark.parametrize(("options", "kept"), [({"g": sae.identity}, "linear"), ({"cross_entropy": True}, "cancelled")])
def test_a_slope_that_is_kept_is_known_to_the_diagnosis(rng, options, kept):
    page = Page(Options(g=options.get("g", sae.sigmoid).name, cross_entropy="cross_entropy" in options))

    def student(*arguments):
        symbols = page.run(Problem(*arguments), {"delta3": "(a3 - X) * a3 * (1 - a3)"})
        return symbols["cost"], symbols["grad"]

    X = rng.uniform(0.1, 0.9, (6, 9))
    found = sae.diagnose(student, X, n_hidden=4, lam=0.1, rho=0.2, beta=0.5, **options)
    (finding,) = [finding for finding in found.findings if finding.alternative == 0]
    assert finding.step == "delta3"
    assert kept in finding.sentence


def test_arguments_are_changed_all_at_once_and_where_sizes_are_known():
    own = functions(load("sparse_autoencoder").source)["cost_and_grad"]
    text = own.edited((("lam", "beta"), ("beta", "lam / m")))
    assert "    n, m = X.shape\n    lam, beta, = beta, lam / m,\n    size" in text


@pytest.mark.parametrize(("of", "g"), [(SPARSE, "sigmoid"), (LINEAR, "identity")])
def test_a_mistake_of_the_page_is_the_same_mistake_in_the_exercise(rng, of, g):
    (name, function), page = of, Page(Options(g=g))
    problem = Problem(rng.normal(0, 0.6, 2 * 4 * 3 + 3 + 4), rng.uniform(0.1, 0.9, (4, 6)), 3, 0.1, 0.2, 0.5)
    ran = 0
    for mistake in list(load(name).exercise.catalogue[function]())[:: 1 if g == "sigmoid" else 7]:
        expected = found = None
        with np.errstate(all="ignore"), contextlib.suppress(ValueError, TypeError, IndexError):
            symbols = page.run(problem, dict(mistake.edits))
            expected = symbols["cost"], symbols["grad"]
        with np.errstate(all="ignore"), contextlib.suppress(ValueError, TypeError, IndexError):
            found = changed(of, dict(mistake.edits))[function](*problem.arguments())
        assert (found is None) == (expected is None), mistake
        if found is not None:
            ran += 1
            np.testing.assert_allclose(found[0], expected[0], rtol=1e-10, err_msg=mistake.sentence)
            np.testing.assert_allclose(found[1], expected[1], rtol=1e-8, atol=1e-12, err_msg=mistake.sentence)
    assert ran > 100
