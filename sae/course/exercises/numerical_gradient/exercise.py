"""The numerical gradient: what is asked, and what students can check themselves."""

import numpy as np

from sae.course import Call, Exercise, Given, Part, same

from .misconceptions import misconceptions
from .pictures import data, figures

STEP = 0.1  # so large that what a difference leaves out of the derivative shows
double = same(single=False)  # differences of nearly equal numbers have no digits to lose


def linear(rng, p):
    """Return J = c . theta + 1, of which each difference is exact."""
    c = rng.uniform(0.5, 2, p)
    return Given("J", f"def J(theta):\n    return float(np.array({c.tolist()}) @ theta) + 1")


def curved(rng, p):
    """Return a J with derivatives of all orders."""
    A, c = rng.normal(0, 1, (p, p)), rng.uniform(0.5, 2, p)
    lines = (
        f"A, c = np.array({A.tolist()}), np.array({c.tolist()})",
        "def J(theta):",
        "    return float(np.sin(A @ theta).sum() + np.exp(c * theta / 2).sum())",
    )
    return Given("J", "\n".join(lines))


def size(rng):
    """Return p: a single entry of theta, or some."""
    return int(rng.integers(1, 6))


def vector(rng, p=None):
    """Return numbers of either sign, none near 0."""
    p = size(rng) if p is None else p
    return rng.uniform(0.3, 1.5, p) * rng.choice([-1, 1], p)


def draw_difference(rng):
    """Return J, theta, epsilon; now and then theta has integers."""
    p = size(rng)
    theta = rng.integers(-3, 4, p) if rng.random() < 0.3 else vector(rng, p)
    return curved(rng, p), theta, float(rng.uniform(0.05, 0.3))


def gradients(rng, p, apart=1.0, scale=1.0):
    """Return numeric and grad, so far apart."""
    grad = scale * vector(rng, p)
    return grad + apart * scale * rng.uniform(-0.3, 0.3, p), grad


def draw_gradients(rng):
    """Return numeric, grad, from equal up to four digits to not equal at all."""
    return gradients(rng, size(rng), 10 ** rng.uniform(-4, 0), 10 ** rng.uniform(-8, 1))


def draw_remainder(rng):
    """Return J, theta, grad, v, steps."""
    p = size(rng)
    J, steps = curved(rng, p), rng.uniform(0.05, 0.5, rng.integers(1, 5))
    return J, vector(rng, p), 3 * vector(rng, p), vector(rng, p), steps


def powers(rng, k):
    """Return steps, unevenly spaced, and errors that grow with a power of them, more or less."""
    steps = np.cumprod(rng.uniform(0.1, 0.7, k))
    return steps, rng.uniform(1, 9) * steps ** rng.uniform(1, 3) * rng.uniform(0.7, 1.4, k)


def draw_powers(rng):
    """Return steps, errors."""
    return powers(rng, int(rng.integers(2, 8)))


exercise = Exercise(
    title="The numerical gradient",
    source="UFLDL tutorial, Gradient checking and advanced optimization",
    reading=20,
    work=75,
    parts=[
        Part("quadratic", 10, ("Q1", "Q2"), ("J", "grad"), lambda rng: (vector(rng, 2),), doing="a cost to try it on"),
        Part("central_difference", 35, ("G1",), ("numeric",), draw_difference, double, "the central difference"),
        Part("forward_difference", 15, ("Q3",), ("numeric",), draw_difference, double, "the forward difference"),
        Part("relative_difference", 15, ("G3",), ("error",), draw_gradients, double, "the distance of two gradients"),
        Part("taylor_remainder", 15, ("G9",), ("remainder",), draw_remainder, double, "the Taylor remainder"),
        Part("order", 10, ("Q4",), ("s",), draw_powers, double, "the order of an error"),
    ],
    misconceptions=misconceptions,
    instead={
        "epsilon": ("epsilon ** 2", "epsilon / 2"),
        "here": ("J(theta - epsilon * e_i)", "0"),
        "J(theta)": ("J(theta - t * v)", "J(0 * theta)"),
        "theta[0]": ("theta[1]",),
        "theta[1]": ("theta[0]",),
        "grad": ("np.abs(grad)",),
    },
    words={
        "J(theta + epsilon * e_i)": "the value of J after the step",
        "J(theta - epsilon * e_i)": "the value of J on the other side",
        "J(theta + t * v)": "the value of J after the step",
        "J(theta + epsilon * e_i) - J(theta - epsilon * e_i)": "the difference of J",
        "J(theta + epsilon * e_i) - here": "the difference of J",
        "epsilon * e_i": "the step",
        "t * slope": "the linear term",
        "t * v": "the step",
        "here": "J(theta)",
        "3 * theta[0] * theta[1]": "the product of both entries",
        "np.linalg.norm(numeric - grad)": "the norm of the difference",
        "np.linalg.norm(numeric + grad)": "the norm of the sum",
    },
    data=data,
    figures=figures,
)


@exercise.check("quadratic")
def on_the_axis(rng):
    """The cost and its gradient where the second entry of theta is 0."""
    return [Call("quadratic", np.array([rng.uniform(0.5, 2), 0.0]))]


@exercise.check("central_difference")
def central_of_linear(rng):
    """A cost that is linear in three entries."""
    return [Call("central_difference", linear(rng, 3), rng.uniform(-1, 1, 3), STEP)]


@exercise.check("forward_difference")
def forward_of_linear(rng):
    """A cost that is linear in three entries."""
    return [Call("forward_difference", linear(rng, 3), rng.uniform(-1, 1, 3), STEP)]


@exercise.check("relative_difference")
def single_entry(rng):
    """Gradients of one entry."""
    grad = rng.uniform(0.5, 2, 1)
    return [Call("relative_difference", 1.5 * grad, grad)]


@exercise.check("taylor_remainder")
def without_gradient(rng):
    """A cost that is linear and rises along v, and a gradient of zeros."""
    v = rng.uniform(0.5, 1, 3)
    return [Call("taylor_remainder", linear(rng, 3), vector(rng, 3), np.zeros(3), v, np.array([0.5, 0.2]))]


@exercise.check("order")
def two_points(rng):
    """Two steps."""
    return [Call("order", *powers(rng, 2))]
