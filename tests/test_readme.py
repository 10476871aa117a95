"""README: its tables are measured, its code runs, its links and pictures exist."""

import re

import pytest

from tests.readme import README, with_tables

TEXT = README.read_text()


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
    code, diagnosis, variants = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
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
