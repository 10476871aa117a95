"""Stacked fine-tuning: what is asked, and what students can check themselves."""

import numpy as np

from sae.course import Call, Exercise, Part, holds
from sae.course.own_gradient import directions, own_gradient

from .misconceptions import INSTEAD, MISCONCEPTIONS, WORDS
from .pictures import data, figures

GRADS = ("grad_W1", "grad_b1", "grad_W2", "grad_b2", "grad_W_s")


def network(rng, n=4, n2=5, n3=3, k=4):
    """Return W1, b1, W2, b2, W_s, each of a size that leaves no unit saturated."""
    W1, W2, W_s = (
        rng.normal(0, 1 / np.sqrt(inputs), (units, inputs)) for units, inputs in ((n2, n), (n3, n2), (k, n3))
    )
    return W1, rng.normal(0, 0.5, n2), W2, rng.normal(0, 0.5, n3), 2 * W_s


def problem(rng, n=4, n2=5, n3=3, k=4, m=7, lam=0.3):
    """Return a network, X, y in which every class occurs if there are so many examples, and lambda."""
    parameters = network(rng, n, n2, n3, k)
    return *parameters, rng.uniform(-1, 1, (n, m)), rng.permutation(np.arange(m) % k), lam


def large(arguments):
    """Return the same with W_s so large that exp(z) is infinite, and without decay, which would drown the rest."""
    W1, b1, W2, b2, W_s, X, y, _ = arguments
    return W1, b1, W2, b2, 1e7 * W_s, X, y, 0.0


def anything(rng):
    """Return a problem of any sizes: one example, one unit, layers of one size and a large W_s among them."""
    n, n2, n3, k, m = (int(rng.integers(low, high)) for low, high in ((2, 6), (1, 6), (1, 6), (2, 6), (1, 9)))
    n3 = n2 if rng.random() < 0.3 else n3
    drawn = problem(rng, n, n2, n3, k, m, float(rng.uniform(0.1, 0.9)))
    return large(drawn) if rng.random() < 0.25 else drawn


def activations(rng, n2=5, n3=3, k=4, m=7):
    """Return W2, W_s, delta, a2, a3."""
    _, _, W2, _, W_s = network(rng, 2, n2, n3, k)
    return W2, W_s, rng.normal(0, 0.5, (k, m)), rng.uniform(0.1, 0.9, (n2, m)), rng.uniform(0.1, 0.9, (n3, m))


def clear(W1, b1, W2, b2, W_s, X):
    """Return the same without examples whose two best classes are so near that rounding may decide."""
    a = X
    for W, b in ((W1, b1), (W2, b2)):
        a = 1 / (1 + np.exp(-(W @ a + b[:, None])))
    z = np.sort(W_s @ a, axis=0)
    return W1, b1, W2, b2, W_s, X[:, z[-1] - z[-2] > 1e-3 * np.abs(z).max()]


def draw_forward(rng):
    """Return W1, b1, W2, b2, X."""
    W1, b1, W2, b2, _, X, _, _ = anything(rng)
    return W1, b1, W2, b2, X


def draw_softmax(rng):
    """Return W_s, a3."""
    W_s, X = anything(rng)[4:6]
    return W_s, rng.uniform(0.1, 0.9, (W_s.shape[1], X.shape[1]))


def draw_backward(rng):
    """Return W2, W_s, delta, a2, a3."""
    n2, n3, k, m = (int(size) for size in rng.integers(1, 6, 4))
    return activations(rng, n2, n2 if rng.random() < 0.3 else n3, k, m)


def draw_predict(rng):
    """Return W1, b1, W2, b2, W_s, X."""
    return anything(rng)[:6]


exercise = Exercise(
    title="Stacked autoencoders: fine-tuning",
    source='UFLDL tutorial, "Fine-tuning Stacked AEs" and "Implement deep networks for digit classification"',
    reading=25,
    work=150,
    parts=[
        Part("forward", 10, ("D1",), ("a2", "a3"), draw_forward, doing="both hidden layers"),
        Part("softmax_layer", 15, ("D2", "Y2"), ("log_p",), draw_softmax, doing="the softmax on top"),
        Part(
            *("backward", 25, ("D4", "D5", "D6"), ("delta3", "delta2"), draw_backward),
            doing="the error on its way down",
        ),
        Part(
            *("cost_and_grad", 40, ("D3", "D4", "D5", "D6", "D7", "D8", "D9"), ("J", *GRADS), anything),
            doing="the cost and its gradient",
        ),
        Part("predict", 10, ("D1", "D2"), ("classes",), draw_predict, doing="the prediction"),
    ],
    misconceptions=MISCONCEPTIONS,
    instead=INSTEAD,
    words=WORDS,
    data=data,
    figures=figures,
)


@exercise.check("forward")
def without_biases(rng):
    """One example, both biases 0."""
    W1, b1, W2, b2, X = problem(rng, m=1)[:4] + problem(rng, m=1)[5:6]
    return [Call("forward", W1, 0 * b1, W2, 0 * b2, X)]


def _sums_to_one(call, log_p) -> str:
    W_s, a3 = call.arguments
    if np.shape(log_p) != (len(W_s), a3.shape[1]):
        return f"log_p has shape {np.shape(log_p)}; expected {(len(W_s), a3.shape[1])}, a column for each example"
    total = np.exp(log_p).sum(axis=0)
    return (
        "" if np.allclose(total, 1, atol=1e-5) else "the exponentials of an example's log_p must sum to 1: they don't"
    )


@exercise.check("softmax_layer", judge=holds(_sums_to_one))
def sums(rng):
    """The probabilities of each example sum to 1."""
    return [Call("softmax_layer", network(rng)[4], rng.uniform(0.1, 0.9, (3, 7)))]


@exercise.check("backward")
def one_unit(rng):
    """One unit in each layer, one example."""
    return [Call("backward", *activations(rng, 1, 1, 1, 1))]


@exercise.check("cost_and_grad")
def without_decay(rng):
    """One example, without decay."""
    return [Call("cost_and_grad", *problem(rng, m=1, lam=0.0))]


@exercise.check("cost_and_grad", judge=own_gradient)
def own_cost(rng):
    """The gradient is that of your own J, with decay."""
    return directions(rng, "cost_and_grad", *problem(rng), to=range(5))


def _are_classes(call, classes) -> str:
    W_s, X = call.arguments[4:]
    if np.shape(classes) != (X.shape[1],):
        return f"classes has shape {np.shape(classes)}; expected {(X.shape[1],)}, one for each example"
    known = np.isin(classes, np.arange(len(W_s))).all()
    return "" if known else "a class is a whole number from 0 to k - 1: these aren't"


@exercise.check("predict", judge=holds(_are_classes))
def classes(rng):
    """A class for each example."""
    return [Call("predict", *problem(rng)[:6])]
