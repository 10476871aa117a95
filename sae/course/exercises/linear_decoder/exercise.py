"""The linear decoder: what is asked, and what students can check themselves."""

from functools import partial

import numpy as np

from sae.activations import identity
from sae.course import Call, Exercise, Part, holds
from sae.course.autoencoders import blocks, mistakes, packed, parameters, sizes, terms
from sae.course.diagnosed import sentences
from sae.course.own_gradient import directions, own_gradient
from sae.data import colour_photographs, sample_colour_patches, zca

from .believed import misconceptions
from .pictures import figures


def examples(rng, n, m):
    """Return X, which is not within 0 to 1."""
    return rng.normal(0.2, 1.2, (n, m))


def whitening(rng, n):
    """Return a symmetric matrix."""
    A = rng.normal(size=(n, n))
    return A @ A.T / n + 0.3 * np.eye(n)


def draw_forward(rng):
    """Return W1, W2, b1, b2, X."""
    n, n_hidden, m = sizes(rng)
    return *parameters(rng, n, n_hidden), examples(rng, n, m)


def draw_output(rng):
    """Return a3, X."""
    n, _, m = sizes(rng)
    return examples(rng, n, m), examples(rng, n, m)


def draw_cost(rng):
    """Return theta, X, n_hidden, lambda, rho, beta."""
    n, n_hidden, m = sizes(rng)
    return packed(rng, n, n_hidden), examples(rng, n, m), n_hidden, *terms(rng)


def draw_features(rng):
    """Return W1, whose weights may be small, and T."""
    n, n_hidden, _ = sizes(rng)
    return 10 ** rng.uniform(-5, 0) * parameters(rng, n, n_hidden)[0], whitening(rng, n)


def data():
    """Return colour patches, (192, 5000) of 0 to 255, and what whitens them: T (192, 192) and mean (192,)."""
    patches = sample_colour_patches(colour_photographs(), 5000, 8, np.random.default_rng(0))
    white = zca(patches, 0.1)
    return {
        "patches": np.round(255 * patches).astype(np.uint8),
        "T": white.matrix.astype(np.float32),
        "mean": white.mean.astype(np.float32),
    }


exercise = Exercise(
    title="The linear decoder, on colour patches",
    source="UFLDL tutorial, Linear Decoders; Exercise: Learning color features with Sparse Autoencoders",
    reading=20,
    work=90,
    parts=[
        Part("forward", 15, ("E1", "E2"), ("a2", "a3"), draw_forward, doing="the forward pass"),
        Part("output_delta", 15, ("E5",), ("delta3",), draw_output, doing="the error of the outputs"),
        Part(
            "linear_cost_and_grad",
            50,
            tuple(f"E{k}" for k in range(11)),
            ("J", "grad"),
            draw_cost,
            doing="cost and gradient",
            blocks=blocks,
            diagnose=partial(sentences, g=identity),
        ),
        Part("features", 20, ("L1", "F1"), ("F",), draw_features, doing="what the units look for"),
    ],
    misconceptions=misconceptions,
    catalogue={"linear_cost_and_grad": partial(mistakes, "identity")},
    instead={"W": ("W1",), "T": ("np.linalg.inv(T)", "np.eye(n)"), "norms[:, None]": ("norms.max()", "norms.sum()")},
    words={
        "W": "the weights with the whitening",
        "T": "the whitening",
        "np.linalg.inv(T)": "what undoes the whitening",
        "norms[:, None]": "each row's norm",
        "norms.max()": "the largest norm",
        "norms.sum()": "the sum of the norms",
        "np.eye(n)": "nothing",
    },
    data=data,
    figures=figures,
)


def of_both_shapes(call, answer):
    """Return what is wrong with the shapes of a2 and a3."""
    W1, *_, X = call.arguments
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        return "expected two arrays: a2 and a3"
    right = {"a2": (len(W1), X.shape[1]), "a3": X.shape}
    for (name, shape), x in zip(right.items(), answer, strict=True):
        if np.shape(x) != shape:
            return f"{name} has shape {np.shape(x)}; expected {shape}"
    return ""


def of_one_shape(call, delta3):
    """Return what is wrong with the shape of delta3."""
    right = call.arguments[1].shape
    return "" if np.shape(delta3) == right else f"delta3 has shape {np.shape(delta3)}; expected {right}"


def of_norms(call, F):
    """Return what is wrong with the rows of F."""
    shape = call.arguments[0].shape
    if np.shape(F) != shape:
        return f"F has shape {np.shape(F)}; expected {shape}"
    return "" if np.allclose(np.linalg.norm(F, axis=1), 1, atol=1e-4) else "the rows of F must have norm 1: they don't"


@exercise.check("forward", judge=holds(of_both_shapes))
def shapes(rng):
    """The activations have the right shapes."""
    return [Call("forward", *parameters(rng, 4, 3), examples(rng, 4, 5))]


@exercise.check("output_delta", judge=holds(of_one_shape))
def shape(rng):
    """Delta3 has the right shape."""
    return [Call("output_delta", examples(rng, 4, 5), examples(rng, 4, 5))]


@exercise.check("linear_cost_and_grad", judge=own_gradient)
def gradient_without_decay(rng):
    """The gradient is that of your own J, without decay, for three examples of three inputs."""
    return directions(rng, "linear_cost_and_grad", packed(rng, 3, 2), examples(rng, 3, 3), 2, 0.0, 0.2, 0.5, to=(0,))


@exercise.check("features", judge=holds(of_norms))
def norms(rng):
    """The input that each unit likes most has norm 1."""
    return [Call("features", parameters(rng, 4, 3)[0], whitening(rng, 4))]
