"""--config: a flat TOML file of options by their own names, read as defaults and written beside each result.

A relative path in it is taken from the folder of the file; what is written is absolute. Either repeats a run anywhere.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from pathlib import Path
from typing import Any

import typer

from .. import __version__
from ..errors import SaeError
from ..files import writing

APART = ("config", "resume", "overwrite", "out", "help")  # where and how, not what: never in a file
PATHS = ("data",)
PLAIN_TYPES = (str, int, float)


def option_names(command: Any) -> dict[str, str]:
    """Return the parameter's name for each option's: {"batch-size": "batch_size", "lambda": "lam", ...}."""
    names = {}
    for parameter in command.params:
        if parameter.name not in APART:
            option = next((o for o in parameter.opts if o.startswith("--")), parameter.name)
            names[option.removeprefix("--").lower()] = parameter.name
    return names


def use(context: typer.Context, path: Path | None) -> Path | None:
    """Let a file's values be the defaults of the options; what is given on the command line counts more."""
    if path is None:
        return None
    names, values = option_names(context.command), read(path)
    for key, value in values.items():
        if key not in names:
            close = difflib.get_close_matches(key, names, 1)
            hint = f"did you mean {close[0]!r}?" if close else "see sae train --help."
            raise SaeError(f"{path} sets {key!r}, which is no option; {hint}")
        flag = any(p.name == names[key] and getattr(p, "is_flag", False) for p in context.command.params)
        values[key] = _as_typed(value, path, key, flag)
        if key in PATHS and values[key] != "-":
            values[key] = str(path.parent / values[key])
    context.default_map = {names[key]: value for key, value in values.items()}
    return path


def read(path: Path) -> dict[str, Any]:
    """Return the values of a TOML file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SaeError(f"can't read {path}: {error.strerror}. Is it there, and may you read it?") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SaeError(f"{path} is no TOML ({error}); expected lines like hidden = 64.") from error


def _as_typed(value: Any, path: Path, key: str, flag: bool) -> Any:
    """Return the value as it would be typed, so that 64.5 is no whole number here either."""
    if flag and isinstance(value, bool):
        return value
    if not flag and type(value) in PLAIN_TYPES:
        return str(value)
    if not flag and isinstance(value, list) and all(type(v) in PLAIN_TYPES for v in value):
        return [str(v) for v in value]
    expected = "true or false" if flag else "a text, a number or a list of numbers"
    raise SaeError(f"{path} sets {key} to {value!r}; expected {expected}.")


def source_of(context: typer.Context, name: str) -> str:
    """Return where the parameter's value is from: "COMMANDLINE", "DEFAULT_MAP" (a file) or "DEFAULT"."""
    source = context.get_parameter_source(name)
    return "DEFAULT" if source is None else source.name


def effective(context: typer.Context, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values in force by their options' names, in the order of the options; None is left out."""
    found = {option: values.get(name) for option, name in option_names(context.command).items()}
    found = {o: list(v) if isinstance(v, tuple) else v for o, v in found.items() if v is not None}
    absolute = {o: str(Path(str(found[o])).absolute()) for o in PATHS if found.get(o, "-") != "-"}
    return found | absolute


def write(path: Path, values: dict[str, Any]) -> None:
    """Write the values as TOML."""
    lines = [f"# sae {__version__}: `sae train --config {path.name}` repeats this run", ""]
    lines += [f"{key} = {_toml(value)}" for key, value in values.items()]
    with writing(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
