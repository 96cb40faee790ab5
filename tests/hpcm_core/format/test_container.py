"""The .hpcm container: what is written comes back, in the bytes of the specification."""

import dataclasses
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpcm_core.format import container as hpcm
from hpcm_core.format.container import Container, Header
from hpcm_core.format.tile import Tile, pack_tile, parse_tile
from tests.hpcm_core.format.chunks import FULL, HEADER, PLAIN, chunk
from tests.paths import ROOT


@pytest.mark.parametrize("content", [PLAIN, FULL], ids=["plain", "full"])
def test_round_trip(content):
    assert hpcm.read(hpcm.write(content)) == content


streams = st.binary(max_size=40)
blobs = st.none() | st.binary(max_size=300) | st.integers(0, 20).map(lambda n: b"abcdefgh" * n)


@given(
    rows=st.integers(1, 4),
    cols=st.integers(1, 4),
    data=st.data(),
    icc=blobs,
    exif=blobs,
    xmp=blobs,
    alpha=st.none() | streams,
    preview=st.none() | streams,
)
def test_round_trip_of_anything(rows, cols, data, alpha, **optional):
    header = Header(
        width=data.draw(st.integers(256 * cols - 255, 65536)),
        height=data.draw(st.integers(256 * rows - 255, 4096)),
        bit_depth=data.draw(st.sampled_from([8, 16])),
        channels=data.draw(st.sampled_from([1, 3])),
        has_alpha=alpha is not None,
        model_name=data.draw(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=32)),
        model_hash=data.draw(st.binary(min_size=8, max_size=8)),
        profile=data.draw(st.integers(0, 255)),
        threads=data.draw(st.integers(1, 65535)),
        quality=data.draw(st.integers(0, 100) | st.just(255)),
        tile_rows=rows,
        tile_cols=cols,
        colour_space=0 if optional["icc"] is not None else data.draw(st.integers(0, 9)),
    )
    count = rows * cols
    content = Container(
        header, tuple(data.draw(st.lists(streams, min_size=count, max_size=count))), alpha=alpha, **optional
    )
    written = hpcm.write(content)
    assert hpcm.read(written) == content
    assert hpcm.read_header(written[:85]) == header


def test_the_bytes_are_those_of_the_specification():
    """Byte for byte by hand: if this fails, files written before can no longer be read."""
    head = struct.pack("<IIBBBBBBBBHHH", 700, 500, 8, 3, 0, 1, 0, 0, 0, 60, 4, 2, 1) + bytes(range(8)) + b"\x04lite"
    first = struct.pack("<III", 2, 3, 0) + b"zz" + b"one" + b"three" + b"\xef\xbe\xad\xde"
    second = bytes(16)
    start = 10 + 12 + len(head) + 12 + 16
    table = struct.pack("<IIII", start + 8, len(first), start + 12 + len(first) + 8, len(second))
    total = start + 12 + len(first) + 12 + len(second) + 16
    expected = (
        b"\x89HPC\r\n\x1a\n\x01\x00"
        + chunk(b"HEAD", head)
        + chunk(b"TABL", table)
        + chunk(b"TILE", first)
        + chunk(b"TILE", second)
        + chunk(b"ENDF", struct.pack("<I", total))
    )
    assert len(expected) == total
    assert hpcm.write(PLAIN) == expected


COMMENTS_FROM = 58


def test_the_example_of_the_specification():
    text = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")
    lines = text[text.index("## An example") :].split("```")[1].splitlines()
    data = bytes.fromhex("".join(line[:COMMENTS_FROM] for line in lines))
    header = dataclasses.replace(HEADER, width=1, height=1, channels=1, tile_rows=1, profile=1, threads=0)
    expected = Container(header, (pack_tile(Tile((b"\xa0", b"\xa1", b"\xa2", b"\xa3"), 0x12345678)),))
    assert hpcm.read(data) == expected
    assert hpcm.write(expected) == data


@pytest.mark.parametrize("count", [1, 16])
def test_overhead(count):
    header = dataclasses.replace(
        HEADER, width=256 * count, height=256, tile_rows=1, tile_cols=count, model_name="m" * 32
    )
    tile = Tile((b"z" * 11, b"1" * 22, b"2" * 33, b"3" * 44), 1)
    overhead = len(hpcm.write(Container(header, (pack_tile(tile),) * count))) - count * tile.stream_bytes
    assert tile.stream_bytes == 110
    assert overhead == 81 + 32 + 36 * count <= 120 + 40 * count


def test_streams_are_views_into_the_data():
    data = bytearray(hpcm.write(PLAIN))
    tile = parse_tile(hpcm.read(data).tiles[0], 4)
    place = data.index(b"three")
    data[place : place + 5] = b"THREE"
    assert bytes(tile.streams[3]) == b"THREE"


def test_memoryview_and_bytearray_are_read_like_bytes():
    data = hpcm.write(FULL)
    assert hpcm.read(memoryview(data)) == hpcm.read(bytearray(data)) == FULL


def test_metadata_is_compressed_where_that_is_smaller():
    assert len(hpcm.write(dataclasses.replace(PLAIN, icc=b"profile " * 400))) < len(hpcm.write(PLAIN)) + 100
    incompressible = bytes(range(256))
    assert len(hpcm.write(dataclasses.replace(PLAIN, icc=incompressible))) == len(hpcm.write(PLAIN)) + 12 + 1 + 256
