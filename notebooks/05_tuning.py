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
# # Tuning: how many units, how sparse, how much weight decay
#
# "Choose the hyperparameters by trying them." A sparse autoencoder has at least three worth a try: the number of hidden
# units, rho (how often a unit should be active) and lambda (how small the weights should be). What do they do, which
# matters most, and what is the choice worth?
#
# `sae uses tuning` makes the whole table, over five splits. Here is one split, step by step.

# %%
# %matplotlib inline
import inspect
import json
import os
from pathlib import Path

import numpy as np
from IPython.display import Markdown
from matplotlib.figure import Figure

import sae
from sae.uses import tuning, tuning_advice
from sae.uses.use import Setting

QUICK = bool(os.environ.get("SAE_QUICK"))  # a small size, for the tests of the project
setting = Setting(quick=QUICK, seeds=1)  # `sae uses tuning` takes five
plan, about = tuning.plan_of(setting)
X, X_test, y, y_test = tuning.split(plan, setting.random_state(0, 0))
Markdown(f"{about}. {len(X)} digits to search and train on, {len(X_test)} to test on.")


# %%
def source(thing):
    """Show the source of a function."""
    return Markdown(f"```python\n{inspect.getsource(thing)}```")


# %% [markdown]
# ## Three settings to look at
#
# The default setting was made for patches of photographs, whitened or at least without their mean. Digits are another
# matter. Beside it: one that suits them better, and one with far too much weight decay.

# %%
settings = {
    "default": {},
    "better": {"sparsity_param": 0.1, "beta": tuning.BETA},
    "lambda too large": {"sparsity_param": 0.1, "beta": tuning.BETA, "weight_decay": 0.01},
}
models = {
    name: sae.SparseAutoencoder(25, max_iter=plan.iterations, random_state=0, **some).fit(X)
    for name, some in settings.items()
}

figure = Figure(figsize=(10, 3.6), layout="constrained")
for axes, (name, model) in zip(figure.subplots(1, 3), models.items(), strict=True):
    filters = model.W1_.reshape(5, 5, 8, 8)
    filters = np.pad(filters, ((0, 0), (0, 0), (0, 1), (0, 1)), constant_values=np.nan)
    limit = abs(model.W1_).max()
    axes.imshow(filters.transpose(0, 2, 1, 3).reshape(45, 45), cmap="RdBu_r", vmin=-limit, vmax=limit)
    axes.set(title=f"{name}: W1, up to {limit:.2g}", xticks=[], yticks=[])
figure

# %% [markdown]
# What do they make of digits that they have not seen?

# %%
shown = {"given": X_test[:10]} | {name: model.reconstruct(X_test[:10]) for name, model in models.items()}
pictures = np.pad(np.stack([*shown.values()]).reshape(4, 10, 8, 8), ((0, 0), (0, 0), (1, 1), (0, 0)))
figure = Figure(figsize=(10, 4), layout="constrained")
axes = figure.subplots()
axes.imshow(pictures.transpose(0, 2, 1, 3).reshape(40, 80), cmap="gray_r", vmin=0, vmax=1)
axes.set_yticks([4.5, 14.5, 24.5, 34.5], labels=list(shown))
axes.set_xticks([])
figure

# %% [markdown]
# ## Four numbers
#
# A sigmoid is never 0, so "active" and "dead" need a threshold. A unit is active for a digit where it is more on than
# off; it is dead if it says the same of every digit, whatever that is.

# %%
source(tuning.active)

# %%
source(tuning.dead)

# %%
figure = Figure(figsize=(10, 3), layout="constrained")
for axes, (name, model) in zip(figure.subplots(1, 3, sharey=True), models.items(), strict=True):
    a2 = model.transform(X_test)
    axes.boxplot(a2, whis=(0, 100), medianprops={"color": "tab:orange"})
    axes.axhline(tuning.ON, color="tab:gray", ls="--")
    axes.set(title=f"{name}: {tuning.active(a2):.2f} active, {tuning.dead(a2):.0f} dead", xlabel="unit", ylim=(0, 1))
    axes.set_xticks([1, 5, 10, 15, 20, 25], labels=["1", "5", "10", "15", "20", "25"])
figure.axes[0].set_ylabel("a2 on test digits (box: half of them)")
figure

# %% [markdown]
# The other two are the cost, which needs no labels, and the accuracy of a logistic regression on the codes, which does.
#
# ## The grid
#
# The estimator is one of scikit-learn's, so a Pipeline and GridSearchCV do the work. They may score several numbers at
# once, and a Pipeline with a memory trains the codes once for all values of C.

# %%
source(tuning.search)

# %%
source(tuning.score)

# %% [markdown]
# PCA and the pixels get the same search with their own parameters. Whoever tunes one method and takes the other as it
# comes compares the effort, not the methods.

# %%
source(tuning.rivals)

# %%
outcome = tuning.run(setting)
outcome.figure

# %% [markdown]
# ## Which of the three matters
#
# How much of the variance of a table do the means along the other axes explain? A share near 1 would say that the other
# two don't matter.

# %%
source(tuning.shares)

# %%
figure = Figure(figsize=(7, 2.2), layout="constrained")
axes = figure.subplots()
share = {one.method: one.mean for one in outcome.measures if one.what == tuning.SHARE}
axes.barh(list(share), list(share.values()), color="tab:blue")
axes.set(xlabel=tuning.SHARE, xlim=(0, 1))
axes.invert_yaxis()
figure

# %% [markdown]
# A share depends on the grid: it is large where a value that ruins everything is on the grid. So we also ask what the
# worst value of each costs beside the best setting. Here is all the advice that the grid gives; its numbers, and which
# words they are put into, come from the code.

# %%
Markdown("\n".join(f"- {note}" for note in outcome.notes))

# %%
source(tuning_advice.where_units_die)

# %% [markdown]
# ## What it was worth
#
# The test digits were used once, after all was chosen.

# %%
lines = ["| task | measure | method | number |", "|---|---|---|---|"]
lines += [f"| {one.task} | {one.what} | {one.method} | {one} |" for one in outcome.measures]
Markdown("\n".join(lines))

# %% [markdown]
# One split can't tell a difference from an accident: it has no spread. This is what five splits say.

# %%
Markdown(json.loads(Path("../figures/uses/tuning.json").read_text())["verdict"])

# %% [markdown]
# ## What to take home
#
# - Look at dead units first: they are cheap to count, need no labels, and a layer that is dead can't be good.
# - Then the cost on held-out examples. It leads near the best setting, but to a larger rho: it can't tell how sparse a
#   code should be.
# - Then, if there are labels, the accuracy, by cross-validation. Test examples come once, at the end.
# - A setting that was made for other data is no baseline.
#
# ## Questions
#
# 1. Take lambda = 0.01 off the grid. Which of the three matters most now?
# 2. Put beta on the grid. Which rho goes with which beta?
# 3. Replace the logistic regression by `KNeighborsClassifier()`. Is the same setting chosen, and is the autoencoder
#    still ahead of the pixels? Why should a linear classifier gain more from the codes?
# 4. Replace GridSearchCV by `RandomizedSearchCV` with 16 settings drawn from continuous distributions. What is lost?
