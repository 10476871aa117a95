"""Notebooks: in step with their sources, committed with outputs, and they run."""

import jupytext
import nbformat
import pytest

from tests.notebooks import SOURCES, execute

pytestmark = pytest.mark.filterwarnings("default")  # Jupyter's own


def in_step(source, notebook):
    pair = jupytext.read(source), nbformat.read(notebook, as_version=4)
    one, other = ([(cell.cell_type, cell.source) for cell in book.cells] for book in pair)
    return one == other


def test_a_pair_out_of_step_would_be_noticed(tmp_path):
    changed = tmp_path / "changed.py"
    changed.write_text(SOURCES[0].read_text().replace("lam=1e-4", "lam=1e-5", 1))
    assert not in_step(changed, SOURCES[0].with_suffix(".ipynb"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_pair_is_in_step(source):
    assert in_step(source, source.with_suffix(".ipynb"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_outputs_are_committed(source):
    notebook = nbformat.read(source.with_suffix(".ipynb"), as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))  # one run from top to bottom
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert any("image/png" in output.get("data", {}) for output in outputs)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_it_runs_at_a_small_size(source):
    notebook = execute(source, quick=True)
    assert not [o for cell in notebook.cells for o in cell.get("outputs", []) if o.output_type == "error"]
    pictures = [o for cell in notebook.cells for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
    assert len(pictures) >= 5


def test_a_failing_notebook_would_be_noticed(tmp_path):
    (tmp_path / "bad.py").write_text("# %%\n1 / 0\n")
    with pytest.raises(Exception, match="ZeroDivisionError"):
        execute(tmp_path / "bad.py", quick=True)
