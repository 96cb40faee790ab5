"""Arithmetic profile 1: the entropy model in integers, the same on every machine."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial

import torch
from torch import Tensor

from hpcm_core.entropy.exact import tables
from hpcm_core.entropy.exact.engine import Engine
from hpcm_core.entropy.exact.engine_choice import choose
from hpcm_core.entropy.exact.integers import (
    LATENT_BITS,
    LATENT_EXPONENT,
    MEAN_MAX,
    SCALE_EXPONENT,
    Activation,
    Sum,
    align,
    regrid,
)
from hpcm_core.entropy.exact.layers import LayerReader
from hpcm_core.entropy.exact.weights import IntegerVector, on_grid, vector
from hpcm_core.entropy.model import Request, Steps
from hpcm_core.models.hpcm.context import ContextNet
from hpcm_core.models.hpcm.hyperprior import HyperPlace
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.models.hpcm.sampling import StepPlace, ascend, descend, fill_published, halves, pack, unpack, up
from hpcm_core.models.hpcm.schedule import DESCENTS, Step

SYMBOL_SCALE = 1 << -LATENT_EXPONENT
"""y_hat = SYMBOL_SCALE * symbol + mean, on the grid 2^-8."""


class ExactEntropy:
    """An HPCM's entropy model on an engine. Read-only once made, so one object serves any number of tiles.

    Raises ModelError for weights whose sums could leave the range in which they are exact.
    """

    def __init__(self, model: HPCM, engine: Engine) -> None:
        self.streams, self.labels = model.config.streams, model.config.labels
        self.engine = engine
        self._config = model.config
        self._h_a = model.h_a
        self._z_means = _literal(model.means_hyper, LATENT_EXPONENT)
        self._z_indices = tables.table_index(_literal(model.scales_hyper, SCALE_EXPONENT))
        reader = LayerReader(engine)
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

    def steps(self, height: int, width: int) -> Steps:
        """See EntropyModel. Means come as float32 multiples of 1/256."""
        indices = self._z_indices.expand(-1, -1, height // 4, width // 4)
        z = yield Request(0, "z", indices, self._z_means.float() / SYMBOL_SCALE, HyperPlace(self._h_a))
        # The encoder's h_a has run by now, on all of torch's threads.
        with self.engine.session():
            y_hat = yield from self._latent_steps(z)
        return y_hat

    def _latent_steps(self, z_symbols: Tensor) -> Steps:
        """The steps for int32 z symbols 1xNxh/4xw/4."""
        shift = self.engine.shift
        schedule = self._schedule
        z_hat = _planes_last(SYMBOL_SCALE * z_symbols.long() + self._z_means).to(self.engine.device)
        hyper_sum = self._h_s(shift(Sum(z_hat, LATENT_EXPONENT, LATENT_BITS)))
        hyper = shift(hyper_sum)
        lowest = schedule.stages[0].at
        psi = replace(hyper_sum, values=_descend(hyper_sum.values, 3, lowest), peak=None)
        hyper_of = {at: replace(hyper, values=_descend(hyper.values, 3, at)) for at in range(lowest, 4)}
        context = hyper_of[lowest]
        y_hat = z_hat.new_zeros(1, self._config.latent_channels, *context.values.shape[:2])
        for step in schedule.steps:
            if step.stage > 0 and step.index == 0:
                context = self._climb(context, hyper_of[step.at], step)
                y_hat = ascend(y_hat, schedule.stages[step.stage - 1].at, step.at)
            if step.number > 1 or self._head is not None:
                psi = self._psi(step, context, y_hat)
            scales, means = self._heads(psi, step)
            symbols = yield Request(
                stream=step.stream,
                label=str(step.number),
                indices=tables.table_index(scales).cpu(),
                means=means.cpu().float() / SYMBOL_SCALE,
                place=StepPlace(step),
            )
            coded = SYMBOL_SCALE * symbols.to(means.device, torch.int64) + means
            y_hat = y_hat + ascend(unpack(coded, step.sampling), step.scale, step.at)
            if step.number < len(schedule.steps) and (step.number > 1 or self._head is not None):
                context = self._fuse(step, psi, context)
        return y_hat.cpu().float() / SYMBOL_SCALE

    def _psi(self, step: Step, context: Activation, y_hat: Tensor) -> Sum:
        """The distributions' parameters as sums, h x w x 2M."""
        shift = self.engine.shift
        params = shift(self.engine.join(context, Sum(_planes_last(y_hat), LATENT_EXPONENT, LATENT_BITS)))
        if step.number == 1:
            assert self._head is not None
            return self._head(params)
        adapted = shift(self._adaptors[step.number](params))
        return self._networks[step.number](adapted, self._embeddings[step.number - 2])

    def _heads(self, psi: Sum, step: Step) -> tuple[Tensor, Tensor]:
        """Scales on the grid 2^-12 and means on the grid 2^-8, packed: int64, 1 x depth M/parts x h x w."""
        scales, means = (
            pack(descend(half, step.at, step.scale), step.sampling)
            for half in _planes_first(psi.values).chunk(2, dim=1)
        )
        return regrid(scales, psi.exponent, SCALE_EXPONENT), regrid(means, psi.exponent, LATENT_EXPONENT)

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
        coded, rest = _planes_first(coded), _planes_first(rest)
        if step.at == 2 and not self._config.aligned_fill:
            filled = halves(fill_published, coded, rest)
        else:
            sampling = DESCENTS[step.at - 1]
            filled = halves(lambda c, h: up(c, sampling, into=h), coded, rest)
        return shift(mix(shift(Sum(_planes_last(filled), g))))


class _ContextOfStep:
    """psi = branch_2(branch_1(params) * step_embedding), for the steps that share a context network."""

    def __init__(self, reader: LayerReader, network: ContextNet) -> None:
        self._engine = reader.engine
        self._branch_1, self._branch_2 = reader.chain(network.branch_1), reader.chain(network.branch_2)

    def __call__(self, params: Activation, embedding: IntegerVector) -> Sum:
        """psi, H x W x 2M; params H x W x 3M."""
        shift = self._engine.shift
        return self._branch_2(shift(self._engine.scale(shift(self._branch_1(params)), embedding)))


def exact_entropy(network: HPCM, engine: str | None = None, device: str = "cpu") -> ExactEntropy:
    """The exact entropy model of a loaded network, on an engine and device as engine_choice.choose takes them. Raises
    ModelError.

    The last two are kept: making one takes about as long as coding a small picture.
    """
    return _exact_entropy(network, choose(engine, device))


@lru_cache(maxsize=2)
def _exact_entropy(network: HPCM, engine: Engine) -> ExactEntropy:
    return ExactEntropy(network, engine)


def _literal(x: Tensor, grid: int) -> Tensor:
    """Float32 parameters on a grid, saturated to +-MEAN_MAX; int64, same shape."""
    limit = float(MEAN_MAX) * 2.0**grid
    return torch.from_numpy(on_grid(x.detach().float().cpu().clamp(-limit, limit), grid, LATENT_BITS))


def _planes_first(x: Tensor) -> Tensor:
    """H x W x C -> 1xCxHxW, a view."""
    return x.permute(2, 0, 1).unsqueeze(0)


def _planes_last(x: Tensor) -> Tensor:
    """1xCxHxW -> H x W x C, contiguous."""
    return x.squeeze(0).permute(1, 2, 0).contiguous()


def _descend(x: Tensor, top: int, bottom: int) -> Tensor:
    """Down-sample both halves of the channels from scale to scale: H x W x 2M -> h x w x 2M."""
    return _planes_last(halves(partial(descend, top=top, bottom=bottom), _planes_first(x)))
