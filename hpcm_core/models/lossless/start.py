"""Where the training of the autoregressive model begins: at the best linear prediction of a pixel from those before."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from hpcm_core.layers.linear import silence
from hpcm_core.models.lossless.config import COLOURS
from hpcm_core.models.lossless.mixture import LEVEL_UNIT, LOG_SCALES
from hpcm_core.models.lossless.network import PLANES, UNIT, Lossless

_RIDGE = 1e-6
"""Part of the mean square of what is seen that is added to the normal equations: flat crops leave them open."""
_SPREAD = 4.0
"""Octaves between the smallest and the largest scale of a mixture."""
_ABOVE = 1.5
"""Octaves from their middle to the root mean square of what is left: that is small in most places, large at edges."""
_OF_A_DEVIATION = math.log2(math.sqrt(3) / math.pi)
"""Octaves from the standard deviation of a logistic distribution to its scale."""


@torch.no_grad()
def predict_linearly(network: Lossless, crops: Tensor) -> None:
    """Set the weights so that each colour is predicted by least squares from the neighbours before it, and what is left
    of it from what was left of the colours before, for crops Bx3xHxW in [0, 1]. The head adds nothing to that but
    scales, spread around what is left then.
    """
    config = network.config
    seen = network.predict.weight[0].numel()
    products = _mean_products(network, crops)
    inputs = products[:seen, :seen] + _RIDGE * products.diagonal()[:seen].mean() * torch.eye(seen)
    weights = torch.linalg.solve(inputs, products[:seen, seen:]).T
    network.predict.weight.copy_((UNIT / LEVEL_UNIT * weights).view(COLOURS, PLANES, -1))
    nn.init.zeros_(network.predict.bias)
    away = torch.cat((-weights, torch.eye(COLOURS)), dim=1)
    left = away @ products @ away.T

    last = network.head[-1]
    assert isinstance(last, nn.Conv2d)
    silence(last)
    assert last.bias is not None
    _, scales, coefficients = last.bias[config.mixtures :].view(3, config.mixtures, COLOURS)
    spread = torch.linspace(-_SPREAD / 2, _SPREAD / 2, config.mixtures)
    place = 0
    for colour in range(COLOURS):
        before = left[:colour, :colour] + _RIDGE * torch.eye(colour)
        given = torch.linalg.solve(before, left[:colour, colour])
        coefficients[:, place : place + colour] = given
        place += colour
        square = float(left[colour, colour] - given @ left[:colour, colour])
        octaves = math.log2(UNIT * math.sqrt(max(square, _RIDGE)))
        scales[:, colour] = (octaves + _OF_A_DEVIATION - _ABOVE + spread).clamp(*LOG_SCALES)


def _mean_products(network: Lossless, crops: Tensor) -> Tensor:
    """Products, float64, means over all pixels: of what a prediction multiplies, in the order of its weights, and of
    the pixel's own colours in coding order.
    """
    total = torch.zeros((network.predict.weight[0].numel() + COLOURS,) * 2, dtype=torch.float64)
    for crop in crops:
        planes = network.planes(network.samples(crop[None]))
        rows = torch.cat((network.predict.neighbours(planes), planes[0, :COLOURS].flatten(1))).double()
        total += rows @ rows.T / rows.shape[1]
    return total / len(crops)
