"""The segments of a JPEG file that Pillow does not write: long XMP, IPTC, comments, and density in any unit."""

from __future__ import annotations

from hpcm_core.picture import xmp as packets
from hpcm_core.picture.iptc import PHOTOSHOP, resources
from hpcm_core.picture.samples import COMMENT, Raster, Resolution

_HIGHEST = 65535
_NEAR = 0.01


def segments_of(picture: Raster) -> tuple[bytes | None, bytes]:
    """XMP that fits into its segment, and the segments, markers included, of what Pillow does not write."""
    xmp, extra = picture.xmp, b""
    if xmp is not None:
        xmp, pieces = packets.split(xmp)
        extra = b"".join(pieces)
    if picture.iptc is not None:
        extra += _segment(0xED, PHOTOSHOP + resources(picture.iptc))
    for keyword, text in picture.texts:
        if keyword == COMMENT:
            extra += _segment(0xFE, text.encode())
    return xmp, extra


def with_density(data: bytes, resolution: Resolution | None) -> bytes:
    """A JPEG file with this resolution in its JFIF segment; as it is where that is missing or has no room for it."""
    if resolution is None or data[2:4] != b"\xff\xe0" or data[6:11] != b"JFIF\0":
        return data
    x, y, absolute = resolution
    unit, pair = int(absolute), (x, y)
    if absolute and _off(x, y) > _NEAR and _off(x / 2.54, y / 2.54) < _NEAR:
        unit, pair = 2, (x / 2.54, y / 2.54)
    if not absolute and _off(x, y) > 0:
        pair = (1000 * x / max(x, y), 1000 * y / max(x, y))
    numbers = [round(value) for value in pair]
    if not 1 <= min(numbers) <= max(numbers) <= _HIGHEST:
        return data
    return data[:13] + bytes((unit,)) + b"".join(number.to_bytes(2, "big") for number in numbers) + data[18:]


def _off(*values: float) -> float:
    return max(abs(value - round(value)) for value in values)


def _segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2, "big") + payload
