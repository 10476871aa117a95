"""The commands that use a model: encode, decode, reconstruct, denoise, anomalies. The work is in trained.py."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import frame
from .train import Header

Model = Annotated[Path, typer.Argument(help="What sae train wrote: model.safetensors, a checkpoint, or the folder.")]
Data = Annotated[str, typer.Argument(help=".npy, .npz, .csv, IDX, pictures, a folder of these, or - for a pipe.")]
Out = Annotated[str, typer.Option(help="A .npy or .csv file, or - for text to a pipe.")]
Lines = Annotated[Header, typer.Option(help="Whether line 1 of a .csv names the columns.")]
Array = Annotated[str | None, typer.Option(help="Which array of a .npz.")]


def encode(model: Model, data: Data, out: Out, header: Lines = Header.auto, array: Array = None) -> None:
    """Write the codes of examples, one a row: what the hidden units make of them.

    DATA are as they were for the training, raw: the preprocessing is in the model.

    Examples:

    `sae encode sae-run data.csv --out codes.npy`

    `cat data.csv | sae encode sae-run - --out - | head`
    """
    with frame.plain_errors():
        from . import trained

        found = trained.use(model, data, header, array)
        codes = found.encode()
        frame.notes(found.notes)
        trained.write(out, codes, tuple(f"h{j + 1}" for j in range(codes.shape[1])))


def decode(model: Model, data: Data, out: Out, header: Lines = Header.auto, array: Array = None) -> None:
    """Write what codes decode to, in the units of the data that the model was trained on.

    Example:

    `sae decode sae-run codes.npy --out decoded.csv`
    """
    with frame.plain_errors():
        from . import trained

        X, names, notes = trained.decode(model, data, header, array)
        frame.notes(notes)
        trained.write(out, X, names)


def reconstruct(model: Model, data: Data, out: Out, header: Lines = Header.auto, array: Array = None) -> None:
    """Write the reconstructions of examples, in the units of the data.

    Example:

    `sae reconstruct sae-run data.csv --out reconstructed.csv`
    """
    with frame.plain_errors():
        from . import trained

        found = trained.use(model, data, header, array)
        X = found.reconstruct()
        frame.notes((*found.notes, *found.outside()))
        trained.write(out, X, found.names or found.trained.model.feature_names)


def denoise(
    model: Model,
    data: Data,
    out: Out,
    clean: Annotated[
        str | None, typer.Option(help="The same examples without noise: say how near the result comes.")
    ] = None,
    header: Lines = Header.auto,
    array: Array = None,
) -> None:
    """Write noisy examples as a denoising autoencoder restores them.

    Examples:

    `sae train clean.npy --scale range --model denoising --corruption gaussian --corruption-level 0.2 --out denoiser`

    `sae denoise denoiser noisy.npy --out restored.npy --clean clean.npy`
    """
    with frame.plain_errors():
        from ..errors import SaeError
        from . import trained

        found = trained.use(model, data, header, array)
        X = found.reconstruct()
        kind = type(found.trained.estimator).__name__
        other = (
            () if kind == "DenoisingAutoencoder" else (f"the model is a {kind}, which saw no noise in its training",)
        )
        frame.notes((*found.notes, *other, *found.outside()))
        if clean is not None:
            target = trained.use(model, clean, header, array).rows
            if target.shape != X.shape:
                raise SaeError(f"{clean} has {len(target)} examples; expected the {len(X)} of {data} without noise.")
            before, after = (((Y - target) ** 2).mean() for Y in (found.rows, X))
            frame.log().print(f"mean squared error: {before:.6g} before, {after:.6g} after")
        trained.write(out, X, found.names or found.trained.model.feature_names)


def anomalies(
    model: Model,
    data: Data,
    contamination: Annotated[float, typer.Option(help="Share of the examples that are anomalies, to 0.5.")] = 0.1,
    reference: Annotated[
        str | None,
        typer.Option(help="Examples to take the threshold from, say those of the training. [default: DATA]"),
    ] = None,
    out: Annotated[str | None, typer.Option(help="A .npy or .csv file, or -: a row for each example.")] = None,
    header: Lines = Header.auto,
    array: Array = None,
) -> None:
    """Find the examples that the model reconstructs worst, and the column in which each is worst.

    The error is the mean squared one over the columns, as preprocessed for the training. With --out each example gets
    a row: error, distance from the threshold (below 0: anomaly), -1 or 1, worst column (from 1).

    Examples:

    `sae anomalies sae-run data.csv --contamination 0.02`

    `sae anomalies sae-run new.csv --reference data.csv --contamination 0.02 --out scores.csv`
    """
    with frame.plain_errors():
        import numpy as np

        from . import trained

        found = trained.use(model, data, header, array)
        normal = None if reference is None else trained.use(model, reference, header, array)
        columns = trained.anomalies(found, normal, contamination)
        frame.notes(found.notes)
        if out is not None:
            trained.write(out, np.stack(list(columns.values()), axis=1), tuple(columns))
        worst = np.argsort(columns["decision"])
        worst = worst[columns["prediction"][worst] < 0]
        console = frame.log()
        console.print(f"{len(worst)} of {len(found.rows)} examples are anomalies")
        if out is None and len(worst):
            names = found.names or [f"{j + 1}" for j in range(found.rows.shape[1])]
            kept = len(names) == found.trained.estimator.n_features_in_
            frame.show(
                [
                    {
                        "row": f"{i + 1}",
                        "error": f"{columns['error'][i]:.6g}",
                        "worst column": names[int(columns["worst column"][i]) - 1] if kept else "",
                    }
                    for i in worst[:20]
                ]
            )
