"""The options of `sae train DATA`: what they make an estimator of, and which have an effect beside the others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .. import checks
from ..errors import SaeError, TrainingError

MODELS = {
    "sparse": "SparseAutoencoder",
    "denoising": "DenoisingAutoencoder",
    "contractive": "ContractiveAutoencoder",
    "ksparse": "KSparseAutoencoder",
    "variational": "VariationalAutoencoder",
}
MINIBATCH = ("adam", "adamw", "sgd")
PENALISED = ("sparse", "denoising")
L1_BETA = 0.03  # of digits, leaves a third of the activations above 0.1; with 3 all units die
# An estimator's parameter by the option's name; those of all models come first.
COMMON = {
    "hidden": "hidden_dim",
    "solver": "solver",
    "validation": "validation_fraction",
    "tol": "tol",
    "seed": "random_state",
}
OWN = {
    "lam": "weight_decay",
    "decoder": "output_activation",
    "loss": "loss",
    "activation": "hidden_activation",
    "penalty": "penalty",
    "beta": "beta",
    "rho": "sparsity_param",
    "corruption": "corruption",
    "corruption_level": "corruption_level",
    "contraction": "contraction",
    "kept": "k",
    "latent": "latent_dim",
    "likelihood": "likelihood",
    "iterations": "max_iter",
    "epochs": "max_iter",
    "batch_size": "batch_size",
    "learning_rate": "learning_rate",
    "schedule": "schedule",
    "clip_norm": "clip_norm",
    "patience": "n_iter_no_change",
}
READING = ("data", "header", "array", "shape", "scale", "eps", "retained")
RUNNING = ("checkpoint",)
NAMES = {*READING, *RUNNING, "model", *COMMON, *OWN}
SPELLED = {"lam": "lambda", "kept": "k"}


def spelled(name: str) -> str:
    """Return the option of a parameter of the command."""
    return "--" + SPELLED.get(name, name.replace("_", "-"))


@dataclass(frozen=True)
class Options:
    """The values by name; None is not given."""

    values: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        if name == "values":
            raise AttributeError(name)
        return self.values[name]

    def without_effect(self) -> dict[str, str]:
        """Return the options that change nothing beside the others, and why."""
        v, why = self.values, {}
        minibatches, model = v["solver"] in MINIBATCH, v["model"]
        if minibatches:
            why |= {"iterations": f"--solver {v['solver']} counts --epochs"}
        else:
            name = "L-BFGS" if v["solver"] == "lbfgs" else f"--solver {v['solver']}"
            reason = f"{name} takes all examples at once; add --solver adam"
            why |= dict.fromkeys(("epochs", "batch_size", "learning_rate", "schedule", "clip_norm"), reason)
            why["epochs"] = f"{name} counts --iterations"
        if v["solver"] != "lbfgs" and v["patience"] is None:
            why["tol"] = "it is of --solver lbfgs, and of --patience"
        if not v["validation"]:
            why["patience"] = "no examples are held out; add --validation 0.1"
        if model not in PENALISED:
            why |= dict.fromkeys(("penalty", "rho"), f"--model {model} has no such penalty")
            if model != "variational":
                why["beta"] = f"--model {model} has no such penalty"
        elif self.penalty_in_force != "kl":
            why["rho"] = f"a penalty {self.penalty_in_force} has no target; add --penalty kl"
            if self.penalty_in_force == "none":
                why["beta"] = "there is no penalty to weigh; add --penalty"
        only = {"corruption": "denoising", "corruption_level": "denoising", "contraction": "contractive"}
        only |= {"kept": "ksparse", "latent": "variational", "likelihood": "variational"}
        why |= {name: f"it is of --model {kind}" for name, kind in only.items() if model != kind}
        if model == "variational":
            why |= dict.fromkeys(("lam", "decoder", "loss"), "--model variational has no such part; see --likelihood")
        if model == "ksparse":
            why["activation"] = "--model ksparse has its own hidden units"
        scale = v["scale"].split(",")
        if not {"pca", "pca-whitening", "zca"} & set(scale):
            why["retained"] = "--scale has no principal axes"
        if not {"pca-whitening", "zca"} & set(scale):
            why["eps"] = "--scale does not whiten"
        return why

    @property
    def penalty_in_force(self) -> str:
        """The penalty, which a denoising autoencoder has only if asked for."""
        return self.values["penalty"] or ("kl" if self.values["model"] == "sparse" else "none")

    def defaults(self) -> dict[str, Any]:
        """Return values for what was not given and depends on the rest."""
        found: dict[str, Any] = {}
        model = self.values["model"]
        if model in PENALISED:
            found["penalty"] = self.penalty_in_force
            found["beta"] = {"kl": 3.0, "l1": L1_BETA, "none": None}[found["penalty"]]
        elif model == "variational":
            found["beta"] = 1.0
        return {**found, "activation": "tanh" if model == "variational" else "sigmoid"}

    def complete(self) -> Options:
        """Return the options as they are in force: what has no effect is None, what was left open is set."""
        idle = self.without_effect()
        found = {name: None if name in idle else value for name, value in self.values.items()}
        for name, value in self.defaults().items():
            if name not in idle and found[name] is None:
                found[name] = value
        return Options(found)

    def estimator(self, **more: Any) -> Any:
        """Return the untrained estimator of complete options.

        Raises
        ------
        SaeError
            If a number is out of its range, by the name of its option.
        """
        from .. import estimators

        v = self.values
        checks.one_of("--model", v["model"], MODELS)
        checks.count("--seed", v["seed"], 0)
        given = {**COMMON, **OWN}
        parameters = {given[name]: v[name] for name in given if v[name] is not None}
        if parameters.get("penalty") == "none":
            parameters["penalty"] = None
        if parameters.get("output_activation") == "linear":
            parameters["output_activation"] = "identity"
        parameters["early_stopping"] = v["patience"] is not None
        return getattr(estimators, MODELS[v["model"]])(**parameters, **more)


def in_options(message: str) -> str:
    """Return an estimator's message with the names of options in place of its parameters."""
    by_parameter = {parameter: spelled(name) for name, parameter in {**OWN, **COMMON}.items()}
    by_parameter |= {"max_iter": "--epochs or --iterations", "early_stopping": "--patience"}
    ambiguous = {"k", "loss", "beta", "penalty", "solver", "tol", "corruption", "contraction", "likelihood"}
    for parameter, option in by_parameter.items():
        if parameter in ambiguous:  # words of English, too: only as the subject
            message = re.sub(rf"^{parameter}(?= is )", option, message)
        else:
            message = re.sub(rf"(?<![-\w]){parameter}\b", option, message)
    return message


@contextmanager
def in_words_of_options() -> Iterator[None]:
    """Let errors of an estimator, scikit-learn's own too, name options; a TrainingError stays what it is."""
    try:
        yield
    except TrainingError:
        raise
    except ValueError as error:
        raise SaeError(in_options(str(error))) from error


def shape_of(text: str | None) -> tuple[int, ...] | None:
    """Return (28, 28) of "28x28"."""
    if text is None:
        return None
    if not re.fullmatch(r"[1-9]\d*(x[1-9]\d*)+", text, re.ASCII):
        raise SaeError(f"--shape is {text!r}; expected height x width, like 28x28.")
    return tuple(int(side) for side in text.split("x"))


def header_of(text: str) -> bool | str:
    """Return what `sae.data.read` takes for "auto", "yes" or "no"."""
    return {"auto": "auto", "yes": True, "no": False}[text]
