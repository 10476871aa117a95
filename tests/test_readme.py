"""README: its tables are measured, its code runs, its links and pictures exist."""

import re

import numpy as np
import pytest
from sklearn.datasets import load_digits
from typer.testing import CliRunner

import sae
from sae.cli import app
from tests.readme import README, with_tables

TEXT = README.read_text()
PYTHON = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


def test_tables_are_what_is_measured_and_written():
    assert with_tables(TEXT) == TEXT
    broken = TEXT.replace("| whitened photographs | 0.", "| whitened photographs | 9.").replace("`z2 = W1", "`z2 = W2")
    assert "| whitened photographs | 9." in broken
    assert "`z2 = W2" in broken
    assert with_tables(broken) == TEXT


@pytest.mark.parametrize("link", re.findall(r"\]\((?!http)([^)]+)\)", TEXT))
def test_links_lead_somewhere(link):
    assert (README.parent / link).exists()


def test_the_ten_lines_run(tmp_path, monkeypatch, capsys):
    code, diagnosis, variants = PYTHON[:3]
    assert len([line for line in code.splitlines() if line and not line.startswith("import")]) == 10
    monkeypatch.chdir(tmp_path)
    space = {}
    exec(code, space)
    assert (tmp_path / "filters.png").stat().st_size > 1000
    assert "correct" in capsys.readouterr().out
    assert space["result"].cost < 0.4
    space["X"] = space["X"][:, :50]
    exec(diagnosis, space)
    assert "WRONG" in capsys.readouterr().out
    exec(variants, space)


def test_the_deep_networks_run(capsys):
    (code,) = (block for block in PYTHON if "DeepClassifier" in block)
    exec(code, {"sae": sae})
    accuracies, shape = capsys.readouterr().out.splitlines()
    before, after = (float(word) for word in accuracies.split() if word[0] == "0")
    assert 0.85 < before < after < 0.97
    assert shape == "(1797, 64)"


def test_the_estimators_run(tmp_path, monkeypatch, capsys):
    *_, code = PYTHON
    monkeypatch.chdir(tmp_path)
    space = {"sae": sae}
    exec(code, space)
    score, predicted, shape = capsys.readouterr().out.splitlines()
    assert -10 < float(score.split()[0]) < 0
    assert "limit" in score
    assert predicted == "[ 1 -1 -1 -1 -1 -1 -1 -1 -1]"
    assert shape == "(9, 64)"
    again = sae.load("best.safetensors")
    assert [name for name, _ in again.steps] == ["pcawhitening", "sparseautoencoder"]
    np.testing.assert_array_equal(again.transform(space["digits"]), space["search"].transform(space["digits"]))


def test_the_commands_run(tmp_path, monkeypatch):
    (commands,) = (block for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) if "sae encode" in block)
    monkeypatch.chdir(tmp_path)
    sae.data.write("data.csv", load_digits().data[:150].T, names=[f"p{j}" for j in range(64)])
    for line in commands.splitlines():
        name, *words = line.split()
        assert name == "sae"
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 0, f"{line}\n{result.output}{result.exception!r}"
    made = {path.name for path in tmp_path.iterdir()}
    assert made >= {"codes.csv", "decoded.csv", "copies.npy", "restored.csv", "encoder.py", "again", "denoiser"}
    assert made >= {"sae-run", "sae-plot"}
    assert (tmp_path / "sae-run/report.html").stat().st_size > 1000
    assert [name for name, _ in sae.load("denoiser").steps] == ["range", "denoisingautoencoder"]


def test_a_class_is_graded_in_ci_by_the_same_five_commands():
    (commands,) = (block for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) if "sae course samples" in block)
    script = (README.parent / ".ci/run").read_text()
    guide = (README.parent / "sae/course/GUIDE.md").read_text()
    assert commands.splitlines()[0] == "pip install ."
    assert len(commands.splitlines()) == 5
    assert commands in guide
    assert all(f"    {command}\n" in script for command in commands.splitlines()[1:])
