"""What the shell completes, in bash itself and by the protocols of zsh and fish; and help that teaches."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sae.cli import app
from sae.commands import steps
from sae.commands.train import SCALES
from tests.command_line import PLAIN, call

NAMES = [(command.name or command.callback.__name__).replace("_", "-") for command in app.registered_commands]
LINES = {
    "sae tr": {"train"},
    "sae ": set(NAMES),
    "sae train --sol": {"--solver"},
    "sae train --solver ": {"lbfgs", "adam", "sgd"},
    "sae train x.csv --model k": {"ksparse"},
    "sae train --scale mean,p": {"mean,patches", "mean,pca", "mean,pca-whitening"},
    "sae train --config nowhere.toml --pen": {"--penalty"},
    "sae train --resume nowhere --pen": {"--penalty"},
    "sae encode --he": {"--header", "--help"},
    "sae compare --study d": {"dictionary", "denoising"},
}


def completed(shell, line):
    """Return what typer answers the completion script of a shell."""
    words = {"bash": {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}}
    more = words.get(shell, {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"})
    runner = CliRunner(env={**PLAIN, "_SAE_COMPLETE": f"complete_{shell}", **more})
    result = runner.invoke(app, prog_name="sae")
    assert not result.stderr
    if shell == "zsh":  # a list of "name":"help", with _arguments around it
        return set(re.findall(r'^ *(?:_arguments .*\(\()?"([^"]+)":"', result.stdout, re.MULTILINE)) or set(
            re.findall(r'"([^"]+)"', result.stdout)
        )
    return {line.split("\t")[0] for line in result.stdout.splitlines() if line and not line.startswith(" ")}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize("line", LINES)
def test_what_is_completed(shell, line):
    found = completed(shell, line)
    assert LINES[line] <= found
    if not line.endswith(" "):
        start = line.split(" ")[-1]
        assert all(name.startswith(start) for name in found)


def test_the_scales_offered_are_those_there_are():
    assert ["none", *steps.NAMES] == list(SCALES)


def in_a_process(*arguments, **environment):
    """Run `python -m sae`, which must complete as `sae`, its own name being no command."""
    variables = {**os.environ, **PLAIN, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1", **environment}
    command = [sys.executable, "-m", "sae", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=variables, check=True).stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_installed_and_shown(shell, tmp_path):
    shown = in_a_process("--show-completion", shell)
    assert "_SAE_COMPLETE=complete_" + shell in shown
    assert "python" not in shown
    in_a_process("--install-completion", shell, HOME=str(tmp_path))
    written = {path.relative_to(tmp_path): path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    place = {"bash": ".bash_completions/sae.sh", "zsh": ".zfunc/_sae", "fish": ".config/fish/completions/sae.fish"}
    assert written[Path(place[shell])].split() == shown.split()
    if shell != "fish":  # which looks there by itself
        assert place[shell].split("/")[0] in written[Path(f".{shell}rc")]


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
def test_bash_itself_completes(tmp_path):
    (tmp_path / "sae").write_text(f'#!/bin/sh\nexec {sys.executable} -m sae "$@"\n')
    (tmp_path / "sae").chmod(0o755)
    (tmp_path / "completion").write_text(in_a_process("--show-completion", "bash"))
    program = (
        "source completion\ncomplete -p sae\n"
        'COMP_WORDS=(sae tr) COMP_CWORD=1; _sae_completion sae; echo "${COMPREPLY[@]}"\n'
        'COMP_WORDS=(sae train --solver "") COMP_CWORD=3; _sae_completion sae; echo "${COMPREPLY[@]}"\n'
    )
    path = f"{tmp_path}:{os.environ['PATH']}"
    root = str(Path(__file__).parents[1])
    environment = {**os.environ, **PLAIN, "PATH": path, "PYTHONPATH": root}
    done = subprocess.run(["bash", "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        "complete -o default -F _sae_completion sae",
        "train",
        "lbfgs cg bfgs newton-cg adam adamw sgd",
    ], done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_help_teaches(name):
    shown = call(name, "--help").stdout
    assert re.search("Examples?:", shown)
    examples = re.findall(r"sae [\w-]+[^`\n]*", shown.partition("Example")[2])
    assert any(example.startswith(f"sae {name}") for example in examples)
    for example in examples:
        command = example.split()[1]
        assert command in NAMES
        known = call(command, "--help").stdout.partition("Options")[2] if command != name else shown
        for option in re.findall(r"(?<=\s)--[a-z][\w-]*", example.partition("  ")[0]):
            assert re.search(rf"[│/ ]{option}\b", known), f"{example} has {option}"
