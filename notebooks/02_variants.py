# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The relatives of the sparse autoencoder, side by side
#
# Textbooks compare autoencoders in tables: standard and sparse, denoising, contractive, variational; KL against L1;
# sigmoid against ReLU; squared error against cross-entropy. Here every row of such a table runs, on the same patches,
# from the same weights, with the same number of iterations. Each is the same page (`sae/autoencoder.py`) with one line
# changed; only the variational autoencoder is a page of its own, because its graph is another.

# %%
# %matplotlib inline
import inspect
import os

import numpy as np
from IPython.display import Markdown
from matplotlib.figure import Figure

import sae
from sae.filters import as_images
from sae.studies import comparison, denoising, dictionary
from sae.studies.tables import as_markdown

QUICK = bool(os.environ.get("SAE_QUICK"))  # a small size, for the tests of the project
PATCHES, ITERATIONS = (500, 10) if QUICK else (10_000, 200)


def source(thing):
    """Show the source of a class or function."""
    return Markdown(f"```python\n{inspect.getsource(thing)}```")


# %% [markdown]
# ## What a variant is
#
# The page has holes: the hidden and output activations $f$ and $g$, the terms of $J$, and what is fed in. A penalty is
# a term: one class that returns its value and its partial derivatives side by side. This is L1, and this is the
# contractive penalty, the squared Frobenius norm of the encoder's Jacobian: its derivative goes through $a^{(2)}$ and,
# directly, through $W_1$.

# %%
source(sae.terms.L1)

# %%
source(sae.terms.Contractive)

# %% [markdown]
# Cross-entropy with sigmoid outputs is written in $z^{(3)}$, where the logarithm and the derivative of the sigmoid
# cancel: $\log(1 + e^z) - xz$ with derivative $a^{(3)} - x$. Nothing overflows, and a saturated output still learns.

# %%
source(sae.terms.CrossEntropy)

# %% [markdown]
# The whole list: each variant, and the line that makes it.

# %%
rows = [f"| {name} | `{variant.line}` |" for name, variant in comparison.VARIANTS.items()]
Markdown("\n".join(["| variant | the line |", "|---|---|", *rows]))

# %% [markdown]
# ## Each gradient is checked
#
# A numerical gradient against the hand-written one, for every variant, on a small problem (8 hidden units, 5 patches).
# The relative error is $\|g - \hat g\| / \|g + \hat g\|$; central differences leave about $10^{-9}$.

# %%
small = comparison.Training(hidden=8, patches=5, iterations=1)
rows = []
for name, variant in comparison.VARIANTS.items():
    objective = variant.make(small.X[::8], 8, np.random.default_rng(0))
    theta = np.random.default_rng(1).normal(0, 0.3, objective.layout.size)
    report = sae.check_gradient(objective, theta)
    rows.append(f"| {name} | {report.relative_error:.0e} | {'correct' if report.ok else 'WRONG'} |")
Markdown("\n".join(["| variant | relative error | verdict |", "|---|---|---|", *rows]))

# %% [markdown]
# ## Side by side
#
# Patches of whitened photographs as in the first notebook, mapped to 0.1 to 0.9. All variants are fed $x - \frac12$ (a
# constant in all inputs would decide which rectified units win) and reconstruct $x$. `sae compare` does the same from
# the command line.

# %%
training = comparison.Training(patches=PATCHES, iterations=ITERATIONS)
compared = [training.train(name) for name in comparison.VARIANTS]
Markdown(as_markdown([one.row() for one in compared]))

# %%
comparison.picture(compared, training.pca())

# %% [markdown]
# *Unexplained* is the fraction of variance of unseen patches that the reconstruction misses; *active* the mean number
# of units away from rest (by a tenth of the largest distance in the layer); J is each variant's own and compares with
# nothing.
#
# LESSONS

# %% [markdown]
# ## What the variational autoencoder adds
#
# It is the only one here that can make patches up: a code is drawn from $N(0, I)$ and decoded. Below, patches drawn so,
# and a traversal: a real patch, one latent unit at a time moved from -3 to 3, the others held.

# %%
variational = next(one for one in compared if one.name == "variational")
objective, theta = variational.objective, variational.result.theta
mu, logvar = objective.encode(theta, training.unseen - 0.5)
used = np.argsort(-mu.var(axis=1))[:5]  # the units that say most about a patch
rng = np.random.default_rng(0)
rows = {
    "patches": training.unseen[:, :11] - 0.5,
    "samples": objective.sample(theta, 11, rng),
} | {
    f"unit {unit}": objective.traverse(theta, training.unseen[:, 0] - 0.5, unit, np.linspace(-3, 3, 11))
    for unit in used
}

figure = Figure(figsize=(9, 6), layout="constrained")
axes = figure.subplots(len(rows), 11)
for line, (name, X) in zip(axes, rows.items(), strict=True):
    for ax, image in zip(line, as_images(X.T), strict=True):
        ax.imshow(image, cmap="gray", vmin=-0.4, vmax=0.4)
        ax.set(xticks=[], yticks=[])
    line[0].set_ylabel(name, rotation=0, ha="right", va="center")
figure

# %% [markdown]
# VAE_LESSON
#
# ## Is what was found there?
#
# On photographs nobody knows the truth. So here are data that were made: sums of a few of 48 unit vectors in 32
# dimensions. Do the columns of $W_2$ find these vectors? Against the number of active units, for KL, L1 and TopK, the
# mean cosine of the best one-to-one matching.

# %%
records = dictionary.recovery(np.random.default_rng(0), **(dictionary.QUICK if QUICK else {}))
dictionary.plot_recovery(records)

# %% [markdown]
# DICTIONARY_LESSON
#
# ## Denoising photographs
#
# A denoising autoencoder is the page with a corrupted $X$ and the clean one as `target`. The corruption is drawn once
# and held: otherwise $J$ would be another function at each call. Whole images are restored by overlapping patches,
# averaged.

# %%
source(sae.data.corruption.salt_and_pepper)

# %%
measured, pictures = {}, {}
for kind in ("gaussian", "salt and pepper"):
    records, images = denoising.compare_denoisers(np.random.default_rng(0), kind, **(denoising.QUICK if QUICK else {}))
    pictures[kind] = denoising.plot_denoising(records, images)
    measured[kind] = records
pictures["gaussian"]

# %%
pictures["salt and pepper"]


# %%
def average(kind, method, key):
    """Return the mean over the photographs, none of which any method was trained on."""
    return np.mean([record[key] for record in measured[kind] if record["method"] == method])


lines = ["| method | Gaussian noise | salt and pepper |", "|---|---|---|"]
for method in denoising.METHODS:
    cells = [f"{average(kind, method, 'psnr'):.1f} dB / {average(kind, method, 'ssim'):.2f}" for kind in measured]
    lines.append(f"| {method} | {' | '.join(cells)} |")
Markdown("\n".join(lines))

# %% [markdown]
# DENOISING_LESSON
