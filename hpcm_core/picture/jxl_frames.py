"""What a JPEG XL codestream without loss asks of a decoder (ISO/IEC 18181-1), found out without decoding it.

A decoder takes memory for the frames that a stream announces, and a few bytes can announce frames of 2^30 pixels a
side. So the headers of all frames are read here: what an encoder makes of a plain picture without loss has one frame,
or before it one with what occurs again and again in the picture. All else is refused.
"""

from __future__ import annotations

from typing import NamedTuple

from hpcm_core.picture.jxl_head import Bits, Head, frames_at, head_of

_REGULAR, _REFERENCE, _SKIPPABLE = 0, 2, 3
_PATCHES, _NO_SMOOTHING = 2, 128
_MOST_FRAMES = 8
_WINDOW = 1 << 14
"""Bytes in which a frame's header and its table of contents must end."""
_SIDE = ((8, 0), (11, 256), (14, 2304), (30, 18688))
_SECTION = ((10, 0), (14, 1024), (22, 17408), (30, 4211712))


class _Frame(NamedTuple):
    width: int
    height: int
    groups: int
    """Parts of the stream that the frame is cut into, by its size."""
    is_last: bool


def check_lossless(stream: bytes, width: int, height: int, bits: int, channels: int) -> None:
    """Make sure that a bare codestream is a picture of that size, depth and number of colours alone, coded without
    loss, whose frames together have at most four times its pixels and 2^16 more. Raises ValueError.
    """
    head = head_of(stream[:_WINDOW])
    found = head.width, head.height, head.bits, 1 if head.grey else 3
    if found != (width, height, bits, channels) or head.floating:
        raise ValueError(f"a picture of {found}")
    if head.extra or head.in_xyb or head.more or head.has_profile:
        raise ValueError("more than a plain picture")
    position, _ = frames_at(stream[:_WINDOW])
    left = 4 * width * height + (1 << 16)
    for _ in range(_MOST_FRAMES):
        header = Bits(stream[position : position + _WINDOW])
        frame = _frame(header, head)
        left -= frame.width * frame.height
        if left < 0:
            raise ValueError("frames larger than the picture")
        size = _size_of_sections(header, frame.groups)
        position += -(-header.position // 8) + size
        if frame.is_last:
            if position != len(stream):
                raise ValueError("cut short, or followed by something")
            return
    raise ValueError("too many frames")


def _frame(bits: Bits, head: Head) -> _Frame:
    """A frame's header, up to its table of contents. It must be of a kind that codes without loss."""
    if bits.take(1):
        raise ValueError("a frame with loss")  # The defaults are those of VarDCT.
    kind, is_modular, flags = bits.take(2), bits.take(1), _long(bits)
    if kind not in (_REGULAR, _REFERENCE, _SKIPPABLE) or not is_modular or flags & ~(_PATCHES | _NO_SMOOTHING):
        raise ValueError("a frame with loss")
    is_regular = kind != _REFERENCE
    is_ycbcr, upsampling, group = bits.take(1), bits.take(2), 128 << bits.take(2)
    if is_ycbcr or upsampling:
        raise ValueError("a frame with loss")
    if is_regular and bits.take(2):
        raise ValueError("several passes")
    width, height, is_part = head.width, head.height, bool(bits.take(1))
    if is_part:
        if is_regular:
            bits.choose(*_SIDE), bits.choose(*_SIDE)
        width, height = bits.choose(*_SIDE), bits.choose(*_SIDE)
    mode, is_last = 0, False
    if is_regular:
        mode = bits.choose((0, 0), (0, 1), (0, 2), (2, 3))
        if mode or is_part:
            bits.take(2)
        is_last = bool(bits.take(1))
    if not is_last:
        bits.take(2)
        if not is_regular or (not mode and not is_part):
            bits.take(1)
    bits.take(8 * bits.choose((0, 0), (4, 0), (5, 16), (10, 48)))
    if bits.take(1) or bits.take(1) or bits.take(2) or bits.take(2) or bits.take(2):
        raise ValueError("filters or extensions")  # Restoration, its two filters, extensions of it and of the frame.
    return _Frame(width, height, _groups(width, height, group), is_last)


def _groups(width: int, height: int, group: int) -> int:
    """Sections of a frame of one pass: all in one where it is a single group."""

    def count(side: int) -> int:
        return -(-width // side) * -(-height // side)

    return 1 if count(group) == 1 else 2 + count(8 * group) + count(group)


def _size_of_sections(bits: Bits, count: int) -> int:
    """Bytes of all sections, by the table of contents."""
    if bits.take(1):
        raise ValueError("sections in another order")
    bits.align()
    size = sum(bits.choose(*_SECTION) for _ in range(count))
    bits.align()
    return size


def _long(bits: Bits) -> int:
    """JPEG XL's U64 of at most 16 bits."""
    kind = bits.take(2)
    if kind == 3:
        raise ValueError("flags that nobody knows")
    return bits.take(4 * kind) + (0, 1, 17)[kind]
