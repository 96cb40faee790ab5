"""The hierarchical coding schedule (2, 3, 6) as data: which channels are coded where in each of the 11 steps.

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


@dataclass(frozen=True)
class Step:
    """One coding step. At each position of the scale's grid exactly one part is coded, so the parts pack into one."""

    number: int
    """1 to 11."""
    scale: int
    """1, 2 or 3: the grid is 1/4, 1/2 or all of the latents' height and width."""
    index: int
    """Place of the step within its scale, from 0."""
    sampling: Sampling


FOUR = ((0, 0), (0, 1), (1, 0), (1, 1))
"""Phases of a 2x2 cell."""

OFF2 = ((0, 0), (1, 1), (0, 1), (1, 0), (0, 0), (1, 1), (0, 1), (1, 0))
"""Where group g of the latents survives on the way down to scale 2."""

DOWN_TO_2 = Sampling(8, 2, tuple(Slot(g, *OFF2[g]) for g in range(8)))
DOWN_TO_1 = Sampling(4, 2, tuple(Slot(q, *FOUR[q]) for q in range(4)))

FILL_SOURCE_2 = tuple((0, g // 4) for g in range(8))
"""Phase of scale 2's 2x2 cell that the published fill leaves out of its source, by channel group."""

_PATTERNS = (
    ((0, 0), (2, 2)),
    ((0, 2), (2, 0)),
    ((1, 1), (3, 3)),
    ((1, 3), (3, 1)),
    ((0, 1), (2, 3)),
    ((0, 3), (2, 1)),
    ((1, 0), (3, 2)),
    ((1, 2), (3, 0)),
)
"""Scale 3: the 16 positions of a 4x4 cell as eight patterns of two."""

_SCALE_1 = (((0, 0), (1, 1)), ((0, 1), (1, 0)))
"""Scale 1: the two colours of a checkerboard; step 1 gives the first to the first half of the channels."""

_SCALE_2 = ((3, 2, 1, 0), (2, 3, 0, 1), (1, 0, 3, 2))
"""Scale 2: the phase that each quarter of the channels codes. (0, 1, 2, 3) is what scale 1 has coded."""

_SCALE_3 = (
    (2, 4, 6, 0, 3, 5, 7, 1),
    (3, 5, 7, 1, 2, 4, 6, 0),
    (4, 6, 0, 2, 5, 7, 1, 3),
    (5, 7, 1, 3, 4, 6, 0, 2),
    (6, 0, 2, 4, 7, 1, 3, 5),
    (7, 1, 3, 5, 6, 0, 2, 4),
)
"""Scale 3: the pattern that each of the eight channel groups codes."""


def _build() -> tuple[Step, ...]:
    scale_1 = [
        Sampling(2, 2, tuple(Slot(half, *at) for half in range(2) for at in _SCALE_1[(half + step) % 2]))
        for step in range(2)
    ]
    scale_2 = [Sampling(4, 2, tuple(Slot(q, *FOUR[phase]) for q, phase in enumerate(order))) for order in _SCALE_2]
    scale_3 = [
        Sampling(8, 4, tuple(Slot(g, *at) for g, pattern in enumerate(order) for at in _PATTERNS[pattern]))
        for order in _SCALE_3
    ]
    steps: list[Step] = []
    for scale, samplings in enumerate((scale_1, scale_2, scale_3), start=1):
        for index, sampling in enumerate(samplings):
            steps.append(Step(len(steps) + 1, scale, index, sampling))
    return tuple(steps)


STEPS = _build()
"""The 11 steps in coding order."""
