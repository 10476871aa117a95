"""The command line. Only what `--help` needs is imported here; the rest comes with the command."""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import __version__
from .errors import SaeError, TrainingError

if TYPE_CHECKING:
    from .experiment import Experiment, Run
    from .gradcheck.check import Check

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

DATA, NETWORK, OPTIMISER, OUTPUT = "Data", "Network and cost", "Optimiser", "Output"
INTERRUPTED = 130  # what shells use for Ctrl-C


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


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"sae {__version__}")
        raise typer.Exit


@app.callback()
def sae(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """The sparse autoencoder, written out by hand end to end.

    `sae train` learns edge detectors from photographs; `sae train --help` explains each number that goes into it.
    `sae compare` trains its relatives side by side; `sae conventions` converts the numbers of MATLAB, Keras and others.
    `sae gradcheck` finds what is wrong with a gradient, `sae explain` walks through all equations with numbers, `sae
    laboratory` makes experiments with derivatives.
    `sae info` says what it runs on, `sae bench` how fast that is here.
    """


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Turn bad input and trouble with files into one message and exit code 2."""
    try:
        yield
    except SaeError as error:
        typer.secho(f"Error: {error}", fg="red", err=True)
        raise typer.Exit(2) from None
    except OSError as error:
        typer.secho(f"Error: {error.filename or 'file'}: {error.strerror or error}", fg="red", err=True)
        raise typer.Exit(2) from None
    except MemoryError as error:
        hint = "Use a smaller --hidden, --side, --patches or --max-pairs."
        typer.secho(f"Error: not enough memory. {error} {hint}", fg="red", err=True)
        raise typer.Exit(2) from None


@app.command()
def train(
    images: Annotated[
        str | None,
        typer.Option(help="Photographs, with commas: camera,coffee. All nine unless given.", rich_help_panel=DATA),
    ] = None,
    whitening: Annotated[
        Whitening, typer.Option(help="Whiten each photograph, or not.", rich_help_panel=DATA)
    ] = Whitening.fourier,
    f0: Annotated[
        float,
        typer.Option(help="Cut-off of the whitening filter f exp(-(f/f0)^4), cycles per pixel.", rich_help_panel=DATA),
    ] = 0.4,
    patches: Annotated[int, typer.Option(help="Patches to train on.", rich_help_panel=DATA)] = 10_000,
    side: Annotated[int, typer.Option(help="Side of a patch in pixels.", rich_help_panel=DATA)] = 8,
    remove_mean: Annotated[
        bool,
        typer.Option("--remove-mean/--keep-mean", help="Subtract each patch's own mean.", rich_help_panel=DATA),
    ] = True,
    clip: Annotated[
        float, typer.Option(help="Clip pixels at this many standard deviations.", rich_help_panel=DATA)
    ] = 3.0,
    value_range: Annotated[
        tuple[float, float],
        typer.Option("--range", help="Map the clipped pixels to this range.", rich_help_panel=DATA),
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
        float, typer.Option(help="Weight of the sparsity; 0 is none, and no edges.", rich_help_panel=NETWORK)
    ] = 3.0,
    init_radius: Annotated[
        float | None,
        typer.Option(
            help="Start from weights uniform in +-this. [default: sqrt(6 / (inputs + hidden + 1))]",
            rich_help_panel=NETWORK,
        ),
    ] = None,
    iterations: Annotated[int, typer.Option(help="Most L-BFGS iterations.", rich_help_panel=OPTIMISER)] = 400,
    ftol: Annotated[
        float,
        typer.Option(help="Converged when J falls by less than this share of it.", rich_help_panel=OPTIMISER),
    ] = 1e-12,
    gtol: Annotated[
        float,
        typer.Option(help="Converged when no |gradient| entry is above this.", rich_help_panel=OPTIMISER),
    ] = 1e-8,
    max_pairs: Annotated[int, typer.Option(help="Steps that L-BFGS remembers.", rich_help_panel=OPTIMISER)] = 20,
    seed: Annotated[
        int,
        typer.Option(help="Same seed, same result on the same machine.", rich_help_panel=OPTIMISER),
    ] = 0,
    engine: Annotated[
        Engine, typer.Option(help="Compiled kernels, or the plain NumPy page.", rich_help_panel=OPTIMISER)
    ] = Engine.numba,
    dtype: Annotated[
        Precision,
        typer.Option(
            help="float32 takes less time; the last iterations are made in float64 anyway.",
            rich_help_panel=OPTIMISER,
        ),
    ] = Precision.float64,
    threads: Annotated[
        int,
        typer.Option(
            help="Threads that share the examples; the result is the same for any number.",
            min=1,
            rich_help_panel=OPTIMISER,
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
) -> None:
    """Learn a sparse autoencoder of photograph patches: UFLDL's first experiment.

    Without options: nine photographs, whitened; 10,000 patches of 8x8; 25 hidden units; 400 iterations of L-BFGS.
    Most hidden units become detectors of oriented edges. Writes filters.png (what each unit looks for),
    history.png, activations.png, reconstructions.png, history.csv and model.safetensors.
    Ctrl-C writes all of that for the best parameters so far (exit code 130).

    Examples:

    `sae train`

    `sae train --whitening none --out raw`  the same without whitening: broader edges

    `sae train --beta 0 --out dense`  no sparsity: no edges

    `sae train --side 12 --hidden 100 --patches 50000`
    """
    with _plain_errors():
        from .experiment import FILES, Experiment

        try:
            experiment = Experiment(
                **({"images": tuple(name.strip() for name in images.split(","))} if images is not None else {}),
                whitening=whitening.value,
                f0=f0,
                patches=patches,
                side=side,
                remove_mean=remove_mean,
                clip=clip,
                low=value_range[0],
                high=value_range[1],
                hidden=hidden,
                decoder=decoder.value,
                rho=rho,
                lam=lam,
                beta=beta,
                init_radius=init_radius,
                iterations=iterations,
                ftol=ftol,
                gtol=gtol,
                max_pairs=max_pairs,
                seed=seed,
                engine=engine.value,
                dtype=dtype.value,
            )
        except SaeError as error:
            field, found = str(error).split(" ", 1)
            option = {"lam": "lambda", "low": "range", "high": "range"}.get(field, field.replace("_", "-"))
            raise SaeError(f"--{option} {found}") from None
        out = out or _free_folder(Path("sae-run"))
        held = [name for name in FILES if (out / name).exists()]
        if held and not overwrite:
            raise SaeError(f"{out} already holds a run ({held[0]}); choose another --out, or add --overwrite.")
        with _results_folder(out) as folder:
            _train(experiment, folder, threads)


class Method(StrEnum):
    """How the gradient is taken numerically."""

    central = "central"
    complex = "complex"


class Hidden(StrEnum):
    """The hidden units of a student's network."""

    sigmoid = "sigmoid"
    tanh = "tanh"
    relu = "relu"


STUDENT, CHECK = "A student's function", "Check"


@app.command()
def gradcheck(
    target: Annotated[
        str, typer.Argument(help="student.py, student.py:function, the name of a built-in problem, or all of these.")
    ] = "all",
    hidden: Annotated[int, typer.Option(help="Hidden units.", rich_help_panel=NETWORK)] = 5,
    features: Annotated[int, typer.Option(help="Features of an example, n.", rich_help_panel=NETWORK)] = 8,
    examples: Annotated[int, typer.Option(help="Examples, m; random, 0.1 to 0.9.", rich_help_panel=NETWORK)] = 13,
    lam: Annotated[float, typer.Option("--lambda", help="Weight decay.", rich_help_panel=NETWORK)] = 1e-3,
    rho: Annotated[float, typer.Option(help="Sparsity target.", rich_help_panel=NETWORK)] = 0.05,
    beta: Annotated[float, typer.Option(help="Weight of the sparsity.", rich_help_panel=NETWORK)] = 3.0,
    decoder: Annotated[Decoder, typer.Option(help="Output units.", rich_help_panel=NETWORK)] = Decoder.sigmoid,
    seed: Annotated[int, typer.Option(help="Seed of examples and theta.", rich_help_panel=NETWORK)] = 0,
    activation: Annotated[
        Hidden, typer.Option(help="Hidden units that the exercise asks for.", rich_help_panel=STUDENT)
    ] = Hidden.sigmoid,
    tied: Annotated[
        bool, typer.Option("--tied", help="The exercise asks for W2 = W1^T.", rich_help_panel=STUDENT)
    ] = False,
    cross_entropy: Annotated[
        bool,
        typer.Option("--cross-entropy", help="It asks for cross-entropy, no squared error.", rich_help_panel=STUDENT),
    ] = False,
    size: Annotated[
        int | None, typer.Option(help="Numbers in theta, of a function of theta alone.", rich_help_panel=STUDENT)
    ] = None,
    timeout: Annotated[
        float, typer.Option(help="Seconds for a call, and for the import.", rich_help_panel=STUDENT)
    ] = 10.0,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Show the right lines beside a diagnosis.", rich_help_panel=STUDENT)
    ] = False,
    method: Annotated[
        Method | None, typer.Option(help="[default: the complex step where it can be had]", rich_help_panel=CHECK)
    ] = None,
    richardson: Annotated[
        bool, typer.Option("--richardson", help="Extrapolate central differences.", rich_help_panel=CHECK)
    ] = False,
    samples: Annotated[
        int | None, typer.Option(help="Entries of theta to look at. [default: all, or some]", rich_help_panel=CHECK)
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Folder to write pictures to.", rich_help_panel=OUTPUT)] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object and nothing else.", rich_help_panel=OUTPUT)
    ] = False,
) -> None:
    """Check a gradient: of the built-in problems, or of a student's `cost_and_grad`, and say where it is wrong.

    A student's function takes (theta, X, n_hidden, lam, rho, beta), with examples as columns and theta = [W1, W2, b1,
    b2], and returns cost and gradient; it is diagnosed too: which side, block, term and step. One of theta alone is
    checked against its own cost, with --size numbers. It runs in a process of its own, which is no sandbox.

    Exit code 0: correct; 1: wrong; 2: could not tell, or bad input.

    Examples:

    `sae gradcheck`

    `sae gradcheck student.py:cost_and_grad --plot pictures`

    `sae gradcheck topk --hidden 20`
    """
    given = {"method": method and method.value, "richardson": richardson or None, "samples": samples}
    settings = {
        "hidden": hidden,
        "features": features,
        "examples": examples,
        "lam": lam,
        "rho": rho,
        "beta": beta,
        "decoder": decoder.value,
        "activation": activation.value,
        "tied": tied,
        "cross_entropy": cross_entropy,
        "seed": seed,
        "size": size,
        "timeout": timeout,
        "reveal": reveal,
        "options": {name: value for name, value in given.items() if value is not None},
    }
    with _plain_errors(), _never_one():
        _gradcheck(target, settings, plot, as_json)


@contextmanager
def _never_one() -> Iterator[None]:
    """Let no accident look like exit code 1, which says that a gradient is wrong."""
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except (typer.Exit, SaeError, OSError, MemoryError):
        raise
    except Exception:
        import traceback

        traceback.print_exc()
        typer.secho("Error: the check itself failed, and says nothing about the gradient.", fg="red", err=True)
        raise typer.Exit(2) from None


def _gradcheck(target: str, settings: dict[str, Any], plot: Path | None, as_json: bool) -> None:
    """Run, show and write a gradient check."""
    import json
    from contextlib import ExitStack

    from .gradcheck import check as work
    from .gradcheck.report import show

    with ExitStack() as stack:
        written, asked = [], None
        try:
            options = work.Settings(**settings)
            folder = stack.enter_context(_results_folder(plot)) if plot else None
            if work.is_file(target):
                asked = stack.enter_context(work.student(target, options))
                found = [work.check_student(asked, target, options)]
            else:
                names = list(work.PROBLEMS) if target == "all" else [target]
                found = [work.check_problem(name, options) for name in names]
            if folder:
                written = [path for check in found for path in _pictures(check, folder, options.rng(3))]
        except SaeError as error:
            found = [work.Check(target, error=error, printed=asked.printed if asked else "")]
        if as_json:
            results = [check.as_dict() for check in found]
            typer.echo(json.dumps(results[0] if len(results) == 1 else {"checks": results}))
        else:
            show(found, written)
        raise typer.Exit(work.worst(found))


def _pictures(check: Check, folder: Path, rng) -> Iterator[Path]:
    """Write the pictures of one check."""
    from .files import writing
    from .gradcheck.plots import plot_entries, plot_taylor
    from .layout import Layout

    if check.report is None or check.objective is None or check.theta is None or check.error is not None:
        return
    layout = getattr(check.objective, "layout", Layout({"theta": check.theta.shape}))
    figures = {
        "entries": plot_entries(check.report.grad, check.report.numeric, layout),
        "taylor": plot_taylor(check.objective, check.theta, rng),
    }
    stem = Path(check.target.partition(":")[0]).stem
    for name, figure in figures.items():
        path = folder / f"{stem}-{name}.png"
        with writing(path) as temporary:
            figure.savefig(temporary, dpi=120)
        yield path


@app.command()
def laboratory(
    seed: Annotated[int, typer.Option(help="Seed of patches, weights and directions.")] = 0,
    quick: Annotated[bool, typer.Option("--quick", help="Small sizes, to see what it does in some seconds.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder. [default: sae-laboratory, or the next free number]")] = None,
) -> None:
    """Run the experiments with derivatives: a picture and a table of each.

    **steps**: the error of forward, central, extrapolated and complex differences against the step, with asymptotes.
    **taylor**: what is left after one and two terms, for right and wrong gradients. **entries**: where a wrong gradient
    is wrong, as pictures of W1. **missed**: the smallest mistake that each way of checking notices. **spectrum**: the
    eigenvalues of the Hessian at the start and at a minimum. **solvers**: L-BFGS beside Newton-CG and trust regions,
    which know products of the Hessian. Ctrl-C keeps what is done.
    """
    with _plain_errors():
        from threadpoolctl import threadpool_limits

        from .progress import PatientConsole
        from .studies.laboratory import write_all

        log = PatientConsole(stderr=True, highlight=False, markup=False)
        with (
            _results_folder(out or _free_folder(Path("sae-laboratory"))) as folder,
            threadpool_limits(1, user_api="blas"),
        ):
            try:
                paths, tables = write_all(folder, seed, quick, log.print)
            except KeyboardInterrupt:
                log.print(f"Interrupted: what was done is in {folder}/")
                raise typer.Exit(INTERRUPTED) from None
        for name, rows in tables.items():
            PatientConsole(highlight=False).print(name, markup=False)
            _show(rows)
        _written(paths)


@app.command()
def explain(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Walk a 2-2-2 network with round numbers through every equation of the reference page, and print all numbers.

    Each line is that of `sae/reference.py` with its value, and its first entry worked out. In Python:
    `sae.explain.explain()`, for numbers of your own too.
    """
    with _plain_errors():
        import json

        from .explain import as_text
        from .explain import explain as walk
        from .progress import PatientConsole

        steps = walk()
        if as_json:
            cost = next(step.value.item() for step in steps if step.symbol == "cost")
            typer.echo(json.dumps({"cost": cost, "steps": [step.as_dict() for step in steps]}))
        else:
            PatientConsole(markup=False).print(as_text(steps), soft_wrap=True)


@app.command()
def info() -> None:
    """Show what an evaluation runs on here: packages, BLAS, its kernels and threads, and which path is taken.

    Nothing of it is changed behind your back: BLAS keeps its threads unless you ask for threads of the blocks
    (`threads=` of an objective, `--threads` here), and then for the time of an evaluation only.
    """
    with _plain_errors():
        from rich.table import Table
        from rich.text import Text

        from .info import facts
        from .progress import PatientConsole

        table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
        said = ""
        for heading, text in facts():
            table.add_row(heading if heading != said else "", Text(text))
            said = heading
        PatientConsole(highlight=False).print(table)


@app.command()
def bench(
    shapes: Annotated[
        str, typer.Option(help="A 64-25, B 784-196, C 192-400 with a linear decoder, D 784-1024 units.")
    ] = "ABCD",
    dtype: Annotated[Precision | None, typer.Option(help="One precision. [default: both]")] = None,
    threads: Annotated[str, typer.Option(help="Numbers of threads, with commas.")] = "1,2",
    every_kernel: Annotated[
        bool,
        typer.Option("--all-kernels/--own-kernels", help="Measure OpenBLAS's AVX2 kernels beside those it chooses."),
    ] = True,
    peers: Annotated[bool, typer.Option("--peers/--no-peers", help="Measure other libraries too.")] = True,
    examples: Annotated[int, typer.Option(help="At most so many examples; fewer hardly change a ratio.")] = 100_000,
    quick: Annotated[bool, typer.Option("--quick", help="At most 10,000 examples, and few rounds.")] = False,
    out: Annotated[Path, typer.Option(help="Folder for evaluation.json and evaluation.png.")] = Path("sae-bench"),
) -> None:
    """Measure one evaluation of J and its gradient on this machine, in units of its five matrix products.

    Beside it the page in plain NumPy, a student's NumPy, PyTorch, torch.compile, JAX and scikit-learn, as far as they
    are installed (`pip install "sae[peers]"`). Only ratios mean something: all are called in turn in one process. The
    whole takes about an hour with all peers on two quiet cores, and needs 8 GB of memory; `--quick` takes some minutes.

    Examples:

    `sae bench --quick`

    `sae bench --shapes B --threads 1 --dtype float64 --own-kernels`

    `sae bench --examples 25000`
    """
    with _plain_errors():
        from rich.table import Table

        from . import checks
        from .bench import evaluation
        from .files import writable_folder
        from .progress import PatientConsole

        counts = [checks.count("--threads", int(t) if t.strip().isdigit() else t) for t in threads.split(",")]
        checks.count("--examples", examples, 100)
        chosen = evaluation.chosen(shapes.upper(), 10_000 if quick else examples, 7 if quick else 100)
        sets = evaluation.kernel_sets()
        environments = sets if every_kernel else dict([*sets.items()][:1])
        writable_folder(out)
        log, records = PatientConsole(stderr=True, highlight=False, markup=False), []
        dtypes = [dtype.value] if dtype else ["float64", "float32"]
        total = len(environments) * len(dtypes) * len(counts) * len(chosen)
        signal.signal(signal.SIGINT, _interrupt_once)
        try:
            for record in evaluation.run(chosen, dtypes, counts, environments, peers):
                records.append(record)
                ours = f"{record['ratios'][evaluation.OURS]:.2f} of its five products"
                where = f"{record['kernels']}, {record['dtype']}, {record['threads']} thread(s)"
                log.print(f"{len(records)}/{total}  {record['network']}: {ours} ({where})")
        except KeyboardInterrupt:
            log.print(f"Interrupted: {len(records)} of {total} were measured.")
        if not records:
            raise typer.Exit(INTERRUPTED)
        paths = evaluation.write(records, out)
        console = PatientConsole(highlight=False)
        for head, *rows in evaluation.as_tables(records):
            table = Table(*head, title="time over that of the five products alone")
            for row in rows:
                table.add_row(*row)
            console.print(table)
        for name, reason in sorted({item for record in records for item in record["missing"].items()}):
            console.print(f"-  {name}: {reason}", markup=False)
        console.print(f"written to {', '.join(str(path) for path in paths)}", markup=False, soft_wrap=True)
        if len(records) < total:
            raise typer.Exit(INTERRUPTED)


class Study(StrEnum):
    """A part of `sae compare`."""

    variants = "variants"
    dictionary = "dictionary"
    denoising = "denoising"


@app.command()
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
    with _plain_errors():
        from threadpoolctl import threadpool_limits

        from . import checks
        from .progress import PatientConsole
        from .studies import comparison

        names = [name.strip() for name in variants.split(",")] if variants else list(comparison.VARIANTS)
        for name in names:
            comparison.variant(name)
        checks.count("--seed", seed, 0)
        if quick:
            patches, iterations = min(patches, 1000), min(iterations, 20)
        log = PatientConsole(stderr=True, highlight=False, markup=False)
        signal.signal(signal.SIGINT, _interrupt_once)
        with (
            _results_folder(out or _free_folder(Path("sae-compare"))) as folder,
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
    from .progress import TrainingProgress
    from .studies import comparison
    from .studies.tables import write_table

    training, compared = comparison.Training(**settings), []
    for k, name in enumerate(names, 1):
        log.print(f"{k}/{len(names)}  {name}: {comparison.variant(name).line}")
        with TrainingProgress(log, settings["iterations"]) as progress:
            compared.append(training.train(name, progress))
        if compared[-1].result.interrupted:
            break
    rows = [one.row() for one in compared]
    _written(
        [
            *write_table(rows, folder / "variants"),
            *_save(comparison.picture(compared, training.pca()), folder / "variants"),
        ]
    )
    _show([{key: text for key, text in row.items() if key != "the line"} for row in rows])
    return compared[-1].result.interrupted


def _study(part: Study, seed: int, quick: bool, folder: Path, log) -> bool:
    """Make, write and show the other two; return whether that was interrupted."""
    import numpy as np

    from .studies import denoising, dictionary
    from .studies.tables import write_table

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
    _written(
        [*write_table(rows, folder / part.value), *(p for name, f in figures.items() for p in _save(f, folder / name))]
    )
    _show(rows)
    return False


def _save(figure, path: Path) -> list[Path]:
    from .files import writing

    with writing(path.with_suffix(".png")) as temporary:
        figure.savefig(temporary, dpi=130, metadata={"Software": None})
    return [path.with_suffix(".png")]


def _written(paths: list[Path]) -> None:
    from .progress import PatientConsole

    PatientConsole(highlight=False).print(f"written to {', '.join(map(str, paths))}", markup=False, soft_wrap=True)


def _show(rows: list[dict[str, str]]) -> None:
    from rich.table import Table
    from rich.text import Text

    from .progress import PatientConsole

    table = Table(*rows[0])
    for row in rows:
        table.add_row(*map(Text, row.values()))
    PatientConsole(highlight=False).print(table)


@app.command()
def conventions(
    library: Annotated[
        str | None,
        typer.Argument(
            help="sae, ufldl, matlab, matlab-manual, r, keras or saelens. [default: all]", show_default=False
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Argument(help="Its hyperparameters, name=value, as it spells them; the others keep its defaults."),
    ] = None,
    features: Annotated[
        int, typer.Option(help="Features of an example, n: a mean over all elements divides by it.")
    ] = 64,
    to: Annotated[str | None, typer.Option(help="Convert to this library alone. [default: to all]")] = None,
) -> None:
    """Print what other libraries minimise, and convert their hyperparameters to this one's and back.

    MATLAB, R, Keras and SAELens put other factors before the same words: 1/2 or not, a mean over examples or over all
    elements. Without arguments every cost is printed with its defaults and its source; with a library, its cost for
    your numbers, the line of Python that has the same minimum here, and the settings with that minimum elsewhere.

    Examples:

    `sae conventions`

    `sae conventions matlab L2WeightRegularization=0.004 SparsityRegularization=4 --features 784`

    `sae conventions keras activity_l1=1e-4 loss=mse --features 784`

    `sae conventions sae lam=1e-4 rho=0.01 beta=3 --to matlab`
    """
    with _plain_errors():
        from . import checks
        from .conventions import LIBRARIES, convert, equivalents, read
        from .conventions import library as find
        from .progress import PatientConsole

        n = checks.count("--features", features)
        console = PatientConsole(highlight=False, markup=False)
        if library is None:
            if to is not None:
                raise SaeError(f"--to is {to!r}, but there is nothing to convert; name a library before it.")
            for kind in LIBRARIES.values():
                theirs = kind()
                facts = {"cost": theirs.formula, "defaults": str(theirs), "source": kind.source}
                console.print(_facts(f"{kind.title}  ({kind.key})", facts))
                console.print()
            return
        theirs = read(library, settings or [])
        if to is not None:
            other = convert(theirs, find(to), n)
            console.print(_facts(other.title, {"settings": str(other), "cost": other.objective}))
            return
        facts = {"cost": theirs.formula, "with": theirs.objective, "source": theirs.source}
        try:
            here = theirs.to_sae(n)
        except SaeError:  # its cost can be told, even where there is no equivalent
            console.print(_facts(theirs.title, facts))
            raise
        facts |= {"same minimum": here.code, "its cost": f"{here.scale:.12g} J, for n = {n} features (--features)"}
        facts |= {f"note {k}": note for k, note in enumerate(here.notes, 1)}
        console.print(_facts(theirs.title, facts))
        console.print()
        elsewhere = {
            title: f"{text};  its cost is {cost}" if cost else text for title, text, cost in equivalents(theirs, n)
        }
        console.print(_facts("the same minimum", elsewhere))


def _facts(title: str, facts: dict[str, str]) -> Any:
    """Return a table of facts by name, below a title."""
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0), title=Text(title), title_justify="left")
    for name, fact in facts.items():
        table.add_row(f"  {name}", Text(fact))
    return table


@contextmanager
def _results_folder(path: Path) -> Iterator[Path]:
    """Make the folder and try to write there; take it away again if nothing was written."""
    from .files import writable_folder

    new = not path.exists()
    try:
        yield writable_folder(path)
    finally:
        if new and path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _free_folder(path: Path) -> Path:
    """Return the path, or the path with the first number that is not taken."""
    free, k = path, 1
    while free.exists():
        k += 1
        free = path.with_name(f"{path.name}-{k}")
    return free


def _train(experiment: Experiment, out: Path, threads: int) -> None:
    from threadpoolctl import threadpool_limits

    from .experiment import Run
    from .progress import PatientConsole, TrainingProgress

    log = PatientConsole(stderr=True, highlight=False, markup=False)
    objective: Any = None
    result: Any = None
    failure = None
    signal.signal(signal.SIGINT, _interrupt_once)
    try:
        with threadpool_limits(1, user_api="blas"), _announced_compilation(log, experiment.engine):
            whitened = ", whitened" if experiment.whitening == "fourier" else ""
            patches = f"{experiment.patches} patches of {experiment.side} x {experiment.side}"
            log.print(f"{len(experiment.images)} photographs{whitened}: {patches}")
            objective = experiment.objective(experiment.sample(experiment.load_images()), threads)
            with TrainingProgress(log, experiment.iterations) as progress:
                try:
                    result = experiment.train(objective, progress)
                except TrainingError as error:
                    failure, result = error, error.result
    except KeyboardInterrupt:
        if result is None:
            log.print("Interrupted before the training began: nothing was written.")
            raise typer.Exit(INTERRUPTED) from None
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    run = Run(experiment, objective, result)
    run.write(out, {"command": " ".join(["sae", *sys.argv[1:]]), "threads": threads})
    _summary(run, out)
    if failure:
        raise failure
    if result.interrupted:
        raise typer.Exit(INTERRUPTED)


def _interrupt_once(*_) -> None:
    """Let the first Ctrl-C end the training; a second one, in impatience, must not cost the results."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


@contextmanager
def _announced_compilation(console, engine: str) -> Iterator[None]:
    if engine != "numba":
        yield
        return
    from .kernels import on_compile

    with on_compile(lambda: console.print("Compiling the kernels, once: the next start takes them from the cache.")):
        yield


def _summary(run: Run, out: Path) -> None:
    from rich.table import Table
    from rich.text import Text

    from .experiment import FILES
    from .progress import PatientConsole

    result, rho_hat = run.result, run.rho_hat
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("J", f"{result.cost:.6f}")
    for name, cost in run.costs.items():
        table.add_row(f"  {name}", f"{cost:.6f}")
    spread = f"mean {rho_hat.mean():.4g}, from {rho_hat.min():.4g} to {rho_hat.max():.4g}"
    table.add_row("rho_hat", f"{spread}; target rho {run.experiment.rho:g}")
    table.add_row("filters", run.oriented)
    table.add_row("iterations", f"{result.iterations} ({result.evaluations} evaluations)")
    table.add_row("engine", run.objective.explain_engine())
    table.add_row("stop", Text(result.message))
    if result.gradient_check is not None:
        table.add_row("gradient", Text(str(result.gradient_check)))
    table.add_row("written to", Text(f"{out}/"))
    table.add_row("", ", ".join(FILES))
    PatientConsole(highlight=False).print(table)


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what a terminal can't show must not end a run
    app()
