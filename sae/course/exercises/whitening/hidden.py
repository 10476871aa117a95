"""PCA and whitening: the hidden tests."""

import numpy as np

from sae.course import Call

from .exercise import axes, exercise, own_axes, patches, shares, symmetric, with_axes


@exercise.hidden("remove_brightness")
def contrast_stays(rng):
    """Each patch loses its mean and nothing else."""
    return [Call("remove_brightness", patches(rng, *size)) for size in ((5, 3), (2, 1), (4, 4))]


@exercise.hidden("covariance")
def values(rng):
    """The mean of each pixel and the covariance, of fewer and of more patches than pixels."""
    return [Call("covariance", patches(rng, *size)) for size in ((3, 8), (5, 3))]


@exercise.hidden("covariance")
def grey_patches(rng):
    """Patches that have lost their brightness already: the means of the pixels are not 0 yet."""
    X = patches(rng, 4, 6)
    return [Call("covariance", X - X.mean(axis=0))]


@exercise.hidden("principal_axes")
def order(rng):
    """The largest eigenvalue first, each with its eigenvector."""
    return [Call("principal_axes", symmetric(*axes(rng, n))) for n in (5, 3, 2)]


@exercise.hidden("how_many")
def retained(rng):
    """The number of components for several shares."""
    return [Call("how_many", *shares(rng, n)) for n in (3, 6, 6, 9, 12, 20, 20)]


@exercise.hidden("how_many")
def one_is_enough(rng):
    """One component has nearly all of the variance."""
    s = rng.uniform(3, 5) * np.array([1, 0.004, 0.001, 0.0005])
    return [Call("how_many", s, 0.99), Call("how_many", s / s.sum(), 0.9)]


@exercise.hidden("rotate")
def few_components(rng):
    """Fewer components than pixels."""
    X, x_bar, _, U = with_axes(rng, 5, 7)
    return [Call("rotate", X, x_bar, U, k) for k in (2, 1)]


@exercise.hidden("rotate")
def new_patches(rng):
    """All components of a single patch, whose own mean is another one than x_bar."""
    X, x_bar, _, U = with_axes(rng, 4, 1)
    return [Call("rotate", X, x_bar, U, 4)]


@exercise.hidden("reconstruct")
def few_back(rng):
    """Of fewer components than pixels."""
    X, x_bar, _, U = with_axes(rng, 5, 7)
    return [Call("reconstruct", X[:k], 0 * x_bar, U) for k in (2, 1)]


@exercise.hidden("reconstruct")
def mean_back(rng):
    """The mean comes back."""
    X, x_bar, _, U = with_axes(rng, 4, 3)
    return [Call("reconstruct", X, x_bar, U)]


def whitening(function):
    """Register the tests that both whitenings share."""

    @exercise.hidden(function)
    def without_eps(rng):
        """Without eps: the patches themselves, not only their covariance."""
        return [Call(function, *own_axes(rng, 3, 12), 0.0)]

    @exercise.hidden(function)
    def with_eps(rng):
        """With eps."""
        return [Call(function, *own_axes(rng, 4, 9), eps) for eps in (0.01, 0.3)]

    @exercise.hidden(function)
    def no_variance(rng):
        """With eps, where an axis has no variance."""
        X, x_bar, s, U = with_axes(rng, 4, 6)
        return [Call(function, X, x_bar, np.append(s[:3], 0), U, 0.05)]

    @exercise.hidden(function)
    def others(rng):
        """New patches, whitened by the mean and the axes of others."""
        return [Call(function, *with_axes(rng, 5, m), 0.1) for m in (4, 1)]


whitening("whiten_pca")
whitening("whiten_zca")
