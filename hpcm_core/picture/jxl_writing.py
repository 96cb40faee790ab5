"""JPEG XL files: frames coded by imagecodecs, and colour and metadata put beside them here.

The coder takes 8 bits for sRGB and all else for linear light of sRGB's primaries, and no profile. Without loss that
does not matter: samples stay what they are, and the head says what they mean. With loss they are made linear first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hpcm_core.picture import spaces
from hpcm_core.picture.jxl import CONTAINER, codestream
from hpcm_core.picture.jxl_header import Samples, with_head
from hpcm_core.picture.samples import Raster

_DEEP = b"jxll"
"""The box in which a file says that it needs decoders of all depths: level 10."""


def holds(picture: Raster, quality: int | None) -> bool:
    """Whether the picture's colours can be written as they are, with loss (quality) or without (None)."""
    space = _space(picture)
    return quality is None or (space is not None and not spaces.SPACES[space].is_hdr)


def jxl(picture: Raster, quality: int | None, effort: int | None = None) -> bytes:
    """A JPEG XL file of a picture whose colours it `holds`, at its own depth; without quality (0 to 100), lossless.
    effort: 1 to 10, else the coder's own.

    Raises what the coder raises.
    """
    space, grey = _space(picture), picture.channels == 1
    samples: npt.NDArray[Any] = picture.pixels
    linear = quality is not None and (picture.bit_depth == 16 or space != spaces.SRGB)
    if linear and space is not None:
        samples = spaces.linear_srgb(samples, space)
    alpha_bits = 0
    if picture.alpha is not None:
        alpha = picture.alpha / np.float32(np.iinfo(picture.alpha.dtype).max) if linear else picture.alpha
        samples, alpha_bits = np.dstack((samples, alpha)), 8 * alpha.itemsize
    stream = codestream(_coded(samples[:, :, 0] if samples.shape[2] == 1 else samples, quality, effort))
    if samples.dtype != np.uint8 or space != spaces.SRGB or picture.icc is not None:
        head = Samples(picture.width, picture.height, picture.bit_depth, grey, alpha_bits, quality is not None)
        known = None if space is None else spaces.SPACES[space]
        stream = with_head(stream, head, known, picture.icc if space is None else None)
    boxes = []
    if picture.bit_depth == 16:
        boxes.append(_box(_DEEP, b"\x0a"))
    if picture.exif is not None:
        boxes.append(_box(b"Exif", bytes(4) + picture.exif))
    if picture.xmp is not None:
        boxes.append(_box(b"xml ", picture.xmp))
    if not boxes:
        return stream
    return b"".join((CONTAINER, _box(b"ftyp", b"jxl \0\0\0\0jxl "), *boxes, _box(b"jxlc", stream)))


def lossless_stream(samples: npt.NDArray[Any], effort: int) -> bytes:
    """H x W x C samples (C = 1 or 3) of 8 or 16 bits as a bare codestream without loss. What it says of their colours
    means nothing. Raises what the coder raises.
    """
    return codestream(_coded(samples[:, :, 0] if samples.shape[2] == 1 else samples, None, effort))


def _space(picture: Raster) -> int | None:
    """The number of the picture's colour space; None where only its profile says what it is."""
    return (spaces.space_of(picture.icc, picture.channels) or None) if picture.icc is not None else spaces.SRGB


def _coded(samples: npt.NDArray[Any], quality: int | None, effort: int | None) -> bytes:
    from imagecodecs import jpegxl_encode

    samples = np.ascontiguousarray(samples)
    distance = None if quality is None else _distance(quality)
    return bytes(jpegxl_encode(samples, distance=distance, lossless=quality is None, usecontainer=False, effort=effort))


def _distance(quality: int) -> float:
    """libjxl's own scale: what a quality is in just noticeable differences."""
    if quality >= 30:
        return 0.1 + (100 - quality) * 0.09
    return 53 / 3000 * quality**2 - 23 / 20 * quality + 25


def _box(kind: bytes, payload: bytes) -> bytes:
    return (len(payload) + 8).to_bytes(4, "big") + kind + payload
