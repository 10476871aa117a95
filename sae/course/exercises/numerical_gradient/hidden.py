"""The numerical gradient: the hidden tests."""

import numpy as np

from sae.course import Call

from .exercise import STEP, curved, exercise, gradients, linear, powers, vector


@exercise.hidden("quadratic")
def anywhere(rng):
    """The cost and its gradient at other places."""
    return [Call("quadratic", vector(rng, 2)) for _ in range(3)]


@exercise.hidden("central_difference")
def central_of_curved(rng):
    """A curved cost, and a large step."""
    return [Call("central_difference", curved(rng, p), rng.uniform(-0.9, 0.9, p), STEP) for p in (1, 4)]


@exercise.hidden("central_difference")
def central_of_large(rng):
    """A curved cost, and entries of theta of very different size."""
    theta = np.array([0.01, -2.0, 5.0])
    return [Call("central_difference", curved(rng, 3), theta, step) for step in (STEP, 1e-3)]


@exercise.hidden("central_difference")
def central_at_integers(rng):
    """A theta of integers."""
    return [Call("central_difference", linear(rng, 4), rng.integers(1, 9, 4), STEP)]


@exercise.hidden("forward_difference")
def forward_of_curved(rng):
    """A curved cost, and a large step."""
    return [Call("forward_difference", curved(rng, p), rng.uniform(-0.9, 0.9, p), STEP) for p in (1, 4)]


@exercise.hidden("forward_difference")
def forward_of_large(rng):
    """A curved cost, and entries of theta of very different size."""
    return [Call("forward_difference", curved(rng, 3), np.array([0.01, -2.0, 5.0]), STEP)]


@exercise.hidden("forward_difference")
def forward_at_integers(rng):
    """A theta of integers."""
    return [Call("forward_difference", linear(rng, 4), rng.integers(1, 9, 4), STEP)]


@exercise.hidden("relative_difference")
def several_entries(rng):
    """Gradients of several entries."""
    return [Call("relative_difference", *gradients(rng, p)) for p in (3, 8)]


@exercise.hidden("relative_difference")
def small_gradients(rng):
    """Gradients that are very small."""
    return [Call("relative_difference", *gradients(rng, 1, scale=1e-7))]


@exercise.hidden("taylor_remainder")
def with_gradient(rng):
    """A linear term that is smaller or larger than the change of J."""
    v, steps = vector(rng, 4), rng.uniform(0.05, 0.5, 3)
    J, theta = curved(rng, 4), vector(rng, 4)
    return [
        Call("taylor_remainder", J, theta, sign * 9 * np.sign(v) * np.abs(vector(rng, 4)), v, steps) for sign in (1, -1)
    ]


@exercise.hidden("taylor_remainder")
def curved_along(rng):
    """A curved cost and one step."""
    return [Call("taylor_remainder", curved(rng, 3), vector(rng, 3), np.zeros(3), vector(rng, 3), np.array([0.4]))]


@exercise.hidden("order")
def many_points(rng):
    """Many steps, unevenly spaced, with errors that scatter."""
    return [Call("order", *powers(rng, 7))]
