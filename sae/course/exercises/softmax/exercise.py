"""Softmax regression: what is asked, and what students can check themselves."""

import numpy as np

from sae.course import Call, Exercise, Part, holds
from sae.course.own_gradient import directions, own_gradient

from .believed import INSTEAD, MISCONCEPTIONS, WORDS

LARGE = 2e4  # W so large that exp(z) is infinite


def problem(rng, n=4, k=3, m=7, scale=1.0):
    """Return W, X, y in which the classes occur about equally often, and no example's two best z are close."""
    while True:
        W, X = rng.normal(0, 0.7, (k, n)), rng.uniform(-1, 1, (n, m))
        z = np.sort(W @ X, axis=0)
        if (z[-1] - z[-2]).min() > 0.02 and z[-1].min() > 0.05:
            return scale * W, X, rng.permutation(np.arange(m) % k)


def sizes(rng):
    """Return n, k, m and a scale of W: any, one example and large W among them."""
    scale = LARGE if rng.random() < 0.3 else 1.0
    return int(rng.integers(2, 7)), int(rng.integers(2, 5)), int(rng.integers(1, 7)), scale


def draw_probabilities(rng):
    """Return W, X."""
    return problem(rng, *sizes(rng))[:2]


def draw_prediction(rng):
    """Return W, X: every other time large W, and examples enough that it shows."""
    n, k, _, _ = sizes(rng)
    m, large = int(rng.integers(1, 20)), rng.random() < 0.5
    return problem(rng, n, k, m, LARGE if large else 1.0)[:2]


def draw_indicator(rng):
    """Return y, k."""
    k = int(rng.integers(2, 6))
    return rng.integers(0, k, rng.integers(1, 7)), k


def draw_cost(rng):
    """Return W, X, y, lambda."""
    return *problem(rng, *sizes(rng)), float(rng.uniform(0.1, 0.9))


def data():
    """Return scikit-learn's digits, 8 x 8 pixels in [0, 1]: 1200 to train on and 597 others."""
    from sklearn.datasets import load_digits

    pixels, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    X, y = np.float32(pixels[order] / 16).T, y[order]
    return {"X": X[:, :1200], "y": y[:1200], "X_test": X[:, 1200:], "y_test": y[1200:]}


def figures():
    """Return the pictures of the handout."""
    from .pictures import figures

    return figures(data())


exercise = Exercise(
    title="Softmax regression",
    source="UFLDL tutorial, Softmax Regression",
    reading=20,
    work=90,
    parts=[
        Part("probabilities", 25, ("Y1", "Y2"), ("p",), draw_probabilities, doing="the probabilities"),
        Part("indicator", 10, ("Y4",), ("Y",), draw_indicator, doing="the indicator of the classes"),
        Part("cost_and_grad", 55, ("Y3", "Y4", "Y5"), ("J", "grad_W"), draw_cost, doing="the cost and its gradient"),
        Part("predict", 10, ("Y1", "Y2"), ("classes",), draw_prediction, doing="the prediction"),
    ],
    misconceptions=MISCONCEPTIONS,
    instead=INSTEAD,
    words=WORDS,
    data=data,
    figures=figures,
)


def is_distribution(call, p):
    """Say what is wrong with probabilities, whatever W and X are."""
    W, X = call.arguments
    if np.shape(p) != (len(W), X.shape[1]):
        return f"p has shape {np.shape(p)}; expected a row for each class and a column for each example"
    if not (np.asarray(p) >= 0).all():
        return "a probability is negative or not a number"
    return "" if np.allclose(np.sum(p, axis=0), 1) else "the probabilities of an example must sum to 1: they don't"


@exercise.check("probabilities", judge=holds(is_distribution))
def sums(rng):
    """The probabilities of each example sum to 1."""
    return [Call("probabilities", *problem(rng)[:2])]


def is_indicator(call, Y):
    """Say what is wrong with an indicator, whatever y is."""
    y, k = call.arguments
    if np.shape(Y) != (k, len(y)):
        return f"Y has shape {np.shape(Y)}; expected a row for each class and a column for each example"
    return "" if set(np.unique(Y)) <= {0, 1} else "Y has values other than 0 and 1"


@exercise.check("indicator", judge=holds(is_indicator))
def zeros_and_ones(rng):
    """A matrix of 0 and 1, with a row for each class."""
    return [Call("indicator", rng.permutation(np.arange(7) % 3), 3)]


@exercise.check("cost_and_grad", judge=own_gradient)
def gradient_of_its_cost(rng):
    """The gradient is that of your own cost, by differences."""
    return directions(rng, "cost_and_grad", *problem(rng, m=5), 0.2, to=[0], each=3)


@exercise.check("cost_and_grad")
def without_decay(rng):
    """Cost and gradient without decay, for a single example."""
    return [Call("cost_and_grad", *problem(rng, m=1), 0.0)]


@exercise.check(
    "predict",
    judge=holds(
        lambda call, classes: (
            ""
            if np.shape(classes) == (call.arguments[1].shape[1],)
            else f"classes has shape {np.shape(classes)}; expected one for each example"
        )
    ),
)
def one_each(rng):
    """There is one class for each example."""
    return [Call("predict", *problem(rng)[:2])]
