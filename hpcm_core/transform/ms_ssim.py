"""MS-SSIM with gradients, for crops (Wang, Simoncelli and Bovik, Asilomar 2003)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hpcm_core.metrics import LEVEL_WEIGHTS
from hpcm_core.picture.samples import LUMA
from hpcm_core.transform.ssim import similarity


def luma(x: Tensor) -> Tensor:
    """...x3xHxW to ...x1xHxW by `LUMA`: a third of the work of all channels, which mostly say the same."""
    red, green, blue = (weight * plane for weight, plane in zip(LUMA, x.unbind(-3), strict=True))
    return (red + green + blue).unsqueeze(-3)


def ms_ssim(a: Tensor, b: Tensor) -> Tensor:
    """BxCxHxW in [0, 1], H and W multiples of 16 and at least 176; B means over the channels. float32 or float64."""
    product = torch.ones(a.shape[:2], dtype=a.dtype, device=a.device)
    for scale, weight in enumerate(LEVEL_WEIGHTS):
        whole = scale == len(LEVEL_WEIGHTS) - 1
        product = product * similarity(a, b, 1.0, whole).mean(dim=(2, 3)).relu() ** weight
        a, b = nn.functional.avg_pool2d(a, 2), nn.functional.avg_pool2d(b, 2)
    return product.mean(dim=1)
