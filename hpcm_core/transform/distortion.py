"""What errors of a reconstruction weigh, with gradients: for trainings, and for encoders that look for more."""

from __future__ import annotations

from torch import Tensor

from hpcm_core.picture.samples import LUMA
from hpcm_core.transform.ms_ssim import luma, ms_ssim

MS_SSIM_WEIGHT = 1333.0
"""What 1 - MS-SSIM weighs beside 255^2 MSE: the ratio of the paper's lambdas for the two, 2.4 / 0.0018 and so on."""
PART, CHROMA = 0.35, 0.35
"""Parts of MS-SSIM and chroma that the bundled weights were trained with (resources/models/CARD.md)."""
_UNIT, _LEAST = 16, 176
"""Sides that MS-SSIM takes: multiples, and from which on."""


def mixed(x_hat: Tensor, x: Tensor, ms_ssim_part: float, chroma: float) -> Tensor:
    """255^2 MSE, of which MS-SSIM of luma takes a part, and on top the errors of Cb and Cr, weighted: Bx3xHxW in [0, 1]
    -> B.
    """
    found = 255**2 * (x_hat - x).square().mean(dim=(1, 2, 3))
    if ms_ssim_part > 0:
        structure = 1 - ms_ssim(luma(x_hat), luma(x))
        found = found.lerp(MS_SSIM_WEIGHT * structure, ms_ssim_part)
    if chroma > 0:
        found = found + 255**2 * chroma * chroma_error(x_hat - x)
    return found


def distortion(x_hat: Tensor, x: Tensor) -> Tensor:
    """As the bundled weights were trained, of a picture of any size, 1x3xHxW or 1x1xHxW in [0, 1]: a scalar. Of small
    ones without MS-SSIM, which needs 176 pixels a side; of others it sees what is whole cells of 16.
    """
    if x.shape[1] == 1:
        x_hat, x = (one.expand(-1, 3, -1, -1) for one in (x_hat, x))
    height, width = (side - side % _UNIT for side in x.shape[2:])
    if min(height, width) < _LEAST:
        return mixed(x_hat, x, 0.0, CHROMA).sum()
    plain = mixed(x_hat, x, 0.0, CHROMA / (1 - PART))
    seen = mixed(x_hat[..., :height, :width], x[..., :height, :width], 1.0, 0.0)
    return (plain * (1 - PART) + seen * PART).sum()


def chroma_error(error: Tensor) -> Tensor:
    """Squared errors of Cb and Cr (ITU-R BT.709, full range), means over the pixels and added: Bx3xHxW -> B."""
    y = luma(error)[:, 0]
    cb, cr = (error[:, 2] - y) / (2 - 2 * LUMA[2]), (error[:, 0] - y) / (2 - 2 * LUMA[0])
    return (cb.square() + cr.square()).mean(dim=(1, 2))
