"""Where a picture is coded better or worse than the rest: a map of quality offsets, and the GAIN chunk with it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from hpcm_core.errors import CorruptFile
from hpcm_core.format.header import MAX_QUALITY

BLOCK = 64
"""Pixels a side that one value of a map stands for."""
MOST = 22
"""Largest offset that a recipe takes: two of Lite's ten rates, about four times its lambda."""
DOUBLING = 22
"""Offset that doubles the gain of a model of one rate."""

_RAW_DEFLATE = -15
Offsets = npt.NDArray[np.int8]


@dataclass(frozen=True)
class QualityMap:
    """A quality offset for each block of BLOCK x BLOCK pixels, from the picture's upper left corner on. Where a block
    has d, latents have the gains of the file's quality plus d, within 0 to 100; in models of one rate, 2^(d / DOUBLING)
    times the gain.

    Made by whoever paints or reads a file, read by encoder and decoder. values: rows x columns signed bytes, row by
    row.
    """

    rows: int
    columns: int
    values: bytes
    block: int = BLOCK
    """Pixels a side: fewer in the map of a picture that was made smaller."""

    @classmethod
    def of(cls, offsets: npt.NDArray[np.integer[Any]]) -> QualityMap:
        """From rows x columns offsets."""
        rows, columns = offsets.shape
        return cls(rows, columns, offsets.astype(np.int8).tobytes())

    @property
    def offsets(self) -> Offsets:
        """rows x columns, read-only."""
        return np.frombuffer(self.values, np.int8).reshape(self.rows, self.columns)

    @property
    def is_plain(self) -> bool:
        """Whether no block is other than the rest of the picture."""
        return not any(self.values)

    @property
    def halved(self) -> QualityMap:
        """The same for the picture at half its width and height."""
        return replace(self, block=self.block // 2)

    def with_rest(self, offset: int) -> QualityMap:
        """The same, with an offset wherever there is none."""
        return replace(self, values=np.where(self.offsets == 0, offset, self.offsets).astype(np.int8).tobytes())

    def fits(self, width: int, height: int) -> bool:
        """Whether it is a map of a picture of so many pixels."""
        return (self.rows, self.columns) == blocks(width, height)

    def on_latents(self, height: int, width: int, stride: int) -> Offsets:
        """The offset of each of height x width latents, which stand for stride x stride pixels each: in the padding,
        that of the last block.
        """
        rows, columns = (
            np.minimum(np.arange(length) * stride // self.block, count - 1)
            for length, count in ((height, self.rows), (width, self.columns))
        )
        return self.offsets[rows[:, np.newaxis], columns]


def blocks(width: int, height: int) -> tuple[int, int]:
    """Rows and columns of the map of a picture of so many pixels."""
    return -(-height // BLOCK), -(-width // BLOCK)


def pack_gain(made: QualityMap) -> bytes:
    """The payload of a GAIN chunk."""
    stream = zlib.compressobj(9, zlib.DEFLATED, _RAW_DEFLATE)
    return stream.compress(made.values) + stream.flush()


def parse_gain(payload: bytes | memoryview, width: int, height: int) -> QualityMap:
    """What pack_gain made of a map of a picture of so many pixels. Raises CorruptFile, whatever the bytes are."""
    damaged = CorruptFile("The file is damaged: {chunk} cannot be unpacked.", chunk="GAIN")
    rows, columns = blocks(width, height)
    stream = zlib.decompressobj(_RAW_DEFLATE)
    try:
        # One byte more than expected shows both a stream that is too long and one that has not ended.
        values = stream.decompress(payload, rows * columns + 1)
    except zlib.error:
        raise damaged from None
    if len(values) != rows * columns or not stream.eof or stream.unused_data:
        raise damaged
    made = QualityMap(rows, columns, values)
    if np.abs(made.offsets.astype(int)).max() > MAX_QUALITY:
        raise damaged
    return made
