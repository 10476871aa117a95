"""Files made to harm: changes to the bytes of a good file, the same in each run, and what reading may cost."""

import random
import tracemalloc
from contextlib import contextmanager

from hypothesis import HealthCheck, settings

KINDS = ["bit", "byte", "cut", "splice", "number"]


def many(n):
    """Draw as many examples; how long that takes depends on the machine, and is no failure."""
    slow = [HealthCheck.too_slow]
    return settings(max_examples=n, deadline=None, derandomize=True, database=None, suppress_health_check=slow)


def damaged(content, seed):
    """Return the bytes with one to four changes, and these.

    The changes depend on the seed alone. Hypothesis draws numbers from the source of whatever modules are loaded, so
    that its examples are others when other tests run, or another file is edited.
    """
    rng = random.Random(seed)
    changes = [(rng.choice(KINDS), rng.randrange(10**6), rng.randrange(256)) for _ in range(rng.randint(1, 4))]
    return changed(content, changes), changes


def changed(content, changes):
    content = bytearray(content)
    for kind, where, value in changes:
        at = where % (len(content) + 1)
        if kind == "cut":
            del content[at:]
        elif kind == "splice":
            content[at:at] = content[value % (len(content) + 1) :][:40]
        elif kind == "number":
            content[at : at + 4] = b"\xff" * 4
        elif at < len(content):
            content[at] = content[at] ^ (1 << value % 8) if kind == "bit" else value
    return bytes(content)


@contextmanager
def little_memory(limit):
    """Fail if what happens here takes more bytes than `limit` at any time."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < limit, f"{peak} bytes were taken; expected less than {limit}"
