"""The coding schedule and the moves between its grids, against loops written from the description."""

from __future__ import annotations

import pytest
import torch

from hpcm_core.models.hpcm.sampling import down, fill_published, pack, unpack, up
from hpcm_core.models.hpcm.schedule import DOWN_TO_1, DOWN_TO_2, FOUR, OFF2, STEPS

M, H, W = 16, 8, 16


def numbered(channels, height, width):
    """A tensor in which every value names its place."""
    return torch.arange(channels * height * width, dtype=torch.float64).reshape(1, channels, height, width)


def to_full_resolution(x, scale):
    if scale == 1:
        x = up(x, DOWN_TO_1)
    return up(x, DOWN_TO_2) if scale < 3 else x


@pytest.mark.parametrize(("height", "width"), [(H, W), (4, 4), (4, 12), (20, 28), (64, 60)])
def test_every_latent_is_coded_once(height, width):
    """Multiples of 4 latents; the grid of scale 1 may be odd."""
    coded = torch.zeros(1, M, height, width)
    for step in STEPS:
        shrink = {1: 4, 2: 2, 3: 1}[step.scale]
        packed = torch.ones(1, M // step.sampling.parts, height // shrink, width // shrink)
        coded += to_full_resolution(unpack(packed, step.sampling), step.scale)
    assert torch.equal(coded, torch.ones_like(coded))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"step{step.number}")
def test_packing_is_exact(step):
    """At each position exactly one part is coded: unpacking what was packed gives back those values and zeros."""
    x = numbered(M, H, W) + 1
    packed = pack(x, step.sampling)
    assert packed.shape == (1, M // step.sampling.parts, H, W)
    back = unpack(packed, step.sampling)
    assert torch.equal(back[back != 0], x[back != 0])
    assert (back != 0).sum() == packed.numel()


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
