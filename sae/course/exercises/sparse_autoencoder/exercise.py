"""The sparse autoencoder: what is asked, and what students can check themselves."""

from functools import partial

import numpy as np

from sae.course import Call, Exercise, Part, holds
from sae.course.autoencoders import blocks, mistakes, packed, parameters, sizes, terms
from sae.course.diagnosed import sentences
from sae.course.own_gradient import directions, own_gradient
from sae.data import normalize_patches, photographs, sample_patches, whiten
from sae.layout import Layout

from .believed import misconceptions
from .pictures import figures

BLOCKS = ("W1", "W2", "b1", "b2")
GRADIENTS = ("grad_W1", "grad_W2", "grad_b1", "grad_b2")


def examples(rng, n, m):
    """Return X."""
    return rng.uniform(0.05, 0.95, (n, m))


def draw_unpack(rng):
    """Return theta, n, n_hidden."""
    n, n_hidden, _ = sizes(rng)
    return packed(rng, n, n_hidden), n, n_hidden


def draw_pack(rng):
    """Return W1, W2, b1, b2."""
    return parameters(rng, *sizes(rng)[:2])


def draw_data_term(rng):
    """Return W1, W2, b1, b2, X."""
    n, n_hidden, m = sizes(rng)
    return *parameters(rng, n, n_hidden), examples(rng, n, m)


def draw_decay(rng):
    """Return W1, W2, lambda."""
    return *parameters(rng, *sizes(rng)[:2])[:2], float(rng.uniform(0.1, 0.9))


def draw_sparsity(rng):
    """Return a2, rho, beta."""
    _, n_hidden, m = sizes(rng)
    return examples(rng, n_hidden, m), *terms(rng)[1:]


def draw_cost(rng):
    """Return theta, X, n_hidden, lambda, rho, beta."""
    n, n_hidden, m = sizes(rng)
    return packed(rng, n, n_hidden), examples(rng, n, m), n_hidden, *terms(rng)


def data():
    """Return patches of whitened photographs: X (64, 6000) in [0.1, 0.9]."""
    whitened = [whiten(photograph) for photograph in photographs()]
    X = normalize_patches(sample_patches(whitened, 6000, 8, np.random.default_rng(0)))
    return {"X": X.astype(np.float16)}


backward = ("E5", "E6", "E7", "E8", "E9", "E10")
exercise = Exercise(
    title="The sparse autoencoder: cost and gradient",
    source="UFLDL tutorial, Autoencoders and Sparsity; A. Ng, CS294A lecture notes, sections 2 and 3",
    reading=40,
    work=240,
    parts=[
        Part("unpack", 5, ("E0",), BLOCKS, draw_unpack, doing="taking theta apart"),
        Part("pack", 5, ("E0",), ("theta",), draw_pack, doing="putting theta together"),
        Part(
            "data_term_loops",
            20,
            ("E1", "E2", "E4", *backward),
            ("J", *GRADIENTS),
            draw_data_term,
            doing="the data term, example by example",
        ),
        Part(
            "data_term",
            20,
            ("E1", "E2", "E4", *backward),
            ("J", *GRADIENTS),
            draw_data_term,
            doing="the data term, all examples at once",
        ),
        Part("decay_term", 10, ("E4", "E7", "E8"), ("J", "grad_W1", "grad_W2"), draw_decay, doing="the weight decay"),
        Part(
            "sparsity_term",
            10,
            ("E3", "E4", "E6"),
            ("rho_hat", "J", "the derivative by rho_hat"),
            draw_sparsity,
            doing="the sparsity",
        ),
        Part(
            "cost_and_grad",
            30,
            ("E0", "E1", "E2", "E3", "E4", *backward),
            ("J", "grad"),
            draw_cost,
            doing="everything together",
            blocks=blocks,
            diagnose=sentences,
        ),
    ],
    misconceptions=misconceptions,
    catalogue={"cost_and_grad": partial(mistakes, "sigmoid")},
    instead={
        "x": ("a3", "X[:, 0]", "X[:, -1]", "(1 - x)"),
        "a2": ("z2", "(1 - a2)", "sigmoid(a2)", "delta2"),
        "X[:, i]": ("X[:, 0]", "X[:, i - 1]"),
    },
    words={
        "X[:, i]": "example i",
        "X[:, i - 1]": "the example before",
        "X[:, 0]": "the first example",
        "X[:, -1]": "the last example",
        "rho_hat[:, None]": "rho_hat",
    },
    data=data,
    figures=figures,
)


def of_shapes(call, answer):
    """Return what is wrong with the shapes of W1, W2, b1, b2."""
    _, n, n_hidden = call.arguments
    right = [*Layout.autoencoder(n, n_hidden).shapes.items()]
    if not isinstance(answer, tuple | list) or len(answer) != len(right):
        return "expected four arrays: W1, W2, b1, b2"
    wrong = [
        f"{name} has shape {np.shape(x)}; expected {shape}"
        for (name, shape), x in zip(right, answer, strict=True)
        if np.shape(x) != shape
    ]
    return "; ".join(wrong)


def of_length(call, theta):
    """Return what is wrong with the shape of theta."""
    p = sum(x.size for x in call.arguments)
    return "" if np.shape(theta) == (p,) else f"theta has shape {np.shape(theta)}; expected ({p},)"


@exercise.check("unpack", judge=holds(of_shapes))
def shapes(rng):
    """The parameters have the right shapes."""
    return [Call("unpack", packed(rng, 4, 3), 4, 3)]


@exercise.check("pack", judge=holds(of_length))
def length(rng):
    """Theta has the right length."""
    return [Call("pack", *parameters(rng, 4, 3))]


@exercise.check("data_term_loops", judge=own_gradient)
def gradient_of_one_example(rng):
    """The gradient is that of your own J, for a single example."""
    return directions(rng, "data_term_loops", *parameters(rng, 4, 3), examples(rng, 4, 1), to=range(4))


@exercise.check("data_term", judge=own_gradient)
def gradient_of_few_examples(rng):
    """The gradient is that of your own J, for three examples of three inputs."""
    return directions(rng, "data_term", *parameters(rng, 3, 2), examples(rng, 3, 3), to=range(4))


@exercise.check("decay_term", judge=own_gradient)
def gradient_of_decay(rng):
    """The gradient is that of your own J, at lambda = 1."""
    return directions(rng, "decay_term", *parameters(rng, 4, 3)[:2], 1.0, to=(0, 1))


@exercise.check("sparsity_term")
def one_example(rng):
    """The sparsity of a single example, at beta = 1."""
    return [Call("sparsity_term", examples(rng, 3, 1), 0.2, 1.0)]


@exercise.check("cost_and_grad", judge=own_gradient)
def gradient_without_decay(rng):
    """The gradient is that of your own J, without decay, for three examples of three inputs."""
    return directions(rng, "cost_and_grad", packed(rng, 3, 2), examples(rng, 3, 3), 2, 0.0, 0.2, 0.5, to=(0,))
