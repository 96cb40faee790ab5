"""The integers of an autoregressive model: which tensors there are, and a check that no sum of theirs can overflow.

docs/exact-arithmetic-3.md is the specification.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from hpcm_core.errors import ModelError, shown
from hpcm_core.integer.kinds import Kind, check_types
from hpcm_core.integer.layers import SHIFT_MAX, Matrix
from hpcm_core.models.lossless.config import COLOURS, LosslessConfig
from hpcm_core.models.lossless.counts import DEEP_LOG_SCALES, LOG_SCALES

Array = npt.NDArray[Any]

PLANES: Final = COLOURS + 1
"""What is read of a tile: its samples less MIDDLE, and INSIDE where it is."""
MIDDLE: Final = 128
INSIDE: Final = 64
PLANE_MAX: Final = 128
FEATURE_MAX: Final = 32767
THREE_MAX: Final = 16383
"""Of what the float network has as 3: twice it is a feature, too."""
CONSTANTS: Final = "constants"
PREDICTION_MAX: Final = 1 << 17
"""Levels of a prediction, in 2^-8, and of what the head adds to them."""
LOGIT_MAX: Final = 1 << 20
COEFFICIENT_BITS: Final = 10
COEFFICIENT_MAX: Final = 2 << COEFFICIENT_BITS


class BlockConstants(NamedTuple):
    """A block's numbers in the order of a file: the bounds of what its layers give, by the specification's letters,
    and then the others.
    """

    a: int
    m: int
    g: int
    u: int
    p: int
    f: int
    three: int
    gate_shift: int
    product_shift: int


class Layer(NamedTuple):
    """What a matrix reads and gives: magnitudes that neither is beyond, and whether LeakyReLU follows."""

    name: str
    limit: int
    bound: int
    leaky: bool = False


@dataclass(frozen=True, eq=False)
class Integers:
    """A model of profile 3 that was checked: nothing computed with it can leave its type."""

    config: LosslessConfig
    arrays: Mapping[str, Array]
    """As a file has them."""
    bound: int
    """Of h, which the blocks add to."""
    blocks: tuple[BlockConstants, ...]
    matrices: Mapping[str, Matrix]
    """By their names without an ending, such as "blocks.0.conv_a"."""

    @classmethod
    def of(cls, config: LosslessConfig, arrays: Mapping[str, Array]) -> Integers:
        """Raises ModelError for anything that is not a model of this configuration, however hostile."""
        wanted = kinds(config)
        shapes = {name: array.shape for name, array in arrays.items()}
        if wrong := sorted(
            name for name in {*wanted, *shapes} if name not in wanted or shapes.get(name) != wanted[name].shape
        ):
            raise ModelError("The weights {name} are not those of {model}.", name=shown(wrong[0]), model=config.name)
        check_types(arrays, wanted, config.profile)
        constants = arrays[CONSTANTS].tolist()
        for value, (low, high) in zip(constants, _limits(config.blocks), strict=True):
            if not low <= value <= high:
                raise ModelError("The weights {name} are out of range.", name=CONSTANTS)
        size = len(BlockConstants._fields)
        blocks = tuple(BlockConstants(*constants[1 + size * i : 1 + size * (i + 1)]) for i in range(config.blocks))
        kept = {name: np.ascontiguousarray(arrays[name]) for name in wanted}
        matrices = {
            layer.name: Matrix(
                kept[f"{layer.name}.weight"],
                kept[f"{layer.name}.bias"],
                kept[f"{layer.name}.shift"],
                low=-layer.bound,
                high=layer.bound,
                leaky=layer.leaky,
                limit=layer.limit,
            )
            for layer in _layers(constants[0], blocks, constants[-1])
        }
        return cls(config, kept, constants[0], blocks, matrices)


def kinds(config: LosslessConfig) -> dict[str, Kind]:
    """The tensors of a configuration, by name."""
    wide, inner = config.channels, config.ratio * config.channels
    near = PLANES * sum(config.before)
    found = _matrix("predict", COLOURS, near) | _matrix("embed", wide, near)
    for i in range(config.blocks):
        for name in ("conv_a", "conv_v", "conv_out"):
            found |= _matrix(f"blocks.{i}.{name}", wide, wide)
        found |= _matrix(f"blocks.{i}.context", wide, sum(config.along))
        found |= _matrix(f"blocks.{i}.mlp.0", inner, wide) | _matrix(f"blocks.{i}.mlp.2", wide, inner)
    found |= _matrix("head.0", config.hidden, wide) | _matrix("head.2", config.parameters, config.hidden)
    return found | {CONSTANTS: Kind("int32", (len(_limits(config.blocks)),))}


def head_ranges(config: LosslessConfig, deep: bool = False) -> tuple[Array, Array]:
    """Least and largest of each output of the head, int32: logits, means, log2 of scales, coefficients. deep: of
    samples of 16 bits.
    """
    scales = DEEP_LOG_SCALES if deep else LOG_SCALES
    logits, rest = config.mixtures, COLOURS * config.mixtures
    counts = (logits, rest, rest, rest)
    low = np.repeat([-LOGIT_MAX, -PREDICTION_MAX, scales[0], -COEFFICIENT_MAX], counts)
    high = np.repeat([LOGIT_MAX, PREDICTION_MAX, scales[1], COEFFICIENT_MAX], counts)
    return low.astype(np.int32), high.astype(np.int32)


def _layers(stream: int, blocks: tuple[BlockConstants, ...], hidden: int) -> Iterator[Layer]:
    yield Layer("predict", PLANE_MAX, PREDICTION_MAX)
    yield Layer("embed", PLANE_MAX, stream)
    for i, block in enumerate(blocks):
        yield Layer(f"blocks.{i}.conv_a", stream, block.a)
        yield Layer(f"blocks.{i}.context", block.a, block.m)
        yield Layer(f"blocks.{i}.conv_v", stream, block.u)
        yield Layer(f"blocks.{i}.conv_out", block.p, stream)
        yield Layer(f"blocks.{i}.mlp.0", stream, block.f, leaky=True)
        yield Layer(f"blocks.{i}.mlp.2", block.f, stream)
    yield Layer("head.0", stream, hidden, leaky=True)
    yield Layer("head.2", hidden, LOGIT_MAX)  # and then head_ranges, all of which are narrower


def _limits(blocks: int) -> list[tuple[int, int]]:
    """Least and largest of each of the constants."""
    bound, shift = (1, FEATURE_MAX), (0, SHIFT_MAX)
    return [bound, *[*[bound] * 6, (1, THREE_MAX), shift, shift] * blocks, bound]


def _matrix(name: str, outputs: int, inputs: int) -> dict[str, Kind]:
    return {
        f"{name}.weight": Kind("int16", (outputs, inputs)),
        f"{name}.bias": Kind("int32", (outputs,)),
        f"{name}.shift": Kind("uint8", (outputs,)),
    }
