"""The rate-distortion loss of a batch, and the same measured with real rounding for validation."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from hpcm_core.models.trainable import TrainableFamily
from hpcm_core.training.config import TrainingConfig
from hpcm_core.transform.distortion import mixed
from hpcm_core.transform.ms_ssim import ms_ssim
from hpcm_core.transform.relaxed import Noise


class Rates(NamedTuple):
    """What is asked of each sample, B values each. q is its place in the gain tables, weight its share of the loss."""

    q: Tensor
    lmbda: Tensor
    weight: Tensor


class Terms(NamedTuple):
    """loss: a scalar to minimize. bpp: bits per pixel of z and y together, bpp_z of z alone, mse: of pixels in [0, 1],
    distortion: 255^2 mse, 1 - MS-SSIM, a mixture or the perceptual stage's; B values each.
    """

    loss: Tensor
    bpp: Tensor
    bpp_z: Tensor
    mse: Tensor
    distortion: Tensor


class RateDistortion(nn.Module):
    """The loss of a network as a module, which is what DistributedDataParallel and torch.compile take."""

    def __init__(
        self,
        family: TrainableFamily,
        network: nn.Module,
        metric: str = "mse",
        precision: str = "float32",
        ms_ssim_part: float = 0.0,
        chroma: float = 0.0,
        distortion: nn.Module | None = None,
    ) -> None:
        """distortion: what stands in the place of the metric's, if anything."""
        super().__init__()
        self.family = family
        self.network = network
        self.metric = metric
        self.ms_ssim_part = ms_ssim_part
        self.chroma = chroma
        self.distortion = distortion
        self.in_bfloat16 = precision == "bfloat16"

    def forward(self, x: Tensor, rates: Rates, noise: Noise | None = None) -> Terms:
        """x: Bx3xHxW in [0, 1], H and W as crops may have. With noise, likelihoods are those of noisy latents and
        rounding passes gradients; without, every symbol is rounded as an encoder does.
        """
        with torch.autocast(x.device.type, torch.bfloat16, enabled=self.in_bfloat16):
            x_hat, bits_y, bits_z = self.family.forward(self.network, x, rates.q, noise)
        x_hat = x_hat.to(x.dtype)
        if noise is None:
            x_hat = torch.round(255 * x_hat.clamp(0, 1)) / 255
        mse = (x_hat - x).square().mean(dim=(1, 2, 3))
        if self.distortion is not None:
            distortion = self.distortion(x_hat, x)
        elif self.metric == "mse":
            distortion = mixed(x_hat, x, self.ms_ssim_part, self.chroma)
        else:
            distortion = 1 - ms_ssim(x_hat, x)
        pixels = x.shape[2] * x.shape[3]
        bpp, bpp_z = (bits_y + bits_z) / pixels, bits_z / pixels
        loss = (rates.weight * (rates.lmbda * distortion + bpp)).mean()
        return Terms(loss, bpp.detach(), bpp_z.detach(), mse.detach(), distortion.detach())


def draw_rates(config: TrainingConfig, batch: int, generator: torch.Generator) -> Rates:
    """A rate for each sample, on the CPU.

    Variable rate: log lambda spread over its range in `batch` equal strata, one drawn in each, so that every step sees
    all rates. Weights have the mean 1 over the range.
    """
    if not config.variable_rate:
        return fixed_rates(config, 0.0, batch)
    strata = torch.randperm(batch, generator=generator, dtype=torch.float64)
    u = (strata + torch.rand(batch, generator=generator, dtype=torch.float64)) / batch
    rows = torch.tensor(config.lambdas, dtype=torch.float64).log()
    reach = (math.log(config.highest) if config.highest else rows[-1]) - rows[0]
    log_lambda = rows[0] + reach * u**config.skew
    weight = torch.exp(-config.balance * log_lambda)
    spread = torch.linspace(0, 1, 1025, dtype=torch.float64) ** config.skew
    weight = weight / torch.exp(-config.balance * (rows[0] + reach * spread)).mean()
    row = (torch.searchsorted(rows, log_lambda, right=True) - 1).clamp(0, len(rows) - 2)
    q = row + (log_lambda - rows[row]) / (rows[row + 1] - rows[row])
    return Rates(q.float(), log_lambda.exp().float(), weight.float())


def fixed_rates(config: TrainingConfig, q: float, batch: int) -> Rates:
    """Every sample at position q of the gain tables, unweighted, on the CPU. Without loss bits are all that counts, as
    bits for each of a pixel's three samples.
    """
    if config.lossless:
        return Rates(torch.zeros(batch), torch.zeros(batch), torch.full((batch,), 1 / 3))
    rows = torch.tensor(config.lambdas, dtype=torch.float64).log()
    i = max(0, min(int(q), len(rows) - 2))
    f = q - i
    log_lambda = rows[i] if len(rows) == 1 else (1 - f) * rows[i] + f * rows[i + 1]
    return Rates(torch.full((batch,), q), torch.full((batch,), float(log_lambda.exp())), torch.ones(batch))
