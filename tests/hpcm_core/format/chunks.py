"""Two .hpcm contents, and tools that take files apart and put them together by the specification alone."""

import dataclasses
import struct
import zlib

from hpcm_core.format import container as hpcm
from hpcm_core.format.container import Container, Header
from hpcm_core.format.tile import Tile, pack_tile

HEADER = Header(
    width=700,
    height=500,
    bit_depth=8,
    channels=3,
    has_alpha=False,
    model_name="lite",
    model_hash=bytes(range(8)),
    profile=0,
    threads=4,
    quality=60,
    tile_rows=2,
    tile_cols=1,
)
TILES = tuple(
    pack_tile(tile) for tile in (Tile((b"zz", b"one", b"", b"three"), 0xDEADBEEF), Tile((b"", b"", b"", b""), 0))
)
PLAIN = Container(HEADER, TILES)
FULL = Container(
    dataclasses.replace(HEADER, has_alpha=True, bit_depth=16, profile=3, threads=0, quality=255),
    TILES,
    icc=b"profile " * 400,
    exif=b"II*\0\x08\0\0\0\0\0",
    xmp=b"<x:xmpmeta/>" * 30,
    alpha=b"an alpha plane",
    preview=b"a preview",
)

# Independent of the code under test: a chunk as docs/format.md says.


def chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack("<I", len(payload)) + kind + payload + struct.pack("<I", zlib.crc32(kind + payload))


def split(data: bytes) -> list[tuple[bytes, bytes]]:
    position, found = 10, []
    while position < len(data):
        length, kind = struct.unpack_from("<I4s", data, position)
        found.append((kind, data[position + 8 : position + 8 + length]))
        position += 12 + length
    return found


def join(chunks: list[tuple[bytes, bytes]], *, end: bool = True, table: bool = True) -> bytes:
    """A file of these chunks; the tile table and the total length are made right unless asked otherwise."""
    offset, entries = 10, []
    for kind, payload in chunks:
        if kind == b"TILE":
            entries.append(struct.pack("<II", offset + 8, len(payload)))
        offset += 12 + len(payload)
    fixed = []
    for kind, payload in chunks:
        if kind == b"TABL" and table:
            payload = b"".join(entries)
        if kind == b"ENDF" and end:
            payload = struct.pack("<I", offset)
        fixed.append(chunk(kind, payload))
    return b"\x89HPC\r\n\x1a\n\x01\x00" + b"".join(fixed)


def with_header_byte(position: int, value: int) -> bytes:
    chunks = split(hpcm.write(PLAIN))
    head = bytearray(chunks[0][1])
    head[position] = value
    return join([(b"HEAD", bytes(head)), *chunks[1:]])
