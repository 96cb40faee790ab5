"""Rate and distortion over whole pictures with real rounding, by estimated bits."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from hpcm_core.picture.picture import Picture
from hpcm_core.training.config import TrainingConfig
from hpcm_core.training.loss import RateDistortion, fixed_rates

_POINTS = 10


class Point(NamedTuple):
    """Means over the pictures at one rate: bits per pixel, PSNR in dB, loss lambda D + bpp. Without loss there is
    neither lambda nor PSNR, and the loss is bits per sample.
    """

    lmbda: float | None
    bpp: float
    psnr: float | None
    loss: float


@torch.inference_mode()
def validate(network: nn.Module, pictures: list[Tensor], config: TrainingConfig) -> list[Point]:
    """One point for each lambda of the run, in float32, ten of them where there are more; one without loss.
    Pictures: 1x3xHxW in [0, 1], sides multiples of 256.
    """
    module = RateDistortion(config.family, network, config.metric)
    device = next(network.parameters()).device
    points = []
    lambdas = (None,) if config.lossless else config.lambdas
    count = min(len(lambdas), _POINTS)
    last = len(lambdas) - 1
    for row in (round(i * last / max(count - 1, 1)) for i in range(count)):
        rates = fixed_rates(config, float(row), 1)
        rates = type(rates)(*(value.to(device) for value in rates))
        terms = [module(picture.to(device), rates) for picture in pictures]
        values = torch.stack([torch.stack((t.bpp[0], -10 * torch.log10(t.mse[0]), t.loss)) for t in terms])
        bpp, psnr, loss = values.mean(dim=0).tolist()
        points.append(Point(lambdas[row], bpp, None if config.lossless else psnr, loss))
    return points


@torch.inference_mode()
def save_sample(network: nn.Module, picture: Tensor, config: TrainingConfig, path: Path) -> None:
    """A PNG of the picture and what the middle rate makes of it, side by side."""
    device = next(network.parameters()).device
    q = torch.full((1,), (len(config.lambdas) - 1) / 2, device=device)
    x_hat = config.family.forward(network, picture.to(device), q, None).x_hat
    both = torch.cat((picture, x_hat.float().cpu().clamp(0, 1)), dim=3)[0]
    pixels = (both * 255).round().permute(1, 2, 0).contiguous().numpy().astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Picture(pixels).save(path)
