"""The use "denoising": bands at its reduced size, and planted bugs that leave them."""

import sys
from functools import partial

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from sae.data.patches import sample_patches
from sae.errors import MissingDataError
from sae.studies.denoising import by_patches, quality
from sae.studies.denoising import pairs as right_pairs
from sae.uses import denoising, pictures
from sae.uses.denoising import NOISES, PSNR, QUICK, SSIM, Pair
from sae.uses.use import Setting, difference

SIGMA_25 = NOISES[1]
BANDS = {  # PSNR / dB, --quick with one repetition; of 4 seeds, and about as much to each side
    ("sigma 25", "noisy"): (20.05, 20.35),
    ("sigma 25", "denoising autoencoder"): (27.9, 28.9),
    ("sigma 25", "sparse autoencoder"): (25.9, 26.6),
    ("sigma 25", "PCA"): (25.7, 27.6),
    ("sigma 25", "wavelets"): (28.7, 29.5),
    ("sigma 25", "total variation"): (28.4, 29.1),
    ("salt and pepper 10 %", "noisy"): (14.3, 15.1),
    ("salt and pepper 10 %", "median filter"): (30.3, 31.8),
    ("salt and pepper 10 %", "denoising autoencoder"): (24.4, 25.7),
}


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    pytest.importorskip("pywt", reason="the wavelets need PyWavelets")
    with threadpool_limits(1, user_api="blas"):
        yield


@pytest.fixture(scope="module")
def outcome():
    return denoising.run(Setting(quick=True, seeds=1))


@pytest.fixture(scope="module")
def photographs():
    return pictures.split(pictures.load(Setting(quick=True)).images, 0)


def test_measures_lie_in_their_bands(outcome):
    for (task, method), (low, high) in BANDS.items():
        assert low < outcome.measure(task, PSNR, method).mean < high, (task, method)
    for one in outcome.measures:
        assert one.what == PSNR or 0 < one.mean < 1
    assert {one.what for one in outcome.measures} == {PSNR, SSIM}


def test_the_verdict_says_who_wins(outcome):
    ours, other = outcome.at_headline()
    won = f"{difference(ours, other).verdict} {other.method} at"
    assert f"the denoising autoencoder is {won}" in outcome.verdict
    assert f"{abs(ours.mean - other.mean):.4g}" in outcome.verdict  # of one repetition, without a spread
    assert other.method not in denoising.OURS


def test_its_picture_has_each_method(outcome):
    titles = [axes.get_title().partition("\n")[0] for axes in outcome.figure.axes]
    assert titles[:2] == ["clean", "noisy"]
    assert set(titles) == {"clean", *(one.method for one in outcome.measures)}


def test_no_photograph_is_tested_that_is_trained_on():
    tested = []
    for k in range(5):
        train, validation, test = pictures.split(list(pictures.ORDER), k)
        assert sorted([*train, *validation, *test]) == sorted(pictures.ORDER)
        tested += test
    assert set(tested) == set(pictures.ORDER)


# Planted bugs leave the bands -------------------------------------------------------------------------------------


def psnr_of(restore, photographs, noise=SIGMA_25):
    rng = np.random.default_rng(1)
    return np.mean([quality(image, restore(noise.on(image, rng)))["psnr"] for image in photographs.test])


def trained(photographs, noise=SIGMA_25):
    setting = Setting(quick=True)
    X = sample_patches(photographs.train, QUICK.pairs, pictures.SIDE, setting.rng(0))
    return denoising.denoiser(setting, QUICK, X, noise, 0)


def within(value, method, task="sigma 25"):
    low, high = BANDS[task, method]
    return low < value < high


def test_a_denoiser_lies_in_its_band(photographs):
    assert within(psnr_of(trained(photographs), photographs), "denoising autoencoder")


@pytest.mark.parametrize(
    "bug",
    [
        lambda noisy, clean, *rest: right_pairs(clean, noisy, *rest),  # learns to add noise
        lambda noisy, clean, *rest: right_pairs(noisy, noisy, *rest),  # learns to copy noise
        lambda noisy, clean, *rest: right_pairs(noisy, clean[:, ::-1], *rest),  # pairs that don't belong together
    ],
    ids=["target and input swapped", "noisy target", "wrong pairs"],
)
def test_bugs_in_the_pairs_are_noticed(photographs, monkeypatch, bug):
    monkeypatch.setattr(denoising, "pairs", bug)
    assert not within(psnr_of(trained(photographs), photographs), "denoising autoencoder")


def sideways(X):
    return X.reshape(8, 8, -1).swapaxes(0, 1).reshape(64, -1)


@pytest.fixture(scope="module")
def by_components(photographs):
    X = sample_patches(photographs.train, 2000, pictures.SIDE, np.random.default_rng(0))
    U = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)[0].T[:12]
    return partial(denoising.project, U)


def test_components_lie_in_their_band(photographs, by_components):
    assert within(psnr_of(partial(by_patches, side=8, f=by_components), photographs), "PCA")


@pytest.mark.parametrize("bug", ["mean forgotten", "written sideways", "copied"])
def test_bugs_in_the_patches_are_noticed(photographs, by_components, bug):
    f = {
        "mean forgotten": by_components,
        "written sideways": lambda X: sideways(by_components(X)),
        "copied": lambda X: X,
    }[bug]

    def wrong(image):
        means = by_patches(image, 8, np.zeros_like) if bug == "mean forgotten" else 0
        return by_patches(image, 8, f) - means

    assert not within(psnr_of(wrong, photographs), "PCA")


def test_shifts_are_undone(photographs, monkeypatch):
    settings = {"sigma": 25 / 255, "wavelet": "db2", "method": "BayesShrink", "mode": "soft"}
    once = psnr_of(partial(denoising.denoise_wavelet, **settings), photographs)
    assert psnr_of(partial(denoising.wavelets, **settings), photographs) > once + 0.3  # what the shifts are for
    monkeypatch.setattr(denoising, "denoise_wavelet", lambda image, **settings: image)
    image = photographs.test[0]
    np.testing.assert_allclose(denoising.wavelets(image, "db2"), image, atol=1e-12)


def test_the_best_candidate_is_chosen():
    clean = np.random.default_rng(0).random((16, 16))
    several = [lambda x: x + 0.3, lambda x: x + 0.1, lambda x: x + 0.2]
    assert denoising.choose(several, [Pair(clean, clean)]) is several[1]


def test_without_pywavelets_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pywt", None)
    with pytest.raises(MissingDataError, match=r'PyWavelets, which is not installed: pip install "sae\[data\]"'):
        denoising.run(Setting(quick=True, seeds=1))
