"""Stacked fine-tuning: the hidden tests."""

from sae.course import Call

from .exercise import activations, anything, clear, exercise, large, problem


@exercise.hidden("forward")
def with_biases(rng):
    """With biases, several examples."""
    W1, b1, W2, b2, _, X, _, _ = problem(rng)
    return [Call("forward", W1, b1, W2, b2, X)]


@exercise.hidden("forward")
def one_size(rng):
    """All layers of one size, where a wrong order of factors runs, too."""
    W1, b1, W2, b2, _, X, _, _ = problem(rng, 4, 4, 4, 4, 4)
    return [Call("forward", W1, b1, W2, b2, X)]


@exercise.hidden("softmax_layer")
def other_sizes(rng):
    """Other numbers of units, classes and examples."""
    return [
        Call("softmax_layer", *activations(rng, 2, n3, k, m)[1::3]) for n3, k, m in ((3, 4, 7), (5, 3, 8), (4, 4, 4))
    ]


@exercise.hidden("softmax_layer")
def large_weights(rng):
    """Weights so large that exp(z) is infinite."""
    W_s, a3 = activations(rng)[1::3]
    return [Call("softmax_layer", 1e7 * W_s, a3)]


@exercise.hidden("backward")
def several(rng):
    """Layers of different sizes, several examples."""
    return [Call("backward", *activations(rng)), Call("backward", *activations(rng, 2, 6, 3, 5))]


@exercise.hidden("backward")
def same_size(rng):
    """Layers of one size, where the wrong W runs, too."""
    return [Call("backward", *activations(rng, 4, 4, 4, 4))]


@exercise.hidden("cost_and_grad")
def with_decay(rng):
    """Several examples, with decay."""
    return [Call("cost_and_grad", *problem(rng, lam=lam)) for lam in (0.3, 1.7)]


@exercise.hidden("cost_and_grad")
def layers_of_one_size(rng):
    """Layers of one size, where the wrong W or delta runs, too."""
    return [Call("cost_and_grad", *problem(rng, 4, 4, 4, 4, 4))]


@exercise.hidden("cost_and_grad")
def more_classes_than_examples(rng):
    """More classes than examples, and than units."""
    return [Call("cost_and_grad", *problem(rng, 2, 3, 2, 6, 4))]


@exercise.hidden("cost_and_grad")
def large_softmax(rng):
    """Weights of the softmax so large that exp(z) is infinite."""
    return [Call("cost_and_grad", *large(problem(rng)))]


@exercise.hidden("predict", weight=2)
def many(rng):
    """Many networks of all sizes."""
    networks = [clear(*anything(rng)[:6]) for _ in range(200)]
    return [Call("predict", *network) for network in networks if network[-1].size]
