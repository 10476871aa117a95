r"""The sparse autoencoder on one page: cost and gradient in plain NumPy. Read this first.

With m examples x as the columns of X (n, m), n_hidden sigmoid units and f(z) = 1 / (1 + exp(-z)):

(E1)   z^{(2)} = W_1 x + b_1,                        a^{(2)} = f(z^{(2)})                       (n_hidden, m)
(E2)   z^{(3)} = W_2 a^{(2)} + b_2,                  a^{(3)} = f(z^{(3)})                       (n, m)
(E3)   \hat\rho = \frac1m \sum_{i=1}^m a^{(2)}(x_i)                                             (n_hidden,)
(E4)   J = \frac{1}{2m} \sum_i \|a^{(3)}(x_i) - x_i\|^2
         + \frac\lambda2 \left(\|W_1\|_F^2 + \|W_2\|_F^2\right)
         + \beta \sum_j \left[\rho \log\frac{\rho}{\hat\rho_j}
                            + (1-\rho) \log\frac{1-\rho}{1-\hat\rho_j}\right]                   scalar
(E5)   \delta^{(3)} = (a^{(3)} - x) \odot f'(z^{(3)}),             f' = a (1 - a)               (n, m)
(E6)   \delta^{(2)} = \left(W_2^T \delta^{(3)}
         + \beta \left[-\frac{\rho}{\hat\rho} + \frac{1-\rho}{1-\hat\rho}\right]\right)
           \odot f'(z^{(2)})                                                                    (n_hidden, m)
(E7)   \partial J/\partial W_1 = \frac1m \delta^{(2)} X^T + \lambda W_1                         (n_hidden, n)
(E8)   \partial J/\partial W_2 = \frac1m \delta^{(3)} (a^{(2)})^T + \lambda W_2                 (n, n_hidden)
(E9)   \partial J/\partial b_1 = \frac1m \sum_i \delta^{(2)}(x_i)                               (n_hidden,)
(E10)  \partial J/\partial b_2 = \frac1m \sum_i \delta^{(3)}(x_i)                               (n,)

The data term is a mean over examples (with the 1/2), the decay and the sparsity are not divided by m, and the
biases do not decay. In (E6) the sparsity stands inside, before f': rho_hat depends on z2 through a2, and its
1/m is the one of (E7) and (E9).

Source: A. Ng, "Sparse autoencoder", CS294A lecture notes (2011), sections 2 and 3; UFLDL tutorial, "Autoencoders
and Sparsity" and "Backpropagation Algorithm".
"""

from __future__ import annotations

import numpy as np

from . import checks
from .activations import sigmoid
from .terms import check_rho_hat


def cost_and_grad(theta, X, n_hidden, lam, rho, beta):
    """Cost J and its gradient for the sigmoid-sigmoid sparse autoencoder, (E1) to (E10).

    Complex-safe: with a complex theta both come out complex, for the complex-step derivative.

    Parameters
    ----------
    theta : (p,) float or complex array, p = 2 n n_hidden + n_hidden + n
        [W1 (n_hidden, n), W2 (n, n_hidden), b1 (n_hidden,), b2 (n,)], each raveled in C order.
    X : (n, m) array in [0, 1]
        Examples as columns.
    n_hidden : int
        Number of hidden units.
    lam, rho, beta : float
        Weight decay lambda >= 0, target activation 0 < rho < 1, weight of the sparsity beta >= 0.

    Returns
    -------
    cost : float
        J of (E4).
    grad : (p,) array
        In the order of theta.

    Raises
    ------
    SaeError
        For input that can't be used, and where a mean activation rho_hat is exactly 0 or 1.
    """
    X, n_hidden = checks.matrix(X), checks.count("n_hidden", n_hidden)
    checks.within(X, *sigmoid.range, "sigmoid")
    lam, beta = checks.number("lam", lam, 0), checks.number("beta", beta, 0)
    rho = checks.number("rho", rho, 0, 1, open_ends=True)
    n, m = X.shape
    size = n_hidden * n
    theta = checks.theta(theta, 2 * size + n_hidden + n, real=False)

    W1 = theta[:size].reshape(n_hidden, n)
    W2 = theta[size : 2 * size].reshape(n, n_hidden)
    b1 = theta[2 * size : 2 * size + n_hidden]
    b2 = theta[2 * size + n_hidden :]

    z2 = W1 @ X + b1[:, None]  # (E1)
    a2 = sigmoid(z2)  # (E1)
    z3 = W2 @ a2 + b2[:, None]  # (E2)
    a3 = sigmoid(z3)  # (E2)
    rho_hat = a2.mean(axis=1)  # (E3)
    check_rho_hat(rho_hat)

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
    return cost, np.concatenate([grad_W1.ravel(), grad_W2.ravel(), grad_b1, grad_b2])
