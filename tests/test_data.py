"""Photographs, whitening and patches."""

import numpy as np
import pytest

import sae
from sae.data import (
    PHOTOGRAPHS,
    colour_photographs,
    normalize_patches,
    photographs,
    sample_colour_patches,
    sample_patches,
    whiten,
)


def test_photographs_ship_with_the_wheel():
    images = photographs()
    assert len(images) == len(PHOTOGRAPHS) == 9
    for image in images:
        assert image.ndim == 2
        assert min(image.shape) >= 300
        assert image.dtype == np.float64
        assert image.min() >= 0
        assert 0.5 < image.max() <= 1
    np.testing.assert_array_equal(photographs(["coffee"])[0], images[3])


@pytest.mark.parametrize("names", [["cat"], ["camera", "Lena"], [], "Lena"])
def test_unknown_photographs(names):
    with pytest.raises(sae.SaeError, match="expected some of camera, astronaut"):
        photographs(names)


def slope_of_spectrum(image):
    """The exponent of the amplitude spectrum against frequency, below the cut-off and away from the borders."""
    side = min(image.shape)
    window = np.hanning(side)
    square = image[:side, :side] - image[:side, :side].mean()
    amplitude = np.abs(np.fft.fft2(square * np.outer(window, window)))
    f = np.hypot(*np.meshgrid(np.fft.fftfreq(side), np.fft.fftfreq(side)))
    band = (f > 0.02) & (f < 0.2)
    return np.polyfit(np.log(f[band]), np.log(amplitude[band]), 1)[0]


@pytest.mark.parametrize("name", ["camera", "astronaut", "coffee"])
def test_whitening_flattens_the_spectrum(name):
    image = photographs([name])[0]
    assert 0.7 < slope_of_spectrum(whiten(image)) - slope_of_spectrum(image) < 1  # slope of f exp(-(f/f0)^4)
    assert abs(slope_of_spectrum(whiten(image))) < 0.6 < abs(slope_of_spectrum(image))
    assert whiten(image).std() == pytest.approx(1)
    assert whiten(image).mean() == pytest.approx(0, abs=1e-12)


def test_whitening_is_the_filter_of_olshausen_and_field(rng):
    """A cosine of frequency f comes out as itself times f exp(-(f/f0)^4), before the scaling."""
    y, k1, k2 = np.arange(64) + 0.5, 12, 40
    waves = [np.cos(np.pi * k * y / 64)[:, None] * np.ones((1, 32)) for k in (k1, k2)]
    response = [k / 128 * np.exp(-((k / 128 / 0.3) ** 4)) for k in (k1, k2)]
    expected = response[0] * waves[0] + response[1] * waves[1]
    np.testing.assert_allclose(whiten(waves[0] + waves[1], f0=0.3), expected / expected.std(), atol=1e-12)


def test_whitening_makes_no_edges_at_the_border():
    image = photographs(["camera"])[0]
    f = np.hypot(*np.meshgrid(*(np.fft.fftfreq(side) for side in image.shape), indexing="ij"))
    periodic = np.fft.ifft2(np.fft.fft2(image) * f * np.exp(-((f / 0.4) ** 4))).real
    ours, theirs = whiten(image), periodic / periodic.std()
    assert np.corrcoef(ours[9:-9, 9:-9].ravel(), theirs[9:-9, 9:-9].ravel())[0, 1] > 0.999  # inside, the same filter
    assert ours[[0, -1]].std() < 1
    assert theirs[[0, -1]].std() > 2  # the jump from the lower edge to the upper one


@pytest.mark.parametrize(
    ("image", "f0", "message"),
    [
        (np.ones((5, 5)), 0.4, "constant"),
        (np.full((5, 5), np.nan), 0.4, "25 NaN"),
        (np.eye(4), 0, "f0 is 0"),
        (np.eye(4), 1e-4, "f0 is 0.0001; that takes out all frequencies"),
        (0.3 + 1e-17 * np.arange(16).reshape(4, 4), 0.4, "constant"),
        (np.zeros((4, 4, 3)), 0.4, r"shape \(4, 4, 3\); expected \(height, width\)"),
    ],
)
def test_whitening_bad_input(image, f0, message):
    with pytest.raises(sae.SaeError, match=message):
        whiten(image, f0)


def test_patches_reach_every_place_and_no_other(rng):
    image = np.arange(20.0).reshape(4, 5)
    X = sample_patches([image], 12, 2, rng)  # 3 x 4 places, each once
    assert X.shape == (4, 12)
    expected = {(r, c): image[r : r + 2, c : c + 2].ravel() for r in range(3) for c in range(4)}
    assert sorted(map(tuple, X.T)) == sorted(map(tuple, expected.values()))


def test_colour_patches_reach_every_place_with_the_colours_of_a_pixel_together(rng):
    image = np.arange(60.0).reshape(4, 5, 3)
    X = sample_colour_patches([image], 12, 2, rng)
    assert X.shape == (12, 12)
    expected = [image[r : r + 2, c : c + 2].ravel() for r in range(3) for c in range(4)]
    assert sorted(map(tuple, X.T)) == sorted(map(tuple, expected))
    np.testing.assert_array_equal(X[:3, 0] - X[0, 0], [0, 1, 2])
    grey = sample_patches([image[:, :, 1]], 12, 2, np.random.default_rng(7))
    np.testing.assert_array_equal(sample_colour_patches([image], 12, 2, np.random.default_rng(7))[1::3], grey)


def test_colour_photographs_whiten():
    images = colour_photographs()
    assert len(images) == 5
    for image in images:
        assert image.ndim == 3
        assert image.shape[2] == 3
        assert image.min() >= 0
        assert 0.5 < image.max() <= 1
        assert np.ptp(image, axis=2).max() > 0.1  # not grey
    assert colour_photographs("coffee")[0].shape == (400, 600, 3)
    X = sample_colour_patches(images, 2000, 8, np.random.default_rng(0))
    assert X.shape == (192, 2000)
    white = sae.data.zca(X, eps=0.1)
    s = np.linalg.eigvalsh(np.cov(X, bias=True))
    np.testing.assert_allclose(np.linalg.eigvalsh(white.X @ white.X.T / 2000), s / (s + 0.1), atol=1e-10)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        ([np.zeros((9, 9))], r"image 0 has shape \(9, 9\); expected \(height, width, channels\), colours last"),
        ([np.zeros((9, 9, 3)), np.zeros((9, 9, 4))], r"image 1 has shape \(9, 9, 4\); expected \(height, width, 3\)"),
        ([np.zeros((9, 7, 3))], "a patch of 8 x 8 is larger than image 0, 9 x 7"),
        ([np.full((9, 9, 3), np.nan)], "image 0 has 243 NaN"),
        ([], "no images"),
    ],
)
def test_colour_patches_bad_input(images, message, rng):
    with pytest.raises(sae.SaeError, match=message):
        sample_colour_patches(images, 4, 8, rng)
    with pytest.raises(sae.SaeError, match="no photograph is named 'camera'; expected some of astronaut"):
        colour_photographs(["camera"])


def test_patches_come_from_all_images_alike(rng):
    images = [np.full((30, 30), 1.0), np.full((60, 90), 2.0)]
    X = sample_patches(images, 600, 5, rng)
    assert 250 < (X[0] == 1).sum() < 350
    small = sample_patches([images[0][:6, :6], images[1]], 600, 5, rng)  # an image that is used up
    assert (small[0] == 1).sum() == 4


def test_patches_are_repeatable_and_lie_as_contiguous_columns():
    images = photographs(["camera", "coffee"])
    a, b = (sample_patches(images, 50, 8, np.random.default_rng(1)) for _ in range(2))
    np.testing.assert_array_equal(a, b)
    assert a.T.flags.c_contiguous
    assert not np.array_equal(a, sample_patches(images, 50, 8, np.random.default_rng(2)))


@pytest.mark.parametrize(
    ("images", "count", "side", "message"),
    [
        ([np.zeros((9, 9))], 10, 10, "a patch of 10 x 10 is larger than image 0, 9 x 9"),
        ([np.zeros((9, 9)), np.zeros((3, 90))], 10, 4, "larger than image 1, 3 x 90"),
        ([np.zeros((9, 9))], 5, 8, "asked for 5 patches of 8 x 8, but the 1 images hold only 4"),
        ([], 5, 8, "no images"),
        ([np.full((9, 9), np.inf)], 1, 8, "image 0 has 0 NaN and 81 infinite"),
        ([np.zeros((9, 9))], 0, 8, "count is 0"),
        ([np.zeros((9, 9, 3))], 1, 8, r"image 0 has shape \(9, 9, 3\); expected \(height, width\)"),
    ],
)
def test_patches_bad_input(images, count, side, message, rng):
    with pytest.raises(sae.SaeError, match=message):
        sample_patches(images, count, side, rng)


def test_normalization(rng):
    X = rng.standard_normal((16, 500)) * rng.uniform(0.1, 3, 500) + rng.standard_normal(500)
    Y = normalize_patches(X)
    assert Y.min() == pytest.approx(0.1)
    assert Y.max() == pytest.approx(0.9)
    centred = X - X.mean(axis=0)  # each patch its own mean, not the mean of all
    bound = 3 * centred.std()
    inside = np.abs(centred) < bound
    np.testing.assert_allclose(Y[inside], 0.5 + 0.4 * centred[inside] / bound)
    assert (~inside).any()
    assert set(np.round(Y[~inside], 12)) == {0.1, 0.9}
    kept = normalize_patches(X, remove_mean=False, clip=1.0, low=-1, high=1)
    np.testing.assert_allclose(kept, np.clip(X / X.std(), -1, 1))


@pytest.mark.parametrize(
    ("X", "options", "message"),
    [
        (np.ones((4, 4)), {}, "all patches are constant"),
        (np.tile(np.random.default_rng(0).uniform(0, 1, 50), (64, 1)), {}, "all patches are constant"),
        (np.eye(4), {"clip": 0}, "clip is 0"),
        (np.eye(4), {"low": 0.9, "high": 0.1}, "expected low below high"),
        (np.full((2, 2), np.nan), {}, "4 NaN"),
    ],
)
def test_normalization_bad_input(X, options, message):
    with pytest.raises(sae.SaeError, match=message):
        normalize_patches(X, **options)


def test_zca_whitens_and_stays_close_to_the_patches(rng):
    X = rng.standard_normal((6, 6)) @ rng.standard_normal((6, 5000)) + rng.uniform(0, 5, (6, 1))
    white = sae.data.zca(X, eps=0)
    np.testing.assert_allclose(white.X @ white.X.T / 5000, np.eye(6), atol=1e-10)  # no root would give diag(1 / s)
    np.testing.assert_allclose(white.matrix, white.matrix.T, atol=1e-12)  # ZCA, not PCA whitening
    np.testing.assert_allclose(white.matrix @ (X - white.mean[:, None]), white.X)
    covariance = np.cov(X, bias=True)
    expected = np.linalg.inv(covariance + 0.1 * np.eye(6))
    np.testing.assert_allclose(np.linalg.matrix_power(sae.data.zca(X).matrix, 2), expected, rtol=1e-9, atol=1e-12)


def test_zca_of_patches_without_their_means_needs_eps(rng):
    X = rng.standard_normal((6, 100))
    X -= X.mean(axis=0)
    with pytest.raises(sae.SaeError, match="expected eps above 0"):
        sae.data.zca(X, eps=0)
    assert np.isfinite(sae.data.zca(X).X).all()
