"""Which parts of the channels are coded where, as data.

Positions come as slots. A slot says: part `part` of the channels, at rows `row`, `row + stride`, … and columns
`column`, `column + stride`, …. Slicing with strides is all that sampling needs: there are no masks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Slot(NamedTuple):
    """Channels of one part on one strided sub-grid."""

    part: int
    row: int
    column: int


@dataclass(frozen=True)
class Sampling:
    """A way to read or write a tensor: `parts` equal channel parts, each on its sub-grids of the given stride."""

    parts: int
    stride: int
    slots: tuple[Slot, ...]

    @property
    def depth(self) -> int:
        """Parts at each position of the grid, where all have the same number: a step packs into so many parts."""
        return len(self.slots) // self.stride**2


FOUR = ((0, 0), (0, 1), (1, 0), (1, 1))
"""Phases of a 2x2 cell."""


def phases(orders: tuple[tuple[int, ...], ...]) -> tuple[Sampling, ...]:
    """A step for each order: quarter q of the channels at phase order[q] of a 2x2 cell."""
    return tuple(Sampling(4, 2, tuple(Slot(q, *FOUR[phase]) for q, phase in enumerate(order))) for order in orders)
