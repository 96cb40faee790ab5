"""The autoregressive network: from the pixels before a pixel to the distribution of its samples."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hpcm_core.layers.blocks import SLOPE
from hpcm_core.layers.masked import MaskedConv, has_matrix_units
from hpcm_core.models.lossless.config import COLOURS, LosslessConfig
from hpcm_core.models.lossless.mixture import MIDDLE, Mixture, parted, probability

PLANES = COLOURS + 1
"""What is read of a tile: the colours, and 1 where it is."""
UNIT = 64.0
"""Levels to 1 in those planes."""


def _in_float32(x: Tensor) -> AbstractContextManager[object]:
    """Leave autocast, where there is one."""
    kind = x.device.type
    return torch.autocast(kind, enabled=False) if torch.amp.is_autocast_available(kind) else nullcontext()


def _fast_when_masked(x: Tensor) -> AbstractContextManager[object]:
    """Leave autocast but on a GPU: on a CPU the gradients of masked convolutions in bfloat16 take longer."""
    return nullcontext() if has_matrix_units(x) else _in_float32(x)


class GatedBlock(nn.Module):
    """Masked context gating, then two 1x1 layers, both residual: BxCxHxW -> BxCxHxW.

    h += W_o(m clamp(m + 3, 0, 6) W_v h) with m what a masked depthwise convolution makes of W_a h; h += W_2 act(W_1 h).
    No normalisation, which an arithmetic in integers would pay dearly for: W_o and W_2 begin at zero instead.
    """

    def __init__(self, config: LosslessConfig) -> None:
        super().__init__()
        wide = config.channels
        self.conv_a = nn.Conv2d(wide, wide, 1)
        self.context = MaskedConv(wide, wide, config.along, groups=wide)
        self.conv_v = nn.Conv2d(wide, wide, 1)
        self.conv_out = nn.Conv2d(wide, wide, 1)
        self.mlp = nn.Sequential(
            nn.Conv2d(wide, config.ratio * wide, 1),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Conv2d(config.ratio * wide, wide, 1),
        )
        for last in (self.conv_out, self.mlp[-1]):
            for parameter in last.parameters():
                nn.init.zeros_(parameter)

    def forward(self, h: Tensor) -> Tensor:
        with _fast_when_masked(h):
            m = self.context(self.conv_a(h))
        h = h + self.conv_out(6 * F.hardswish(m) * self.conv_v(h))
        return h + self.mlp(h)


class Lossless(nn.Module):
    """A linear prediction; embedding, blocks and head for what departs from it.

    Under autocast the prediction and the head compute in float32, the rest in bfloat16, on a CPU but for masked
    convolutions. Samples are exact in both.
    """

    def __init__(self, config: LosslessConfig) -> None:
        super().__init__()
        self.config = config
        self.predict = MaskedConv(PLANES, COLOURS, config.before)
        self.embed = MaskedConv(PLANES, config.channels, config.before)
        self.blocks = nn.Sequential(*(GatedBlock(config) for _ in range(config.blocks)))
        self.head = nn.Sequential(
            nn.Conv2d(config.channels, config.hidden, 1),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Conv2d(config.hidden, config.parameters, 1),
        )

    def forward(self, samples: Tensor) -> Mixture:
        """Distributions of all pixels of tiles: samples 0 to 255, Bx3xHxW in coding order."""
        planes = self.planes(samples)
        with _fast_when_masked(samples):
            h = self.embed(planes)
        h = self.blocks(h).to(samples.dtype)
        with _in_float32(samples):
            return parted(self.config, self.predict(planes), self.head(h))

    def samples(self, x: Tensor) -> Tensor:
        """Pictures Bx3xHxW in [0, 1], RGB in steps of 1/255, to samples 0 to 255 in coding order."""
        levels = torch.round(255 * x)
        # Not by an index, which would be copied to the device each time.
        return levels if self.config.order == (0, 1, 2) else torch.stack([levels[:, c] for c in self.config.order], 1)

    def planes(self, samples: Tensor) -> Tensor:
        """What prediction and embedding read."""
        x = (samples - MIDDLE) / UNIT
        return torch.cat((x, torch.ones_like(x[:, :1])), dim=1).contiguous(memory_format=torch.channels_last)

    def bits(self, x: Tensor) -> Tensor:
        """What a coder without loss would take, teacher-forced: pictures Bx3xHxW in [0, 1], in steps of 1/255, to
        bits Bx3xHxW in coding order. Tiles know nothing of each other.
        """
        samples, side = self.samples(x), self.config.tile
        rows = [
            torch.cat([self._bits_of_tile(tile) for tile in torch.split(row, side, dim=3)], dim=3)
            for row in torch.split(samples, side, dim=2)
        ]
        return torch.cat(rows, dim=2)

    def _bits_of_tile(self, samples: Tensor) -> Tensor:
        return -torch.log2(probability(self(samples), samples))
