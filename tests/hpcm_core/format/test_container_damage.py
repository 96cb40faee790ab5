"""The .hpcm container: nothing but a whole and valid file is read, and no more memory taken than the limits allow."""

import dataclasses
import struct
import tracemalloc
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hpcm_core.errors import CorruptFile, HpcmError, LimitExceeded, NotHpcm, UnsupportedVersion
from hpcm_core.format import container as hpcm
from hpcm_core.format.container import Container
from hpcm_core.limits import Limits
from tests.hpcm_core.format.chunks import FULL, HEADER, PLAIN, TILES, chunk, join, split, with_header_byte

pytestmark = pytest.mark.trust


def test_every_cut_is_noticed():
    data = hpcm.write(FULL)
    for length in range(len(data)):
        with pytest.raises((CorruptFile, NotHpcm)):
            hpcm.read(data[:length])


def test_every_changed_byte_is_noticed():
    data = hpcm.write(FULL)
    for position in range(len(data)):
        damaged = bytearray(data)
        damaged[position] ^= 0x20
        if position == 9:  # the minor version
            assert hpcm.read(damaged) == FULL
        else:
            with pytest.raises(HpcmError):
                hpcm.read(damaged)


@pytest.mark.parametrize(("old", "new"), [(b"\r\n", b"\n"), (b"\n", b"\r\n")])
def test_text_mode_transfer_is_noticed_by_the_signature(old, new):
    with pytest.raises(NotHpcm, match="transferred as text"):
        hpcm.read(hpcm.write(PLAIN).replace(old, new))


@pytest.mark.parametrize("data", [b"", b"\x89", b"\x89PNG\r\n\x1a\n" + bytes(100), bytes(1000)])
def test_other_files_are_not_hpcm(data):
    with pytest.raises(NotHpcm):
        hpcm.read(data)
    with pytest.raises(NotHpcm):
        hpcm.read_header(data)


def test_bytes_after_the_end():
    with pytest.raises(CorruptFile):
        hpcm.read(hpcm.write(PLAIN) + b"\0")
    chunks = split(hpcm.write(PLAIN))
    lying = join(chunks)[:-16] + chunk(b"ENDF", struct.pack("<I", len(join(chunks)) + 1)) + b"\0"
    with pytest.raises(CorruptFile, match="follows its end"):
        hpcm.read(lying)


def test_the_end_says_the_length():
    chunks = split(hpcm.write(PLAIN))
    with pytest.raises(CorruptFile, match="length"):
        hpcm.read(join([*chunks[:-1], (b"ENDF", struct.pack("<I", 5))], end=False))


def test_versions():
    data = bytearray(hpcm.write(PLAIN))
    data[9] = 200
    assert hpcm.read(data) == PLAIN
    data[8] = 2
    with pytest.raises(UnsupportedVersion, match="version 2"):
        hpcm.read(data)


@given(st.binary(max_size=300))
def test_random_bytes_after_the_signature(data):
    with pytest.raises(HpcmError):
        hpcm.read(hpcm.SIGNATURE + b"\x01\x00" + data)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"HEAD", b"TABL", b"TILE", b"iccp", b"exif", b"alph", b"prev", b"ENDF", b"NEWX"]),
            st.binary(max_size=60),
        ),
        max_size=6,
    )
)
def test_valid_chunks_of_random_content(chunks):
    """Checksums hold, so that the parsers behind them are reached."""
    head = split(hpcm.write(PLAIN))[0]
    with pytest.raises(HpcmError):
        hpcm.read(join([head, *chunks], end=False, table=False) + b"x")


@given(which=st.integers(0, 10), position=st.integers(0, 5000), value=st.integers(0, 255), cut=st.integers(0, 5000))
@example(which=0, position=0, value=0, cut=5000)
def test_changed_content_with_right_checksums(which, position, value, cut):
    chunks = split(hpcm.write(FULL))
    kind, payload = chunks[which % len(chunks)]
    changed = bytearray(payload)
    changed[position % len(payload)] = value
    chunks[which % len(chunks)] = (kind, bytes(changed[: cut or None]))
    try:
        content = hpcm.read(join(chunks, end=kind != b"ENDF", table=kind != b"TABL"))
    except HpcmError:
        return
    assert hpcm.read(hpcm.write(content)) == content


# Fields


@pytest.mark.parametrize(
    ("position", "value", "error"),
    [
        (8, 9, CorruptFile),  # bit depth
        (9, 2, CorruptFile),  # channels
        (10, 1, CorruptFile),  # alpha flag without an alpha plane
        (10, 2, UnsupportedVersion),  # unknown flag
        (11, 6, UnsupportedVersion),  # orientation
        (12, 10, UnsupportedVersion),  # colour space
        (13, 2, UnsupportedVersion),  # padding rule
        (15, 101, CorruptFile),  # quality
        (16, 0, CorruptFile),  # threads of profile 0
        (18, 0, CorruptFile),  # no tile rows
        (18, 3, CorruptFile),  # more tile rows than there are tiles
        (20, 2, CorruptFile),  # more tiles than there are
        (30, 3, CorruptFile),  # length of the name
        (31, 0xE9, CorruptFile),  # name not ASCII
        (31, 0x20, CorruptFile),  # name with a space
    ],
)
def test_header_fields(position, value, error):
    hpcm.read(with_header_byte(14, 0))  # the helper itself gives a valid file
    with pytest.raises(error):
        hpcm.read(with_header_byte(position, value))


def test_a_file_of_a_known_colour_space_has_no_profile():
    assert hpcm.read(with_header_byte(12, 9)).header.colour_space == 9
    chunks = split(hpcm.write(dataclasses.replace(PLAIN, icc=b"profile")))
    head = bytearray(chunks[0][1])
    head[12] = 1
    with pytest.raises(CorruptFile, match="colours are told twice"):
        hpcm.read(join([(b"HEAD", bytes(head)), *chunks[1:]]))
    with pytest.raises(ValueError, match="colours are told twice"):
        hpcm.write(Container(dataclasses.replace(HEADER, colour_space=1), TILES, icc=b"profile"))


def test_a_profile_that_is_not_float32_needs_no_threads():
    chunks = split(hpcm.write(PLAIN))
    head = bytearray(chunks[0][1])
    head[14], head[16] = 7, 0
    assert hpcm.read(join([(b"HEAD", bytes(head)), *chunks[1:]])).header.profile == 7


def test_sizes_of_zero():
    for position in (0, 4):
        chunks = split(hpcm.write(PLAIN))
        head = bytearray(chunks[0][1])
        head[position : position + 4] = bytes(4)
        with pytest.raises(CorruptFile):
            hpcm.read(join([(b"HEAD", bytes(head)), *chunks[1:]]))


@pytest.mark.parametrize(
    "changes",
    [
        {"width": 0},
        {"bit_depth": 12},
        {"channels": 4},
        {"model_name": ""},
        {"model_name": "m" * 33},
        {"model_name": "é"},
        {"model_hash": b"short"},
        {"threads": 0},
        {"quality": 101},
        {"quality": -1},
        {"tile_rows": 3},
        {"orientation": 6},
        {"has_alpha": True},
        {"tile_rows": 1},
    ],
)
def test_write_refuses_what_read_would(changes):
    with pytest.raises(ValueError, match=r"\w"):
        hpcm.write(Container(dataclasses.replace(HEADER, **changes), TILES))


# Order and number of chunks


def test_order_and_number_of_chunks():
    chunks = split(hpcm.write(FULL))
    names = [kind for kind, _ in chunks]
    assert names[0] == b"HEAD"
    assert names[-4:] == [b"TABL", b"TILE", b"TILE", b"ENDF"]
    assert hpcm.read(join(chunks)) == FULL
    for index in range(len(chunks)):
        with pytest.raises(CorruptFile):  # twice
            hpcm.read(join([*chunks[: index + 1], *chunks[index:]]))
    for name in (b"HEAD", b"alph", b"TABL", b"TILE", b"ENDF"):
        index = names.index(name)
        with pytest.raises(CorruptFile):  # missing
            hpcm.read(join([*chunks[:index], *chunks[index + 1 :]]))
    icc = names.index(b"iccp")
    with pytest.raises(CorruptFile, match="misplaced"):
        hpcm.read(join([*chunks[:icc], *chunks[icc + 1 : -1], chunks[icc], chunks[-1]]))


def test_optional_chunks_may_come_in_any_order():
    chunks = split(hpcm.write(FULL))
    assert hpcm.read(join([chunks[0], *reversed(chunks[1:-4]), *chunks[-4:]])) == FULL


def test_unknown_chunks():
    chunks = split(hpcm.write(PLAIN))
    for index in range(1, len(chunks)):
        assert hpcm.read(join([*chunks[:index], (b"news", b"?"), *chunks[index:]])) == PLAIN
        with pytest.raises(UnsupportedVersion, match="NEWS"):
            hpcm.read(join([*chunks[:index], (b"NEWS", b"?"), *chunks[index:]]))


def test_the_recipe_that_drafts_of_the_format_had_is_skipped():
    chunks = split(hpcm.write(FULL))
    for payload in (b'\0{"version": 1}', b"\0\xff", b""):
        assert hpcm.read(join([chunks[0], (b"recp", payload), *chunks[1:]])) == FULL


def test_a_tile_table_that_lies():
    chunks = split(hpcm.write(PLAIN))
    table = bytearray(chunks[1][1])
    table[0] += 1
    with pytest.raises(CorruptFile, match="tile table"):
        hpcm.read(join([chunks[0], (b"TABL", bytes(table)), *chunks[2:]], table=False))


# Limits


def test_pixels_and_sides_are_limited():
    data = hpcm.write(PLAIN)
    assert hpcm.read(data, Limits(pixels=350_000, side=700)) == PLAIN
    with pytest.raises(LimitExceeded, match="700 x 500"):
        hpcm.read(data, Limits(pixels=349_999))
    with pytest.raises(LimitExceeded):
        hpcm.read(data, Limits(side=699))
    with pytest.raises(LimitExceeded):
        hpcm.write(PLAIN, Limits(side=699))


def test_chunks_are_limited():
    data = hpcm.write(PLAIN)
    assert hpcm.read(data, Limits(chunks=5)) == PLAIN
    assert hpcm.write(PLAIN, Limits(chunks=5)) == data
    for act in (lambda: hpcm.read(data, Limits(chunks=4)), lambda: hpcm.write(PLAIN, Limits(chunks=4))):
        with pytest.raises(LimitExceeded, match="chunks"):
            act()


def test_metadata_is_limited_by_its_sum():
    content = dataclasses.replace(PLAIN, icc=bytes(1000), exif=bytes(1000), xmp=bytes(1000), preview=bytes(1000))
    data = hpcm.write(content)
    assert hpcm.read(data, Limits(metadata=4000, icc=1000)) == content
    for limits in (Limits(metadata=3999), Limits(icc=999)):
        with pytest.raises(LimitExceeded, match="metadata"):
            hpcm.read(data, limits)
        with pytest.raises(LimitExceeded, match="metadata"):
            hpcm.write(content, limits)


@pytest.mark.parametrize("announced", [5 << 20, 1000])
def test_a_decompression_bomb_takes_no_memory(announced):
    bomb = b"\x01" + struct.pack("<I", announced) + zlib.compress(bytes(64 << 20))
    chunks = split(hpcm.write(PLAIN))
    data = join([chunks[0], (b"iccp", bomb), *chunks[1:]])
    tracemalloc.start()
    try:
        with pytest.raises(LimitExceeded if announced > 4 << 20 else CorruptFile):
            hpcm.read(data)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("announced", [999, 1001])
def test_unpacked_metadata_has_the_announced_length(announced):
    payload = b"\x01" + struct.pack("<I", announced) + zlib.compress(bytes(1000))
    chunks = split(hpcm.write(PLAIN))
    with pytest.raises(CorruptFile, match="exif"):
        hpcm.read(join([chunks[0], (b"exif", payload), *chunks[1:]]))


@pytest.mark.parametrize("stream", [zlib.compress(bytes(1000))[:-1], zlib.compress(bytes(1000)) + b"x"])
def test_unpacked_metadata_ends_where_its_chunk_does(stream):
    chunks = split(hpcm.write(PLAIN))
    with pytest.raises(CorruptFile, match="exif"):
        hpcm.read(join([chunks[0], (b"exif", b"\x01" + struct.pack("<I", 1000) + stream), *chunks[1:]]))
