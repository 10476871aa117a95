"""The command `sae train`: its options. What it does is in fit.py (with data) and photographs.py (without)."""

from __future__ import annotations

import math
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import checks
from ..errors import SaeError
from . import config as configs
from . import frame, options

DATA, MODEL, STEPS = "Data", "Model, with DATA", "Solver, with DATA"
PHOTOGRAPHS, NETWORK, OPTIMISER, OUTPUT = "Photographs, without DATA", "Network and cost", "Optimiser", "Output"
BOTH = {"hidden", "decoder", "rho", "lam", "beta", "iterations", "seed", "checkpoint"}
OF_PHOTOGRAPHS = BOTH | {
    *("images", "whitening", "f0", "patches", "side", "remove_mean", "clip", "value_range"),
    *("init_radius", "ftol", "gtol", "max_pairs", "engine", "dtype", "threads"),
}
OUTSIDE = {"images", "value_range", "threads", "checkpoint"}  # not as they are in an Experiment


class Whitening(StrEnum):
    """How photographs are whitened."""

    fourier = "fourier"
    none = "none"


class Decoder(StrEnum):
    """The output units."""

    sigmoid = "sigmoid"
    linear = "linear"


class Precision(StrEnum):
    """What the cost is evaluated in."""

    float64 = "float64"
    float32 = "float32"


class Engine(StrEnum):
    """What evaluates the cost."""

    numba = "numba"
    numpy = "numpy"


Header = StrEnum("Header", ["auto", "yes", "no"])
Kind = StrEnum("Kind", list(options.MODELS))
SPARSE = Kind("sparse")
Penalty = StrEnum("Penalty", ["kl", "l1", "none"])
Loss = StrEnum("Loss", ["mse", "bce"])
Noise = StrEnum("Noise", ["masking", "gaussian", "salt_and_pepper"])
Likelihood = StrEnum("Likelihood", ["bernoulli", "gaussian"])
Solver = StrEnum("Solver", ["lbfgs", "cg", "bfgs", "newton-cg", "adam", "adamw", "sgd"])
SOLVER = Solver("lbfgs")
Schedule = StrEnum("Schedule", ["constant", "step", "cosine"])
CONSTANT = Schedule("constant")


SCALES = ("none", "minmax", "range", "mean", "patches", "pca", "pca-whitening", "zca")  # steps.py is slow to import


def _scales(incomplete: str) -> list[str]:
    """Complete the last of the names with commas, for the shell."""
    done, comma, last = incomplete.rpartition(",")
    return [done + comma + name for name in SCALES if name.startswith(last)]


def _configured(context: typer.Context, value: Path | None) -> Path | None:
    if context.resilient_parsing:  # the shell asks for a completion
        return value
    with frame.plain_errors():
        return configs.use(context, value)


def _resumed(context: typer.Context, value: Path | None) -> Path | None:
    if value is not None and not context.resilient_parsing:
        with frame.plain_errors():
            if context.params.get("config") is not None:
                raise SaeError("--resume has its own configuration, the config.toml of its folder; leave --config out.")
            configs.use(context, value / "config.toml")
    return value


def train(
    context: typer.Context,
    data: Annotated[
        str | None,
        typer.Argument(
            help="Examples: .npy, .npz, .csv, IDX (plain or .gz), PNG or JPEG, a folder of these, or - for a pipe. "
            "Photographs unless given.",
            show_default=False,
        ),
    ] = None,
    header: Annotated[
        Header, typer.Option(help="Whether line 1 of a .csv names the columns.", rich_help_panel=DATA)
    ] = Header.auto,
    array: Annotated[str | None, typer.Option(help="Which array of a .npz.", rich_help_panel=DATA)] = None,
    shape: Annotated[
        str | None, typer.Option(help="What a row is as a picture, 28x28: filters are drawn.", rich_help_panel=DATA)
    ] = None,
    scale: Annotated[
        str,
        typer.Option(
            help="Steps before the training, with commas: minmax (each column to 0..1), range (all columns as one), "
            "mean (each row's own away), patches, pca, pca-whitening, zca. They travel in the model.",
            autocompletion=_scales,
            rich_help_panel=DATA,
        ),
    ] = "none",
    eps: Annotated[float | None, typer.Option(help="Of the whitening. [default: 1e-05]", rich_help_panel=DATA)] = None,
    retained: Annotated[
        float | None,
        typer.Option(help="Share of the variance that pca, zca keep. [default: all]", rich_help_panel=DATA),
    ] = None,
    model: Annotated[Kind, typer.Option(help="The autoencoder.", rich_help_panel=MODEL)] = SPARSE,
    penalty: Annotated[
        Penalty | None,
        typer.Option(help="On the code. [default: kl; none with --model denoising]", rich_help_panel=MODEL),
    ] = None,
    activation: Annotated[
        str | None,
        typer.Option(
            help="Hidden units: sigmoid, tanh, relu, identity, softplus, satlin, topk(5), ...; [default: sigmoid]",
            rich_help_panel=MODEL,
        ),
    ] = None,
    loss: Annotated[
        Loss, typer.Option(help="Half the squared error, or cross-entropy.", rich_help_panel=MODEL)
    ] = Loss.mse,
    corruption: Annotated[Noise, typer.Option(help="Of --model denoising.", rich_help_panel=MODEL)] = Noise.masking,
    corruption_level: Annotated[
        float, typer.Option(help="Share of the values, or standard deviation.", rich_help_panel=MODEL)
    ] = 0.3,
    contraction: Annotated[float, typer.Option(help="Of --model contractive.", rich_help_panel=MODEL)] = 0.1,
    kept: Annotated[int, typer.Option("--k", help="Of --model ksparse: units kept.", rich_help_panel=MODEL)] = 5,
    latent: Annotated[int, typer.Option(help="Of --model variational: length of the code.", rich_help_panel=MODEL)] = 2,
    likelihood: Annotated[
        Likelihood, typer.Option(help="Of --model variational.", rich_help_panel=MODEL)
    ] = Likelihood.bernoulli,
    solver: Annotated[
        Solver, typer.Option(help="All examples at once, or steps on minibatches.", rich_help_panel=STEPS)
    ] = SOLVER,
    epochs: Annotated[
        int, typer.Option(help="Passes of adam, adamw and sgd over the data.", rich_help_panel=STEPS)
    ] = 50,
    batch_size: Annotated[int, typer.Option(help="Examples in a minibatch.", rich_help_panel=STEPS)] = 256,
    learning_rate: Annotated[float, typer.Option(help="Of adam, adamw and sgd.", rich_help_panel=STEPS)] = 0.01,
    schedule: Annotated[
        Schedule,
        typer.Option(
            help="Of the learning rate: a tenth after each third of the epochs, or down to 0 along half a wave.",
            rich_help_panel=STEPS,
        ),
    ] = CONSTANT,
    clip_norm: Annotated[
        float | None,
        typer.Option(help="Shorten longer gradients to this. [default: as they are]", rich_help_panel=STEPS),
    ] = None,
    validation: Annotated[
        float,
        typer.Option(
            help="Share of the examples held out, to tell the loss on; the preprocessing is fitted to the others.",
            rich_help_panel=STEPS,
        ),
    ] = 0.0,
    patience: Annotated[
        int | None,
        typer.Option(
            help="Stop after so many epochs without a lower validation loss; the best weights are kept.",
            rich_help_panel=STEPS,
        ),
    ] = None,
    tol: Annotated[
        float, typer.Option(help="Converged when J falls by less than this share of it.", rich_help_panel=STEPS)
    ] = 1e-9,
    checkpoint: Annotated[
        int | None,
        typer.Option(help="Write a checkpoint every so many iterations (epochs).", rich_help_panel=OPTIMISER),
    ] = None,
    images: Annotated[
        str | None,
        typer.Option(help="With commas: camera,coffee. All nine unless given.", rich_help_panel=PHOTOGRAPHS),
    ] = None,
    whitening: Annotated[
        Whitening, typer.Option(help="Whiten each photograph, or not.", rich_help_panel=PHOTOGRAPHS)
    ] = Whitening.fourier,
    f0: Annotated[
        float,
        typer.Option(
            help="Cut-off of the whitening filter f exp(-(f/f0)^4), cycles per pixel.", rich_help_panel=PHOTOGRAPHS
        ),
    ] = 0.4,
    patches: Annotated[int, typer.Option(help="Patches to train on.", rich_help_panel=PHOTOGRAPHS)] = 10_000,
    side: Annotated[int, typer.Option(help="Side of a patch in pixels.", rich_help_panel=PHOTOGRAPHS)] = 8,
    remove_mean: Annotated[
        bool,
        typer.Option("--remove-mean/--keep-mean", help="Subtract each patch's own mean.", rich_help_panel=PHOTOGRAPHS),
    ] = True,
    clip: Annotated[
        float, typer.Option(help="Clip pixels at this many standard deviations.", rich_help_panel=PHOTOGRAPHS)
    ] = 3.0,
    value_range: Annotated[
        tuple[float, float],
        typer.Option("--range", help="Map the clipped pixels to this range.", rich_help_panel=PHOTOGRAPHS),
    ] = (0.1, 0.9),
    hidden: Annotated[int, typer.Option(help="Hidden units.", rich_help_panel=NETWORK)] = 25,
    decoder: Annotated[
        Decoder, typer.Option(help="Output units; sigmoid ones reach only 0 to 1.", rich_help_panel=NETWORK)
    ] = Decoder.sigmoid,
    rho: Annotated[
        float,
        typer.Option(
            help="Sparsity target, a unit's mean activation; smaller is more selective.", rich_help_panel=NETWORK
        ),
    ] = 0.01,
    lam: Annotated[
        float,
        typer.Option(
            "--lambda",
            help="Weight decay: 0 leaves noise in the filters, 0.01 leaves no filters.",
            rich_help_panel=NETWORK,
        ),
    ] = 1e-4,
    beta: Annotated[
        float | None,
        typer.Option(
            help="Weight of the sparsity; 0 is none, and no edges. [default: 3; 0.03 with --penalty l1]",
            rich_help_panel=NETWORK,
        ),
    ] = None,
    init_radius: Annotated[
        float | None,
        typer.Option(
            help="Start from weights uniform in +-this. [default: sqrt(6 / (inputs + hidden + 1))]",
            rich_help_panel=PHOTOGRAPHS,
        ),
    ] = None,
    iterations: Annotated[int, typer.Option(help="Most L-BFGS iterations.", rich_help_panel=OPTIMISER)] = 400,
    ftol: Annotated[
        float,
        typer.Option(help="Converged when J falls by less than this share of it.", rich_help_panel=PHOTOGRAPHS),
    ] = 1e-12,
    gtol: Annotated[
        float,
        typer.Option(help="Converged when no |gradient| entry is above this.", rich_help_panel=PHOTOGRAPHS),
    ] = 1e-8,
    max_pairs: Annotated[int, typer.Option(help="Steps that L-BFGS remembers.", rich_help_panel=PHOTOGRAPHS)] = 20,
    seed: Annotated[
        int,
        typer.Option(help="Same seed, same result on the same machine.", rich_help_panel=OPTIMISER),
    ] = 0,
    engine: Annotated[
        Engine, typer.Option(help="Compiled kernels, or the plain NumPy page.", rich_help_panel=PHOTOGRAPHS)
    ] = Engine.numba,
    dtype: Annotated[
        Precision,
        typer.Option(
            help="float32 takes less time; the last iterations are made in float64 anyway.",
            rich_help_panel=PHOTOGRAPHS,
        ),
    ] = Precision.float64,
    threads: Annotated[
        int,
        typer.Option(
            help="Threads that share the examples; the result is the same for any number.",
            min=1,
            rich_help_panel=PHOTOGRAPHS,
        ),
    ] = 1,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the results. [default: sae-run, or the next free sae-run-2, ...]",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Replace a run that --out already holds.", rich_help_panel=OUTPUT),
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option(
            help="TOML file of options; what is given here counts more. Each run writes its own: config.toml. The path "
            "of DATA is absolute there, so that it repeats the run from any folder; a relative one is taken from the "
            "folder of the file.",
            rich_help_panel=OUTPUT,
            is_eager=True,
            callback=_configured,
        ),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            help="Folder of a training that was ended: go on from its checkpoint, as its config.toml says. Steps on "
            "minibatches end where they would have without the break, to the last bit; others in a minimum as low.",
            rich_help_panel=OUTPUT,
            is_eager=True,
            callback=_resumed,
        ),
    ] = None,
) -> None:
    """Learn a sparse autoencoder: of your own data, or of photograph patches, UFLDL's first experiment.

    **With DATA**, one example a row: options under Data, Model and Solver. The preprocessing is fitted to the examples
    that are trained on and travels in the model, so that `sae encode MODEL DATA` takes data as they are in your files.
    Writes model.safetensors, config.toml, history.csv, history.png, activations.png, and filters.png where rows are
    pictures.

    **Without DATA**: nine photographs, whitened; 10,000 patches of 8x8; 25 hidden units; 400 iterations of L-BFGS.
    Most hidden units become detectors of oriented edges. Writes filters.png (what each unit looks for),
    history.png, activations.png, reconstructions.png, history.csv, config.toml and model.safetensors.

    Ctrl-C writes all of that for the best parameters so far (exit code 130).

    Examples:

    `sae train data.csv --scale minmax --hidden 64 --penalty l1 --solver adam --epochs 50 --batch-size 256
    --validation 0.2`

    `sae train digits.npy --shape 8x8 --scale range --rho 0.05`

    `sae train train-images-idx3-ubyte.gz --scale range --model denoising --solver adam`

    `sae train data.csv --checkpoint 20 --out run`  and after a power cut  `sae train --resume run`

    `sae train data.csv --solver adamw --schedule cosine --clip-norm 1 --validation 0.1 --patience 10`

    `sae train --config sae-run/config.toml --out again`  the same run again

    `sae train`  photographs

    `sae train --whitening none --out raw`  the same without whitening: broader edges

    `sae train --side 12 --hidden 100 --patches 50000`
    """
    with frame.plain_errors():
        values = {n: str(v) if isinstance(v, StrEnum) else v for n, v in context.params.items()}
        _refuse_foreign(context, data is not None)
        if resume is not None and out not in (None, resume):
            raise SaeError(f"--resume {resume} writes into that folder; leave --out out.")
        if values["checkpoint"] is not None:
            checks.count("--checkpoint", values["checkpoint"])
        target = out or resume or frame.free_folder(Path("sae-run"))
        if data is not None:
            _train_on_data(context, values, target, overwrite, resume)
        else:
            _train_on_photographs(context, values, target, overwrite, resume)


def _refuse_foreign(context: typer.Context, data: bool) -> None:
    """Raise if an option that was given belongs to the other kind of training."""
    own = options.NAMES if data else OF_PHOTOGRAPHS
    for name in sorted((options.NAMES | OF_PHOTOGRAPHS) - own):
        if configs.source_of(context, name) != "DEFAULT":
            hint = "is for photographs; leave it out with DATA" if data else "is for data of your own; give DATA"
            raise SaeError(f"{_option(context, name)} {hint}.")


def _option(context: typer.Context, name: str) -> str:
    return next("--" + option for option, known in configs.option_names(context.command).items() if known == name)


def _held(folder: Path, names: tuple[str, ...], overwrite: bool) -> None:
    held = [name for name in names if (folder / name).exists()]
    if held and not overwrite:
        raise SaeError(f"{folder} already holds a run ({held[0]}); choose another --out, or add --overwrite.")


def _train_on_data(context, values, folder: Path, overwrite: bool, resume: Path | None) -> None:
    from .fit import MODEL, Training
    from .going_on import CHECKPOINT

    given = options.Options({name: values[name] for name in options.NAMES})
    for name, reason in given.without_effect().items():
        source, option = configs.source_of(context, name), _option(context, name)
        if source == "COMMANDLINE":
            raise SaeError(f"{option} has no effect here: {reason}, or leave {option} out.")
        if source == "DEFAULT_MAP":
            frame.notes([f"{option} of the configuration has no effect here: {reason}"])
    complete = given.complete()
    complete.estimator()
    _held(folder, (MODEL, CHECKPOINT), overwrite or resume is not None)
    config = configs.effective(context, complete.values)
    with frame.results_folder(folder):
        Training(complete, folder, config, resume is not None).run()


def _train_on_photographs(context, values, folder: Path, overwrite: bool, resume: Path | None) -> None:
    from ..experiment import FILES, Experiment
    from .going_on import CHECKPOINT
    from .photographs import option, run_experiment

    low, high = (checks.number("--range", end, -math.inf) for end in values["value_range"])
    if low >= high:
        raise SaeError(f"--range is {low:g} {high:g}; expected its lower end first.")
    values["beta"] = 3.0 if values["beta"] is None else values["beta"]
    config = configs.effective(context, {name: values[name] for name in OF_PHOTOGRAPHS})
    settings: dict[str, Any] = {name: values[name] for name in OF_PHOTOGRAPHS - OUTSIDE}
    settings["low"], settings["high"] = values["value_range"]
    if values["images"] is not None:
        settings["images"] = tuple(name.strip() for name in values["images"].split(","))
    try:
        experiment = Experiment(**settings)
    except SaeError as error:
        field, found = str(error).split(" ", 1)
        raise SaeError(f"{option(field)} {found}") from None
    _held(folder, (*FILES, CHECKPOINT), overwrite or resume is not None)
    with frame.results_folder(folder):
        run_experiment(experiment, folder, values["threads"], config, values["checkpoint"], resume is not None)
