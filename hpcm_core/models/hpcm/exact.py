"""HPCM's entropy model in integers."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from functools import partial

from torch import Tensor

from hpcm_core.entropy.exact.integers import Activation, Sum, align
from hpcm_core.entropy.exact.layers import LayerReader
from hpcm_core.entropy.exact.weights import IntegerVector, vector
from hpcm_core.entropy.model import Request
from hpcm_core.models.hpcm.context import ContextNet
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.models.hpcm.sampling import StepPlace, ascend, descend, fill_published, halves, pack, unpack
from hpcm_core.models.hpcm.schedule import DESCENTS, Step
from hpcm_core.models.hyperprior.exact import ExactHyperprior, Planes, planes_first, planes_last
from hpcm_core.models.hyperprior.slices import up


class ExactEntropy(ExactHyperprior):
    """An HPCM's entropy model on an engine."""

    def read(self, model: HPCM, reader: LayerReader) -> None:
        self._config = model.config
        self._h_s = reader.chain(model.h_s)
        self._schedule = model.config.schedule
        steps = self._schedule.steps
        self._adaptors = {step.number: reader.chain(model.adaptor_of(step)) for step in steps[1:]}
        distinct = dict.fromkeys(map(model.network_of, steps[1:]))
        networks = {network: _ContextOfStep(reader, network) for network in distinct}
        self._networks = {step.number: networks[model.network_of(step)] for step in steps[1:]}
        self._embeddings = [vector(embedding) for embedding in model.adaptive_params_list]
        self._head = reader.chain(model.y_spatial_prior_first) if model.config.first_head else None
        self._attention = (
            [reader.attention(getattr(model, f"attn_s{i + 1}")) for i in range(len(self._schedule.stages))]
            if model.config.attention_heads is not None
            else None
        )
        self._context_net = [reader.chain(conv) for conv in model.context_net]

    def latent_steps(self, z_hat: Activation) -> Generator[Request, Tensor, Tensor]:
        schedule = self._schedule
        hyper_sum = self._h_s(z_hat)
        lowest = schedule.stages[0].at
        psi = replace(hyper_sum, values=_descend(hyper_sum.values, 3, lowest), peak=None)
        hyper = self.engine.shift(hyper_sum)
        hyper_of = {at: replace(hyper, values=_descend(hyper.values, 3, at)) for at in range(lowest, 4)}
        context = hyper_of[lowest]
        y_hat = psi.values.new_zeros(1, self._channels, *context.values.shape[:2])
        for step in schedule.steps:
            if step.stage > 0 and step.index == 0:
                context = self._climb(context, hyper_of[step.at], step)
                y_hat = ascend(y_hat, schedule.stages[step.stage - 1].at, step.at)
            if step.number > 1 or self._head is not None:
                psi = self._psi(step, context, y_hat)
            scales, means = (
                Planes(pack(descend(half, step.at, step.scale), step.sampling), psi.exponent)
                for half in planes_first(psi.values).chunk(2, dim=1)
            )
            coded = yield from self.code(step.stream, str(step.number), StepPlace(step), scales, means)
            y_hat = y_hat + ascend(unpack(coded, step.sampling), step.scale, step.at)
            if step.number < len(schedule.steps) and (step.number > 1 or self._head is not None):
                context = self._fuse(step, psi, context)
        return y_hat

    def _psi(self, step: Step, context: Activation, y_hat: Tensor) -> Sum:
        """The distributions' parameters as sums, h x w x 2M."""
        shift = self.engine.shift
        params = self.joined(context, y_hat)
        if step.number == 1:
            assert self._head is not None
            return self._head(params)
        adapted = shift(self._adaptors[step.number](params))
        return self._networks[step.number](adapted, self._embeddings[step.number - 2])

    def _fuse(self, step: Step, psi: Sum, context: Activation) -> Activation:
        if not self._config.progressive:
            return context
        new = self.engine.shift(psi)
        return new if self._attention is None else self._attention[step.stage](new, context)

    def _climb(self, context: Activation, hyper: Activation, step: Step) -> Activation:
        """What a stage begins with, as in ContextModel: the context where it has positions, else the hyperprior, then
        1x1.
        """
        shift, mix = self.engine.shift, self._context_net[step.stage - 1]
        if not self._config.progressive:
            return shift(mix(hyper))
        if self._schedule.stages[step.stage - 1].at == step.at:
            return shift(mix(context))
        g, (coded, rest) = align(context, hyper)
        coded, rest = planes_first(coded), planes_first(rest)
        if step.at == 2 and not self._config.aligned_fill:
            filled = halves(fill_published, coded, rest)
        else:
            sampling = DESCENTS[step.at - 1]
            filled = halves(lambda c, h: up(c, sampling, into=h), coded, rest)
        return shift(mix(shift(Sum(planes_last(filled), g))))


class _ContextOfStep:
    """psi = branch_2(branch_1(params) * step_embedding), for the steps that share a context network."""

    def __init__(self, reader: LayerReader, network: ContextNet) -> None:
        self._engine = reader.engine
        self._branch_1, self._branch_2 = reader.chain(network.branch_1), reader.chain(network.branch_2)

    def __call__(self, params: Activation, embedding: IntegerVector) -> Sum:
        """psi, H x W x 2M; params H x W x 3M."""
        shift = self._engine.shift
        return self._branch_2(shift(self._engine.scale(shift(self._branch_1(params)), embedding)))


def _descend(x: Tensor, top: int, bottom: int) -> Tensor:
    """Down-sample both halves of the channels from scale to scale: H x W x 2M -> h x w x 2M."""
    return planes_last(halves(partial(descend, top=top, bottom=bottom), planes_first(x)))
