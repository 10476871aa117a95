"""The command line in this process, and in one of its own."""

import os
import subprocess
import sys

from typer.testing import CliRunner

from sae.cli import app

PLAIN = {"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}


def call(*arguments, code=0, stdin=None):
    """Run a command; anything but the exit code expected, and any exception, is a failure."""
    result = CliRunner(env=PLAIN).invoke(app, [str(a) for a in arguments], input=stdin)
    assert result.exit_code == code, result.output + repr(result.exception)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result


def said(result):
    """Return what was said besides the result, in one line without frames."""
    return " ".join(result.stderr.translate(dict.fromkeys(map(ord, "│╭╮╰╯─"), " ")).split())


def refused(*arguments, stdin=None):
    """Run a command that says one error, prints no result and ends with exit code 2; return the error."""
    result = call(*arguments, code=2, stdin=stdin)
    assert not result.stdout
    assert said(result).count("Error") == 1
    return said(result)


def start(*arguments, **options):
    """Start a command in a process of its own."""
    environment = {**os.environ, **PLAIN}
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "sae", *map(str, arguments)]
    return subprocess.Popen(command, **{"env": environment, "stdout": pipe, "stderr": pipe, "text": True, **options})
