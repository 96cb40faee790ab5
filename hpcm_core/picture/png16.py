"""Writing 16-bit PNG files, which Pillow can do for grey only."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from hpcm_core.picture.png_chunks import chunk
from hpcm_core.picture.samples import Samples

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
_STRIP_BYTES = 1 << 22
_MAX_IDAT = 1 << 30
_PAETH = 4


def png16(samples: Samples, icc: bytes | None = None, exif: bytes | None = None) -> bytes:
    """A PNG file of H x W x (1, 2, 3 or 4) uint16 samples: grey, grey + alpha, RGB, RGB + alpha."""
    height, width, channels = samples.shape
    parts = [_SIGNATURE]
    parts.append(chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, _COLOUR_TYPES[channels], 0, 0, 0)))
    if icc is not None:
        parts.append(chunk(b"iCCP", b"ICC Profile\0\0" + zlib.compress(icc)))
    if exif is not None:
        parts.append(chunk(b"eXIf", exif))
    compressor = zlib.compressobj(6, zlib.DEFLATED, 15, 9, zlib.Z_FILTERED)
    data = b"".join(compressor.compress(rows.data) for rows in _filtered(samples)) + compressor.flush()
    parts += (chunk(b"IDAT", data[start : start + _MAX_IDAT]) for start in range(0, len(data), _MAX_IDAT))
    parts.append(chunk(b"IEND", b""))
    return b"".join(parts)


def _filtered(samples: Samples) -> Iterator[npt.NDArray[np.uint8]]:
    """Strips of rows, each row behind its filter's number and filtered by Paeth."""
    height, width, channels = samples.shape
    row_bytes, pixel_bytes = 2 * width * channels, 2 * channels
    rows_per_strip = max(1, _STRIP_BYTES // row_bytes)
    above = np.zeros((1, row_bytes), np.uint8)
    for top in range(0, height, rows_per_strip):
        rows = np.ascontiguousarray(samples[top : top + rows_per_strip], dtype=">u2").view(np.uint8)
        rows = rows.reshape(-1, row_bytes)
        strip = np.empty((len(rows), 1 + row_bytes), np.uint8)
        strip[:, 0] = _PAETH
        strip[:, 1:] = rows - _paeth(rows, np.concatenate((above, rows[:-1])), pixel_bytes)
        above = rows[-1:]
        yield strip


def _paeth(rows: npt.NDArray[np.uint8], above: npt.NDArray[np.uint8], pixel_bytes: int) -> npt.NDArray[np.uint8]:
    """PNG's Paeth predictor: of left, above and upper left, the one nearest to left + above - upper left."""
    left, upper_left = np.zeros_like(rows), np.zeros_like(rows)
    left[:, pixel_bytes:] = rows[:, :-pixel_bytes]
    upper_left[:, pixel_bytes:] = above[:, :-pixel_bytes]
    a, b, c = (plane.astype(np.int16) for plane in (left, above, upper_left))
    to_left, to_above, to_upper_left = np.abs(b - c), np.abs(a - c), np.abs(a + b - 2 * c)
    second = np.where(to_above <= to_upper_left, above, upper_left)
    return np.where((to_left <= to_above) & (to_left <= to_upper_left), left, second)
