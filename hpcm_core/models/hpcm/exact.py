"""Arithmetic profile 1: the entropy model in integers, the same on every machine."""

from __future__ import annotations

from collections.abc import Sequence
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
from hpcm_core.entropy.exact.weights import on_grid, vector
from hpcm_core.entropy.model import Request, Steps
from hpcm_core.models.hpcm.context import ContextNet
from hpcm_core.models.hpcm.hyperprior import HyperPlace
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.models.hpcm.sampling import StepPlace, down, fill_published, halves, pack, unpack, up
from hpcm_core.models.hpcm.schedule import DOWN_TO_1, DOWN_TO_2, STEPS, Sampling, Step

SYMBOL_SCALE = 1 << -LATENT_EXPONENT
"""y_hat = SYMBOL_SCALE * symbol + mean, on the grid 2^-8."""
_EMBEDDINGS_OF_SCALE_3 = 4
"""The first step embedding that belongs to scale 3."""


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
        self._adaptors = {
            scale: [reader.chain(adaptor) for adaptor in getattr(model, f"y_spatial_prior_adaptor_list_s{scale}")]
            for scale in (1, 2, 3)
        }
        embeddings = list(model.adaptive_params_list)
        coarse = _ContextOfStep(reader, model.y_spatial_prior_s1_s2, embeddings[:_EMBEDDINGS_OF_SCALE_3])
        fine = _ContextOfStep(reader, model.y_spatial_prior_s3, embeddings[_EMBEDDINGS_OF_SCALE_3:])
        self._context = {1: coarse, 2: coarse, 3: fine}
        self._attention = (
            {scale: reader.attention(getattr(model, f"attn_s{scale}")) for scale in (1, 2, 3)}
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
        """The 11 steps for int32 z symbols 1xNxh/4xw/4."""
        shift = self.engine.shift
        z_hat = _planes_last(SYMBOL_SCALE * z_symbols.long() + self._z_means).to(self.engine.device)
        hyper_sum = self._h_s(shift(Sum(z_hat, LATENT_EXPONENT, LATENT_BITS)))
        psi = replace(hyper_sum, values=_down(_down(hyper_sum.values, DOWN_TO_2), DOWN_TO_1), peak=None)
        hyper = shift(hyper_sum)
        hyper_2 = replace(hyper, values=_down(hyper.values, DOWN_TO_2))
        hyper_1 = replace(hyper, values=_down(hyper_2.values, DOWN_TO_1))
        hyper_of = {1: hyper_1, 2: hyper_2, 3: hyper}
        context = hyper_1
        y_hat = z_hat.new_zeros(1, self._config.latent_channels, *hyper_1.values.shape[:2])
        for step in STEPS:
            if step.scale > 1 and step.index == 0:
                context = self._climb(context, hyper_of[step.scale], step.scale)
                y_hat = up(y_hat, DOWN_TO_1 if step.scale == 2 else DOWN_TO_2)
            if step.number > 1:
                psi = self._psi(step, context, y_hat)
            scales, means = self._heads(psi, step)
            symbols = yield Request(
                stream=step.scale,
                label=str(step.number),
                indices=tables.table_index(scales).cpu(),
                means=means.cpu().float() / SYMBOL_SCALE,
                place=StepPlace(step),
            )
            coded = SYMBOL_SCALE * symbols.to(means.device, torch.int64) + means
            y_hat = y_hat + unpack(coded, step.sampling)
            if 1 < step.number < len(STEPS):
                context = self._fuse(step.scale, shift(psi), context)
        return y_hat.cpu().float() / SYMBOL_SCALE

    def _psi(self, step: Step, context: Activation, y_hat: Tensor) -> Sum:
        """The distributions' parameters as sums, h x w x 2M."""
        # A scale's first step uses its last adaptor, as in the float model.
        adaptor = self._adaptors[step.scale][0 if step.scale == 1 else step.index - 1]
        shift = self.engine.shift
        params = shift(self.engine.join(context, Sum(_planes_last(y_hat), LATENT_EXPONENT, LATENT_BITS)))
        first = 0 if step.scale < 3 else _EMBEDDINGS_OF_SCALE_3
        return self._context[step.scale](shift(adaptor(params)), step.number - 2 - first)

    def _heads(self, psi: Sum, step: Step) -> tuple[Tensor, Tensor]:
        """Scales on the grid 2^-12 and means on the grid 2^-8, packed: int64, 1 x M/parts x h x w."""
        scales, means = (pack(half, step.sampling) for half in _planes_first(psi.values).chunk(2, dim=1))
        return regrid(scales, psi.exponent, SCALE_EXPONENT), regrid(means, psi.exponent, LATENT_EXPONENT)

    def _fuse(self, scale: int, psi: Activation, context: Activation) -> Activation:
        return psi if self._attention is None else self._attention[scale](psi, context)

    def _climb(self, context: Activation, hyper: Activation, scale: int) -> Activation:
        """Bring the context up to `scale`, as ContextModel does: itself where coded, else the hyperprior, then 1x1."""
        sampling = DOWN_TO_1 if scale == 2 else DOWN_TO_2
        g, (coded, rest) = align(context, hyper)
        coded, rest = _planes_first(coded), _planes_first(rest)
        if scale == 2 and not self._config.aligned_fill:
            filled = halves(fill_published, coded, rest)
        else:
            filled = halves(lambda c, h: up(c, sampling, into=h), coded, rest)
        shift = self.engine.shift
        return shift(self._context_net[scale - 2](shift(Sum(_planes_last(filled), g))))


class _ContextOfStep:
    """psi = branch_2(branch_1(params) * step_embedding) for the steps that share a context network."""

    def __init__(self, reader: LayerReader, network: ContextNet, embeddings: Sequence[Tensor]) -> None:
        self._engine = reader.engine
        self._branch_1, self._branch_2 = reader.chain(network.branch_1), reader.chain(network.branch_2)
        self._embeddings = [vector(embedding) for embedding in embeddings]

    def __call__(self, params: Activation, embedding: int) -> Sum:
        """psi, H x W x 2M, with the embedding of that number; params H x W x 3M."""
        shift = self._engine.shift
        scaled = self._engine.scale(shift(self._branch_1(params)), self._embeddings[embedding])
        return self._branch_2(shift(scaled))


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


def _down(x: Tensor, sampling: Sampling) -> Tensor:
    """Down-sample both halves of the channels: H x W x 2M -> H/2 x W/2 x 2M."""
    return _planes_last(halves(partial(down, sampling=sampling), _planes_first(x)))
