"""TIFF files of every layout, against tifffile and against values that were put in bit by bit."""

import io
import struct
import zlib

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, TiffImagePlugin

from hpcm_core.errors import PictureError
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.tiff_reading import CameraRaw

RNG = np.random.default_rng(3)
LONGS = (256, 257, 273, 278, 279, 322, 323, 324, 325, 330)
ASCII = {270, 271, 305, 315, 33432}


def noise(*shape, dtype=np.uint16):
    return RNG.integers(0, int(np.iinfo(dtype).max) + 1, shape).astype(dtype)


def packed(rows, bits):
    """Rows of numbers as bytes, highest bit first, each row padded to whole bytes: by way of text."""
    text = ["".join(f"{value:0{bits}b}" for value in row) for row in rows]
    padded = [row + "0" * (-len(row) % 8) for row in text]
    return b"".join(bytes(int(row[i : i + 8], 2) for i in range(0, len(row), 8)) for row in padded)


def tiff(*pages, order="<", big=False):
    """A TIFF file: pages are (tags, segments), tags by number as integers, tuples or bytes; written tag by tag."""
    count, entry, pointer, inline = ("Q", "HHQ", "Q", 8) if big else ("H", "HHI", "I", 4)
    start = 16 if big else 8
    out = b"II" if order == "<" else b"MM"
    out += struct.pack(order + "HHHQ", 43, 8, 0, start) if big else struct.pack(order + "HI", 42, start)
    for tags, segments in pages:
        tags = dict(tags)
        offsets, counts = (324, 325) if 322 in tags else (273, 279)
        tags |= {offsets: (0,) * len(segments), counts: tuple(map(len, segments))}
        size = struct.calcsize(order + count) + len(tags) * (struct.calcsize(order + entry) + inline) + inline
        values = {}
        for tag, value in tags.items():
            if isinstance(value, bytes):
                values[tag] = (2 if tag in ASCII else 7, len(value), value)
                continue
            value = value if isinstance(value, tuple) else (value,)
            kind, letter = (4, "I") if tag in LONGS else (3, "H")
            values[tag] = (kind, len(value), struct.pack(f"{order}{len(value)}{letter}", *value))
        tail_at = len(out) + size
        data_at = tail_at + sum(len(data) + len(data) % 2 for *_, data in values.values() if len(data) > inline)
        places = tuple(data_at + sum(map(len, segments[:i])) for i in range(len(segments)))
        values[offsets] = (4, len(places), struct.pack(f"{order}{len(places)}I", *places))
        head, tail = struct.pack(order + count, len(tags)), b""
        for tag in sorted(values):
            kind, number, data = values[tag]
            if len(data) > inline:
                at = struct.pack(order + pointer, tail_at + len(tail))
                tail += data + bytes(len(data) % 2)
                data = at
            head += struct.pack(order + entry, tag, kind, number) + data.ljust(inline, b"\0")
        end = data_at + sum(map(len, segments))
        end += end % 2
        following = 0 if (tags, segments) == pages[-1] or segments is pages[-1][1] else end
        out = (out + head + struct.pack(order + pointer, following) + tail + b"".join(segments)).ljust(end, b"\0")
    return out


def tags(width, height, bits=8, photometric=1, samples=1, compression=1, **more):
    found = {256: width, 257: height, 258: (bits,) * samples, 259: compression, 262: photometric, 277: samples}
    return {**found, 278: height, **{int(tag[1:]): value for tag, value in more.items()}}


@pytest.fixture
def opened(tmp_path):
    def open_(data, **options):
        (tmp_path / "a.tif").write_bytes(data)
        return Picture.open(tmp_path / "a.tif", **options)

    return open_


def written(samples, **options):
    file = io.BytesIO()
    tifffile.imwrite(file, samples, **options)
    return file.getvalue()


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


# Pages


def test_the_first_page_that_is_no_smaller_copy(opened):
    small, whole, other = noise(2, 2), noise(6, 8), noise(4, 4)
    pages = [(tags(2, 2, 16, t254=1), [small.tobytes()]), (tags(8, 6, 16), [whole.tobytes()])]
    pages += [(tags(2, 2, 16, t254=1), [small.tobytes()]), (tags(4, 4, 16), [other.tobytes()])]
    picture = opened(tiff(*pages))
    np.testing.assert_array_equal(picture.pixels[:, :, 0], whole)
    assert picture.left_out == ("1 more page",)
    np.testing.assert_array_equal(opened(tiff(*pages), frame=1).pixels[:, :, 0], other)
    for frame in (2, -1):
        with pytest.raises(PictureError, match="2"):
            opened(tiff(*pages), frame=frame)


def test_a_picture_below_its_preview(opened):
    """As DNG has it, but with a picture that is one."""
    small, whole = noise(2, 2, dtype=np.uint8), noise(6, 8)
    preview = {**tags(2, 2, t254=1), 330: 0}
    first = tiff((preview, [small.tobytes()]), (tags(8, 6, 16), [whole.tobytes()]))
    with tifffile.TiffFile(io.BytesIO(first)) as file:
        below, next_at = file.pages[1].offset, file.pages[0].offset + 2 + 12 * len(file.pages[0].tags)
    data = bytearray(tiff(({**preview, 330: below}, [small.tobytes()]), (tags(8, 6, 16), [whole.tobytes()])))
    data[next_at : next_at + 4] = bytes(4)
    picture = opened(bytes(data))
    np.testing.assert_array_equal(picture.pixels[:, :, 0], whole)
    assert picture.left_out == ()


def test_where_all_are_smaller_copies_the_largest_is_read(opened):
    large = noise(5, 5, dtype=np.uint8)
    pages = [(tags(2, 2, t254=1), [bytes(4)]), (tags(5, 5, t254=1), [large.tobytes()])]
    np.testing.assert_array_equal(opened(tiff(*pages)).pixels[:, :, 0], large)


def test_masks_are_no_pages(opened):
    pages = [(tags(4, 2), [bytes(8)]), (tags(4, 2, 1, 4, t254=4), [bytes(2)])]
    assert opened(tiff(*pages)).left_out == ("a transparency mask",)


def test_pictures_below_a_page_are_pages_but_for_its_smaller_copies(opened):
    whole, below, small = noise(6, 8), noise(4, 4), noise(2, 2)
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(whole, photometric="minisblack", subifds=2, metadata=None)
        writer.write(small, photometric="minisblack", subfiletype=1)
        writer.write(below, photometric="minisblack")
        writer.write(whole, photometric="minisblack", metadata=None)
    for frame, expected in enumerate((whole, whole, below)):
        picture = opened(file.getvalue(), frame=frame)
        np.testing.assert_array_equal(picture.pixels[:, :, 0], expected)
        assert (picture.frames, picture.left_out) == (3, ("2 more pages",))


def test_pictures_of_imagej_without_directories_are_said_to_be_left_out(opened):
    stack = noise(5, 4, 4)
    for cut in (False, True):
        file = io.BytesIO()
        tifffile.imwrite(file, stack, imagej=True, truncate=cut)
        picture = opened(file.getvalue())
        np.testing.assert_array_equal(picture.pixels[:, :, 0], stack[0])
        assert (picture.frames, picture.left_out) == (1 if cut else 5, ("4 more pages",))
    assert opened(tiff((tags(4, 2, t270=b"images=9\n"), [bytes(8)]))).left_out == ()


def test_layers_and_places_on_the_map_are_said_to_be_left_out(opened):
    page = tags(4, 2, t37724=b"Adobe Photoshop Document Data Block\0", t34735=(1, 1, 0, 0))
    assert opened(tiff((page, [bytes(8)]))).left_out == ("the layers", "its place on the map (GeoTIFF)")


def test_pages_behind_a_damaged_directory_are_said_to_be_left_out(opened):
    data = bytearray(tiff((tags(4, 2), [bytes(8)])))
    at = 8 + 2 + 12 * 9
    for target in (8, 10**6):  # in a circle, beyond the end
        data[at : at + 4] = struct.pack("<I", target)
        assert opened(bytes(data)).left_out == ("pages that are damaged",)


@pytest.mark.parametrize("photometric", [32803, 34892])
def test_camera_raw_is_named(opened, photometric):
    with pytest.raises(CameraRaw, match=r"raw file \(TIF\)"):
        opened(tiff((tags(4, 2, 16, photometric), [bytes(16)])))
    with pytest.raises(CameraRaw, match=r"raw file \(DNG\)"):
        opened(tiff((tags(2, 2, t254=1, t50706=(1, 4, 0, 0)), [bytes(4)])))


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


# Metadata


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("text", ["© Müller".encode(), "© Müller".encode("latin-1"), b"\xff\xfe\x00?"])
@pytest.mark.parametrize("suffix", [".tif", ".avif", ".png", ".jpg", ".webp"])
def test_texts_keep_their_bytes(opened, tmp_path, order, text, suffix):
    picture = opened(tiff((tags(4, 2, t33432=text, t271=b"A maker", t274=1), [bytes(8)]), order=order))
    assert text in picture.exif
    # With an orientation, which Pillow's writer of AVIF takes out.
    turned = tiff(({271: text, 274: 1, 33432: text}, []), order=order)
    picture = Picture(picture.pixels, exif=turned)
    picture.save(tmp_path / f"b{suffix}")
    kept = Picture.open(tmp_path / f"b{suffix}").exif
    assert kept.count(text) == 2


def test_exif_that_pillow_can_read(opened):
    exif = Image.Exif()
    exif[271] = "A maker"
    exif[0x8769] = {0x9003: "2020:01:02 03:04:05"}
    file = io.BytesIO()
    Image.new("L", (3, 2)).save(file, "TIFF", exif=exif.tobytes())
    found = Image.Exif()
    found.load(opened(file.getvalue()).exif)
    assert found[271] == "A maker"
    assert found.get_ifd(0x8769)[0x9003] == "2020:01:02 03:04:05"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_by_xmp_alone(opened, orientation):
    samples = noise(2, 3, dtype=np.uint8)
    xmp = f'<x tiff:Orientation="{orientation}"/>'.encode()
    picture = opened(tiff((tags(3, 2, t700=xmp), [samples.tobytes()])))
    turned = {1: samples, 2: samples[:, ::-1], 3: samples[::-1, ::-1], 4: samples[::-1], 5: samples.T}
    turned |= {6: np.rot90(samples, -1), 7: samples.T[::-1, ::-1], 8: np.rot90(samples)}
    np.testing.assert_array_equal(picture.pixels[:, :, 0], turned[orientation])
    assert picture.xmp == b'<x tiff:Orientation="1"/>'


@pytest.mark.parametrize("by_xmp", [False, True])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_of_jpeg_in_tiff(opened, orientation, by_xmp):
    """Which Pillow reads, and turns by itself: once, with all that is beside."""
    samples = np.kron(noise(2, 3, dtype=np.uint8), np.ones((16, 16), np.uint8))
    file = io.BytesIO()
    Image.fromarray(samples).save(file, "JPEG", quality=100)
    said = {"t700": f'<x tiff:Orientation="{orientation}"/>'.encode()} if by_xmp else {"t274": orientation}
    data = tiff((tags(48, 32, compression=7, **said), [file.getvalue()]))
    one, other = opened(data), opened(tiff((tags(48, 32, **said), [samples.tobytes()])))
    assert one.pixels.shape == other.pixels.shape
    assert np.abs(one.pixels.astype(int) - other.pixels).max() <= 3


def test_resolution_of_jpeg_in_tiff_is_turned_with_it():
    file = io.BytesIO()
    known = TiffImagePlugin.ImageFileDirectory_v2()
    known[274], known[282], known[283], known[296] = 6, 100.0, 50.0, 2
    Image.fromarray(noise(16, 32, 3, dtype=np.uint8)).save(file, "TIFF", compression="jpeg", tiffinfo=known)
    picture = Picture.from_bytes(file.getvalue())
    assert (picture.width, picture.height, picture.resolution) == (16, 32, (50, 100, True))
