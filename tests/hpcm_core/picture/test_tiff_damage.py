"""Damaged and hostile TIFF files: a picture or a sentence, soon, and no more memory than the tags justify."""

import io
import struct
import time
import tracemalloc
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image

from hpcm_core.errors import HpcmError, LimitExceeded, PictureError
from hpcm_core.limits import Limits
from hpcm_core.picture.picture import Picture

pytestmark = pytest.mark.trust

SMALL = Limits(pixels=10**6, side=10**5)


def entry(tag, kind, count, value):
    return struct.pack("<HHII", tag, kind, count, value)


def tiff(entries, behind=b"", following=0):
    """A little-endian file with its directory at 8 and `behind` after that."""
    body = struct.pack("<H", len(entries)) + b"".join(entries) + struct.pack("<I", following)
    return b"II*\0\x08\0\0\0" + body + behind


def grey(width, height, offset, count, compression=1, rows=None, bits=8, more=()):
    numbers = {256: width, 257: height, 258: bits, 259: compression, 262: 1, 273: offset, 277: 1, 278: rows or height}
    return [*(entry(tag, 4, 1, value) for tag, value in numbers.items()), entry(279, 4, 1, count), *more]


@pytest.fixture
def opened(tmp_path):
    def open_(data, limits=SMALL):
        (tmp_path / "a.tif").write_bytes(data)
        return Picture.open(tmp_path / "a.tif", limits)

    return open_


def ends_well(opened, data):
    """A picture or a sentence, within 5 seconds."""
    begin = time.perf_counter()
    try:
        opened(data)
    except HpcmError as error:
        assert "\n" not in str(error)  # noqa: PT017
    assert time.perf_counter() - begin < 5


def examples():
    """Small files of many kinds."""
    samples = np.random.default_rng(5).integers(0, 65536, (5, 6, 3)).astype(np.uint16)
    for options in (
        {"photometric": "rgb", "compression": "zlib", "predictor": 2, "rowsperstrip": 2},
        {"photometric": "rgb", "tile": (16, 16), "compression": "zlib", "bigtiff": True},
        {"photometric": "minisblack", "byteorder": ">"},
    ):
        file = io.BytesIO()
        tifffile.imwrite(file, samples, metadata=None, **options)
        yield file.getvalue()
    for mode, compression in (("P", "tiff_lzw"), ("1", "group4"), ("RGB", "jpeg"), ("YCbCr", None), ("LAB", None)):
        file = io.BytesIO()
        Image.new(mode, (9, 7)).save(file, "TIFF", compression=compression, append_images=[])
        yield file.getvalue()
    exif = Image.Exif()
    exif[271], exif[0x8769], exif[0x8825] = "A maker", {0x9003: "2020:01:02 03:04:05"}, {1: "N"}
    file = io.BytesIO()
    page = Image.new("L", (3, 2))
    page.save(file, "TIFF", exif=exif.tobytes(), save_all=True, append_images=[page])
    yield file.getvalue()


@pytest.mark.parametrize("number", range(9))
def test_every_damaged_byte_ends_well(opened, number):
    data = list(examples())[number]
    assert opened(data).width > 0
    for position in range(len(data)):
        damaged = bytearray(data)
        damaged[position] ^= (0xFF, 0x01)[position % 2]
        ends_well(opened, bytes(damaged))


@pytest.mark.parametrize("number", range(9))
def test_every_cut_ends_well(opened, number):
    data = list(examples())[number]
    for length in range(1, len(data), 5):
        ends_well(opened, data[:length])


def refused_soon(opened, data, match, kind=PictureError, limits=SMALL):
    """In a sentence, within 5 seconds and 64 MiB."""
    begin = time.perf_counter()
    tracemalloc.start()
    with pytest.raises(kind, match=match):
        opened(data, limits)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert time.perf_counter() - begin < 5
    assert peak < 64 << 20


def test_a_size_beyond_the_limit(opened):
    refused_soon(opened, tiff(grey(60000, 60000, 8, 10)), "60000 x 60000", LimitExceeded)


def test_tiles_beyond_the_limit(opened):
    """One pixel in a tile of 4 GiB; a narrow picture in wide tiles."""
    for width, height, tile in ((1, 1, (65536, 65536)), (99999, 1, (16, 65536))):
        numbers = {256: width, 257: height, 258: 8, 259: 8, 262: 1, 277: 1, 322: tile[0], 323: tile[1], 324: 8, 325: 9}
        data = tiff([entry(tag, 4, 1, value) for tag, value in numbers.items()])
        refused_soon(opened, data, "strips or tiles", LimitExceeded)


def test_samples_beyond_the_limit(opened):
    data = tiff([*grey(1000, 900, 8, 10, bits=16)[:6], *(entry(tag, 4, 1, n) for tag, n in ((277, 64), (279, 9)))])
    refused_soon(opened, data, "more samples", LimitExceeded)
    refused_soon(opened, data.replace(entry(277, 4, 1, 64), entry(277, 4, 1, 65535)), "65535 samples")


@pytest.mark.parametrize("compression", [1, 8])
def test_a_strip_that_is_too_short(opened, compression):
    packed = zlib.compress(bytes(50)) if compression == 8 else bytes(50)
    data = tiff(grey(10, 10, 8 + 2 + 9 * 12 + 4, len(packed), compression), packed)
    refused_soon(opened, data, "damaged")


def test_a_strip_that_expands_to_more_than_its_size(opened):
    """100 MB of zeros for a picture of 100 bytes: only these are made."""
    packed = zlib.compress(bytes(100 << 20), 9)
    data = tiff(grey(10, 10, 8 + 2 + 9 * 12 + 4, len(packed), 8), packed)
    tracemalloc.start()
    assert not opened(data).pixels.any()
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


def test_strips_that_are_all_the_whole_file(opened):
    """10 000 strips of 100 MB each, all the same one."""
    offsets, counts = np.full(10000, 8, "<u4"), np.full(10000, 100 << 20, "<u4")
    head = 8 + 2 + 9 * 12 + 4
    entries = grey(10, 10000, 8, 10, 8, rows=1)
    entries[5], entries[8] = entry(273, 4, 10000, head), entry(279, 4, 10000, head + 40000)
    refused_soon(opened, tiff(entries, offsets.tobytes() + counts.tobytes() + bytes(101 << 20)), "damaged")


@pytest.mark.parametrize("tag", [258, 273, 279, 320, 330, 338, 34675])
@pytest.mark.parametrize("count", [1 << 20, 1 << 30, (1 << 32) - 1])
def test_values_without_end(opened, tag, count):
    entries = [one for one in grey(4, 4, 8, 16) if one[:2] != struct.pack("<H", tag)]
    data = tiff(sorted([*entries, entry(tag, 4, count, 8)]), bytes(5 << 20))
    if tag in (258, 273, 279, 338):
        refused_soon(opened, data, "damaged")
    else:  # Sub-directories and palettes that nobody asks for, a profile of 4 MB.
        ends_well(opened, data)


def test_directories_that_overlap(opened):
    """Each of the directories in the chain has 65535 entries, most of them those of the others."""
    step, count = 14, 20000
    body = b"".join(struct.pack("<H12s", 0xFFFF, b"") for _ in range(count)) + bytes(1 << 20)
    first = tiff(grey(4, 4, 0, 16), following=0)
    start = len(first)
    data = bytearray(first + body)
    for number in range(count):
        at = start + number * step
        following = at + 2 + 12 * 0xFFFF
        if following + 4 <= len(data):
            data[following : following + 4] = struct.pack("<I", at + step)
    data[start - 4 : start] = struct.pack("<I", start)
    data[8 + 2 + 5 * 12 + 8 : 8 + 2 + 6 * 12] = struct.pack("<I", 8)
    begin = time.perf_counter()
    assert "pages that are damaged" in opened(bytes(data)).left_out
    assert time.perf_counter() - begin < 5


def test_many_exif_values_that_are_the_same_megabytes(opened):
    """An EXIF directory of 60 000 entries, every one of which is 8 MB."""
    first = 8 + 2 + 10 * 12 + 4
    entries = grey(4, 4, 8, 16, more=[entry(0x8769, 4, 1, first)])
    exif = struct.pack("<H", 60000) + b"".join(entry(tag, 7, 8 << 20, 8) for tag in range(60000))
    begin = time.perf_counter()
    picture = opened(tiff(entries, exif + bytes(9 << 20)))
    assert time.perf_counter() - begin < 5
    assert picture.exif is None or len(picture.exif) < 32 << 20


def test_sub_directories_that_contain_themselves(opened):
    entries = grey(4, 4, 8, 16, more=[entry(0x8769, 4, 1, 8), entry(0x8825, 4, 1, 8)])
    assert opened(tiff(entries)).exif is not None
