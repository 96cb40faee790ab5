"""The coding schedule and the moves between its grids, against loops written from the description."""

from __future__ import annotations

import pytest
import torch

from hpcm_core.models.hpcm.sampling import StepPlace, down, fill_published, pack, unpack, up
from hpcm_core.models.hpcm.schedule import (
    DESCENTS,
    DOWN_TO_1,
    DOWN_TO_2,
    FOUR,
    OFF2,
    S_2_3_3,
    S_2_3_6,
    S_2_3_12,
    S_4_STAGES,
    SCHEDULES,
)

M, H, W = 16, 8, 16


def numbered(channels, height, width):
    """A tensor in which every value names its place."""
    return torch.arange(channels * height * width, dtype=torch.float64).reshape(1, channels, height, width)


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
@pytest.mark.parametrize(("height", "width"), [(H, W), (8, 24), (24, 40), (64, 72)])
def test_every_latent_is_coded_once(schedule, height, width):
    """Multiples of 8 latents; the grid of scale 0 may be odd."""
    check_once(schedule, height, width)


@pytest.mark.parametrize("schedule", [s for s in SCHEDULES.values() if s is not S_4_STAGES], ids=lambda s: s.name)
@pytest.mark.parametrize(("height", "width"), [(4, 4), (4, 12), (20, 28), (64, 60)])
def test_without_an_eighth_multiples_of_four_do(schedule, height, width):
    check_once(schedule, height, width)


def check_once(schedule, height, width):
    """Steps as loops over their slots, coarse grids found by walking down: each latent once, all of a step's positions
    with equally many parts.
    """
    coded = torch.zeros(M, height, width, dtype=torch.int64)
    place = numbered(M, height, width).long()[0]
    for step in schedule.steps:
        grid = place.unsqueeze(0).double()
        for scale in range(2, step.scale - 1, -1):
            grid = down(grid, DESCENTS[scale])
        grid, sampling = grid[0].long(), step.sampling
        width_of_part = M // sampling.parts
        here = torch.zeros(grid.shape[1:], dtype=torch.int64)
        for part, row, column in sampling.slots:
            cells = (slice(row, None, sampling.stride), slice(column, None, sampling.stride))
            taken = grid[(slice(part * width_of_part, (part + 1) * width_of_part), *cells)]
            coded.view(-1).index_add_(0, taken.reshape(-1), torch.ones(taken.numel(), dtype=torch.int64))
            here[cells] += 1
        assert (here == sampling.depth).all()
        packed = torch.ones(1, sampling.depth * width_of_part, *grid.shape[1:])
        assert StepPlace(step).spread(packed).sum() == packed.numel()
        assert StepPlace(step).pack(place.unsqueeze(0).double()).shape == packed.shape
    assert (coded == 1).all()


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_packing_is_exact(schedule):
    """At each position `depth` parts are coded: unpacking what was packed gives back those values and zeros."""
    for step in schedule.steps:
        x = numbered(M, H, W) + 1
        packed = pack(x, step.sampling)
        assert packed.shape == (1, step.sampling.depth * M // step.sampling.parts, H, W)
        back = unpack(packed, step.sampling)
        assert torch.equal(back[back != 0], x[back != 0])
        assert (back != 0).sum() == packed.numel()


def test_steps_and_streams():
    counts = {name: [len(stage.samplings) for stage in schedule.stages] for name, schedule in SCHEDULES.items()}
    assert counts == {
        "2-3-6": [2, 3, 6],
        "2-3-3": [2, 3, 3],
        "2-3-12": [2, 3, 12],
        "4-3-6": [4, 3, 6],
        "1-stage": [2, 3, 6],
        "2-stages": [5, 6],
        "4-stages": [2, 3, 2, 6],
    }
    for schedule in SCHEDULES.values():
        assert {step.stream for step in schedule.steps} == {1, 2, 3}
        assert [step.number for step in schedule.steps] == list(range(1, len(schedule.steps) + 1))
        assert all(step.scale <= step.at for step in schedule.steps)
        steps_up = [b.at - a.at for a, b in zip(schedule.stages, schedule.stages[1:], strict=False)]
        assert set(steps_up) <= {0, 1}
        assert schedule.stages[-1].at == 3


@pytest.mark.parametrize(
    ("schedule", "cells"),
    [
        (S_2_3_6, {0: "x3x4 5162 x4x3 6251", 2: "5162 3x4x 6251 4x3x"}),
        (S_2_3_3, {0: "x2x2 3131 x2x2 3131", 2: "3131 2x2x 3131 2x2x"}),
        (S_2_3_12, {0: "x5x7 91b3 x8x6 c4a2", 1: "x6x8 a2c4 x7x5 b391", 2: "91b3 5x7x c4a2 8x6x"}),
    ],
    ids=lambda case: getattr(case, "name", None),
)
def test_steps_in_a_cell_by_hand(schedule, cells):
    """When each position of a 4x4 cell of scale 3 is coded, for channels of 16; x before it, a to c are 10 to 12."""
    for channel, wanted in cells.items():
        cell = [["x"] * 4 for _ in range(4)]
        for step in schedule.steps:
            if step.scale == 3:
                for part, row, column in step.sampling.slots:
                    if part == channel * step.sampling.parts // 16:
                        cell[row][column] = f"{step.index + 1:x}"
        assert " ".join(map("".join, cell)) == wanted


def test_going_down_by_hand():
    x = numbered(M, H, W)
    scale_2 = down(x, DOWN_TO_2)
    scale_1 = down(scale_2, DOWN_TO_1)
    for channel in range(M):
        row, column = OFF2[channel // 2]
        assert torch.equal(scale_2[0, channel], x[0, channel, row::2, column::2])
        row, column = FOUR[channel // 4]
        assert torch.equal(scale_1[0, channel], scale_2[0, channel, row::2, column::2])


def test_up_keeps_what_lies_beneath():
    x, beneath = numbered(M, H // 2, W // 2) + 1, -numbered(M, H, W) - 1
    out = up(x, DOWN_TO_2, into=beneath)
    assert torch.equal(down(out, DOWN_TO_2), x)
    assert torch.equal(out[out < 0], beneath[out < 0])
    assert (out < 0).sum() == 3 * x.numel()


def test_published_fill_walks_rows():
    """The quirk as it is told: two grids without one phase each, walked row by row and paired one to one."""
    hyper, context = numbered(M, H, W), -numbered(M, H // 2, W // 2) - 1
    source_place = ((0, 0), (1, 1), (0, 1), (1, 0), (0, 2), (1, 3), (0, 3), (1, 2))
    wanted = torch.empty_like(hyper)
    for channel in range(M):
        g = channel * 8 // M
        left_out = tuple((place - start) // 2 for place, start in zip(source_place[g], OFF2[g], strict=True))
        target = FOUR[g // 2]
        places = [(r, c) for r in range(H) for c in range(W)]
        sources = [p for p in places if (p[0] % 2, p[1] % 2) != left_out]
        targets = [p for p in places if (p[0] % 2, p[1] % 2) != target]
        for (r, c), (r0, c0) in zip(targets, sources, strict=True):
            wanted[0, channel, r, c] = hyper[0, channel, r0, c0]
        wanted[0, channel, target[0] :: 2, target[1] :: 2] = context[0, channel]
    assert torch.equal(fill_published(context, hyper), wanted)
