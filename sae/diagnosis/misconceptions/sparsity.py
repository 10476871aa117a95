"""What is believed wrongly of the sparsity: of which activations, by which distance, and where its derivative goes.

On the page, (E3) is a mean over the examples, (E4) has the KL divergence of that mean from rho, and (E6) its
derivative, inside f'.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..mistakes import Mistake
from ..page import Page
from .make import mistake

KL = "(rho * np.log(rho / {r}) + (1 - rho) * np.log((1 - rho) / (1 - {r})))"
D_KL = "(-rho / {r} + (1 - rho) / (1 - {r}))"
REVERSED = "({r} * np.log({r} / rho) + (1 - {r}) * np.log((1 - {r}) / (1 - rho)))"
D_REVERSED = "(np.log({r} / rho) - np.log((1 - {r}) / (1 - rho)))"

# another penalty, and its derivative
PENALTIES = {
    "the KL divergence is taken the other way round: of rho_hat from rho": (REVERSED, D_REVERSED),
    "half of the KL divergence is missing: units have a probability of being off, too": (
        *("rho * np.log(rho / {r})", "(-rho / {r})"),
    ),
    "half of the KL divergence is missing: units have a probability of being on, too": (
        *("(1 - rho) * np.log((1 - rho) / (1 - {r}))", "((1 - rho) / (1 - {r}))"),
    ),
    "the logarithm is to base 2": (KL + " / np.log(2)", D_KL + " / np.log(2)"),
    "the logarithm is to base 10": (KL + " / np.log(10)", D_KL + " / np.log(10)"),
    "a squared distance stands where the KL divergence belongs": ("({r} - rho) ** 2", "2 * ({r} - rho)"),
    "half a squared distance stands where the KL divergence belongs": ("({r} - rho) ** 2 / 2", "({r} - rho)"),
    "a distance stands where the KL divergence belongs": ("np.abs({r} - rho)", "np.sign({r} - rho)"),
    "the activations themselves are penalised, not their distance from rho": ("{r}", "np.ones_like({r})"),
    "the squares of the activations are penalised, not their distance from rho": ("{r} ** 2", "2 * {r}"),
    "a cross-entropy stands where the KL divergence belongs": (
        *("(-rho * np.log({r}) - (1 - rho) * np.log(1 - {r}))", D_KL),
    ),
    "rho and rho_hat are the wrong way round": (REVERSED, "(-{r} / rho + (1 - {r}) / (1 - rho))"),
}
NOT_OF_A2 = {"a3": "a3.mean(axis=0).mean()", "z2": "z2.mean(axis=1)", "X": "X.mean()"}
COUNTED = (
    *("(a2 > 0.5).mean(axis=1)", "(a2 >= rho).mean(axis=1)", "(a2 > rho).mean(axis=1)", "(a2 > 0.1).mean(axis=1)"),
    "np.round(a2).mean(axis=1)",
)
RUNNING = tuple(
    f"{kept} * {start} + {1 - kept:.3g} * a2.mean(axis=1)"
    for start in ("rho", "0.5", "0", "1")
    for kept in (0.9, 0.99, 0.999, 0.95, 0.5, 0.1, 0.01)
)


def mistakes(page: Page) -> Iterator[Mistake]:
    """Yield the misconceptions of the sparsity."""
    yield from _of_each_example(page)
    yield from _of_the_outputs(page)
    yield from _by_another_distance(page)
    yield from _another_mean(page)
    yield from _another_place(page)


def _of_each_example(page: Page) -> Iterator[Mistake]:
    what = "rho_hat is the mean over all examples, and the KL divergence is taken of that mean, not of each example"
    each, slope = KL.format(r="a2"), f"beta * {D_KL.format(r='a2')}"
    gradient = page.replaced("delta2", "sparsity[:, None]", slope)
    m_times = page.replaced("delta2", "sparsity[:, None]", f"m * {slope}")
    mean, total = ("kl", f"{each}.mean(axis=1)"), ("kl", f"{each}.sum(axis=1)")
    yield mistake(page, "rho_hat", what, mean, gradient, order=1, side="objective")
    yield mistake(page, "rho_hat", f"{what}; here it is a sum over them", total, gradient)
    yield mistake(page, "rho_hat", f"{what}; here it is a sum over them", total, m_times, order=1)
    yield mistake(page, "delta2", f"the sparsity part of delta2: {what}", gradient, order=1)
    yield mistake(page, "kl", f"the cost: {what}", mean, order=1)


def _of_the_outputs(page: Page) -> Iterator[Mistake]:
    what = "the sparsity is asked of the hidden units, not of the outputs"
    cost = ("kl", KL.format(r="a3.mean(axis=1)"))
    moved = (
        page.replaced("delta2", " + sparsity[:, None]", ""),
        page.replaced("delta3", "(a3 - X)", f"(a3 - X + beta * {D_KL.format(r='a3.mean(axis=1)')}[:, None])"),
    )
    yield mistake(page, "rho_hat", what, cost, *moved, order=1, side="objective")
    yield mistake(page, "kl", what, cost)


def _by_another_distance(page: Page) -> Iterator[Mistake]:
    for what, (value, slope) in PENALTIES.items():
        cost, gradient = ("kl", value.format(r="rho_hat")), ("sparsity", f"beta * {slope.format(r='rho_hat')}")
        both = f"the sparsity: {what}, in the cost and in delta2"
        yield mistake(page, "cost", both, cost, gradient, order=1, side="objective")
        yield mistake(page, "kl", f"the sparsity in the cost: {what}", cost)
        yield mistake(page, "delta2", f"the derivative of the sparsity: {what}", gradient)


def _another_mean(page: Page) -> Iterator[Mistake]:
    what = "rho_hat is one number for each hidden unit: its mean over the examples"
    units = ("rho_hat", "a2.mean(axis=0)"), page.replaced("delta2", "sparsity[:, None]", "sparsity[None, :]")
    everything = ("rho_hat", "a2.mean() * np.ones(n_hidden)"), page.replaced("cost", "kl.sum()", "kl.mean()")
    over_m = page.replaced("cost", "kl.sum()", "kl.sum() / m")
    yield mistake(page, "rho_hat", what, *everything, order=1, side="objective")
    for edits in (units, (units[0], over_m, units[1])):
        over_units = f"{what}; here the mean is over the units"
        yield mistake(page, "rho_hat", over_units, *edits, order=1, side="objective")
    inner = ("rho_hat", "sigmoid(z2.mean(axis=1))")
    slope = page.options.slope(2)
    its_own = ("delta2", f"(W2.T @ delta3) * {slope} + (sparsity * rho_hat * (1 - rho_hat))[:, None]")
    for edits in ((inner,), (inner, its_own)):
        of_mean = f"{what}; the mean is taken after f, not before"
        yield mistake(page, "rho_hat", of_mean, *edits, side="objective")
    for name, value in NOT_OF_A2.items():
        yield mistake(page, "rho_hat", f"rho_hat is the mean of a2, not of {name}", ("rho_hat", value))
    what = "rho_hat is the mean of the activations, not the share of examples for which a unit is on"
    for value in COUNTED:
        yield mistake(page, "rho_hat", what, ("rho_hat", value), order=1, side="objective")
    for value in RUNNING:
        what = "rho_hat is the mean over all examples, not a running mean"
        yield mistake(page, "rho_hat", what, ("rho_hat", value), side="objective")


def _another_place(page: Page) -> Iterator[Mistake]:
    slope = page.options.slope(2)
    away = page.replaced("delta2", " + sparsity[:, None]", "")
    what = "the sparsity belongs into delta2, from where it reaches W1 and b1"
    for gradient in ("grad_W1", "grad_b1"):
        for part in ("sparsity", "sparsity / m", "sparsity * m"):
            added = part if gradient == "grad_b1" else f"({part})[:, None]"
            yield mistake(page, "delta2", what, away, (gradient, f"{page[gradient].source} + {added}"), order=3)
    what = "the sparsity is multiplied by something else than f'(z2) of each example"
    for inner in ("rho_hat * (1 - rho_hat)", f"({slope}).mean(axis=1)", "sparsity * (1 - sparsity)"):
        delta2 = f"(W2.T @ delta3) * {slope} + (sparsity * ({inner}))[:, None]"
        yield mistake(page, "delta2", what, ("delta2", delta2))
