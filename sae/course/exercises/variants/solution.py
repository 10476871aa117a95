"""Two variants of the autoencoder: one that removes noise (denoising), and one that resists it (contractive).

Fill in the holes, then check your work with

    sae course check student.py

`python student.py` trains both on handwritten digits and shows what they do. Shapes: X and mask are (n, m), an example
a column; W1 is (n_hidden, n), W2 (n, n_hidden), b1 (n_hidden,), b2 (n,). All units are sigmoid. The equations are those
of the handout.
"""

from pathlib import Path

import numpy as np

HERE = Path(globals().get("__file__", "student.py")).resolve().parent  # a notebook has no __file__


def sigmoid(z):
    """Return f(z) = 1 / (1 + exp(-z)); its derivative is a (1 - a) with a = f(z)."""
    return 1 / (1 + np.exp(-z))


def corrupt(X, mask):
    """Return the corrupt copy of X, (n, m): the values where mask is 0 are gone, those where it is 1 stay, (Q1).

    X stays as it is. The mask is handed over, not drawn here: noise is data.
    """
    ### BEGIN SOLUTION
    corrupted = mask * X  # (Q1)
    ### END SOLUTION
    return corrupted


def denoising_cost_and_grad(W1, W2, b1, b2, X, mask, lam):
    """Return J, grad_W1, grad_W2, grad_b1, grad_b2 of the denoising autoencoder: (Q1), and (E1) to (E10).

    J is a number, a mean over the examples with its 1/2 and weight decay; the gradients have the shapes of W1 to b2.
    """
    ### BEGIN SOLUTION
    m = X.shape[1]
    corrupted = mask * X  # (Q1)
    a2 = sigmoid(W1 @ corrupted + b1[:, None])  # (E1)
    a3 = sigmoid(W2 @ a2 + b2[:, None])  # (E2)
    decay = (W1 * W1).sum() + (W2 * W2).sum()  # (E4)
    J = ((a3 - X) ** 2).sum() / (2 * m) + lam / 2 * decay  # (E4)
    delta3 = (a3 - X) * a3 * (1 - a3)  # (E5)
    delta2 = (W2.T @ delta3) * a2 * (1 - a2)  # (E6)
    grad_W1 = delta2 @ corrupted.T / m + lam * W1  # (E7)
    grad_W2 = delta3 @ a2.T / m + lam * W2  # (E8)
    grad_b1 = delta2.sum(axis=1) / m  # (E9)
    grad_b2 = delta3.sum(axis=1) / m  # (E10)
    ### END SOLUTION
    return J, grad_W1, grad_W2, grad_b1, grad_b2


def jacobian(W1, b1, x):
    """Return the derivatives of a2 in one example x, (n,): a matrix (n_hidden, n), a row for each hidden unit, (K1)."""
    ### BEGIN SOLUTION
    a2 = sigmoid(W1 @ x + b1)  # (E1)
    slope = a2 * (1 - a2)  # (K1)
    Jacobian = slope[:, None] * W1  # (K1)
    ### END SOLUTION
    return Jacobian


def contraction(W1, b1, X, gamma):
    """Return P, grad_W1, grad_b1: the contraction of (K2), a number, and its gradient, (K3) to (K5).

    P is gamma times the mean over the examples of the squared Frobenius norm of the Jacobian.
    """
    ### BEGIN SOLUTION
    m = X.shape[1]
    a2 = sigmoid(W1 @ X + b1[:, None])  # (E1)
    slope = a2 * (1 - a2)  # (K1)
    norms = (W1 * W1).sum(axis=1)  # (K2)
    squares = (slope * slope).sum(axis=1)  # (K2)
    P = gamma * (squares * norms).sum() / m  # (K2)
    d_a2 = 2 * gamma * slope * (1 - 2 * a2) * norms[:, None]  # (K3)
    d_W1 = 2 * gamma * squares[:, None] * W1  # (K3)
    delta2 = d_a2 * slope  # (K4)
    grad_W1 = (delta2 @ X.T + d_W1) / m  # (K5)
    grad_b1 = delta2.sum(axis=1) / m  # (K5)
    ### END SOLUTION
    return P, grad_W1, grad_b1


def contractive_cost_and_grad(W1, W2, b1, b2, X, gamma):
    """Return J, grad_W1, grad_W2, grad_b1, grad_b2 of the contractive autoencoder: (K6), and (E5) to (E10) with (K3).

    J is the mean squared error with its 1/2 and the contraction; there is neither noise nor weight decay.
    """
    ### BEGIN SOLUTION
    m = X.shape[1]
    a2 = sigmoid(W1 @ X + b1[:, None])  # (E1)
    a3 = sigmoid(W2 @ a2 + b2[:, None])  # (E2)
    slope = a2 * (1 - a2)  # (K1)
    norms = (W1 * W1).sum(axis=1)  # (K2)
    squares = (slope * slope).sum(axis=1)  # (K2)
    J = ((a3 - X) ** 2).sum() / (2 * m) + gamma * (squares * norms).sum() / m  # (K6)
    d_a2 = 2 * gamma * slope * (1 - 2 * a2) * norms[:, None]  # (K3)
    d_W1 = 2 * gamma * squares[:, None] * W1  # (K3)
    delta3 = (a3 - X) * a3 * (1 - a3)  # (E5)
    delta2 = (W2.T @ delta3 + d_a2) * slope  # (E6)
    grad_W1 = (delta2 @ X.T + d_W1) / m  # (E7)
    grad_W2 = delta3 @ a2.T / m  # (E8)
    grad_b1 = delta2.sum(axis=1) / m  # (E9)
    grad_b2 = delta3.sum(axis=1) / m  # (E10)
    ### END SOLUTION
    return J, grad_W1, grad_W2, grad_b1, grad_b2


def train(cost_and_grads, n, n_hidden, iterations=150):
    """Return W1, W2, b1, b2 after L-BFGS from small random weights."""
    from scipy.optimize import minimize

    shapes = [(n_hidden, n), (n, n_hidden), (n_hidden,), (n,)]
    ends = np.cumsum([np.prod(shape) for shape in shapes])[:-1]

    def unpack(theta):
        return [part.reshape(shape) for part, shape in zip(np.split(theta, ends), shapes, strict=True)]

    def objective(theta):
        J, *grads = cost_and_grads(*unpack(theta))
        return J, np.concatenate([grad.ravel() for grad in grads])

    start = np.random.default_rng(0).uniform(-0.1, 0.1, 2 * n * n_hidden + n_hidden + n)
    start[ends[1] :] = 0
    return unpack(minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": iterations}).x)


def main():
    """Train both variants on the digits of data.npz and draw what they do."""
    import matplotlib.pyplot as plt

    data = np.load(HERE / "data.npz")
    X, mask, X_test, mask_test = (data[name].astype(float) for name in ("X", "mask", "X_test", "mask_test"))
    n, lam, gamma = len(X), 1e-4, 0.1

    def denoising(W1, W2, b1, b2):
        return denoising_cost_and_grad(W1, W2, b1, b2, X, mask, lam)

    W1, W2, b1, b2 = train(denoising, n, 60)
    noisy = corrupt(X_test, mask_test)
    cleaned = sigmoid(W2 @ sigmoid(W1 @ noisy + b1[:, None]) + b2[:, None])
    error = {name: ((x - X_test) ** 2).sum(axis=0).mean() for name, x in (("corrupt", noisy), ("cleaned", cleaned))}
    print("squared error of digits that were not trained on:")
    print(f"    {error['corrupt']:.2f} corrupt, {error['cleaned']:.2f} cleaned")
    for weight in (0, gamma):
        V1, _, c1, _ = train(lambda *theta, weight=weight: contractive_cost_and_grad(*theta, X, weight), n, 60)
        size = contraction(V1, c1, X_test, 1.0)[0]
        print(f"contractive autoencoder with gamma = {weight:g}: mean squared norm of its Jacobian {size:.2f}")
    figure, axes = plt.subplots(3, 10, figsize=(10, 3.3), layout="constrained")
    rows = {"clean": X_test, "corrupt": noisy, "cleaned": cleaned}
    for row, (name, pictures) in zip(axes, rows.items(), strict=True):
        for j, axis in enumerate(row):
            axis.imshow(pictures[:, j].reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
            axis.set(xticks=[], yticks=[])
        row[0].set_ylabel(name)
    figure.savefig(HERE / "cleaned.png", dpi=100)
    print("cleaned.png shows ten digits that were not trained on")


if __name__ == "__main__":
    main()
