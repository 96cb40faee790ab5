"""The alpha plane in a .hpcm file: a grey PNG file, lossless. docs/format.md says which."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator

import numpy as np

from hpcm_core.errors import CorruptFile, PictureError
from hpcm_core.picture import pillow_reading, writing
from hpcm_core.picture.png_chunks import chunk
from hpcm_core.picture.pngfile import SIGNATURE
from hpcm_core.picture.samples import Raster, Samples

_PIECE = 1 << 14
"""Bytes that are unpacked at once: to 16 MiB at most."""
_WHOLE = ((0, 1, 0, 1),)
_ADAM7 = ((0, 8, 0, 8), (0, 8, 4, 8), (4, 8, 0, 4), (0, 4, 2, 4), (2, 4, 0, 2), (0, 2, 1, 2), (1, 2, 0, 1))
"""First row, rows apart, first column, columns apart of each pass of a file, interlaced or not."""


def encode_alpha(alpha: Samples) -> bytes:
    """A plane H x W of uint8 or uint16 as a grey PNG file."""
    return writing.encode(Raster(alpha[:, :, np.newaxis]), ".png")


def decode_alpha(data: bytes | memoryview, width: int, height: int, bit_depth: int) -> Samples:
    """The plane that `encode_alpha` was given; H x W.

    Size and depth are compared with what is expected, and how much its pixels unpack to is counted, before any are
    decoded. Raises CorruptFile.
    """
    damaged = CorruptFile("The file is damaged: its alpha plane cannot be read.")
    try:
        pixels = _pixels_alone(memoryview(data), width, height, bit_depth)
        with pillow_reading.open_image(io.BytesIO(pixels), "The alpha plane", ("PNG",)) as image:
            if image.size != (width, height) or image.mode != {8: "L", 16: "I;16"}[bit_depth]:
                raise damaged
            plane = np.array(image)
    except (PictureError, ValueError, struct.error, zlib.error):
        raise damaged from None
    return plane


def _pixels_alone(data: memoryview, width: int, height: int, bit_depth: int) -> bytes:
    """The same picture without what Pillow would read more kindly than others, or otherwise: animation, transparency,
    fewer bits, pixels that are cut short or go on behind the last. Raises ValueError, struct.error or zlib.error.
    """
    chunks = _chunks(data)
    kind, head = next(chunks)
    grey = struct.pack(">IIBBBB", width, height, bit_depth, 0, 0, 0)
    if kind != b"IHDR" or head[:-1] != grey or head[-1] > 1:
        raise ValueError("another picture")
    kept, stream = [SIGNATURE, chunk(kind, bytes(head))], zlib.decompressobj()
    left = _unpacked(width, height, bit_depth // 8, _ADAM7 if head[-1] else _WHOLE)
    for kind, content in chunks:
        if kind == b"tRNS":
            raise ValueError("transparency")
        if kind != b"IDAT":
            continue
        kept.append(chunk(kind, bytes(content)))
        for start in range(0, len(content), _PIECE):
            left -= len(stream.decompress(content[start : start + _PIECE]))
            if left < 0 or stream.unused_data:
                raise ValueError("more than its pixels")
    if left or not stream.eof:
        raise ValueError("less than its pixels")
    return b"".join((*kept, chunk(b"IEND", b"")))


def _chunks(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Type and content of each chunk up to IEND, checksum verified. Raises ValueError or struct.error."""
    if data[: len(SIGNATURE)] != SIGNATURE:
        raise ValueError("no PNG")
    position, kind = len(SIGNATURE), b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, position)
        content, position = data[position + 8 : position + 8 + length], position + 12 + length
        if struct.unpack_from(">I", data, position - 4)[0] != zlib.crc32(content, zlib.crc32(kind)):
            raise ValueError("a checksum is wrong")
        yield kind, content


def _unpacked(width: int, height: int, size: int, passes: tuple[tuple[int, int, int, int], ...]) -> int:
    """Bytes of all rows, each with its filter's number in front. size: bytes of a sample."""
    sides = ((len(range(a, height, b)), len(range(c, width, d))) for a, b, c, d in passes)
    return sum(rows * (1 + columns * size) for rows, columns in sides if columns)
