"""The two block functions of the page (autoencoder.py) with the element-wise lines fused: `engine="numba"`.

For sigmoid hidden units, sigmoid or identity output units, and the squared error as the only term per example.
The equations keep their numbers.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from scipy.linalg import get_blas_funcs

from . import kernels
from .activations import identity, sigmoid
from .terms import KLSparsity, SquaredError, Term

gemm: Any = get_blas_funcs("gemm", dtype=np.float64)
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


def forward_block(W1, b1, X, f):
    """As `sae.autoencoder.forward_block`."""
    a2 = W1 @ X
    sum_a2 = kernels.sigmoid_layer(a2, b1)  # (E1), sum of (E3)
    return a2, sum_a2


def backward_block(W1, b1, W2, b2, X, target, a2, d_rho_hat, f, g, example_terms, sums):
    """As `sae.autoencoder.backward_block`."""
    sum_W1, sum_W2, sum_b1, sum_b2 = sums
    delta3 = a2.T @ W2.T  # (E2), transposed: examples as rows, as X lies in memory
    cost, sum_delta3 = OUTPUT[g](delta3, b2, np.ascontiguousarray(target.T))  # (E2), (E4), (E5)
    delta2 = W2.T @ delta3.T
    sum_delta2 = kernels.sigmoid_hidden_delta(delta2, d_rho_hat, a2)  # (E6)
    add_product(sum_W1, delta2, np.ascontiguousarray(X.T))  # (E7)
    add_product(sum_W2.T, a2, delta3)  # (E8)
    sum_b1 += sum_delta2  # (E9)
    sum_b2 += sum_delta3  # (E10)
    return {example_terms[0].name: cost}


def add_product(total, a, b):
    """``total += a @ b`` in one pass over `total`: BLAS with beta = 1. All in C order."""
    gemm(1.0, b.T, a.T, beta=1.0, c=total.T, overwrite_c=True)
