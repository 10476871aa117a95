"""The labels of the students' functions are what their numbers say."""

import contextlib
import copy
import dataclasses
import itertools
import warnings
from collections import defaultdict
from functools import cache

import numpy as np
import pytest

from sae.reference import cost_and_grad
from tests.students import BLOCKS, CORPORA, SIDES, STEPS, TERMS, load

PROBLEMS = [(5, 3, 8), (6, 9, 4), (8, 5, 11)]  # n, n_hidden, m: hidden layers narrow and wide
SMALL = [(7, 2, 3), (2, 6, 9), (1, 2, 4), (4, 1, 3), (3, 1, 2)]
ONE_EXAMPLE = [(4, 3, 1), (2, 5, 1)]
ATLEAST = {"development": (90, 30), "practice": (110, 35), "examination": (100, 30)}  # mistaken, correct
TAKEN = defaultdict(itertools.count)  # how often a student was loaded and called
NAMES = [(corpus, student.name) for corpus in CORPORA for student in load(corpus)]


@cache
def loaded(corpus, k):
    return {student.name: student for student in load(corpus)}


def afresh(corpus, name):
    """Yield the student again and again, each as before any call."""
    return (loaded(corpus, k)[name] for k in TAKEN[corpus, name])


@cache
def problem(n, n_hidden, m, seed=0):
    """Theta, X, n_hidden and weights that no student can have typed in."""
    rng = np.random.default_rng([seed, n, n_hidden, m])
    theta, X = rng.normal(0, 0.5, 2 * n * n_hidden + n_hidden + n), rng.uniform(0.05, 0.95, (n, m))
    return theta, X, n_hidden, rng.uniform(0.02, 0.2), rng.uniform(0.05, 0.3), rng.uniform(0.3, 2)


def answer(function, theta, X, *rest):
    """Cost and gradient for copies of theta and X; students' NaNs and deprecated types are theirs."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        cost, grad = function(theta.copy(), X.copy(), *rest)
    assert np.ndim(cost) == 0
    assert np.shape(grad) == theta.shape
    return float(cost), np.array(grad, dtype=float)


@cache
def right(*sizes, seed=0):
    return answer(cost_and_grad, *problem(*sizes, seed=seed))


def differ(x, y, rtol):
    """Tell whether x differs from y by more than rtol of the largest entry, or is NaN."""
    return not np.abs(np.subtract(x, y)).max() <= rtol * np.abs(y).max()


def wrong_parts(student, *sizes):
    """Tell whether the cost is wrong, and which blocks of the gradient."""
    n, h = sizes[:2]
    (cost, grad), (J, g) = answer(student.function, *problem(*sizes)), right(*sizes)
    theirs, ours = (np.split(v, np.cumsum([n * h, n * h, h])) for v in (grad, g))
    wrong = {b for b, x, y in zip(BLOCKS, theirs, ours, strict=True) if differ(x, y, student.rtol)}
    return differ(cost, J, student.rtol), wrong


def addends(functions, theta, X, n_hidden, lam, rho, beta):
    """Cost and gradient of each addend, one after another: what lambda and beta alone add to the data term."""
    parts = {}
    for term, weights in [("data", (0.0, rho, 0.0)), ("decay", (lam, rho, 0.0)), ("sparsity", (0.0, rho, beta))]:
        np.random.seed(0)  # noqa: NPY002  # what students draw
        cost, grad = answer(next(functions), theta, X, n_hidden, *weights)
        parts[term] = np.append(grad, cost)
    return {term: part - parts["data"] if term != "data" else part for term, part in parts.items()}


@cache
def right_addends(*sizes):
    return addends(itertools.repeat(cost_and_grad), *problem(*sizes))


def wrong_terms(students, rtol, *sizes):
    theirs, ours = addends((s.function for s in students), *problem(*sizes)), right_addends(*sizes)
    scale = max(np.abs(part).max() for part in ours.values())  # a difference has the rounding of its parts
    return {term for term in TERMS if not np.abs(theirs[term] - ours[term]).max() <= rtol * scale}


def has_side_effect(students):
    """Tell whether a call changes theta, X or an answer given before, or the answer to another problem."""
    student, (theta, X, *rest), other = next(students), problem(*PROBLEMS[0]), problem(*PROBLEMS[0], seed=1)
    given = theta.copy(), X.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        first = student.function(*given, *rest)
    kept = copy.deepcopy(first)
    later = [*answer(student.function, *other), *copy.deepcopy(first), *answer(student.function, theta, X, *rest)]
    as_first_calls = [*answer(next(students).function, *other), *kept, *kept]
    return not (np.array_equal(given[0], theta) and np.array_equal(given[1], X)) or not all(
        np.allclose(x, y, rtol=1e-12, atol=1e-13, equal_nan=True) for x, y in zip(later, as_first_calls, strict=True)
    )


def check_words(student):
    """Labels are words of the page; with a mistake there is a step, without there is nothing else."""
    assert student.side
    assert student.side <= set(SIDES)
    assert student.blocks <= set(BLOCKS)
    assert student.terms <= set(TERMS)
    assert student.step <= set(STEPS)
    assert ("side effect" in student.step) == ("side effect" in student.side)
    if "none" in student.side:
        assert student.side == {"none"}
        assert not student.blocks | student.terms | student.step
    else:
        assert student.step


def check_side_and_blocks(label, students):
    for sizes, student in zip(PROBLEMS, students, strict=False):
        cost_is_wrong, blocks = wrong_parts(student, *sizes)
        assert blocks == label.blocks
        if "side effect" not in label.side:
            assert cost_is_wrong == (not label.side <= {"none", "gradient"})
            assert bool(blocks) == (not label.side <= {"none", "cost"})


def check_terms(label, students):
    """Where switching a term off does not tell, what it tells is indeed another thing."""
    found = set().union(*(wrong_terms(students, label.rtol, *sizes) for sizes in PROBLEMS))
    assert (found == label.terms) == label.additive


def check_side_effect(label, students):
    assert has_side_effect(students) == ("side effect" in label.side)


def check_sizes(label, students):
    """Functions run at any size and weight; correct ones are correct there, other numbers are at least finite."""
    student = next(students)
    for sizes in SMALL + ONE_EXAMPLE * label.one_example:
        *given, lam, rho, beta = problem(*sizes)
        for weights in [(lam, rho, beta), (0.0, rho, beta), (lam, rho, 0.0), (0, rho, 0)]:
            cost, grad = answer(student.function, *given, *weights)
            if label.side == {"none"}:
                J, g = cost_and_grad(*given, *weights)
                assert not differ(cost, J, label.rtol)
                assert not differ(grad, g, label.rtol)
            elif label.additive:
                assert np.isfinite([cost, *grad]).all()


CHECKS = (check_side_and_blocks, check_terms, check_side_effect, check_sizes)


@pytest.mark.parametrize(("corpus", "name"), NAMES)
def test_labels_are_what_the_numbers_say(corpus, name):
    label = next(afresh(corpus, name))
    check_words(label)
    for check in CHECKS:
        check(label, afresh(corpus, name))


@pytest.mark.parametrize("corpus", CORPORA)
def test_there_are_enough_of_each_kind(corpus):
    students = load(corpus)
    assert len({student.name for student in students}) == len(students)
    right = sum(student.side == {"none"} for student in students)
    assert (len(students) - right, right) >= ATLEAST[corpus]
    assert set.union(*(set(student.side) for student in students)) == set(SIDES)


def test_no_mistake_is_made_in_two_corpora_under_one_name():
    wrong = [{s.name for s in load(corpus) if s.side != {"none"}} for corpus in CORPORA]
    assert not wrong[2] & (wrong[0] | wrong[1])


def test_a_module_is_run_anew():
    first, second = load("practice"), load("practice")
    assert [s.name for s in first] == [s.name for s in second]
    assert all(s.function is not t.function for s, t in zip(first, second, strict=True))


def passes(check, label, corpus):
    with contextlib.suppress(AssertionError):
        check(label, afresh(corpus, label.name))
        return True
    return False


@pytest.mark.parametrize("kind", SIDES)
@pytest.mark.parametrize("corpus", CORPORA)
def test_a_wrong_label_does_not_pass(corpus, kind):
    student = next(s for s in load(corpus) if s.side == {kind} and s.additive)
    changed = dataclasses.replace
    assert all(passes(check, student, corpus) for check in CHECKS)
    for block in BLOCKS:
        assert not passes(check_side_and_blocks, changed(student, blocks=student.blocks ^ {block}), corpus)
    for term in TERMS:
        assert not passes(check_terms, changed(student, terms=student.terms ^ {term}), corpus)
    assert not passes(check_terms, changed(student, additive=False), corpus)
    for side in set(SIDES) - {kind}:
        if {kind, side} != {"forward", "objective"}:  # only a3 tells these two apart, and nobody returns it
            assert not all(passes(check, changed(student, side={side}), corpus) for check in CHECKS)
    if kind not in ("none", "side effect"):
        assert not passes(check_sizes, changed(student, side={"none"}), corpus)
