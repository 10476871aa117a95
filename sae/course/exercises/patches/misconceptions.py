"""Patches and normalisation: what is believed wrongly, beside slips of the pen."""

from sae.course import Misconception


def wrongly(function, tag, edits):
    """Return the misconceptions about one equation."""
    return [Misconception(function, tag, sentence, changed) for sentence, changed in edits.items()]


misconceptions = [
    *wrongly(
        "patch",
        "K1",
        {
            "row and column are the wrong way round": {"window": "image[column : column + side, row : row + side]"},
            "the pixels are put down column after column; they belong there row after row": {
                "x": "window.ravel(order='F')"
            },
            "rows and columns are counted from 0, not from 1": {
                "window": "image[row - 1 : row - 1 + side, column - 1 : column - 1 + side]"
            },
            "row and column are those of the upper left pixel, not of a patch on a grid without overlap": {
                "window": "image[side * row : side * row + side, side * column : side * column + side]"
            },
            "row and column are those of the upper left pixel, not of the middle": {
                "window": "np.roll(image, (side // 2, side // 2), (0, 1))[row : row + side, column : column + side]"
            },
        },
    ),
    *wrongly(
        "places",
        "K2",
        {
            "the last place is left out: a patch may end with the last pixel": {
                "count": "(height - side) * (width - side)"
            },
            "places overlap: there is one for each pixel that a patch can begin at, not for each tile": {
                "count": "(height // side) * (width // side)"
            },
            "a patch can't begin at each pixel: near the lower and right edge it would not fit": {
                "count": "height * width"
            },
            "the last place begins where the patch just fits, not one pixel further": {
                "count": "(height - side + 2) * (width - side + 2)"
            },
            "height and width may differ, and so the numbers of rows and columns to begin at": {
                "count": "(height - side + 1) ** 2"
            },
        },
    ),
    *wrongly(
        "sample",
        "K2",
        {
            "the last row of places never occurs: rng.integers(k) leaves out k itself": {
                "row": "rng.integers(height - side) if height > side else 0"
            },
            "the last column of places never occurs: rng.integers(k) leaves out k itself": {
                "column": "rng.integers(width - side) if width > side else 0"
            },
        },
    ),
    *wrongly(
        "sample",
        "K3",
        {
            "all patches are of the first image": {"image": "images[0]"},
            "the last image never occurs: rng.integers(k) leaves out k itself": {
                "image": "images[rng.integers(max(1, len(images) - 1))]"
            },
            "images have sizes of their own: the first one's are used for all": {
                "row": "rng.integers(images[0].shape[0] - side + 1)",
                "column": "rng.integers(images[0].shape[1] - side + 1)",
            },
            "all patches are of the upper left corner: row and column are to be drawn, too": {
                "row": "0",
                "column": "0",
            },
            "row and column are one random number; each has to be drawn by itself": {
                "column": "min(row, width - side)"
            },
            "places at the edge come too often: draw one where the patch fits, don't push it back into the image": {
                "row": "min(rng.integers(height), height - side)",
                "column": "min(rng.integers(width), width - side)",
            },
        },
    ),
    *wrongly(
        "sample",
        "K1",
        {
            "the pixels are put down column after column; they belong there row after row": {
                "X[:, t]": "image[row : row + side, column : column + side].T.ravel()"
            },
        },
    ),
    *wrongly(
        "remove_mean",
        "P1",
        {
            "one mean over all patches is removed; each patch has its own": {"centred": "X - X.mean()"},
            "the mean of each pixel over the patches is removed; it is that of each patch over its pixels": {
                "centred": "X - X.mean(axis=1)[:, None]"
            },
            "the means of the patches stand along the wrong axis": {"centred": "X - X.mean(axis=0)[:, None]"},
            "only the mean is removed here; contrasts stay as they are": {
                "centred": "(X - X.mean(axis=0)) / X.std(axis=0)"
            },
        },
    ),
    *wrongly(
        "normalise",
        "P2",
        {
            "sigma is taken of each patch by itself; it is one number, over all patches and pixels": {
                "bound": "3 * X.std(axis=0)"
            },
            "sigma is taken of each pixel by itself; it is one number, over all patches and pixels": {
                "bound": "3 * X.std(axis=1)[:, None]"
            },
            "sigma has all numbers in its denominator here, not one fewer": {"bound": "3 * X.std(ddof=1)"},
            "nothing is truncated: some values lie beyond 3 sigma": {"clipped": "X"},
            "values below -3 sigma are not truncated": {"clipped": "np.minimum(X, bound)"},
            "values above 3 sigma are not truncated": {"clipped": "np.maximum(X, -bound)"},
            "values beyond 3 sigma become 3 sigma, not 0": {"clipped": "np.where(np.abs(X) > bound, 0, X)"},
            "the range is that of 3 sigma, not from the smallest to the largest value": {"bound": "np.abs(X).max()"},
            "it is truncated at 3 sigma, not at sigma": {"bound": "X.std()"},
        },
    ),
    *wrongly(
        "normalise",
        "P3",
        {
            "the range is [0.1, 0.9], not [0, 1]": {"scaled": "(clipped / bound + 1) / 2"},
            "the range is [0.1, 0.9], not [0.1, 1]": {"scaled": "0.1 + 0.9 * (clipped / bound + 1) / 2"},
            "it is scaled, but not shifted: x / (3 sigma) begins at -1, not at 0": {
                "scaled": "0.1 + 0.8 * clipped / bound"
            },
            "3 sigma and -3 sigma become the ends of the range, not the largest and the smallest value": {
                "scaled": "0.1 + 0.8 * (clipped - clipped.min()) / (clipped.max() - clipped.min())"
            },
        },
    ),
]
