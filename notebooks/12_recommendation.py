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
# # Recommendation: ratings that were not given
#
# People rate a few things, and we would like to know what they would say of the others. A row of ratings goes into an
# autoencoder, and a row without gaps comes out. The one new idea is small and decides everything: a missing rating is
# not a rating of 0.
#
# `sae uses recommendation` makes the whole table, over five splits and two questionnaires. Here is one split of the
# smaller one, step by step: 2,800 people say of 25 statements how well they describe them, from 1 to 6. Half of what
# they said is known to the methods. The larger one, 3,896 people and 75 adjectives for their mood, is at the end.

# %%
# %matplotlib inline
import inspect
import os
from dataclasses import replace

import numpy as np
from IPython.display import Markdown
from matplotlib.figure import Figure

import sae
from sae.terms import MaskedSquaredError
from sae.uses import rating_models, recommendation
from sae.uses.use import Setting

QUICK = bool(os.environ.get("SAE_QUICK"))  # a small size, for the tests of the project
setting = Setting(quick=QUICK, seeds=1)  # `sae uses recommendation` takes five
(plan, *_), about = recommendation.plans_of(setting)
plan = replace(plan, penalties=plan.penalties[:1] if QUICK else ((0.03, 0.0), (0.1, 0.0)))
Markdown(about)


# %%
def source(thing):
    """Show the source of a class or function."""
    return Markdown(f"```python\n{inspect.getsource(thing)}```")


part = recommendation.split(plan.R, plan.shares, setting.rng(0, 0))
figure = Figure(figsize=(10, 4.2), layout="constrained")
panels = {"known to the methods": part.train, "to choose by": part.validation, "to test on": part.test}
for axes, (name, R) in zip(figure.subplots(1, 3), panels.items(), strict=True):
    image = axes.imshow(R[:60], cmap="viridis", vmin=1, vmax=6, aspect="auto", interpolation="nearest")
    axes.set(title=f"{name}: {np.mean(~np.isnan(R)):.0%}", xlabel="statement", ylabel="person")
figure.colorbar(image, ax=figure.axes, label="rating")
figure

# %% [markdown]
# ## The term
#
# The squared error of the known entries, with NaN in the target where there is none. The sum is divided by the number
# of people, as in all of J here, not by that of ratings: so each rating weighs the same, whoever gave it.

# %%
source(MaskedSquaredError)

# %% [markdown]
# Is its gradient right? And what does the check say of the two mistakes that are made most often: the mask in the cost
# but not in the gradient, and missing entries taken for zeros in both?


# %%
class MaskForgotten(MaskedSquaredError):
    """The mask in the cost alone."""

    def __call__(self, s):
        """Value and d/da3."""
        return super().__call__(s)[0], {"a3": s.a3 - np.nan_to_num(s.target)}


class Zeros(MaskedSquaredError):
    """Missing entries are zeros."""

    def __call__(self, s):
        """Value and d/da3."""
        error = s.a3 - np.nan_to_num(s.target)
        return (error * error).sum() / 2, {"a3": error}


target = (part.train - 3.5)[:8].T
reports = {}
for term in (MaskedSquaredError(), MaskForgotten(), Zeros()):
    J = sae.Autoencoder(np.nan_to_num(target), 4, target=target, terms=[term], g=sae.identity)
    theta = np.random.default_rng(0).normal(0, 0.5, J.layout.size)
    reports[type(term).__name__] = sae.check_gradient(J, theta)
    print(f"{type(term).__name__}: {reports[type(term).__name__].verdict}")

# %% [markdown]
# The last one passes, and rightly so: it is the gradient of its cost. Only the cost is another one. No gradient check
# finds that; held-out ratings do.
#
# ## Training
#
# All methods but the simplest start from the biases of people and statements and look at what is left over. Half of
# the known inputs are set to 0, but not the targets: the network must say a rating from the *others*.

# %%
source(recommendation.objective)

# %%
base = recommendation.nearest((rating_models.biases(part.train, s) for s in (1, 5, 20, 50)), part)
x = (part.train - base).T
results = {}
for name in (recommendation.MASKED, recommendation.ZEROS):
    lam, beta = plan.penalties[0]
    J = recommendation.objective(plan, recommendation.VARIANTS[name], x, lam, beta, setting.rng(2, 0))
    held_out = []

    def watch(state, J=J, held_out=held_out):
        """Take the RMSE on the ratings to choose by."""
        predicted = base + J.reconstruct(state.theta, np.nan_to_num(x)).T
        held_out.append(rating_models.rmse(predicted, part.validation))

    results[name] = (
        J,
        sae.minimize_lbfgs(J, J.init(setting.rng(3, 0)), max_iter=plan.max_iter, callback=watch),
        held_out,
    )

figure = Figure(figsize=(8, 3.4), layout="constrained")
axes = figure.subplots()
for (name, (_, _, held_out)), color in zip(results.items(), ("#0072b2", "#d55e00"), strict=True):
    axes.plot(held_out, color=color, label=name)
best = recommendation.nearest((base + rating_models.truncated_svd(x.T, rank) for rank in plan.ranks), part)
axes.axhline(rating_models.rmse(best, part.validation), color="0.4", ls="--", label="truncated SVD, best rank")
axes.set(xlabel="iteration", ylabel="RMSE of held-out ratings")
axes.legend(frameon=False)
figure

# %% [markdown]
# The network that takes what is missing for 0 learns to say 0 where it should not, and is no better than SVD, which is
# told the same zeros.
#
# ## How far from the mean do they dare to go?
#
# Held-out ratings less the biases, against what was predicted. A prediction that is right on average lies on the line;
# one that is drawn towards 0 has a spread that is too small.

# %%
test = part.test - base
figure = Figure(figsize=(9, 4), layout="constrained")
for axes, (name, (J, result, _)) in zip(figure.subplots(1, 2, sharey=True), results.items(), strict=True):
    predicted = J.reconstruct(result.theta, np.nan_to_num(x)).T[~np.isnan(test)]
    fifteenths = np.array_split(np.argsort(predicted), 15)
    true = test[~np.isnan(test)]
    axes.plot(*([values[some].mean() for some in fifteenths] for values in (predicted, true)), "o", color="#0072b2")
    axes.plot([-3, 3], [-3, 3], color="0.6")
    axes.set(title=f"{name} (spread {predicted.std():.2f})", xlabel="predicted, mean of a fifteenth", xlim=(-3, 3))
figure.axes[0].set(ylabel="what they said, mean", ylim=(-3, 3))
figure

# %% [markdown]
# ## What the units are about
#
# The statements were written for five traits, which nobody told the network: A, C, E, N and O. Below, the weights from
# the twelve units with the largest ones to the statements.

# %%
J, result, _ = results[recommendation.MASKED]
W2 = J.layout.unpack(result.theta)[1]
units = np.argsort(-np.linalg.norm(W2, axis=0))[:12]
figure = Figure(figsize=(10, 4), layout="constrained")
axes = figure.subplots()
most = np.abs(W2).max()
image = axes.imshow(W2[:, units].T, cmap="RdBu_r", vmin=-most, vmax=most, aspect="auto")
axes.set_xticks(range(len(plan.names)), labels=plan.names)
axes.set(xlabel="statement", ylabel="unit", title="W2: which statements a unit raises (red) and lowers (blue)")
figure.colorbar(image, label="weight")
figure

# %% [markdown]
# ## Inputs dropped
#
# What if none are dropped? Then each known rating is its own best predictor, and the units learn to pass it on, which
# is of no use for those that are missing.

# %%
shares = (0.0, 0.5) if QUICK else (0.0, 0.25, 0.5, 0.75)
errors = []
for dropped in shares:
    variant = replace(recommendation.VARIANTS[recommendation.MASKED], dropped=dropped)
    several = list(recommendation.autoencoders(setting, plan, variant, part.train, base, 0))
    errors.append(rating_models.rmse(recommendation.nearest(several, part), part.test))
figure = Figure(figsize=(5.5, 3), layout="constrained")
axes = figure.subplots()
axes.plot(shares, errors, "o-", color="#0072b2")
axes.set(xlabel="share of the inputs dropped in training", ylabel="RMSE on test ratings")
figure

# %% [markdown]
# ## All of it
#
# Both questionnaires. In the larger one entries are missing that nobody took out: a new version of it asked for other
# adjectives.

# %%
outcome = recommendation.run(setting)
outcome.figure

# %%
lines = ["| ratings | measure | method | number |", "|---|---|---|---|"]
lines += [f"| {one.task} | {one.what} | {one.method} | {one} |" for one in outcome.measures]
Markdown("\n".join(lines))

# %% [markdown]
# This was one split. What five of them say is in the README; all of their numbers are in figures/uses.
#
# ## What to take home
#
# - The mask is worth more than all the rest. It belongs in the cost *and* the gradient, and a gradient check sees only
#   whether both agree.
# - With it the autoencoder is clearly better than item means and truncated SVD, which has to be told something of the
#   missing entries. Least squares in turn, which leave them out as well, do as well or better: statements that depend
#   on each other almost linearly leave next to nothing for the sigmoids to find. Compare "linear units" above: of 75
#   adjectives they find a little, of 25 statements nothing.
# - Precision (at 10 of 75 adjectives, at 5 of 25 statements, of which there are not 10 left) says the same in other
#   words, and less clearly: what most people agree with is at the top of everyone's list, whatever the method, and
#   only the order counts, so that predictions drawn towards the mean cost it less than they cost the RMSE.
#
# ## On MovieLens
#
# Put the folder ml-100k into the one that SAE_DATA names, and `sae uses recommendation` measures it, too, with
# precision at 10 among all films that a person has not rated before.
#
# ## Questions
#
# 1. J divides by the number of people. What would change if it divided by the number of known ratings? For which
#    choice of lambda are both the same?
# 2. Give the network the mask as 25 more inputs. How must `X` and `target` change? Does it help?
# 3. Predict the mean of the ratings that a person *did* give for all others. Why is that so bad here, and good for
#    films?
# 4. `SquaredError` refuses a target with NaN. Why is that better than skipping the entry?
# 5. Raise the share to train on to 0.8 (`plan.shares`). Which method gains most?
