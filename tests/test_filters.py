"""The orientation measure knows edges from blobs and noise, and training from its absence."""

import json

import numpy as np
import pytest

import sae
from sae.filters import count_oriented, frequency, optimal_inputs
from tests.bands import FIGURES, filters

BANDS = {row["condition"]: row for row in json.loads((FIGURES / "bands.json").read_text())}
Y, X = np.mgrid[-3.5:4, -3.5:4]


@pytest.mark.parametrize("degrees", range(0, 180, 15))
def test_edges_and_gratings_are_oriented(degrees):
    along = np.cos(np.radians(degrees)) * X + np.sin(np.radians(degrees)) * Y
    bell = np.exp(-(X**2 + Y**2) / 14)
    patterns = [np.sin(2 * np.pi * along / 5) * bell, np.tanh(2 * along) * bell, np.exp(-(along**2)) - 0.2]
    assert (sae.orientation([p.ravel() for p in patterns]) > 0.7).all()


def test_edges_and_bars_in_the_whole_window_have_the_shares_that_are_stated():
    shares = []
    for degrees in range(0, 180, 15):
        along = np.cos(np.radians(degrees)) * X + np.sin(np.radians(degrees)) * Y
        shares += list(sae.orientation([np.tanh(2 * along).ravel(), np.exp(-(along**2)).ravel()]))
    assert min(shares) > 0.6
    assert max(shares) < 0.95


def test_blobs_crosses_and_noise_are_not(rng):
    blob = np.exp(-(X**2 + Y**2) / 4)
    cross = np.sin(2 * np.pi * X / 4) + np.sin(2 * np.pi * Y / 4)
    noise = rng.standard_normal((200, 64))
    assert (sae.orientation([blob.ravel(), cross.ravel()]) < 0.55).all()
    assert count_oriented(noise) <= 4
    assert sae.orientation(noise).mean() < 0.5


def test_contrast_sign_and_mean_do_not_matter(rng):
    W = rng.standard_normal((5, 64))
    np.testing.assert_allclose(sae.orientation(-7 * W + 3), sae.orientation(W))


def test_a_wider_band_holds_more(rng):
    W = rng.standard_normal((5, 64))
    assert (sae.orientation(W, half_width=45) >= sae.orientation(W, half_width=20)).all()
    np.testing.assert_allclose(sae.orientation(W, half_width=89.999), 1, atol=1e-2)


def test_frequency():
    for cycles in (0.1, 0.2, 0.3):
        wave = np.sin(2 * np.pi * cycles * np.arange(40) + 0.5)
        for image in (wave * np.ones((40, 1)), wave[:, None] * np.ones(40)):
            assert frequency([image.ravel()])[0] == pytest.approx(cycles, abs=0.02)
    assert frequency(np.ones((1, 9))) == 0


def test_shapes(rng):
    W = rng.standard_normal((2, 6 * 10))
    assert sae.orientation(W, shape=(6, 10)).shape == (2,)
    assert sae.orientation(np.ones((1, 9))) == 0
    with pytest.raises(sae.SaeError, match="60 numbers are no images of 7 x 7"):
        sae.orientation(W)
    with pytest.raises(sae.SaeError, match="half_width is 90"):
        sae.orientation(W, half_width=90, shape=(6, 10))


def test_optimal_inputs(rng):
    W1 = rng.standard_normal((3, 16))
    x = optimal_inputs(W1)
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), 1)
    for w, best in zip(W1, x, strict=True):
        others = rng.standard_normal((1000, 16))
        others /= np.linalg.norm(others, axis=1, keepdims=True)
        assert w @ best > (others @ w).max()
    np.testing.assert_allclose(optimal_inputs([[3e-200, 4e-200], [0.0, 0.0]]), [[0.6, 0.8], [0, 0]])


@pytest.mark.parametrize(
    ("condition", "edges"), [("whitened photographs", True), ("white noise", False), ("nothing (untrained)", False)]
)
def test_training_on_photographs_and_nothing_else_makes_edges(condition, edges):
    """The default run (seed 0), the same on white noise, and before training."""
    J, W1 = filters(condition, seed=0)
    band = BANDS[condition]
    assert (count_oriented(W1) >= 20) == edges
    assert band["oriented_min"] - 3 <= count_oriented(W1) <= band["oriented_max"] + 3  # other machines round otherwise
    assert band["J_min"] - 2e-3 <= J <= band["J_max"] + 2e-3  # other machines round otherwise


def test_the_stated_bands_are_of_ten_seeds_and_apart():
    assert all(row["seeds"] >= 10 for row in BANDS.values())
    assert BANDS["whitened photographs"]["oriented_min"] >= 20
    assert BANDS["white noise"]["oriented_max"] <= 5
    assert BANDS["nothing (untrained)"]["oriented_max"] <= 5
