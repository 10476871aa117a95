"""The pictures of the handout: cleaned digits and Jacobians when all is right, and when it is not."""

import numpy as np
from matplotlib.figure import Figure

from .solution import contraction, contractive_cost_and_grad, corrupt, denoising_cost_and_grad, jacobian, sigmoid, train

UNITS, LAM, GAMMA = 60, 1e-4, 0.1
SHOWN = 8


def figures(digits):
    """Return good.png and bad.png."""
    X, mask, X_test, mask_test = (digits[name].astype(float) for name in ("X", "mask", "X_test", "mask_test"))
    noisy = corrupt(X_test, mask_test)
    right = cleaned(denoise(X, mask), noisy)
    to_itself = cleaned(denoise(X * mask, np.ones_like(mask)), noisy)
    inverted = cleaned(denoise(X, 1 - mask), noisy)
    good = Figure(figsize=(7, 3), layout="constrained")
    left, side = good.subfigures(1, 2, width_ratios=(1.7, 1))
    rows(left, X_test, {"clean": X_test, "corrupt": noisy, "cleaned": right})
    spectra(side.subplots(), X, X_test)
    bad = Figure(figsize=(7, 3), layout="constrained")
    left, side = bad.subfigures(1, 2, width_ratios=(1.7, 1))
    rows(left, X_test, {"corrupt": noisy, "target corrupt": to_itself, "mask inverted": inverted})
    differences(side.subplots(), X[:, :300])
    return {"good": good, "bad": bad}


def denoise(X, mask):
    """Return W1, W2, b1, b2 of a denoising autoencoder."""
    return train(lambda *theta: denoising_cost_and_grad(*theta, X, mask, LAM), len(X), UNITS)


def cleaned(theta, noisy):
    """Return a3."""
    W1, W2, b1, b2 = theta
    return sigmoid(W2 @ sigmoid(W1 @ noisy + b1[:, None]) + b2[:, None])


def rows(figure, X, pictures):
    """Draw rows of digits with the mean squared error of each row."""
    for axes, (name, x) in zip(figure.subplots(len(pictures), SHOWN), pictures.items(), strict=True):
        error = ((x - X) ** 2).sum(axis=0).mean()
        for j, axis in enumerate(axes):
            axis.imshow(x[:, j].reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
            axis.set(xticks=[], yticks=[])
        axes[0].set_ylabel(name, fontsize=8)
        axes[0].set_title("" if error == 0 else f"squared error {error:.2f}", fontsize=8, loc="left")


def spectra(axis, X, X_test):
    """Draw the singular values of the Jacobian, in the mean over digits."""
    for gamma in (0, 0.01, GAMMA):
        W1, _, b1, _ = train(lambda *theta, gamma=gamma: contractive_cost_and_grad(*theta, X, gamma), len(X), UNITS)
        values = [np.linalg.svd(jacobian(W1, b1, x), compute_uv=False) for x in X_test[:, :50].T]
        P = contraction(W1, b1, X_test, 1.0)[0]
        axis.plot(np.mean(values, axis=0), label=f"gamma = {gamma:g}: {P:.1f}")
    axis.set_title("singular values of the Jacobian", fontsize=8)
    axis.tick_params(labelsize=7)
    axis.legend(fontsize=7, title="mean squared norm", title_fontsize=7)


SLIPS = {  # by what the part of the gradient that goes through a2 is multiplied
    "right": 1,
    "without the path through a2": 0,
    "wrong sign in d[a2]": -1,
}


def differences(axis, X):
    """Draw how far the gradient is from differences of the cost, the right one and wrong ones."""
    rng = np.random.default_rng(0)
    theta = [rng.normal(0, 0.3, shape) for shape in ((UNITS, len(X)), (len(X), UNITS), UNITS, len(X))]
    direction = rng.standard_normal(theta[0].shape) / np.sqrt(theta[0].size)
    steps = np.logspace(-0.5, -7, 40)

    def J(h):
        return contractive_cost_and_grad(theta[0] + h * direction, *theta[1:], X, GAMMA)[0]

    by_differences = np.array([(J(h) - J(-h)) / (2 * h) for h in steps])
    grad_W1 = contractive_cost_and_grad(*theta, X, GAMMA)[1]
    path = path_through_a2(theta[0], theta[2], X)
    for name, factor in SLIPS.items():
        slope = ((grad_W1 + (factor - 1) * path) * direction).sum()
        axis.loglog(steps, np.abs(by_differences - slope) / abs(slope), label=name)
    axis.set_title("gradient in W1 against differences", fontsize=8)
    axis.set_xlabel("h", fontsize=8)
    axis.tick_params(labelsize=7)
    axis.legend(fontsize=7, loc=(0.02, 0.57))


def path_through_a2(W1, b1, X):
    """Return the part of the contraction's gradient in W1 that goes through a2."""
    a2 = sigmoid(W1 @ X + b1[:, None])
    direct = 2 * GAMMA * ((a2 * (1 - a2)) ** 2).mean(axis=1)[:, None] * W1
    return contraction(W1, b1, X, GAMMA)[1] - direct
