r"""The Hessian times a vector on one page: each line of the gradient, and under it the line that differentiates it.

R{.} is the derivative along a direction v = [V_1, V_2, c_1, c_2], packed like theta:

    R{q(\theta)} = \frac{d}{dr} q(\theta + r v) at r = 0,     so R{W_1} = V_1, R{W_2} = V_2, R{b_1} = c_1, R{b_2} = c_2

It obeys the rules of differentiation, so that going through (E1) to (E10) once more gives R{gradient} = H v, H the
(p, p) matrix of second derivatives of J, which is never formed. f is the sigmoid, g the sigmoid or another output:

(E1)   z^{(2)} = W_1 x + b_1,                        a^{(2)} = f(z^{(2)})                       (n_hidden, m)
(R1)   R\{z^{(2)}\} = V_1 x + c_1,                   R\{a^{(2)}\} = f'(z^{(2)}) \odot R\{z^{(2)}\}   (n_hidden, m)
(E2)   z^{(3)} = W_2 a^{(2)} + b_2,                  a^{(3)} = g(z^{(3)})                       (n, m)
(R2)   R\{z^{(3)}\} = V_2 a^{(2)} + W_2 R\{a^{(2)}\} + c_2,
       R\{a^{(3)}\} = g'(z^{(3)}) \odot R\{z^{(3)}\}                                            (n, m)
(E3)   \hat\rho = \frac1m \sum_{i=1}^m a^{(2)}(x_i)                                             (n_hidden,)
(R3)   R\{\hat\rho\} = \frac1m \sum_{i=1}^m R\{a^{(2)}(x_i)\}                                   (n_hidden,)
(E4)   J = \frac{1}{2m} \sum_i \|a^{(3)}(x_i) - x_i\|^2
         + \frac\lambda2 \left(\|W_1\|_F^2 + \|W_2\|_F^2\right)
         + \beta \sum_j \left[\rho \log\frac{\rho}{\hat\rho_j}
                            + (1-\rho) \log\frac{1-\rho}{1-\hat\rho_j}\right]                   scalar
(R4)   R\{J\} = \frac1m \sum_i (a^{(3)}(x_i) - x_i)^T R\{a^{(3)}(x_i)\}
         + \lambda \left(\langle W_1, V_1\rangle + \langle W_2, V_2\rangle\right) + s^T R\{\hat\rho\}
         = \nabla J^T v                                                                         scalar
(E5)   \delta^{(3)} = (a^{(3)} - x) \odot g'(z^{(3)})                                           (n, m)
(R5)   R\{\delta^{(3)}\} = R\{a^{(3)}\} \odot g'(z^{(3)})
         + (a^{(3)} - x) \odot g''(z^{(3)}) \odot R\{z^{(3)}\}                                  (n, m)
(E6)   \delta^{(2)} = \left(W_2^T \delta^{(3)} + s\right) \odot f'(z^{(2)}),
       s = \beta \left[-\frac{\rho}{\hat\rho} + \frac{1-\rho}{1-\hat\rho}\right]                (n_hidden, m)
(R6)   R\{\delta^{(2)}\} = \left(V_2^T \delta^{(3)} + W_2^T R\{\delta^{(3)}\} + R\{s\}\right) \odot f'(z^{(2)})
         + \left(W_2^T \delta^{(3)} + s\right) \odot f''(z^{(2)}) \odot R\{z^{(2)}\},
       R\{s\} = \beta \left[\frac{\rho}{\hat\rho^2} + \frac{1-\rho}{(1-\hat\rho)^2}\right]
         \odot R\{\hat\rho\}                                                                    (n_hidden, m)
(E7)   \partial J/\partial W_1 = \frac1m \delta^{(2)} X^T + \lambda W_1                         (n_hidden, n)
(R7)   R\{\partial J/\partial W_1\} = \frac1m R\{\delta^{(2)}\} X^T + \lambda V_1               (n_hidden, n)
(E8)   \partial J/\partial W_2 = \frac1m \delta^{(3)} (a^{(2)})^T + \lambda W_2                 (n, n_hidden)
(R8)   R\{\partial J/\partial W_2\} = \frac1m \left(R\{\delta^{(3)}\} (a^{(2)})^T
         + \delta^{(3)} R\{a^{(2)}\}^T\right) + \lambda V_2                                     (n, n_hidden)
(E9)   \partial J/\partial b_1 = \frac1m \sum_i \delta^{(2)}(x_i)                               (n_hidden,)
(R9)   R\{\partial J/\partial b_1\} = \frac1m \sum_i R\{\delta^{(2)}(x_i)\}                     (n_hidden,)
(E10)  \partial J/\partial b_2 = \frac1m \sum_i \delta^{(3)}(x_i)                               (n,)
(R10)  R\{\partial J/\partial b_2\} = \frac1m \sum_i R\{\delta^{(3)}(x_i)\}                     (n,)

For the sigmoid f' = a (1 - a) and f'' = a (1 - a) (1 - 2 a); for a linear decoder g' = 1 and g'' = 0. The scaling is
that of sae/reference.py. A product takes 8 matrix products beside the 5 of the gradient, whatever p is.

Source: B. Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 6 (1994), section 3.
"""

from __future__ import annotations

import numpy as np

from . import checks
from .activations import Activation, sigmoid
from .errors import SaeError
from .layout import Layout
from .terms import check_rho_hat


def hessian_vector(theta, v, X, n_hidden, lam, rho, beta, g: Activation = sigmoid) -> np.ndarray:
    """Return H v, (p,): (R7) to (R10) of `gradient_and_product`, with its parameters and errors.

    H is symmetric, u . H v = v . H u, and H v is the derivative of the gradient along v: two ways to check it.
    """
    return gradient_and_product(theta, v, X, n_hidden, lam, rho, beta, g)[3]


def gradient_and_product(theta, v, X, n_hidden, lam, rho, beta, g: Activation = sigmoid):
    """Cost, gradient, and the derivatives of both along v: (E1) to (E10) with (R1) to (R10).

    Complex-safe, as sae/reference.py is: a complex theta gives derivatives of H v by the complex step.

    Parameters
    ----------
    theta : (p,) float or complex array, p = 2 n n_hidden + n_hidden + n
        [W1 (n_hidden, n), W2 (n, n_hidden), b1 (n_hidden,), b2 (n,)], each raveled in C order.
    v : (p,) array
        The direction, in the order of theta; of any length, H v is linear in it.
    X : (n, m) array
        Examples as columns, in the range of g: [0, 1] for the sigmoid.
    n_hidden : int
        Number of hidden units.
    lam, rho, beta : float
        Weight decay lambda >= 0, target activation 0 < rho < 1, weight of the sparsity beta >= 0.
    g : Activation
        Output units, sigmoid or, for the linear decoder, identity; any that knows its curvature.

    Returns
    -------
    cost : float
        J of (E4).
    grad : (p,) array
        Its gradient.
    R_cost : float
        (R4), equal to grad . v.
    R_grad : (p,) array
        H v, in the order of theta.

    Raises
    ------
    SaeError
        For input that can't be used, and where a mean activation rho_hat is exactly 0 or 1.
    """
    X, n_hidden = checks.matrix(X), checks.count("n_hidden", n_hidden)
    checks.instance("g", g, Activation, "sae.identity")
    if g.curvature is None:
        raise SaeError(f"g is {g.name}, whose curvature is not known; expected one that has it, as sae.identity.")
    checks.within(X, *g.range, g.name)
    lam, beta = checks.number("lam", lam, 0), checks.number("beta", beta, 0)
    rho = checks.number("rho", rho, 0, 1, open_ends=True)
    layout = Layout.autoencoder(len(X), n_hidden)
    theta, v = checks.theta(theta, layout.size, real=False), _direction(v, layout.size)
    f, m = sigmoid, X.shape[1]

    W1, W2, b1, b2 = layout.unpack(theta)
    V1, V2, c1, c2 = layout.unpack(v)

    z2 = W1 @ X + b1[:, None]  # (E1)
    R_z2 = V1 @ X + c1[:, None]  # (R1)
    a2 = f(z2)  # (E1)
    df2 = f.derivative(a2)  # (E6)
    R_a2 = df2 * R_z2  # (R1)

    z3 = W2 @ a2 + b2[:, None]  # (E2)
    R_z3 = V2 @ a2 + W2 @ R_a2 + c2[:, None]  # (R2)
    a3 = g(z3)  # (E2)
    dg3 = g.derivative(a3)  # (E5)
    R_a3 = dg3 * R_z3  # (R2)

    rho_hat = a2.mean(axis=1)  # (E3)
    R_rho_hat = R_a2.mean(axis=1)  # (R3)
    check_rho_hat(rho_hat)
    s = beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))  # (E6)
    R_s = beta * (rho / rho_hat**2 + (1 - rho) / (1 - rho_hat) ** 2) * R_rho_hat  # (R6)

    kl = rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat))  # (E4)
    decay = (W1 * W1).sum() + (W2 * W2).sum()  # (E4)
    R_decay = 2 * ((W1 * V1).sum() + (W2 * V2).sum())  # (R4)
    cost = ((a3 - X) ** 2).sum() / (2 * m) + lam / 2 * decay + beta * kl.sum()  # (E4)
    R_cost = ((a3 - X) * R_a3).sum() / m + lam / 2 * R_decay + (s * R_rho_hat).sum()  # (R4)

    delta3 = (a3 - X) * dg3  # (E5)
    R_delta3 = R_a3 * dg3 + delta3 * g.curvature(a3) * R_z3  # (R5)
    back = W2.T @ delta3 + s[:, None]  # (E6)
    R_back = V2.T @ delta3 + W2.T @ R_delta3 + R_s[:, None]  # (R6)
    delta2 = back * df2  # (E6)
    R_delta2 = R_back * df2 + back * df2 * (1 - 2 * a2) * R_z2  # (R6)

    grad_W1 = delta2 @ X.T / m + lam * W1  # (E7)
    R_grad_W1 = R_delta2 @ X.T / m + lam * V1  # (R7)
    grad_W2 = delta3 @ a2.T / m + lam * W2  # (E8)
    R_grad_W2 = (R_delta3 @ a2.T + delta3 @ R_a2.T) / m + lam * V2  # (R8)
    grad_b1 = delta2.mean(axis=1)  # (E9)
    R_grad_b1 = R_delta2.mean(axis=1)  # (R9)
    grad_b2 = delta3.mean(axis=1)  # (E10)
    R_grad_b2 = R_delta3.mean(axis=1)  # (R10)

    grad = np.concatenate([grad_W1.ravel(), grad_W2.ravel(), grad_b1, grad_b2])
    R_grad = np.concatenate([R_grad_W1.ravel(), R_grad_W2.ravel(), R_grad_b1, R_grad_b2])
    return cost, grad, R_cost, R_grad


def _direction(v, size) -> np.ndarray:
    v = np.asarray(v)
    if v.dtype.kind not in "fiuc" or v.shape != (size,):
        raise SaeError(
            f"v has shape {v.shape} and dtype {v.dtype}; expected ({size},), the shape of theta, and numbers."
        )
    if not np.isfinite(v).all():
        raise SaeError(
            f"v has a value that is not finite at index {np.argmin(np.isfinite(v))}; expected finite numbers."
        )
    return v.astype(np.complex128 if v.dtype.kind == "c" else np.float64, copy=False)
