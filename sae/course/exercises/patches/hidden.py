"""Patches and normalisation: the hidden tests."""

import numpy as np

from sae.course import Call

from .exercise import exercise, patches, picture, sampling


@exercise.hidden("patch")
def elsewhere(rng):
    """Other places in an image that is no square, and other sides."""
    image = picture(rng, 9, 12)
    return [Call("patch", image, row, column, side) for row, column, side in ((1, 2, 4), (4, 1, 3), (2, 7, 2))]


@exercise.hidden("patch")
def lower_right(rng):
    """The last place in an image."""
    return [Call("patch", picture(rng, 7, 5), 4, 2, 3)]


@exercise.hidden("places")
def overlapping(rng):
    """Patches smaller than a square image."""
    return [Call("places", size, size, side) for size, side in ((8, 3), (10, 5), (6, 1))]


@exercise.hidden("places")
def no_square(rng):
    """Images that are no squares."""
    return [Call("places", 512, 320, 8), Call("places", 5, 9, 5)]


@exercise.hidden("sample")
def all_places(rng):
    """All places of an image occur, those at its edges too."""
    return [Call("sample", *sampling(rng, 3, (2, 2)))]


@exercise.hidden("sample")
def all_images(rng):
    """All images occur."""
    return [Call("sample", *sampling(rng, 2, (1, 1), (1, 1), (1, 1)))]


@exercise.hidden("sample")
def sizes(rng):
    """Images of different sizes that are no squares, and one that has a single place."""
    return [Call("sample", *sampling(rng, 2, *more)) for more in (((0, 3), (3, 0)), ((3, 0), (0, 3)), ((0, 0), (1, 2)))]


@exercise.hidden("remove_mean")
def several(rng):
    """Several patches of different brightness: more or fewer than pixels, or as many."""
    return [Call("remove_mean", rng.uniform(0.1, 1, (n, m)) + np.arange(m)) for n, m in ((6, 4), (3, 8), (5, 5))]


@exercise.hidden("normalise")
def contrasts(rng):
    """Patches of different contrast."""
    return [Call("normalise", patches(rng, n, m)) for n, m in ((16, 6), (5, 9), (7, 7))]


@exercise.hidden("normalise")
def bright(rng):
    """A pixel that is far brighter than all others."""
    return [Call("normalise", patches(rng, 16, 5, 20.0))]


@exercise.hidden("normalise")
def dark(rng):
    """A pixel that is far darker than all others."""
    return [Call("normalise", patches(rng, 16, 5, -20.0))]
