"""The chunks of a PNG file that stand beside its pixels: texts, IPTC, resolution, XMP."""

from __future__ import annotations

import struct
import zlib

from hpcm_core.picture.iptc import resources
from hpcm_core.picture.samples import Raster, Resolution

_XMP_START = b"XML:com.adobe.xmp\0\0\0\0\0"
_LONGEST_KEYWORD = 79
_COMPRESSED_FROM = 1024
_INCH = 0.0254
_LINE = 72


def chunk(kind: bytes, payload: bytes) -> bytes:
    """One chunk, its length and checksum included."""
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(payload, zlib.crc32(kind)))


def chunks_of(picture: Raster) -> bytes:
    """The chunks of all metadata but EXIF. Their place is before the pixels."""
    parts = []
    if picture.resolution is not None:
        parts.append(chunk(b"pHYs", _physical(picture.resolution)))
    if picture.xmp is not None:
        parts.append(chunk(b"iTXt", _XMP_START + picture.xmp))
    if picture.iptc is not None:
        parts.append(chunk(b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(_raw_profile(picture.iptc))))
    parts += (_text(keyword, text) for keyword, text in picture.texts)
    return b"".join(parts)


def _physical(resolution: Resolution) -> bytes:
    x, y, absolute = resolution
    # Of a ratio, three digits behind the point.
    scale = 1 / _INCH if absolute else 1 if x == round(x) and y == round(y) else 1000
    return struct.pack(">IIB", *(min(max(1, round(value * scale)), 0x7FFFFFFF) for value in (x, y)), absolute)


def _raw_profile(iptc: bytes) -> bytes:
    """As ImageMagick invented it for PNG, which has no place for IPTC."""
    digits = resources(iptc).hex()
    lines = (digits[start : start + _LINE] for start in range(0, len(digits), _LINE))
    return "\n".join(("", "iptc", f"{len(digits) // 2:8}", *lines, "")).encode()


def _text(keyword: str, text: str) -> bytes:
    """A text as a chunk: of Latin-1 where it can be, compressed where it is long."""
    name = " ".join(keyword.encode("latin-1", "replace").replace(b"\0", b"").decode("latin-1").split())
    name = "".join(letter for letter in name if letter.isprintable())[:_LONGEST_KEYWORD].strip() or "Text"
    head = name.encode("latin-1") + b"\0"
    text = text.replace("\0", "")
    try:
        content = text.encode("latin-1")
    except UnicodeEncodeError:
        content = text.encode("utf-8", "replace")
        if len(content) < _COMPRESSED_FROM:
            return chunk(b"iTXt", head + b"\0\0\0\0" + content)
        return chunk(b"iTXt", head + b"\1\0\0\0" + zlib.compress(content))
    if len(content) < _COMPRESSED_FROM:
        return chunk(b"tEXt", head + content)
    return chunk(b"zTXt", head + b"\0" + zlib.compress(content))
