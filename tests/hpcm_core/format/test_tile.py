"""TILE chunks: streams there and back, and nothing but whole ones."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpcm_core.errors import CorruptFile
from hpcm_core.format.tile import Tile, pack_tile, parse_tile

tiles = st.builds(Tile, st.lists(st.binary(max_size=40), min_size=1, max_size=6).map(tuple), st.integers(0, 2**32 - 1))


@given(tiles)
def test_round_trip(tile):
    packed = pack_tile(tile)
    assert parse_tile(packed, len(tile.streams)) == tile
    assert len(packed) == tile.stream_bytes + 4 * len(tile.streams)


def test_the_bytes_of_the_specification():
    tile = Tile((b"zz", b"one", b"", b"three"), 0xDEADBEEF)
    assert pack_tile(tile) == struct.pack("<III", 2, 3, 0) + b"zzonethree" + b"\xef\xbe\xad\xde"


@given(st.binary(max_size=60), st.integers(1, 6))
def test_any_bytes_are_a_tile_or_one_error(data, streams):
    try:
        tile = parse_tile(data, streams)
    except CorruptFile:
        return
    assert pack_tile(tile) == data


@pytest.mark.parametrize("lengths", [(2, 3, 1 << 31), (11, 0, 0), (2, 9, 0)])
def test_stream_lengths_beyond_their_tile(lengths):
    with pytest.raises(CorruptFile, match="tile is too short"):
        parse_tile(struct.pack("<III", *lengths) + bytes(10 + 4), 4)


def test_too_short_for_its_lengths_and_crc():
    assert parse_tile(bytes(16), 4) == Tile((b"", b"", b"", b""), 0)
    with pytest.raises(CorruptFile, match="tile is too short"):
        parse_tile(bytes(15), 4)
