"""The two block functions of the page (autoencoder.py) with the element-wise lines fused: `engine="numba"`.

For sigmoid hidden units, sigmoid or identity output units, and the squared error as the only term per example.
The equations keep their numbers.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from . import kernels
from .activations import identity, sigmoid
from .terms import KLSparsity, SquaredError, Term

LAYER = {sigmoid: kernels.sigmoid_layer, identity: kernels.identity_layer}
OUTPUT_DELTA = {sigmoid: kernels.sigmoid_output_delta, identity: kernels.identity_output_delta}
HIDDEN_DELTA = {sigmoid: kernels.sigmoid_hidden_delta}


def missing(f, g, example_terms) -> str:
    """Say what has no kernel among these, or return an empty string."""
    if f not in HIDDEN_DELTA:
        return f"hidden activation {f.name}"
    if g not in OUTPUT_DELTA:
        return f"output activation {g.name}"
    others = [term.name for term in example_terms if type(term) is not SquaredError]
    return f"term {others[0]}" if others else "" if len(example_terms) == 1 else "no data term"


def twin(term: Term) -> Term:
    """Return the term with its compiled twin, or the term itself if it has none."""
    return dataclasses.replace(term, kl=kernels.kl_sparsity) if type(term) is KLSparsity else term


def forward_block(W1, b1, X, f):
    """As `sae.autoencoder.forward_block`."""
    a2 = W1 @ X
    sum_a2 = LAYER[f](a2, b1)  # (E1), sum of (E3)
    return a2, sum_a2


def backward_block(W1, b1, W2, b2, X, target, a2, d_rho_hat, f, g, example_terms):
    """As `sae.autoencoder.backward_block`."""
    a3 = W2 @ a2
    LAYER[g](a3, b2)  # (E2)
    delta3 = np.subtract(a3, target, order="C")
    cost, sum_delta3 = OUTPUT_DELTA[g](delta3, a3)  # (E4), (E5), sum of (E10)
    delta2 = W2.T @ delta3
    sum_delta2 = HIDDEN_DELTA[f](delta2, d_rho_hat, a2)  # (E6), sum of (E9)
    return {example_terms[0].name: cost}, (delta2 @ X.T, delta3 @ a2.T, sum_delta2, sum_delta3)  # (E7), (E8)
