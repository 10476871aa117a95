"""Model files come back as they were, or say what is wrong with them."""

import contextlib
import json
import os
import struct
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

import sae
from sae import data, model_file
from tests.damage import damaged, little_memory, many


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
    with pytest.raises(sae.SaeError, match="JSON can't hold its description"):
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
        ({"sae": json.dumps({"format": 99})}, "format 99; this version reads up to 2"),
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


# Format 2


DESCRIPTION = {
    "hyperparameters": {"hidden_dim": np.int64(3), "beta": np.float64(0.1), "solver": "lbfgs", "penalty": None},
    "preprocessing": [
        {"step": "minmax", "low": np.array([0.0, 0.1, -1e-300]), "high": np.ones(3)},
        {"step": "zca", "U": np.arange(6, dtype=np.float32).reshape(2, 3), "eps": 0.1},
        {"step": "mean", "of": "example"},
    ],
    "provenance": {"seed": 3, "command": ["sae", "train", "x.csv"]},
    "feature_names": ("a", "é"),
}


def test_the_description_comes_back(model):
    path, theta, layout = model
    sae.save(path, theta, layout, {"note": "x"}, **DESCRIPTION)
    loaded = sae.load(path)
    np.testing.assert_array_equal(loaded.theta, theta)
    assert loaded.about == {"note": "x"}
    assert loaded.hyperparameters == DESCRIPTION["hyperparameters"]
    assert loaded.provenance == DESCRIPTION["provenance"]
    assert loaded.feature_names == ("a", "é")
    for step, before in zip(loaded.preprocessing, DESCRIPTION["preprocessing"], strict=True):
        assert step.keys() == before.keys()
        for key, value in before.items():
            np.testing.assert_array_equal(step[key], value, strict=isinstance(value, np.ndarray))
    assert "low" in DESCRIPTION["preprocessing"][0]  # what was given is as it was
    assert isinstance(DESCRIPTION["preprocessing"][0]["low"], np.ndarray)


def test_nothing_need_be_said(model):
    path, theta, layout = model
    sae.save(path, theta, layout)
    assert sae.load(path)[2:] == ({}, {}, (), {}, None, {})


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_format_1_is_read(tmp_path, rng, dtype):
    layout = sae.Layout.autoencoder(4, 2)
    theta = rng.standard_normal(layout.size).astype(dtype)
    tensors = dict(zip(layout.names, map(np.ascontiguousarray, layout.unpack(theta)), strict=True))
    header = {"format": 1, "order": layout.names, "about": {"seed": 1}}
    save_file(tensors, tmp_path / "old", metadata={"sae": json.dumps(header)})
    loaded = sae.load(tmp_path / "old")
    np.testing.assert_array_equal(loaded.theta, theta)
    assert loaded.theta.dtype == np.float64
    assert loaded.layout == layout
    assert loaded[2:] == ({"seed": 1}, {}, (), {}, None, {})


def test_provenance(tmp_path):
    (tmp_path / "x.csv").write_text("1,2\n3,4\n")
    found = data.read(tmp_path / "x.csv")
    about = sae.provenance(seed=3, data=found, command=["sae", "train"])
    assert about["versions"]["numpy"] == np.__version__
    assert about["data"] == {"source": found.source, "sha256": found.digest, "notes": []}
    assert (about["seed"], about["command"]) == (3, ["sae", "train"])
    json.dumps(about)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hyperparameters": {"tol": np.inf}}, "JSON can't hold its description"),
        ({"hyperparameters": {"f": len}}, "a builtin_function_or_method"),
        ({"preprocessing": [{"low": np.array([np.nan])}]}, "preprocessing.0.low .* expected finite"),
        ({"preprocessing": [{"low": np.array([1])}]}, "has dtype int64"),
        ({"about": {"text": "x" * 60_000_000}}, "leave some of it out"),
    ],
)
def test_what_is_not_written(model, change, message):
    path, theta, layout = model
    with pytest.raises(sae.SaeError, match=message):
        sae.save(path, theta, layout, **change)
    np.testing.assert_array_equal(sae.load(path).theta, theta)


def test_no_nan_is_written(model):
    path, theta, layout = model
    with pytest.raises(sae.SaeError, match="NaN"):
        sae.save(path, theta * np.nan, layout)
    with pytest.raises(sae.SaeError, match="theta has shape"):
        sae.save(path, theta[1:], layout)


@pytest.mark.parametrize(
    ("shapes", "ok"),
    [
        ({"W1": (3, 5), "W2": (5, 3), "b1": (3,), "b2": (5,)}, True),
        ({"W1": (3, 5), "b1": (3,), "b2": (5,)}, True),
        ({"anything": (2, 2, 2)}, True),
        ({"W1": (3, 5), "W2": (3, 5), "b1": (3,), "b2": (5,)}, False),
        ({"W1": (3, 5), "W2": (5, 3), "b1": (5,), "b2": (5,)}, False),
        ({"W1": (3, 5), "b1": (3,), "b2": (5, 1)}, False),
        ({"W1": (15,), "b1": (3,), "b2": (5,)}, False),
    ],
)
def test_shapes_that_do_not_go_together(tmp_path, shapes, ok):
    layout = sae.Layout(shapes)
    sae.save(tmp_path / "x", np.ones(layout.size), layout)
    if ok:
        assert sae.load(tmp_path / "x").layout == layout
    else:
        with pytest.raises(sae.SaeError, match=r"can't read .* as a model"):
            sae.load(tmp_path / "x")


def raw(header, tensors=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + tensors


GOOD = {"format": 2, "order": ["W"], "about": {}, "hyperparameters": {}, "preprocessing": [], "provenance": {}}
GOOD["feature_names"] = None


def tensor(shape=(1,), offsets=(0, 8), dtype="F64", value=0.0, **metadata):
    entry = {"dtype": dtype, "shape": shape, "data_offsets": offsets}
    said = json.loads(json.dumps(GOOD | metadata))
    said["sha256"] = model_file.digest(said, {"W": np.array([value])})
    return {"__metadata__": {"sae": json.dumps(said)}, "W": entry}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (raw(tensor(), bytes(8)), None),
        (raw(tensor(), bytes(8), length=2**63), "with a header of"),
        (raw(tensor(), bytes(8), length=2**40), "with a header of"),
        (raw(tensor(), bytes(7)), "7 bytes of tensors, expected 8"),
        (raw(tensor(), bytes(9)), "9 bytes of tensors, expected 8"),
        (raw(tensor(shape=(10**12,)), bytes(8)), "shape"),
        (raw(tensor(shape=(2**32, 2**32), offsets=(0, 0))), "shape"),
        (raw(tensor(shape=(10**4000,)), bytes(8)), "can't read"),
        (raw(tensor(shape=(-1,), offsets=(8, 0)), bytes(8)), "shape"),
        (raw(tensor(shape=(1,) * 9), bytes(8)), "shape"),
        (raw(tensor(shape=(True,)), bytes(8)), "shape"),
        (raw(tensor(shape=(1.0,)), bytes(8)), "shape"),
        (raw(tensor(shape="1"), bytes(8)), "shape"),
        (raw(tensor(offsets=(8, 16)), bytes(16)), "lies from byte 8"),
        (raw(tensor(offsets=(0, 10**15)), bytes(8)), "lies from byte 0"),
        (raw(tensor(offsets=(0,)), bytes(8)), "can't read"),
        (raw(tensor(dtype="BOOL"), bytes(8)), "dtype 'BOOL'"),
        (raw(tensor(dtype=["F64"]), bytes(8)), "can't read"),
        (raw(b"[" * 100_000), "can't read"),
        (raw(b'{"a": ' * 100_000), "can't read"),
        (raw(b"[]"), "can't read"),
        (raw(b"\xff\xfe"), "can't read"),
        (raw(b'{"W": 1, "W": 2}'), "stands twice"),
        (raw(tensor(format=3), bytes(8)), "has format 3; this version reads up to 2: update sae"),
        (raw(tensor(format=10**400), bytes(8)), "can't read|has format"),
        (raw(tensor(format=True), bytes(8)), "its format is True"),
        (raw(tensor(format=0), bytes(8)), "its format is 0"),
        (raw(tensor(format=None), bytes(8)), "its format is None"),
        (raw(tensor(order=["W", "W"]), bytes(8)), "no clear order"),
        (raw(tensor(order="W"), bytes(8)), "no clear order"),
        (raw(tensor(order=[["W"]]), bytes(8)), "can't read"),
        (raw(tensor(order=3), bytes(8)), "can't read"),
        (raw(tensor(order=[]), bytes(8)), "'W', which belongs nowhere"),
        (raw(tensor(about=[1]), bytes(8)), "can't read"),
        (raw(tensor(feature_names=[1]), bytes(8)), "names something 1"),
        (raw(tensor(feature_names=3), bytes(8)), "can't read"),
        (raw(tensor(preprocessing=[{"a": {"tensor": "Z"}}]), bytes(8)), "'Z'"),
        (raw(tensor(preprocessing=[{"a": {"tensor": []}}]), bytes(8)), "can't read"),
        (raw(tensor(preprocessing=["ab"]), bytes(8)), "can't read"),
        (raw(tensor(), struct.pack("<d", np.inf)), "NaN or infinite"),
        (raw(tensor(), struct.pack("<d", 1e-9)), "its numbers are not those that were written"),
        (b"PK" + bytes(100), "can't read"),
        (b"1,2,3\n" * 9, "no model at all"),
    ],
)
def test_headers_made_to_harm(tmp_path, content, message):
    path = tmp_path / "x"
    path.write_bytes(content)
    with little_memory(1_000_000 + 200 * len(content)):
        if message is None:
            sae.load(path)
        else:
            with pytest.raises(sae.SaeError, match=message):
                sae.load(path)


def test_no_ordinary_file(tmp_path):
    for path in (tmp_path, os.devnull, "/dev/zero"):
        with pytest.raises(sae.SaeError, match="no ordinary file"):
            sae.load(path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(sae.SaeError, match="no ordinary file"):
        sae.load(tmp_path / "pipe")


@cache
def a_model(path):
    layout = sae.Layout.autoencoder(3, 2)
    sae.save(path, np.linspace(-1, 1, layout.size), layout, {"seed": 7}, **DESCRIPTION)
    return path.read_bytes()


@cache
def the_model(path):
    return sae.load(path)


def read_damaged(folder, seeds):
    """Read damaged copies of a model: each is refused, or whole; a failure says which it was."""
    path, content, whole = folder / "damaged", a_model(folder / "whole"), the_model(folder / "whole")
    refused = 0
    for seed in seeds:
        bad, changes = damaged(content, seed)
        path.write_bytes(bad)
        try:
            with little_memory(300_000):
                model = sae.load(path)
                np.testing.assert_array_equal(model.theta, whole.theta)
                assert model[1:4] + model[5:] == whole[1:4] + whole[5:]
                np.testing.assert_equal(model.preprocessing, whole.preprocessing)
        except sae.SaeError:
            refused += 1
        except Exception as error:
            error.add_note(f"seed {seed}: {changes}")
            raise
    return refused


def test_damaged_files_give_one_error_and_take_no_memory(tmp_path):
    read_damaged(tmp_path, [0])  # what is imported late is imported now
    assert 3900 < read_damaged(tmp_path, range(4000)) < 4000  # a few changes change nothing


def trusting(header, size):
    """Believe how long the tensors are, and make room for them."""
    ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    bytearray(min(max([0, *ends]), 10**9))


PLANTED = {
    "sizes are believed": (model_file.safe_header, "_check", trusting),
    "no SHA-256": (model_file, "digest", lambda header, tensors: header.get("sha256")),
    "errors are let through": (model_file, "_unreadable", lambda path, error: error),
}


@pytest.mark.parametrize("bug", PLANTED)
def test_bugs_that_damaged_files_find(tmp_path, monkeypatch, bug):
    a_model(tmp_path / "whole")
    the_model(tmp_path / "whole")
    monkeypatch.setattr(*PLANTED[bug])
    with pytest.raises(BaseException, match=r".") as caught:
        read_damaged(tmp_path, range(4000))
    assert not isinstance(caught.value, sae.SaeError)
    assert "seed " in caught.value.__notes__[0]


ROOM = """
import resource, sys
from pathlib import Path
from tests.test_model_file import read_damaged
read_damaged(Path(sys.argv[1]), range(1))
pages = int(Path("/proc/self/statm").read_text().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 64 * 2**20,) * 2)
read_damaged(Path(sys.argv[1]), range(1000))
print("read")
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="sizes of processes are Linux's")
def test_damaged_files_take_no_memory_outside_of_python_either(tmp_path):
    root = Path(__file__).parents[1]
    command = [sys.executable, "-c", ROOM, str(tmp_path)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.stdout == "read\n", done.stderr


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.sampled_from(["W1", "F64"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["tensor", "a"]), inner, max_size=2),
    max_leaves=5,
)


@many(1000)
@given(
    st.dictionaries(st.sampled_from(["shape", "data_offsets", "dtype"]), JSON, max_size=1),
    st.dictionaries(st.sampled_from([*GOOD]), JSON, max_size=2),
)
def test_headers_of_any_json_give_one_error(tmp_path_factory, entry, said):
    header = tensor(value=1.0, **said)
    header["W"] |= entry
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(raw(header, struct.pack("<d", 1)))
    with contextlib.suppress(sae.SaeError):
        assert sae.load(path).theta.tolist() == [1] * len(sae.load(path).layout.names)


LIMITED = """
import resource, signal, sys, numpy as np, sae
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    sae.save(sys.argv[1], np.ones(1000), sae.Layout({"W": (1000,)}))
except sae.SaeError as error:
    print(error)
"""


def test_a_file_that_may_not_grow_keeps_the_old_one(model):
    path, theta, _ = model
    done = subprocess.run([sys.executable, "-c", LIMITED, path], capture_output=True, text=True, check=True)
    assert "can't write" in done.stdout
    np.testing.assert_array_equal(sae.load(path).theta, theta)
    assert len(list(path.parent.iterdir())) == 1


def test_no_folder(tmp_path, model):
    _, theta, layout = model
    with pytest.raises(sae.SaeError, match=r"can't write .*No such file"):
        sae.save(tmp_path / "none" / "x", theta, layout)
