"""`sae gradcheck`: what is wrong with a gradient, the built-in ones' or a student's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import SaeError
from .frame import INTERRUPTED, plain_errors, results_folder
from .train import Decoder

if TYPE_CHECKING:
    from ..gradcheck.check import Check

NETWORK, OUTPUT = "Network and cost", "Output"


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
    with plain_errors(), _never_one():
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

    from ..gradcheck import check as work
    from ..gradcheck.report import show

    with ExitStack() as stack:
        written, asked = [], None
        try:
            options = work.Settings(**settings)
            folder = stack.enter_context(results_folder(plot)) if plot else None
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
    from ..files import writing
    from ..gradcheck.plots import plot_entries, plot_taylor
    from ..layout import Layout

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
