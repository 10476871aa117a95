"""PCA and whitening: what is asked, and what students can check themselves."""

import numpy as np

from sae.course import Call, Exercise, Part, holds, same

from .believed import INSTEAD, MISCONCEPTIONS, WORDS


def patches(rng, n=4, m=9):
    """Return X, (n, m): patches of different brightness, with pixels that go together and means other than 0."""
    mixed = rng.normal(0, 1, (n, n)) @ rng.normal(0, 1, (n, m))
    return mixed + rng.uniform(0.5, 2, (1, m)) + rng.uniform(-1, 1, (n, 1))


def axes(rng, n=4):
    """Return s, falling by a third or more from one to the next, and U, orthonormal."""
    ratios = np.append(1, rng.uniform(0.4, 0.65, n - 1))
    return rng.uniform(1.5, 3) * ratios.cumprod(), np.linalg.qr(rng.standard_normal((n, n)))[0]


def with_axes(rng, n=4, m=9):
    """Return X, x_bar, s, U that have nothing to do with each other: new patches, whitened as others were."""
    return patches(rng, n, m), rng.uniform(-1, 1, n), *axes(rng, n)


def own_axes(rng, n=4, m=9):
    """Return X with its own mean, s and U."""
    X = patches(rng, n, m)
    x_bar = X.mean(axis=1)
    s, U = np.linalg.eigh((X - x_bar[:, None]) @ (X - x_bar[:, None]).T / m)
    return X, x_bar, s[::-1].copy(), U[:, ::-1].copy()


def symmetric(s, U):
    """Return U diag(s) U^T, symmetric to the last bit."""
    Sigma = U * s @ U.T
    return (Sigma + Sigma.T) / 2


def shares(rng, n=6):
    """Return s, (n,), falling, and p, a share that no number of components has just about."""
    while True:
        s, p = -np.sort(-(rng.uniform(0.05, 3, n) ** 2)), float(rng.uniform(0.5, 0.99))
        if np.abs(s.cumsum() / s.sum() - p).min() > 2e-3:
            return s, p


def sizes(rng):
    """Return n and m: any, a single pixel and a single patch among them."""
    return int(rng.integers(1, 6)), int(rng.integers(1, 9))


def draw_patches(rng):
    """Return X."""
    return (patches(rng, *sizes(rng)),)


def draw_covariance(rng):
    """Return Sigma."""
    return (symmetric(*axes(rng, sizes(rng)[0])),)


def draw_shares(rng):
    """Return s, p."""
    return shares(rng, int(rng.integers(1, 9)))


def draw_rotation(rng):
    """Return X, x_bar, U, k."""
    X, x_bar, _, U = with_axes(rng, *sizes(rng))
    return X, x_bar, U, int(rng.integers(1, len(X) + 1))


def draw_components(rng):
    """Return Y, x_bar, U."""
    X, x_bar, U, k = draw_rotation(rng)
    return X[:k], x_bar, U


def draw_whitening(rng):
    """Return X, x_bar, s, U, eps."""
    return *with_axes(rng, *sizes(rng)), float(rng.uniform(0.02, 0.5))


def free_signs(answer, right):
    """Return eigenvectors with the signs that the solution chose; eigenvalues as they are."""
    return np.where((answer * right).sum(axis=0) < 0, -answer, answer) if np.ndim(right) == 2 else answer


def data():
    """Return X, (144, 3000): patches of 12 x 12 pixels, drawn at random from photographs, in [0, 1]."""
    import sae.data

    images = sae.data.photographs(("camera", "astronaut", "chelsea", "coffee", "rocket", "motorcycle"))
    return {"X": np.float32(sae.data.sample_patches(images, 3000, 12, np.random.default_rng(0)))}


def figures():
    """Return the pictures of the handout."""
    from .pictures import figures

    return figures(data()["X"].astype(float))


exercise = Exercise(
    title="PCA and whitening",
    source="UFLDL tutorial, PCA and Whitening",
    reading=25,
    work=90,
    parts=[
        Part("remove_brightness", 10, ("M1",), ("Y",), draw_patches, doing="the mean of each patch"),
        Part("covariance", 15, ("W2",), ("x_bar", "Sigma"), draw_patches, doing="the covariance of the pixels"),
        Part(
            "principal_axes",
            15,
            ("W2",),
            ("s", "U"),
            draw_covariance,
            judge=same(transform=free_signs),
            doing="the principal axes",
        ),
        Part("how_many", 10, ("A1",), ("k",), draw_shares, doing="the number of components"),
        Part("rotate", 10, ("A2",), ("Y",), draw_rotation, doing="the principal components"),
        Part("reconstruct", 10, ("A3",), ("X_hat",), draw_components, doing="the reconstruction"),
        Part("whiten_pca", 15, ("B1",), ("Y",), draw_whitening, doing="PCA whitening"),
        Part("whiten_zca", 15, ("Z1",), ("Y",), draw_whitening, doing="ZCA whitening"),
    ],
    misconceptions=MISCONCEPTIONS,
    instead=INSTEAD,
    words=WORDS,
    data=data,
    figures=figures,
)


@exercise.check(
    "remove_brightness",
    judge=holds(
        lambda call, Y: (
            ""
            if np.shape(Y) == call.arguments[0].shape and np.allclose(np.mean(Y, axis=0), 0, atol=1e-6)
            else "the mean of each patch, a column, must be 0 now: it isn't"
        )
    ),
)
def mean_zero(rng):
    """The mean of each patch is 0."""
    return [Call("remove_brightness", patches(rng))]


def is_symmetric(call, answer):
    """Say what is wrong with a covariance, whatever X is."""
    n = len(call.arguments[0])
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        return "expected two values, x_bar and Sigma"
    if np.shape(answer[0]) != (n,) or np.shape(answer[1]) != (n, n):
        return "expected x_bar with an entry and Sigma with a row and a column for each pixel"
    return "" if np.allclose(answer[1], np.transpose(answer[1])) else "a covariance is symmetric: Sigma isn't"


@exercise.check("covariance", judge=holds(is_symmetric))
def symmetry(rng):
    """x_bar and Sigma have the right shapes, and Sigma is symmetric."""
    return [Call("covariance", patches(rng))]


def is_decomposition(call, answer):
    """Say what is wrong with eigenvalues and eigenvectors."""
    (Sigma,) = call.arguments
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        return "expected two values, s and U"
    s, U = answer
    if np.shape(s) != (len(Sigma),) or np.shape(U) != Sigma.shape:
        return "expected s with an entry and U with a column for each pixel"
    if not np.allclose(np.transpose(U) @ U, np.eye(len(s)), atol=1e-4):
        return "the columns of U must have length 1 and be orthogonal: they aren't"
    return "" if np.allclose(U * s @ np.transpose(U), Sigma, atol=1e-4) else "U diag(s) U^T must be Sigma: it isn't"


@exercise.check("principal_axes", judge=holds(is_decomposition))
def decomposition(rng):
    """U diag(s) U^T is Sigma, and U is orthonormal."""
    return [Call("principal_axes", symmetric(*axes(rng)))]


@exercise.check(
    "how_many",
    judge=holds(
        lambda call, k: (
            ""
            if np.ndim(k) == 0 and k in range(1, len(call.arguments[0]) + 1)
            else "k must be a whole number from 1 to the number of components: it isn't"
        )
    ),
)
def whole_number(rng):
    """It is a whole number, from 1 to the number of components."""
    return [Call("how_many", *shares(rng))]


def keeps_lengths(call, Y):
    """Say whether a rotation by all axes changes lengths."""
    X, x_bar, _, k = call.arguments
    if np.shape(Y) != (k, X.shape[1]):
        return f"Y has shape {np.shape(Y)}; expected k rows and a column for each patch"
    before = np.linalg.norm(X - x_bar[:, None], axis=0)
    return "" if np.allclose(np.linalg.norm(Y, axis=0), before, rtol=1e-4) else "a rotation keeps lengths: this doesn't"


@exercise.check("rotate", judge=holds(keeps_lengths))
def lengths(rng):
    """With all components, the distance of each patch from the mean stays what it is."""
    X, x_bar, _, U = with_axes(rng)
    return [Call("rotate", X, x_bar, U, len(X))]


@exercise.check("reconstruct")
def of_all(rng):
    """Patches with mean 0, of all their components."""
    X, x_bar, _, U = with_axes(rng)
    return [Call("reconstruct", X, 0 * x_bar, U)]


def is_white(call, Y):
    """Say whether the covariance of whitened patches is the identity."""
    X, m = call.arguments[0], call.arguments[0].shape[1]
    if np.shape(Y) != X.shape:
        return f"Y has shape {np.shape(Y)}; expected that of X"
    white = np.allclose(Y @ np.transpose(Y) / m, np.eye(len(X)), atol=1e-3)
    return "" if white else "with eps = 0 the covariance of Y must be the identity: it isn't"


@exercise.check("whiten_pca", judge=holds(is_white))
def white_by_pca(rng):
    """Without eps, the covariance of the whitened patches is the identity."""
    return [Call("whiten_pca", *own_axes(rng, 3, 20), 0.0)]


@exercise.check("whiten_zca", judge=holds(is_white))
def white_by_zca(rng):
    """Without eps, the covariance of the whitened patches is the identity."""
    return [Call("whiten_zca", *own_axes(rng, 3, 20), 0.0)]
