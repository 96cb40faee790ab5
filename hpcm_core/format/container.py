"""The .hpcm container, version 1: chunks, limits and checksums. Bytes only; docs/format.md is the specification.

`write` and `read` are inverse to each other. `read` returns the right content or raises an HpcmError, whatever the
bytes are, and checks every length against the limits before it takes memory. Code streams are handed out as views into
the data, never copied.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from hpcm_core.errors import CorruptFile, LimitExceeded, NotHpcm, Phrase, UnsupportedVersion
from hpcm_core.format.header import (
    COLOUR_FROM_PROFILE,
    FIXED_RATE,
    FLOAT32_PROFILE,
    Header,
    check_limits,
    header_fault,
    pack_header,
    parse_header,
)
from hpcm_core.limits import DEFAULT_LIMITS, Limits

Bytes: TypeAlias = bytes | memoryview

SIGNATURE = b"\x89HPC\r\n\x1a\n"
"""The high bit catches 7-bit transfer; CR LF and LF catch line-end conversion; 0x1A stops `type` on Windows."""
VERSION = (1, 0)
"""Major: a reader refuses another one. Minor: a reader ignores it."""

_CHUNK_START = struct.Struct("<I4s")
_U32 = struct.Struct("<I")
_TABLE_ENTRY = struct.Struct("<II")
_CHUNK_OVERHEAD = _CHUNK_START.size + _U32.size
_PROLOGUE = len(SIGNATURE) + 2
_REQUIRED_CHUNKS = 3
_MAX_FILE = 0xFFFFFFFF
_STORED, _DEFLATED = 0, 1

_PACKED = {b"iccp": "icc", b"exif": "exif", b"xmpd": "xmp", b"iptc": "iptc", b"text": "texts", b"phys": "resolution"}
_PLAIN = {b"GAIN": "gain", b"alph": "alpha", b"prev": "preview", b"look": "look"}


@dataclass(frozen=True)
class Container:
    """Everything in a .hpcm file. Tiles go row by row, tile_rows x tile_cols of them, each as the payload of its chunk,
    which format/tile.py takes apart once it is known how many streams the model has.

    icc, exif (from its TIFF header on, without "Exif\\0\\0"), xmp, iptc, texts and resolution (see format/notes.py) are
    uncompressed here. alpha is a grey PNG file of the picture's size and depth, preview a PNG or JPEG file; gain and
    look are as format/gain.py and format/look.py pack them.
    """

    header: Header
    tiles: tuple[Bytes, ...]
    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    texts: bytes | None = None
    resolution: bytes | None = None
    alpha: Bytes | None = None
    preview: Bytes | None = None
    gain: Bytes | None = None
    look: Bytes | None = None


def write(container: Container, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """The bytes of a whole .hpcm file.

    Raises ValueError where the parts contradict each other, LimitExceeded where `read` with the same limits would
    refuse the file.
    """
    header = container.header
    if fault := header_fault(header) or _contradiction(container):
        raise ValueError(fault)
    check_limits(header, limits)

    parts: list[Bytes] = [SIGNATURE, bytes(VERSION)]
    parts += _chunk(b"HEAD", pack_header(header))
    metadata = _MetadataBudget(limits)
    for kind, name in _PACKED.items():
        value = getattr(container, name)
        if value is not None:
            metadata.spend(kind, len(value))
            parts += _chunk(kind, _deflate(bytes(value)))
    for kind, name in _PLAIN.items():
        value = getattr(container, name)
        if value is not None:
            if kind == b"prev":
                metadata.spend(kind, len(value))
            parts += _chunk(kind, value)

    position = sum(map(len, parts)) + _CHUNK_OVERHEAD + _TABLE_ENTRY.size * len(container.tiles)
    table = []
    for payload in container.tiles:
        table.append((position + _CHUNK_START.size, len(payload)))
        position += _CHUNK_OVERHEAD + len(payload)
    total = position + _CHUNK_OVERHEAD + _U32.size
    if total > _MAX_FILE:
        raise LimitExceeded("The compressed picture is larger than 4 GiB, which a .hpcm file cannot hold.")
    optional = sum(getattr(container, name) is not None for name in (*_PACKED.values(), *_PLAIN.values()))
    if _REQUIRED_CHUNKS + optional + len(container.tiles) > limits.chunks:
        raise LimitExceeded("The compressed picture needs more than {limit} chunks.", limit=limits.chunks)
    parts += _chunk(b"TABL", *(_TABLE_ENTRY.pack(*entry) for entry in table))
    for payload in container.tiles:
        parts += _chunk(b"TILE", payload)
    parts += _chunk(b"ENDF", _U32.pack(total))
    return b"".join(parts)


def read_header(data: Bytes | bytearray, limits: Limits = DEFAULT_LIMITS) -> Header:
    """The header alone. It needs only the first 85 bytes of a file. Raises HpcmError."""
    view = _view(data)
    _check_prologue(view)
    kind, payload, _ = _next_chunk(view, _PROLOGUE)
    if kind != b"HEAD":
        raise CorruptFile("The file is damaged: it does not begin with its header.")
    return parse_header(payload, limits)


def read(data: Bytes | bytearray, limits: Limits = DEFAULT_LIMITS) -> Container:
    """Everything in a .hpcm file; streams, alpha, preview, gain and look are views into `data`.

    Raises NotHpcm, UnsupportedVersion, CorruptFile or LimitExceeded, whatever the bytes are, and nothing else.
    """
    view = _view(data)
    header = read_header(view, limits)
    metadata = _MetadataBudget(limits)
    optional: dict[str, Bytes] = {}
    table: list[tuple[int, int]] | None = None
    tiles: list[Bytes] = []
    for index, (kind, payload, start) in enumerate(_chunks(view, limits)):
        if kind in _PACKED or kind in _PLAIN:
            name = _PACKED.get(kind) or _PLAIN[kind]
            if name in optional or table is not None:
                raise CorruptFile("The file is damaged: a second or misplaced {chunk} chunk.", chunk=_name(kind))
            if kind in _PACKED:
                optional[name] = _inflate(kind, payload, metadata)
            else:
                if kind == b"prev":
                    metadata.spend(kind, len(payload))
                optional[name] = payload
        elif kind == b"HEAD":
            if index:
                raise CorruptFile("The file is damaged: a second header.")
        elif kind == b"TABL":
            if table is not None:
                raise CorruptFile("The file is damaged: a second tile table.")
            table = _parse_table(payload, header.tile_count)
        elif kind == b"TILE":
            if table is None or len(tiles) == len(table) or table[len(tiles)] != (start, len(payload)):
                raise CorruptFile("The file is damaged: its tiles are not where the tile table says.")
            tiles.append(payload)
        elif kind == b"ENDF":
            if payload != _U32.pack(len(view)):
                raise CorruptFile("The file is damaged: its length is not what its end says.")
        elif kind[0] < ord("a"):
            raise UnsupportedVersion(
                "The file needs a newer version of this program: {chunk} is unknown here.", chunk=_name(kind)
            )
    return _assemble(header, tuple(tiles), optional)


def picture_bytes(data: Bytes | bytearray) -> int:
    """How many bytes a whole and sound file has without what it carries beside its picture: profile, metadata, preview
    and look. It is what files of pixels alone are to be held against.
    """
    view = _view(data)
    position, count = _PROLOGUE, len(view)
    while position < len(view):
        length, kind = _CHUNK_START.unpack_from(view, position)
        if kind in _PACKED or kind in (b"prev", b"look"):
            count -= length + _CHUNK_OVERHEAD
        position += length + _CHUNK_OVERHEAD
    return count


def _assemble(header: Header, tiles: tuple[Bytes, ...], optional: dict[str, Bytes]) -> Container:
    packed = {name: bytes(optional[name]) for name in _PACKED.values() if name in optional}
    alpha, preview, gain, look = (optional.get(name) for name in ("alpha", "preview", "gain", "look"))
    container = Container(header, tiles, **packed, alpha=alpha, preview=preview, gain=gain, look=look)
    if fault := _contradiction(container):
        raise CorruptFile("The file is damaged: {fault}.", fault=fault)
    return container


# Chunks


def _chunk(kind: bytes, *payload: Bytes) -> list[Bytes]:
    crc = zlib.crc32(kind)
    for part in payload:
        crc = zlib.crc32(part, crc)
    return [_CHUNK_START.pack(sum(map(len, payload)), kind), *payload, _U32.pack(crc)]


def _next_chunk(view: memoryview, position: int) -> tuple[bytes, memoryview, int]:
    """Type, payload and the payload's position of the chunk that begins at `position`, checksum verified."""
    start = position + _CHUNK_START.size
    if start > len(view):
        raise CorruptFile("The file is cut short.")
    length, kind = _CHUNK_START.unpack_from(view, position)
    if not kind.isalpha():
        raise CorruptFile("The file is damaged: no chunk begins where one should.")
    if length > len(view) - start - _U32.size:
        raise CorruptFile("The file is cut short.")
    payload = view[start : start + length]
    (crc,) = _U32.unpack_from(view, start + length)
    if zlib.crc32(payload, zlib.crc32(kind)) != crc:
        raise CorruptFile("The file is damaged: the checksum of {chunk} is wrong.", chunk=_name(kind))
    return kind, payload, start


def _chunks(view: memoryview, limits: Limits) -> Iterator[tuple[bytes, memoryview, int]]:
    """All chunks up to the end chunk, which must be the last thing in the file."""
    position = _PROLOGUE
    kind = b""
    count = 0
    while kind != b"ENDF":
        count += 1
        if count > limits.chunks:
            raise LimitExceeded("The file has more than {limit} chunks.", limit=limits.chunks)
        kind, payload, start = _next_chunk(view, position)
        position = start + len(payload) + _U32.size
        yield kind, payload, start
    if position != len(view):
        raise CorruptFile("The file is damaged: something follows its end.")


def _name(kind: bytes) -> str:
    return kind.decode("ascii")


def _view(data: Bytes | bytearray) -> memoryview:
    return memoryview(data).cast("B").toreadonly()


def _check_prologue(view: memoryview) -> None:
    head = bytes(view[: len(SIGNATURE)])
    if head != SIGNATURE:
        if head[:4] == SIGNATURE[:4]:
            raise NotHpcm("The beginning of this .hpcm file is damaged, as happens when it is transferred as text.")
        raise NotHpcm("This is not a .hpcm file.")
    if len(view) < _PROLOGUE:
        raise CorruptFile("The file is cut short.")
    major = view[len(SIGNATURE)]
    if major != VERSION[0]:
        raise UnsupportedVersion(
            "The file has format version {version}; this program reads version {known}.",
            version=major,
            known=VERSION[0],
        )


def _contradiction(container: Container) -> Phrase | None:
    """What the header says and the other chunks deny; None if there is nothing."""
    header = container.header
    if len(container.tiles) != header.tile_count:
        return Phrase("the number of tiles is not what the header says")
    if header.has_alpha != (container.alpha is not None):
        return Phrase("the header and the file disagree on an alpha plane")
    if header.colour_space != COLOUR_FROM_PROFILE and container.icc is not None:
        return Phrase("its colours are told twice")
    return None


# Tiles


def _parse_table(payload: memoryview, count: int) -> list[tuple[int, int]]:
    if len(payload) != count * _TABLE_ENTRY.size:
        raise CorruptFile("The file is damaged: its tile table has the wrong length.")
    return [(offset, length) for offset, length in _TABLE_ENTRY.iter_unpack(payload)]


# Metadata


class _MetadataBudget:
    """Counts uncompressed metadata against its limits before any of it is unpacked."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = limits.metadata

    def spend(self, kind: bytes, size: int) -> None:
        self._left -= size
        if self._left < 0 or (kind == b"iccp" and size > self._limits.icc):
            raise LimitExceeded("The picture carries more metadata than the limit allows.")


def _deflate(raw: bytes) -> bytes:
    packed = zlib.compress(raw, 9)
    if len(packed) + _U32.size < len(raw):
        return bytes([_DEFLATED]) + _U32.pack(len(raw)) + packed
    return bytes([_STORED]) + raw


def _inflate(kind: bytes, payload: memoryview, metadata: _MetadataBudget) -> Bytes:
    damaged = CorruptFile("The file is damaged: {chunk} cannot be unpacked.", chunk=_name(kind))
    if len(payload) < 1:
        raise damaged
    method, body = payload[0], payload[1:]
    if method == _STORED:
        metadata.spend(kind, len(body))
        return body
    if method != _DEFLATED or len(body) < _U32.size:
        raise damaged
    (size,) = _U32.unpack_from(body)
    metadata.spend(kind, size)
    stream = zlib.decompressobj()
    try:
        # One byte more than announced shows both a stream that is too long and one that has not ended.
        raw = stream.decompress(body[_U32.size :], size + 1)
    except zlib.error:
        raise damaged from None
    if len(raw) != size or not stream.eof or stream.unused_data:
        raise damaged
    return raw


__all__ = [
    "FIXED_RATE",
    "FLOAT32_PROFILE",
    "SIGNATURE",
    "VERSION",
    "Container",
    "Header",
    "picture_bytes",
    "read",
    "read_header",
    "write",
]
