"""The first bits of a JPEG XL codestream (ISO/IEC 18181-1): size, depth and colour of the picture."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hpcm_core.picture import colour

CODESTREAM = b"\xff\x0a"
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_ENUM = ((0, 0), (0, 1), (4, 2), (6, 18))
_GREY, _XYB = 1, 2
_CUSTOM = 2
_WHITES = {1: (0.3127, 0.3290), 10: (1 / 3, 1 / 3), 11: (0.314, 0.351)}
ALPHA, SPOT, BLACK = 0, 2, 4
"""Kinds of extra channels."""
_CFA = 5
_MOST_CHANNELS = 64
_LONGEST = 1 << 14


@dataclass(frozen=True)
class Head:
    """bits: of a sample; floating: they are floating-point numbers; animated: there may be several pictures.

    has_profile: the colours are told by an ICC profile, else by primaries and transfer (H.273) or by gamma, the
    exponent of encoding. extra: kinds of the channels beside the colours. premultiplied: the first alpha of them is
    multiplied into the colours. in_xyb: samples are coded in XYB, so with loss. more: orientation, a preview, an
    animation or tone mapping may be told. bits_at: where, in bits, it says how many bits a sample has.
    """

    width: int
    height: int
    bits: int = 8
    floating: bool = False
    animated: bool = False
    has_profile: bool = False
    grey: bool = False
    primaries: colour.Primaries = colour.SRGB_PRIMARIES
    transfer: int = colour.SRGB
    gamma: float | None = None
    extra: tuple[int, ...] = ()
    premultiplied: bool = False
    in_xyb: bool = True
    more: bool = False
    bits_at: int = 0

    def icc(self) -> bytes | None:
        """An ICC profile of the colours that are told by numbers; None for sRGB."""
        if self.has_profile:
            return None
        code = next((code for code, known in colour.PRIMARIES.items() if known == self.primaries), 2)
        if self.gamma is None and code != 2:
            return colour.from_codes(code, self.transfer, self.grey)
        if self.gamma is None:
            return colour.of_transfer(self.primaries, self.transfer, self.grey)
        return colour.profile(self.primaries, (1 / max(self.gamma, 1e-3),), None, self.grey)


def head_of(data: bytes) -> Head:
    """What a codestream's beginning says. Raises ValueError where it is damaged or cut short."""
    return _head(Bits(data))[0]


def frames_at(data: bytes) -> tuple[int, bool]:
    """Where, after a head without a profile, the first frame begins, and whether its samples fit into 16-bit buffers.

    Raises ValueError also where the head says what no picture needs.
    """
    bits = Bits(data)
    _, extra, small_buffers, default = _head(bits)
    if not default:
        if extra and not bits.take(1):
            bits.take(3 * 16 + 1)
        if bits.take(2):
            raise ValueError("extensions of the head")
    if not bits.take(1):
        raise ValueError("a transform of its own")
    return -(-bits.position // 8), small_buffers


def _head(bits: Bits) -> tuple[Head, bool, bool, bool]:
    """The head, up to its colours; whether it has extra fields, small buffers, and nothing but defaults."""
    if bits.take(16) != 0x0AFF:
        raise ValueError("no JPEG XL")
    width, height = _size(bits)
    if bits.take(1):
        return Head(width, height), False, True, True
    animated = False
    extra = bool(bits.take(1))
    if extra:
        orientation = bits.take(3) + 1
        if bits.take(1):
            _size(bits)
        if bits.take(1):
            _preview(bits)
        if animated := bool(bits.take(1)):
            bits.choose((0, 100), (0, 1000), (10, 1), (30, 1))
            bits.choose((0, 1), (0, 1001), (8, 1), (10, 1))
            bits.choose((0, 0), (3, 0), (16, 0), (32, 0))
            bits.take(1)
        if orientation > 4:
            width, height = height, width
    bits_at = bits.position + 1
    depth, floating = _depth(bits)
    small_buffers = bool(bits.take(1))
    channels = bits.choose((0, 0), (0, 1), (4, 2), (12, 1))
    if channels > _MOST_CHANNELS:
        raise ValueError("too many channels")
    beside = [_extra_channel(bits) for _ in range(channels)]
    kinds = tuple(kind for kind, _ in beside)
    premultiplied = next((associated for kind, associated in beside if kind == ALPHA), False)
    in_xyb = bool(bits.take(1))
    head = Head(width, height, depth, floating, animated, extra=kinds, premultiplied=premultiplied)
    head = replace(head, in_xyb=in_xyb, more=extra, bits_at=bits_at)
    return _colours(bits, head), extra, small_buffers, False


class Bits:
    """Bits of a codestream, the lowest of each byte first."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data[:_LONGEST], "little"), 8 * min(len(data), _LONGEST)
        self.position = 0

    def take(self, count: int) -> int:
        if count > self._left:
            raise ValueError("cut short")
        value = self._value & ((1 << count) - 1)
        self._value >>= count
        self._left -= count
        self.position += count
        return value

    def align(self) -> None:
        """Go on at the next byte, unless at the beginning of one. Raises ValueError where that skips a 1."""
        if self.take(-self.position % 8):
            raise ValueError("no padding")

    def choose(self, *choices: tuple[int, int]) -> int:
        """JPEG XL's U32: two bits choose among (bits, offset)."""
        count, offset = choices[self.take(2)]
        return offset + self.take(count)


def _size(bits: Bits) -> tuple[int, int]:
    def side() -> int:
        return 8 * (1 + bits.take(5)) if small else bits.choose((9, 1), (13, 1), (18, 1), (30, 1))

    small = bits.take(1)
    height = side()
    ratio = bits.take(3)
    if ratio:
        wide, high = _RATIOS[ratio - 1]
        return height * wide // high, height
    return side(), height


def _preview(bits: Bits) -> None:
    def side() -> int:
        return bits.choose(*choices)

    small = bits.take(1)
    choices = ((0, 16), (0, 32), (5, 1), (9, 33)) if small else ((6, 1), (8, 65), (10, 321), (12, 1345))
    side()
    if not bits.take(3):
        side()


def _depth(bits: Bits) -> tuple[int, bool]:
    floating = bool(bits.take(1))
    depth = bits.choose(*(((0, 32), (0, 16), (0, 24)) if floating else ((0, 8), (0, 10), (0, 12))), (6, 1))
    if floating:
        bits.take(4)
    return depth, floating


def _extra_channel(bits: Bits) -> tuple[int, bool]:
    """Its kind, and whether it is alpha that is multiplied into the colours."""
    if bits.take(1):
        return ALPHA, False
    kind = bits.choose(*_ENUM)
    _depth(bits)
    bits.choose((0, 0), (0, 3), (0, 4), (3, 1))
    bits.take(8 * bits.choose((0, 0), (4, 0), (5, 16), (10, 48)))
    if kind == ALPHA:
        return kind, bool(bits.take(1))
    if kind == SPOT:
        bits.take(64)
    elif kind == _CFA:
        bits.choose((0, 1), (2, 0), (4, 3), (8, 19))
    return kind, False


def _colours(bits: Bits, head: Head) -> Head:
    if bits.take(1):
        return head
    has_profile = bool(bits.take(1))
    space = bits.choose(*_ENUM)
    head = replace(head, has_profile=has_profile, grey=space == _GREY)
    if has_profile or space == _XYB:
        return head
    white_code = bits.choose(*_ENUM)
    white = _point(bits) if white_code == _CUSTOM else _WHITES.get(white_code, _WHITES[1])
    if space != _GREY:
        code = bits.choose(*_ENUM)
        if code == _CUSTOM:
            red, green, blue = (_point(bits) for _ in range(3))
            primaries = colour.Primaries(red, green, blue, white)
        else:
            known = colour.PRIMARIES.get(code, colour.SRGB_PRIMARIES)
            primaries = replace(known, white=white)
        head = replace(head, primaries=primaries)
    if bits.take(1):
        head = replace(head, gamma=bits.take(24) / 1e7)
    else:
        head = replace(head, transfer=bits.choose(*_ENUM))
    bits.choose(*_ENUM)
    return head


def _point(bits: Bits) -> tuple[float, float]:
    def value() -> float:
        packed = bits.choose((19, 0), (19, 524288), (20, 1048576), (21, 2097152))
        return (packed // 2 if packed % 2 == 0 else -(packed + 1) // 2) / 1e6

    return value(), value()
