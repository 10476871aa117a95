"""Files made to harm: changes to the bytes of a good file, drawn by hypothesis, and what reading may cost."""

import tracemalloc
from contextlib import contextmanager

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

KINDS = ["bit", "byte", "cut", "splice", "number"]
CHANGES = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=4
)


def many(n):
    """Draw as many examples, the same each time; how long that takes depends on the machine, and is no failure."""
    slow = [HealthCheck.too_slow]
    return settings(max_examples=n, deadline=None, derandomize=True, database=None, suppress_health_check=slow)


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
    assert peak < limit
