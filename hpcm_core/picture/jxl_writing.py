"""JPEG XL files: 8 bits in sRGB, coded by imagecodecs, and metadata put beside them here.

The coder takes no ICC profile, and takes 16 bits for linear light.
"""

from __future__ import annotations

import numpy as np

from hpcm_core.picture.jxl import CONTAINER
from hpcm_core.picture.samples import Samples, to_8_bits


def jxl(
    samples: Samples,
    quality: int | None,
    exif: bytes | None = None,
    xmp: bytes | None = None,
    effort: int | None = None,
) -> bytes:
    """A JPEG XL file of H x W x (1, 2, 3 or 4) samples in sRGB, at 8 bits; without quality (0 to 100), lossless.
    effort: 1 to 10, else the coder's own.

    Raises what the coder raises.
    """
    from imagecodecs import jpegxl_encode

    samples = np.ascontiguousarray(to_8_bits(samples))
    samples = samples[:, :, 0] if samples.shape[2] == 1 else samples
    if quality is None:
        stream = bytes(jpegxl_encode(samples, lossless=True, usecontainer=False, effort=effort))
    else:
        stream = bytes(
            jpegxl_encode(samples, distance=_distance(quality), lossless=False, usecontainer=False, effort=effort)
        )
    if exif is None and xmp is None:
        return stream
    boxes = [CONTAINER, _box(b"ftyp", b"jxl \0\0\0\0jxl ")]
    if exif is not None:
        boxes.append(_box(b"Exif", bytes(4) + exif))
    if xmp is not None:
        boxes.append(_box(b"xml ", xmp))
    return b"".join((*boxes, _box(b"jxlc", stream)))


def _distance(quality: int) -> float:
    """libjxl's own scale: what a quality is in just noticeable differences."""
    if quality >= 30:
        return 0.1 + (100 - quality) * 0.09
    return 53 / 3000 * quality**2 - 23 / 20 * quality + 25


def _box(kind: bytes, payload: bytes) -> bytes:
    return (len(payload) + 8).to_bytes(4, "big") + kind + payload
