"""The judge of patches drawn at random: any right way to draw them passes, and each mistake is called by its name."""

import numpy as np
import pytest

from sae.course import Call, Rng
from sae.course.library import load

IMAGES = [np.random.default_rng(k).uniform(0.1, 1, shape) for k, shape in enumerate([(4, 5), (5, 3)])]
SIDE, COUNT = 3, 1000


def said(sampler, images=IMAGES):
    """What the judge of the part says of one answer."""
    call = Call("sample", images, SIDE, COUNT, Rng(0))
    X = sampler(images, np.random.default_rng(0))
    off = load("patches").exercise.part("sample").judge([call], [X], [None])
    return "" if off is None else off.sentence


def draw(images, rng, edge=1, start=0, order="C", which=None):
    """Patches drawn as they should be, or with one mistake."""
    X = np.empty((SIDE * SIDE, COUNT))
    for t in range(COUNT):
        image = images[rng.integers(len(images)) if which is None else which]
        row, column = (int(rng.integers(start, max(extent - SIDE + edge, start + 1))) for extent in image.shape)
        X[:, t] = image[row : row + SIDE, column : column + SIDE].ravel(order)
    return X


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_right_patches_pass(dtype):
    assert said(lambda images, rng: draw(images, rng).astype(dtype)) == ""
    assert said(draw, IMAGES[:1]) == ""
    assert said(draw, [IMAGES[0][:3, :3]]) == ""  # a single place: all columns are the same


def test_the_same_chance_for_each_place_of_all_images_passes_too():
    def sampler(images, rng):
        windows = [np.lib.stride_tricks.sliding_window_view(image, (SIDE, SIDE)) for image in images]
        known = np.concatenate([window.reshape(-1, SIDE * SIDE) for window in windows])
        return known[rng.integers(len(known), size=COUNT)].T

    assert said(sampler) == ""


@pytest.mark.parametrize(
    ("sampler", "sentence"),
    [
        (lambda images, rng: None, "None"),
        (lambda images, rng: draw(images, rng).T, "shape"),
        (lambda images, rng: draw(images, rng) * np.nan, "NaN"),
        (lambda images, rng: draw(images, rng, order="F"), "row after row"),
        (lambda images, rng: draw(images, rng) + 0.01, "no patch of an image"),
        (lambda images, rng: draw(images, rng)[:, :1] * np.ones(COUNT), "the same patch"),
        (lambda images, rng: draw(images, rng, which=0), "not all of them occur"),
        (lambda images, rng: draw(images, rng, edge=0), "last row or column"),
        (lambda images, rng: np.sort(draw(images, rng), axis=1), "no patch of an image"),
    ],
)
def test_what_is_wrong_is_said(sampler, sentence):
    assert sentence in said(sampler)


def test_places_must_occur_and_none_too_often():
    image = IMAGES[:1]  # 2 x 3 places

    def at(places):
        def sampler(images, rng):
            rows, columns = np.array(places(rng))
            squares = (images[0][r : r + SIDE, c : c + SIDE].ravel() for r, c in zip(rows, columns, strict=True))
            return np.column_stack(list(squares))

        return said(sampler, image)

    assert at(lambda rng: (rng.integers(2, size=COUNT), rng.integers(3, size=COUNT))) == ""
    assert "first row or column" in at(lambda rng: (rng.integers(2, size=COUNT), rng.integers(1, 3, size=COUNT)))
    assert "never occur" in at(lambda rng: (rng.integers(2, size=COUNT), 2 * rng.integers(2, size=COUNT)))
    for chances in ([0.05, 0.475, 0.475], [0.15, 0.15, 0.7]):  # one place too rarely, one too often
        assert "more often" in at(lambda rng, p=chances: (rng.integers(2, size=COUNT), rng.choice(3, p=p, size=COUNT)))
