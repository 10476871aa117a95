"""The sparse autoencoder: its cost J and the gradient of J, first in pieces, then in one function.

Fill in the holes, then check your work with

    sae course check student.py

`python student.py` trains on patches of photographs and draws what the hidden units look for. Shapes: X is (n, m), an
example a column; W1 (n_hidden, n), W2 (n, n_hidden), b1 (n_hidden,), b2 (n,). The equations are those of the handout.
"""

from pathlib import Path

import numpy as np

HERE = Path(globals().get("__file__", "student.py")).resolve().parent  # a notebook has no __file__


def sigmoid(z):
    """Return f(z) = 1 / (1 + exp(-z)), of any shape; given, and written so that it can't overflow."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def unpack(theta, n, n_hidden):
    """Return W1, W2, b1, b2, the parameters that theta (p,) holds, (E0)."""
    ### BEGIN SOLUTION
    size = n * n_hidden  # (E0)
    W1 = theta[:size].reshape(n_hidden, n)  # (E0)
    W2 = theta[size : 2 * size].reshape(n, n_hidden)  # (E0)
    b1 = theta[2 * size : 2 * size + n_hidden]  # (E0)
    b2 = theta[2 * size + n_hidden :]  # (E0)
    ### END SOLUTION
    return W1, W2, b1, b2


def pack(W1, W2, b1, b2):
    """Return theta (p,), the parameters in one vector, (E0): the inverse of unpack."""
    ### BEGIN SOLUTION
    theta = np.concatenate([W1.ravel(), W2.ravel(), b1, b2])  # (E0)
    ### END SOLUTION
    return theta


def data_term_loops(W1, W2, b1, b2, X):
    """Return the data term of J, a number, and its gradients: example by example, as the sums are written.

    The gradients grad_W1, grad_W2, grad_b1, grad_b2 have the shapes of W1, W2, b1, b2. (E1), (E2), and of (E4) to (E10)
    what neither lambda nor beta multiplies.
    """
    ### BEGIN SOLUTION
    n_hidden, n = W1.shape
    m = X.shape[1]
    grad_W1, grad_W2 = np.zeros((n_hidden, n)), np.zeros((n, n_hidden))
    J, grad_b1, grad_b2 = 0.0, np.zeros(n_hidden), np.zeros(n)
    for i in range(m):
        x = X[:, i]  # (E1)
        z2 = W1 @ x + b1  # (E1)
        a2 = sigmoid(z2)  # (E1)
        z3 = W2 @ a2 + b2  # (E2)
        a3 = sigmoid(z3)  # (E2)
        J += ((a3 - x) ** 2).sum() / (2 * m)  # (E4)
        delta3 = (a3 - x) * a3 * (1 - a3)  # (E5)
        delta2 = (W2.T @ delta3) * a2 * (1 - a2)  # (E6)
        grad_W1 += np.outer(delta2, x) / m  # (E7)
        grad_W2 += np.outer(delta3, a2) / m  # (E8)
        grad_b1 += delta2 / m  # (E9)
        grad_b2 += delta3 / m  # (E10)
    ### END SOLUTION
    return J, grad_W1, grad_W2, grad_b1, grad_b2


def data_term(W1, W2, b1, b2, X):
    """Return the same as data_term_loops, with all examples at once: matrices in place of the loop."""
    ### BEGIN SOLUTION
    n_hidden, n = W1.shape
    m = X.shape[1]
    z2 = W1 @ X + b1[:, None]  # (E1)
    a2 = sigmoid(z2)  # (E1)
    z3 = W2 @ a2 + b2[:, None]  # (E2)
    a3 = sigmoid(z3)  # (E2)
    J = ((a3 - X) ** 2).sum() / (2 * m)  # (E4)
    delta3 = (a3 - X) * a3 * (1 - a3)  # (E5)
    delta2 = (W2.T @ delta3) * a2 * (1 - a2)  # (E6)
    grad_W1 = delta2 @ X.T / m  # (E7)
    grad_W2 = delta3 @ a2.T / m  # (E8)
    grad_b1 = delta2.mean(axis=1)  # (E9)
    grad_b2 = delta3.mean(axis=1)  # (E10)
    ### END SOLUTION
    return J, grad_W1, grad_W2, grad_b1, grad_b2


def decay_term(W1, W2, lam):
    """Return the weight decay of (E4), a number, and what it adds to grad_W1 and to grad_W2, (E7) and (E8)."""
    ### BEGIN SOLUTION
    J = lam / 2 * ((W1 * W1).sum() + (W2 * W2).sum())  # (E4)
    grad_W1 = lam * W1  # (E7)
    grad_W2 = lam * W2  # (E8)
    ### END SOLUTION
    return J, grad_W1, grad_W2


def sparsity_term(a2, rho, beta):
    """Return rho_hat (n_hidden,) of (E3), the sparsity of (E4), a number, and its derivatives by rho_hat (n_hidden,).

    The derivatives are what stands beside W2^T delta3 in (E6), with beta. a2 is (n_hidden, m).
    """
    ### BEGIN SOLUTION
    n_hidden, m = a2.shape
    rho_hat = a2.mean(axis=1)  # (E3)
    kl = rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat))  # (E4)
    J = beta * kl.sum()  # (E4)
    sparsity = beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))  # (E6)
    ### END SOLUTION
    return rho_hat, J, sparsity


def cost_and_grad(theta, X, n_hidden, lam, rho, beta):
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
    a3 = sigmoid(z3)  # (E2)
    rho_hat = a2.mean(axis=1)  # (E3)
    kl = rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat))  # (E4)
    decay = (W1 * W1).sum() + (W2 * W2).sum()  # (E4)
    cost = ((a3 - X) ** 2).sum() / (2 * m) + lam / 2 * decay + beta * kl.sum()  # (E4)
    sparsity = beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))  # (E6)
    delta3 = (a3 - X) * a3 * (1 - a3)  # (E5)
    delta2 = (W2.T @ delta3 + sparsity[:, None]) * a2 * (1 - a2)  # (E6)
    grad_W1 = delta2 @ X.T / m + lam * W1  # (E7)
    grad_W2 = delta3 @ a2.T / m + lam * W2  # (E8)
    grad_b1 = delta2.mean(axis=1)  # (E9)
    grad_b2 = delta3.mean(axis=1)  # (E10)
    grad = np.concatenate([grad_W1.ravel(), grad_W2.ravel(), grad_b1, grad_b2])  # (E0)
    ### END SOLUTION
    return cost, grad


def main():
    """Train 25 units on the patches of data.npz; print what becomes of J and draw what each unit looks for."""
    import matplotlib.pyplot as plt
    from scipy.optimize import minimize

    X = np.load(HERE / "data.npz")["X"].astype(float)
    n, n_hidden, rho = len(X), 25, 0.01
    radius = np.sqrt(6 / (n + n_hidden + 1))
    theta = np.random.default_rng(0).uniform(-radius, radius, 2 * n * n_hidden + n_hidden + n)
    theta[2 * n * n_hidden :] = 0

    arguments = X, n_hidden, 1e-4, rho, 3
    print(f"J at the start: {cost_and_grad(theta, *arguments)[0]:.3f}")
    found = minimize(cost_and_grad, theta, arguments, jac=True, method="L-BFGS-B", options={"maxiter": 400})
    print(f"J after {found.nit} iterations: {found.fun:.3f} (about 0.4 if all is right)")
    W1, _, b1, _ = unpack(found.x, n, n_hidden)
    print(f"mean activation: {sigmoid(W1 @ X + b1[:, None]).mean():.4f}; asked for is {rho}")

    side = int(np.sqrt(n))
    figure, axes = plt.subplots(5, 5, figsize=(5, 5))
    for w, axis in zip(W1, axes.ravel(), strict=True):
        axis.imshow(w.reshape(side, side) / np.abs(w).max(), cmap="gray", vmin=-1, vmax=1)
        axis.set_axis_off()
    figure.savefig(HERE / "filters.png", dpi=100)
    print("filters.png shows what each unit looks for: expect edges of all orientations")


if __name__ == "__main__":
    main()
