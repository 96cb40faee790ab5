"""The chunks of PNG files: what stands beside the pixels is read here, and the pixels are left to Pillow.

Pillow refuses a picture for a wrong checksum in a comment, and for text of more than one megabyte. It is shown the file
without the chunks that are read here.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from typing import IO

from hpcm_core.errors import Phrase
from hpcm_core.limits import Limits
from hpcm_core.picture import colour
from hpcm_core.picture.iptc import iptc_of
from hpcm_core.picture.samples import Resolution

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_ANIMATION = (b"acTL", b"fcTL", b"fdAT")
_XMP = "XML:com.adobe.xmp"
_RAW = re.compile(r"Raw profile type (.+)")
_MOST_CHUNKS = 1 << 20
_MOST_UNREAD = 16
"""Packed texts that are damaged or too large, until no more are tried: finding out takes time."""
_INCH = 0.0254


@dataclass
class Chunks:
    """What stands beside the pixels, and a file of the pixels alone."""

    pixels: IO[bytes]
    has_pixels: bool
    animated: bool
    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    narrow: bool = False
    """Black is 16 and white 235 (of 255), as in television."""
    iptc: bytes | None = None
    texts: list[tuple[str, str]] = field(default_factory=list)
    resolution: Resolution | None = None
    left_out: list[Phrase] = field(default_factory=list)


def read(file: IO[bytes], limits: Limits, still: bool = False) -> Chunks | None:
    """The chunks of a PNG file; None for a file of another kind. Damage among the pixels is left for Pillow to find.

    still: without the chunks of an animation, as programs see it that know none.
    """
    file.seek(0)
    if file.read(8) != SIGNATURE:
        return None
    kept: list[_Piece] = [(0, 8)]
    beside: dict[bytes, list[bytes]] = {}
    colour_type, has_pixels, animated = 2, False, False
    animation = () if still else _ANIMATION
    end = file.seek(0, io.SEEK_END)
    position = 8
    for _ in range(_MOST_CHUNKS):
        file.seek(position)
        head = file.read(8)
        if len(head) < 8:
            break
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        after = position + 12 + length
        critical = not kind[0] & 0x20
        has_pixels |= kind == b"IDAT"
        animated |= kind in animation
        if after > end:
            if critical or kind in animation:
                kept.append((position, end - position))
            break
        if kind == b"IHDR" and length >= 13:
            colour_type = (file.read(13) + b"\2")[9]
        if critical or kind in animation:
            kept.append((position, after - position))
        elif kind == b"tRNS":
            payload = file.read(length)
            kept.append(head + payload + struct.pack(">I", zlib.crc32(payload, zlib.crc32(kind))))
        elif length <= limits.metadata:
            beside.setdefault(kind, []).append(file.read(length))
        position = after
        if kind == b"IEND":
            break
    found = Chunks(io.BufferedReader(_Pieces(file, kept)), has_pixels, animated)
    _take_text(beside, found, limits)
    _take_colour(beside, found, colour_type in (0, 4), limits)
    if beside.get(b"eXIf"):
        found.exif = beside[b"eXIf"][0].removeprefix(b"Exif\0\0")  # Some programs put JPEG's prefix in.
    _take_resolution(beside, found)
    return found


_Piece = tuple[int, int] | bytes
"""A part of the file, by offset and length, or bytes in its stead."""


class _Pieces(io.RawIOBase):
    """Pieces of a file one after the other, as a file."""

    def __init__(self, file: IO[bytes], pieces: list[_Piece]) -> None:
        self._file, self._position = file, 0
        self._pieces = _merged(pieces)
        lengths = (len(piece) if isinstance(piece, bytes) else piece[1] for piece in self._pieces)
        *self._starts, self._end = accumulate(lengths, initial=0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._end}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._position >= self._end:
            return 0
        number = bisect_right(self._starts, self._position) - 1  # Of hundreds of thousands, where a file has them.
        piece, inside = self._pieces[number], self._position - self._starts[number]
        if isinstance(piece, bytes):
            data = piece[inside : inside + len(buffer)]
        else:
            self._file.seek(piece[0] + inside)
            data = self._file.read(min(len(buffer), piece[1] - inside))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


def _merged(pieces: list[_Piece]) -> list[_Piece]:
    merged: list[_Piece] = []
    for piece in pieces:
        last = merged[-1] if merged else b""
        if isinstance(piece, tuple) and isinstance(last, tuple) and sum(last) == piece[0]:
            merged[-1] = (last[0], last[1] + piece[1])
        else:
            merged.append(piece)
    return merged


def _unpacked(data: bytes, limit: int) -> bytes | None:
    """A zlib stream's content; None where it is damaged or larger than the limit."""
    stream = zlib.decompressobj()
    try:
        content = stream.decompress(data, limit + 1)
    except zlib.error:
        return None
    return content if stream.eof and len(content) <= limit else None


def _take_colour(beside: dict[bytes, list[bytes]], found: Chunks, grey: bool, limits: Limits) -> None:
    """The best word on colour, in the order of the PNG specification."""
    codes, profile, gamma, primaries = (beside.get(kind, [b""])[0] for kind in (b"cICP", b"iCCP", b"gAMA", b"cHRM"))
    if len(codes) == 4 and codes[2] == 0:
        found.icc = colour.from_codes(codes[0], codes[1], grey)
        found.narrow = codes[3] == 0
        return
    if profile:
        name, _, packed = profile.partition(b"\0")
        icc = _unpacked(packed[1:], limits.icc) if name and packed[:1] == b"\0" else None
        if icc is not None:
            found.icc = icc
            return
        found.left_out.append(Phrase("the colour profile, which is damaged or larger than the limit"))
    if b"sRGB" in beside or found.icc is not None:
        return
    exponent = int.from_bytes(gamma, "big") / 100000 if len(gamma) == 4 else 0
    points = None
    if len(primaries) == 32:
        x = [value / 100000 for value in struct.unpack(">8I", primaries)]
        points = colour.Primaries((x[2], x[3]), (x[4], x[5]), (x[6], x[7]), (x[0], x[1]))
    if exponent or points:
        found.icc = colour.from_gamma(exponent if 0.01 < exponent < 100 else None, points, grey)


def _take_text(beside: dict[bytes, list[bytes]], found: Chunks, limits: Limits) -> None:
    """Texts, and what some programs write as text: XMP, EXIF, IPTC and profile. All together unpack to no more than the
    limit.
    """
    names: list[str] = []
    left = limits.metadata
    for kind in (b"iTXt", b"zTXt", b"tEXt"):
        for payload in beside.get(kind, []):
            keyword, _, rest = payload.partition(b"\0")
            name = keyword.decode("latin-1")
            text = _text(kind, rest, left if len(names) < _MOST_UNREAD else 0)
            left = max(0, left - len(text or b""))
            raw = _RAW.fullmatch(name)
            content = _hexadecimal(text) if raw and text is not None else None
            if name == _XMP and text is not None and found.xmp is None:
                found.xmp = text
            elif raw and content is not None and raw[1].strip().lower() in ("exif", "app1", "xmp"):
                if content.startswith(b"Exif\0\0") or content[:4] in (b"II*\0", b"MM\0*"):
                    found.exif = content.removeprefix(b"Exif\0\0")
                elif found.xmp is None:
                    found.xmp = content.removeprefix(b"http://ns.adobe.com/xap/1.0/\0")
            elif raw and content is not None and raw[1].strip().lower() in ("icc", "icm"):
                found.icc = content
            elif raw and content is not None and raw[1].strip().lower() in ("iptc", "8bim"):
                found.iptc = iptc_of(content) or found.iptc
            elif text is None:
                names.append(name)
            else:
                found.texts.append((name, text.decode("utf-8" if kind == b"iTXt" else "latin-1", "replace")))
    if names:
        found.left_out.append(Phrase("text in the file ({names})", names=", ".join(dict.fromkeys(names))))


def _text(kind: bytes, rest: bytes, limit: int) -> bytes | None:
    if kind == b"tEXt":
        return rest
    if kind == b"zTXt":
        return _unpacked(rest[1:], limit)
    flags, parts = rest[:2], rest[2:].split(b"\0", 2)
    if len(parts) < 3:
        return None
    return _unpacked(parts[2], limit) if flags[:1] == b"\1" else parts[2]


def _hexadecimal(text: bytes) -> bytes | None:
    """The content of ImageMagick's "raw profile": a name, a length and hexadecimal digits."""
    lines = text.split(None, 2)
    try:
        length = int(lines[1])
        # Behind the digits there may be anything: only as many as there should be count.
        digits = b"".join(lines[2][: 3 * length + 3].split())[: 2 * length]
        return bytes.fromhex(digits.decode("ascii"))
    except (IndexError, ValueError):
        return None


def _take_resolution(beside: dict[bytes, list[bytes]], found: Chunks) -> None:
    payload = beside.get(b"pHYs", [b""])[0]
    if len(payload) == 9:
        x, y = struct.unpack(">II", payload[:8])
        scale = _INCH if payload[8] == 1 else 1
        found.resolution = Resolution(x * scale, y * scale, payload[8] == 1)
