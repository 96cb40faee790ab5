"""What a folder of photographs lacks: other colours and tones, more grain than its own, colours kept at half the side.

Photographs of one source are alike, and a model learns what they share. Whatever is drawn for a crop depends on the
seed and the crop's number alone.
"""

from __future__ import annotations

from itertools import permutations

import torch
from torch import Tensor
from torch.nn import functional as F

from hpcm_core.training.seeds import seeded
from hpcm_core.transform.ms_ssim import luma

_CHANNELS = tuple(permutations(range(3)))
_GRAIN = 5 / 255
"""Largest standard deviation of grain, of samples in [0, 1]."""


def vary(crop: Tensor, recolour: float, grain: float, seed: int, number: int, half_colour: float = 0.0) -> Tensor:
    """A crop, 3xHxW in [0, 1], changed with the probabilities `recolour`, `grain` and `half_colour`, in steps of 1/255
    as it came.
    """
    coloured, channels, saturation, tone, grainy, strength = torch.rand(
        6, generator=seeded("cpu", seed, "variety", number), dtype=torch.float64
    ).tolist()
    halved, down, right, whole = torch.rand(
        4, generator=seeded("cpu", seed, "half colour", number), dtype=torch.float64
    ).tolist()
    if coloured >= recolour and grainy >= grain and halved >= half_colour:
        return crop
    if coloured < recolour:
        # From none of the colours to twice as much, and exponents from 1/sqrt(2) to sqrt(2).
        crop = saturate(crop[list(_CHANNELS[int(6 * channels)])], 2 * saturation).pow(2 ** (tone - 0.5))
    if grainy < grain:
        generator = seeded(crop.device, seed, "grain", number)
        common, *own = torch.randn((4, *crop.shape[1:]), generator=generator, device=crop.device)
        # Mostly of brightness, as in what cameras and scanners give; weak grain is more frequent than strong.
        crop = crop + _GRAIN * strength**2 * (0.8 * common + 0.6 * torch.stack(own))
    if halved < half_colour:
        # After the grain, which a mosaic of colour filters and a JPEG file make as coarse as the colours.
        crop = halve_colour(crop, (int(2 * down), int(2 * right)), whole < 0.5)
    return crop.mul(255).round_().clamp_(0, 255).div_(255)


def saturate(crop: Tensor, factor: float) -> Tensor:
    """Distances from grey times `factor`, cut to [0, 1]: 3xHxW."""
    return torch.lerp(luma(crop), crop, factor).clamp_(0, 1)


def halve_colour(crop: Tensor, offset: tuple[int, int], whole: bool) -> Tensor:
    """A crop, 3xHxW in [0, 1], whose colour differences (Cb and Cr of JPEG) were averaged over squares of 2 x 2 pixels,
    the first of which begin `offset` rows and columns before it, and brought back to its size by bilinear
    interpolation: what 4:2:0 files, photo CDs and, nearly, mosaics of colour filters leave of a picture. Its luma
    stays. whole: all three in steps of 1/255 between, as files have them.
    """

    def stepped(x: Tensor) -> Tensor:
        return x.mul(255).round_().div_(255) if whole else x

    red, green, blue = crop
    y = 0.299 * red + 0.587 * green + 0.114 * blue
    down, right = offset
    height, width = y.shape
    margins = (right, (width + right) % 2, down, (height + down) % 2)
    differences = F.pad(torch.stack(((blue - y) / 1.772, (red - y) / 1.402))[None], margins, mode="replicate")
    halves = stepped(F.avg_pool2d(differences, 2))
    again = F.interpolate(halves, differences.shape[2:], mode="bilinear", align_corners=False)
    cb, cr = stepped(again[0, :, down : down + height, right : right + width])
    y = stepped(y)
    return torch.stack((y + 1.402 * cr, y - (0.299 * 1.402 * cr + 0.114 * 1.772 * cb) / 0.587, y + 1.772 * cb))
