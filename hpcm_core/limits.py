"""What a reader accepts before it takes memory. One object; a caller may pass its own."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Upper bounds for input that comes from strangers.

    Skipped symbols cost nearly no bits, so the length of a file says nothing about the work it asks for: only these
    bounds do.
    """

    pixels: int = 1 << 28
    side: int = 1 << 16
    icc: int = 4 * MIB
    metadata: int = 16 * MIB
    chunks: int = 1 << 16
    memory: int = 16 << 30
    """Bytes that decoding may need at most, by the codec's own estimate."""


DEFAULT_LIMITS = Limits()
THUMBNAIL_LIMITS = Limits(pixels=1 << 22, side=1 << 13, memory=4 << 30)
"""For .hpcm files without a preview that are decoded for a thumbnail: about four megapixels."""
