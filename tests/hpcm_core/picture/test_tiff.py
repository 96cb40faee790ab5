"""TIFF files of every layout, against tifffile and against values that were put in bit by bit."""

import io
import struct
import zlib
from functools import partial

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hpcm_core.errors import PictureError
from hpcm_core.picture.picture import Picture
from tests.hpcm_core.picture import opening
from tests.hpcm_core.picture.tiff_files import RNG, noise, packed, tags, tiff, written


@pytest.fixture
def opened(tmp_path):
    return partial(opening.opened, tmp_path, name="a.tif")


# Depth, sign, predictor and planes. All of these failed where Pillow unpacked, but for those that are marked.


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])  # 8 bits were right
def test_white_is_zero(opened, dtype):
    samples = noise(5, 7, dtype=dtype)
    picture = opened(written(samples, photometric="miniswhite"))
    np.testing.assert_array_equal(picture.pixels[:, :, 0], np.iinfo(dtype).max - samples)


@pytest.mark.parametrize("bits", range(1, 17))
@pytest.mark.parametrize("photometric", [0, 1])
@pytest.mark.parametrize("samples", [1, 3])
def test_every_depth_fills_its_range(opened, bits, photometric, samples):
    values = RNG.integers(0, 1 << bits, (4, 13 * samples))
    values[0, :2] = (0, (1 << bits) - 1)
    photometric = 2 if samples == 3 else photometric
    picture = opened(tiff((tags(13, 4, bits, photometric, samples), [packed(values, bits)]), order=">"))
    peak = 255 if bits <= 8 else 65535
    expected = np.floor(values * (peak / ((1 << bits) - 1)) + 0.5).reshape(4, 13, samples)
    assert picture.bit_depth == (8 if bits <= 8 else 16)
    np.testing.assert_array_equal(picture.pixels, peak - expected if photometric == 0 else expected)


@pytest.mark.parametrize("bits", [4, 12])
def test_differences_of_odd_depths(opened, bits):
    values = RNG.integers(0, 1 << bits, (3, 9))
    differences = np.diff(values, axis=1, prepend=0) % (1 << bits)
    data = zlib.compress(packed(differences, bits))
    picture = opened(tiff((tags(9, 3, bits, compression=8, t317=2), [data])))
    peak = 255 if bits <= 8 else 65535
    np.testing.assert_array_equal(picture.pixels[:, :, 0], np.round(values * (peak / ((1 << bits) - 1))))


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("predictor", [1, 2])
@pytest.mark.parametrize("compression", [5, 8])
def test_planes_of_16_bits(opened, order, predictor, compression):
    """LZW by Pillow's libtiff, as bytes of a grey picture."""
    samples = noise(3, 6, 9)
    stored = np.diff(samples, axis=2, prepend=np.uint16(0)) if predictor == 2 else samples
    strips = []
    for plane in stored.astype(order + "u2"):
        if compression == 8:
            strips.append(zlib.compress(plane.tobytes()))
            continue
        file = io.BytesIO()
        Image.frombytes("L", (18, 6), plane.tobytes()).save(file, "TIFF", compression="tiff_lzw")
        with tifffile.TiffFile(io.BytesIO(file.getvalue())) as lzw:
            at, count = lzw.pages[0].dataoffsets[0], lzw.pages[0].databytecounts[0]
        strips.append(file.getvalue()[at : at + count])
    picture = opened(tiff((tags(9, 6, 16, 2, 3, compression, t284=2, t317=predictor), strips), order=order))
    np.testing.assert_array_equal(picture.pixels, samples.transpose(1, 2, 0))


def test_associated_alpha_is_undone_at_full_depth(opened):
    alpha = np.array([[0, 1, 257, 40000, 65535]], np.uint16)
    colour = np.array([[[0] * 3, [1, 0, 2], [3, 100, 257], [1, 39999, 12345], [5, 6, 65535]]], np.uint16)
    picture = opened(written(np.dstack((colour, alpha)), photometric="rgb", extrasamples=["assocalpha"]))
    np.testing.assert_array_equal(picture.alpha, alpha)
    expected = np.minimum(np.round(colour * 65535.0 / np.maximum(alpha, 1)[:, :, None]), 65535)
    np.testing.assert_array_equal(picture.pixels, expected)
    assert picture.bit_depth == 16


@pytest.mark.parametrize("bits", [4, 6, 10, 12])
@pytest.mark.parametrize("photometric", [0, 1])
def test_associated_alpha_of_odd_depths_is_rounded_once(opened, bits, photometric):
    most, peak = (1 << bits) - 1, 255 if bits <= 8 else 65535
    alpha = RNG.integers(1, most + 1, (9, 40))
    colour = RNG.integers(0, alpha + 1)
    stored = np.stack((most - colour if photometric == 0 else colour, alpha), axis=2).reshape(9, 80)
    picture = opened(tiff((tags(40, 9, bits, photometric, 2, t338=1), [packed(stored, bits)])))
    expected = np.floor(colour * peak / alpha + 0.5)
    np.testing.assert_array_equal(picture.pixels[:, :, 0], expected)
    np.testing.assert_array_equal(picture.alpha, np.floor(alpha * peak / most + 0.5))


def test_a_palette_of_16_bits_stays_so(opened):
    table = noise(3, 16)
    index = RNG.integers(0, 16, (3, 5))
    data = tiff((tags(5, 3, 4, 3, t320=tuple(table.ravel().tolist())), [packed(index, 4)]))
    np.testing.assert_array_equal(opened(data).pixels, table.T[index])
    small = table // 256
    for stored in (small * 257, small * 256, small):  # the first two were right
        data = tiff((tags(5, 3, 4, 3, t320=tuple(stored.ravel().tolist())), [packed(index, 4)]))
        np.testing.assert_array_equal(opened(data).pixels, small.T[index])
        assert opened(data).bit_depth == 8


def test_reversed_bits(opened):
    values = RNG.integers(0, 1 << 12, (3, 6))
    data = bytes(int(f"{byte:08b}"[::-1], 2) for byte in packed(values, 12))
    picture = opened(tiff((tags(6, 3, 12, t266=2), [data])))
    np.testing.assert_array_equal(picture.pixels[:, :, 0], np.round(values * (65535 / 4095)))


def test_cmyk_of_16_bits_says_what_is_lost(opened):
    picture = opened(tiff((tags(2, 1, 16, 5, 4), [struct.pack("<8H", 0, 65535, 65535, 0, 0, 0, 0, 0)])))
    assert picture.pixels.tolist() == [[[255, 0, 0], [255, 255, 255]]]
    assert picture.left_out == ("the lower 8 of 16 bits of its CMYK",)


def test_further_channels_are_said_to_be_left_out(opened):
    samples = noise(4, 6, 6)
    picture = opened(tiff((tags(6, 4, 16, 2, 6, t338=(0, 2, 0)), [samples.tobytes()])))
    np.testing.assert_array_equal(picture.pixels, samples[:, :, :3])
    np.testing.assert_array_equal(picture.alpha, samples[:, :, 4])
    assert picture.left_out == ("2 more channels",)


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_what_tifffile_writes_is_read_as_tifffile_reads_it(tmp_path_factory, data):
    choose = lambda *values: data.draw(st.sampled_from(values))  # noqa: E731
    dtype, order, planar, channels = choose("u1", "u2"), choose("<", ">"), choose(False, True), choose(1, 2, 3, 4)
    height, width = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 40))
    options = {"compression": choose(None, "zlib"), "byteorder": order, "bigtiff": choose(False, True)}
    options |= choose({}, {"tile": (16, 32)}, {"rowsperstrip": 7})
    if options["compression"]:
        options["predictor"] = choose(None, 2)
    colours = 3 if channels >= 3 else 1
    options["photometric"] = "rgb" if colours == 3 else choose("minisblack", "miniswhite")
    if channels > 1:
        options["planarconfig"] = "separate" if planar else "contig"
    if channels > colours:
        options["extrasamples"] = ["unassalpha"]
    shape = (height, width) if channels == 1 else (channels, height, width) if planar else (height, width, channels)
    seed = data.draw(st.integers(0, 2**32 - 1))
    samples = np.random.default_rng(seed).integers(0, 256 ** int(dtype[1]), shape).astype(dtype)
    path = tmp_path_factory.getbasetemp() / "property.tif"
    tifffile.imwrite(path, samples, **options)
    with tifffile.TiffFile(path) as file:
        truth = file.pages[0].asarray()
    np.testing.assert_array_equal(truth, samples)
    truth = truth.reshape(height, width, 1) if channels == 1 else np.moveaxis(truth, 0, -1) if planar else truth
    picture = Picture.open(path)
    peak = np.iinfo(truth.dtype).max
    colour = truth[:, :, :colours]
    np.testing.assert_array_equal(picture.pixels, peak - colour if options["photometric"] == "miniswhite" else colour)
    assert (picture.alpha is None) == (channels == colours)
    if picture.alpha is not None:
        np.testing.assert_array_equal(picture.alpha, truth[:, :, -1])


@pytest.mark.parametrize(
    ("compression", "mode"),
    [(kind, mode) for kind in ("tiff_lzw", "packbits", "tiff_adobe_deflate") for mode in ("1", "L", "RGB", "CMYK")]
    + [("group3", "1"), ("group4", "1"), ("jpeg", "L"), ("jpeg", "RGB"), ("jpeg", "CMYK")],
)
def test_what_pillow_writes(tmp_path, compression, mode):  # was right
    y, x = np.mgrid[0:40, 0:50]
    image = Image.fromarray(np.dstack((x * 5, y * 6, x + y)).astype(np.uint8)).convert(mode)
    image.save(tmp_path / "a.tif", compression=compression)
    pixels = Picture.open(tmp_path / "a.tif").pixels
    expected = np.array(image.convert("L" if mode in "1L" else "RGB")).reshape(pixels.shape)
    assert np.abs(pixels.astype(int) - expected).max() <= (12 if compression == "jpeg" else 0)


# Refused


@pytest.mark.parametrize(
    ("what", "directory"),
    [
        ("samples with a sign", tags(2, 2, 16, t339=2)),
        ("complex", tags(2, 2, 32, t339=5)),
        ("floating-point", tags(2, 2, 16, t339=3)),
        ("more than 16 bits", tags(2, 2, 24)),
        ("different depths", {**tags(2, 2, 8, 2, 3), 258: (5, 6, 5)}),
        (r"compression 34712 \(JPEG 2000\)", tags(2, 2, compression=34712)),
        (r"compression 12345\.", tags(2, 2, compression=12345)),
        ("predictor 3", tags(2, 2, 16, compression=8, t317=3)),
        (r"photometric interpretation 9 \(ICCLab\)", tags(2, 2, 8, 9, 3)),
        ("not CMYK", tags(2, 2, 8, 5, 4, t332=2)),
        ("subsampled colour", tags(2, 2, 8, 6, 3, t530=(2, 1))),
        ("planes", tags(2, 2, 8, 8, 3, t284=2)),
        ("volume", tags(2, 2, t32997=4)),
        ("16 bits per sample in this", tags(2, 2, 16, 8, 3)),
    ],
)
def test_what_is_not_read_is_named(opened, what, directory):
    with pytest.raises(PictureError, match=what):
        opened(tiff((directory, [bytes(64)])))
