"""Stacked fine-tuning: what is believed wrongly, beside the slips of the pen that are made by rule."""

from sae.course import Misconception

MISCONCEPTIONS = [
    Misconception(
        *("softmax_layer", "Y2", "exp(z) overflows for large weights: something must be subtracted before"),
        {"log_p": "z - np.log(np.exp(z).sum(axis=0))"},
    ),
    Misconception(
        *("softmax_layer", "Y2", "what is subtracted belongs to each example, not to all of them together"),
        {"c": "z.max()"},
    ),
    Misconception(
        *("softmax_layer", "Y2", "log p is taken of a p that underflows to 0; it can be had without p"),
        {"log_p": "np.log(np.exp(z - c) / np.exp(z - c).sum(axis=0))"},
    ),
    Misconception(
        *("softmax_layer", "Y2", "the probabilities of an example sum to 1, not those of a class"),
        {"log_p": "z - c - np.log(np.exp(z - c).sum(axis=1))[:, None]"},
    ),
    *(
        Misconception(function, tag, sentence, edits)
        for function in ("backward", "cost_and_grad")
        for tag, sentence, edits in (
            ("D5", "f' is missing in both hidden layers", {"delta3": "e3", "delta2": "e2"}),
            ("D5", "f' is missing in the upper hidden layer", {"delta3": "e3"}),
            ("D5", "f' is missing in the lower hidden layer", {"delta2": "e2"}),
            ("D5", "f' of the upper hidden layer is taken at the layer below", {"delta3": "e3 * a2 * (1 - a2)"}),
            ("D5", "f' of the lower hidden layer is taken at the layer above", {"delta2": "e2 * a3 * (1 - a3)"}),
            (
                *("D5", "f' is taken at a, which went through f already, in place of z"),
                {
                    "delta3": "e3 * sigmoid(a3) * (1 - sigmoid(a3))",
                    "delta2": "e2 * sigmoid(a2) * (1 - sigmoid(a2))",
                },
            ),
            ("D6", "the error of the softmax goes past the upper hidden layer", {"e2": "W_s.T @ delta"}),
            ("D6", "what is sent down is the error before f', not delta", {"e2": "W2.T @ e3"}),
        )
    ),
    Misconception(
        *("cost_and_grad", "D3", "all weights decay, but here only those of the softmax do"),
        {
            "J": "-log_p[y, np.arange(m)].sum() / m + lam / 2 * ((W_s**2).sum() + (W2**2).sum() + (W1**2).sum())",
            "grad_W2": "delta3 @ a2.T / m + lam * W2",
            "grad_W1": "delta2 @ X.T / m + lam * W1",
        },
    ),
    Misconception(
        *("cost_and_grad", "D8", "the hidden layers decay in the gradient, and not in J"),
        {"grad_W2": "delta3 @ a2.T / m + lam * W2", "grad_W1": "delta2 @ X.T / m + lam * W1"},
    ),
    Misconception(
        *("cost_and_grad", "D3", "the decay is divided by the number of examples, too"),
        {
            "J": "(-log_p[y, np.arange(m)].sum() + lam / 2 * (W_s * W_s).sum()) / m",
            "grad_W_s": "(delta @ a3.T + lam * W_s) / m",
        },
    ),
    Misconception(
        *("cost_and_grad", "D3", "the 1/2 of the decay is missing, in J and in the gradient"),
        {
            "J": "-log_p[y, np.arange(m)].sum() / m + lam * (W_s * W_s).sum()",
            "grad_W_s": "delta @ a3.T / m + 2 * lam * W_s",
        },
    ),
    Misconception(
        *("cost_and_grad", "D3", "there is no decay"),
        {"J": "-log_p[y, np.arange(m)].sum() / m", "grad_W_s": "delta @ a3.T / m"},
    ),
    Misconception(
        *("cost_and_grad", "D4", "the columns of the indicator are examples: y is laid along the wrong axis"),
        {"indicator": "(np.arange(len(W_s)) == y[:, None]).reshape(log_p.shape)"},
    ),
    Misconception(
        *("cost_and_grad", "D4", "the derivative of the softmax is in delta already, and comes once more"),
        {"delta": "(np.exp(log_p) - indicator) * np.exp(log_p) * (1 - np.exp(log_p))"},
    ),
    Misconception(
        *("cost_and_grad", "D4", "W_s is changed before the error is sent back through it"),
        {"e3": "(W_s - delta @ a3.T / m - lam * W_s).T @ delta"},
    ),
    Misconception(
        *("cost_and_grad", "D4", "the decay of W_s is sent back with the error: it concerns W_s alone"),
        {"e3": "W_s.T @ delta + lam * W_s.sum(axis=0)[:, None]"},
    ),
    Misconception(
        *("cost_and_grad", "D7", "1/m stands in delta, and once more in the gradients"),
        {"delta": "(np.exp(log_p) - indicator) / m"},
    ),
    Misconception(
        *("cost_and_grad", "D9", "J is a mean over the examples, the gradients are sums"),
        {
            "grad_W_s": "delta @ a3.T + lam * W_s",
            "grad_W2": "delta3 @ a2.T",
            "grad_W1": "delta2 @ X.T",
            "grad_b2": "delta3.sum(axis=1)",
            "grad_b1": "delta2.sum(axis=1)",
        },
    ),
    Misconception(
        *("cost_and_grad", "D9", "1/m is missing in the hidden layers"),
        {
            "grad_W2": "delta3 @ a2.T",
            "grad_W1": "delta2 @ X.T",
            "grad_b2": "delta3.sum(axis=1)",
            "grad_b1": "delta2.sum(axis=1)",
        },
    ),
    Misconception(
        *("cost_and_grad", "D3", "J and the gradients are sums over the examples, not means"),
        {
            "J": "-log_p[y, np.arange(m)].sum() + lam / 2 * (W_s * W_s).sum()",
            "grad_W_s": "delta @ a3.T + lam * W_s",
            "grad_W2": "delta3 @ a2.T",
            "grad_W1": "delta2 @ X.T",
            "grad_b2": "delta3.sum(axis=1)",
            "grad_b1": "delta2.sum(axis=1)",
        },
    ),
    Misconception(
        *("cost_and_grad", "D8", "the delta of the upper hidden layer is used for the lower one, too"),
        {"grad_W1": "delta3 @ X.T / m", "grad_b1": "delta3.sum(axis=1) / m"},
    ),
    Misconception(
        *("cost_and_grad", "D8", "the layer's own activations stand where those that go into it belong"),
        {"grad_W2": "delta3 @ a3.T / m", "grad_W1": "delta2 @ a2.T / m"},
    ),
    Misconception(
        *("predict", "D2", "the class is looked for along the wrong axis"),
        {"classes": "z.argmax(axis=1)"},
    ),
]

INSTEAD = {
    "X": ("(1 - X)",),
    "a2": ("X", "a3", "sigmoid(a2)"),
    "a3": ("a2", "sigmoid(a3)"),
    "W1": ("W2",),
    "W2": ("W1",),
    "W_s": ("W2",),
    "X.T": ("a2.T", "X.reshape(X.T.shape)"),
    "a2.T": ("X.T", "a3.T", "a2.reshape(a2.T.shape)"),
    "a3.T": ("a2.T", "a3.reshape(a3.T.shape)"),
    "W2.T": ("W_s.T", "W1.T", "W2.reshape(W2.T.shape)"),
    "W_s.T": ("W2.T", "W_s.reshape(W_s.T.shape)"),
    "b1[:, None]": ("b1.sum()", "b1[0]", "b2[:, None]"),
    "b2[:, None]": ("b2.sum()", "b2[0]", "b1[:, None]"),
    "m": ("len(X)", "(m - 1)", "log_p.size", "len(W_s)"),
    "log_p": ("np.exp(log_p)",),
    "delta": ("indicator", "np.exp(log_p)"),
    "delta3": ("delta2", "e3"),
    "delta2": ("delta3", "e2"),
    "e3": ("delta",),
    "e2": ("delta3", "e3"),
    "y": ("(y - 1)",),
}

WORDS = {
    "W1 @ X": "the product with W1",
    "W2 @ a2": "the product with W2",
    "W_s @ a3": "the product with W_s",
    "z.max(axis=0)": "the largest z of each example",
    "z - c": "z less its maximum",
    "np.exp(log_p)": "p",
    "indicator": "the indicator of the class",
    "W_s.T @ delta": "what comes back through W_s",
    "W2.T @ delta3": "what comes back through W2",
    "e3": "the error that arrives from above",
    "e2": "the error that arrives from above",
    "e3 * a3": "the error, with half of f',",
    "e2 * a2": "the error, with half of f',",
    "1 - a3": "1 less a3",
    "1 - a2": "1 less a2",
    "delta @ a3.T": "the product with the activations",
    "delta3 @ a2.T": "the product with the activations",
    "delta2 @ X.T": "the product with the inputs",
    "delta @ a3.T / m": "the part that comes from the examples",
    "lam * W_s": "the weight decay",
    "(W_s * W_s).sum()": "the sum of the squares of W_s",
    "lam / 2 * (W_s * W_s).sum()": "the weight decay",
    "-log_p[y, np.arange(m)].sum()": "the sum of -log p",
    "-log_p[y, np.arange(m)].sum() / m": "the mean of -log p",
    "log_p[y, np.arange(m)].sum()": "the sum of log p",
    "log_p.size": "the number of examples times that of classes",
    "len(W_s)": "the number of classes",
    "len(X)": "the number of inputs",
    "X.reshape(X.T.shape)": "X reshaped instead of transposed",
    "a2.reshape(a2.T.shape)": "a2 reshaped instead of transposed",
    "a3.reshape(a3.T.shape)": "a3 reshaped instead of transposed",
    "W2.reshape(W2.T.shape)": "W2 reshaped instead of transposed",
    "W_s.reshape(W_s.T.shape)": "W_s reshaped instead of transposed",
}
