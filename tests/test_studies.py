"""The studies: their measures against hand-known answers, their runs against themselves."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

import sae
from sae.data.corruption import salt_and_pepper
from sae.studies import denoising, dictionary
from sae.studies.denoising import by_patches, compare_denoisers, plot_denoising, principal_components, restore
from sae.studies.dictionary import match, plot_recovery, recovery, sparse_data
from sae.studies.measures import active_units, unexplained

IDENTITY = SimpleNamespace(reconstruct=lambda theta, X: X)


# A planted dictionary ---------------------------------------------------------------------------------------------


def test_data_are_what_they_say(rng):
    X, atoms, coefficients = sparse_data(rng, n=5, atoms=9, active=2, m=400, noise=0)
    assert (X.shape, atoms.shape, coefficients.shape) == ((5, 400), (5, 9), (9, 400))
    np.testing.assert_allclose((atoms**2).sum(axis=0), 1)
    assert set((coefficients > 0).sum(axis=0)) == {2}
    used = coefficients[coefficients > 0]
    assert 0.5 <= used.min() < 0.52
    assert 1.48 < used.max() <= 1.5
    assert (coefficients > 0).mean(axis=1) == pytest.approx(np.full(9, 2 / 9), abs=0.08)  # each atom as often
    np.testing.assert_array_equal(X, atoms @ coefficients)
    same, noisy = (sparse_data(np.random.default_rng(1), m=5000, noise=noise).X for noise in (0, 0.3))
    assert (noisy - same).std() == pytest.approx(0.3, rel=0.01)


def test_match_ignores_order_sign_and_length(rng):
    atoms = sparse_data(rng, n=6, atoms=9, m=1).atoms
    found = (atoms * rng.choice([-3.0, 0.1, 2.0], 9))[:, rng.permutation(9)]
    assert match(found, atoms) == pytest.approx((1, 1))
    assert match(np.hstack([rng.standard_normal((6, 4)), found]), atoms) == pytest.approx((1, 1))  # more than atoms


def test_match_by_hand():
    atoms = np.eye(3)
    assert match(np.eye(3)[:, [0, 0, 0]], atoms) == (1 / 3, 1 / 3)  # a duplicate finds nothing more
    assert match(np.eye(3)[:, :1], atoms) == (1 / 3, 1 / 3)  # an atom without a partner counts 0
    assert match(np.zeros((3, 3)), atoms) == (0, 0)  # dead units
    tilted = np.array([[0.8, 0, 0], [0.6, 1, 0], [0, 0, 1]])
    assert match(tilted, atoms) == pytest.approx((2.8 / 3, 2 / 3))


def test_match_is_the_best_one_to_one():
    """Where column 0 is the closest to both atoms, and where taking the closest pair first leaves a bad rest."""
    cosines = np.array([[0.8, 0.6], [0.6, 0.0]])  # columns by atoms; the third coordinates make the norms 1
    found = np.vstack([cosines.T, np.diag([0.0, 0.8])])
    atoms = np.eye(4)[:, :2]
    np.testing.assert_allclose(np.linalg.norm(found, axis=0), 1)
    duplicates, greedy, best = (0.8 + 0.6) / 2, (0.8 + 0.0) / 2, (0.6 + 0.6) / 2
    assert len({duplicates, greedy, best}) == 3
    assert match(found, atoms).cosine == pytest.approx(best)


def test_measures_by_hand():
    a2 = np.array([[1.0, 0.0, 0.0], [0.05, 0.11, 0.0], [0.1, -0.5, 0.1]])  # away from the median by 0.1: 1, 1 and 0
    assert active_units(a2) == pytest.approx(2 / 3)
    X = np.array([[1.0, 3.0], [2.0, 2.0]])
    assert unexplained(X, X) == 0
    assert unexplained(X, np.array([[2.0, 2.0], [2.0, 2.0]])) == 1  # the mean explains nothing
    assert unexplained(X, np.array([[1.0, 2.0], [2.0, 2.5]])) == pytest.approx(1.25 / 2)


def test_the_truth_and_the_baselines(rng):
    data = sparse_data(rng, n=12, atoms=16, active=2, m=500, noise=0)
    found = dictionary.baselines(data, 16, rng)
    assert found["truth"] == pytest.approx({"L0": 2, "FVU": 0, "cosine": 1, "recovered": 1})
    for name in dictionary.BASELINES:
        assert found[name]["FVU"] == pytest.approx(0, abs=1e-12)  # as many columns as dimensions express everything
        assert found[name]["cosine"] < 0.7


def test_recovery_finds_the_atoms_again():
    found = recovery(np.random.default_rng(0), settings={"KL": (0.05,)}, draws=1, m=2000)
    by = {record["variant"]: record for record in found}
    assert by["KL"]["recovered"] > 0.7
    assert by["KL"]["cosine"] > 2 * by["random"]["cosine"]


def test_recovery_runs_and_repeats():
    records, again, other = (recovery(np.random.default_rng(seed), **dictionary.QUICK) for seed in (0, 0, 1))
    assert records == again
    assert records != other
    keys = {"variant", "setting", "optimiser", "draw", "J", "L0", "FVU", "cosine", "recovered"}
    assert all(record.keys() == keys for record in records)
    settings = dictionary.QUICK["settings"]
    assert [record["variant"] for record in records if record["draw"] == 0] == [
        "truth",
        "random",
        "PCA",
        *(name for name, values in settings.items() for _ in values),
    ]
    figure = plot_recovery(records)
    assert isinstance(figure, Figure)
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert "atoms in an example: 2" in legend
    assert sum("numbers" in text for text in legend) == 3


def test_recovery_bad_input(rng):
    with pytest.raises(sae.SaeError, match="variant is 'L2'"):
        recovery(rng, settings={"L2": (1,)})
    with pytest.raises(sae.SaeError, match="optimiser is 'SGD'"):
        recovery(rng, **{**dictionary.QUICK, "settings": {"KL": (0.1,)}}, optimiser={"KL": "SGD"})
    with pytest.raises(sae.SaeError, match="active is 5"):
        sparse_data(rng, atoms=4, active=5)
    with pytest.raises(sae.SaeError, match="columns of 3 numbers, atoms of 2"):
        match(np.eye(3), np.eye(2))
    with pytest.raises(sae.SaeError, match="no record is of 'truth'"):
        plot_recovery([r for r in recovery(rng, **dictionary.QUICK) if r["variant"] != "truth"])


# Overlapping patches ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(11, 11), (9, 20), (20, 9), (4, 4), (4, 7)])
@pytest.mark.parametrize("slice_", [1, 2**14])
def test_what_reconstructs_perfectly_restores_the_image(rng, shape, slice_, monkeypatch):
    monkeypatch.setattr(denoising, "SLICE", slice_)
    image = rng.uniform(0, 1, shape)
    np.testing.assert_allclose(restore(image, IDENTITY, None, 4, scale=0.3), image, rtol=0, atol=1e-12)
    np.testing.assert_allclose(restore(image, IDENTITY, None, 1), image, rtol=0, atol=1e-12)


def test_overlaps_are_averages(rng):
    """Against scalar loops, for a reconstruction that differs from patch to patch."""
    image, side = rng.uniform(0, 1, (6, 8)), 3
    total, count = np.zeros((6, 8)), np.zeros((6, 8))
    for i in range(4):
        for j in range(6):
            patch = image[i : i + side, j : j + side]
            total[i : i + side, j : j + side] += (patch - patch.mean()) ** 2 + patch.mean()
            count[i : i + side, j : j + side] += 1
    assert (count.min(), count.max()) == (1, 9)
    found = by_patches(image, side, np.square)
    np.testing.assert_allclose(found, total / count, atol=1e-13)
    assert np.abs(found - total).max() > 1  # a sum would be noticed
    seen = []
    by_patches(image, side, lambda X: seen.append(X) or X)
    np.testing.assert_allclose(np.hstack(seen).mean(axis=0), 0, atol=1e-15)


def test_a_trained_network_goes_into_restore(rng):
    image = rng.uniform(0, 1, (12, 15))
    X = sae.data.sample_patches([image], 60, 3, rng)
    objective, theta, scale = denoising.train(rng, X, X, 9, 300, [sae.terms.SquaredError()], sae.identity)
    assert scale == pytest.approx((X - X.mean(axis=0)).std())
    np.testing.assert_allclose(restore(image, objective, theta, 3, scale), image, atol=2e-3)  # 9 units copy 9 pixels


def test_pca_denoises_what_has_few_dimensions(rng):
    basis = rng.standard_normal((16, 3))
    basis = np.linalg.qr(basis - basis.mean(axis=0))[0]  # of patches without their means
    clean = basis @ rng.standard_normal((3, 4000))
    corrupted = clean + 0.2 * rng.standard_normal(clean.shape)
    components = principal_components(clean, corrupted)
    np.testing.assert_allclose(components @ components.T, basis @ basis.T, atol=1e-10)
    y, x = np.mgrid[:40, :50]
    image = np.sin(x / 6) + np.cos(y / 5)  # smooth: few components
    noisy = image + 0.2 * rng.standard_normal(image.shape)
    patches = sae.data.sample_patches([image], 1000, 4, rng)
    components = principal_components(patches, patches + 0.2 * rng.standard_normal(patches.shape))
    assert components.shape[1] < 8
    error = ((denoising.restore_pca(noisy, components, 4) - image) ** 2).mean()
    assert error < ((noisy - image) ** 2).mean() / 3


def test_the_median_is_the_better_of_two(rng):
    clean = np.tile(np.linspace(0, 1, 30), (30, 1))
    noisy = salt_and_pepper(clean, 0.3, rng)
    psnr = [denoising.quality(clean, denoising.median_filter(noisy, size))["psnr"] for size in denoising.MEDIANS]
    assert denoising.quality(clean, denoising.best_median(noisy, clean))["psnr"] == max(psnr)
    flat = denoising.quality(clean, clean + 0.1)
    assert flat["psnr"] == pytest.approx(20)  # 10 log10(1 / 0.1^2)


@pytest.mark.parametrize("kind", denoising.CORRUPTIONS)
def test_comparison_runs_and_repeats(kind):
    (records, images), (again, _), (other, _) = (
        compare_denoisers(np.random.default_rng(seed), kind, **denoising.QUICK) for seed in (0, 0, 1)
    )
    assert records == again
    assert records != other
    assert [(r["image"], r["method"]) for r in records] == [(i, m) for i in denoising.TEST for m in denoising.METHODS]
    assert all(record.keys() == {"method", "image", "noise", "psnr", "ssim"} for record in records)
    assert {record["noise"] for record in records} == {f"{kind}, 0.1"}
    for by_method in images.values():
        assert by_method.keys() == {"clean", *denoising.METHODS}
        assert {image.shape for image in by_method.values()} == {(64, 64)}
        assert 0.005 < ((by_method["noisy"] - by_method["clean"]) ** 2).mean() < 0.06
    figure = plot_denoising(records, images, "chelsea", zoom=(10, 20, 16))
    assert len(figure.axes) == 2 * 7
    shown = figure.axes[7 + 1].images[0].get_array()
    np.testing.assert_array_equal(shown, images["chelsea"]["noisy"][10:26, 20:36])
    noisy = next(r for r in records if (r["image"], r["method"]) == ("chelsea", "noisy"))
    assert figure.axes[1].get_title().endswith(f"{noisy['psnr']:.1f} dB / {noisy['ssim']:.2f}")


@pytest.mark.parametrize("kind", denoising.CORRUPTIONS)
def test_no_noise_breaks_nothing(kind):
    records, images = compare_denoisers(np.random.default_rng(0), kind, 0, test=["camera"], **denoising.QUICK)
    found = {record["method"]: record for record in records}
    assert found["noisy"]["psnr"] == np.inf
    assert found["noisy"]["ssim"] == pytest.approx(1)
    assert found["PCA"]["psnr"] > 200  # all components are kept
    assert all(np.isfinite(image).all() for image in images["camera"].values())
    assert isinstance(plot_denoising(records, images), Figure)


def test_denoising_learns_more_than_copying():
    """At a size of a few seconds: against Gaussian noise, noisy pairs teach what clean patches do not."""
    records, _ = compare_denoisers(np.random.default_rng(0), test=["camera"], patches=2000, iterations=80, size=128)
    psnr = {record["method"]: record["psnr"] for record in records}
    assert psnr["denoising autoencoder, ReLU"] > psnr["PCA"] > psnr["noisy"] + 3
    assert psnr["denoising autoencoder, ReLU"] > psnr["sparse autoencoder"]


def test_denoising_bad_input(rng):
    with pytest.raises(sae.SaeError, match="kind is 'poisson'"):
        compare_denoisers(rng, "poisson")
    with pytest.raises(sae.SaeError, match="test has all photographs"):
        compare_denoisers(rng, test=sae.data.PHOTOGRAPHS)
    with pytest.raises(sae.SaeError, match="no photograph is named 'lena'"):
        compare_denoisers(rng, test=["lena"])
    with pytest.raises(sae.SaeError, match="side is 9"):
        restore(np.zeros((8, 20)), IDENTITY, None, 9)
    with pytest.raises(sae.SaeError, match="scale is 0"):
        restore(np.zeros((8, 20)), IDENTITY, None, 4, 0)
    with pytest.raises(sae.SaeError, match="all patches are constant"):
        denoising.train(rng, np.ones((4, 5)), np.ones((4, 5)), 2, 3, [sae.terms.SquaredError()])
