"""A mixture's distribution in integers, as coders on all machines have to agree on it: reference in NumPy.

The interval of a value v in the 2^18 of a coder is [cum(v), cum(v + 1)), with cum(b) = b + floor((2^18 - 256) F(b)),
cum(0) = 0 and cum(256) = 2^18; F(b) is the mixture of logistic functions at b - 1/2 with weights and function in 2^-16.
F never falls, so cum rises by one at least: every value can be coded, whatever a network says.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal
from functools import cache

import numpy as np
import numpy.typing as npt

LEVELS = 256
TOTAL_BITS = 18
MEAN_BITS = 8
"""Means are multiples of 2^-8 levels."""
LOGIT_BITS = 10
"""Logits are multiples of 2^-10 octaves."""
SCALE_BITS = 6
"""Scales are powers of two with exponents in multiples of 2^-6, from 2^-2 to 2^7 levels."""
LOG_SCALES = (-2 << SCALE_BITS, 7 << SCALE_BITS)
_UNIT_BITS = 16
"""Of weights, of the logistic function and of one over a scale."""
_OCTAVES = 16
"""Weights below 2^-16 of the largest are zero."""
_GRID_BITS = 8
_END = 12 << _GRID_BITS
"""The logistic function is 0 or 1 from 12 scales away on."""
_EXACT = Context(prec=40)
"""Decimal's exp and power are rounded correctly, so tables are the same everywhere."""

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Counts:
    """The distributions of n samples, each of K components: n x K integers. Weights in 2^-16 of the largest, means in
    2^-8 levels, below 2^24 in magnitude, inverses as 2^16 over the scale in levels.
    """

    weights: Integers
    means: Integers
    inverses: Integers

    @classmethod
    def of(cls, logits: Integers, means: Integers, log_scales: Integers) -> Counts:
        """From what a head gives, n x K each: logits in 2^-10 octaves, means in 2^-8 levels, log2 of scales in levels,
        in 2^-6, cut to their range.
        """
        below = np.minimum(logits.max(axis=1, keepdims=True) - logits, _OCTAVES << LOGIT_BITS)
        octave = below >> LOGIT_BITS
        power = _powers()[below & ((1 << LOGIT_BITS) - 1)]
        weights = np.where(octave < _OCTAVES, (power + ((1 << octave) >> 1)) >> octave, 0)
        low, high = LOG_SCALES
        return cls(weights, means, _inverses()[np.clip(log_scales, low, high) - low])

    def cumulative(self, bounds: Integers) -> Integers:
        """cum of one bound, 0 to 256, for each sample."""
        half = 1 << (MEAN_BITS - 1)
        away = ((bounds[:, None] << MEAN_BITS) - half - self.means) * self.inverses
        steps = np.clip(away >> (MEAN_BITS + _UNIT_BITS - _GRID_BITS), -_END, _END)
        inside = (self.weights * _logistic()[steps + _END]).sum(axis=1)
        room = (1 << TOTAL_BITS) - LEVELS
        found = inside * room // (self.weights.sum(axis=1) << _UNIT_BITS) + bounds
        return np.where(bounds <= 0, 0, np.where(bounds >= LEVELS, 1 << TOTAL_BITS, found))

    def interval(self, values: Integers) -> tuple[Integers, Integers]:
        """Where the intervals of values 0 to 255 begin, and how long they are."""
        start = self.cumulative(values)
        return start, self.cumulative(values + 1) - start

    def find(self, slots: Integers) -> Integers:
        """The values whose intervals hold the slots, 0 to 2^18 - 1: eight halvings."""
        values = np.zeros_like(slots)
        step = LEVELS
        while step := step >> 1:
            middle = values + step
            values = np.where(self.cumulative(middle) <= slots, middle, values)
        return values


def tables() -> dict[str, npt.NDArray[np.int32]]:
    """All of them, as native code takes them."""
    found = {"powers": _powers(), "inverses": _inverses(), "logistic": _logistic()}
    return {name: table.astype(np.int32) for name, table in found.items()}


@cache
def _powers() -> Integers:
    """2^(16 - i/1024) to the nearest integer, i = 0 to 1023."""
    return _table([_power(Decimal(_UNIT_BITS) - Decimal(i) / 1024) for i in range(1 << LOGIT_BITS)])


@cache
def _inverses() -> Integers:
    """2^(16 - i/64) to the nearest integer, i over the range of scales."""
    return _table([_power(Decimal(_UNIT_BITS) - Decimal(i) / 64) for i in range(LOG_SCALES[0], LOG_SCALES[1] + 1)])


@cache
def _logistic() -> Integers:
    """2^16 / (1 + exp(-i/256)) to the nearest integer, i = -3072 to 3072."""
    one, unit = Decimal(1), Decimal(1 << _UNIT_BITS)
    upper = [_EXACT.divide(unit, one + _EXACT.exp(Decimal(-i) / 256)) for i in range(_END + 1)]
    return _table([unit - value for value in upper[:0:-1]] + upper)


def _power(exponent: Decimal) -> Decimal:
    return _EXACT.power(Decimal(2), exponent)


def _table(values: list[Decimal]) -> Integers:
    return np.array([int(value.to_integral_value()) for value in values], dtype=np.int64)
