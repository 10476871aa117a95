"""What runs in the process of a submission: its file is executed, asked once for each call, and watched.

It is a script that knows nothing of this library, and is told no right answer. It says of an exception its type and
line only, unless it may say more.
"""

from __future__ import annotations

import builtins
import contextlib
import ctypes  # noqa: F401 (NumPy and SciPy want it; later it is refused)
import faulthandler
import inspect
import os
import signal
import subprocess  # noqa: F401
import sys
import time
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import numpy as np


def beside(name: str) -> ModuleType:
    """Import a file of this folder, which is no package here."""
    spec = spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module).update(AS_THEY_ARE)
    return module


# What the student patches in his process doesn't reach these.
AS_THEY_ARE = {name: value for name, value in vars(builtins).items() if not name.startswith("_")}
globals().update(AS_THEY_ARE)
parcel, refusal = beside("parcel"), beside("refusal")
default_rng, ndarray, write = np.random.default_rng, np.ndarray, os.write


def limit(seconds: float, memory: int, file_size: int, stack: int) -> None:
    """Limit computing, memory, files and processes; at a crash or a limit the stack is written."""
    os.set_inheritable(stack, False)
    faulthandler.enable(file=stack, all_threads=False)
    for sign in (signal.SIGUSR1, signal.SIGPROF, signal.SIGXCPU):
        faulthandler.register(sign, file=stack, all_threads=False, chain=sign != signal.SIGUSR1)
    import resource

    whole = int(time.process_time() + seconds) + 2
    limits = [("CORE", 0), ("AS", memory), ("FSIZE", file_size), ("NPROC", 0), ("NOFILE", 256)]
    for name, most in limits:
        with contextlib.suppress(AttributeError, ValueError, OSError):  # not every system has each
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (whole, whole + 1))
    signal.setitimer(signal.ITIMER_PROF, seconds)  # exact, but the student's to stop


def raised(error: BaseException, path: str, told: bool) -> dict:
    """Say what was raised and at which line of the student's file; its message only if it may be told."""
    line, frame = None, error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == path:
            line = frame.tb_lineno
        frame = frame.tb_next
    if isinstance(error, refusal.RefusedError):
        return {"kind": "forbidden", "line": line, "what": str(error.args[0])}
    if isinstance(error, ModuleNotFoundError) and error.name == "sae":  # its folder can't even be listed
        return {"kind": "forbidden", "line": line, "what": "sae"}
    memory = isinstance(error, MemoryError)
    name, message = type(error).__name__, ""
    if told:
        with contextlib.suppress(BaseException):
            message = str(error)[:1000]
    return {"kind": "memory" if memory else "raises", "line": line, "type": name, "message": message}


def special(node: list):
    """Make the arguments that are made where they are used."""
    kind, *rest = node
    if kind == "rng":
        return default_rng(rest[0])
    if kind == "given":
        namespace = {"np": np}
        exec(rest[1], namespace)
        return namespace[rest[0]]
    raise ValueError(kind)


def snapshot(value):
    """Return what an argument holds, to see later whether it was changed."""
    if isinstance(value, ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, list | tuple):
        return [snapshot(item) for item in value]
    return id(value)


def ask(module: ModuleType, name: str, tree: list, body: bytes) -> tuple[dict, list[bytes]]:
    """Call a function of the student's; return what it answered, and which arguments it changed."""
    function = vars(module).get(name)
    if not callable(function):
        return {"kind": "not found"}, []
    arguments = parcel.Unpacker(body, special)(tree)
    try:
        inspect.signature(function).bind(*arguments)
    except TypeError:
        return {"kind": "parameters", "count": len(arguments)}, []
    except ValueError:  # a builtin does not say
        pass
    before = [snapshot(argument) for argument in arguments]
    answer = function(*arguments)
    now = [snapshot(argument) for argument in arguments]
    changed = [k for k, (was, is_) in enumerate(zip(before, now, strict=True)) if was != is_]
    packer = parcel.Packer()
    try:
        return {"kind": "answer", "value": packer(answer), "changed": changed}, packer.chunks
    except parcel.UnsendableError as error:
        kind = type(answer).__name__ if type(answer).__name__ in vars(builtins) else ""
        return {"kind": "unsendable", "why": error.args[0], "type": error.args[1] or kind}, []


def main() -> None:
    """Execute the student's file, then answer the calls."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    parcel.send(answers, {"kind": "awake"}, [])
    if (first := parcel.receive(requests)) is None:
        return None
    settings, told = first[0], first[0]["told"]
    path, mark = settings["path"], settings["mark"].encode()

    def say(header: dict, chunks: list[bytes] = []) -> None:  # noqa: B006
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(BaseException):  # the student may have closed or replaced it
                stream.flush()
        with contextlib.suppress(OSError):
            write(2, mark)
        parcel.send(answers, header, chunks)

    # A thread of C ends this process even if its parent was killed and the student's code sleeps for ever.
    faulthandler.dump_traceback_later(settings["wall"] + 60, exit=True, file=nothing)
    try:
        code = compile(Path(path).read_bytes(), path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return say({"kind": "syntax", "line": error.lineno, "message": error.msg})
    except (ValueError, MemoryError, RecursionError) as error:  # null bytes, thousands of brackets
        return say({"kind": "syntax", "line": None, "message": str(error)})
    say({"kind": "compiled"})
    module = sys.modules["student"] = ModuleType("student")
    module.__file__ = path
    sys.path = [str(Path(path).parent), *(folder for folder in sys.path if folder != settings["library"])]
    limit(settings["seconds"], settings["memory"], settings["file_size"], settings["stack"])
    refusal.watch(str(Path(path).parent), settings["library"], settings["configuration"])
    try:
        exec(code, vars(module))
    except BaseException as error:  # SystemExit and KeyboardInterrupt of the student's too
        return say(raised(error, path, told))
    say({"kind": "ready"})
    while (request := parcel.receive(requests)) is not None:
        try:
            header, chunks = ask(module, request[0]["function"], request[0]["arguments"], request[1])
        except BaseException as error:
            header, chunks = raised(error, path, told), []
        say(header, chunks)
    return None


if __name__ == "__main__":
    main()
