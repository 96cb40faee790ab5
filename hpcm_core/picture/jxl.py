"""JPEG XL through imagecodecs, whose libjxl is free of conditions on programs that bring it along.

It tells neither size nor colour and decodes at once, so the file's first bits are read here. Profiles that are
compressed among the pixels are read by Pillow's plugin, which is under the GPL and so is no part of this program, where
the user has installed it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import numpy as np

from hpcm_core.errors import LimitExceeded, Phrase, PictureError
from hpcm_core.limits import Limits
from hpcm_core.picture import colour
from hpcm_core.picture.jxl_frames import check_lossless
from hpcm_core.picture.jxl_head import ALPHA, BLACK, CODESTREAM, SPOT, Head, head_of
from hpcm_core.picture.parts import Parts, at_full_range, check_frame, check_size, split_alpha, unmultiplied

CONTAINER = b"\0\0\0\x0cJXL \r\n\x87\n"
_HEAD = 4096
_MOST_CHANNELS = 8
"""Of a picture of as many pixels as the limit allows."""
_CMYK = "JPEG XL (CMYK)"
_LINEAR_SRGB = (1, 8)
"""What the decoder makes, by its codes, of colours coded in XYB that a profile tells: it has nothing to compute with
profiles.
"""


def is_jxl(head: bytes) -> bool:
    """Whether a file that begins so is JPEG XL."""
    return head.startswith((CONTAINER, CODESTREAM))


def read(data: bytes, name: str, limits: Limits, frame: int = 0) -> Parts:
    """A JPEG XL file's picture; frame: counted from 0. Orientation is applied by the decoder."""
    boxes = list(_boxes(data))
    damaged = PictureError("{name} is damaged, cut short or of a kind that this program does not read.", name=name)
    try:
        stream = b"".join(content for kind, content in boxes if kind in (b"jxlc", b"jxlp"))
        head = head_of(stream[:_HEAD])
    except ValueError:
        raise damaged from None
    check_size(name, head.width, head.height, limits)
    if head.width * head.height * (3 + len(head.extra)) > _MOST_CHANNELS * limits.pixels:
        raise LimitExceeded("{name} has more samples than the limit.", name=name)
    if frame < 0 or not head.animated:
        check_frame(name, frame, 1)
    if BLACK in head.extra:
        raise PictureError("{name} is a file of kind {kind}, which this program does not read.", name=name, kind=_CMYK)
    if find_spec("imagecodecs") is None:
        raise PictureError("{name} is a JPEG XL file, for which the package imagecodecs must be installed.", name=name)
    linear = head.has_profile and head.in_xyb
    if linear and head.bits == 8 and not head.floating:
        data, head = _of_12_bits(stream, head)
    try:
        samples = _chunky(_decoded(data, frame), head)
    except MemoryError:
        raise PictureError("{name} needs more memory than there is.", name=name) from None
    except Exception as error:  # Its errors have no common type.
        raise damaged from error
    if samples is None:
        raise PictureError("{name} has no picture {frame}.", name=name, frame=frame)
    left_out = [Phrase("all but one of the pictures of its animation")] if head.animated else []
    left_out += _channels_left_out(head)
    samples = _integers(samples, head, left_out)
    pixels, alpha = split_alpha(unmultiplied(samples) if head.premultiplied else samples)
    parts = Parts(pixels, alpha, head.icc(), left_out=left_out, frames=0 if head.animated else 1)
    if linear:
        parts.icc = colour.from_codes(*_LINEAR_SRGB, head.grey)
        left_out += [] if head.grey else [Phrase("colours outside sRGB")]
    elif head.has_profile:
        parts.icc = _profile(data)
        if parts.icc is None:
            left_out.append(Phrase("the colour profile, which needs the package pillow-jxl-plugin"))
        elif colour.is_srgb(parts.icc):
            parts.icc = None
    seen = set()
    for kind, content in boxes:
        packed = kind == b"brob"
        kind = content[:4] if packed else kind
        if kind not in (b"Exif", b"xml ") or kind in seen:  # A few bytes unpack to megabytes: once is enough.
            continue
        seen.add(kind)
        content = _unpacked(content[4:], limits) if packed else content
        if kind == b"Exif" and len(content) > 4:  # Behind the offset of the TIFF header.
            parts.exif = content[4 + int.from_bytes(content[:4], "big") :] or None
        elif kind == b"xml ":
            parts.xmp = content or None
    return parts


def decode_lossless(
    stream: bytes, width: int, height: int, bits: int, channels: int
) -> np.ndarray[Any, np.dtype[np.unsignedinteger[Any]]]:
    """The samples of a bare codestream without loss: H x W x C of 8 or 16 bits. Raises ValueError for any other stream,
    before memory is taken for what it announces, and for a damaged one.
    """
    check_lossless(stream, width, height, bits, channels)
    try:
        samples = _decoded(stream, 0)
    except (MemoryError, ModuleNotFoundError):
        raise
    except Exception as error:  # Its errors have no common type.
        raise ValueError("damaged") from error
    if samples is None or samples.shape != (height, width, channels) or samples.dtype != np.dtype(f"u{bits // 8}"):
        raise ValueError("not of the kind that its head says")
    return samples


def codestream(data: bytes) -> bytes:
    """The codestream of a file, out of its boxes."""
    return b"".join(content for kind, content in _boxes(data) if kind in (b"jxlc", b"jxlp"))


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kinds and contents of the boxes; of a bare codestream, that. Of parts of a codestream, without their number."""
    if not data.startswith(CONTAINER):
        yield b"jxlc", data
        return
    position = len(CONTAINER)
    while position + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, position)
        head = 8
        if size == 1 and position + 16 <= len(data):
            size, head = int.from_bytes(data[position + 8 : position + 16], "big"), 16
        end = len(data) if size == 0 else position + size
        if end < position + head:
            return
        yield kind, data[position + head + (4 if kind == b"jxlp" else 0) : end]
        position = end


def _decoded(data: bytes, frame: int) -> np.ndarray[Any, Any] | None:
    """Samples as the file has them, H x W x C. None for a picture that is not there."""
    from imagecodecs import jpegxl_decode

    samples = np.asarray(jpegxl_decode(data, index=frame))
    # For a picture that is not there it says nothing and writes nothing.
    if frame and all((jpegxl_decode(data, index=frame, out=np.full_like(samples, n)) == n).all() for n in (0, 1)):
        return None
    return np.asarray(samples[:, :, np.newaxis] if samples.ndim == 2 else samples)


def _of_12_bits(stream: bytes, head: Head) -> tuple[bytes, Head]:
    """A codestream in XYB that says 8 bits as one that says 12, and its head. Its samples have no depth of their own,
    and 8 bits of linear light are too few in the dark. Of the two bits that say so, 0 is 8, 1 is 10, 2 is 12, 3 more.
    """
    changed = bytearray(stream)
    at = head.bits_at + 1
    changed[at // 8] |= 1 << at % 8
    deeper = replace(head, bits=12)
    return (bytes(changed), deeper) if head_of(bytes(changed[:_HEAD])) == deeper else (stream, head)


def _chunky(samples: np.ndarray[Any, Any] | None, head: Head) -> np.ndarray[Any, Any] | None:
    """H x W x C also of grey beside channels that are not alpha, which the decoder puts one above the other."""
    planes = samples is not None and head.grey and head.extra and ALPHA not in head.extra
    return samples[0, :, :, np.newaxis] if samples is not None and planes else samples


def _channels_left_out(head: Head) -> list[Phrase]:
    """Of colours that an ink is painted over, the decoder makes what they look like."""
    count = len(head.extra) - (ALPHA in head.extra) - head.extra.count(SPOT)
    return (
        [] if not count else [Phrase("1 more channel") if count == 1 else Phrase("{count} more channels", count=count)]
    )


def _integers(samples: np.ndarray[Any, Any], head: Head, left_out: list[Phrase]) -> np.ndarray[Any, Any]:
    if samples.dtype.kind == "f":
        if samples.max(initial=0) > 1 or samples.min(initial=0) < 0:
            left_out.append(Phrase("what is brighter than white or darker than black"))
        if not head.floating:  # Integers of more than 16 bits, which the decoder hands over as these.
            left_out.append(Phrase("the lower bits of its {bits}", bits=head.bits))
        clipped = np.clip(np.nan_to_num(samples.astype(np.float32)), 0, 1)
        return np.asarray(np.round(clipped * 65535).astype(np.uint16))
    return np.asarray(at_full_range(samples, head.bits))


def _profile(data: bytes) -> bytes | None:
    if find_spec("pillow_jxl") is None:
        return None
    from pillow_jxl import Decoder

    try:
        return bytes(Decoder(num_threads=-1)(data)[3]) or None
    except Exception:  # Its errors have no common type; the picture is there without it.
        return None


def _unpacked(data: bytes, limits: Limits) -> bytes:
    from imagecodecs import brotli_decode

    try:
        # Into room for one byte more than the limit: what does not fit is refused without being unpacked.
        return bytes(brotli_decode(data, out=bytearray(limits.metadata + 1)))
    except Exception:  # As above.
        return b""
