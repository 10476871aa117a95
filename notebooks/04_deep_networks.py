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
# # Deep networks: pretrained layer by layer, then fine-tuned
#
# A sparse autoencoder turns images into codes without ever seeing a label. Its codes are examples again, so a second
# autoencoder can learn from them; softmax regression on top of both tells digits; and backpropagation through the whole
# stack improves all layers together. That is UFLDL's exercise on deep networks, and here it is from end to end, small
# enough to run in a minute: on the 1,797 digits of 8 x 8 pixels that come with scikit-learn. At the end stands what
# to change for MNIST.

# %%
# %matplotlib inline
import inspect
import os

import numpy as np
from IPython.display import Markdown
from matplotlib.figure import Figure
from sklearn.datasets import load_digits

import sae
from sae import deep, softmax
from sae.ufldl.confusion import plot_confusion
from sae.ufldl.labels import plot_labels

QUICK = bool(os.environ.get("SAE_QUICK"))  # a small size, for the tests of the project
ITERATIONS = 15 if QUICK else 200
HIDDEN = (64, 36)  # units of the two hidden layers
LAM, RHO, BETA = 1e-3, 0.1, 1.0  # of each autoencoder
SOFTMAX_LAM = 1e-4


def source(thing):
    """Show the source of a class or function."""
    return Markdown(f"```python\n{inspect.getsource(thing)}```")


def equations(module, *tags):
    """Show equations of a page, without their code."""
    found = sae.equations.read(module)
    return Markdown("\n\n".join(f"$$ {found[tag].latex} \\tag{{{tag}}} $$" for tag in tags))


rows, labels = load_digits(return_X_y=True)
digits, SIDE = rows.T / 16, 8  # examples are columns, pixels from 0 to 1
X, y, X_test, y_test = digits[:, :1200], labels[:1200], digits[:, 1200:], labels[1200:]

# %% [markdown]
# ## The page
#
# Upwards, each layer is an affine map and a sigmoid; above the last one, one number a class.

# %%
equations(deep, "D1", "D2")

# %% [markdown]
# Softmax turns the $k$ numbers of an example into probabilities. Only their logarithms enter the cost, and these are
# computed with the largest number subtracted: $e^z$ would overflow from $z = 710$ on, and $\log p$ would be
# $-\infty$ where $p$ is too small for a floating-point number. Subtracting it changes nothing but that.

# %%
equations(softmax, "Y2")

# %%
source(softmax.log_loss)

# %% [markdown]
# The cost is the mean of $-\log p$ of the right classes. Of all weights only $W_s$ decays, as in the tutorial.
# Downwards, the error $e$ arrives from above, is multiplied by the slope of the sigmoid there, gives two gradients, and
# is sent on through the weights: the same three lines in each layer, however many there are.

# %%
equations(deep, "D3", "D4", "D5", "D6", "D7", "D8", "D9")

# %%
source(deep.forward)

# %%
source(deep.page)

# %% [markdown]
# ## Is it right?
#
# First of all. Three hidden layers, so that (D6) is used more than once; few units, so that each entry can be checked;
# weights and biases that are not 0.

# %%
small = deep.DeepNetwork(
    X[len(X) // 2 :][:16, :30], y[:30], (6, 5, 4), lam=1e-2, n_classes=10, bias=True, engine="numpy"
)
theta = np.random.default_rng(0).normal(0, 0.5, small.layout.size)
print(sae.check_gradient(small, theta))

# %% [markdown]
# ## Pretraining
#
# Greedy: a layer is trained on the codes of the one below and then stays as it is. Of each autoencoder the encoder is
# kept, $W_1$ and $b_1$; the decoder has done its work. No label is used.

# %%
layers, codes = [], X
for l, units in enumerate(HIDDEN, 1):
    J = sae.Autoencoder(codes, units, lam=LAM, rho=RHO, beta=BETA)
    result = sae.minimize_lbfgs(J, J.init(np.random.default_rng(l)), max_iter=ITERATIONS)
    W1, _, b1, _ = J.layout.unpack(result.theta)
    layers.append((W1, b1))
    print(f"layer {l}: {J.n} -> {units} units, J = {result.cost:.4f}")
    codes = J.encode(result.theta, codes)

# %% [markdown]
# What does a unit look for? In the first layer, the input of norm 1 that it answers most to is its row of $W_1$,
# scaled: pieces of strokes, bright or dark.

# %%
sae.plot_filters(layers[0][0], title="Layer 1: the input that each unit answers most")

# %% [markdown]
# A unit of the second layer sees 64 codes, not pixels. A rough picture is the sum of the first layer's filters with its
# weights; a truer one is which digits excite it. Below, for the ten units whose codes vary most, both.

# %%
(W_1, b_1), (W_2, b_2) = layers
looks_for = W_2 @ (W_1 / np.linalg.norm(W_1, axis=1, keepdims=True))
units = np.argsort(-codes.std(axis=1))[:10]
figure = Figure(figsize=(9, 9.4), layout="constrained")
axes = figure.subplots(len(units), 10)
for line, unit in zip(axes, units, strict=True):
    line[0].imshow(looks_for[unit].reshape(SIDE, SIDE), cmap="gray")
    line[0].set_ylabel(f"unit {unit}", rotation=0, ha="right", va="center")
    for ax, example in zip(line[1:], np.argsort(-codes[unit]), strict=False):
        ax.imshow(X[:, example].reshape(SIDE, SIDE), cmap="gray_r")
    for ax in line:
        ax.set(xticks=[], yticks=[])
figure.suptitle("Layer 2: layer 1's filters, summed (left), and the nine digits that excite the unit most")
figure

# %% [markdown]
# Each of these units has found a digit, or a way of writing it, and some have found the same one. Nobody has told the
# network that there are ten kinds. The pictures on the left show it faintly at best: between two sigmoids, sums of
# filters are not the whole truth.
#
# ## A softmax on top, before fine-tuning
#
# Regression from the second layer's codes to the labels, with both layers as they are. Its weights and the encoders,
# put one upon the other, are a $\theta$ of the deep network.

# %%
top = softmax.Softmax(codes, y, lam=SOFTMAX_LAM)
result = sae.minimize_lbfgs(top, top.init(np.random.default_rng(0)), max_iter=ITERATIONS)
(W_s,) = top.layout.unpack(result.theta)

network = deep.DeepNetwork(X, y, HIDDEN, lam=SOFTMAX_LAM)
before = network.stack(layers, W_s)
print("theta:", ", ".join(f"{name} {shape}" for name, shape in network.layout.shapes.items()))


# %%
def accuracy(theta):
    """Return the share of right answers on the test digits, in percent."""
    return 100 * np.mean(network.predict(theta, X_test) == y_test)


print(f"J = {network(before)[0]:.4f} ({result.cost:.4f} in the softmax alone), {accuracy(before):.1f} % right")

# %% [markdown]
# The two costs are equal: the deep network at this $\theta$ is the softmax on the codes. From here on all layers move.
#
# ## Fine-tuning

# %%
tuned = sae.minimize_lbfgs(network, before, max_iter=ITERATIONS)
sae.plot_history(tuned.history)

# %%
plot_confusion(
    y_test,
    {"before fine-tuning": network.predict(before, X_test), "after fine-tuning": network.predict(tuned.theta, X_test)},
)

# %% [markdown]
# About a third of the mistakes are gone. What has changed can be seen in the same units of the first layer. A unit had
# to help to draw the digits; now it has to help to tell them from one another.

# %%
sae.plot_filters(network.layout.unpack(tuned.theta)[0], title="Layer 1 after fine-tuning: the same units")

# %%
moved = ["| weights | moved by, relative to their norm |", "|---|---|"]
for name, old, new in zip(
    network.layout.names, network.layout.unpack(before), network.layout.unpack(tuned.theta), strict=True
):
    moved.append(f"| {name} | {np.linalg.norm(new - old) / np.linalg.norm(old):.2f} |")
Markdown("\n".join(moved))

# %% [markdown]
# ## What is pretraining good for?
#
# The same network fine-tuned from random weights, with all labels and with few of them. Pretraining has seen all 1,200
# images in any case: images are cheap, labels are not. Five draws of the labels, each with random weights of its own.

# %%
COUNTS, DRAWS = ((100, 1200), 1) if QUICK else ((50, 100, 200, 500, 1200), 5)


def with_few_labels(count, draw):
    """Return the accuracy with `count` labels of a network that was pretrained, of one that was not, and of softmax."""
    rng = np.random.default_rng([draw, count])
    some = rng.permutation(y.size)[:count]
    top = softmax.Softmax(codes[:, some], y[some], lam=SOFTMAX_LAM, n_classes=10)
    W_s = top.layout.unpack(sae.minimize_lbfgs(top, top.init(rng), max_iter=ITERATIONS).theta)[0]
    J = deep.DeepNetwork(X[:, some], y[some], HIDDEN, lam=SOFTMAX_LAM, n_classes=10)
    stacked = J.stack(layers, W_s)
    thetas = [sae.minimize_lbfgs(J, start, max_iter=ITERATIONS).theta for start in (stacked, J.init(rng))]
    return [accuracy(theta) for theta in (*thetas, stacked)]


answers = [np.array([with_few_labels(count, draw) for draw in range(DRAWS)]) for count in COUNTS]
arms = ("pretrained, fine-tuned", "random, fine-tuned", "pretrained, softmax only")
found = {arm: [table[:, k].tolist() for table in answers] for k, arm in enumerate(arms)}
plot_labels(COUNTS, found)

# %%
lines = ["| labels | " + " | ".join(arms) + " |", "|---" * 4 + "|"]
for count, table in zip(COUNTS, answers, strict=True):
    cells = [f"{mean:.1f} +- {spread:.1f}" for mean, spread in zip(table.mean(axis=0), table.std(axis=0), strict=True)]
    lines.append(f"| {count} | {' | '.join(cells)} |")
Markdown("\n".join(lines))

# %% [markdown]
# With few labels the codes matter most. Softmax alone on the pretrained layers is then the best of the three: it has
# only 360 weights to choose, and fine-tuning the other 6,500 on so few examples spoils some of what pretraining found.
# With many labels it is the other way round: the codes were made to draw digits, not to tell them apart, and both
# fine-tuned networks leave softmax behind. Pretraining moves the start, and the more labels there are, the less the
# start decides. Mind the dots before believing a line: 597 test digits tell an accuracy near 90 % to about one point,
# and the two fine-tuned networks are hardly further apart.
#
# ## On MNIST
#
# At the top of this notebook, `mnist = sae.data.load_mnist()`, once SAE_DATA names the folder of its four files (or
# with `fetch=True`, which downloads them), and `X, y, X_test, y_test = mnist.data.T, mnist.target, mnist.data_test.T,
# mnist.target_test`; `SIDE = 28`, `HIDDEN = (200, 200)`, `LAM, RHO, BETA = 3e-3, 0.1, 3.0` and 400 iterations, as in
# UFLDL. That takes a while. `sae ufldl stacked` does the same from the command line and prints the tutorial's numbers
# beside its own, 87.7 % before and 97.6 % after fine-tuning; `sae ufldl labels` draws the last figure, up to 60,000
# labels; with `--quick` they take a minute at most.
#
# ## Questions
#
# 1. In `deep.page`, what is `W_above` in the first turn of the loop, and what in the last? Why is (D6) never computed
#    for the first layer?
# 2. Take a copy of `deep.page` with `f.derivative(a[l])` in place of `a[l + 1]`. For which layers is that an error at
#    once, because shapes do not fit, and for which widths would only a gradient check notice?
# 3. The table says that W1 and W2 have grown several times. Only $W_s$ decays: how does the network buy a small log
#    loss with small $W_s$? Try `decay="all"` in `DeepNetwork`, and look at the filters again.
# 4. Skip the first pretraining: stack random $W_1, b_1$ and train only the second autoencoder on their codes. How much
#    of the accuracy before fine-tuning is due to the first layer having learned?
# 5. Set `LAM, BETA = 3e-3, 3.0`, the tutorial's values for 28 x 28 pixels. What becomes of the codes (their spread over
#    the examples), and why does it matter that J is a sum over pixels, but lambda and beta are not?
# 6. Train a third autoencoder on the codes, with 20 units. Does accuracy before fine-tuning rise? After?
# 7. Give $z$ in (Y2) a constant more for all classes. Which of (D3) to (D9) change? What does that say about the rows
#    of $W_s$ without decay?
