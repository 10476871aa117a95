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
# # Time series: windows, forecasts, and too few data
#
# Cut a series into windows, and each is an example. An autoencoder then learns what windows look like: it can say which
# one is odd, and its codes, or the gap that it fills, can forecast the next value. The textbooks promise all that; they
# also say that autoencoders struggle when the data set is small. Here it is, on 309 years of sunspots and on 44 years
# of CO2, beside a straight line through the last few values. The numbers over five repetitions are made by
# `sae uses series`; here is one, to look at.

# %%
# %matplotlib inline
import os

import numpy as np
from matplotlib.figure import Figure

from sae.estimators import AnomalyDetector, SparseAutoencoder
from sae.uses import forecasting
from sae.uses.series import Residual, series_of, told
from sae.uses.use import Setting
from sae.uses.windows import DISTORTIONS, centred, distort, parts

QUICK = bool(os.environ.get("SAE_QUICK"))  # a small size, for the tests of the project
ITERATIONS = 40 if QUICK else 200
CHOICES = forecasting.AUTOENCODERS[1:2] if QUICK else forecasting.AUTOENCODERS

(sunspots, co2, *_), _, notes = series_of(Setting())
figure = Figure(figsize=(10, 4), layout="constrained")
for axes, series in zip(figure.subplots(2, 1), (sunspots, co2), strict=True):
    axes.plot(series.time, series.values, color="black", lw=0.8)
    axes.set_ylabel(series.unit)
figure

# %% [markdown]
# ## Windows in the order of time
#
# Rows are windows with the value after them. The first 60 % are to learn from, the next 20 % to choose by, the last
# 20 % to test on. To shuffle them would be a mistake that flatters: neighbouring windows share all but one of their
# values, so each tested one would have a twin among those learned from. The CO2 has a trend, and levels of the last
# years were never seen before; its windows are taken relative to their last known value.

# %%
cut = parts(sunspots, 1.0)
print(", ".join(f"{name} {getattr(cut, name).shape}" for name in ("train", "choose", "test")))
train, choose, test = (centred(sunspots, rows) for rows in (cut.train, cut.choose, cut.test))


def untrained(decay, seed=0):
    """Return a detector with an autoencoder of 15 units."""
    some = {"output_activation": "identity", "data_range": None, "max_iter": ITERATIONS}
    return AnomalyDetector(
        SparseAutoencoder(15, sparsity_param=0.1, beta=0.1, weight_decay=decay, **some), random_state=seed
    )


detector = untrained(1e-4).fit(train)
figure = Figure(figsize=(10, 2.6), layout="constrained")
for k, axes in enumerate(figure.subplots(1, 4, sharey=True)):
    x = test[k * len(test) // 4][None]
    axes.plot(x[0], "o-", color="black", ms=3, label="window")
    axes.plot(detector.autoencoder_.reconstruct(x)[0], "s--", color="C0", ms=3, label="reconstruction")
    axes.set(xlabel="year of the window")
figure.axes[0].set_ylabel("sunspots (standard deviations)")
figure.axes[0].legend(frameon=False, fontsize=8)
figure

# %% [markdown]
# ## What is odd?
#
# Distortions that are known, in windows that are real: a spike of two standard deviations at one value, a sensor stuck
# for a third of the window, and time backwards.

# %%
figure = Figure(figsize=(10, 2.4), layout="constrained")
x = test[len(test) // 2][None]
for axes, kind in zip(figure.subplots(1, 3, sharey=True), DISTORTIONS, strict=True):
    wrong = distort(x, kind, np.random.default_rng(1))
    axes.plot(x[0], color="grey", lw=1, label="as it is")
    axes.plot(wrong[0], "o-", color="C1", ms=3, label="distorted")
    ratio = detector.errors(wrong)[0] / detector.errors(x)[0]
    axes.set(title=f"{kind}: {ratio:.1f} times the error", xlabel="year of the window")
figure.axes[0].set_ylabel("sunspots\n(standard deviations)")
figure.axes[0].legend(frameon=False, fontsize=8)
figure

# %%
several = {
    "autoencoder, lambda 0.0001": untrained(1e-4),
    "autoencoder, lambda 0.01": untrained(1e-2),
    "autoregression": Residual(2, largest=True),
}
for name, one in several.items():
    one.fit(train)
    for which, rows in (("to choose by", choose), ("tested", test)):
        found = zip(DISTORTIONS, told(one, rows, np.random.default_rng(0)), strict=True)
        print(f"{name:26} {which:12} ROC-AUC", ", ".join(f"{kind} {x:.2f}" for kind, x in found))

# %% [markdown]
# A spike is told by both. Sunspots rise faster than they fall, so a window backwards is wrong; but it is wrong as a
# whole and by little in each value, and over five repetitions, with lambda chosen, little is left of the autoencoder's
# number here. Mind the rows to choose by: there, the larger lambda looks as good as the smaller one. The cycles of the
# tested years are higher on the whole than those before, and with the larger lambda the autoencoder draws none of them
# well, distorted or not. In a series, what is chosen is chosen by another time than it is used in.
#
# And what does the score find in the sunspots as they are? The error of the 22 years before:

# %%
figure = Figure(figsize=(10, 3.6), layout="constrained")
upper, lower = figure.subplots(2, 1, sharex=True)
first = cut.places[0] - sunspots.width
upper.plot(sunspots.time[first:], sunspots.values[first:], color="black", lw=1)
lower.plot(sunspots.time[cut.places - 1], detector.errors(test), color="C0")
upper.set_ylabel(sunspots.unit)
lower.set(ylabel="squared error of\nthe window before", xlabel="year")
figure

# %% [markdown]
# The cycle with its maximum in 1957 is the highest of all, higher than any that the autoencoder has learned from. It is
# right to find that odd. It is not right to say that anything is wrong with it: an anomaly is what was not in the data,
# and 172 windows of some seventeen cycles hold little.
#
# The CO2 has no such excuse: 44 seasons, all alike, and a thousand windows to learn from. Which year is the oddest
# there?

# %%
air = parts(co2, 1.0)
for seed in range(1 if QUICK else 5):
    year = untrained(1e-2, seed).fit(centred(co2, air.train))
    place = air.places[np.argmax(year.errors(centred(co2, air.test)))]
    print(f"random weights {seed}: the oddest is from {co2.time[place - co2.width]} to {co2.time[place - 1]}")
rise = co2.values[52:] - co2.values[:-52]
print(f"the largest rise in 52 weeks: {np.nanmax(rise):.1f} ppm, from {co2.time[np.nanargmax(rise)]}")

# %% [markdown]
# Nobody has planted that: it is the year in which the CO2 rose most. (Try `weight_decay=1e-4`: then some autoencoders
# name a year after it. The top of a list is less certain than the list.)
#
# ## What comes next?
#
# Two ways. *Codes*: an autoencoder learns the pasts, and ridge regression forecasts from its codes. *Masked*: it learns
# to reconstruct past and next value from the past alone, the next one put in as 0; that is a denoising autoencoder
# whose noise is to leave out what is asked. Beside them, a linear autoregression (its order chosen, too), ridge
# regression on principal axes, and the last value again.


# %%
def forecasts(series, n):
    """Return the forecasts of all methods that learned from the latest n windows."""
    cut, setting = parts(series, 1.0), Setting()
    train, choose = cut.train[-n:], cut.choose
    some = {"iterations": ITERATIONS, "choices": CHOICES}
    return {
        forecasting.MASKED: forecasting.masked(setting, train, choose, rng=np.random.default_rng(0), **some),
        forecasting.CODES: forecasting.on_codes(setting, train, choose, random_state=0, **some)[0],
        forecasting.LINEAR: forecasting.autoregression(series.orders, train, choose),
        forecasting.AXES: forecasting.principal(train, choose),
        forecasting.LAST: forecasting.persistence,
    }


found = forecasts(sunspots, 120)
years = sunspots.time[cut.places]
mean = sunspots.rows()[0][: len(cut.train)].mean()
figure = Figure(figsize=(10, 3.4), layout="constrained")
axes = figure.subplots()
axes.plot(years, sunspots.values[cut.places], "o-", color="black", ms=3, label="sunspots")
for k, name in enumerate((forecasting.MASKED, forecasting.CODES, forecasting.LINEAR)):
    axes.plot(
        years,
        found[name](cut.test[:, :-1]) * cut.scale + mean,
        color=f"C{k}",
        ls=("-", "-.", "--")[k],
        label=f"{name}: RMSE {forecasting.error(found[name], cut.test) * cut.scale:.1f}",
    )
axes.set(xlabel="year", ylabel="sunspots", title="Forecasts of each year from the 22 before")
axes.legend(frameon=False, fontsize=8)
figure

# %% [markdown]
# ## Few data
#
# The learning curve: all of it again from the latest 20, 40, ... windows. On the right, the autoencoder's error of
# reconstruction in the windows it learned from, and in tested ones: where the two lines are far apart, it has learned
# its windows rather than what windows look like.

# %%
curves, gap, sizes = {}, {}, sunspots.sizes[::3] if QUICK else sunspots.sizes
for n in sizes:
    for name, one in forecasts(sunspots, n).items():
        curves.setdefault(name, []).append(forecasting.error(one, cut.test) * cut.scale)
    model = SparseAutoencoder(
        15,
        weight_decay=1e-4,
        sparsity_param=0.1,
        beta=0.01,
        output_activation="identity",
        data_range=None,
        max_iter=ITERATIONS,
        random_state=0,
    ).fit(cut.train[-n:, :-1])
    gap.setdefault("trained on", []).append(-model.score(cut.train[-n:, :-1]))
    gap.setdefault("tested", []).append(-model.score(cut.test[:, :-1]))
figure = Figure(figsize=(10, 3.6), layout="constrained")
for axes, lines in zip(figure.subplots(1, 2), (curves, gap), strict=True):
    for marker, (name, values) in zip("osD^v", lines.items(), strict=False):
        axes.plot(sizes, values, marker=marker, label=name)
    axes.set(xscale="log", xlabel="windows learned from")
    axes.set_xticks(sizes, labels=list(map(str, sizes)))
    axes.minorticks_off()
    axes.legend(frameon=False, fontsize=8)
figure.axes[0].set_ylabel("RMSE of the forecasts / sunspots")
figure.axes[1].set(yscale="log", ylabel="squared error of reconstruction\n(variance of values)")
figure

# %% [markdown]
# An autoregression has at most 23 numbers to learn from 120 windows; an autoencoder with 15 units has 697. And it
# spends them on the wrong question: on drawing the past, all 22 values alike, of which the last two hold most of what
# can be known about the next. The lesson is not that windows can't be encoded. It is that a code made for drawing keeps
# what is large, while a forecast needs what is recent; and that a linear method with few numbers to learn is hard to
# beat where the data are few.

# %%
print("\n".join(notes))
