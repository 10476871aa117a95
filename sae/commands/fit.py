"""`sae train DATA`: read, preprocess, train with the estimator that the options ask for, write."""

from __future__ import annotations

import csv
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import typer
from threadpoolctl import threadpool_limits

from .. import data as tables
from .. import model_file, plots
from ..checkpoint import Resumed
from ..errors import SaeError, TrainingError
from ..estimators import files
from ..files import writing
from . import config, frame, going_on, pictures, steps
from .going_on import CONFIG
from .options import Options, header_of, in_options, in_words_of_options, shape_of, spelled

MODEL, HISTORY = "model.safetensors", "history.csv"


MAY_CHANGE = ("max_iter", "tol", "n_iter_no_change", "learning_rate", "clip_norm", "schedule")


def _mapped(estimator: Any, rows: np.ndarray) -> list[str]:
    """Say so if the decoder does not reach the values, and what is done about it."""
    s = estimator._scaling(rows, estimator._trained_rows(len(rows)))
    if s.is_identity:
        return []
    _, unit = estimator._reach()
    return [
        f"values go from {s.low:g} to {s.high:g}, and {unit} output units only from {s.a:g} to {s.b:g}: all are mapped "
        "there by one map, which the model holds and undoes"
    ]


@dataclass
class Training:
    """A training in a folder: new, or going on from the checkpoint there."""

    options: Options
    folder: Path
    written: dict[str, Any]  # what config.toml says
    resume: bool = False
    data: Any = None
    interrupted: bool = False
    failure: TrainingError | None = None

    def run(self) -> None:
        """Do it all; Ctrl-C, and a training that can't go on, write the best so far."""
        log, o = frame.log(), self.options
        after = going_on.begin(self.folder, self.resume)
        self.data = tables.read(o.data, header=header_of(o.header), name=o.array, shape=shape_of(o.shape))
        log.print(self.data.source, soft_wrap=True)
        estimator, pipeline = o.estimator(), steps.build(o.scale, 1e-5 if o.eps is None else o.eps, o.retained)
        with in_words_of_options():
            estimator._settings()
            trained = estimator._trained_rows(self.data.X.shape[1])
        rows, notes = steps.fit(pipeline, self.data.X.T, self.data.names, trained)
        frame.notes((*self.data.notes, *notes))
        with self._interruptible(), frame.announced_compilation(log), threadpool_limits(1, user_api="blas"):
            described = self._train(estimator, rows, pipeline, after, log)
        history = self._history(estimator)
        paths = self._write(estimator, described, history, rows)
        self._summary(estimator, history, rows, paths)
        if self.failure is not None:
            raise SaeError(in_options(str(self.failure)))
        if self.interrupted:
            raise typer.Exit(frame.INTERRUPTED)

    def _train(self, estimator, rows: np.ndarray, pipeline, after: Resumed | None, log) -> dict[str, Any]:
        """Train the estimator; return what is to be said of it."""
        from ..progress import TrainingProgress

        with in_words_of_options():
            described = files.description(estimator, pipeline, rows)
            frame.notes(_mapped(estimator, rows))
            layout = files.layout_of(estimator, rows.shape[1])
        if after is not None:
            self._same_training(after, described)
        words = {**described, "provenance": self._provenance(), "feature_names": self.data.names}
        every = self.options.checkpoint
        try:
            with in_words_of_options(), TrainingProgress(log, estimator.max_iter) as progress:
                estimator.callback = going_on.checkpointing(self.folder, layout, every, self.written, progress, **words)
                estimator._fit(rows, after)
        except TrainingError as error:
            self.failure = error
        except KeyboardInterrupt:
            if not hasattr(estimator, "n_iter_"):
                raise
        if self.failure is not None and not hasattr(estimator, "n_iter_"):  # nothing was reached
            raise SaeError(in_options(str(self.failure))) from self.failure
        return described

    def _same_training(self, after: Resumed, described: dict[str, Any]) -> None:
        before = after.model
        if (before.provenance.get("data") or {}).get("sha256") != self.data.digest:
            raise SaeError(f"{self.options.data} is not what the training to resume began with: its SHA-256 differs.")
        going_on.same(before.hyperparameters, described["hyperparameters"], MAY_CHANGE, lambda name: name)
        scales = [[step["class"], step.get("parameters")] for step in before.preprocessing]
        now = [[step["class"], step.get("parameters")] for step in described["preprocessing"]]
        going_on.same({"scale": scales}, {"scale": now}, (), spelled)

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        def interrupt(*_):
            self.interrupted = True
            frame.interrupt_once()

        before = signal.signal(signal.SIGINT, interrupt)
        try:
            yield
        except KeyboardInterrupt:
            frame.log().print("Interrupted before the training began: nothing was written.")
            raise typer.Exit(frame.INTERRUPTED) from None
        finally:
            if not self.interrupted:  # else a second Ctrl-C is ignored until all is written
                signal.signal(signal.SIGINT, before)

    def _provenance(self) -> dict[str, Any]:
        command = ["sae", *sys.argv[1:]]
        return model_file.provenance(seed=self.options.seed, data=self.data, command=command)

    def _history(self, estimator) -> list[dict[str, Any]]:
        return files.with_validation(estimator)

    def _write(self, estimator, described, history, rows) -> list[Path]:
        names = self.data.names
        words = {"provenance": self._provenance(), "feature_names": names, "history": history}
        files.save(self.folder / MODEL, estimator, described, **words)
        config.write(self.folder / CONFIG, self.written)
        with writing(self.folder / HISTORY) as temporary, temporary.open("w", newline="") as file:
            table = csv.DictWriter(file, max(history, key=len), restval="")
            table.writeheader()
            table.writerows(history)
        paths = [self.folder / name for name in (MODEL, CONFIG, HISTORY)]
        for name, figure in self._figures(estimator, history, rows).items():
            paths += frame.save_figure(figure, self.folder / name)
        return paths

    def _figures(self, estimator, history, rows) -> dict[str, Any]:
        found = {"history": plots.plot_history([{k: v for k, v in r.items() if v != ""} for r in history])}
        if hasattr(estimator, "rho_hat_"):
            found["activations"] = plots.plot_activations(estimator.rho_hat_, pictures.target(estimator))
        shape = self.data.shape
        if shape is not None and len(shape) == 2 and np.prod(shape) == rows.shape[1]:
            found["filters"] = plots.plot_filters(estimator.W1_, shape=shape)
            shown = rows[np.random.default_rng(self.options.seed).permutation(len(rows))[:32]]
            found["reconstructions"] = plots.plot_reconstructions(shown.T, estimator.reconstruct(shown).T, shape=shape)
        return found

    def _summary(self, estimator, history, rows, paths) -> None:
        from ..progress import PatientConsole

        last = history[-1]
        facts = {"J": f"{last['cost']:.6f}"}
        if "validation" in last:
            losses = [record["validation"] for record in history if "validation" in record]
            facts["validation"] = (
                f"{losses[-1]:.6f} at the end, {min(losses):.6f} at its lowest (loss without penalties)"
            )
        error, spread = -estimator.score(rows), rows.var(axis=0).mean()
        explained = f", {1 - error / spread:.1%} of the variance explained" if spread else ""
        facts["error"] = f"{error:.6g} mean squared, of the data as preprocessed{explained}"
        if hasattr(estimator, "rho_hat_"):
            r = estimator.rho_hat_
            facts["rho_hat"] = f"mean {r.mean():.4g}, from {r.min():.4g} to {r.max():.4g}"
        facts["stop"] = estimator.stop_reason_
        facts["written to"] = f"{self.folder}/"
        facts[""] = ", ".join(path.name for path in paths)
        PatientConsole(highlight=False).print(frame.facts_table("", facts))
