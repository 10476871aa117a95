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
# # Dimension reduction: a digit in a few numbers
#
# "Autoencoders reduce dimensions, like PCA but nonlinearly." How much is that worth? A digit of 8 x 8 pixels is
# squeezed through 2, 4, 8, ... numbers, and we ask what is left of it: does a new digit still lie among its like?
#
# `sae uses dimensions` makes the whole table, over five splits. Here is one split, step by step.

# %%
# %matplotlib inline
import inspect
import os

import numpy as np
from IPython.display import Markdown
from matplotlib.figure import Figure

import sae
from sae.uses import dimensions
from sae.uses.use import Setting

QUICK = bool(os.environ.get("SAE_QUICK"))  # a small size, for the tests of the project
setting = Setting(quick=QUICK, seeds=1)  # `sae uses dimensions` takes five
(plan, *_), about, _ = dimensions.plans_of(setting)
Markdown(about)


# %%
def source(thing):
    """Show the source of a function."""
    return Markdown(f"```python\n{inspect.getsource(thing)}```")


# %% [markdown]
# ## The two measures
#
# The labels are used to measure, never to learn. The first measure asks about labels, the second about pixels only.

# %%
source(dimensions.accuracy)

# %%
source(dimensions.trust)

# %% [markdown]
# ## An honest split
#
# What has to be chosen is chosen on digits that are neither trained nor tested on, for the autoencoders and for PCA and
# Isomap alike.

# %%
X, y = dimensions.split(plan, setting.random_state(0, 0))
Markdown(f"{len(X.train)} digits to train on, {len(X.validation)} to choose by, {len(X.test)} to test on")

# %% [markdown]
# ## One layer against PCA
#
# A sigmoid layer of two units is nearly linear where it is not saturated, and a linear autoencoder finds the plane that
# PCA finds. So the maps should be alike, up to a turn and a stretch. A penalty on mean activations cannot make two
# numbers more informative: sparsity pays when there are *more* units than are needed at once.


# %%
def draw(**maps):
    """Draw maps of the test digits."""
    figure = Figure(figsize=(4.5 * len(maps), 4.5), layout="constrained")
    for axes, (name, codes) in zip(figure.subplots(1, len(maps), squeeze=False)[0], maps.items(), strict=True):
        for digit in range(10):
            axes.scatter(*codes.test[y.test == digit].T, marker=f"${digit}$", s=22, color=f"C{digit}", lw=0)
        right = dimensions.accuracy(codes.train, y.train, codes.test, y.test)
        axes.set(title=f"{name.replace('_', ' ')}: {100 * right:.0f} % by 5 neighbours", xticks=[], yticks=[])
    return figure


nested = dimensions.alternatives(plan, X, setting.random_state(1, 0))
ours = dimensions.autoencoders(setting, plan, X, 2, 0)
draw(PCA=nested["PCA"][0].first(2), sparse_autoencoder=ours["sparse autoencoder"][0])

# %% [markdown]
# What do the two units look at, and what the two axes? Each picture is a row of weights.

# %%
one_layer = sae.SparseAutoencoder(2, sparsity_param=0.1, beta=0.1, max_iter=plan.iterations, random_state=0).fit(
    X.train
)
rows = np.vstack([one_layer.W1_, dimensions.PCA(2).fit(X.train).components_])
figure = Figure(figsize=(8, 2.4), layout="constrained")
for axes, row, name in zip(figure.subplots(1, 4), rows, ("unit 1", "unit 2", "axis 1", "axis 2"), strict=True):
    axes.imshow(row.reshape(8, 8), cmap="gray", vmin=-abs(row).max(), vmax=abs(row).max())
    axes.set(title=name, xticks=[], yticks=[])
figure

# %% [markdown]
# ## With a hidden layer on both sides
#
# The variational autoencoder has a tanh layer before and after the two numbers: its map bends. Isomap bends, too: it
# keeps the lengths of shortest paths from neighbour to neighbour, and needs no training at all.

# %%
draw(variational_autoencoder=ours["variational autoencoder"][0], Isomap=nested["Isomap"][0].first(2))

# %% [markdown]
# What lies between the digits? A decoder can say, which neither Isomap nor t-SNE has.

# %%
codes = ours["variational autoencoder"][0].train
model = sae.estimators.VariationalAutoencoder(
    dimensions.HIDDEN, latent_dim=2, beta=0.3, solver="adam", learning_rate=0.003, max_iter=plan.epochs, random_state=0
).fit(X.train)
grid = np.linspace(-2, 2, 12)
points = np.array([(u, v) for v in grid[::-1] for u in grid])
picture = model.inverse_transform(points).reshape(12, 12, 8, 8).transpose(0, 2, 1, 3).reshape(96, 96)
figure = Figure(figsize=(5, 5), layout="constrained")
axes = figure.subplots()
axes.imshow(picture, cmap="gray_r", extent=(-2.2, 2.2, -2.2, 2.2))
axes.set(title="Decoded: the plane of the two numbers", xlabel="first number", ylabel="second number")
figure

# %% [markdown]
# ## More dimensions
#
# The same for all numbers of dimensions.

# %%
outcome = dimensions.run(setting)
outcome.figure

# %%
lines = ["| task | measure | method | number |", "|---|---|---|---|"]
lines += [f"| {one.task} | {one.what} | {one.method} | {one} |" for one in outcome.measures]
Markdown("\n".join(lines))

# %%
Markdown(outcome.verdict)

# %% [markdown]
# ## What to take home
#
# - One layer and few units: take PCA. It has no seed, no learning rate, and its axes come in order.
# - To look at data in two dimensions, nonlinear maps are worth it. t-SNE, which is made for that, keeps neighbours
#   together best by far, but can't place a new example. Isomap and the variational autoencoder can, and the latter can
#   decode any point of its map.
# - From sixteen dimensions on, all that kept most of the variance of these small digits are alike: little is left to
#   gain.
#
# ## Questions
#
# 1. Give the sparse autoencoder `beta=0`, `hidden_activation="identity"` and `output_activation="identity"`. Compare
#    its reconstruction error with PCA's, and its map.
# 2. Why may the accuracy fall when PCA's axes are whitened, though the codes hold the same information?
# 3. Train the variational autoencoder with beta 4. What happens to the map, and to the KL term?
