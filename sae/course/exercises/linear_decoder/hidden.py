"""The linear decoder: the hidden tests."""

from sae.course import Call
from sae.course.autoencoders import packed, parameters

from .exercise import examples, exercise, whitening

SIZES = ((5, 3, 7), (2, 6, 4))  # n, n_hidden, m: none is another, and either n or n_hidden is larger


def asked(rng, settings):
    """Return a call of linear_cost_and_grad for each (n, n_hidden, m, lambda, rho, beta)."""
    return [
        Call("linear_cost_and_grad", packed(rng, n, n_hidden), examples(rng, n, m), n_hidden, *terms)
        for n, n_hidden, m, *terms in settings
    ]


@exercise.hidden("forward")
def activations(rng):
    """The activations of several examples, inputs, examples and units differing in number."""
    return [Call("forward", *parameters(rng, n, n_hidden), examples(rng, n, m)) for n, n_hidden, m in SIZES]


@exercise.hidden("forward")
def far_outputs(rng):
    """Large biases: outputs far from 0 to 1, and a single example."""
    W1, W2, b1, b2 = parameters(rng, 5, 3)
    return [Call("forward", W1, W2, 3 * b1, 20 * b2, examples(rng, 5, m)) for m in (7, 1)]


@exercise.hidden("output_delta")
def delta3(rng):
    """Delta3 of several examples."""
    return [Call("output_delta", examples(rng, n, m), examples(rng, n, m)) for n, _, m in SIZES]


@exercise.hidden("linear_cost_and_grad")
def data_term_alone(rng):
    """The data term alone: lambda = beta = 0."""
    return asked(rng, [(*size, 0.0, 0.2, 0.0) for size in SIZES])


@exercise.hidden("linear_cost_and_grad")
def with_decay(rng):
    """With decay, without sparsity."""
    return asked(rng, [(*size, 0.4, 0.2, 0.0) for size in SIZES])


@exercise.hidden("linear_cost_and_grad")
def with_sparsity(rng):
    """With sparsity, without decay."""
    return asked(rng, [(*size, 0.0, 0.1, 0.8) for size in SIZES])


@exercise.hidden("linear_cost_and_grad", weight=2)
def all_terms(rng):
    """All terms, for several lambda, rho and beta."""
    return asked(rng, [(*SIZES[0], 0.3, 0.15, 0.9), (*SIZES[1], 0.05, 0.4, 2.5)])


@exercise.hidden("linear_cost_and_grad")
def one_of_everything(rng):
    """One example; one hidden unit; one input."""
    return asked(rng, [(*size, 0.2, 0.3, 0.6) for size in ((4, 3, 1), (4, 1, 5), (1, 3, 5))])


@exercise.hidden("features")
def other_sizes(rng):
    """Other numbers of inputs and hidden units."""
    return [Call("features", 10 * parameters(rng, n, n_hidden)[0], whitening(rng, n)) for n, n_hidden, _ in SIZES]


@exercise.hidden("features")
def small_weights(rng):
    """Weights of 1e-4 and less, as of units that the decay has nearly put out."""
    return [Call("features", 1e-4 * parameters(rng, 6, 4)[0], 0.1 * whitening(rng, 6))]
