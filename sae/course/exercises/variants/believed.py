"""Denoising and contractive autoencoders: what is believed wrongly."""

from sae.course import Misconception

TARGET = "the network sees the corrupt copy, but what it is to give back is X, the clean one"
INVERTED = "the mask is 1 where a value stays, not where it goes"

DENOISING = [
    (
        TARGET,
        "E4",
        {
            "J": "((a3 - corrupted) ** 2).sum() / (2 * m) + lam / 2 * decay",
            "delta3": "(a3 - corrupted) * a3 * (1 - a3)",
        },
    ),
    (f"{TARGET}; in J it is, in delta3 it isn't", "E5", {"delta3": "(a3 - corrupted) * a3 * (1 - a3)"}),
    (
        "the input of the first layer is the corrupt copy, so it is what grad_W1 is made with, not X",
        "E7",
        {"grad_W1": "delta2 @ X.T / m + lam * W1"},
    ),
    ("the network gets X itself: nothing is corrupted", "Q1", {"corrupted": "X"}),
    (INVERTED, "Q1", {"corrupted": "(1 - mask) * X"}),
    (
        "the error counts in all values, also in those that the mask took away",
        "E4",
        {"J": "(mask * (a3 - X) ** 2).sum() / (2 * m) + lam / 2 * decay", "delta3": "mask * (a3 - X) * a3 * (1 - a3)"},
    ),
    (
        "the error counts in all values, also in those that the mask let through",
        "E4",
        {
            "J": "((1 - mask) * (a3 - X) ** 2).sum() / (2 * m) + lam / 2 * decay",
            "delta3": "(1 - mask) * (a3 - X) * a3 * (1 - a3)",
        },
    ),
    (
        "the mean over examples is missing, in J and in the gradient",
        "E4",
        {
            "J": "((a3 - X) ** 2).sum() / 2 + lam / 2 * decay",
            "grad_W1": "delta2 @ corrupted.T + lam * W1",
            "grad_W2": "delta3 @ a2.T + lam * W2",
            "grad_b1": "delta2.sum(axis=1)",
            "grad_b2": "delta3.sum(axis=1)",
        },
    ),
    (
        "the squared error has a factor 1/2, in J and so in the gradient",
        "E4",
        {"J": "((a3 - X) ** 2).sum() / m + lam / 2 * decay", "delta3": "2 * (a3 - X) * a3 * (1 - a3)"},
    ),
    (
        "the weight decay is not divided by m, neither in J nor in the gradient",
        "E4",
        {
            "J": "((a3 - X) ** 2).sum() / (2 * m) + lam / (2 * m) * decay",
            "grad_W1": "(delta2 @ corrupted.T + lam * W1) / m",
            "grad_W2": "(delta3 @ a2.T + lam * W2) / m",
        },
    ),
    (
        "the weight decay has lambda / 2 in J and lambda in the gradient",
        "E4",
        {
            "J": "((a3 - X) ** 2).sum() / (2 * m) + lam * decay",
            "grad_W1": "delta2 @ corrupted.T / m + 2 * lam * W1",
            "grad_W2": "delta3 @ a2.T / m + 2 * lam * W2",
        },
    ),
    (
        "the weight decay is missing, in J and in the gradient",
        "E4",
        {"J": "((a3 - X) ** 2).sum() / (2 * m)", "grad_W1": "delta2 @ corrupted.T / m", "grad_W2": "delta3 @ a2.T / m"},
    ),
]
NOT_SQUARED = "f' is squared in the norm of the Jacobian, it isn't here"
NO_PATH = "P depends on W1 and b1 also through a2, by way of f'; that path is missing"
NO_DIRECT = "P depends on W1 also directly, by its norms; that part is missing"
NO_MEAN = "P is a mean over the examples: 1/m is missing, in P and in its gradient"
DIRECT_OUTSIDE = "the direct part is a sum over the examples, too: it is divided by m as the other one"
CONTRACTION = [
    (NO_PATH, "K3", {"d_a2": "0 * a2"}),
    (NO_DIRECT, "K3", {"d_W1": "0 * W1"}),
    (
        NO_MEAN,
        "K2",
        {"P": "gamma * (squares * norms).sum()", "grad_W1": "delta2 @ X.T + d_W1", "grad_b1": "delta2.sum(axis=1)"},
    ),
    (NOT_SQUARED, "K2", {"squares": "slope.sum(axis=1)", "d_a2": "gamma * (1 - 2 * a2) * norms[:, None]"}),
    (
        "f' is squared in P, too, not in its gradient alone",
        "K2",
        {"P": "gamma * (slope.sum(axis=1) * norms).sum() / m"},
    ),
    (
        "there is no factor 1/2 in P: its derivative keeps the 2",
        "K3",
        {"d_a2": "gamma * slope * (1 - 2 * a2) * norms[:, None]", "d_W1": "gamma * squares[:, None] * W1"},
    ),
    (
        "P has no factor 1/2, unlike the squared error",
        "K2",
        {
            "P": "gamma * (squares * norms).sum() / (2 * m)",
            "d_a2": "gamma * slope * (1 - 2 * a2) * norms[:, None]",
            "d_W1": "gamma * squares[:, None] * W1",
        },
    ),
    ("the derivative in a2 has to go on to z2: it is multiplied by f'", "K4", {"delta2": "d_a2"}),
    (
        "the derivative of a2 (1 - a2) in a2 is 1 - 2 a2, not 1 - a2",
        "K3",
        {"d_a2": "2 * gamma * slope * (1 - a2) * norms[:, None]"},
    ),
    (DIRECT_OUTSIDE, "K5", {"grad_W1": "delta2 @ X.T / m + d_W1"}),
    (
        "each hidden unit has a norm of its own, that of its row of W1: these are the norms of all together",
        "K2",
        {"norms": "(W1 * W1).sum() + 0 * b1"},
    ),
    ("the norm of each row of W1 is squared", "K2", {"norms": "np.sqrt((W1 * W1).sum(axis=1))"}),
    (
        "the norm of the Jacobian is squared: a sum of squares without a root",
        "K2",
        {"P": "gamma * np.sqrt(slope * slope * norms[:, None]).sum() / m"},
    ),
    (
        "the square root of the sum over the units stands where the sum belongs: the norm is squared",
        "K2",
        {"P": "gamma * np.sqrt((slope * slope * norms[:, None]).sum(axis=0)).sum() / m"},
    ),
    (
        "each example has a Jacobian of its own, its squared norm is averaged; this is the norm of a mean Jacobian",
        "K2",
        {"squares": "m * slope.mean(axis=1) ** 2"},
    ),
]
CONTRACTIVE = [
    (NO_PATH, "E6", {"d_a2": "0 * a2"}),
    (NO_DIRECT, "E7", {"d_W1": "0 * W1"}),
    ("the contraction is missing in the gradient", "K3", {"d_a2": "0 * a2", "d_W1": "0 * W1"}),
    (
        "the derivative of P in a2 stands inside, before f', as that of the sparsity does",
        "E6",
        {"delta2": "(W2.T @ delta3) * slope + d_a2"},
    ),
    (
        "the contraction is a mean over the examples: 1/m is missing, in J and in the gradient",
        "K6",
        {
            "J": "((a3 - X) ** 2).sum() / (2 * m) + gamma * (squares * norms).sum()",
            "d_a2": "2 * m * gamma * slope * (1 - 2 * a2) * norms[:, None]",
            "d_W1": "2 * m * gamma * squares[:, None] * W1",
        },
    ),
    (
        "the contraction has no factor 1/2, unlike the squared error",
        "K6",
        {
            "J": "((a3 - X) ** 2).sum() / (2 * m) + gamma * (squares * norms).sum() / (2 * m)",
            "d_a2": "gamma * slope * (1 - 2 * a2) * norms[:, None]",
            "d_W1": "gamma * squares[:, None] * W1",
        },
    ),
    (NOT_SQUARED, "K2", {"squares": "slope.sum(axis=1)", "d_a2": "gamma * (1 - 2 * a2) * norms[:, None]"}),
    (
        "only the encoder is contracted: the norms are those of W1, not of W2",
        "K2",
        {"norms": "(W2 * W2).sum(axis=0)", "d_W1": "0 * W1"},
    ),
    (DIRECT_OUTSIDE, "E7", {"grad_W1": "delta2 @ X.T / m + d_W1"}),
    (
        "the contraction is missing, in J and in the gradient",
        "K6",
        {"J": "((a3 - X) ** 2).sum() / (2 * m)", "d_a2": "0 * a2", "d_W1": "0 * W1"},
    ),
    (
        "it is added: a small Jacobian is what is asked for",
        "K6",
        {
            "J": "((a3 - X) ** 2).sum() / (2 * m) - gamma * (squares * norms).sum() / m",
            "d_a2": "-2 * gamma * slope * (1 - 2 * a2) * norms[:, None]",
            "d_W1": "-2 * gamma * squares[:, None] * W1",
        },
    ),
    (
        "the squared error is a mean over the examples with a factor 1/2, in J and in the gradient",
        "K6",
        {
            "J": "((a3 - X) ** 2).sum() / m + gamma * (squares * norms).sum() / m",
            "delta3": "2 * (a3 - X) * a3 * (1 - a3)",
        },
    ),
]
MISCONCEPTIONS = [
    Misconception("corrupt", "Q1", INVERTED, {"corrupted": "(1 - mask) * X"}),
    Misconception(
        "corrupt",
        "Q1",
        "what the mask takes away becomes 0; what it lets through stays as it is, without a factor to make up for it",
        {"corrupted": "mask * X / mask.mean()"},
    ),
    Misconception("jacobian", "K1", "f'(z2) is missing: the Jacobian is not W1 alone", {"slope": "np.ones_like(a2)"}),
    Misconception(
        "jacobian",
        "K1",
        "a row belongs to a hidden unit and a column to an input, not the other way round",
        {"Jacobian": "(slope[:, None] * W1).T"},
    ),
    Misconception(
        "jacobian",
        "K1",
        "the derivative of the sigmoid is a2 (1 - a2), not z2 (1 - z2)",
        {"slope": "(W1 @ x + b1) * (1 - (W1 @ x + b1))"},
    ),
    Misconception(
        "jacobian",
        "K1",
        "the Jacobian has f' once; it is squared in (K2) only",
        {"Jacobian": "slope[:, None] ** 2 * W1"},
    ),
    *(Misconception("denoising_cost_and_grad", tag, sentence, edits) for sentence, tag, edits in DENOISING),
    *(Misconception("contraction", tag, sentence, edits) for sentence, tag, edits in CONTRACTION),
    *(Misconception("contractive_cost_and_grad", tag, sentence, edits) for sentence, tag, edits in CONTRACTIVE),
]
