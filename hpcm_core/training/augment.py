"""What a folder of photographs lacks: other colours, other tones and more grain than its own.

Photographs of one source are alike, and a model learns what they share. Whatever is drawn for a crop depends on the
seed and the crop's number alone.
"""

from __future__ import annotations

from itertools import permutations

import torch
from torch import Tensor

from hpcm_core.training.seeds import seeded
from hpcm_core.transform.ms_ssim import luma

_CHANNELS = tuple(permutations(range(3)))
_GRAIN = 5 / 255
"""Largest standard deviation of grain, of samples in [0, 1]."""


def vary(crop: Tensor, recolour: float, grain: float, seed: int, number: int) -> Tensor:
    """A crop, 3xHxW in [0, 1], changed with the probabilities `recolour` and `grain`, in steps of 1/255 as it came."""
    coloured, channels, saturation, tone, grainy, strength = torch.rand(
        6, generator=seeded("cpu", seed, "variety", number), dtype=torch.float64
    ).tolist()
    if coloured >= recolour and grainy >= grain:
        return crop
    if coloured < recolour:
        # From none of the colours to twice as much, and exponents from 1/sqrt(2) to sqrt(2).
        crop = saturate(crop[list(_CHANNELS[int(6 * channels)])], 2 * saturation).pow(2 ** (tone - 0.5))
    if grainy < grain:
        generator = seeded(crop.device, seed, "grain", number)
        common, *own = torch.randn((4, *crop.shape[1:]), generator=generator, device=crop.device)
        # Mostly of brightness, as in what cameras and scanners give; weak grain is more frequent than strong.
        crop = crop + _GRAIN * strength**2 * (0.8 * common + 0.6 * torch.stack(own))
    return crop.mul(255).round_().clamp_(0, 255).div_(255)


def saturate(crop: Tensor, factor: float) -> Tensor:
    """Distances from grey times `factor`, cut to [0, 1]: 3xHxW."""
    return torch.lerp(luma(crop), crop, factor).clamp_(0, 1)
