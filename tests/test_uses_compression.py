"""The use "compression": entropies and coders against what is known of them, bands, and planted bugs."""

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from scipy import stats
from threadpoolctl import threadpool_limits

from sae.data.patches import sample_patches
from sae.errors import SaeError
from sae.uses import coding, compression, pictures
from sae.uses.coding import LUMINANCE, Coder, Curve
from sae.uses.compression import PSNR, QUICK, task
from sae.uses.use import Setting

BANDS = {  # PSNR / dB, --quick with one repetition; of 4 seeds, and about as much to each side
    (0.5, "DCT, equal steps"): (36.27, 36.29),  # nothing is drawn
    (0.5, "PCA"): (33.2, 34.3),
    (0.5, "sparse autoencoder"): (26.4, 26.9),
    (0.5, "narrow autoencoder"): (25.6, 26.8),
    (1.0, "sparse autoencoder"): (29.5, 30.0),
    (1.0, "JPEG files"): (38.0, 38.7),
}


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    with threadpool_limits(1, user_api="blas"):
        yield


@pytest.fixture(scope="module")
def outcome():
    return compression.run(Setting(quick=True, seeds=1))


@pytest.fixture(scope="module")
def photographs():
    return pictures.split([compression.whole_blocks(x) for x in pictures.load(Setting(quick=True)).images], 0)


def test_measures_lie_in_their_bands(outcome):
    for (rate, method), (low, high) in BANDS.items():
        assert low < outcome.measure(task(rate), PSNR, method).mean < high, (rate, method)


def test_the_verdict_says_who_wins(outcome):
    ours, other = outcome.at_headline()
    assert other.method in outcome.verdict
    assert f"{ours.mean - other.mean:.4g}" in outcome.verdict
    assert "no tables, no headers" in outcome.notes[0]


def test_its_picture_has_each_method(outcome):
    labels = {text.get_text() for text in outcome.figure.axes[1].get_legend().get_texts()}
    assert labels == {one.method for one in outcome.measures}


# Entropies and transforms -----------------------------------------------------------------------------------------


def test_entropy_is_that_of_scipy():
    assert coding.entropy(np.repeat([-3, 0, 5, 7], 10)) == pytest.approx(2)
    assert coding.entropy(np.zeros(9, int)) == 0
    q = np.random.default_rng(0).poisson(3, 500)
    assert coding.entropy(q) == pytest.approx(stats.entropy(np.bincount(q), base=2))


def test_rate_is_a_sum_over_coefficients_in_bits_per_pixel():
    q = np.random.default_rng(0).permuted(np.tile(np.arange(4), (64, 25)), axis=1).T
    assert coding.rate(q) == pytest.approx(2)  # 64 coefficients of 2 bits each, 64 pixels


def test_blocks_go_back_where_they_were():
    image = np.arange(16 * 24.0).reshape(16, 24)
    blocks = coding.to_blocks(image)
    np.testing.assert_array_equal(blocks[1].reshape(8, 8), image[:8, 8:16])
    np.testing.assert_array_equal(coding.to_image(blocks, image.shape), image)


def test_dct_is_orthonormal_and_undone():
    blocks = np.random.default_rng(0).uniform(0, 255, (5, 64))
    coder = coding.dct()
    c = coder.forward(blocks)
    np.testing.assert_allclose((c**2).sum(), ((blocks - 128) ** 2).sum())
    np.testing.assert_allclose(c[:, 0], 8 * (blocks.mean(axis=1) - 128))
    np.testing.assert_allclose(coder.back(c), blocks)


def test_the_table_is_that_of_jpeg_files():
    file = io.BytesIO()
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(file, "JPEG", quality=50)
    tables = vars(Image.open(file))["quantization"]
    assert sorted(tables[0]) == sorted(LUMINANCE)


@pytest.mark.parametrize("s", [LUMINANCE, LUMINANCE.reshape(8, 8).T.ravel()], ids=["right", "transposed"])
def test_the_table_makes_what_jpeg_files_make(photographs, s):
    image = photographs.test[0]
    coder = coding.dct(s)
    _, decoded = coding.through(coder, coder.forward(coding.to_blocks(image)), 1.0, image.shape)
    apart = (
        np.abs(decoded - coding.jpeg_file(image, 50)[1]) > 1
    )  # theirs computes with integers: some ties go elsewhere
    assert (apart.mean() < 0.1) == (s is LUMINANCE)  # 0.03, and transposed 0.44


@pytest.mark.parametrize("coder", [coding.dct(), coding.dct(LUMINANCE / 16)], ids=["equal", "table"])
def test_fine_steps_have_the_error_of_rounding(coder):
    image = np.random.default_rng(0).uniform(80, 170, (160, 160))
    _, decoded = coding.through(coder, coder.forward(coding.to_blocks(image)), 6.0, image.shape)
    expected = 6**2 * np.mean(np.broadcast_to(coder.s, 64) ** 2) / 12 + 1 / 12  # the second, of bytes
    assert np.mean((image - decoded) ** 2) == pytest.approx(expected, rel=0.03)


def test_a_curve_keeps_the_best_and_says_where_it_begins():
    curve = coding.curve_of([(1.0, 30.0), (0.5, 20.0), (1.5, 25.0)])
    assert [curve.at(rate) for rate in (0.5, 0.75, 1.5, 9)] == [20, 25, 30, 30]
    with pytest.raises(SaeError, match=re.escape("the curve begins at 0.5 bits per pixel, above 0.4")):
        curve.at(0.4)


def test_the_best_candidate_is_chosen_for_each_rate():
    early, late = (Curve(np.array([0.1, 1, 2]), np.array(psnr)) for psnr in ([20.0, 30, 30], [10.0, 29, 35]))
    assert [compression.choose([[early], [late]], rate) for rate in (0.5, 1.5)] == [0, 1]


# Planted bugs leave the bands -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def coders(photographs):
    setting = Setting(quick=True)
    X = sample_patches(photographs.train, QUICK.patches, 8, setting.rng(0)).T
    return compression.coders(setting, replace(QUICK, every=9), X, 0)  # beta 0.1 only


def psnr_at(coder, photographs, rate=0.5):
    return compression.at([coding.code(coder, image, compression.STEPS) for image in photographs.test], rate)


def in_band(coder, photographs, method):
    low, high = BANDS[0.5, method]
    return low < psnr_at(coder, photographs) < high


def test_coders_lie_in_their_bands(coders, photographs):
    for method in ("PCA", "DCT, equal steps"):
        assert in_band(coders[method][0], photographs, method)


BUGS = {
    "mean forgotten": lambda coder: replace(coder, back=lambda c: coder.back(c) - 20),
    "steps not undone": lambda coder: replace(coder, back=lambda c: coder.back(c / 2)),
    "coefficients in another order": lambda coder: replace(coder, back=lambda c: coder.back(c[:, ::-1])),
}


@pytest.mark.parametrize("name", BUGS)
def test_bugs_in_a_coder_are_noticed(coders, photographs, name):
    assert not in_band(BUGS[name](coders["PCA"][0]), photographs, "PCA")


def test_a_scale_that_is_undone_changes_nothing(coders, photographs):
    pca = coders["PCA"][0]
    scaled = Coder(lambda x: 4 * pca.forward(x), lambda c: pca.back(c / 4), 4.0)
    assert psnr_at(scaled, photographs) == pytest.approx(psnr_at(pca, photographs))


@pytest.mark.parametrize("bug", ["nats", "per block", "first coefficient only"])
def test_bugs_in_the_rate_are_noticed(coders, photographs, monkeypatch, bug):
    rate = coding.rate
    wrong = {
        "nats": lambda q: rate(q) * np.log(2),
        "per block": lambda q: rate(q) * 64,
        "first coefficient only": lambda q: rate(q[:, :1]),
    }
    monkeypatch.setattr(coding, "rate", wrong[bug])
    if bug == "per block":
        with pytest.raises(SaeError, match="the curve begins at"):
            psnr_at(coders["PCA"][0], photographs)
    else:
        assert not in_band(coders["PCA"][0], photographs, "PCA")


def test_codes_in_their_own_units_are_dearer(coders, photographs):
    coder = coders["sparse autoencoder"][0]
    uneven = Coder(coder.forward, coder.back, np.geomspace(0.05, 20, 129))  # steps that don't match what codes draw
    assert psnr_at(uneven, photographs) < psnr_at(coder, photographs) - 0.3
