"""The variational autoencoder: what is believed wrongly, beside the slips of the pen that are made by rule."""

from sae.course import Misconception

LAYERS = (("1", "delta2", "X"), ("_mu", "delta_mu", "h"), ("_lv", "delta_lv", "h"), ("2", "delta_d", "u"))
SUMS = {
    f"grad_{what}{layer}": f"{delta} @ {below}.T" if what == "W" else f"{delta}.sum(axis=1)"
    for layer, delta, below in (*LAYERS, ("3", "delta3", "h_d"))
    for what in "Wb"
}
P = "np.exp(-np.logaddexp(0, -z3))"
BACK = "delta_u * sigma * eps / 2"  # through the draw
KL_LV = "(sigma * sigma - 1) / 2"

SIGMA = (
    *("V3", "the layer gives log sigma^2: its exponential is sigma^2, and sigma the exponential of half of it"),
    {"sigma": "np.exp(logvar)"},
)
NEW_EPS = (
    *("V3", "eps is drawn anew where the one that is given belongs"),
    {"u": "mu + sigma * np.random.standard_normal(mu.shape)"},
)
MEAN_CODE = ("V3", "the code is not drawn: it is mu", {"u": "mu"})
VARIANCE_AS_SIGMA = ("V3", "the noise is multiplied by sigma^2, not sigma", {"u": "mu + sigma * sigma * eps"})

SLOPE_OF_SIGMA = (
    *("V13", "what logvar changes is sigma = exp(logvar / 2): its derivative is not sigma itself"),
    {"delta_lv": f"delta_u * sigma * eps + beta * {KL_LV}"},
)
NO_SIGMA = (
    *("V13", "logvar changes sigma, and sigma changes u: the first of the two is missing"),
    {"delta_lv": f"delta_u * eps + beta * {KL_LV}"},
)
NOT_BACK = (
    *("V13", "nothing comes back to logvar through the draw: u depends on sigma, too"),
    {"delta_lv": f"beta * {KL_LV}"},
)
KL_MISSING = (
    *("V12", "the derivatives of the KL divergence are missing"),
    {"delta_mu": "delta_u", "delta_lv": BACK},
)
KL_SIGN = (
    *("V12", "the derivatives of the KL divergence have the wrong sign"),
    {"delta_mu": "delta_u - beta * mu", "delta_lv": f"{BACK} - beta * {KL_LV}"},
)
KL_WITHOUT_BETA = (
    *("V12", "beta is missing in the derivatives of the KL divergence"),
    {"delta_mu": "delta_u + mu", "delta_lv": f"{BACK} + {KL_LV}"},
)
KL_IN_SIGMA = (
    *("V13", "the derivative of the KL divergence is that with respect to sigma; logvar is asked for"),
    {"delta_lv": f"{BACK} + beta * (sigma - 1 / sigma)"},
)

OF_KL = (  # said of the divergence and its derivatives together, and the factor that they have
    ("the 1/2 is missing, in the KL divergence and its derivatives", "2"),
    ("the KL divergence has the wrong sign: it is subtracted where it should be added", "-1"),
    ("the KL divergence is averaged over the units of the code; it is their sum", "1 / len(mu)"),
)


def _alone(factor: str) -> dict[str, str]:
    """Return the lines of gaussian_kl with a factor."""
    return {
        "kl": f"({factor}) * (mu * mu + variance - logvar - 1).sum(axis=0) / 2",
        "kl_mu": f"({factor}) * mu",
        "kl_lv": f"({factor}) * (variance - 1) / 2",
    }


def _within(factor: str) -> dict[str, str]:
    """Return the lines of cost_and_grad with a factor before the KL divergence."""
    return {
        "kl": f"({factor}) * (mu * mu + sigma * sigma - logvar - 1) / 2",
        "delta_mu": f"delta_u + beta * ({factor}) * mu",
        "delta_lv": f"{BACK} + beta * ({factor}) * {KL_LV}",
    }


MISCONCEPTIONS = [
    *(Misconception("sample", *what) for what in (SIGMA, NEW_EPS, MEAN_CODE)),
    Misconception("sample", "V3", "logvar is taken for sigma", {"sigma": "logvar"}),
    *(Misconception("gaussian_kl", "V7", sentence, _alone(factor)) for sentence, factor in OF_KL),
    Misconception(
        *("gaussian_kl", "V7", "the layer gives log sigma^2, which is taken for log sigma"),
        {"variance": "np.exp(2 * logvar)"},
    ),
    Misconception(
        *("gaussian_kl", "V13", "the derivative is that with respect to sigma; logvar is asked for"),
        {"kl_lv": "np.sqrt(variance) - 1 / np.sqrt(variance)"},
    ),
    Misconception(
        *("gaussian_kl", "V13", "the derivative is that with respect to sigma^2; logvar is asked for"),
        {"kl_lv": "(1 - 1 / variance) / 2"},
    ),
    *(
        Misconception(function, tag, sentence, edits)
        for function, sum_ in (("reconstruction", ".sum(axis=0)"), ("cost_and_grad", ""))
        for tag, sentence, edits in (
            (
                *("V6", "e^z overflows for large z: log(1 + e^z) must be had in another way"),
                {"misfit": f"(np.log(1 + np.exp(z3)) - X * z3){sum_}"},
            ),
            (
                *("V6", "the logarithms are taken of numbers that round to 0: they can be had from z3 itself"),
                {"misfit": f"(-X * np.log({P}) - (1 - X) * np.log(1 - {P})){sum_}"},
            ),
            (
                *("V9", "e^z / (1 + e^z) is infinite over infinite for large z: it must be had in another way"),
                {"delta3": "np.exp(z3) / (1 + np.exp(z3)) - X"},
            ),
            (
                *("V9", "the derivative of the sigmoid has cancelled already, and comes once more"),
                {"delta3": f"({P} - X) * {P} * (1 - {P})"},
            ),
            (
                *("V6", "the squared error stands where the cross-entropy of a Bernoulli x belongs"),
                {"misfit": f"(({P} - X) ** 2 / 2){sum_}", "delta3": f"({P} - X) * {P} * (1 - {P})"},
            ),
            (
                *("V6", "a mean over the pixels stands where their sum belongs"),
                {"misfit": f"(np.logaddexp(0, z3) - X * z3){sum_} / len(X)", "delta3": f"({P} - X) / len(X)"},
            ),
            (
                *("V6", "log p(x|u) has the wrong sign: its negative is asked for"),
                {"misfit": f"(X * z3 - np.logaddexp(0, z3)){sum_}", "delta3": f"X - {P}"},
            ),
        )
    ),
    *(
        Misconception(function, *what)
        for function in ("code_deltas", "cost_and_grad")
        for what in (
            *(SLOPE_OF_SIGMA, NO_SIGMA, NOT_BACK, KL_MISSING, KL_SIGN, KL_WITHOUT_BETA, KL_IN_SIGMA),
            (
                *("V12", "beta multiplies what comes back from the decoder, too"),
                {"delta_mu": "beta * (delta_u + mu)", "delta_lv": f"beta * ({BACK} + {KL_LV})"},
            ),
        )
    ),
    Misconception("code_deltas", *SIGMA),
    *(Misconception("cost_and_grad", *what) for what in (SIGMA, NEW_EPS, VARIANCE_AS_SIGMA)),
    Misconception("cost_and_grad", *MEAN_CODE[:2], {"u": "mu", "delta_lv": f"beta * {KL_LV}"}),
    *(Misconception("cost_and_grad", "V7", sentence, _within(factor)) for sentence, factor in OF_KL),
    Misconception(
        *("cost_and_grad", "V8", "the KL divergence is summed over the examples, where a mean is meant"),
        {
            "J": "misfit.sum() / m + beta * kl.sum()",
            "delta_mu": "delta_u + beta * m * mu",
            "delta_lv": f"{BACK} + beta * m * {KL_LV}",
        },
    ),
    Misconception(
        *("cost_and_grad", "V12", "1/m is missing in the gradient of the KL divergence"),
        {"delta_mu": "delta_u + beta * m * mu", "delta_lv": f"{BACK} + beta * m * {KL_LV}"},
    ),
    Misconception(
        *("cost_and_grad", "V12", "1/m stands in the derivatives of the KL divergence, and again in the gradients"),
        {"delta_mu": "delta_u + beta * mu / m", "delta_lv": f"{BACK} + beta * {KL_LV} / m"},
    ),
    Misconception(
        *("cost_and_grad", "V8", "beta stands before the wrong one of the two terms"),
        {
            "J": "(beta * misfit.sum() + kl.sum()) / m",
            "delta3": f"beta * ({P} - X)",
            "delta_mu": "delta_u + mu",
            "delta_lv": f"{BACK} + {KL_LV}",
        },
    ),
    Misconception("cost_and_grad", "V20", "J is a mean over the examples, the gradients are sums", SUMS),
    Misconception(
        *("cost_and_grad", "V8", "J and the gradients are sums over the examples, not means"),
        {"J": "misfit.sum() + beta * kl.sum()", **SUMS},
    ),
    Misconception("cost_and_grad", "V15", "1/m stands in delta3 and in the gradients", {"delta3": f"({P} - X) / m"}),
    Misconception(
        *("cost_and_grad", "V14", "f' is that of the sigmoid, and the hidden units are tanh"),
        {
            "delta_d": "W3.T @ delta3 * h_d * (1 - h_d)",
            "delta2": "(W_mu.T @ delta_mu + W_lv.T @ delta_lv) * h * (1 - h)",
        },
    ),
    Misconception(
        *("cost_and_grad", "V14", "f' is missing in both hidden layers"),
        {"delta_d": "W3.T @ delta3", "delta2": "W_mu.T @ delta_mu + W_lv.T @ delta_lv"},
    ),
    Misconception(
        "cost_and_grad", "V14", "f' is missing in the encoder", {"delta2": "W_mu.T @ delta_mu + W_lv.T @ delta_lv"}
    ),
    Misconception("cost_and_grad", "V10", "f' is missing in the decoder", {"delta_d": "W3.T @ delta3"}),
    Misconception(
        *("cost_and_grad", "V18", "the decoder was given u, and its gradient is taken with mu"),
        {"grad_W2": "delta_d @ mu.T / m"},
    ),
]

INSTEAD = {
    "mu": ("logvar", "u"),
    "logvar": ("mu", "sigma"),
    "sigma": ("logvar", "np.exp(logvar)"),
    "variance": ("logvar", "np.sqrt(variance)"),
    "eps": ("u",),
    "u": ("mu",),
    "X": ("(1 - X)", "z3"),
    "z3": ("X",),
    "h": ("h_d",),
    "h_d": ("h",),
    "kl": ("np.sqrt(kl)",),
    "delta_u": ("delta_d",),
    "delta3": ("X",),
    "delta_mu": ("delta_u", "delta_lv"),
    "delta_lv": ("delta_u", "delta_mu"),
    "delta_d": ("delta_u", "delta2"),
    "delta2": ("delta_d",),
    "W_mu.T": ("W_lv.T", "W2", "W_mu.reshape(W_mu.T.shape)"),
    "W_lv.T": ("W_mu.T", "W2", "W_lv.reshape(W_lv.T.shape)"),
    "W2.T": ("W_mu", "W3.T", "W2.reshape(W2.T.shape)"),
    "W3.T": ("W1", "W2.T", "W3.reshape(W3.T.shape)"),
    "X.T": ("h.T", "X.reshape(X.T.shape)"),
    "h.T": ("h_d.T", "X.T", "h.reshape(h.T.shape)"),
    "h_d.T": ("h.T", "u.T", "h_d.reshape(h_d.T.shape)"),
    "u.T": ("mu.T", "h_d.T", "eps.T", "u.reshape(u.T.shape)"),
    "m": ("len(X)", "(m - 1)", "X.size", "len(mu)"),
    "beta": ("1", "beta / m", "beta / len(mu)", "beta * m", "beta / 2", "beta ** 2"),
}

WORDS = {
    "np.logaddexp": "log(e^a + e^b)",
    "np.logaddexp(0, z3)": "log(1 + e^z3)",
    "np.logaddexp(0, -z3)": "log(1 + e^-z3)",
    "np.exp(-np.logaddexp(0, -z3))": "the mean of x",
    "np.logaddexp(0, z3) - X * z3": "the cross-entropy",
    "misfit.sum()": "the sum of -log p(x|u)",
    "kl.sum()": "the KL divergence",
    "beta * kl.sum()": "the KL divergence",
    "misfit.sum() + beta * kl.sum()": "the sum over the examples",
    "mu * mu": "the square of mu",
    "sigma * sigma": "sigma^2",
    "variance": "sigma^2",
    "sigma * eps": "the noise",
    "beta * mu": "the derivative of the KL divergence",
    "(variance - 1) / 2": "the derivative of the KL divergence",
    "beta / 2 * (sigma * sigma - 1)": "the derivative of the KL divergence",
    "delta_u * sigma * eps / 2": "what comes back through the draw",
    "delta_u * sigma * eps": "what comes back through the draw",
    "delta_u * sigma": "what comes back through sigma",
    "W3.T @ delta3": "what comes back through W3",
    "W2.T @ delta_d": "what comes back through W2",
    "W_mu.T @ delta_mu": "what comes back through W_mu",
    "W_lv.T @ delta_lv": "what comes back through W_lv",
    "W_mu.T @ delta_mu + W_lv.T @ delta_lv": "what comes back from the code",
    "1 - h * h": "f'",
    "1 - h_d * h_d": "f'",
    "delta2 @ X.T": "the product with the inputs",
    "delta_mu @ h.T": "the product with h",
    "delta_lv @ h.T": "the product with h",
    "delta_d @ u.T": "the product with u",
    "delta3 @ h_d.T": "the product with h_d",
    "len(X)": "the number of pixels",
    "len(mu)": "the length of the code",
    "X.size": "the number of pixels times that of examples",
    "beta / len(mu)": "beta / n_latent",
    **{f"{name}.reshape({name}.T.shape)": f"{name} reshaped instead of transposed" for name in ("X", "h", "h_d", "u")},
    **{
        f"{name}.reshape({name}.T.shape)": f"{name} reshaped instead of transposed"
        for name in ("W_mu", "W_lv", "W2", "W3")
    },
}
