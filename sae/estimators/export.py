"""The trained encoder as one Python file that needs NumPy alone (MATLAB's generateFunction)."""

from __future__ import annotations

import base64
import os
import textwrap

import numpy as np
from sklearn.pipeline import Pipeline

from .. import checks
from ..errors import SaeError
from ..files import writing
from .coders import Encoder
from .export_steps import as_lines

# Each activation as a line of NumPy, with z (units, examples).
SOURCE = {
    "sigmoid": "1 / (1 + np.exp(-z))",
    "tanh": "np.tanh(z)",
    "identity": "z",
    "relu": "np.maximum(z, 0)",
    "leaky_relu": "np.where(z > 0, z, 0.01 * z)",
    "softplus": "np.logaddexp(0, z)",
    "satlin": "np.clip(z, 0, 1)",
}
TOPK = "z * (np.argsort(np.argsort(-z, axis=0, kind='stable'), axis=0) < {k})"


def as_module(encoder: Encoder, name: str, feature_names=None, steps: Pipeline | None = None) -> str:
    """Return the text of the file; arrays are written in full precision (the bytes of float64, as base64).

    With fitted `steps` the examples go through these first.
    """
    parts_before = [] if steps is None else [part for _, part in steps.steps]
    n = parts_before[0].n_features_in_ if parts_before else encoder.layers[0].W.shape[1]
    hidden, before = len(encoder.layers[-1].b), [as_lines(part) for part in parts_before]
    first = "".join(f"{type(part).__name__}, " for part in parts_before)
    parts = [
        f'"""The encoder of a trained {name}: encode(X) takes examples as rows, (m, {n}), to codes (m, {hidden}).\n\n'
        f"What it does: {first}then the layers of the encoder, in float64.\n"
        'Needs NumPy alone. Written by sae; see its export_encoder.\n"""\n',
        "import base64\n\nimport numpy as np\n",
    ]
    if feature_names is not None:
        parts.append(f"FEATURES = {[str(feature) for feature in feature_names]!r}\n")
    parts.append(
        "\ndef _array(text, *shape):\n"
        '    """Return an array of float64 from its bytes."""\n'
        '    return np.frombuffer(base64.b64decode(text), "<f8").reshape(shape)\n\n'
    )
    parts += [f"{key}_{i} = {_literal(a)}\n" for i, step in enumerate(before, 1) for key, a in step.arrays.items()]
    parts += [_arrays(i, W, b) for i, (W, b, _) in enumerate(encoder.layers, 1)]
    parts.append(_encode(encoder, n, [line.format(i=i) for i, step in enumerate(before, 1) for line in step.lines]))
    return "\n".join(parts)


def write_module(path: str | os.PathLike, text: str) -> None:
    """Write the file whole or not at all."""
    try:
        with writing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SaeError(f"can't write {os.fspath(path)} ({error.strerror}); choose another place for it.") from error


def _arrays(i: int, W, b) -> str:
    return f"W{i} = {_literal(W)}\n\nb{i} = {_literal(b)}\n"


def _literal(array: np.ndarray) -> str:
    text = base64.b64encode(np.ascontiguousarray(array, "<f8").tobytes()).decode()
    body = "\n".join(textwrap.wrap(text, 116))
    return f'_array(\n    """\n{body}\n""",\n    {", ".join(map(str, array.shape))},\n)'


def _encode(encoder: Encoder, n: int, before: list[str]) -> str:
    lines = [
        "",
        "def encode(X):",
        '    """Return the codes of examples X, rows."""',
        "    X = np.asarray(X, dtype=float)",
        f"    if X.ndim != 2 or X.shape[1] != {n}:",
        f'        raise ValueError(f"X has shape {{X.shape}}; expected (m, {n}), examples as rows.")',
        "    if not np.isfinite(X).all():",
        '        raise ValueError("X has NaN or infinite values; expected finite numbers.")',
    ]
    lines += [f"    {line}" for line in before]
    s = encoder.scaling
    if not s.is_identity:
        low, data, a, units = map(float, s.numbers())
        lines.append(f"    X = (X - {low!r}) / {data!r} * {units!r} + {a!r}  # to the range of the decoder")
    lines += ["    a = X.T", '    with np.errstate(over="ignore"):']
    for i, layer in enumerate(encoder.layers, 1):
        lines += [f"        z = W{i} @ a + b{i}[:, None]", f"        a = {_source(layer.f)}"]
    return "\n".join([*lines, "    return a.T", ""])


def _source(name: str) -> str:
    if name.startswith("topk("):
        return TOPK.format(k=name[5:-1])
    checks.one_of("activation", name, SOURCE)
    return SOURCE[name]
