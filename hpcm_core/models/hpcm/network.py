"""HPCM: one network class for every variant."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial

import torch
from torch import Tensor, nn

from hpcm_core.layers.blocks import DWConvBlock, WindowAttention
from hpcm_core.models.hpcm.config import HPCMConfig
from hpcm_core.models.hpcm.context import WINDOWS, ContextNet, StepParams
from hpcm_core.models.hpcm.sampling import ascend, descend, fill_published, halves, pack, unpack
from hpcm_core.models.hpcm.schedule import DESCENTS, Step
from hpcm_core.models.hyperprior.network import HyperCodec
from hpcm_core.models.hyperprior.slices import up


class HPCM(HyperCodec):
    """The codec's networks. Parameter keys and shapes are those of the published checkpoints: the layers of the
    hierarchical progressive context model, from the hyperprior to the distribution of every latent, have no prefix.
    """

    def add_latent_model(self) -> None:
        config: HPCMConfig = self.config
        m = config.latent_channels
        wide = self._wide = config.context_channels or 3 * m
        stages = config.schedule.stages
        steps = len(config.schedule.steps)
        for i in range(len(stages)):
            self.add_module(f"y_spatial_prior_adaptor_list_s{i + 1}", self._adaptors(i))
        if config.shared:
            self.y_spatial_prior_s1_s2, self.y_spatial_prior_s3 = (
                ContextNet(wide, 2 * m, net, config.context_hidden) for net in config.nets
            )
        else:
            depths = [config.nets[stages[step.stage].net] for step in config.schedule.steps[1:]]
            self.y_spatial_prior_list = nn.ModuleList(
                [ContextNet(wide, 2 * m, depth, config.context_hidden) for depth in depths]
            )
        self.adaptive_params_list = nn.ParameterList(
            [nn.Parameter(torch.ones(1, wide, 1, 1)) for _ in range(steps - 1)]
        )
        if config.attention_heads is not None:
            for i, stage in enumerate(stages):
                self.add_module(f"attn_s{i + 1}", WindowAttention(2 * m, config.attention_heads, WINDOWS[stage.at]))
        self.context_net = nn.ModuleList([nn.Conv2d(2 * m, 2 * m, 1) for _ in stages[1:]])
        if config.first_head:
            self.y_spatial_prior_first = nn.Conv2d(3 * m, 2 * m, 1)

    def _adaptors(self, stage: int) -> nn.ModuleList:
        wide = self._wide
        depths, stages = self.config.adaptor_blocks, self.config.schedule.stages
        count = max(1, len(stages[stage].samplings) - (stage == 0))
        if depths is None:
            return nn.ModuleList([nn.Conv2d(3 * self.config.latent_channels, wide, 1) for _ in range(count)])
        depth = depths[max(0, stage + len(depths) - len(stages))]  # counted from the finest stage
        return nn.ModuleList([nn.Sequential(*(DWConvBlock(wide) for _ in range(depth))) for _ in range(count)])

    def adaptor_of(self, step: Step) -> nn.Module:
        """What a step but the first begins with."""
        # The published code counts adaptors from the step before, so a stage's first step uses its last one;
        # weights depend on it.
        adaptors: nn.ModuleList = getattr(self, f"y_spatial_prior_adaptor_list_s{step.stage + 1}")
        return adaptors[step.index - 1]

    def network_of(self, step: Step) -> ContextNet:
        """The context network of a step but the first."""
        if not self.config.shared:
            network = self.y_spatial_prior_list[step.number - 2]
            assert isinstance(network, ContextNet)
            return network
        first = self.config.schedule.stages[step.stage].net == 0
        return self.y_spatial_prior_s1_s2 if first else self.y_spatial_prior_s3

    def steps(self, hyper: Tensor) -> Generator[StepParams, Tensor, Tensor]:
        """Yield the distributions of each step and receive its reconstructed latents, packed alike; return y_hat.

        hyper: Bx2MxHxW from h_s, scales first, H and W multiples of 16. Returns BxMxHxW. Training, encoder and
        decoder all drive this one generator. Scales are raw: no activation, often negative; means are what the
        symbols are counted from.
        """
        schedule = self.config.schedule
        lowest = schedule.stages[0].at
        hyper_of = {3: hyper}
        for scale in range(2, lowest - 1, -1):
            hyper_of[scale] = halves(partial(descend, top=scale + 1, bottom=scale), hyper_of[scale + 1])
        context = hyper_of[lowest]
        y_hat = torch.zeros_like(context[:, : hyper.shape[1] // 2])
        for step in schedule.steps:
            if step.stage > 0 and step.index == 0:
                context = self._climb(context, hyper_of[step.at], step)
                y_hat = ascend(y_hat, schedule.stages[step.stage - 1].at, step.at)
            psi = self.psi(step, context, y_hat)
            scales, means = (pack(descend(half, step.at, step.scale), step.sampling) for half in psi.chunk(2, dim=1))
            coded = unpack((yield StepParams(step, scales, means, psi, context, y_hat)), step.sampling)
            y_hat = y_hat + ascend(coded, step.scale, step.at)
            if step.number < len(schedule.steps) and (step.number > 1 or self.config.first_head):
                context = self._fuse(step, psi, context)
        return y_hat

    def psi(self, step: Step, context: Tensor, y_hat: Tensor) -> Tensor:
        """The parameters of a step's distributions, Bx2MxHxW, scales first, on the grid of its stage: of the context
        (Bx2MxHxW) and the latents so far (BxMxHxW).
        """
        if step.number > 1:
            params = self.adaptor_of(step)(torch.cat((context, y_hat), dim=1))
            return self.network_of(step)(params, self.adaptive_params_list[step.number - 2])
        return self.y_spatial_prior_first(torch.cat((context, y_hat), dim=1)) if self.config.first_head else context

    def _fuse(self, step: Step, psi: Tensor, context: Tensor) -> Tensor:
        if not self.config.progressive:
            return context
        if self.config.attention_heads is None:
            return psi
        return getattr(self, f"attn_s{step.stage + 1}")(psi, context)

    def _climb(self, context: Tensor, hyper: Tensor, step: Step) -> Tensor:
        """The context that a stage begins with, from that of the stage before: itself at the positions it has, the
        hyperprior at the others, then 1x1.
        """
        if not self.config.progressive:
            filled = hyper
        elif self.config.schedule.stages[step.stage - 1].at == step.at:
            filled = context
        elif step.at == 2 and not self.config.aligned_fill:
            filled = halves(fill_published, context, hyper)
        else:
            sampling = DESCENTS[step.at - 1]
            filled = halves(lambda c, h: up(c, sampling, into=h), context, hyper)
        return self.context_net[step.stage - 1](filled)
