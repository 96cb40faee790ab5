"""One TILE chunk: the code streams of a tile. How many there are is the model's matter, not the container's."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from hpcm_core.errors import CorruptFile

Bytes = bytes | memoryview

_U32 = struct.Struct("<I")


@dataclass(frozen=True)
class Tile:
    """The code streams of one tile, and the CRC-32 of the symbols that they decode to.

    Made by whoever codes the tile or parses it; a parsed one holds views into its file.
    """

    streams: tuple[Bytes, ...]
    symbols_crc: int

    @property
    def stream_bytes(self) -> int:
        """Bytes of all code streams."""
        return sum(map(len, self.streams))


def pack_tile(tile: Tile) -> bytes:
    """A TILE chunk's payload: the lengths of all streams but the last, the streams, the CRC."""
    lengths = (_U32.pack(len(stream)) for stream in tile.streams[:-1])
    return b"".join((*lengths, *tile.streams, _U32.pack(tile.symbols_crc)))


def parse_tile(payload: Bytes, streams: int) -> Tile:
    """What pack_tile made of so many streams. Raises CorruptFile."""
    view = memoryview(payload)
    end = len(view) - _U32.size
    position = (streams - 1) * _U32.size
    if end < position:
        raise CorruptFile("The file is damaged: a tile is too short.")
    parts = []
    for (length,) in _U32.iter_unpack(view[:position]):
        if length > end - position:
            raise CorruptFile("The file is damaged: a tile is too short.")
        parts.append(view[position : position + length])
        position += length
    (symbols_crc,) = _U32.unpack_from(view, end)
    return Tile((*parts, view[position:end]), symbols_crc)
