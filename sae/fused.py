"""The two phases of the page (autoencoder.py) with the element-wise lines fused: `engine="numba"`.

For sigmoid hidden units, sigmoid or identity output units, and the squared error as the only term per example.
The equations keep their numbers.

In memory examples are rows, and every matrix lies as its products read it fastest.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from . import kernels
from .activations import identity, sigmoid
from .terms import KLSparsity, SquaredError, Term

NARROW = 128  # units; BLAS multiplies by such a matrix faster when it need not transpose it
OUTPUT = {sigmoid: kernels.sigmoid_output, identity: kernels.identity_output}


def missing(f, g, example_terms) -> str:
    """Say what has no kernel among these, or return an empty string."""
    if f is not sigmoid:
        return f"hidden activation {f.name}"
    if g not in OUTPUT:
        return f"output activation {g.name}"
    others = [term.name for term in example_terms if type(term) is not SquaredError]
    return f"term {others[0]}" if others else "" if len(example_terms) == 1 else "no data term"


def twin(term: Term) -> Term:
    """Return the term with its compiled twin, or the term itself if it has none."""
    return dataclasses.replace(term, kl=kernels.kl_sparsity) if type(term) is KLSparsity else term


def page(W1, W2, b1, b2, f, g, example_terms, room):
    """As `sae.autoencoder.page`."""
    W1T, W2T = W1.T, W2.T
    if min(W1.shape) < NARROW:
        W1T, W2T = room.copy("W1T", W1T, W1.dtype), room.copy("W2T", W2T, W2.dtype)
    output, name = OUTPUT[g], example_terms[0].name

    def forward(X, a2):
        np.matmul(X.T, W1T, out=a2.T)
        return kernels.sigmoid_layer(a2.T, b1)  # (E1), sum of (E3)

    def backward(X, target, a2, d_rho_hat, sums, room):
        sum_W1, sum_W2, sum_b1, sum_b2 = sums
        x, a2 = X.T, a2.T
        delta3 = np.matmul(a2, W2T, out=room("delta3", x.shape, x.dtype))  # (E2)
        cost, sum_b2[...] = output(delta3, b2, target.T)  # (E2), (E4), (E5), (E10)
        delta2 = np.matmul(delta3, W2, out=room("delta2", a2.shape, x.dtype))
        sum_b1[...] = kernels.sigmoid_hidden_delta(delta2, d_rho_hat, a2)  # (E6), (E9)
        np.matmul(delta2.T, x, out=sum_W1)  # (E7)
        np.matmul(delta3.T, a2, out=sum_W2)  # (E8)
        return {name: cost}

    return forward, backward
