"""Literal tables of the profile: nothing here is computed by a library's exp or log."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import torch
from torch import Tensor

from hpcm_core.resources import resource

POWER_BITS = 10
"""The table of 2^-t divides an octave by 2^POWER_BITS."""
POWER_SCALE_BITS = 16
"""Its first entry is 2^POWER_SCALE_BITS."""
OCTAVES = 16
"""Weights of attention below 2^-OCTAVES of the largest are zero."""
FACTOR_BITS = 14
"""The softmax's factor is a multiple of 2^-FACTOR_BITS."""

_LOG2_E_SQUARED = 20813689810056077979
"""log2(e)^2 in units of 10^-19."""


@cache
def powers() -> Tensor:
    """2^(16 - i/1024) to the nearest integer, int64, i = 0 to 1023."""
    return _table("powers")


@cache
def thresholds() -> Tensor:
    """The first 59 scales of the probability tables on the grid 2^-12, rounded down, int64."""
    return _table("thresholds")


TANH_END = 1024
"""tanh is one from 4 on: its table has the grid 2^-8."""


def half_tanh(x: Tensor) -> Tensor:
    """tanh(x) / 2 of numbers on the grid 2^-8, on the same grid: int64 -> int64, same shape."""
    table = _table("half_tanh").to(x.device)
    return torch.sign(x) * table[x.abs().clamp(max=TANH_END)]


def softmax_factor(head_channels: int) -> int:
    """floor(2^14 log2(e) / sqrt(d)) for d channels a head, in integers: 5285 for 20, 5909 for 16."""
    return math.isqrt((_LOG2_E_SQUARED << 2 * FACTOR_BITS) // (10**19 * head_channels))


def table_index(scales: Tensor) -> Tensor:
    """Probability table of each scale on the grid 2^-12 (int64): how many thresholds lie below it. uint8, same
    shape.
    """
    return torch.bucketize(scales, thresholds().to(scales.device)).to(torch.uint8)


@cache
def _tables() -> dict[str, Tensor]:
    with np.load(resource("exact_tables.npz"), allow_pickle=False) as data:
        return {name: torch.from_numpy(data[name].astype(np.int64)) for name in data.files}


def _table(name: str) -> Tensor:
    return _tables()[name]
