"""An evaluation takes a2 and blocks beside X and theta. Processes that measure themselves; each test can fail."""

import sys
from functools import cache

import pytest

from tests.benchmarks import memory

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc/self/status")

WIDE = memory.Job(784, 16, 30_000)  # X takes 179 MiB, the floor is 68 MiB
FILE = memory.Job(784, 64, 150_000, dtype="float32", mapped=True, recompute=True)  # 449 MiB, a2 37 MiB

COPIES = "import numpy, sae.checks\nsae.checks.matrix = lambda X, *name, **image: numpy.array(X)"
HOLDS = "from sae.blocks import Blocks\nBlocks._let_go = lambda self: None"
NO_MARK = "from tests.benchmarks import memory\nmemory.put_back = lambda: False"
run = cache(memory.run)


def peak(job, *before):
    return max(rise["VmHWM"] for rise in run(job, *before).values())


@pytest.mark.parametrize(("engine", "threads"), [("numba", 1), ("numba", 2), ("numpy", 1)])
def test_an_evaluation_stays_below_its_floor(engine, threads):
    assert WIDE.a2 <= peak(WIDE._replace(engine=engine, threads=threads)) < memory.floor(WIDE) < WIDE.X


@pytest.mark.parametrize("before", ["", NO_MARK], ids=["the kernel's mark", "a thread that looks"])
def test_all_examples_at_once_exceed_the_floor(before):
    assert peak(WIDE._replace(engine="student"), before) > 2 * memory.floor(WIDE)


@pytest.mark.parametrize(("x", "order"), [("float64", "F"), ("float64", "C"), ("float32", "F"), ("float32", "C")])
def test_X_is_not_copied(x, order):
    job = WIDE._replace(x=x, order=order)
    assert peak(job) < job.X / 2


def test_a_copy_of_X_would_be_noticed():
    assert peak(WIDE, COPIES) > WIDE.X


def test_an_evaluation_gives_the_pages_of_a_memory_map_back():
    assert run(FILE)["second"]["VmHWM"] < FILE.X / 8
    assert run(FILE, HOLDS)["second"]["VmHWM"] > FILE.X


def test_making_the_objective_gives_the_pages_of_a_memory_map_back():
    assert peak(FILE) < FILE.X / 8


def test_computing_a2_again_takes_blocks_alone():
    assert run(FILE)["second"]["RssAnon"] < FILE.a2 / 2
    assert run(FILE._replace(recompute=False))["second"]["RssAnon"] >= FILE.a2
