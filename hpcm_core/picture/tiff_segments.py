"""Strips and tiles of TIFF files to samples as the file has them: packed bits, predictor and planes are undone here.

Pillow's own unpacking drops low bytes and differences where it knows no mode for a layout. Of Pillow only libtiff's
decompressors are used, which are sound: segments are put, compressed as they are, behind a directory that calls every
byte a pixel of an 8-bit grey picture without predictor. libtiff so fills a buffer of exactly the size that the tags
give, whatever a hostile strip would expand to.

tifffile is the truth in the tests and no dependency: it needs imagecodecs, which weighs 26 MB, for LZW and for depths
like 12 bits, what it does without is the part below, and it goes round in a circle of directories for ever.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import TiffImagePlugin

from hpcm_core.picture.samples import Samples
from hpcm_core.picture.tiff_directories import Damaged, Directory, File, Tree, header, integers, pack
from hpcm_core.picture.tiff_layout import CCITT, UNCOMPRESSED, Layout

_GROUP_BYTES = 1 << 23
_OVERHEAD = 4096
"""Bytes of a compressed segment beside its data, generously."""
_SHORT, _LONG = 3, 4
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_FAX_OPTIONS = (292, 293)


class Piece(NamedTuple):
    """Part of the picture: samples are rows x columns x samples (of one plane: x 1), of uint8, 16 or 32, native order,
    in the file's own depth; nothing of them lies beyond the picture. plane is 0 where all samples lie together.
    """

    plane: int
    top: int
    left: int
    samples: Samples


def pieces(directory: Directory, layout: Layout) -> Iterator[Piece]:
    """All parts of the picture, each once. Raises Damaged, or OSError as Pillow does."""
    file = directory.file
    options = {tag: directory.number(tag, 0) for tag in _FAX_OPTIONS if tag in directory}
    rows_of = _plain if layout.compression == UNCOMPRESSED else _unpacked
    for segment, first, data in rows_of(file, layout, options):
        plane, place = divmod(segment, layout.across * layout.down)
        down, across = divmod(place, layout.across)
        top, left = down * layout.rows + first, across * layout.columns
        samples = _samples(data[: layout.height - top], layout)
        yield Piece(plane, top, left, samples[:, : layout.width - left])


_Rows = tuple[int, int, npt.NDArray[np.uint8]]
"""Number of a segment, the first of its rows that are here, and rows x row_bytes (for CCITT: x columns, 0 or 1)."""


def _plain(file: File, layout: Layout, _options: dict[int, int]) -> Iterator[_Rows]:
    step = max(1, _GROUP_BYTES // layout.row_bytes)
    for segment, (offset, count) in enumerate(zip(layout.offsets.tolist(), layout.counts.tolist(), strict=True)):
        rows = _rows_in(segment, layout)
        if 0 < count < rows * layout.row_bytes:
            raise Damaged("a strip or tile is too short")
        for first in range(0, rows, step):
            here = min(step, rows - first)
            data = file.read(offset + first * layout.row_bytes, here * layout.row_bytes)
            if layout.reversed_bits:
                data = data.translate(_REVERSED)
            yield segment, first, np.frombuffer(data, np.uint8).reshape(here, layout.row_bytes)


def _unpacked(file: File, layout: Layout, options: dict[int, int]) -> Iterator[_Rows]:
    width = layout.columns if layout.compression in CCITT else layout.row_bytes
    most = max(1, _GROUP_BYTES // (width * layout.rows + _OVERHEAD))
    per_plane = layout.across * layout.down
    start = 0
    while start < len(layout.offsets):
        rows, stop = _rows_in(start, layout), start + 1
        while stop < min(start + most, len(layout.offsets)) and stop % per_plane and _rows_in(stop, layout) == rows:
            stop += 1
        image = _decompressor(file, layout, options, range(start, stop), width, rows)
        # Tile by tile, or as many rows as make a piece: strips lie below each other, so rows may go across them.
        step = rows if layout.tiled else max(1, _GROUP_BYTES // width)
        for first in range(0, rows * (stop - start), step):
            bottom = min(first + step, rows * (stop - start))
            data = np.asarray(image.crop((0, first, width, bottom)))
            if layout.compression in CCITT:
                data = (data != 0).view(np.uint8)  # Pillow's True is 255.
            segment, row = divmod(first, rows)
            yield start + segment, row, data
        start = stop


def _rows_in(segment: int, layout: Layout) -> int:
    """Rows of a segment: the last strip of a plane ends with the picture, tiles are whole."""
    if layout.tiled:
        return layout.rows
    return min(layout.rows, layout.height - segment % layout.down * layout.rows)


def _decompressor(
    file: File, layout: Layout, options: dict[int, int], segments: range, width: int, rows: int
) -> TiffImagePlugin.TiffImageFile:
    """A loaded picture of these segments below each other, `width` bytes (of CCITT: pixels) a row."""
    strips = []
    for segment in segments:
        offset, count = int(layout.offsets[segment]), int(layout.counts[segment])
        # LZW makes data half as long again at worst, fax five times; strips that say more could all be the whole file.
        most = min((8 if layout.compression in CCITT else 2) * rows * layout.row_bytes + _OVERHEAD, file.size - offset)
        if count > file.size - offset:
            raise Damaged("a strip or tile goes on beyond the end of the file")
        data = file.read(offset, min(count or most, most))
        strips.append(data.translate(_REVERSED) if layout.reversed_bits else data)
    lengths = [len(strip) for strip in strips]
    tags: Tree = {
        256: integers("<", _LONG, width),
        257: integers("<", _LONG, rows * len(segments)),
        258: integers("<", _SHORT, 1 if layout.compression in CCITT else 8),
        259: integers("<", _SHORT, layout.compression),
        262: integers("<", _SHORT, 1),
        277: integers("<", _SHORT, 1),
        278: integers("<", _LONG, rows),
        279: integers("<", _LONG, *lengths),
        **{tag: integers("<", _LONG, value) for tag, value in options.items()},
    }
    nothing = [0] * len(strips)
    start = 8 + len(pack({**tags, 273: integers("<", _LONG, *nothing)}, "<", 8))
    offsets = (start + np.cumsum([0, *lengths[:-1]])).tolist()
    data = b"".join((header("<"), pack({**tags, 273: integers("<", _LONG, *offsets)}, "<", 8), *strips))
    image = TiffImagePlugin.TiffImageFile(io.BytesIO(data))
    image.load()
    if image.size != (width, rows * len(segments)) or image.mode not in ("1", "L"):
        raise Damaged("decompressed to something else")
    return image


def _samples(data: npt.NDArray[np.uint8], layout: Layout) -> Samples:
    """Rows of bytes as rows x columns x samples."""
    if layout.compression in CCITT:
        return data[:, :, np.newaxis]
    bits, together = layout.bits, layout.samples_together
    if bits in (8, 16, 32):
        samples = np.ascontiguousarray(data).view(f"{layout.order}u{bits // 8}")
        samples = samples.astype(samples.dtype.newbyteorder("="), copy=False)
    else:
        samples = _unpack_bits(data, bits, layout.columns * together)
    samples = samples.reshape(len(data), layout.columns, together)
    if layout.differences:
        samples = np.cumsum(samples, axis=1, dtype=samples.dtype)
        if bits not in (8, 16, 32):
            samples &= samples.dtype.type((1 << bits) - 1)
    return samples


def _unpack_bits(data: npt.NDArray[np.uint8], bits: int, count: int) -> Samples:
    """The first `count` numbers of `bits` bits (1 to 16), highest bit first, of every row of bytes."""
    at = np.arange(count) * bits
    byte, shift = at >> 3, 24 - bits - (at & 7)
    padded = np.pad(data, ((0, 0), (0, 2)))
    # A number lies within three bytes from where it begins: at most 7 bits before it and 16 of its own.
    window = padded[:, byte].astype(np.uint32) << 16
    window |= padded[:, byte + 1].astype(np.uint32) << 8
    window |= padded[:, byte + 2]
    window >>= shift.astype(np.uint32)
    window &= (1 << bits) - 1
    return window.astype(np.uint8 if bits <= 8 else np.uint16)


def whole_file(directory: Directory) -> IO[bytes]:
    """The file as if this directory were its first and only one, for a reader that would take another."""
    file = directory.file
    data = bytearray(file.read(0, file.size))
    size = at = 8 if file.big else 4
    data[at : at + size] = int(directory.at).to_bytes(size, "little" if file.order == "<" else "big")
    if directory.next:
        data[directory.next_at : directory.next_at + size] = bytes(size)
    return io.BytesIO(data)
