"""What a student's code may not do: start processes, use the network, write or read elsewhere, call into C.

An audit hook sees most of it. It is no sandbox: who can write into memory, by a forged array say, can take it away.
"""

from __future__ import annotations

import importlib
import os
import sys
from types import MethodType

# Read by importing and drawing, beside what belongs to Python.
SYSTEM = (
    *("/usr", "/lib", "/lib64", "/etc", "/System/Library", "/Library/Fonts", "/sys/devices/system/cpu"),
    *("/dev/null", "/dev/urandom", "/dev/random", "/proc/cpuinfo", "/proc/meminfo", "/proc/self/status"),
)
UNSEEN = (  # they start or signal processes, and no hook hears of it
    *(("_posixsubprocess", "fork_exec"), ("posix", "pidfd_open"), ("os", "pidfd_open")),
    *(("_signal", "pidfd_send_signal"), ("signal", "pidfd_send_signal")),
)


class RefusedError(PermissionError):
    """Something that is not allowed; `.args[0]` says what: process, network, sae, read, write, kill, ctypes, limit."""


def refused(*_, **__):
    """Stand for a function that starts a process."""
    raise RefusedError("process")


def audit(held, event, args):
    """Raise RefusedError for what is not allowed.

    `held` has all that is needed here: names could be given another meaning by the student, a tuple can't be changed.
    """
    (
        RefusedError,
        OSError_,
        str_,
        bytes_,
        int_,
        isinstance_,
        text,
        decode,
        getcwd,
        normal,
        stat,
        pid,
        folders,
        roots,
    ) = held
    if event in {"object.__getattr__", "compile", "exec", "marshal.loads", "sys._getframe", "array.__new__"}:
        return
    if event in {
        *("os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "os.exec", "os.startfile"),
        *("os.startfile/2", "subprocess.Popen", "pty.spawn", "_winapi.CreateProcess"),
    }:
        raise RefusedError("process")
    if event.startswith("socket."):
        raise RefusedError("network")
    if event in {"os.kill", "os.killpg", "signal.pthread_kill"} and (event != "os.kill" or args[0] != pid):
        raise RefusedError("kill")
    if event in {
        *("ctypes.dlopen", "ctypes.dlsym", "ctypes.dlsym/handle", "ctypes.call_function", "ctypes.cdata"),
        *("ctypes.string_at", "ctypes.wstring_at", "sqlite3.connect", "sqlite3.connect/handle"),
    }:
        raise RefusedError("ctypes")
    if event in {"resource.setrlimit", "resource.prlimit"}:
        raise RefusedError("limit")
    if event == "import":
        name = args[0]
        if name == "sae" or name.startswith("sae."):
            raise RefusedError("sae")
        if name in {"cffi", "_cffi_backend"}:
            raise RefusedError("ctypes")
        paths, writes = (args[1],), False
    elif event == "open":
        paths, writes = (args[0],), (args[2] or 0) & 0o3103  # write, read and write, create, truncate, append
    elif event in {"os.listdir", "os.scandir"}:
        paths, writes = (args[0],), False
    elif event in {"os.rename", "os.link", "os.symlink"}:
        paths, writes = (args[0], args[1]), True
    elif event in {
        *("os.remove", "os.rmdir", "os.truncate", "os.chmod", "os.chown", "os.mkdir", "os.utime", "os.chflags"),
        *("os.setxattr", "os.removexattr"),
    }:
        paths, writes = (args[0],), True
    else:
        return
    for path in paths:
        if path is None or isinstance_(path, int_):
            continue
        if isinstance_(path, bytes_):
            path = decode(path)
        if not isinstance_(path, str_):
            raise RefusedError("write" if writes else "read")
        path = text(path)
        if not path.startswith("/"):
            if "/../" in "/" + path + "/":  # it may be relative to an open folder
                raise RefusedError("write" if writes else "read")
            path = getcwd() + "/" + path
        path = normal(path)
        inside = False
        for own in folders:
            inside = inside or path == own or path.startswith(own + "/")
        if inside and event == "import":  # compiled code of the student's
            raise RefusedError("ctypes")
        if inside or path == "/dev/null":
            continue
        try:
            is_folder = stat(path).st_mode & 0o170000 == 0o040000
        except OSError_:
            is_folder = False
        if event == "os.mkdir" and is_folder:  # it fails anyway
            continue
        if writes or (event == "open" and is_folder):
            raise RefusedError("write" if writes else "read")
        readable, library = False, False
        for root in roots:
            if path == root or path.startswith(root + "/"):
                inner = "/sae/" in (path + "/").removeprefix(root).lower()
                readable, library = readable or not inner, library or inner
        if not readable:
            raise RefusedError("sae" if library else "read")


def watch(folder: str, library: str, configuration: str) -> None:
    """Refuse from now on what is not allowed to code that lives in `folder`.

    Parameters
    ----------
    folder : str
        Where it may write.
    library : str
        The folder that has the folder sae.
    configuration : str
        matplotlib's, which may be read.
    """
    for module, name in UNSEEN:
        try:
            found = importlib.import_module(module)
        except ImportError:
            continue
        if hasattr(found, name):
            setattr(found, name, refused)
    python = {sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path} - {library, "", "/"}
    roots = tuple(os.path.normpath(path) for path in (*python, *SYSTEM, configuration) if path)
    normal = getattr(os.path, "_path_normpath", os.path.normpath)
    folders = (folder, os.path.realpath(folder))
    held = (RefusedError, OSError, str, bytes, int, isinstance, str.__str__, os.fsdecode, os.getcwd, normal, os.stat)
    sys.addaudithook(MethodType(audit, (*held, os.getpid(), folders, roots)))
