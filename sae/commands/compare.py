"""`sae compare`: the autoencoders of the textbooks side by side."""

from __future__ import annotations

import signal
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .frame import INTERRUPTED, free_folder, interrupt_once, plain_errors, results_folder, save_figure, show, written


class Study(StrEnum):
    """A part of `sae compare`."""

    variants = "variants"
    dictionary = "dictionary"
    denoising = "denoising"


def compare(
    study: Annotated[list[Study] | None, typer.Option(help="One part; may be given again. [default: all]")] = None,
    variants: Annotated[
        str | None, typer.Option(help="Names of the first column of the table, with commas. All unless given.")
    ] = None,
    hidden: Annotated[int, typer.Option(help="Hidden units of the variants.")] = 25,
    patches: Annotated[int, typer.Option(help="Patches that the variants are trained on.")] = 10_000,
    iterations: Annotated[int, typer.Option(help="L-BFGS iterations, for each variant.")] = 200,
    seed: Annotated[int, typer.Option(help="Seed of data, weights and noise.")] = 0,
    quick: Annotated[bool, typer.Option("--quick", help="Small sizes, to see what it does in some seconds.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder. [default: sae-compare, or the next free number]")] = None,
) -> None:
    """Compare the autoencoders of the textbooks: what each learns from the same data in the same number of iterations.

    **variants** trains them on patches of photographs and writes one picture (filters, reconstruction against
    sparsity, mean activation, cost) and a table. J is each variant's own: what compares is the variance left
    unexplained on unseen patches. **dictionary** asks how much of a known sparse dictionary KL, L1 and TopK find.
    **denoising** restores noisy photographs, beside a median filter and PCA. Tables come as Markdown and CSV. Ctrl-C
    keeps what is done.

    Examples:

    `sae compare`

    `sae compare --study variants --variants standard,kl,denoising --hidden 49`
    """
    with plain_errors():
        from threadpoolctl import threadpool_limits

        from .. import checks
        from ..progress import PatientConsole
        from ..studies import comparison

        names = [name.strip() for name in variants.split(",")] if variants else list(comparison.VARIANTS)
        for name in names:
            comparison.variant(name)
        checks.count("--seed", seed, 0)
        for option, value in {"--hidden": hidden, "--patches": patches, "--iterations": iterations}.items():
            checks.count(option, value)
        if quick:
            patches, iterations = min(patches, 1000), min(iterations, 20)
        log = PatientConsole(stderr=True, highlight=False, markup=False)
        signal.signal(signal.SIGINT, interrupt_once)
        with (
            results_folder(out or free_folder(Path("sae-compare"))) as folder,
            threadpool_limits(1, user_api="blas"),
        ):
            for part in study or list(Study):
                if part is Study.variants:
                    settings = {"hidden": hidden, "patches": patches, "iterations": iterations, "seed": seed}
                    interrupted = _compare_variants(names, settings, folder, log)
                else:
                    interrupted = _study(part, seed, quick, folder, log)
                if interrupted:
                    raise typer.Exit(INTERRUPTED)


def _compare_variants(names: list[str], settings: dict[str, int], folder: Path, log) -> bool:
    """Train, write and show the variants; return whether that was interrupted."""
    from ..progress import TrainingProgress
    from ..studies import comparison
    from ..studies.tables import write_table

    training, compared = comparison.Training(**settings), []
    for k, name in enumerate(names, 1):
        log.print(f"{k}/{len(names)}  {name}: {comparison.variant(name).line}")
        with TrainingProgress(log, settings["iterations"]) as progress:
            compared.append(training.train(name, progress))
        if compared[-1].result.interrupted:
            break
    rows = [one.row() for one in compared]
    written(
        [
            *write_table(rows, folder / "variants"),
            *save_figure(comparison.picture(compared, training.pca()), folder / "variants"),
        ]
    )
    show([{key: text for key, text in row.items() if key != "the line"} for row in rows])
    return compared[-1].result.interrupted


def _study(part: Study, seed: int, quick: bool, folder: Path, log) -> bool:
    """Make, write and show the other two; return whether that was interrupted."""
    import numpy as np

    from ..studies import denoising, dictionary
    from ..studies.tables import write_table

    rng, figures = np.random.default_rng(seed), {}
    try:
        if part is Study.dictionary:
            log.print("dictionary: KL, L1 and TopK over their settings")
            records = dictionary.recovery(rng, **(dictionary.QUICK if quick else {}))
            figures["dictionary"] = dictionary.plot_recovery(records)
            rows = dictionary.as_rows(records)
        else:
            rows = []
            for kind in denoising.CORRUPTIONS:
                log.print(f"denoising: {kind}")
                records, images = denoising.compare_denoisers(rng, kind, **(denoising.QUICK if quick else {}))
                figures[f"denoising-{kind.replace(' ', '-')}"] = denoising.plot_denoising(records, images)
                rows += denoising.as_rows(records)
    except KeyboardInterrupt:
        return True
    written(
        [
            *write_table(rows, folder / part.value),
            *(p for name, f in figures.items() for p in save_figure(f, folder / name)),
        ]
    )
    show(rows)
    return False
