"""What is said of a submission that gives no usable answer; of a hidden test nothing that its code could have said."""

from __future__ import annotations

import builtins
import io
import re
import signal
import tokenize

from .parcel import REASONS
from .student import StudentError

SAFE = {
    *(name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)),
    *("LinAlgError", "AxisError", "DTypePromotionError", "TooHardError", "UFuncTypeError"),  # NumPy's
}
NUMPY = {"_UFuncNoLoopError": "UFuncTypeError", "_UFuncInputCastingError": "UFuncTypeError"}
TYPES = {"set", "frozenset", "function", "type", "map", "filter", "zip", "generator", "range", "bytes", "dict", "int"}
REFUSED = {
    "process": "it starts a process",
    "network": "it uses the network",
    "sae": "your code imports sae, or reads its files: write it yourself",
    "read": "it reads a file or folder outside its own folder",
    "write": "it writes, moves or removes a file outside its own folder",
    "kill": "it signals another process",
    "ctypes": "it calls into compiled code by itself",
    "limit": "it changes the limits of its process",
}
WIDTH = 100  # of a line that is shown


class Saying:
    """Makes StudentErrors about one file.

    Parameters
    ----------
    name : str
        The file's.
    source : bytes
        Its text before anything ran.
    hidden : bool
    """

    def __init__(self, name: str, source: bytes, hidden: bool):
        self.name, self.hidden = _shown(name, WIDTH), hidden
        self.text = _decoded(source)
        self.lines = re.split(r"\r\n|\r|\n", self.text)

    def raised(self, header: dict, memory: int) -> StudentError:
        """Of an exception."""
        line, kind = self._line(header.get("line")), header["kind"]
        at = self._at(line)
        if kind == "memory":
            return StudentError(
                "memory", f"{at}: it takes more than the {memory / 2**30:g} GiB of memory it may.", line
            )
        if kind == "forbidden":
            why = REFUSED.get(str(header.get("what")), "it does what is not allowed here")
            return StudentError("forbidden", f"{at}: {why}.", line)
        found = str(header.get("type"))
        found = NUMPY.get(found, found)
        if found == "NotImplementedError" and line and "raise NotImplementedError" in self.lines[line - 1]:
            part = self._function(line)
            which = f"{part} isn't" if part else "this part isn't"
            return StudentError("hole", f"{self.name}, line {line}: {which} written yet.", line)
        if found == "SystemExit":
            return StudentError("raises", f"{at}: it ends the program; expected a function that returns.", line)
        message = "" if self.hidden else _shown(str(header.get("message", "")), 300).rstrip(".")
        message = f": {message}" if message else ""
        shown = found if found in SAFE else "an exception of its own"
        return StudentError("raises", f"{at}: {shown}{message}.", line)

    def syntax(self, header: dict) -> StudentError:
        """Of a file that is no Python."""
        line = self._line(header.get("line"))
        return StudentError("raises", f"{self._at(line)}: SyntaxError: {header.get('message')}.", line)

    def timeout(self, line: int | None, limit: str) -> StudentError:
        """Of one that goes on."""
        line = self._line(line)
        return StudentError("timeout", f"{self._at(line)}: still at work after {limit}. Does a loop never end?", line)

    def crash(self, code: int | None, line: int | None) -> StudentError:
        """Of a process that ended, or sent what is no answer (code None)."""
        line = self._line(line)
        how = "it wrote into a stream that is not its own" if code is None else "does it call os._exit?"
        if not self.hidden and code is not None:
            names = {sign.value: sign.name for sign in signal.Signals}
            how = f"signal {names.get(-code, -code)}: memory used up?" if code < 0 else f"exit code {code}: {how}"
        return StudentError("crash", f"{self._at(line)}: its process ended without an answer ({how}).", line)

    def no_function(self, function: str) -> StudentError:
        """Of one that is missing."""
        others = ", ".join(re.findall(r"^def +(\w+)", self.text, re.M)[:20]) or "no function"
        return StudentError("not found", f"{self.name}: there is no function {function} in it; it has {others}.")

    def parameters(self, function: str, count: int) -> StudentError:
        """Of one that takes others."""
        found = re.search(rf"^def +{re.escape(function)} *\(([^()]{{0,{WIDTH}}})\)", self.text, re.M)
        has = f" It is written as {function}({_shown(' '.join(found[1].split()), WIDTH)})." if found else ""
        message = f"{self.name}: {function} can't be called with {count} arguments, as the handout asks.{has}"
        return StudentError("not found", message)

    def unsendable(self, function: str, header: dict) -> StudentError:
        """Of an answer that can't be judged."""
        expected = REASONS.get(str(header.get("why")), REASONS["type"])
        kind = str(header.get("type"))
        found = f" a {kind}" if kind in TYPES else " something else"
        message = f"{self.name}: {function} returns{found}; expected {expected}."
        return StudentError("answer", message)

    def _line(self, line) -> int | None:
        return line if type(line) is int and 0 < line <= len(self.lines) else None

    def _at(self, line: int | None) -> str:
        return f"{self.name}, line {line}, `{_shown(self.lines[line - 1], WIDTH)}`" if line else self.name

    def _function(self, line: int) -> str | None:
        """Return the function of a line, by its indentation."""
        depth = len(self.lines[line - 1]) - len(self.lines[line - 1].lstrip())
        for text in reversed(self.lines[: line - 1]):
            if (found := re.match(r"(\s*)def +(\w+)", text)) and len(found[1]) < depth:
                return found[2]
        return None


def _decoded(source: bytes) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        return source.decode(encoding, "replace")
    except (SyntaxError, LookupError):
        return source.decode("utf-8", "replace")


def _shown(text: str, width: int) -> str:
    text = "".join(c if c.isprintable() else " " for c in text.strip())
    return text if len(text) <= width else text[: width - 3] + "..."
