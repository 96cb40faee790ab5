"""The layers of profile 2 as data: integer weights with what brings a sum back to 16 bits.
docs/exact-arithmetic-2.md is the specification.

A tensor lies in memory as height x width x channels, int16, and every channel stands for values * 2^exponent with an
exponent that belongs to the model and never changes. So nothing depends on a picture's other values, and any part of
a picture can be computed by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from hpcm_core.errors import ModelError

Tensor = npt.NDArray[np.int16]
"""H x W x C."""

FEATURE_MAX: Final = 16383
"""Largest magnitude of a feature, so that two of them add up within 16 bits."""
LATENT_MAX: Final = 32767
"""Largest magnitude of a latent as a network sees it."""
SHIFT_MAX: Final = 30
SLOPE: Final = 328
"""Negative slope of LeakyReLU, in units of 2^-15."""
SLOPE_BITS: Final = 15
_SUM_LIMIT: Final = 1 << 31


@dataclass(frozen=True, eq=False)
class Matrix:
    """A matrix product and what follows it: clamp(rnd(weight x + bias, shift), low, high), then LeakyReLU if leaky.

    weight: int16, outputs x inputs. bias: int32 and shift: uint8, one an output. limit: the largest magnitude of x for
    which every sum, in any order, stays an int32. Raises ModelError where that is not so.
    """

    weight: npt.NDArray[np.int16]
    bias: npt.NDArray[np.int32]
    shift: npt.NDArray[np.uint8]
    low: int = -FEATURE_MAX
    high: int = FEATURE_MAX
    leaky: bool = False
    limit: int = FEATURE_MAX

    def __post_init__(self) -> None:
        _check(_magnitudes(self.weight, 1), self.bias, self.shift, self.limit)


@dataclass(frozen=True, eq=False)
class Depthwise:
    """A 3x3 convolution of each channel by itself, with zeros outside: as Matrix. weight: int16, 9 x channels, row by
    row.
    """

    weight: npt.NDArray[np.int16]
    bias: npt.NDArray[np.int32]
    shift: npt.NDArray[np.uint8]
    limit: int = FEATURE_MAX

    def __post_init__(self) -> None:
        _check(_magnitudes(self.weight, 0), self.bias, self.shift, self.limit)


@dataclass(frozen=True, eq=False)
class Scale:
    """A factor a channel: clamp(rnd(factor x, shift)). factor: int16, shift: uint8; both C, or H x W x C for one a
    position too.
    """

    factor: npt.NDArray[np.int16]
    shift: npt.NDArray[np.uint8]

    def __post_init__(self) -> None:
        if self.shift.max(initial=0) > SHIFT_MAX:
            raise ModelError("The model's weights leave the range of exact arithmetic.")


@dataclass(frozen=True, eq=False)
class PartialBlock:
    """x + reduce(expand(first channels through conv, the others)): a residual block of the transforms."""

    conv: Matrix
    expand: Matrix
    reduce: Matrix


@dataclass(frozen=True, eq=False)
class Down:
    """A convolution of side x side with stride side: H x W x C -> H/side x W/side x outputs. Inputs of the matrix come
    in the order row, column, channel.
    """

    side: int
    matrix: Matrix


@dataclass(frozen=True, eq=False)
class Up:
    """A transposed convolution of side x side with stride side: H x W x C -> H side x W side x outputs / side^2.
    Outputs of the matrix come in the order row, column, channel.
    """

    side: int
    matrix: Matrix


Layer = Down | Up | PartialBlock
"""What transforms are made of."""


@dataclass(frozen=True, eq=False)
class DepthwiseBlock:
    """x + reduce(expand(conv(x))): a residual block of the context networks."""

    conv: Depthwise
    expand: Matrix
    reduce: Matrix


def rnd(a: npt.NDArray[Any], shift: npt.NDArray[Any] | int) -> npt.NDArray[Any]:
    """a / 2^shift to the nearest integer, ties up, with an arithmetic shift; shift >= 0, of the last axis or one for
    all.
    """
    wide = np.asarray(shift).astype(a.dtype)
    rounded: npt.NDArray[Any] = a + ((1 << wide) >> 1)
    rounded >>= wide
    return rounded


def _magnitudes(weight: npt.NDArray[np.int16], axis: int) -> npt.NDArray[np.int64]:
    """The largest sum, in units of the largest input, that an output's weights can make."""
    # In 32 bits: -2^15 has no magnitude in 16, and twice the width is twice the time at every start.
    magnitudes: npt.NDArray[np.int64] = np.abs(weight, dtype=np.int32).sum(axis=axis, dtype=np.int64)
    return magnitudes


def _check(
    magnitudes: npt.NDArray[np.int64], bias: npt.NDArray[np.int32], shift: npt.NDArray[np.uint8], limit: int
) -> None:
    half = (np.int64(1) << shift.astype(np.int64)) >> 1
    largest = limit * magnitudes + np.abs(bias.astype(np.int64)) + half
    if shift.max(initial=0) > SHIFT_MAX or largest.max(initial=0) >= _SUM_LIMIT:
        raise ModelError("The model's weights leave the range of exact arithmetic.")
