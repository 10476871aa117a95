"""One shape at every scale: examples in blocks, blocks in runs, runs on threads, sums in a fixed order.

A block of a few hundred examples stays in cache from one product to the next. A run is a fixed share of the blocks with
sums of its own, so that a thread (a process, a machine) works on it without waiting for the others. Runs are added up
in their order, whoever finishes first: the result depends on the size of a block and on nothing else.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from copy import copy
from functools import cache
from itertools import pairwise
from typing import Literal

import numpy as np
from threadpoolctl import ThreadpoolController

from .layout import Layout
from .maps import let_go, mapped

Order = Literal["C", "F"]
RUNS = 8  # shares of the examples; more would keep more threads busy, but each costs one addition of gradients
NARROW = 128  # units; products with a layer of fewer are another case
SHORT = 512  # examples, which make a run if there are not enough for longer ones


def default_size(n: int, n_hidden: int) -> int:
    """Return how many examples a block has, as measured: BLAS prefers many, caches few, and memory is bounded.

    OpenBLAS takes products of up to a million multiply-adds on a faster path of its own.
    """
    small = 10**6 // (n * n_hidden)
    if small < SHORT and min(n, n_hidden) < NARROW:
        return 640
    return min(2500, small if small >= SHORT else max(SHORT, 2 * 10**6 // (n + n_hidden)))


class Blocks:
    """X and target, cut up, and the two phases of an evaluation over them.

    Parameters
    ----------
    X, target : (n, m) array
        Examples as columns.
    block_size : int
    threads : int or None
        None works on the calling thread and leaves BLAS's own threads as they are.
    recompute : bool
        Compute a2 again in phase 2 instead of keeping it.
    orders : two of {"C", "F"}
        Orders in memory of a2 and of copies of X, (units, examples): unit by unit or example by example.
    """

    def __init__(self, X, target, block_size: int, threads: int | None, recompute: bool, orders: tuple[Order, Order]):
        self.orders = orders
        self.X, self.target, self.threads, self.recompute = X, target, threads, recompute
        self.block_size, self.m, self.columns = block_size, X.shape[1], None
        self.runs = _runs(self.m, block_size)
        self._maps = [file for file in {mapped(X), mapped(target)} if file]
        self._spare: list[Room] = []

    def only(self, columns) -> Blocks:
        """Return these columns alone, cut up in the same way, sharing the room."""
        other = copy(self)
        other.columns = columns if self.columns is None else self.columns[columns]
        other.m = len(columns)
        other.runs = _runs(other.m, self.block_size)
        return other

    def examples(self, some: slice) -> np.ndarray:
        """Return some of the columns of X."""
        return self.X[:, some] if self.columns is None else self.X[:, self.columns[some]]

    @contextmanager
    def at_work(self) -> Iterator[Room]:
        """Hold BLAS to one thread if blocks are on several, and lend the room for what outlives a block."""
        with nullcontext() if self.threads is None else _controller().limit(limits=1, user_api="blas"):
            room = self._take_room()
            yield room
            self._spare.append(room)

    def phase1(self, forward: Callable, n_hidden: int, dtype, room: Room):
        """Return the sum of a2 over all examples, and a2, block by block, unless it is to be computed again."""
        a2 = None if self.recompute else room("all a2", (self.m * n_hidden,), dtype)

        def one(run):
            room = self._take_room()
            sums = []
            for block in run:
                X = self._columns(self.X, block, dtype, room)
                sums.append(forward(X, self._place(a2, block, n_hidden, dtype, room)))
                self._let_go()
            self._spare.append(room)
            return sums

        sums = [block for run in _in_order(one, self.runs, self.threads) for block in run]
        return np.sum(sums, axis=0, dtype=np.result_type(dtype, np.float64)), a2

    def phase2(self, forward: Callable, backward: Callable, a2, d_rho_hat, layout: Layout, dtype, room: Room):
        """Return the sums that `backward` writes, by this layout, over all examples, and those of its values.

        They lie in `room`.
        """

        def both(X, target, block, sums, room):
            place = self._place(a2, block, d_rho_hat.size, dtype, room)
            if a2 is None:
                forward(X, place)
            return backward(X, target, place, d_rho_hat, sums, room)

        return self.add_up(both, layout, dtype, room)

    def add_up(self, page: Callable, layout: Layout, dtype, room: Room):
        """Return the sums that `page(X, target, block, sums, room)` writes, by this layout, and those of its values.

        They are over all examples and lie in `room`. `block` is the slice of examples that X and target are.
        """

        def one(run):
            room = self._take_room()
            (total, parts), (part, block_parts) = (room.sums(name, layout, dtype) for name in ("run", "block"))
            values = []
            for block in run:
                X = self._columns(self.X, block, dtype, room)
                target = X if self.target is self.X else self._columns(self.target, block, dtype, room, "target")
                values.append(page(X, target, block, block_parts if values else parts, room))
                if len(values) > 1:
                    total += part
                self._let_go()
            return total, values, room

        total, parts = room.sums("all", layout, np.result_type(dtype, np.float64))
        all_values = []
        for run_total, values, lent in _in_order(one, self.runs, self.threads):
            if all_values:
                total += run_total
            else:
                total[...] = run_total
            all_values += values
            self._spare.append(lent)
        return parts, {name: sum(values[name] for values in all_values) for name in all_values[0]}

    def _let_go(self) -> None:
        """Give the pages of a memory map back, or they would count as this process's memory."""
        for file in self._maps:
            let_go(file)

    def _take_room(self) -> Room:
        try:
            return self._spare.pop()
        except IndexError:
            return Room()

    def _columns(self, X, block: slice, dtype, room: Room, name: str = "X"):
        """Return the columns of a block, as X holds them if BLAS can read that, or else copied."""
        if self.columns is not None:
            columns = self.columns[block]
            rows = room(f"chosen {name}", (len(columns), len(X)), X.dtype)
            part = np.take(X.T, columns, axis=0, out=rows, mode="clip").T  # the other modes make a copy first
        else:
            part = X[:, block]
        in_pieces = part.itemsize not in part.strides
        return room.copy(name, part, dtype, self.orders[1]) if in_pieces or part.dtype != dtype else part

    def _place(self, a2, block: slice, n_hidden: int, dtype, room: Room):
        """Return where a2 of a block lies, (n_hidden, examples)."""
        shape = n_hidden, block.stop - block.start
        if a2 is None:
            return room("a2", shape, dtype, self.orders[0])
        return a2[block.start * n_hidden : block.stop * n_hidden].reshape(shape, order=self.orders[0])


class Room:
    """Memory by name, used again by every block: new memory would cost a page fault every 4 KiB."""

    def __init__(self):
        self._memory, self._arrays, self._parts = {}, {}, {}

    def __call__(self, name: str, shape: tuple[int, ...], dtype, order: Order = "C") -> np.ndarray:
        """Return an array; it holds whatever its last use left, of this shape or another."""
        try:
            return self._arrays[name, shape, dtype]
        except KeyError:
            memory, size = self._memory.get((name, dtype)), math.prod(shape)
            if memory is None or memory.size < size:
                self._arrays = {key: array for key, array in self._arrays.items() if (key[0], key[2]) != (name, dtype)}
                self._memory[name, dtype] = memory = None  # frees it
                self._memory[name, dtype] = memory = np.empty(size, dtype)
            return self._arrays.setdefault((name, shape, dtype), memory[:size].reshape(shape, order=order))

    def copy(self, name: str, array: np.ndarray, dtype, order: Order = "C") -> np.ndarray:
        """Return a copy."""
        copy = self(name, array.shape, dtype, order)
        copy[...] = array
        return copy

    def laid(self, name: str, array: np.ndarray, order: Order) -> np.ndarray:
        """Return the array if it lies in this order, or else a copy that does."""
        in_order = array.flags.c_contiguous if order == "C" else array.flags.f_contiguous
        return array if in_order else self.copy(name, array, array.dtype, order)

    def sums(self, name: str, layout: Layout, dtype) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return a vector and views of it by this layout."""
        flat = self(name, (layout.size,), dtype)
        if (name, dtype) not in self._parts:
            self._parts[name, dtype] = _parts(flat, layout)
        return flat, self._parts[name, dtype]


def _parts(flat, layout):
    """Return the parts of a vector, each with its longer side in one piece: BLAS writes such a matrix faster."""
    return [
        flat[part].reshape(shape[::-1]).T if shape[0] > shape[-1] else flat[part].reshape(shape)
        for part, shape in zip(layout.slices.values(), layout.shapes.values(), strict=True)
    ]


def _runs(m: int, block_size: int) -> list[list[slice]]:
    """Return the blocks of each run; runs are equal, and so are the blocks of a run, but for one example."""
    runs = _cut(0, m, min(RUNS, -(-m // min(block_size, SHORT))))
    return [_cut(run.start, run.stop, -(-(run.stop - run.start) // block_size)) for run in runs]


def _cut(start: int, stop: int, parts: int) -> list[slice]:
    edges = [start + i * (stop - start) // parts for i in range(parts + 1)]
    return [slice(*pair) for pair in pairwise(edges)]


def _in_order(function: Callable, runs: Iterable, threads: int | None) -> Iterator:
    """As `map(function, runs)`, on this many threads; no more results than threads wait to be taken."""
    if threads is None or threads == 1:
        yield from map(function, runs)
        return
    waiting = deque()
    for run in runs:
        if len(waiting) == threads:
            yield waiting.popleft().result()
        waiting.append(_pool(threads).submit(function, run))
    while waiting:
        yield waiting.popleft().result()


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="sae")


@cache
def _controller() -> ThreadpoolController:
    """Return the one controller: finding the libraries takes a millisecond, a limit then 16 microseconds."""
    return ThreadpoolController()
