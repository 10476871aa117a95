"""Softmax regression: what is believed wrongly, what is written by mistake, and how to say it."""

from sae.course import Misconception

LARGEST = "subtract the largest z before exp, or it overflows where W is large"
ITS_OWN = (
    "the z that is subtracted is the largest of the example, each has its own; after the largest of all examples, some "
    "example has nothing left but exp(z) = 0"
)
FROM_0 = "the classes are counted from 0, not from 1"

MISCONCEPTIONS = [
    Misconception(
        "probabilities",
        "Y2",
        "the probabilities of an example sum to 1, not those of a class",
        {"p": "e / e.sum(axis=1)[:, None]"},
    ),
    Misconception(
        "probabilities",
        "Y2",
        "the probabilities of each example sum to 1, not those of all examples",
        {"p": "e / e.sum()"},
    ),
    Misconception("probabilities", "Y2", LARGEST, {"c": "0 * z.max(axis=0)"}),
    Misconception("probabilities", "Y2", ITS_OWN, {"c": "z.max()"}),
    Misconception(
        "probabilities",
        "Y2",
        "the z that is subtracted is the largest of an example, a column; this is that of a class, a row",
        {"c": "z.max(axis=1)[:, None]"},
    ),
    Misconception(
        "probabilities",
        "Y2",
        "the mean of z is subtracted; exp can still overflow where the largest would not let it",
        {"c": "z.mean(axis=0)"},
    ),
    Misconception("indicator", "Y4", FROM_0, {"Y": "np.where(np.arange(1, k + 1)[:, None] == y, 1.0, 0.0)"}),
    Misconception(
        "indicator",
        "Y4",
        "the classes that occur in y need not be all k",
        {"Y": "np.where(np.arange(y.max() + 1)[:, None] == y, 1.0, 0.0)"},
    ),
    Misconception(
        "indicator",
        "Y4",
        "a row belongs to a class and a column to an example, not the other way round",
        {"Y": "np.where(np.arange(k)[:, None] == y, 1.0, 0.0).T"},
    ),
    Misconception(
        "indicator", "Y4", "0 and 1 are the wrong way round", {"Y": "np.where(np.arange(k)[:, None] == y, 0.0, 1.0)"}
    ),
    Misconception(
        "cost_and_grad",
        "Y3",
        "the weight decay is not divided by m, neither in J nor in the gradient",
        {"J": "(-chosen.sum() + lam / 2 * decay) / m", "grad_W": "(delta @ X.T + lam * W) / m"},
    ),
    Misconception(
        "cost_and_grad",
        "Y3",
        "the first term is a mean over the examples, not a sum; so is its gradient",
        {"J": "-chosen.sum() + lam / 2 * decay", "grad_W": "delta @ X.T + lam * W"},
    ),
    Misconception(
        "cost_and_grad",
        "Y3",
        "J is to be made small: what it adds is minus the logarithm",
        {"J": "chosen.sum() / m + lam / 2 * decay", "grad_W": "-delta @ X.T / m + lam * W"},
    ),
    Misconception(
        "cost_and_grad",
        "Y3",
        "the weight decay has lambda / 2 in J and lambda in the gradient",
        {"J": "-chosen.sum() / m + lam * decay", "grad_W": "delta @ X.T / m + 2 * lam * W"},
    ),
    Misconception(
        "cost_and_grad",
        "Y3",
        "the weight decay has lambda / 2 in J and lambda in the gradient",
        {"J": "-chosen.sum() / m + lam / 2 * decay", "grad_W": "delta @ X.T / m + lam / 2 * W"},
    ),
    Misconception(
        "cost_and_grad",
        "Y3",
        "the weight decay is missing, in J and in the gradient",
        {"J": "-chosen.sum() / m", "grad_W": "delta @ X.T / m"},
    ),
    Misconception(
        "cost_and_grad",
        "Y4",
        FROM_0,
        {"Y": "np.where(np.arange(1, k + 1)[:, None] == y, 1.0, 0.0)", "chosen": "log_p[y - 1, np.arange(m)]"},
    ),
    Misconception(
        "cost_and_grad",
        "Y2",
        "the logarithm of a p that rounds to 0 is infinite: take log p from (Y2) as it stands there",
        {"chosen": "np.log(np.exp(log_p))[y, np.arange(m)]"},
    ),
    Misconception(
        "cost_and_grad",
        "Y2",
        "something was added to p to keep its logarithm finite; that changes J: take log p from (Y2)",
        {"chosen": "np.log(np.exp(log_p) + 1e-9)[y, np.arange(m)]"},
    ),
    Misconception("cost_and_grad", "Y2", LARGEST, {"c": "0 * z.max(axis=0)"}),
    Misconception("cost_and_grad", "Y2", ITS_OWN, {"c": "z.max()"}),
    Misconception(
        "cost_and_grad",
        "Y4",
        "delta is p - 1{y = j} in all rows, not in the row of the right class alone",
        {"delta": "(np.exp(log_p) - Y) * Y"},
    ),
    Misconception(
        "cost_and_grad",
        "Y4",
        "the derivative of a squared error stands where that of -log p belongs: there is no p (1 - p) in delta",
        {"delta": "(np.exp(log_p) - Y) * np.exp(log_p) * (1 - np.exp(log_p))"},
    ),
    Misconception(
        "predict",
        "Y2",
        "the most probable class is the one with the largest z, not the smallest",
        {"classes": "z.argmin(axis=0)"},
    ),
    Misconception("predict", "Y2", FROM_0, {"classes": "z.argmax(axis=0) + 1"}),
    Misconception(
        "predict",
        "Y2",
        "the largest of each example is asked for, a column; this is the largest of each class",
        {"classes": "z.argmax(axis=1)"},
    ),
    Misconception(
        "predict",
        "Y2",
        "exp overflows where W is large; the largest z says as much as the largest p",
        {"classes": "(np.exp(z) / np.exp(z).sum(axis=0)).argmax(axis=0)"},
    ),
]

INSTEAD = {
    "z": ("(-z)", "(z + 1)", "np.tanh(z)", "z ** 2"),
    "W": ("np.abs(W)", "np.sign(W)", "W ** 2", "W.sum()", "W - W.mean(axis=0)"),
    "log_p": ("np.exp(log_p)", "z", "(z - c)"),
    "np.exp(log_p)": ("log_p", "z"),
    "chosen": ("log_p", "np.exp(chosen)"),
    "decay": ("np.sqrt(decay)", "decay ** 2", "(W[:, 1:] ** 2).sum()"),
    "Y": ("(1 - Y)", "Y[::-1]", "Y.mean(axis=1)[:, None]"),
    "delta": ("(delta - delta.mean(axis=0))", "delta ** 2", "np.abs(delta)", "Y"),
    "y": ("(y - 1)", "y[::-1]", "np.sort(y)"),
    "m": ("k", "len(X)", "(m - 1)", "(m * k)", "np.sqrt(m)"),
    "X.T": ("X.reshape(m, -1)",),
    "z - c": ("(c - z)",),
}

WORDS = {
    "z - c": "z, less the largest,",
    "delta @ X.T": "the product of delta with the inputs",
    "delta @ X.T / m": "the part that comes from the examples",
    "chosen": "log p of the right class",
    "chosen.sum()": "the sum of log p of the right classes",
    "chosen.sum() / m": "the mean of log p of the right classes",
    "-chosen.sum() / m": "the mean of -log p",
    "lam / 2 * decay": "the weight decay",
    "lam * W": "the weight decay",
    "(W * W).sum()": "the sum of the squares of W",
    "np.exp(log_p)": "p",
    "np.exp(chosen)": "p of the right class",
    "np.exp(z - c).sum(axis=0)": "the sum of the exponentials",
    "np.log(np.exp(z - c).sum(axis=0))": "the logarithm of the sum",
    "e.sum(axis=0)": "the sum of the exponentials",
    "k": "the number of classes",
    "len(X)": "the number of inputs",
    "(1 - Y)": "1 minus the indicator",
    "Y": "the indicator",
    "(W[:, 1:] ** 2).sum()": "the sum of squares without the first input",
    "Y.mean(axis=1)[:, None]": "the frequency of each class",
    "Y[::-1]": "the indicator with its rows in reverse order",
    "(delta - delta.mean(axis=0))": "delta less its mean",
    "X.reshape(m, -1)": "X reshaped instead of transposed",
    "y[::-1]": "y in reverse order",
    "np.sort(y)": "y, sorted,",
}
