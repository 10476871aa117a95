"""PCA and whitening: what is believed wrongly, what is written by mistake, and how to say it."""

from sae.course import Misconception

ROTATION = "the components are the products with the columns of U: U^T x, not U x"
OF_ITS_OWN = "x_bar is handed over: it is that of the patches U was found from, not of these"
BRIGHTNESS = "x_bar is the mean of each pixel over the patches, not of each patch over its pixels"
NO_ROOT = "each component is divided by its standard deviation, the root of s + eps, not by its variance"
OUTSIDE = "eps is added to the variance s, under the root, not to the root"

MISCONCEPTIONS = [
    Misconception(
        "remove_brightness",
        "M1",
        "here each patch, a column, loses its own mean, not each pixel",
        {"Y": "X - X.mean(axis=1)[:, None]"},
    ),
    Misconception(
        "remove_brightness",
        "M1",
        "each patch has a mean of its own; this is the mean of all pixels of all patches",
        {"mu": "X.mean()"},
    ),
    Misconception(
        "remove_brightness",
        "M1",
        "the mean is taken away and nothing else: the contrast of a patch stays",
        {"Y": "(X - mu) / X.std(axis=0)"},
    ),
    Misconception("covariance", "W2", BRIGHTNESS, {"centred": "X - X.mean(axis=0)"}),
    Misconception(
        "covariance", "W2", "the mean of each pixel is to be taken away before the products", {"centred": "X"}
    ),
    Misconception("covariance", "W2", "it is divided by m, as in the notes, not by m - 1", {"Sigma": "np.cov(X)"}),
    Misconception(
        "covariance",
        "W2",
        "this is the covariance of the patches with each other; that of the pixels is asked for, (n, n)",
        {"Sigma": "centred.T @ centred / m"},
    ),
    Misconception(
        "covariance",
        "W2",
        "this is a correlation: the pixels are not to be divided by their deviations",
        {"Sigma": "np.corrcoef(X)"},
    ),
    Misconception(
        "principal_axes",
        "W2",
        "the largest eigenvalue comes first; eigh returns the smallest first",
        {"s": "found.eigenvalues", "U": "found.eigenvectors"},
    ),
    Misconception(
        "principal_axes",
        "W2",
        "the eigenvalues were put in order, but the eigenvectors were not",
        {"U": "found.eigenvectors"},
    ),
    Misconception(
        "principal_axes",
        "W2",
        "the eigenvectors were put in order, but the eigenvalues were not",
        {"s": "found.eigenvalues"},
    ),
    Misconception(
        "principal_axes",
        "W2",
        "eigenvectors are the columns of U; here the rows were put in order",
        {"U": "found.eigenvectors[::-1]"},
    ),
    Misconception(
        "principal_axes",
        "W2",
        "eigenvectors are the columns of U, not its rows",
        {"U": "found.eigenvectors[:, ::-1].T"},
    ),
    Misconception(
        "principal_axes",
        "W2",
        "s holds the variances, the eigenvalues, not their roots",
        {"s": "np.sqrt(found.eigenvalues[::-1])"},
    ),
    Misconception(
        "how_many",
        "A1",
        "the share of the variance is that of s, not of its roots",
        {"share": "np.sqrt(s).cumsum() / np.sqrt(s).sum()"},
    ),
    Misconception(
        "how_many",
        "A1",
        "the share of the variance is that of s, not of its squares",
        {"share": "(s * s).cumsum() / (s * s).sum()"},
    ),
    Misconception(
        "how_many",
        "A1",
        "the shares of all components up to the k-th are added, they are not taken one by one",
        {"share": "s / s.sum()"},
    ),
    Misconception("how_many", "A1", "a share is a part of the sum of s, which need not be 1", {"share": "s.cumsum()"}),
    Misconception(
        "how_many",
        "A1",
        "this is a share of the number of components, not of the variance",
        {"k": "int(np.ceil(p * len(s)))"},
    ),
    Misconception(
        "how_many",
        "A1",
        "the components are few enough to retain less than p: the k-th is needed, too",
        {"k": "max(1, int((share < p).sum()))"},
    ),
    Misconception("rotate", "A2", ROTATION, {"Y": "U[:k] @ (X - x_bar[:, None])"}),
    Misconception("rotate", "A2", OF_ITS_OWN, {"Y": "U[:, :k].T @ (X - X.mean(axis=1)[:, None])"}),
    Misconception("rotate", "A2", BRIGHTNESS, {"Y": "U[:, :k].T @ (X - X.mean(axis=0))"}),
    Misconception(
        "rotate",
        "A2",
        "the first k columns of U are asked for, those of the largest variance, not the last",
        {"Y": "U[:, -k:].T @ (X - x_bar[:, None])"},
    ),
    Misconception(
        "reconstruct",
        "A3",
        "the way back is the product with U, not with its transpose",
        {"X_hat": "x_bar[:, None] + U.T[:, :k] @ Y"},
    ),
    Misconception("reconstruct", "A3", "the mean that was taken away comes back at the end", {"X_hat": "U[:, :k] @ Y"}),
    Misconception(
        "reconstruct",
        "A3",
        "the mean is that of the patches, added to the product, not to the components",
        {"X_hat": "U[:, :k] @ (Y + x_bar[:k, None])"},
    ),
    *(
        Misconception(function, tag, sentence, edits)
        for function, tag in (("whiten_pca", "B1"), ("whiten_zca", "Z1"))
        for sentence, edits in (
            (NO_ROOT, {"scale": "1 / (s + eps)"}),
            (OUTSIDE, {"scale": "1 / (np.sqrt(s) + eps)"}),
            ("eps is added to s, not to 1 over its root", {"scale": "1 / np.sqrt(s) + eps"}),
            ("eps is missing", {"scale": "1 / np.sqrt(s)"}),
            (ROTATION, {"rotated": "U @ (X - x_bar[:, None])"}),
            (OF_ITS_OWN, {"rotated": "U.T @ (X - X.mean(axis=1)[:, None])"}),
            (BRIGHTNESS, {"rotated": "U.T @ (X - X.mean(axis=0))"}),
            ("the mean is to be taken away first", {"rotated": "U.T @ X"}),
        )
    ),
    Misconception(
        "whiten_pca",
        "B1",
        "this is ZCA whitening: PCA whitening does not turn back",
        {"Y": "U @ (scale[:, None] * rotated)"},
    ),
    Misconception(
        "whiten_pca", "B1", "all components must get the variance 1, each by its own s", {"Y": "scale.mean() * rotated"}
    ),
    Misconception(
        "whiten_zca", "Z1", "this is PCA whitening: ZCA whitening turns back, by U", {"Y": "scale[:, None] * rotated"}
    ),
    Misconception(
        "whiten_zca",
        "Z1",
        "the way back is by U; this turns by U^T a second time",
        {"Y": "U.T @ (scale[:, None] * rotated)"},
    ),
    Misconception(
        "whiten_zca",
        "Z1",
        "the mean does not come back: whitened patches have mean 0",
        {"Y": "U @ (scale[:, None] * rotated) + x_bar[:, None]"},
    ),
]

INSTEAD = {
    "X": ("centred", "(X - X.mean(axis=0))", "X.mean(axis=1)[:, None]"),
    "mu": ("X.std(axis=0)", "np.median(X, axis=0)", "X.max(axis=0)", "X[0]"),
    "centred": ("X", "(centred / centred.std(axis=1)[:, None])", "np.abs(centred)"),
    "m": ("(m - 1)", "len(X)", "(m * len(X))", "np.sqrt(m)"),
    "U": ("np.abs(U)", "np.eye(len(U))", "U[::-1]", "U[:, ::-1]"),
    "U.T": ("U", "np.abs(U).T"),
    "s": ("s[::-1]", "np.sqrt(s)", "s ** 2", "s.mean()", "s[0]"),
    "eps": ("0", "eps ** 2", "np.sqrt(eps)", "2 * eps"),
    "p": ("(1 - p)", "p * p", "np.sqrt(p)"),
    "x_bar": ("x_bar.mean()", "2 * x_bar"),
    "rotated": ("(X - x_bar[:, None])", "np.abs(rotated)"),
    "scale": ("np.sqrt(s + eps)", "scale ** 2", "scale.mean() + 0 * scale"),
}

WORDS = {
    "x_bar[:, None]": "the mean of each pixel",
    "X - x_bar[:, None]": "X less the mean of each pixel",
    "(X - x_bar[:, None])": "X less the mean of each pixel",
    "mu": "the mean of each patch",
    "X - mu": "X less the mean of each patch",
    "X.mean(axis=0)": "the mean of each patch",
    "X.mean(axis=1)": "the mean of each pixel",
    "(X - X.mean(axis=0))": "X less the mean of each patch",
    "X.mean(axis=1)[:, None]": "the mean of each pixel",
    "X.std(axis=0)": "the deviation of each patch",
    "np.median(X, axis=0)": "the median of each patch",
    "X.max(axis=0)": "the largest pixel of each patch",
    "X[0]": "the first pixel",
    "centred": "X less the mean of each pixel",
    "centred @ centred.T": "the sum of products",
    "(centred / centred.std(axis=1)[:, None])": "X with each pixel divided by its deviation",
    "s[::-1]": "s in reverse order",
    "np.sqrt(s)": "the root of s",
    "s.mean()": "the mean of s",
    "s[0]": "the largest s",
    "s + eps": "s + eps",
    "np.sqrt(s + eps)": "the root of s + eps",
    "U[:, :k]": "the first k columns of U",
    "U[:, :k].T": "the first k columns of U, transposed,",
    "U[:, :k] @ Y": "the product with the components",
    "U[::-1]": "U with its rows in reverse order",
    "U[:, ::-1]": "U with its columns in reverse order",
    "np.eye(len(U))": "the identity",
    "len(X)": "the number of pixels",
    "scale[:, None]": "1 over the root of s + eps",
    "scale[:, None] * rotated": "the PCA whitened patches",
    "rotated": "the rotated patches",
    "scale": "1 over the root of s + eps",
    "s.cumsum()": "the sum of s up to each component",
    "s.sum()": "the sum of s",
    "share < p": "the components before the share is reached",
    "(share < p).sum()": "the number of components before the share is reached",
    "int((share < p).sum())": "the number of components before the share is reached",
}
