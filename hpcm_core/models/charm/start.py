"""Where the training of CHARM* begins."""

from __future__ import annotations

import torch
from torch import nn

from hpcm_core.layers.blocks import SLOPE, ConvStack
from hpcm_core.layers.linear import silence
from hpcm_core.models.charm.network import Charm


@torch.no_grad()
def pass_hyperprior_on(network: Charm) -> None:
    """Let every slice's scales and means be the hyperprior's, and the prediction of residuals nought."""
    width = network.config.latent_channels // network.config.slices
    for i in range(network.config.slices):
        for stacks in (network.y_scales, network.y_means):
            stack = stacks[i]
            assert isinstance(stack, ConvStack)
            _pass_on(stack, i * width, width)
        lrp = network.y_lrp[i]
        assert isinstance(lrp, ConvStack)
        silence(lrp.convs[-1])


def _pass_on(stack: ConvStack, first: int, width: int) -> None:
    """Let a stack give `width` of its input channels. An activation lets them through as the difference of what it
    makes of them and of their negatives, which is (1 + slope) times as large.
    """
    eye = torch.eye(width)
    both = torch.cat((eye, -eye))
    difference = torch.cat((eye, -eye), dim=1) / (1 + SLOPE)
    matrices = (both, both @ difference, difference)
    for conv, matrix in zip(stack.convs, matrices, strict=True):
        assert isinstance(conv, nn.Conv2d)
        assert conv.bias is not None
        rows, columns = matrix.shape
        start = first if conv is stack.convs[0] else 0
        conv.weight[:rows] = 0
        conv.weight[:rows, start : start + columns, 1, 1] = matrix
        conv.bias[:rows] = 0
