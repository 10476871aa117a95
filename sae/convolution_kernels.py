"""The Numba twin of sigmoid and pooling, (C3) and (C4) of sae/convolution.py and sae/pooling.py, in one pass."""

from __future__ import annotations

from .kernels import _kernel, sigmoid


@_kernel("reassoc", "contract")
def pooled_sigmoid(z, b, size, largest, out):
    """``out[...] = pool(1 / (1 + np.exp(-z - b[:, None, None])), size, "max" if largest else "mean", drop=True)``.

    z (k, P, Q) is read once, and the responses are written nowhere. The largest response is that of the largest z.
    """
    units, rows, columns = out.shape
    for k in range(units):
        for u in range(rows):
            for v in range(columns):
                best, total = z[k, u * size, v * size], 0.0
                for p in range(u * size, (u + 1) * size):
                    line = z[k, p, v * size : (v + 1) * size]
                    if largest:
                        for q in range(size):
                            best = max(best, line[q])
                    else:
                        for q in range(size):
                            total += sigmoid(line[q] + b[k])
                out[k, u, v] = sigmoid(best + b[k]) if largest else total / (size * size)
