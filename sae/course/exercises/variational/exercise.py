"""The variational autoencoder: what is asked, and what students can check themselves."""

import numpy as np

from sae.course import Call, Exercise, Part, holds
from sae.course.own_gradient import directions, own_gradient
from sae.course.repeated import held, repeated

from .misconceptions import INSTEAD, MISCONCEPTIONS, WORDS
from .pictures import data, figures

NAMES = ("W1", "b1", "W_mu", "b_mu", "W_lv", "b_lv", "W2", "b2", "W3", "b3")
GRADS = tuple(f"grad_{name}" for name in NAMES)
DRAWN = "the same eps gives another answer each time: noise is data, it is given and not drawn: look at (V3) again"


def code(rng, n_latent=3, m=5):
    """Return mu, logvar, eps."""
    return rng.normal(0, 1, (n_latent, m)), rng.normal(0, 0.8, (n_latent, m)), rng.normal(0, 1, (n_latent, m))


def pixels(rng, n=6, m=5, size=1.5):
    """Return z3, X; with a large `size` e^z3 is infinite."""
    return size * rng.normal(0, 1, (n, m)), rng.uniform(0, 1, (n, m))


def problem(rng, n=6, n_hidden=4, n_latent=2, m=5, beta=0.7, size=1.0):
    """Return ten parameters, X, eps, beta; with a large `size` of W3 e^z3 is infinite."""
    parameters = []
    layers = ((n_hidden, n), (n_latent, n_hidden), (n_latent, n_hidden), (n_hidden, n_latent), (n, n_hidden))
    for units, inputs in layers:
        parameters += [rng.normal(0, 1 / np.sqrt(inputs), (units, inputs)), rng.normal(0, 0.5, units)]
    parameters[8] *= size
    return *parameters, rng.uniform(0, 1, (n, m)), rng.normal(0, 1, (n_latent, m)), beta


def sizes(rng):
    """Return n_latent, m: one unit and one example among them."""
    return int(rng.integers(1, 5)), int(rng.integers(1, 8))


def draw_code(rng):
    """Return mu, logvar, eps."""
    return code(rng, *sizes(rng))


def draw_kl(rng):
    """Return mu, logvar."""
    return draw_code(rng)[:2]


def draw_pixels(rng):
    """Return z3, X, large ones among them."""
    return pixels(rng, *sizes(rng), float(rng.choice([1.5, 1.5, 60.0, 5000.0, 5000.0])))


def draw_deltas(rng):
    """Return delta_u, mu, logvar, eps, beta."""
    mu, logvar, eps = draw_code(rng)
    return rng.normal(0, 1, mu.shape), mu, logvar, eps, float(rng.uniform(0.2, 3))


def draw_cost(rng):
    """Return a problem of any sizes: layers of one size, one unit, one example and large z3 among them."""
    n, n_hidden, n_latent, m = (int(rng.integers(low, high)) for low, high in ((2, 6), (1, 6), (1, 5), (1, 8)))
    n_latent = n_hidden if rng.random() < 0.3 else n_latent
    size = rng.choice([1.0, 1.0, 100.0, 5000.0, 5000.0])
    return problem(rng, n, n_hidden, n_latent, m, float(rng.uniform(0.2, 3)), size)


exercise = Exercise(
    title="The variational autoencoder",
    source="D. P. Kingma and M. Welling, Auto-Encoding Variational Bayes (2014), arXiv:1312.6114",
    reading=30,
    work=180,
    parts=[
        Part(
            *("sample", 10, ("V3",), ("u",), draw_code),
            doing="the code, with noise that is given",
            diagnose=held(draw_code, DRAWN),
        ),
        Part(
            *("gaussian_kl", 20, ("V7", "V12", "V13"), ("kl", "kl_mu", "kl_lv"), draw_kl),
            doing="the KL divergence and its derivatives",
        ),
        Part(
            *("reconstruction", 20, ("V6", "V9"), ("misfit", "delta3"), draw_pixels),
            doing="the reconstruction and its derivative",
        ),
        Part(
            *("code_deltas", 20, ("V12", "V13"), ("delta_mu", "delta_lv"), draw_deltas),
            doing="the way back through the draw",
        ),
        Part(
            *("cost_and_grad", 30, tuple(f"V{k}" for k in range(1, 21)), ("J", *GRADS), draw_cost),
            doing="the cost and its gradient",
            diagnose=held(draw_cost, DRAWN),
        ),
    ],
    misconceptions=MISCONCEPTIONS,
    instead=INSTEAD,
    words=WORDS,
    data=data,
    figures=figures,
)


@exercise.check("sample")
def without_noise(rng):
    """Without noise, eps = 0."""
    mu, logvar, eps = code(rng)
    return [Call("sample", mu, logvar, 0 * eps)]


@exercise.check("sample", judge=repeated)
def drawn_once(rng):
    """The same eps gives the same code."""
    return 2 * [Call("sample", *code(rng))]


def _is_divergence(call, answer) -> str:
    kl, m = answer[0], call.arguments[0].shape[1]
    if np.shape(kl) != (m,):
        return f"kl has shape {np.shape(kl)}; expected {(m,)}, one number for each example"
    return "" if np.min(kl) >= 0 else "a KL divergence is never negative: this one is"


@exercise.check("gaussian_kl", judge=holds(_is_divergence))
def not_negative(rng):
    """A number for each example, none of them negative."""
    return [Call("gaussian_kl", *code(rng)[:2])]


@exercise.check("gaussian_kl", judge=own_gradient)
def own_divergence(rng):
    """The derivatives are those of your own kl."""
    return directions(rng, "gaussian_kl", *code(rng)[:2], to=range(2))


@exercise.check("reconstruction", judge=own_gradient)
def own_misfit(rng):
    """The derivative is that of your own misfit."""
    return directions(rng, "reconstruction", *pixels(rng), to=range(1))


@exercise.check("code_deltas")
def without_divergence(rng):
    """One unit, one example, beta = 0."""
    return [Call("code_deltas", rng.normal(0, 1, (1, 1)), *code(rng, 1, 1), 0.0)]


@exercise.check("cost_and_grad", judge=own_gradient)
def own_cost(rng):
    """The gradient is that of your own J."""
    return directions(rng, "cost_and_grad", *problem(rng), to=range(len(GRADS)))


@exercise.check("cost_and_grad")
def one_example(rng):
    """One example, beta = 0."""
    return [Call("cost_and_grad", *problem(rng, m=1, beta=0.0))]
