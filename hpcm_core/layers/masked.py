"""Convolutions over what is known of a picture while its pixels are coded one after the other."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MATRIX_UNITS = frozenset({"cuda"})
"""Kinds of device that multiply matrices many times as fast as anything else."""


class MaskedConv(nn.Module):
    """A convolution that reads the known neighbours of a pixel alone: BxCxHxW -> BxC'xHxW, zeros outside.

    known: how many of each row of a square around the pixel, from the row's left end; the top row first, of which all
    are known, rows without any left out. The weights are C' x C/groups x their number, row by row, without those that a
    mask would cover. groups: 1 or C.
    """

    def __init__(self, inputs: int, outputs: int, known: Sequence[int], groups: int = 1) -> None:
        super().__init__()
        self.groups = groups
        self.known = list(known)
        self.side = max(known)
        reach = self.side // 2
        self.padding = (reach, reach, reach, len(known) - 1 - reach)
        self.weight = nn.Parameter(torch.empty(outputs, inputs // groups, sum(known)))
        self.bias = nn.Parameter(torch.zeros(outputs))
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)

    def forward(self, x: Tensor) -> Tensor:
        rows = torch.split(self.weight, self.known, dim=2)
        kernel = torch.stack([F.pad(row, (0, self.side - row.shape[2])) for row in rows], dim=2)
        groups = self.groups
        if groups > 1 and has_matrix_units(x):
            kernel, groups = across(kernel), 1
        return F.conv2d(F.pad(x, self.padding), kernel, self.bias, groups=groups)

    def neighbours(self, x: Tensor) -> Tensor:
        """What the weights multiply for each pixel of 1xCxHxW, in their order: (C known) x HW."""
        _, channels, height, width = x.shape
        blocks = F.unfold(F.pad(x, self.padding), (len(self.known), self.side))[0]
        rows = blocks.view(channels, len(self.known), self.side, height * width).unbind(dim=1)
        return torch.cat([row[:, :count] for row, count in zip(rows, self.known, strict=True)], dim=1).flatten(0, 1)


def has_matrix_units(x: Tensor) -> bool:
    """Whether x is where dense convolutions in bfloat16 are the fast ones."""
    return x.device.type in MATRIX_UNITS


def across(kernel: Tensor) -> Tensor:
    """A depthwise kernel, Cx1xHxW, as one from all channels to all, CxCxHxW, zeros between different ones.

    For units that multiply matrices this is less work, not more: the gradients of a depthwise kernel of this shape are
    many short sums there, which they cannot help with.
    """
    return kernel * torch.eye(len(kernel), dtype=kernel.dtype, device=kernel.device)[:, :, None, None]
