"""What a student may write for something else, by which factors a line goes wrong, and how to say either in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# what may stand for a piece of the page: of the same shape, or broadcast to it
INSTEAD = {
    "z2": ("a2", "np.tanh(z2)"),
    "a2": (
        *("z2", "sigmoid(a2)", "(a2 * (1 - a2))", "delta2", "rho_hat[:, None]", "(1 - a2)"),
        "(rho_hat[:, None] + 0 * a2)",
    ),
    "z3": ("a3", "np.tanh(z3)", "(z3 + X)"),
    "a3": ("z3", "X", "sigmoid(a3)", "(a3 * (1 - a3))", "delta3", "(1 - a3)"),
    "X": ("a3", "z3", "X.mean(axis=1)[:, None]", "X.mean()", "(1 - X)"),
    "W1": ("W2.T", "np.abs(W1)", "np.sign(W1)", "W1 ** 2", "W1.sum()"),
    "W2": ("W1.T", "np.abs(W2)", "np.sign(W2)", "W2 ** 2", "W2.sum()"),
    "W2.T": ("W2.reshape(n_hidden, n)", "np.linalg.pinv(W2)", "np.abs(W2).T"),
    "X.T": ("X.reshape(m, n)", "a3.T", "z3.T", "delta3.T", "(a3 - X).T"),
    "a2.T": ("a2.reshape(m, n_hidden)", "z2.T"),
    "m": ("n", "n_hidden", "(m - 1)", "(m + 1)", "(m * n)", "(m * n_hidden)", "(m * m)", "size", "np.sqrt(m)"),
    "rho": ("rho_hat", "(1 - rho)", "lam", "beta"),
    "rho_hat": (
        *("rho", "(1 - rho_hat)", "(a2.mean() + 0 * rho_hat)", "a2[:, 0]", "a2[:, -1]", "a2.sum(axis=1)", "kl"),
        "a2.max(axis=1)",
    ),
    "lam": ("beta", "rho", "1", "lam / m", "lam * m", "lam / n", "lam / n_hidden", "lam ** 2", "2 * lam", "lam / 2"),
    "beta": ("lam", "rho", "1", "beta / m", "beta * m", "beta / n", "beta / n_hidden", "beta ** 2", "lam * beta"),
    "delta2": (
        *("a2", "z2", "(W2.T @ delta3)", "(W2.T @ delta3 * a2 * (1 - a2))", "(W2.T @ delta3 + sparsity[:, None])"),
        "(W2.T @ (a3 - X))",
    ),
    "delta3": ("a3", "(a3 - X)", "(X - a3)", "z3", "X"),
    "kl": ("rho_hat", "np.abs(rho_hat - rho)", "(rho_hat - rho) ** 2"),
    "decay": ("np.sqrt(decay)", "decay ** 2"),
    "sparsity": ("rho_hat", "kl"),
    "sparsity[:, None]": (
        *("sparsity.sum()", "sparsity.mean()", "kl[:, None]", "rho_hat[:, None]"),
        *("np.tile(sparsity, m).reshape(n_hidden, m)", "sparsity[0]"),
    ),
    "b1": ("np.zeros_like(b1)", "2 * b1", "-b1", "b1[::-1]"),
    "b2": ("np.zeros_like(b2)", "2 * b2", "-b2", "b2[::-1]"),
    "b1[:, None]": (
        *("np.tile(b1, m).reshape(n_hidden, m)", "b1.sum()", "b1.mean()", "b1[0]", "b2.mean()"),
        "b2[:n_hidden, None]",
    ),
    "b2[:, None]": ("np.tile(b2, m).reshape(n, m)", "b2.sum()", "b2.mean()", "b2[0]", "b1.mean()"),
}
FACTORS = (
    *("-1", "2", "1 / 2", "4", "1 / 4", "m", "1 / m", "n", "1 / n", "n_hidden", "1 / n_hidden", "lam", "beta", "rho"),
    *("-2", "-1 / 2", "-m", "-1 / m", "2 * m", "2 / m", "1 / (2 * m)", "m / 2", "m / (m - 1)", "m * n", "1 / (m * n)"),
    *("n / m", "m / n", "1 / (m * m)", "(m - 1) / m", "m / (m + 1)", "m / n_hidden", "n_hidden / m", "0"),
)
WORDS = {
    "2 * m": "2 m",
    "lam": "lambda",
    "lam / 2": "lambda / 2",
    "lam / 2 * decay": "the weight decay",
    "lam * W1": "the weight decay",
    "lam * W2": "the weight decay",
    "decay": "the sum of squares",
    "(W1 * W1).sum()": "the sum of the squares of W1",
    "(W2 * W2).sum()": "the sum of the squares of W2",
    "sparsity[:, None]": "the sparsity part",
    "sparsity": "the derivative of the sparsity",
    "kl": "the KL divergence",
    "kl.sum()": "the KL divergence",
    "beta * kl.sum()": "the sparsity",
    "W2.T @ delta3": "what comes back through W2",
    "W2.T @ delta3 + sparsity[:, None]": "what comes back, with the sparsity,",
    "(W2.T @ delta3 + sparsity[:, None])": "what comes back, before f' is put in,",
    "(W2.T @ delta3 + sparsity[:, None]) * a2": "what comes back",
    "(W2.T @ delta3)": "what comes back through W2",
    "(W2.T @ delta3 * a2 * (1 - a2))": "the part of delta2 without the sparsity",
    "(W2.T @ (a3 - X))": "the error, sent back through W2 without f',",
    "(a3 - X) * a3": "the error",
    "W1 @ X": "the product with W1",
    "W2 @ a2": "the product with W2",
    "b1[:, None]": "the bias b1",
    "b2[:, None]": "the bias b2",
    "delta2 @ X.T": "the product with the inputs",
    "delta2 @ X.T / m": "the part that comes from the examples",
    "delta3 @ a2.T": "the product with the hidden activations",
    "delta3 @ a2.T / m": "the part that comes from the examples",
    "((a3 - X) ** 2).sum()": "the squared error",
    "((a3 - X) ** 2).sum() / (2 * m)": "the data term",
    "(log1p_exp(z3)[0] - X * z3).sum()": "the cross-entropy",
    "(log1p_exp(z3)[0] - X * z3).sum() / m": "the data term",
    "((a3 - X) ** 2).sum() / (2 * m) + lam / 2 * decay": "everything but the sparsity",
    "(log1p_exp(z3)[0] - X * z3).sum() / m + lam / 2 * decay": "everything but the sparsity",
    "log1p_exp(z3)[0]": "the logarithm in the cross-entropy",
    "-rho / rho_hat + (1 - rho) / (1 - rho_hat)": "the derivative of the KL divergence",
    "beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))": "the derivative of the sparsity",
    "a2.mean(axis=1)": "the mean over the examples",
    "a2.mean(axis=1) + 1": "the mean over the examples plus 1",
    "-rho / rho_hat": "the part of the units that are on",
    "(1 - rho) / (1 - rho_hat)": "the part of the units that are off",
    "rho * np.log(rho / rho_hat)": "the part of the units that are on",
    "(1 - rho) * np.log((1 - rho) / (1 - rho_hat))": "the part of the units that are off",
    "np.log(rho / rho_hat)": "the logarithm of the units that are on",
    "np.log((1 - rho) / (1 - rho_hat))": "the logarithm of the units that are off",
    "(rho_hat[:, None] + 0 * a2)": "rho_hat",
    "(a2.mean() + 0 * rho_hat)": "the mean of all a2",
    "a2[:, 0]": "a2 of the first example",
    "a2[:, -1]": "a2 of the last example",
    "a2.sum(axis=1)": "the sum of a2 over the examples",
    "a2.max(axis=1)": "the largest a2",
    "X.mean(axis=1)[:, None]": "the mean of X over the examples",
    "size": "the number of weights",
    "n": "the number of inputs",
    "n_hidden": "the number of hidden units",
    "W2.reshape(n_hidden, n)": "W2 reshaped instead of transposed",
    "X.reshape(m, n)": "X reshaped instead of transposed",
    "a2.reshape(m, n_hidden)": "a2 reshaped instead of transposed",
    "np.linalg.pinv(W2)": "the inverse of W2",
    "np.tile(sparsity, m).reshape(n_hidden, m)": "the sparsity, repeated along the wrong axis,",
    "np.tile(b1, m).reshape(n_hidden, m)": "the bias b1, repeated along the wrong axis,",
    "np.tile(b2, m).reshape(n, m)": "the bias b2, repeated along the wrong axis,",
    "np.zeros_like(b1)": "0",
    "np.zeros_like(b2)": "0",
    "b1[::-1]": "b1 in reverse order",
    "b2[::-1]": "b2 in reverse order",
    "b2[:n_hidden, None]": "the beginning of b2",
    "b1[0]": "the first entry of b1",
    "b2[0]": "the first entry of b2",
    "sparsity[0]": "the sparsity of the first unit",
}
FACTOR_WORDS = {
    "-1": "{it} has the wrong sign",
    "0": "{it} is missing",
    "2": "{it} is twice as large as it should be",
    "1 / 2": "{it} is half as large as it should be",
    "m": "{it} is m times too large: a mean over the examples is a sum",
    "1 / m": "{it} is divided by m once too often",
}


_more: ContextVar[dict[str, str]] = ContextVar("words of another page", default={})  # noqa: B039 (never changed)


@contextmanager
def spoken(more: dict[str, str]) -> Iterator[None]:
    """Let `words` know pieces of another page, too."""
    token = _more.set(more)
    try:
        yield
    finally:
        _more.reset(token)


def words(source: str) -> str:
    """Return a piece of the page in words, or as it is."""
    if source in (own := _more.get()):
        return own[source]
    if source in WORDS:
        return WORDS[source]
    if inside := re.fullmatch(r"\(([^()]*)\)", source):
        return words(inside[1])
    if transposed := re.fullmatch(r"\(?([^()]*)\)?\.T", source):
        return f"{transposed[1]} transposed"
    return source.replace("[:, None]", "").replace("np.", "").replace("lam", "lambda")


def listed(names: Iterable[str]) -> str:
    """Join names as in a sentence."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def factor_in_words(factor: str, it: str = "it") -> str:
    """Say what a factor too many means, of "it" or of "each"."""
    compact = factor.replace(" ", "").replace("*", " ").replace("lam", "lambda")
    where = "" if it == "it" else f" in {it}"
    return FACTOR_WORDS.get(factor, f"there is a factor {compact} too many{where}").format(it=it)
