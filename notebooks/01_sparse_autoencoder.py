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
# # The sparse autoencoder, every line of it
#
# A network that has to copy its input through a layer of units that are almost always off. Nobody tells it what to
# look for, and yet its units become detectors of oriented edges, as in the first stage of the visual cortex. This
# notebook goes from the picture of the network to every line of its gradient, checks that gradient, trains the
# network on photographs, and then takes things away to see what each is for.
#
# Each equation below is read from the docstring of `sae/reference.py`, and the code under it from the source of the
# same file (`inspect.getsource`), so what you read is what runs. The derivation follows A. Ng's CS294A lecture notes
# (2011) and the UFLDL tutorial.

# %%
# %matplotlib inline
import inspect
import os

import numpy as np
from IPython.display import Markdown
from matplotlib.figure import Figure

import sae
from sae.filters import count_oriented
from sae.plots import plot_filters

QUICK = bool(os.environ.get("SAE_QUICK"))  # a small size, for the tests of the project
PATCHES, ITERATIONS = (600, 15) if QUICK else (10_000, 400)

PAGE = sae.equations.read(sae.reference)


def show(*tags):
    """Show equations of the reference page, each above the lines of code that are it."""
    return Markdown("\n\n".join(PAGE[tag].markdown() for tag in tags))


# %% [markdown]
# ## The network
#
# An example $x$ is a small patch of a photograph, here 8 x 8 pixels, so $n = 64$ numbers. The network maps it to 25
# hidden units and from these back to 64 outputs, which are to be $x$ again.

# %%
sae.plot_network(64, 25)

# %% [markdown]
# ## Patches of photographs
#
# Nine photographs that come with scikit-image, as grey. Photographs have far more energy at low spatial frequencies
# than at high ones (their amplitude falls as $1/f$). **Whitening** evens that out by multiplying the amplitude at
# frequency $f$ by $f e^{-(f/f_0)^4}$ (Olshausen and Field 1996): what is left is contours.

# %%
photographs = sae.data.photographs()
whitened = [sae.data.whiten(image) for image in photographs]

figure = Figure(figsize=(9, 4.6), layout="constrained")
for column, k in enumerate([0, 2, 4]):
    for row, (images, limits) in enumerate([(photographs, (0, 1)), (whitened, (-3, 3))]):
        axes = figure.add_subplot(2, 3, 3 * row + column + 1)
        axes.imshow(images[k], cmap="gray", vmin=limits[0], vmax=limits[1])
        axes.set_axis_off()
        axes.set_title(f"{sae.data.PHOTOGRAPHS[k]}{', whitened' if row else ''}", fontsize=10)
figure

# %% [markdown]
# From these we draw patches at random, subtract each patch's mean, clip at three standard deviations, and map to
# $[0.1, 0.9]$: the output units are sigmoids and reach only $(0, 1)$. **Examples are columns**, $X$ is $(n, m)$.

# %%
X = sae.data.normalize_patches(sae.data.sample_patches(whitened, PATCHES, 8, np.random.default_rng([0, 0])))
X.shape, X.min(), X.max()

# %%
sae.plot_filters(X[:, :48].T - 0.5, columns=16, title="48 patches, each at its own contrast, 0.5 as grey")

# %% [markdown]
# ## Forward
#
# Both layers are a matrix product, a bias and the sigmoid $f(z) = 1/(1 + e^{-z})$. All examples go through at once,
# as the columns of one matrix; `b1[:, None]` adds the bias to each column.

# %%
show("E1", "E2")

# %% [markdown]
# How active is hidden unit $j$ on average? That is a mean over **all** $m$ examples. It is the one place where
# examples meet: taking it over a part of the data (a minibatch, a chunk) gives another objective.

# %%
show("E3")

# %% [markdown]
# ## The cost
#
# Three addends. The **data** term asks for $a^{(3)} = x$; it is a mean over examples, with a 1/2. The **weight decay**
# keeps weights small; the biases do not decay, and it is not divided by $m$. The **sparsity** is the Kullback-Leibler
# divergence between a coin that comes up with probability $\rho$ and one with $\hat\rho_j$: zero if unit $j$ is active
# as often as wanted, and infinite as $\hat\rho_j$ goes to 0 or 1. With $\rho = 0.01$ a unit has to be off for almost
# all patches, so each unit must choose what to be on for.

# %%
show("E4")

# %% [markdown]
# ## Backward
#
# Write $\delta^{(l)}$ for the derivative of $m J$ (without the decay) with respect to $z^{(l)}$, one column per
# example. At the output only the data term counts. Since $a = f(z)$ gives $f'(z) = a(1-a)$, no exponential is
# evaluated again.

# %%
show("E5")

# %% [markdown]
# At the hidden layer two paths meet. Through the outputs: $W_2^T \delta^{(3)}$, the errors sent back along the
# weights. And through the sparsity: $\hat\rho_j$ is the mean of $a^{(2)}_j$, so each example has a share of $1/m$ in it
# (that $1/m$ is taken with all the others below). Both are derivatives with respect to $a^{(2)}$, so both are
# multiplied by $f'(z^{(2)})$. To add the sparsity **outside** $f'$ is the classic mistake.

# %%
show("E6")

# %% [markdown]
# A weight $W_{ij}$ enters through $z_i$ only, multiplied by the activity of unit $j$ below. So its derivative is the
# mean over examples of $\delta_i$ times that activity, which for all $i$, $j$ and examples at once is a matrix product.

# %%
show("E7", "E8", "E9", "E10")

# %% [markdown]
# That is all. The whole function, as it stands in the library:

# %%
source = inspect.getsource(sae.reference.cost_and_grad)
Markdown("```python\n" + source[source.index("    W1 = ") :] + "```")

# %% [markdown]
# ## Is the gradient right?
#
# Do not believe the derivation: measure. A small problem, a random $\theta$, and every entry of the gradient against
# the **central difference** $(J(\theta + \epsilon e_i) - J(\theta - \epsilon e_i)) / 2\epsilon$ with
# $\epsilon = 10^{-4}$. The measure is UFLDL's, $\|g - \hat g\| / \|g + \hat g\|$, of the whole and of each block;
# UFLDL asks for less than $10^{-9}$.

# %%
classic = {"n_hidden": 4, "lam": 1e-4, "rho": 0.01, "beta": 3.0}
X_small = X[:16, :20]
rng = np.random.default_rng(1)
theta = sae.Autoencoder(X_small, **classic).init(rng)
theta += rng.normal(0, 0.1, theta.size)  # no zeros: where the biases are 0, a decay on biases would not show


def objective(theta):
    return sae.reference.cost_and_grad(theta, X_small, **classic)


blocks = sae.Layout.autoencoder(16, 4)
print(sae.check_gradient(objective, theta, step=1e-4, layout=blocks))

# %% [markdown]
# The difference that is left is that of the finite step and of rounding. The **complex step** has neither: for an
# analytic $J$, $\mathrm{Im}\, J(\theta + i h e_i)/h$ is the derivative up to $h^2$, nothing is subtracted, so
# $h = 10^{-20}$ is fine.

# %%
print(sae.check_gradient(objective, theta, method="complex", layout=blocks))

# %% [markdown]
# A checker is worth something only if it fails when it should. Here is the classic mistake, the sparsity outside
# $f'$: made by changing that one line of the source above, and found in the blocks that depend on $\delta^{(2)}$.

# %%
right = "(W2.T @ delta3 + sparsity[:, None]) * a2 * (1 - a2)"
mistaken = {**vars(sae.reference)}
assert right in source
exec(source.replace(right, "(W2.T @ delta3) * a2 * (1 - a2) + sparsity[:, None]"), mistaken)
report = sae.check_gradient(lambda t: mistaken["cost_and_grad"](t, X_small, **classic), theta, layout=blocks)
print(report)
assert not report.ok

# %% [markdown]
# ## The page with holes
#
# `sae.Autoencoder` is the same page with the terms of $J$ and the two activations left open, one block of examples at
# a time, so that it stays in the processor's cache. Because $\hat\rho$ needs all examples, there are two phases.

# %%
Markdown("```python\n" + inspect.getsource(sae.autoencoder.page) + "```")

# %% [markdown]
# Its default engine fuses the lines between the matrix products into compiled loops. It is the same function:

# %%
J = sae.Autoencoder(X, 25, lam=1e-4, rho=0.01, beta=3.0)
theta0 = J.init(np.random.default_rng([0, 1]))
cost, grad = J(theta0)
cost_reference, grad_reference = sae.reference.cost_and_grad(theta0, X, 25, 1e-4, 0.01, 3.0)
print(J.explain_engine())
print(f"cost: relative difference {abs(cost / cost_reference - 1):.0e}")
print(f"gradient: relative difference {np.linalg.norm(grad - grad_reference) / np.linalg.norm(grad_reference):.0e}")

# %% [markdown]
# ## Training
#
# L-BFGS from SciPy, on all examples at once.

# %%
result = sae.minimize_lbfgs(J, theta0, max_iter=ITERATIONS)
print(result.message)
J.costs(result.theta)

# %%
sae.plot_history(result.history)

# %% [markdown]
# At first the sparsity dominates: at the start the units are on half of the time. Within a few iterations they are
# off, and the cost is that of an autoencoder that always answers with the mean. Then, one after the other, units
# find something worth being on for, and pay for it in weight decay. Their mean activations end close above the
# target:

# %%
sae.plot_activations(J.rho_hat(result.theta), rho=0.01)

# %% [markdown]
# ## What did the units learn?
#
# Hidden unit $i$ is driven most, among all inputs of norm 1, by $x_j = W_{ij} / \sqrt{\sum_j W_{ij}^2}$. Drawn as
# patches:

# %%
W1 = J.layout.unpack(result.theta)[0]
sae.plot_filters(W1)

# %% [markdown]
# Edges, each at its own place and angle. How oriented is a filter? Take the energy of its Fourier transform, and ask
# what share lies within 30 degrees of the best direction. Evenly spread energy has a third there; white noise a little
# less than half. From 60 % on we call a filter oriented.

# %%
share = sae.orientation(W1)
print(f"{count_oriented(W1)} of {len(W1)} filters are oriented; shares from {share.min():.2f} to {share.max():.2f}")
print(f"before training: {count_oriented(J.layout.unpack(theta0)[0])} of {len(W1)}")

# %% [markdown]
# ## What is each ingredient for?
#
# The same run with one thing changed: the patches not whitened, no sparsity, no weight decay, and far too much of it.


# %%
def train(X, lam=1e-4, beta=3.0):
    J = sae.Autoencoder(X, 25, lam=lam, rho=0.01, beta=beta)
    result = sae.minimize_lbfgs(J, J.init(np.random.default_rng([0, 1])), max_iter=ITERATIONS)
    return J, result


raw = sae.data.normalize_patches(sae.data.sample_patches(photographs, PATCHES, 8, np.random.default_rng([0, 0])))
runs = {
    "as above": (J, result),
    "not whitened": train(raw),
    "no sparsity": train(X, beta=0.0),
    "lambda = 0": train(X, lam=0.0),
    "lambda = 0.01": train(X, lam=1e-2),
}

figure = Figure(figsize=(15, 3.6), layout="constrained")
rows = ["| | squared error | mean of rho_hat | norms of the filters | oriented |", "|---|---|---|---|---|"]
for axes, (name, (J_run, run)) in zip(figure.subplots(1, len(runs)), runs.items(), strict=True):
    W = J_run.layout.unpack(run.theta)[0]
    axes.imshow(plot_filters(W).axes[0].images[0].get_array(), cmap="gray", vmin=-1, vmax=1)
    axes.set_title(name)
    axes.set_axis_off()
    error, active = J_run.costs(run.theta)["squared error"], J_run.rho_hat(run.theta).mean()
    norms = np.linalg.norm(W, axis=1)
    rows.append(
        f"| {name} | {error:.3f} | {active:.3f} | {norms.min():.2g} to {norms.max():.2g} | {count_oriented(W)} of 25 |"
    )
figure

# %%
Markdown("\n".join(rows))

# %% [markdown]
# - **Not whitened**, the low frequencies dominate. The units still find edges, but broader ones, and fewer are clearly
#   oriented. Such patches are smoother and easier to copy, so the squared error is lower.
# - **No sparsity** copies best, by far: the squared error is the lowest. But the mean activation is about one half, and
#   what a unit looks for is nothing that one could name. 25 numbers carry more when all of them may vary; sparse ones
#   cost accuracy and buy meaning.
# - **Without weight decay** the units are as sparse, and the squared error is lower, but the filters look like noise.
#   The decay is what takes away the weights that the output hardly depends on.
# - **With a hundred times the weight decay** every weight costs more than it brings: the network has given up and
#   answers with the mean patch. Look at the norms: what the picture shows, each at its own contrast, is what decays
#   slowest, the same few patterns in all units. That is why a count of oriented filters means nothing without their
#   norms beside it.
#
# The same run from the command line, with a live progress bar and all of these pictures in a folder: `sae train`.
