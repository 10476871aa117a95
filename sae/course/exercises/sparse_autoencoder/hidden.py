"""The sparse autoencoder: the hidden tests."""

from sae.course import Call
from sae.course.autoencoders import packed, parameters

from .exercise import examples, exercise

SIZES = ((5, 3, 7), (2, 6, 4))  # n, n_hidden, m: none is another, and either n or n_hidden is larger


@exercise.hidden("unpack")
def other_sizes_of_theta(rng):
    """Other numbers of inputs and hidden units."""
    return [Call("unpack", packed(rng, n, n_hidden), n, n_hidden) for n, n_hidden, _ in SIZES]


@exercise.hidden("pack")
def other_sizes_of_parameters(rng):
    """Other numbers of inputs and hidden units."""
    return [Call("pack", *parameters(rng, n, n_hidden)) for n, n_hidden, _ in SIZES]


@exercise.hidden("data_term_loops", weight=2)
def several_examples_in_a_loop(rng):
    """J and gradient of several examples, inputs, examples and units differing in number."""
    return [Call("data_term_loops", *parameters(rng, n, h), examples(rng, n, m)) for n, h, m in SIZES]


@exercise.hidden("data_term_loops")
def one_example_in_a_loop(rng):
    """J and gradient of a single example."""
    return [Call("data_term_loops", *parameters(rng, 5, 3), examples(rng, 5, 1))]


@exercise.hidden("data_term", weight=2)
def several_examples(rng):
    """J and gradient of several examples, inputs, examples and units differing in number."""
    return [Call("data_term", *parameters(rng, n, h), examples(rng, n, m)) for n, h, m in SIZES]


@exercise.hidden("data_term")
def one_example_at_once(rng):
    """J and gradient of a single example, and with a single hidden unit."""
    return [Call("data_term", *parameters(rng, n, h), examples(rng, n, m)) for n, h, m in ((5, 3, 1), (4, 1, 6))]


@exercise.hidden("decay_term")
def decay(rng):
    """J and what is added to the gradients, for several lambda."""
    return [
        Call("decay_term", *parameters(rng, n, h)[:2], lam) for (n, h, _), lam in zip(SIZES, (0.3, 2.0), strict=True)
    ]


@exercise.hidden("sparsity_term")
def sparsity_of_several_examples(rng):
    """The sparsity of several examples, for several rho and beta."""
    return [
        Call("sparsity_term", examples(rng, h, m), rho, beta)
        for h, m, rho, beta in ((3, 7, 0.1, 0.8), (6, 4, 0.3, 3.0))
    ]


@exercise.hidden("sparsity_term")
def sparsity_of_quiet_units(rng):
    """Units that are almost off, or almost always on."""
    return [
        Call("sparsity_term", 0.03 * examples(rng, 4, 9), 0.05, 0.7),
        Call("sparsity_term", 1 - 0.05 * examples(rng, 4, 9), 0.6, 1.3),
    ]


@exercise.hidden("cost_and_grad")
def data_term_alone(rng):
    """The data term alone: lambda = beta = 0."""
    return [Call("cost_and_grad", packed(rng, n, h), examples(rng, n, m), h, 0.0, 0.2, 0.0) for n, h, m in SIZES]


@exercise.hidden("cost_and_grad")
def with_decay(rng):
    """With decay, without sparsity."""
    return [Call("cost_and_grad", packed(rng, n, h), examples(rng, n, m), h, 0.4, 0.2, 0.0) for n, h, m in SIZES]


@exercise.hidden("cost_and_grad")
def with_sparsity(rng):
    """With sparsity, without decay."""
    return [Call("cost_and_grad", packed(rng, n, h), examples(rng, n, m), h, 0.0, 0.1, 0.8) for n, h, m in SIZES]


@exercise.hidden("cost_and_grad", weight=2)
def all_terms(rng):
    """All terms, for several lambda, rho and beta."""
    settings = (0.3, 0.15, 0.9), (0.05, 0.4, 2.5)
    sized = zip(SIZES, settings, strict=True)
    return [Call("cost_and_grad", packed(rng, n, h), examples(rng, n, m), h, *terms) for (n, h, m), terms in sized]


@exercise.hidden("cost_and_grad")
def one_of_everything(rng):
    """One example; one hidden unit; one input."""
    sizes = (4, 3, 1), (4, 1, 5), (1, 3, 5)
    return [Call("cost_and_grad", packed(rng, n, h), examples(rng, n, m), h, 0.2, 0.3, 0.6) for n, h, m in sizes]


@exercise.hidden("cost_and_grad")
def large_weights(rng):
    """Weights so large that units are nearly off or on."""
    return [Call("cost_and_grad", 3 * packed(rng, 5, 3), examples(rng, 5, 7), 3, 0.1, 0.2, 0.5)]
