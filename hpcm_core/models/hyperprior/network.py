"""The networks that every codec with a hyperprior has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from hpcm_core.entropy.model import Place
from hpcm_core.layers.transforms import Transform
from hpcm_core.models.hyperprior.config import HyperConfig


class Params(NamedTuple):
    """The distributions of one step's symbols, packed as `place` packs. Scales are raw: no activation, often negative;
    means are what the symbols are counted from. stream and label: as entropy.model.Request has them.
    """

    stream: int
    label: str
    place: Place
    scales: Tensor
    means: Tensor


class HyperCodec(nn.Module, ABC):
    """Transforms, gains and z. A family adds the entropy model of y.

    x: Bx3xHxW in [0, 1], H and W multiples of 64, of 256 for some. y: BxMxH/16xW/16. z: BxNxH/64xW/64. Hyper
    parameters: Bx2MxH/16xW/16, scales first.
    """

    TRANSFORMS: ClassVar[tuple[str, ...]] = ("g_a.", "g_s.", "rate_gain_")
    PREDICTS_REST: ClassVar[bool] = False
    """Whether y_hat is more than means and rounded rests, so that what codes the latents learns from pixels too."""

    def __init__(self, config: Any) -> None:
        super().__init__()
        self.config = config
        self.add_latent_model()
        n, rows = config.hyper_channels, len(config.rate_lambdas)
        self.means_hyper = nn.Parameter(torch.zeros(1, n, 1, 1))
        self.scales_hyper = nn.Parameter(torch.ones(1, n, 1, 1))
        self.g_a = Transform(config.g_a, config.partial)
        self.g_s = Transform(config.g_s, config.partial)
        self.h_a = Transform(config.h_a, config.partial)
        self.h_s = self.hyper_synthesis(config)
        if rows:
            self.rate_gain_enc = nn.Parameter(torch.zeros(rows, config.gain_channels))
            self.rate_gain_dec = nn.Parameter(torch.zeros(rows, config.gain_channels))

    @abstractmethod
    def add_latent_model(self) -> None:
        """Make the layers of the entropy model of y. First, as in the published networks: a training's random start and
        its checkpoints follow the order.
        """

    def hyper_synthesis(self, config: HyperConfig) -> nn.Module:
        """h_s: z_hat to hyper parameters."""
        return Transform(config.h_s, config.partial)

    @abstractmethod
    def steps(self, hyper: Tensor) -> Generator[Any, Tensor, Tensor]:
        """Yield each step's Params (or what has their fields) and receive its reconstructed latents, packed alike;
        return y_hat, BxMxHxW. Training, encoder and decoder all drive this one generator.
        """

    def analysis(self, x: Tensor, q: float | Tensor = 0.0) -> Tensor:
        """Pixels to the latents that are quantized: Bx3xHxW in [0, 1] -> BxMxH/16xW/16. q is the rate, one for all or B
        of them or BxH/16xW/16, ignored by fixed-rate models.
        """
        y = self.g_a(x - self.config.input_shift)
        return y if not self.config.rate_lambdas else y * gain(self.rate_gain_enc, q)

    def synthesis(self, y_hat: Tensor, q: float | Tensor = 0.0) -> Tensor:
        """Inverse of analysis: BxMxH/16xW/16 -> Bx3xHxW, not clamped."""
        if self.config.rate_lambdas:
            y_hat = y_hat * gain(self.rate_gain_dec, q)
        return self.g_s(y_hat) + self.config.input_shift


def gain(table: Tensor, q: float | Tensor) -> Tensor:
    """Gains for rate q in [0, rows - 1], interpolated in the log domain; M values shaped 1xMx1x1, or BxMx1x1 for B
    rates, or BxMxHxW for BxHxW.
    """
    if isinstance(q, Tensor):
        at = q if q.dim() == 3 else q.view(-1, 1, 1)
        rows = at.long().clamp(max=len(table) - 2)
        parts = (at - rows).unsqueeze(-1)
        return torch.exp((1 - parts) * table[rows] + parts * table[rows + 1]).permute(0, 3, 1, 2)
    row = min(int(q), len(table) - 2)
    f = q - row
    return torch.exp((1 - f) * table[row] + f * table[row + 1]).view(1, -1, 1, 1)
