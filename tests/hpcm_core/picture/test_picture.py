"""Opening pictures: what users have on their disks."""

import struct
import zlib

import numpy as np
import png
import pytest
from PIL import Image, ImageCms, ImageOps, PngImagePlugin, TiffImagePlugin

from hpcm_core.errors import PictureError
from hpcm_core.picture.picture import Picture

RNG = np.random.default_rng(7)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf tiff:Orientation="6" dc:title="\xc3\xa9"/></x:xmpmeta>'


def noise(*shape, dtype=np.uint8):
    return RNG.integers(0, int(np.iinfo(dtype).max) + 1, shape).astype(dtype)


def smooth(height, width):
    """RGB that survives lossy formats nearly unchanged."""
    y, x = np.mgrid[0:height, 0:width]
    return np.dstack((x * 255 // width, y * 255 // height, (x + y) * 255 // (width + height))).astype(np.uint8)


def exif_with(orientation, order="<"):
    exif = Image.Exif()
    exif.endian = order
    exif[0x0112] = orientation
    exif[0x010F] = "A maker"
    return exif


def write_png16(path, samples, *, interlace=False, transparent=None):
    """By pypng, which shares nothing with the reader under test."""
    height, width, channels = samples.shape
    writer = png.Writer(
        width,
        height,
        greyscale=channels <= 2,
        alpha=channels in (2, 4),
        bitdepth=16,
        interlace=interlace,
        transparent=transparent,
    )
    with path.open("wb") as file:
        writer.write_array(file, samples.ravel().tolist()) if interlace else writer.write(
            file, samples.reshape(height, -1).tolist()
        )


def tiff16(samples, order, planar):
    """An uncompressed 16-bit TIFF file of H x W x C samples, tag by tag."""
    height, width, channels = samples.shape
    planes = samples.transpose(2, 0, 1) if planar else samples[np.newaxis]
    data = [plane.astype(order + "u2").tobytes() for plane in planes]
    tags = [(256, 3, (width,)), (257, 3, (height,)), (258, 3, (16,) * channels), (259, 3, (1,)), (262, 3, (2,))]
    tags += [(277, 3, (channels,)), (278, 3, (height,)), (284, 3, (2 if planar else 1,))]
    if channels == 4:
        tags.append((338, 3, (2,)))
    for tag, values in ((273, [0] * len(data)), (279, [len(plane) for plane in data])):
        tags.append((tag, 4, tuple(values)))
    tags.sort()
    extra = 8 + 2 + 12 * len(tags) + 4
    start = extra + sum(len(values) * {3: 2, 4: 4}[kind] + 4 for _, kind, values in tags)
    offsets = tuple(start + sum(map(len, data[:i])) for i in range(len(data)))
    directory, tail = struct.pack(order + "H", len(tags)), b""
    for tag, kind, values in tags:
        values = offsets if tag == 273 else values
        packed = struct.pack(f"{order}{len(values)}{ {3: 'H', 4: 'I'}[kind] }", *values)
        if len(packed) > 4:
            packed, tail = struct.pack(order + "I", extra + len(tail)), tail + packed
        directory += struct.pack(order + "HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    return (head + directory + bytes(4) + tail).ljust(start, b"\0") + b"".join(data)


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif", ".bmp", ".jpg", ".gif", ".avif"])
def test_formats(tmp_path, suffix):
    path, pixels = tmp_path / f"a{suffix}", smooth(70, 90)
    options = {".webp": {"lossless": True}, ".jpg": {"quality": 98, "subsampling": 0}, ".avif": {"quality": 95}}
    Image.fromarray(pixels).save(path, **options.get(suffix, {}))
    picture = Picture.open(path)
    assert (picture.width, picture.height, picture.channels, picture.bit_depth) == (90, 70, 3, 8)
    assert picture.alpha is None
    error = np.abs(picture.pixels.astype(int) - pixels)
    assert error.max() <= {".jpg": 12, ".avif": 20, ".gif": 60}.get(suffix, 0)


@pytest.mark.parametrize("shape", [(1, 1), (3, 1000), (1000, 3)])
def test_odd_sizes(tmp_path, shape):
    pixels = noise(*shape, 3)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    np.testing.assert_array_equal(Picture.open(tmp_path / "a.png").pixels, pixels)


def test_a_format_is_known_by_content_not_by_name(tmp_path):
    Image.fromarray(noise(5, 6, 3)).save(tmp_path / "a.jpg", "PNG")
    assert Picture.open(tmp_path / "a.jpg").width == 6


# Modes


def test_grey_stays_one_channel(tmp_path):
    pixels = noise(5, 7)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    picture = Picture.open(tmp_path / "a.png")
    np.testing.assert_array_equal(picture.pixels, pixels[:, :, None])
    assert picture.rgb().shape == (5, 7, 3)
    assert np.shares_memory(picture.rgb(), picture.pixels)
    np.testing.assert_array_equal(picture.rgb()[:, :, 2], pixels)


def test_one_bit_becomes_grey(tmp_path):
    bits = noise(9, 11) > 127
    Image.fromarray(bits).save(tmp_path / "a.png")
    np.testing.assert_array_equal(Picture.open(tmp_path / "a.png").pixels[:, :, 0], bits * np.uint8(255))


@pytest.mark.parametrize("channels", [2, 4])
def test_alpha_is_its_own_plane(tmp_path, channels):
    samples = noise(8, 9, channels)
    Image.fromarray(samples).save(tmp_path / "a.png")
    picture = Picture.open(tmp_path / "a.png")
    np.testing.assert_array_equal(picture.pixels, samples[:, :, :-1])
    np.testing.assert_array_equal(picture.alpha, samples[:, :, -1])


def test_an_opaque_alpha_is_kept(tmp_path):
    Image.new("RGBA", (4, 3), (1, 2, 3, 255)).save(tmp_path / "a.png")
    np.testing.assert_array_equal(Picture.open(tmp_path / "a.png").alpha, np.full((3, 4), 255))


def test_palettes_become_rgb(tmp_path):
    image = Image.fromarray(smooth(20, 20)).quantize(16)
    image.save(tmp_path / "a.png")
    picture = Picture.open(tmp_path / "a.png")
    np.testing.assert_array_equal(picture.pixels, np.array(image.convert("RGB")))
    assert picture.alpha is None


@pytest.mark.parametrize("suffix", [".png", ".gif"])
def test_a_transparent_palette_colour_becomes_alpha(tmp_path, suffix):
    image = Image.fromarray(noise(20, 20) // 64, "P")
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9])
    image.save(tmp_path / f"a{suffix}", transparency=2)
    picture = Picture.open(tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(picture.alpha, np.where(np.array(image) == 2, 0, 255))
    assert picture.pixels[np.array(image) == 1].tolist()[0] == [0, 255, 0]


@pytest.mark.parametrize(
    ("depth", "colour", "key"), [(1, 0, 1), (2, 0, 2), (4, 0, 5), (8, 0, 77), (16, 0, 300), (8, 2, 77), (16, 2, 300)]
)
def test_a_transparent_colour_without_a_palette_becomes_alpha(tmp_path, depth, colour, key):
    channels = 3 if colour else 1
    samples = RNG.integers(0, 2**depth, (6, 8, channels))
    samples[2:4, 3] = key
    if colour:
        samples[5, 5] = (key, key, key + 1)
    with (tmp_path / "a.png").open("wb") as file:
        png.Writer(8, 6, greyscale=not colour, bitdepth=depth, transparent=(key,) * 3 if colour else key).write(
            file, samples.reshape(6, -1).tolist()
        )
    picture = Picture.open(tmp_path / "a.png")
    peak = 255 if depth <= 8 else 65535
    np.testing.assert_array_equal(picture.alpha, np.where((samples == key).all(axis=2), 0, peak))
    np.testing.assert_array_equal(picture.pixels, samples * (peak // (2**depth - 1)))


def test_cmyk_without_profile(tmp_path):
    cmyk = Image.new("CMYK", (16, 16), (0, 0, 0, 0))
    cmyk.paste((0, 255, 255, 0), (0, 0, 16, 8))
    cmyk.save(tmp_path / "a.jpg", quality=100, subsampling=0)
    picture = Picture.open(tmp_path / "a.jpg")
    assert np.abs(picture.pixels[2, 2].astype(int) - (255, 0, 0)).max() <= 3  # red, not its Adobe-inverted cyan
    assert np.abs(picture.pixels[14, 2].astype(int) - 255).max() <= 3


def test_cmyk_goes_through_its_profile_which_is_then_dropped(tmp_path, monkeypatch):
    """There is no free CMYK profile to test with: the conversion is checked by what it is asked for."""
    asked = []

    def convert(image, source, target, **options):
        asked.append((image.mode, source.tobytes(), options["outputMode"]))
        return Image.new("RGB", image.size, (1, 2, 3))

    monkeypatch.setattr(ImageCms, "profileToProfile", convert)
    Image.new("CMYK", (4, 4)).save(tmp_path / "a.jpg", icc_profile=SRGB)
    picture = Picture.open(tmp_path / "a.jpg")
    assert asked == [("CMYK", SRGB, "RGB")]
    assert picture.icc is None
    assert (picture.pixels == (1, 2, 3)).all()


@pytest.mark.parametrize("profile", [SRGB, b"no profile"])
def test_cmyk_with_a_profile_that_does_not_fit(tmp_path, profile):
    Image.new("CMYK", (4, 4), (0, 0, 0, 255)).save(tmp_path / "a.jpg", icc_profile=profile)
    picture = Picture.open(tmp_path / "a.jpg")
    assert picture.icc is None
    assert picture.pixels.max() <= 3


def test_lab_becomes_rgb(tmp_path):
    lab = ImageCms.profileToProfile(
        Image.fromarray(smooth(30, 40) // 2 + 60),
        ImageCms.createProfile("sRGB"),
        ImageCms.createProfile("LAB"),
        outputMode="LAB",
    )
    lab.save(tmp_path / "a.tif")
    pixels = Picture.open(tmp_path / "a.tif").pixels
    assert np.abs(pixels.astype(int) - (smooth(30, 40) // 2 + 60)).max() <= 10


# 16 bits


@pytest.mark.parametrize("interlace", [False, True])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_16_bit_png(tmp_path, channels, interlace):
    samples = noise(13, 21, channels, dtype=np.uint16)
    write_png16(tmp_path / "a.png", samples, interlace=interlace)
    picture = Picture.open(tmp_path / "a.png")
    assert picture.bit_depth == 16
    colours = 1 if channels <= 2 else 3
    np.testing.assert_array_equal(picture.pixels, samples[:, :, :colours])
    if channels == colours:
        assert picture.alpha is None
    else:
        np.testing.assert_array_equal(picture.alpha, samples[:, :, -1])


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("channels", [3, 4])
def test_16_bit_tiff_colour(tmp_path, order, planar, channels):
    samples = noise(11, 17, channels, dtype=np.uint16)
    (tmp_path / "a.tif").write_bytes(tiff16(samples, order, planar))
    picture = Picture.open(tmp_path / "a.tif")
    np.testing.assert_array_equal(picture.pixels, samples[:, :, :3])
    if channels == 4:
        np.testing.assert_array_equal(picture.alpha, samples[:, :, 3])


@pytest.mark.parametrize("mode", ["I;16", "I;16B"])
@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
def test_16_bit_tiff_grey(tmp_path, mode, compression):
    samples = noise(11, 17, dtype=np.uint16)
    data = samples.astype("<u2" if mode == "I;16" else ">u2").tobytes()
    Image.frombytes(mode, (17, 11), data).save(tmp_path / "a.tif", compression=compression)
    np.testing.assert_array_equal(Picture.open(tmp_path / "a.tif").pixels[:, :, 0], samples)


def test_32_bit_samples(tmp_path):
    Image.fromarray(np.array([[0, 65535]], dtype=np.int32)).save(tmp_path / "small.tif")
    assert Picture.open(tmp_path / "small.tif").pixels.ravel().tolist() == [0, 65535]
    Image.fromarray(np.array([[0, 65536]], dtype=np.int32)).save(tmp_path / "large.tif")
    with pytest.raises(PictureError, match="more than 16 bits"):
        Picture.open(tmp_path / "large.tif")
    Image.fromarray(np.ones((2, 2), dtype=np.float32)).save(tmp_path / "float.tif")
    with pytest.raises(PictureError, match="floating-point"):
        Picture.open(tmp_path / "float.tif")


# Orientation and metadata


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp", ".avif"])
def test_orientation_is_applied_and_reset(tmp_path, orientation, suffix):
    path = tmp_path / f"a{suffix}"
    options = {"lossless": True} if suffix == ".webp" else {}
    Image.fromarray(smooth(30, 50)).save(path, exif=exif_with(orientation), **options)
    expected = np.array(ImageOps.exif_transpose(Image.open(path)))
    assert expected.shape[:2] == ((50, 30) if orientation >= 5 else (30, 50))
    picture = Picture.open(path)
    np.testing.assert_array_equal(picture.pixels, expected)
    kept = Image.Exif()
    kept.load(picture.exif)
    assert kept[0x010F] == "A maker"
    assert kept.get(0x0112, 1) == 1


@pytest.mark.parametrize("order", ["<", ">"])
def test_orientation_of_16_bit_colour_with_alpha(tmp_path, order):
    samples = noise(5, 8, 4, dtype=np.uint16)
    write_png16(tmp_path / "a.png", samples)
    data = (tmp_path / "a.png").read_bytes()
    exif = exif_with(6, order).tobytes().removeprefix(b"Exif\0\0")
    chunk = struct.pack(">I", len(exif)) + b"eXIf" + exif + struct.pack(">I", zlib.crc32(b"eXIf" + exif))
    (tmp_path / "a.png").write_bytes(data[:33] + chunk + data[33:])
    picture = Picture.open(tmp_path / "a.png")
    np.testing.assert_array_equal(picture.pixels, np.rot90(samples[:, :, :3], -1))
    np.testing.assert_array_equal(picture.alpha, np.rot90(samples[:, :, 3], -1))


def test_resetting_the_orientation_changes_nothing_else_in_exif(tmp_path):
    before = exif_with(6).tobytes()
    Image.fromarray(smooth(8, 8)).save(tmp_path / "a.jpg", exif=before)
    after = Picture.open(tmp_path / "a.jpg").exif
    changed = [i for i, (a, b) in enumerate(zip(before.removeprefix(b"Exif\0\0"), after, strict=True)) if a != b]
    assert len(changed) == 1


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"]
)
def test_damaged_exif_is_no_reason_to_refuse_a_picture(tmp_path, exif):
    Image.fromarray(smooth(8, 8)).save(tmp_path / "a.jpg", exif=exif)
    picture = Picture.open(tmp_path / "a.jpg")
    assert picture.exif is None
    assert "EXIF, which is damaged" in picture.left_out


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".tif", ".png"])
def test_metadata_is_kept(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    options = {"xmp": XMP}
    if suffix == ".tif":
        options = {"tiffinfo": {TiffImagePlugin.XMP: XMP, 0x010F: "A maker"}}
    if suffix == ".png":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)
    Image.fromarray(smooth(8, 12)).save(path, icc_profile=SRGB, exif=exif_with(1), **options)
    picture = Picture.open(path)
    assert picture.icc == SRGB
    assert b"A maker" in picture.exif
    assert picture.xmp == XMP.replace(b'Orientation="6"', b'Orientation="1"')


def test_metadata_is_absent_where_there_is_none(tmp_path):
    for suffix in (".png", ".jpg", ".tif", ".webp", ".bmp"):
        Image.fromarray(smooth(4, 4)).save(tmp_path / f"a{suffix}")
        picture = Picture.open(tmp_path / f"a{suffix}")
        assert (picture.icc, picture.exif, picture.xmp) == (None, None, None)
