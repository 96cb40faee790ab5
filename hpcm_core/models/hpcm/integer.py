"""HPCM in arithmetic profile 2: transforms and entropy model in integers, from weights that are integers.

docs/exact-arithmetic-2.md is the specification. No torch: NumPy moves values, integer.operations computes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from hpcm_core.entropy.model import Request, Steps
from hpcm_core.entropy.tables import scale_thresholds
from hpcm_core.integer.layers import (
    FEATURE_MAX,
    LATENT_MAX,
    Depthwise,
    DepthwiseBlock,
    Matrix,
    PartialBlock,
    Scale,
    Tensor,
    rnd,
)
from hpcm_core.integer.operations import Operations
from hpcm_core.layers.spec import Blocks, TransformSpec
from hpcm_core.models.hpcm import planes
from hpcm_core.models.hpcm.config import Context, HPCMConfig
from hpcm_core.models.hpcm.integer_weights import NETS, layers_of
from hpcm_core.models.hpcm.schedule import DESCENTS, Step

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


Check = Callable[[], None]
"""Called between parts of the work; raises to stop it."""
Room = Callable[[tuple[int, ...]], Tensor]
"""Memory for a tensor of a shape, whatever it holds."""
Layer = Callable[[Operations, Tensor, "Check | None", Room], Tensor]
"""One operation with its weights; it writes where there is room."""


def fresh(shape: tuple[int, ...]) -> Tensor:
    """Room that is the tensor's own."""
    return np.empty(shape, np.int16)


class Turns:
    """Room for the layers of a chain, one after the other: two pieces of memory in turn, since a layer reads what the
    one before it wrote and nothing else. Memory that is new for every layer has to be cleared by the system, and for
    tensors of many megabytes that takes a quarter of the time of the layers themselves.
    """

    def __init__(self) -> None:
        self._pieces = [fresh((0,)), fresh((0,))]

    def __call__(self, shape: tuple[int, ...]) -> Tensor:
        size = math.prod(shape)
        piece = self._pieces.pop(0)
        if len(piece) < size:
            piece = fresh((size,))
        self._pieces.append(piece)
        return piece[:size].reshape(shape)


def chain(
    reader: Reader, name: str, spec: TransformSpec, limit: int = FEATURE_MAX, *, first: str = "", last: str = ""
) -> list[Layer]:
    """A transform as operations in a row. limit: of what comes in. first, last: which of several layers that one is,
    where it meets samples; the last then gives samples, of 8 bits or of 16 less DEEP_OFFSET.
    """
    layers: list[Layer] = []
    number = 0
    plain = layers_of(spec)
    for i, layer in enumerate(plain):
        if isinstance(layer, Blocks):
            for _ in range(layer.count):
                layers.append(_block(reader.partial_block(f"{name}.branch.{number}", limit)))
                number += 1
            continue
        key, reach = f"{name}.branch.{number}", {}
        if i == 0 and first:
            key += f".{first}"
        if i == len(plain) - 1 and last:
            key += f".{last}"
            reach = {"narrow": {"low": 0, "high": 255}, "wide": {"low": -DEEP_OFFSET, "high": DEEP_OFFSET - 1}}[last]
        matrix = reader.matrix(key, limit=limit, **reach)
        layers.append(_up(layer.stride, matrix) if layer.transposed else _down(layer.stride, matrix))
        number, limit = number + 1, FEATURE_MAX
    return layers


def _block(block: PartialBlock) -> Layer:
    return lambda run, x, check, room: run.partial_block(x, block, check, room(x.shape))


def _down(side: int, matrix: Matrix) -> Layer:
    def layer(run: Operations, x: Tensor, _: Check | None, room: Room) -> Tensor:
        shape = x.shape[0] // side, x.shape[1] // side, len(matrix.weight)
        return run.patches(x, side, matrix, room(shape))

    return layer


def _up(side: int, matrix: Matrix) -> Layer:
    def layer(run: Operations, x: Tensor, _: Check | None, room: Room) -> Tensor:
        shape = x.shape[0] * side, x.shape[1] * side, len(matrix.weight) // side**2
        return run.spread(x, side, matrix, room(shape))

    return layer


@dataclass(frozen=True)
class HyperPlace:
    """z is made of the latents: entropy.model.Place by the hyper analysis transform."""

    model: IntegerHPCM

    def pack(self, y: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """1xMxhxw -> h/4 x w/4 x N."""
        x = seen(on_grid(y))
        for layer in self.model.h_a:
            x = layer(self.model.run, x, None, fresh)
        return np.ldexp(x.astype(np.float32), self.model.z_exponent)

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

    def __init__(self, config: HPCMConfig, weights: Weights, run: Operations) -> None:
        self.config, self.run = config, run
        self.streams, self.labels = config.streams, config.labels
        reader = Reader(weights)
        m = config.latent_channels
        self.z_exponent = weights["z.exponent"].astype(np.int32)
        self._z_means, self._z_indices = weights["means_hyper"], weights["z.table"]
        exponent = weights["context.exponent"].astype(np.int32)
        self._scale_left, self._mean_left = exponent[:m] + SCALE_BITS, exponent[m:] + LATENT_BITS
        self.h_a = chain(reader, "h_a", config.h_a, LATENT_MAX)
        self._h_s = chain(reader, "h_s", config.h_s, LATENT_MAX)
        self._context_net = [reader.matrix(f"context_net.{i}") for i in range(len(config.schedule.stages) - 1)]
        nets = [_ContextNet(reader, key, depth) for key, depth in zip(NETS, config.nets, strict=True)]
        self._steps = {step.number: _step(reader, config, nets, step) for step in config.schedule.steps[1:]}

    def steps(self, height: int, width: int) -> Steps:
        """See EntropyModel. Everything is h x w x C; means are float32 multiples of 1/256."""
        shape = (height // 4, width // 4, len(self._z_indices))
        means = self._z_means.astype(np.float32) / (1 << LATENT_BITS)
        symbols = yield Request(0, "z", np.broadcast_to(self._z_indices, shape), means, HyperPlace(self))
        hyper = self._hyper(symbols)
        stages = self.config.schedule.stages
        hyper_of = {3: hyper}
        for at in range(2, stages[0].at - 1, -1):
            hyper_of[at] = np.concatenate([planes.descend(h, at + 1, at) for h in planes.halves(hyper_of[at + 1])], 2)
        m = self.config.latent_channels
        at = stages[0].at
        params, y_hat = self._begin(hyper_of[at])
        for step in self.config.schedule.steps:
            if step.stage > 0 and step.index == 0:
                context, y_low = params[..., : 2 * m], y_hat
                params, y_hat = self._begin(hyper_of[step.at])
                for low, high in zip(planes.halves(context), planes.halves(params[..., : 2 * m]), strict=True):
                    planes.up(low, DESCENTS[step.at - 1], high)
                planes.up(y_low, DESCENTS[step.at - 1], y_hat)
                params[..., 2 * m :] = _narrow(y_hat)
                filled = np.ascontiguousarray(params[..., : 2 * m])
                self.run.patches(filled, 1, self._context_net[step.stage - 1], params[..., : 2 * m])
            if step.number > 1:
                self._steps[step.number](self.run, params, params[..., : 2 * m])
            scales, means = (planes.pack(half, step.sampling) for half in planes.halves(params[..., : 2 * m]))
            coded_means = self._means(means, step)
            symbols = yield Request(
                stream=step.stream,
                label=str(step.number),
                indices=self._indices(scales, step),
                means=coded_means.astype(np.float32) / (1 << LATENT_BITS),
                place=StepPlace(step),
            )
            coded = (symbols << LATENT_BITS) + coded_means
            planes.unpack(coded, step.sampling, y_hat)
            planes.unpack(_narrow(coded), step.sampling, params[..., 2 * m :])
        return (y_hat.astype(np.float32) / (1 << LATENT_BITS)).transpose(2, 0, 1)[np.newaxis]

    def _hyper(self, symbols: npt.NDArray[np.int32]) -> Tensor:
        z_hat = (symbols << LATENT_BITS) + self._z_means
        x = z_hat.clip(-LATENT_MAX, LATENT_MAX).astype(np.int16)
        for layer in self._h_s:
            x = layer(self.run, x, None, fresh)
        return x

    def _begin(self, hyper: Tensor) -> tuple[Tensor, npt.NDArray[np.int32]]:
        """What a stage's steps work on: the context (2M channels) beside the latents as networks see them (M), and the
        latents, all zero.
        """
        height, width, channels = hyper.shape
        params = np.zeros((height, width, channels + channels // 2), np.int16)
        params[..., :channels] = hyper
        return params, np.zeros((height, width, channels // 2), np.int32)

    def _indices(self, scales: npt.NDArray[Any], step: Step) -> npt.NDArray[np.uint8]:
        moved = scales.astype(np.int32) << self._packed(self._scale_left, scales, step)
        return _TABLE_OF[np.clip(moved, 0, len(_TABLE_OF) - 1, out=moved)]

    def _means(self, means: npt.NDArray[Any], step: Step) -> npt.NDArray[np.int32]:
        left = self._packed(self._mean_left, means, step)
        moved: npt.NDArray[np.int32] = rnd(means.astype(np.int32) << left.clip(0), (-left).clip(0))
        return moved

    def _packed(self, exponents: npt.NDArray[np.int32], like: npt.NDArray[Any], step: Step) -> npt.NDArray[np.int32]:
        """A value a channel, laid out as a step packs them: h x w x depth M/parts."""
        stride = step.sampling.stride
        cell = planes.pack(np.broadcast_to(exponents, (stride, stride, len(exponents))), step.sampling)
        rows, columns = np.arange(like.shape[0]) % stride, np.arange(like.shape[1]) % stride
        return cell[rows[:, np.newaxis], columns]


class _ContextNet:
    """branch_2(branch_1(x) * step embedding), for the steps that share it."""

    def __init__(self, reader: Reader, key: str, depth: Context) -> None:
        self._before = [reader.depthwise_block(f"{key}.branch_1.{i}") for i in range(depth.branch_1)]
        self._after = [reader.depthwise_block(f"{key}.branch_2.{i}") for i in range(depth.branch_2)]
        self._last = reader.matrix(f"{key}.branch_2.{depth.branch_2}")

    def __call__(self, run: Operations, x: Tensor, embedding: Scale, out: Tensor) -> None:
        for block in self._before:
            x = run.depthwise_block(x, block)
        x = run.scale(x, embedding)
        for block in self._after:
            x = run.depthwise_block(x, block)
        run.patches(x, 1, self._last, out)


def _step(
    reader: Reader, config: HPCMConfig, nets: list[_ContextNet], step: Step
) -> Callable[[Operations, Tensor, Tensor], None]:
    """psi of a step: params (h x w x 3M) -> out (h x w x 2M)."""
    stage = config.schedule.stages[step.stage]
    count = max(1, len(stage.samplings) - (step.stage == 0))
    # A stage's first step uses its last adaptor, as in context.py.
    key = f"y_spatial_prior_adaptor_list_s{step.stage + 1}.{(step.index - 1) % count}"
    adaptor = reader.matrix(key, limit=LATENT_MAX)
    embedding = reader.scale(f"adaptive_params_list.{step.number - 2}")
    net = nets[stage.net]
    return lambda run, params, out: net(run, run.patches(params, 1, adaptor), embedding, out)


def on_grid(y: npt.NDArray[np.float32]) -> npt.NDArray[np.int32]:
    """Latents 1xMxhxw to multiples of 2^-LATENT_BITS, h x w x M."""
    scaled = y[0].transpose(1, 2, 0) * np.float32(1 << LATENT_BITS)
    return np.rint(scaled, out=scaled).astype(np.int32, order="C")


def seen(latents: npt.NDArray[np.int32]) -> Tensor:
    """Latents on 2^-LATENT_BITS as networks see them."""
    return _narrow(latents)


def _narrow(latents: npt.NDArray[np.int32]) -> Tensor:
    return rnd(latents, LATENT_BITS - CONTEXT_BITS).clip(-LATENT_MAX, LATENT_MAX).astype(np.int16)


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
