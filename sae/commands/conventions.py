"""`sae conventions`: what other libraries minimise."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import SaeError
from .frame import facts_table, plain_errors


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
    with plain_errors():
        from .. import checks
        from ..conventions import LIBRARIES, convert, equivalents, read
        from ..conventions import library as find
        from ..progress import PatientConsole

        n = checks.count("--features", features)
        console = PatientConsole(highlight=False, markup=False)
        if library is None:
            if to is not None:
                raise SaeError(f"--to is {to!r}, but there is nothing to convert; name a library before it.")
            for kind in LIBRARIES.values():
                theirs = kind()
                facts = {"cost": theirs.formula, "defaults": str(theirs), "source": kind.source}
                console.print(facts_table(f"{kind.title}  ({kind.key})", facts))
                console.print()
            return
        theirs = read(library, settings or [])
        if to is not None:
            other = convert(theirs, find(to), n)
            console.print(facts_table(other.title, {"settings": str(other), "cost": other.objective}))
            return
        facts = {"cost": theirs.formula, "with": theirs.objective, "source": theirs.source}
        try:
            here = theirs.to_sae(n)
        except SaeError:  # its cost can be told, even where there is no equivalent
            console.print(facts_table(theirs.title, facts))
            raise
        facts |= {"same minimum": here.code, "its cost": f"{here.scale:.12g} J, for n = {n} features (--features)"}
        facts |= {f"note {k}": note for k, note in enumerate(here.notes, 1)}
        console.print(facts_table(theirs.title, facts))
        console.print()
        elsewhere = {
            title: f"{text};  its cost is {cost}" if cost else text for title, text, cost in equivalents(theirs, n)
        }
        console.print(facts_table("the same minimum", elsewhere))
