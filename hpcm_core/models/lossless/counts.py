"""A mixture's distribution in integers, as coders on all machines have to agree on it: reference in NumPy.

The interval of a value v in the 2^18 of a coder is [cum(v), cum(v + 1)), with cum(b) = b + floor((2^18 - 256) F(b)),
cum(0) = 0 and cum(256) = 2^18; F(b) is the mixture of logistic functions at b - 1/2 with weights and function in 2^-16.
F never falls, so cum rises by one at least: every value can be coded, whatever a network says.

A sample of 16 bits is two such values: its upper half, and its lower half given that, whose interval is made of the
part of F that the upper half has left. Its functions are finer, 2^-24 with lines between the table's entries, since a
step from one of its values to the next is 256 times smaller.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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
DEEP_LOG_SCALES = (-5 << SCALE_BITS, 7 << SCALE_BITS)
"""The same for samples of 16 bits: from 2^-5 of a level of 8 bits, which is eight of theirs."""
_UNIT_BITS = 16
"""Of weights, of the logistic function and of one over a scale."""
_FINE_BITS = 24
"""Of the logistic function for samples of 16 bits."""
_BETWEEN_BITS = 8
"""Between two entries of its table."""
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
    """The distributions of n samples, or halves of samples, each of K components: n x K integers. Weights in 2^-16 of
    the largest, means in 2^-8 levels, below 2^24 in magnitude, inverses as 2^16 over the scale in levels.
    """

    weights: Integers
    means: Integers
    inverses: Integers
    deep: bool = False
    """Whether samples have 16 bits."""
    uppers: Integers | None = None
    """The n upper halves of samples of 16 bits, where the lower halves' distributions are meant."""

    @classmethod
    def of(cls, logits: Integers, means: Integers, log_scales: Integers, deep: bool = False) -> Counts:
        """From what a head gives, n x K each: logits in 2^-10 octaves, means in 2^-8 levels, log2 of scales in levels,
        in 2^-6, cut to their range. With deep, of the upper halves of samples of 16 bits.
        """
        below = np.minimum(logits.max(axis=1, keepdims=True) - logits, _OCTAVES << LOGIT_BITS)
        octave = below >> LOGIT_BITS
        power = _powers()[below & ((1 << LOGIT_BITS) - 1)]
        weights = np.where(octave < _OCTAVES, (power + ((1 << octave) >> 1)) >> octave, 0)
        low, high = DEEP_LOG_SCALES if deep else LOG_SCALES
        return cls(weights, means, _inverses()[np.clip(log_scales, low, high) - DEEP_LOG_SCALES[0]], deep)

    def lower(self, uppers: Integers) -> Counts:
        """Of the lower halves of samples of 16 bits with these n upper halves."""
        return replace(self, uppers=uppers)

    def cumulative(self, bounds: Integers) -> Integers:
        """cum of one bound, 0 to 256, for each sample."""
        step = 1 << MEAN_BITS if self.uppers is None else 1
        first = np.zeros_like(bounds) if self.uppers is None else self.uppers << MEAN_BITS
        below = self._until(first)
        span = self._until(first + LEVELS * step) - below
        even = span == 0
        inside = np.where(even, bounds, self._until(first + bounds * step) - below)
        room = (1 << TOTAL_BITS) - LEVELS
        return inside * room // np.where(even, LEVELS, span) + bounds

    def _until(self, edges: Integers) -> Integers:
        """Sums of the weights times their functions up to one edge, in 2^-8 levels, for each sample. What lies below 0
        and above 256 levels counts as at these ends.
        """
        shift = MEAN_BITS + _UNIT_BITS - _GRID_BITS
        if self.deep:
            fine = ((edges[:, None] - self.means) * self.inverses) >> (shift - _BETWEEN_BITS)
            fine = np.clip(fine, -_END << _BETWEEN_BITS, (_END << _BETWEEN_BITS) - 1)
            place, between = (fine >> _BETWEEN_BITS) + _END, fine & ((1 << _BETWEEN_BITS) - 1)
            here = _logistic(_FINE_BITS)[place]
            found = here + ((_logistic(_FINE_BITS)[place + 1] - here) * between >> _BETWEEN_BITS)
        else:
            # A value stands in the middle of what is rounded to it.
            half = 1 << (MEAN_BITS - 1)
            found = _logistic()[
                np.clip((edges[:, None] - half - self.means) * self.inverses >> shift, -_END, _END) + _END
            ]
        whole = self.weights.sum(axis=1) << (_FINE_BITS if self.deep else _UNIT_BITS)
        inside = (self.weights * found).sum(axis=1)
        return np.where(edges <= 0, 0, np.where(edges >= LEVELS << MEAN_BITS, whole, inside))

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
    found = {"powers": _powers(), "inverses": _inverses(), "logistic": _logistic(), "fine": _logistic(_FINE_BITS)}
    return {name: table.astype(np.int32) for name, table in found.items()}


@cache
def _powers() -> Integers:
    """2^(16 - i/1024) to the nearest integer, i = 0 to 1023."""
    return _table([_power(Decimal(_UNIT_BITS) - Decimal(i) / 1024) for i in range(1 << LOGIT_BITS)])


@cache
def _inverses() -> Integers:
    """2^(16 - i/64) to the nearest integer, i over the range of scales."""
    low, high = DEEP_LOG_SCALES
    return _table([_power(Decimal(_UNIT_BITS) - Decimal(i) / 64) for i in range(low, high + 1)])


@cache
def _logistic(bits: int = _UNIT_BITS) -> Integers:
    """2^bits / (1 + exp(-i/256)) to the nearest integer, i = -3072 to 3072."""
    one, unit = Decimal(1), Decimal(1 << bits)
    upper = [_EXACT.divide(unit, one + _EXACT.exp(Decimal(-i) / 256)) for i in range(_END + 1)]
    return _table([unit - value for value in upper[:0:-1]] + upper)


def _power(exponent: Decimal) -> Decimal:
    return _EXACT.power(Decimal(2), exponent)


def _table(values: list[Decimal]) -> Integers:
    return np.array([int(value.to_integral_value()) for value in values], dtype=np.int64)
