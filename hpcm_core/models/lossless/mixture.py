"""The distribution of a pixel's samples: mixtures of logistic distributions, of colours one after the other.

With the mixture's weights w_k, means m_k and scales s_k of a colour, the samples below v + 1/2 have the probability
F(v) = sum w_k / (1 + exp(-(v + 1/2 - m_k) / s_k)), F(-1) = 0 and F(255) = 1: the ends take the tails. Each value also
has a share of its own, as a coder in integers must give it: P(v) = (1 - 2^-10) (F(v) - F(v - 1)) + 2^-18, which is 256
of the 2^18 parts that a coder's interval has.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from hpcm_core.models.lossless.config import COLOURS, LosslessConfig

LEVELS = 256
TOTAL_BITS = 18
SHARE = 2.0**-TOTAL_BITS
"""Probability that every value has at least."""
MIDDLE = 128.0
"""Level that samples are taken relative to."""
LEVEL_UNIT = 4.0
"""Levels to 1 in predictions and in what the head adds to them: a step of the training moves means by little."""
LOG_SCALES = (-2.0, 7.0)
"""Range of log2 of a scale in levels."""
MOST = 2.0
"""Largest magnitude of a coefficient on an earlier colour."""


class Mixture(NamedTuple):
    """What is known of pixels before their samples. prediction: the linear one in levels, Bx3xHxW in coding order.
    weights: BxKxHxW, which sum to 1 over K. means and scales: in levels, BxKx3xHxW. coefficients: BxKx3xHxW, of the
    second colour on the first, of the third on the first, and of the third on the second: what part of the distance of
    an earlier colour from its prediction is added to the mean (`conditional`).
    """

    prediction: Tensor
    weights: Tensor
    means: Tensor
    scales: Tensor
    coefficients: Tensor

    def conditional(self, samples: Tensor) -> Tensor:
        """Means in levels, BxKx3xHxW, given the samples 0 to 255 of the earlier colours: Bx3xHxW in coding order."""
        first, second, _ = (samples - self.prediction).unsqueeze(1).unbind(dim=2)
        a, b, c = self.coefficients.unbind(dim=2)
        return self.means + torch.stack((torch.zeros_like(a), a * first, b * first + c * second), dim=2)


def parted(config: LosslessConfig, predicted: Tensor, head: Tensor) -> Mixture:
    """What the network computed: the linear prediction Bx3xHxW, and the head's output Bx10KxHxW: logits, then for each
    component three means from there, for each three scales as log2, and for each three coefficients.
    """
    batch, _, height, width = head.shape
    logits, rest = torch.split(head, [config.mixtures, config.parameters - config.mixtures], dim=1)
    prediction = MIDDLE + LEVEL_UNIT * predicted
    means, scales, coefficients = rest.view(batch, 3, config.mixtures, COLOURS, height, width).unbind(dim=1)
    return Mixture(
        prediction,
        torch.softmax(logits, dim=1),
        prediction.unsqueeze(1) + LEVEL_UNIT * means,
        torch.exp2(scales.clamp(*LOG_SCALES)),
        coefficients.clamp(-MOST, MOST),
    )


def probability(mixture: Mixture, samples: Tensor) -> Tensor:
    """P of each sample given the earlier colours: samples 0 to 255, Bx3xHxW in coding order, to the same shape."""
    x = samples.unsqueeze(1)
    means, inverse = mixture.conditional(samples), 1 / mixture.scales
    above = torch.sigmoid((x + 0.5 - means) * inverse).masked_fill(x >= LEVELS - 1, 1.0)
    below = torch.sigmoid((x - 0.5 - means) * inverse).masked_fill(x <= 0, 0.0)
    inside = (mixture.weights.unsqueeze(2) * (above - below)).sum(dim=1)
    return (1 - LEVELS * SHARE) * inside + SHARE
