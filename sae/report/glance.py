"""The top of the page: what was trained on what, the numbers that matter, how it ended, what is missing."""

from __future__ import annotations

from ..commands.fit import MODEL
from .check import Checked
from .gradient import kind
from .markup import more, paragraph, table, tiles
from .pictures import Pictures
from .run import RunFolder

KINDS = {
    "SparseAutoencoder": "Sparse autoencoder",
    "DenoisingAutoencoder": "Denoising autoencoder",
    "ContractiveAutoencoder": "Contractive autoencoder",
    "KSparseAutoencoder": "k-sparse autoencoder",
    "VariationalAutoencoder": "Variational autoencoder",
}
WORDS = {"correct": "correct", "precision": "correct", "wrong": "WRONG", "kink": "at a kink"}


def title(run: RunFolder) -> str:
    """Return what the model is."""
    return "Autoencoder" if run.trained is None else KINDS[type(run.trained.estimator).__name__]


def lead(run: RunFolder, pictures: Pictures) -> str:
    """Return what was trained on what, in a sentence."""
    if run.model is None:
        return "The model is missing."
    shapes = run.model.layout.shapes
    units = " and ".join(
        f"{shapes[name][0]} {what}"
        for name, what in (("W1", "hidden units"), ("W_mu", "latent units"))
        if len(shapes.get(name, ())) == 2
    )
    on = pictures.found.said or _source(run)
    return (
        f"{title(run)} with {units or 'parameters'}, {run.model.layout.size:,} parameters"
        + f", trained on {on}." * bool(on)
    )


def _source(run: RunFolder) -> str:
    data = {} if run.model is None else run.model.provenance.get("data")
    return str(data.get("source") or "") if isinstance(data, dict) else ""


def glance(run: RunFolder, pictures: Pictures, checked: list[Checked]) -> list[str]:
    """Return the parts of the section."""
    parts = []
    if facts := [*_facts(run, pictures), *_verdict(checked)]:
        parts.append(tiles(facts))
    parts += [paragraph(f"{name} {why}", "missing") for name, why in run.missing.items()]
    if run.unfinished:
        last = f"{run.history[-1]['iteration']:.0f}" if run.history else "?"
        said = f"The training was ended from outside: there is no {MODEL}, and this is its checkpoint after iteration "
        parts.append(paragraph(f"{said}{last}. `sae train --resume {run.path}` goes on from there.", "bad"))
    elif run.model is not None:
        stop = run.stop or "the model does not say how the training ended"
        parts.append(paragraph(f"The training: {stop}.", "bad" if stop.startswith("interrupted") else "note"))
    return [*parts, *_details(run)]


def _facts(run: RunFolder, pictures: Pictures):
    if run.history:
        last = run.history[-1]
        yield "J at the end", f"{last['cost']:.4g}", ""
        losses = [record["validation"] for record in run.history if "validation" in record]
        if losses:
            yield "validation, lowest", f"{min(losses):.4g}", ""
    if pictures.explained is not None:
        yield "variance explained", f"{pictures.explained:.1%}", ""
    if pictures.rho_hat is not None:
        target = f" of {pictures.rho:g}" if pictures.rho is not None else ""
        yield "mean activation", f"{pictures.rho_hat.mean():.3g}{target}", ""
    if run.history:
        yield "iterations", f"{run.history[-1]['iteration']:.0f}", ""


def _verdict(checked: list[Checked]):
    if checked:
        worst = min(checked, key=lambda one: one.report.ok).report
        yield "gradient", WORDS.get(worst.verdict, "can't tell"), kind(worst)


def _details(run: RunFolder) -> list[str]:
    tables = []
    if run.model is not None:
        sizes = [(name, " x ".join(map(str, shape))) for name, shape in run.model.layout.shapes.items()]
        tables.append(table(f"Parameters, {run.model.layout.size} numbers", ("symbol", "shape"), sizes, "numbers"))
    if run.history:
        first, last = run.history[0], run.history[-1]
        rows = [
            (_name(key), *(f"{r[key]:.6g}" if key in r else "" for r in (first, last))) for key in {**first, **last}
        ]
        tables.append(table("The first record and the last", ("", "start", "end"), rows, "numbers"))
    return (
        [more("All numbers of the first and the last iteration, shapes of the parameters", *tables)] if tables else []
    )


def _name(key: str) -> str:
    return {"cost": "J", "max_grad": "largest |gradient| entry"}.get(key, key)
