"""CHARM*'s networks: see config.py for what is whose."""

from __future__ import annotations

from collections.abc import Generator

import torch
from torch import Tensor, nn

from hpcm_core.layers.blocks import ConvStack
from hpcm_core.layers.transforms import TransformPair
from hpcm_core.models.charm.config import CharmConfig
from hpcm_core.models.hyperprior.config import HyperConfig
from hpcm_core.models.hyperprior.network import HyperCodec, Params
from hpcm_core.models.hyperprior.places import SlicedPlace


class Charm(HyperCodec):
    """The codec's networks. h_s is a pair: its first half gives what scales are made of, its second half means."""

    PREDICTS_REST = True

    def add_latent_model(self) -> None:
        config: CharmConfig = self.config
        m, width = config.latent_channels, config.latent_channels // config.slices
        seen = [m + width * min(i, config.support) for i in range(config.slices)]

        def networks(more: int = 0) -> nn.ModuleList:
            return nn.ModuleList([ConvStack((channels + more, *config.hidden, width)) for channels in seen])

        self.y_means, self.y_scales, self.y_lrp = networks(), networks(), networks(width)

    def hyper_synthesis(self, config: HyperConfig) -> nn.Module:
        return TransformPair(config.h_s, config.partial)

    def steps(self, hyper: Tensor) -> Generator[Params, Tensor, Tensor]:
        """A slice a step: mean_i and scale_i from the hyperprior and the slices before (the first `support` of them),
        then y_hat_i += tanh(lrp_i) / 2 from the same and y_hat_i itself.
        """
        config: CharmConfig = self.config
        h_scales, h_means = hyper.chunk(2, dim=1)
        slices: list[Tensor] = []
        for i, sampling in enumerate(config.samplings):
            support = slices[: config.support]
            seen = torch.cat((h_means, *support), dim=1)
            scales, means = self.y_scales[i](torch.cat((h_scales, *support), dim=1)), self.y_means[i](seen)
            y_hat = yield Params(config.stream_of(i), str(i + 1), SlicedPlace(sampling), scales, means)
            lrp = self.y_lrp[i](torch.cat((seen, y_hat.to(seen.dtype)), dim=1))
            slices.append(y_hat + 0.5 * torch.tanh(lrp).to(y_hat.dtype))
        return torch.cat(slices, dim=1)
