"""Variants of the autoregressive model, as data. Importing this module does not import torch.

Structure after HPAC and MGCF (arXiv 2511.10991 and 2412.17464), whose code is not public: pixels are coded in groups
t = column + 2 row, those of a group at once; widths, masks and mixtures are decisions of this project.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Literal

COLOURS = 3
SLANT = 2
"""Groups that a row lies behind the one above it: at 2 a pixel knows three more of that row than lie before it."""


@dataclass(frozen=True)
class LosslessConfig:
    """One size of the model. Tiles are coded by themselves; nothing is padded."""

    stride: ClassVar[int] = 1
    units: ClassVar[tuple[int, ...]] = (1,)
    rates: ClassVar[Literal["none"]] = "none"
    rate_lambdas: ClassVar[tuple[float, ...]] = ()
    profile: ClassVar[int] = 3
    streams: ClassVar[int] = 1
    labels: ClassVar[tuple[str, ...]] = ()

    name: str
    channels: int
    """Features of a pixel (C)."""
    mixtures: int
    """Logistic distributions that a sample's is mixed of (K)."""
    hidden: int
    """Channels of the head between its two layers."""
    blocks: int = 3
    ratio: int = 2
    """Channels between the layers of a block's second half, in multiples of C."""
    kernel: int = 7
    """Side of the square around a pixel that a masked convolution reads the known part of."""
    tile: int = 256
    """Pixels a side at most."""
    order: tuple[int, int, int] = (0, 1, 2)
    """Colours in coding order, by their places in RGB; each knows those before it at its own pixel."""

    @property
    def before(self) -> tuple[int, ...]:
        """Neighbours of earlier groups, which predictions may read: how many of each row of the square around a pixel,
        from its left end; the top row first, rows without any left out. With a kernel of 7: 7, 7, 5, 3 and 1.
        """
        return self._known(0)

    @property
    def along(self) -> tuple[int, ...]:
        """The same with those of the pixel's own group, whose features hold none of its samples: 7, 7, 6, 4 and 2."""
        return self._known(1)

    @property
    def parameters(self) -> int:
        """Numbers of the head for a pixel: a weight and, for each colour, mean and scale of every component, and the
        coefficients of colours on those before them.
        """
        return self.mixtures * (1 + 2 * COLOURS + COLOURS * (COLOURS - 1) // 2)

    def _known(self, own: int) -> tuple[int, ...]:
        reach = self.kernel // 2
        counts = (min(reach - SLANT * row + own, self.kernel) for row in range(-reach, reach + 1))
        return tuple(count for count in counts if count > 0)


_SIZES = (
    LosslessConfig("lossless-xs", channels=32, mixtures=4, hidden=32),
    LosslessConfig("lossless-s", channels=64, mixtures=5, hidden=64),
    LosslessConfig("lossless-m", channels=96, mixtures=5, hidden=96),
    LosslessConfig("lossless-l", channels=128, mixtures=10, hidden=256, ratio=4),
)
CONFIGS: Mapping[str, LosslessConfig] = MappingProxyType({config.name: config for config in _SIZES})
"""31, 109, 231 and 630 thousand multiply-accumulates a pixel, and about a parameter for each of these."""
