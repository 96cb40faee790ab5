"""Moving values between the grids of the coding schedule. Nothing is computed: values of any type arrive as they were.

A training step takes hundreds of these moves, forwards and backwards; with a copy for every slot and what autograd
makes of each, they would cost a GPU more time than the convolutions. So the frequent ones are one gather or scatter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from hpcm_core.models.hpcm.schedule import DESCENTS, DOWN_TO_1, FILL_SOURCE_2, Schedule, Step
from hpcm_core.models.hyperprior.slices import down, parts_of, up
from hpcm_core.models.hyperprior.slots import FOUR, Sampling


def pack(x: Tensor, sampling: Sampling) -> Tensor:
    """Gather a step's positions into `depth` parts, rising by number: BxCxHxW -> B x depth C/parts x H x W. Every
    position is written exactly once.
    """
    source = parts_of(x, sampling.parts)
    part = _part_of(sampling, x.shape[2], x.shape[3], x.device).expand(x.shape[0], -1, source.shape[2], -1, -1)
    return torch.gather(source, 1, part).flatten(1, 2)


def unpack(packed: Tensor, sampling: Sampling) -> Tensor:
    """Inverse of pack, zeros elsewhere: B x depth C/parts x H x W -> BxCxHxW."""
    source = parts_of(packed, sampling.depth)
    out = packed.new_zeros(packed.shape[0], sampling.parts, *source.shape[2:])
    part = _part_of(sampling, packed.shape[2], packed.shape[3], packed.device).expand(
        packed.shape[0], -1, source.shape[2], -1, -1
    )
    return out.scatter(1, part, source).flatten(1, 2)


def descend(x: Tensor, top: int, bottom: int) -> Tensor:
    """From the grid of scale `top` down to that of `bottom`."""
    for scale in range(top - 1, bottom - 1, -1):
        x = down(x, DESCENTS[scale])
    return x


def ascend(x: Tensor, bottom: int, top: int) -> Tensor:
    """Inverse of descend, zeros elsewhere."""
    for scale in range(bottom, top):
        x = up(x, DESCENTS[scale])
    return x


def _part_of(sampling: Sampling, height: int, width: int, device: torch.device) -> Tensor:
    """The parts that are coded at each position, rising: int64, depth x 1 x HxW."""
    key = (sampling, height, width, device)
    if key not in _PART_OF:
        with torch.inference_mode(False):  # or training could not use what inference has put here
            stride = sampling.stride
            parts: dict[tuple[int, int], list[int]] = {(r, c): [] for r in range(stride) for c in range(stride)}
            for part, row, column in sorted(sampling.slots):
                parts[row, column].append(part)
            cell = torch.tensor(list(parts.values()), dtype=torch.int64).T.reshape(-1, 1, stride, stride)
            cells = (-(-side // stride) for side in (height, width))  # odd sides end in half a cell
            _PART_OF[key] = cell.repeat(1, 1, *cells)[..., :height, :width].contiguous().to(device)
    return _PART_OF[key]


_PART_OF: dict[tuple[Sampling, int, int, torch.device], Tensor] = {}
"""Results of `_part_of`: one a step for each size of a tile, of which there are few."""


def prepare(schedule: Schedule, side: int, device: torch.device) -> None:
    """Make what `pack` and `unpack` read for pictures of side x side pixels. torch.compile takes what it finds made as
    it is; what it found missing it would make again in every step, and compile a second time without.
    """
    for step in schedule.steps:
        grid = side >> (7 - step.scale)
        _part_of(step.sampling, grid, grid, device)


def fill_published(context: Tensor, hyper: Tensor) -> Tensor:
    """The fill on the way to scale 2 as the published code does it, for one half (scales or means): BxMxhxw, BxMx2hx2w
    -> BxMx2hx2w.

    Positions that scale 1 has coded take `context`. The others should take `hyper` at the same place, but the
    published code reads it from the grid without phase FILL_SOURCE_2[g] and writes it to the grid without phase
    FOUR[q], both walked row by row and paired one to one. Both leave out half of one row in two, so a pair of rows
    holds the same number of values on either side, and the walk never leaves its pair of rows. Published weights were
    trained with it and need it; new models use the aligned fill.
    """
    out = torch.empty_like(hyper)
    source, target = parts_of(hyper, 8), parts_of(out, 8)
    width = hyper.shape[-1]
    for g in range(8):
        _, source_column = FILL_SOURCE_2[g]
        row, column = FOUR[g // 2]
        even, odd = source[:, g, :, 0::2, :], source[:, g, :, 1::2, :]
        walk = torch.cat((even[..., 1 - source_column :: 2], odd), dim=-1)
        if row == 0:
            target[:, g, :, 0::2, 1 - column :: 2] = walk[..., : width // 2]
            target[:, g, :, 1::2, :] = walk[..., width // 2 :]
        else:
            target[:, g, :, 0::2, :] = walk[..., :width]
            target[:, g, :, 1::2, 1 - column :: 2] = walk[..., width:]
    return up(context, DOWN_TO_1, into=out)


@dataclass(frozen=True)
class StepPlace:
    """Where a step's symbols stand among the latents of the finest grid: entropy.model.Place."""

    step: Step

    def pack(self, y: Tensor) -> Tensor:
        """BxMxhxw -> B x depth M/parts on the grid of the step's scale."""
        return pack(descend(y, 3, self.step.scale), self.step.sampling)

    def spread(self, bits: Tensor) -> Tensor:
        """1 x depth M/parts on the grid of the step's scale -> hxw, summed over channels."""
        return self.planes(bits).sum(dim=0)

    def planes(self, values: Tensor) -> Tensor:
        """1 x depth M/parts on the grid of the step's scale -> Mxhxw."""
        return ascend(unpack(values, self.step.sampling), self.step.scale, 3)[0]


def halves(function: Callable[..., Tensor], *tensors: Tensor) -> Tensor:
    """Apply `function` to the scales half and the means half of 2M-channel tensors, each with its own groups; Bx2M…
    -> Bx2M….
    """
    pairs = [tensor.chunk(2, dim=1) for tensor in tensors]
    return torch.cat([function(*(pair[half] for pair in pairs)) for half in (0, 1)], dim=1)
