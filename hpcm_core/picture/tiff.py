"""Writing TIFF files of 8 and 16 bits. Pillow writes no 16-bit colour, and "?" for EXIF that is not ASCII."""

from __future__ import annotations

import zlib

import numpy as np

from hpcm_core.picture.samples import Raster, Samples
from hpcm_core.picture.tiff_directories import Damaged, Entry, Order, Tree, exif_tree, header, integers, pack

_STRIP_BYTES = 1 << 20
_DEFLATE = 8
_HORIZONTAL_DIFFERENCES = 2
_BLACK_IS_ZERO, _RGB = 1, 2
_UNASSOCIATED_ALPHA = 2
_BYTE, _SHORT, _LONG, _RATIONAL, _UNDEFINED = 1, 3, 4, 5, 7
_NEAR_INTEGER, _SCALE = 5e-4, 1000
_OFFSETS = 273
_STORAGE = frozenset(
    (*range(254, 270), *range(273, 282), 284, *range(288, 294), 317, *range(320, 348), *range(512, 533))
) | {700, 33723, 34377, 34675, 50706}
"""Tags about how an EXIF block's own pixels were stored, and of which a picture has its own or none: XMP, IPTC,
resources of Photoshop, the ICC profile, the mark of DNG. Programs that copy a TIFF file's tags into EXIF copy these.
"""


def tiff(samples: Samples, picture: Raster) -> bytes:
    """A TIFF file of H x W x (1, 2, 3 or 4) uint8 or uint16 samples, compressed by Deflate, with all that the picture
    has beside its own.

    It has the byte order of the EXIF block, so that this is copied value by value. Raises ValueError from 4 GiB on.
    """
    order, tags = _copied(picture.exif)
    height, width, channels = samples.shape
    rows_per_strip = max(1, min(height, _STRIP_BYTES // (width * channels * samples.itemsize)))
    strips = [_strip(samples[top : top + rows_per_strip], order) for top in range(0, height, rows_per_strip)]
    lengths = [len(strip) for strip in strips]

    tags |= {
        256: integers(order, _LONG, width),
        257: integers(order, _LONG, height),
        258: integers(order, _SHORT, *[8 * samples.itemsize] * channels),
        259: integers(order, _SHORT, _DEFLATE),
        262: integers(order, _SHORT, _RGB if channels >= 3 else _BLACK_IS_ZERO),
        277: integers(order, _SHORT, channels),
        278: integers(order, _LONG, rows_per_strip),
        279: integers(order, _LONG, *lengths),
        284: integers(order, _SHORT, 1),
        317: integers(order, _SHORT, _HORIZONTAL_DIFFERENCES),
        339: integers(order, _SHORT, *[1] * channels),
    }
    if channels in (2, 4):
        tags[338] = integers(order, _SHORT, _UNASSOCIATED_ALPHA)
    for tag, kind, data in (
        (34675, _UNDEFINED, picture.icc),
        (700, _BYTE, picture.xmp),
        (33723, _UNDEFINED, picture.iptc),
    ):
        if data is not None:
            tags[tag] = Entry(kind, len(data), data)
    if picture.resolution is not None:
        x, y, absolute = picture.resolution
        tags |= {282: _rational(order, x), 283: _rational(order, y), 296: integers(order, _SHORT, 2 if absolute else 1)}
    tags[_OFFSETS] = integers(order, _LONG, *lengths)  # For the length of the directory only.
    starts = np.cumsum([8 + len(pack(tags, order, 8)), *lengths])
    if starts[-1] >= 1 << 32:
        raise ValueError("a TIFF file cannot be larger than 4 GiB")
    tags[_OFFSETS] = integers(order, _LONG, *starts[:-1].tolist())
    return b"".join((header(order), pack(tags, order, 8), *strips))


def _rational(order: Order, value: float) -> Entry:
    scale = 1 if abs(value - round(value)) < _NEAR_INTEGER else _SCALE
    numerator = min(max(1, round(value * scale)), 0xFFFFFFFF)
    return Entry(_RATIONAL, 1, integers(order, _LONG, numerator, scale).data)


def _strip(rows: Samples, order: Order) -> bytes:
    differences = rows.copy(order="C")
    differences[:, 1:] -= rows[:, :-1]
    return zlib.compress(differences.astype(rows.dtype.newbyteorder(order), copy=False).data, 6)


def _copied(exif: bytes | None) -> tuple[Order, Tree]:
    """Byte order and tags of an EXIF block; none of them where it is damaged."""
    try:
        order, tree = exif_tree(exif or b"")
    except Damaged:
        return "<", {}
    return order, {tag: entry for tag, entry in tree.items() if tag not in _STORAGE}
