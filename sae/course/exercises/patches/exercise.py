"""Patches and normalisation: what is asked, and what students can check themselves."""

from sae.course import Call, Exercise, Part, Rng, holds

from .judges import by_generator, cut_from, drawn_at_random
from .misconceptions import misconceptions
from .pictures import data, figures

DRAWS = 1000  # so many that a place which never occurs is no accident: the images have a few places each


def picture(rng, height, width):
    """Return an image all of whose pixels differ."""
    return rng.uniform(0.1, 1, (height, width))


def draw_patch(rng):
    """Return image, row, column, side."""
    side, down, right = (int(k) for k in rng.integers([1, 0, 0], [5, 5, 5]))
    image = picture(rng, side + down + int(rng.integers(3)), side + right + int(rng.integers(3)))
    return image, down, right, side


def draw_places(rng):
    """Return height, width, side."""
    side = int(rng.integers(1, 7))
    return side + int(rng.integers(9)), side + int(rng.integers(9)), side


def sampling(rng, side, *more, count=DRAWS):
    """Return images with so many rows and columns more than a patch, side, count, a generator."""
    images = [picture(rng, side + down, side + right) for down, right in more]
    return images, side, count, Rng(int(rng.integers(2**31)))


def draw_sampling(rng):
    """Return images, side, count, a generator: one image of up to nine places, or two or three of up to four."""
    several = int(rng.integers(1, 4))
    more = [tuple(int(k) for k in rng.integers(0, 2 if several > 1 else 3, 2)) for _ in range(several)]
    return sampling(rng, int(rng.integers(1, 4)), *more, count=600)


def patches(rng, n, m, brightest=0.0):
    """Return X without mean, patches of different contrast; one pixel is brighter, or darker, than all others."""
    X = rng.uniform(-1, 1, (n, m)) * rng.uniform(0.3, 1, m)
    X[rng.integers(n), rng.integers(m)] += brightest
    return X - X.mean(axis=0)


def draw_mean(rng):
    """Return X: as many patches as pixels, or not."""
    n = int(rng.integers(2, 10))
    return (rng.uniform(0.1, 1, (n, n if rng.random() < 0.2 else int(rng.integers(1, 8)))),)


def draw_normalise(rng):
    """Return X."""
    return (patches(rng, int(rng.integers(4, 17)), int(rng.integers(1, 8)), float(rng.choice([-20, 0, 20]))),)


exercise = Exercise(
    title="Patches and normalisation",
    source="UFLDL exercise, Sparse Autoencoder, step 1 (sampleIMAGES)",
    reading=15,
    work=60,
    parts=[
        Part("patch", 20, ("K1",), ("x",), draw_patch, doing="one patch"),
        Part("places", 10, ("K2",), ("count",), draw_places, doing="how many places there are"),
        Part("sample", 30, ("K1", "K2", "K3"), ("X",), draw_sampling, holds(drawn_at_random), "patches at random"),
        Part("remove_mean", 15, ("P1",), ("centred",), draw_mean, doing="the mean of each patch"),
        Part("normalise", 25, ("P2", "P3"), ("scaled",), draw_normalise, doing="truncating and scaling"),
    ],
    misconceptions=misconceptions,
    instead={
        "height": ("width",),
        "width": ("height",),
        "row": ("column",),
        "column": ("row",),
        "bound": ("2 * bound", "bound / 3"),
        "clipped": ("X",),
    },
    words={
        "height - side + 1": "the number of rows to begin at",
        "width - side + 1": "the number of columns to begin at",
        "(height - side + 1)": "the number of rows to begin at",
        "(width - side + 1)": "the number of columns to begin at",
        "X.mean(axis=0)": "the mean of each patch",
        "X.std()": "sigma",
        "bound": "3 sigma",
        "clipped / bound": "x / (3 sigma)",
        "clipped / bound + 1": "x / (3 sigma) + 1",
        "window": "the square of pixels",
        "image[row:row + side, column:column + side]": "the square of pixels",
        "clipped": "the truncated x",
    },
    data=data,
    figures=figures,
)


@exercise.check("patch")
def upper_left(rng):
    """The patch of three by three pixels in the upper left corner."""
    return [Call("patch", picture(rng, 6, 6), 0, 0, 3)]


@exercise.check("places")
def whole_image(rng):
    """A patch as large as its image."""
    side = int(rng.integers(3, 9))
    return [Call("places", side, side, side)]


@exercise.check("sample", judge=holds(cut_from))
def from_the_image(rng):
    """Each column is a patch of the image, and there are as many as were asked for."""
    return [Call("sample", *sampling(rng, 3, (4, 4), count=10))]


@exercise.check("sample", judge=by_generator)
def generators(rng):
    """The same generator gives the same patches, another one gives others."""
    images, side, count, generator = sampling(rng, 2, (5, 5), count=20)
    return [Call("sample", images, side, count, Rng(generator.seed + k)) for k in (0, 0, 1)]


@exercise.check("remove_mean")
def one_patch(rng):
    """A single patch."""
    return [Call("remove_mean", rng.uniform(0.1, 1, (9, 1)))]


@exercise.check("normalise")
def within_bounds(rng):
    """A single patch without pixels beyond 3 standard deviations."""
    return [Call("normalise", patches(rng, 16, 1))]
