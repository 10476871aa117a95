"""Denoising and contractive autoencoders: the hidden tests."""

import numpy as np

from sae.course import Call

from .exercise import contracting, contractive, denoising, examples, exercise, first


@exercise.hidden("corrupt")
def values(rng):
    """What the mask lets through stays, the rest is 0."""
    return [Call("corrupt", *examples(rng, n, m)) for n, m in ((4, 6), (5, 2))]


@exercise.hidden("denoising_cost_and_grad", judge=first)
def cost_with_noise(rng):
    """The cost, with values masked, without decay."""
    return [Call("denoising_cost_and_grad", *denoising(rng, 5, 3, m)) for m in (4, 7)]


@exercise.hidden("denoising_cost_and_grad", judge=first)
def cost_with_decay(rng):
    """The cost, with decay."""
    return [Call("denoising_cost_and_grad", *denoising(rng, 3, 4, 5, lam)) for lam in (0.3, 2.0)]


@exercise.hidden("denoising_cost_and_grad")
def gradient_with_noise(rng):
    """The cost and its gradient, with values masked, without decay."""
    return [Call("denoising_cost_and_grad", *denoising(rng, 5, 3, m)) for m in (4, 7)]


@exercise.hidden("denoising_cost_and_grad")
def all_together(rng):
    """The cost and its gradient, with values masked and with decay."""
    return [Call("denoising_cost_and_grad", *denoising(rng, *shape, 0.4)) for shape in ((3, 5, 4), (4, 4, 4))]


@exercise.hidden("jacobian")
def anywhere(rng):
    """The Jacobian, wherever the units are."""
    calls = [contracting(rng, n, n_hidden)[:3] for n, n_hidden in ((5, 3), (2, 4), (3, 3))]
    return [Call("jacobian", W1, b1, X[:, 0]) for W1, b1, X in calls]


@exercise.hidden("contraction", judge=first)
def penalty(rng):
    """P, of several examples and units."""
    return [Call("contraction", *contracting(rng, 5, 3, 7, 1.0)), Call("contraction", *contracting(rng, 2, 4, 3, 1.0))]


@exercise.hidden("contraction")
def penalty_and_gradient(rng):
    """P and its gradient, with another gamma."""
    return [Call("contraction", *contracting(rng, 4, 3, 5, gamma)) for gamma in (0.2, 3.0)]


@exercise.hidden("contraction")
def saturated(rng):
    """P and its gradient where the units are nearly saturated."""
    W1, b1, X, gamma = contracting(rng)
    return [Call("contraction", W1, b1 + np.array([4, -4, 0]), X, gamma)]


@exercise.hidden("contractive_cost_and_grad")
def plain(rng):
    """With gamma = 0, a plain autoencoder of several examples."""
    return [Call("contractive_cost_and_grad", *contractive(rng, 5, 3, 7, 0.0))]


@exercise.hidden("contractive_cost_and_grad")
def with_contraction(rng):
    """The cost and its gradient."""
    return [Call("contractive_cost_and_grad", *contractive(rng, *shape)) for shape in ((3, 5, 4), (5, 2, 3), (4, 4, 4))]
