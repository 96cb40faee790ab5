"""Hierarchical coding schedules as data: which channels are coded where in each step, and where context is computed.

Scales are grids of latents: 3 has all of them, each lower one half of the height and width, down to 0.

Where the figures are from: the number of steps, and which network serves which scale, is the paper's ("Learned Image
Compression with Hierarchical Progressive Context Modeling", table 2 and supplement tables D and E). The positions of
(2, 3, 6) are those of its published code. Those of all other schedules are this project's: the paper shows them as a
picture only, and computing costs the same whichever they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from hpcm_core.models.hyperprior.slots import FOUR, Sampling, Slot, phases


@dataclass(frozen=True)
class Step:
    """One coding step. At each position of its scale's grid it codes equally many parts, so they pack into so many."""

    number: int
    """From 1."""
    scale: int
    """The grid of its symbols, 0 to 3."""
    stage: int
    """From 0."""
    index: int
    """Place of the step within its stage, from 0."""
    at: int
    """The grid on which its context is computed: `scale`, or a finer one."""
    sampling: Sampling

    @property
    def stream(self) -> int:
        """The code stream of its symbols: that of its scale; scale 0 shares scale 1's."""
        return max(1, self.scale)


@dataclass(frozen=True)
class Stage:
    """Steps that share a context, a fusion and, unless every step has its own, a context network."""

    at: int
    """The grid of context and networks; that of the stage before, or the next finer one."""
    net: int
    """Place of the network among the configuration's `nets`."""
    samplings: tuple[tuple[int, Sampling], ...]
    """Scale and sampling of each step."""


@dataclass(frozen=True)
class Schedule:
    """All steps of a model, by stage."""

    name: str
    stages: tuple[Stage, ...]

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """In coding order."""
        placed = [(i, j, stage.at, *s) for i, stage in enumerate(self.stages) for j, s in enumerate(stage.samplings)]
        return tuple(
            Step(number, scale, stage, index, at, sampling)
            for number, (stage, index, at, scale, sampling) in enumerate(placed, start=1)
        )


OFF2 = ((0, 0), (1, 1), (0, 1), (1, 0), (0, 0), (1, 1), (0, 1), (1, 0))
"""Where group g of the latents survives on the way down to scale 2."""

DOWN_TO_2 = Sampling(8, 2, tuple(Slot(g, *OFF2[g]) for g in range(8)))
DOWN_TO_1 = Sampling(4, 2, tuple(Slot(q, *FOUR[q]) for q in range(4)))
DOWN_TO_0 = DOWN_TO_1
DESCENTS = (DOWN_TO_0, DOWN_TO_1, DOWN_TO_2)
"""How latents reach scale 0, 1 and 2 from the next finer one."""

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


_Samplings = tuple[tuple[int, Sampling], ...]


def _halves(scale: int) -> _Samplings:
    """Two steps on an empty grid: a checkerboard."""
    return tuple(
        (scale, Sampling(2, 2, tuple(Slot(half, *at) for half in range(2) for at in _SCALE_1[(half + step) % 2])))
        for step in range(2)
    )


def _phases(scale: int, orders: tuple[tuple[int, ...], ...]) -> _Samplings:
    """Each quarter of the channels at one phase of a 2x2 cell a step."""
    return tuple((scale, sampling) for sampling in phases(orders))


def _phases_in_two() -> _Samplings:
    """Scale 2's three phases in two steps, three of eight parts at each position: the phase in the middle is coded
    early by the even eighths and late by the odd ones.
    """
    early: list[Slot] = []
    late: list[Slot] = []
    for eighth in range(8):
        first, middle, last = (Slot(eighth, *FOUR[order[eighth // 2]]) for order in _SCALE_2)
        early += (first, middle) if eighth % 2 == 0 else (first,)
        late += (last,) if eighth % 2 == 0 else (middle, last)
    return tuple((2, Sampling(8, 2, tuple(slots))) for slots in (early, late))


def patterns(together: int = 1) -> _Samplings:
    """Scale 3 by patterns of 4x4 cells, so many at once. Two at once are a whole phase of 2x2 cells a group and step:
    the three steps of scale 2 on pairs of groups.
    """
    return tuple(
        (
            3,
            Sampling(
                8,
                4,
                tuple(
                    Slot(g, *at)
                    for order in _SCALE_3[first : first + together]
                    for g, pattern in enumerate(order)
                    for at in _PATTERNS[pattern]
                ),
            ),
        )
        for first in range(0, len(_SCALE_3), together)
    )


def _single_positions() -> _Samplings:
    """Scale 3 in twelve steps: a pattern's two positions one after the other, in opposite order in the two halves of a
    group. The paper's twelve code one position in 16 too; which of the two comes first is a guess.
    """
    return tuple(
        (3, Sampling(16, 4, tuple(Slot(h, *_PATTERNS[order[h // 2]][(turn + h) % 2]) for h in range(16))))
        for order in _SCALE_3
        for turn in range(2)
    )


_COARSE = (Stage(1, 0, _halves(1)), Stage(2, 0, _phases(2, _SCALE_2)))

S_2_3_6 = Schedule("2-3-6", (*_COARSE, Stage(3, 1, patterns())))
"""The published models'."""
S_2_3_3 = Schedule("2-3-3", (*_COARSE, Stage(3, 1, patterns(together=2))))
"""The paper's faster one, +2.39 % BD-rate. Eight steps."""
S_2_3_12 = Schedule("2-3-12", (*_COARSE, Stage(3, 1, _single_positions())))
"""The paper's slower one, -2.55 % BD-rate. Seventeen steps; latent channels must be a multiple of 16."""
S_4_3_6 = Schedule("4-3-6", (Stage(1, 0, _phases(1, ((0, 1, 2, 3), *_SCALE_2))), *S_2_3_6.stages[1:]))
"""The paper's with more steps on the smallest scale, +0.35 % BD-rate; here the quadtree of DCVC-DC."""
S_1_STAGE = Schedule("1-stage", tuple(Stage(3, stage.net, stage.samplings) for stage in S_2_3_6.stages))
"""The paper's "without hierarchical extraction", +1.07 % BD-rate: the same symbols in the same steps, every context on
the full grid. That the context still passes a 1x1 convolution where the scale used to change is a guess that meets the
paper's operations.
"""
S_2_STAGES = Schedule("2-stages", (Stage(2, 0, (*_halves(1), *_phases(2, _SCALE_2))), Stage(3, 1, patterns())))
"""The paper's two stages, +0.35 % BD-rate. A guess: the first five steps on half the grid; 0.35 % more operations than
the paper's.
"""
S_4_STAGES = Schedule(
    "4-stages",
    (
        Stage(0, 0, _halves(0)),
        Stage(1, 0, _phases(1, _SCALE_2)),
        Stage(2, 0, _phases_in_two()),
        Stage(3, 1, patterns()),
    ),
)
"""The paper's four stages, +0.18 % BD-rate. A guess: (2, 3, 2, 6) steps, 0.12 % more operations than the paper's."""

SCHEDULES = {s.name: s for s in (S_2_3_6, S_2_3_3, S_2_3_12, S_4_3_6, S_1_STAGE, S_2_STAGES, S_4_STAGES)}
