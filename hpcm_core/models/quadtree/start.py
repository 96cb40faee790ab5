"""Where the training of codecs in four steps begins."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hpcm_core.layers.linear import leading, linear
from hpcm_core.models.quadtree.network import Quadtree


@torch.no_grad()
def pass_hyperprior_on(network: Quadtree, hyper: Tensor) -> None:
    """Let every step's scales and means be the hyperprior's until training finds what the latents so far add.

    hyper: parameters as h_s gives them, Bx2MxHxW. What is narrower than 2M carries their leading principal components.
    """
    config = network.config
    width = min(config.reduced or config.wide, config.wide)
    basis = leading(hyper.transpose(0, 1).flatten(1), width) if width < 2 * config.latent_channels else None
    for conv in network.y_reduce:
        assert isinstance(conv, nn.Conv2d)
        linear(conv, basis)
    for adaptor in network.y_adaptors:
        assert isinstance(adaptor, nn.Sequential)
        first = adaptor[0]
        assert isinstance(first, nn.Conv2d)
        linear(first, torch.eye(width) if len(network.y_reduce) else basis)
    last = network.y_prior[-1]
    assert isinstance(last, nn.Conv2d)
    linear(last, None if basis is None else basis.T)
