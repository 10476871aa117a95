"""Stacked fine-tuning: two sigmoid layers and a softmax, trained as one network.

Fill in the holes, then check your work with

    sae course check student.py

`python student.py` takes layers that were pretrained one by one, fine-tunes all of them together on handwritten
digits, and prints the accuracy before and after. Shapes: X is (n, m), an example a column; y (m,) has the classes 0 to
k - 1; W1 is (n2, n), b1 (n2,), W2 (n3, n2), b2 (n3,), W_s (k, n3). The equations are those of the handout.
"""

from pathlib import Path

import numpy as np

HERE = Path(globals().get("__file__", "student.py")).resolve().parent  # a notebook has no __file__


def sigmoid(z):
    """Return 1 / (1 + e^-z) of each entry, for z of any size."""
    return np.exp(-np.logaddexp(0, -z))


def forward(W1, b1, W2, b2, X):
    """Return the activations a2, (n2, m), and a3, (n3, m), of both hidden layers: (D1)."""
    ### BEGIN SOLUTION
    z2 = W1 @ X + b1[:, None]  # (D1)
    a2 = sigmoid(z2)  # (D1)
    z3 = W2 @ a2 + b2[:, None]  # (D1)
    a3 = sigmoid(z3)  # (D1)
    ### END SOLUTION
    return a2, a3


def softmax_layer(W_s, a3):
    """Return log_p, (k, m): log p of each class for each example, (D2) and (Y2).

    It must be finite, however large W_s is.
    """
    ### BEGIN SOLUTION
    z = W_s @ a3  # (D2)
    c = z.max(axis=0)  # (Y2)
    log_p = z - c - np.log(np.exp(z - c).sum(axis=0))  # (Y2)
    ### END SOLUTION
    return log_p


def backward(W2, W_s, delta, a2, a3):
    """Return delta3, (n3, m), and delta2, (n2, m), of the hidden layers: (D4) to (D6).

    delta, (k, m), is that of the softmax. No delta has a 1/m.
    """
    ### BEGIN SOLUTION
    e3 = W_s.T @ delta  # (D4)
    delta3 = e3 * a3 * (1 - a3)  # (D5)
    e2 = W2.T @ delta3  # (D6)
    delta2 = e2 * a2 * (1 - a2)  # (D5)
    ### END SOLUTION
    return delta3, delta2


def cost_and_grad(W1, b1, W2, b2, W_s, X, y, lam):
    """Return J, a number, and its gradient, an array for each of W1, b1, W2, b2, W_s: (D1) to (D9).

    J is a mean over the examples; only W_s decays. Your functions above may be called here.
    """
    ### BEGIN SOLUTION
    m = X.shape[1]
    a2 = sigmoid(W1 @ X + b1[:, None])  # (D1)
    a3 = sigmoid(W2 @ a2 + b2[:, None])  # (D1)
    z = W_s @ a3  # (D2)
    c = z.max(axis=0)  # (Y2)
    log_p = z - c - np.log(np.exp(z - c).sum(axis=0))  # (Y2)
    J = -log_p[y, np.arange(m)].sum() / m + lam / 2 * (W_s * W_s).sum()  # (D3)

    indicator = np.arange(len(W_s))[:, None] == y  # (D4)
    delta = np.exp(log_p) - indicator  # (D4)
    e3 = W_s.T @ delta  # (D4)
    delta3 = e3 * a3 * (1 - a3)  # (D5)
    e2 = W2.T @ delta3  # (D6)
    delta2 = e2 * a2 * (1 - a2)  # (D5)

    grad_W_s = delta @ a3.T / m + lam * W_s  # (D7)
    grad_W2 = delta3 @ a2.T / m  # (D8)
    grad_W1 = delta2 @ X.T / m  # (D8)
    grad_b2 = delta3.sum(axis=1) / m  # (D9)
    grad_b1 = delta2.sum(axis=1) / m  # (D9)
    ### END SOLUTION
    return J, grad_W1, grad_b1, grad_W2, grad_b2, grad_W_s


def predict(W1, b1, W2, b2, W_s, X):
    """Return the most probable class of each example, (m,) of integers."""
    ### BEGIN SOLUTION
    a2 = sigmoid(W1 @ X + b1[:, None])  # (D1)
    a3 = sigmoid(W2 @ a2 + b2[:, None])  # (D1)
    z = W_s @ a3  # (D2)
    classes = z.argmax(axis=0)  # (Y2)
    ### END SOLUTION
    return classes


def main():
    """Fine-tune the pretrained layers of data.npz; print the accuracy before and after, draw what changed."""
    import matplotlib.pyplot as plt
    from scipy.optimize import minimize

    data = np.load(HERE / "data.npz")
    X, y, X_test, y_test = data["X"], data["y"], data["X_test"], data["y_test"]
    layers = [data[name] for name in ("W1", "b1", "W2", "b2", "W_s")]
    ends = np.cumsum([part.size for part in layers])[:-1]

    def unpack(theta):
        return [piece.reshape(part.shape) for piece, part in zip(np.split(theta, ends), layers, strict=True)]

    def pack(parts):
        return np.concatenate([part.ravel() for part in parts])

    def objective(theta):
        J, *grads = cost_and_grad(*unpack(theta), X, y, 1e-4)
        return J, pack(grads)

    result = minimize(objective, pack(layers), jac=True, method="L-BFGS-B", options={"maxiter": 100})
    tuned = unpack(result.x)
    before, after = predict(*layers, X_test), predict(*tuned, X_test)
    print("accuracy on digits that were not trained on")
    print(f"  before fine-tuning: {(before == y_test).mean():.1%}")
    print(f"  after fine-tuning:  {(after == y_test).mean():.1%}")

    figure, axes = plt.subplots(2, 8, figsize=(9, 3.2))
    for row, (classes, when) in enumerate(((before, "before"), (after, "after"))):
        mistaken = np.flatnonzero(classes != y_test)
        for axis, i in zip(axes[row], mistaken, strict=False):
            axis.imshow(X_test[:, i].reshape(8, 8), cmap="gray_r")
            axis.set_title(f"{y_test[i]} as {classes[i]}")
        for axis in axes[row]:
            axis.set(xticks=[], yticks=[])
        axes[row, 0].set_ylabel(f"{len(mistaken)} wrong\n{when}")
    figure.savefig(HERE / "mistakes.png", dpi=100)
    print("mistakes.png shows digits that were taken for others, before and after")


if __name__ == "__main__":
    main()
