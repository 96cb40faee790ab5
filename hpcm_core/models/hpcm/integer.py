"""HPCM in arithmetic profile 2: transforms and entropy model in integers, from weights that are integers.

docs/exact-arithmetic-2.md is the specification. No torch: coder/src/integer computes. What is here gives it the layers
and the schedule of a model, and its steps one by one to those who look on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from coder import CoderError, _integer
from hpcm_core.entropy.model import Place, Request, Steps
from hpcm_core.entropy.streams import Check, Floats, Report, coder_tables, shared_out
from hpcm_core.entropy.tables import scale_thresholds
from hpcm_core.format.tile import Tile
from hpcm_core.integer.layers import (
    FEATURE_MAX,
    LATENT_MAX,
    Depthwise,
    DepthwiseBlock,
    Down,
    Layer,
    Matrix,
    PartialBlock,
    Scale,
    Up,
)
from hpcm_core.integer.native import Native, chain, depthwise, packed, packed_scale
from hpcm_core.layers.spec import Blocks, TransformSpec
from hpcm_core.models.hpcm import planes
from hpcm_core.models.hpcm.config import Context, HPCMConfig
from hpcm_core.models.hpcm.integer_weights import NETS, layers_of
from hpcm_core.models.hpcm.schedule import DESCENTS, Step
from hpcm_core.models.hyperprior.slots import Sampling

Weights = Mapping[str, npt.NDArray[Any]]

LATENT_BITS: Final = 8
"""y_hat, means and z_hat are multiples of 2^-LATENT_BITS in 32 bits."""
CONTEXT_BITS: Final = 5
"""The networks see latents as multiples of 2^-CONTEXT_BITS, saturated to +-LATENT_MAX."""
SCALE_BITS: Final = 9
"""Scales are multiples of 2^-SCALE_BITS where they choose a table."""
DEEP_OFFSET: Final = 1 << 15
"""What is taken off 16-bit samples so that they fit 16 bits with a sign."""


class Reader:
    """Layers from a model's integer weights, by the names of the float network's."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights

    def matrix(self, key: str, **options: Any) -> Matrix:
        weight, bias, shift = self._parts(key)
        return Matrix(weight, bias, shift, **options)

    def scale(self, key: str) -> Scale:
        return Scale(self.weights[f"{key}.factor"], self.weights[f"{key}.shift"])

    def partial_block(self, key: str, limit: int) -> PartialBlock:
        conv = self.matrix(f"{key}.branch.0.pconv", limit=limit)
        # What passes the 3x3 by has the limit of the block's input.
        expand = self.matrix(f"{key}.branch.1", leaky=True, limit=limit)
        return PartialBlock(conv, expand, self.matrix(f"{key}.branch.3", low=-limit, high=limit))

    def depthwise_block(self, key: str) -> DepthwiseBlock:
        weight, bias, shift = self._parts(f"{key}.branch.0")
        expand, reduce = self.matrix(f"{key}.branch.1", leaky=True), self.matrix(f"{key}.branch.3")
        return DepthwiseBlock(Depthwise(weight, bias, shift), expand, reduce)

    def _parts(self, key: str) -> tuple[npt.NDArray[Any], ...]:
        return tuple(self.weights[f"{key}.{part}"] for part in ("weight", "bias", "shift"))


def layers(
    reader: Reader, name: str, spec: TransformSpec, limit: int = FEATURE_MAX, *, first: str = "", last: str = ""
) -> list[Layer]:
    """A transform as layers in a row. limit: of what comes in. first, last: which of several layers that one is, where
    it meets samples; the last then gives samples, of 8 bits or of 16 less DEEP_OFFSET.
    """
    made: list[Layer] = []
    plain = layers_of(spec)
    for i, layer in enumerate(plain):
        if isinstance(layer, Blocks):
            for _ in range(layer.count):
                made.append(reader.partial_block(f"{name}.branch.{len(made)}", limit))
            continue
        key, reach = f"{name}.branch.{len(made)}", {}
        if i == 0 and first:
            key += f".{first}"
        if i == len(plain) - 1 and last:
            key += f".{last}"
            reach = {"narrow": {"low": 0, "high": 255}, "wide": {"low": -DEEP_OFFSET, "high": DEEP_OFFSET - 1}}[last]
        matrix = reader.matrix(key, limit=limit, **reach)
        made.append(Up(layer.stride, matrix) if layer.transposed else Down(layer.stride, matrix))
        limit = FEATURE_MAX
    return made


def rows_together(latents: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Latents 1xMxhxw as the engine reads them, h x w x M: as they are where each row lies together in memory."""
    x = latents[0].transpose(1, 2, 0)
    size = x.itemsize
    together = x.dtype == np.float32 and x.strides[1:] == (x.shape[2] * size, size)
    return x if together else np.ascontiguousarray(x, np.float32)


@dataclass(frozen=True)
class HyperPlace:
    """z is made of the latents: entropy.model.Place by the hyper analysis transform."""

    model: IntegerHPCM

    def pack(self, y: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """1xMxhxw -> h/4 x w/4 x N."""
        return self.model.hyper(y)

    def spread(self, bits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        share = bits.sum(axis=2) / 16
        return share.repeat(4, 0).repeat(4, 1)

    def planes(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """h/4 x w/4 x N -> Nxh/4xw/4."""
        return values.transpose(2, 0, 1)


@dataclass(frozen=True)
class StepPlace:
    """Where a step's symbols stand among the latents: entropy.model.Place."""

    step: Step

    def pack(self, y: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """1xMxhxw -> h x w x depth M/parts on the grid of the step's scale."""
        return planes.pack(planes.descend(y[0].transpose(1, 2, 0), 3, self.step.scale), self.step.sampling)

    def spread(self, bits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        height, width, packed = bits.shape
        # A group is what moves together on every way up: an eighth of the channels.
        groups = 8 * self.step.sampling.depth // self.step.sampling.parts
        sums = bits.reshape(height, width, groups, packed // groups).sum(axis=3)
        spread = np.zeros((height, width, 8), np.float32)
        planes.unpack(sums, self.step.sampling, spread)
        return planes.ascend(spread, self.step.scale, 3).sum(axis=2)

    def planes(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """h x w x depth M/parts on the grid of the step's scale -> Mxhxw."""
        sampling = self.step.sampling
        height, width, packed = values.shape
        spread = np.zeros((height, width, packed * sampling.parts // sampling.depth), values.dtype)
        planes.unpack(values, sampling, spread)
        return planes.ascend(spread, self.step.scale, 3).transpose(2, 0, 1)


class IntegerHPCM:
    """Networks of one model on one engine. Read-only once made. As entropy.model.EntropyModel it serves any number of
    tiles. Raises ModelError for weights whose sums could leave 32 bits.
    """

    def __init__(self, config: HPCMConfig, weights: Weights, run: Native) -> None:
        self.config, self.channels = config, config.latent_channels
        self.streams, self.labels = config.streams, config.labels
        self._engine, self._weights = run.engine, weights
        reader = Reader(weights)
        # Checked here and packed for the engine when they are first needed.
        self._h_a_layers = layers(reader, "h_a", config.h_a, LATENT_MAX)
        self._h_s_layers = layers(reader, "h_s", config.h_s, LATENT_MAX)
        self._context_nets = [reader.matrix(f"context_net.{i}") for i in range(len(config.schedule.stages) - 1)]
        self._nets = [_ContextNet(reader, key, depth) for key, depth in zip(NETS, config.nets, strict=True)]
        self._later = [_LaterStep(reader, config, step) for step in config.schedule.steps[1:]]

    @cached_property
    def _h_a(self) -> _integer.Chain:
        return chain(self._h_a_layers)

    @cached_property
    def _entropy(self) -> _integer.Entropy:
        m = self.config.latent_channels
        exponent = self._weights["context.exponent"].astype(np.int32)
        stages = self.config.schedule.stages
        parts = [(None, None), *((packed(later.adaptor), packed_scale(later.embedding)) for later in self._later)]
        return _integer.Entropy(
            h_s=chain(self._h_s_layers),
            z_means=self._weights["means_hyper"],
            z_tables=self._weights["z.table"],
            scale_left=(exponent[:m] + SCALE_BITS).astype(np.uint8),
            # One more, since the lowest exponent is shifted to the right.
            mean_left=(exponent[m:] + LATENT_BITS + 1).astype(np.uint8),
            table_of=_TABLE_OF,
            descents=[_slots(sampling) for sampling in DESCENTS],
            context_nets=[packed(matrix) for matrix in self._context_nets],
            nets=[net.packed() for net in self._nets],
            steps=[
                (step.scale, step.index == 0, step.stream, stages[step.stage].net, _slots(step.sampling), *of)
                for step, of in zip(self.config.schedule.steps, parts, strict=True)
            ],
        )

    def hyper(self, y: npt.NDArray[np.float32], check: Check | None = None) -> npt.NDArray[np.float32]:
        """z of latents 1xMxhxw: h/4 x w/4 x N."""
        return self._engine.hyper(self._h_a, self._z_exponent, rows_together(y), _reporting(check))

    def encode_tiles(
        self, latents: Sequence[Floats], report: Report, hyperpriors: Sequence[Floats] = ()
    ) -> list[tuple[Tile, Floats]]:
        """See streams.TileCoder. hyperpriors: z of each tile, of hyper's shape, where they are not what h_a makes of
        the latents.
        """
        coded = self._engine.encode(
            self._entropy, coder_tables(), self._h_a, self._z_exponent, _rows(latents), list(hyperpriors), report
        )
        tiles = [(Tile(streams, crc), bits) for streams, crc, bits in coded]
        return [(tile, shared_out(bits, self._streams_of_labels, tile)) for tile, bits in tiles]

    def decode_tiles(
        self, tiles: Sequence[Tile], latents: Sequence[Floats], report: Report, known: int | None = None
    ) -> list[Floats]:
        """See streams.TileCoder."""
        streams, labels = [tile.streams for tile in tiles], len(self.labels) if known is None else known
        read = self._engine.decode(self._entropy, coder_tables(), streams, _rows(latents), labels, report)
        if known is not None:
            return [bits for _, bits in read]
        if [crc for crc, _ in read] != [tile.symbols_crc for tile in tiles]:
            raise CoderError
        return [shared_out(bits, self._streams_of_labels, tile) for (_, bits), tile in zip(read, tiles, strict=True)]

    def steps(self, height: int, width: int) -> Steps:
        """See EntropyModel. Everything is h x w x C; means are float32 multiples of 1/256."""
        tile = _integer.Tile(self._engine, self._entropy, height, width)
        places: list[Place] = [HyperPlace(self), *(StepPlace(step) for step in self.config.schedule.steps)]
        for label, stream, place in zip(self.labels, self._streams_of_labels, places, strict=True):
            tile.next()
            means = tile.means.astype(np.float32) / (1 << LATENT_BITS)
            tile.take((yield Request(stream, label, tile.indices, means, place)))
        return _channels_first(tile.y_hat())

    @property
    def _z_exponent(self) -> npt.NDArray[np.int8]:
        return self._weights["z.exponent"]

    @property
    def _streams_of_labels(self) -> list[int]:
        return [0, *(step.stream for step in self.config.schedule.steps)]


class _ContextNet:
    """branch_2(branch_1(x) * step embedding), for the steps that share it."""

    def __init__(self, reader: Reader, key: str, depth: Context) -> None:
        self._before = [reader.depthwise_block(f"{key}.branch_1.{i}") for i in range(depth.branch_1)]
        self._after = [reader.depthwise_block(f"{key}.branch_2.{i}") for i in range(depth.branch_2)]
        self._last = reader.matrix(f"{key}.branch_2.{depth.branch_2}")

    def packed(self) -> tuple[Any, ...]:
        before, after = ([depthwise(block) for block in blocks] for blocks in (self._before, self._after))
        return before, after, packed(self._last)


class _LaterStep:
    """What a step but the first has of its own."""

    def __init__(self, reader: Reader, config: HPCMConfig, step: Step) -> None:
        stage = config.schedule.stages[step.stage]
        count = max(1, len(stage.samplings) - (step.stage == 0))
        # A stage's first step uses its last adaptor, as in context.py.
        key = f"y_spatial_prior_adaptor_list_s{step.stage + 1}.{(step.index - 1) % count}"
        self.adaptor = reader.matrix(key, limit=LATENT_MAX)
        self.embedding = reader.scale(f"adaptive_params_list.{step.number - 2}")


def _slots(sampling: Sampling) -> tuple[int, int, list[tuple[int, int, int]]]:
    return sampling.parts, sampling.stride, sorted((slot.part, slot.row, slot.column) for slot in sampling.slots)


def _rows(latents: Sequence[Floats]) -> list[Floats]:
    """1xMxhxw each -> h x w x M, the same memory."""
    return [one[0].transpose(1, 2, 0) for one in latents]


def _reporting(check: Check | None) -> Callable[[float], None] | None:
    return None if check is None else lambda _: check()


def _channels_first(latents: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """h x w x M -> 1xMxhxw."""
    return latents.transpose(2, 0, 1)[np.newaxis]


def table_of(scales: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """The probability table of scales on any grid."""
    fine = np.floor(np.ldexp(np.asarray(scales, np.float64), SCALE_BITS)).astype(np.int64)
    return _TABLE_OF[fine.clip(0, len(_TABLE_OF) - 1)]


def _tables() -> npt.NDArray[np.uint8]:
    """Table by scale on the grid 2^-SCALE_BITS, from 0 to where the last begins."""
    thresholds = np.floor(scale_thresholds().astype(np.float64) * 4096)
    fine = np.arange(1 << 15) << (12 - SCALE_BITS)
    return np.searchsorted(thresholds, fine, side="left").astype(np.uint8)


_TABLE_OF = _tables()
