"""Model files: the parameters as safetensors, the rest as JSON in its header. No pickle.

The header's entry "sae" is {"format": 2, "order": names of the parameters as they lie in theta, "about",
"hyperparameters", "preprocessing", "provenance", "feature_names", "sha256"}. An array in a step of the preprocessing
is a tensor of its own, {"tensor": its name} in the JSON. The SHA-256 is that of all else, so that no number changes
unnoticed. A checkpoint (sae/checkpoint.py) has "memory" besides. Format 1 had "about" alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

import numpy as np

from . import checks, safe_header
from .errors import SaeError
from .files import writing
from .layout import Layout

FORMAT = 2
PACKAGES = ("sae", "numpy", "scipy", "numba")


class Model(NamedTuple):
    """A trained theta, the layout of its parameters and what the file says of how it was made.

    Attributes
    ----------
    theta : (p,) array
    layout : Layout
    about : dict
        Whatever else was worth saying.
    hyperparameters : dict
        What the model was made with.
    preprocessing : tuple of dict
        What was done to the examples before, step by step; numbers in bulk are arrays.
    provenance : dict
        Versions, seed, data and command; see `provenance`.
    feature_names : tuple of str or None
        Of the inputs.
    memory : dict
        Of a checkpoint: what the solver needs to go on.
    """

    theta: np.ndarray
    layout: Layout
    about: dict[str, Any]
    hyperparameters: dict[str, Any] = {}  # noqa: RUF012  (never changed)
    preprocessing: tuple[dict[str, Any], ...] = ()
    provenance: dict[str, Any] = {}  # noqa: RUF012
    feature_names: tuple[str, ...] | None = None
    memory: dict[str, Any] = {}  # noqa: RUF012


def provenance(*, seed: int | None = None, data: Any = None, command: Sequence[str] | None = None) -> dict[str, Any]:
    """Return what says where a model is from: versions, seed, data (`sae.data.Data`) and the command's words."""
    return {
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}},
        "seed": seed,
        "data": None if data is None else {"source": data.source, "sha256": data.digest, "notes": list(data.notes)},
        "command": None if command is None else list(command),
    }


def _version(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def save(
    path: str | os.PathLike,
    theta: np.ndarray,
    layout: Layout,
    about: dict[str, Any] | None = None,
    *,
    hyperparameters: dict[str, Any] | None = None,
    preprocessing: Sequence[dict[str, Any]] = (),
    provenance: dict[str, Any] | None = None,
    feature_names: Sequence[str] | None = None,
    memory: dict[str, Any] | None = None,
) -> None:
    """Write a model, whole or not at all.

    Parameters
    ----------
    path : str or path
    theta : (p,) array
    layout : Layout
    about, hyperparameters, provenance : dict, optional
        Anything that JSON can hold, and NumPy's numbers.
    preprocessing : sequence of dict
        The steps in their order, JSON too; values of a step may be arrays.
    feature_names : sequence of str, optional
    memory : dict, optional
        JSON too, and arrays; of a checkpoint.

    Raises
    ------
    SaeError
        If theta isn't finite or not of this layout, JSON can't hold the rest, or the file can't be written.
    """
    theta = checks.theta(theta, layout.size, names=layout.names)
    parts = dict(zip(layout.names, layout.unpack(theta), strict=True))
    steps, tensors = _set_apart(preprocessing)
    remembered = _memory_set_apart(memory or {}, "memory", tensors)
    header = {
        "format": FORMAT,
        "order": layout.names,
        "about": about or {},
        "hyperparameters": hyperparameters or {},
        "preprocessing": steps,
        "provenance": provenance or {},
        "feature_names": None if feature_names is None else list(feature_names),
        **({"memory": remembered} if memory else {}),
    }
    from safetensors.numpy import save as to_bytes

    arrays = {name: np.ascontiguousarray(array) for name, array in (parts | tensors).items()}
    header = json.loads(_json(header, path))
    metadata = _json(header | {"sha256": digest(header, arrays)}, path)
    if len(metadata) > safe_header.LARGEST // 2:  # quotation marks are escaped once more
        raise SaeError(f"can't write {path}: its description takes {len(metadata)} bytes; leave some of it out.")
    data = to_bytes(arrays, metadata={"sae": metadata})
    with writing(path) as temporary:
        temporary.write_bytes(data)


def digest(header: dict[str, Any], tensors: dict[str, np.ndarray]) -> str:
    """Return the SHA-256 of a header, less its own entry "sha256", and of the tensors."""
    found = hashlib.sha256(json.dumps({key: value for key, value in header.items() if key != "sha256"}).encode())
    for name, array in sorted(tensors.items()):
        found.update(f"{name} {array.dtype} {array.shape}".encode())
        found.update(np.ascontiguousarray(array).data)
    return found.hexdigest()


def _set_apart(preprocessing):
    """Return the steps with {"tensor": name} in place of each array, and the arrays by name."""
    steps, tensors = [], {}
    for i, step in enumerate(preprocessing):
        own = {f"preprocessing.{i}.{key}": a for key, a in step.items() if isinstance(a, np.ndarray) and a.ndim}
        for name, array in own.items():
            _refuse_strange(name, array)
        there = {key: {"tensor": name} for key in step if (name := f"preprocessing.{i}.{key}") in own}
        steps.append(step | there)
        tensors |= own
    return steps, tensors


def _refuse_strange(name, array):
    if array.dtype not in (np.float64, np.float32) or not np.isfinite(array).all():
        raise SaeError(f"{name} has dtype {array.dtype}; expected finite float64 or float32 numbers.")


def _memory_set_apart(value, name, tensors):
    """Return the memory, dicts within dicts, with {"tensor": name} in place of each array of floats."""
    if isinstance(value, dict):
        return {key: _memory_set_apart(part, f"{name}.{key}", tensors) for key, part in value.items()}
    if isinstance(value, np.ndarray) and value.ndim and value.dtype.kind == "f":
        _refuse_strange(name, value)
        tensors[name] = value
        return {"tensor": name}
    return value


def _json(header, path):
    def plain(value):
        if isinstance(value, np.generic | np.ndarray):
            return value.tolist()
        raise TypeError(f"it holds {value!r}, a {type(value).__name__}")

    try:
        return json.dumps(header, default=plain, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise SaeError(
            f"can't write {path}: JSON can't hold its description ({error}); expected finite numbers, texts, lists "
            "and dicts."
        ) from error


def load(path: str | os.PathLike) -> Model:
    """Read a model that `save` wrote, of this format or an older one.

    Raises
    ------
    SaeError
        If there is no such file, it is no model or a damaged one, its format is newer, shapes do not go together or
        a number is not finite.
    """
    header, tensors = read(path)
    try:
        model = _model(header, tensors)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unreadable(path, error) from error
    if not all(np.isfinite(array).all() for array in tensors.values()):
        raise SaeError(f"{path} holds NaN or infinite parameters; train the model again.")
    if header["format"] > 1 and header.get("sha256") != digest(header, tensors):
        raise SaeError(f"{path} is damaged: its numbers are not those that were written. Copy the file again.")
    return model


def read(path: str | os.PathLike) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return the header's entry "sae" and the tensors by name of a file whose sizes have been checked."""
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    try:
        data, entries = safe_header.read(path)
        header = json.loads(entries["__metadata__"]["sae"])
        form = header["format"]
        if type(form) is not int or form < 1:
            raise ValueError(f"its format is {form!r:.40}")
        if form > FORMAT:
            raise SaeError(f"{path} has format {form:.6g}; this version reads up to {FORMAT}: update sae.")
        return header, from_bytes(data)
    except SaeError:
        raise
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path, error):
    reason = getattr(error, "strerror", None) or f"{error}"[:200] or type(error).__name__
    return SaeError(f"can't read {path} as a model ({reason}); expected a file written by sae.")


def _model(header, tensors) -> Model:
    parameters = {_text(name): tensors[name] for name in header["order"]}
    if not isinstance(header["order"], list) or len(parameters) < len(header["order"]):
        raise ValueError("its parameters have no clear order")
    steps = [dict(step) for step in header.get("preprocessing", ())]
    named = {value["tensor"] for step in steps for value in step.values() if _is_tensor(value)}
    named |= _names(memory := dict(header.get("memory", {})))
    if strange := tensors.keys() - parameters.keys() - named:
        raise ValueError(f"it holds {min(strange)!r:.40}, which belongs nowhere")
    layout = Layout({name: array.shape for name, array in parameters.items()})
    _shapes_go_together(layout)
    theta = layout.pack(**parameters).astype(np.float64, copy=False)
    if header["format"] == 1:
        return Model(theta, layout, dict(header["about"]))
    names = header["feature_names"]
    return Model(
        theta,
        layout,
        dict(header["about"]),
        dict(header["hyperparameters"]),
        tuple(_put_back(step, tensors) for step in steps),
        dict(header["provenance"]),
        None if names is None else tuple(_text(name) for name in names),
        _memory_put_back(memory, tensors),
    )


def _text(name):
    if not isinstance(name, str):
        raise TypeError(f"it names something {name!r:.40}")
    return name


def _is_tensor(value):
    return isinstance(value, dict) and value.keys() == {"tensor"}


def _put_back(step, tensors):
    return {key: tensors[value["tensor"]] if _is_tensor(value) else value for key, value in step.items()}


def _names(memory):
    if _is_tensor(memory):
        return {memory["tensor"]}
    return set().union(*map(_names, memory.values())) if isinstance(memory, dict) else set()


def _memory_put_back(value, tensors):
    if _is_tensor(value):
        return tensors[value["tensor"]]
    return {k: _memory_put_back(v, tensors) for k, v in value.items()} if isinstance(value, dict) else value


def _shapes_go_together(layout: Layout) -> None:
    """Raise unless the parameters of an autoencoder, tied or not, fit each other; other layouts are not known here."""
    shapes = layout.shapes
    if set(shapes) not in ({"W1", "W2", "b1", "b2"}, {"W1", "b1", "b2"}):
        return
    n_hidden, n = shapes["W1"]
    expected = Layout.autoencoder(n, n_hidden).shapes
    if wrong := {name: shape for name, shape in shapes.items() if shape != expected[name]}:
        raise ValueError(f"its shapes are {wrong}, with W1 {shapes['W1']}")
