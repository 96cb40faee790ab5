"""HPCM: one network class for every variant."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from hpcm_core.layers.transforms import Transform
from hpcm_core.models.hpcm.config import HPCMConfig
from hpcm_core.models.hpcm.context import ContextModel


class HPCM(ContextModel):
    """The codec's networks. Parameter keys and shapes are those of the published checkpoints.

    x: Bx3xHxW in [0, 1], H and W multiples of 256. y: BxMxH/16xW/16. z: BxNxH/64xW/64. Hyper parameters:
    Bx2MxH/16xW/16.
    """

    TRANSFORMS: ClassVar[tuple[str, ...]] = ("g_a.", "g_s.", "rate_gain_")

    def __init__(self, config: HPCMConfig) -> None:
        super().__init__(config)
        m, n = config.latent_channels, config.hyper_channels
        self.means_hyper = nn.Parameter(torch.zeros(1, n, 1, 1))
        self.scales_hyper = nn.Parameter(torch.ones(1, n, 1, 1))
        self.g_a = Transform(config.g_a, config.partial)
        self.g_s = Transform(config.g_s, config.partial)
        self.h_a = Transform(config.h_a, config.partial)
        self.h_s = Transform(config.h_s, config.partial)
        if config.rate_lambdas:
            rows = len(config.rate_lambdas)
            self.rate_gain_enc = nn.Parameter(torch.zeros(rows, m))
            self.rate_gain_dec = nn.Parameter(torch.zeros(rows, m))

    def analysis(self, x: Tensor, q: float | Tensor = 0.0) -> Tensor:
        """Pixels to the latents that are quantized: Bx3xHxW in [0, 1] -> BxMxH/16xW/16. q is the rate, one for all or B
        of them, ignored by fixed-rate models.
        """
        y = self.g_a(x - self.config.input_shift)
        return y if not self.config.rate_lambdas else y * self._gain(self.rate_gain_enc, q)

    def synthesis(self, y_hat: Tensor, q: float | Tensor = 0.0) -> Tensor:
        """Inverse of analysis: BxMxH/16xW/16 -> Bx3xHxW, not clamped."""
        if self.config.rate_lambdas:
            y_hat = y_hat * self._gain(self.rate_gain_dec, q)
        return self.g_s(y_hat) + self.config.input_shift

    def _gain(self, table: Tensor, q: float | Tensor) -> Tensor:
        """Gains for rate q in [0, rows - 1], interpolated in the log domain; M values shaped 1xMx1x1, or BxMx1x1 for B
        rates.
        """
        if isinstance(q, Tensor):
            rows = q.long().clamp(max=len(table) - 2)
            parts = (q - rows).unsqueeze(1)
            return torch.exp((1 - parts) * table[rows] + parts * table[rows + 1])[:, :, None, None]
        row = min(int(q), len(table) - 2)
        f = q - row
        return torch.exp((1 - f) * table[row] + f * table[row + 1]).view(1, -1, 1, 1)
