"""Model files: the parameters as safetensors, the rest as JSON in its header. No pickle."""

from __future__ import annotations

import json
import os
from typing import Any, NamedTuple

import numpy as np

from .errors import SaeError
from .files import writing
from .layout import Layout

FORMAT = 1


class Model(NamedTuple):
    """A trained theta, the layout of its parameters and what the file says of how it was made."""

    theta: np.ndarray
    layout: Layout
    about: dict[str, Any]


def save(path: str | os.PathLike, theta: np.ndarray, layout: Layout, about: dict[str, Any]) -> None:
    """Write a model; `about` is anything that JSON can hold (hyperparameters, seed, versions)."""
    from safetensors.numpy import save as to_bytes

    tensors = dict(zip(layout.names, (np.ascontiguousarray(a) for a in layout.unpack(theta)), strict=True))
    header = {"format": FORMAT, "order": layout.names, "about": about}
    with writing(path) as temporary:
        temporary.write_bytes(to_bytes(tensors, metadata={"sae": json.dumps(header)}))


def load(path: str | os.PathLike) -> Model:
    """Read a model that `save` wrote.

    Raises
    ------
    SaeError
        If there is no such file, it is no model or a damaged one, its format is newer, or a number is not finite.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            header = json.loads((file.metadata() or {})["sae"])
            if header["format"] > FORMAT:
                raise SaeError(f"{path} has format {header['format']}; this version reads up to {FORMAT}: update sae.")
            parameters = {name: file.get_tensor(name) for name in header["order"]}
            about = dict(header["about"])
            layout = Layout({name: array.shape for name, array in parameters.items()})
            theta = layout.pack(**parameters)
    except SaeError:
        raise
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise SaeError(
            f"can't read {path} as a model ({error or type(error).__name__}); expected a file written by sae."
        ) from error
    if not np.isfinite(theta).all():
        raise SaeError(f"{path} holds NaN or infinite parameters; train the model again.")
    return Model(theta, layout, about)
