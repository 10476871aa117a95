"""Softmax regression: probabilities of k classes, their cost and its gradient.

Fill in the holes, then check your work with

    sae course check student.py

`python student.py` trains on handwritten digits and shows what the classifier learned. Shapes: X is (n, m), an
example a column; y (m,) has the classes 0 to k - 1; W is (k, n). The equations are those of the handout.
"""

from pathlib import Path

import numpy as np

HERE = Path(globals().get("__file__", "student.py")).resolve().parent  # a notebook has no __file__


def probabilities(W, X):
    """Return p, (k, m): the probability of each class for each example, (Y1) and (Y2).

    It must not overflow, and no example may come out as NaN, however large W is.
    """
    ### BEGIN SOLUTION
    z = W @ X  # (Y1)
    c = z.max(axis=0)  # (Y2)
    e = np.exp(z - c)  # (Y2)
    p = e / e.sum(axis=0)  # (Y2)
    ### END SOLUTION
    return p


def indicator(y, k):
    """Return Y, (k, m): 1 where the row is the class of the example, otherwise 0; the 1{y = j} of (Y4).

    k is handed over because y need not hold every class.
    """
    ### BEGIN SOLUTION
    Y = np.where(np.arange(k)[:, None] == y, 1.0, 0.0)  # (Y4)
    ### END SOLUTION
    return Y


def cost_and_grad(W, X, y, lam):
    """Return J, a number, and its gradient grad_W, (k, n): (Y3) to (Y5).

    The logarithm comes from (Y2), not from p: J must be finite however large W is.
    """
    ### BEGIN SOLUTION
    k, m = len(W), X.shape[1]
    z = W @ X  # (Y1)
    c = z.max(axis=0)  # (Y2)
    log_p = z - c - np.log(np.exp(z - c).sum(axis=0))  # (Y2)
    Y = np.where(np.arange(k)[:, None] == y, 1.0, 0.0)  # (Y4)
    chosen = log_p[y, np.arange(m)]  # (Y3)
    decay = (W * W).sum()  # (Y3)
    J = -chosen.sum() / m + lam / 2 * decay  # (Y3)
    delta = np.exp(log_p) - Y  # (Y4)
    grad_W = delta @ X.T / m + lam * W  # (Y5)
    ### END SOLUTION
    return J, grad_W


def predict(W, X):
    """Return the most probable class of each example, (m,) of integers; W may be large here, too."""
    ### BEGIN SOLUTION
    z = W @ X  # (Y1)
    classes = z.argmax(axis=0)  # (Y2)
    ### END SOLUTION
    return classes


def main():
    """Train on the digits of data.npz; print the accuracy, draw the weights of each class and the mistakes."""
    import matplotlib.pyplot as plt
    from scipy.optimize import minimize

    data = np.load(HERE / "data.npz")
    X, y, X_test, y_test = data["X"], data["y"], data["X_test"], data["y_test"]
    shape = (10, len(X))

    def objective(theta):
        J, grad_W = cost_and_grad(theta.reshape(shape), X, y, 1e-3)
        return J, grad_W.ravel()

    result = minimize(objective, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B")
    W = result.x.reshape(shape)
    classes, p = predict(W, X_test), probabilities(W, X_test)
    print(f"J went from log 10 = {np.log(10):.3f} to {result.fun:.3f} in {result.nit} iterations")
    print(f"accuracy on digits that were trained on: {(predict(W, X) == y).mean():.1%}")
    print(f"accuracy on digits that were not:        {(classes == y_test).mean():.1%}")
    figure, axes = plt.subplots(3, 5, figsize=(8, 5.4), layout="constrained")
    for digit, axis in enumerate(axes[:2].ravel()):
        axis.imshow(W[digit].reshape(8, 8), cmap="RdBu_r", vmin=-np.abs(W).max(), vmax=np.abs(W).max())
        axis.set(title=f"{digit}", xticks=[], yticks=[])
    mistaken = np.flatnonzero(classes != y_test)
    for j, axis in zip(mistaken, axes[2], strict=False):
        axis.imshow(X_test[:, j].reshape(8, 8), cmap="gray_r")
        axis.set(title=f"{y_test[j]}, taken for {classes[j]}\nwith p = {p[:, j].max():.2f}", xticks=[], yticks=[])
    figure.savefig(HERE / "weights.png", dpi=100)
    print("weights.png shows which pixels speak for a digit (red) and which against it (blue), and five mistakes")


if __name__ == "__main__":
    main()
