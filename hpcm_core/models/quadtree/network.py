"""Networks of codecs in four steps: see config.py for what is whose."""

from __future__ import annotations

from collections.abc import Generator

import torch
from torch import Tensor, nn

from hpcm_core.layers.blocks import DWConvBlock
from hpcm_core.models.hyperprior.network import HyperCodec, Params, gain
from hpcm_core.models.hyperprior.places import SlicedPlace
from hpcm_core.models.hyperprior.slices import down, up
from hpcm_core.models.quadtree.config import QuadtreeConfig


class Quadtree(HyperCodec):
    """The codec's networks."""

    def add_latent_model(self) -> None:
        config: QuadtreeConfig = self.config
        m, wide = config.latent_channels, config.wide
        seen = config.reduced or 2 * m
        self.y_common = nn.Sequential(*(DWConvBlock(2 * m) for _ in range(config.common_blocks)))
        self.y_reduce = nn.Sequential(*([] if config.reduced is None else [nn.Conv2d(2 * m, seen, 1)]))
        self.y_adaptors = nn.ModuleList(
            [
                nn.Sequential(nn.Conv2d(seen + m, wide, 1), *(DWConvBlock(wide) for _ in range(config.adaptor_blocks)))
                for _ in config.samplings[1:]
            ]
        )
        self.y_prior = nn.Sequential(
            *(DWConvBlock(wide) for _ in range(config.prior_blocks)), nn.Conv2d(wide, 2 * m, 1)
        )

    def analysis(self, x: Tensor, q: float | Tensor = 0.0) -> Tensor:
        if self.config.gains_inside is None:
            return super().analysis(x, q)
        return self.g_a(x - self.config.input_shift, gain(self.rate_gain_enc, q))

    def synthesis(self, y_hat: Tensor, q: float | Tensor = 0.0) -> Tensor:
        if self.config.gains_inside is None:
            return super().synthesis(y_hat, q)
        return self.g_s(y_hat, gain(self.rate_gain_dec, q)) + self.config.input_shift

    def steps(self, hyper: Tensor) -> Generator[Params, Tensor, Tensor]:
        """Step 1 from the hyperprior; a later one from it and the latents so far, by its adaptor and the fusion."""
        config: QuadtreeConfig = self.config
        psi = self.y_common(hyper)
        seen = self.y_reduce(psi)
        y_hat = torch.zeros_like(psi[:, : config.latent_channels])
        for i, sampling in enumerate(config.samplings):
            if i > 0:
                psi = self.y_prior(self.y_adaptors[i - 1](torch.cat((seen, y_hat), dim=1)))
            scales, means = (down(half, sampling) for half in psi.chunk(2, dim=1))
            coded = yield Params(config.stream_of(i), str(i + 1), SlicedPlace(sampling), scales, means)
            y_hat = y_hat + up(coded, sampling)
        return y_hat
