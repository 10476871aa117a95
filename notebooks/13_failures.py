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
# # When it goes wrong
#
# A training that fails does not say so. J falls, the curve flattens, a picture comes out, and the filters are noise.
# This notebook makes the usual mistakes one at a time, measures what each does, and undoes it. `sae failures` makes all
# of them, `sae diagnose-run RUN` looks for them in a run of yours.
#
# Everything is small: patches of four photographs, 16 hidden units, 150 iterations of L-BFGS, a second each.

# %%
# %matplotlib inline
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from IPython.display import Markdown
from matplotlib.figure import Figure

from sae.failures import gallery, symptoms
from sae.failures.cases import BY_NAME, CASES, HEALTHY
from sae.failures.matching import diagnose
from sae.failures.of_run import look_at
from sae.failures.symptoms import SYMPTOMS, measure
from sae.report.run import read_run
from sae.studies.tables import as_markdown

QUICK = bool(os.environ.get("SAE_QUICK"))  # a small size, for the tests of the project
SEED = 7  # not one that the edges of the healthy bands were measured with


def train(recipe):
    """Train an example of the gallery."""
    return gallery.smaller(recipe, QUICK).train(SEED)


healthy = train(HEALTHY)

# %% [markdown]
# ## What one can measure
#
# Each symptom is a number. Those with a band have an edge half-way between measured healthy runs and measured runs of a
# case (seeds 0 to 4); the one of the weight decay is derived below.

# %%
found = diagnose(healthy)
rows = [
    {"symptom": name, "value": SYMPTOMS[name].shown(value), "what it is": SYMPTOMS[name].words}
    for name, value in found.symptoms.items()
    if value is not None
]
Markdown(as_markdown(rows))

# %% [markdown]
# ## The constant answer
#
# Weights 0, every unit at $\rho$, the mean of the data as the answer to everything: there the sparsity costs nothing
# and the decay nothing. Is that a minimum? To second order in small $W_1$, $W_2$ (biases following, so that means
# stay),
#
# $$ J \approx J_0 + \frac\lambda2 \left(\|W_1\|^2 + \|W_2\|^2\right) - g' f'(\rho) \, \mathrm{tr}(W_2 W_1 \Sigma), $$
#
# with $\Sigma$ the covariance of the examples. Along the first principal axis, of variance $s_1$, J rises if
#
# $$ \lambda \ge g' f'(\rho) \, s_1, \qquad f'(\rho) = \rho (1 - \rho). $$
#
# Then small weights fade away, and no number of iterations helps. A smaller $\rho$ and a larger $\lambda$ do the same.
# The measurement agrees: each point is a training.

# %%
limit = symptoms.pull_of_data(healthy)
shares = np.array([0.1, 0.25, 0.5, 0.8, 1.25, 2, 4])
series = {
    "lambda": [replace(HEALTHY, lam=float(share * limit)) for share in shares],
    "rho": [replace(HEALTHY, rho=float(max(2e-4, 0.02 * healthy.settings.lam / limit / share))) for share in shares],
}
figure = Figure(figsize=(7, 3.6), layout="constrained")
axes = figure.add_subplot()
for (name, recipes), mark in zip(series.items(), "os", strict=True):
    measured = [measure(train(recipe)) for recipe in recipes]
    x, y = ([one[key] for one in measured] for key in ("pull of the decay", "explained"))
    axes.plot(x, y, mark, ls="-", lw=0.7, label=f"{name} is changed")
axes.axvline(1, color="black", ls="--", label="the constant answer becomes a minimum")
axes.set(xscale="log", xlabel="lambda / (g' f'(rho) s1)", ylabel="share of the variance explained")
axes.legend()
figure

# %% [markdown]
# ## The cases
#
# Filters (each with its own contrast), J, and the activations of each unit over the examples. J of other data, and of
# other penalties, does not compare with J of a healthy run; its shape does.


# %%
def case(name):
    """Train a case and its remedy, show what was measured, and draw it."""
    exhibit = gallery.run(BY_NAME[name], [SEED], QUICK)
    row = gallery.row(exhibit)
    assert exhibit.found[0].name == name
    lines = [f"**{row['case']}.** {row['why']}", f"One sees: {row['one sees']}.", f"Try: `{row['try']}`"]
    return Markdown("\n\n".join([*lines, f"Then: {row['then']}."])), gallery.draw(exhibit, healthy)


words, picture = case("lambda-too-large")
words

# %%
picture

# %%
words, picture = case("too-few-iterations")
words

# %% [markdown]
# The curve of J is flat for dozens of iterations, as if it had converged. It stands at a saddle, the constant answer.

# %%
picture

# %%
words, picture = case("saturated")
words

# %%
picture

# %%
words, picture = case("kl-per-example")
words

# %% [markdown]
# No gradient check finds this one: the gradient is right, of a wrong J.

# %%
picture

# %%
words, picture = case("beta-too-large")
words

# %%
picture

# %% [markdown]
# ## A run of yours
#
# `sae diagnose-run RUN` measures the same in the folder that `sae train` wrote, says what speaks for a case, and exits
# with 1 if one fits. Here it is from Python, on data of one's own that were given as they came.

# %%
with tempfile.TemporaryDirectory() as folder:
    X, _ = replace(HEALTHY, whitening=False, normalise=False, patches=1500).rows(SEED)
    np.save(Path(folder) / "rows.npy", 255 * X.T)
    words = f"train {folder}/rows.npy --shape 8x8 --hidden 16 --rho 0.02 --iterations 100 --out {folder}/run"
    subprocess.run([sys.executable, "-m", "sae", *words.split()], check=True, capture_output=True)
    look, missing = look_at(read_run(Path(folder) / "run"))

like = diagnose(look).matches[0]
print(like.case.title)
for evidence in like.evidence:
    print("-", evidence)
print("Try:", gallery.filled(like.case, look, photographs=False))

# %% [markdown]
# What it can't do: it knows the cases of the gallery and no others. The bands are of patches of photographs; on data
# that no autoencoder of this size can copy, "explained" is low without anything being wrong, so no case rests on it
# alone.

# %%
[one.name for one in CASES]
