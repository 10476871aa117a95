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
# **Standard** and **decay** reconstruct best, almost as well as PCA with as many components (the dotted line), and
# their filters look like noise: any invertible mix of those components reconstructs as well, so nothing asks for edges.
# They lose where somebody wants to read the units.
#
# **KL** turns nearly every unit into an oriented edge. The price is the largest error of all: with rho at 1 %, less
# than one unit of 25 is on for a patch, and only strong structure is copied.
#
# **L1** on the same sigmoid units is not the same. It asks for small activations, not for rare ones, and a unit can
# halve its activation and double its column of W2; only weight decay holds that back. The error stays close to that of
# the standard autoencoder, several units are active at once, and the filters are no edges. With KL the mean of each
# unit is pinned, which cannot be bargained away.
#
# **Cross-entropy** and the **linear decoder** leave out the output's g', at most 1/4, so an error weighs more against
# the same KL: both reconstruct better than squared error with sigmoid outputs, and fewer of their filters are edges.
# Their sparsity is as asked, since rho holds for both; what changes is how strictly, and what the units are used for.
# The same lambda and beta do not mean the same for two data fits.
#
# **Tanh** units with the KL penalty (rho as a share of -1 to 1) end close to sigmoid ones, which they are but for scale
# and offset; weight decay and the start weigh differently.
#
# **ReLU with L1** and **topk** have activations that are exactly 0, and pay with dead units: those whose curve drops
# out of the middle panel and whose filters are still the random ones that they started from. Nothing brings such a unit
# back, because its gradient is 0 as well. ReLU reconstructs far better than the KL variants at a handful of active
# units; topk with its dead ones does not.
#
# **Tied** weights cost little error and save half of the parameters.
#
# **Contractive** gets a small error with few active units and no word about sparsity: the penalty is small where f' is,
# so units are driven to their flat ends.
#
# **Denoising** reconstructs clean patches a little worse than decay alone, since it was trained for something else;
# what it is for comes below.
#
# **Variational** loses on this table. It pays for a code that can be sampled from, with noise in it, and after the same
# number of iterations its J still falls: L-BFGS with one draw of noise per patch is not its best optimiser.

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
# The samples all have about the same contrast, and few contours. Real patches are mostly faint and sometimes strong,
# which a code of independent Gaussian units can hardly be. In the traversals a unit takes one pattern through nothing
# to its opposite, much as a principal component does: with noise this small and a single layer, the model stays close
# to PCA. Deeper networks on other data show more; at this size, this is what there is.
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
# Each variant is best in the middle of its range and worse at both ends, and far above columns drawn at random or PCA,
# which cannot find more directions than there are dimensions. KL finds the atoms over the widest range and with the
# least spread; L1 is as good at its best weight, but not beside it; TopK is best with k above the true number of atoms,
# and depends most on the draw. The setting with the lowest reconstruction error is never the one that finds the atoms:
# the error alone does not tell whether a code is the right one. (KL was trained with L-BFGS, the two with kinks with
# Adam, each by the better of the two; L1 needs weight decay to hold the columns.)
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
# With Gaussian noise the denoising autoencoder with ReLU units is clearly ahead. With sigmoid units it is only level
# with PCA, and on one of the two photographs the median filter is better, whose window was chosen knowing the answer.
# With salt and pepper both networks reach the better PSNR, but the median filter keeps the better SSIM: faint ghosts of
# the specks remain where it leaves none. The sparse autoencoder that was trained on clean patches hardly removes
# specks: it was never asked to.
