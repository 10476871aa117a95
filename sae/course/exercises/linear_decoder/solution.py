"""The linear decoder: an autoencoder whose outputs may be any number, and what it finds in colour patches.

Fill in the holes, then check your work with

    sae course check student.py

`python student.py` trains on whitened colour patches and draws what the hidden units look for. Shapes: X is (n, m), an
example a column; W1 (n_hidden, n), W2 (n, n_hidden), b1 (n_hidden,), b2 (n,). The equations are those of the handout.
"""

from pathlib import Path

import numpy as np

HERE = Path(globals().get("__file__", "student.py")).resolve().parent  # a notebook has no __file__


def sigmoid(z):
    """Return f(z) = 1 / (1 + exp(-z)), of any shape; given, and written so that it can't overflow."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def forward(W1, W2, b1, b2, X):
    """Return a2 (n_hidden, m) and a3 (n, m), (E1) and (E2): sigmoid units, then linear ones."""
    ### BEGIN SOLUTION
    n_hidden, n = W1.shape
    m = X.shape[1]
    z2 = W1 @ X + b1[:, None]  # (E1)
    a2 = sigmoid(z2)  # (E1)
    z3 = W2 @ a2 + b2[:, None]  # (E2)
    a3 = z3  # (E2)
    ### END SOLUTION
    return a2, a3


def output_delta(a3, X):
    """Return delta3 (n, m) of (E5), an example a column: not yet divided by m."""
    ### BEGIN SOLUTION
    n, m = X.shape
    delta3 = a3 - X  # (E5)
    ### END SOLUTION
    return delta3


def linear_cost_and_grad(theta, X, n_hidden, lam, rho, beta):
    """Return J of (E4), a number, and its gradient (p,) in the order of theta: everything together, (E0) to (E10)."""
    ### BEGIN SOLUTION
    n, m = X.shape
    size = n * n_hidden  # (E0)
    W1 = theta[:size].reshape(n_hidden, n)  # (E0)
    W2 = theta[size : 2 * size].reshape(n, n_hidden)  # (E0)
    b1 = theta[2 * size : 2 * size + n_hidden]  # (E0)
    b2 = theta[2 * size + n_hidden :]  # (E0)
    z2 = W1 @ X + b1[:, None]  # (E1)
    a2 = sigmoid(z2)  # (E1)
    z3 = W2 @ a2 + b2[:, None]  # (E2)
    a3 = z3  # (E2)
    rho_hat = a2.mean(axis=1)  # (E3)
    kl = rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat))  # (E4)
    decay = (W1 * W1).sum() + (W2 * W2).sum()  # (E4)
    cost = ((a3 - X) ** 2).sum() / (2 * m) + lam / 2 * decay + beta * kl.sum()  # (E4)
    sparsity = beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))  # (E6)
    delta3 = a3 - X  # (E5)
    delta2 = (W2.T @ delta3 + sparsity[:, None]) * a2 * (1 - a2)  # (E6)
    grad_W1 = delta2 @ X.T / m + lam * W1  # (E7)
    grad_W2 = delta3 @ a2.T / m + lam * W2  # (E8)
    grad_b1 = delta2.mean(axis=1)  # (E9)
    grad_b2 = delta3.mean(axis=1)  # (E10)
    grad = np.concatenate([grad_W1.ravel(), grad_W2.ravel(), grad_b1, grad_b2])  # (E0)
    ### END SOLUTION
    return cost, grad


def features(W1, T):
    """Return the input of norm 1 that each hidden unit likes most, before whitening, (n_hidden, n): (F1) of (L1).

    T (n, n) is the matrix of the whitening, which is symmetric.
    """
    ### BEGIN SOLUTION
    n_hidden, n = W1.shape
    W = W1 @ T  # (L1)
    norms = np.sqrt((W**2).sum(axis=1))  # (F1)
    F = W / norms[:, None]  # (F1)
    ### END SOLUTION
    return F


def main():
    """Train 64 units on the colour patches of data.npz; print what becomes of J and draw what each unit looks for."""
    import matplotlib.pyplot as plt
    from scipy.optimize import minimize

    data = np.load(HERE / "data.npz")
    T = data["T"].astype(float)
    X = T @ (data["patches"] / 255 - data["mean"][:, None])
    print(f"whitened patches run from {X.min():.2f} to {X.max():.2f}: a sigmoid could not reach them")
    n, n_hidden = len(X), 64
    radius = np.sqrt(6 / (n + n_hidden + 1))
    theta = np.random.default_rng(0).uniform(-radius, radius, 2 * n * n_hidden + n_hidden + n)
    theta[2 * n * n_hidden :] = 0

    arguments = X, n_hidden, 3e-3, 0.035, 5
    print(f"J at the start: {linear_cost_and_grad(theta, *arguments)[0]:.3f}")
    options = {"maxiter": 150}
    found = minimize(linear_cost_and_grad, theta, arguments, jac=True, method="L-BFGS-B", options=options)
    print(f"J after {found.nit} iterations: {found.fun:.3f} (about 2.1 if all is right)")

    side = int(np.sqrt(n / 3))
    figure, axes = plt.subplots(8, 8, figsize=(6, 6))
    for w, axis in zip(features(found.x[: n * n_hidden].reshape(n_hidden, n), T), axes.ravel(), strict=True):
        axis.imshow(0.5 + 0.5 * w.reshape(side, side, 3) / np.abs(w).max())
        axis.set_axis_off()
    figure.savefig(HERE / "features.png", dpi=100)
    print("features.png shows what each unit looks for: expect edges, most of them grey, and patches of colour")


if __name__ == "__main__":
    main()
