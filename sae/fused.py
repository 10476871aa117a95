"""The two phases of the page (autoencoder.py) with the element-wise lines fused: `engine="numba"`.

For sigmoid hidden units, sigmoid or identity output units, and the squared error as the only term per example.
The equations keep their numbers.

In memory a layer of a block lies unit by unit (order "C") or example by example ("F"), as BLAS multiplies it fastest.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from . import kernels
from .activations import identity, sigmoid
from .blocks import NARROW, Order
from .terms import KLSparsity, SquaredError, Term, WeightDecay

OUTPUT = {sigmoid: kernels.sigmoid_output, identity: kernels.identity_output}


def missing(f, g, example_terms) -> str:
    """Say what has no kernel among these, or return an empty string."""
    if f is not sigmoid:
        return f"hidden activation {f.name}"
    if g not in OUTPUT:
        return f"output activation {g.name}"
    others = [term.name for term in example_terms if type(term) is not SquaredError]
    return f"term {others[0]}" if others else "" if len(example_terms) == 1 else "no data term"


class DecayInPlace(WeightDecay):
    """`WeightDecay` with its partials in memory that the next evaluation uses again: new memory costs page faults."""

    def __call__(self, s):
        """Value, d/dW1 and d/dW2."""
        d = {
            name: np.multiply(self.lam, W, out=s.room(f"decay of {name}", W.shape, W.dtype))
            for name, W in (("W1", s.W1), ("W2", s.W2))
        }
        return (d["W1"].ravel() @ s.W1.ravel() + d["W2"].ravel() @ s.W2.ravel()) / 2, d


def twin(term: Term) -> Term:
    """Return the term with its twin for this engine, or the term itself if it has none."""
    if type(term) is WeightDecay:
        return DecayInPlace(term.lam)
    return dataclasses.replace(term, kl=kernels.kl_sparsity) if type(term) is KLSparsity else term


def orders(n: int, n_hidden: int) -> tuple[Order, Order]:
    """Return the orders in memory of the hidden and the output layer, (units, examples)."""
    if min(n, n_hidden) < NARROW:
        return "F", "F"
    return "C", "F" if n > n_hidden else "C"  # X lies example by example, too: here that saves more than it costs


def page(W1, W2, b1, b2, f, g, example_terms, room):
    """As `sae.autoencoder.page`."""
    W2T, (hidden, outer) = W2.T, orders(*W2.shape)
    if hidden == "F":  # or BLAS would turn the weights in every product
        W1, W2 = room.laid("W1", W1, "F"), room.laid("W2", W2, "F")
    output, name = OUTPUT[g], example_terms[0].name

    def forward(X, a2):
        np.matmul(W1, X, out=a2)
        return kernels.sigmoid_layer(a2, b1)  # (E1), sum of (E3)

    def backward(X, target, a2, d_rho_hat, sums, room):
        sum_W1, sum_W2, sum_b1, sum_b2 = sums
        x = room.laid("laid target", target, outer)
        delta3 = np.matmul(W2, a2, out=room("delta3", x.shape, x.dtype, outer))  # (E2)
        cost, sum_b2[...] = output(delta3, b2, x)  # (E2), (E4), (E5), (E10)
        delta2 = np.matmul(W2T, delta3, out=room("delta2", a2.shape, x.dtype, hidden))
        sum_b1[...] = kernels.sigmoid_hidden_delta(delta2, d_rho_hat, a2)  # (E6), (E9)
        np.matmul(delta2, (x if target is X else X).T, out=sum_W1)  # (E7)
        np.matmul(delta3, a2.T, out=sum_W2)  # (E8)
        return {name: cost}

    return forward, backward
