"""What runs in the student's process: it needs nothing of this library, and answers in JSON and raw arrays.

A message is a line of JSON, its length before it, then arrays in NumPy's file format without pickles. It travels on
copies of the process's first two file descriptors, which are then turned away from them: what the student prints, from
Python or from C, can't disturb it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import json
import linecache
import os
import struct
import sys

import numpy as np

LENGTHS = struct.Struct(">QQ")  # of the header and of the arrays, in bytes


def send(stream, header: dict, arrays: list[np.ndarray]) -> None:
    """Write one message.

    Raises
    ------
    ValueError
        For arrays of Python objects.
    """
    body = io.BytesIO()
    for array in arrays:
        np.lib.format.write_array(body, array, allow_pickle=False)
    head = json.dumps(header).encode()
    stream.write(LENGTHS.pack(len(head), body.tell()) + head)
    stream.write(body.getbuffer())
    stream.flush()


def receive(stream) -> tuple[dict, list[np.ndarray]] | None:
    """Read one message; None where the other side has gone."""
    lengths = stream.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    size, rest = LENGTHS.unpack(lengths)
    head, body = stream.read(size), io.BytesIO(stream.read(rest))
    if len(head) < size or len(body.getbuffer()) < rest:
        return None
    arrays = []
    while body.tell() < rest:
        arrays.append(np.lib.format.read_array(body, allow_pickle=False))
    return json.loads(head), arrays


def described(value) -> tuple[dict, list[np.ndarray]]:
    """Say what a value is, and return it as an array if it is a number or an array of numbers."""
    number = isinstance(value, bool | int | float | complex)
    if number or (isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biufc"):
        with contextlib.suppress(OverflowError):
            array = np.asarray(value)
            if array.dtype.kind in "biufc":  # an int beyond 64 bits is an object
                return {"type": type(value).__name__, "array": True, "python": number}, [array]
    with contextlib.suppress(Exception):
        text = repr(value)
        return {"type": type(value).__name__, "array": False, "text": text if len(text) < 80 else text[:77] + "..."}, []
    return {"type": type(value).__name__, "array": False, "text": ""}, []


def raised(error: BaseException, path: str) -> dict:
    """Say what was raised, and at which line of the student's file."""
    place, frame = {}, error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == path:
            place = {"line": frame.tb_lineno, "source": linecache.getline(path, frame.tb_lineno).strip()}
        frame = frame.tb_next
    message = ""
    with contextlib.suppress(Exception):
        message = str(error)
    if isinstance(error, SyntaxError) and error.filename == path:
        place, message = {"line": error.lineno, "source": (error.text or "").strip()}, error.msg
    return {"kind": "raises", "type": type(error).__name__, "message": message, **place}


def load(path: str, name: str):
    """Import the student's file as the module `student`; return the function and what it is."""
    import inspect
    from importlib.machinery import SourceFileLoader
    from importlib.util import module_from_spec, spec_from_loader

    sys.path.insert(0, os.path.dirname(path))  # noqa: PTH120 (a str, as sys.path has them)
    loader = SourceFileLoader("student", path)
    spec = spec_from_loader("student", loader)
    assert spec is not None
    module = sys.modules["student"] = module_from_spec(spec)
    loader.exec_module(module)
    functions = [key for key, value in vars(module).items() if inspect.isfunction(value)]
    function = getattr(module, name, None)
    if not callable(function):
        return None, {"kind": "missing", "functions": functions, "found": type(function).__name__}
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # a builtin that does not say
        return function, {"kind": "ready", "names": [], "least": 0, "most": None}
    own = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return function, {
        "kind": "ready",
        "names": [p.name for p in own],
        "least": sum(p.default is p.empty for p in own),
        "most": None if any(p.kind is p.VAR_POSITIONAL for p in parameters) else len(own),
        "keywords": [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty],
    }


def call(function, header: dict, arrays: list[np.ndarray]) -> tuple[dict, list[np.ndarray]]:
    """Call the function; return its answer and the arguments that it changed."""
    arguments, given = [], iter(arrays)
    for argument in header["arguments"]:
        if argument["array"]:
            array = next(given)
            array.flags.writeable = argument["writeable"]
            arguments.append(array[()] if argument["scalar"] else array)
        else:
            arguments.append(argument["value"])
    before = [array.tobytes() for array in arrays]
    answer = function(*arguments)
    items = list(answer) if isinstance(answer, tuple | list) else [answer]
    parts = [described(item) for item in (items if len(items) == 2 else [])]
    changed = [k for k, array in enumerate(arrays) if array.tobytes() != before[k]]
    said = {
        "kind": "answer",
        "count": len(items) if isinstance(answer, tuple | list) else None,
        "whole": described(answer)[0],
        "items": [part for part, _ in parts],
        "changed": changed,
    }
    return said, [array for _, found in parts for array in found] + [arrays[k] for k in changed]


def guard(memory: int | None, stack: int | None) -> None:
    """Where possible: write the stack at a crash and when asked, leave no core file, keep to `memory` bytes."""
    if stack is not None:
        import signal

        os.set_inheritable(stack, False)
        faulthandler.enable(file=stack, all_threads=False)
        faulthandler.register(signal.SIGUSR1, file=stack, all_threads=False)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if memory is not None:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def main() -> None:
    """Load the function, then answer calls until the other side goes away."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    send(answers, {"kind": "awake"}, [])
    first = receive(requests)
    if first is None:
        return
    settings, _ = first
    mark, path = settings["mark"].encode(), settings["path"]
    guard(settings["memory"], settings["stack"])
    sys.path.append(settings["library"])
    function, message, arrays = None, (settings, []), []
    while message is not None:
        # A thread of C ends this process even if its parent was killed and the function loops for ever.
        faulthandler.dump_traceback_later(message[0]["orphan"], exit=True, file=nothing)
        try:
            if function is None:
                function, header = load(path, settings["name"])
            else:
                header, arrays = call(function, *message)
        except BaseException as error:  # SystemExit and KeyboardInterrupt of the student's too
            header, arrays = raised(error, path), []
        faulthandler.cancel_dump_traceback_later()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):  # the student may have closed or replaced it
                stream.flush()
        with contextlib.suppress(OSError):
            os.write(2, mark)
        send(answers, header, arrays)
        if function is None:
            return
        message = receive(requests)


if __name__ == "__main__":
    main()
