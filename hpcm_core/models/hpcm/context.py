"""The hierarchical progressive context model: from the hyperprior to the distribution of every latent."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from hpcm_core.layers.blocks import DWConvBlock, WindowAttention
from hpcm_core.models.hpcm.config import Context, HPCMConfig
from hpcm_core.models.hpcm.sampling import StepPlace, down, fill_published, halves, pack, unpack, up
from hpcm_core.models.hpcm.schedule import DOWN_TO_1, DOWN_TO_2, STEPS, Step

WINDOWS = (4, 8, 8)
"""Side of an attention window at scales 1, 2 and 3."""

_STEPS_OF_SCALE = tuple(sum(step.scale == scale for step in STEPS) for scale in (1, 2, 3))


class StepParams(NamedTuple):
    """The distributions of one step's symbols, packed: B x M/parts x h x w."""

    step: Step
    scales: Tensor
    means: Tensor

    @property
    def place(self) -> StepPlace:
        """Where the symbols stand among the latents."""
        return StepPlace(self.step)


class ContextNet(nn.Module):
    """psi = branch_2(branch_1(params) * step_embedding). B x wide x HxW -> B x narrow x HxW."""

    def __init__(self, wide: int, narrow: int, depth: Context) -> None:
        super().__init__()
        self.branch_1 = nn.Sequential(*(DWConvBlock(wide) for _ in range(depth.branch_1)))
        self.branch_2 = nn.Sequential(
            *(DWConvBlock(wide) for _ in range(depth.branch_2)),
            nn.Conv2d(wide, narrow, 1),
            *(DWConvBlock(narrow) for _ in range(depth.tail)),
        )

    def forward(self, params: Tensor, step_embedding: Tensor) -> Tensor:
        return self.branch_2(self.branch_1(params) * step_embedding)


class ContextModel(nn.Module):
    """Layers of the context path; HPCM inherits them, since the published keys have no prefix of their own."""

    def __init__(self, config: HPCMConfig) -> None:
        super().__init__()
        self.config = config
        m = config.latent_channels
        wide = self._wide = config.context_channels or 3 * m
        self.y_spatial_prior_adaptor_list_s1 = self._adaptors(1)
        self.y_spatial_prior_adaptor_list_s2 = self._adaptors(2)
        self.y_spatial_prior_adaptor_list_s3 = self._adaptors(3)
        self.y_spatial_prior_s1_s2 = ContextNet(wide, 2 * m, config.context_s1_s2)
        self.y_spatial_prior_s3 = ContextNet(wide, 2 * m, config.context_s3)
        self.adaptive_params_list = nn.ParameterList(
            [nn.Parameter(torch.ones(1, wide, 1, 1)) for _ in range(len(STEPS) - 1)]
        )
        if config.attention_heads is not None:
            for scale, window in enumerate(WINDOWS, start=1):
                self.add_module(f"attn_s{scale}", WindowAttention(2 * m, config.attention_heads, window))
        self.context_net = nn.ModuleList([nn.Conv2d(2 * m, 2 * m, 1) for _ in range(2)])

    def _adaptors(self, scale: int) -> nn.ModuleList:
        wide = self._wide
        depths = self.config.adaptor_blocks
        count = max(1, _STEPS_OF_SCALE[scale - 1] - (scale == 1))
        if depths is None:
            return nn.ModuleList([nn.Conv2d(3 * self.config.latent_channels, wide, 1) for _ in range(count)])
        depth = depths[scale - 1]
        return nn.ModuleList([nn.Sequential(*(DWConvBlock(wide) for _ in range(depth))) for _ in range(count)])

    def steps(self, hyper: Tensor) -> Generator[StepParams, Tensor, Tensor]:
        """Yield the distributions of each step and receive its reconstructed latents, packed alike; return y_hat.

        hyper: Bx2MxHxW from h_s, scales first, H and W multiples of 16. Returns BxMxHxW. Training, encoder and
        decoder all drive this one generator. Scales are raw: no activation, often negative; means are what the
        symbols are counted from.
        """
        hyper_2 = halves(partial(down, sampling=DOWN_TO_2), hyper)
        hyper_1 = halves(partial(down, sampling=DOWN_TO_1), hyper_2)
        hyper_of = {1: hyper_1, 2: hyper_2, 3: hyper}
        context = hyper_1
        y_hat = torch.zeros_like(hyper_1[:, : hyper.shape[1] // 2])
        for step in STEPS:
            if step.scale > 1 and step.index == 0:
                context = self._climb(context, hyper_of[step.scale], step.scale)
                y_hat = up(y_hat, DOWN_TO_1 if step.scale == 2 else DOWN_TO_2)
            psi = context if step.number == 1 else self._psi(step, context, y_hat)
            scales, means = (pack(half, step.sampling) for half in psi.chunk(2, dim=1))
            y_hat = y_hat + unpack((yield StepParams(step, scales, means)), step.sampling)
            if 1 < step.number < len(STEPS):
                context = self._fuse(step.scale, psi, context)
        return y_hat

    def _psi(self, step: Step, context: Tensor, y_hat: Tensor) -> Tensor:
        adaptors = getattr(self, f"y_spatial_prior_adaptor_list_s{step.scale}")
        # The published code counts adaptors from the step before, so a scale's first step uses its last one;
        # weights depend on it.
        adaptor = adaptors[0] if step.scale == 1 else adaptors[step.index - 1]
        network = self.y_spatial_prior_s3 if step.scale == 3 else self.y_spatial_prior_s1_s2
        return network(adaptor(torch.cat((context, y_hat), dim=1)), self.adaptive_params_list[step.number - 2])

    def _fuse(self, scale: int, psi: Tensor, context: Tensor) -> Tensor:
        if self.config.attention_heads is None:
            return psi
        return getattr(self, f"attn_s{scale}")(psi, context)

    def _climb(self, context: Tensor, hyper: Tensor, scale: int) -> Tensor:
        """Bring the context up to `scale`: itself at the positions already coded, the hyperprior at the others, then
        1x1.
        """
        sampling = DOWN_TO_1 if scale == 2 else DOWN_TO_2
        if scale == 2 and not self.config.aligned_fill:
            filled = halves(fill_published, context, hyper)
        else:
            filled = halves(lambda c, h: up(c, sampling, into=h), context, hyper)
        return self.context_net[scale - 2](filled)
