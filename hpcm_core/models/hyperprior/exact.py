"""Arithmetic profile 1: the entropy model in integers, the same on every machine. Here z and what families share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

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
    regrid,
)
from hpcm_core.entropy.exact.layers import LayerReader
from hpcm_core.entropy.exact.weights import on_grid
from hpcm_core.entropy.model import Place, Request, Steps
from hpcm_core.models.hyperprior.config import is_large
from hpcm_core.models.hyperprior.network import HyperCodec
from hpcm_core.models.hyperprior.places import HyperPlace

SYMBOL_SCALE = 1 << -LATENT_EXPONENT
"""y_hat = SYMBOL_SCALE * symbol + mean, on the grid 2^-8."""


class Planes(NamedTuple):
    """Integers of a step, packed as its symbols: int64, 1xCxhxw, times 2^exponent."""

    values: Tensor
    exponent: int


class ExactHyperprior(ABC):
    """A network's entropy model on an engine. Read-only once made, so one object serves any number of tiles.

    drop: the network gives up the float weights of what is in integers from now on. Raises ModelError for weights whose
    sums could leave the range in which they are exact.
    """

    def __init__(self, model: HyperCodec, engine: Engine, drop: bool = False) -> None:
        self.streams, self.labels = model.config.streams, model.config.labels
        self.engine = engine
        self._channels = model.config.latent_channels
        self._h_a = model.h_a
        self._z_means = _literal(model.means_hyper, LATENT_EXPONENT)
        self._z_indices = tables.table_index(_literal(model.scales_hyper, SCALE_EXPONENT))
        self.read(model, LayerReader(engine, drop))

    @abstractmethod
    def read(self, model: Any, reader: LayerReader) -> None:
        """Make the integer layers of everything from h_s on."""

    @abstractmethod
    def latent_steps(self, z_hat: Activation) -> Generator[Request, Tensor, Tensor]:
        """The steps of y for z_hat, h/4 x w/4 x N. Returns y_hat, int64 1xMxhxw on the grid 2^-8."""

    def steps(self, height: int, width: int) -> Steps:
        """See EntropyModel. Means come as float32 multiples of 1/256."""
        indices = self._z_indices.expand(-1, -1, height // 4, width // 4)
        z = yield Request(0, "z", indices, self._z_means.float() / SYMBOL_SCALE, HyperPlace(self._h_a))
        # The encoder's h_a has run by now, on all of torch's threads.
        with self.engine.session():
            z_hat = planes_last(SYMBOL_SCALE * z.long() + self._z_means).to(self.engine.device)
            y_hat = yield from self.latent_steps(self.engine.shift(Sum(z_hat, LATENT_EXPONENT, LATENT_BITS)))
        return y_hat.cpu().float() / SYMBOL_SCALE

    def code(
        self, stream: int, label: str, place: Place, scales: Planes, means: Planes
    ) -> Generator[Request, Tensor, Tensor]:
        """Ask for a step's symbols; returns its reconstructed latents, packed, int64 on the grid 2^-8."""
        counted_from = regrid(*means, LATENT_EXPONENT)
        symbols = yield Request(
            stream=stream,
            label=label,
            indices=tables.table_index(regrid(*scales, SCALE_EXPONENT)).cpu(),
            means=counted_from.cpu().float() / SYMBOL_SCALE,
            place=place,
        )
        return SYMBOL_SCALE * symbols.to(counted_from.device, torch.int64) + counted_from

    def joined(self, context: Activation, y_hat: Tensor) -> Activation:
        """Context (h x w x C) and latents so far (int64 1xM'xhxw on the grid 2^-8), one behind the other; the context
        alone where there are no latents yet.
        """
        if y_hat.shape[1] == 0:
            return context
        return self.engine.shift(self.engine.join(context, Sum(planes_last(y_hat), LATENT_EXPONENT, LATENT_BITS)))


Made = TypeVar("Made", bound=ExactHyperprior)


def exact_entropy(kind: type[Made], network: Any, engine: str | None = None, device: str = "cpu") -> Made:
    """The exact entropy model of a loaded network, on an engine and device as engine_choice.choose takes them. Raises
    ModelError.

    The last two are kept: making one takes about as long as coding a small picture. A large network gives up the float
    weights of what is in integers, and stays with the engine that it was read for.
    """
    kept = _KEPT.get(network)
    made = _made(kind, network, choose(engine, device)) if kept is None else kept
    assert isinstance(made, kind)
    return made


@lru_cache(maxsize=2)
def _made(kind: type[ExactHyperprior], network: Any, engine: Engine) -> ExactHyperprior:
    large = is_large(4 * sum(parameter.numel() for parameter in network.parameters()))
    made = kind(network, engine, drop=large)
    if large:
        _KEPT[network] = made
    return made


_KEPT: WeakKeyDictionary[Any, ExactHyperprior] = WeakKeyDictionary()
"""What was made of networks that it could not be made of again."""


def _literal(x: Tensor, grid: int) -> Tensor:
    """Float32 parameters on a grid, saturated to +-MEAN_MAX; int64, same shape."""
    limit = float(MEAN_MAX) * 2.0**grid
    return torch.from_numpy(on_grid(x.detach().float().cpu().clamp(-limit, limit), grid, LATENT_BITS))


def planes_first(x: Tensor) -> Tensor:
    """H x W x C -> 1xCxHxW, a view."""
    return x.permute(2, 0, 1).unsqueeze(0)


def planes_last(x: Tensor) -> Tensor:
    """1xCxHxW -> H x W x C, contiguous."""
    return x.squeeze(0).permute(1, 2, 0).contiguous()
