"""Where the training of an HPCM begins."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hpcm_core.layers.blocks import WindowAttention
from hpcm_core.layers.linear import leading, linear, silence
from hpcm_core.models.hpcm.network import HPCM


@torch.no_grad()
def pass_context_on(network: HPCM, hyper: Tensor) -> None:
    """Let every step's scales and means be the hyperprior's until training finds what the context adds.

    hyper: parameters as h_s gives them, Bx2MxHxW. A context network narrower than 2M carries their leading principal
    components.
    """
    m = network.config.latent_channels
    wide = network.config.context_channels or 3 * m
    basis = leading(hyper.transpose(0, 1).flatten(1), wide) if wide < 2 * m else None
    for step in network.config.schedule.steps[1:]:
        adaptor = network.adaptor_of(step)
        if isinstance(adaptor, nn.Conv2d):
            linear(adaptor, basis)
        narrowing = next(layer for layer in network.network_of(step).branch_2 if isinstance(layer, nn.Conv2d))
        linear(narrowing, None if basis is None else basis.T)
    if network.config.first_head:
        linear(network.y_spatial_prior_first)
    for attention in network.children():
        if isinstance(attention, WindowAttention):
            linear(attention.conv_out)
            silence(attention.conv_v)
    for climb in network.context_net:
        assert isinstance(climb, nn.Conv2d)
        linear(climb)
