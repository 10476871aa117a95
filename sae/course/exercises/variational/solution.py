"""The variational autoencoder: a code that is drawn, and the derivatives through the draw.

Fill in the holes, then check your work with

    sae course check student.py

`python student.py` trains on handwritten digits, draws digits that nobody wrote, and a map of the code. Shapes: X is
(n, m), an example a column, with numbers from 0 to 1; the code's mu, logvar, eps and u are (n_latent, m). `encode` and
`decode` are written already. The equations are those of the handout.
"""

from pathlib import Path

import numpy as np

HERE = Path(globals().get("__file__", "student.py")).resolve().parent  # a notebook has no __file__


def encode(X, W1, b1, W_mu, b_mu, W_lv, b_lv):
    """Return the hidden layer h, (n_hidden, m), and mu and logvar = log sigma^2 of the code: (V1), (V2)."""
    h = np.tanh(W1 @ X + b1[:, None])
    mu = W_mu @ h + b_mu[:, None]
    logvar = W_lv @ h + b_lv[:, None]
    return h, mu, logvar


def decode(u, W2, b2, W3, b3):
    """Return the hidden layer h_d, (n_hidden, m), and z3, (n, m), of codes u: (V4), (V5)."""
    h_d = np.tanh(W2 @ u + b2[:, None])
    z3 = W3 @ h_d + b3[:, None]
    return h_d, z3


def sample(mu, logvar, eps):
    """Return u, (n_latent, m): the code that the noise eps draws from N(mu, sigma^2), (V3)."""
    ### BEGIN SOLUTION
    sigma = np.exp(logvar / 2)  # (V3)
    u = mu + sigma * eps  # (V3)
    ### END SOLUTION
    return u


def gaussian_kl(mu, logvar):
    """Return the KL divergence of each example, (m,), and its derivatives, (n_latent, m): (V7), (V12), (V13).

    kl is a sum over the code's units. kl_mu and kl_lv are its derivatives with respect to mu and logvar, without beta.
    """
    ### BEGIN SOLUTION
    variance = np.exp(logvar)  # (V7)
    kl = (mu * mu + variance - logvar - 1).sum(axis=0) / 2  # (V7)
    kl_mu = mu  # (V12)
    kl_lv = (variance - 1) / 2  # (V13)
    ### END SOLUTION
    return kl, kl_mu, kl_lv


def reconstruction(z3, X):
    """Return -log p(x|u) of each example, (m,), and delta3, (n, m), its derivative in z3: (V6), (V9).

    Both must be finite, for z3 of any size and either sign.
    """
    ### BEGIN SOLUTION
    misfit = (np.logaddexp(0, z3) - X * z3).sum(axis=0)  # (V6)
    delta3 = np.exp(-np.logaddexp(0, -z3)) - X  # (V9)
    ### END SOLUTION
    return misfit, delta3


def code_deltas(delta_u, mu, logvar, eps, beta):
    """Return delta_mu and delta_lv, each (n_latent, m): (V12), (V13).

    delta_u, (n_latent, m), is what came back through the decoder. No delta has a 1/m.
    """
    ### BEGIN SOLUTION
    sigma = np.exp(logvar / 2)  # (V3)
    delta_mu = delta_u + beta * mu  # (V12)
    delta_lv = delta_u * sigma * eps / 2 + beta / 2 * (sigma * sigma - 1)  # (V13)
    ### END SOLUTION
    return delta_mu, delta_lv


def cost_and_grad(W1, b1, W_mu, b_mu, W_lv, b_lv, W2, b2, W3, b3, X, eps, beta):
    """Return J, a number, and its gradient, an array for each of W1, ..., b3 in their order: (V1) to (V20).

    J is a mean over the examples. Call `encode` and `decode`; your functions above may be called, too.
    """
    ### BEGIN SOLUTION
    m = X.shape[1]
    h, mu, logvar = encode(X, W1, b1, W_mu, b_mu, W_lv, b_lv)  # (V1)
    sigma = np.exp(logvar / 2)  # (V3)
    u = mu + sigma * eps  # (V3)
    h_d, z3 = decode(u, W2, b2, W3, b3)  # (V4)
    misfit = np.logaddexp(0, z3) - X * z3  # (V6)
    kl = (mu * mu + sigma * sigma - logvar - 1) / 2  # (V7)
    J = (misfit.sum() + beta * kl.sum()) / m  # (V8)

    delta3 = np.exp(-np.logaddexp(0, -z3)) - X  # (V9)
    delta_d = W3.T @ delta3 * (1 - h_d * h_d)  # (V10)
    delta_u = W2.T @ delta_d  # (V11)
    delta_mu = delta_u + beta * mu  # (V12)
    delta_lv = delta_u * sigma * eps / 2 + beta / 2 * (sigma * sigma - 1)  # (V13)
    delta2 = (W_mu.T @ delta_mu + W_lv.T @ delta_lv) * (1 - h * h)  # (V14)

    grad_W1 = delta2 @ X.T / m  # (V15)
    grad_b1 = delta2.sum(axis=1) / m  # (V20)
    grad_W_mu = delta_mu @ h.T / m  # (V16)
    grad_b_mu = delta_mu.sum(axis=1) / m  # (V20)
    grad_W_lv = delta_lv @ h.T / m  # (V17)
    grad_b_lv = delta_lv.sum(axis=1) / m  # (V20)
    grad_W2 = delta_d @ u.T / m  # (V18)
    grad_b2 = delta_d.sum(axis=1) / m  # (V20)
    grad_W3 = delta3 @ h_d.T / m  # (V19)
    grad_b3 = delta3.sum(axis=1) / m  # (V20)
    ### END SOLUTION
    return J, grad_W1, grad_b1, grad_W_mu, grad_b_mu, grad_W_lv, grad_b_lv, grad_W2, grad_b2, grad_W3, grad_b3


def main():
    """Train on the digits of data.npz with a code of two numbers; draw its map and digits of the prior."""
    import matplotlib.pyplot as plt
    from scipy.optimize import minimize

    data = np.load(HERE / "data.npz")
    X, y = data["X"], data["y"]
    n_hidden, n_latent, rng = 48, 2, np.random.default_rng(0)
    encoder = [(n_hidden, len(X)), (n_hidden,), (n_latent, n_hidden), (n_latent,), (n_latent, n_hidden), (n_latent,)]
    shapes = [*encoder, (n_hidden, n_latent), (n_hidden,), (len(X), n_hidden), (len(X),)]
    ends = np.cumsum([np.prod(shape) for shape in shapes])

    def unpack(theta):
        return [part.reshape(shape) for part, shape in zip(np.split(theta, ends[:-1]), shapes, strict=True)]

    def objective(theta, eps):
        J, *grads = cost_and_grad(*unpack(theta), X, eps, 1.0)
        return J, np.concatenate([grad.ravel() for grad in grads])

    theta = 0.1 * rng.standard_normal(ends[-1])
    for draw in range(1, 31):  # a new eps now and then, never while L-BFGS is at work
        eps = rng.standard_normal((n_latent, X.shape[1]))
        result = minimize(objective, theta, (eps,), jac=True, method="L-BFGS-B", options={"maxiter": 30})
        theta = result.x
        if draw % 5 == 0:
            print(f"after {draw:2d} draws of eps: J = {result.fun:.2f}")

    parameters = unpack(theta)
    _, mu, _ = encode(X, *parameters[:6])
    _, z3 = decode(rng.standard_normal((n_latent, 60)), *parameters[6:])
    digits = np.pad((1 / (1 + np.exp(-z3))).T.reshape(6, 10, 8, 8), ((0, 0), (0, 0), (0, 1), (0, 1)))
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.6))
    points = left.scatter(*mu, c=y, cmap="tab10", s=8)
    figure.colorbar(points, ax=left, ticks=range(10))
    left.set(title="where the digits lie in the code", xlabel="mu of unit 1", ylabel="mu of unit 2")
    right.imshow(np.block([list(row) for row in digits]), cmap="gray_r")
    right.set(title="digits drawn from N(0, I)", xticks=[], yticks=[])
    figure.savefig(HERE / "code.png", dpi=100)
    print("code.png shows a map of the code, and digits that nobody wrote")


if __name__ == "__main__":
    main()
