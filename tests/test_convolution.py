"""Convolution and pooling of learned features: two engines, direct loops, and the whitening folded in."""

import tracemalloc

import numba
import numpy as np
import pytest
from scipy.signal import convolve2d

import sae
from sae import convolution
from sae.convolution import fold_whitening, pooled_responses, responses
from sae.convolution_kernels import pooled_sigmoid
from sae.pooling import pool
from tests.mutants import mutant

ENGINES = ["numba", "fft"]
CASES = [  # images (m, H, W[, c]), patch
    pytest.param((2, 9, 11, 3), (4, 5), id="colour"),
    pytest.param((2, 9, 11, 1), (4, 5), id="one channel"),
    pytest.param((1, 10, 10), (8, 8), id="grey"),
    pytest.param((2, 7, 13, 2), (7, 13), id="patch as large as the image"),
    pytest.param((2, 6, 5), (1, 1), id="one pixel"),
    pytest.param((1, 17, 8), (2, 7), id="odd"),
]


def problem(shape, patch, k=3):
    rng = np.random.default_rng(1)
    n = patch[0] * patch[1] * (shape[3] if len(shape) == 4 else 1)
    return rng.uniform(0, 1, shape), rng.standard_normal((k, n)), rng.standard_normal(k)


def by_loops(images, W, b, patch):
    """Each response from its own patch, cut out and raveled."""
    h, w = patch
    P, Q = images.shape[1] - h + 1, images.shape[2] - w + 1
    out = np.empty((len(images), len(W), P, Q))
    for i, image in enumerate(images):
        for k in range(len(W)):
            for p in range(P):
                for q in range(Q):
                    out[i, k, p, q] = 1 / (1 + np.exp(-(W[k] @ image[p : p + h, q : q + w].ravel() + b[k])))
    return out


def pooled_by_loops(a, size, function):
    m, k, P, Q = a.shape
    out = np.empty((m, k, P // size, Q // size))
    for i, j, u, v in np.ndindex(*out.shape):
        out[i, j, u, v] = function([a[i, j, u * size + s, v * size + t] for s in range(size) for t in range(size)])
    return out


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("shape", "patch"), CASES)
def test_responses_equal_direct_loops(shape, patch, engine):
    images, W, b = problem(shape, patch)
    np.testing.assert_allclose(
        responses(images, W, b, patch, engine=engine), by_loops(images, W, b, patch), rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("kind", ["mean", "max"])
@pytest.mark.parametrize(("P", "Q", "size"), [(6, 9, 3), (7, 11, 3), (5, 5, 5), (4, 6, 1)])
@pytest.mark.parametrize("scale", [1, 40, 1000])
def test_kernel_equals_its_docstring(P, Q, size, kind, scale, rng):
    z, b = scale * rng.standard_normal((4, P, Q)), rng.standard_normal(4)
    out = np.empty((4, P // size, Q // size))
    pooled_sigmoid(z, b, size, kind == "max", out)
    with np.errstate(over="ignore"):
        expected = pool(1 / (1 + np.exp(-z - b[:, None, None])), size, kind, drop=True)
    np.testing.assert_allclose(out, expected, rtol=1e-13, atol=1e-15)


def test_both_engines_agree_on_the_exercise_s_shapes(rng):
    images, W, b = problem((1, 64, 64, 3), (8, 8), k=5)
    ours, theirs = (responses(images, W, b, 8, engine=engine) for engine in ENGINES)
    assert ours.shape == (1, 5, 57, 57)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)
    z = sum(convolve2d(images[0, :, :, c], W[4].reshape(8, 8, 3)[::-1, ::-1, c], "valid") for c in range(3))
    np.testing.assert_allclose(ours[0, 4], sae.sigmoid(z + b[4]), rtol=0, atol=1e-12)


FLIPPED = "W_hat = np.asarray(rfft2(self.W, size))"  # not conjugate


@pytest.mark.parametrize(
    ("engine", "old", "new"),
    [
        ("fft", "W_hat = np.conj(np.asarray(rfft2(self.W, size)))", FLIPPED),
        ("fft", "W_hat[units], I_hat)", "W_hat[units][:, :1], I_hat[:1])"),  # one colour alone
        ("fft", "self.f(z + b[:, None, None])", "self.f(z)"),
        ("numba", "return windows.transpose", "return windows[..., ::-1, ::-1].transpose"),  # the filter flipped
        ("numba", "windows.transpose(0, 3, 4, 1, 2)", "windows.transpose(0, 4, 3, 1, 2)"),
        ("numba", "sigmoid_layer(z.reshape(len(b), -1), b)", "sigmoid_layer(z.reshape(len(b), -1), 0 * b)"),
        ("numba", "W.reshape(-1, h, w, channels).transpose(0, 3, 1, 2)", "W.reshape(-1, channels, h, w)"),
    ],
)
def test_planted_bugs_are_caught(engine, old, new):
    images, W, b = problem((2, 9, 9, 3), (4, 4))
    wrong = mutant(convolution, old, new).responses(images, W, b, 4, engine=engine)
    assert np.abs(wrong - by_loops(images, W, b, (4, 4))).max() > 1e-2


@pytest.mark.parametrize("f", [sae.identity, sae.tanh])
@pytest.mark.parametrize("engine", ENGINES)
def test_other_activations(engine, f):
    images, W, b = problem((2, 9, 11, 3), (4, 5))
    z = np.log(1 / (1 / by_loops(images, W, b, (4, 5)) - 1))  # the sigmoid's inverse
    a = responses(images, W, b, (4, 5), engine=engine, f=f)
    np.testing.assert_allclose(a[np.abs(z) < 5], f(z)[np.abs(z) < 5], atol=1e-10)


# The whitening ---------------------------------------------------------------------------------------------------


def folding_is_right(page, rng):
    """What a unit answers to a whitened patch is what the folded filter answers to the image."""
    images = rng.uniform(0, 1, (3, 9, 9, 3))
    X = sae.data.sample_colour_patches(images, 100, 4, rng)
    white = sae.data.zca(X, eps=0.1)
    W1, b1 = rng.standard_normal((5, 48)), rng.standard_normal(5)
    a = responses(images, *page.fold_whitening(W1, b1, white.matrix, white.mean), 4)
    expected = np.empty_like(a)
    for i, _, p, q in np.ndindex(3, 1, 6, 6):
        x = images[i, p : p + 4, q : q + 4].ravel()
        expected[i, :, p, q] = sae.sigmoid(W1 @ (white.matrix @ (x - white.mean)) + b1)
    return np.abs(a - expected).max() < 1e-12


def test_whitening_folded_into_filters_and_biases(rng):
    assert folding_is_right(convolution, rng)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("b1 - W @ mean", "b1"),
        ("b1 - W @ mean", "b1 + W @ mean"),
        ("b1 - W @ mean", "b1 - W1 @ mean"),  # the mean not whitened
        ("W = W1 @ matrix", "W = W1"),
    ],
)
def test_a_wrong_fold_is_caught(old, new, rng):
    assert not folding_is_right(mutant(convolution, old, new), rng)


def test_an_autoencoder_s_hidden_layer_is_what_is_convolved(rng):
    images = rng.uniform(0, 1, (2, 8, 8, 3))
    X = sae.data.sample_colour_patches(images, 20, 4, rng)
    white = sae.data.zca(X)
    objective = sae.Autoencoder(white.X, 5, lam=3e-3, rho=0.035, beta=5, g=sae.identity)
    theta = objective.init(rng)
    W1, _, b1, _ = objective.layout.unpack(theta)
    a = responses(images, *fold_whitening(W1, b1, white.matrix, white.mean), 4)
    x = images[1, 2:6, 3:7].reshape(-1, 1)
    expected = objective.encode(theta, white.matrix @ (x - white.mean[:, None]))
    np.testing.assert_allclose(a[1, :, 2, 3], expected[:, 0], atol=1e-12)


# Pooling ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "function"), [("mean", np.mean), ("max", max)])
@pytest.mark.parametrize(("P", "Q", "size"), [(6, 9, 3), (4, 4, 4), (4, 6, 1), (7, 11, 3)])
def test_pooling_equals_loops(P, Q, size, kind, function, rng):
    a = rng.standard_normal((2, 3, P, Q))
    np.testing.assert_allclose(
        pool(a, size, kind, drop=True), pooled_by_loops(a, size, function), rtol=1e-13, atol=1e-15
    )
    if P % size == Q % size == 0:
        np.testing.assert_array_equal(pool(a, size, kind), pool(a, size, kind, drop=True))


def test_regions_of_19_fill_57(rng):
    a = rng.uniform(0, 1, (2, 57, 57))
    assert pool(a, 19).shape == (2, 3, 3)
    assert pool(a, 19)[1, 2, 0] == pytest.approx(a[1, 38:, :19].mean(), rel=1e-13)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["mean", "max"])
@pytest.mark.parametrize("features_at_once", [1, 3, 50])
def test_pooled_step_by_step_is_the_same(engine, kind, features_at_once):
    images, W, b = problem((3, 9, 9, 3), (4, 4), k=7)
    seen = []
    pooled = pooled_responses(
        *(images, W, b, 4, 3),
        kind=kind,
        engine=engine,
        features_at_once=features_at_once,
        callback=lambda *progress: seen.append(progress),
    )
    np.testing.assert_allclose(pooled, pool(responses(images, W, b, 4), 3, kind), atol=1e-12)
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_images_may_be_a_list_bytes_or_made_when_asked_for():
    images, W, b = problem((3, 9, 9, 3), (4, 4))
    images = np.round(images * 255).astype(np.uint8)
    expected = responses(images.astype(float), W, b, 4)

    class Lazy:
        def __len__(self):
            return 3

        def __getitem__(self, i):
            return images[i]

    for given in (images, list(images), Lazy(), images[:, ::-1, ::-1][:, ::-1, ::-1]):
        np.testing.assert_array_equal(responses(given, W, b, 4), expected)


# Bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": [np.ones((9, 9)), np.ones((9, 8))]}, r"image 1 has shape \(9, 8\), and image 0 \(9, 9\)"),
        ({"images": []}, "no images"),
        ({"images": np.ones((9, 9))}, r"image 0 has shape \(9,\).*one image is image\[None\]"),
        ({"images": np.full((2, 9, 9), np.nan)}, "image 0 has NaN or infinite"),
        ({"images": np.ones((2, 9, 9, 3))}, r"W has 16 columns; expected 48, .* with 3 values each"),
        ({"images": np.ones((2, 3, 9))}, "a patch of 4 x 4 is larger than the images, 3 x 9"),
        ({"images": np.array([[["a"]]])}, "real numbers"),
        ({"patch": (4, 0)}, "patch is 0"),
        ({"patch": 5}, "W has 16 columns; expected 25"),
        ({"b": np.ones(3)}, r"b has shape \(3,\).*expected \(2,\), a finite bias"),
        ({"b": np.array([1, np.nan])}, "a finite bias for each filter"),
        ({"engine": "gpu"}, "engine is 'gpu'; expected one of numba, fft"),
        ({"f": np.tanh}, "f is <ufunc 'tanh'>"),
        ({"size": 4}, "regions of 4 x 4 do not fill the responses, 6 x 6; .*drop=True"),
        ({"size": 7, "drop": True}, "a region of 7 x 7 is larger than the responses, 6 x 6"),
        ({"kind": "sum"}, "kind is 'sum'; expected one of mean, max"),
        ({"features_at_once": 0}, "features_at_once is 0"),
    ],
)
def test_bad_input(change, message):
    arguments = {"images": np.ones((2, 9, 9)), "W": np.ones((2, 16)), "b": np.ones(2), "patch": 4, "size": 3, **change}
    with pytest.raises(sae.SaeError, match=message):
        pooled_responses(**arguments)


def test_bad_input_of_the_others():
    with pytest.raises(sae.SaeError, match=r"matrix has shape \(3, 3\) and mean \(2,\); expected \(2, 2\) and \(2,\)"):
        fold_whitening(np.ones((4, 2)), np.ones(4), np.eye(3), np.ones(2))
    with pytest.raises(sae.SaeError, match=r"a has shape \(3,\)"):
        pool(np.ones(3), 1)


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="interpreted, the kernel takes minutes")
@pytest.mark.parametrize("engine", ENGINES)
def test_memory_is_that_of_a_few_units_on_one_image(engine, rng):
    images, W, b = problem((20, 40, 40), (8, 8), k=60)
    pooled_responses(images[:1], W, b, 8, 11, engine=engine)  # compiles
    tracemalloc.start()
    try:
        pooled_responses(images, W, b, 8, 11, engine=engine, features_at_once=5)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    everything = 8 * 20 * 60 * 33 * 33
    assert peak < everything / 3
