"""Writing the first bits of a JPEG XL codestream (ISO/IEC 18181-1): depth and colour in them, ICC profiles too.

For coders that cannot be told: their frames keep, and get another head.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from hpcm_core.picture import colour
from hpcm_core.picture.jxl_head import CODESTREAM, frames_at
from hpcm_core.picture.spaces import Space

_BT709, _GAMMA_SCALE = 1, 1e7
_PRIMARIES = {1: 1, 9: 9, 12: 11}
"""JPEG XL's numbers of primaries by those of H.273; it has the white point apart."""
_D65, _CUSTOM = 1, 2
_NITS = {colour.PQ: 10000.0, colour.HLG: 1000.0}
_CONTEXTS_ARE_ONE = 0
_ICC_HEAD = 128


@dataclass(frozen=True)
class Samples:
    """What a head says of samples. bits: 8 or 16. alpha_bits: 0 for none, 32: floating. xyb: they are coded by libjxl's
    own colours (lossy), in which a profile is a wish only.
    """

    width: int
    height: int
    bits: int
    grey: bool
    alpha_bits: int = 0
    xyb: bool = False


def with_head(stream: bytes, samples: Samples, space: Space | None, icc: bytes | None = None) -> bytes:
    """A codestream whose frames are those of `stream`, and whose head is made anew: of a space, or of a profile.

    Raises ValueError where `stream` has a head of a kind that is not expected.
    """
    start, small_buffers = frames_at(stream)
    bits = _Writer()
    _put_size(bits, samples.width, samples.height)
    nits = _NITS.get(space.codes[1]) if space is not None and space.codes is not None else None
    bits.put(0, 1)
    bits.put(nits is not None, 1)
    if nits is not None:
        bits.put(0, 6)  # Upright, of no other size, without preview, no animation.
    _put_depth(bits, samples.bits)
    bits.put(small_buffers, 1)
    bits.put(samples.alpha_bits > 0, 2)
    if samples.alpha_bits:
        _put_alpha(bits, samples.alpha_bits)
    bits.put(samples.xyb, 1)
    _put_colours(bits, space, samples.grey, icc is not None)
    if nits is not None:
        bits.put(0, 1)
        for value in (nits, 0.0):
            bits.put(*_half(value))
        bits.put(0, 1)
        bits.put(*_half(0.0))
    bits.put(0, 2)
    bits.put(1, 1)
    if icc is not None:
        _put_profile(bits, icc)
    return CODESTREAM + bits.bytes() + stream[start:]


class _Writer:
    """Bits, the lowest of each byte first."""

    def __init__(self) -> None:
        self._whole, self._value, self._count = bytearray(), 0, 0

    def put(self, value: int, count: int) -> None:
        self._value |= int(value) << self._count
        self._count += count
        while self._count >= 8:
            self._whole.append(self._value & 0xFF)
            self._value >>= 8
            self._count -= 8

    def choose(self, value: int, *choices: tuple[int, int]) -> None:
        """JPEG XL's U32: the first of (bits, offset) that can say the value."""
        for number, (count, offset) in enumerate(choices):
            if offset <= value < offset + (1 << count):
                self.put(number, 2)
                self.put(value - offset, count)
                return
        raise ValueError("a number that is too large")

    def enum(self, value: int) -> None:
        self.choose(value, (0, 0), (0, 1), (4, 2), (6, 18))

    def bytes(self) -> bytes:
        return bytes(self._whole) + (bytes((self._value,)) if self._count else b"")


def _half(value: float) -> tuple[int, int]:
    return struct.unpack("<H", struct.pack("<e", value))[0], 16


def _put_size(bits: _Writer, width: int, height: int) -> None:
    choices = ((9, 1), (13, 1), (18, 1), (30, 1))
    bits.put(0, 1)
    bits.choose(height, *choices)
    bits.put(0, 3)
    bits.choose(width, *choices)


def _put_depth(bits: _Writer, depth: int) -> None:
    bits.put(depth == 32, 1)
    if depth == 32:  # Of 32 bits, 8 for the exponent.
        bits.put(0, 2)
        bits.put(7, 4)
    else:
        bits.choose(depth, (0, 8), (0, 10), (0, 12), (6, 1))


def _put_alpha(bits: _Writer, depth: int) -> None:
    bits.put(depth == 8, 1)
    if depth != 8:
        bits.enum(0)
        _put_depth(bits, depth)
        bits.put(0, 2 + 2 + 1)  # Of full size, without a name, colours not multiplied by it.


def _put_colours(bits: _Writer, space: Space | None, grey: bool, has_profile: bool) -> None:
    is_srgb = space is None or space.codes == (1, colour.SRGB)
    if is_srgb and not grey and not has_profile:
        bits.put(1, 1)
        return
    bits.put(0, 1)
    bits.put(has_profile, 1)
    bits.enum(1 if grey else 0)
    if has_profile:
        return
    bits.enum(_D65)
    codes = (1, colour.SRGB) if space is None else space.codes
    if not grey:
        number = _CUSTOM if codes is None else _PRIMARIES[codes[0]]
        bits.enum(number)
        if number == _CUSTOM and space is not None:
            for x, y in (space.primaries.red, space.primaries.green, space.primaries.blue):
                _put_signed(bits, round(x * 1e6))
                _put_signed(bits, round(y * 1e6))
    bits.put(codes is None, 1)
    if codes is None and space is not None:
        bits.put(round(_GAMMA_SCALE / space.gamma), 24)
    elif codes is not None:
        bits.enum(_BT709 if codes[1] == 14 else codes[1])
    bits.enum(1)  # Relative intent.


def _put_signed(bits: _Writer, value: int) -> None:
    packed = 2 * value if value >= 0 else -2 * value - 1
    bits.choose(packed, (19, 0), (19, 524288), (20, 1048576), (21, 2097152))


# Profiles


def _put_profile(bits: _Writer, icc: bytes) -> None:
    """A profile in the simplest of all ways: its head as differences, the rest as it is, bytes as codes of 8 bits."""
    commands = b"\0" + (b"\1" + _varint(len(icc) - _ICC_HEAD) if len(icc) > _ICC_HEAD else b"")
    predicted = _predicted_head(icc)
    head = bytes((byte - guess) & 0xFF for byte, guess in zip(icc, predicted, strict=False))
    content = _varint(len(icc)) + _varint(len(commands)) + commands + head + icc[_ICC_HEAD:]
    _put_long(bits, len(content))
    bits.put(0, 1)  # No LZ77.
    bits.put(1, 1)  # One code for all contexts.
    bits.put(_CONTEXTS_ARE_ONE, 2)
    bits.put(1, 1)  # A prefix code,
    bits.put(8, 4)  # of which the first 2^8 symbols are numbers,
    bits.put(0, 4 + 4)
    bits.put(1, 1)
    bits.put(7, 4)
    bits.put(127, 7)  # and there are 256,
    bits.put(0, 2)
    for place in range(18):  # all of length 8, which is the only length there is; it stands at place 10.
        bits.put(1 if place == 10 else 0, 2)
    for byte in content:
        bits.put(_REVERSED[byte], 8)


_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def _predicted_head(icc: bytes) -> bytearray:
    """What JPEG XL takes for the likeliest first 128 bytes of a profile."""
    head = bytearray(_ICC_HEAD)
    head[:4] = len(icc).to_bytes(4, "big")
    head[8] = 4
    head[12:24] = b"mntrRGB XYZ "
    head[36:40] = b"acsp"
    head[68:80] = bytes((0, 0, 246, 214, 0, 1, 0, 0, 0, 0, 211, 45))
    head[80:84] = icc[4:8]
    for start, rest in ((b"A", b"PPL"), (b"M", b"SFT")):
        if icc[40:41] == start:
            head[41:44] = rest
    if icc[40:41] == b"S":
        head[42:44] = {b"G": b"I ", b"U": b"NW"}.get(icc[41:42], b"\0\0")
    return head


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes((*out, value))


def _put_long(bits: _Writer, value: int) -> None:
    """JPEG XL's U64, at its longest."""
    bits.put(3, 2)
    bits.put(value & 0xFFF, 12)
    value >>= 12
    while value:
        bits.put(1, 1)
        bits.put(value & 0xFF, 8)
        value >>= 8
    bits.put(0, 1)
