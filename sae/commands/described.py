"""What `sae info MODEL` says of a model."""

from __future__ import annotations

from pathlib import Path

from .. import model_file


def about(path: Path) -> dict[str, str]:
    """Return facts by name, from the file alone."""
    model = model_file.load(path / "model.safetensors" if path.is_dir() else path)
    shapes = ", ".join(f"{name} {' x '.join(map(str, shape))}" for name, shape in model.layout.shapes.items())
    hyper = model.hyperparameters or model.about.get("settings", {})
    facts = {
        "parameters": f"{model.layout.size}: {shapes}",
        "estimator": str(hyper.get("estimator", "sparse autoencoder of photographs" if hyper else "not said")),
        "hyperparameters": ", ".join(f"{k} {v}" for k, v in hyper.items() if k != "estimator") or "not said",
        "preprocessing": ", then ".join(_step(step) for step in model.preprocessing) or "none in the file",
    }
    if "checkpoint" in model.about:
        history = model.about["checkpoint"]["history"]
        facts["checkpoint"] = f"after iteration {history[-1]['iteration']}, J {history[-1]['cost']:.6f}"
    if model.about.get("stop_reason") or model.about.get("message"):
        facts["stop"] = str(model.about.get("stop_reason") or model.about.get("message"))
    data = model.provenance.get("data") or {}
    facts |= {name: str(data[name]) for name in ("source", "sha256") if name in data}
    command = model.provenance.get("command") or model.about.get("command")
    if command:
        facts["command"] = command if isinstance(command, str) else " ".join(command)
    versions = model.provenance.get("versions") or {}
    if versions:
        facts["versions"] = ", ".join(f"{name} {number}" for name, number in versions.items())
    if model.feature_names:
        names = model.feature_names
        facts["features"] = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
    return facts


def _step(step: dict) -> str:
    if "parameters" in step:
        settings = ", ".join(f"{name}={value}" for name, value in step["parameters"].items() if value is not None)
        return f"{step['class']}({settings})"
    return f"{step['class']}({', '.join(f'{k}={v}' for k, v in step.items() if k != 'class')})"
