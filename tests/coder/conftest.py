"""Tables for the tests of the coder: made here, so that the tests depend on nothing else of the project."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from coder import Tables


@dataclass(frozen=True)
class TableSet:
    """Tables with the numbers they were made from."""

    rows: list[list[int]]  # cumulative frequencies, 0 .. 65536
    offsets: list[int]
    tables: Tables

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return pack(self.rows, self.offsets)

    def sample(self, rng: np.random.Generator, indices: np.ndarray, escapes: float = 0.0) -> np.ndarray:
        """Symbols with the statistics of the tables, and some of any value."""
        slots = rng.integers(0, 65536, indices.shape)
        symbols = np.empty(indices.shape, np.int32)
        for t, (row, offset) in enumerate(zip(self.rows, self.offsets, strict=True)):
            chosen = indices == t
            symbols[chosen] = np.searchsorted(row, slots[chosen], side="right") - 1 + offset
        anything = rng.integers(-32767, 32768, indices.shape)
        return np.where(rng.random(indices.shape) < escapes, anything, symbols).clip(-32767, 32767).astype(np.int32)

    def cost(self, symbols: np.ndarray, indices: np.ndarray) -> float:
        """Bits of all symbols, in double precision."""
        total = 0.0
        for t, (row, offset) in enumerate(zip(self.rows, self.offsets, strict=True)):
            values, counts = np.unique(symbols[indices == t], return_counts=True)
            escape = len(row) - 2
            for value, count in zip(values.tolist(), counts.tolist(), strict=True):
                w = value - offset
                k = w if 0 <= w < escape else escape
                bits = 16 - math.log2(row[k + 1] - row[k])
                if k == escape:
                    bits += 5 + (-2 * w if w < 0 else 2 * (w - escape) + 1).bit_length() - 1
                total += count * bits
        return total


def pack(rows: list[list[int]], offsets: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    cdf = np.zeros((len(rows), max(map(len, rows))), np.int32)
    for t, row in enumerate(rows):
        cdf[t, : len(row)] = row
    return cdf, np.array([len(row) for row in rows], np.int32), np.array(offsets, np.int32)


def table_set(rows: list[list[int]], offsets: list[int]) -> TableSet:
    return TableSet(rows, offsets, Tables(*pack(rows, offsets)))


def gaussian_row(scale: float) -> tuple[list[int], int]:
    """A normal distribution on -c .. c with a tail of 1e-6 or so in the escape."""
    c = math.ceil(4.9 * scale)
    edges = [0.5 * (1 + math.erf((v - 0.5) / (scale * math.sqrt(2)))) for v in range(-c, c + 2)]
    frequencies = [max(1, round(65536 * (b - a))) for a, b in itertools.pairwise(edges)] + [1]
    frequencies[c] += 65536 - sum(frequencies)
    return [0, *np.cumsum(frequencies).tolist()], -c


@pytest.fixture(scope="session")
def make_tables() -> Callable[[list[list[int]], list[int]], TableSet]:
    return table_set


@pytest.fixture(scope="session")
def bells() -> TableSet:
    """60 tables from very narrow to wide, as a codec uses them."""
    made = [gaussian_row(s) for s in np.exp(np.linspace(math.log(0.12), math.log(64), 60))]
    return table_set([row for row, _ in made], [offset for _, offset in made])


@pytest.fixture(scope="session")
def random_tables() -> Callable[[np.random.Generator], TableSet]:
    """Makes a few tables of any shape, extreme ones among them."""

    def make(rng: np.random.Generator) -> TableSet:
        rows, offsets = [], []
        for _ in range(int(rng.integers(1, 6))):
            symbols = int(rng.choice([1, 2, 3, 10, 300, 5000]))
            weights = rng.random(symbols) ** rng.choice([0.1, 1, 30])
            frequencies = 1 + np.floor((65536 - symbols) * weights / weights.sum()).astype(np.int64)
            frequencies[rng.integers(symbols)] += 65536 - frequencies.sum()
            rows.append([0, *np.cumsum(frequencies).tolist()])
            offsets.append(int(rng.integers(-symbols, 2)))
        return table_set(rows, offsets)

    return make
