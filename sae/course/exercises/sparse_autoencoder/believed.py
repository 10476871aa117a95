"""What is believed wrongly of the pieces; for cost_and_grad the library's catalogue knows it."""

from sae.course import Misconception

COLUMNS = "theta holds each matrix row by row, not column by column as in MATLAB"
ORDER = "theta holds both weight matrices first, then both biases"
NOT_DIVIDED = "J is a mean over the examples, and so is its gradient: 1/m is missing in one of them"
LAST = "each example adds to the gradient; here only the last one is left"
SLOPE2 = "the error comes back through W2 and is then multiplied by f'(z2)"
SLOPE3 = "delta3 is the error multiplied by f'(z3)"
SHORT = "f' = a (1 - a) is written in a, not in z"
HALF = "the 1/2 of (E4) cancels the 2 of the square's derivative; here it is missing in one of them"
EACH = "the KL divergence is taken of the mean activation rho_hat, not of each example"
REVERSED = "the KL divergence is that of rho_hat from rho, with rho in front of the logarithm"
ONE_SIDE = "a unit is on with probability rho and off with 1 - rho: the KL divergence has two parts"

LOOPS = ("grad_W1", "grad_W2", "grad_b1", "grad_b2")
SUMMED = {"grad_W1": "np.outer(delta2, x)", "grad_W2": "np.outer(delta3, a2)", "grad_b1": "delta2", "grad_b2": "delta3"}
MEANS = {
    "grad_W1": "delta2 @ X.T / {}", "grad_W2": "delta3 @ a2.T / {}",
    "grad_b1": "delta2.sum(axis=1) / {}", "grad_b2": "delta3.sum(axis=1) / {}",
}  # fmt: skip


def of_theta():
    """Yield what is believed of (E0)."""
    unpacked = {"W1": "theta[:size].reshape(n_hidden, n, order='F')",
                "W2": "theta[size:2 * size].reshape(n, n_hidden, order='F')"}  # fmt: skip
    late = "theta[size + n_hidden:2 * size + n_hidden].reshape(n, n_hidden)"
    yield Misconception("unpack", "E0", COLUMNS, unpacked)
    yield Misconception("unpack", "E0", ORDER, {"b1": "theta[size:size + n_hidden]", "W2": late})
    yield Misconception(
        "unpack",
        "E0",
        "W1 comes before W2",
        {"W1": "theta[size:2 * size].reshape(n_hidden, n)", "W2": "theta[:size].reshape(n, n_hidden)"},
    )
    yield Misconception(
        "unpack", "E0", "b1 comes before b2", {"b1": "theta[2 * size + n:]", "b2": "theta[2 * size:2 * size + n]"}
    )
    yield Misconception("unpack", "E0", "the weights are not tied: W2 is not W1 transposed", {"W2": "W1.T"})
    for sentence, order in {
        COLUMNS: "W1.ravel(order='F'), W2.ravel(order='F'), b1, b2",
        ORDER: "W1.ravel(), b1, W2.ravel(), b2",
        "W1 comes before W2": "W2.ravel(), W1.ravel(), b1, b2",
        "b1 comes before b2": "W1.ravel(), W2.ravel(), b2, b1",
    }.items():
        yield Misconception("pack", "E0", sentence, {"theta": f"np.concatenate([{order}])"})


def of_data_term():
    """Yield what is believed of the data term, with loops and without."""
    loops, at_once = "data_term_loops", "data_term"
    yield Misconception(loops, "E7", NOT_DIVIDED, SUMMED)
    yield Misconception(loops, "E4", NOT_DIVIDED, {"J": "((a3 - x) ** 2).sum() / 2"})
    both = "J and its gradient are means over the examples, here they are sums"
    yield Misconception(loops, "E4", both, {"J": "((a3 - x) ** 2).sum() / 2", **SUMMED})
    yield Misconception(at_once, "E4", both, {"J": "((a3 - X) ** 2).sum() / 2", **_means("1")})
    yield Misconception(at_once, "E7", NOT_DIVIDED, _means("1"))
    for function, x in ((loops, "x"), (at_once, "X")):
        for count in ("n", "n_hidden", "(m * n)"):
            J = f"((a3 - {x}) ** 2).sum() / (2 * {count})"
            means = {name: f"{SUMMED[name]} / {count}" for name in LOOPS} if x == "x" else _means(count)
            what = "J and its gradient are means over the m examples, here something else than m divides them"
            yield Misconception(function, "E4", what, {"J": J, **means})
        yield Misconception(function, "E5", SLOPE3, {"delta3": f"a3 - {x}"})
        yield Misconception(function, "E6", SLOPE2, {"delta2": "W2.T @ delta3"})
        yield Misconception(function, "E6", SLOPE2, {"delta2": f"(W2.T @ (a3 - {x})) * a2 * (1 - a2)"})
        short = {"delta3": f"(a3 - {x}) * z3 * (1 - z3)", "delta2": "(W2.T @ delta3) * z2 * (1 - z2)"}
        yield Misconception(function, "E5", SHORT, short)
        yield Misconception(
            function, "E5", "the error is a3 - x, not x - a3", {"delta3": f"({x} - a3) * a3 * (1 - a3)"}
        )
        yield Misconception(function, "E4", HALF, {"J": f"((a3 - {x}) ** 2).sum() / m"})
        whole = {"J": f"((a3 - {x}) ** 2).sum() / m", "delta3": f"2 * (a3 - {x}) * a3 * (1 - a3)"}
        yield Misconception(function, "E4", "(E4) has half the squared error", whole)
        entropy = f"-({x} * np.log(a3) + (1 - {x}) * np.log(1 - a3)).sum() / m"
        yield Misconception(
            function, "E4", "(E4) has the squared error, not the cross-entropy", {"J": entropy, "delta3": f"a3 - {x}"}
        )
        yield Misconception(function, "E2", "the outputs are sigmoid units, too", {"a3": "z3", "delta3": f"a3 - {x}"})
        tanh = {"a2": "np.tanh(z2)", "delta2": "(W2.T @ delta3) * (1 - a2 * a2)"}
        yield Misconception(function, "E1", "the hidden units are sigmoid units, not tanh", tanh)
    yield Misconception(
        at_once, "E7", "grad_W1 has the shape of W1; here it is transposed", {"grad_W1": "X @ delta2.T / m"}
    )
    yield Misconception(
        at_once, "E8", "grad_W2 has the shape of W2; here it is transposed", {"grad_W2": "a2 @ delta3.T / m"}
    )
    unbiased = {"z2": "W1 @ X", "z3": "W2 @ a2"}
    yield Misconception(at_once, "E1", "the biases are missing", unbiased)
    yield Misconception(loops, "E1", "the biases are missing", {"z2": "W1 @ x", "z3": "W2 @ a2"})
    yield Misconception(loops, "E7", LAST, {name: f"{SUMMED[name]} / m - {name}" for name in LOOPS})


def _means(count):
    return {name: source.format(count) for name, source in MEANS.items()}


def of_decay():
    """Yield what is believed of the weight decay."""
    yield Misconception(
        "decay_term",
        "E4",
        "lambda / 2 belongs before the squares, lambda before the weights",
        {"J": "lam * ((W1 * W1).sum() + (W2 * W2).sum())"},
    )
    yield Misconception(
        "decay_term",
        "E4",
        "(E4) has lambda / 2",
        {"J": "lam * ((W1 * W1).sum() + (W2 * W2).sum())", "grad_W1": "2 * lam * W1", "grad_W2": "2 * lam * W2"},
    )
    yield Misconception(
        "decay_term",
        "E4",
        "the Frobenius norm is squared",
        {"J": "lam / 2 * (np.linalg.norm(W1) + np.linalg.norm(W2))"},
    )
    yield Misconception(
        "decay_term",
        "E4",
        "the weight decay is a sum of squares, not of absolute values",
        {
            "J": "lam * (np.abs(W1).sum() + np.abs(W2).sum())",
            "grad_W1": "lam * np.sign(W1)",
            "grad_W2": "lam * np.sign(W2)",
        },
    )
    yield Misconception("decay_term", "E4", "W2 decays, too", {"J": "lam / 2 * (W1 * W1).sum()", "grad_W2": "0 * W2"})
    yield Misconception(
        "decay_term",
        "E4",
        "lambda is an argument, not a fixed number",
        {"J": "((W1 * W1).sum() + (W2 * W2).sum()) / 2", "grad_W1": "W1", "grad_W2": "W2"},
    )
    yield Misconception(
        "decay_term",
        "E4",
        "the weight decay is not divided by the number of weights",
        {
            "J": "lam / 2 * ((W1 * W1).mean() + (W2 * W2).mean())",
            "grad_W1": "lam * W1 / W1.size",
            "grad_W2": "lam * W2 / W2.size",
        },
    )


def of_sparsity():
    """Yield what is believed of the sparsity."""
    each = "(rho * np.log(rho / a2) + (1 - rho) * np.log((1 - rho) / (1 - a2))).mean(axis=1)"
    by_each = "beta * (-rho / a2 + (1 - rho) / (1 - a2)).mean(axis=1)"
    yield Misconception("sparsity_term", "E3", EACH, {"kl": each, "sparsity": by_each})
    turned = "rho_hat * np.log(rho_hat / rho) + (1 - rho_hat) * np.log((1 - rho_hat) / (1 - rho))"
    its_own = "beta * (np.log(rho_hat / rho) - np.log((1 - rho_hat) / (1 - rho)))"
    yield Misconception("sparsity_term", "E4", REVERSED, {"kl": turned, "sparsity": its_own})
    yield Misconception("sparsity_term", "E4", REVERSED, {"kl": turned})
    yield Misconception(
        "sparsity_term", "E4", ONE_SIDE, {"kl": "rho * np.log(rho / rho_hat)", "sparsity": "-beta * rho / rho_hat"}
    )
    yield Misconception(
        "sparsity_term", "E6", "the derivative is of the whole KL divergence", {"sparsity": "-beta * rho / rho_hat"}
    )
    yield Misconception(
        "sparsity_term",
        "E3",
        "rho_hat has an entry for each unit: its mean over the examples",
        {"rho_hat": "a2.mean() * np.ones(n_hidden)"},
    )
    yield Misconception(
        "sparsity_term",
        "E3",
        "rho_hat is a mean of activations, not the share of examples with a2 > 1/2",
        {"rho_hat": "(0.999 * (a2 > 0.5) + 0.0005).mean(axis=1)"},
    )
    yield Misconception(
        "sparsity_term",
        "E6",
        "the 1/m of rho_hat is the one of (E7) and (E9): it is not put in here",
        {"sparsity": "beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat)) / m"},
    )
    yield Misconception(
        "sparsity_term",
        "E4",
        "the units' divergences are summed, not averaged",
        {"J": "beta * kl.mean()", "sparsity": "beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat)) / n_hidden"},
    )


misconceptions = [*of_theta(), *of_data_term(), *of_decay(), *of_sparsity()]
