"""Denoising and contractive autoencoders: what is asked, and what students can check themselves."""

import numpy as np

from sae.course import Call, Exercise, Part, holds, same
from sae.course.own_gradient import directions, own_gradient

from .believed import MISCONCEPTIONS
from .vocabulary import INSTEAD, WORDS

GRADIENT = ("grad_W1", "grad_W2", "grad_b1", "grad_b2")
WHOLE = same()


def weights(rng, n=4, n_hidden=3):
    """Return W1, W2, b1, b2."""
    shapes = (n_hidden, n), (n, n_hidden), n_hidden, n
    return tuple(rng.normal(0, 0.8, shape) for shape in shapes)


def examples(rng, n=4, m=6):
    """Return X, (n, m), in (0, 1), and a mask of booleans of which about a third is False, at least one of each."""
    X = rng.uniform(0.1, 0.9, (n, m))
    while True:
        mask = rng.random((n, m)) < 0.65
        if mask.any() and (not mask.all() or mask.size == 1):
            return X, mask


def denoising(rng, n=4, n_hidden=3, m=6, lam=0.0):
    """Return the arguments of the denoising autoencoder."""
    return *weights(rng, n, n_hidden), *examples(rng, n, m), lam


def contractive(rng, n=4, n_hidden=3, m=6, gamma=0.5):
    """Return the arguments of the contractive autoencoder."""
    return *weights(rng, n, n_hidden), examples(rng, n, m)[0], gamma


def contracting(rng, n=4, n_hidden=3, m=6, gamma=0.5):
    """Return the arguments of the contraction alone."""
    W1, _, b1, _, X, gamma = contractive(rng, n, n_hidden, m, gamma)
    return W1, b1, X, gamma


def sizes(rng):
    """Return n, n_hidden, m and a positive number: any, one unit and one example among them."""
    return int(rng.integers(1, 6)), int(rng.integers(1, 5)), int(rng.integers(1, 7)), float(rng.uniform(0.1, 0.9))


def draw_corrupt(rng):
    """Return X, mask."""
    n, _, m, _ = sizes(rng)
    return examples(rng, n, m)


def draw_jacobian(rng):
    """Return W1, b1, x."""
    W1, b1, X, _ = contracting(rng, *sizes(rng))
    return W1, b1, X[:, 0]


def first(calls, answers, right):
    """Judge the cost alone, so that a right cost counts, whatever its gradient."""
    return WHOLE(calls, [answer[:1] for answer in answers], [answer[:1] for answer in right])


def data():
    """Return scikit-learn's digits, 8 x 8 pixels in [0, 1], 1000 to train on and 200 others, with a mask for each."""
    from sklearn.datasets import load_digits

    rng = np.random.default_rng(0)
    pixels = load_digits().data
    X = np.float32(pixels[rng.permutation(len(pixels))[:1200]] / 16).T
    mask = rng.random(X.shape) < 0.7
    return {"X": X[:, :1000], "mask": mask[:, :1000], "X_test": X[:, 1000:], "mask_test": mask[:, 1000:]}


def figures():
    """Return the pictures of the handout."""
    from .pictures import figures

    return figures(data())


exercise = Exercise(
    title="Denoising and contractive autoencoders",
    source="P. Vincent et al. (2010) and S. Rifai et al. (2011), in the notation of the UFLDL notes",
    reading=30,
    work=120,
    parts=[
        Part("corrupt", 5, ("Q1",), ("corrupted",), draw_corrupt, doing="the corruption"),
        Part(
            "denoising_cost_and_grad",
            40,
            ("Q1", "E1", "E2", "E4", "E5", "E6", "E7", "E8", "E9", "E10"),
            ("J", *GRADIENT),
            lambda rng: denoising(rng, *sizes(rng)),
            doing="the denoising autoencoder",
        ),
        Part("jacobian", 10, ("E1", "K1"), ("Jacobian",), draw_jacobian, doing="the Jacobian of one example"),
        Part(
            "contraction",
            30,
            ("E1", "K1", "K2", "K3", "K4", "K5"),
            ("P", "grad_W1", "grad_b1"),
            lambda rng: contracting(rng, *sizes(rng)),
            doing="the contraction and its gradient",
        ),
        Part(
            "contractive_cost_and_grad",
            15,
            ("K6", "K3", "E5", "E6", "E7", "E8", "E9", "E10"),
            ("J", *GRADIENT),
            lambda rng: contractive(rng, *sizes(rng)),
            doing="the contractive autoencoder",
        ),
    ],
    misconceptions=MISCONCEPTIONS,
    instead=INSTEAD,
    words=WORDS,
    data=data,
    figures=figures,
)


@exercise.check(
    "corrupt",
    judge=holds(
        lambda call, x: (
            "" if np.shape(x) == call.arguments[0].shape else f"the copy has shape {np.shape(x)}; expected that of X"
        )
    ),
)
def shape(rng):
    """The corrupt copy has the shape of X, and X stays as it is."""
    return [Call("corrupt", *examples(rng))]


@exercise.check("denoising_cost_and_grad")
def nothing_masked(rng):
    """One example of which nothing is masked, without decay: a plain autoencoder."""
    *theta, X, mask, lam = denoising(rng, m=1)
    return [Call("denoising_cost_and_grad", *theta, X, np.ones_like(mask), lam)]


@exercise.check("denoising_cost_and_grad", judge=own_gradient)
def denoising_gradient(rng):
    """The gradient is that of your own cost, by differences."""
    return directions(rng, "denoising_cost_and_grad", *denoising(rng, lam=0.2), to=range(4))


def looks_like_a_jacobian(call, Jacobian):
    """Say what is wrong with a Jacobian whose units are all at the middle of the sigmoid."""
    W1, _, _ = call.arguments
    if np.shape(Jacobian) != W1.shape:
        return f"the Jacobian has shape {np.shape(Jacobian)}; expected a row for each hidden unit"
    quarter = np.allclose(Jacobian, W1 / 4, rtol=1e-4)
    return "" if quarter else "where z2 = 0, f' is 1/4, so the Jacobian must be W1 / 4: it isn't"


@exercise.check("jacobian", judge=holds(looks_like_a_jacobian))
def in_the_middle(rng):
    """Where z2 is 0, the Jacobian is W1 / 4."""
    W1, b1, X, _ = contracting(rng)
    return [Call("jacobian", W1, 0 * b1, 0 * X[:, 0])]


@exercise.check("contraction", judge=own_gradient)
def contraction_gradient(rng):
    """The gradient is that of your own P, by differences."""
    return directions(rng, "contraction", *contracting(rng), to=range(2))


@exercise.check("contraction", judge=first)
def in_one_dimension(rng):
    """P of one example and one hidden unit with one input, gamma = 1."""
    return [Call("contraction", *contracting(rng, 1, 1, 1, 1.0))]


@exercise.check("contractive_cost_and_grad", judge=own_gradient)
def contractive_gradient(rng):
    """The gradient is that of your own cost, by differences."""
    return directions(rng, "contractive_cost_and_grad", *contractive(rng), to=range(4))
