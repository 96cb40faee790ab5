"""Profile 3 in NumPy, as its specification reads (docs/exact-arithmetic-3.md): what native code is checked against.

Distributions of a whole tile at once, given all its samples, and a coder for tiles of a few pixels: it computes the
whole tile for each group anew. Samples are h x w x 3 in RGB order or h x w x 1, uint8 or uint16.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from hpcm_core.integer.layers import Matrix, rnd
from hpcm_core.integer.reference import product
from hpcm_core.models.lossless.config import COLOURS, SLANT
from hpcm_core.models.lossless.counts import MEAN_BITS, TOTAL_BITS, Counts
from hpcm_core.models.lossless.integers import COEFFICIENT_BITS, INSIDE, MIDDLE, BlockConstants, Integers, head_ranges

Samples = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
Values = npt.NDArray[np.int64]

_LOWEST = 1 << 30
"""A coder's state is at least that, and that at its end."""
_WORD_BITS = 32
_EQUAL = 1 << 63
"""Above the first state: colours are equal."""


class DamagedStream(ValueError):
    """The bytes are not those of a tile of this size."""


def heads(integers: Integers, samples: Samples) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """What the network says of every pixel: h x w x 10K as the specification orders them, and the prediction, h x w x 3
    in coding order.
    """
    config, matrices, deep = integers.config, integers.matrices, is_deep(samples)
    unit = 1 << MEAN_BITS if deep else 1
    planes = np.full((*samples.shape[:2], COLOURS + 1), INSIDE * unit, np.int64)
    planes[..., :COLOURS] = ordered(integers, samples) - MIDDLE * unit
    first = _wide_product if deep else product
    # Plane by plane, its neighbours in each.
    near = np.stack(_neighbours(planes, config.before), axis=-1).reshape(*samples.shape[:2], -1)
    h = first(near, matrices["embed"])
    for i, block in enumerate(integers.blocks):
        h = _block(integers, h, f"blocks.{i}", block)
    out = product(product(h, matrices["head.0"]), matrices["head.2"]).clip(*head_ranges(config, deep))
    return out.astype(np.int32), first(near, matrices["predict"]).astype(np.int32)


def is_deep(samples: Samples) -> bool:
    """Whether samples have 16 bits."""
    return samples.dtype.itemsize == 2


def ordered(integers: Integers, samples: Samples) -> Values:
    """Of every pixel three samples in coding order; those of a grey pixel are equal."""
    colours = list(integers.config.order) if samples.shape[2] == COLOURS else [0] * COLOURS
    return np.asarray(samples[..., colours].astype(np.int64))


def counts_of(
    integers: Integers, head: Values, prediction: Values, samples: Values, colour: int, deep: bool = False
) -> Counts:
    """The distributions of a colour, by its place in coding order, for n pixels: n x 10K, n x 3, and n x 3 samples in
    coding order, of which those of earlier colours are read. deep: of the upper halves of samples of 16 bits.
    """
    k = integers.config.mixtures
    logits, rest = head[:, :k], head[:, k:].reshape(-1, 3, k, COLOURS)
    means, scales, coefficients = (rest[:, i] for i in range(3))
    away = (samples if deep else samples << MEAN_BITS) - prediction
    mean = prediction[:, colour, np.newaxis] + means[..., colour]
    if colour:
        first = colour * (colour - 1) // 2
        sums = sum(coefficients[..., first + i] * away[:, i, np.newaxis] for i in range(colour))
        mean += rnd(np.asarray(sums), COEFFICIENT_BITS)
    return Counts.of(logits, mean, scales[..., colour], deep)


def has_equal_colours(samples: Samples) -> bool:
    """Whether each pixel's three samples are one and the same: then the first of the coding order is coded alone."""
    return samples.shape[2] == COLOURS and bool((samples == samples[..., :1]).all())


def intervals(integers: Integers, samples: Samples) -> tuple[Values, Values]:
    """Where the intervals of a tile's samples begin in the 2^18, and how long they are: h x w x n, those of a pixel in
    coding order. A sample of 16 bits has two, of its halves.
    """
    height, width, channels = samples.shape
    if has_equal_colours(samples):
        channels = 1
    head, prediction = (part.reshape(-1, part.shape[2]).astype(np.int64) for part in heads(integers, samples))
    values, deep = ordered(integers, samples).reshape(-1, COLOURS), is_deep(samples)
    both = []
    for colour in range(channels):
        counts, value = counts_of(integers, head, prediction, values, colour, deep), values[:, colour]
        if deep:
            upper = value >> MEAN_BITS
            both += [counts.interval(upper), counts.lower(upper).interval(value - (upper << MEAN_BITS))]
        else:
            both.append(counts.interval(value))
    starts, lengths = (np.stack([pair[i] for pair in both], axis=1).reshape(height, width, -1) for i in range(2))
    return starts, lengths


def bits(integers: Integers, samples: Samples) -> float:
    """The code length of a tile, without its 12 bytes of ending."""
    return float((TOTAL_BITS - np.log2(intervals(integers, samples)[1])).sum())


def encode_tile(integers: Integers, samples: Samples) -> bytes:
    """The stream of a tile."""
    starts, lengths = intervals(integers, samples)
    order = np.concatenate([*groups(*samples.shape[:2])])
    pairs = [(plane[order[:, 0], order[:, 1]].reshape(-1).tolist()) for plane in (starts, lengths)]
    state, words = _LOWEST, list[int]()
    for start, length in zip(reversed(pairs[0]), reversed(pairs[1]), strict=True):
        if state >= length << (2 * _WORD_BITS - 2 - TOTAL_BITS):
            words.append(state & 0xFFFFFFFF)
            state >>= _WORD_BITS
        state = (state // length << TOTAL_BITS) + start + state % length
    if has_equal_colours(samples):
        state |= _EQUAL
    return struct.pack(f"<Q{len(words)}II", state, *reversed(words), _checksum(samples))


def decode_tile(
    integers: Integers, data: bytes, height: int, width: int, channels: int = COLOURS, bits: int = 8
) -> Samples:
    """The samples of a stream. Raises DamagedStream."""
    if len(data) < 12 or len(data) % 4:
        raise DamagedStream("The stream has no whole words.")
    state, *words, crc = struct.unpack(f"<Q{len(data) // 4 - 3}II", data)
    equal, state = bool(state & _EQUAL), state & ~_EQUAL
    if not _LOWEST <= state < _LOWEST << _WORD_BITS or (equal and channels != COLOURS):
        raise DamagedStream("The stream begins with no state.")
    words.reverse()
    samples: Samples = np.zeros((height, width, 1 if equal else channels), f"u{bits // 8}")
    places = integers.config.order if samples.shape[2] == COLOURS else (0,)
    deep = is_deep(samples)
    for pixels in groups(height, width):
        head, prediction = (part[pixels[:, 0], pixels[:, 1]].astype(np.int64) for part in heads(integers, samples))
        for i, (row, column) in enumerate(pixels.tolist()):
            values = np.zeros((1, COLOURS), np.int64)
            for colour, place in enumerate(places):
                counts = counts_of(integers, head[i : i + 1], prediction[i : i + 1], values, colour, deep)
                value, state = _decoded(counts, state, words)
                if deep:
                    lower, state = _decoded(counts.lower(np.array([value])), state, words)
                    value = (value << MEAN_BITS) + lower
                samples[row, column, place] = values[0, colour] = value
    samples = samples.repeat(COLOURS, axis=2) if equal else samples
    if words or state != _LOWEST or _checksum(samples) != crc:
        raise DamagedStream("The stream is damaged.")
    return samples


def _decoded(counts: Counts, state: int, words: list[int]) -> tuple[int, int]:
    """A value, and the state that follows. Raises DamagedStream."""
    slot = state & ((1 << TOTAL_BITS) - 1)
    value = counts.find(np.array([slot]))
    start, length = (int(part[0]) for part in counts.interval(value))
    state = length * (state >> TOTAL_BITS) + slot - start
    if state < _LOWEST:
        if not words:
            raise DamagedStream("The stream ends too early.")
        state = (state << _WORD_BITS) + words.pop()
    return int(value[0]), state


def _checksum(samples: Samples) -> int:
    """Of 16 bits the lower half comes first."""
    return zlib.crc32(samples.astype(samples.dtype.newbyteorder("<")).tobytes())


def groups(height: int, width: int) -> Iterator[npt.NDArray[np.intp]]:
    """Rows and columns, n x 2, of the pixels that are coded at once, in their order."""
    rows, columns = np.indices((height, width))
    for number in range(width + SLANT * (height - 1)):
        yield np.argwhere(columns + SLANT * rows == number)


def _block(integers: Integers, h: Values, key: str, block: BlockConstants) -> Values:
    def matrix(name: str) -> Matrix:
        return integers.matrices[f"{key}.{name}"]

    m = _depthwise(product(h, matrix("conv_a")), matrix("context"), integers.config.along)
    g = rnd(m * (m + block.three).clip(0, 2 * block.three), block.gate_shift).clip(-block.g, block.g)
    p = rnd(g * product(h, matrix("conv_v")), block.product_shift).clip(-block.p, block.p)
    h = _sum(h, product(p, matrix("conv_out")), integers.bound)
    return _sum(h, product(product(h, matrix("mlp.0")), matrix("mlp.2")), integers.bound)


def _wide_product(x: Values, matrix: Matrix) -> Values:
    """A product of planes in 2^-8 levels, on the grid of one of planes in levels. Sums stay below 2^39, so that float64
    holds them.
    """
    sums = np.asarray(x.astype(np.float64) @ matrix.weight.T.astype(np.float64)).astype(np.int64)
    unit = 1 << MEAN_BITS
    return np.asarray(
        rnd(sums + matrix.bias.astype(np.int64) * unit, matrix.shift + MEAN_BITS).clip(matrix.low, matrix.high)
    )


def _sum(h: Values, r: Values, bound: int) -> Values:
    return (h + r).clip(-bound, bound)


def _depthwise(x: Values, matrix: Matrix, known: Sequence[int]) -> Values:
    near = _neighbours(x, known)
    sums = sum(part * taps for part, taps in zip(near, matrix.weight.T.astype(np.int64), strict=True)) + matrix.bias
    return rnd(np.asarray(sums), matrix.shift).clip(matrix.low, matrix.high)


def _neighbours(x: Values, known: Sequence[int]) -> list[Values]:
    """Of every pixel of h x w x C, an array like it for each neighbour: row by row from the top left, zeros outside."""
    height, width, _ = x.shape
    reach = max(known) // 2
    padded = np.pad(x, ((reach, reach), (reach, reach), (0, 0)))
    return [
        padded[row : row + height, column : column + width]
        for row, count in enumerate(known)
        for column in range(count)
    ]
