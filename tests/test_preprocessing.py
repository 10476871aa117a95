"""Preprocessing: scikit-learn's own numbers and checks, ways back, planted bugs, and travel without pickle."""

import json
import warnings
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import sklearn.decomposition
import sklearn.preprocessing
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors.numpy import load as from_bytes
from safetensors.numpy import save as to_bytes
from scipy.linalg import inv, sqrtm
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.feature_extraction.image import extract_patches_2d, reconstruct_from_patches_2d
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

from sae import SaeError
from sae.data import normalize_patches, photographs, zca
from sae.preprocessing import (
    PCA,
    ConstantFeatureWarning,
    MeanRemover,
    PatchExtractor,
    PatchNormalizer,
    PCAWhitening,
    RangeScaler,
    ZCAWhitening,
    describe,
    from_arrays,
    to_arrays,
)

STEPS = [
    RangeScaler(),
    RangeScaler(0.1, 0.9, each="all", outside="raise"),
    MeanRemover(),
    MeanRemover(append_mean=True),
    PatchNormalizer(),
    PCA(),
    PCA(n_components=2),
    PCAWhitening(),
    ZCAWhitening(),
    ZCAWhitening(n_components=2, eps=0.0),
]
LOSSLESS = [s for s in STEPS if getattr(s, "n_components", None) is None and s.__class__ is not PatchNormalizer]
M, N = 200, 6


@pytest.fixture
def X(rng):
    """Correlated rows (M, N) of very different sizes, with means far from 0."""
    return rng.standard_normal((M, N)) @ rng.standard_normal((N, N)) * [1, 2, 0.5, 10, 3, 1] + rng.uniform(-9, 9, N)


# --- Laws: each takes the class to check, so that planted bugs can be put before them.


def law_range(cls, X):
    expected = sklearn.preprocessing.MinMaxScaler((0.1, 0.9)).fit(X)
    step = cls(0.1, 0.9).fit(X)
    new = 3 * X[:5] - 7  # also outside the range
    np.testing.assert_allclose(step.transform(X), expected.transform(X), rtol=0, atol=1e-10)
    np.testing.assert_allclose(step.transform(new), expected.transform(new), rtol=0, atol=1e-10)
    np.testing.assert_allclose(step.inverse_transform(step.transform(new)), new, rtol=0, atol=1e-10)
    together = cls(-1, 1, each="all").fit(X).transform(X)
    np.testing.assert_allclose(together, 2 * (X - X.min()) / np.ptp(X) - 1, rtol=0, atol=1e-10)


def law_mean(cls, X):
    expected = sklearn.preprocessing.StandardScaler(with_std=False).fit_transform(X.T).T
    step = cls().fit(X)
    np.testing.assert_allclose(step.transform(X), expected, rtol=0, atol=1e-10)
    np.testing.assert_allclose(step.transform(X[:1]), expected[:1], rtol=0, atol=1e-10)
    np.testing.assert_allclose(step.inverse_transform(expected, step.means(X)), X, rtol=0, atol=1e-10)
    np.testing.assert_array_equal(step.inverse_transform(expected), expected)
    whole = cls(append_mean=True).fit(X)
    np.testing.assert_allclose(whole.inverse_transform(whole.transform(X)), X, rtol=0, atol=1e-10)


def law_patches(cls, X):
    step = cls().fit(X)
    np.testing.assert_array_equal(step.transform(X), normalize_patches(X.T).T)
    centred = X - np.array([row.mean() for row in X])[:, None]
    bound = 3 * np.sqrt(np.mean(centred**2))
    y = 0.5 + 0.4 * np.clip(2 * centred, -bound, bound) / bound  # twice the contrast of those fitted
    np.testing.assert_allclose(step.transform(2 * X), y, rtol=0, atol=1e-10)
    assert 0.1 == step.transform(2 * X).min() < step.transform(2 * X).max() == 0.9
    clipped = np.clip(2 * centred, -bound, bound)
    np.testing.assert_allclose(step.inverse_transform(y), clipped, rtol=0, atol=1e-10)
    np.testing.assert_allclose(step.inverse_transform(y, step.means(2 * X)), clipped + 2 * X.mean(axis=1)[:, None])
    as_is = cls(remove_mean=False, clip=1e3, low=-2, high=7).fit(X)
    np.testing.assert_allclose(as_is.inverse_transform(as_is.transform(X)), X, rtol=0, atol=1e-10)


def law_pca(cls, X):
    for k in (1, 3, N):
        expected = sklearn.decomposition.PCA(k).fit(X)
        step = cls(k).fit(X)
        Y = step.transform(X)
        np.testing.assert_allclose(step.components_, expected.components_, rtol=0, atol=1e-10)
        np.testing.assert_allclose(Y, expected.transform(X), rtol=0, atol=1e-10)
        back = step.inverse_transform(Y)
        np.testing.assert_allclose(back, expected.inverse_transform(Y), rtol=0, atol=1e-10)
        np.testing.assert_allclose(step.explained_variance_, expected.explained_variance_ * (M - 1) / M)
        np.testing.assert_allclose(step.explained_variance_ratio_, expected.explained_variance_ratio_)
        dropped = cls().fit(X).explained_variance_[k:].sum()
        np.testing.assert_allclose(np.sum((back - X) ** 2) / M, dropped, rtol=0, atol=1e-10)


def law_retained(cls, X):
    share = np.cumsum(np.sort(np.linalg.eigvalsh(np.cov(X.T)))[::-1]) / np.trace(np.cov(X.T))
    for p in (0.01, *(share[:-1] - 1e-6), *(share[:-1] + 1e-6), 1.0):
        k = cls(retained_variance=float(p)).fit(X).n_components_
        assert share[k - 1] >= p - 1e-12
        assert k == 1 or share[k - 2] < p


def law_pca_whitening(cls, X):
    white = cls(eps=0.0).fit(X)
    Y = white.transform(X)
    np.testing.assert_allclose(Y.mean(axis=0), 0, atol=1e-10)
    np.testing.assert_allclose(Y.T @ Y / M, np.eye(N), rtol=0, atol=1e-10)
    expected = sklearn.decomposition.PCA(whiten=True).fit_transform(X) * np.sqrt(M / (M - 1))
    np.testing.assert_allclose(Y, expected, rtol=0, atol=1e-10)
    s = np.linalg.eigvalsh(np.cov(X.T, bias=True))[::-1]
    for k in (2, N):
        Y = cls(k, eps=0.3).fit_transform(X)
        np.testing.assert_allclose(Y.T @ Y / M, np.diag(s / (s + 0.3))[:k, :k], rtol=0, atol=1e-10)


def law_zca_whitening(cls, X):
    Y = cls(eps=0.0).fit_transform(X)
    np.testing.assert_allclose(Y.T @ Y / M, np.eye(N), rtol=0, atol=1e-10)
    Y = cls(eps=0.3).fit_transform(X)
    root = sqrtm(np.cov(X.T, bias=True) + 0.3 * np.eye(N))
    np.testing.assert_allclose(Y, (X - X.mean(axis=0)) @ inv(root), rtol=0, atol=1e-10)
    np.testing.assert_allclose(Y, zca(X.T, eps=0.3).X.T, rtol=0, atol=1e-10)


def law_least_squares(cls, X):
    """Nothing that lies along the axes kept is nearer to X than what inverse_transform returns."""
    for k in (2, N):
        step = cls(k).fit(X)
        U = sklearn.decomposition.PCA(k).fit(X).components_.T
        nearest = X.mean(axis=0) + (X - X.mean(axis=0)) @ U @ U.T
        np.testing.assert_allclose(step.inverse_transform(step.transform(X)), nearest, rtol=0, atol=1e-10)


def law_extractor(cls, X):
    grey, colour = X[:132].reshape(3, 11, 24), X[:132].reshape(2, 11, 12, 3)
    for images, size in [(grey, (4, 5)), (colour, (4, 5)), (grey, (11, 24)), (colour, (1, 1))]:
        step = cls(size).fit(images)
        patches = step.transform(images)
        expected = np.concatenate([extract_patches_2d(image, size) for image in images])
        np.testing.assert_array_equal(patches, expected.reshape(len(expected), -1))
        np.testing.assert_allclose(step.reassemble(patches), images, rtol=0, atol=1e-10)
        other = patches**2 + np.arange(len(patches))[:, None]  # overlaps that disagree
        for image, part in zip(step.reassemble(other), np.split(other, len(images)), strict=True):
            averaged = reconstruct_from_patches_2d(part.reshape(-1, *expected.shape[1:]), image.shape)
            np.testing.assert_allclose(image, averaged, rtol=0, atol=1e-10)
    step = cls((4, 5), stride=(3, 5)).fit(colour)  # tops 0 3 6 7, lefts 0 5 7: the last ones flush with the border
    patches = step.transform(colour)
    expected = [colour[k, t : t + 4, j : j + 5].ravel() for k in range(2) for t in (0, 3, 6, 7) for j in (0, 5, 7)]
    np.testing.assert_array_equal(patches, expected)
    np.testing.assert_allclose(step.reassemble(patches), colour, rtol=0, atol=1e-10)


LAWS = {
    law_range: RangeScaler,
    law_mean: MeanRemover,
    law_patches: PatchNormalizer,
    law_pca: PCA,
    law_retained: PCA,
    law_pca_whitening: PCAWhitening,
    law_zca_whitening: ZCAWhitening,
    law_extractor: PatchExtractor,
}


@pytest.mark.parametrize("law", LAWS)
def test_law(law, X):
    law(LAWS[law], X)


@pytest.mark.parametrize("cls", [PCA, PCAWhitening, ZCAWhitening])
def test_least_squares_and_retained_variance_of_all_three(cls, X):
    law_least_squares(cls, X)
    law_retained(cls, X)


# --- Planted bugs: the page with one piece of its source changed.

ROOT, NO_ROOT, OUTSIDE = "np.sqrt(s + float(self.eps))", "(s + float(self.eps))", "(np.sqrt(s) + float(self.eps))"
BUGS = [
    (law_range, "range_scaler", "low + (high - low) * t, ", "low + high * t, "),
    (law_range, "range_scaler", "high - (high - low) * (1 - t)", "high - (high - low) * t"),
    (law_range, "range_scaler", "(X.min(axis=0), X.max(axis=0))", "(X.min(), X.max())"),
    (law_range, "range_scaler", "/ self._extent", "/ self.data_max_"),
    (law_range, "range_scaler", "low, high) if self.outside ==", "low, high) if self.outside !="),  # clips in silence
    (law_mean, "mean_remover", "mu = X.mean(axis=1, keepdims=True)", "mu = X.mean(axis=0, keepdims=True)"),
    (law_mean, "mean_remover", "False).mean(axis=1)", "False).mean()[None].repeat(len(X))"),
    (law_mean, "mean_remover", "return y + mu", "return y - mu"),
    (law_patches, "patch_normalizer", "contrast(X.T, remove_mean=self.remove_mean)", "X.std()"),
    (law_patches, "patch_normalizer", "contrast(X.T,", "contrast(X,"),  # the mean over the wrong axis
    (law_patches, "patch_normalizer", "sigma=self.sigma_", "sigma=None"),
    (law_patches, "patch_normalizer", "(2 * (y - low)", "((y - low)"),
    (law_patches, "patch_normalizer", "float(self.clip) * self.sigma_", "self.sigma_"),
    (law_pca, "pca", "(X - mean) @ U", "X @ U"),
    (law_pca, "pca", "(X - mean) @ U", "(X - X.mean(axis=1, keepdims=True)) @ U"),
    (law_pca, "pca", "mean + Y", "Y"),
    (law_retained, "axes", "share[-1])) + 1", "share[-1]))"),
    (law_retained, "axes", "share[-1])) + 1", "share[-1])) + 2"),
    (law_pca_whitening, "pca_whitening", f"@ U / {ROOT}", f"@ U / {NO_ROOT}"),
    (law_pca_whitening, "pca_whitening", f"@ U / {ROOT}", f"@ U / {OUTSIDE}"),
    (law_pca_whitening, "pca_whitening", f"@ U / {ROOT}", "@ U / np.sqrt(s)"),
    (law_least_squares, "pca_whitening", f"(Y * {ROOT})", f"(Y * {NO_ROOT})"),
    (law_least_squares, "pca_whitening", f"(Y * {ROOT})", f"(Y * {OUTSIDE})"),
    (law_zca_whitening, "zca_whitening", f"(U / {ROOT})", f"(U / {NO_ROOT})"),
    (law_zca_whitening, "zca_whitening", f"(U / {ROOT})", f"(U / {OUTSIDE})"),
    (law_zca_whitening, "zca_whitening", f"(U / {ROOT}) @ U.T", f"(U / {ROOT})"),
    (law_least_squares, "zca_whitening", f"(U * {ROOT})", f"(U * {NO_ROOT})"),
    (law_extractor, "patch_extractor", "side - size, d), [side - size]", "side - size, d), [side - size - 1]"),
    (law_extractor, "patch_extractor", "(0, side - size, d), [side - size]", "(0, side - size, d), []"),
    (law_extractor, "patch_extractor", "(0, side - size, d)", "(1, side - size, d)"),
    (law_extractor, "patch_extractor", "(0, side - size, d)", "(0, side - size, d + 1)"),
    (law_extractor, "patch_extractor", "total / count", "total / count.max()"),
    (law_extractor, "patch_extractor", "left + j] += x[:, :, :, i, j]", "left + j] += x[:, :, :, i, j - 1]"),
    (law_extractor, "patch_extractor", "np.moveaxis(windows, 3, -1)", "windows"),
]


def planted(page, old, new):
    """Return the page's module with `old` replaced by `new`."""
    original = import_module(f"sae.preprocessing.{page}")
    source = Path(original.__file__).read_text()
    assert source.count(old) == 1
    module = ModuleType(original.__name__)
    module.__package__ = "sae.preprocessing"
    exec(source.replace(old, new), module.__dict__)
    return module


@pytest.mark.parametrize(("law", "page", "old", "new"), BUGS)
def test_a_planted_bug_is_caught(law, page, old, new, X):
    module = planted(page, old, new)
    if page == "axes":
        cls = type("PCA", (PCA,), {"_how_many": module.Axes._how_many})
    else:
        cls = next(v for v in vars(module).values() if getattr(v, "__module__", "") == module.__name__ and has_fit(v))
    law_of_the_same = {law_least_squares: getattr(import_module(f"sae.preprocessing.{page}"), cls.__name__, PCA)}
    law({**LAWS, **law_of_the_same}[law], X)  # without the bug
    with np.errstate(all="ignore"), pytest.raises(AssertionError):
        law(cls, X)


def has_fit(value):
    return isinstance(value, type) and hasattr(value, "transform")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/ m  # (W2)", "/ (m - 1)  # (W2)"),
        ("X.mean(axis=1, dtype=np.float64)", "np.full(n, X.mean())"),
        ("[..., ::-1]", "[...]"),
        ("U * np.sign(largest)", "U"),
        ("range(0, m, step)", "range(0, m - step, step)"),
    ],
)
def test_a_bug_in_the_axes_is_caught(old, new, X, monkeypatch):
    import sae.data.whitening as page

    source = Path(page.__file__).read_text().replace("2**20 // n", "7")  # several blocks
    assert source.count(old) == 1
    for text, expectation in [(source, None), (source.replace(old, new), (AssertionError, ValueError))]:
        module = ModuleType(page.__name__)
        module.__package__ = "sae.data"
        exec(text, module.__dict__)
        monkeypatch.setattr("sae.preprocessing.axes.principal_axes", module.principal_axes)
        if expectation is None:
            law_pca(PCA, X)
        else:
            with pytest.raises(expectation):
                law_pca(PCA, X)


# --- scikit-learn's face.


@pytest.mark.filterwarnings("ignore::sae.preprocessing.ConstantFeatureWarning")
@pytest.mark.filterwarnings("ignore:.*array_api:sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks([s for s in STEPS if getattr(s, "outside", "") != "raise"])
def test_check_estimator(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    "check",
    [
        "estimator_cloneable",
        "estimator_repr",
        "no_attributes_set_in_init",
        "do_not_raise_errors_in_init_or_set_params",
        "parameters_default_constructible",
        "get_params_invariance",
        "set_params",
        "mixin_order",
        "estimator_tags_renamed",
        "valid_tag_types",
    ],
)
def test_the_checks_that_do_not_ask_for_rows(check):
    """check_estimator leaves out estimators of images as a whole."""
    getattr(estimator_checks, f"check_{check}")("PatchExtractor", PatchExtractor())


def both_ways(step, X):
    return step.inverse_transform(step.transform(X))


@pytest.mark.parametrize("step", [*STEPS, PCA(retained_variance=0.9)], ids=repr)
def test_float32_stays_and_is_near_float64(step, X):
    step = clone(step).fit(X)
    if getattr(step, "outside", "") == "raise":
        step.set_params(outside="keep")  # float32 rounds the largest up
    for f in (step.transform, lambda X: both_ways(step, X)):
        single = f(X.astype(np.float32))
        assert single.dtype == np.float32
        assert f(X).dtype == np.float64
        np.testing.assert_allclose(single, f(X), rtol=0, atol=2e-4)  # 24 bits of values up to 50, eps = 1e-5
    own = clone(step).fit(X.astype(np.float32))
    assert all(array.dtype == np.float64 for array in own.to_arrays().values())
    assert own.transform(X.astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize("step", LOSSLESS, ids=repr)
def test_the_way_back(step, X):
    Y = X if type(step) is not MeanRemover or step.append_mean else X - X.mean(axis=1, keepdims=True)
    step = clone(step).fit(Y)
    np.testing.assert_allclose(both_ways(step, Y), Y, rtol=0, atol=1e-10)


@pytest.mark.parametrize("step", [s for s in STEPS if type(s) is not PatchNormalizer], ids=repr)
def test_there_and_back_and_there_again_is_there(step, X):
    """Also where something is lost (but for patches that were clipped)."""
    Y = clone(step).fit(X).transform(X)
    step = clone(step).set_params(outside="keep") if isinstance(step, RangeScaler) else clone(step)
    np.testing.assert_allclose(step.fit(X).transform(step.inverse_transform(Y)), Y, rtol=0, atol=1e-9)


@pytest.mark.parametrize("step", STEPS, ids=repr)
def test_pandas_out(step, X):
    import pandas as pd

    frame = pd.DataFrame(X, columns=list("abcdef"), index=np.arange(M) + 7)
    step = clone(step).set_output(transform="pandas")
    out = step.fit_transform(frame)
    assert list(out.columns) == list(step.get_feature_names_out())
    assert (out.index == frame.index).all()
    plain = clone(step).set_output(transform="default").fit_transform(X)
    np.testing.assert_allclose(out.to_numpy(), plain, rtol=0, atol=1e-10)
    if type(step) in (PCA, PCAWhitening):
        assert out.columns[1] == f"{type(step).__name__.lower()}1"
    else:
        assert list(out.columns)[:6] == list("abcdef")
        assert list(out.columns)[6:] == (["mean"] if getattr(step, "append_mean", False) else [])


def test_patches_as_pandas():
    images = np.arange(96.0).reshape(2, 4, 4, 3)
    frame = PatchExtractor((2, 3)).set_output(transform="pandas").fit_transform(images)
    assert list(frame.columns[:4]) == ["pixel_0_0_0", "pixel_0_0_1", "pixel_0_0_2", "pixel_0_1_0"]
    assert frame["pixel_1_2_0"].iloc[0] == images[0, 1, 2, 0]
    assert list(PatchExtractor(2).fit(images[..., 0]).get_feature_names_out()) == [
        "pixel_0_0",
        "pixel_0_1",
        "pixel_1_0",
        "pixel_1_1",
    ]


def test_a_pipeline_goes_from_whole_images_to_white_patches_and_back():
    images = np.stack([image[100:148, 100:148] for image in photographs(["camera", "brick"])])
    steps = make_pipeline(PatchExtractor(8, stride=3), RangeScaler(each="all"), MeanRemover(append_mean=True), PCA())
    white = steps.fit_transform(images)
    assert white.shape == (2 * 15**2, 65)
    np.testing.assert_allclose(steps.inverse_transform(white), images, rtol=0, atol=1e-10)
    few = make_pipeline(PatchExtractor(8, stride=3), ZCAWhitening(retained_variance=0.99)).fit(images)
    error = few.inverse_transform(few.transform(images)) - images
    assert 0 < np.mean(error**2) <= 0.01 * 1.01 * few[-1].explained_variance_.sum()  # averaging makes no patch worse


def test_digits_have_constant_pixels():
    X = load_digits().data
    step = RangeScaler(0.1, 0.9)
    with pytest.warns(ConstantFeatureWarning, match=r"^features 0, 32, 39 are constant.* moved to low = 0.1 and not"):
        Y = step.fit_transform(X)
    assert step.constant_.tolist() == [0, 32, 39]
    assert (Y[:, [0, 32, 39]] == 0.1).all()
    assert 0.1 == Y.min() < Y.max() == 0.9
    np.testing.assert_allclose(step.inverse_transform(Y), X, rtol=0, atol=1e-10)
    white = ZCAWhitening(eps=0.1).fit_transform(X)  # no variance is no trouble with eps
    assert np.isfinite(white).all()


# --- RangeScaler's policies.


def test_constant_features_are_named(X):
    import pandas as pd

    X[:, 3] = 5
    with pytest.warns(ConstantFeatureWarning, match="^feature 'd' is constant"):
        step = RangeScaler(2, 4).fit(pd.DataFrame(X, columns=list("abcdef")))
    with pytest.raises(SaeError, match=r"^feature 3 is constant; expected features that change"):
        RangeScaler(constant="raise").fit(X)
    with pytest.warns(ConstantFeatureWarning, match=r"^features 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more are constant"):
        RangeScaler().fit(np.ones((3, 12)))
    later = np.full((1, N), 5.5)  # constant no more
    back = step.inverse_transform(step.transform(pd.DataFrame(later, columns=list("abcdef"))))
    np.testing.assert_allclose(back, later)


def test_values_outside(X):
    step = RangeScaler().fit(X)
    beyond = X[:3].copy()
    beyond[1, 4] = step.data_max_[4] + 2 * (step.data_max_[4] - step.data_min_[4])
    assert step.transform(beyond)[1, 4] == pytest.approx(3)
    assert step.set_params(outside="clip").transform(beyond)[1, 4] == 1
    with pytest.raises(SaeError, match=r"^feature 4 is outside the range fitted: 4 has values from .* expected \["):
        step.set_params(outside="raise").transform(beyond)
    np.testing.assert_array_equal(step.transform(X), RangeScaler().fit_transform(X))
    with pytest.raises(SaeError, match="so far outside"):
        RangeScaler().fit([[0.0], [1e-300]]).transform([[1e10]])


sizes = st.floats(-1e6, 1e6, allow_subnormal=False)


@settings(max_examples=200, deadline=None)
@given(
    hnp.arrays(np.float64, (5, 2), elements=sizes),
    st.floats(-10, 10),
    st.floats(1e-3, 10),
    st.sampled_from([np.float64, np.float32]),
)
def test_examples_fitted_never_leave_the_range(X, low, width, dtype):
    X, high = X.astype(dtype), low + width
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConstantFeatureWarning)
        step = RangeScaler(low, high).fit(X)
    Y = step.transform(X)
    assert dtype(low) <= Y.min() <= Y.max() <= dtype(high)
    for j in set(range(2)) - set(step.constant_):
        assert (Y[:, j].min(), Y[:, j].max()) == (dtype(low), dtype(high))
    tolerance = 40 * np.finfo(dtype).eps * (np.abs(X).max() * (1 + (abs(low) + abs(high)) / width) + 1)
    np.testing.assert_allclose(step.inverse_transform(Y), X, rtol=0, atol=tolerance)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_all_shapes_are_reassembled(data):
    H, W, m, channels = (data.draw(st.integers(1, 9)) for _ in range(4))
    size = data.draw(st.integers(1, H)), data.draw(st.integers(1, W))
    stride = data.draw(st.integers(1, size[0])), data.draw(st.integers(1, size[1]))
    shape = (m, H, W) if channels > 4 else (m, H, W, channels)
    images = np.random.default_rng(H * W).standard_normal(shape)
    step = PatchExtractor(size, stride=stride)
    patches = step.fit_transform(images)
    assert len(patches) == m * step.patches_per_image_
    np.testing.assert_allclose(step.reassemble(patches), images, rtol=0, atol=1e-10)


# --- Travel.

TRAVELLERS = [*STEPS, PatchNormalizer(clip=np.float32(2)), PCAWhitening(retained_variance=0.9)]


def through_a_file(step):
    description = json.loads(json.dumps(describe(step), allow_nan=False))
    return from_arrays(description, from_bytes(to_bytes(to_arrays(step))))


@pytest.mark.parametrize("step", TRAVELLERS, ids=repr)
def test_travel(step, X):
    import pandas as pd

    for data in (X, pd.DataFrame(X, columns=list("abcdef"))):
        step = clone(step).fit(data)
        other = through_a_file(step)
        assert type(other) is type(step)
        assert other.get_params() == step.get_params()
        np.testing.assert_array_equal(other.transform(data), step.transform(data))
        np.testing.assert_array_equal(other.inverse_transform(step.transform(data)), both_ways(step, data))
        np.testing.assert_array_equal(other.get_feature_names_out(), step.get_feature_names_out())
        assert describe(other) == describe(step)


def test_a_pipeline_travels(X):
    images = X.reshape(2, 20, 30)
    step = Pipeline(
        [
            ("cut", PatchExtractor((4, 5), stride=2)),
            ("n", PatchNormalizer()),
            ("p", "passthrough"),
            ("z", ZCAWhitening()),
        ]
    ).fit(images)
    assert set(to_arrays(step)) >= {"cut.image_shape_", "n.sigma_", "z.components_"}
    other = through_a_file(step)
    np.testing.assert_array_equal(other.transform(images), step.transform(images))
    np.testing.assert_array_equal(both_ways(other, images), both_ways(step, images))


def changed(mapping, **changes):
    return {**mapping, **changes}


PCA_PARAMETERS = {"n_components": None, "retained_variance": None, "eps": 1e-5}


@pytest.mark.parametrize(
    ("description", "arrays", "message"),
    [
        ({"class": "os.system"}, {}, "has class 'os.system'; expected one of"),
        ({"class": ["PCA"]}, {}, "expected one of"),
        ({"parameters": {}}, {}, "the parameters are {}"),
        ({"parameters": changed(PCA_PARAMETERS, eps="0.1")}, {}, "eps is '0.1'"),
        ({"parameters": changed(PCA_PARAMETERS, eps=-1.0)}, {}, "eps is -1.0"),
        ({"parameters": changed(PCA_PARAMETERS, n_components=[[]])}, {}, "n_components is"),
        ({"features": 10**12}, {}, "features is 1000000000000"),
        (
            {"features": 5},
            {},
            r"components_ has shape \(6, 6\); expected \(6, 5\)|mean_ has shape \(6,\); expected \(5\)",
        ),
        ({"feature_names": ["a"]}, {}, "expected 6 texts"),
        ({}, {"mean_": np.zeros(5)}, r"mean_ has shape \(5,\); expected \(6\)"),
        ({}, {"mean_": np.full(6, np.nan)}, "not finite"),
        ({}, {"mean_": np.array(["x"] * 6)}, "dtype <U1"),
        ({}, {"components_": np.zeros((6, 6, 1))}, r"expected \(6, 6\)"),
        ({}, {"components_": np.zeros((3, 6))}, r"expected \(3\)"),
        ({}, {"explained_variance_": -np.ones(6)}, "negative"),
        ({}, {"other_": np.zeros(1)}, "the arrays are"),
    ],
)
def test_damaged_descriptions(description, arrays, message, X):
    step = PCAWhitening().fit(X)
    with pytest.raises(SaeError, match=message):
        from_arrays(changed(step.describe(), **description), changed(step.to_arrays(), **arrays))


def test_more_damage(X):
    for thing in (None, [], "PCA", {"class": "Pipeline"}, {"class": "Pipeline", "steps": [["a"]]}):
        with pytest.raises(SaeError):
            from_arrays(thing, {})
    nested = make_pipeline(make_pipeline(PCA().fit(X)))
    with pytest.raises(SaeError, match="Pipeline can't travel"):
        describe(nested)
    with pytest.raises(SaeError, match="a Pipeline within a Pipeline"):
        from_arrays({"class": "Pipeline", "steps": [["a", {"class": "Pipeline", "steps": []}]]}, {})
    with pytest.raises(SaeError, match="StandardScaler can't travel"):
        to_arrays(make_pipeline(sklearn.preprocessing.StandardScaler()).fit(X))
    scaler = RangeScaler().fit(X)
    upside_down = {"data_min_": scaler.data_max_, "data_max_": scaler.data_min_}
    with pytest.raises(SaeError, match="is negative"):
        from_arrays(scaler.describe(), upside_down)
    with pytest.raises(SaeError, match="expected that of a PCA"):
        PCA.from_arrays(scaler.describe(), scaler.to_arrays())
    normalizer = PatchNormalizer().fit(X)
    with pytest.raises(SaeError, match=r"sigma_ is 0.0"):
        from_arrays(normalizer.describe(), {"sigma_": np.array(0.0)})
    extractor = PatchExtractor(2).fit(X[None])
    for shape in ([10**18, 5], [4], [1, 9], [3.0, 3.0], [5, 5, 5, 5], [-1, 5]):
        with pytest.raises(SaeError, match="the images"):
            from_arrays(extractor.describe(), {"image_shape_": np.array(shape)})


# --- Bad input.

EYE = np.eye(4)


@pytest.mark.parametrize(
    ("step", "X", "message"),
    [
        (RangeScaler(1, 1), EYE, "expected low below high"),
        (RangeScaler(each="row"), EYE, "each is 'row'"),
        (RangeScaler(outside="ignore"), EYE, "outside is 'ignore'"),
        (RangeScaler(), [[1e308], [-1e308]], "too large"),
        (RangeScaler(), np.zeros((0, 3)), r"0 sample\(s\)"),
        (RangeScaler(), [[1, np.nan], [np.inf, 2]], "1 NaN and 1 infinite .* row 0, column 1; expected finite"),
        (MeanRemover(append_mean=1), EYE, "append_mean is 1"),
        (MeanRemover(), np.ones((3, 1)), r"1 feature\(s\)"),
        (PatchNormalizer(clip=0), EYE, "clip is 0"),
        (PatchNormalizer(low=1, high=0), EYE, "expected low below high"),
        (PatchNormalizer(remove_mean=None), EYE, "remove_mean is None"),
        (PatchNormalizer(), np.ones((4, 4)), "all patches are constant"),
        (PatchNormalizer(), np.full((4, 4), 0.1, np.float32) * np.float32(3), "all patches are constant"),
        (PCA(0), EYE, "n_components is 0"),
        (PCA(0.9), EYE, "n_components is 0.9; .* use retained_variance"),
        (PCA(5), EYE, "expected at most 4"),
        (PCA(2, retained_variance=0.5), EYE, "one of the two to be None"),
        (PCA(retained_variance=1.5), EYE, "retained_variance is 1.5"),
        (PCA(retained_variance=0), EYE, "a share above 0"),
        (PCA(), EYE[:1], r"1 sample\(s\)"),
        (PCA(), np.full((3, 4), 0.1), "all 3 examples are the same"),
        (PCA(), 1e200 * EYE, "covariance overflows"),
        (PCAWhitening(eps=-1), EYE, "eps is -1"),
        (PCAWhitening(eps=0), EYE, "expected eps above 0"),  # four points vary in three directions
        (ZCAWhitening(eps=0), EYE, "expected eps above 0"),
        (PatchExtractor(0), EYE[None], "patch_size is 0"),
        (PatchExtractor((2, 2, 2)), EYE[None], "patch_size is"),
        (PatchExtractor(2, stride=3), EYE[None], "pixels in no patch"),
        (PatchExtractor(5), EYE[None], "a patch of 5 x 5 is larger than the images, 4 x 4"),
        (PatchExtractor(2), EYE, r"expected \(m, height, width\) .* one image is image\[None\]"),
        (PatchExtractor(2), np.full((1, 4, 4), np.nan), "NaN"),
    ],
)
def test_bad_input(step, X, message):
    with pytest.raises(SaeError, match=message):
        step.fit(X)


def test_bad_input_later(X):
    with pytest.raises(SaeError, match="X has 4 features, but PCA is expecting 6"):
        PCA().fit(X).transform(EYE)
    with pytest.raises(SaeError, match="X has 4 columns; inverse_transform expected 2"):
        PCA(2).fit(X).inverse_transform(EYE)
    with pytest.raises(SaeError, match=r"means has shape \(3,\)"):
        MeanRemover().fit(EYE).inverse_transform(EYE, np.ones(3))
    images = X.reshape(2, 20, 30)
    step = PatchExtractor(4).fit(images)
    with pytest.raises(SaeError, match=r"images have shape \(20, 29\); expected \(20, 30\)"):
        step.transform(images[:, :, :29])
    with pytest.raises(SaeError, match="there are 917 patches; expected a multiple of 459"):
        step.inverse_transform(step.transform(images)[1:])
    with pytest.raises(SaeError, match="X has 4 columns; inverse_transform expected 16"):
        step.inverse_transform(EYE)


def test_fewer_components_need_no_eps(X):
    flat = np.hstack([X, X.sum(axis=1, keepdims=True)])  # seven features in six directions
    with pytest.raises(SaeError, match="or fewer components"):
        PCAWhitening(eps=0).fit(flat)
    Y = PCAWhitening(6, eps=0).fit_transform(flat)
    np.testing.assert_allclose(Y.T @ Y / M, np.eye(6), rtol=0, atol=1e-10)


def test_nothing_is_written_into_the_input(X):
    for step in STEPS:
        before = X.copy()
        step = clone(step).fit(X)
        Y = step.transform(X)
        kept = Y.copy()
        step.inverse_transform(Y)
        np.testing.assert_array_equal(X, before)
        np.testing.assert_array_equal(Y, kept)
        assert not np.shares_memory(X, Y)
