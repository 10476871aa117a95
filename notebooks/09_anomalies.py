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
# # Anomalies: what an autoencoder can't draw, and why
#
# An autoencoder that has seen only eights learns to draw eights. Give it a three, and it draws an eight in its place:
# the error of the reconstruction says that something is wrong, and the errors of the single pixels say what. Below, on
# digits and on tumours, beside detectors that need no autoencoder. The numbers over five repetitions, with everything
# chosen on validation data, are made by `sae uses anomalies`; here is one split, to look at.

# %%
# %matplotlib inline
import os

import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import RocCurveDisplay, roc_auc_score

from sae.data import load_breast_cancer, load_digits
from sae.estimators import AnomalyDetector, SparseAutoencoder
from sae.uses.anomalies import CANCER, DIGITS, Plan, Problem, measured, named, plans_of, split
from sae.uses.anomaly_plots import Shown, plot_top_pictures, plot_top_rows
from sae.uses.detectors import SPARSE, changed, detectors, fitted, relative_errors
from sae.uses.use import Setting

QUICK = bool(os.environ.get("SAE_QUICK"))  # a small size, for the tests of the project
ITERATIONS = 40 if QUICK else 200

digits = load_digits()
X, y = digits.data / 16, digits.target
NORMAL = 8
eights = Problem(f"normal: {NORMAL}", [], X[y == NORMAL], X[y != NORMAL])
plan = Plan(DIGITS, (eights,), counts=(90, 34, 50), share=0.2, widths=(30,), axes=(20,), standardise=False)
part = split(plan, eights, np.random.default_rng(0))
print(f"{len(part.train)} eights to learn from; to test, {np.sum(part.test_y == 0)} and {part.test_y.sum()} others")

# %%
figure = Figure(figsize=(9, 2.2), layout="constrained")
for line, (name, rows) in zip(
    figure.subplots(2, 12), (("normal", part.train), ("anomalies", part.test[part.test_y == 1])), strict=True
):
    line[0].set_ylabel(name)
    for axes, image in zip(line, rows, strict=False):
        axes.imshow(image.reshape(digits.shape), cmap="gray_r")
        axes.set(xticks=[], yticks=[])
figure

# %% [markdown]
# ## The score is the error
#
# `AnomalyDetector` takes any autoencoder; its score is minus the mean squared error of an example.

# %%
autoencoder = SparseAutoencoder(
    30, weight_decay=1e-2, sparsity_param=0.1, beta=0.1, output_activation="identity", max_iter=ITERATIONS
)
detector = AnomalyDetector(autoencoder, random_state=0).fit(part.train)
errors = detector.errors(part.test)

figure = Figure(figsize=(7, 2.8), layout="constrained")
axes = figure.subplots()
bins = np.geomspace(errors.min(), errors.max(), 25)
for kind, name in enumerate(("held-out eights", "other digits")):
    axes.hist(errors[part.test_y == kind], bins, alpha=0.7, label=name, color=f"C{kind}", hatch="/" * 4 * kind)
axes.set(xscale="log", xlabel="mean squared error of a digit", ylabel="digits")
axes.set_title(f"ROC-AUC {roc_auc_score(part.test_y, errors):.3f}")
axes.legend(frameon=False)
figure

# %% [markdown]
# The number is the probability that some other digit has a larger error than some eight.
#
# ## Why is it one?
#
# The errors of the pixels are the answer. In the last row, violet is ink that no eight would have, and orange is ink
# that the autoencoder expected and did not find.

# %%
top = Shown(eights.title, [], detector, part.train, part.test[part.test_y == 1])
plot_top_pictures(top, 6)

# %% [markdown]
# ## Beside other detectors

# %%
methods = {name: several[0] for name, several in detectors((30,), (20,), ITERATIONS, random_state=0).items()}
trained = {name: fitted(one, part.train) for name, one in methods.items()}
figure = Figure(figsize=(5.5, 4), layout="constrained")
axes = figure.subplots()
for (name, one), style in zip(trained.items(), ("-", "--", "-.", ":", "-", "--", "-."), strict=True):
    RocCurveDisplay.from_predictions(
        part.test_y, -one.score_samples(part.test), name=name, ax=axes, curve_kwargs={"ls": style}
    )
axes.set(
    xlabel="share of eights called anomalies",
    ylabel="share of others called anomalies",
    xlim=(-0.01, 0.6),
    aspect="auto",
)
axes.legend(fontsize=8)
figure

# %% [markdown]
# With 12 anomalies one curve is a few steps; that is what repetitions are for. Two groups can be told already. Both
# autoencoders, PCA and the neighbours are close together: eights lie near a surface, and what is off the surface is no
# eight. The isolation forest looks at one pixel at a time, the distance from the mean at the size of a difference and
# not at its direction; and each pixel of a three may well be one of an eight.
#
# ## How wide?
#
# The middle should be too narrow, or too sparse, for everything to get through: a layer as wide as the data could copy
# anything, anomalies included. Does it?

# %%
widths = (2, 20, 64) if QUICK else (2, 5, 10, 20, 40, 64, 100)
arms = {"sparse, weight decay": (0.1, 1e-3), "neither": (0.0, 0.0)}
figure = Figure(figsize=(6, 3), layout="constrained")
axes = figure.subplots()
for marker, (name, (beta, decay)) in zip("os", arms.items(), strict=True):
    found = []
    for width in widths:
        model = SparseAutoencoder(
            width, sparsity_param=0.1, beta=beta, weight_decay=decay, output_activation="identity", max_iter=ITERATIONS
        )
        found.append(
            roc_auc_score(part.test_y, AnomalyDetector(model, random_state=0).fit(part.train).errors(part.test))
        )
    axes.plot(widths, found, marker=marker, label=name)
axes.set(xscale="log", xlabel="hidden units", ylabel="ROC-AUC, other digits among eights")
axes.set_xticks(widths, labels=list(map(str, widths)))
axes.minorticks_off()
axes.legend(frameon=False)
figure

# %% [markdown]
# Less than one would fear. What costs most is a middle too narrow to draw even the eights. A wide layer without
# sparsity and weight decay loses a little: what it has learned from 90 eights is far from a copy of everything.
#
# ## Tumours
#
# Benign tumours are normal, malignant ones are anomalies, and the 30 features are standardised by the benign ones. What
# is shown is the squared error of a feature over its mean among benign tumours, so 1 is ordinary.

# %%
cancer = load_breast_cancer()
tumours = Problem("malignant", cancer.names, cancer.data[cancer.target == 0], cancer.data[cancer.target == 1])
plan = Plan(CANCER, (tumours,), counts=(157, 60, 140), share=0.2, widths=(30,), axes=(15,))
part = split(plan, tumours, np.random.default_rng(0))
found = {
    name: fitted(several[0], part.train)
    for name, several in detectors((30,), (15,), ITERATIONS, random_state=0).items()
}
for name, one in found.items():
    print(f"{name:26}", ", ".join(f"{what} {x:.3f}" for what, x in measured(one, part).items()))

# %%
plot_top_rows(Shown("Malignant tumours", cancer.names, found[SPARSE], part.train, part.test[part.test_y == 1]))

# %% [markdown]
# The top anomalies are too large in all measures of size at once, and in how much these vary within a tumour. But for
# that one needs no autoencoder: such features are far from their means each by itself, and the distance from the mean
# tells malignant tumours as well as anything above.
#
# ## Is it an explanation?
#
# A test where the answer is known, and no feature by itself is odd: in a *benign* tumour one feature gets the value of
# another benign tumour, half of all tumours away in rank. Which feature has the largest error?

# %%
rows, features = changed(part.test[part.test_y == 0], np.random.default_rng(1))
figure = Figure(figsize=(8, 6), layout="constrained")
guess = relative_errors(found[SPARSE], part.train, rows)
for k, axes in enumerate(figure.subplots(3, 1, sharex=True)):
    axes.bar(range(30), guess[k], color=["C1" if feature == features[k] else "C0" for feature in range(30)])
    axes.set_title(f"A benign tumour with another's {cancer.names[features[k]]} (orange)", fontsize=10)
    axes.set_ylabel("squared error /\nits mean when normal")
axes.set_xlabel("feature")
figure

# %%
chosen = {name: [one] for name, one in found.items()}
for (_, method, _), share in named(chosen, part, np.random.default_rng(1)):
    print(f"{method:26} names the changed feature in {100 * share:.0f} %")

# %% [markdown]
# Radius, perimeter and area of a benign tumour go together. A perimeter that does not go with the radius is off the
# surface, and the reconstruction says so. A feature that goes with few others is missed: then the error is where the
# changed code draws something else. Looking at one feature at a time finds next to nothing, as it should. PCA names
# more of them: these relations are linear, and it can fit nothing else. So the errors of the features are a hint where
# to look, better than none, and no proof.
#
# ## Network traffic
#
# The textbooks' example needs data that have to be downloaded, once: `sae.data.load_kddcup99("http", fetch=True)`.

# %%
print("\n".join(plans_of(Setting(quick=QUICK))[2]))
