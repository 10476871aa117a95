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
# # Compression: what a code costs when it is rounded
#
# An autoencoder turns a block of 64 pixels into a code, and textbooks call that compression. But a code of real numbers
# is no shorter than the pixels, however few they are: only when it is rounded does it have a length in bits. Here codes
# are rounded, their entropy is counted, and the error is measured, beside PCA and beside the transform of JPEG, which
# learns nothing. `sae uses compression` does it over five splits of nine photographs; this notebook, over one.

# %%
# %matplotlib inline
import inspect
import os

import numpy as np
from IPython.display import Markdown
from matplotlib.figure import Figure

import sae
from sae.uses import coding, compression, pictures
from sae.uses.use import Setting

QUICK = bool(os.environ.get("SAE_QUICK"))  # a small size, for the tests of the project
PLAN = compression.Plan(patches=2000, epochs=3, every=4) if QUICK else compression.Plan(every=2)
setting = Setting(quick=QUICK)


def source(thing):
    """Show the source of a class or function."""
    return Markdown(f"```python\n{inspect.getsource(thing)}```")


photographs = pictures.split([compression.whole_blocks(image) for image in pictures.load(setting).images], 0)
image = photographs.test[0]  # none of its patches is trained on
X = sae.data.sample_patches(photographs.train, PLAN.patches, coding.SIDE, setting.rng(0)).T
print(f"{len(X)} patches to train on; a test photograph of {image.shape[0]} x {image.shape[1]} pixels")

# %% [markdown]
# ## Rounding and counting
#
# Three equations. A coefficient is divided by its step and rounded; its entropy is that of the whole numbers which it
# becomes over all blocks; the rate is the sum over coefficients, divided by the 64 pixels.

# %%
found = sae.equations.read(coding)
Markdown("\n\n".join(f"$$ {found[tag].latex} \\tag{{{tag}}} $$" for tag in ("K1", "K2", "K3")))

# %%
source(coding.through)

# %%
source(coding.entropy)

# %% [markdown]
# ## Three sets of coefficients
#
# The DCT is a fixed rotation of the 64 pixels, PCA is the rotation that training patches ask for, and the autoencoder
# has 128 codes of which few are active. Each is drawn as what one coefficient adds to a block.

# %%
coders = compression.coders(setting, PLAN, X, 0)
sae.plot_filters(coding.dct().back(np.eye(64)) - 128, title="DCT: what each coefficient draws")

# %%
sae.plot_filters(coders["PCA"][0].back(np.eye(64)) - coders["PCA"][0].back(np.zeros((1, 64))), title="PCA")

# %%
coder = coders["sparse autoencoder"][1]  # the second beta
nothing = coder.back(np.zeros((1, PLAN.hidden + 1)))
drawn = coder.back(np.eye(PLAN.hidden + 1)) - nothing  # the first coefficient is the mean of the block
sae.plot_filters(drawn[1:], title="Sparse autoencoder: what each code draws")

# %% [markdown]
# A code of the autoencoder is measured in the length of what it draws, so that one step moves a block as far as one
# step of an orthonormal coefficient does. Without that, some codes would be rounded finely that hardly matter.

# %%
source(coding.autoencoded)

# %% [markdown]
# ## Rate and distortion
#
# Coarse and fine steps make a curve for each method. JPEG files, as pillow writes them, are in it with all their bytes.

# %%
curves = {
    method: [coding.code(coder, image, compression.STEPS) for coder in several] for method, several in coders.items()
}
files = coding.jpeg_curve(image, compression.QUALITIES)
figure = Figure(figsize=(8, 5), layout="constrained")
axes = figure.subplots()
for k, (method, several) in enumerate({**curves, "JPEG files": [files]}.items()):
    for n, curve in enumerate(several):
        near = curve.rates <= 2
        line = "-" if method in compression.OURS else "--"
        axes.plot(curve.rates[near], curve.psnr[near], f"{line}", color=f"C{k}", label=None if n else method)
axes.set(xlabel="bits per pixel", ylabel="PSNR / dB", title="A test photograph; a line for each candidate")
axes.legend(frameon=False)
axes.grid(alpha=0.3)
figure

# %% [markdown]
# The curves of the autoencoders bend and end: more bits can't bring back what the codes never had. The L1 penalty
# decides where. A strong one leaves few active codes, cheap and coarse; a weak one reaches further and costs more at
# the start. That is why the full run chooses beta for each rate, on other photographs.
#
# ## The same bits, seen
#
# Each method with the step that comes nearest to half a bit per pixel.

# %%
RATE, PART = 0.5, np.s_[-96:, :96] if QUICK else np.s_[80:208, 200:328]


def nearest(coder):
    """Return the image decoded at about `RATE`, and its rate."""
    c = coder.forward(coding.to_blocks(image))
    both = [coding.through(coder, c, delta, image.shape) for delta in compression.STEPS]
    return min(((decoded, coding.rate(q)) for q, decoded in both), key=lambda one: abs(one[1] - RATE))


best = {m: coders[m][int(np.argmax([curve.at(RATE) for curve in several]))] for m, several in curves.items()}
figure = Figure(figsize=(9, 6.6), layout="constrained")
panels = figure.subplots(2, 3).ravel()
for axes, (name, coder) in zip(panels, {"as it is": None, **best}.items(), strict=True):
    decoded, bits = (image, 8.0) if coder is None else nearest(coder)
    quality = "" if coder is None else f", {coding.psnr(image, decoded):.1f} dB"
    axes.imshow(decoded[PART], cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.set_title(f"{name}\n{bits:.2f} bits per pixel{quality}", fontsize=10)
    axes.set_axis_off()
figure

# %% [markdown]
# ## Where the bits go
#
# The entropy of each coefficient at one step, largest first. Of an orthonormal transform a few coefficients take most
# bits, and the others are nearly always 0. The sparse codes are all needed now and then: each is cheap, but there are
# many, and to say *which* of them are active is what costs.

# %%
figure = Figure(figsize=(8, 4), layout="constrained")
axes = figure.subplots()
for method in ("PCA", "DCT, equal steps", "sparse autoencoder"):
    q, decoded = coding.through(best[method], best[method].forward(coding.to_blocks(image)), 40.0, image.shape)
    bits = sorted((coding.entropy(column) for column in q.T), reverse=True)
    label = f"{method}: {sum(bits):.0f} bits a block, {coding.psnr(image, decoded):.1f} dB, {np.mean(q != 0):.1%} not 0"
    axes.plot(np.arange(1, len(bits) + 1), bits, "-" if method in compression.OURS else "--", label=label)
axes.set(xlabel="coefficient, by its entropy", ylabel="bits in a block", title="Steps of 40 grey values")
axes.legend(frameon=False, fontsize=8)
axes.grid(alpha=0.3)
figure

# %% [markdown]
# ## Questions
#
# 1. An orthonormal transform rounded with steps of $\Delta$ has a mean squared error of about $\Delta^2 / 12$ a pixel.
#    Why only with fine steps? Check it with `coding.dct()` and $\Delta = 4$. Why is it false for the autoencoder?
# 2. JPEG's table has steps that grow with frequency, and loses PSNR for it. What is it for?
# 3. Replace the lengths of the columns in `coding.autoencoded` by ones. Which curve moves, and at which rates?
# 4. The entropies are those of single coefficients. Which neighbours would tell something about a coefficient of the
#    DCT, and about a sparse code? (JPEG files use two such things; which?)
# 5. Train the autoencoder with noise on its codes, uniform and as wide as a step: the gradient then knows about
#    rounding. That is how learned codecs begin (Balle et al., 2017). What else would need to be in $J$?
