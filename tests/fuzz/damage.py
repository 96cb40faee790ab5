"""Damage to .hpcm files, by kind: what happens to files on their way, and what somebody makes who knows the format.

Every function takes a source of chance and two whole files, and gives the first one, damaged. A kind is `sealed` where
its checksums are made right again, so that what stands behind them is reached.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.hpcm_core.format.chunks import join, split
from tests.hpcm_core.models.jpegxl import streams

Chunks = list[tuple[bytes, bytes]]

EDGES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_FIELDS = (
    ("<I", 0), ("<I", 4), ("B", 8), ("B", 9), ("B", 10), ("B", 11), ("B", 12), ("B", 13), ("B", 14), ("B", 15),
    ("<H", 16), ("<H", 18), ("<H", 20), ("B", 30),
)  # fmt: skip
"""Numbers in a header: type and place."""


@dataclass(frozen=True)
class Kind:
    make: Callable[[Random, bytes, bytes], bytes]
    sealed: bool = False
    """Checksums of chunks, the tile table and the total length are right."""
    refused: bool = False
    """Though they are, no such file may become a picture, unless nothing was changed after all."""


def flipped_bits(draw: Random, data: bytes, _other: bytes) -> bytes:
    copy = bytearray(data)
    for _ in range(draw.choice((1, 1, 1, 2, 8))):
        copy[draw.randrange(len(copy))] ^= 1 << draw.randrange(8)
    return bytes(copy)


def overwritten(draw: Random, data: bytes, _other: bytes) -> bytes:
    """A block that was lost: zeros, ones or noise."""
    copy = bytearray(data)
    start = draw.randrange(len(copy))
    length = min(draw.choice((1, 4, 16, 64, 512)), len(copy) - start)
    copy[start : start + length] = draw.choice((bytes(length), b"\xff" * length, draw.randbytes(length)))
    return bytes(copy)


def cut(draw: Random, data: bytes, _other: bytes) -> bytes:
    return data[: draw.randrange(len(data))]


def grown(draw: Random, data: bytes, _other: bytes) -> bytes:
    """Bytes put in somewhere, the end more often than not."""
    at = draw.choice((len(data), len(data), draw.randrange(len(data))))
    return data[:at] + draw.randbytes(draw.choice((1, 4, 12, 1000))) + data[at:]


def moved(draw: Random, data: bytes, _other: bytes) -> bytes:
    """A part in the wrong place, or twice, or missing."""
    a, b, c = sorted(draw.randrange(len(data) + 1) for _ in range(3))
    return draw.choice((data[:a] + data[b:c] + data[a:b] + data[c:], data[:c] + data[a:], data[:a] + data[b:]))


def spliced(draw: Random, data: bytes, other: bytes) -> bytes:
    """The beginning of one file and the end of another."""
    return data[: draw.randrange(len(data))] + other[draw.randrange(len(other)) :]


def transferred(draw: Random, data: bytes, _other: bytes) -> bytes:
    """As text: line ends changed, the highest bit lost, or what is no UTF-8 replaced."""
    return draw.choice(
        (
            data.replace(b"\r\n", b"\n"),
            data.replace(b"\n", b"\r\n"),
            bytes(byte & 0x7F for byte in data),
            data.decode("utf-8", "replace").encode(),
            data.split(b"\x1a")[0],
        )
    )


def noise(draw: Random, data: bytes, _other: bytes) -> bytes:
    return data[: draw.choice((0, 8, 10, 18))] + draw.randbytes(draw.randrange(len(data)))


def chunks_shuffled(draw: Random, data: bytes, other: bytes) -> bytes:
    """Whole chunks left out, doubled, swapped, renamed, or taken from another file."""
    chunks = split(data)
    for _ in range(draw.choice((1, 1, 2, 4))):
        if not chunks:
            break
        at = draw.randrange(len(chunks))
        what = draw.randrange(5)
        if what == 0:
            del chunks[at]
        elif what == 1:
            chunks.insert(draw.randrange(len(chunks) + 1), chunks[at])
        elif what == 2:
            to = draw.randrange(len(chunks))
            chunks[at], chunks[to] = chunks[to], chunks[at]
        elif what == 3:
            chunks.insert(at, draw.choice(split(other)))
        else:
            name = bytearray(chunks[at][0])
            name[draw.randrange(4)] ^= draw.choice((0x20, 1, 0x80))
            chunks[at] = bytes(name), chunks[at][1]
    return join(chunks, end=draw.random() < 0.9, table=draw.random() < 0.7)


def header_changed(draw: Random, data: bytes, _other: bytes) -> bytes:
    """A number of the header at an edge or anywhere, its name or its length changed."""
    chunks = split(data)
    head = bytearray(chunks[0][1])
    for _ in range(draw.choice((1, 1, 2))):
        if draw.random() < 0.8:
            form, place = draw.choice(_FIELDS)
            most = (1 << 8 * struct.calcsize(form)) - 1
            (now,) = struct.unpack_from(form, head, place)
            wanted = draw.choice((draw.choice(EDGES), now + 1, now - 1, 2 * now, draw.randrange(most + 1)))
            struct.pack_into(form, head, place, wanted & most)
        else:
            head[draw.randrange(len(head))] = draw.randrange(256)
    length = draw.choice((None, None, None, None, draw.randrange(len(head))))
    chunks[0] = b"HEAD", bytes(head[:length])
    return join(chunks)


def streams_changed(draw: Random, data: bytes, _other: bytes) -> bytes:
    """Bits of the code streams, or the checksum of what they give."""
    return _with_tile(draw, data, lambda tile: _damaged_once(draw, tile))


def streams_exchanged(draw: Random, data: bytes, other: bytes) -> bytes:
    """The streams of a tile from another file, all or only the last bytes."""
    theirs = draw.choice([payload for kind, payload in split(other) if kind == b"TILE"])

    def exchange(tile: bytes) -> bytes:
        at = draw.randrange(min(len(tile), len(theirs)))
        return draw.choice((theirs, tile[:at] + theirs[at:], theirs[: len(tile)], tile[:-4] + theirs[-4:]))

    return _with_tile(draw, data, exchange)


def lengths_changed(draw: Random, data: bytes, _other: bytes) -> bytes:
    """Where the streams of a tile end, and the states that they begin with."""

    def change(tile: bytes) -> bytes:
        copy = bytearray(tile)
        place = 4 * draw.randrange(min(12, len(copy) // 4))
        (now,) = struct.unpack_from("<I", copy, place)
        wanted = draw.choice((draw.choice(EDGES), now + 4, now - 4, now + 1, draw.randrange(len(tile))))
        struct.pack_into("<I", copy, place, wanted & 0xFFFFFFFF)
        return bytes(copy[: draw.choice((len(copy), len(copy), draw.randrange(len(copy))))])

    return _with_tile(draw, data, change)


def codestreams_made(draw: Random, data: bytes, _other: bytes) -> bytes:
    """The JPEG XL stream of a tile as no encoder writes it: a picture or frames of other sizes, kinds and flags, with
    sections of zeros or of the stream that was there; frames left out and doubled.
    """
    head = split(data)[0][1]
    width, height, _, channels = struct.unpack_from("<IIBB", head)

    def side(right: int) -> int:
        return right if draw.random() < 0.8 else max(1, draw.choice((*EDGES, right + 1, 2 * right)) & 0x3FFFFFFF)

    def often(usual: Any, *others: Any) -> Any:
        return usual if draw.random() < 0.8 else draw.choice(others)

    def make(tile: bytes) -> bytes:
        grey = often(channels == 1, channels != 1)
        parts = [streams.head(side(width), side(height), grey, often(False, True), often(0, 1))]
        count = draw.choice((0, 1, 1, 2, 3, 9))
        for number in range(count):
            kind = often(0, 1, 2, 3)
            size = often(None, (side(width), side(height))) if kind != 2 else (side(width), side(height))
            made = streams.frame(
                kind, size, often(number == count - 1, number != count - 1), often(1, 0, 2, 5),
                draw.choice((8, draw.randrange(1 << 10))), often(True, False), often(0, 1, 2, 16, 128),
                often(0, 3), often(0, 1), often(False, True), often(False, True),
            )  # fmt: skip
            parts.append(_damaged_once(draw, made) if draw.random() < 0.3 else made)
        if draw.random() < 0.5:  # What comes after a picture's head, and where it begins with bits of its own.
            parts = [draw.choice((parts[0], tile[: draw.randrange(40)])), tile[draw.randrange(min(60, len(tile))) :]]
        made = b"".join(parts)
        return made[: draw.choice((len(made), draw.randrange(len(made) + 1)))] + tile[-4:]

    return _with_tile(draw, data, make)


def metadata_changed(draw: Random, data: bytes, _other: bytes) -> bytes:
    """What is packed beside the picture, changed and packed again, or its packing damaged; alpha and preview too."""
    chunks = split(data)
    chosen = [at for at, (kind, _) in enumerate(chunks) if kind[0] >= ord("a")]
    if not chosen:
        name = draw.choice((b"iccp", b"exif", b"xmpd", b"iptc", b"text", b"phys", b"prev"))
        chunks.insert(1, (name, draw.choice((b"", b"\0", b"\x01\xff\xff\xff\xff", b"\0" + draw.randbytes(40)))))
        return join(chunks)
    at = draw.choice(chosen)
    kind, payload = chunks[at]
    if payload[:1] == b"\x01" and draw.random() < 0.7:
        raw = _damaged_once(draw, zlib.decompress(payload[5:]))
        announced = draw.choice((len(raw), len(raw), len(raw) + 1, draw.choice(EDGES)))
        payload = b"\x01" + struct.pack("<I", announced) + zlib.compress(raw)
    else:
        payload = _damaged_once(draw, payload)
    chunks[at] = kind, payload
    return join(chunks)


def wishes_changed(draw: Random, data: bytes, _other: bytes) -> bytes:
    """Qualities of parts and the wished look: other ones, at their edges and beyond, damaged, where there were none."""
    head, *rest = split(data)
    width, height = struct.unpack_from("<II", head[1])
    kept = [(kind, payload) for kind, payload in rest if kind not in (b"GAIN", b"look") or draw.random() < 0.3]
    count = max(0, -(-width // 64) * -(-height // 64) + draw.choice((0, 0, 0, 0, -1, 1)))
    most = draw.choice((22, 100, 128))
    values = bytes(draw.randrange(-most, most) & 0xFF for _ in range(min(count, 1 << 16)))
    stream = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    gain = stream.compress(draw.choice((values, values, bytes(1 << 22)))) + stream.flush()
    look = draw.choice((0, 1, 128, 255, 256, 257, 0xFFFF, draw.randrange(257)))
    new = [(b"GAIN", gain), (b"look", struct.pack("<H", look))]
    new = [(kind, _damaged_once(draw, payload) if draw.random() < 0.2 else payload) for kind, payload in new]
    return join([head, *(chunk for chunk in new if draw.random() < 0.7), *kept])


def _with_tile(draw: Random, data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    chunks = split(data)
    at = draw.choice([at for at, (kind, _) in enumerate(chunks) if kind == b"TILE"])
    chunks[at] = b"TILE", change(chunks[at][1])
    return join(chunks)


def _damaged_once(draw: Random, data: bytes) -> bytes:
    if not data:
        return draw.randbytes(4)
    return draw.choice((flipped_bits, flipped_bits, overwritten, cut, grown, moved))(draw, data, data)


CODESTREAMS = "JPEG XL as no encoder writes it"
"""The kind for files without loss."""
WISHES = "qualities of parts and look changed"
"""The kind for files with the chunks that say them."""
KINDS = {
    "bits flipped": Kind(flipped_bits),
    "a block overwritten": Kind(overwritten),
    "cut short": Kind(cut),
    "bytes put in": Kind(grown),
    "parts moved": Kind(moved),
    "two files spliced": Kind(spliced),
    "transferred as text": Kind(transferred),
    "noise": Kind(noise),
    "chunks shuffled": Kind(chunks_shuffled, sealed=True),
    "header changed": Kind(header_changed, sealed=True),
    "streams changed": Kind(streams_changed, sealed=True, refused=True),
    "streams exchanged": Kind(streams_exchanged, sealed=True, refused=True),
    "lengths of streams changed": Kind(lengths_changed, sealed=True, refused=True),
    CODESTREAMS: Kind(codestreams_made, sealed=True, refused=True),
    "metadata, alpha, preview changed": Kind(metadata_changed, sealed=True),
    WISHES: Kind(wishes_changed, sealed=True),
}
