"""Integer tensors with one exponent each, and the few operations that rounding is made of.

A tensor of one tile lies in memory as height x width x channels, and stands for values * 2^exponent. There are two
kinds: an Activation has been rounded to 16 bits, a Sum still has all its bits. docs/exact-arithmetic.md is the
specification; a rule named here is one of its rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

ACTIVATION_MAX: Final = 32639
"""Largest magnitude of an activation, 127 * 256 + 127: two int8 digits of base 256."""
ACTIVATION_BITS: Final = 15
EXPONENT_MIN: Final = -18
"""An activation is never finer than this, so that a bias fits the grid of its sum whatever comes in."""
SUM_BITS: Final = 46
"""Every sum of a layer is below 2^SUM_BITS in magnitude: checked when a model is loaded."""
ALIGNED_BITS: Final = 51
"""Every part of an aligned sum is below 2^ALIGNED_BITS in magnitude, so two fit float64's 53 bits exactly."""
LATENT_EXPONENT: Final = -8
LATENT_BITS: Final = 24
"""y_hat and z_hat are 256 * symbol + mean, with |symbol| < 2^15 and |mean| <= 2^23."""
MEAN_MAX: Final = 1 << 23
SCALE_EXPONENT: Final = -12
SHIFT_MAX: Final = 62


@dataclass(frozen=True, eq=False)
class Activation:
    """values: H x W x C, integers of magnitude <= ACTIVATION_MAX in whatever type the engine keeps them."""

    values: Tensor
    exponent: int

    @property
    def bits(self) -> int:
        return ACTIVATION_BITS


@dataclass(frozen=True, eq=False)
class Sum:
    """values: H x W x C integers below 2^bits in magnitude; peak is the largest magnitude where it is known."""

    values: Tensor
    exponent: int
    bits: int = ALIGNED_BITS + 1
    peak: int | None = None


def rnd(a: Tensor, shift: int) -> Tensor:
    """a / 2^shift rounded to the nearest integer, ties up; int64, same shape. Shifts beyond 62 count as 62."""
    shift = min(shift, SHIFT_MAX)
    return a if shift == 0 else (a + (1 << (shift - 1))) >> shift


def rnd_int(a: int, shift: int) -> int:
    """The same for a Python integer."""
    shift = min(shift, SHIFT_MAX)
    return a if shift == 0 else (a + (1 << (shift - 1))) >> shift


def move(a: Tensor, shift: int) -> Tensor:
    """a * 2^shift: exact to the left (shift >= 0), rounded to the right; int64, same shape."""
    return a << shift if shift > 0 else rnd(a, -shift)


def common_exponent(*parts: tuple[int, int]) -> int:
    """Exponent that parts, each given as (exponent, bits), are aligned to: the finest that keeps all below
    2^ALIGNED_BITS.
    """
    return max(min(e for e, _ in parts), max(e + bits for e, bits in parts) - ALIGNED_BITS)


def align(*parts: Activation | Sum) -> tuple[int, list[Tensor]]:
    """Tensors on their common exponent, which comes first; int64, each of its own shape."""
    g = common_exponent(*((part.exponent, part.bits) for part in parts))
    return g, [move(part.values.long(), part.exponent - g) for part in parts]


def block_shift(peak: int, exponent: int) -> int:
    """The smallest right shift that makes a sum an activation, given its largest magnitude and its exponent."""
    shift = max(0, EXPONENT_MIN - exponent, peak.bit_length() - ACTIVATION_BITS - 1)
    while rnd_int(peak, shift) > ACTIVATION_MAX:
        shift += 1
    return shift


def regrid(a: Tensor, exponent: int, grid: int) -> Tensor:
    """Values a * 2^exponent on the grid 2^grid, saturated to +-MEAN_MAX: int64 -> int64, same shape."""
    if exponent <= grid:
        a = rnd(a, grid - exponent)
    else:
        a = a.clamp(-MEAN_MAX, MEAN_MAX) << min(exponent - grid, LATENT_BITS)
    return a.clamp(-MEAN_MAX, MEAN_MAX)


def peak_of(a: Tensor) -> int:
    """Largest magnitude, 0 for an empty tensor."""
    if a.numel() == 0:
        return 0
    low, high = torch.aminmax(a)
    return max(-int(low), int(high))
