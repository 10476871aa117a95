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
# # A laboratory for gradients
#
# A gradient written by hand is wrong until it has been measured. Here is measured how well a numerical derivative can
# know the truth, where in $\theta$ a mistake shows, and what every check overlooks; then the same is done for second
# derivatives. As in the first notebook, equations and code are read from the source that runs. The problem is the
# sparse autoencoder of `sae/reference.py`, on whitened patches of photographs.

# %%
# %matplotlib inline
import inspect
import os

import numpy as np
from IPython.display import Markdown

import sae
from sae.studies import curvature, gradients, laboratory, missed
from sae.studies.problem import small_problem
from sae.studies.tables import as_markdown

QUICK = bool(os.environ.get("SAE_QUICK"))  # a small size, for the tests of the project
SIZE = laboratory.QUICK if QUICK else laboratory.FULL
NAMES = ("small", "pictured", "trained")
small, pictured, trained = (small_problem(np.random.default_rng([0, k]), **SIZE[name]) for k, name in enumerate(NAMES))

# %% [markdown]
# ## The chain, by numbers
#
# Two inputs, two hidden units, two outputs, three examples, and round weights. Each line of the page with its numbers,
# and its first entry worked out (to five digits). Take a calculator and follow one: $a^{(2)}$ from $z^{(2)}$, then
# `delta2[0, 0]`, in which three paths meet: both output errors, sent back along $W_2$, and the sparsity.

# %%
steps = sae.explain.explain()
Markdown(sae.explain.as_table(steps))

# %% [markdown]
# Is `grad_W1[0, 0]` right? It claims how fast $J$ rises with `W1[0, 0]`. So turn that knob a little, both ways.

# %%
knob = np.eye(12)[0]
problem = [steps[0].value, *(step.value.item() for step in steps[1:5])]  # X, n_hidden, lam, rho, beta
above, below = (sae.reference.cost_and_grad(sae.explain.THETA + e * knob, *problem)[0] for e in (1e-4, -1e-4))
claimed = next(step.value[0, 0] for step in steps if step.symbol == "grad_W1")
print(f"a slope of {(above - below) / 2e-4:.10f}; the gradient says {claimed:.10f}")

# %% [markdown]
# ## How small a step?
#
# That was the **central difference**, one of several, all of a function $\varphi(r) = J(\theta + r v)$ of one number:
# how $J$ changes along a direction $v$.

# %%
Markdown("\n".join(f"```python\n{inspect.getsource(method)}```" for method in gradients.METHODS.values()))

# %% [markdown]
# Taylor's formula says what each leaves out. The forward difference is wrong by $\frac{e}{2}|\varphi''|$, the central
# one by $\frac{e^2}{6}|\varphi'''|$ because the even terms cancel, Richardson's, which combines two steps so that
# $e^2$ cancels too, by $\frac{e^4}{30}|\varphi'''''|$. So $e$ should be small. But the computer knows $J$ only to
# $u|J|$, where $u$ is the unit roundoff, and divides what is left after the subtraction by $e$: an error of about
# $u|J|/e$. So $e$ should be large. Drawn doubly logarithmic, that is a **V**.

# %%
found = gradients.error_against_step(small, np.random.default_rng([0, 3]), points=SIZE["points"])
gradients.plot_steps(found)

# %% [markdown]
# Dots are measured. The lines are not fitted to them: $\varphi''$, $\varphi'''$ and $\varphi'''''$ come from the
# second derivatives further below.
#
# - Better formulas have a steeper right arm; the left arm, rounding, is the same for all. The best step of the central
#   difference is near $u^{1/3}$ and its error near $u^{2/3}$, if the derivatives are about 1. At the far left
#   $\theta + e v$ rounds to $\theta$: the difference is 0, the error 100 %.
# - In **float32** little is left, and least with the steps that are best in float64. Check a gradient in double
#   precision even if it is to be used in single precision.
# - The **complex step** has no left arm, since nothing is subtracted: $J(\theta + i e v) = J + i e \varphi' + \ldots$,
#   and the imaginary part is all that is wanted. Any small step will do. The price: all of $J$ has to compute with
#   complex numbers, which `abs`, `norm`, `max` and many compiled functions do not, some of them silently.

# %%
Markdown(as_markdown(gradients.steps_rows(found)))

# %% [markdown]
# A gradient checker does this for each entry, and says what follows:

# %%
print(sae.check_gradient(small.cost_and_grad, small.theta, layout=small.layout))

# %% [markdown]
# ## Taylor's slope
#
# Each entry costs one or two evaluations of $J$; a network of a million weights has no time for that. A cheaper
# witness: if $g$ is the gradient, $J(\theta + t v) - J(\theta) - t\, g \cdot v$ falls like $t^2$, so that it is a line
# of slope 2 in a doubly logarithmic picture. If $g$ is wrong, a multiple of $t$ remains: slope 1. Four mistakes are
# planted in the right gradient (`sae/studies/problem.py` has them):

# %%
gradients.plot_taylor(gradients.taylor(small, np.random.default_rng([0, 3])))

# %% [markdown]
# Follow the small mistakes from the right. While $t$ is large they run with the correct gradient, because the curvature
# of $J$ outweighs them; further left they bend into slope 1. So read a slope at small $t$, yet above the dotted line,
# below which there is only rounding. With the second derivative along $v$ taken off as well ("with H v") slope 3
# remains: that checks the second derivatives.
#
# ## Where is it wrong?
#
# One number says that something is wrong. A picture of the error of each entry may say what. For each hidden unit the
# weights to it are drawn as a patch (above), and those from it (below).

# %%
missed.plot_entry_errors(pictured, missed.entry_errors(pictured))

# %% [markdown]
# The first three columns are the right gradient: what is to be seen there is the error of the numerical one. In the
# others: everything that goes through $\delta^{(2)}$ is wrong and nothing else (so the mistake is in $\delta^{(2)}$);
# a block that is wrong in nearly every entry, but not in the first and the last, which stay in their places when a
# matrix is raveled the other way; a single entry; a whole block, a little.
#
# ## What is overlooked
#
# How small a mistake does each witness notice? Below, a relative error of each size is planted in one entry, in one
# block, or everywhere, again and again at other places; yellow is noticed always, dark never. Each witness knows how
# large its own noise is, which no real one does.

# %%
missed.plot_missed(missed.what_is_missed(small, np.random.default_rng([0, 3]), draws=SIZE["draws"]))

# %% [markdown]
# Compare the panels for the Taylor slope and the random directions: one wrong entry of many is diluted, because a
# random direction hardly points to it. They are for large networks and gross mistakes. Yet a few directions with a good
# formula notice more than a bad formula does entry by entry.
#
# ## Mistakes that no check can find
#
# Some are not small at all. A gradient check compares the gradient with the student's **own** cost. If both are wrong
# in the same way, they agree. `sae.diagnose` compares with the problem that was set, regresses each block of the
# gradient on the parts that it should have, and tries a catalogue of mistaken derivations. Six students, each with a
# copy of the page in which a little is different:

# %%
STUDENTS = {
    "The sparsity is added in the wrong place": {
        "(W2.T @ delta3 + sparsity[:, None]) * a2 * (1 - a2)": "(W2.T @ delta3) * a2 * (1 - a2) + sparsity[:, None]",
    },
    "The gradient is right, but of something else": {"((a3 - X) ** 2).sum() / (2 * m)": "((a3 - X) ** 2).sum() / m"},
    "A divergence for each example": {
        "rho_hat = a2.mean(axis=1)": "rho_hat = a2",
        "beta * kl.sum()": "beta * kl.sum() / m",
        "sparsity[:, None]": "sparsity",
    },
    "Two mistakes": {
        "grad_W1 = delta2 @ X.T / m": "grad_W1 = delta2 @ X.T",
        "grad_b2 = delta3.mean(axis=1)": "grad_b2 = delta3.mean(axis=1) + lam * b2",
    },
    "Right today, wrong tomorrow": {
        "grad_W1 = delta2 @ X.T / m + lam * W1": "W1 *= lam\n    grad_W1 = delta2 @ X.T / m + W1",
    },
    "Right, written in another way": {"(a3 - X) * a3 * (1 - a3)": "(a3 - X) * (a3 - a3**2)"},
}
PROBLEM = {"n_hidden": small.n_hidden, "lam": small.lam, "rho": small.rho, "beta": small.beta}


def write(changes):
    """Return the function of a student."""
    text = inspect.getsource(sae.reference.cost_and_grad)
    for right, wrong in changes.items():
        assert right in text
        text = text.replace(right, wrong)
    names = {**vars(sae.reference)}
    exec(text, names)
    return names["cost_and_grad"]


parts = []
for name, changes in STUDENTS.items():
    student = write(changes)
    report = sae.check_gradient(lambda t, f=student: f(t, small.X, **PROBLEM), small.theta, layout=small.layout)
    edits = [f"- {right}\n+ {wrong}".replace("\n    ", "\n+ ") for right, wrong in changes.items()]
    verdict = f"A gradient check **{'passes' if report.ok else 'fails'}**. The diagnosis:"
    parts += [f"### {name}", "```diff", *edits, "```", verdict]
    parts += ["```text", str(sae.diagnose(student, small.X, **PROBLEM)), "```"]
Markdown("\n".join(parts))

# %% [markdown]
# In the tables 1 is right, 0 is missing, 2 is doubled, a residual says that no factor can repair it, and nan that there
# should be nothing. Compare the second student's with the gradient check, which calls a right gradient wrong: it can't
# know that the cost is. The third minimises another objective without ever being told. The fifth has multiplied in
# place, on a view of $\theta$: the first answer is right, and the caller's weights are ruined.
#
# ## Second derivatives, by hand
#
# The Hessian $H$ has $p^2$ entries, more than one wants to hold. Its product with a vector $v$ takes about as long as
# a few gradients: it is the derivative of the gradient along $v$. Pearlmutter (1994) writes $R\{q\}$ for the derivative
# of any quantity $q$ along $v$, with $R\{W_1\} = V_1$ and so on, and goes through the page once more:

# %%
TWIN = sae.equations.read(sae.hessian)
rows = ["| the gradient | its derivative along v |", "|---|---|"]
for k in range(1, 11):
    cells = [
        "<br>".join([f"({e.tag}) ${e.latex}$".replace(r"\|", r"\Vert "), *(f"`{line}`" for line in e.code)])
        for e in (TWIN[f"E{k}"], TWIN[f"R{k}"])
    ]
    rows.append(f"| {cells[0]} | {cells[1]} |")
Markdown("\n".join(rows))

# %% [markdown]
# Two checks. $Hv$ is how the gradient changes along $v$, by a central
# difference or, to rounding, by a complex step. And $H$ is symmetric, so $u \cdot Hv = v \cdot Hu$.

# %%
rng = np.random.default_rng(5)
u, v = small.direction(rng), small.direction(rng)
Hu, Hv = small.product(small.theta, u), small.product(small.theta, v)
for method, e in {gradients.central: 1e-5, gradients.complex_step: 1e-20}.items():
    other = method(lambda r: small.cost_and_grad(small.theta + r * v)[1], e)
    print(f"Hv by {method.__name__}: a relative difference of {np.linalg.norm(Hv - other) / np.linalg.norm(Hv):.0e}")
print(f"symmetry: |u.Hv - v.Hu| = {abs(u @ Hv - v @ Hu):.0e}, where u.Hv = {u @ Hv:.4f}")

# %% [markdown]
# ## The shape of a minimum
#
# For a small problem $H$ can be put together from its $p$ columns $H e_i$. Its eigenvalues are the curvatures of $J$,
# at the start and at a minimum:

# %%
spectra = curvature.spectrum(small)
curvature.plot_spectrum(spectra, lam=small.lam)

# %%
Markdown(as_markdown(curvature.spectrum_rows(spectra)))

# %% [markdown]
# At the start many directions curve downwards: $J$ is not convex. At the minimum none does, which proves that it is
# one (up to rounding). The range is enormous: a few steep directions, as many as hidden units, then a step, as many as
# outputs, and a long plain around the curvature $\lambda$ of the weight decay, where the data hardly matter. A solver
# that takes one step size for all of them crawls.
#
# ## Solvers that know $H$
#
# L-BFGS guesses curvature from the gradients that it has met. SciPy's Newton-CG and trust-region solvers ask for
# products $Hv$ (`sae.minimize_newton`). Left, work is counted in calls, right in matrix products.

# %%
solved = curvature.solvers(trained, budget=SIZE["budget"])
curvature.plot_solvers(solved)

# %%
Markdown(as_markdown(curvature.solver_rows(solved, [SIZE["budget"] // k for k in (30, 10, 3, 1)])))

# %% [markdown]
# A star marks the lowest $J$ of a row. Counted in calls, knowing $H$ may look like a gain; counted in work it is none
# here, and L-BFGS has the stars. That is why `sae train` uses it. ($J$ is not convex, and solvers may end in different
# minima: small differences at the end say nothing.) What $H$ is good for is the **last digits**. Here L-BFGS and a
# trust region go on until no entry of the gradient is above $10^{-9}$, or until they can't:

# %%
lbfgs = sae.minimize_lbfgs(small.objective, small.theta, max_iter=10_000, ftol=0, gtol=1e-9)
trust = sae.minimize_newton(small.objective, small.theta, small.product, method="trust-ncg", gtol=1e-9)
rows = ["| solver | gradients | products Hv | largest gradient entry |", "|---|---|---|---|"]
for name, result, products in (("L-BFGS", lbfgs, 0), ("trust-ncg", trust, trust.products)):
    rows.append(f"| {name} | {result.evaluations} | {products} | {result.history[-1]['max_grad']:.0e} |")
Markdown("\n".join(rows))

# %% [markdown]
# A line search compares values of $J$, and ends where these differ by rounding alone; there the gradient is still about
# the square root of it. Close to the minimum each step from $Hs = -g$ doubles the number of right digits.
#
# ## Questions
#
# 1. Add $10^6$ to $J$. Which lines of the V move, and which method does not care? Try it, with a `v` from above:
#    `gradients.central(lambda r: 1e6 + small.cost(small.theta + r * v), 1e-5)` and the other methods.
# 2. In "W1 raveled by columns" not only the first and the last entry stay. Count the dark squares, and find a formula
#    for a matrix of $r$ rows and $c$ columns. (Which positions does $k \mapsto rk \bmod (rc - 1)$ leave in place?)
# 3. `sae.Autoencoder(...).init(rng)` has $b_1 = b_2 = 0$. What would a check at that $\theta$ have overlooked in the
#    students' functions? What does one at $W_1 = 0$ overlook?
# 4. Invent a mistake that a gradient check passes, other than those above. Does `sae.diagnose` name it? (With
#    `reveal=True` it shows the page's line, too.)
# 5. With cross-entropy instead of the squared error (E5) is $\delta^{(3)} = a^{(3)} - x$. What becomes of (R5)?
# 6. In which blocks of $\theta$ are the eigenvectors of the steepest directions, of the step below them, and of the
#    flattest (`curvature.hessian(small, curvature.minimum(small))`)? Why are the flattest flatter than $\lambda$?
# 7. Exchanging two hidden units does not change $J$. Why does that make no eigenvalue 0?
#
# Your own function: `sae gradcheck student.py` checks and diagnoses it, in a process of its own.
