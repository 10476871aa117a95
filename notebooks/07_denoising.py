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
# # Denoising photographs
#
# Two autoencoders meet noise. One was trained to copy clean patches with few active units, the other to turn noisy
# patches into clean ones. Beside them are PCA, which learns from the same patches, and wavelets, total variation and
# the median filter, which learn nothing. `sae uses denoising` measures all of them on nine photographs, five times;
# this notebook takes one photograph, part of it, and looks.

# %%
# %matplotlib inline
import inspect
import os

import numpy as np
from IPython.display import Markdown
from matplotlib.figure import Figure

import sae
from sae.studies.denoising import by_patches, quality
from sae.uses import denoising, pictures
from sae.uses.denoising import NOISES, Noise, Pair
from sae.uses.denoising_plots import plot_denoised
from sae.uses.use import Setting

QUICK = bool(os.environ.get("SAE_QUICK"))  # a small size, for the tests of the project
SMALL = denoising.Plan(patches=1000, pairs=500, hidden=16, iterations=10, epochs=2, choose_by=32, every=4)
PLAN = SMALL if QUICK else denoising.Plan(every=2, choose_by=96)
SIZE = 40 if QUICK else 192
setting = Setting(quick=QUICK)
rng = setting.rng(0)


def source(thing):
    """Show the source of a class or function."""
    return Markdown(f"```python\n{inspect.getsource(thing)}```")


photographs = pictures.split(pictures.load(setting).images, 0)
clean = photographs.test[0][:SIZE, :SIZE] if QUICK else photographs.test[0][40 : 40 + SIZE, 160 : 160 + SIZE]
X = sae.data.sample_patches(photographs.train, PLAN.patches, pictures.SIDE, rng)  # of other photographs
few = [pictures.middle(image, PLAN.choose_by) for image in photographs.validation]  # to choose by

# %% [markdown]
# ## Four noises
#
# Normal noise of three strengths, and pixels that turn white or black.

# %%
noisy = {noise.task: noise.on(clean, rng) for noise in NOISES}
plot_denoised({"clean": clean, **noisy}, "A test photograph")

# %% [markdown]
# ## Patch by patch
#
# The methods that learn see 8 x 8 pixels. Every overlapping patch is restored by itself, without its mean, and a pixel
# is the average of the 64 patches that it is in. That averaging takes away much noise already.

# %%
source(by_patches)

# %% [markdown]
# ## Training
#
# The sparse autoencoder is trained once. The denoising one is trained for each noise, on pairs that are drawn once:
# noise is data, so that J stays the same function while it is minimised.

# %%
source(denoising.denoiser)

# %%
learned = denoising.learn(setting, PLAN, X, 0)
denoisers = {noise: denoising.denoiser(setting, PLAN, X, noise, 0) for noise in (NOISES[1], NOISES[3])}

# %% [markdown]
# What has the denoising autoencoder learned for normal noise? Some of its weights are edges and bars, larger than a
# pixel: an average along an edge keeps the edge and loses the noise. Others still look like the noise itself.

# %%
network = denoisers[NOISES[1]].keywords
sae.plot_filters(network["objective"].layout.unpack(network["theta"])[0], title="W1, trained at sigma 25")


# %% [markdown]
# ## Beside the others
#
# Of each method the candidate that is best on two validation photographs.


# %%
def restored(noise):
    """Return the test photograph as each method restores it, and the noisy one."""
    seen = [Pair(image, noise.on(image, rng)) for image in few]
    candidates = denoising.untrained(PLAN, seen) | learned | {denoising.OURS[0]: [denoisers[noise]]}
    chosen = {method: denoising.choose(several, seen) for method, several in candidates.items()}
    return {"clean": clean, "noisy": noisy[noise.task]} | {m: f(noisy[noise.task]) for m, f in chosen.items()}


PART = np.s_[:, :] if QUICK else np.s_[40:128, 60:148]
plot_denoised(restored(NOISES[1]), NOISES[1].task, PART)

# %% [markdown]
# The flat parts tell most. Total variation makes them flat, and texture with them; PCA leaves waves, which are its
# components; wavelets leave blots.

# %%
plot_denoised(restored(NOISES[3]), NOISES[3].task, PART)

# %% [markdown]
# Salt and pepper is another thing. A white pixel is no small deviation that could be left out, it is the largest thing
# in its patch, and PCA and the sparse autoencoder reconstruct it, smeared. The median filter looks at ranks, where one
# white pixel among nine says next to nothing. The denoising autoencoder has learned from pairs that a lone white pixel
# is none, most of the time: some specks are left.
#
# ## It knows the noise that it was trained on
#
# The autoencoder trained at sigma 25, on weaker and stronger noise, beside wavelets that are told the strength.

# %%
SIGMAS = (5, 15, 25, 35, 50)
scores = {"denoising autoencoder, trained at 25": [], "wavelets, told sigma": [], "noisy": []}
for sigma in SIGMAS:
    image = Noise(f"sigma {sigma}", "gaussian", sigma / 255).on(clean, rng)
    told = denoising.wavelets(image, sigma=sigma / 255, wavelet="sym4", method="BayesShrink", mode="soft")
    for name, one in zip(scores, (denoisers[NOISES[1]](image), told, image), strict=True):
        scores[name].append(quality(clean, one)["psnr"])
figure = Figure(figsize=(7, 4), layout="constrained")
axes = figure.subplots()
for (name, values), line in zip(scores.items(), ("o-", "s--", "^:"), strict=True):
    axes.plot(SIGMAS, values, line, label=name)
axes.set(xlabel="sigma of the noise, of 255", ylabel="PSNR / dB")
axes.legend(frameon=False)
axes.grid(alpha=0.3)
figure

# %% [markdown]
# On weaker noise it blurs what is not noise, on stronger noise it leaves some: what it has learned is one strength.
#
# ## Questions
#
# 1. Restore with every eighth patch only, so that they don't overlap. How many dB does the averaging bring?
# 2. The mean of a noisy patch is not that of the clean one. How large is the error, for each noise? Why is the mean of
#    the *noisy* patch subtracted from the target of the training, too?
# 3. Train on salt and pepper, restore normal noise, and the other way round.
# 4. PCA keeps or drops a component for all patches alike; the sparse autoencoder decides for each patch. Where in the
#    pictures is that seen?
# 5. Train on patches of `brick` only, and restore a face. What does the autoencoder invent?
