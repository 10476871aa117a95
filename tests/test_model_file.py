"""Model files come back as they were, or say what is wrong with them."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

import sae


@pytest.fixture
def model(tmp_path, rng):
    layout = sae.Layout.autoencoder(5, 3)
    theta = rng.standard_normal(layout.size)
    path = tmp_path / "model.safetensors"
    sae.save(path, theta, layout, {"seed": 7})
    return path, theta, layout


def test_there_and_back(model):
    path, theta, layout = model
    loaded = sae.load(path)
    np.testing.assert_array_equal(loaded.theta, theta)
    assert loaded.layout == layout
    assert list(loaded.layout.shapes) == ["W1", "W2", "b1", "b2"]
    assert loaded.about == {"seed": 7}
    assert [p.name for p in path.parent.iterdir()] == [path.name]  # no temporary file left


def test_a_failed_write_keeps_the_old_file(model):
    path, theta, layout = model
    with pytest.raises(TypeError):
        sae.save(path, theta, layout, {"not JSON": object()})
    np.testing.assert_array_equal(sae.load(path).theta, theta)
    assert len(list(path.parent.iterdir())) == 1


@pytest.mark.parametrize("size", [0, 4, 100, -1])
def test_truncated(model, size):
    path, _, _ = model
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(sae.SaeError, match=r"can't read .* as a model"):
        sae.load(path)


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        (None, "expected a file written by sae"),
        ({"sae": "{"}, "expected a file written by sae"),
        ({"sae": json.dumps({"format": 99})}, "format 99; this version reads up to 1"),
        ({"sae": json.dumps({"format": 1, "order": ["W9"], "about": {}})}, "expected a file written by sae"),
        ({"sae": json.dumps({"format": 1, "order": [], "about": {}})}, "expected a file written by sae"),
        ({"sae": json.dumps({"format": 1, "order": ["W1"], "about": "abc"})}, "expected a file written by sae"),
        ({"sae": json.dumps({"format": 1, "order": ["W1"], "about": {}})}, "NaN or infinite"),
    ],
)
def test_not_a_model(tmp_path, metadata, message):
    save_file({"W1": np.array([np.nan])}, tmp_path / "x", metadata=metadata)
    with pytest.raises(sae.SaeError, match=message):
        sae.load(tmp_path / "x")


def test_no_such_file(tmp_path):
    with pytest.raises(sae.SaeError, match="nothing-here"):
        sae.load(tmp_path / "nothing-here")
