"""The rate-distortion loss of a batch, and the same measured with real rounding for validation."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from hpcm_core.entropy import ggm
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.models.hpcm.sampling import down, pack
from hpcm_core.models.hpcm.schedule import DOWN_TO_1, DOWN_TO_2
from hpcm_core.training.config import TrainingConfig
from hpcm_core.training.ms_ssim import luma, ms_ssim

MS_SSIM_WEIGHT = 1333.0
"""What 1 - MS-SSIM weighs beside 255^2 MSE: the ratio of the paper's lambdas for the two, 2.4 / 0.0018 and so on."""


class Rates(NamedTuple):
    """What is asked of each sample, B values each. q is its place in the gain tables, weight its share of the loss."""

    q: Tensor
    lmbda: Tensor
    weight: Tensor


class Noise(NamedTuple):
    """Uniform noise in [-1/2, 1/2] in the shapes of z and y: quantization as a differentiable likelihood sees it."""

    z: Tensor
    y: Tensor


class Terms(NamedTuple):
    """loss: a scalar to minimize. bpp: bits per pixel of z and y together, bpp_z of z alone, mse: of pixels in [0, 1],
    distortion: 255^2 mse, 1 - MS-SSIM or a mixture; B values each.
    """

    loss: Tensor
    bpp: Tensor
    bpp_z: Tensor
    mse: Tensor
    distortion: Tensor


def straight_through_round(x: Tensor) -> Tensor:
    """Round half to even; the gradient passes as if nothing had happened."""
    return x + (torch.round(x) - x).detach()


class RateDistortion(nn.Module):
    """The loss of a network as a module, which is what DistributedDataParallel and torch.compile take."""

    def __init__(
        self, network: HPCM, metric: str = "mse", precision: str = "float32", ms_ssim_part: float = 0.0
    ) -> None:
        super().__init__()
        self.network = network
        self.metric = metric
        self.ms_ssim_part = ms_ssim_part
        self.in_bfloat16 = precision == "bfloat16"

    def forward(self, x: Tensor, rates: Rates, noise: Noise | None = None) -> Terms:
        """x: Bx3xHxW in [0, 1], H and W multiples of 256. With noise, likelihoods are those of noisy latents and
        rounding passes gradients; without, every symbol is rounded as an encoder does.
        """
        with torch.autocast(x.device.type, torch.bfloat16, enabled=self.in_bfloat16):
            x_hat, bits_y, bits_z = self.code(x, rates.q, noise)
        x_hat = x_hat.to(x.dtype)
        if noise is None:
            x_hat = torch.round(255 * x_hat.clamp(0, 1)) / 255
        mse = (x_hat - x).square().mean(dim=(1, 2, 3))
        if self.metric == "mse":
            distortion = 255**2 * mse
            if self.ms_ssim_part > 0:
                structure = 1 - ms_ssim(luma(x_hat), luma(x))
                distortion = torch.lerp(distortion, MS_SSIM_WEIGHT * structure, self.ms_ssim_part)
        else:
            distortion = 1 - ms_ssim(x_hat, x)
        pixels = x.shape[2] * x.shape[3]
        bpp, bpp_z = (bits_y + bits_z) / pixels, bits_z / pixels
        loss = (rates.weight * (rates.lmbda * distortion + bpp)).mean()
        return Terms(loss, bpp.detach(), bpp_z.detach(), mse.detach(), distortion.detach())

    def code(self, x: Tensor, q: Tensor, noise: Noise | None) -> tuple[Tensor, Tensor, Tensor]:
        """Reconstruction Bx3xHxW, not clamped, and bits of y and of z, B values each."""
        network = self.network
        # Latents are as exact as the parameters whatever the convolutions are: bfloat16 cannot tell 200 from 201.
        exact = network.means_hyper.dtype
        y = network.analysis(x, q).to(exact)
        z = network.h_a(y).to(exact) - network.means_hyper
        z_symbols, z_values = _quantize(z, noise.z if noise else None)
        bits_z = _bits(z_values, network.scales_hyper)
        steps = network.steps(network.h_s(z_symbols + network.means_hyper))

        y_of_scale = _pyramid(y if noise is None else torch.cat((y, noise.y)))
        bits_y = torch.zeros_like(bits_z)
        params = next(steps)
        while True:
            scale, sampling = params.step.scale, params.step.sampling
            means = params.means.to(exact)
            packed, *packed_noise = torch.split(pack(y_of_scale[scale], sampling), len(y))
            symbols, values = _quantize(packed - means, *packed_noise)
            bits_y = bits_y + _bits(values, params.scales.to(exact))
            try:
                params = steps.send(symbols + means)
            except StopIteration as end:
                return network.synthesis(end.args[0], q), bits_y, bits_z


def _quantize(residual: Tensor, noise: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """What the decoder gets, and the values whose likelihood counts."""
    if noise is None:
        symbols = torch.round(residual)
        return symbols, symbols
    return straight_through_round(residual), residual + noise


def _bits(values: Tensor, scales: Tensor) -> Tensor:
    """Bits of each sample of a batch."""
    return -torch.log2(ggm.likelihood(values, scales)).sum(dim=(1, 2, 3))


def _pyramid(y: Tensor) -> dict[int, Tensor]:
    """Latents, and under them in the batch their noise, on the grids of the three scales."""
    y_2 = down(y, DOWN_TO_2)
    return {1: down(y_2, DOWN_TO_1), 2: y_2, 3: y}


def draw_noise(network: HPCM, batch: int, side: int, generator: torch.Generator) -> Noise:
    """Noise for square crops of `side` pixels, on the generator's device."""
    m, n = network.config.latent_channels, network.config.hyper_channels
    shapes = ((batch, n, side // 64, side // 64), (batch, m, side // 16, side // 16))
    z, y = (torch.rand(shape, generator=generator, device=generator.device) - 0.5 for shape in shapes)
    return Noise(z, y)


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
    log_lambda = rows[0] + (rows[-1] - rows[0]) * u**config.skew
    weight = torch.exp(-config.balance * log_lambda)
    spread = torch.linspace(0, 1, 1025, dtype=torch.float64) ** config.skew
    weight = weight / torch.exp(-config.balance * (rows[0] + (rows[-1] - rows[0]) * spread)).mean()
    row = (torch.searchsorted(rows, log_lambda, right=True) - 1).clamp(0, len(rows) - 2)
    q = row + (log_lambda - rows[row]) / (rows[row + 1] - rows[row])
    return Rates(q.float(), log_lambda.exp().float(), weight.float())


def fixed_rates(config: TrainingConfig, q: float, batch: int) -> Rates:
    """Every sample at position q of the gain tables, unweighted, on the CPU."""
    rows = torch.tensor(config.lambdas, dtype=torch.float64).log()
    i = max(0, min(int(q), len(rows) - 2))
    f = q - i
    log_lambda = rows[i] if len(rows) == 1 else (1 - f) * rows[i] + f * rows[i + 1]
    return Rates(torch.full((batch,), q), torch.full((batch,), float(log_lambda.exp())), torch.ones(batch))
