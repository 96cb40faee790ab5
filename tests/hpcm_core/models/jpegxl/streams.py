"""JPEG XL codestreams that no encoder makes, bit by bit, as ISO/IEC 18181-1 says: heads and frames without samples."""

from __future__ import annotations

SIDES = ((8, 0), (11, 256), (14, 2304), (30, 18688))


class Bits:
    """The lowest of each byte first."""

    def __init__(self) -> None:
        self.value, self.count = 0, 0

    def put(self, value: int, count: int) -> None:
        self.value |= value << self.count
        self.count += count

    def side(self, value: int) -> None:
        kind = max(k for k, (_, offset) in enumerate(SIDES) if value >= offset)
        self.put(kind, 2)
        self.put(value - SIDES[kind][1], SIDES[kind][0])

    def bytes(self) -> bytes:
        return self.value.to_bytes(-(-self.count // 8), "little")


def head(width: int, height: int, grey: bool = False, xyb: bool = False, extra: int = 0) -> bytes:
    """Of a picture of 8 bits in sRGB. extra: channels of alpha, 0 or 1."""
    bits = Bits()
    bits.put(0x0AFF, 16)
    bits.put(0, 1)
    kind = 3  # Of sides up to 2^30.
    bits.put(kind, 2)
    bits.put(height - 1, 30)
    bits.put(0, 3)
    bits.put(kind, 2)
    bits.put(width - 1, 30)
    bits.put(0, 2)  # Not all defaults, no further fields.
    bits.put(0, 1)  # Integers
    bits.put(0, 2)  # of 8 bits
    bits.put(1, 1)  # in 16-bit buffers.
    bits.put(extra, 2)
    if extra:
        bits.put(1, 1)
    bits.put(int(xyb), 1)
    if grey:
        bits.put(0, 2)  # Not all defaults, no profile;
        bits.put(1, 2)  # grey,
        bits.put(1, 2)  # D65,
        bits.put(0, 1)  # no gamma, but
        bits.put(2, 2)  # sRGB's
        bits.put(13 - 2, 4)  # transfer;
        bits.put(1, 2)  # relative.
    else:
        bits.put(1, 1)
    bits.put(0, 2)  # No extensions,
    bits.put(1, 1)  # no transform of its own.
    return bits.bytes()


def frame(
    kind: int = 0,
    size: tuple[int, int] | None = None,
    is_last: bool = True,
    sections: int = 1,
    section: int = 8,
    modular: bool = True,
    flags: int = 0,
    upsampling: int = 0,
    passes: int = 0,
    filters: bool = False,
    permuted: bool = False,
) -> bytes:
    """A frame without loss, unless told otherwise, whose sections are zeros; of another size than the picture's."""
    bits = Bits()
    bits.put(0, 1)
    bits.put(kind, 2)
    bits.put(int(modular), 1)
    bits.put(1 if flags else 0, 2)
    if flags:
        bits.put(flags - 1, 4)
    bits.put(0, 1)
    bits.put(upsampling, 2)
    bits.put(1, 2)  # Groups of 256.
    if kind != 2:
        bits.put(passes, 2)
    bits.put(int(size is not None), 1)
    if size is not None:
        for side in (0, 0, *size) if kind != 2 else size:
            bits.side(side)
    if kind != 2:
        bits.put(0, 2)
        if size is not None:
            bits.put(0, 2)
        bits.put(int(is_last), 1)
    if kind == 2 or not is_last:
        bits.put(0, 2)
        if kind == 2 or size is None:
            bits.put(0, 1)
    bits.put(0, 2)
    bits.put(int(filters), 1)
    if not filters:
        bits.put(0, 5)
    bits.put(0, 2)
    bits.put(int(permuted), 1)
    contents = Bits()
    for _ in range(sections):
        contents.put(0, 2)
        contents.put(section, 10)
    return bits.bytes() + contents.bytes() + bytes(sections * section)
