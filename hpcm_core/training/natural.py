"""What a second g_s learns for the natural look: the same latents, a picture that looks like one.

Squared error makes grass at a low rate a green plane, the mean of all the grass it may have been. Here the means of
regions are held and texture is asked to have the strength of the original's, not its places. Files do not change:
everything but g_s stays as it is. After "Wasserstein Distortion" (Qiu et al., 2310.03629: means and deviations of
features under windows), "High-Fidelity Generative Image Compression" (Mentzer et al., 2006.09965: squared error beside
a perceptual loss and a judge of patches) and "Improving Statistical Fidelity for Neural Image Compression with Implicit
Local Likelihood Models" (Muckley et al., 2301.11189: encoder and entropy model left as they are). The weights are
guesses that were looked at.
"""

from __future__ import annotations

import itertools
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

from hpcm_core.models.trainable import TrainableFamily
from hpcm_core.training.loss import Rates, Terms
from hpcm_core.training.perceptual import Features
from hpcm_core.transform.ms_ssim import luma
from hpcm_core.transform.relaxed import Noise

MSE, FEATURES, LOW, TEXT, GRAIN, JUDGED, WEAVE = 40.0, 0.4, 0.7, 6.0, 0.1, 0.15, 100.0
FULL, NONE = 0.3, 0.55
"""Parts of the range of rates: up to the first the look has its full strength, from the second on none."""

_LEVELS = 2
_SHIFT = 32
_LOW_SIDES = (4, 8, 16, 32)
_GRAIN_SIDE, _GRAIN_FLOOR = 8, 1 / 255
_PERIODS, _REPEATS, _CHANCE = (8, 16), 8, 2.0
_CELL, _CONTRAST, _MIDDLE, _STEP, _FLAT = 16, 0.3, 0.25, 3 / 255, 0.4
_SMALL = 1e-5
_JUDGED_SIDE = 160
_JUDGE_RATE, _JUDGE_BETAS = 1e-3, (0.5, 0.9)
_LEAK = 0.2


class Judge(nn.Sequential):
    """Tells photographs from reconstructions, patch by patch: Bx3xHxW in [0, 1] -> Bx1xH/8xW/8, above 0 for true ones.
    Spectral normalization ("Spectral Normalization for Generative Adversarial Networks", Miyato et al.) keeps it from
    winning at once.
    """

    def __init__(self, width: int = 48) -> None:
        sizes = (3, width, 2 * width, 4 * width)
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(sizes):
            layers += [spectral_norm(nn.Conv2d(before, after, 4, 2, 1)), nn.LeakyReLU(_LEAK)]
        super().__init__(*layers, spectral_norm(nn.Conv2d(sizes[-1], 1, 3, 1, 1)))

    def optimizer(self) -> torch.optim.Optimizer:
        return torch.optim.AdamW(self.parameters(), _JUDGE_RATE, _JUDGE_BETAS, weight_decay=0.0)

    def verdict(self, made: Tensor, true: Tensor, in_bfloat16: bool) -> tuple[Tensor, Tensor]:
        """What g_s is to make small, whose gradient goes to the pictures alone, and what the judge is to (the hinge
        loss), whose gradient stays in the judge; B values each.
        """
        with torch.autocast(made.device.type, torch.bfloat16, enabled=in_bfloat16):
            self.requires_grad_(False)
            seen = self(2 * made - 1).to(made.dtype)
            self.requires_grad_(True)
            of_made, of_true = self(2 * torch.cat((made.detach(), true)) - 1).to(made.dtype).chunk(2)
        lesson = F.relu(1 + of_made) + F.relu(1 - of_true)
        return -seen.mean(dim=(1, 2, 3)), lesson.mean(dim=(1, 2, 3))


class NaturalLoss(nn.Module):
    """The loss of g_s as a module; called like RateDistortion."""

    def __init__(self, family: TrainableFamily, network: Any, judge: Judge, precision: str = "float32") -> None:
        """Raises HpcmError without the packages of the extra "perceptual"."""
        super().__init__()
        self.family, self.network, self.judge = family, network, judge
        self.in_bfloat16 = precision == "bfloat16"
        self.features = Features()

    def forward(self, x: Tensor, rates: Rates, noise: Noise) -> Terms:
        """x: Bx3xHxW in [0, 1]. Texture is compared from a corner that the noise of z chooses: the strides of the
        features' network would else print their grid.
        """
        with torch.autocast(x.device.type, torch.bfloat16, enabled=self.in_bfloat16):
            x_hat, bits_y, bits_z = self.family.forward(self.network, x, rates.q, noise)
        x_hat = x_hat.to(x.dtype)
        mse = (x_hat - x).square().mean(dim=(1, 2, 3))
        drawn = noise.z.flatten()[:3] + 0.5
        top, left = (int(_SHIFT * value) for value in drawn[:2])
        strength = ((NONE - rates.q / (len(self.network.rate_gain_dec) - 1)) / (NONE - FULL)).clamp(0, 1)
        a, b = (picture[..., top:, left:] for picture in (x_hat.clamp(0, 1), x))
        text = drawn_areas(b)
        # Where no texture may be the judge sees the original.
        corner = (..., slice(_JUDGED_SIDE), slice(_JUDGED_SIDE))
        unlike, lesson = self.judge.verdict(torch.lerp(a, b, text)[corner], b[corner], self.in_bfloat16)
        if drawn[2] < 0.5:
            a, b, text = (F.avg_pool2d(value, 2) for value in (a, b, text))
        with torch.autocast(x.device.type, torch.bfloat16, enabled=self.in_bfloat16):
            maps = [value.to(x.dtype) for value in self.features.maps(torch.cat((a, b)))]
        texture = sum((_texture(of, text) for of in maps), torch.zeros_like(mse))
        natural = FEATURES * texture + GRAIN * _grain(a, b, text) + JUDGED * unlike
        kept = MSE * mse + LOW * _low(x_hat, x) + TEXT * _where(drawn_areas(x), (x_hat - x).abs())
        kept = kept + WEAVE * sum((weave(x_hat - x, period) for period in _PERIODS), torch.zeros_like(mse))
        pixels = x.shape[2] * x.shape[3]
        bpp, bpp_z = (bits_y + bits_z) / pixels, bits_z / pixels
        distortion = kept + strength * natural
        return Terms(
            (distortion + strength * lesson).mean(), bpp.detach(), bpp_z.detach(), mse.detach(), distortion.detach()
        )


def drawn_areas(x: Tensor) -> Tensor:
    """Where text and drawings are, which no texture may touch: Bx3xHxW -> Bx1xHxW of 0 and 1.

    Cells of 16 pixels with strong contrast, little between its two ends and many pixels like their neighbours, and the
    cells around them.
    """
    y = luma(x)
    across, down = (y.diff(dim=dim, append=y.narrow(dim, -1, 1)).abs() for dim in (3, 2))
    height, width = (side // _CELL * _CELL for side in y.shape[2:])
    cells, steps = (F.unfold(of[..., :height, :width], _CELL, stride=_CELL) for of in (y, torch.maximum(across, down)))
    low, high = (cells.quantile(part, dim=1, keepdim=True) for part in (0.05, 0.95))
    between = ((cells > low + (high - low) / 3) & (cells < high - (high - low) / 3)).float().mean(dim=1, keepdim=True)
    flat = (steps < _STEP).float().mean(dim=1, keepdim=True)
    drawn = ((high - low > _CONTRAST) & (between < _MIDDLE) & (flat > _FLAT)).float()
    drawn = F.max_pool2d(drawn.view(-1, 1, height // _CELL, width // _CELL), 3, stride=1, padding=1)
    drawn = drawn.repeat_interleave(_CELL, dim=2).repeat_interleave(_CELL, dim=3)
    return F.pad(drawn, (0, y.shape[3] - width, 0, y.shape[2] - height), mode="replicate")


def _where(mask: Tensor, error: Tensor) -> Tensor:
    return (mask * error).mean(dim=(1, 2, 3))


def _low(a: Tensor, b: Tensor) -> Tensor:
    """Means of squares of some sizes: no casts, no drifts, no seams."""
    return sum(
        (F.avg_pool2d(a - b, side).abs().mean(dim=(1, 2, 3)) for side in _LOW_SIDES), torch.zeros_like(a[:, 0, 0, 0])
    )


def weave(error: Tensor, period: int) -> Tensor:
    """What of an error comes again every `period` pixels, BxCxHxW -> B: how far the means of pixels of one place, in
    squares of eight periods from 0, 0 on (of fewer where the picture is smaller), are from the square's, beyond twice
    what chance gives them.

    The strides of g_s are the periods. Where latents are all alike g_s has nothing else to make texture of, and
    whatever asks for texture alone gets a weave.
    """
    b, channels, height, width = error.shape
    repeats = min(_REPEATS, height // period, width // period)
    side = repeats * period
    rows, columns = height // side, width // side
    squares = error[..., : rows * side, : columns * side].reshape(
        b, channels, rows, repeats, period, columns, repeats, period
    )
    means = squares.mean(dim=(3, 6), keepdim=True)
    chance = (squares - means).detach().square().mean(dim=(3, 4, 6, 7), keepdim=True).sqrt() / repeats
    away = (means - means.mean(dim=(4, 7), keepdim=True)).abs()
    return F.relu(away - _CHANCE * chance).flatten(1).mean(dim=1)


def detail(x: Tensor) -> Tensor:
    """Strength of the finest detail, Bx3xHxW -> Bx1xH/8xW/8: the deviation of luma's Laplacian in squares of 8 pixels,
    of what lies a pixel within the border.
    """
    kernel = x.new_tensor([[0, -1, 0], [-1, 4, -1], [0, -1, 0]]).view(1, 1, 3, 3) / 4
    fine = F.conv2d(luma(x), kernel)
    mean, square = F.avg_pool2d(fine, _GRAIN_SIDE), F.avg_pool2d(fine.square(), _GRAIN_SIDE)
    strength: Tensor = ((square - mean.square()).clamp_min(0) + _SMALL**2).sqrt()
    return strength


def _grain(a: Tensor, b: Tensor, text: Tensor) -> Tensor:
    """Ratio of the strengths of the finest detail, as a logarithm: features hardly see it."""
    strength_a, strength_b = ((detail(x) + _GRAIN_FLOOR).log() for x in (a, b))
    free = 1 - F.max_pool2d(text[..., 1:-1, 1:-1], _GRAIN_SIDE)
    return (free * (strength_a - strength_b).abs()).mean(dim=(1, 2, 3))


def _texture(maps: Tensor, text: Tensor) -> Tensor:
    """Half the features place by place, half their means and deviations under windows (drawn areas: all place by
    place). 2BxCxHxW, those of the first and of the second pictures, of length one over the channels -> B values.
    """
    a, b = (maps.shape[1] ** 0.5 * maps).chunk(2)
    free = 1 - F.adaptive_max_pool2d(text, a.shape[2:])
    points = ((1 - free / 2) * (a - b).square()).mean(dim=(1, 2, 3))
    windows = torch.zeros_like(points)
    for level in range(_LEVELS):
        if level:
            a, b, free = (F.avg_pool2d(value, 2) for value in (a, b, free))
        (mean_a, dev_a), (mean_b, dev_b) = moments(a), moments(b)
        distance = (mean_a - mean_b).square() + (dev_a - dev_b).square()
        windows = windows + (free * distance).mean(dim=(1, 2, 3)) / 2
    total: Tensor = points + windows
    return total


def moments(x: Tensor) -> tuple[Tensor, Tensor]:
    """Means and deviations under 3x3 binomial windows."""
    channels = x.shape[1]
    row = x.new_tensor([0.25, 0.5, 0.25])
    kernel = (row[:, None] * row).expand(channels, 1, 3, 3)
    mean, square = (F.conv2d(value, kernel, padding=1, groups=channels) for value in (x, x.square()))
    deviation: Tensor = ((square - mean.square()).clamp_min(0) + _SMALL).sqrt()
    return mean, deviation
