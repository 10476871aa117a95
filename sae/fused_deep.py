"""The page of the deep network (deep.py) with the element-wise lines fused: `engine="numba"`, for sigmoid layers.

The equations keep their numbers. Without hidden layers it is the page of softmax regression.
"""

from __future__ import annotations

import numpy as np

from . import kernels
from .deep import pairs
from .softmax import log_loss


def page(hidden, W_s, b_s):
    """As `sae.deep.page`, for the sigmoid."""
    nothing = [np.zeros_like(b) for _, b in hidden]  # no sparsity here

    def block(X, y, sums, room):
        *hidden_sums, (sum_W_s, sum_b_s) = pairs(sums)
        dtype, m = W_s.dtype, X.shape[1]
        a = [X]
        for l, (W, b) in enumerate(hidden):
            z = np.matmul(W, a[-1], out=room(f"a{l}", (b.size, m), dtype))
            kernels.sigmoid_layer(z, b)  # (D1)
            a.append(z)
        z = np.matmul(W_s, a[-1], out=room("z", (b_s.size, m), dtype))
        z += b_s[:, None]  # (D2)
        value, delta = log_loss(z, y)  # (D3), (D4)
        np.matmul(delta, a[-1].T, out=sum_W_s)  # (D7)
        sum_b_s[...] = delta.sum(axis=1)  # (D9)
        W_above = W_s
        for l in reversed(range(len(hidden))):
            sum_W, sum_b = hidden_sums[l]
            delta = np.matmul(W_above.T, delta, out=room(f"delta{l}", a[l + 1].shape, dtype))  # (D4), (D6)
            sum_b[...] = kernels.sigmoid_hidden_delta(delta, nothing[l], a[l + 1])  # (D5), (D9)
            np.matmul(delta, a[l].T, out=sum_W)  # (D8)
            W_above = hidden[l][0]
        return value

    return block
