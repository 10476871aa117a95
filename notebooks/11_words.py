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
# # Sparse word vectors: what does a unit mean?
#
# Word vectors put words that are used alike near one another. Ask what dimension 7 means, though, and there is no
# answer: turn all vectors together and every distance stays as it was. A sparse code of the same vectors has units that
# are 0 for most words. Can they be named?
#
# `sae uses words` makes the whole table, over five splits. Here is one split, step by step, on a text that ships with
# Python: the reference of its language.

# %%
# %matplotlib inline
import inspect
import os

import numpy as np
from IPython.display import Markdown
from matplotlib.figure import Figure

from sae.data import load_python_reference
from sae.uses import interpretability, word_counts, words
from sae.uses.use import Setting

QUICK = bool(os.environ.get("SAE_QUICK"))  # a small size, for the tests of the project
setting = Setting(quick=QUICK, seeds=1)  # `sae uses words` takes five
reference = load_python_reference()
Markdown(f"{reference.title}, {int(reference.data.sum())} words; {reference.licence}")


# %%
def source(thing):
    """Show the source of a function."""
    return Markdown(f"```python\n{inspect.getsource(thing)}```")


# %% [markdown]
# ## From a text to vectors
#
# Half of the text, in pieces of 200 words, is to learn from. How often does a word stand within ten words of another,
# compared with chance? That is PPMI, a table of words by words with zeros wherever the answer is "not more often".

# %%
text = words.split(reference.words, setting.rng(0, 0))
print(f"{len(text.words)} words; the most frequent: {', '.join(text.words[:12])}")
source(word_counts.ppmi)

# %%
figure = Figure(figsize=(6.5, 5.5), layout="constrained")
axes = figure.subplots()
some = slice(0, 25)
image = axes.imshow(text.ppmi[some, some], cmap="viridis")
axes.set_xticks(range(25), labels=text.words[some], rotation=90, fontsize=7)
axes.set_yticks(range(25), labels=text.words[some], fontsize=7)
axes.set_title("PPMI of the 25 most frequent words")
figure.colorbar(image, label="PPMI / nat")
figure

# %% [markdown]
# Truncated SVD keeps thirty numbers of each row. Neighbours among these vectors make sense:

# %%
dense = words.reduced(text.ppmi, words.DIMENSIONS, setting.random_state(1, 0))
lines = ["| word | nearest by cosine |", "|---|---|"]
for word in [word for word in ("exception", "float", "import", "iterator", "keyword", "slice") if word in text.words]:
    near = np.argsort(-dense @ dense[text.words.index(word)])[1:7]
    lines.append(f"| {word} | {', '.join(text.words[i] for i in near)} |")
Markdown("\n".join(lines))

# %% [markdown]
# ## The sparse code
#
# The k-sparse autoencoder gets the thirty numbers and lets k of its units speak for each word.

# %%
source(words.sparse_codes)

# %%
kept = words.kept(setting)
candidates = dict(zip(kept, words.sparse_codes(setting, dense, words.DIMENSIONS, 0), strict=True))
codes = words.chosen(iter(candidates.values()), text.npmi_validation)
figure = Figure(figsize=(11, 4), layout="constrained")
for axes, (name, shown) in zip(
    figure.subplots(1, 2), {"dense vectors": dense, "sparse code": codes}.items(), strict=True
):
    most = np.abs(shown).max()
    image = axes.imshow(shown[:40].T, cmap="RdBu_r", vmin=-most, vmax=most, aspect="auto")
    axes.set(title=name, xlabel="the 40 most frequent words", ylabel="dimension, or unit")
    figure.colorbar(image)
figure

# %% [markdown]
# A dimension of a dense vector has something to say of every word; a unit of the code, of few.

# %%
figure = Figure(figsize=(9, 3.2), layout="constrained")
axes = figure.subplots()
for name, shown, color in (("dense vectors", np.abs(dense), "#d55e00"), ("sparse code", codes, "#0072b2")):
    parts = np.sort(shown, axis=0)[::-1] / shown.max(axis=0).clip(1e-12)
    axes.plot(np.arange(1, len(parts) + 1), parts.mean(axis=1), color=color, label=name)
axes.set(xlabel="words, those with most of it first", ylabel="|value| / largest", xscale="log")
axes.set_title("A unit or dimension over the words, mean of all")
axes.legend(frameon=False)
figure

# %% [markdown]
# ## Can the units be named? Two measures without a person
#
# Both ask a part of the text that neither vectors nor code have seen. Do the five top words of a unit stand in the same
# windows of twenty words (coherence, by NPMI)? And if a sixth word is smuggled in that is high in another unit, do the
# windows tell which one it is (intrusion)? People who do the second by themselves agree with NPMI fairly well (Lau,
# Newman, Baldwin, 2014).

# %%
source(interpretability.coherence)

# %%
source(interpretability.intrusion)

# %% [markdown]
# A unit that is 0 for all but a few words has no five top words. It counts as -1, the worst there is. Without that
# rule a code would seem the better, the more of its units are dead.
#
# The alternatives: the dimensions as they are; a random rotation of them; FastICA, which rotates so that the dimensions
# are independent; and non-negative factors of the PPMI table itself.

# %%
methods = words.methods_of(setting, dense, words.DIMENSIONS, text.ppmi, 0)
found = {name: words.chosen(several, text.npmi_validation) for name, several in methods.items()}
figure = Figure(figsize=(9, 4), layout="constrained")
axes = figure.subplots()
for k, (name, shown) in enumerate(found.items()):
    scores = interpretability.coherence(shown, text.npmi)
    axes.plot(np.sort(scores)[::-1], marker="os^Dv"[k], ms=4, label=f"{name}: mean {scores.mean():.2f}")
axes.set(xlabel="units, the most coherent first", ylabel="coherence / NPMI", title="Coherence in the test text")
axes.legend(frameon=False)
figure

# %%
lines = ["| NPMI | sparse autoencoder | NPMI | dense vectors |", "|---|---|---|---|"]
ours, others = (words.most_coherent(found[name], text, 12) for name in (words.SPARSE, words.DENSE))
lines += [f"| {a:+.2f} | {one} | {b:+.2f} | {other} |" for (a, one), (b, other) in zip(ours, others, strict=True)]
Markdown("\n".join(lines))

# %% [markdown]
# ## How many units may speak?
#
# With k = 1 the code says which of thirty groups a word is in; with more, a word can be in several, and a unit's words
# have less in common. The number of live units says what the mean has to pay for.

# %%
lines = ["| k | coherence, text to choose by | test text | live units |", "|---|---|---|---|"]
for k, shown in candidates.items():
    scores = [interpretability.coherence(shown, npmi).mean() for npmi in (text.npmi_validation, text.npmi)]
    lines.append(f"| {k} | {scores[0]:.3f} | {scores[1]:.3f} | {len(interpretability.live(shown))} of 30 |")
Markdown("\n".join(lines))

# %% [markdown]
# ## All of it

# %%
outcome = words.run(setting)
outcome.figure

# %%
lines = ["| task | measure | method | number |", "|---|---|---|---|"]
lines += [f"| {one.task} | {one.what} | {one.method} | {one} |" for one in outcome.measures]
Markdown("\n".join(lines))

# %% [markdown]
# This was one split, and a difference of a few hundredths means nothing in it. What five of them say is in the README;
# all of their numbers are in figures/uses.
#
# ## What to take home
#
# - The axes of dense vectors are not made to be read, and hardly better than a random rotation of them.
# - A sparse code of the same vectors can be read much better. So can FastICA's dimensions and non-negative factors:
#   what matters is *some* reason to prefer these axes to others, and sparsity is one of several.
# - More units than dimensions are what books recommend. On this text they are less coherent, and so are twice as many
#   non-negative factors.
#
# ## Your own vectors
#
# Put a text file of word2vec or GloVe as vectors.txt into the folder that SAE_DATA names; `sae uses words` measures it,
# too. The windows are still those of the Python reference, so its words alone are looked at.
#
# ## Questions
#
# 1. Multiply `dense` by a rotation before the autoencoder is trained. Does its coherence change? Should it?
# 2. Count words within 2 instead of 10 places (`word_counts.ppmi`). Top words then tend to be of one kind, not of one
#    topic. What does NPMI in windows of twenty words say of that, and is it right to?
# 3. Measure coherence with `word_counts.npmi` of the text that was learned from. By how much is it flattered, and for
#    which method most?
# 4. Let dead units count nothing instead of -1. Which k wins then, and what is wrong with that?
# 5. Which words are high in two units of the code? Find one with two meanings.
