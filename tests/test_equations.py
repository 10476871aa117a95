"""Each page's equations and its tagged lines match."""

import ast
import re
from pathlib import Path
from types import ModuleType

import pytest

import sae
from sae import (
    adam,
    autoencoder,
    convolution,
    deep,
    filters,
    fused,
    hessian,
    ica,
    minibatch,
    pooling,
    projected,
    reference,
    rica,
    running,
    schedules,
    scipy_solvers,
    sgd,
    softmax,
    sparse_coding,
    variational,
)
from sae.data import patches, whitening
from sae.equations import as_table, read
from sae.estimators import ranges
from sae.failures import symptoms, wrong_mean
from sae.gradient_check import trial, verdict, witnesses
from sae.preprocessing import (
    axes,
    mean_remover,
    patch_extractor,
    patch_normalizer,
    pca,
    pca_whitening,
    range_scaler,
    zca_whitening,
)
from sae.studies import batches


def tagged(module):
    """The tags at the ends of lines of code."""
    lines = Path(module.__file__).read_text().splitlines()
    return set(re.findall(r"\(([A-Z]\d+)\)", " ".join(line.split("  # ")[1] for line in lines if "  # (" in line)))


PAGES = [reference, hessian, autoencoder, filters, trial, verdict, witnesses, whitening, patches, variational]
PAGES += [softmax, deep]
PAGES += [range_scaler, mean_remover, patch_normalizer, axes, pca, pca_whitening, zca_whitening, patch_extractor]
PAGES += [ranges, symptoms, wrong_mean]
PAGES += [sparse_coding, rica, ica, projected, convolution, pooling]
PAGES += [minibatch, adam, sgd, schedules, running, scipy_solvers, batches]


@pytest.mark.parametrize("module", PAGES)
def test_docstring_and_code_have_the_same_equations(module):
    assert len(read(module)) > 0
    assert set(read(module)) == tagged(module)
    assert all(equation.code for equation in read(module).values())


def test_the_pages_number_the_same_equations():
    numbers = [f"E{i}" for i in range(1, 11)]
    assert list(read(reference)) == list(read(autoencoder)) == numbers
    assert [e.shape for e in read(reference).values()] == [e.shape for e in read(autoencoder).values()]
    assert tagged(fused) <= set(numbers)
    beside = [tag for i in range(1, 11) for tag in (f"E{i}", f"R{i}")]
    assert list(read(hessian)) == beside
    for i in range(1, 11):  # a derivative has the shape of what it is the derivative of
        assert read(hessian)[f"R{i}"].shape == read(hessian)[f"E{i}"].shape == read(reference)[f"E{i}"].shape


def test_equations_are_read_with_their_lines(tmp_path):
    source = '''r"""A page.

(E1)   z = W x,                      a = f(z)          (n_hidden, m)
(E2)   J = \\|a\\|^2
         + \\lambda                                      scalar

(E1) in prose is no equation.
"""

z = W @ x  # (E1)
a = f(z)  # (E1), also (E9)
'''
    (tmp_path / "page.py").write_text(source)
    page = ModuleType("page", ast.get_docstring(ast.parse(source)))
    page.__file__ = str(tmp_path / "page.py")
    e1, e2 = read(page).values()
    assert e1 == ("E1", r"z = W x, \qquad a = f(z)", "(n_hidden, m)", ("z = W @ x", "a = f(z)"))
    assert e2 == ("E2", r"J = \|a\|^2 + \lambda", "scalar", ())
    assert e1.markdown().startswith(r"$$ z = W x, \qquad a = f(z) \qquad \text{(n\_hidden, m)} \tag{E1} $$")
    assert r"$`J = \Vert a\Vert ^2 + \lambda`$" in as_table(page)


def test_all_public_names_exist_and_are_documented():
    fixed = "Autoencoder minimize_lbfgs check_gradient sigmoid identity plot_filters data reference"
    assert set(fixed.split()) <= set(sae.__all__)
    for name in sae.__all__:
        assert getattr(sae, name).__doc__
