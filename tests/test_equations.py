"""Equation tags: what a page's docstring lists is what its lines are tagged with, and README's table is the code."""

import re
from pathlib import Path

import pytest

import sae
from sae import autoencoder, filters, fused, gradient_check, reference
from sae.data import patches, whitening

README = Path(__file__).parents[1] / "README.md"


def tags(text):
    return set(re.findall(r"\(([A-Z]\d+)\)", text))


def listed(module):
    return set(re.findall(r"^\(([A-Z]\d+)\)", module.__doc__, re.MULTILINE))


def tagged(module):
    lines = Path(module.__file__).read_text().replace(module.__doc__, "").splitlines()
    return tags(" ".join(line.split("  # ")[1] for line in lines if "  # (" in line))


@pytest.mark.parametrize("module", [reference, autoencoder, filters, gradient_check, whitening, patches])
def test_docstring_and_code_have_the_same_equations(module):
    missing = {"G3"} if module is gradient_check else set()  # is a function of its own, tagged in its docstring
    assert len(listed(module)) > 0
    assert listed(module) == tagged(module) | missing


def test_the_pages_number_the_same_equations():
    assert listed(reference) == listed(autoencoder) == {f"E{i}" for i in range(1, 11)}
    assert tagged(fused) <= listed(autoencoder)


def test_a_missing_tag_would_be_noticed():
    assert tags("a = f(z)  # (E1), sum of (E3)") == {"E1", "E3"}
    assert tags("see (E4) and (G2)") == {"E4", "G2"}


def test_the_table_in_the_readme_is_the_code():
    rows = re.findall(r"^\| \((E\d+)\) \|.*\| `(.+)` \|$", README.read_text(), re.MULTILINE)
    assert {tag for tag, _ in rows} == listed(reference)
    lines = [line.strip() for line in Path(reference.__file__).read_text().splitlines()]
    for tag, code in rows:
        assert f"{code}  # ({tag})" in lines, (tag, code)


def test_all_public_names_exist_and_are_documented():
    fixed = "Autoencoder minimize_lbfgs check_gradient sigmoid identity plot_filters data reference"
    assert set(fixed.split()) <= set(sae.__all__)
    for name in sae.__all__:
        assert getattr(sae, name).__doc__
