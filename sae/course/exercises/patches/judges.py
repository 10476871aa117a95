"""What is wrong with patches drawn at random: which ones are right is unknown, what they are like is not."""

import numpy as np

from sae.course import Off
from sae.course.judge import kind

FEW, MANY = 1 / 3, 2  # a place that is drawn less or more often than so many times what is expected is not by chance


def all_patches(image, side):
    """Return every patch of an image, (side * side, places), from left to right and from top to bottom."""
    windows = np.lib.stride_tricks.sliding_window_view(image, (side, side))
    return windows.reshape(-1, side * side).T


def unlike(X, images, side, count):
    """Return what is wrong with the form of X, or ""; the numbers of X must be there to go on."""
    if not isinstance(X, np.ndarray) or X.dtype.kind not in "fiu":
        return f"X is {kind(X)}; expected an array of numbers"
    if X.shape != (side * side, count):
        return f"X has another shape than (side * side, count), which is {(side * side, count)} here"
    return "" if np.isfinite(X).all() else "X has NaN or infinite values"


def distance(X, known):
    """Return by how much each column of X differs from each known one, (m, known)."""
    return np.abs(X[:, :, None] - known[:, None, :]).max(axis=0)


def origin(X, images, side):
    """Return from which patch each column of X is, -1 for none; patches are counted through all images."""
    apart = distance(X, np.hstack([all_patches(image, side) for image in images]))
    return np.where(apart.min(axis=1) < 1e-6, apart.argmin(axis=1), -1)


def cut_from(call, X):
    """Say what is wrong unless each column of X is a patch of an image."""
    images, side, count = call.arguments[:3]
    if sentence := unlike(X, images, side, count):
        return sentence
    if (origin(X, images, side) >= 0).all():
        return ""
    known = np.hstack([all_patches(image, side) for image in images])
    if (distance(np.sort(X, axis=0), np.sort(known, axis=0)).min(axis=1) < 1e-6).all():
        return "the columns have the pixels of patches, but not row after row: look at (K1) again"
    return "there are columns that are no patch of an image"


def drawn_at_random(call, X):
    """Say what is wrong unless all places occur, about as often as they should; there must be many draws."""
    if sentence := cut_from(call, X):
        return sentence
    images, side, count = call.arguments[:3]
    shapes = [(image.shape[0] - side + 1, image.shape[1] - side + 1) for image in images]
    ends = np.cumsum([height * width for height, width in shapes])
    often = np.split(np.bincount(origin(X, images, side), minlength=ends[-1]), ends[:-1])
    if np.hstack(often).max() == count and ends[-1] > 1:
        return "all columns are the same patch: image, row and column are to be drawn anew for each"
    if not all(found.any() for found in often):
        return f"there are {len(images)} images, and not all of them occur in {count} patches"
    for shape, found in zip(shapes, often, strict=True):
        found = found.reshape(shape)
        if not (found[-1].any() and found[:, -1].any()):
            return "no patch reaches the last row or column of its image: how many places are there? Look at (K2) again"
        if not (found[0].any() and found[:, 0].any()):
            return "no patch begins at the first row or column of its image: look at (K3) again"
        share = found * found.size * len(images) / count
        if not found.all():
            return f"there are places in an image that never occur in {count} patches: look at (K3) again"
        if share.min() < FEW or share.max() > MANY:
            return "there are places that are drawn far more often than others: look at (K3) again"
    return ""


def by_generator(calls, answers, right):
    """Judge three calls: the generators of the first two are the same, that of the last one is another one."""
    for call, X in zip(calls, answers, strict=True):
        if sentence := cut_from(call, X):
            return Off((), sentence)
    first, again, other = answers
    if not np.array_equal(first, again):
        return Off((), "the same generator gives other patches the second time: all that is random must come from rng")
    if np.array_equal(first, other):
        return Off((), "another generator gives the same patches: all that is random must come from rng")
    return None
