"""`sae explain`: every equation with numbers."""

from __future__ import annotations

from typing import Annotated

import typer

from .frame import plain_errors


def explain(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Walk a 2-2-2 network with round numbers through every equation of the reference page, and print all numbers.

    Each line is that of `sae/reference.py` with its value, and its first entry worked out. In Python:
    `sae.explain.explain()`, for numbers of your own too.

    Examples:

    `sae explain | less`

    `sae explain --json`
    """
    with plain_errors():
        import json

        from ..explain import as_text
        from ..explain import explain as walk
        from ..progress import PatientConsole

        steps = walk()
        if as_json:
            cost = next(step.value.item() for step in steps if step.symbol == "cost")
            typer.echo(json.dumps({"cost": cost, "steps": [step.as_dict() for step in steps]}))
        else:
            PatientConsole(markup=False).print(as_text(steps), soft_wrap=True)
