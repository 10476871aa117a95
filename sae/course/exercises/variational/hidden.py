"""The variational autoencoder: the hidden tests."""

from sae.course import Call

from .exercise import code, exercise, pixels, problem


@exercise.hidden("sample", weight=2)
def with_noise(rng):
    """With noise, several units and examples."""
    return [Call("sample", *code(rng)), Call("sample", *code(rng, 1, 7))]


@exercise.hidden("gaussian_kl")
def several(rng):
    """Several units and examples."""
    return [Call("gaussian_kl", *code(rng)[:2]), Call("gaussian_kl", *code(rng, 4, 7)[:2])]


@exercise.hidden("gaussian_kl")
def one_size(rng):
    """As many units as examples, where a sum over the wrong one runs, too."""
    return [Call("gaussian_kl", *code(rng, 4, 4)[:2])]


@exercise.hidden("reconstruction")
def several_pixels(rng):
    """Several pixels and examples."""
    return [Call("reconstruction", *pixels(rng)), Call("reconstruction", *pixels(rng, 4, 4))]


@exercise.hidden("reconstruction")
def large(rng):
    """z3 so large that 1 + e^-z3 is 1, or e^z3 infinite, of both signs."""
    return [Call("reconstruction", *pixels(rng, size=size)) for size in (60.0, 5000.0)]


@exercise.hidden("code_deltas", weight=2)
def with_divergence(rng):
    """With the KL divergence, several units and examples."""
    return [Call("code_deltas", rng.normal(0, 1, (3, 5)), *code(rng), beta) for beta in (0.4, 2.5)]


@exercise.hidden("cost_and_grad")
def with_beta(rng):
    """Several examples, with beta."""
    return [Call("cost_and_grad", *problem(rng, beta=beta)) for beta in (0.4, 2.5)]


@exercise.hidden("cost_and_grad")
def layers_of_one_size(rng):
    """Layers of one size, where the wrong W or delta runs, too."""
    return [Call("cost_and_grad", *problem(rng, 4, 4, 4, 4))]


@exercise.hidden("cost_and_grad")
def more_units_than_pixels(rng):
    """A code longer than the example, which comes alone."""
    return [Call("cost_and_grad", *problem(rng, 2, 3, 5, 1))]


@exercise.hidden("cost_and_grad")
def large_output(rng):
    """z3 so large that 1 + e^-z3 is 1, or e^z3 infinite."""
    return [Call("cost_and_grad", *problem(rng, size=size)) for size in (100.0, 5000.0)]
