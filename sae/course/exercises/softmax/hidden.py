"""Softmax regression: the hidden tests."""

import numpy as np

from sae.course import Call

from .exercise import LARGE, exercise, problem


@exercise.hidden("probabilities")
def other_sizes(rng):
    """The probabilities themselves, for other numbers of inputs, classes and examples."""
    return [Call("probabilities", *problem(rng, *sizes)[:2]) for sizes in ((5, 3, 8), (2, 4, 1), (3, 2, 6))]


@exercise.hidden("probabilities")
def large(rng):
    """Weights so large that exp(z) is infinite."""
    W, X, _ = problem(rng, 3, 3, 5)
    W[:, 0], X[0] = 768, 1  # the same for all classes: p stays what it is, while exp(z) overflows
    return [Call("probabilities", W, X), Call("probabilities", *problem(rng, m=6, scale=LARGE)[:2])]


@exercise.hidden("indicator")
def every_class(rng):
    """Each example in the row of its class."""
    return [Call("indicator", rng.permutation(np.arange(9) % 4), 4)]


@exercise.hidden("indicator")
def missing_class(rng):
    """The last class does not occur."""
    return [Call("indicator", rng.permutation(np.arange(6) % 3), 5)]


@exercise.hidden("cost_and_grad")
def several(rng):
    """Without decay, of several examples: means and classes."""
    return [Call("cost_and_grad", *problem(rng, *sizes), 0.0) for sizes in ((5, 3, 8), (3, 4, 2))]


@exercise.hidden("cost_and_grad")
def with_decay(rng):
    """With decay."""
    return [Call("cost_and_grad", *problem(rng, 3, 3, 4), lam) for lam in (0.3, 4.0)]


@exercise.hidden("cost_and_grad")
def large_weights(rng):
    """Weights so large that exp(z) is infinite and p of the right class rounds to 0."""
    W, X, y = problem(rng, m=6, scale=LARGE)
    return [Call("cost_and_grad", W, X, y, 0.0)]


@exercise.hidden("predict")
def most_probable(rng):
    """The most probable classes, for other numbers of classes and examples."""
    return [Call("predict", *problem(rng, *sizes)[:2]) for sizes in ((4, 3, 9), (5, 4, 2))]


@exercise.hidden("predict")
def with_large_weights(rng):
    """Weights so large that exp(z) is infinite."""
    return [Call("predict", *problem(rng, 6, 4, 40, LARGE)[:2])]
