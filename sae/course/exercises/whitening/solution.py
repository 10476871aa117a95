"""PCA and whitening of natural image patches.

Fill in the holes, then check your work with

    sae course check student.py

`python student.py` whitens patches of photographs and shows what becomes of them and of their covariance. Shapes: X is
(n, m), a patch of n pixels a column; U is (n, n), an eigenvector a column. The equations are those of the handout.
"""

from pathlib import Path

import numpy as np

HERE = Path(globals().get("__file__", "student.py")).resolve().parent  # a notebook has no __file__


def remove_brightness(X):
    """Return Y, (n, m): each patch less its own mean over its n pixels, (M1). X stays as it is."""
    ### BEGIN SOLUTION
    mu = X.mean(axis=0)  # (M1)
    Y = X - mu  # (M1)
    ### END SOLUTION
    return Y


def covariance(X):
    """Return x_bar, (n,), and Sigma, (n, n): the mean of each pixel over all m patches and the covariance, (W2).

    Sigma is a mean over the patches: it is divided by m.
    """
    ### BEGIN SOLUTION
    m = X.shape[1]
    x_bar = X.mean(axis=1)  # (W2)
    centred = X - x_bar[:, None]  # (W2)
    Sigma = centred @ centred.T / m  # (W2)
    ### END SOLUTION
    return x_bar, Sigma


def principal_axes(Sigma):
    """Return s, (n,), and U, (n, n): eigenvalues, the largest first, and eigenvectors of length 1 as columns, (W2).

    Column j of U belongs to s[j]. The sign of each column is yours to choose.
    """
    ### BEGIN SOLUTION
    found = np.linalg.eigh(Sigma)  # (W2)
    s = found.eigenvalues[::-1]  # (W2)
    U = found.eigenvectors[:, ::-1]  # (W2)
    ### END SOLUTION
    return s, U


def how_many(s, p):
    """Return k, an int: the smallest number of components that retain at least the share p of the variance, (A1)."""
    ### BEGIN SOLUTION
    share = s.cumsum() / s.sum()  # (A1)
    k = int((share < p).sum()) + 1  # (A1)
    ### END SOLUTION
    return k


def rotate(X, x_bar, U, k):
    """Return Y, (k, m): the first k principal components of patches X with the mean x_bar, (A2).

    x_bar is that of the patches U was found from, which X need not be: don't compute a mean here.
    """
    ### BEGIN SOLUTION
    Y = U[:, :k].T @ (X - x_bar[:, None])  # (A2)
    ### END SOLUTION
    return Y


def reconstruct(Y, x_bar, U):
    """Return X_hat, (n, m): patches made of k principal components Y, (k, m), by (A3)."""
    ### BEGIN SOLUTION
    k = len(Y)
    X_hat = x_bar[:, None] + U[:, :k] @ Y  # (A3)
    ### END SOLUTION
    return X_hat


def whiten_pca(X, x_bar, s, U, eps):
    """Return Y, (n, m): the principal components of X, each scaled to variance 1 but for eps, (B1)."""
    ### BEGIN SOLUTION
    rotated = U.T @ (X - x_bar[:, None])  # (B1)
    scale = 1 / np.sqrt(s + eps)  # (B1)
    Y = scale[:, None] * rotated  # (B1)
    ### END SOLUTION
    return Y


def whiten_zca(X, x_bar, s, U, eps):
    """Return Y, (n, m): the patches whitened and turned back, so that they still look like patches, (Z1)."""
    ### BEGIN SOLUTION
    rotated = U.T @ (X - x_bar[:, None])  # (Z1)
    scale = 1 / np.sqrt(s + eps)  # (Z1)
    Y = U @ (scale[:, None] * rotated)  # (Z1)
    ### END SOLUTION
    return Y


def main():
    """Whiten the patches of data.npz and draw them, and what becomes of their covariance."""
    import matplotlib.pyplot as plt

    eps = 1e-3
    X = remove_brightness(np.load(HERE / "data.npz")["X"].astype(float))
    x_bar, Sigma = covariance(X)
    s, U = principal_axes(Sigma)
    for p in (0.9, 0.99):
        k = how_many(s, p)
        X_hat = reconstruct(rotate(X, x_bar, U, k), x_bar, U)
        lost = ((X - X_hat) ** 2).sum() / ((X - x_bar[:, None]) ** 2).sum()
        print(f"{k} of {len(s)} components retain {p:.0%} of the variance; the reconstruction loses {lost:.2%}")
    pictures = {
        "less their brightness": X,
        "99 % retained": X_hat,
        "ZCA whitened": whiten_zca(X, x_bar, s, U, eps),
    }
    figure, axes = plt.subplots(2, 3, figsize=(9, 6), layout="constrained")
    for axis, (title, patches) in zip(axes[0], pictures.items(), strict=True):
        side = int(np.sqrt(len(patches)))
        tiles = patches[:, :64].reshape(side, side, 8, 8).transpose(2, 0, 3, 1).reshape(8 * side, 8 * side)
        axis.imshow(tiles, cmap="gray")
        axis.set(title=title, xticks=[], yticks=[])
    first = rotate(X, x_bar, U, 20)
    matrices = {
        "covariance of the patches": Sigma,
        "of their first 20 components": covariance(first)[1],
        f"PCA whitened, eps = {eps:g}": covariance(whiten_pca(X, x_bar, s, U, eps))[1],
    }
    for axis, (title, matrix) in zip(axes[1], matrices.items(), strict=True):
        figure.colorbar(axis.imshow(matrix), ax=axis)
        axis.set(title=title, xticks=[], yticks=[])
    figure.savefig(HERE / "whitened.png", dpi=100)
    print("whitened.png: 64 patches, and the covariance, which is diagonal after the rotation")


if __name__ == "__main__":
    main()
